"""A version as a YAML file: the round trip is exact, what is wrong is told and nothing stored."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from bansos.lib.errors import BadInput, Refused
from programs.models import Programme, ProgrammeVersion, Quota, Stage
from programs.queries.differences import earlier_version, version_changes
from programs.rules.version_file import FORMAT, FileProblem, dump, read
from programs.services.catalogue import activate_version, copy_version
from programs.services.version_files import document_of, export_version, import_version
from tests.cast import Cast
from tests.factories.programs import EnrolmentFactory, ProgrammeFactory, QuotaFactory
from tests.programs.stage import AT, pkh_plus

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
PLAIN = st.none() | st.booleans() | st.integers() | TEXT
LINES = st.lists(TEXT, max_size=3)
FILLED = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)
ROWS = st.lists(st.fixed_dictionaries({"code": FILLED, "label": FILLED}), max_size=3)
FREE = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "format": st.just(FORMAT),
        "program": st.fixed_dictionaries({"kode": TEXT, "nama": TEXT}),
        "tahun": st.integers(2020, 2100),
        "penerima": TEXT,
        "bentuk_bantuan": TEXT,
    },
    optional={
        "besaran_setahun": st.integers(0, 10**15) | TEXT,
        "kuota_program": st.integers(0, 10**6),
        "kriteria": st.lists(
            st.fixed_dictionaries({"code": TEXT, "params": FREE, "waivable": st.booleans()}),
            max_size=3,
        ),
        "dasar_hukum": LINES,
        "alasan_berhenti": ROWS,
        "tidak_bersama": st.lists(FREE, max_size=3),
        "aturan_kuasa": st.fixed_dictionaries(
            {
                "article": TEXT,
                "most_days": st.none() | st.integers(1, 366),
                "ways": st.lists(
                    st.fixed_dictionaries({"who": FILLED, "same_kk": st.booleans()}), max_size=2
                ),
            }
        ),
        "tahap": st.lists(
            st.fixed_dictionaries(
                {
                    "nama": TEXT,
                    "tanggal": st.dates(date(2020, 1, 1), date(2099, 12, 31)).map(str),
                }
            ),
            max_size=3,
        ),
        "kuota_wilayah": st.dictionaries(st.just("35.19"), st.integers(0, 99)),
    },
)


@given(DOCUMENTS)
def test_what_is_written_is_read_back_exactly(document: dict[str, Any]) -> None:
    text = dump(document)
    assert read(text.encode()) == document
    assert dump(read(text.encode())) == text


HEAD = f"""format: {FORMAT}
program:
  kode: NELAYAN
  nama: Bantuan Nelayan Kecil
tahun: 2026
penerima: person
bentuk_bantuan: per_stage
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "umur: 70\n", "Kunci umur di baris 8 tidak dikenal."),
        (
            HEAD + "kriteria:\n  - code: alive\n    syarat: 1\n",
            "Kunci syarat di baris 10 tidak dikenal.",
        ),
        (HEAD + "tahun: 2027\n", "Kunci tahun di baris 8 ditulis dua kali."),
        (HEAD + "tarif: 1.5\n", "Angka pecahan tarif di baris 8 harus ditulis di antara tanda"),
        (HEAD + "sumber: &a x\nbank_penyalur: *a\n", "Baris 8 memakai jangkar atau alias"),
        (HEAD + "kalender: Januari\n", "Isian kalender di baris 8 harus daftar baris."),
        (HEAD + "sumber: 7\n", "Isian sumber di baris 8 harus teks"),
        (HEAD + "kuota_program: banyak\n", "Isian kuota_program di baris 8 harus angka bulat."),
        (HEAD + "sumber: !!python/name:os.system x\n", "bukan teks, angka, atau ya/tidak"),
        (HEAD + "aturan_kuasa:\n  umur: 17\n", "Kunci umur di baris 9 tidak dikenal."),
        (HEAD + "aturan_kuasa: siapa saja\n", "Isian aturan_kuasa di baris 8 harus daftar kunci."),
        (
            HEAD + "aturan_kuasa:\n  ways:\n    - who: family\n      same_kk: perlu\n",
            "Isian same_kk di baris 11 harus true atau false.",
        ),
        (HEAD + "aturan_ahli_waris:\n  bayar: true\n", "Kunci bayar di baris 9 tidak dikenal."),
        (
            HEAD + "aturan_peristiwa:\n  - event: death\n    hari: 3\n",
            "Kunci hari di baris 10 tidak dikenal.",
        ),
        (
            HEAD + "aturan_peristiwa:\n  - event: death\n    reason: 3\n",
            "Isian reason di baris 10 harus teks",
        ),
        (
            HEAD + "aturan_selesai:\n  measures:\n    - nilai: 3\n",
            "Kunci nilai di baris 10 tidak dikenal.",
        ),
        (
            HEAD + "formulir_asesmen:\n  - label: Rumah\n    wajib: true\n",
            "Kunci wajib di baris 10 tidak dikenal.",
        ),
        (HEAD + "alasan_berhenti:\n  - label: Pindah\n", "Isian code di baris 9 belum diisi."),
        (
            HEAD + "dokumen:\n  - code: ktp\n    label: ''\n",
            "Isian label di baris 10 belum diisi.",
        ),
        (
            HEAD + "aturan_peristiwa:\n  - event: death\n    article: '1'\n",
            "Isian outcome di baris 9 belum diisi.",
        ),
        (HEAD + "aturan_rab:\n  wajib: true\n", "Kunci wajib di baris 9 tidak dikenal."),
        (HEAD + "tidak_bersama: " + "[" * 40 + "]" * 40, "bersarang terlalu dalam"),
        (HEAD + "---\nformat: x\n", "memulai dokumen kedua"),
        (HEAD + "sumber: [\n", "Susunan YAML tidak dapat dibaca di baris"),
        (HEAD.replace(FORMAT, "lain"), f"Kunci format harus {FORMAT}."),
        ("- a\n", "Berkas kosong atau bukan daftar kunci"),
        ("", "Berkas kosong"),
        (f"format: {FORMAT}\n", "Kunci program belum ada."),
        (HEAD + "sumber: " + "x" * 200_001, "Berkas lebih besar dari 200 KB."),
        (HEAD + 'sumber: "a\\0b"\n', "memuat huruf yang tidak dapat disimpan"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence_with_its_line(text: str, said: str) -> None:
    with pytest.raises(FileProblem) as problem:
        read(text.encode())
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


CODED_ROWS = (
    *("dokumen", "alasan_tidak_layak", "alasan_berhenti", "formulir_asesmen"),
    *("aturan_ahli_waris.papers", "aturan_rab.sections", "aturan_rab.kinds"),
    *("aturan_selesai.measures",),
)


@pytest.mark.parametrize("name", ["code", "label"])
@pytest.mark.parametrize("where", CODED_ROWS)
def test_a_row_without_code_or_label_is_refused(where: str, name: str) -> None:
    """Pages would stumble over it: each shows the label and keeps the code."""
    row = {"code": "a", "label": "A", "kind": "alive", "questions": []}
    kept = {"formulir_asesmen": {"questions"}, "aturan_selesai.measures": {"kind"}}
    names = {"code", "label"} | kept.get(where, set())
    rows: Any = [{key: value for key, value in row.items() if key in names - {name}}]
    for key in reversed(where.split(".")):
        rows = {key: rows}
    with pytest.raises(FileProblem, match=f"Isian {name} di baris"):
        read((HEAD + dump(rows)).encode())


def full(cast: Cast) -> ProgrammeVersion:
    """A version with something in most of its fields."""
    version = pkh_plus(
        cast,
        quota_total=20,
        regency_target=10,
        ranking={"keys": [{"key": "desil", "direction": "asc"}], "replacement": "no"},
        exclusive_with=["ASPD", {"registry": "sembako", "per": "family", "during": "ever"}],
        calendar=["Januari: usulan", "# bukan komentar"],
        funding_source="APBD",
    )
    QuotaFactory(version=version, places=12)
    version.refresh_from_db()  # as the database keeps it
    return version


def test_a_version_goes_out_and_comes_in_the_same(cast: Cast) -> None:
    version = full(cast)
    data = export_version(version)
    assert "besaran_setahun: 2000000\n" in data.decode()
    assert "  - nama: Tahap 1\n    tanggal: '2026-03-15'\n    jumlah: 500000\n" in data.decode()

    made = import_version(data=data, agency=cast.agency, by=cast.budi, at=AT)

    assert made.pk != version.pk
    assert (made.state, made.programme_id, made.version) == ("draft", version.programme_id, 2)
    assert document_of(made) == document_of(version)
    assert export_version(made) == data
    assert made.annual_amount == Decimal(2_000_000)
    assert version_changes(version, made) == []


def edited(cast: Cast, **changes: Any) -> bytes:
    document = document_of(full(cast))
    document["program"] = {"kode": "BARU", "nama": "Program baru"}
    return dump({**document, **changes}).encode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kuota_program": 11}, "melebihi kuota program 11"),
        (
            {"tahap": [{"nama": "T", "tanggal": "2027-01-05", "jumlah": 2000000}]},
            "di luar tahun anggaran 2026",
        ),
        ({"tahap": [{"nama": "T", "tanggal": "5 Januari"}]}, "Tanggal tahap harus seperti"),
        ({"kriteria": [{"code": "tinggi"}]}, "tidak dikenal"),
        (
            {"kriteria": [{"code": "max_age", "params": {"age": 60, "umur": 1}}]},
            "Kunci umur pada kriteria max_age tidak dikenal.",
        ),
        ({"tidak_bersama": ["BARU"]}, "tidak dapat mengecualikan dirinya sendiri"),
        ({"tidak_bersama": [{"program": "ASPD"}]}, "Isian program tidak dikenal"),
        ({"penerima": "kucing"}, "Isian penerima tidak dikenal: kucing."),
        ({"besaran_setahun": "dua juta"}, "Isian besaran_setahun bukan jumlah rupiah."),
        ({"besaran_setahun": "0.001"}, "lebih teliti dari sen"),
        ({"bank_penyalur": "1144"}, "lebih panjang dari 3 huruf"),
        ({"kuota_wilayah": {"64.72": 1}}, "Pilih kabupaten atau kota di provinsi ini"),
        ({"kuota_program": -1}, "Isian kuota_program harus angka 0 sampai 2.147.483.647."),
        ({"target_wilayah": 0}, "Isian target_wilayah harus angka 1 sampai 2.147.483.647."),
        ({"aturan_kuasa": ["a"]}, "harus daftar kunci"),
        ({"tahun": 1999}, "antara 2020 dan 2100"),
        ({"urutan": {"keys": [{"key": "desil", "direction": "naik"}]}}, "Arah urutan Desil"),
    ],
)
def test_a_wrong_import_stores_nothing(cast: Cast, changes: dict[str, Any], said: str) -> None:
    data = edited(cast, **changes)
    before = [model.objects.count() for model in (Programme, ProgrammeVersion, Stage, Quota)]

    with pytest.raises(BadInput) as refusal:
        import_version(data=data, agency=cast.agency, by=cast.budi, at=AT)

    told = f"{refusal.value.message} {refusal.value.fields}"
    assert said in told
    after = [model.objects.count() for model in (Programme, ProgrammeVersion, Stage, Quota)]
    assert after == before


RULES = f"""format: {FORMAT}
program: {{kode: BARU, nama: Program baru}}
tahun: 2026
penerima: person
bentuk_bantuan: per_stage
kriteria:
  - code: max_age
    params: {{age: 60}}
  - group: any
    items:
      - code: alive
      - code: min_age_on_stage
        params: {{age: 17}}
  - code: in_dtsen
tidak_bersama:
  - ASPD
  - KIPX
urutan:
  keys:
    - {{key: desil, direction: asc}}
  replacement: "no"
alasan_berhenti:
  - {{code: pindah, label: Pindah}}
jalur_penyaluran:
  - overbooking
aturan_kuasa:
  article: Pasal 1
  ways: []
aturan_peristiwa:
  - {{event: death, outcome: note, article: Pasal 1}}
  - {{event: moved_out, outcome: stop, reason: pindah, article: Pasal 2}}
saluran_usulan:
  - list
formulir_asesmen:
  - code: minat
    label: Minat
    questions:
      - {{code: a, label: A, most: 5}}
aturan_rab: {{lowest: 100}}
aturan_selesai:
  article: Pasal 3
tahap:
  - nama: Satu
    tanggal: "2026-03-15"
    jumlah: 500000
  - nama: Dua
    tanggal: "2026-06-15"
    jumlah: 500000
kuota_wilayah:
  "35.19": 5
  "35.20": 6
"""


# What is written instead of what, and the line the refusal names.
FAULTS = [
    ("age: 60", "age: tua", 7),
    ("code: in_dtsen", "code: tinggi", 14),
    ("params: {age: 17}", "params: {umur: 17}", 13),
    ("params: {age: 17}", "params: {age: -1}", 12),
    ("code: alive", "code: one_per_family", 11),
    ("code: in_dtsen", "code: max_age\n    params: {age: 50}", 14),
    ("  - KIPX", "  - BARU", 17),
    ("  - KIPX", "  - {registry: bulan}", 17),
    ("direction: asc", "direction: naik", 18),
    ("  - overbooking", "  - terbang", 25),
    ("  - overbooking", "  - overbooking\n  - cash", 24),
    ("article: Pasal 1\n  ways", "article: ''\n  ways", 26),
    ("reason: pindah,", "reason: lupa,", 31),
    ("  - list", "  - langit", 32),
    ("most: 5", "most: 0", 35),
    ("lowest: 100", "lowest: 0", 39),
    ("article: Pasal 3", "article: ''", 40),
    ('"2026-06-15"', '"2027-06-15"', 46),
    ('"2026-06-15"', "besok", 47),
    ("jumlah: 500000\nkuota", "jumlah: 0\nkuota", 46),
    ("jumlah: 500000\nkuota", "jumlah: x\nkuota", 48),
    ('"35.20": 6', '"64.72": 6', 51),
    ('"35.20": 6', '"35.20": banyak', 51),
    ("tahun: 2026", "tahun: 1999", 3),
    ("penerima: person", "penerima: kucing", 4),
    ("kriteria:", "target_bersama:\n  - KIP-PUTRI\n  - kip-putry\nkriteria:", 8),
]


def test_a_rule_that_is_wrong_is_told_with_its_line(cast: Cast) -> None:
    ProgrammeFactory(agency=cast.agency, code="KIP-PUTRI", name="KIP Putri")
    told = []
    for old, new, _line in FAULTS:
        assert RULES.count(old) == 1, old
        data = RULES.replace(old, new).encode()
        with pytest.raises(BadInput) as refusal:
            import_version(data=data, agency=cast.agency, by=cast.budi, at=AT)
        [field] = (refusal.value.fields or {}).values()
        found = re.match(r"Baris (\d+): (?!.*Baris)", str(refusal.value.message))
        assert found, refusal.value.message
        assert str(field).startswith(found[0])
        told.append((old, new, int(found[1])))
    assert told == FAULTS


def test_the_same_rules_without_a_fault_come_in(cast: Cast) -> None:
    made = import_version(data=RULES.encode(), agency=cast.agency, by=cast.budi, at=AT)
    assert [row.places for row in made.quotas.order_by("area_code")] == [5, 6]


def test_a_second_version_of_the_year_replaces_none_with_proposals(cast: Cast) -> None:
    """Two versions are never valid at once."""
    version = full(cast)
    EnrolmentFactory(version=version)
    data = export_version(version)
    made = import_version(data=data, agency=cast.agency, by=cast.budi, at=AT)

    with pytest.raises(Refused) as refusal:
        activate_version(version=made, by=cast.budi, at=AT)

    assert refusal.value.code == "PROG-REPLACED"
    assert str(refusal.value) == (
        "Versi yang berlaku tahun ini sudah punya usulan, jadi tidak dapat diganti."
        " Tutup atau selesaikan dulu usulannya."
    )
    version.refresh_from_db()
    made.refresh_from_db()
    assert (version.state, made.state) == ("active", "draft")


def test_a_copy_keeps_every_rule_and_its_changes_are_told_in_words(cast: Cast) -> None:
    version = full(cast)
    copy = copy_version(version=version, year=2027, by=cast.budi, at=AT)
    head = {"tahun": 2026, "tahap": 0}
    assert {**document_of(copy), **head} == {**document_of(version), **head}
    assert earlier_version(copy) == version
    ProgrammeVersion.objects.filter(pk=copy.pk).update(
        annual_amount=Decimal(2_400_000), ranking={}, one_per_family=True
    )
    copy.refresh_from_db()
    changes = {row.label: (row.before, row.after) for row in version_changes(version, copy)}
    assert set(changes) == {
        "Besaran setahun",
        "Tahap penyaluran",
        "Urutan prioritas",
        "Penggantian sesudah SK",
    }
    assert changes["Besaran setahun"] == ("Rp2.000.000", "Rp2.400.000")
    assert changes["Penggantian sesudah SK"] == ("Tidak diganti", "Belum diisi")


def test_the_pages_hand_out_take_in_compare_and_preview(cast: Cast, client: Client) -> None:
    version = full(cast)
    client.force_login(cast.budi)
    out = client.get(reverse("programs:version_file", args=[version.pk]))
    assert out["Content-Disposition"] == 'attachment; filename="pkhplus-2026-v1.yaml"'
    address = reverse("programs:version_import")
    changed = out.content.replace(b"besaran_setahun: 2000000", b"besaran_setahun: 2400000")
    answer = client.post(address, {"file": SimpleUploadedFile("a.yaml", changed)})
    made = ProgrammeVersion.objects.latest("pk")
    assert answer["Location"] == reverse("programs:version_changes", args=[made.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "Rp2.400.000" in page
    assert "1 hal berbeda" in page
    wrong = client.post(address, {"file": SimpleUploadedFile("a.yaml", changed + b"umur: 1\n")})
    assert wrong.status_code == 422
    assert "Kunci umur di baris" in wrong.content.decode()
    preview = client.get(reverse("programs:version_preview", args=[version.pk])).content.decode()
    assert "Nama sesuai KTP" in preview
    assert "desil terendah dulu" in preview
    assert "<form" not in preview.partition("<main")[2].partition("</main")[0]

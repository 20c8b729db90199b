"""The texts a programme prints: checked when entered, filled for one recipient, traced."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, NotFound
from programs.documents.letters import letter_values
from programs.forms.life_rules import letters_text, parse_letters
from programs.models import Enrolment, ProgrammeVersion
from programs.rules.letters import (
    ALONE,
    DOTS,
    PLACEHOLDERS,
    filled,
    letter_problems,
    signed_by,
)
from programs.services.letters import print_letter
from programs.services.life_rules import LifeValues, save_life_rules
from programs.services.loading import known_fields
from programs.services.version_files import export_version, import_version
from tests.cast import Cast
from tests.factories.programs import NOW, EnrolmentFactory, ProgrammeVersionFactory

TEXT = "Nama: {nama}\nUsaha: {usaha}\n\nMenerima {besaran} ({terbilang})."
PLEDGE = {"code": "pakta", "label": "Pakta integritas", "text": TEXT}


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{**PLEDGE, "text": "{namanya}"}], "isian {namanya} tidak dikenal"),
        ([{**PLEDGE, "text": "{ nama }"}], "isian { nama } tidak dikenal"),
        ([{**PLEDGE, "text": "{nama"}], "kurung kurawal tidak berpasangan"),
        ([{**PLEDGE, "text": " "}], "belum punya nama atau isi"),
        ([{**PLEDGE, "label": ""}], "belum punya nama atau isi"),
        ([PLEDGE, PLEDGE], "dipakai dua kali"),
        ([{**PLEDGE, "code": ""}], "Kode naskah dokumen kosong"),
        ([{**PLEDGE, "text": "x" * 8001}], "paling panjang 8.000 huruf"),
        ([{**PLEDGE, "text": "Isi\nTanda tangan: A; ; B"}], "satu sampai tiga orang"),
        ([{**PLEDGE, "text": "Isi\nTanda tangan:"}], "satu sampai tiga orang"),
        ([{**PLEDGE, "text": "Isi\nTanda tangan: A; B; C; D"}], "satu sampai tiga orang"),
        ([{**PLEDGE, "text": "Isi\nTanda tangan: {nama}"}], "tanpa isian"),
        ([{**PLEDGE, "text": "Tanda tangan: A"}], "belum punya nama atau isi"),
        ([{**PLEDGE, "code": f"p{n}"} for n in range(13)], "paling banyak 12"),
    ],
)
def test_a_wrong_text_is_told_in_one_sentence(rows: list[dict[str, Any]], sentence: str) -> None:
    found = letter_problems(rows)
    assert len(found) == 1
    assert sentence in found[0]


def test_what_is_not_known_is_left_to_be_written_by_hand() -> None:
    assert filled(TEXT, {"nama": "Siti {nik}", "besaran": "Rp1"}) == [
        ["Nama: Siti {nik}", f"Usaha: {DOTS}"],
        [f"Menerima Rp1 ({DOTS})."],
    ]


def test_the_last_line_says_who_signs() -> None:
    assert signed_by("Isi\r\n\r\nTanda tangan: Pemberi kuasa; Saksi, pendamping \n") == (
        "Isi",
        ["Pemberi kuasa", "Saksi, pendamping"],
    )
    # Only as the last line; in the middle of a text the words mean what they say.
    assert signed_by("Tanda tangan: A\nIsi") == ("Tanda tangan: A\nIsi", [ALONE])


@pytest.mark.django_db
def test_a_power_of_attorney_is_signed_by_three(cast: Cast) -> None:
    letters = known_fields("35", "PKHPLUS")["letters"]
    version = ProgrammeVersionFactory(programme__agency=cast.agency, letters=letters)
    row: Enrolment = EnrolmentFactory(version=version, active=True)
    text = _text(print_letter(enrolment=row, code="surat_kuasa", by=cast.sari, at=NOW))
    for role in ("Pemberi kuasa,", "Penerima kuasa,", "Saksi, pendamping,"):
        assert role in text
    assert "Tanda tangan" not in text
    assert ALONE not in text
    pledge = _text(print_letter(enrolment=row, code="pakta_integritas", by=cast.sari, at=NOW))
    assert f"{ALONE}," in pledge
    assert "Rp2.000.000 (dua juta rupiah) dalam 4 tahap" in " ".join(pledge.split())


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("PKHPLUS", ["pakta_integritas", "surat_kuasa"]),
        ("ASPD", ["pakta_integritas", "sptjm", "surat_kuasa"]),
        ("KIP", ["pakta_integritas", "sptjm", "surat_kuasa"]),
        ("KIP-PUTRI", ["pakta_integritas", "sptjm", "surat_kuasa"]),
        ("KIP-PPKS", ["pakta_integritas", "sptjm", "surat_kuasa"]),
        ("KEMISEM", ["surat_kuasa"]),
        ("ZAKAT", []),
    ],
)
def test_a_programme_prints_what_its_guide_has_signed(code: str, texts: list[str]) -> None:
    """Each paper is one the guide names, and its source says what of it is our wording."""
    known = known_fields("35", code)
    assert letter_problems(known["letters"]) == []
    assert [row["code"] for row in known["letters"]] == texts
    named = " ".join([*known["document_templates"], *_asked(known["proxy_rules"])]).lower()
    assert [row["label"] for row in known["letters"] if row["label"].lower() not in named] == []
    assert ("susunan kami" in known["source_note"]) is bool(texts)


def _asked(rules: dict[str, Any]) -> list[str]:
    return [way["letter"] for way in rules.get("ways", [])]


def test_texts_are_written_under_headings() -> None:
    text = "# Pakta integritas\r\n\r\nNama: {nama}\r\n# SPTJM\nIsi\n\n2. # bukan judul\n"
    found = parse_letters(text, [PLEDGE])
    assert [(row["code"], row["label"], row["text"]) for row in found] == [
        ("pakta", "Pakta integritas", "Nama: {nama}"),
        ("sptjm", "SPTJM", "Isi\n\n2. # bukan judul"),
    ]
    assert parse_letters(letters_text(found), found) == found
    for wrong in ("Isi saja", "# A\nx\n# A\ny", "#\nx"):
        with pytest.raises(Exception, match="dokumen"):
            parse_letters(wrong, [])


@pytest.fixture
def version(cast: Cast) -> ProgrammeVersion:
    made: ProgrammeVersion = ProgrammeVersionFactory(
        programme__agency=cast.agency, letters=[dict(PLEDGE)]
    )
    return made


@pytest.mark.django_db
def test_a_text_is_filled_printed_and_traced(cast: Cast, version: ProgrammeVersion) -> None:
    row: Enrolment = EnrolmentFactory(version=version, active=True)
    values = letter_values(row)
    assert set(values) == set(PLACEHOLDERS) - {"isian"}
    assert (values["besaran"], values["terbilang"]) == ("Rp2.000.000", "dua juta rupiah")
    assert row.person.nik not in values.values()
    content = print_letter(enrolment=row, code="pakta", by=cast.sari, at=NOW)
    text = _text(content)
    assert f"Nama: {row.person.name}" in text
    assert "Menerima Rp2.000.000 (dua juta rupiah)." in text
    assert "Pakta integritas" in text
    assert Event.objects.filter(verb="programs.print_letter").count() == 1
    with pytest.raises(NotFound):
        print_letter(enrolment=row, code="lain", by=cast.sari, at=NOW)
    for user in (cast.tono, cast.aud, cast.lain):
        with pytest.raises(NotAllowed):
            print_letter(enrolment=row, code="pakta", by=user, at=NOW)


def _text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.django_db
def test_the_pages_of_the_texts(client: Client, cast: Cast, version: ProgrammeVersion) -> None:
    row: Enrolment = EnrolmentFactory(version=version, active=True)
    address = reverse("programs:letter", args=[row.pk, "pakta"])
    client.force_login(cast.sari)
    assert address in client.get(reverse("programs:proposal", args=[row.pk])).content.decode()
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert row.person.name.lower() not in answer["Content-Disposition"].lower()
    assert client.get(reverse("programs:letter", args=[row.pk, "lain"])).status_code == 404
    client.force_login(cast.tono)
    assert address not in client.get(reverse("programs:proposal", args=[row.pk])).content.decode()
    draft = ProgrammeVersionFactory(programme=version.programme, year=2027, draft=True)
    page = reverse("programs:letters", args=[draft.pk])
    client.force_login(cast.budi)
    assert "{tanggal_lahir}" in client.get(page).content.decode()
    wrong = client.post(page, {"letters_text": "# Pakta\n{namanya}"})
    assert wrong.status_code == 422
    assert "isian {namanya} tidak dikenal" in wrong.content.decode()
    assert client.post(page, {"letters_text": "# Pakta\nNama: {nama}"}).status_code == 302
    draft.refresh_from_db()
    assert draft.letters == [{"code": "pakta", "label": "Pakta", "text": "Nama: {nama}"}]
    shown = client.get(reverse("programs:version", args=[draft.pk])).content.decode()
    assert "Nama: {nama}" in shown


@pytest.mark.django_db
def test_texts_go_through_a_file_unchanged(cast: Cast, version: ProgrammeVersion) -> None:
    letters = known_fields("35", "KIP")["letters"]
    assert letter_problems(letters) == []
    draft = ProgrammeVersionFactory(
        programme=version.programme, year=2027, draft=True, letters=letters
    )
    text = export_version(draft)
    assert b"    text: |-\n      Yang bertanda tangan di bawah ini:\n" in text
    made = import_version(data=text, agency=cast.agency, by=cast.budi, at=NOW)
    assert made.letters == letters
    with pytest.raises(BadInput) as refused:
        import_version(
            data=text.replace(b"{usaha}", b"{toko}"), agency=cast.agency, by=cast.budi, at=NOW
        )
    assert str(refused.value.message).startswith("Baris ")
    assert "{toko} tidak dikenal" in str(refused.value.message)
    values = LifeValues(letters=[{**PLEDGE, "text": "{x}"}])
    with pytest.raises(BadInput):
        save_life_rules(version=draft, values=values, by=cast.budi, at=NOW)

"""Monitoring visits: questions as lines, answers of their kind, corrections that keep the old."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from programs.choices import EnrolmentState, QuestionKind
from programs.models import Enrolment, MonitoringVisit, ProgrammeVersion, VisitAnswer
from programs.queries.life import life_of
from programs.queries.visits import tallies, to_visit, visit_rows, visits_in
from programs.rules.version_file import read
from programs.rules.visits import Question, answer_problem, question_of, question_problems
from programs.services.catalogue import change_version
from programs.services.version_files import export_version, import_version
from programs.services.visits import VisitValues, correct_visit, record_visit
from programs.tables import VisitingList, VisitList
from tests.cast import Cast
from tests.factories.accounts import UserFactory
from tests.factories.programs import NOW, EnrolmentFactory, ProgrammeVersionFactory

LINES = [
    "Apakah masih tinggal di sini? [ya/tidak]",
    "Keadaan barang [pilihan: baik, rusak, hilang]",
    "Berapa orang bekerja? [angka]",
    "Pendapatan sebulan terakhir [rupiah]",
    "Apa kendalanya?",
]
LATER = datetime(2026, 6, 20, 3, 0, tzinfo=NOW.tzinfo)
FULL: dict[int, str | Decimal] = {
    0: "ya",
    1: "rusak",
    2: Decimal(2),
    3: Decimal("750000.50"),
    4: "Modal kurang",
}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def test_a_line_says_how_it_is_answered() -> None:
    assert [question_of(line).kind for line in LINES] == [
        QuestionKind.YES_NO,
        QuestionKind.CHOICE,
        QuestionKind.NUMBER,
        QuestionKind.AMOUNT,
        QuestionKind.TEXT,
    ]
    assert question_of(LINES[1]) == Question(
        "Keadaan barang", QuestionKind.CHOICE, ("baik", "rusak", "hilang")
    )
    assert question_of("Ada surat [teks]") == Question("Ada surat", QuestionKind.TEXT)
    assert question_of("Sehat? [ Ya / Tidak ]").kind == QuestionKind.YES_NO
    # What stood in a version before kinds were known stays a question, whole.
    assert question_of("Lihat [lampiran 9]").label == "Lihat [lampiran 9]"
    assert question_problems(LINES) == []


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["Sehat? [ya]"], "jenis jawaban [ya] tidak dikenal."),
        (["[ya/tidak]"], "tidak ada pertanyaannya."),
        (["Barang [pilihan: baik]"], "kurang dari dua"),
        (["Barang [pilihan: baik, Baik]"], "ditulis dua kali"),
        (["Barang [pilihan: baik, " + "x" * 501 + "]"], "terlalu panjang"),
        (["Sehat? [ya/tidak]", "sehat?"], "Pertanyaan pemantauan 2: ditulis dua kali."),
        (["x" * 301], "lebih panjang dari 300 huruf"),
        ([f"P{n}" for n in range(41)], "paling banyak 40"),
    ],
)
def test_a_wrong_line_is_named(lines: list[str], sentence: str) -> None:
    found = question_problems(lines)
    assert len(found) == 1
    assert sentence in found[0]


@pytest.mark.parametrize(
    ("line", "given", "fits"),
    [
        (LINES[0], "tidak", True),
        (LINES[0], "mungkin", False),
        (LINES[1], "hilang", True),
        (LINES[1], "bagus", False),
        (LINES[2], Decimal(0), True),
        (LINES[2], Decimal("1.5"), False),
        (LINES[2], Decimal(-1), False),
        (LINES[2], "2", False),
        (LINES[3], Decimal("0.5"), True),
        (LINES[4], "x" * 501, False),
        (LINES[4], Decimal(1), False),
    ],
)
def test_an_answer_is_one_of_its_question(line: str, given: Any, fits: bool) -> None:
    assert (answer_problem(question_of(line), given) == "") is fits


@pytest.fixture
def version(cast: Cast) -> ProgrammeVersion:
    made: ProgrammeVersion = ProgrammeVersionFactory(
        programme__agency=cast.agency, monitoring_form=list(LINES)
    )
    return made


def somebody(version: ProgrammeVersion, **more: Any) -> Enrolment:
    made: Enrolment = EnrolmentFactory(version=version, **{"active": True, **more})
    return made


def found(day: date = date(2026, 6, 10), **more: Any) -> VisitValues:
    values = VisitValues(visited_on=day, visitor="Siti Rahayu", answers=FULL, note="Sehat.")
    return replace(values, **more)


def visited(cast: Cast, row: Enrolment, **more: Any) -> MonitoringVisit:
    return record_visit(enrolment=row, values=found(**more), by=cast.sari, at=LATER)


@pytest.mark.django_db
def test_a_visit_keeps_what_was_asked_and_answered(cast: Cast, version: ProgrammeVersion) -> None:
    row = somebody(version)
    visit = visited(cast, row, photo=("rumah.png", PNG))
    assert (visit.stage and visit.stage.number, visit.area_code) == (2, row.area_code)
    kept = visit.answers.values_list("question", "kind", "value", "number")
    assert list(kept)[1:4] == [
        ("Keadaan barang", "choice", "rusak", None),
        ("Berapa orang bekerja?", "number", "", Decimal(2)),
        ("Pendapatan sebulan terakhir", "amount", "", Decimal("750000.50")),
    ]
    assert visit.photo is not None
    assert visit.photo.mime == "image/png"
    assert Event.objects.filter(verb="programs.record_visit").count() == 1
    event = next(e for e in life_of(row, visit_rows(row)) if e.title == "Kunjungan pemantauan")
    assert event.text == "Dikunjungi 10-06-2026. 5 jawaban."
    before = visited(cast, row, day=date(2026, 2, 11), answers={}, note="Rumah kosong.")
    assert before.stage is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"day": date(2026, 6, 21)}, "visited_on"),
        ({"day": date(2026, 2, 9)}, "visited_on"),
        ({"visitor": " "}, "visitor"),
        ({"answers": {0: "mungkin"}}, "q_0"),
        ({"answers": {}, "note": " "}, "note"),
        ({"photo": ("a.pdf", b"%PDF-1.7")}, "photo"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_kept(
    cast: Cast, version: ProgrammeVersion, more: dict[str, Any], field: str
) -> None:
    row = somebody(version)
    with pytest.raises(BadInput) as refused:
        visited(cast, row, **more)
    assert list(refused.value.fields or {}) == [field]
    assert not MonitoringVisit.objects.exists()


@pytest.mark.django_db
def test_who_is_visited_and_by_whom(cast: Cast, version: ProgrammeVersion) -> None:
    row = somebody(version)
    for user in (cast.hadi, cast.tono, cast.aud, cast.lain):
        with pytest.raises(NotAllowed):
            record_visit(enrolment=row, values=found(), by=user, at=LATER)
    for state in (EnrolmentState.ELIGIBLE, EnrolmentState.STOPPED):
        other = somebody(version, active=False, eligible=True)
        Enrolment.objects.filter(pk=other.pk).update(state=state)
        with pytest.raises(Refused):
            visited(cast, other)
    silent = somebody(ProgrammeVersionFactory(programme=version.programme, year=2025))
    with pytest.raises(Refused):
        visited(cast, silent)
    assert [record_visit(enrolment=row, values=found(), by=cast.vera, at=LATER).pk]
    with pytest.raises(BadInput) as twice:
        visited(cast, row)
    assert "sudah dicatat" in str((twice.value.fields or {})["visited_on"])


@pytest.mark.django_db
def test_a_correction_names_the_old_record_once(cast: Cast, version: ProgrammeVersion) -> None:
    row = somebody(version)
    old = visited(cast, row, photo=("rumah.png", PNG))
    change = found(answers={**FULL, 1: "baik"})
    with pytest.raises(BadInput) as silent:
        correct_visit(visit=old, values=change, reason=" ", by=cast.sari, at=LATER)
    assert list(silent.value.fields or {}) == ["reason"]
    new = correct_visit(visit=old, values=change, reason="Salah tekan", by=cast.vera, at=LATER)
    assert (new.corrects_id, new.photo_id, new.visited_on) == (
        old.pk,
        old.photo_id,
        old.visited_on,
    )
    with pytest.raises(Stale):
        correct_visit(visit=old, values=change, reason="Lagi", by=cast.sari, at=LATER)
    assert list(visits_in(cast.budi, version)) == [new]
    for act in (
        lambda: MonitoringVisit.objects.filter(pk=old.pk).update(note="x"),
        lambda: VisitAnswer.objects.filter(visit=old).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


@pytest.mark.django_db
def test_answers_add_up_by_question(cast: Cast, version: ProgrammeVersion) -> None:
    one, two = somebody(version), somebody(version)
    visited(cast, one)
    wrong = visited(cast, two, answers={1: "hilang", 2: Decimal(9)})
    correct_visit(
        visit=wrong,
        values=found(answers={1: "baik", 2: Decimal(4)}),
        reason="Rumah lain",
        by=cast.sari,
        at=LATER,
    )
    here, state, people, money, why = tallies(version, visits_in(cast.budi, version))
    assert (here.answered, here.words) == (1, [("Ya", 1), ("Tidak", 0)])
    assert state.words == [("baik", 1), ("rusak", 1), ("hilang", 0)]
    assert people.lines == [
        ("Rata-rata", "3"),
        ("Terendah", "2"),
        ("Tertinggi", "4"),
        ("Jumlah", "6"),
    ]
    assert money.total == Decimal("750000.50")
    assert (why.answered, why.lines) == (1, [])
    stage = version.stages.get(number=3)
    assert not visits_in(cast.budi, version, stage=stage).exists()
    assert not visits_in(cast.budi, version, area_code="35.20").exists()
    assert not visits_in(UserFactory(role="staf_program", area_code="64"), version).exists()


@pytest.mark.django_db
def test_who_is_still_to_be_visited_in_a_stage(cast: Cast, version: ProgrammeVersion) -> None:
    seen, early, never = somebody(version), somebody(version), somebody(version)
    visited(cast, seen)
    visited(cast, early, day=date(2026, 5, 14))
    somebody(version, active=False)
    done = somebody(version)
    Enrolment.objects.filter(pk=done.pk).update(state=EnrolmentState.GRADUATED)
    assert visited(cast, done).pk
    rows = {row.pk: row for row in to_visit(cast.sari, today=date(2026, 6, 20))}
    assert {pk: row.is_visited for pk, row in rows.items()} == {
        seen.pk: True,
        early.pk: False,
        never.pk: False,
    }
    assert rows[early.pk].stage_name == "Tahap 2"
    assert rows[early.pk].last_on == date(2026, 5, 14)
    assert {row.stage_began for row in to_visit(cast.sari, today=date(2026, 3, 1))} == {None}


@pytest.mark.django_db
def test_the_lists_of_monitoring(cast: Cast) -> None:
    version = ProgrammeVersionFactory(
        programme__agency=cast.agency, year=2024, monitoring_form=list(LINES)
    )
    seen, never = somebody(version), somebody(version)
    visit = visited(cast, seen)
    spec = VisitingList()
    for asked, wanted in (("", {seen.pk, never.pk}), ("ya", {seen.pk}), ("tidak", {never.pk})):
        rows, _filters, _text = spec.rows(cast.sari, QueryDict(f"visited={asked}"))
        assert {row.pk for row in rows} == wanted
    rows, _filters, _text = VisitList().rows(cast.sari, QueryDict(f"version={version.pk}"))
    assert [row.pk for row in rows] == [visit.pk]
    elsewhere = UserFactory(role="petugas_kab", area_code="35.20")
    assert not spec.rows(elsewhere, QueryDict())[0].exists()


@pytest.mark.django_db
def test_the_pages_of_a_visit(client: Client, cast: Cast, version: ProgrammeVersion) -> None:
    row = somebody(version)
    proposal = reverse("programs:proposal", args=[row.pk])
    page = reverse("programs:visit_new", args=[row.pk])
    client.force_login(cast.sari)
    assert page in client.get(proposal).content.decode()
    shown = client.get(page).content.decode()
    assert "Apakah masih tinggal di sini?" in shown
    assert "[ya/tidak]" not in shown
    given = {
        "visited_on": "12-02-2026",
        "visitor": "Siti Rahayu",
        **{"q_0": "tidak", "q_1": ",lewat", "q_2": "3", "q_3": "750rb", "q_4": ""},
        "note": "Pindah ke rumah anaknya",
    }
    wrong = client.post(page, {**given, "q_2": "-1"})
    assert wrong.status_code == 422
    scan = SimpleUploadedFile("rumah.pdf", b"%PDF-1.7", "application/pdf")
    wrong = client.post(page, {**given, "photo": scan})
    assert wrong.context["form"].errors == {
        "photo": ["Foto kunjungan harus JPEG atau PNG. Kunjungan belum disimpan."]
    }
    photo = SimpleUploadedFile("rumah.png", PNG, "image/png")
    answer = client.post(page, {**given, "photo": photo})
    visit = MonitoringVisit.objects.get()
    address = reverse("programs:visit", args=[visit.pk])
    assert answer["Location"] == address
    assert [(a.position, a.value, a.number) for a in visit.answers.all()] == [
        (1, "tidak", None),
        (3, "", Decimal(3)),
        (4, "", Decimal(750_000)),
    ]
    shown = client.get(address).content.decode()
    assert "Rp750.000" in shown
    assert "<dd>3</dd>" in shown
    assert "Pindah ke rumah anaknya" in shown
    assert "Foto kunjungan" in client.get(proposal).content.decode()
    fix = reverse("programs:visit_correct", args=[visit.pk])
    assert 'value="750.000"' in client.get(fix).content.decode()
    assert client.post(fix, {**given, "q_0": "ya", "reason": ""}).status_code == 422
    assert client.post(fix, {**given, "q_0": "ya", "reason": "Salah tekan"}).status_code == 302
    shown = client.get(address).content.decode()
    assert "sudah diperbaiki" in shown
    assert fix not in shown
    assert client.get(fix)["Location"] == address
    assert client.post(fix, {**given, "reason": "Salah tekan"}).status_code in (409, 422)
    report = client.get(reverse("programs:visit_answers", args=[version.pk])).content.decode()
    assert "1 kunjungan ke 1 penerima" in report
    # Who only reads sees that there was a visit, not what was said at the door.
    client.force_login(cast.tono)
    shown = client.get(address).content.decode()
    assert "Pindah ke rumah anaknya" not in shown
    assert "Rp750.000" not in shown
    assert page not in client.get(proposal).content.decode()


@pytest.mark.django_db
def test_questions_go_through_a_file_unchanged(cast: Cast, version: ProgrammeVersion) -> None:
    version = ProgrammeVersionFactory(
        programme=version.programme, year=2027, draft=True, monitoring_form=list(LINES)
    )
    text = export_version(version)
    assert read(text)["pertanyaan_pemantauan"] == LINES
    made = import_version(data=text, agency=cast.agency, by=cast.budi, at=NOW)
    assert made.monitoring_form == LINES
    again = import_version(data=export_version(made), agency=cast.agency, by=cast.budi, at=NOW)
    assert export_version(again) == export_version(made)
    bad = text.replace(b"[ya/tidak]", b"[ya]")
    with pytest.raises(BadInput) as refused:
        import_version(data=bad, agency=cast.agency, by=cast.budi, at=NOW)
    assert refused.value.code == "PROG-RULES"
    assert str(refused.value.message).startswith("Baris ")
    with pytest.raises(BadInput):
        change_version(version=version, by=cast.budi, at=NOW, monitoring_form=["A [ya]"])


@pytest.mark.django_db
def test_the_sums_go_out_as_workbook_and_paper(
    client: Client, cast: Cast, version: ProgrammeVersion
) -> None:
    visited(cast, somebody(version))
    visited(cast, somebody(version), answers={1: "hilang", 2: Decimal(4)})
    client.force_login(cast.budi)
    page = reverse("programs:visit_answers", args=[version.pk])
    stage = version.stages.get(number=3).pk
    book, paper = (
        reverse("programs:visit_answers_file", args=[version.pk, kind]) for kind in ("xlsx", "pdf")
    )
    chosen = f"?area=35.19&stage={stage}"
    assert f'href="{book}?area=35.19"' in client.get(f"{page}?area=35.19").content.decode()

    sheets = CalamineWorkbook.from_filelike(BytesIO(client.get(book).content))
    table = sheets.get_sheet_by_index(0).to_python()
    rows = [tuple(row) for row in table if row[0] in (1, 2, 3, 5)]
    assert rows == [
        (1, "Apakah masih tinggal di sini?", 1, "Ya", 1),
        (1, "Apakah masih tinggal di sini?", 1, "Tidak", 0),
        (2, "Keadaan barang", 2, "baik", 0),
        (2, "Keadaan barang", 2, "rusak", 1),
        (2, "Keadaan barang", 2, "hilang", 1),
        (3, "Berapa orang bekerja?", 2, "Rata-rata", 3),
        (3, "Berapa orang bekerja?", 2, "Terendah", 2),
        (3, "Berapa orang bekerja?", 2, "Tertinggi", 4),
        (3, "Berapa orang bekerja?", 2, "Jumlah", 6),
        (5, "Apa kendalanya?", 1, "Dijawab dengan kata; dibaca di tiap kunjungan", ""),
    ]
    answer = client.get(paper)
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(leaf.extract_text() for leaf in PdfReader(BytesIO(answer.content)).pages)
    assert "2 kunjungan ke 2 penerima" in text
    assert "Rp750.000,50" in text
    # What somebody wrote at the door never leaves with the sums.
    assert "Modal kurang" not in text
    nobody = client.get(paper + chosen).content
    assert "Belum dijawab." in PdfReader(BytesIO(nobody)).pages[0].extract_text()
    assert client.get(book.replace("xlsx", "exe")).status_code == 404
    kept = Event.objects.filter(verb="programs.export_visit_answers").order_by("pk")
    assert [row.data["kind"] for row in kept] == ["xlsx", "pdf", "pdf"]
    assert kept[2].data["stage"] == stage


@pytest.mark.django_db
def test_who_has_moved_away_stands_in_the_list_without_a_link(
    client: Client, cast: Cast, version: ProgrammeVersion
) -> None:
    stays, moves = somebody(version), somebody(version)
    here, gone = visited(cast, stays), visited(cast, moves)
    Enrolment.objects.filter(pk=moves.pk).update(area_code="35.20.01.2001")
    client.force_login(cast.sari)
    listed = client.get(reverse("programs:visits")).content.decode()
    assert reverse("programs:visit", args=[here.pk]) in listed
    assert reverse("programs:visit", args=[gone.pk]) not in listed
    assert "Berlaku; kini di wilayah lain" in listed
    # The province still has both.
    client.force_login(cast.budi)
    listed = client.get(reverse("programs:visits")).content.decode()
    assert reverse("programs:visit", args=[gone.pk]) in listed
    assert "kini di wilayah lain" not in listed


def send(client: Client, name: str, given: dict[str, Any], **keys: Any) -> Any:
    return client.post(reverse(name, kwargs=keys), given, content_type="application/json")


@pytest.mark.django_db
def test_the_api_records_corrects_and_adds_up(
    client: Client, cast: Cast, version: ProgrammeVersion
) -> None:
    row = somebody(version)
    client.force_login(cast.sari)
    given: dict[str, Any] = {
        "enrolment": row.pk,
        "visited_on": "2026-02-12",
        "visitor": "Siti Rahayu",
        "answers": [{"position": 2, "value": "rusak"}, {"position": 3, "value": "dua"}],
    }
    wrong = send(client, "monitoring-visit-list", given)
    assert wrong.status_code == 422
    assert "Isi angka nol atau lebih." in wrong.content.decode()
    for answers in ([{"position": 6, "value": "x"}], [{"position": 2, "value": "bagus"}]):
        assert (
            send(client, "monitoring-visit-list", {**given, "answers": answers}).status_code == 422
        )
    assert not MonitoringVisit.objects.exists()
    given["answers"][1]["value"] = "2"
    made = send(client, "monitoring-visit-list", given)
    assert made.status_code == 201, made.content
    old = made.json()
    assert [(a["position"], a["value"], a["number"]) for a in old["answers"]] == [
        (2, "rusak", None),
        (3, "", "2.00"),
    ]
    change = {**given, "reason": "Salah tekan", "answers": [{"position": 3, "value": "4"}]}
    fixed = send(client, "monitoring-visit-correct", change, pk=old["id"])
    assert fixed.status_code == 201, fixed.content
    assert fixed.json()["corrects"] == old["id"]
    assert send(client, "monitoring-visit-correct", change, pk=old["id"]).status_code == 409
    listed = client.get(reverse("monitoring-visit-list")).json()["results"]
    assert [(one["id"], one["is_corrected"]) for one in listed] == [
        (old["id"], True),
        (fixed.json()["id"], False),
    ]
    sums = reverse("programme-version-visit-answers", args=[version.pk])
    people = client.get(sums).json()[2]
    assert (people["answered"], people["total"], people["words"]) == (1, "4.00", {})
    stage = version.stages.get(number=1).pk
    assert client.get(f"{sums}?area=35.20").json()[2]["answered"] == 0
    assert client.get(f"{sums}?stage={stage}").json()[2]["answered"] == 0
    assert client.get(f"{sums}?stage=0").status_code == 422
    assert client.get(f"{sums}?stage=999999").status_code == 404
    # Who only reads sees that there was a visit, not what was said at the door.
    client.force_login(cast.tono)
    seen = client.get(reverse("monitoring-visit-detail", args=[old["id"]])).json()
    assert seen["visited_on"] == "2026-02-12"
    assert not {"note", "answers"} & set(seen)
    assert send(client, "monitoring-visit-list", given).status_code == 403


@pytest.mark.django_db
def test_the_api_lists_visits_in_a_constant_number_of_queries(
    client: Client, cast: Cast, version: ProgrammeVersion
) -> None:
    client.force_login(cast.sari)
    address = reverse("monitoring-visit-list")
    visited(cast, somebody(version))
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _turn in range(4):
        visited(cast, somebody(version))
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(address).json()["results"]) == 5
    assert len(many) == len(few)

"""Decrees: quota, criteria again, four eyes, amendment, the annexes and their text."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from bansos.audit.models import Event
from bansos.documents.choices import DocumentState
from bansos.documents.services import read_bytes
from bansos.jobs.models import Job
from bansos.jobs.services import run_step
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from programs.choices import DecreeState, EnrolmentState
from programs.models import Decree, DecreeLine, Enrolment, EnrolmentMove, ProgrammeVersion
from programs.queries import active_enrolments, decree_difference, decree_in_force, quota_lines
from programs.services import decrees
from tests.cast import Cast
from tests.factories.programs import EnrolmentFactory, QuotaFactory
from tests.programs.stage import AT, elder, pkh_plus

E = EnrolmentState
DAY = date(2026, 2, 10)


def eligible(cast: Cast, version: ProgrammeVersion, count: int) -> list[Enrolment]:
    return [
        EnrolmentFactory(version=version, eligible=True, person=elder(cast)) for _n in range(count)
    ]


def approved(cast: Cast, version: ProgrammeVersion, number: str = "188/1/2026") -> Decree:
    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    decrees.submit_decree(decree=decree, by=cast.budi, at=AT)
    decrees.approve_decree(decree=decree, number=number, decree_date=DAY, by=cast.hadi, at=AT)
    return decree


def test_a_draft_names_the_eligible_of_the_area(cast: Cast) -> None:
    version = pkh_plus(cast)
    people = eligible(cast, version, 3)
    EnrolmentFactory(version=version, person=elder(cast))
    EnrolmentFactory(version=version, eligible=True, person=elder(cast, desil=8))

    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)

    assert (decree.count, decree.total) == (3, Decimal(6_000_000))
    assert decree.subject == "Penetapan penerima PKH Plus Kabupaten Madiun 2026"
    lines = decree.lines.order_by("position")
    assert [line.position for line in lines] == [1, 2, 3]
    assert lines[0].address == (
        "Jalan Melati 1, RT 01 RW 02, Tambakmas, Kec. Kebonsari, Kabupaten Madiun"
    )
    states = Enrolment.objects.filter(pk__in=[p.pk for p in people]).values_list("state", flat=True)
    assert set(states) == {E.DETERMINED}


def test_nobody_eligible_is_no_decree(cast: Cast) -> None:
    version = pkh_plus(cast)

    with pytest.raises(Refused) as refusal:
        decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)

    assert refusal.value.code == "DECREE-EMPTY"
    assert not Decree.objects.exists()


@pytest.mark.parametrize("limit", ["regency", "programme"])
def test_beyond_the_quota_nothing_is_drafted(cast: Cast, limit: str) -> None:
    version = pkh_plus(cast, quota_total=2 if limit == "programme" else None)
    eligible(cast, version, 3)
    if limit == "regency":
        QuotaFactory(version=version, area_code="35.19", places=2)

    with pytest.raises(Refused) as refusal:
        decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)

    assert refusal.value.code == "DECREE-QUOTA"
    assert "Keluarkan 1 orang" in str(refusal.value)
    assert not DecreeLine.objects.exists()
    assert Enrolment.objects.filter(state=E.ELIGIBLE).count() == 3


def test_one_open_decree_and_no_overlap(cast: Cast) -> None:
    version = pkh_plus(cast)
    eligible(cast, version, 1)
    decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)

    for area, code in (("35.19", "DECREE-OPEN"), ("35", "DECREE-OVERLAP")):
        with pytest.raises(Refused) as refusal:
            decrees.draft_decree(version=version, area_code=area, by=cast.budi, at=AT)
        assert refusal.value.code == code


def test_a_budget_check_of_the_app_above_is_asked(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = pkh_plus(cast)
    eligible(cast, version, 1)
    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    monkeypatch.setattr(decrees, "BUDGET_CHECKS", [lambda decree: "Pagu kurang Rp1.000."])

    with pytest.raises(Refused) as refusal:
        decrees.submit_decree(decree=decree, by=cast.budi, at=AT)

    assert (refusal.value.code, str(refusal.value)) == ("DECREE-BUDGET", "Pagu kurang Rp1.000.")


def test_approval_makes_people_active_and_needs_another_person(cast: Cast) -> None:
    version = pkh_plus(cast)
    eligible(cast, version, 2)
    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    decrees.submit_decree(decree=decree, by=cast.budi, at=AT)
    with pytest.raises(NotAllowed):
        decrees.approve_decree(decree=decree, number="188/1", decree_date=DAY, by=cast.budi, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decree.objects.filter(pk=decree.pk).update(approved_by=cast.budi, approved_at=AT)

    decrees.approve_decree(
        decree=decree,
        number="188/1/2026",
        decree_date=DAY,
        seen_hash=decree.content_hash,
        by=cast.hadi,
        at=AT,
    )

    people = active_enrolments(version=version, area_code="35.19")
    assert [row.active_from for row in people] == [DAY, DAY]
    assert decree_in_force(version=version, area_code="35.19.01.2001") == decree
    assert decree_in_force(version=version, area_code="35.20") is None
    assert EnrolmentMove.objects.filter(new=E.ACTIVE, by=cast.hadi).count() == 2
    event = Event.objects.get(verb="programs.approve_decree")
    assert len(event.data["started"]) == 2
    line = next(row for row in quota_lines(version, area_code="35") if row.area_code == "35.19")
    assert (line.active, line.eligible, line.waiting) == (2, 0, 0)


def test_what_changed_since_it_was_sent_is_not_approved(cast: Cast) -> None:
    version = pkh_plus(cast)
    people = eligible(cast, version, 2)
    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    decrees.submit_decree(decree=decree, by=cast.budi, at=AT)
    approve = {"decree": decree, "number": "188/1", "decree_date": DAY, "by": cast.hadi, "at": AT}

    with pytest.raises(Stale):
        decrees.approve_decree(**approve, seen_hash="0" * 64)
    person = people[0].person
    person.died_on = date(2026, 2, 1)
    person.save()
    with pytest.raises(Refused) as refusal:
        decrees.approve_decree(**approve)
    person.died_on = None
    person.save()
    decree.lines.filter(position=1).update(name="Orang Lain")
    with pytest.raises(Stale):
        decrees.approve_decree(**approve)

    assert refusal.value.code == "DECREE-CRITERIA"
    assert "Meninggal pada 1 Februari 2026." in str(refusal.value)
    assert Decree.objects.get().state == DecreeState.SUBMITTED


def test_the_second_approval_is_stale(cast: Cast) -> None:
    version = pkh_plus(cast)
    eligible(cast, version, 1)
    decree = approved(cast, version)

    with pytest.raises(Stale):
        decrees.approve_decree(decree=decree, number="188/2", decree_date=DAY, by=cast.hadi, at=AT)


def test_a_returned_decree_can_be_mended_and_sent_again(cast: Cast) -> None:
    version = pkh_plus(cast)
    people = eligible(cast, version, 2)
    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    decrees.submit_decree(decree=decree, by=cast.budi, at=AT)
    with pytest.raises(BadInput):
        decrees.return_decree(decree=decree, note=" ", by=cast.hadi, at=AT)
    decrees.return_decree(decree=decree, note="Satu orang pindah", by=cast.hadi, at=AT)
    gone = people[0]
    gone.refresh_from_db()

    decrees.drop_line(decree=decree, enrolment=gone, reason_code="moved", by=cast.budi, at=AT)
    decrees.submit_decree(decree=decree, by=cast.budi, at=AT)

    gone.refresh_from_db()
    assert (decree.count, decree.total, gone.state) == (1, Decimal(2_000_000), E.ELIGIBLE)
    assert [line.position for line in decree.lines.all()] == [1]


def test_a_cancelled_draft_leaves_everybody_eligible(cast: Cast) -> None:
    version = pkh_plus(cast)
    eligible(cast, version, 2)
    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)

    decrees.cancel_decree(decree=decree, by=cast.budi, at=AT)

    assert Enrolment.objects.filter(state=E.ELIGIBLE).count() == 2
    assert decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT).count == 2


def test_an_amendment_replaces_the_decree_and_stops_whom_it_leaves_out(cast: Cast) -> None:
    version = pkh_plus(cast)
    people = eligible(cast, version, 3)
    first = approved(cast, version)
    eligible(cast, version, 1)
    second = decrees.draft_decree(
        version=version, area_code="35.19", by=cast.budi, at=AT + timedelta(days=60)
    )
    gone = people[1]
    gone.refresh_from_db()
    decrees.drop_line(
        decree=second, enrolment=gone, reason_code="died", note="akta", by=cast.budi, at=AT
    )

    found = decree_difference(second)
    assert (len(found.joined), len(found.left), len(found.changed), found.same) == (1, 1, 0, 2)
    assert found.left[0].words == "died"
    decrees.submit_decree(decree=second, by=cast.budi, at=AT)
    decrees.approve_decree(
        decree=second, number="188/2/2026", decree_date=date(2026, 4, 1), by=cast.hadi, at=AT
    )

    first.refresh_from_db()
    gone.refresh_from_db()
    assert (first.state, second.revision) == (DecreeState.SUPERSEDED, 2)
    assert (gone.state, gone.end_reason, gone.ended_on) == (E.STOPPED, "died", date(2026, 4, 1))
    assert active_enrolments(version=version, area_code="35.19").count() == 3
    assert decree_in_force(version=version, area_code="35.19") == second


def test_an_amendment_without_a_change_is_not_sent(cast: Cast) -> None:
    version = pkh_plus(cast)
    eligible(cast, version, 1)
    approved(cast, version)
    second = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)

    with pytest.raises(Refused) as refusal:
        decrees.submit_decree(decree=second, by=cast.budi, at=AT)

    assert refusal.value.code == "DECREE-SAME"


def test_a_number_is_given_once(cast: Cast) -> None:
    version = pkh_plus(cast)
    eligible(cast, version, 1)
    approved(cast, version, number="188/7/2026")
    eligible(cast, version, 1)
    second = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    decrees.submit_decree(decree=second, by=cast.budi, at=AT)

    with pytest.raises(BadInput) as refusal:
        decrees.approve_decree(
            decree=second, number="188/7/2026", decree_date=DAY, by=cast.hadi, at=AT
        )

    assert refusal.value.code == "DECREE-NUMBER-USED"


def test_the_annexes_say_every_name_the_pages_and_the_total(cast: Cast) -> None:
    version = pkh_plus(cast)
    people = eligible(cast, version, 40)
    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    decrees.submit_decree(decree=decree, by=cast.budi, at=AT)
    job = decrees.approve_decree(
        decree=decree, number="188/1/2026", decree_date=DAY, by=cast.hadi, at=AT
    )

    assert run_step(job_id=str(job.pk), at=AT)
    assert not run_step(job_id=str(job.pk), at=AT)

    decree.refresh_from_db()
    assert decree.annex_pdf is not None
    assert decree.annex_xlsx is not None
    reader = PdfReader(io.BytesIO(read_bytes(decree.annex_pdf)))
    pages = [page.extract_text() for page in reader.pages]
    whole = "\n".join(pages)
    assert len(pages) >= 2
    for number, text in enumerate(pages, start=1):
        assert f"Halaman {number} dari {len(pages)}" in text
    assert all(row.person.name in whole for row in people)
    assert "40 penerima, Rp80.000.000 setahun." in whole
    assert "delapan puluh juta rupiah" in whole
    assert decree.annex_pdf.check_code in pages[0]
    assert people[0].person.nik not in whole
    assert people[0].person.nik_masked in whole
    assert read_bytes(decree.annex_xlsx)[:2] == b"PK"


def test_the_older_annex_points_to_the_newer(cast: Cast) -> None:
    version = pkh_plus(cast)
    eligible(cast, version, 1)
    first = approved(cast, version, number="188/1/2026")
    _make(first)
    eligible(cast, version, 1)
    second = approved(cast, version, number="188/2/2026")
    _make(second)

    first.refresh_from_db()
    assert first.annex_pdf is not None
    assert first.annex_pdf.state == DocumentState.SUPERSEDED
    assert first.annex_pdf.superseded_by == second.annex_pdf


def _make(decree: Decree) -> None:
    job = Job.objects.get(kind="programs.annex", params={"decree": decree.pk})
    while run_step(job_id=str(job.pk), at=AT):
        pass
    decree.refresh_from_db()

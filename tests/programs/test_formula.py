"""A formula fixed by a decree: golden worked examples, the remainder stated, amendments."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from bansos.documents.services import read_bytes
from bansos.jobs.models import Job
from bansos.jobs.services import run_step
from bansos.lib.errors import BadInput, Refused
from bansos.lib.money import rupiah
from beneficiaries.models import Person
from programs.choices import BenefitKind, EnrolmentState
from programs.models import Decree, Enrolment, ProgrammeVersion, Stage, StageEntitlement
from programs.queries.decrees import formula_remainder, money_words
from programs.rules import share_out
from programs.services import decrees
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.factories.programs import EnrolmentFactory, ProgrammeVersionFactory
from tests.programs.stage import AT

GOLDEN = Path(__file__).parent.parent / "golden" / "formula.csv"
CASES = list(csv.DictReader(io.StringIO(GOLDEN.read_text(encoding="utf-8")), delimiter=";"))
DAY = date(2026, 2, 10)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["kasus"])
def test_worked_example(case: dict[str, str]) -> None:
    share = share_out(Decimal(case["pagu"]), int(case["penerima"]))
    assert (share.amount, share.remainder) == (Decimal(case["besaran"]), Decimal(case["sisa"]))
    assert share.amount * share.people + share.remainder == Decimal(case["pagu"])


def blt(cast: Cast, budget: str = "100.00") -> ProgrammeVersion:
    version = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        programme__code="BLT",
        programme__name="BLT DBHCHT",
        benefit_kind=BenefitKind.FORMULA,
        annual_amount=None,
        formula_budget=Decimal(budget),
        one_per_family=False,
        criteria=[{"code": "alive", "params": {}, "label": "", "waivable": False}],
        stages=False,
    )
    Stage.objects.create(
        version=version, number=1, name="Tahap 1", stage_date=date(2026, 6, 1), amount=None
    )
    return version


def worker(cast: Cast, village: str = "35.19.01.2001") -> Person:
    return PersonFactory(created_by=cast.sari, village_id=village, area_code=village)


def workers(cast: Cast, version: ProgrammeVersion, count: int) -> list[Enrolment]:
    return [
        EnrolmentFactory(version=version, eligible=True, person=worker(cast)) for _n in range(count)
    ]


def draft(cast: Cast, version: ProgrammeVersion, area: str = "35", **more: object) -> Decree:
    return decrees.draft_decree(version=version, area_code=area, by=cast.budi, at=AT, **more)  # type: ignore[arg-type]


def approve(cast: Cast, decree: Decree, number: str = "188/1/2026") -> Decree:
    decrees.submit_decree(decree=decree, by=cast.budi, at=AT)
    decrees.approve_decree(decree=decree, number=number, decree_date=DAY, by=cast.hadi, at=AT)
    decree.refresh_from_db()
    return decree


@pytest.mark.django_db
def test_the_decree_fixes_amount_and_remainder(cast: Cast) -> None:
    version = blt(cast)
    workers(cast, version, 3)
    decree = draft(cast, version)
    assert (decree.formula_amount, decree.formula_remainder) == (Decimal("33.33"), Decimal("0.01"))
    assert decree.total == Decimal("99.99")
    assert set(decree.lines.values_list("annual_amount", flat=True)) == {Decimal("33.33")}
    approve(cast, decree)
    rows = StageEntitlement.objects.filter(decree=decree)
    assert [row.amount for row in rows] == [Decimal("33.33")] * 3
    assert formula_remainder(version) == Decimal("0.01")
    with pytest.raises(IntegrityError), transaction.atomic():
        Decree.objects.filter(pk=decree.pk).update(formula_remainder=Decimal("0.02"))


@pytest.mark.django_db
def test_a_share_is_rounded_down_so_the_decree_never_exceeds_the_budget(cast: Cast) -> None:
    """Rp2,00 among three is 0,666: the nearest sen, 0,67, would promise a sen that is not there."""
    version = blt(cast, "2.00")
    workers(cast, version, 3)
    decree = approve(cast, draft(cast, version))
    paid = sum(row.amount for row in StageEntitlement.objects.filter(decree=decree))
    assert (decree.formula_amount, decree.formula_remainder) == (Decimal("0.66"), Decimal("0.02"))
    assert (paid, decree.total) == (Decimal("1.98"), Decimal("1.98"))
    assert paid + decree.formula_remainder == version.formula_budget


@pytest.mark.django_db
def test_the_annex_and_the_page_state_the_remainder(cast: Cast, client: Client) -> None:
    version = blt(cast, "1000000.00")
    workers(cast, version, 7)
    decree = approve(cast, draft(cast, version))
    job = Job.objects.get(kind="programs.annex")
    while run_step(job_id=str(job.pk), at=AT):
        pass
    decree.refresh_from_db()
    assert decree.annex_pdf is not None
    text = " ".join(
        page.extract_text() for page in PdfReader(io.BytesIO(read_bytes(decree.annex_pdf))).pages
    )
    for words in ("Rp142.857,14", "Sisa pembagian Rp0,02 tetap tersedia di pagu."):
        assert words in text
    client.force_login(cast.hadi)
    page = client.get(reverse("programs:decree", args=[decree.pk])).content.decode()
    assert "Sisa pembagian Rp0,02 tetap tersedia di pagu." in page
    client.force_login(cast.budi)
    answer = client.get(f"/api/decrees/{decree.pk}/").json()
    assert (answer["formula_amount"], answer["formula_remainder"]) == ("142857.14", "0.02")


@pytest.mark.django_db
def test_leaving_somebody_out_of_a_draft_shares_again(cast: Cast) -> None:
    version = blt(cast)
    people = workers(cast, version, 3)
    decree = draft(cast, version)
    decrees.drop_line(
        decree=decree, enrolment=reread(people[0]), reason_code="moved", by=cast.budi, at=AT
    )
    decree.refresh_from_db()
    assert (decree.formula_amount, decree.formula_remainder) == (Decimal("50.00"), Decimal(0))
    assert decree.total == Decimal("100.00")
    assert set(decree.lines.values_list("annual_amount", flat=True)) == {Decimal("50.00")}


def reread(row: Enrolment) -> Enrolment:
    return Enrolment.objects.get(pk=row.pk)


@pytest.mark.django_db
def test_an_amendment_keeps_the_promised_amount(cast: Cast) -> None:
    version = blt(cast)
    people = workers(cast, version, 3)
    approve(cast, draft(cast, version))
    workers(cast, version, 1)
    with pytest.raises(Refused) as refused:
        draft(cast, version)
    assert refused.value.code == "DECREE-FORMULA-FULL"
    assert "cukup untuk 3 orang" in str(refused.value)
    Enrolment.objects.filter(pk=people[0].pk).update(state=EnrolmentState.STOPPED)
    second = approve(cast, draft(cast, version), "188/2/2026")
    assert (second.count, second.formula_amount) == (3, Decimal("33.33"))
    assert "tetap seperti SK yang diubah" in money_words(second)[0]
    # The one who left keeps the row of the first decree; the new one has the second's.
    assert StageEntitlement.objects.count() == 4


@pytest.mark.django_db
def test_regency_decrees_share_one_budget(cast: Cast) -> None:
    version = blt(cast)
    workers(cast, version, 2)
    with pytest.raises(BadInput) as asked:
        draft(cast, version, "35.19")
    assert "formula_budget" in (asked.value.fields or {})
    decree = draft(cast, version, "35.19", formula_budget=Decimal("60.01"))
    assert (decree.formula_amount, decree.formula_remainder) == (Decimal("30.00"), Decimal("0.01"))
    EnrolmentFactory(version=version, eligible=True, person=worker(cast, "35.20.01.2001"))
    with pytest.raises(Refused) as over:
        draft(cast, version, "35.20", formula_budget=Decimal("40.00"))
    assert over.value.code == "DECREE-FORMULA-OVER"
    assert rupiah(Decimal("0.01")) in str(over.value)
    assert draft(cast, version, "35.20", formula_budget=Decimal("39.99")).count == 1

"""At a decree the compiled criteria are asked about everybody it names; they never differ."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from beneficiaries.models import Accreditation, Institution, Payee
from programs.choices import Answer, DecreeState, EnrolmentState
from programs.models import Decree, Enrolment, ProgrammeVersion
from programs.queries import sql_kinds
from programs.queries.agreement import judged_apart
from programs.queries.sql_ground import Expr
from programs.rules import verdict
from programs.services.decrees import approve_decree, draft_decree, submit_decree
from programs.services.proposals import answer_now
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.factories.programs import EnrolmentFactory, ProgrammeVersionFactory
from tests.programs.stage import AT, elder, pkh_plus
from tests.programs.test_decrees import DAY

pytestmark = pytest.mark.django_db


def people(cast: Cast, version: ProgrammeVersion, count: int = 3) -> list[Enrolment]:
    return [
        EnrolmentFactory(version=version, eligible=True, person=elder(cast)) for _n in range(count)
    ]


def apart(version: ProgrammeVersion) -> list[int]:
    rows = list(Enrolment.objects.filter(version=version).select_related("person").order_by("pk"))
    answers = answer_now(rows, version=version, at=AT)
    return judged_apart(rows, answers, version=version, today=day_of(AT))


def wrong_age(ground: Any, settings: Any) -> Expr:
    return Expr("FALSE", plain=True)


def test_who_is_named_is_answered_alike(cast: Cast) -> None:
    version = pkh_plus(cast)
    people(cast, version)
    EnrolmentFactory(version=version, eligible=True, person=elder(cast, desil=8))
    EnrolmentFactory(version=version, eligible=True, person=elder(cast, birth_date=None))
    assert apart(version) == []


@pytest.mark.parametrize("when", ["submit", "approve"])
def test_a_compiler_that_says_otherwise_stops_the_decree(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    version = pkh_plus(cast)
    rows = people(cast, version)
    decree = draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    if when == "approve":
        submit_decree(decree=decree, by=cast.budi, at=AT)
    monkeypatch.setitem(sql_kinds.COMPILERS, "min_age_on_stage", wrong_age)
    assert apart(version) == [row.pk for row in rows]

    def act() -> None:
        if when == "submit":
            submit_decree(decree=decree, by=cast.budi, at=AT)
        else:
            approve_decree(decree=decree, number="1", decree_date=DAY, by=cast.hadi, at=AT)

    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code == "DECREE-APART"
    assert "Kriteria 3 orang di SK ini dijawab berbeda" in str(refused.value)
    state = Decree.objects.values_list("state", flat=True).get(pk=decree.pk)
    assert state == (DecreeState.DRAFT if when == "submit" else DecreeState.SUBMITTED)


def test_who_lives_elsewhere_or_is_a_payee_is_left_to_the_judge(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = pkh_plus(cast)
    [row] = people(cast, version, 1)
    monkeypatch.setitem(sql_kinds.COMPILERS, "min_age_on_stage", wrong_age)
    row.person.area_code = "64.72.01.1001"
    row.person.save(update_fields=["area_code"])
    assert apart(version) == []


def test_the_queries_do_not_grow_with_the_people(cast: Cast) -> None:
    version = pkh_plus(cast)
    people(cast, version, 1)
    with CaptureQueriesContext(connection) as few:
        apart(version)
    people(cast, version, 9)
    with CaptureQueriesContext(connection) as many:
        apart(version)
    assert len(many) == len(few)


def home(cast: Cast, grade: str) -> Payee:
    """An institution of Madiun with an accreditation over the whole of 2026."""
    made = {"created_at": AT, "created_by": cast.sari}
    payee = Payee.objects.create(
        kind="institution", name=f"LKSA {grade}", area_code="35.19.01.2001", **made
    )
    Accreditation.objects.create(
        institution=Institution.objects.create(payee=payee, kind="lksa"),
        grade=grade,
        certificate_number="1",
        valid_from=date(2025, 1, 1),
        valid_until=date(2027, 1, 1),
        recorded_at=AT,
        recorded_by=cast.sari,
    )
    return payee


def two_homes(cast: Cast) -> tuple[ProgrammeVersion, Enrolment, Enrolment]:
    """One head answers for a home with an A and one with a C; only the A may be paid."""
    version = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        payee_kind="institution",
        one_per_family=False,
        criteria=[{"code": "accredited", "params": {"grades": ["A"]}}],
        activated_by=cast.budi,
    )
    head = PersonFactory()
    good, bad = (
        EnrolmentFactory(
            version=version, eligible=True, person=head, account=None, payee=home(cast, grade)
        )
        for grade in "AC"
    )
    return version, good, bad


def test_one_head_of_two_homes_is_answered_for_each(cast: Cast) -> None:
    version, good, bad = two_homes(cast)
    answers = answer_now([good, bad], version=version, at=AT)
    assert verdict(answers[good.pk]) == Answer.YES
    assert verdict(answers[bad.pk]) == Answer.NO


def test_the_compiler_is_asked_about_homes_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    version, good, bad = two_homes(cast)
    assert apart(version) == []
    monkeypatch.setitem(sql_kinds.COMPILERS, "accredited", wrong_age)
    assert apart(version) == [good.pk]
    # The compiler asks whoever answers in the newest proposal: an older one is the judge's alone.
    Enrolment.objects.filter(pk=good.pk).update(state=EnrolmentState.NOT_ELIGIBLE)
    EnrolmentFactory(version=version, eligible=True, account=None, payee=good.payee)
    rows = [Enrolment.objects.select_related("person").get(pk=good.pk)]
    answers = answer_now(rows, version=version, at=AT)
    assert judged_apart(rows, answers, version=version, today=day_of(AT)) == []

"""The compiled criteria are asked at every round of answers and every decree: never apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bansos.audit.models import Event
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from beneficiaries.models import Accreditation, Institution, Payee, Person
from programs.choices import Answer, Channel, DecreeState, EnrolmentState
from programs.models import CriterionAnswer, Decree, Enrolment, EnrolmentMove, ProgrammeVersion
from programs.queries import sql_kinds
from programs.queries.agreement import LIVING, judged_apart
from programs.queries.counting import answers_of
from programs.queries.sql_ground import Expr
from programs.rules import verdict
from programs.services.answers import answer_now
from programs.services.decrees import approve_decree, draft_decree, submit_decree
from programs.services.proposals import (
    Candidate,
    propose,
    propose_many,
    resubmit,
    resubmit_many,
    submit_draft,
)
from programs.services.verification import decide
from tests.beneficiaries.lists import accepted
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.factories.programs import EnrolmentFactory, ProgrammeVersionFactory
from tests.programs.stage import AT, elder, pkh_plus
from tests.programs.test_decrees import DAY
from tests.programs.test_imports import proposed
from tests.programs.test_imports import row as line

pytestmark = pytest.mark.django_db


def people(cast: Cast, version: ProgrammeVersion, count: int = 3) -> list[Enrolment]:
    return [
        EnrolmentFactory(version=version, eligible=True, person=elder(cast)) for _n in range(count)
    ]


def apart(version: ProgrammeVersion) -> dict[int, str]:
    """Whom of a version the two engines answer otherwise, and in what."""
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
    assert apart(version) == {}


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
    assert set(apart(version)) == {row.pk for row in rows}

    def act() -> None:
        if when == "submit":
            submit_decree(decree=decree, by=cast.budi, at=AT)
        else:
            approve_decree(decree=decree, number="1", decree_date=DAY, by=cast.hadi, at=AT)

    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code == "DECREE-APART"
    assert str(refused.value).startswith(
        'Kriteria "Berusia paling sedikit 70 tahun pada tanggal tahap" dijawab berbeda oleh dua'
        " cara hitung untuk 3 orang di SK ini"
    )
    state = Decree.objects.values_list("state", flat=True).get(pk=decree.pk)
    assert state == (DecreeState.DRAFT if when == "submit" else DecreeState.SUBMITTED)


def test_who_moved_out_of_the_province_is_compared_too(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = pkh_plus(cast)
    [row] = people(cast, version, 1)
    row.person.area_code = "64.72.01.1001"
    row.person.save(update_fields=["area_code"])
    assert apart(version) == {}
    monkeypatch.setitem(sql_kinds.COMPILERS, "min_age_on_stage", wrong_age)
    assert set(apart(version)) == {row.pk}


def test_a_death_that_no_criterion_asks_for_is_compared(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = pkh_plus(cast)
    version.criteria = [row for row in version.criteria if row["code"] != "alive"]
    [row] = people(cast, version, 1)
    row.person.died_on = date(2026, 1, 5)
    row.person.save(update_fields=["died_on"])
    assert apart(version) == {}
    monkeypatch.setattr("programs.queries.compiled.dead", lambda _ground: "FALSE")
    assert apart(version) == {row.pk: LIVING}


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
    # An older proposal of a home is asked about who answers in it, not in the newest.
    Enrolment.objects.filter(pk=good.pk).update(state=EnrolmentState.NOT_ELIGIBLE)
    EnrolmentFactory(version=version, eligible=True, account=None, payee=good.payee)
    assert apart(version) == {}
    monkeypatch.setitem(sql_kinds.COMPILERS, "accredited", wrong_age)
    assert good.pk in apart(version)
    assert bad.pk not in apart(version)


def stored() -> tuple[object, ...]:
    """What an act on a proposal leaves behind."""
    return (
        list(Enrolment.objects.order_by("pk").values_list("pk", "state", "decided_by")),
        EnrolmentMove.objects.count(),
        CriterionAnswer.objects.count(),
        Event.objects.filter(verb__startswith="programs.").count(),
    )


def refused_with_nothing_kept(act: Callable[[], object]) -> None:
    before = stored()
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code == "ANSWER-APART"
    assert "Langkah ini tidak disimpan." in str(refused.value)
    assert stored() == before


def fresh(row: Enrolment) -> Enrolment:
    """As it stands in the database: a refused act leaves its row in memory half changed."""
    return Enrolment.objects.get(pk=row.pk)


def a_row(cast: Cast, version: ProgrammeVersion, *, submit: bool = True) -> Enrolment:
    return propose(
        version=version, person=elder(cast), account=None, by=cast.sari, at=AT, submit=submit
    )


def test_no_proposal_is_kept_that_the_two_answer_otherwise(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = pkh_plus(cast)
    draft = a_row(cast, version, submit=False)
    back = a_row(cast, version)
    decide(
        enrolment=back, decision=EnrolmentState.NEEDS_CORRECTION, reason_code="papers",
        note="Foto KTP buram", by=cast.vera, at=AT,
    )  # fmt: skip
    monkeypatch.setitem(sql_kinds.COMPILERS, "min_age_on_stage", wrong_age)
    refused_with_nothing_kept(lambda: a_row(cast, version))
    refused_with_nothing_kept(lambda: submit_draft(enrolment=fresh(draft), by=cast.sari, at=AT))
    refused_with_nothing_kept(lambda: resubmit(enrolment=fresh(back), by=cast.sari, at=AT))
    monkeypatch.undo()
    a_row(cast, version)
    submit_draft(enrolment=fresh(draft), by=cast.sari, at=AT)
    resubmit(enrolment=fresh(back), by=cast.sari, at=AT)


def test_no_decision_is_kept_that_the_two_answer_otherwise(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what the verifier has just seen is told to both."""
    seen = {"code": "field_check", "params": {"key": "usaha", "question": "Ada usaha"}}
    version = pkh_plus(cast)
    version.criteria = [*version.criteria, seen]
    version.save(update_fields=["criteria"])
    row = a_row(cast, version)

    def judge(observed: bool) -> Enrolment:
        no = {} if observed else {"reason_code": "age"}
        decision = EnrolmentState.ELIGIBLE if observed else EnrolmentState.NOT_ELIGIBLE
        return decide(
            enrolment=fresh(row),
            decision=decision,
            by=cast.vera,
            at=AT,
            observed={"usaha": observed},
            **no,
        )

    monkeypatch.setitem(sql_kinds.COMPILERS, "field_check", wrong_age)
    refused_with_nothing_kept(lambda: judge(True))
    monkeypatch.undo()
    assert judge(True).state == EnrolmentState.ELIGIBLE
    last = CriterionAnswer.objects.filter(enrolment=row, code="field_check:usaha").order_by("round")
    assert [answer.answer for answer in last] == [Answer.UNKNOWN, Answer.YES]


def test_no_row_of_a_list_is_kept_that_the_two_answer_otherwise(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = pkh_plus(cast)
    batch = proposed(version, cast.sari, [line(1), line(2)])
    before = stored()
    monkeypatch.setitem(sql_kinds.COMPILERS, "min_age_on_stage", wrong_age)
    batch = accepted(batch, cast.sari)
    assert stored() == before
    assert Person.objects.count() == 0
    assert batch.rows.count() == 2
    assert batch.job is not None
    assert 'Kriteria "Berusia paling sedikit' in batch.job.message
    # The list lies there still: once the two agree again it goes in.
    monkeypatch.undo()
    accepted(batch, cast.sari)
    assert Enrolment.objects.count() == 2


def queries(cast: Cast, version: ProgrammeVersion, count: int) -> int:
    candidates = [Candidate(person=elder(cast)) for _turn in range(count)]
    with CaptureQueriesContext(connection) as done:
        propose_many(
            version=version, candidates=candidates, channel=Channel.LIST, by=cast.sari, at=AT
        )
    return len(done)


def test_proposing_many_asks_the_compiled_criteria_once(cast: Cast) -> None:
    version = pkh_plus(cast)
    queries(cast, version, 1)
    assert queries(cast, version, 12) == queries(cast, version, 2)


def test_sending_many_again_asks_the_compiled_criteria_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = pkh_plus(cast)
    rows = [a_row(cast, version) for _turn in range(3)]
    for row in rows:
        decide(
            enrolment=row, decision=EnrolmentState.NEEDS_CORRECTION, reason_code="papers",
            note="Foto KTP buram", by=cast.vera, at=AT,
        )  # fmt: skip

    def items() -> list[tuple[Enrolment, None]]:
        return [(fresh(row), None) for row in rows]

    with monkeypatch.context() as wrong:
        wrong.setitem(sql_kinds.COMPILERS, "min_age_on_stage", wrong_age)
        refused_with_nothing_kept(
            lambda: resubmit_many(version=version, items=items(), by=cast.sari, at=AT)
        )
    asked = Mock(wraps=answers_of)
    monkeypatch.setattr("programs.queries.agreement.answers_of", asked)
    sent = resubmit_many(version=version, items=items(), by=cast.sari, at=AT)
    assert [row.state for row in sent] == [EnrolmentState.PROPOSED] * 3
    assert asked.call_count == 1

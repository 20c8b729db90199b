"""Proposing, correcting, verifying: who may, what is kept, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from bansos.audit.models import Event
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from programs.choices import PAYEES, Answer, Channel, EnrolmentState, PayeeKind
from programs.models import CriterionAnswer, Enrolment, EnrolmentMove
from programs.queries import latest_answers, other_programmes
from programs.services.enrolments import resume, stop, suspend
from programs.services.papers import add_paper
from programs.services.proposals import propose, resubmit, resubmit_many, submit_draft, withdraw
from programs.services.verification import decide
from tests.cast import Cast
from tests.factories.programs import EnrolmentFactory, ProgrammeVersionFactory
from tests.programs.stage import AT, elder, pkh_plus

E = EnrolmentState


def test_a_proposal_keeps_every_answer_with_reason_and_source(cast: Cast) -> None:
    version = pkh_plus(cast)
    person = elder(cast, desil=3)

    enrolment = propose(version=version, person=person, account=None, by=cast.sari, at=AT)

    answers = {row.code: row for row in latest_answers(enrolment)}
    assert enrolment.state == E.PROPOSED
    assert len(answers) == 5
    assert {row.answer for row in answers.values()} == {Answer.YES}
    assert answers["desil_in"].reason == "Keluarga di desil 3."
    assert answers["desil_in"].source == "DTSEN v1 (10-01-2026)"
    assert answers["min_age_on_stage"].reason == "Berusia 75 tahun pada 15 Maret 2026."
    assert Event.objects.filter(verb="programs.propose", target_id=str(enrolment.pk)).exists()


def test_a_draft_is_not_judged_until_it_is_sent(cast: Cast) -> None:
    version, person = pkh_plus(cast), None
    person = elder(cast)
    draft = propose(version=version, person=person, account=None, by=cast.sari, at=AT, submit=False)
    assert latest_answers(draft) == []

    sent = submit_draft(enrolment=draft, by=cast.sari, at=AT)

    assert (sent.state, sent.proposed_by) == (E.PROPOSED, cast.sari)
    assert len(latest_answers(sent)) == 5


def test_twice_in_a_year_is_refused_in_words(cast: Cast) -> None:
    version, person = pkh_plus(cast), None
    person = elder(cast)
    propose(version=version, person=person, account=None, by=cast.sari, at=AT)

    with pytest.raises(Refused) as refusal:
        propose(version=version, person=person, account=None, by=cast.sari, at=AT)

    assert refusal.value.code == "ENROL-TWICE"
    assert Enrolment.objects.count() == 1


def test_the_dead_the_far_and_the_closed_are_refused(cast: Cast) -> None:
    version = pkh_plus(cast)
    dead = elder(cast, dead=True)
    far = elder(cast, area_code="35.20.01.2001", family=None)
    closed = ProgrammeVersionFactory(programme=version.programme, year=2027, draft=True)

    for person, wanted, code in (
        (dead, version, "PROP-DIED"),
        (far, version, "PROG-AREA"),
        (elder(cast), closed, "PROP-CLOSED"),
    ):
        with pytest.raises(Refused) as refusal:
            propose(version=wanted, person=person, account=None, by=cast.sari, at=AT)
        assert refusal.value.code == code
    with pytest.raises(NotAllowed):
        propose(version=version, person=elder(cast), account=None, by=cast.vera, at=AT)


def test_an_exclusive_programme_stops_and_another_one_warns(cast: Cast) -> None:
    version = pkh_plus(cast, exclusive_with=["ASPD"])
    barred, other = elder(cast), elder(cast)
    aspd = ProgrammeVersionFactory(
        programme__agency=cast.agency, programme__code="ASPD", programme__name="ASPD"
    )
    kip = ProgrammeVersionFactory(
        programme__agency=cast.agency, programme__code="KIP", programme__name="KIP Jawara"
    )
    EnrolmentFactory(version=aspd, person=barred)
    EnrolmentFactory(version=kip, person=other)

    with pytest.raises(Refused) as refusal:
        propose(version=version, person=barred, account=None, by=cast.sari, at=AT)
    enrolment = propose(version=version, person=other, account=None, by=cast.sari, at=AT)

    assert refusal.value.code == "PROP-EXCLUSIVE"
    assert [row["code"] for row in enrolment.warnings] == ["other_programme"]
    found = other_programmes([barred.pk, other.pk], year=2026, exclude_version=version)
    assert found == {barred.pk: ["ASPD"], other.pk: ["KIP Jawara"]}


def test_the_proposer_cannot_verify(cast: Cast) -> None:
    version = pkh_plus(cast)
    enrolment = propose(version=version, person=elder(cast), account=None, by=cast.sari, at=AT)
    Enrolment.objects.filter(pk=enrolment.pk).update(proposed_by=cast.vera)
    enrolment.refresh_from_db()

    with pytest.raises(NotAllowed) as refusal:
        decide(enrolment=enrolment, decision=E.ELIGIBLE, by=cast.vera, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.filter(pk=enrolment.pk).update(decided_by=cast.vera, decided_at=AT)

    assert refusal.value.code == "VERIFY-OWN"


@pytest.mark.parametrize("kind", PAYEES)
def test_nobody_is_eligible_before_the_payee_is_chosen(cast: Cast, kind: PayeeKind) -> None:
    version = pkh_plus(cast, payee_kind=kind)
    given = {"version": version, "person": elder(cast), "account": None, "by": cast.sari, "at": AT}
    with pytest.raises(Refused) as refusal:
        propose(**given)
    assert refusal.value.code == "PROP-PAYEE"
    # Only a list may name people first.
    enrolment = propose(**given, channel=Channel.LIST)

    with pytest.raises(Refused) as refusal:
        decide(enrolment=enrolment, decision=E.ELIGIBLE, by=cast.vera, at=AT)
    enrolment.refresh_from_db()

    assert refusal.value.code == "VERIFY-PAYEE"
    assert enrolment.state == E.PROPOSED
    reason = {"reason_code": "age", "by": cast.vera, "at": AT}
    assert decide(enrolment=enrolment, decision=E.NOT_ELIGIBLE, **reason).state == E.NOT_ELIGIBLE


def test_a_yes_without_a_required_paper_says_why(cast: Cast) -> None:
    papers = [
        {"code": code, "label": label, "required": required}
        for code, label, required in (("ktp", "Foto KTP", True), ("home", "Foto rumah", False))
    ]
    version = pkh_plus(cast, required_documents=papers)
    first, second = (
        propose(version=version, person=elder(cast), account=None, by=cast.sari, at=AT)
        for _turn in range(2)
    )
    yes = {"decision": E.ELIGIBLE, "by": cast.vera, "at": AT}
    with pytest.raises(BadInput) as refusal:
        decide(enrolment=first, **yes)
    assert refusal.value.code == "VERIFY-PAPERS"
    assert "Dokumen wajib belum ada: Foto KTP." in str(refusal.value)
    assert list(refusal.value.fields) == ["note"]
    judged = decide(enrolment=first, note="KTP asli dilihat saat kunjungan.", **yes)
    assert (judged.state, judged.decision_note) == (E.ELIGIBLE, "KTP asli dilihat saat kunjungan.")

    photo = b"\xff\xd8\xff\xe0" + b"0" * 50
    add_paper(enrolment=second, code="ktp", content=photo, file_name="ktp.jpg", by=cast.sari, at=AT)
    assert decide(enrolment=second, **yes).state == E.ELIGIBLE


def test_a_decision_answers_anew_and_keeps_the_first_round(cast: Cast) -> None:
    version = pkh_plus(cast)
    enrolment = propose(version=version, person=elder(cast), account=None, by=cast.sari, at=AT)

    judged = decide(enrolment=enrolment, decision=E.ELIGIBLE, by=cast.vera, at=AT)

    assert (judged.state, judged.decided_by, judged.decided_at) == (E.ELIGIBLE, cast.vera, AT)
    rounds = CriterionAnswer.objects.filter(enrolment=judged).values_list("round", flat=True)
    assert sorted(set(rounds)) == [1, 2]
    moves = EnrolmentMove.objects.filter(enrolment=judged).order_by("pk")
    assert [(row.old, row.new) for row in moves] == [("", "proposed"), ("proposed", "eligible")]


def test_the_second_hand_is_told_who_was_first(cast: Cast) -> None:
    version = pkh_plus(cast)
    enrolment = propose(version=version, person=elder(cast), account=None, by=cast.sari, at=AT)
    same = Enrolment.objects.get(pk=enrolment.pk)
    decide(enrolment=enrolment, decision=E.ELIGIBLE, by=cast.vera, at=AT)

    with pytest.raises(Stale) as refusal:
        decide(
            enrolment=same,
            decision=E.NOT_ELIGIBLE,
            reason_code="age",
            by=cast.vera,
            at=AT + timedelta(minutes=1, seconds=5),
        )

    assert str(refusal.value).startswith(
        "Usulan ini sudah diputus oleh Vera Lestari 1 menit lalu: Layak."
    )
    assert Enrolment.objects.get(pk=enrolment.pk).state == E.ELIGIBLE


def test_a_failed_criterion_is_never_eligible(cast: Cast) -> None:
    version = pkh_plus(cast)
    person = elder(cast, desil=7)
    enrolment = propose(version=version, person=person, account=None, by=cast.sari, at=AT)

    with pytest.raises(Refused) as refusal:
        decide(enrolment=enrolment, decision=E.ELIGIBLE, note="saya yakin", by=cast.vera, at=AT)

    assert refusal.value.code == "VERIFY-CRITERIA"
    assert "Keluarga di desil 7; yang berhak desil 1-4." in str(refusal.value)


def test_an_unknown_criterion_asks_for_a_note(cast: Cast) -> None:
    version = ProgrammeVersionFactory(programme__agency=cast.agency)
    person = elder(cast, desil=0, pkh=False)
    enrolment = propose(version=version, person=person, account=None, by=cast.sari, at=AT)

    with pytest.raises(BadInput) as refusal:
        decide(enrolment=enrolment, decision=E.ELIGIBLE, by=cast.vera, at=AT)
    judged = decide(
        enrolment=enrolment, decision=E.ELIGIBLE, note="Kartu PKH dilihat", by=cast.vera, at=AT
    )

    assert refusal.value.code == "VERIFY-UNKNOWN"
    assert refusal.value.fields is not None
    assert judged.decision_note == "Kartu PKH dilihat"


def test_a_refusal_needs_a_reason_of_the_programme(cast: Cast) -> None:
    version = pkh_plus(cast)
    enrolment = propose(version=version, person=elder(cast), account=None, by=cast.sari, at=AT)

    for reason, note, code in (("", "x", "VERIFY-REASON"), ("papers", "", "VERIFY-NOTE")):
        with pytest.raises(BadInput) as refusal:
            decide(
                enrolment=enrolment,
                decision=E.NEEDS_CORRECTION,
                reason_code=reason,
                note=note,
                by=cast.vera,
                at=AT,
            )
        assert refusal.value.code == code


def test_a_corrected_proposal_comes_back_with_a_new_round(cast: Cast) -> None:
    version = pkh_plus(cast)
    enrolment = propose(version=version, person=elder(cast), account=None, by=cast.sari, at=AT)
    decide(
        enrolment=enrolment,
        decision=E.NEEDS_CORRECTION,
        reason_code="papers",
        note="Foto KTP buram",
        by=cast.vera,
        at=AT,
    )

    again = resubmit(enrolment=enrolment, by=cast.sari, at=AT, note="Foto baru")

    assert (again.state, again.decided_by, again.decision_note) == (E.PROPOSED, None, "")
    assert EnrolmentMove.objects.filter(enrolment=again, note="Foto KTP buram").exists()
    judged = decide(enrolment=again, decision=E.ELIGIBLE, by=cast.vera, at=AT)
    assert judged.state == E.ELIGIBLE


def test_a_corrected_proposal_is_held_against_other_help_again(cast: Cast) -> None:
    version = pkh_plus(cast, exclusive_with=["ASPD"])
    row = propose(version=version, person=elder(cast), account=None, by=cast.sari, at=AT)
    decide(
        enrolment=row,
        decision=E.NEEDS_CORRECTION,
        reason_code="papers",
        note="Foto KTP buram",
        by=cast.vera,
        at=AT,
    )
    aspd = ProgrammeVersionFactory(
        programme__agency=cast.agency, programme__code="ASPD", programme__name="ASPD"
    )
    other = EnrolmentFactory(version=aspd, person=row.person)

    with pytest.raises(Refused) as refusal:
        resubmit(enrolment=row, by=cast.sari, at=AT)
    with pytest.raises(Refused) as in_a_list:
        resubmit_many(version=version, items=[(row, None)], by=cast.sari, at=AT)

    assert refusal.value.code == in_a_list.value.code == "PROP-EXCLUSIVE"
    assert Enrolment.objects.get(pk=row.pk).state == E.NEEDS_CORRECTION
    Enrolment.objects.filter(pk=other.pk).update(state=E.STOPPED)
    assert resubmit(enrolment=row, by=cast.sari, at=AT).state == E.PROPOSED


def test_only_one_of_a_family_holds_a_place(cast: Cast) -> None:
    version = pkh_plus(cast)
    first = elder(cast)
    second = elder(cast, family=first.family, desil=0, pkh=False)
    one = propose(version=version, person=first, account=None, by=cast.sari, at=AT)
    two = propose(version=version, person=second, account=None, by=cast.sari, at=AT)
    assert [row["code"] for row in two.warnings] == ["second_elder"]
    decide(enrolment=one, decision=E.ELIGIBLE, by=cast.vera, at=AT)

    with pytest.raises(Refused) as refusal:
        decide(enrolment=two, decision=E.ELIGIBLE, note="keduanya", by=cast.vera, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.filter(pk=two.pk).update(
            state=E.ELIGIBLE, decided_by=cast.vera, decided_at=AT
        )

    assert refusal.value.code == "VERIFY-CRITERIA"
    assert "dari KK yang sama" in str(refusal.value)


def test_without_a_family_there_is_no_place(cast: Cast) -> None:
    version = pkh_plus(cast)

    with pytest.raises(Refused) as refusal:
        propose(version=version, person=elder(cast, family=None), account=None, by=cast.sari, at=AT)

    assert refusal.value.code == "ENROL-NO-FAMILY"


def test_a_member_is_suspended_resumed_and_stopped_for_a_reason(cast: Cast) -> None:
    version = pkh_plus(cast)
    member = EnrolmentFactory(version=version, active=True, person=elder(cast))

    suspend(enrolment=member, reason_code="moved", note="dicek", by=cast.budi, at=AT)
    resume(enrolment=member, note="masih di sini", by=cast.budi, at=AT)
    with pytest.raises(BadInput):
        stop(enrolment=member, reason_code="", by=cast.budi, at=AT)
    with pytest.raises(Refused):
        withdraw(enrolment=member, note="", by=cast.sari, at=AT)
    stop(enrolment=member, reason_code="moved", by=cast.budi, at=AT)

    assert (member.state, member.end_reason, member.ended_on) == (E.STOPPED, "moved", day_of(AT))
    with pytest.raises(Refused) as refusal:
        resume(enrolment=member, note="", by=cast.budi, at=AT)
    assert refusal.value.code == "ENROL-MOVE"


def test_a_withdrawn_proposal_leaves_room_for_another(cast: Cast) -> None:
    version, person = pkh_plus(cast), elder
    someone = person(cast)
    enrolment = propose(version=version, person=someone, account=None, by=cast.sari, at=AT)

    withdraw(enrolment=enrolment, note="salah orang", by=cast.sari, at=AT)
    again = propose(version=version, person=someone, account=None, by=cast.sari, at=AT)

    assert again.pk != enrolment.pk

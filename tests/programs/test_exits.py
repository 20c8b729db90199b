"""The end of help: measures, graduation, appeals by another person in time, what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from disbursements.queries.treasury.deadlines import deadlines_for
from monitoring.queries.duties import heaps_for
from programs.choices import Answer, AppealOutcome, EnrolmentState, EventKind
from programs.models import Appeal, Enrolment, Measurement
from programs.queries.exits import appeal_clock, success_gaps
from programs.queries.life import life_of
from programs.rules.life import (
    Measured,
    exit_problems,
    judge_measure,
    success_problems,
    term_problem,
)
from programs.services.enrolments import stop
from programs.services.events import EventValues, decide_event, report_event
from programs.services.exits import (
    MeasureValues,
    answer_referral,
    decide_appeal,
    file_appeal,
    record_measure,
    refer,
)
from programs.services.verification import decide
from tests.access_life import Life, make_life
from tests.cast import Cast
from tests.factories.programs import NOW, DecreeFactory, DecreeLineFactory, EnrolmentFactory

E = EnrolmentState
INCOME = {"kind": "income", "percent": 30, "months": 6}
ALIVE = {"kind": "alive", "percent": None, "months": 12}
START = date(2026, 2, 10)
LATER = datetime(2027, 3, 1, 3, 0, tzinfo=NOW.tzinfo)

# measure, months since the help, income before and after or yes/no, answer
CASES: list[tuple[dict[str, Any], date, int | None, int | None, bool | None, str]] = [
    (INCOME, date(2026, 8, 10), 1_000_000, 1_300_000, None, "yes"),
    (INCOME, date(2026, 8, 10), 1_000_000, 1_299_999, None, "no"),
    (INCOME, date(2026, 5, 10), 1_000_000, 1_500_000, None, "yes"),
    (INCOME, date(2026, 9, 10), 1_000_000, 1_500_000, None, "no"),
    (INCOME, date(2026, 8, 10), 0, 500_000, None, "yes"),
    (INCOME, date(2026, 8, 10), 0, 0, None, "no"),
    (INCOME, date(2026, 8, 10), None, 1_300_000, None, "unknown"),
    (ALIVE, date(2027, 2, 10), None, None, True, "yes"),
    (ALIVE, date(2027, 2, 9), None, None, True, "unknown"),
    (ALIVE, date(2026, 6, 10), None, None, False, "no"),
    (ALIVE, date(2027, 2, 10), None, None, None, "unknown"),
]


@pytest.mark.parametrize(("measure", "on", "before", "after", "holds", "answer"), CASES)
def test_worked_measures(
    measure: dict[str, Any],
    on: date,
    before: int | None,
    after: int | None,
    holds: bool | None,
    answer: str,
) -> None:
    found = Measured(
        measured_on=on,
        since=START,
        before=None if before is None else Decimal(before),
        after=None if after is None else Decimal(after),
        holds=holds,
    )
    assert judge_measure(measure, found).answer == answer


def test_any_or_all_of_the_measures() -> None:
    measures = [{**INCOME, "code": "a", "label": "A"}, {**ALIVE, "code": "b", "label": "B"}]
    one = {"a": ("yes", "")}
    assert success_problems({"measures": measures, "need": "any"}, one) == []
    assert success_problems({"measures": measures, "need": "all"}, one) == ["B: Belum dicatat."]
    assert success_problems({}, {}) == ["Program ini belum punya ukuran keberhasilan."]


def test_wrong_exit_rules_are_named() -> None:
    wrong = {
        "article": "",
        "next": ["moon"],
        "appeal_days": 0,
        "measures": [{"kind": "moon", "label": "A"}, {"kind": "income", "label": "B"}],
    }
    assert exit_problems(wrong) == [
        "Aturan keluar: pasal belum disebut.",
        "Aturan keluar: rujukan tidak dikenal.",
        "Aturan keluar: tenggat sanggahan harus antara 1 dan 250 hari kerja.",
        "Aturan keluar: ukuran keberhasilan tidak dikenal atau tanpa nama.",
        "Aturan keluar: kenaikan pendapatan belum diberi persen.",
    ]


@pytest.fixture
def life(cast: Cast) -> Life:
    return make_life(cast)


def measured(cast: Cast, row: Enrolment, **given: Any) -> Measurement:
    values = MeasureValues(
        **{
            "code": "income",
            "measured_on": date(2026, 8, 1),
            "evidence": "Buku kas usaha",
            "before": Decimal(1_000_000),
            "after": Decimal(1_400_000),
            **given,
        }
    )
    return record_measure(enrolment=row, values=values, by=cast.sari, at=LATER)


@pytest.mark.django_db
def test_who_reached_the_measures_graduates(cast: Cast, life: Life) -> None:
    row = life.active
    success = EventValues(kind=EventKind.SUCCESS, happened_on=date(2027, 2, 20))
    with pytest.raises(Refused) as early:
        report_event(enrolment=row, values=success, by=cast.sari, at=LATER)
    assert str(early.value).startswith("Belum dapat lulus: Pendapatan naik 30%")
    for wrong in ({"code": "moon"}, {"evidence": " "}, {"measured_on": date(2026, 1, 1)}):
        with pytest.raises(BadInput):
            measured(cast, row, **wrong)
    assert measured(cast, row).answer == Answer.YES
    alive = {"code": "alive", "before": None, "after": None, "holds": True}
    measured(cast, row, **alive, measured_on=date(2027, 2, 15))
    assert success_gaps(row) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Measurement.objects.update(answer="no")
    event = report_event(enrolment=row, values=success, by=cast.sari, at=LATER)
    measured(cast, row, **{**alive, "holds": False}, measured_on=date(2027, 2, 20))
    with pytest.raises(Stale) as closed:
        decide_event(event=event, apply=True, note="", by=cast.budi, at=LATER)
    assert "Tidak tercapai pada bulan ke-" in str(closed.value)
    measured(cast, row, **alive, measured_on=date(2027, 2, 21))
    decide_event(event=event, apply=True, note="", by=cast.budi, at=LATER)
    row.refresh_from_db()
    assert (row.state, row.end_reason) == (E.GRADUATED, "success")
    offered = refer(
        enrolment=row, kind="kur", office="Bank Jatim Madiun", note="", by=cast.sari, at=LATER
    )
    with pytest.raises(Refused):
        refer(enrolment=row, kind="kur", office="Lain", note="", by=cast.sari, at=LATER)
    with pytest.raises(BadInput):
        refer(enrolment=row, kind="health", office="Lain", note="", by=cast.sari, at=LATER)
    done = answer_referral(
        referral=offered, answer="accepted", note="Rp10 juta", by=cast.sari, at=LATER
    )
    assert done.answer == "accepted"
    with pytest.raises(Stale):
        answer_referral(referral=offered, answer="declined", note="", by=cast.sari, at=LATER)


def test_a_term_ends_after_its_months_or_with_its_last_budget_year() -> None:
    def problem(on: date, months: int | None) -> str:
        return term_problem({"term_months": months}, since=START, year=2026, on=on)

    assert problem(date(2026, 8, 10), 6) == problem(date(2027, 12, 31), 24) == ""
    assert "6 bulan belum habis" in problem(date(2026, 8, 9), 6)
    assert "24 bulan belum habis" in problem(date(2026, 12, 31), 24)
    assert "tidak menyebut masa bantuan" in problem(date(2030, 1, 1), None)


@pytest.mark.django_db
def test_who_is_held_back_or_not_yet_named_does_not_leave_by_success(
    cast: Cast, life: Life
) -> None:
    Enrolment.objects.filter(pk=life.active.pk).update(state=E.SUSPENDED)
    fresh = EnrolmentFactory(version=life.version, eligible=True, account=None)
    for row, kind in ((life.active, "success"), (fresh, "success"), (fresh, "term")):
        values = EventValues(kind=kind, happened_on=date(2026, 12, 31))
        with pytest.raises(Refused) as refused:
            report_event(enrolment=row, values=values, by=cast.sari, at=LATER)
        assert refused.value.code == "EVENT-EXIT"


@pytest.mark.django_db
def test_the_term_ends_without_a_stop_reason(cast: Cast, life: Life) -> None:
    ended = EventValues(kind=EventKind.TERM, happened_on=date(2026, 12, 31))
    with pytest.raises(BadInput) as early:
        report_event(
            enrolment=life.active,
            values=replace(ended, happened_on=date(2026, 12, 30)),
            by=cast.sari,
            at=LATER,
        )
    assert str(early.value) == "Masa bantuan 12 bulan belum habis pada tanggal itu."
    event = report_event(enrolment=life.active, values=ended, by=cast.sari, at=LATER)
    decide_event(event=event, apply=True, note="", by=cast.budi, at=LATER)
    life.active.refresh_from_db()
    assert (life.active.state, life.active.end_reason) == (E.STOPPED, "term")
    assert any("Masa bantuan habis" in item.text for item in life_of(life.active, []))


def stopped(cast: Cast, life: Life) -> Enrolment:
    return stop(enrolment=life.active, reason_code="died", by=cast.budi, at=NOW)


def appealed(cast: Cast, row: Enrolment, **given: Any) -> Appeal:
    values = {
        "appellant": "Siti Aminah",
        "grounds": "Orangnya masih hidup.",
        "filed_on": date(2026, 2, 2),
        **given,
    }
    return file_appeal(enrolment=row, by=cast.sari, at=NOW, **values)


def decided(cast: Cast, row: Appeal, outcome: str = "restored", **given: Any) -> Appeal:
    by = given.pop("by", cast.hadi)
    note = given.pop("note", "Terbukti hidup.")
    return decide_appeal(appeal=row, outcome=outcome, note=note, by=by, at=NOW)


@pytest.mark.django_db
def test_an_appeal_restores_whom_the_decree_still_names(cast: Cast, life: Life) -> None:
    decree = DecreeFactory(version=life.version, approved=True, made_by=cast.budi)
    DecreeLineFactory(decree=decree, enrolment=life.active)
    row = appealed(cast, stopped(cast, life))
    assert (row.contested_by, row.working_days) == (cast.budi, 14)
    # 2 February 2026 is a Monday; 17 February is a holiday (Imlek), 16 February cuti bersama.
    clock = appeal_clock(row, today=date(2026, 2, 3))
    assert clock.due == date(2026, 2, 24)
    assert clock.left == 13
    with pytest.raises(Refused) as twice:
        appealed(cast, row.enrolment)
    assert twice.value.code == "APPEAL-TWICE"
    decided(cast, row)
    life.active.refresh_from_db()
    assert (life.active.state, life.active.ended_on, life.active.end_reason) == (
        E.ACTIVE,
        None,
        "",
    )
    with pytest.raises(Stale):
        decided(cast, row)


@pytest.mark.django_db
def test_without_a_decree_line_one_waits_for_the_next_decree(cast: Cast, life: Life) -> None:
    decided(cast, appealed(cast, stopped(cast, life)))
    life.active.refresh_from_db()
    assert life.active.state == E.ELIGIBLE


@pytest.mark.django_db
def test_each_decision_is_contested_once(cast: Cast, life: Life) -> None:
    ended = EventValues(kind="refused", happened_on=date(2026, 2, 1))
    event = report_event(enrolment=life.active, values=ended, by=cast.sari, at=NOW)
    decide_event(event=event, apply=True, note="", by=cast.budi, at=NOW)
    first = decided(cast, appealed(cast, Enrolment.objects.get(pk=life.active.pk)))
    assert first.event_id == event.pk
    # The second end came another way: it is contested on its own, once.
    row = Enrolment.objects.get(pk=life.active.pk)
    assert row.state == E.ELIGIBLE
    judged = decide(enrolment=row, decision=E.NOT_ELIGIBLE, reason_code="age", by=cast.vera, at=NOW)
    second = decided(cast, appealed(cast, judged), AppealOutcome.KEPT)
    assert (second.event_id, second.move) == (None, judged.moves.latest("pk"))
    with pytest.raises(Refused) as again:
        appealed(cast, judged)
    assert again.value.code == "APPEAL-TWICE"


@pytest.mark.django_db
def test_a_kept_decision_stays(cast: Cast, life: Life) -> None:
    row = decided(cast, appealed(cast, stopped(cast, life)), AppealOutcome.KEPT)
    life.active.refresh_from_db()
    assert (life.active.state, row.outcome) == (E.STOPPED, "kept")
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=row.pk).update(outcome="restored")


@pytest.mark.django_db
def test_who_filed_or_decided_does_not_decide_the_appeal(cast: Cast, life: Life) -> None:
    row = appealed(cast, stopped(cast, life))
    for user in (cast.sari, cast.budi, cast.kalt):
        with pytest.raises(NotAllowed):
            decided(cast, row, by=user)
    own = Appeal.objects.create(
        **{
            field.attname: getattr(row, field.attname)
            for field in Appeal._meta.concrete_fields
            if field.name not in {"id", "enrolment", "event", "move", "contested_by"}
        },
        enrolment=life.proposed,
        contested_by=cast.hadi,
    )
    with pytest.raises(NotAllowed) as refused:
        decided(cast, own)
    assert refused.value.code == "APPEAL-OWN"
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=row.pk).update(
            outcome="kept", decided_at=NOW, decided_by=cast.budi, decision_note="x"
        )


@pytest.mark.django_db
def test_what_cannot_be_contested_says_so(cast: Cast, life: Life) -> None:
    with pytest.raises(Refused) as alive:
        appealed(cast, life.active)
    assert alive.value.code == "APPEAL-NONE"
    row = stopped(cast, life)
    for wrong in (
        {"appellant": " "},
        {"grounds": ""},
        {"filed_on": date(2026, 2, 1)},
        {"filed_on": date(2026, 2, 3)},
    ):
        with pytest.raises(BadInput):
            appealed(cast, row, **wrong)
    life.version.exit_rules = {**life.version.exit_rules, "appeal_days": None}
    life.version.save()
    row = Enrolment.objects.get(pk=row.pk)
    with pytest.raises(Refused) as clock:
        appealed(cast, row)
    assert clock.value.code == "APPEAL-CLOCK"
    assert "SP4N-LAPOR" in str(clock.value)


@pytest.mark.django_db
def test_an_end_that_cannot_be_contested_says_what_can_be_done(
    cast: Cast, life: Life, client: Client
) -> None:
    row = stopped(cast, life)
    client.force_login(cast.sari)
    page, file = (reverse(f"programs:{name}", args=[row.pk]) for name in ("exit", "appeal_new"))
    offered = client.get(page).content.decode()
    assert file in offered
    assert "SP4N-LAPOR" not in offered
    life.version.exit_rules = {**life.version.exit_rules, "appeal_days": None}
    life.version.save()
    said = client.get(page).content.decode()
    assert file not in said
    assert "Sampaikan keberatannya lewat SP4N-LAPOR" in said


@pytest.mark.django_db
def test_the_dead_are_not_restored(cast: Cast, life: Life) -> None:
    death = EventValues(kind="death", happened_on=date(2026, 2, 1))
    event = report_event(enrolment=life.active, values=death, by=cast.sari, at=NOW)
    decide_event(event=event, apply=True, note="", by=cast.budi, at=NOW)
    row = appealed(cast, Enrolment.objects.get(pk=life.active.pk))
    assert row.event_id == event.pk
    with pytest.raises(Refused) as refused:
        decided(cast, row)
    assert refused.value.code == "APPEAL-DIED"
    row.refresh_from_db()
    assert row.decided_at is None


@pytest.mark.django_db
def test_a_rejected_proposal_is_judged_again(cast: Cast, life: Life) -> None:
    row = EnrolmentFactory(version=life.version, account=None, proposed_by=cast.sari)
    judged = decide(enrolment=row, decision=E.NOT_ELIGIBLE, reason_code="age", by=cast.vera, at=NOW)
    decided(cast, appealed(cast, judged))
    row.refresh_from_db()
    assert (row.state, row.decided_by) == (E.IN_REVIEW, None)


@pytest.mark.django_db
def test_home_shows_what_waits_and_until_when(cast: Cast, life: Life) -> None:
    row = appealed(cast, stopped(cast, life))
    heaps = {heap.key: heap for heap in heaps_for(cast.hadi)}
    assert heaps["appeals"].count == 2
    assert heaps["appeals"].pieces[0].title == "KIP Jawara 2026"
    waiting = {heap.key: heap.count for heap in heaps_for(cast.budi)}
    assert waiting["events"] == 1
    found = [d for d in deadlines_for(cast.hadi, date(2026, 2, 20)) if d.key == "appeal"]
    assert [(d.due, d.left, d.working) for d in found if d.href.endswith(f"/{row.pk}/")] == [
        (date(2026, 2, 24), 2, True)
    ]


@pytest.mark.django_db
def test_who_was_refused_finds_the_way_to_object(cast: Cast, life: Life, client: Client) -> None:
    row = EnrolmentFactory(version=life.version, account=None, proposed_by=cast.sari)
    decide(enrolment=row, decision=E.NOT_ELIGIBLE, reason_code="age", by=cast.vera, at=NOW)
    client.force_login(cast.sari)
    page = client.get(reverse("programs:proposal", args=[row.pk])).content.decode()
    leave = reverse("programs:exit", args=[row.pk])
    assert f'href="{leave}"' in page
    assert reverse("programs:appeal_new", args=[row.pk]) in client.get(leave).content.decode()


@pytest.mark.django_db
def test_the_pages_of_the_end(cast: Cast, life: Life, client: Client) -> None:
    client.force_login(cast.sari)
    page = client.get(reverse("programs:exit", args=[life.active.pk])).content.decode()
    assert "Pendapatan naik 30% dalam 6 bulan" in page
    assert "Zakat produktif" in page
    measure = reverse("programs:measure", args=[life.active.pk, "income"])
    assert client.get(measure.replace("income", "moon")).status_code == 404
    assert client.post(measure, {"before": "1.000.000"}).status_code == 422
    refused = client.post(reverse("programs:refer", args=[life.active.pk]), {"kind": "kur"})
    assert refused.status_code == 422
    made = client.post(
        reverse("programs:refer", args=[life.active.pk]), {"kind": "kur", "office": "Bank Jatim"}
    )
    assert made.status_code == 302
    client.force_login(cast.hadi)
    address = reverse("programs:appeal_decide", args=[life.appeal.pk])
    assert address in client.get(reverse("programs:appeal", args=[life.appeal.pk])).content.decode()
    assert client.post(address, {"outcome": "kept", "note": ""}).status_code == 422
    assert client.post(address, {"outcome": "kept", "note": "Tetap."}).status_code == 302
    shown = client.get(reverse("programs:appeal", args=[life.appeal.pk])).content.decode()
    assert "Putusan tetap" in shown
    assert client.get(reverse("programs:appeals")).status_code == 200


@pytest.mark.django_db
def test_the_api_reports_and_another_person_decides(cast: Cast, life: Life, client: Client) -> None:
    client.force_login(cast.sari)
    given = {"enrolment": life.active.pk, "kind": "refused", "happened_on": "2026-02-12"}
    address = reverse("programme-event-list")
    made = client.post(address, given, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["outcome"] == "pay_back"
    again = client.post(address, given, content_type="application/json")
    assert again.status_code == 409
    decide = reverse("programme-event-decide", args=[made.json()["id"]])
    assert client.post(decide, {"apply": True}, content_type="application/json").status_code == 403
    client.force_login(cast.budi)
    done = client.post(decide, {"apply": True}, content_type="application/json").json()
    assert done["results"] == ["Status menjadi Dihentikan."]
    client.force_login(cast.sari)
    objection = {
        "enrolment": life.active.pk,
        "appellant": "Siti Aminah",
        "grounds": "Keliru.",
        "filed_on": timezone.localdate().isoformat(),
    }
    filed = client.post(reverse("appeal-list"), objection, content_type="application/json")
    assert filed.status_code == 201, filed.content
    assert "appellant" not in filed.json()
    client.force_login(cast.hadi)
    answer = client.post(
        reverse("appeal-decide", args=[filed.json()["id"]]),
        {"outcome": "restored", "note": "Benar."},
        content_type="application/json",
    )
    assert answer.json()["outcome"] == "restored"
    life.active.refresh_from_db()
    assert life.active.state == E.ELIGIBLE

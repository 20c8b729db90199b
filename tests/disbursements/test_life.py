"""Events touch pay lists: shown before the decision, applied after it, never on frozen lines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bansos.lib.errors import Refused, Stale
from disbursements.choices import LineState
from disbursements.models import PaymentLine
from disbursements.services import lists
from disbursements.services.preflight import check_now
from programs.choices import EnrolmentState, Outcome
from programs.models import Enrolment, ProgrammeEvent
from programs.queries.life import effects_of
from programs.services.events import EventValues, decide_event, report_event
from programs.services.loading import known_life
from tests.cast import Cast
from tests.factories.disbursements import World, answer_row, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    made = make_world(cast)
    made.version.stop_reasons = [{"code": "died", "label": "Meninggal"}]
    known = known_life("35", "PKHPLUS")
    made.version.event_rules = [r for r in known.event_rules if r["event"] == "death"]
    made.version.save()
    return made


def died(world: World, enrolment: Enrolment, **more: Any) -> ProgrammeEvent:
    values = EventValues(kind="death", happened_on=date(2026, 2, 1), passbook=True, **more)
    return report_event(enrolment=enrolment, values=values, by=world.cast.sari, at=world.tick())


def applied(world: World, event: ProgrammeEvent) -> ProgrammeEvent:
    return decide_event(event=event, apply=True, note="", by=world.cast.budi, at=world.tick())


def test_a_draft_list_is_shown_and_then_left(world: World) -> None:
    pay_list = world.drawn()
    row = world.enrolments[0]
    event = died(world, row)
    assert event.outcome == Outcome.STOP
    assert event.effects[1] == "1 daftar bayar terbuka memuat orang ini."
    assert event.effects[2] == (
        f"Draf {pay_list.number}, Rp500.000: akan dikeluarkan bila ia tidak lagi menerima."
    )
    line = PaymentLine.objects.get(pay_list=pay_list, enrolment=row)
    assert line.state == LineState.WAITING
    done = applied(world, event)
    line.refresh_from_db()
    row.refresh_from_db()
    pay_list.refresh_from_db()
    assert (line.state, line.exclude_reason) == (LineState.EXCLUDED, "Peristiwa: Meninggal")
    assert row.state == EnrolmentState.STOPPED
    assert row.person.died_on == date(2026, 2, 1)
    assert pay_list.count == 5
    assert done.results == [
        "Kematian dicatat di berkas penerima.",
        "Status menjadi Dihentikan.",
        f"Dikeluarkan dari draf {pay_list.number}.",
    ]


def test_on_a_locked_list_the_heir_is_paid_and_the_line_stays(world: World) -> None:
    pay_list = world.locked()
    row = world.enrolments[0]
    event = died(world, row)
    assert (event.outcome, event.article[:38]) == (
        Outcome.PAY_HEIR,
        "Juknis PKH Plus 2026: penerima meningg",
    )
    applied(world, event)
    line = PaymentLine.objects.get(pay_list=pay_list, enrolment=row)
    assert line.state == LineState.WAITING
    row.refresh_from_db()
    assert row.state == EnrolmentState.STOPPED
    texts = [effect.text for effect in effects_of(row)]
    assert any("terkunci" in text for text in texts)


def test_a_report_nobody_decided_holds_the_list_back(world: World) -> None:
    pay_list, row = world.drawn(), world.enrolments[0]
    event = died(world, row)
    with pytest.raises(Refused) as held:
        world.locked(pay_list)
    assert held.value.code == "LIST-BLOCKED"
    assert check_now(pay_list=pay_list, at=world.tick()) == 1
    [hit] = pay_list.hits.all()
    assert (hit.code, hit.severity) == ("event", "block")
    assert hit.message == "Peristiwa menunggu putusan: Meninggal."
    applied(world, event)
    late = world.awaiting(pay_list)
    died(world, world.enrolments[1])
    with pytest.raises(Refused) as refused:
        lists.check(
            pay_list=late, seen_hash=late.content_hash, by=world.cast.ratna, at=world.tick()
        )
    assert "1 penerima mempunyai peristiwa yang menunggu putusan." in str(refused.value)


def test_two_open_lists_are_counted_and_both_drafts_left(world: World) -> None:
    lists = [world.drawn(), world.drawn(stage=world.stages[1])]
    row = world.enrolments[2]
    event = died(world, row)
    assert "2 daftar bayar terbuka memuat orang ini." in event.effects
    applied(world, event)
    states = PaymentLine.objects.filter(pay_list__in=lists, enrolment=row)
    assert set(states.values_list("state", flat=True)) == {LineState.EXCLUDED}


def test_a_list_being_drawn_makes_the_decision_wait(world: World) -> None:
    pay_list = world.drawn()
    row = world.enrolments[0]
    event = died(world, row)
    type(pay_list).objects.filter(pk=pay_list.pk).update(drawn_at=None)
    with pytest.raises(Refused) as refused:
        applied(world, event)
    assert refused.value.code == "LIST-DRAWING"
    row.refresh_from_db()
    event.refresh_from_db()
    assert (row.state, event.decided_at) == (EnrolmentState.ACTIVE, None)


def test_a_return_waits_for_the_heir(world: World) -> None:
    pay_list = world.sent()
    lines = list(pay_list.lines.order_by("position"))
    world.answer(
        pay_list,
        [answer_row(lines[0], "Retur", "Meninggal")],
    )
    row = lines[0].enrolment
    texts = [effect.text for effect in effects_of(row)]
    assert any(text.startswith("Retur Rp500.000 masih terbuka") for text in texts)
    event = died(world, row)
    assert event.outcome == Outcome.PAY_HEIR
    Enrolment.objects.filter(pk=row.pk).update(state="suspended")
    with pytest.raises(Stale):
        applied(world, event)

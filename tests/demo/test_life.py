"""What the training data shows of life after the decree: work for every role, in every state."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db.models import Sum
from django.utils import timezone

from bansos.accounts.models import User
from bansos.demo import story
from bansos.demo.enrolling import version_of
from bansos.demo.goods import VENDORS
from bansos.demo.seeding import seed
from bansos.demo.story import MADIUN, Played, Scale
from disbursements.models import (
    CashCounter,
    GoodsLot,
    GoodsRequest,
    Handover,
    HandoverLine,
    PayList,
    Stock,
)
from disbursements.queries.goods import packages
from disbursements.services.auditing import audit_now
from monitoring.queries.duties import heaps_for
from programs.choices import OfferAnswer, ShiftState, Standing
from programs.models import (
    Appeal,
    Assessment,
    BusinessPlan,
    Decree,
    Enrolment,
    MonitoringVisit,
    PlaceOffer,
    ProgrammeEvent,
    QuotaShift,
    Referral,
    Simulation,
)
from programs.queries.exits import appeal_clock
from programs.queries.ranking import pool_of, ranking_of, waiting_rows
from programs.queries.visits import tallies, visits_in
from tests.demo.country import load_some_regions

PLAYED = tuple(Played(code, 12, 1, (8, 8, 6)) for code in ("35.20", "35.02"))
SMALL = Scale(madiun=20, aspd=8, kip=3, jospol=2, extreme=16, tagana=11, played=PLAYED)


@pytest.fixture
def small_year(db: None, training: None, tmp_path: Path) -> None:
    """The story with few people."""
    load_some_regions(tmp_path)
    seed(number=7, scale=SMALL, at=timezone.now(), say=lambda _text: None)


def test_every_page_of_life_has_something_on_it(small_year: None) -> None:
    check_events()
    check_appeals()
    check_the_made_up_programme()
    check_who_waits_for_a_place()
    check_the_counter()
    check_the_goods()
    runs = Simulation.objects.exclude(finished_at=None)
    assert len({row.version_id for row in runs}) == 1
    assert runs.count() == 2
    assert set(Referral.objects.values_list("answer", flat=True)) == {"accepted", ""}
    check_homes()
    check_visits()


def check_visits() -> None:
    """Two programmes were visited; one record was corrected, and answers add up."""
    assert MonitoringVisit.objects.count() == 10
    assert MonitoringVisit.objects.exclude(corrects=None).count() == 1
    version = version_of("35", story.PKH_PLUS)
    kadis = User.objects.get(role="kepala_dinas", area_code="35")
    visits = visits_in(kadis, version)
    home, _whole, taker, _got = tallies(version, visits)
    assert (visits.count(), home.answered, dict(taker.words)["kuasa"]) == (6, 5, 3)


def check_events() -> None:
    """Applied, refused and waiting; every outcome that the rules know but three of other kinds."""
    rows = ProgrammeEvent.objects.all()
    assert {row.applied for row in rows} == {None, True, False}
    assert {row.outcome for row in rows} >= {
        *("stop", "hold", "proxy", "wait", "transfer", "graduate"),
    }
    counted = Enrolment.objects.filter(version__programme__code=story.ASPD, state="active")
    assert counted.count() == SMALL.aspd


def check_appeals() -> None:
    """One restored, one in time, one late."""
    today = max(timezone.localdate(), date(story.YEAR, 11, 20))
    open_ones = Appeal.objects.filter(decided_at=None)
    late = [appeal_clock(row, today=today).left < 0 for row in open_ones]
    assert True in late
    assert Appeal.objects.get(outcome="restored").enrolment.state == "active"
    assert Appeal.objects.count() == 3


def check_the_made_up_programme() -> None:
    """Visits with scores and plans; of ten in autumn six fit, and one is held."""
    rows = Enrolment.objects.filter(version__programme__code=story.VENTURE)
    assert Assessment.objects.filter(enrolment__in=rows).count() == 16
    assert BusinessPlan.objects.filter(enrolment__in=rows).count() == 17
    kip = Enrolment.objects.filter(version__programme__code=story.KIP)
    assert BusinessPlan.objects.filter(enrolment__in=kip).count() == SMALL.kip
    found = sorted(rows.values_list("state", flat=True))
    assert found == sorted(
        [*["active"] * 6, "graduated", "stopped", *["eligible"] * 6, "not_eligible"]
        + ["proposed", "correction", "draft"]
    )


def check_who_waits_for_a_place() -> None:
    """Three places for six: one accepted, one asked, three wait; two more places are asked for."""
    decree = Decree.objects.get(version__programme__code=story.VENTURE)
    assert decree.rank_lines.count() == 8
    version = decree.version
    pool = pool_of(version, MADIUN)
    order = ranking_of(version, pool, waiting_rows(version, pool), today=timezone.localdate())
    assert [len(order.of(name)) for name in (Standing.INSIDE, Standing.WAITING)] == [3, 3]
    answers = PlaceOffer.objects.order_by("pk").values_list("answer", flat=True)
    assert list(answers) == [OfferAnswer.ACCEPTED, OfferAnswer.OPEN]
    states = QuotaShift.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [ShiftState.APPROVED, ShiftState.PROPOSED]


def check_the_counter() -> None:
    """A counter of spring is closed, the one of autumn has paid half; the books agree."""
    closed, half = CashCounter.objects.order_by("pk")
    assert closed.closed_at is not None
    assert (half.closed_at, half.receipts.count()) == (None, 3)
    assert PayList.objects.get(pk=half.pay_list_id).count == 6
    run = audit_now(by=None, at=timezone.now(), clock=timezone.now)
    assert run.broken == 0


def check_the_goods() -> None:
    """Six packages within the value told, handed over with their BAST; one thing anew, one back."""
    version = version_of("64", story.JOSPOL)
    worth = packages(version)
    assert len(worth) == 6
    assert all(4_500_000 <= value <= 5_000_000 for value in worth.values()), worth
    given = Handover.objects.filter(enrolment__version=version)
    assert given.count() == GoodsRequest.objects.count() == 2 * len(story.JOSPOL_DECREED)
    assert given.filter(state="returned").count() == 1
    assert all(row.document is not None and row.photo and row.signature for row in given)
    assert HandoverLine.objects.exclude(replaces=None).count() == 1
    # What was bought is in a warehouse, with a family, or was broken.
    bought = GoodsLot.objects.aggregate(units=Sum("quantity"))["units"]
    left = Stock.objects.aggregate(units=Sum("quantity"))["units"]
    away = HandoverLine.objects.filter(handover__state="handed").aggregate(units=Sum("quantity"))
    assert bought == left + away["units"]
    assert {row.vendor for row in GoodsLot.objects.all()} == set(VENDORS)


def check_homes() -> None:
    """Nobody who works begins with an empty desk."""
    for name in ("petugas", "verifikator", "staf", "kadis", "bendahara"):
        assert heaps_for(User.objects.get(username=name)), name

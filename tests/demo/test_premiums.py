"""The premiums of the training data: a month that is answered and one to work on."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command
from django.utils import timezone

from bansos.demo import story
from bansos.demo.lists import make_list
from bansos.demo.offices import open_offices
from bansos.demo.population import Population
from bansos.demo.premiums import PEOPLE, play_premiums
from bansos.demo.seeding import Seeding
from bansos.demo.story import MADIUN, Scale
from programs.queries.premiums import PlanFigures, plans_of


def test_october_is_answered_and_november_waits(country: None, training: None) -> None:
    population, users = Population(3), open_offices(at=timezone.now())
    madiun = make_list(population, MADIUN, size=20)
    said: list[str] = []
    call_command("load_programmes", verbosity=0, stdout=StringIO())
    play_premiums(Seeding(population, Scale(), madiun, users, said.append))
    plans = plans_of(users["staf.kaltim"])
    told = {row.plan.version.programme.code: row for row in plans}
    assert {(code, row.plan.insurance) for code, row in told.items()} == {
        (story.HEALTH, "health"),
        (story.WORK, "work"),
    }
    for code, rate in ((story.HEALTH, 42_000), (story.WORK, 16_800)):
        check_months(told[code], rate)
    assert len(said) == 1


def check_months(plan: PlanFigures, rate: int) -> None:
    """What October cost, and who is in the list of November."""
    found = [(row.month.month, row.state, figures) for row, figures in plan.rounds]
    assert [(month, state) for month, state, _figures in found] == [(11, "open"), (10, "answered")]
    november, october = found[0][2], found[1][2]
    assert (october.accepted, october.refused) == (PEOPLE - 2, 1)
    assert october.cost == (PEOPLE - 2) * rate
    assert (november.keep, november.waiting) == (PEOPLE - 2, 1)
    assert plan.plan.version.year == story.YEAR

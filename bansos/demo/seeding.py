"""Fills an empty training installation, the same for the same number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import transaction

from bansos.accounts.models import Agency, User
from bansos.audit import services as audit
from bansos.audit.models import Event
from bansos.demo import story
from bansos.demo.catalogue import open_catalogue
from bansos.demo.clock import on_day
from bansos.demo.enrolling import Crew, version_of
from bansos.demo.goods import play_goods
from bansos.demo.handfuls import HANDFULS, make_handfuls
from bansos.demo.happenings import play_happenings
from bansos.demo.lines import LINES
from bansos.demo.lists import RegencyList, make_list, workbook
from bansos.demo.more import shares, sized
from bansos.demo.offices import OFFICES, local_suffixes, open_offices
from bansos.demo.past import play_east_java, play_jambi, play_kaltim
from bansos.demo.population import Population, Row, Soul
from bansos.demo.premiums import play_premiums
from bansos.demo.references import record_references
from bansos.demo.story import MADIUN
from bansos.demo.trials import play_trials
from bansos.demo.ventures import PLACES, make_souls, open_venture, play_ventures
from bansos.demo.visits import play_visits
from bansos.regions.queries import regencies_of
from disbursements.services.budgets import allocate, record_budget

SEEDED = "demo.seed"
LIST_NAME = "PKH-Plus-Madiun-2026.xlsx"
SPARE_NAME = "PKH-Plus-Madiun-2026-cadangan.xlsx"
HEADING = "Usulan calon penerima PKH Plus"
# Training: 51 residents x 365 days x Rp15.000.
FOOD_OF_MADIUN = Decimal(51 * 365 * 15_000)
Say = Callable[[str], object]


@dataclass
class Seeding:
    """One filling: its people, its users, and whom it tells how far it is."""

    population: Population
    scale: story.Scale
    madiun: RegencyList
    users: Mapping[str, User]
    say: Say
    crews: dict[str, Crew] = field(default_factory=dict)

    @cached_property
    def ventures(self) -> list[Soul]:
        """The people of the made-up programme, whom no source counts."""
        return make_souls(self.population)

    @cached_property
    def handfuls(self) -> dict[str, list[Soul]]:
        """The people of programmes whose recipients nobody counted, by programme."""
        return make_handfuls(self.population)

    def crew(self, area_code: str) -> Crew:
        """Who works for a regency."""
        if area_code not in self.crews:
            office = next(row for row in OFFICES if row.area_code == area_code[:2])
            local = local_suffixes(office.area_code)[area_code]
            self.crews[area_code] = Crew.of(self.users, local=local, office=office.suffix)
        return self.crews[area_code]


PLAYS = (
    *(play_east_java, play_kaltim, play_goods, play_jambi, play_premiums),
    *(play_happenings, play_ventures, play_trials, play_visits),
)


@transaction.atomic
def seed(*, number: int, scale: story.Scale, at: datetime, say: Say) -> None:
    """Agencies, users, programmes, registries, and everything the provinces did so far this year.

    All or nothing: a filling that breaks off leaves the database as empty as it was.
    """
    users = open_offices(at=at)
    say(f"{len(users)} pengguna latihan.")
    with on_day(story.DPA_DATE) as new_year:
        call_command("load_programmes", verbosity=0, stdout=StringIO())
        open_catalogue(users=users, scale=scale, at=new_year)
        open_venture(by=users["staf"], at=new_year)
        record_references(users=users, at=new_year)
    population = Population(number)
    madiun = make_list(population, MADIUN, size=scale.madiun)
    seeding = Seeding(population, scale, madiun, users, say)
    record_budgets(seeding)
    for play in PLAYS:
        play(seeding)
    audit.record(
        verb=SEEDED,
        by=users["admin"],
        at=at,
        target=Agency.objects.get(area_code="35"),
        number=number,
        size=scale.madiun,
    )
    audit.seal(at=at)


def record_budgets(seeding: Seeding) -> None:
    """The DPA lines of the year and the shares of the regencies; a few places stay unshared."""
    users, scale = seeding.users, seeding.scale
    played = {row.area_code: row.people for row in scale.played}
    elders = {MADIUN: len(seeding.madiun.rows), **played}
    _budget("35", story.PKH_PLUS, users["staf"], elders, spare=100)
    _budget("35", story.ASPD, users["staf"], {MADIUN: scale.aspd}, spare=20)
    _budget("35", story.KIP, users["staf"], {MADIUN: scale.kip}, spare=93)
    for row in HANDFULS:
        if row.decree:
            _budget("35", row.code, users["staf"], {MADIUN: row.count})
    for line in (sized(line, scale) for line in LINES if line.decree):
        places = {MADIUN: 1} if line.budget else shares(line)
        _budget(line.area_code, line.code, users["staf"], places, each=line.budget)
    _budget("35", story.MEALS, users["staf"], {MADIUN: 1}, each=FOOD_OF_MADIUN)
    _budget("35", story.BKK, users["staf"], {MADIUN: 1}, each=story.BKK_MADIUN)
    families = {region.code: scale.jospol for region in regencies_of("64")}
    _budget("35", story.VENTURE, users["staf"], {**PLACES, MADIUN: PLACES[MADIUN] + 3})
    _budget("64", story.JOSPOL, users["staf.kaltim"], families)
    kube = {area_code: groups for area_code, (groups, _single) in story.JAMBI.items()}
    uep = {area_code: single for area_code, (_groups, single) in story.JAMBI.items() if single}
    _budget("15", story.KUBE, users["staf.jambi"], kube)
    _budget("15", story.UEP, users["staf.jambi"], uep)


def _budget(
    province: str,
    code: str,
    by: User,
    places: Mapping[str, int],
    *,
    spare: int = 0,
    each: Decimal | None = None,
) -> None:
    """The DPA line of a programme: `each` (else its rate) for everybody, shared by place."""
    version = version_of(province, code)
    amount = each or version.annual_amount or Decimal(0)
    with on_day(story.DPA_DATE) as at:
        budget = record_budget(
            version=version,
            dpa_number=f"DPA/A.1/1.06.0.00.0.00.01.0000/{version.pk:03d}/{story.YEAR}",
            dpa_date=story.DPA_DATE,
            account_code=version.account_code or "5.1.06.01",
            ceiling=amount * (sum(places.values()) + spare),
            by=by,
            at=at,
        )
        amounts = {area_code: amount * count for area_code, count in places.items()}
        allocate(budget=budget, amounts=amounts, by=by, at=at)


def seeded_with() -> tuple[int, int] | None:
    """The number and the size this database was filled with; None when it was not filled here."""
    event = Event.objects.filter(verb=SEEDED).order_by("-pk").first()
    return (event.data["number"], event.data["size"]) if event else None


def current_list() -> RegencyList:
    """The list of Madiun that belongs to this filling; raises LookupError when there is none."""
    found = seeded_with()
    if found is None:
        raise LookupError("Basis data ini tidak berisi data latihan.")
    number, size = found
    return make_list(Population(number), MADIUN, size=size)


def write_lists(madiun: RegencyList, folder: Path) -> list[Path]:
    """The regency's list and its replacements as files; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, data in list_files(madiun).items():
        path = folder / name
        path.write_bytes(data)
        paths.append(path)
    return paths


def list_files(madiun: RegencyList) -> dict[str, bytes]:
    """File name -> bytes of both lists."""
    spare = [Row(soul) for soul in madiun.replacements]
    province = "Provinsi Jawa Timur"
    return {
        LIST_NAME: workbook(madiun.regency, madiun.rows, heading=HEADING, province=province),
        SPARE_NAME: workbook(
            madiun.regency, spare, heading=f"{HEADING} (pengganti)", province=province
        ),
    }

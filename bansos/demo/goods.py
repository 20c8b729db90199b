"""Goods of Kaltim's Jospol 4: packages by kind of business, lots, two ways of coming back.

The six kinds and the value of a package are told; things, prices, vendors and days are made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from bansos.accounts.models import User
from bansos.demo import story
from bansos.demo.clock import on_day
from bansos.demo.counters import SIGNED_PAPER
from bansos.demo.enrolling import version_of
from bansos.demo.jobs import run_here
from bansos.jobs.models import Job
from disbursements.models import GoodsLot, Handover, Stock, Warehouse
from disbursements.services import goods, handover_papers
from disbursements.services.goods import Proof
from disbursements.services.goods_requests import request_goods
from programs.choices import EnrolmentState
from programs.models import Enrolment, ProgrammeVersion
from programs.queries.assessing import newest_plan
from programs.rules.assessing import coded_kinds

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

# What a phone would have taken of the hand-over: a drawing, nobody's face.
HANDED_PICTURE = Path(__file__).with_name("handover.png")
VENDORS = ("CV Mahakam Makmur (latihan)", "UD Sumber Rejeki (latihan)")
STORE = "Gudang Dinas Sosial Provinsi (latihan)"
PACKED_ON, BOUGHT_ON = date(story.YEAR, 3, 9), date(story.YEAR, 4, 6)
MOVED_ON, HANDED_ON = date(story.YEAR, 4, 13), date(story.YEAR, 4, 20)
# Packages of each kind bought, and brought to each regency whose recipients are named.
BOUGHT, BROUGHT, HANDED = 8, 2, 8


@dataclass(frozen=True)
class Thing:
    """One thing of a package: how many of it, at what price each."""

    name: str
    unit: str
    quantity: int
    price: int


PACKAGES = {
    "chicken": (
        Thing("Kandang ayam", "unit", 1, 1_750_000),
        Thing("Bibit ayam", "ekor", 100, 9_500),
        Thing("Pakan ayam", "sak", 10, 200_000),
    ),
    "cake": (
        Thing("Oven gas", "unit", 1, 2_600_000),
        Thing("Mixer adonan", "unit", 1, 850_000),
        Thing("Bahan kue awal", "paket", 1, 1_400_000),
    ),
    "workshop": (
        Thing("Kompresor", "unit", 1, 3_100_000),
        Thing("Kunci bengkel", "set", 1, 1_750_000),
    ),
    "food": (
        Thing("Gerobak makanan", "unit", 1, 3_400_000),
        Thing("Alat masak", "set", 1, 1_300_000),
    ),
    "drink": (
        Thing("Lemari pendingin", "unit", 1, 2_900_000),
        Thing("Blender", "unit", 2, 650_000),
        Thing("Bahan minuman awal", "paket", 1, 550_000),
    ),
    "fritters": (
        Thing("Gerobak gorengan", "unit", 1, 3_000_000),
        Thing("Kompor dan wajan", "set", 1, 1_100_000),
        Thing("Bahan gorengan awal", "paket", 1, 700_000),
    ),
}


def play_goods(seeding: Seeding) -> None:
    """Buy, bring and hand over; one broken thing is replaced, one package comes back."""
    version, staff = version_of("64", story.JOSPOL), seeding.users["staf.kaltim"]
    lots = _buy(version, by=staff)
    given: list[Handover] = []
    for number, area_code in enumerate(story.JOSPOL_DECREED):
        place = _bring(lots, area_code, by=staff)
        on = HANDED_ON + timedelta(days=7 * number)
        given += _hand_over(version, place, on=on, by=seeding.crew(area_code).petugas)
    _replace(given[len(story.JOSPOL_DECREED) - 1], by=staff)
    _take_back(given[-1], by=staff)
    seeding.say(f"Kalimantan Timur: barang Jospol 4 diserahkan kepada {len(given)} keluarga.")


def _buy(version: ProgrammeVersion, *, by: User) -> Mapping[str, Sequence[GoodsLot]]:
    """The packages of the six kinds, and a lot of each thing; kind -> its lots."""
    with on_day(PACKED_ON) as at:
        items = {
            kind: [
                goods.save_item(
                    version=version,
                    business_kind=kind,
                    name=thing.name,
                    unit=thing.unit,
                    quantity=thing.quantity,
                    unit_price=Decimal(thing.price),
                    by=by,
                    at=at,
                )
                for thing in PACKAGES[kind]
            ]
            for kind in coded_kinds(version.plan_rules)
        }
    with on_day(BOUGHT_ON) as at:
        store = goods.open_warehouse(name=STORE, area_code=version.area_code, by=by, at=at)
        return {
            kind: [
                goods.receive_lot(
                    item=item,
                    warehouse=store,
                    vendor=VENDORS[number % len(VENDORS)],
                    contract_number=f"027/{number + 1:02d}/JOSPOL/{story.YEAR}",
                    received_on=BOUGHT_ON,
                    unit_price=item.unit_price,
                    quantity=item.quantity * BOUGHT,
                    by=by,
                    at=at,
                )
                for item in things
            ]
            for number, (kind, things) in enumerate(items.items())
        }


def _bring(lots: Mapping[str, Sequence[GoodsLot]], area_code: str, *, by: User) -> Warehouse:
    """A warehouse of the regency with some packages of each kind."""
    with on_day(MOVED_ON) as at:
        place = goods.open_warehouse(
            name="Gudang kabupaten/kota (latihan)", area_code=area_code, by=by, at=at
        )
        for lot in (lot for rows in lots.values() for lot in rows):
            goods.transfer(
                stock=Stock.objects.get(lot=lot, warehouse__name=STORE),
                to=place,
                quantity=lot.item.quantity * BROUGHT,
                note="Dikirim ke gudang penyerahan",
                by=by,
                at=at,
            )
    return place


def _hand_over(
    version: ProgrammeVersion, place: Warehouse, *, on: date, by: User
) -> list[Handover]:
    """Everybody named there asks by the plan they made; the first ones get their package."""
    rows = list(
        Enrolment.objects.in_area(place.area_code)
        .filter(version=version, state=EnrolmentState.ACTIVE)
        .order_by("pk")
    )
    with on_day(on - timedelta(days=14)) as at:
        for row in rows:
            plan = newest_plan(row)
            assert plan is not None  # noqa: S101  the programme names nobody without one
            request_goods(enrolment=row, business_kind=plan.business_kind, by=by, at=at)
    proof = Proof(photo=HANDED_PICTURE.read_bytes(), signature=SIGNED_PAPER.read_bytes())
    with on_day(on) as at:
        made = [
            handover_papers.hand_over(
                enrolment=row, warehouse=place, proof=proof, handed_on=on, by=by, at=at
            )
            for row in rows[:HANDED]
        ]
        for job in Job.objects.open().order_by("created_at"):
            run_here(job)
    return made


def _replace(handover: Handover, *, by: User) -> None:
    line = handover.lines.order_by("pk").first()
    assert line is not None  # noqa: S101  every package holds something
    with on_day(handover.handed_on + timedelta(days=9)) as at:
        goods.replace(line=line, reason="Rusak saat dibawa pulang", by=by, at=at)


def _take_back(handover: Handover, *, by: User) -> None:
    with on_day(handover.handed_on + timedelta(days=16)) as at:
        goods.take_back(
            handover=handover, reason="Keluarga pindah sebelum memulai usaha", by=by, at=at
        )

"""A made-up population on real regions: the same seed gives the same people."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bansos.demo.names import MEN, PLACES, SECOND, STREETS, WOMEN

DAYS = 365.25
MOST_SERIALS = 9999
BRANCHES = ("0012", "0152", "0432", "0671")
# Most families of the six programmes stand in the lowest four tenths of the registry.
USUAL_DESIL = (1, 1, 1, 2, 2, 3, 3, 4)


@dataclass(frozen=True)
class Village:
    """A real village with the names a list would write."""

    code: str
    name: str
    district: str
    regency: str


@dataclass(frozen=True)
class Soul:
    """One made-up person as a list would write them."""

    nik: str
    kk: str
    name: str
    head_name: str
    mother_name: str
    birth_place: str
    birth_date: date
    sex: str
    address: str
    village: Village
    account: str
    companion: str
    desil: int
    in_pkh: bool = True
    # To the head of the family, where a list tells it.
    relation: int | None = None
    home_outside: str = ""
    died_on: date | None = None

    @property
    def province(self) -> str:
        """Code of the province the person lives in."""
        return self.village.code[:2]


class Population:
    """Makes people one after another; every NIK, KK and account number is used once."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(f"bansos-{seed}")
        self.taken: set[str] = set()
        self.companions: dict[str, str] = {}

    def elders(
        self, count: int, villages: Sequence[Village], *, on: date, oldest: int = 94
    ) -> list[Soul]:
        """People of at least 70 years on the day, one per family."""
        return [self.soul(self.birth(on, 70, oldest), villages) for _n in range(count)]

    def adults(
        self, count: int, villages: Sequence[Village], *, on: date, youngest: int, oldest: int
    ) -> list[Soul]:
        """People between two ages on the day, one per family."""
        return [self.soul(self.birth(on, youngest, oldest), villages) for _n in range(count)]

    def birth(self, on: date, youngest: int, oldest: int) -> date:
        """A birthday of somebody who has turned `youngest` and not yet `oldest` + 1 on the day."""
        days = self.chance.randint(int(youngest * DAYS) + 2, int((oldest + 1) * DAYS) - 2)
        return on - timedelta(days=days)

    def soul(self, birth: date, villages: Sequence[Village], *, sex: str = "") -> Soul:
        """One person born that day, living in one of the villages; of that sex when given."""
        village = self.chance.choice(villages)
        province = village.code[:2]
        sex = sex or self.chance.choice("LPP")
        return Soul(
            nik=self.nik(self._first_home(village, villages), birth, sex),
            kk=self.kk(village.code),
            name=self.name(province, sex),
            head_name=self.name(province, "L"),
            mother_name=self.name(province, "P"),
            birth_place=self.chance.choice(PLACES[province]),
            birth_date=birth,
            sex=sex,
            address=self._address(province),
            village=village,
            account=self.account(),
            companion=self._companion(village),
            desil=self.chance.choice(USUAL_DESIL),
        )

    def nik(self, village_code: str, birth: date, sex: str) -> str:
        """District, day of birth (women +40), serial; the last digit is never 0.

        A true NIK may end in 0, but then the damage that Excel does to it could not be seen.
        """
        day = birth.day + (40 if sex == "P" else 0)
        head = f"{village_code.replace('.', '')[:6]}{day:02d}{birth:%m%y}"
        return self._unused(head)

    def kk(self, village_code: str) -> str:
        """District, day of issue, serial."""
        issued = date(2008, 1, 1) + timedelta(days=self.chance.randint(0, 6000))
        return self._unused(f"{village_code.replace('.', '')[:6]}{issued:%d%m%y}")

    def account(self) -> str:
        """Ten digits: branch and number."""
        while True:
            number = f"{self.chance.choice(BRANCHES)}{self.chance.randint(100_000, 999_999)}"
            if number not in self.taken:
                self.taken.add(number)
                return number

    def _unused(self, head: str) -> str:
        serial = self.chance.randint(1, 8)
        while f"{head}{serial:04d}" in self.taken or serial % 10 == 0:
            serial = serial % MOST_SERIALS + 1
        number = f"{head}{serial:04d}"
        self.taken.add(number)
        return number

    def _first_home(self, village: Village, villages: Sequence[Village]) -> str:
        """The NIK tells where somebody was first registered; a few moved since."""
        moved = self.chance.random() < 0.08
        return self.chance.choice(villages).code if moved else village.code

    def name(self, province: str, sex: str) -> str:
        """A first name, often alone as old people's names are."""
        first = self.chance.choice((MEN if sex == "L" else WOMEN)[province])
        second = self.chance.choice(SECOND[province])
        return f"{first} {second}" if self.chance.random() < 0.6 else first

    def _address(self, province: str) -> str:
        street = self.chance.choice(STREETS[province])
        return f"{street} RT {self.chance.randint(1, 12):03d} RW {self.chance.randint(1, 6):03d}"

    def _companion(self, village: Village) -> str:
        """One companion per district."""
        district = village.code[:8]
        if district not in self.companions:
            sex = self.chance.choice("LP")
            self.companions[district] = self.name(village.code[:2], sex)
        return self.companions[district]


@dataclass(frozen=True)
class Row:
    """A row of the list: the person as written, the defect, and how it should have read.

    `remedy` is the same person written rightly; None when the row has to go.
    """

    soul: Soul
    defect: str = ""
    remedy: Soul | None = None

    @property
    def nik_as_number(self) -> bool:
        """True when the cell holds a number, as Excel leaves it."""
        return self.defect == "damaged_nik"


# Spoilt rows that the officer can mend, and those that have to go.
MENDABLE = ("invalid_nik", "damaged_nik", "unknown_village", "shared_account")
HOPELESS = (
    *("duplicate_in_file", "dead", "under_age", "second_elder", "desil_high"),
    "other_programme",
)
DEFECTS = (
    tuple(defect for pair in zip(MENDABLE, HOPELESS, strict=False) for defect in pair)
    + HOPELESS[len(MENDABLE) :]
)


def plant(population: Population, good: Sequence[Soul], count: int, *, on: date) -> list[Row]:
    """`count` spoilt rows of the kinds that audits keep finding, in turn.

    Each leans on another good person, so that no good row has two enemies.
    """
    rows = []
    for number in range(count):
        defect = DEFECTS[number % len(DEFECTS)]
        other = good[number * len(good) // count]
        villages = [soul.village for soul in good[:200]]
        rows.append(_spoil(population, other, villages, defect, on))
    return rows


def _spoil(
    population: Population, other: Soul, villages: Sequence[Village], defect: str, on: date
) -> Row:
    if defect == "duplicate_in_file":
        return Row(replace(other, name=other.name.split()[0]), defect)
    if defect == "under_age":
        birth = population.birth(on, 60, 68)
        return Row(population.soul(birth, villages), defect)
    fresh = population.elders(1, villages, on=on)[0]
    if defect in MENDABLE:
        return Row(_damaged(fresh, other, defect), defect, remedy=fresh)
    if defect == "dead":
        return Row(replace(fresh, died_on=on - timedelta(days=40)), defect)
    if defect == "second_elder":
        same_house = replace(
            fresh,
            kk=other.kk,
            head_name=other.head_name,
            address=other.address,
            village=other.village,
            desil=other.desil,
        )
        return Row(same_house, defect)
    if defect == "desil_high":
        return Row(replace(fresh, desil=7), defect)
    return Row(fresh, defect)


def _damaged(fresh: Soul, other: Soul, defect: str) -> Soul:
    if defect == "invalid_nik":
        return replace(fresh, nik=fresh.nik[:15])
    if defect == "damaged_nik":
        # What Excel leaves of sixteen digits typed into a number cell.
        return replace(fresh, nik=fresh.nik[:15] + "0")
    if defect == "unknown_village":
        return replace(fresh, village=replace(fresh.village, name=f"{fresh.village.name} Lama"))
    return replace(fresh, account=other.account)

"""A made-up population on real regions: the same seed gives the same people."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bansos.demo.names import MEN, PLACES, SECOND, STREETS, WOMEN


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
    desil: int
    in_pkh: bool = True


class Population:
    """Makes people one after another; every NIK, KK and account number is used once."""

    def __init__(self, seed: int, villages: Sequence[Village]) -> None:
        self.chance = random.Random(f"bansos-{seed}")
        self.villages = list(villages)
        self.serial = 0

    def elders(self, count: int, *, on: date, oldest: int = 96) -> list[Soul]:
        """People of at least 70 years on the day, one per family."""
        return [self.soul(self._birth(on, 70, oldest)) for _n in range(count)]

    def adults(self, count: int, *, on: date, youngest: int = 19, oldest: int = 58) -> list[Soul]:
        """People of working age on the day."""
        return [self.soul(self._birth(on, youngest, oldest)) for _n in range(count)]

    def _birth(self, on: date, youngest: int, oldest: int) -> date:
        days = self.chance.randint(youngest * 366, oldest * 365)
        return on - timedelta(days=days)

    def soul(self, birth: date) -> Soul:
        """One person born that day, somewhere in the villages."""
        self.serial += 1
        village = self.chance.choice(self.villages)
        province = village.code[:2]
        sex = self.chance.choice("LPP")
        return Soul(
            nik=make_nik(village.code, birth, sex, self.serial),
            kk=make_kk(village.code, self.chance, self.serial),
            name=self._name(province, sex),
            head_name=self._name(province, "L"),
            mother_name=self._name(province, "P"),
            birth_place=self.chance.choice(PLACES[province]),
            birth_date=birth,
            sex=sex,
            address=self._address(province),
            village=village,
            account=f"{self.chance.choice(('0012', '0152', '0432'))}{self.serial:06d}",
            desil=self.chance.choice((1, 1, 2, 2, 3, 4)),
        )

    def _name(self, province: str, sex: str) -> str:
        first = self.chance.choice((MEN if sex == "L" else WOMEN)[province])
        second = self.chance.choice(SECOND[province])
        return f"{first} {second}" if self.chance.random() < 0.7 else first

    def _address(self, province: str) -> str:
        street = self.chance.choice(STREETS[province])
        return f"{street} RT {self.chance.randint(1, 12):03d} RW {self.chance.randint(1, 6):03d}"

    def companions(self, count: int) -> Iterator[str]:
        """Names of companions."""
        for _n in range(count):
            yield self._name(self.villages[0].code[:2], self.chance.choice("LP"))


def make_nik(village_code: str, birth: date, sex: str, serial: int) -> str:
    """Sixteen digits: district, day of birth (women +40), serial from 0001."""
    day = birth.day + (40 if sex == "P" else 0)
    prefix = village_code.replace(".", "")[:6]
    return f"{prefix}{day:02d}{birth:%m%y}{serial % 9999 + 1:04d}"


def make_kk(village_code: str, chance: random.Random, serial: int) -> str:
    """Sixteen digits: district, day of issue, serial."""
    issued = date(2010, 1, 1) + timedelta(days=chance.randint(0, 5000))
    return f"{village_code.replace('.', '')[:6]}{issued:%d%m%y}{serial % 9999 + 1:04d}"


@dataclass(frozen=True)
class Planted:
    """A row with a defect: the person as written, and what is wrong with them."""

    soul: Soul
    defect: str
    nik_as_number: bool = False


DEFECTS = (
    "invalid_nik",
    "damaged_nik",
    "duplicate_in_file",
    "dead",
    "under_age",
    "second_elder",
    "shared_account",
    "unknown_village",
    "desil_high",
    "other_programme",
)


def plant(population: Population, good: Sequence[Soul], count: int, *, on: date) -> list[Planted]:
    """`count` defective rows of the kinds audits keep finding, in turn."""
    planted = []
    for number in range(count):
        defect = DEFECTS[number % len(DEFECTS)]
        planted.append(_spoil(population, good[number * 7 % len(good)], defect, on))
    return planted


def _spoil(population: Population, other: Soul, defect: str, on: date) -> Planted:
    fresh = population.elders(1, on=on)[0]
    if defect == "invalid_nik":
        return Planted(replace(fresh, nik=fresh.nik[:15]), defect)
    if defect == "damaged_nik":
        # What Excel leaves of sixteen digits typed into a number cell.
        return Planted(replace(fresh, nik=fresh.nik[:15] + "0"), defect, nik_as_number=True)
    if defect == "duplicate_in_file":
        return Planted(other, defect)
    if defect == "under_age":
        birth = date(on.year - 69, on.month, min(on.day, 28))
        return Planted(population.soul(birth), defect)
    changes: dict[str, dict[str, object]] = {
        "second_elder": {"kk": other.kk, "head_name": other.head_name, "village": other.village},
        "shared_account": {"account": other.account},
        "unknown_village": {
            "village": replace(fresh.village, name="Desa Tak Dikenal", code=fresh.village.code[:8])
        },
        "desil_high": {"desil": 7},
    }
    return Planted(replace(fresh, **changes.get(defect, {})), defect)  # type: ignore[arg-type]

"""What each province has done so far this year: how many people, where, up to which step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

PKH_PLUS, ASPD, KIP, KUBE, UEP, JOSPOL = (*("PKHPLUS", "ASPD", "KIP", "KUBE", "UEP", "JOSPOL4"),)
# The other counted lines of Madiun, East Java and Jambi.
WORKERS, MEALS, AIDS, PILLARS = (*("BLTROKOK", "PERMAKANAN", "ALATBANTU", "TALIASIH"),)
ZAKAT, BKK, EXTREME, SHELTER = (*("ZAKAT", "BKK", "KEMISEM", "PSTW"),)
# Premiums of Kaltim: health and work.
HEALTH, WORK = "GRATISPOL-SEHAT", "GRATISPOL-KERJA"
# What Madiun was given as BKK in 2025, for all three uses together.
BKK_MADIUN = Decimal(940_000_000)
# Made up, to show what no counted line shows.
VENTURE = "LATIHAN-USAHA"
YEAR = 2026
MADIUN = "35.19"
DPA_DATE = date(2026, 1, 5)
PROPOSED_ON, VERIFIED_ON = date(2026, 2, 3), date(2026, 2, 12)
RECORDED_ON, DECREED_ON = date(2026, 2, 19), date(2026, 2, 24)
# Days after the stage date on which a list is drawn, locked, signed, funded, sent, answered,
# its returns settled, and closed.
RHYTHM = (1, 2, 3, 4, 5, 9, 14, 21)


@dataclass(frozen=True)
class Played:
    """A regency whose list is paid since spring: people, districts, steps done per stage."""

    area_code: str
    people: int
    districts: int
    steps: tuple[int, ...]


# The third stage is left open twice, so that somebody's desk is not empty.
EAST_JAVA_PLAYED = (
    Played("35.20", 64, 2, (8, 8, 6)),
    Played("35.02", 58, 2, (8, 8, 8)),
    Played("35.21", 61, 2, (8, 8, 2)),
)


@dataclass(frozen=True)
class Scale:
    """How many people there are; the tests play the same story with fewer."""

    madiun: int = 1568
    aspd: int = 110
    kip: int = 7
    # Families in each of the ten areas of Jospol 4.
    jospol: int = 150
    # Recipients of the first round of the extreme-poverty aid.
    extreme: int = 3000
    # Jambi's Tagana, over eleven areas.
    tagana: int = 701
    played: tuple[Played, ...] = EAST_JAVA_PLAYED


# Jospol 4: who is done, who is verified; the other areas have only proposed.
JOSPOL_DECREED = ("64.07", "64.74", "64.09")
JOSPOL_VERIFIED = ("64.02",)

# Dumisake, Jambi: area -> (KUBE, UEP).
JAMBI = {
    "15.01": (3, 10),
    "15.02": (6, 10),
    "15.03": (6, 5),
    "15.04": (2, 0),
    "15.05": (4, 5),
    "15.06": (4, 5),
    "15.07": (4, 5),
    "15.08": (2, 0),
    "15.09": (2, 0),
    "15.71": (2, 5),
    "15.72": (2, 0),
}

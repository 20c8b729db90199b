"""Deadlines of the money flow: how many days, how a deadline reads, and what it is coloured.

They only tell. Nothing here moves money, and no deadline that passes does.
Sources: juknis PKH Plus, ASPD and Kemiskinan Ekstrem of Jawa Timur 2026 (docs/panduan/bendahara).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass(frozen=True)
class Days:
    """The lengths for one programme; 0 = this programme has no such deadline."""

    sp2d: int = 2
    overbooking: int = 10
    clarification: int = 10
    idle: int = 30


DEFAULTS = Days()
# SP2D of Kemiskinan Ekstrem: three working days instead of two.
BY_PROGRAMME = {"KEMISEM": Days(sp2d=3)}
YEAR_END_WARNING = 60
SOON = 2


def defaults_for(code: str) -> Days:
    """The lengths of a programme whose office has recorded none."""
    return BY_PROGRAMME.get(code, DEFAULTS)


def year_end(year: int) -> date:
    """The last day on which undisbursed money of a year goes back to kas daerah."""
    return date(year, 12, 31)


def tone_of(left: int) -> str:
    """Colour only: past, near, or still time."""
    if left < 0:
        return "masalah"
    return "menunggu" if left <= SOON else "info"


def left_words(left: int, *, working: bool) -> str:
    """As in "sisa 3 hari kerja", "hari ini", "lewat 5 hari"."""
    if left == 0:
        return _("hari ini")
    count = abs(left)
    if left > 0:
        if working:
            words = ngettext("sisa %(n)s hari kerja", "sisa %(n)s hari kerja", count)
        else:
            words = ngettext("sisa %(n)s hari", "sisa %(n)s hari", count)
    elif working:
        words = ngettext("lewat %(n)s hari kerja", "lewat %(n)s hari kerja", count)
    else:
        words = ngettext("lewat %(n)s hari", "lewat %(n)s hari", count)
    return words % {"n": count}

"""Indonesian dates and times: written, spelled and read back; never month before day."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bansos.lib.errors import BadInput
from bansos.lib.money import terbilang

ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
FIRST_YEAR, LAST_YEAR = 1900, 2100

MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Spellings seen in lists from villages and in files saved by an English Excel.
_SPELLINGS = (
    "januari january jan",
    "februari pebruari february feb peb",
    "maret march mar mrt",
    "april apr",
    "mei may",
    "juni june jun",
    "juli july jul",
    "agustus august aug ags agt agu agust",
    "september sept sep",
    "oktober october okt oct",
    "november nopember nov nop",
    "desember december des dec",
)
MONTH_NUMBERS = {
    word: number for number, line in enumerate(_SPELLINGS, start=1) for word in line.split()
}
_DAY_NAME = re.compile(
    rf"(?:{'|'.join((*DAYS, *_ENGLISH_DAYS, 'Jum.at', 'Ahad'))})\s*,?\s+", re.IGNORECASE
)
_ISO = re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})")
_PARTS = re.compile(r"(?P<d>[0-9]{1,2})([-/. ])(?P<m>[0-9]{1,2})\2(?P<y>[0-9]{4}|[0-9]{2})")
_RUN = re.compile(r"(?P<d>[0-9]{2})(?P<m>[0-9]{2})(?P<y>[0-9]{4})")
_WORDS = re.compile(
    r"(?P<d>[0-9]{1,2})[-/. ]+(?P<m>[a-z]+)\.?[-/. ,]+(?P<y>[0-9]{4}|[0-9]{2})", re.IGNORECASE
)


def long_date(day: date, language: str = "id") -> str:
    """22 November 2026. Letters keep the default; a screen passes its own language."""
    months = _ENGLISH_MONTHS if language == "en" else MONTHS
    return f"{day.day} {months[day.month - 1]} {day.year}"


def month_words(day: date) -> str:
    """As in "Maret 2026"."""
    return long_date(day).split(" ", 1)[1]


def short_date(day: date) -> str:
    """22-11-2026, for columns."""
    return f"{day.day:02d}-{day.month:02d}-{day.year}"


def day_words(day: date, language: str = "id") -> str:
    """As in "Senin, 12 Agustus 1957": the echo under a date field."""
    days = _ENGLISH_DAYS if language == "en" else DAYS
    return f"{days[day.weekday()]}, {long_date(day, language)}"


def date_in_words(day: date) -> str:
    """The opening of a Berita Acara: day name, date, month and year in words."""
    return (
        f"{DAYS[day.weekday()]} tanggal {terbilang(day.day)} "
        f"bulan {MONTHS[day.month - 1]} tahun {terbilang(day.year)}"
    )


def in_zone(moment: datetime, zone: str | tzinfo) -> datetime:
    """The moment on that zone's clock; naive moments are refused."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be put on a clock.")
    return moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def day_of(moment: datetime, zone: str | tzinfo | None = None) -> date:
    """The calendar day of a moment on that zone's clock; without one, on the active zone's.

    Moments are kept in UTC, whose day is still yesterday until 07.00 WIB (08.00 WITA).
    """
    return in_zone(moment, zone or timezone.get_current_timezone()).date()


def zone_name(zone: str | tzinfo) -> str:
    """WIB, WITA or WIT; another zone is named by its key."""
    key = str(zone)
    return ZONE_NAMES.get(key, key)


def time_words(moment: datetime, zone: str | tzinfo) -> str:
    """14.05 WIB."""
    local = in_zone(moment, zone)
    return f"{local.hour:02d}.{local.minute:02d} {zone_name(zone)}"


def datetime_words(moment: datetime, zone: str | tzinfo, language: str = "id") -> str:
    """12 November 2026, 14.05 WITA."""
    return f"{long_date(in_zone(moment, zone), language)}, {time_words(moment, zone)}"


def parse_date(text: str, *, today: date | None = None, birth: bool = False) -> date:
    """Read a date as people type it: day, month, year, or ISO with four-digit year first.

    Accepts `12081957`, `12-8-1957`, `12/08/57`, `12.08.1957`, `12 Agustus 1957`, `12 Agt 1957`,
    `1957-08-12`. A two-digit year needs `today`: for a birth it is the last such year that is
    not in the future, else the one at most 20 years ahead. Raises BadInput for the rest; the
    month is never read first, so 11/13/2026 is refused.
    """
    cleaned = " ".join(text.replace("\u00a0", " ").split())
    cleaned = _DAY_NAME.sub("", cleaned, count=1) if cleaned[:1].isalpha() else cleaned
    match = (
        _ISO.fullmatch(cleaned)
        or _PARTS.fullmatch(cleaned)
        or _RUN.fullmatch(cleaned)
        or _WORDS.fullmatch(cleaned)
    )
    if match is None or not cleaned.isascii():
        raise _unreadable()
    month = int(match["m"]) if match["m"].isdigit() else MONTH_NUMBERS.get(match["m"].lower(), 0)
    day, year = int(match["d"]), int(match["y"])
    if len(match["y"]) == 2:
        return _with_century(day, month, year, today=today, birth=birth)
    return _real_date(year, month, day)


def _with_century(day: int, month: int, year: int, *, today: date | None, birth: bool) -> date:
    if today is None:
        raise BadInput("tahun_dua_angka", gettext_lazy("Tulis tahun dengan empat angka."))
    if birth:
        recent = 2000 + year
        later = (recent, month, day) > (today.year, today.month, today.day)
        return _real_date(recent - 100 if later else recent, month, day)
    return _real_date(2000 + year if 2000 + year <= today.year + 20 else 1900 + year, month, day)


def _real_date(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInput(
            "tahun_di_luar_batas",
            gettext_lazy("Tahun tidak masuk akal. Tulis tahun antara 1900 dan 2100."),
        )
    try:
        return date(year, month, day)
    except ValueError as error:
        raise BadInput(
            "tanggal_tidak_ada",
            gettext_lazy("Tanggal itu tidak ada di kalender. Urutannya tanggal, bulan, tahun."),
        ) from error


def _unreadable() -> BadInput:
    return BadInput(
        "tanggal_tidak_terbaca",
        gettext_lazy("Tanggal tidak dapat dibaca. Tulis seperti 12-08-1957 atau 12 Agustus 1957."),
    )


def months_before(day: date, months: int) -> date:
    """The same day some months earlier; a day the month lacks becomes its last one.

    Raises ValueError before the year 1.
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def age_on(birth: date, on: date) -> int:
    """Whole years lived on that day; who was born on 29 February ages on 1 March.

    Raises ValueError when the birth lies after the day.
    """
    if birth > on:
        raise ValueError("The birth lies after the day asked about.")
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def ago_words(moment: datetime, now: datetime, zone: str | tzinfo = "Asia/Jakarta") -> str:
    """As in "5 menit lalu"; from the seventh day on the date itself, which does not go stale."""
    seconds = int((now - moment).total_seconds())
    if seconds < 60:
        return _("baru saja")
    if seconds < 3600:
        count = seconds // 60
        return ngettext("%(count)s menit lalu", "%(count)s menit lalu", count) % {"count": count}
    if seconds < 86400:
        count = seconds // 3600
        return ngettext("%(count)s jam lalu", "%(count)s jam lalu", count) % {"count": count}
    if seconds < 7 * 86400:
        count = seconds // 86400
        return ngettext("%(count)s hari lalu", "%(count)s hari lalu", count) % {"count": count}
    return long_date(in_zone(moment, zone))

"""Dates: written, spelled and read as the offices write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bansos.lib.dates import (
    age_on,
    ago_words,
    date_in_words,
    datetime_words,
    day_of,
    day_words,
    long_date,
    parse_date,
    short_date,
    time_words,
    zone_name,
)
from bansos.lib.errors import BadInput

TODAY = date(2026, 11, 22)
BORN = date(1957, 8, 12)
NOON = datetime(2026, 11, 12, 6, 5, tzinfo=UTC)


def test_dates_are_written_day_first() -> None:
    assert long_date(TODAY) == "22 November 2026"
    assert long_date(TODAY, "en") == "22 November 2026"
    assert long_date(BORN, "en") == "12 August 1957"
    assert short_date(BORN) == "12-08-1957"
    assert day_words(BORN) == "Senin, 12 Agustus 1957"
    assert day_words(BORN, "en") == "Monday, 12 August 1957"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TODAY, "Minggu tanggal dua puluh dua bulan November tahun dua ribu dua puluh enam"),
        (date(2025, 1, 1), "Rabu tanggal satu bulan Januari tahun dua ribu dua puluh lima"),
        (date(2024, 5, 11), "Sabtu tanggal sebelas bulan Mei tahun dua ribu dua puluh empat"),
        (date(1999, 12, 31), "Jumat tanggal tiga puluh satu bulan Desember tahun seribu sembilan"),
    ],
)
def test_date_in_words(day: date, words: str) -> None:
    assert date_in_words(day).startswith(words)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Asia/Jakarta", "13.05 WIB"),
        ("Asia/Makassar", "14.05 WITA"),
        (ZoneInfo("Asia/Jayapura"), "15.05 WIT"),
        ("UTC", "06.05 UTC"),
    ],
)
def test_times_name_their_zone(zone: str | ZoneInfo, words: str) -> None:
    assert time_words(NOON, zone) == words


def test_the_date_is_that_of_the_zone() -> None:
    late = datetime(2026, 11, 12, 16, 30, tzinfo=UTC)
    assert datetime_words(late, "Asia/Jakarta") == "12 November 2026, 23.30 WIB"
    assert datetime_words(late, "Asia/Makassar") == "13 November 2026, 00.30 WITA"
    assert zone_name(ZoneInfo("Asia/Makassar")) == "WITA"


def test_the_day_of_a_moment_is_not_that_of_utc() -> None:
    after_midnight = datetime(2026, 11, 22, 17, 7, tzinfo=UTC)
    assert day_of(after_midnight) == date(2026, 11, 23)
    assert day_of(after_midnight, "UTC") == date(2026, 11, 22)
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert (day_of(late).day, day_of(late, ZoneInfo("Asia/Makassar")).day) == (22, 23)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError):
        time_words(datetime(2026, 1, 1), "Asia/Jakarta")  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "12081957",
        "12-8-1957",
        "12-08-1957",
        "12/08/57",
        "12/8/1957",
        "12.08.1957",
        "12 08 1957",
        "12 Agustus 1957",
        "12 agustus 1957",
        "12 Agt 1957",
        "12 Ags. 1957",
        "12-Aug-57",
        "12 August 1957",
        "Senin, 12 Agustus 1957",
        "1957-08-12",
        "1957-8-12",
        "  12   Agustus\u00a01957 ",
    ],
)
def test_one_birthday_in_many_spellings(text: str) -> None:
    assert parse_date(text, today=TODAY, birth=True) == BORN


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("1 Pebruari 2024", 2),
        ("1 Peb 2024", 2),
        ("1 Mrt 2024", 3),
        ("1 Mei 2024", 5),
        ("1 Okt 2024", 10),
        ("1 Oct 2024", 10),
        ("1 Nopember 2024", 11),
        ("1 Des 2024", 12),
    ],
)
def test_month_spellings(text: str, month: int) -> None:
    assert parse_date(text) == date(2024, month, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("11/13/2026", "tanggal_tidak_ada"),
        ("13/31/1957", "tanggal_tidak_ada"),
        ("31-02-2020", "tanggal_tidak_ada"),
        ("29-02-2023", "tanggal_tidak_ada"),
        ("00-01-2020", "tanggal_tidak_ada"),
        ("12 Foo 1957", "tanggal_tidak_ada"),
        ("12-08-1857", "tahun_di_luar_batas"),
        ("12-08-2957", "tahun_di_luar_batas"),
        ("19570812", "tahun_di_luar_batas"),
        ("", "tanggal_tidak_terbaca"),
        ("kemarin", "tanggal_tidak_terbaca"),
        ("Agustus 12, 1957", "tanggal_tidak_terbaca"),
        ("12-08/1957", "tanggal_tidak_terbaca"),
        ("12-08-957", "tanggal_tidak_terbaca"),
        ("120857", "tanggal_tidak_terbaca"),
        ("1208 1957", "tanggal_tidak_terbaca"),
        ("12-08-1957 10:00", "tanggal_tidak_terbaca"),
        ("21044", "tanggal_tidak_terbaca"),
        ("١٢-٠٨-١٩٥٧", "tanggal_tidak_terbaca"),
    ],
)
def test_what_is_not_a_date_is_refused_with_a_reason(text: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_date(text, today=TODAY)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "birth", "year"),
    [
        ("01/01/26", True, 2026),
        ("22/11/26", True, 2026),
        ("23/11/26", True, 1926),
        ("01/01/27", True, 1927),
        ("01/01/00", True, 2000),
        ("01/01/27", False, 2027),
        ("01/01/46", False, 2046),
        ("01/01/47", False, 1947),
    ],
)
def test_two_digit_years(text: str, birth: bool, year: int) -> None:
    assert parse_date(text, today=TODAY, birth=birth).year == year


def test_two_digit_years_need_a_today() -> None:
    with pytest.raises(BadInput) as caught:
        parse_date("12/08/57")
    assert caught.value.code == "tahun_dua_angka"


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_what_we_write_we_read_back(day: date) -> None:
    for text in (long_date(day), short_date(day), day_words(day), day.isoformat()):
        assert parse_date(text) == day


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        (BORN, TODAY, 69),
        (BORN, date(2026, 8, 11), 68),
        (BORN, date(2026, 8, 12), 69),
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (TODAY, TODAY, 0),
    ],
)
def test_age_on(birth: date, on: date, age: int) -> None:
    assert age_on(birth, on) == age


def test_age_before_birth_is_an_error() -> None:
    with pytest.raises(ValueError):
        age_on(TODAY, BORN)


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (timedelta(seconds=-5), "baru saja"),
        (timedelta(seconds=59), "baru saja"),
        (timedelta(minutes=1), "1 menit lalu"),
        (timedelta(minutes=59, seconds=59), "59 menit lalu"),
        (timedelta(hours=5), "5 jam lalu"),
        (timedelta(days=6, hours=23), "6 hari lalu"),
        (timedelta(days=7), "5 November 2026"),
    ],
)
def test_ago_words(delta: timedelta, words: str) -> None:
    assert ago_words(NOON - delta, NOON) == words


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_format_reads_the_month_first(language: str) -> None:
    formats = import_module(f"bansos.lib.formats.{language}.formats")
    for pattern in (*formats.DATE_INPUT_FORMATS, *formats.DATETIME_INPUT_FORMATS):
        assert pattern.startswith(("%d", "%Y"))
        with pytest.raises(ValueError):
            datetime.strptime("11/13/2026", pattern)  # noqa: DTZ007

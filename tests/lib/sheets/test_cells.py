"""Cells: cleaned of the dirt of years, true to what they were in the file."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bansos.lib.errors import BadInput
from bansos.lib.sheets.cells import (
    EMPTY,
    Cell,
    cell_amount,
    cell_date,
    clean_text,
    column_letter,
    date_cell,
    number_cell,
    text_cell,
    time_cell,
    truth_cell,
)


@given(st.text("abZ019 +-=@'\"_x.,eE\t\n\u00a0\u200b\u00e9()/d", max_size=12))
def test_a_cell_with_nothing_to_clean_is_the_cell_that_was_cleaned(raw: str) -> None:
    text = clean_text(raw)
    rounded = bool(re.fullmatch(r"[+-]?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}", text))
    assert text_cell(raw) == (Cell(text, text, was_number=rounded) if text else EMPTY)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\u00a0 3519074108500001\u200b ", "3519074108500001"),
        ("'0012345678", "0012345678"),
        ("'=1+1", "=1+1"),
        ("'tHart", "'tHart"),
        ('="0012345678"', "0012345678"),
        ("Jl. Melati_x000D_\nRT 01", "Jl. Melati RT 01"),
        ("Siti\t\tAminah", "Siti Aminah"),
        ("\ufeffNIK", "NIK"),
        ("Nur\u00adhayati\u202c", "Nurhayati"),
        ("\x00\x07", ""),
        ("   ", ""),
    ],
)
def test_text_is_cleaned(raw: str, text: str) -> None:
    assert clean_text(raw) == text


@given(st.text())
def test_cleaning_is_one_line_and_visible(raw: str) -> None:
    text = clean_text(raw)
    assert text == text.strip()
    assert not any(sign in text for sign in "\n\r\t\x00\u00a0\u200b\ufeff")


def test_leading_zeros_stay() -> None:
    assert text_cell("0012345678") == Cell("0012345678", "0012345678")


@pytest.mark.parametrize("damaged", ["3,51907E+15", "3.51907e+15", "4E+15"])
def test_scientific_notation_is_known_as_a_damaged_number(damaged: str) -> None:
    assert text_cell(damaged).was_number


def test_a_number_keeps_its_digits_and_is_known_as_one() -> None:
    cell = number_cell("3519074108500000.0")
    assert (cell.text, cell.was_number) == ("3519074108500000", True)
    assert cell.value == Decimal("3519074108500000")


@pytest.mark.parametrize(
    ("digits", "text"), [("1.5", "1.5"), ("1e+16", "10000000000000000"), ("-500000.0", "-500000")]
)
def test_numbers_are_written_plainly(digits: str, text: str) -> None:
    assert number_cell(digits).text == text


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (date_cell(date(1950, 8, 1)), date(1950, 8, 1)),
        (date_cell(datetime(1950, 8, 1, 7, 30)), date(1950, 8, 1)),  # noqa: DTZ001
        (text_cell("1 Agustus 1950"), date(1950, 8, 1)),
        (text_cell("01/08/1950"), date(1950, 8, 1)),
        (text_cell("1950-08-01"), date(1950, 8, 1)),
        (number_cell("18476.0"), date(1950, 8, 1)),
        (EMPTY, None),
    ],
)
def test_dates_are_read_in_every_writing(cell: Cell, day: date | None) -> None:
    assert cell_date(cell) == day


def test_a_two_digit_year_needs_today() -> None:
    assert cell_date(text_cell("1/8/50"), today=date(2026, 11, 22), birth=True) == date(1950, 8, 1)
    with pytest.raises(BadInput):
        cell_date(text_cell("1/8/50"))


@pytest.mark.parametrize("raw", ["08/31/1950", "tidak tahu", "1950"])
def test_what_is_no_date_is_refused(raw: str) -> None:
    with pytest.raises(BadInput):
        cell_date(text_cell(raw))


def test_a_year_as_a_number_is_no_day() -> None:
    with pytest.raises(BadInput):
        cell_date(number_cell("1950.0"))


def test_midnight_is_no_time_of_day() -> None:
    assert date_cell(datetime(1950, 8, 1)).text == "01/08/1950"  # noqa: DTZ001
    assert date_cell(datetime(1950, 8, 1, 7, 30)).text == "01/08/1950 07:30"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (number_cell("500000.0"), Decimal("500000.00")),
        (number_cell("1031145.59"), Decimal("1031145.59")),
        (text_cell("Rp500.000"), Decimal("500000.00")),
        (EMPTY, None),
    ],
)
def test_amounts_are_exact(cell: Cell, amount: Decimal | None) -> None:
    assert cell_amount(cell) == amount


@pytest.mark.parametrize("cell", [date_cell(date(2026, 1, 5)), text_cell("lunas")])
def test_what_is_no_amount_is_refused(cell: Cell) -> None:
    with pytest.raises(BadInput):
        cell_amount(cell)


def test_truth_and_time_are_words() -> None:
    assert truth_cell(True).text == "Ya"
    assert truth_cell(False).text == "Tidak"
    assert time_cell(time(7, 5)).text == "07:05"


@pytest.mark.parametrize(("index", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (702, "AAA")])
def test_columns_are_named_as_in_excel(index: int, letter: str) -> None:
    assert column_letter(index) == letter

"""NIK and KK numbers by worked cases; none of them belongs to a person."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bansos.lib.nik import (
    check_kk,
    check_nik,
    clean_digits,
    group_nik,
    looks_excel_damaged,
    mask_account,
    mask_nik,
)

TODAY = date(2026, 11, 22)
WOMAN = "3519015208570001"
MAN = "3519011208570001"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "kosong"),
        ("   ", "kosong"),
        ("351901120857000", "panjang"),
        ("35190112085700011", "panjang"),
        ("35190112085700O1", "bukan_angka"),
        ("３519011208570001", "bukan_angka"),
        ("3333333333333333", "angka_sama"),
        ("3519011213570001", "bulan"),
        ("3519011200570001", "bulan"),
        ("3519013202570001", "tanggal"),
        ("3519013002570001", "tanggal"),
        ("3519010002570001", "tanggal"),
        ("3519014002570001", "tanggal"),
        ("3519017202570001", "tanggal"),
        ("3519018101900001", "tanggal"),
        ("3519019901900001", "tanggal"),
        ("3519012902570001", "tanggal"),
        ("3519011208570000", "seri"),
    ],
)
def test_errors(text: str, code: str) -> None:
    check = check_nik(text)
    assert [found for found, _sentence in check.errors] == [code]
    assert not check.ok
    assert (check.birth_date, check.sex) == (None, None)


def test_the_sentence_counts_the_digits() -> None:
    ((_code, sentence),) = check_nik("351901120857000").errors
    assert str(sentence) == "NIK harus 16 angka. Yang diisi 15 angka."


def test_two_faults_are_both_named() -> None:
    assert [code for code, _sentence in check_nik("3519011213570000").errors] == ["bulan", "seri"]


@pytest.mark.parametrize(
    ("text", "entered", "birth", "sex"),
    [
        (MAN, date(1957, 8, 12), date(1957, 8, 12), "L"),
        (WOMAN, date(1957, 8, 12), date(1957, 8, 12), "P"),
        ("3519011208210001", date(2021, 8, 12), date(2021, 8, 12), "L"),
        ("3519011208210001", date(1921, 8, 12), date(1921, 8, 12), "L"),
        ("3519011208210001", None, date(2021, 8, 12), "L"),
        ("3519011208570001", None, date(1957, 8, 12), "L"),
        ("3519016902000001", None, date(2000, 2, 29), "P"),
        ("3519012902240001", None, date(2024, 2, 29), "L"),
        ("9203011208570001", None, date(1957, 8, 12), "L"),
        ("9603011208570001", None, date(1957, 8, 12), "L"),
    ],
)
def test_what_a_nik_says(text: str, entered: date | None, birth: date, sex: str) -> None:
    check = check_nik(text, birth_date=entered, today=TODAY)
    assert (check.errors, check.warnings) == ((), ())
    assert (check.birth_date, check.sex) == (birth, sex)


def test_without_a_date_the_century_stays_open() -> None:
    assert check_nik(MAN).birth_date is None
    assert check_nik(MAN).ok


@pytest.mark.parametrize("text", ["351901 120857 0001", "3519.0112.0857.0001", "'3519011208570001"])
def test_separators_do_not_matter(text: str) -> None:
    assert check_nik(text).ok
    assert clean_digits(text) == MAN


@pytest.mark.parametrize(
    ("birth", "sex", "prefixes", "codes"),
    [
        (date(1957, 8, 12), "L", frozenset({"351901"}), []),
        (date(1957, 8, 12), "L", frozenset({"3519"}), []),
        (date(1957, 8, 12), "L", frozenset({"35"}), []),
        (date(1957, 8, 13), "L", frozenset(), ["tanggal_lahir"]),
        (date(1957, 8, 12), "P", frozenset(), ["jenis_kelamin"]),
        (None, None, frozenset({"640401"}), ["awalan"]),
        (date(1960, 1, 1), "P", frozenset({"64"}), ["awalan", "tanggal_lahir", "jenis_kelamin"]),
        (None, "", frozenset(), []),
    ],
)
def test_warnings_never_block(
    birth: date | None, sex: str | None, prefixes: frozenset[str], codes: list[str]
) -> None:
    check = check_nik(MAN, birth_date=birth, sex=sex, known_prefixes=prefixes)
    assert [code for code, _sentence in check.warnings] == codes
    assert check.ok
    assert all(str(sentence).endswith(".") for _code, sentence in check.warnings)


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)),
    st.sampled_from("LP"),
    st.integers(min_value=1, max_value=9999),
)
def test_every_real_person_has_a_good_nik(birth: date, sex: str, serial: int) -> None:
    day = birth.day + (40 if sex == "P" else 0)
    text = f"351901{day:02d}{birth:%m%y}{serial:04d}"
    check = check_nik(text, birth_date=birth, sex=sex)
    assert (check.errors, check.warnings) == ((), ())
    assert (check.birth_date, check.sex) == (birth, sex)


@pytest.mark.parametrize(
    ("text", "errors", "warnings"),
    [
        ("3519012503090001", [], []),
        ("351901250309000", ["panjang"], []),
        ("", ["kosong"], []),
        ("35190125030900A1", ["bukan_angka"], []),
        ("0000000000000000", ["angka_sama"], []),
        ("3519013213090001", [], ["tanggal"]),
        ("3519012503090000", [], ["seri"]),
    ],
)
def test_kk(text: str, errors: list[str], warnings: list[str]) -> None:
    check = check_kk(text)
    assert [code for code, _sentence in check.errors] == errors
    assert [code for code, _sentence in check.warnings] == warnings


def test_masks() -> None:
    assert mask_nik(MAN) == "351901••••••••01"
    assert mask_nik("35190112085700") == "•" * 14
    assert mask_nik("") == ""
    assert mask_account("0012345678") == "••••••5678"
    assert mask_account("1234567") == "•••••••"
    assert group_nik(MAN) == "351901 120857 0001"
    assert group_nik("3519") == "3519"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (3519011208570000.0, "angka_terakhir"),
        (3519011208570000, "angka_terakhir"),
        (12345678.0, "sel_bilangan"),
        (12345678, "sel_bilangan"),
        ("3,51901E+15", "notasi_ilmiah"),
        ("3.51901E+15", "notasi_ilmiah"),
        ("3.51901e15", "notasi_ilmiah"),
        ("'3,52E+15", "notasi_ilmiah"),
        ("3519011208570000.0", "angka_terakhir"),
        ("0012345678,00", "sel_bilangan"),
    ],
)
def test_excel_damage_is_named(value: object, code: str) -> None:
    found = looks_excel_damaged(value)
    assert found is not None
    assert found[0] == code
    assert "teks" in str(found[1])


@pytest.mark.parametrize(
    "value", [MAN, "3519011208570010", "0012345678", "", None, True, "3519.0112.0857.0001", "E-12"]
)
def test_good_cells_are_left_alone(value: object) -> None:
    assert looks_excel_damaged(value) is None

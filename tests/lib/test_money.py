"""Amounts: written, read back and spelled as the guides write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bansos.lib.errors import BadInput
from bansos.lib.money import (
    MoneyField,
    number,
    parse_rupiah,
    rupiah,
    rupiah_short,
    terbilang,
    terbilang_rupiah,
    to_sen,
)

D = Decimal


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (D("1500000"), "Rp1.500.000"),
        (D("1500000.00"), "Rp1.500.000"),
        (D("1031145.59"), "Rp1.031.145,59"),
        (D("1031145.5"), "Rp1.031.145,50"),
        (D("-2500"), "-Rp2.500"),
        (D("-0.01"), "-Rp0,01"),
        (D("-0.00"), "Rp0"),
        (0, "Rp0"),
        (999, "Rp999"),
        (1000, "Rp1.000"),
        (D("3136000000"), "Rp3.136.000.000"),
        (D("9999999999999999.99"), "Rp9.999.999.999.999.999,99"),
        (D("0.005"), "Rp0,01"),
        (D("1E+6"), "Rp1.000.000"),
    ],
)
def test_rupiah(amount: Decimal | int, words: str) -> None:
    assert rupiah(amount) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (D("1500000000"), "Rp1,5 miliar"),
        (D("5900000000"), "Rp5,9 miliar"),
        (D("784000000"), "Rp784 juta"),
        (D("999960000"), "Rp1 miliar"),
        (D("12500"), "Rp12,5 ribu"),
        (D("2000000000000"), "Rp2 triliun"),
        (D("-1500000"), "-Rp1,5 juta"),
        (D("950"), "Rp950"),
        (D("999.99"), "Rp1 ribu"),
        (D("950000000"), "Rp950 juta"),
        (0, "Rp0"),
    ],
)
def test_rupiah_short(amount: Decimal | int, words: str) -> None:
    assert rupiah_short(amount) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1568, "1.568"),
        (0, "0"),
        (999, "999"),
        (1000000, "1.000.000"),
        (-12345, "-12.345"),
        (D("1.5"), "1,5"),
        (D("49023.037"), "49.023,037"),
    ],
)
def test_number(value: Decimal | int, words: str) -> None:
    assert number(value) == words


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1500000", "1500000.00"),
        ("1.500.000", "1500000.00"),
        (" Rp1.500.000,50 ", "1500000.50"),
        ("Rp 1.500.000", "1500000.00"),
        ("Rp. 1.500.000,-", "1500000.00"),
        ("rp\u00a01.500.000", "1500000.00"),
        ("1500000,5", "1500000.50"),
        ("1.031.145,59", "1031145.59"),
        ("1,5 jt", "1500000.00"),
        ("1,5jt", "1500000.00"),
        ("1,5 Juta", "1500000.00"),
        ("2 miliar", "2000000000.00"),
        ("2 milyar", "2000000000.00"),
        ("500 ribu", "500000.00"),
        ("Rp 900 rb", "900000.00"),
        ("1.500 juta", "1500000000.00"),
        ("1 triliun", "1000000000000.00"),
        ("0", "0.00"),
        ("-2.500", "-2500.00"),
        ("-Rp2.500", "-2500.00"),
    ],
)
def test_parse_rupiah(text: str, amount: str) -> None:
    parsed = parse_rupiah(text)
    assert str(parsed) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Rp",
        "abc",
        "1.5",
        "1.50",
        "1,500",
        "1,500,000",
        "1,500,000.00",
        "1.500,000",
        "1.5.0",
        "15.00.000",
        "0.500",
        "1.500.00",
        "1500.000.000",
        "1 500 000",
        "1e6",
        "1,5 kilo",
        "1.5 jt",
        "0,0000001 ribu",
        "1,5 juta,-",
        "NaN",
        "1_000",
        "１５００",
        "99999999999999999",
        "99999999 triliun",
        "dua juta",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_rupiah(text)


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2, allow_nan=False))
def test_what_we_write_we_read_back(amount: Decimal) -> None:
    assert parse_rupiah(rupiah(amount)) == amount


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "nol"),
        (1, "satu"),
        (10, "sepuluh"),
        (11, "sebelas"),
        (12, "dua belas"),
        (19, "sembilan belas"),
        (20, "dua puluh"),
        (21, "dua puluh satu"),
        (99, "sembilan puluh sembilan"),
        (100, "seratus"),
        (101, "seratus satu"),
        (111, "seratus sebelas"),
        (200, "dua ratus"),
        (999, "sembilan ratus sembilan puluh sembilan"),
        (1000, "seribu"),
        (1001, "seribu satu"),
        (1100, "seribu seratus"),
        (2000, "dua ribu"),
        (11000, "sebelas ribu"),
        (21000, "dua puluh satu ribu"),
        (100000, "seratus ribu"),
        (101000, "seratus satu ribu"),
        (1000000, "satu juta"),
        (1001000, "satu juta seribu"),
        (1500000, "satu juta lima ratus ribu"),
        (1000001000, "satu miliar seribu"),
        (784000000, "tujuh ratus delapan puluh empat juta"),
        (3136000000, "tiga miliar seratus tiga puluh enam juta"),
        (10**12, "satu triliun"),
        (10**15, "satu kuadriliun"),
        (2026, "dua ribu dua puluh enam"),
        (-5, "minus lima"),
    ],
)
def test_terbilang(value: int, words: str) -> None:
    assert terbilang(value) == words


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_terbilang_means_the_number_it_was_given(value: int) -> None:
    assert _read_words(terbilang(value)) == value


def _read_words(text: str) -> int:
    """An independent reader of Indonesian number words, so the writer cannot agree with itself."""
    digits = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh"]
    digits += ["delapan", "sembilan"]
    scales = {"ribu": 10**3, "juta": 10**6, "miliar": 10**9, "triliun": 10**12}
    scales["kuadriliun"] = 10**15
    short = {"seribu": "satu ribu", "seratus": "satu ratus", "sepuluh": "satu puluh"}
    short["sebelas"] = "satu belas"
    for one, two in short.items():
        text = text.replace(one, two)
    total = group = digit = 0
    for word in text.split():
        if word in scales:
            total, group, digit = total + (group + digit) * scales[word], 0, 0
        elif word == "ratus":
            group, digit = group + digit * 100, 0
        elif word == "puluh":
            group, digit = group + digit * 10, 0
        elif word == "belas":
            group, digit = group + digit + 10, 0
        else:
            digit = digits.index(word)
    return total + group + digit


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (D("1500000"), "satu juta lima ratus ribu rupiah"),
        (
            D("1031145.59"),
            (
                "satu juta tiga puluh satu ribu seratus empat puluh lima rupiah "
                "lima puluh sembilan sen"
            ),
        ),
        (D("0"), "nol rupiah"),
        (D("0.01"), "nol rupiah satu sen"),
        (D("-1000"), "minus seribu rupiah"),
    ],
)
def test_terbilang_rupiah(amount: Decimal, words: str) -> None:
    assert terbilang_rupiah(amount) == words


@pytest.mark.parametrize("act", [rupiah, rupiah_short, number, to_sen, terbilang, terbilang_rupiah])
def test_floats_are_refused_everywhere(act: object) -> None:
    with pytest.raises(TypeError):
        act(1.5)  # type: ignore[operator]


def test_terbilang_has_an_end() -> None:
    with pytest.raises(ValueError):
        terbilang(10**18)


def test_money_field_is_18_2_and_refuses_floats() -> None:
    field = MoneyField()
    assert (field.max_digits, field.decimal_places) == (18, 2)
    assert field.to_python("1031145.59") == D("1031145.59")
    with pytest.raises(TypeError):
        field.to_python(0.1)
    with pytest.raises(TypeError):
        field.get_prep_value(0.1)


def test_money_field_in_migrations_names_itself() -> None:
    _name, path, _args, kwargs = MoneyField(default=0).deconstruct()
    assert path == "bansos.lib.money.MoneyField"
    assert kwargs["max_digits"] == 18

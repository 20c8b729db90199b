"""Columns are found by name, synonym and likeness; what is missing or double is said."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bansos.lib.errors import BadInput
from bansos.lib.sheets.mapping import (
    ExpectedColumn,
    guess_mapping,
    normalise,
    require_columns,
    study_headers,
)
from tests.lib.sheets.lampiran import HEADERS, LAMPIRAN_1


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("  Tgl.  Lahir\n", "tanggal lahir"),
        ("NO. REK. BANK JATIM", "nomor rekening bank jatim"),
        ("Desa/Kelurahan", "desa kelurahan"),
        ("tgl_lahir", "tanggal lahir"),
        ("Kécamatan", "kecamatan"),
        ("***", ""),
    ],
)
def test_headers_become_words(header: str, words: str) -> None:
    assert normalise(header) == words


def test_the_guide_layout_maps_to_itself() -> None:
    mapping = guess_mapping(HEADERS, LAMPIRAN_1)
    assert mapping == {column.key: place for place, column in enumerate(LAMPIRAN_1)}


@given(st.randoms(use_true_random=False))
def test_any_order_maps_the_same(shuffler: random.Random) -> None:
    places = list(range(len(HEADERS)))
    shuffler.shuffle(places)
    mapping = guess_mapping([HEADERS[place] for place in places], LAMPIRAN_1)
    assert {key: places[index] for key, index in mapping.items()} == guess_mapping(
        HEADERS, LAMPIRAN_1
    )


def test_synonyms_and_bracketed_remarks_are_understood() -> None:
    headers = ["No.", "NIK (16 angka)", "Nama Penerima (sesuai KTP)", "Tgl Lahir", "L/P", "DESA"]
    assert guess_mapping(headers, LAMPIRAN_1) == {
        "no": 0,
        "nik": 1,
        "name": 2,
        "birth_date": 3,
        "sex": 4,
        "village": 5,
    }


def test_a_misspelt_header_is_matched_by_likeness_and_marked() -> None:
    guess = study_headers(["NIK", "NAMA", "TANGAL LAHIR", "KECAMTAN"], LAMPIRAN_1)
    assert guess.mapping["birth_date"] == 2
    assert guess.mapping["district"] == 3
    assert guess.similar == {"birth_date", "district"}


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("NO KKS", "NO KK"),
        ("NIK IBU", "NAMA IBU"),
        ("NIK PASANGAN", "NIM PASANGAN"),
        ("TAHAP 1", "TAHAP 2"),
        ("NAMA PENERIMA", "NAMA PENDAMPING"),
    ],
)
def test_likeness_never_confuses_short_words_or_figures(header: str, label: str) -> None:
    assert guess_mapping([header], [ExpectedColumn("x", label)]) == {}


def test_a_likeness_to_two_fields_is_left_to_the_officer() -> None:
    expected = [ExpectedColumn("a", "ALAMAT RUMAHA"), ExpectedColumn("b", "ALAMAT RUMAHB")]
    assert guess_mapping(["ALAMAT RUMAHC"], expected) == {}


def test_the_label_wins_over_a_synonym_and_the_other_is_reported() -> None:
    guess = study_headers(["NO KTP", "NIK LANSIA", "NAMA"], LAMPIRAN_1)
    assert guess.mapping["nik"] == 1
    (conflict,) = guess.conflicts
    assert (conflict.key, conflict.columns) == ("nik", (1, 0))


def test_two_columns_of_one_name_are_a_conflict() -> None:
    guess = study_headers(["NIK", "NAMA", "NIK"], LAMPIRAN_1)
    assert guess.mapping["nik"] == 0
    assert [conflict.columns for conflict in guess.conflicts] == [(0, 2)]


def test_a_name_two_fields_share_serves_the_one_that_is_free() -> None:
    expected = [ExpectedColumn("a", "NAMA", ()), ExpectedColumn("b", "NAMA LENGKAP", ("NAMA",))]
    assert guess_mapping(["NAMA", "NAMA LENGKAP"], expected) == {"a": 0, "b": 1}
    assert guess_mapping(["NAMA", "NAMA"], expected) == {"a": 0, "b": 1}


def test_missing_required_columns_are_named_with_what_is_there() -> None:
    headers = ["NO", "ALAMAT", ""]
    guess = study_headers(headers, LAMPIRAN_1)
    assert [column.key for column in guess.missing] == ["name", "nik"]
    with pytest.raises(BadInput) as caught:
        require_columns(guess.mapping, headers, LAMPIRAN_1)
    assert str(caught.value).startswith(
        "Kolom NAMA LANSIA dan NIK LANSIA tidak ditemukan. Kolom yang ada: NO, ALAMAT."
    )
    assert caught.value.code == "kolom_tidak_ditemukan"


def test_one_missing_column_and_no_headers_at_all() -> None:
    with pytest.raises(BadInput, match="Kolom NIK tidak ditemukan. Kolom yang ada: tidak ada"):
        require_columns({}, [], [ExpectedColumn("nik", "NIK", required=True)])


def test_nothing_missing_is_no_refusal() -> None:
    require_columns({"name": 0, "nik": 1}, ["NAMA", "NIK"], LAMPIRAN_1)

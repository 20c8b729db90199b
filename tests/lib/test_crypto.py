"""Sealing: what goes in comes out, only in its own place, only with its key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from bansos.lib.crypto import (
    CannotOpen,
    blind_index,
    current_key_id,
    open_bytes,
    open_text,
    seal_bytes,
    seal_text,
    sealed_key_id,
    texts_opener,
)

HERE = "person.nik"


@given(st.binary(max_size=2000))
def test_what_goes_in_comes_out(plain: bytes) -> None:
    assert open_bytes(seal_bytes(plain, context=HERE), context=HERE) == plain


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_text_too(plain: str) -> None:
    assert open_text(seal_text(plain, context=HERE), context=HERE) == plain


def test_the_same_value_never_seals_twice_alike() -> None:
    assert seal_text("1", context=HERE) != seal_text("1", context=HERE)
    assert len(seal_text("3519011208570001", context=HERE)) == 16 + 3 + 12 + 16


def test_a_value_moved_to_another_column_does_not_open() -> None:
    sealed = seal_text("3519011208570001", context=HERE)
    with pytest.raises(CannotOpen):
        open_text(sealed, context="person.kk")


@pytest.mark.parametrize("place", [0, 1, 2, 3, 14, 15, -1])
def test_one_changed_bit_is_found(place: int) -> None:
    sealed = bytearray(seal_text("3519011208570001", context=HERE))
    sealed[place] ^= 1
    with pytest.raises(CannotOpen):
        open_text(bytes(sealed), context=HERE)


@pytest.mark.parametrize("junk", [b"", b"3519011208570001", b"\x01\x00\x01short", b"\x02" * 60])
def test_junk_is_not_opened(junk: bytes) -> None:
    with pytest.raises(CannotOpen):
        open_bytes(junk, context=HERE)


def test_errors_do_not_repeat_the_value() -> None:
    with pytest.raises(CannotOpen) as caught:
        open_bytes(b"\x013519011208570001" * 3, context=HERE)
    assert "3519" not in str(caught.value)


def test_a_new_key_seals_and_the_old_one_still_opens(settings: Settings) -> None:
    old = seal_text("lama", context=HERE)
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, 7: b"k" * 32}
    new = seal_text("baru", context=HERE)
    assert current_key_id() == 7
    assert (sealed_key_id(old), sealed_key_id(new)) == (1, 7)
    assert (open_text(old, context=HERE), open_text(new, context=HERE)) == ("lama", "baru")
    settings.FIELD_KEYS = {7: b"k" * 32}
    with pytest.raises(CannotOpen, match="Key 1"):
        open_text(old, context=HERE)


def test_a_wrong_key_under_the_right_number_does_not_open(settings: Settings) -> None:
    sealed = seal_text("lama", context=HERE)
    settings.FIELD_KEYS = {1: b"w" * 32}
    with pytest.raises(CannotOpen):
        open_text(sealed, context=HERE)


def test_many_values_open_as_one_by_one(settings: Settings) -> None:
    settings.FIELD_KEYS = {1: b"a" * 32}
    old = [seal_text(f"00{n}", context="t.c") for n in range(3)]
    settings.FIELD_KEYS = {1: b"a" * 32, 2: b"b" * 32}
    new = [seal_text(f"11{n}", context="t.c") for n in range(2)]
    opened = texts_opener(context="t.c")
    assert opened([b"", old[0], new[0], b"", old[1], new[1]]) == [
        *("", "000", "110", "", "001", "111"),
    ]
    assert opened([b"", b""]) == ["", ""]
    moved = seal_text("112", context="t.d")
    for bad in (moved, new[0][:-1] + bytes([new[0][-1] ^ 1]), new[0][:9], b"junk"):
        for values in ([new[0], bad], [bad, new[0]]):
            with pytest.raises(CannotOpen):
                opened(values)


def test_blind_index_is_stable_keyed_and_by_purpose(settings: Settings) -> None:
    index = blind_index("3519011208570001", "nik")
    assert len(index) == 64
    assert index == blind_index("351901 120857 0001", "nik")
    assert index == blind_index("3519-0112.08570001", "nik")
    assert index != blind_index("3519011208570001", "kk")
    assert index != blind_index("3519011208570002", "nik")
    settings.INDEX_KEY = b"z" * 32
    assert index != blind_index("3519011208570001", "nik")

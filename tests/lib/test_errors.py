"""Refusals carry a code, a sentence and a status."""

from __future__ import annotations

import pytest

from bansos.lib.errors import BadInput, NotAllowed, NotFound, Refused, Stale


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Refused, 409), (NotAllowed, 403), (NotFound, 404), (Stale, 409), (BadInput, 422)],
)
def test_each_kind_has_its_status(kind: type[Refused], status: int) -> None:
    error = kind("kode", "Kalimat.")
    assert (error.code, str(error), error.status) == ("kode", "Kalimat.", status)
    assert isinstance(error, Refused)


def test_status_and_fields_can_be_given() -> None:
    error = BadInput("nik", "Ada isian yang salah.", status=400, fields={"nik": "NIK salah."})
    assert error.status == 400
    assert error.fields == {"nik": "NIK salah."}
    assert BadInput.status == 422


def test_repr_shows_no_sentence_because_sentences_may_carry_names() -> None:
    assert repr(Stale("berubah", "Data Siti berubah.")) == "Stale('berubah')"

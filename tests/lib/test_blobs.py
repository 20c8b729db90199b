"""Long binary fields go into their row and come back piece by piece, byte for byte."""

from __future__ import annotations

import os

import pytest

from bansos.lib import blobs
from disbursements.models import ResultFile
from tests.cast import Cast
from tests.factories.disbursements import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 35])
def test_what_went_in_comes_out(cast: Cast, monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    monkeypatch.setattr(blobs, "PIECE", 10)
    row, other = (
        ResultFile.objects.create(
            area_code="35", format="mt940", sha256=mark * 64, uploaded_at=NOW, uploaded_by=cast.tono
        )
        for mark in "ab"
    )
    content = os.urandom(length)
    assert blobs.get_bytes(row, "sealed_file") is None
    for written in (b"\\x00\r\n", content):  # the second takes the place of the first
        blobs.put_bytes(row, "sealed_file", written)
        assert blobs.get_bytes(row, "sealed_file") == written
        assert bytes(row.sealed_file or b"") == written
        row.refresh_from_db()
    assert blobs.get_bytes(other, "sealed_file") is None
    row.file_name = "x"
    row.save()
    assert blobs.get_bytes(row, "sealed_file") == content

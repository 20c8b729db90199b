"""Long sealed files into a row and out of it, piece by piece: as text of a statement one of 25 MB
stands in memory eight times.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, Func
from django.db.models.expressions import RawSQL

PIECE = 1024 * 1024
# The head of COPY (FORMAT binary): its mark, no flags, no extension; then rows of one column.
_HEAD = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_ROW, _END = struct.pack(">h", 1), struct.pack(">h", -1)


def put_bytes(row: models.Model, field: str, content: bytes) -> None:
    """Write one binary field of a stored row; the row in memory reads it anew when asked."""
    with transaction.atomic(), connection.cursor() as db:
        db.execute("CREATE TEMP TABLE IF NOT EXISTS blob_piece (content bytea) ON COMMIT DROP")
        db.execute("TRUNCATE blob_piece")
        db.copy_expert("COPY blob_piece FROM STDIN (FORMAT binary)", _Pieces(content), PIECE)
        _rows(row).update(**{field: RawSQL("(SELECT content FROM blob_piece)", [])})
        db.execute("TRUNCATE blob_piece")
    row.__dict__.pop(field, None)


def get_bytes(row: models.Model, field: str) -> bytes | None:
    """Read one binary field of a stored row; None where it is NULL."""
    length = _one(row, Func(F(field), function="octet_length", output_field=models.IntegerField()))
    if length is None:
        return None
    content = bytearray()
    for start in range(1, length + 1, PIECE):
        piece = Func(
            F(field), start, PIECE, function="substring", output_field=models.BinaryField()
        )
        content += _one(row, piece)
    return bytes(content)


def _rows(row: models.Model) -> models.QuerySet[Any]:
    return type(row)._base_manager.filter(pk=row.pk)


def _one(row: models.Model, value: Func[Any]) -> Any:
    return _rows(row).annotate(asked=value).values_list("asked", flat=True).get()


class _Pieces:
    """A file of one row and one column, read by COPY."""

    def __init__(self, content: bytes) -> None:
        self._parts = self._cut(content)

    def read(self, size: int = PIECE) -> bytes:
        """The next piece; empty at the end."""
        return next(self._parts, b"")

    @staticmethod
    def _cut(content: bytes) -> Iterator[bytes]:
        yield _HEAD + _ROW + struct.pack(">i", len(content))
        view = memoryview(content)
        for start in range(0, len(content), PIECE):
            yield bytes(view[start : start + PIECE])
        yield _END

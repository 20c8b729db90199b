"""The rows of a list as a file wants them: the same columns, filters, order and masking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import QueryDict
from django.utils.encoding import force_str

from bansos.lib.lists.columns import export_value
from bansos.lib.lists.spec import ListSpec, instance


def export_rows(
    spec: ListSpec | type[ListSpec], user: Any, params: QueryDict, *, chunk: int = 2000
) -> tuple[list[str], Iterator[tuple[Any, ...]], list[str]]:
    """(headers, rows in the order of the screen, kinds of the columns), read in chunks.

    Money comes as Decimal, counts as int, dates as dates, all else as text; masked stays masked.
    """
    spec = instance(spec)
    columns = [column for column in spec.columns if column.export]
    rows, _filterset, _text = spec.rows(user, params)
    ordered = spec.order(params).apply(rows)
    readers = [(column, column.getter()) for column in columns]

    def lines() -> Iterator[tuple[Any, ...]]:
        for row in ordered.iterator(chunk_size=chunk):
            yield tuple(export_value(column, read(row)) for column, read in readers)

    headers = [force_str(column.label) for column in columns]
    return headers, lines(), [column.kind for column in columns]

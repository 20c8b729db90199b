"""Pages by position, not by number: the next page starts after the last row of this one.

The address carries only the id of that row; its sort value is read again from the table, so no
name ever stands in a URL, and a page at any depth costs what the first one costs. Order is the
database's own (empty values last when rising, first when falling), so that falling is the exact
mirror of rising and one plain index serves both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan


@dataclass(frozen=True)
class Order:
    """A sort path ("" is the id alone) and its direction."""

    path: str
    descending: bool = False

    def apply(self, rows: QuerySet[Any], *, backwards: bool = False) -> QuerySet[Any]:
        """The rows in this order, or in its mirror; ties are broken by the id."""
        sign = "-" if self.descending != backwards else ""
        names = [self.path, "pk"] if self.path and self.path != "pk" else ["pk"]
        return rows.order_by(*(f"{sign}{name}" for name in names))


def past(order: Order, row: dict[str, Any], model: type[models.Model], *, backwards: bool) -> Q:
    """The rows that come after `row` ({"pk": ..., path: ...}), or before it when backwards."""
    rising = order.descending == backwards
    compare = "gt" if rising else "lt"
    beyond_pk = Q(**{f"pk__{compare}": row["pk"]})
    path = order.path
    if not path or path == "pk":
        return beyond_pk
    value = row[path]
    empty, filled = Q(**{f"{path}__isnull": True}), Q(**{f"{path}__isnull": False})
    if value is None:
        return empty & beyond_pk if rising else filled | (empty & beyond_pk)
    # (x, id) > (v, i) as one row comparison: the database starts inside the index, ties or not.
    beyond = TupleGreaterThan if rising else TupleLessThan
    found = Q(beyond(Tuple(F(path), F("pk")), (value, row["pk"])))
    return found | empty if rising and nullable(model, path) else found


def nullable(model: type[models.Model], path: str) -> bool:
    """True unless every field on the path is a column that refuses NULL."""
    current: Any = model
    for name in path.split("__"):
        try:
            field = current._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        if getattr(field, "null", True) or field.one_to_many or field.many_to_many:
            return True
        current = field.related_model
        if current is None:
            return False
    return False

"""What a list is: its columns, rows and words. One declaration feeds page, cards and export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.forms import NullBooleanField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from bansos.lib.lists.columns import Column
from bansos.lib.lists.keyset import Order
from bansos.lib.lists.tokens import unseal

SORT, AFTER, BEFORE, SEARCH = "urut", "setelah", "sebelum", "cari"
CURSORS = frozenset({AFTER, BEFORE})
RESERVED = CURSORS | {SORT, SEARCH}
YES_OR_NO = (("", _("Semua")), ("true", _("Ya")), ("false", _("Tidak")))


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """An act on the picked rows: a POST to its own preview page."""

    key: str
    label: Any
    url_name: str
    icon: str = ""
    permission: str = ""


class ListSpec:
    """Subclass per list; `queryset` is the only way to its rows and starts from visible_to."""

    key: str = ""
    title: Any = ""
    model: type[Model]
    columns: Sequence[Column] = ()
    filterset_class: Any = None
    default_sort: str = ""
    page_size: int = 50
    search_hint: Any = ""
    empty_title: Any = _("Belum ada data.")
    empty_hint: Any = ""
    none_title: Any = _("Tidak ada yang cocok.")
    none_hint: Any = _("Ubah kata pencarian atau hapus salah satu saringan.")
    bulk_actions: Sequence[BulkAction] = ()
    exportable: bool = True
    export_permission: str = "export"
    wide: bool = False

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Every row this user may see."""
        return self.model._default_manager.visible_to(user)  # type: ignore[attr-defined, no-any-return]

    def kept_sums(self, user: Any) -> tuple[int, dict[str, Any]] | None:
        """(rows, {path: sum} of the columns with a total) when they are kept somewhere.

        Asked only while neither search nor filter is on; None lets the page count its rows.
        """
        return None

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """The rows that answer the search text; a list with a search_hint says how."""
        return rows

    def row_url(self, row: Any) -> str:
        """The row's own page; "" when it has none."""
        return ""

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)

    def order(self, params: QueryDict) -> Order:
        """The asked order when it is one of the sortable columns, else the default one."""
        for asked in (params.get(SORT, ""), self.default_sort):
            column = self.column(asked.removeprefix("-"))
            if column is not None and column.sort:
                return Order(column.sort, descending=asked.startswith("-"))
        return Order("", descending=self.default_sort == "-")

    def filterset(self, rows: QuerySet[Any], params: QueryDict, user: Any) -> Any:
        """The django-filter set over these rows, or None; it finds `self.request.user`."""
        if self.filterset_class is None:
            return None
        made = self.filterset_class(params, queryset=rows, request=SimpleNamespace(user=user))
        for field in made.form.fields.values():
            if isinstance(field, NullBooleanField):
                # A filter that is off leaves nothing unknown.
                field.widget.choices = YES_OR_NO
        return made

    def rows(self, user: Any, params: QueryDict) -> tuple[QuerySet[Any], Any, str]:
        """(rows after search and filters, the filter set or None, the search text)."""
        rows = self.queryset(user)
        text = unseal(params.get(SEARCH, "")) if self.search_hint else ""
        if text:
            rows = self.search(rows, text, user)
        filterset = self.filterset(rows, params, user)
        return (filterset.qs if filterset is not None else rows), filterset, text


S = TypeVar("S", bound=type[ListSpec])
_registry: dict[str, type[ListSpec]] = {}


def register(spec: S) -> S:
    """Class decorator: the list can be exported under its key. Two lists never share one."""
    if not spec.key:
        raise ValueError(f"{spec.__name__} needs a key")
    known = _registry.get(spec.key)
    if known is not None and known.__qualname__ != spec.__qualname__:
        raise ValueError(f"two lists are called {spec.key!r}")
    _registry[spec.key] = spec
    return spec


def get(key: str) -> ListSpec:
    """The registered list, freshly made (it may remember names while it prints); or KeyError."""
    return _registry[key]()


def keys() -> list[str]:
    """Keys of all registered lists, sorted."""
    return sorted(_registry)


def instance(spec: ListSpec | type[ListSpec]) -> ListSpec:
    """A spec as an object, from the object or its class."""
    made = spec if isinstance(spec, ListSpec) else spec()
    if not made.columns:
        raise ValueError(f"{type(made).__name__} needs columns")
    return made

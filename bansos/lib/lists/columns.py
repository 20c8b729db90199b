"""Columns of a list: where a value comes from and how it is written in a cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy

from bansos.lib.cells import KINDS, NUMERIC, badge_html, column_text
from bansos.lib.parts import Word

LONGEST_CODE = 28
Getter = Callable[[Any], Any]


@dataclass(frozen=True)
class Column:
    """One column. `value` is an attribute path ("person.name") or a callable; the key when empty.

    `sort` is an ORM path; a column with `total` needs it, for the sum. `priority` is the place on
    a phone card: 1 its title, 2 a line, 3 left out. A link goes to `href(row)` or the row's page.
    """

    key: str
    label: Any
    value: str | Getter = ""
    kind: str = "text"
    sort: str | None = None
    priority: int = 2
    export: bool = True
    total: bool = False
    href: Callable[[Any], str] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"column {self.key}: unknown kind {self.kind!r}")
        if self.priority not in {1, 2, 3}:
            raise ValueError(f"column {self.key}: priority is 1, 2 or 3")
        if self.total and (self.kind not in NUMERIC or not self.sort):
            raise ValueError(f"column {self.key}: a total needs a numeric kind and a sort path")

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC

    @property
    def css(self) -> str:
        return f"num p{self.priority}" if self.numeric else f"p{self.priority}"

    def getter(self) -> Getter:
        """A function row -> value."""
        return self.value if callable(self.value) else attribute(self.value or self.key)


def name_column(path: str) -> Column:
    """Whose row it is, a link to the row: "enrolment.person" shows enrolment.person.name."""
    return Column(
        "name",
        gettext_lazy("Nama"),
        value=f"{path}.name",
        sort=f"{path}.name".replace(".", "__"),
        priority=1,
        kind="link",
    )


def attribute(path: str) -> Getter:
    """Reads "a.b.c"; None on the way gives None; a method without arguments is called."""
    names = path.split(".")

    def read(row: Any) -> Any:
        found = row
        for name in names:
            if found is None:
                return None
            found = getattr(found, name)
            if callable(found):
                found = found()
        return found

    return read


def cell_content(column: Column, value: Any, href: str) -> SafeString:
    """The inside of one cell that has a value, escaped."""
    if isinstance(value, Word):
        return badge_html(value)
    safe = hasattr(value, "__html__")
    text = value.__html__() if safe else escape(column_text(column.kind, value))
    # A number of a letter or a list stays in one piece; a name may wrap.
    code = " " not in text and len(text) <= LONGEST_CODE
    if href:
        css = ' class="b-nowrap"' if code else ""
        return mark_safe(f'<a{css} href="{escape(href)}">{text}</a>')  # noqa: S308
    if column.kind == "masked":
        return mark_safe(f'<span class="b-nowrap" translate="no">{text}</span>')  # noqa: S308
    if column.kind in {"date", "datetime"} or (code and ("-" in text or "/" in text)):
        return mark_safe(f'<span class="b-nowrap">{text}</span>')  # noqa: S308
    return SafeString(text)


def export_value(column: Column, value: Any) -> Any:
    """What a spreadsheet gets: figures and dates as they are, the rest as text."""
    if value is None:
        return None
    if column.kind in {"money", "number", "date", "datetime"}:
        return value
    return str(value)

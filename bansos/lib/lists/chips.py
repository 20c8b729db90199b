"""Filters that are on, as chips: words for the value and the address without it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.forms import ChoiceField, DecimalField, Form
from django.http import QueryDict
from django.utils.encoding import force_str

from bansos.lib.cells import cell_text
from bansos.lib.dates import short_date
from bansos.lib.lists.spec import CURSORS
from bansos.lib.parts import Chip

SUFFIXES = ("", "_min", "_max", "_after", "_before", "_0", "_1")
NOTHING: Mapping[str, str] = {}
EMPTY: tuple[Any, ...] = (None, "", [], ())


def query(
    params: QueryDict,
    changed: Mapping[str, str] = NOTHING,
    *,
    drop: frozenset[str] = CURSORS,
) -> str:
    """The address "?..." with some names dropped and some set; a bare "?" when nothing is left."""
    kept = params.copy()
    for name in [*drop, *changed]:
        kept.pop(name, None)
    for name, value in changed.items():
        if value:
            kept[name] = value
    return f"?{kept.urlencode()}"


def filter_names(form: Form) -> frozenset[str]:
    """Every name the filter form may write into the address."""
    return frozenset(f"{name}{suffix}" for name in form.fields for suffix in SUFFIXES)


def filter_chips(form: Form, params: QueryDict) -> list[Chip]:
    """One chip per filter that is on and valid."""
    chips = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if _is_empty(value):
            continue
        names = frozenset(f"{name}{suffix}" for suffix in SUFFIXES)
        chips.append(
            Chip(
                label=force_str(form[name].label),
                value=_words(field, value),
                remove_href=query(params, drop=CURSORS | names),
            )
        )
    return chips


def _is_empty(value: Any) -> bool:
    if isinstance(value, QuerySet):
        return not value.exists()
    return any(value == nothing for nothing in EMPTY)


def _words(field: Any, value: Any) -> str:
    if isinstance(value, slice):
        ends = [_one(field, end) for end in (value.start, value.stop) if end is not None]
        return " – ".join(ends)
    if isinstance(value, list | tuple | set | QuerySet):
        return ", ".join(_one(field, item) for item in value)
    return _one(field, value)


def _one(field: Any, value: Any) -> str:
    if isinstance(field, ChoiceField) and not isinstance(value, Model):
        flat = dict(_flat(field.choices))
        return force_str(flat.get(str(value), value))
    if isinstance(field, DecimalField) and isinstance(value, Decimal):
        return f"{value.normalize():f}"  # a year or a number; rupiah has a field of its own
    if isinstance(value, Decimal | bool):
        return cell_text(value)
    if isinstance(value, date):
        return short_date(value)
    return force_str(value)


def _flat(choices: Any) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, label in choices:
        flat.extend(_flat(label) if isinstance(label, list | tuple) else [(str(key), label)])
    return flat

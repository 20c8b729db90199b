"""One value as the screens write it: as text, as safe HTML, and by the kind of a column."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from bansos.lib import dates, money
from bansos.lib.kept import picture
from bansos.lib.parts import Word

KINDS = ("text", "money", "number", "date", "datetime", "status", "masked", "link")
NUMERIC = frozenset({"money", "number"})


def language() -> str:
    """The language of this screen as the date words want it: id or en."""
    return "en" if (get_language() or "id").startswith("en") else "id"


def datetime_text(moment: datetime) -> str:
    """A moment on the reader's own clock: "12 November 2026, 14.05 WIB"."""
    return dates.datetime_words(moment, timezone.get_current_timezone(), language())


def short_moment(moment: datetime) -> str:
    """A moment for a column: "12-11-2026 14.05"."""
    local = moment.astimezone(timezone.get_current_timezone())
    return f"{dates.short_date(local.date())} {local.hour:02d}.{local.minute:02d}"


def cell_text(value: Any) -> str:
    """Any value as plain text: Decimal is money, int a count, None is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return gettext("Ya") if value else gettext("Tidak")
    if isinstance(value, Decimal):
        return money.rupiah(value)
    if isinstance(value, int):
        return money.number(value)
    if isinstance(value, datetime):
        return datetime_text(value)
    if isinstance(value, date):
        return dates.long_date(value, language())
    return str(value)


def cell_html(value: Any) -> SafeString:
    """Any value as a page prints it; a Word becomes its badge, nothing becomes a dash."""
    if isinstance(value, Word):
        return badge_html(value)
    if value is None or value == "":
        return none_html()
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return mark_safe(f'<span class="b-amount">{cell_text(value)}</span>')  # noqa: S308
    if hasattr(value, "__html__"):
        return SafeString(value.__html__())
    return SafeString(conditional_escape(cell_text(value)))


def badge_html(word: Word) -> SafeString:
    """The badge component without the template engine: lists print it fifty times a page."""
    return _badge(word.tone, str(word.label), word.shown_icon)


@lru_cache(maxsize=512)
def _badge(tone: str, label: str, icon: str) -> SafeString:
    return mark_safe(  # noqa: S308
        f'<span class="b-badge b-tone-{tone}"><svg class="b-icon" aria-hidden="true">'
        f'<use href="{escape(picture(icon))}"></use></svg>{escape(label)}</span>'
    )


def none_html() -> SafeString:
    """The dash of an empty cell, with its word for who listens."""
    word = escape(gettext("belum ada"))
    return mark_safe(  # noqa: S308
        '<span class="b-none" aria-hidden="true">–</span>'
        f'<span class="visually-hidden">{word}</span>'
    )


def column_text(kind: str, value: Any) -> str:
    """A value in a column of that kind; columns use the short forms of dates."""
    if kind == "datetime" and isinstance(value, datetime):
        return short_moment(value)
    if kind == "date" and isinstance(value, date):
        return dates.short_date(value)
    return cell_text(value)

"""What the purposes of this ground share: rows that a service refuses, days and words of a row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.lib.errors import Refused
from beneficiaries.choices import RowVerdict
from beneficiaries.models import ImportRow
from beneficiaries.queries.rows import data_of
from beneficiaries.services.imports.purposes import RowCheck

REFUSED = "ditolak_aturan"


def act_on_each(rows: list[ImportRow], act: Callable[[ImportRow, dict[str, Any]], Any]) -> None:
    """Run one act per row; a refused row becomes a problem row and leaves `rows`, alone."""
    for row in list(rows):
        try:
            with transaction.atomic():
                act(row, data_of(row))
        except Refused as refused:
            finding = {"field": "nik", "code": REFUSED, "message": str(refused.message)}
            row.problems, row.verdict = [*row.problems, finding], RowVerdict.PROBLEM
            row.save(update_fields=["problems", "verdict"])
            rows.remove(row)


def day_in(data: dict[str, Any], key: str) -> date | None:
    """A date column of a staged row."""
    value = data.get(key)
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None


def read_choice(check: RowCheck, key: str, words: dict[str, Any]) -> Any:
    """The choice a cell means, by its code or its label; a problem on the row when unreadable."""
    text = str(check.values.get(key, "")).strip()
    if not text:
        return None
    plain = _plain(text)
    for code, label in words.items():
        if plain in (_plain(str(code)), _plain(str(label)), _plain(str(label).split("(")[0])):
            return code
    known = ", ".join(str(label) for label in words.values())
    sentence = _("%(text)s tidak dikenal. Yang ada: %(known)s.") % {"text": text, "known": known}
    check.problem(key, "pilihan_tidak_dikenal", sentence)
    return None


def _plain(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())

"""What the purposes of this ground share: rows that a service refuses, days and words of a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.lib.errors import Refused
from beneficiaries.choices import RowVerdict
from beneficiaries.models import ImportBatch, ImportRow
from beneficiaries.queries.rows import data_of
from beneficiaries.services.imports.purposes import RowCheck

REFUSED = "ditolak_aturan"
PLACES = ("village", "district", "regency", "region_code")
VILLAGE = len("35.19.01.2001")


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


def rows_alike(batch: ImportBatch, checks: Sequence[RowCheck]) -> dict[str, list[ImportRow]]:
    """Key -> the rows of the whole file that share it, in their order; for the keys of a step.

    Rows of the step itself are the ones being checked, not another copy from the database.
    """
    mine = {check.row.pk: check.row for check in checks}
    keys = {check.row.key_index for check in checks} - {""}
    found: dict[str, list[ImportRow]] = {}
    for row in batch.rows.filter(key_index__in=keys).order_by("row_number"):
        found.setdefault(row.key_index, []).append(mine.get(row.pk, row))
    return found


def refuse_twins(batch: ImportBatch, checks: Sequence[RowCheck], field: str) -> None:
    """The second and later rows of one thing; the first one stands."""
    keys = {check.row.key_index for check in checks} - {""}
    first: dict[str, int] = {}
    rows = batch.rows.filter(key_index__in=keys).order_by("row_number")
    for key, number in rows.values_list("key_index", "row_number"):
        first.setdefault(key, number)
    for check in checks:
        earlier = first.get(check.row.key_index, check.row.row_number)
        if earlier != check.row.row_number:
            sentence = _("Sudah ada di baris %(row)d berkas ini.") % {"row": earlier}
            check.problem(field, "ganda_dalam_berkas", sentence)


def village_of(check: RowCheck) -> None:
    """What stands in a village needs one, whatever columns the list has."""
    values = check.values
    if not values.get("village_id") and len(values.get("area_code") or "") == VILLAGE:
        values["village_id"] = values["area_code"]
    if not values.get("village_id") and not any(
        found["field"] in PLACES for found in check.problems
    ):
        check.problem("village", "belum_diisi", _("Desa/kelurahan belum diisi."))


def required_day(check: RowCheck, key: str, label: str) -> None:
    """A problem for a day that is not written; one that cannot be read has its own already."""
    if not check.values.get(key) and not any(item["field"] == key for item in check.problems):
        sentence = _("%(column)s belum diisi.") % {"column": label}
        check.problem(key, "belum_diisi", sentence)


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

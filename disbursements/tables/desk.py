"""The lists of the reconciliation desk and of deposit slips."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from disbursements.models import PayList, ResultRow, Sts
from disbursements.queries.desk import part_of, rows_of
from disbursements.rules.matching import SHORT
from disbursements.rules.references import clean_reference


def _cause(row: ResultRow) -> str:
    if row.quarantine_code in SHORT:
        return str(SHORT[row.quarantine_code])
    return row.quarantine_reason or " · ".join(
        part for part in (row.get_outcome_display(), row.get_reason_display()) if part
    )


def _file_list(row: ResultRow) -> str:
    found = row.line.pay_list if row.line else row.result.pay_list
    return found.number if found else ""


class DeskRows(ListSpec):
    """Rows of one part of the reconciliation desk: of a list, or of the whole area."""

    key = "desk-rows"
    title = _("Baris bank")
    model = ResultRow
    default_sort = "bank_date"
    search_hint = _("Referensi, referensi bank, atau nama")
    empty_title = _("Tidak ada baris di bagian ini.")
    exportable = False
    columns = (
        Column("reference", _("Baris"), value="row_number", kind="link", priority=1),
        Column("told", _("Referensi"), value="reference", kind="masked"),
        Column("name", _("Nama di berkas bank"), priority=3),
        Column("amount", _("Jumlah"), kind="money", sort="amount"),
        Column("bank_date", _("Tanggal bank"), kind="date", sort="bank_date"),
        Column("cause", _("Sebab"), value=_cause),
        Column("bank_text", _("Kata bank"), priority=3),
        Column("pay_list", _("Daftar"), value=_file_list),
    )

    def __init__(self, pay_list: PayList | None = None, part: str = "terbuka") -> None:
        self.pay_list, self.part = pay_list, part

    def queryset(self, user: Any) -> QuerySet[ResultRow]:
        """The rows of this part, as far as the user may look."""
        rows = part_of(rows_of(self.pay_list, user), self.part)
        return rows.select_related("result__pay_list", "line__pay_list").defer(
            "result__sealed_file", "line__account_number"
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By the whole reference, or a part of the name."""
        return (
            rows.filter(reference=clean_reference(text))
            | rows.filter(bank_reference=text.strip())
            | rows.filter(name__icontains=text)
        )

    def row_url(self, row: ResultRow) -> str:
        return reverse("disbursements:desk_row", args=[row.pk])


def sts_word(row: Sts) -> Word:
    """Recorded, or taken back."""
    if row.reversed_at:
        return Word("netral", str(_("Dibatalkan")), "circle-x")
    return Word("baik", str(_("Tercatat")), "check")


@register
class Deposits(ListSpec):
    """Deposit slips: returns paid back to kas daerah."""

    key = "deposits"
    title = _("STS")
    model = Sts
    default_sort = "-on"
    search_hint = _("Nomor STS")
    empty_title = _("Belum ada STS.")
    empty_hint = _("Dicatat sesudah keputusan setor ke kas daerah disahkan.")
    columns = (
        Column("number", _("Nomor STS"), sort="number", kind="link", priority=1),
        Column("on", _("Tanggal STS"), kind="date", sort="on"),
        Column("programme", _("Program"), value="budget.version.programme.name"),
        Column("count", _("Retur"), value=lambda row: row.count, kind="number"),
        Column("amount", _("Jumlah"), kind="money", sort="amount", total=True),
        Column("state", _("Keadaan"), value=sts_word, kind="status"),
        Column("recorded_by", _("Oleh"), value="recorded_by.full_name", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[Sts]:
        """With what the columns read."""
        rows: QuerySet[Sts] = Sts.objects.visible_to(user)
        return rows.select_related("budget__version__programme", "recorded_by").annotate(
            count=Count("lines")
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By a part of the number."""
        return rows.filter(number__icontains=text)

    def row_url(self, row: Sts) -> str:
        return reverse("disbursements:deposit", args=[row.pk])

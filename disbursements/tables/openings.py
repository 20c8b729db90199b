"""Letters that ask a bank to open accounts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from bansos.regions.queries import name_of
from disbursements.models import AccountOpening


def opening_word(row: AccountOpening) -> Word:
    """Asked, begun, or reported."""
    if row.reported_on is not None:
        return Word("baik", str(_("Dilaporkan")), "circle-check")
    if row.acted_on is not None:
        return Word("menunggu", str(_("Menunggu laporan bank")), "clock")
    return Word("menunggu", str(_("Menunggu bank")), "clock")


@register
class AccountOpenings(ListSpec):
    """Each letter with what became of it."""

    key = "account-openings"
    title = _("Rekening kolektif")
    model = AccountOpening
    default_sort = "-asked_on"
    search_hint = _("Nomor surat")
    empty_title = _("Belum ada surat pembukaan rekening.")
    empty_hint = _("Catat surat ke bank; tenggatnya lalu tampil di Tugas saya.")
    columns = (
        Column("letter_number", _("Nomor surat"), kind="link", priority=1, sort="letter_number"),
        Column("programme", _("Program"), value=lambda row: str(row.version)),
        Column("area", _("Wilayah"), value=lambda row: name_of(row.area_code), sort="area_code"),
        Column("asked_on", _("Tanggal surat"), kind="date", sort="asked_on"),
        Column("count", _("Diminta"), kind="number"),
        Column("opened", _("Dibuka"), kind="number"),
        Column("failed", _("Gagal"), kind="number"),
        Column("state", _("Keadaan"), value=opening_word, kind="status"),
    )

    def queryset(self, user: Any) -> QuerySet[AccountOpening]:
        """Of the area."""
        rows: QuerySet[AccountOpening] = AccountOpening.objects.visible_to(user)
        return rows.select_related("version__programme")

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By a part of the letter's number."""
        return rows.filter(letter_number__icontains=text.strip())

    def row_url(self, row: AccountOpening) -> str:
        return reverse("disbursements:opening", args=[row.pk])

"""The list of goods handed over."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from disbursements.choices import HandoverState
from disbursements.models import Handover


def handover_word(row: Handover) -> Word:
    """Handed over or come back, as a badge."""
    state = HandoverState(row.state)
    return Word("baik" if state == HandoverState.HANDED else "netral", str(state.label))


@register
class Handovers(ListSpec):
    """BAST of goods, newest first."""

    key = "handovers"
    title = _("Serah terima barang")
    model = Handover
    default_sort = "-handed_on"
    search_hint = _("Nomor BAST")
    empty_title = _("Belum ada barang yang diserahkan.")
    columns = (
        Column("number", _("Nomor BAST"), kind="link", priority=1, sort="number"),
        Column("programme", _("Program"), value="enrolment.version.programme.name"),
        Column("handed_on", _("Tanggal"), kind="date", sort="handed_on"),
        Column("warehouse", _("Gudang"), value="warehouse.name", priority=3),
        Column("value", _("Nilai"), kind="money", sort="value"),
        Column("state", _("Keadaan"), value=handover_word, kind="status", sort="state"),
    )

    def queryset(self, user: Any) -> QuerySet[Handover]:
        """Without the pictures."""
        rows: QuerySet[Handover] = Handover.objects.visible_to(user)
        return rows.select_related("enrolment__version__programme", "warehouse").defer(
            "photo", "signature"
        )

    def search(self, rows: QuerySet[Handover], text: str, user: Any) -> QuerySet[Handover]:
        """By a part of the number."""
        return rows.filter(number__icontains=text.strip())

    def row_url(self, row: Handover) -> str:
        return reverse("disbursements:handover", args=[row.pk])

"""The limits of the interbank rails, each with its days."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from disbursements.models import RailLimit


def limit_word(row: RailLimit) -> Word:
    """Open, closed, or not in force yet."""
    if row.valid_from > timezone.localdate():
        return Word("menunggu", str(_("Mulai nanti")), "clock")
    if not row.is_open:
        return Word("masalah", str(_("Ditutup")), "ban")
    return Word("baik", str(_("Dibuka")), "check")


@register
class RailLimits(ListSpec):
    """What each rail carries from which day on; the newest of a rail is in force."""

    key = "rail-limits"
    title = _("Batas jalur antarbank")
    model = RailLimit
    default_sort = "-valid_from"
    empty_title = _("Belum ada batas jalur.")
    columns = (
        Column("rail", _("Jalur"), value="get_rail_display", sort="rail", priority=1),
        Column("valid_from", _("Berlaku sejak"), kind="date", sort="valid_from"),
        Column("min_amount", _("Paling sedikit"), kind="money"),
        Column("max_amount", _("Paling banyak"), kind="money"),
        Column("fee", _("Biaya bank"), kind="money"),
        Column("state", _("Keadaan"), value=limit_word, kind="status"),
        Column("source", _("Sumber"), priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[RailLimit]:
        """The same everywhere: rails are the country's."""
        return RailLimit.objects.all()

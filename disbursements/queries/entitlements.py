"""Whether a payment stands on an entitlement."""

from __future__ import annotations

from django.utils.translation import gettext as _

from disbursements.choices import LIVE_LINES
from disbursements.models import PaymentLine
from programs.models import StageEntitlement


def in_use(entitlement: StageEntitlement) -> str:
    """Why it may not change now: the list that pays it; "" when none does."""
    line = (
        PaymentLine.objects.filter(
            enrolment=entitlement.enrolment_id, stage=entitlement.stage_id, state__in=LIVE_LINES
        )
        .select_related("pay_list")
        .first()
    )
    if line is None:
        return ""
    return _(
        "Sudah ada dalam daftar %(number)s, jadi satuannya tidak dapat diubah. Tidak ada yang"
        " disimpan. Batalkan dulu draf daftar itu, lalu susun ulang sesudah satuannya benar."
    ) % {"number": line.pay_list.number}

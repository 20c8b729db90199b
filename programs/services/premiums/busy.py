"""Who may not change a list of premiums now: a worker has it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from bansos.lib.errors import Refused
from programs.models import PremiumPlan


def not_while_busy(plan: PremiumPlan) -> None:
    """Raise Refused while a worker does an act on a list of this plan.

    Ask before the list is locked: the worker holds it as long as it works.
    """
    row = PremiumPlan.objects.select_related("job").get(pk=plan.pk)
    if row.job is not None and row.job.is_open:
        raise Refused(
            "PREMIUM-BUSY",
            _(
                "Daftar premi ini sedang dikerjakan di latar: %(title)s. Tidak ada yang berubah"
                " oleh Anda. Tunggu sampai selesai, atau batalkan pekerjaannya."
            )
            % {"title": row.job.title},
        )

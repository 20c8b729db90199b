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
    if row.job is not None and row.is_busy:
        raise Refused(
            "PREMIUM-BUSY",
            _(
                "Daftar premi ini sedang dikerjakan di latar: %(title)s. Tidak ada yang berubah"
                " oleh Anda. Tunggu sampai selesai; yang memulainya dapat membatalkan."
            )
            % {"title": row.job.title},
        )


def hold(plan: PremiumPlan) -> None:
    """Lock the plan until the caller's transaction ends: two acts on its lists queue here.

    Raises Refused while a worker has it; the second of two clicks finds the job of the first.
    """
    not_while_busy(plan)
    # No key: the lists of a worker point at the plan, and nobody is to wait for the worker.
    PremiumPlan.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)
    not_while_busy(plan)

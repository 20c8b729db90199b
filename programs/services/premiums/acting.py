"""Acts on the whole list of a month: at once for short lists, by a worker for longer ones.

A worker does the whole act in one transaction, as the page does: all of it stands or nothing. It
tells how far it is (bansos.lib.pulse) and rolls back when its owner cancels the job. The same act
again finds the month open, the list sent or the file applied, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.crypto import open_bytes, seal_bytes
from bansos.lib.dates import month_words
from programs.models import PremiumPlan, PremiumRound, PremiumUpload
from programs.services.premiums import answers, rounds
from programs.services.premiums.busy import hold, not_while_busy
from programs.services.premiums.covers import open_covers

KIND = "programs.premium_act"
CONTEXT = "programs_premiumupload.sealed_file"


def is_long(count: int) -> bool:
    """Too many people for somebody to wait in front of the page."""
    return count >= settings.LONG_PREMIUM_LINES


def _submit(
    plan: PremiumPlan, *, title: str, by: User, at: datetime, total: int, **params: Any
) -> Job:
    job = jobs.submit(
        kind=KIND, title=title, by=by, at=at, params={"plan": plan.pk, **params}, total=total
    )
    PremiumPlan.objects.filter(pk=plan.pk).update(job=job)
    return job


def people_of(plan: PremiumPlan) -> int:
    """How many the next list of a plan begins with; those an earlier year still pays among them."""
    same = PremiumPlan.objects.filter(
        version__programme=plan.version.programme_id, insurance=plan.insurance
    )
    return int(open_covers().filter(plan__in=same).count())


@transaction.atomic
def open_round(*, plan: PremiumPlan, month: date, by: User, at: datetime) -> Job | None:
    """Open the list of a month, or have it opened by the job that is given back."""
    hold(plan)
    count = people_of(plan)
    if not is_long(count):
        rounds.open_round(plan=plan, month=month, by=by, at=at)
        return None
    first = month.replace(day=1)
    rounds.may_open(plan, first, by)
    title = _("Membuka daftar premi %(month)s") % {"month": month_words(first)}
    given = {"act": "open", "month": first.isoformat()}
    return _submit(plan, title=title, by=by, at=at, total=count, **given)


def send_round(*, round_: PremiumRound, by: User, at: datetime) -> Job | None:
    """Send the list of a month, or have it sent by the job that is given back.

    Not one transaction: who goes back to the verifiers of a short list stays there although the
    act is refused.
    """
    not_while_busy(round_.plan)
    count = round_.lines.count()
    if not is_long(count):
        rounds.send_round(round_=round_, by=by, at=at)
        return None
    with transaction.atomic():
        hold(round_.plan)
        rounds.may_send(PremiumRound.objects.select_related("plan__version").get(pk=round_.pk), by)
        title = _("Mengirim daftar premi %(month)s") % {"month": month_words(round_.month)}
        given = {"act": "send", "round": round_.pk}
        return _submit(round_.plan, title=title, by=by, at=at, total=count, **given)


@transaction.atomic
def apply_answer(
    *, round_: PremiumRound, data: bytes, file_name: str, by: User, at: datetime
) -> Job | None:
    """Apply the insurer's file, or have it applied by the job that is given back.

    A file that was applied before gives None and changes nothing. The upload waits sealed.
    """
    hold(round_.plan)
    row = PremiumRound.objects.select_related("plan__version").get(pk=round_.pk)
    count = row.lines.count()
    answers.may_apply(row, by)
    if not is_long(count) or answers.applied(row, data) is not None:
        answers.apply_answer(round_=row, data=data, file_name=file_name, by=by, at=at)
        return None
    upload = PremiumUpload.objects.create(
        round=row,
        file_name=file_name[:150],
        sealed_file=seal_bytes(data, context=CONTEXT),
    )
    title = _("Menerapkan jawaban premi %(month)s") % {"month": month_words(row.month)}
    given = {"act": "answer", "round": row.pk, "upload": upload.pk}
    return _submit(row.plan, title=title, by=by, at=at, total=count, **given)


def work(*, params: Mapping[str, Any], by: User, at: datetime) -> tuple[PremiumRound, str]:
    """Do the act as the worker: the list, and a sentence where it was not sent.

    Raises what the act raises; then nothing of it stands.
    """
    if params["act"] == "open":
        plan = PremiumPlan.objects.select_related("version__programme__agency").get(
            pk=params["plan"]
        )
        month = date.fromisoformat(params["month"])
        return rounds.open_round(plan=plan, month=month, by=by, at=at), ""
    row = PremiumRound.objects.select_related("plan__version").get(pk=params["round"])
    if params["act"] == "send":
        sent, moved = rounds.send_unless_news(round_=row, by=by, at=at)
        return sent, rounds.moved_sentence(moved) if moved else ""
    upload = PremiumUpload.objects.get(pk=params["upload"])
    data = open_bytes(bytes(upload.sealed_file), context=CONTEXT)
    answers.apply_answer(round_=row, data=data, file_name=upload.file_name, by=by, at=at)
    upload.delete()
    return row, ""


def drop_upload(params: Mapping[str, Any]) -> None:
    """The work ended without its file: it is sent again when it is wanted."""
    PremiumUpload.objects.filter(pk=params.get("upload")).delete()

"""Tutup hari: the treasurer's cut; what was matched before it is corrected by two people only."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused, Stale
from disbursements.choices import DeskAct, Outcome, ResultState
from disbursements.models import BankDay, CashReceipt, DeskDecision, ResultFile, ResultRow
from disbursements.services import moves

ONLY_OFFICE = gettext_lazy("Hari bank ditutup oleh bendahara dinas provinsi.")


def waiting_files(agency: Agency) -> int:
    """Files of the office that are neither applied nor refused; a statement counts once."""
    rows = ResultFile.objects.filter(
        area_code__startswith=agency.area_code, state=ResultState.CHECKED, source=None
    )
    running = ResultFile.objects.filter(
        area_code__startswith=agency.area_code, state=ResultState.CHECKED, source__isnull=False
    ).exclude(source__state=ResultState.CHECKED)
    return rows.count() + running.count()


def hold_open(agency_id: int, at: datetime) -> None:
    """Keep the office's day from being closed until this transaction ends.

    Raises Stale when a day was closed since `at`: what is recorded with that moment would stand in
    no day's figures. Take it after the list; many may hold it at once.
    """
    with connection.cursor() as db:
        db.execute("SELECT 1 FROM accounts_agency WHERE id = %s FOR SHARE", [agency_id])
    if BankDay.objects.filter(agency=agency_id, closed_at__gte=at).exists():
        raise Stale(
            "DAY-JUST-CLOSED",
            _("Hari bank baru saja ditutup, jadi belum ada yang dicatat. Simpan sekali lagi."),
        )


def figures(agency: Agency, at: datetime) -> dict[str, object]:
    """What was matched, paid in cash, linked, set aside and taken back since the last closing, and
    what waits."""
    last = BankDay.objects.filter(agency=agency).order_by("-closed_at").first()
    since = Q(done_at__lte=at) & (Q(done_at__gt=last.closed_at) if last else Q())
    applied = Q(result__applied_at__lte=at)
    if last is not None:
        applied &= Q(result__applied_at__gt=last.closed_at)
    inside = Q(result__area_code__startswith=agency.area_code)
    rows = ResultRow.objects.filter(inside, applied, origin=None, state="applied").order_by()
    found: dict[str, object] = {}
    for row in rows.values("outcome").annotate(n=Count("pk"), total=Sum("amount")):
        found[str(Outcome(row["outcome"]))] = [row["n"], str(row["total"] or Decimal(0))]
    done = DeskDecision.objects.filter(since, area_code__startswith=agency.area_code)
    for act, count in done.order_by().values_list("act").annotate(n=Count("pk")):
        found[str(DeskAct(act))] = count
    found |= _cash(agency, last.closed_at if last else None, at)
    found["open"] = ResultRow.objects.filter(inside).open().count()
    found["questions"] = DeskDecision.objects.filter(
        area_code__startswith=agency.area_code, done_at=None, refused_at=None
    ).count()
    return found


def _cash(agency: Agency, after: datetime | None, at: datetime) -> dict[str, object]:
    """Receipts of the counters that were recorded in (after, at], and those taken back in it."""
    rows = CashReceipt.objects.filter(area_code__startswith=agency.area_code).order_by()
    found: dict[str, object] = {}
    for name, field in (("cash", "recorded_at"), ("cash_undone", "undone_at")):
        inside = {f"{field}__lte": at} | ({f"{field}__gt": after} if after else {})
        sums = rows.filter(**inside).aggregate(n=Count("pk"), total=Sum("amount"))
        if sums["n"]:
            found[name] = [sums["n"], str(sums["total"])]
    return found


def why_not_close(agency: Agency, at: datetime) -> str:
    """Why the office's day cannot be closed now; empty when it can."""
    if BankDay.objects.filter(agency=agency, day=day_of(at, agency.zone)).exists():
        return _("Hari ini sudah ditutup.")
    waiting = waiting_files(agency)
    if waiting:
        return _(
            "%(count)s berkas bank belum diterapkan atau ditolak. Selesaikan dulu, lalu tutup hari."
        ) % {"count": waiting}
    return ""


@transaction.atomic
def close_day(*, agency: Agency, note: str, by: User, at: datetime) -> BankDay:
    """Close the office's bank day. Rows that wait stay open and are counted in the record.

    Raises Refused while a file is neither applied nor refused, or the day is closed already.
    """
    moves.require_right(by, Permission.RECONCILE)
    if by.area_code != agency.area_code:
        raise Refused("DAY-AREA", ONLY_OFFICE)
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    reason = why_not_close(agency, at)
    if reason:
        raise Refused("DAY-OPEN", reason)
    try:
        with transaction.atomic():
            day = BankDay.objects.create(
                agency=agency,
                area_code=agency.area_code,
                day=day_of(at, agency.zone),
                figures=figures(agency, at),
                note=note.strip()[:250],
                closed_at=at,
                closed_by=by,
            )
    except IntegrityError as error:
        raise Refused("DAY-OPEN", _("Hari ini sudah ditutup.")) from error
    audit.record(verb="disbursements.close_day", by=by, at=at, target=day, figures=day.figures)
    return day

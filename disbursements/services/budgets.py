"""Budget lines, allocations, and the one function that moves money in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.faults import point
from bansos.lib.money import rupiah, to_sen
from bansos.lib.scopes import covers
from bansos.regions.choices import Level
from bansos.regions.models import Region
from bansos.regions.queries import names_of
from disbursements.choices import LIVE_LINES, LedgerKind, LineState
from disbursements.models import (
    Allocation,
    BudgetLine,
    LedgerEntry,
    LedgerEvent,
    PaymentLine,
)
from disbursements.rules.ledger import BUDGET_ONLY, FLOWS
from disbursements.services.years import require_open
from programs.choices import MONEY_KINDS
from programs.models import Decree, ProgrammeVersion

REGENCY_CODE = 5
# What leaves the treasurer's account.
FROM_HOLDING = frozenset(
    {LedgerKind.SETTLE, LedgerKind.PAY_BACK, LedgerKind.UNDO_LATE, LedgerKind.UNDO_SP2D}
)


@transaction.atomic
def post(
    *,
    kind: LedgerKind,
    key: str,
    budget: BudgetLine,
    amount: Decimal,
    by: User,
    at: datetime,
    allocation: Allocation | None = None,
    subject: models.Model | None = None,
    note: str = "",
    reverses: LedgerEvent | None = None,
) -> LedgerEvent:
    """Move money once: the event with its two legs, and the running sums by conditional UPDATE.

    `key` is unique for ever; a known key with the same amount is the same event and changes
    nothing, also when two transactions post it at once; with another amount it raises Refused.
    Raises Refused when the account the money leaves does not hold that much. `reverses` names the
    event that is taken back whole.
    """
    amount = to_sen(amount)
    known = LedgerEvent.objects.filter(key=key).first()
    if known is not None:
        return _same_event(known, kind, amount)
    if amount == 0 or (amount < 0 and kind != LedgerKind.BUDGET_CHANGE):
        raise BadInput("LEDGER-AMOUNT", _("Jumlah mutasi harus lebih dari nol."))
    require_open(budget.agency_id, budget.year)
    try:
        with transaction.atomic():
            return _move(
                kind=kind,
                key=key,
                budget=budget,
                allocation=allocation,
                amount=amount,
                by=by,
                at=at,
                subject=subject,
                note=note,
                reverses=reverses,
            )
    except IntegrityError:
        # Somebody else posted the same key meanwhile; what was changed here is undone.
        known = LedgerEvent.objects.filter(key=key).first()
        if known is None:
            raise
        return _same_event(known, kind, amount)


def _move(
    *,
    kind: LedgerKind,
    key: str,
    budget: BudgetLine,
    amount: Decimal,
    by: User,
    at: datetime,
    allocation: Allocation | None,
    subject: models.Model | None,
    note: str,
    reverses: LedgerEvent | None,
) -> LedgerEvent:
    if kind != LedgerKind.BUDGET:  # its row is born with the ceiling in it
        _change_figures(kind, budget, allocation, amount)
    event = LedgerEvent.objects.create(
        key=key,
        kind=kind,
        budget=budget,
        allocation=allocation,
        area_code=allocation.area_code if allocation else budget.area_code,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        note=note[:250],
        reverses=reverses,
        at=at,
        by=by,
    )
    flow = FLOWS[kind]
    LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(event=event, account=flow.source, amount=-amount),
            LedgerEntry(event=event, account=flow.target, amount=amount),
        ]
    )
    point("ledger.posted")
    return event


def _same_event(event: LedgerEvent, kind: LedgerKind, amount: Decimal) -> LedgerEvent:
    moved = event.entries.get(account=FLOWS[LedgerKind(event.kind)].target).amount
    if moved != amount or event.kind != kind:
        raise Refused(
            "LEDGER-KEY",
            _("Mutasi ini sudah tercatat dengan jumlah lain. Tidak ada yang berubah."),
        )
    return event


def _change_figures(
    kind: LedgerKind, budget: BudgetLine, allocation: Allocation | None, amount: Decimal
) -> None:
    changes = {
        name: F(name) + amount if sign > 0 else F(name) - amount
        for name, sign in FLOWS[kind].figures
    }
    # The budget line first, always: two postings then wait in the same order.
    if not BudgetLine.objects.filter(_enough(kind, amount), pk=budget.pk).update(**changes):
        raise _too_little(kind, budget, amount)
    if kind in BUDGET_ONLY:
        return
    if allocation is None:
        raise ValueError("This kind of event belongs to an allocation.")
    enough = _enough(kind, amount, ceiling="amount")
    if not Allocation.objects.filter(enough, pk=allocation.pk).update(**changes):
        raise _too_little(kind, allocation, amount)


def _enough(kind: LedgerKind, amount: Decimal, *, ceiling: str = "ceiling") -> Q:
    """The condition of the UPDATE: the account the money leaves holds at least that much."""
    if kind == LedgerKind.RESERVE:
        return Q(**{f"{ceiling}__gte": F("reserved") + F("paid") + amount})
    if kind in {LedgerKind.RELEASE, LedgerKind.SP2D}:
        return Q(reserved__gte=amount)
    if kind in FROM_HOLDING:
        return Q(paid__gte=F("delivered") + F("returned") + amount)
    if kind in {LedgerKind.LATE_RETURN, LedgerKind.UNDO_SETTLE}:
        return Q(delivered__gte=amount)
    if kind == LedgerKind.UNDO_PAY_BACK:
        return Q(returned__gte=amount)
    return Q(ceiling__gte=F("reserved") + F("paid") - amount) & Q(
        ceiling__gte=F("allocated") - amount
    )


def _too_little(kind: LedgerKind, row: BudgetLine | Allocation, amount: Decimal) -> Refused:
    row.refresh_from_db()
    values = {"amount": rupiah(amount), "left": rupiah(row.left)}
    if kind == LedgerKind.RESERVE:
        values["short"] = rupiah(amount - row.left)
        if isinstance(row, Allocation):
            values["area"] = names_of([row.area_code]).get(row.area_code, row.area_code)
            sentence = _(
                "Alokasi %(area)s kurang %(short)s: dibutuhkan %(amount)s, sisa %(left)s. Tidak"
                " ada yang berubah. Tambah alokasi wilayah ini, atau kurangi isi daftar."
            )
        else:
            sentence = _(
                "Pagu kurang %(short)s: dibutuhkan %(amount)s, sisa %(left)s. Tidak ada yang"
                " berubah. Catat perubahan pagu, atau kurangi isi daftar."
            )
        return Refused("BUDGET-SHORT", sentence % values)
    if kind == LedgerKind.BUDGET_CHANGE:
        return Refused(
            "BUDGET-BELOW-USE",
            _(
                "Pagu tidak dapat lebih kecil dari yang sudah terikat, cair, atau dialokasikan."
                " Tidak ada yang berubah. Kurangi alokasi lebih dulu."
            ),
        )
    return Refused(
        "LEDGER-SHORT",
        _(
            "Saldo pada kartu kendali tidak cukup untuk mutasi %(amount)s. Tidak ada yang berubah."
            " Muat ulang halaman dan periksa kartu kendali."
        )
        % values,
    )


@transaction.atomic
def record_budget(
    *,
    version: ProgrammeVersion,
    dpa_number: str,
    dpa_date: date,
    account_code: str,
    ceiling: Decimal,
    by: User,
    at: datetime,
) -> BudgetLine:
    """Record the DPA line of a programme year. Raises Refused when it has one already."""
    agency = version.programme.agency
    if not covers(by.area_code, agency.area_code):
        raise NotAllowed("BUDGET-AREA", _("Pagu provinsi dicatat oleh petugas provinsi."))
    if not dpa_number.strip() or ceiling <= 0:
        raise BadInput("BUDGET-INPUT", _("Isi nomor DPA dan pagu lebih dari nol."))
    if BudgetLine.objects.filter(version=version).exists():
        raise _second_budget()
    try:
        with transaction.atomic():
            budget = BudgetLine.objects.create(
                agency=agency,
                area_code=agency.area_code,
                year=version.year,
                version=version,
                dpa_number=dpa_number.strip(),
                dpa_date=dpa_date,
                account_code=account_code.strip(),
                ceiling=to_sen(ceiling),
                created_at=at,
                created_by=by,
            )
    except IntegrityError as error:
        raise _second_budget() from error
    post(
        kind=LedgerKind.BUDGET,
        key=f"budget:{budget.pk}",
        budget=budget,
        amount=budget.ceiling,
        by=by,
        at=at,
        subject=budget,
        note=f"DPA {budget.dpa_number}",
    )
    audit.record(
        verb="disbursements.record_budget", by=by, at=at, target=budget, ceiling=budget.ceiling
    )
    return budget


def _second_budget() -> Refused:
    return Refused(
        "BUDGET-ONCE",
        _(
            "Pagu program ini pada tahun itu sudah dicatat. Tidak ada yang berubah. Buka pagu"
            " tersebut dan catat perubahannya."
        ),
    )


@transaction.atomic
def change_ceiling(
    *, budget: BudgetLine, ceiling: Decimal, dpa_number: str, by: User, at: datetime
) -> BudgetLine:
    """Record a changed DPA (DPPA): the difference is posted, the old figure stays in the ledger.

    Raises Refused when the new ceiling is below what is reserved, paid or allocated.
    """
    budget = BudgetLine.objects.select_for_update().get(pk=budget.pk)
    difference = to_sen(ceiling) - budget.ceiling
    if difference == 0:
        raise BadInput("BUDGET-SAME", _("Pagu baru sama dengan pagu sekarang."))
    if not dpa_number.strip():
        raise BadInput("BUDGET-INPUT", _("Isi nomor DPA perubahan."))
    changes = budget.events.filter(kind=LedgerKind.BUDGET_CHANGE).count()
    post(
        kind=LedgerKind.BUDGET_CHANGE,
        key=f"budget:{budget.pk}:change:{changes + 1}",
        budget=budget,
        amount=difference,
        by=by,
        at=at,
        subject=budget,
        note=f"DPA {dpa_number.strip()}",
    )
    BudgetLine.objects.filter(pk=budget.pk).update(dpa_number=dpa_number.strip())
    audit.record(
        verb="disbursements.change_ceiling",
        by=by,
        at=at,
        target=budget,
        old=budget.ceiling,
        new=to_sen(ceiling),
    )
    budget.refresh_from_db()
    return budget


@transaction.atomic
def allocate(
    *, budget: BudgetLine, amounts: Mapping[str, Decimal], by: User, at: datetime
) -> list[Allocation]:
    """Set the shares of regencies (code -> amount); codes not named stay as they are.

    Raises Refused when the sum exceeds the ceiling, or a share falls below what its regency has
    reserved and paid; nothing is changed then.
    """
    budget = BudgetLine.objects.select_for_update().get(pk=budget.pk)
    known = {row.area_code: row for row in budget.allocations.select_for_update()}
    _check_shares(budget, known, amounts)
    changed: dict[str, Any] = {}
    for code, amount in sorted(amounts.items()):
        share = to_sen(amount)
        row = known.get(code)
        if row is None:
            if share:
                known[code] = Allocation.objects.create(budget=budget, area_code=code, amount=share)
                changed[code] = [Decimal(0), share]
        elif row.amount != share:
            changed[code] = [row.amount, share]
            row.amount = share
            Allocation.objects.filter(pk=row.pk).update(amount=share)
    if changed:
        total = sum((row.amount for row in known.values()), Decimal(0))
        BudgetLine.objects.filter(pk=budget.pk).update(allocated=total)
        audit.record(verb="disbursements.allocate", by=by, at=at, target=budget, changed=changed)
    return list(known.values())


def _check_shares(
    budget: BudgetLine, known: Mapping[str, Allocation], amounts: Mapping[str, Decimal]
) -> None:
    names = names_of(amounts)
    regencies = set(
        Region.objects.filter(
            code__in=list(amounts), level=Level.REGENCY, code__startswith=budget.area_code
        ).values_list("code", flat=True)
    )
    for code, amount in amounts.items():
        if code not in regencies or amount < 0:
            raise BadInput(
                "ALLOC-AREA", _("Alokasi hanya untuk kabupaten/kota di provinsi ini, tanpa minus.")
            )
        row = known.get(code)
        if row is not None and amount < row.reserved + row.paid:
            raise Refused(
                "ALLOC-BELOW-USE",
                _(
                    "Alokasi %(area)s tidak dapat lebih kecil dari %(used)s yang sudah terikat dan"
                    " cair. Tidak ada yang berubah. Isi jumlah yang sama atau lebih besar."
                )
                % {"area": names.get(code, code), "used": rupiah(row.reserved + row.paid)},
            )
    shares = {code: row.amount for code, row in known.items()} | dict(amounts)
    over = sum((to_sen(share) for share in shares.values()), Decimal(0)) - budget.ceiling
    if over > 0:
        raise Refused(
            "ALLOC-OVER",
            _(
                "Alokasi melebihi pagu sebesar %(over)s. Tidak ada yang berubah. Kurangi alokasi"
                " atau catat perubahan pagu."
            )
            % {"over": rupiah(over)},
        )


def decree_problem(decree: Decree) -> str | None:
    """Why the budget cannot carry a decree: a sentence, or None when it can.

    A decree promises a whole year: its total, with what its programme already pays in the same
    area to people it no longer names, must fit in the allocations of that area.
    """
    if decree.version.benefit_kind not in MONEY_KINDS:
        return None  # goods and services are bought, not paid out by a list
    budget = BudgetLine.objects.filter(version=decree.version_id).first()
    if budget is None:
        return _("Pagu program ini belum dicatat. Catat pagu dari DPA dan atur alokasinya dulu.")
    shares = budget.allocations.filter(area_code__startswith=decree.area_code[:REGENCY_CODE])
    room = shares.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    total = decree.lines.aggregate(total=Sum("annual_amount"))["total"] or Decimal(0)
    gone = PaymentLine.objects.filter(
        pay_list__version=decree.version_id,
        area_code__startswith=decree.area_code,
        state__in=[*LIVE_LINES, LineState.REPAID],
        retransfer_of=None,
    ).exclude(enrolment__in=decree.lines.values("enrolment_id"))
    needed = total + (gone.aggregate(total=Sum("amount"))["total"] or Decimal(0))
    if needed <= room:
        return None
    return _(
        "Alokasi wilayah ini %(room)s, kurang %(short)s untuk SK sebesar %(total)s. Tambah"
        " alokasi atau kurangi isi SK."
    ) % {"room": rupiah(room), "short": rupiah(needed - room), "total": rupiah(total)}

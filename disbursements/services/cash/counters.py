"""A counter is opened for a cash list, and closed by a person: what nobody took then returns."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib import pulse
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.faults import point
from bansos.lib.scopes import covers
from disbursements.choices import LineState, ListState, ReturnReason, ReturnState
from disbursements.models import CashCounter, PayList, PaymentLine, ReturnCase
from disbursements.rules.moves import AT_BANK, COUNTED
from disbursements.services import bank, chains, moves, papers
from programs.choices import Rail

# Made with the opening: the counter cannot work without them.
PAPERS = ("cash_register", "receipts")
AT_ONCE = 5_000
# The act of services.acting that records a long register.
TAKE_REGISTER = "take_register"


def hold(counter: CashCounter, *, closed_too: bool = False) -> CashCounter:
    """The counter FOR UPDATE after its lists; raises Stale when it was closed, unless `closed_too`
    lets it pass."""
    moves.lock_family(counter.pay_list)
    row: CashCounter = (
        CashCounter.objects.select_for_update(of=("self",))
        .select_related("pay_list__budget__agency", "pay_list__allocation", "pay_list__parent")
        .get(pk=counter.pk)
    )
    if row.closed_at is not None and not closed_too:
        raise Stale("CASH-CLOSED", _("Loket ini sudah ditutup. Tidak ada yang berubah."))
    return row


def not_while_at_work(counter: CashCounter) -> None:
    """Raises Refused while a worker closes the counter of a long list or records a long register:
    it holds what hold() takes, so ask before."""
    row = PayList.objects.select_related("job").get(pk=counter.pay_list_id)
    if row.job is None or not moves.is_busy(row):
        return
    if row.job.params.get("act") == TAKE_REGISTER:
        raise Refused(
            "CASH-TAKING",
            _(
                "Daftar yang ditandatangani sedang dicatat di latar. Tidak ada yang berubah oleh"
                " Anda. Tunggu sampai selesai, lalu coba lagi."
            ),
        )
    raise Refused(
        "CASH-CLOSING",
        _(
            "Loket ini sedang ditutup di latar. Tidak ada yang dicatat. Tunggu sampai selesai;"
            " siapa yang belum dibayar menjadi retur."
        ),
    )


def may_reach(by: User, area_code: str) -> None:
    """Raises NotAllowed outside the user's area."""
    if not covers(by.area_code, area_code):
        raise NotAllowed("CASH-AREA", _("Loket ini di luar wilayah Anda."))


@transaction.atomic
def open_counter(
    *, pay_list: PayList, place: str, opens_on: date, closes_on: date, by: User, at: datetime
) -> CashCounter:
    """Open the counter of an approved cash list with SP2D; its register and kuitansi are made.

    The list leaves the house as with a bank: from now on only receipts and the closing move its
    lines. Raises Refused for a list of another rail or without SP2D, BadInput for odd days.
    """
    row = moves.lock_row(pay_list)
    may_open(row, by, place, opens_on, closes_on)
    bank.same_as_approved(row)
    moves.move(
        pay_list=row,
        to=ListState.SENT,
        by=by,
        at=at,
        verb="disbursements.open_counter",
        sent_at=at,
        sent_by=by,
    )
    sent = moves.set_lines(row, [LineState.WAITING], LineState.SUBMITTED)
    if sent != row.count:
        raise moves.stale()
    counter = CashCounter.objects.create(
        pay_list=row,
        area_code=row.area_code,
        place=place.strip()[:150],
        opens_on=opens_on,
        closes_on=closes_on,
        opened_at=at,
        opened_by=by,
    )
    papers.make_papers(pay_list=row, keys=PAPERS, by=by, at=at)
    return counter


def may_open(row: PayList, by: User, place: str, opens_on: date, closes_on: date) -> None:
    """Raises what open_counter() raises, as far as it is told without reading each line."""
    moves.require_right(by, Permission.BANK_FILE)
    may_reach(by, row.area_code)
    if (
        row.lines.filter(state__in=COUNTED).exclude(rail=Rail.CASH).exists()
        or not row.stage.version.is_cash
    ):
        raise Refused("CASH-RAIL", _("Daftar ini dibayar lewat bank, jadi tidak memakai loket."))
    if row.state not in {ListState.SP2D, ListState.APPROVED} or not bank.is_ready(row):
        raise Stale("CASH-EARLY", _("Loket dibuka sesudah SP2D dicatat. Belum ada yang berubah."))
    _check_days(row, place, opens_on, closes_on)


def _check_days(row: PayList, place: str, opens_on: date, closes_on: date) -> None:
    if not place.strip():
        sentence = _("Isi tempat loket.")
        raise BadInput("CASH-PLACE", sentence, fields={"place": sentence})
    if row.sp2d_date is not None and opens_on < row.sp2d_date:
        sentence = _("Loket tidak dibuka sebelum tanggal SP2D.")
        raise BadInput("CASH-OPENS", sentence, fields={"opens_on": sentence})
    if closes_on < opens_on:
        sentence = _("Tanggal tutup tidak boleh sebelum tanggal buka.")
        raise BadInput("CASH-CLOSES", sentence, fields={"closes_on": sentence})


@transaction.atomic
def close_counter(*, counter: CashCounter, by: User, at: datetime) -> CashCounter:
    """Close for good: whoever did not come is a return, to be decided by two people like any.

    Raises Stale when it is closed already.
    """
    row = hold(counter)
    may_close(row, by, at)
    returned = _come_back(row, day_of(at, row.pay_list.budget.agency.zone))
    changed = CashCounter.objects.filter(pk=row.pk, closed_at=None).update(
        closed_at=at, closed_by=by
    )
    if changed != 1:
        raise moves.stale()
    row.closed_at, row.closed_by = at, by
    point("cash.closed")
    audit.record(
        verb="disbursements.close_counter",
        by=by,
        at=at,
        target=row,
        list=row.pay_list.number,
        returned=returned,
        paid=row.receipts.filter(undone_at=None).count(),
    )
    moves.follow_lines(pay_list=row.pay_list, by=by, at=at)
    chains.refresh_parent(pay_list=row.pay_list, by=by, at=at)
    return row


def may_close(row: CashCounter, by: User, at: datetime) -> None:
    """Raises what close_counter() raises for an open counter, without reading its lines."""
    moves.require_right(by, Permission.BANK_RESULT)
    may_reach(by, row.area_code)
    if day_of(at, row.pay_list.budget.agency.zone) < row.opens_on:
        raise Refused("CASH-NOT-OPEN", _("Loket ini belum dibuka, jadi belum dapat ditutup."))


def _come_back(row: CashCounter, today: date) -> int:
    """Every line nobody took becomes a return, part by part; how many."""
    lines = row.pay_list.lines.filter(state__in=AT_BANK).select_related("person")
    total, done = lines.count(), 0
    while part := list(lines.order_by("position")[:AT_ONCE]):
        _part_comes_back(row, part, today)
        done += len(part)
        pulse.beat(done, total)
    return done


def _part_comes_back(row: CashCounter, left: list[PaymentLine], today: date) -> None:
    heirs = chains.lines_to_heirs(left)
    ids = [line.pk for line in left]
    changed = PaymentLine.objects.filter(pk__in=ids, state__in=AT_BANK).update(
        state=LineState.RETURNED
    )
    if changed != len(ids):
        raise moves.stale()
    words = f"Loket {row.place}"
    ReturnCase.objects.bulk_create(
        [return_of(line, words=words, heirs=heirs, today=today) for line in left]
    )


def return_of(line: PaymentLine, *, words: str, heirs: set[int], today: date) -> ReturnCase:
    """The return of a cash line nobody took, not stored yet; `words` say where it comes from."""
    return ReturnCase(
        line=line,
        area_code=line.area_code,
        reason=ReturnReason.DIED if died(line, heirs) else ReturnReason.UNCOLLECTED,
        bank_text=words[:150],
        returned_on=today,
        amount=line.amount,
        state=ReturnState.OPEN,
    )


def died(line: PaymentLine, heirs: set[int]) -> bool:
    """The money was meant for somebody who is dead now; an heir's own money is not."""
    own = line.payee_id is None and line.pk not in heirs
    return bool(own and line.person.died_on is not None)

"""The one function that changes the state of a pay list, and the guards all its callers share."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib import pulse
from bansos.lib.bulk import bulk_cursor
from bansos.lib.errors import NotAllowed, Refused, Stale
from bansos.lib.faults import point
from disbursements.choices import LineState, ListState, ReturnState
from disbursements.models import ListMove, PayList, PaymentLine
from disbursements.rules.moves import AWAITS_RESULT, MOVES

AT_ONCE = 10_000
# From here a list changes what the planner must know about the table.
MANY_LINES = 50_000
LOOKED_FOR = (
    *("pay_list_id", "position", "enrolment_id", "stage_id", "person_id", "payee_id", "family_id"),
    *("one_per_family", "area_code", "account_index", "state", "not_live"),
)
# The kind of the jobs of services.acting: one act on a long list, whole in one step.
ACT_JOB = "disbursements.act"
# The kind of the job that takes the lines out of a long draft whose drawing was cancelled.
GIVE_UP_JOB = "disbursements.give_up"


def is_busy(pay_list: PayList) -> bool:
    """A worker does an act on this list."""
    job = pay_list.job
    return job is not None and job.kind in {ACT_JOB, GIVE_UP_JOB} and job.is_open


def not_while_busy(pay_list: PayList) -> None:
    """Raises Refused while a worker does an act on this list.

    Ask before lock_row(): the worker holds the row as long as it works.
    """
    row = PayList.objects.select_related("job").get(pk=pay_list.pk)
    if row.job is not None and is_busy(row):
        raise Refused(
            "LIST-BUSY",
            _(
                "Daftar ini sedang dikerjakan di latar: %(title)s. Tidak ada yang berubah oleh"
                " Anda. Tunggu sampai selesai, atau batalkan pekerjaannya."
            )
            % {"title": row.job.title},
        )


def lock_row(pay_list: PayList) -> PayList:
    """The list FOR UPDATE: every change of a list or its lines starts here, so they queue.

    The lock and the reading are two statements: who waited for the lock would otherwise get the
    joined rows (decree, main list, budget) as they were before the wait.
    """
    PayList.objects.select_for_update().only("pk").get(pk=pay_list.pk)
    found: PayList = PayList.objects.select_related(
        "stage__version__programme", "decree", "budget", "allocation", "parent"
    ).get(pk=pay_list.pk)
    return found


def keep_as_read(pay_list: PayList) -> PayList:
    """The list FOR SHARE: nobody changes it until this transaction ends, others may keep it too.

    For who writes down what the list says and may take minutes; a counter goes on paying.
    """
    found: PayList = PayList.objects.raw(
        "SELECT * FROM disbursements_paylist WHERE id = %s FOR SHARE", [pay_list.pk]
    )[0]
    return found


def lock_family(pay_list: PayList) -> PayList:
    """The list FOR UPDATE after its main list: who touches several lists of one SP2D queues there.

    Main lists of such a family are always locked first, so two follow-ups never wait in a circle.
    """
    if pay_list.parent_id is not None:
        PayList.objects.select_for_update().get(pk=pay_list.parent_id)
    return lock_row(pay_list)


def lock_lists(lists: Iterable[PayList]) -> None:
    """Many lists FOR UPDATE in the one order of the house: main lists first, then by number."""
    rows = sorted(lists, key=lambda row: row.pk)
    for pk in sorted({row.parent_id or row.pk for row in rows}):
        PayList.objects.select_for_update().only("pk").get(pk=pk)
    for row in rows:
        PayList.objects.select_for_update().only("pk").get(pk=row.pk)


def stale() -> Stale:
    """Somebody else changed the list between reading and writing."""
    return Stale(
        "LIST-STALE",
        _(
            "Daftar ini baru saja diubah orang lain. Tidak ada yang berubah oleh Anda. Muat ulang"
            " halaman, lalu putuskan lagi."
        ),
    )


def expect(pay_list: PayList, *states: ListState) -> None:
    """Raises Stale unless the list is in one of these states."""
    if pay_list.state not in states:
        raise Stale(
            "LIST-STATE",
            _(
                "Daftar ini sekarang %(state)s, jadi tindakan itu tidak dapat dilakukan. Tidak ada"
                " yang berubah. Muat ulang halaman."
            )
            % {"state": pay_list.get_state_display()},
        )


def move(
    *,
    pay_list: PayList,
    to: ListState,
    by: User,
    at: datetime,
    verb: str,
    note: str = "",
    **fields: Any,
) -> PayList:
    """Change the state and the fields of that step: conditional UPDATE, move row, audit event.

    Raises NotAllowed when the user's role does not carry the move, Stale when the list is no
    longer in the state it was read in. Call it inside the transaction of the act.
    """
    old = ListState(pay_list.state)
    if (old, to) not in MOVES:
        raise stale()
    permission = MOVES[(old, to)]
    if permission is not None and not by.can(permission):
        raise NotAllowed("LIST-RIGHT", _("Peran Anda tidak dapat melakukan tindakan ini."))
    changed = PayList.objects.filter(pk=pay_list.pk, state=old).update(state=to, **fields)
    if changed != 1:
        raise stale()
    ListMove.objects.create(pay_list=pay_list, old=old, new=to, at=at, by=by, note=note)
    audit.record(
        verb=verb,
        by=by,
        at=at,
        target=pay_list,
        reason=note,
        old=old,
        new=to,
        number=pay_list.number,
        count=fields.get("count", pay_list.count),
        total=fields.get("total", pay_list.total),
        content_hash=fields.get("content_hash", pay_list.content_hash),
    )
    pay_list.state = to
    for name, value in fields.items():
        setattr(pay_list, name, value)
    point("list.moved")
    return pay_list


def note_event(*, pay_list: PayList, verb: str, by: User, at: datetime, **data: Any) -> None:
    """An act on a list that leaves its state as it is, in the trail."""
    audit.record(
        verb=verb,
        by=by,
        at=at,
        target=pay_list,
        number=pay_list.number,
        count=pay_list.count,
        total=pay_list.total,
        **data,
    )


def set_lines(pay_list: PayList, old: Collection[LineState], new: LineState) -> int:
    """Move every line in one of these states to the new one, part by part; how many moved.

    Call inside the transaction of the act that holds the list: all parts stand or none does.
    """
    lines = PaymentLine.objects.filter(pay_list=pay_list)
    last, moved = lines.aggregate(last=Max("position"))["last"] or 0, 0
    for after in range(0, last, AT_ONCE):
        part = lines.filter(state__in=old, position__gt=after, position__lte=after + AT_ONCE)
        moved += part.update(state=new)
        pulse.beat(min(after + AT_ONCE, last), last)
    if moved >= MANY_LINES:
        tell_states()
    return moved


def new_statistics() -> None:
    """Tell the planner of the lines: by what it knew of an empty table it reads all for each.

    Of what lines are looked for by; sorting samples of names and addresses took as long again.
    """
    with bulk_cursor() as db:
        db.execute(f"ANALYZE disbursements_paymentline ({', '.join(LOOKED_FOR)})")


def tell_states() -> None:
    """Tell the planner of the states of the lines, of which it knows nobody in one that is new.

    After the act: ANALYZE would hold a lock of the whole table until the end of its transaction,
    and an act may wait for another list meanwhile.
    """
    transaction.on_commit(_new_states, robust=True)


def _new_states() -> None:
    with bulk_cursor() as db:
        db.execute("ANALYZE disbursements_paymentline (state)")


def follow_lines(*, pay_list: PayList, by: User, at: datetime) -> PayList:
    """Set the state that follows from the lines: delivered when nothing is open any more."""
    if pay_list.state not in AWAITS_RESULT:
        return pay_list
    waiting = pay_list.has_lines(LineState.SUBMITTED, LineState.UNKNOWN)
    lines = PaymentLine.objects.filter(pay_list=pay_list, not_live=LineState.RETURNED)
    returned = lines.exclude(return_case__state=ReturnState.DONE).exists()
    to = ListState.PARTLY_SETTLED if waiting or returned else ListState.SETTLED
    if pay_list.state != to:
        move(pay_list=pay_list, to=to, by=by, at=at, verb="disbursements.list_follows_lines")
    return pay_list


def require_right(by: User, permission: Any) -> None:
    """Raises NotAllowed unless the user holds the permission."""
    if not by.can(permission):
        raise NotAllowed("LIST-RIGHT", _("Peran Anda tidak dapat melakukan tindakan ini."))


def not_while_drawing(pay_list: PayList) -> None:
    """Raises Refused while the lines are still being drawn."""
    if pay_list.drawn_at is None:
        raise Refused(
            "LIST-DRAWING",
            _("Daftar masih disusun di latar. Tunggu sampai selesai, lalu coba lagi."),
        )

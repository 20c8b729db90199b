"""Acts that look at every line of a list: at once for most lists, by a worker for long ones.

A worker does the whole act in one transaction, as the page does: all of it stands or nothing. It
tells how far it is (bansos.lib.pulse) and rolls back when its owner cancels the job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.audit.models import Event
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.errors import NotAllowed
from bansos.lib.scopes import covers
from disbursements.choices import ListState
from disbursements.models import CashCounter, PayList
from disbursements.services import approving, bank, moves
from disbursements.services.cash import counters, registers

KIND = moves.ACT_JOB
Given = Mapping[str, str]
NOTHING: Given = MappingProxyType({})
# Up to here somebody waits in front of the page: half a second or less on two slow cores.
LOCK_AT_ONCE = 2_000
CLOSE_AT_ONCE = 500


@dataclass(frozen=True)
class Act:
    """`work` does it; `early` refuses what can be told without reading the lines; `at_once` is how
    many lines nobody has to wait for, when that is less than of other acts."""

    title: Any
    work: Callable[..., PayList]
    early: Callable[[PayList, User, Given, datetime], object]
    at_once: int | None = None


def _seen(
    may: Callable[[PayList, User], None],
) -> Callable[[PayList, User, Given, datetime], None]:
    def early(row: PayList, by: User, given: Given, at: datetime) -> None:
        may(row, by)
        approving.as_seen(row, given["seen_hash"])

    return early


def _days(given: Given) -> dict[str, Any]:
    """What is said of a counter, its days as dates again."""
    days = {name: date.fromisoformat(given[name]) for name in ("opens_on", "closes_on")}
    return {"place": given["place"], **days}


def _open_counter(*, pay_list: PayList, by: User, at: datetime, **given: str) -> PayList:
    made = counters.open_counter(pay_list=pay_list, by=by, at=at, **_days(given))
    return made.pay_list


def _close_counter(*, pay_list: PayList, by: User, at: datetime) -> PayList:
    # close_counter() holds the counter itself: nothing may be held outside its transaction.
    counter = CashCounter.objects.select_related("pay_list").get(pay_list=pay_list)
    return counters.close_counter(counter=counter, by=by, at=at).pay_list


def _take_register(*, pay_list: PayList, by: User, at: datetime) -> PayList:
    counter = CashCounter.objects.select_related("pay_list").get(pay_list=pay_list)
    registers.take_waiting(counter=counter, by=by, at=at)
    return pay_list


def _counter_of(pay_list: PayList) -> CashCounter:
    return counters.hold(CashCounter.objects.select_related("pay_list").get(pay_list=pay_list))


ACTS = {
    "lock": Act(
        gettext_lazy("Mengunci daftar bayar %(number)s"),
        approving.lock_unless_blocked,
        lambda row, by, given, at: approving.may_lock(row, by),
        at_once=LOCK_AT_ONCE,
    ),
    "check": Act(
        gettext_lazy("Menandatangani pemeriksaan %(number)s"),
        approving.check,
        _seen(approving.may_check),
    ),
    "approve": Act(
        gettext_lazy("Menandatangani persetujuan %(number)s"),
        approving.approve,
        _seen(approving.may_approve),
    ),
    "cancel": Act(
        gettext_lazy("Membatalkan daftar bayar %(number)s"),
        approving.cancel,
        lambda row, by, given, at: approving.may_cancel(row, by, given["reason"], at),
    ),
    "send": Act(
        gettext_lazy("Mencatat pengiriman %(number)s"),
        bank.mark_sent,
        lambda row, by, given, at: bank.may_send(row, by),
    ),
    "open_counter": Act(
        gettext_lazy("Membuka loket %(number)s"),
        _open_counter,
        lambda row, by, given, at: counters.may_open(row, by, **_days(given)),
    ),
    "close_counter": Act(
        gettext_lazy("Menutup loket %(number)s"),
        _close_counter,
        lambda row, by, given, at: counters.may_close(_counter_of(row), by, at),
        at_once=CLOSE_AT_ONCE,
    ),
    # Begun by cash.handing_in, which asks all that can be told before.
    counters.TAKE_REGISTER: Act(
        gettext_lazy("Mencatat daftar yang ditandatangani %(number)s"),
        _take_register,
        lambda row, by, given, at: counters.may_reach(by, row.area_code),
    ),
}


def is_long(pay_list: PayList, name: str = "") -> bool:
    """Too many lines for somebody to wait in front of the page; `name` is the act, of ACTS."""
    at_once = ACTS[name].at_once if name else None
    if at_once is not None and pay_list.count > at_once:
        return True
    return pay_list.count >= settings.LONG_LIST_LINES


def act(*, name: str, pay_list: PayList, by: User, at: datetime, **given: str) -> Job | None:
    """Do an act of ACTS now; for a long list ask a worker and give back the job.

    Raises what the act raises; of a long list only what is told without reading its lines, the
    rest ends the job with the same sentence.
    """
    if not is_long(pay_list, name):
        moves.not_while_busy(pay_list)
        work = approving.lock if name == "lock" else ACTS[name].work
        work(pay_list=pay_list, by=by, at=at, **given)
        return None
    return ask(name=name, pay_list=pay_list, by=by, at=at, given=given)


def ask(
    *, name: str, pay_list: PayList, by: User, at: datetime, total: int = 0, given: Given = NOTHING
) -> Job:
    """Ask a worker for an act of ACTS; `total` is what it counts when not the lines of the list.

    Raises what act() raises of a long list.
    """
    moves.not_while_busy(pay_list)
    with transaction.atomic():
        row = moves.lock_family(pay_list)
        moves.not_while_busy(row)
        ACTS[name].early(row, by, given, at)
        job = jobs.submit(
            kind=KIND,
            title=ACTS[name].title % {"number": row.number},
            by=by,
            at=at,
            params={"list": row.pk, "act": name, **_without_words(row, given, by, at)},
            total=total or row.count,
        )
        PayList.objects.filter(pk=row.pk).update(job=job)
    return job


def _without_words(row: PayList, given: Given, by: User, at: datetime) -> dict[str, Any]:
    """What was given as a job may hold it: a reason stands in the trail, the job has its id."""
    params: dict[str, Any] = {"given": {key: given[key] for key in given if key != "reason"}}
    if "reason" in given:
        params["event"] = audit.record(
            verb="disbursements.ask_cancel_list",
            by=by,
            at=at,
            target=row,
            reason=given["reason"].strip(),
            number=row.number,
        ).pk
    return params


def given_of(params: Mapping[str, Any]) -> Given:
    """What was given to act(), from the parameters of its job."""
    given: dict[str, str] = dict(params["given"])
    if "event" in params:
        given["reason"] = Event.objects.get(pk=params["event"]).reason
    return given


def work(*, pay_list: PayList, name: str, given: Given, by: User, at: datetime) -> str:
    """Do the act as the worker; the sentence why a list was not locked or a register not recorded,
    else "".

    A list with blocking hits is no failure: the hits stay and are shown. Raises NotAllowed when
    the list is no longer in the area of who asked.
    """
    if not covers(by.area_code, pay_list.area_code):
        raise NotAllowed("LIST-AREA", _("Daftar ini di luar wilayah Anda. Tidak ada yang berubah."))
    row = ACTS[name].work(pay_list=pay_list, by=by, at=at, **given)
    if name == "lock" and row.state != ListState.LOCKED:
        return approving.blocked_sentence(row)
    return registers.refusal_of(row) if name == counters.TAKE_REGISTER else ""


def clear(params: Mapping[str, Any]) -> None:
    """After an act that was stopped or failed: what was handed in for it is not kept."""
    if params["act"] == counters.TAKE_REGISTER:
        registers.drop_waiting(params["list"])

"""Whose account is it: asked of the bank before a list is locked, decided by two people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from disbursements.choices import Heard, LineState, ListState, NameState
from disbursements.models import BankChannel, Hit, NameCheck, PayList, PaymentLine
from disbursements.rules.preflight import NAME_CLOSE_BELOW, name_likeness
from disbursements.services import exclusions, moves
from disbursements.services.channels import open_channel
from disbursements.services.channels.base import NameAnswer, NameQuestion
from disbursements.services.preflight import checks_of_lines, hit_bank_names
from disbursements.services.proxied import owner_name
from disbursements.services.submissions.records import take_numbers

JOB = "disbursements.check_names"
BATCH = 20
LONGEST_BATCH = 20
SHORTEST_REASON = 10
CODE = "bank_name"
OPEN = (NameState.DIFFERS, NameState.NO_ACCOUNT, NameState.PROPOSED)


@dataclass(frozen=True)
class Asked:
    """One line whose account the bank is asked about, and whose it is to be."""

    line: int
    account_index: str
    payee_name: str
    question: NameQuestion


def naming_channel(pay_list: PayList) -> BankChannel | None:
    """The channel of the list's agency that says whose account it is."""
    rows = BankChannel.objects.filter(
        agency=pay_list.budget.agency, active=True, verifies_names=True
    )
    found: BankChannel | None = rows.first()
    return found


@transaction.atomic
def check_names(*, pay_list: PayList, by: User, at: datetime) -> Job:
    """Ask the bank about every account of a draft list that it was not asked about yet.

    Raises Refused where no channel offers it, or when its secrets are missing.
    """
    moves.require_right(by, Permission.PAYLIST_PREPARE)
    moves.not_while_busy(pay_list)
    row = moves.lock_row(pay_list)
    moves.not_while_busy(row)  # its job takes the place of the act's on the list
    moves.expect(row, ListState.DRAFT)
    moves.not_while_drawing(row)
    channel = naming_channel(row)
    if channel is None:
        raise Refused(
            "NAMES-NO-CHANNEL",
            _("Tidak ada kanal bank aktif yang mencocokkan nama rekening."),
        )
    open_channel(channel)
    job = jobs.submit(
        kind=JOB,
        title=_("Mencocokkan nama rekening %(number)s") % {"number": row.number},
        by=by,
        at=at,
        params={"list": row.pk, "channel": channel.pk},
        total=row.count,
    )
    PayList.objects.filter(pk=row.pk).update(job=job)
    return job


def next_names(
    *, pay_list: PayList, channel: BankChannel, after: int, at: datetime
) -> tuple[list[Asked], int]:
    """The next accounts nobody asked about, with the numbers of the calls: commit, then ask."""
    row = moves.lock_row(pay_list)
    if row.state != ListState.DRAFT:
        return [], after
    lines = row.lines.filter(
        ~Exists(checks_of_lines()),
        state=LineState.WAITING,
        position__gt=after,
        account_index__isnull=False,
    )
    lines = lines.select_related("proxy_account").order_by("position")
    part: list[PaymentLine] = list(lines[:BATCH])
    if not part:
        return [], after
    numbers = take_numbers(channel=channel, count=len(part), at=at)
    asked = [
        Asked(
            line.pk,
            line.account_index or "",
            owner_name(line),
            NameQuestion(line.bank_code, line.account_number or "", number, at),
        )
        for line, number in zip(part, numbers, strict=True)
    ]
    return asked, part[-1].position


def ask_bank(channel: BankChannel, asked: Sequence[Asked]) -> list[tuple[Asked, NameAnswer]]:
    """The calls, in no transaction. Asking twice does no harm; a bank that is not there ends it."""
    way, end = open_channel(channel), time.monotonic_ns() + LONGEST_BATCH * 10**9
    found: list[tuple[Asked, NameAnswer]] = []
    for one in asked:
        answer = way.name_of(one.question)
        found.append((one, answer))
        if answer.heard == Heard.UNKNOWN or time.monotonic_ns() > end:
            break
    return found


def take_names(
    *,
    pay_list: PayList,
    channel: BankChannel,
    answers: Sequence[tuple[Asked, NameAnswer]],
    by: User,
    at: datetime,
) -> str:
    """Keep what the bank said of lines that still pay that account; why to stop, or ""."""
    row = moves.lock_row(pay_list)
    if row.state != ListState.DRAFT:
        return ""
    stop = ""
    for one, answer in answers:
        if answer.heard not in {Heard.DONE, Heard.NOT_FOUND}:
            stop = answer.text or _("Bank tidak menjawab.")
            continue
        likeness = name_likeness(one.payee_name, answer.name) if answer.name else 0
        NameCheck.objects.update_or_create(
            line_id=one.line,
            defaults={
                "pay_list": row,
                "channel": channel,
                "account_index": one.account_index,
                "payee_name": one.payee_name,
                "bank_name": answer.name,
                "likeness": likeness,
                "state": _state(answer, likeness),
                "checked_at": at,
                "checked_by": by,
                "reason": "",
                "decided_at": None,
                "decided_by": None,
                "confirmed_at": None,
                "confirmed_by": None,
            },
        )
    renew_hits(row)
    return stop


def _state(answer: NameAnswer, likeness: int) -> NameState:
    if answer.heard == Heard.NOT_FOUND:
        return NameState.NO_ACCOUNT
    return NameState.SAME if likeness >= NAME_CLOSE_BELOW else NameState.DIFFERS


def renew_hits(pay_list: PayList) -> None:
    """The pre-flight hits about names as they are now; the other hits stay."""
    Hit.objects.filter(pay_list=pay_list, code=CODE).delete()
    hit_bank_names(pay_list)


def _held(check: NameCheck) -> NameCheck:
    row = moves.lock_row(check.pay_list)
    moves.expect(row, ListState.DRAFT)
    found: NameCheck = (
        NameCheck.objects.select_for_update(of=("self",))
        .select_related("line", "pay_list", "decided_by")
        .get(pk=check.pk)
    )
    return found


def _stale() -> Stale:
    return Stale(
        "NAME-STALE",
        _("Keadaan nama ini baru saja berubah. Tidak ada yang berubah. Muat ulang halaman."),
    )


@transaction.atomic
def accept(*, check: NameCheck, reason: str, by: User, at: datetime) -> NameCheck:
    """The first person: it is the same person although the names differ, and why."""
    moves.require_right(by, Permission.PAYLIST_PREPARE)
    row = _held(check)
    if row.state != NameState.DIFFERS:
        raise _stale()
    if len(reason.strip()) < SHORTEST_REASON:
        sentence = _("Tulis mengapa ini orang yang sama, dan apa yang dicocokkan.")
        raise BadInput("NAME-REASON", sentence, fields={"reason": sentence})
    row.state, row.reason = NameState.PROPOSED, reason.strip()
    row.decided_at, row.decided_by = at, by
    row.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    _record("disbursements.accept_name", row, by, at)
    return row


def why_not_confirm(check: NameCheck, user: User) -> str:
    """Why this person cannot confirm; empty when he can."""
    if not user.can(Permission.SUBMISSION_CONFIRM):
        return _("Keputusan disahkan oleh kepala seksi.")
    if check.decided_by_id == user.pk:
        return _("Anda memutus nama ini, jadi tidak dapat mengesahkannya.")
    return ""


@transaction.atomic
def confirm(*, check: NameCheck, agreed: bool, by: User, at: datetime) -> NameCheck:
    """The second person: agreed, the name no longer holds the list back."""
    row = _held(check)
    why = why_not_confirm(row, by)
    if why:
        raise NotAllowed("NAME-RIGHT", why)
    if row.state != NameState.PROPOSED:
        raise _stale()
    if agreed:
        row.state, row.confirmed_at, row.confirmed_by = NameState.ACCEPTED, at, by
    else:
        row.state, row.reason = NameState.DIFFERS, ""
        row.decided_at, row.decided_by = None, None
    row.save()
    _record("disbursements.confirm_name", row, by, at, agreed=agreed)
    renew_hits(row.pay_list)
    return row


@transaction.atomic
def take_out(*, check: NameCheck, reason: str, by: User, at: datetime) -> None:
    """The line leaves the list: the account is not the payee's."""
    row = _held(check)
    exclusions.exclude(
        pay_list=row.pay_list,
        niks_or_positions=[str(row.line.position)],
        reason=reason,
        by=by,
        at=at,
    )


def _record(verb: str, row: NameCheck, by: User, at: datetime, **data: Any) -> None:
    audit.record(
        verb=verb,
        by=by,
        at=at,
        target=row,
        area_code=row.line.area_code,
        list=row.pay_list.number,
        reference=row.line.reference,
        likeness=row.likeness,
        state=str(row.state),
        **data,
    )

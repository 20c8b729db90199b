"""Many waiting lines of a month decided at once: counted before, refused lines stay, named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Stale
from programs.choices import PremiumChange, PremiumState
from programs.models import PremiumLine, PremiumRound
from programs.queries.premiums import covers_in
from programs.services.enrolments import check_reach
from programs.services.premiums.busy import not_while_busy
from programs.services.premiums.candidates import paid_words
from programs.services.premiums.rounds import check_findings, locked_open, today_of

DISTRICT = len("35.19.01")


@dataclass(frozen=True)
class Choice:
    """Which waiting lines: who comes or who goes, with findings or without, of which district."""

    change: str = PremiumChange.ADD
    # None: both.
    with_findings: bool | None = None
    district: str = ""


@dataclass(frozen=True)
class Chosen:
    """The lines of a choice as they are now, and what would happen to each."""

    lines: Sequence[PremiumLine]
    # How many wait in all; more than `lines` where one act does not take them all.
    total: int
    # Line id -> why it cannot be agreed to, and why it cannot be rejected.
    not_agreed: Mapping[int, str]
    not_rejected: Mapping[int, str]
    mark: str

    @property
    def agreeable(self) -> int:
        """How many would be agreed to."""
        return len(self.lines) - len(self.not_agreed)

    @property
    def rejectable(self) -> int:
        """How many would be rejected, or stay."""
        return len(self.lines) - len(self.not_rejected)


def waiting_lines(round_: PremiumRound, by: User, choice: Choice) -> QuerySet[PremiumLine]:
    """The waiting lines of a choice in the user's area."""
    rows: QuerySet[PremiumLine] = PremiumLine.objects.visible_to(by).filter(
        round=round_, state=PremiumState.WAITING, change=choice.change
    )
    if choice.with_findings is not None:
        rows = rows.exclude(findings=[]) if choice.with_findings else rows.filter(findings=[])
    return rows.filter(area_code__startswith=choice.district)


def districts_of(round_: PremiumRound, by: User) -> list[str]:
    """Codes of the districts where lines wait."""
    rows = PremiumLine.objects.visible_to(by).filter(round=round_, state=PremiumState.WAITING)
    return sorted({code[:DISTRICT] for code in rows.values_list("area_code", flat=True)})


def choose(round_: PremiumRound, by: User, choice: Choice, at: datetime) -> Chosen:
    """Count what a decision would do; at most LONG_PREMIUM_LINES people at once.

    A constant number of queries for any number of lines.
    """
    rows = waiting_lines(round_, by, choice)
    most = settings.LONG_PREMIUM_LINES
    lines = list(rows.select_related("person__family").order_by("pk")[:most])
    own = {
        line.pk: _("Anda menambah baris ini; minta verifikator lain.")
        for line in lines
        if line.added_by_id == by.pk
    }
    stopped = {**_who_is_not_paid(round_, lines, at), **own}
    adds = choice.change == PremiumChange.ADD
    return Chosen(
        lines=lines,
        total=rows.count() if len(lines) == most else len(lines),
        not_agreed=stopped if adds else own,
        not_rejected=own if adds else stopped,
        mark=_mark(lines),
    )


def _who_is_not_paid(
    round_: PremiumRound, lines: Sequence[PremiumLine], at: datetime
) -> dict[int, str]:
    """Line id -> why the premium of that person is not paid whatever a verifier writes."""
    people = [line.person for line in lines]
    found = check_findings(round_.plan, people, today=today_of(round_.plan, at))
    new = [line.person_id for line in lines if line.change == PremiumChange.ADD]
    paid = covers_in(new, insurance=round_.plan.insurance, month=round_.month)
    told = {line.pk: paid_words(paid[line.person_id]) for line in lines if line.person_id in paid}
    dead = {
        line.pk: _("Tercatat meninggal, jadi preminya tidak dibayar.")
        for line in lines
        if found[line.person_id].is_dead
    }
    return {**told, **dead}


def _mark(lines: Sequence[PremiumLine]) -> str:
    """The same lines with the same findings have the same mark."""
    said = "|".join(f"{line.pk}:{line.findings}" for line in lines)
    return hashlib.sha256(said.encode()).hexdigest()


@transaction.atomic
def decide_many(
    *,
    round_: PremiumRound,
    choice: Choice,
    mark: str,
    agree: bool,
    note: str,
    by: User,
    at: datetime,
) -> tuple[int, int]:
    """Decide the lines that were counted; how many are decided, and how many stay and wait.

    Who may not be decided so (dead, another payer, added by the same user) stays. Raises Stale
    when other lines wait than were counted, BadInput without a reason where one is needed.
    """
    if not by.can(Permission.PROPOSAL_VERIFY):
        raise NotAllowed("PREMIUM-RIGHT", _("Calon diputus verifikator kabupaten/kota."))
    not_while_busy(round_.plan)
    row = locked_open(round_)
    chosen = choose(row, by, choice, at)
    if chosen.mark != mark:
        raise Stale(
            "PREMIUM-COUNTED",
            _("Yang menunggu berubah sejak dihitung. Tidak ada yang diputus. Periksa lagi."),
        )
    stopped = chosen.not_agreed if agree else chosen.not_rejected
    lines = [line for line in chosen.lines if line.pk not in stopped]
    for area_code in {line.area_code for line in lines}:
        check_reach(by=by, area_code=area_code)
    pays = agree == (choice.change == PremiumChange.ADD)
    overrules = pays and any(line.findings for line in lines)
    if (overrules or not agree) and not note.strip():
        raise BadInput("PREMIUM-NOTE", _("Isi alasan."), fields={"note": _("Isi alasan.")})
    _decide(lines, choice, agree=agree, note=note, by=by, at=at)
    return len(lines), len(stopped)


def _decide(
    lines: Sequence[PremiumLine],
    choice: Choice,
    *,
    agree: bool,
    note: str,
    by: User,
    at: datetime,
) -> None:
    adds = choice.change == PremiumChange.ADD
    PremiumLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        state=PremiumState.REJECTED if adds and not agree else PremiumState.VERIFIED,
        change=choice.change if adds or agree else PremiumChange.KEEP,
        note=note.strip()[:200],
        decided_at=at,
        decided_by=by,
    )
    audit.record_many(
        audit.event(
            verb="programs.decide_premium",
            by=by,
            at=at,
            target=line,
            person=line.person_id,
            agree=agree,
            together=len(lines),
        )
        for line in lines
    )

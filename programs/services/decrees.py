"""Writes of decrees: draft from the eligible, submit, approve, return, cancel.

A decree of an area and year is drafted by one person and approved by another. An amendment is
the next revision; approving it supersedes the one before and stops whom it leaves out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.regions.queries import full_name, name_of, names_of
from programs.choices import DECREED, DecreeState, EnrolmentState, VersionState
from programs.models import Decree, DecreeLine, Enrolment, ProgrammeVersion
from programs.queries.assessing import plan_gaps
from programs.queries.decrees import decree_difference, decree_in_force
from programs.queries.life import waiting_ends, waiting_words
from programs.rules import DECREE_MOVES
from programs.services.catalogue import money_problems_of
from programs.services.choosing import (
    check_quota,
    chosen_now,
    keep_ranking,
    members_of,
    unfit_lines,
)
from programs.services.enrolments import check_reach, move_many
from programs.services.entitlements import decree_money, grant_shares, share_again

# Apps above add their own check (a budget line): a sentence refuses, None lets pass.
BUDGET_CHECKS: list[Callable[[Decree], str | None]] = []
# And where a lacking budget is put right: what to do, and the address of the page.
BUDGET_PAGES: list[Callable[[Decree], tuple[str, str]]] = []

FAR = 10_000_000
OPEN_DECREES = (DecreeState.DRAFT, DecreeState.SUBMITTED)


def _check_right(by: User, permission: Permission) -> None:
    if not by.can(permission):
        raise NotAllowed("DECREE-RIGHT", _("Peran Anda tidak boleh melakukan ini."))


def _check_no_other(version: ProgrammeVersion, area_code: str) -> None:
    """One open decree per area; areas of decrees never overlap."""
    rows = Decree.objects.filter(version=version)
    if rows.filter(state__in=OPEN_DECREES, area_code=area_code).exists():
        raise Refused(
            "DECREE-OPEN",
            _("Sudah ada SK yang sedang disusun untuk wilayah ini. Selesaikan atau batalkan dulu."),
        )
    live = rows.filter(state__in=[*OPEN_DECREES, DecreeState.APPROVED]).exclude(area_code=area_code)
    for other in live.values_list("area_code", flat=True):
        if other.startswith(area_code) or area_code.startswith(other):
            raise Refused(
                "DECREE-OVERLAP",
                _(
                    "Wilayah ini beririsan dengan SK untuk %(name)s. Satu orang hanya dapat"
                    " berada di satu SK. Susun perubahan SK itu."
                )
                % {"name": name_of(other)},
            )


def _write_lines(decree: Decree, rows: Sequence[Enrolment], amount: Decimal) -> None:
    names = names_of(row.area_code for row in rows)
    DecreeLine.objects.bulk_create(
        (
            DecreeLine(
                decree=decree,
                enrolment=row,
                position=position,
                name=row.person.name,
                address=_address(row, names),
                area_code=row.area_code,
                annual_amount=amount,
            )
            for position, row in enumerate(rows, start=1)
        ),
        batch_size=1000,
    )


def _address(row: Enrolment, names: dict[str, str]) -> str:
    parts = [row.person.address, full_name(row.area_code, names)]
    return ", ".join(part for part in parts if part)[:250]


@transaction.atomic
def draft_decree(
    *,
    version: ProgrammeVersion,
    area_code: str,
    by: User,
    at: datetime,
    subject: str = "",
    formula_budget: Decimal | None = None,
) -> Decree:
    """A draft from the eligible of the area, and for an amendment also the present members.

    Criteria are checked again today; who no longer fits stays eligible and outside. Where more
    qualify than there are places the rule of the version chooses, see choosing.chosen_now().
    `formula_budget` is what a formula shares out among them, else that of the version. Raises
    Refused when nobody is left, the quota is passed, or another decree overlaps.
    """
    _check_right(by, Permission.DECREE_PREPARE)
    check_reach(by=by, area_code=area_code)
    version = ProgrammeVersion.objects.select_for_update().get(pk=version.pk)
    _check_usable(version, area_code)
    _check_no_other(version, area_code)
    previous = decree_in_force(version=version, area_code=area_code)
    fresh, rankings = chosen_now(version, area_code, at=at)
    rows = sorted(
        [*members_of(previous), *fresh], key=lambda row: (row.area_code, row.person.name, row.pk)
    )
    if not rows:
        raise Refused(
            "DECREE-EMPTY",
            _(
                "Belum ada penerima layak yang baru di wilayah ini, jadi SK tidak dibuat."
                " Selesaikan verifikasi dulu."
            )
            if not rankings
            else _(
                "Semua tempat di wilayah ini sudah terisi, jadi SK tidak dibuat. Yang layak tetap"
                " di daftar tunggu."
            ),
        )
    money = decree_money(
        version=version,
        area_code=area_code,
        previous=previous,
        people=len(rows),
        budget=formula_budget,
    )
    last = Decree.objects.filter(version=version, area_code=area_code).aggregate(
        last=Max("revision")
    )["last"]
    decree = Decree.objects.create(
        version=version,
        area_code=area_code,
        revision=(last or 0) + 1,
        subject=subject or _default_subject(version, area_code, amended=previous is not None),
        supersedes=previous,
        count=len(rows),
        total=money.each * len(rows),
        formula_budget=money.budget,
        formula_amount=money.each if money.budget is not None else None,
        formula_remainder=money.remainder,
        made_at=at,
        made_by=by,
    )
    _write_lines(decree, rows, money.each)
    keep_ranking(decree, rankings)
    check_quota(decree)
    _determine([row.pk for row in fresh], by=by, at=at)
    audit.record(
        verb="programs.draft_decree", by=by, at=at, target=decree, count=len(rows), new=len(fresh)
    )
    return decree


def _check_usable(version: ProgrammeVersion, area_code: str) -> None:
    if version.state != VersionState.ACTIVE:
        raise Refused("DECREE-VERSION", _("Program ini belum berlaku, jadi SK tidak dapat dibuat."))
    if not area_code.startswith(version.area_code):
        raise BadInput("DECREE-AREA", _("Wilayah di luar provinsi program ini."))
    if problems := money_problems_of(version):
        raise Refused(
            "DECREE-AMOUNT",
            _("SK belum dapat disusun: %(problems)s") % {"problems": " ".join(problems)},
        )


def _default_subject(version: ProgrammeVersion, area_code: str, *, amended: bool) -> str:
    head = _("Perubahan penetapan penerima") if amended else _("Penetapan penerima")
    return f"{head} {version.programme.name} {name_of(area_code)} {version.year}"


def _determine(ids: Sequence[int], *, by: User, at: datetime) -> None:
    move_many(ids=ids, old=EnrolmentState.ELIGIBLE, new=EnrolmentState.DETERMINED, by=by, at=at)


@transaction.atomic
def drop_line(
    *,
    decree: Decree,
    enrolment: Enrolment,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
) -> None:
    """Leave one person out of a draft: a new one stays eligible, a member stops on approval."""
    _check_right(by, Permission.DECREE_PREPARE)
    # One hand at a time: count, total and positions follow from the lines.
    Decree.objects.select_for_update().get(pk=decree.pk)
    decree.refresh_from_db()
    _expect(decree, DecreeState.DRAFT)
    labels = {str(row["code"]) for row in decree.version.stop_reasons}
    if reason_code not in labels:
        raise BadInput(
            "DECREE-DROP-REASON",
            _("Alasan belum dipilih. SK tidak berubah."),
            fields={"reason_code": _("Pilih alasan.")},
        )
    line = decree.lines.filter(enrolment=enrolment).first()
    if line is None:
        raise Stale("DECREE-DROPPED", _("Orang ini sudah tidak ada di SK ini."))
    if enrolment.state == EnrolmentState.DETERMINED:
        move_many(
            ids=[enrolment.pk],
            old=EnrolmentState.DETERMINED,
            new=EnrolmentState.ELIGIBLE,
            by=by,
            at=at,
            reasons={enrolment.pk: (reason_code, note)},
        )
    line.delete()
    _close_gap(decree, line.position)
    decree.dropped = {
        **decree.dropped,
        str(enrolment.pk): {"reason": reason_code, "note": note},
    }
    decree.count -= 1
    decree.total -= line.annual_amount
    share_again(decree)
    decree.save(update_fields=["dropped", "count", "total", "formula_amount", "formula_remainder"])
    audit.record(
        verb="programs.drop_line",
        by=by,
        at=at,
        target=decree,
        reason=reason_code,
        enrolment=enrolment.pk,
    )


def _close_gap(decree: Decree, position: int) -> None:
    """Move everybody behind a removed line up by one, in two statements for any number of lines.

    Through numbers far above, because the unique position is checked row by row.
    """
    behind = decree.lines.filter(position__gt=position)
    behind.update(position=F("position") + FAR)
    decree.lines.filter(position__gt=FAR).update(position=F("position") - FAR - 1)


def content_hash(decree: Decree) -> str:
    """SHA-256 of what the decree says: every line in order, the count and the total."""
    rows = decree.lines.order_by("position").values_list(
        "position", "enrolment_id", "name", "address", "area_code", "annual_amount"
    )
    body = [[*row[:5], str(row[5])] for row in rows.iterator(chunk_size=2000)]
    head: dict[str, object] = {"version": decree.version_id, "area": decree.area_code}
    if decree.formula_budget is not None:
        head["formula"] = [str(decree.formula_budget), str(decree.formula_remainder)]
    text = json.dumps(
        {**head, "lines": body},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _expect(decree: Decree, state: DecreeState) -> None:
    decree.refresh_from_db(fields=["state"])
    if decree.state != state:
        raise Stale(
            "DECREE-STALE",
            _("SK ini sekarang berstatus %(state)s. Muat ulang halamannya.")
            % {"state": DecreeState(decree.state).label},
        )


def _turn(decree: Decree, to: DecreeState, *, by: User, **fields: object) -> None:
    """Move a decree from the state that was read; the second hand gets Stale."""
    old = DecreeState(decree.state)
    permission = DECREE_MOVES.get((old, to))
    if permission is None:
        raise Refused("DECREE-MOVE", _("SK tidak dapat berubah ke status itu."))
    _check_right(by, permission)
    check_reach(by=by, area_code=decree.area_code)
    try:
        with transaction.atomic():
            changed = Decree.objects.filter(pk=decree.pk, state=old).update(state=to, **fields)
    except IntegrityError as error:
        if "decree_maker_is_not_approver" in str(error):
            raise _own_decree() from error
        raise
    if changed != 1:
        _expect(decree, old)
        raise Stale("DECREE-STALE", _("SK ini baru saja berubah. Muat ulang halamannya."))
    decree.refresh_from_db()


def _own_decree() -> NotAllowed:
    return NotAllowed(
        "DECREE-OWN",
        _("Anda menyusun atau mengajukan SK ini, jadi tidak dapat menyetujuinya."),
    )


@transaction.atomic
def submit_decree(*, decree: Decree, by: User, at: datetime) -> Decree:
    """Send a draft to the approver: quota, budget and criteria checked, contents hashed."""
    _expect(decree, DecreeState.DRAFT)
    check_everything(decree, at=at)
    _check_differs(decree)
    digest = content_hash(decree)
    _turn(
        decree,
        DecreeState.SUBMITTED,
        by=by,
        submitted_at=at,
        submitted_by=by,
        content_hash=digest,
        return_note="",
    )
    audit.record(
        verb="programs.submit_decree", by=by, at=at, target=decree, hash=digest, count=decree.count
    )
    return decree


def _check_differs(decree: Decree) -> None:
    found = decree_difference(decree)
    if found.previous is not None and not (found.joined or found.left or found.changed):
        raise Refused(
            "DECREE-SAME",
            _("SK ini sama dengan SK yang berlaku, jadi tidak perlu diajukan."),
        )


def check_everything(decree: Decree, *, at: datetime) -> None:
    """Quota, budget, criteria, plans and waiting events of a decree as they stand now.

    Raises Refused with a sentence.
    """
    if not decree.lines.exists():
        raise Refused("DECREE-EMPTY", _("SK ini belum berisi seorang pun."))
    check_quota(decree)
    for check in BUDGET_CHECKS:
        sentence = check(decree)
        if sentence:
            raise Refused("DECREE-BUDGET", sentence)
    unfit = unfit_lines(decree, at=at)
    if unfit:
        raise Refused(
            "DECREE-CRITERIA",
            _(
                "%(count)s orang di SK ini tidak lagi memenuhi kriteria: %(why)s Tidak ada yang"
                " berubah. Keluarkan mereka dari draf."
            )
            % {"count": len(unfit), "why": unfit[0][1]},
        )
    fresh = decree.lines.filter(enrolment__state=EnrolmentState.DETERMINED)
    gaps = plan_gaps(decree.version, [x.enrolment for x in fresh.select_related("enrolment")])
    if gaps:
        raise Refused(
            "DECREE-PLAN",
            _(
                "RAB %(count)s orang di SK ini belum sesuai: %(why)s Tidak ada yang berubah."
                " Simpan RAB-nya di halaman usulan, atau keluarkan mereka dari draf."
            )
            % {"count": len(gaps), "why": next(iter(gaps.values()))},
        )
    waiting = list(waiting_ends(decree.lines.values("enrolment")))
    if waiting:
        raise Refused(
            "DECREE-EVENTS",
            _(
                "%(count)s orang di SK ini ditahan peristiwanya. %(why)s Tidak ada yang berubah."
                " Keluarkan mereka dari draf, atau minta putusan dulu."
            )
            % {"count": len(waiting), "why": waiting_words(waiting[0])},
        )


@transaction.atomic
def approve_decree(
    *,
    decree: Decree,
    number: str,
    decree_date: date,
    by: User,
    at: datetime,
    seen_hash: str = "",
) -> Job:
    """Approve with number and date: people become active, the older decree is superseded.

    `seen_hash` is the fingerprint on the approver's screen; a decree that says something else
    now is refused. Starts the job that makes the annexes. Raises NotAllowed for its maker.
    """
    number = number.strip()
    if not number:
        raise BadInput(
            "DECREE-NUMBER", _("Nomor SK belum diisi."), fields={"number": _("Isi nomor SK.")}
        )
    if by.pk in {decree.made_by_id, decree.submitted_by_id}:
        raise _own_decree()
    _check_number(decree, number)
    _expect(decree, DecreeState.SUBMITTED)
    ProgrammeVersion.objects.select_for_update().get(pk=decree.version_id)
    digest = content_hash(decree)
    if digest != decree.content_hash or (seen_hash and seen_hash != digest):
        raise Stale(
            "DECREE-HASH",
            _("Isi SK berubah sejak diajukan. Kembalikan SK ini agar diajukan ulang."),
        )
    check_everything(decree, at=at)
    if decree.supersedes is not None:
        _turn(decree.supersedes, DecreeState.SUPERSEDED, by=by)
    _turn(
        decree,
        DecreeState.APPROVED,
        by=by,
        approved_at=at,
        approved_by=by,
        number=number[:80],
        decree_date=decree_date,
    )
    started, stopped = _take_effect(decree, by=by, at=at)
    grant_shares(decree, by=by, at=at)
    audit.record(
        verb="programs.approve_decree",
        by=by,
        at=at,
        target=decree,
        number=number,
        hash=digest,
        started=started,
        stopped=stopped,
    )
    return jobs.submit(
        kind="programs.annex",
        title=_("Lampiran SK %(name)s") % {"name": name_of(decree.area_code)},
        by=by,
        at=at,
        params={"decree": decree.pk},
        total=decree.count,
    )


def _check_number(decree: Decree, number: str) -> None:
    agency_id = decree.version.programme.agency_id
    same = Decree.objects.filter(number=number, version__programme__agency_id=agency_id)
    if same.exists():
        sentence = _("Nomor itu sudah dipakai SK lain. SK belum disetujui.")
        raise BadInput("DECREE-NUMBER-USED", sentence, fields={"number": sentence})


def _take_effect(decree: Decree, *, by: User, at: datetime) -> tuple[list[int], list[int]]:
    """Start the new, stop the dropped; returns both lists of enrolment ids."""
    day = decree.decree_date
    rows = Enrolment.objects.filter(decree_lines__decree=decree)
    fresh = list(
        rows.filter(state=EnrolmentState.DETERMINED).order_by("pk").values_list("pk", flat=True)
    )
    move_many(
        ids=fresh,
        old=EnrolmentState.DETERMINED,
        new=EnrolmentState.ACTIVE,
        by=by,
        at=at,
        active_from=day,
    )
    if decree.supersedes is None:
        return fresh, []
    named = decree.lines.values("enrolment_id")
    left = list(
        Enrolment.objects.filter(decree_lines__decree=decree.supersedes, state__in=DECREED)
        .exclude(pk__in=named)
        .order_by("pk")
        .values_list("pk", "state")
    )
    for pk, state in left:
        why = decree.dropped.get(str(pk), {})
        reason = str(why.get("reason", "amendment"))
        move_many(
            ids=[pk],
            old=EnrolmentState(state),
            new=EnrolmentState.STOPPED,
            by=by,
            at=at,
            reasons={pk: (reason, str(why.get("note", "")))},
            ended_on=day,
            end_reason=reason,
        )
    return fresh, [pk for pk, _state in left]


@transaction.atomic
def return_decree(*, decree: Decree, note: str, by: User, at: datetime) -> Decree:
    """Send a submitted decree back to its maker with what to mend."""
    if not note.strip():
        raise BadInput(
            "DECREE-NOTE",
            _("Tulis alasan pengembalian. SK belum dikembalikan."),
            fields={"note": _("Tulis alasannya.")},
        )
    _expect(decree, DecreeState.SUBMITTED)
    _turn(
        decree,
        DecreeState.DRAFT,
        by=by,
        submitted_at=None,
        submitted_by=None,
        content_hash="",
        return_note=note,
    )
    audit.record(verb="programs.return_decree", by=by, at=at, target=decree, reason=note[:200])
    return decree


@transaction.atomic
def cancel_decree(*, decree: Decree, by: User, at: datetime) -> Decree:
    """Give a draft up: its new people are eligible again, nothing else changes."""
    _expect(decree, DecreeState.DRAFT)
    fresh = list(
        Enrolment.objects.filter(decree_lines__decree=decree, state=EnrolmentState.DETERMINED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    move_many(ids=fresh, old=EnrolmentState.DETERMINED, new=EnrolmentState.ELIGIBLE, by=by, at=at)
    # A cancelled draft must not keep the place of the next amendment.
    _turn(decree, DecreeState.CANCELLED, by=by, supersedes=None)
    audit.record(verb="programs.cancel_decree", by=by, at=at, target=decree)
    return decree


@transaction.atomic
def attach_annex(*, decree: Decree, pdf: Document, xlsx: Document, by: User, at: datetime) -> None:
    """Tie the made annexes to their decree, once."""
    Decree.objects.filter(pk=decree.pk, annex_pdf=None).update(annex_pdf=pdf, annex_xlsx=xlsx)
    audit.record(
        verb="programs.annex_made", by=by, at=at, target=decree, pdf=pdf.sha256, xlsx=xlsx.sha256
    )

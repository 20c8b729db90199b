"""Collective opening of accounts: the letter, the day the bank began, what it reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.scopes import covers
from disbursements.models import AccountOpening
from disbursements.services.moves import require_right
from programs.models import ProgrammeVersion

MOST_DAYS = 366


@dataclass(frozen=True)
class Letter:
    """What went to the bank, and how many working days it has."""

    number: str
    asked_on: date
    count: int
    opening_days: int = 10
    report_days: int = 7


@transaction.atomic
def ask_opening(
    *, version: ProgrammeVersion, area_code: str, letter: Letter, by: User, at: datetime
) -> AccountOpening:
    """Record the letter that asks the bank to open accounts; its timers run from now on.

    They only tell: no account and no payment depends on them.
    """
    require_right(by, Permission.CASH_PLAN_EDIT)
    if not covers(by.area_code, area_code) or not covers(version.area_code, area_code):
        raise NotAllowed("OPENING-AREA", _("Wilayah itu di luar wilayah Anda atau programnya."))
    today = day_of(at, version.programme.agency.zone)
    if not letter.number.strip() or letter.count < 1:
        raise BadInput("OPENING-INPUT", _("Isi nomor surat dan jumlah rekening."))
    if letter.asked_on > today:
        sentence = _("Tanggal surat tidak boleh di masa depan.")
        raise BadInput("OPENING-DATE", sentence, fields={"asked_on": sentence})
    if not 1 <= letter.opening_days <= MOST_DAYS or not 1 <= letter.report_days <= MOST_DAYS:
        raise BadInput("OPENING-DAYS", _("Tenggat antara 1 dan 366 hari kerja."))
    try:
        with transaction.atomic():
            row = AccountOpening.objects.create(
                version=version,
                area_code=area_code,
                letter_number=letter.number.strip()[:80],
                asked_on=letter.asked_on,
                count=letter.count,
                opening_days=letter.opening_days,
                report_days=letter.report_days,
                made_at=at,
                made_by=by,
            )
    except IntegrityError as error:
        raise Refused("OPENING-ONCE", _("Surat ini sudah dicatat untuk wilayah itu.")) from error
    audit.record(
        verb="disbursements.ask_opening", by=by, at=at, target=row, letter=row.letter_number
    )
    return row


@transaction.atomic
def note_opening(
    *,
    opening: AccountOpening,
    acted_on: date,
    by: User,
    at: datetime,
    reported_on: date | None = None,
    failed: int = 0,
    note: str = "",
) -> AccountOpening:
    """What the bank did: the day it began, and its report of how many accounts it could not open.

    May be corrected until the report is in. Raises Refused then, BadInput for days out of order
    and for a number of failed accounts without a report or above what was asked for.
    """
    require_right(by, Permission.CASH_PLAN_EDIT)
    row = (
        AccountOpening.objects.select_for_update(of=("self",))
        .select_related("version__programme__agency")
        .get(pk=opening.pk)
    )
    if not covers(by.area_code, row.area_code):
        raise NotAllowed("OPENING-AREA", _("Surat ini di luar wilayah Anda."))
    if row.reported_on is not None:
        raise Refused("OPENING-DONE", _("Laporan bank atas surat ini sudah dicatat."))
    today = day_of(at, row.version.programme.agency.zone)
    days = [row.asked_on, acted_on, *([reported_on] if reported_on else []), today]
    if days != sorted(days):
        raise BadInput(
            "OPENING-ORDER",
            _("Urutan tanggal: surat, bank mulai, laporan bank, hari ini. Belum ada yang berubah."),
        )
    if reported_on is None and failed:
        sentence = _("Isi tanggal laporan bank bila ada yang gagal dibuka. Belum ada yang berubah.")
        raise BadInput("OPENING-REPORT", sentence, fields={"reported_on": sentence})
    if reported_on is not None and failed > row.count:
        raise BadInput("OPENING-COUNT", _("Yang gagal tidak boleh lebih dari yang diminta."))
    row.acted_on, row.reported_on, row.note = acted_on, reported_on, note.strip()[:250]
    if reported_on is not None:
        row.failed, row.opened = failed, row.count - failed
    row.save(update_fields=["acted_on", "reported_on", "note", "failed", "opened"])
    audit.record(
        verb="disbursements.note_opening",
        by=by,
        at=at,
        target=row,
        reason=row.note,
        acted_on=acted_on,
        reported_on=reported_on,
        failed=row.failed,
    )
    return row

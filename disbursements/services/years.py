"""Closing a budget year by two people, and opening the next."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import Permission
from bansos.accounts.services import confirm_password
from bansos.audit import services as audit
from bansos.documents import services as documents
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.jobs.queries import is_at_work
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.scopes import covers
from bansos.regions.services.calendar import fill_year
from disbursements.documents.sheets import render_sheet
from disbursements.documents.stage_base import Issue
from disbursements.documents.year_paper import year_paper
from disbursements.models import FiscalYear
from disbursements.queries.treasury.year import is_closed, open_things, year_figures
from disbursements.services.moves import require_right

KIND = "disbursements.year_closing"
PAPER_JOB = "disbursements.year_paper"


def require_open(agency_id: int, year: int) -> None:
    """Raises Refused when the year is closed: no list is drawn and no money moves for it."""
    if is_closed(agency_id, year):
        raise Refused(
            "YEAR-CLOSED",
            _(
                "Tahun anggaran %(year)s sudah ditutup, jadi tidak ada uang yang bergerak untuk"
                " tahun itu. Tidak ada yang berubah. Catat pada tahun anggaran berjalan."
            )
            % {"year": year},
        )


def _in_reach(by: User, agency: Agency) -> None:
    if not covers(by.area_code, agency.area_code):
        raise NotAllowed("YEAR-AREA", _("Tahun anggaran ditutup oleh petugas provinsi."))


def _locked(agency: Agency, year: int) -> FiscalYear:
    FiscalYear.objects.get_or_create(
        agency=agency, year=year, defaults={"area_code": agency.area_code}
    )
    row: FiscalYear = FiscalYear.objects.select_for_update().get(agency=agency, year=year)
    if row.is_closed:
        raise Stale("YEAR-DONE", _("Tahun anggaran ini sudah ditutup. Muat ulang halaman."))
    return row


def _nothing_open(agency: Agency, year: int) -> None:
    found = open_things(agency, year)
    if found:
        words = "; ".join(f"{item.words}: {item.count}" for item in found)
        raise Refused(
            "YEAR-OPEN",
            _("Tahun anggaran belum dapat ditutup. %(open)s. Selesaikan dahulu.") % {"open": words},
        )


@transaction.atomic
def ask_closing(*, agency: Agency, year: int, by: User, at: datetime) -> FiscalYear:
    """The treasurer asks; Refused while returns or lists are open, with what is open."""
    require_right(by, Permission.RECONCILE)
    _in_reach(by, agency)
    if year > day_of(at, agency.zone).year:
        raise BadInput("YEAR-FUTURE", _("Tahun anggaran itu belum berjalan."))
    row = _locked(agency, year)
    _nothing_open(agency, year)
    row.asked_at, row.asked_by = at, by
    row.save(update_fields=["asked_at", "asked_by"])
    audit.record(verb="disbursements.ask_year_closing", by=by, at=at, target=row, year=year)
    return row


@transaction.atomic
def close_year(*, agency: Agency, year: int, password: str, by: User, at: datetime) -> Job:
    """The head confirms with the password; from here on no money moves for the year.

    What was open at the asking is looked at again. The record is made by a worker.
    """
    require_right(by, Permission.PAYLIST_APPROVE)
    _in_reach(by, agency)
    confirm_password(user=by, password=password)
    row = _locked(agency, year)
    if row.asked_at is None:
        raise Stale("YEAR-ASK", _("Penutupan belum diajukan bendahara. Tidak ada yang berubah."))
    if row.asked_by_id == by.pk:
        raise NotAllowed("YEAR-SELF", _("Yang mengajukan tidak dapat mengesahkan penutupan."))
    _nothing_open(agency, year)
    row.figures = {"lines": [_plain(line) for line in year_figures(agency, year)]}
    row.closed_at, row.closed_by = at, by
    row.save(update_fields=["figures", "closed_at", "closed_by"])
    audit.record(
        verb="disbursements.close_year", by=by, at=at, target=row, year=year, figures=row.figures
    )
    return _submit_paper(row, by, at)


def is_missing(row: FiscalYear | None) -> bool:
    """The year is closed, and its record neither there nor being made."""
    if row is None or not row.is_closed or row.record_id is not None:
        return False
    return not is_at_work(PAPER_JOB, year=row.pk)


@transaction.atomic
def ask_paper(*, agency: Agency, year: int, by: User, at: datetime) -> Job:
    """Ask once more for the record of a closed year whose job ended without it.

    Raises Refused while the year is open, or the record there or being made.
    """
    require_right(by, Permission.RECONCILE)
    _in_reach(by, agency)
    row = FiscalYear.objects.select_for_update().filter(agency=agency, year=year).first()
    if row is None or not is_missing(row):
        raise Refused(
            "YEAR-PAPER",
            _("Berita Acara ini sudah ada, sedang dibuat, atau tahunnya belum ditutup."),
        )
    return _submit_paper(row, by, at)


def _submit_paper(row: FiscalYear, by: User, at: datetime) -> Job:
    return jobs.submit(
        kind=PAPER_JOB,
        title=_("Membuat BA penutupan tahun %(year)s") % {"year": row.year},
        by=by,
        at=at,
        params={"year": row.pk},
        total=1,
    )


def _plain(line: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in line.items()}


@transaction.atomic
def year_step(*, row: FiscalYear, by: User, at: datetime) -> FiscalYear:
    """The record of a closed year, once, however often it is run."""
    row = FiscalYear.objects.select_for_update().select_related("agency").get(pk=row.pk)
    if row.record_id is not None or not row.is_closed:
        return row
    agency = row.agency
    on = day_of(at, agency.zone)
    template = documents.template_for(kind=KIND, agency=agency, on=on)
    sequence = documents.next_number(agency=agency, kind=KIND, on=on)
    code = documents.new_check_code()
    number = f"BA-TUTUP/{sequence:04d}/{on.year}"
    issue = Issue(number, on, at, code, documents.check_url(code))
    row.record = documents.issue(
        kind=KIND,
        title=f"Berita Acara penutupan tahun anggaran {row.year}",
        content=render_sheet(year_paper(row, issue), path=template.path),
        file_name=f"BA-TUTUP-{row.year}.pdf",
        mime="application/pdf",
        agency=agency,
        area_code=agency.area_code,
        subject=row,
        by=by,
        at=at,
        number=number,
        check_code=code,
        template_version=template.version,
        permission=Permission.PAYLIST_VIEW,
        is_personal=False,
    )
    row.save(update_fields=["record"])
    return row


@transaction.atomic
def open_year(*, agency: Agency, year: int, by: User, at: datetime) -> FiscalYear:
    """Open the year after a closed one: its row, and its holiday calendar as an estimate."""
    require_right(by, Permission.RECONCILE)
    _in_reach(by, agency)
    if not is_closed(agency.pk, year - 1):
        raise Refused(
            "YEAR-BEFORE",
            _("Tahun %(before)s belum ditutup, jadi tahun %(year)s belum dibuka lewat sini.")
            % {"before": year - 1, "year": year},
        )
    row = _locked(agency, year)
    if row.opened_at is not None:
        return row
    row.opened_at, row.opened_by = at, by
    row.save(update_fields=["opened_at", "opened_by"])
    fill_year(area_code=agency.area_code, year=year, by=by, at=at)
    audit.record(verb="disbursements.open_year", by=by, at=at, target=row, year=year)
    return row

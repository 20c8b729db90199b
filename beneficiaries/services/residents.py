"""Who lives in an institution, day by day: somebody comes, somebody goes."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.dates import day_of, long_date
from bansos.lib.errors import BadInput, Refused, Stale
from beneficiaries.models import Institution, Person, Residency
from beneficiaries.services.payees import require_area


def admit(
    *,
    institution: Institution,
    person: Person,
    from_date: date,
    by: User,
    at: datetime,
    until_date: date | None = None,
) -> Residency:
    """A person lives in the institution from a day on; with `until_date` for a stay that is over.

    Raises Refused when the person lives in any institution on one of these days, or is dead;
    BadInput for days that cannot be.
    """
    require_area(by, institution.payee.area_code)
    _check_days(person, from_date, until_date, at)
    _check_place(institution, person, from_date, until_date)
    try:
        with transaction.atomic():
            row = Residency.objects.create(
                institution=institution,
                person=person,
                from_date=from_date,
                until_date=until_date,
                created_at=at,
                created_by=by,
                ended_at=at if until_date else None,
                ended_by=by if until_date else None,
            )
            audit.record(
                verb="beneficiaries.admit",
                by=by,
                at=at,
                target=institution.payee,
                person=person.pk,
                since=from_date,
            )
    except IntegrityError as raced:
        # Somebody else admitted the person in the same moment.
        raise _counted_twice(from_date) from raced
    return row


def _check_days(person: Person, from_date: date, until_date: date | None, at: datetime) -> None:
    today = day_of(at)
    sentence = ""
    if from_date > today or (until_date and until_date > today):
        sentence = _("Tanggal masuk dan keluar tidak boleh di masa depan.")
    elif until_date and until_date < from_date:
        sentence = _("Tanggal keluar lebih awal dari tanggal masuk.")
    if sentence:
        raise BadInput("RESIDENT-DATE", sentence, fields={"from_date": sentence})
    if person.died_on and (until_date or today) > person.died_on:
        raise Refused(
            "RESIDENT-DEAD",
            _("Orang ini tercatat meninggal %(day)s. Ia tidak dicatat sebagai penghuni.")
            % {"day": long_date(person.died_on)},
        )


def _check_place(
    institution: Institution, person: Person, from_date: date, until_date: date | None
) -> None:
    stays = Residency.objects.filter(person=person).filter(
        Q(until_date=None) | Q(until_date__gte=from_date)
    )
    if until_date is not None:
        stays = stays.filter(from_date__lte=until_date)
    if institution.payee.closed_on is not None:
        raise Refused("RESIDENT-CLOSED", _("Lembaga ini sudah ditutup. Pilih lembaga lain."))
    if stays.exists():
        raise _counted_twice(from_date)


def _counted_twice(day: date) -> Refused:
    return Refused(
        "RESIDENT-TWICE",
        _(
            "Orang ini sudah tercatat sebagai penghuni lembaga pada hari yang sama. Tidak ada yang"
            " disimpan. Catat dulu kepergiannya sebelum %(day)s."
        )
        % {"day": long_date(day)},
    )


@transaction.atomic
def discharge(
    *, residency: Residency, until_date: date, by: User, at: datetime, note: str = ""
) -> Residency:
    """The last day somebody lives there. Raises Stale when it is written already."""
    row: Residency = Residency.objects.select_for_update().get(pk=residency.pk)
    require_area(by, row.institution.payee.area_code)
    if row.until_date is not None:
        raise Stale("RESIDENT-GONE", _("Kepergiannya sudah dicatat. Muat ulang halaman lembaga."))
    if not row.from_date <= until_date <= day_of(at):
        sentence = _("Hari terakhir harus antara tanggal masuk dan hari ini.")
        raise BadInput("RESIDENT-LAST-DAY", sentence, fields={"until_date": sentence})
    row.until_date, row.leave_note = until_date, note.strip()[:200]
    row.ended_at, row.ended_by = at, by
    row.save(update_fields=["until_date", "leave_note", "ended_at", "ended_by"])
    audit.record(
        verb="beneficiaries.discharge",
        by=by,
        at=at,
        target=row.institution.payee,
        person=row.person_id,
        until=until_date,
    )
    return row

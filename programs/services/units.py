"""Units times a tariff: what is counted each month becomes the entitlement of the stage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Refused
from programs.choices import BenefitKind, EnrolmentState, VersionState
from programs.models import Enrolment, Stage, StageEntitlement, UnitCount
from programs.services.enrolments import check_reach

COUNTERS = (Permission.PROPOSAL_SUBMIT, Permission.PAYLIST_PREPARE)
# Apps above say why an entitlement may not change (a payment stands on it): "" lets pass.
USE_CHECKS: list[Callable[[StageEntitlement], str]] = []


@transaction.atomic
def record_units(
    *,
    enrolment: Enrolment,
    stage: Stage,
    month: date,
    units: int,
    source: str,
    by: User,
    at: datetime,
) -> StageEntitlement:
    """Write the units of one month; the entitlement becomes all units of the stage x the tariff.

    `source` says what was counted (a daily list, the residents of an institution). Writing a
    month again corrects it. Raises Refused once a payment stands on the entitlement, BadInput
    for a month outside the year, after the stage or counted in another one, or a missing source.
    """
    if not by.can_any(COUNTERS):
        raise NotAllowed("UNITS-RIGHT", _("Peran Anda tidak boleh mencatat satuan."))
    enrolment = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    check_reach(by=by, area_code=enrolment.area_code)
    tariff = _tariff_of(enrolment, stage)
    _check_input(stage, month, units, source)
    _check_month(enrolment, stage, month, units)
    row, _made = StageEntitlement.objects.get_or_create(
        enrolment=enrolment,
        stage=stage,
        defaults={
            "units": 0,
            "unit_price": tariff,
            "amount": Decimal(0),
            "set_at": at,
            "set_by": by,
        },
    )
    for check in USE_CHECKS:
        sentence = check(row)
        if sentence:
            raise Refused("UNITS-USED", sentence)
    count, _made = UnitCount.objects.update_or_create(
        entitlement=row,
        month=month,
        defaults={"units": units, "source": source.strip()[:150], "set_at": at, "set_by": by},
    )
    # A number typed over a counted list has no longer that list behind it.
    count.stays.all().delete()
    _add_up(row, tariff, by=by, at=at)
    audit.record(
        verb="programs.record_units",
        by=by,
        at=at,
        target=enrolment,
        stage=stage.pk,
        month=month,
        units=count.units,
        amount=row.amount,
    )
    return row


def _tariff_of(enrolment: Enrolment, stage: Stage) -> Decimal:
    version = stage.version
    if version.benefit_kind != BenefitKind.TARIFF or enrolment.version_id != version.pk:
        raise Refused("UNITS-KIND", _("Satuan hanya dicatat untuk program dengan tarif."))
    if version.state != VersionState.ACTIVE or version.tariff is None:
        raise Refused("UNITS-TARIFF", _("Tarif program ini belum berlaku. Satuan belum dicatat."))
    if enrolment.state != EnrolmentState.ACTIVE:
        raise Refused("UNITS-STATE", _("Penerima ini belum ditetapkan. Satuan belum dicatat."))
    return version.tariff


def _check_input(stage: Stage, month: date, units: int, source: str) -> None:
    if month.day != 1 or month.year != stage.version.year:
        sentence = _("Pilih bulan dalam tahun anggaran program ini.")
        raise BadInput("UNITS-MONTH", sentence, fields={"month": sentence})
    if not 0 <= units <= 1_000_000:
        sentence = _("Satuan harus angka bulat 0 sampai 1.000.000.")
        raise BadInput("UNITS-NUMBER", sentence, fields={"units": sentence})
    if not source.strip():
        sentence = _("Tulis sumber hitungan, misalnya daftar hadir.")
        raise BadInput("UNITS-SOURCE", sentence, fields={"source": sentence})


def _check_month(enrolment: Enrolment, stage: Stage, month: date, units: int) -> None:
    """A month is paid once, by a stage that is not before it; zero takes a wrong count back."""
    if units == 0:
        return
    sentence = ""
    if month > stage.stage_date:
        sentence = _(
            "Bulan ini sesudah tanggal tahapnya. Satuan belum dicatat. Catat pada tahap berikutnya."
        )
    elsewhere = UnitCount.objects.filter(
        entitlement__enrolment=enrolment, month=month, units__gt=0
    ).exclude(entitlement__stage=stage)
    if elsewhere.exists():
        sentence = _(
            "Bulan ini sudah dihitung untuk penerima yang sama pada tahap lain. Satuan belum"
            " dicatat."
        )
    if sentence:
        raise BadInput("UNITS-MONTH", sentence, fields={"month": sentence})


def _add_up(row: StageEntitlement, tariff: Decimal, *, by: User, at: datetime) -> None:
    row.units = row.counts.aggregate(total=Sum("units"))["total"] or 0
    row.unit_price, row.amount = tariff, tariff * row.units
    row.set_at, row.set_by = at, by
    row.save()

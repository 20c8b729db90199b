"""What the walk over every route needs of benefits, payees, goods and rails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from programs.choices import BenefitKind
from programs.models import Enrolment, Stage
from tests.cast import Cast
from tests.factories.programs import EnrolmentFactory, ProgrammeVersionFactory


@dataclass
class Benefits:
    """One stage of a tariff with one enrolment in Kabupaten Madiun."""

    stage: Stage
    enrolment: Enrolment


def make_benefits(cast: Cast) -> Benefits:
    """Permakanan for one recipient."""
    version = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        programme__code="MAKAN",
        programme__name="Permakanan",
        benefit_kind=BenefitKind.TARIFF,
        annual_amount=None,
        tariff=Decimal(15_000),
        unit_label="orang-hari",
        one_per_family=False,
        criteria=[{"code": "alive", "params": {}, "label": "", "waivable": False}],
        stages=False,
    )
    stage = Stage.objects.create(
        version=version, number=1, name="Tahap 1", stage_date=date(2026, 3, 31), amount=None
    )
    enrolment = EnrolmentFactory(
        version=version, active=True, account=None, person__created_by=cast.sari
    )
    return Benefits(stage, enrolment)

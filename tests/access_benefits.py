"""What the walk over every route needs of benefits, payees, goods and rails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from programs.choices import BenefitKind
from programs.models import Enrolment, ProxyGrant, Stage
from tests.cast import Cast
from tests.factories.programs import NOW, EnrolmentFactory, ProgrammeVersionFactory


@dataclass
class Benefits:
    """One stage of a tariff with one enrolment in Kabupaten Madiun."""

    stage: Stage
    enrolment: Enrolment
    proxy: ProxyGrant


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
    proxy = ProxyGrant.objects.create(
        enrolment=enrolment,
        area_code=enrolment.area_code,
        who="family",
        name="Siti Aminah",
        nik="3519014108800007",
        letter_number="SK/1",
        letter_date=date(2026, 2, 1),
        reason="Sakit",
        article="Juknis",
        valid_from=date(2026, 2, 1),
        valid_until=date(2026, 2, 10),
        made_at=NOW,
        made_by=cast.sari,
    )
    return Benefits(stage, enrolment, proxy)

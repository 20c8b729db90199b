"""What the walk over every route needs of benefits, payees, goods and rails."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bansos.lib.crypto import seal_bytes
from disbursements.models import (
    GoodsItem,
    GoodsLot,
    Handover,
    HandoverLine,
    Stock,
    Warehouse,
)
from disbursements.services.goods import PHOTO, SIGNATURE
from programs.choices import BenefitKind
from programs.models import Enrolment, ProgrammeVersion, ProxyGrant, Stage
from tests.cast import Cast
from tests.factories.programs import NOW, EnrolmentFactory, ProgrammeVersionFactory

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
    "rkJggg=="
)


@dataclass
class Benefits:
    """One stage of a tariff with one enrolment in Kabupaten Madiun."""

    stage: Stage
    enrolment: Enrolment
    proxy: ProxyGrant
    goods: Enrolment
    handover: Handover
    line: HandoverLine


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
    goods, handover, line = make_goods(cast)
    return Benefits(stage, enrolment, proxy, goods, handover, line)


def goods_version(cast: Cast) -> ProgrammeVersion:
    """Alat bantu: one wheelchair and two cushions for each, worth at most Rp5.000.000."""
    version: ProgrammeVersion = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        programme__code="ALAT",
        programme__name="Alat bantu",
        benefit_kind=BenefitKind.GOODS,
        annual_amount=Decimal(5_000_000),
        one_per_family=False,
        criteria=[{"code": "alive", "params": {}, "label": "", "waivable": False}],
        stages=False,
    )
    for name, quantity, price in (("Kursi roda", 1, 2_500_000), ("Bantal", 2, 100_000)):
        GoodsItem.objects.create(
            version=version, name=name, unit="unit", quantity=quantity, unit_price=Decimal(price)
        )
    return version


def recipient(cast: Cast, version: ProgrammeVersion) -> Enrolment:
    """Somebody of Kabupaten Madiun who is determined."""
    made: Enrolment = EnrolmentFactory(
        version=version, active=True, account=None, person__created_by=cast.sari
    )
    return made


def make_goods(cast: Cast) -> tuple[Enrolment, Handover, HandoverLine]:
    """Somebody who waits, and somebody who got one wheelchair."""
    version = goods_version(cast)
    place = Warehouse.objects.create(
        name="Gudang Madiun", area_code="35.19", made_at=NOW, made_by=cast.budi
    )
    lot = GoodsLot.objects.create(
        item=version.goods_items.order_by("pk")[0],
        area_code="35.19",
        vendor="CV Sehat",
        contract_number="K/1",
        received_on=date(2026, 2, 1),
        unit_price=Decimal(2_400_000),
        quantity=3,
        made_at=NOW,
        made_by=cast.budi,
    )
    Stock.objects.create(warehouse=place, area_code="35.19", lot=lot, quantity=3)
    handover = Handover.objects.create(
        enrolment=recipient(cast, version),
        warehouse=place,
        area_code="35.19.01.2001",
        number="BAST/35/2026/900001",
        handed_on=date(2026, 2, 20),
        receiver_name="Suparni",
        value=Decimal(2_400_000),
        photo=seal_bytes(PNG, context=PHOTO),
        photo_mime="image/png",
        photo_sha256="0" * 64,
        signature=seal_bytes(PNG, context=SIGNATURE),
        signature_mime="image/png",
        signature_sha256="0" * 64,
        handed_at=NOW,
        handed_by=cast.sari,
    )
    line = HandoverLine.objects.create(
        handover=handover, lot=lot, quantity=1, unit_price=lot.unit_price
    )
    return recipient(cast, version), handover, line

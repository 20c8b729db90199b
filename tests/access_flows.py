"""Receipts, premiums and packages of the world, and their routes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bansos.lib.crypto import seal_bytes
from beneficiaries.choices import InstitutionKind
from beneficiaries.services.payees import InstitutionValues, register_institution
from programs.choices import BenefitKind, Insurance, PayeeKind, PayerKind
from programs.models import PremiumCover, PremiumLine, Receipt, Stage, StageEntitlement
from programs.services.premiums.covers import open_plan, record_payer
from programs.services.premiums.rounds import add_candidate, open_round
from programs.services.residents import CONTEXT
from tests.access_benefits import PNG
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.factories.programs import NOW, EnrolmentFactory, ProgrammeVersionFactory


@dataclass
class Flows:
    """One of each in Kabupaten Madiun."""

    receipt: Receipt
    cover: PremiumCover
    premium: PremiumLine


def make_flows(cast: Cast) -> Flows:
    """Everything once."""
    cover, premium = make_premiums(cast)
    return Flows(receipt=make_receipt(cast), cover=cover, premium=premium)


def make_premiums(cast: Cast) -> tuple[PremiumCover, PremiumLine]:
    """Somebody whose employer pays, and a candidate of March of a plan of BPJS Kesehatan."""
    version = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        programme__code="PREMI",
        programme__name="Premi BPJS Kesehatan",
        benefit_kind=BenefitKind.TARIFF,
        payee_kind=PayeeKind.INSTITUTION,
        annual_amount=None,
        tariff=Decimal(42_000),
        unit_label="orang-bulan",
        one_per_family=False,
        stages=False,
    )
    insurer = register_institution(
        values=InstitutionValues(
            name="BPJS Kesehatan", kind=InstitutionKind.INSURER, village_id="35.19.01.2001"
        ),
        by=cast.budi,
        at=NOW,
    )
    plan = open_plan(
        version=version, insurance=Insurance.HEALTH, insurer=insurer, by=cast.budi, at=NOW
    )
    month = open_round(plan=plan, month=date(2026, 3, 1), by=cast.budi, at=NOW)
    other, candidate = (PersonFactory(created_by=cast.sari) for _ in range(2))
    cover = record_payer(
        person=other,
        insurance=Insurance.HEALTH,
        payer=PayerKind.EMPLOYER,
        payer_name="PR Cempaka",
        from_month=date(2026, 1, 1),
        by=cast.sari,
        at=NOW,
    )
    return cover, add_candidate(round_=month, person=candidate, by=cast.sari, at=NOW)


def make_receipt(cast: Cast) -> Receipt:
    """A receipt of the meals of a determined recipient in January."""
    version = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        programme__code="MAKAN2",
        programme__name="Permakanan panti",
        benefit_kind=BenefitKind.TARIFF,
        annual_amount=None,
        tariff=Decimal(15_000),
        unit_label="orang-hari",
        one_per_family=False,
        stages=False,
    )
    entitlement = StageEntitlement.objects.create(
        enrolment=EnrolmentFactory(
            version=version, active=True, account=None, person__created_by=cast.sari
        ),
        stage=Stage.objects.create(
            version=version, number=1, name="Tahap 1", stage_date=date(2026, 1, 31), amount=None
        ),
        units=2,
        unit_price=Decimal(15_000),
        amount=Decimal(30_000),
        set_at=NOW,
        set_by=cast.sari,
    )
    made: Receipt = Receipt.objects.create(
        entitlement=entitlement,
        area_code="35.19.01.2001",
        month=date(2026, 1, 1),
        number="K-1",
        seller="Toko Makmur",
        issued_on=date(2026, 1, 20),
        amount=Decimal(30_000),
        mime="image/png",
        sha256=hashlib.sha256(PNG).hexdigest(),
        sealed_file=seal_bytes(PNG, context=CONTEXT),
        added_at=NOW,
        added_by=cast.sari,
    )
    return made


def flow_routes(rows: Any, reach: Any) -> dict[str, Any]:
    """The routes of this ground; `rows` and `reach` are those of the world."""
    return {
        **rows("programs:units_fill", lambda w: {"pk": w.benefits.stage.pk}, reach.PROVINCE),
        **rows("proposal-fill-units", lambda w: {"pk": w.proposal.pk}, reach.AREA),
        **rows(
            "programs:unit_evidence programs:receipt_new",
            lambda w: {"pk": w.benefits.enrolment.pk, "stage": w.benefits.stage.pk},
            reach.AREA,
        ),
        **rows(
            "programs:receipt programs:receipt_cancel",
            lambda w: {"pk": w.flows.receipt.pk},
            reach.AREA,
        ),
        **rows(
            "programs:premium_open programs:premium_plan_close premium-plan-detail",
            lambda w: {"pk": w.flows.premium.round.plan_id},
            reach.PROVINCE,
        ),
        **rows(
            "programs:premium_round programs:premium_add programs:premium_send"
            " programs:premium_decide programs:premium_answer programs:premium_count"
            " premium-round-detail premium-round-figures premium-round-strays"
            " premium-round-candidates",
            lambda w: {"pk": w.flows.premium.round_id},
            reach.PROVINCE,
        ),
        # Read by the whole province, worked by its office.
        **rows(
            "premium-plan-close premium-plan-open-round",
            lambda w: {"pk": w.flows.premium.round.plan_id},
            reach.OFFICE,
        ),
        **rows(
            "premium-round-send premium-round-answer premium-round-count-units",
            lambda w: {"pk": w.flows.premium.round_id},
            reach.OFFICE,
        ),
        **rows(
            "programs:payee_proposal",
            lambda w: {"pk": w.flows.premium.round.plan.version_id},
            reach.PROVINCE,
        ),
        **rows("disbursements:goods_request", lambda w: {"pk": w.benefits.goods.pk}, reach.AREA),
        **rows(
            "programs:premium_line premium-line-detail premium-line-decide premium-line-leave",
            lambda w: {"pk": w.flows.premium.pk},
            reach.AREA,
        ),
        **rows(
            "programs:premium_payer_end premium-cover-detail premium-cover-end",
            lambda w: {"pk": w.flows.cover.pk},
            reach.AREA,
        ),
    }

"""Groups, institutions, treasuries, pillars and workers of the world, and their routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from beneficiaries.choices import InstitutionKind, PillarKind, Ppks
from beneficiaries.models import (
    GovernmentPayee,
    Group,
    Institution,
    PersonCategory,
    Pillar,
    Residency,
    Worker,
)
from beneficiaries.services.payees import (
    InstitutionValues,
    register_government,
    register_institution,
)
from beneficiaries.services.pillars import PillarValues, add_company, appoint, employ
from beneficiaries.services.residents import admit
from beneficiaries.services.traits import add_category
from tests.beneficiaries.kube import active
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory


@dataclass
class Payees:
    """One of each in Kabupaten Madiun."""

    group: Group
    institution: Institution
    stay: Residency
    government: GovernmentPayee
    pillar: Pillar
    worker: Worker
    category: PersonCategory


def make_payees(cast: Cast) -> Payees:
    """A group, an institution with a resident, a treasury, a pillar and a worker."""
    now = timezone.now()
    person = PersonFactory(created_by=cast.sari)
    home = register_institution(
        values=InstitutionValues(
            name="LKS-LU Sejahtera", kind=InstitutionKind.LKS_LU, village_id="35.19.01.2001"
        ),
        by=cast.sari,
        at=now,
    )
    company = add_company(name="PR Cempaka", area_code="35.20", by=cast.sari, at=now)
    return Payees(
        group=active(cast),
        institution=home,
        stay=admit(
            institution=home, person=person, from_date=date(2026, 2, 1), by=cast.sari, at=now
        ),
        government=register_government(
            region_code="35.19.01.2001",
            name="Pemerintah Desa Tambakmas",
            treasurer_name="Suharto",
            by=cast.sari,
            at=now,
        ),
        pillar=appoint(
            values=PillarValues(
                kind=PillarKind.TKSK, area_code="35.19.01", active_from=date(2025, 1, 1)
            ),
            person=person,
            by=cast.sari,
            at=now,
        ),
        worker=employ(person=person, company=company, by=cast.sari, at=now),
        category=add_category(
            person=person,
            code=Ppks.POOR,
            since=date(2026, 1, 1),
            source="Musdes",
            by=cast.sari,
            at=now,
        ),
    )


def of(name: str) -> Callable[[Any], dict[str, Any]]:
    """The key of one of them."""
    return lambda world: {"pk": getattr(world.payees, name).pk}


def payee_routes(rows: Any, reach: Any) -> dict[str, Any]:
    """The routes of this ground; `rows` and `reach` are those of the world."""
    return {
        **rows(
            "beneficiaries:disability_new beneficiaries:category_new beneficiaries:guardian_new"
            " beneficiaries:relation beneficiaries:transfer",
            lambda w: {"pk": w.person.pk},
            reach.AREA,
        ),
        **rows(
            "beneficiaries:family_split beneficiaries:family_move",
            lambda w: {"pk": w.person.family_id},
            reach.AREA,
        ),
        **rows(
            "beneficiaries:trait_end",
            lambda w: {"kind": "ppks", "pk": w.payees.category.pk},
            reach.AREA,
        ),
        **rows(
            "beneficiaries:group beneficiaries:member_new beneficiaries:group_check"
            " beneficiaries:group_activate beneficiaries:group_dissolve group-detail"
            " group-join group-leave group-check-members group-activate group-obstacles",
            of("group"),
            reach.AREA,
        ),
        **rows(
            "beneficiaries:member_leave beneficiaries:member_replace beneficiaries:member_role",
            lambda w: {"pk": w.payees.group.members.order_by("pk")[0].pk},
            reach.AREA,
        ),
        **rows(
            "beneficiaries:institution beneficiaries:institution_edit beneficiaries:accredit"
            " beneficiaries:resident_new beneficiaries:payee_account beneficiaries:payee_close"
            " institution-detail institution-days institution-obstacles institution-admit",
            of("institution"),
            reach.AREA,
        ),
        **rows("beneficiaries:resident_leave", of("stay"), reach.AREA),
        **rows(
            "beneficiaries:government beneficiaries:treasurer government-detail"
            " government-obstacles",
            of("government"),
            reach.AREA,
        ),
        **rows(
            "beneficiaries:pillar beneficiaries:pillar_edit beneficiaries:pillar_end pillar-detail",
            of("pillar"),
            reach.AREA,
        ),
        **rows("beneficiaries:worker_end worker-detail", of("worker"), reach.AREA),
    }

"""What the walk over every route needs of events, exits, and assessments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from beneficiaries.choices import PayeeType
from beneficiaries.models import Group, Payee
from programs.choices import EnrolmentState
from programs.models import (
    Appeal,
    AssetCheck,
    Enrolment,
    EnrolmentMove,
    GroupAsset,
    MonitoringVisit,
    ProgrammeEvent,
    ProgrammeVersion,
    Referral,
)
from programs.services.loading import known_life
from tests.cast import Cast
from tests.factories.programs import NOW, EnrolmentFactory, ProgrammeVersionFactory


@dataclass
class Life:
    """A KIP version, somebody it helps, and what happened to others."""

    version: ProgrammeVersion
    draft: ProgrammeVersion
    active: Enrolment
    proposed: Enrolment
    event: ProgrammeEvent
    appeal: Appeal
    referral: Referral
    group: Enrolment
    asset: GroupAsset
    visit: MonitoringVisit


def make_life(cast: Cast) -> Life:
    """KIP Jawara with the rules of its guide; tests that ask for a RAB or a form want it."""
    known = known_life("35", "KIP")
    known.plan_rules["required"] = False
    for form in known.assessment_forms:
        form["required"] = False
    version = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        programme__code="KIP",
        programme__name="KIP Jawara",
        one_per_family=False,
        criteria=[{"code": "alive", "params": {}, "label": "", "waivable": False}],
        **vars(known),
    )
    reasons = [
        {"code": code, "label": label}
        for code, label in (("died", "Meninggal"), ("refused", "Menolak"), ("able", "Mampu"))
    ]
    draft = ProgrammeVersionFactory(
        programme=version.programme,
        year=2027,
        draft=True,
        stop_reasons=[*reasons, {"code": "not_found", "label": "Tidak ditemukan"}],
        **vars(known),
    )

    def somebody(**more: Any) -> Enrolment:
        made: Enrolment = EnrolmentFactory(
            version=version, account=None, person__created_by=cast.sari, **more
        )
        return made

    event = ProgrammeEvent.objects.create(
        enrolment=somebody(active=True),
        area_code="35.19.01.2001",
        kind="refused",
        happened_on=date(2026, 2, 1),
        outcome="pay_back",
        reason_code="refused",
        article="Juknis KIP Jawara 2026",
        old_state="active",
        reported_at=NOW,
        reported_by=cast.sari,
    )
    ended = somebody(active=True)
    Enrolment.objects.filter(pk=ended.pk).update(state=EnrolmentState.STOPPED)
    move = EnrolmentMove.objects.create(
        enrolment=ended, old="active", new="stopped", at=NOW, by=cast.budi
    )
    appeal = Appeal.objects.create(
        enrolment=ended,
        move=move,
        area_code=ended.area_code,
        against="stopped",
        contested_by=cast.budi,
        appellant="Siti Aminah",
        grounds="Masih tinggal di desa.",
        filed_on=date(2026, 2, 3),
        working_days=14,
        filed_at=NOW,
        filed_by=cast.sari,
    )
    referral = Referral.objects.create(
        enrolment=ended,
        area_code=ended.area_code,
        kind="kur",
        office="Bank Jatim Cabang Madiun",
        offered_at=NOW,
        offered_by=cast.sari,
    )
    kube = Payee.objects.create(
        kind=PayeeType.GROUP,
        area_code="35.19.01.2001",
        village_id="35.19.01.2001",
        name="KUBE Kenanga",
        created_at=NOW,
        created_by=cast.sari,
    )
    Group.objects.create(
        payee=kube,
        business_kind="Ternak ayam",
        formed_on=date(2026, 1, 5),
        formed_at=NOW,
        formed_by=cast.sari,
    )
    group = somebody(active=True, payee=kube)
    asset = GroupAsset.objects.create(
        enrolment=group,
        payee=kube,
        area_code=group.area_code,
        name="Kandang",
        quantity=1,
        value=Decimal(1_000_000),
        bought_on=date(2026, 2, 12),
        made_at=NOW,
        made_by=cast.sari,
    )
    AssetCheck.objects.create(
        asset=asset, condition="good", checked_on=asset.bought_on, made_at=NOW, made_by=cast.sari
    )
    active = somebody(active=True)
    visit = MonitoringVisit.objects.create(
        enrolment=active,
        area_code=active.area_code,
        visited_on=date(2026, 2, 12),
        visitor="Siti Rahayu",
        made_at=NOW,
        made_by=cast.sari,
    )
    return Life(
        *(version, draft, active, somebody(), event, appeal, referral),
        *(group, asset, visit),
    )


def of(name: str) -> Callable[[Any], dict[str, Any]]:
    """The key of one of them."""
    return lambda world: {"pk": getattr(world.life, name).pk}


def life_routes(rows: Any, reach: Any) -> dict[str, Any]:
    """The routes of this ground; `rows` and `reach` are those of the world."""
    return {
        **rows("programs:event_new programs:exit programs:refer", of("active"), reach.AREA),
        **rows(
            "programs:event programs:event_decide programme-event-detail programme-event-decide",
            of("event"),
            reach.AREA,
        ),
        **rows("programs:appeal_new", lambda w: {"pk": w.life.appeal.enrolment_id}, reach.AREA),
        **rows(
            "programs:appeal programs:appeal_decide appeal-detail appeal-decide",
            of("appeal"),
            reach.AREA,
        ),
        **rows("programs:referral", of("referral"), reach.AREA),
        **rows("programs:source programs:source_free programs:plan", of("proposed"), reach.AREA),
        **rows(
            "programs:assess", lambda w: {"pk": w.life.proposed.pk, "code": "interest"}, reach.AREA
        ),
        **rows("programs:assets programs:asset_new", of("group"), reach.AREA),
        **rows("programs:asset_check", of("asset"), reach.AREA),
        **rows("programs:visit_new", of("active"), reach.AREA),
        **rows(
            "programs:letter",
            lambda w: {"pk": w.life.active.pk, "code": "pakta_integritas"},
            reach.AREA,
        ),
        **rows(
            "programs:visit programs:visit_correct monitoring-visit-detail"
            " monitoring-visit-correct",
            of("visit"),
            reach.AREA,
        ),
        **rows(
            "programs:visit_answers programme-version-visit-answers", of("version"), reach.PROVINCE
        ),
        **rows(
            "programs:visit_answers_file",
            lambda w: {"pk": w.life.version.pk, "kind": "xlsx"},
            reach.PROVINCE,
        ),
        **rows(
            "programs:event_rules programs:exit_rules programs:assessing_rules"
            " programs:payee_rules programs:letters",
            of("draft"),
            reach.PROVINCE,
        ),
        **rows(
            "programs:measure", lambda w: {"pk": w.life.active.pk, "code": "income"}, reach.AREA
        ),
    }

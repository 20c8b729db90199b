"""The catalogue, enrolments from proposal to end, and decrees."""

from __future__ import annotations

from programs.models.assessing import (
    Assessment,
    AssetCheck,
    BusinessPlan,
    GroupAsset,
    PlanLine,
    ProposalSource,
)
from programs.models.catalogue import (
    CatalogueQuerySet,
    Programme,
    ProgrammeVersion,
    Quota,
    Stage,
    StageQuerySet,
    VersionQuerySet,
)
from programs.models.decrees import Decree, DecreeLine
from programs.models.enrolments import (
    AskedCriteria,
    CriterionAnswer,
    Enrolment,
    EnrolmentDocument,
    EnrolmentMove,
    VerificationRecord,
)
from programs.models.entitlements import (
    Receipt,
    StageEntitlement,
    UnitCount,
    UnitStay,
)
from programs.models.life import Appeal, Measurement, ProgrammeEvent, Referral
from programs.models.premiums import (
    PremiumAnswer,
    PremiumCover,
    PremiumLine,
    PremiumPlan,
    PremiumRound,
    PremiumStray,
    PremiumUpload,
)
from programs.models.proxies import ProxyGrant
from programs.models.ranking import PlaceOffer, Precedence, QuotaShift, RankLine
from programs.models.simulations import Simulation, SimulationArea, SimulationRow
from programs.models.visits import MonitoringVisit, VisitAnswer

__all__ = [
    "Appeal",
    "AskedCriteria",
    "Assessment",
    "AssetCheck",
    "BusinessPlan",
    "CatalogueQuerySet",
    "CriterionAnswer",
    "Decree",
    "DecreeLine",
    "Enrolment",
    "EnrolmentDocument",
    "EnrolmentMove",
    "GroupAsset",
    "Measurement",
    "MonitoringVisit",
    "PlaceOffer",
    "PlanLine",
    "Precedence",
    "PremiumAnswer",
    "PremiumCover",
    "PremiumLine",
    "PremiumPlan",
    "PremiumRound",
    "PremiumStray",
    "PremiumUpload",
    "Programme",
    "ProgrammeEvent",
    "ProgrammeVersion",
    "ProposalSource",
    "ProxyGrant",
    "Quota",
    "QuotaShift",
    "RankLine",
    "Receipt",
    "Referral",
    "Simulation",
    "SimulationArea",
    "SimulationRow",
    "Stage",
    "StageEntitlement",
    "StageQuerySet",
    "UnitCount",
    "UnitStay",
    "VerificationRecord",
    "VersionQuerySet",
    "VisitAnswer",
]

"""The catalogue, enrolments from proposal to end, and decrees."""

from __future__ import annotations

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
from programs.models.premiums import (
    PremiumAnswer,
    PremiumCover,
    PremiumLine,
    PremiumPlan,
    PremiumRound,
    PremiumStray,
)
from programs.models.proxies import ProxyGrant

__all__ = [
    "AskedCriteria",
    "CatalogueQuerySet",
    "CriterionAnswer",
    "Decree",
    "DecreeLine",
    "Enrolment",
    "EnrolmentDocument",
    "EnrolmentMove",
    "PremiumAnswer",
    "PremiumCover",
    "PremiumLine",
    "PremiumPlan",
    "PremiumRound",
    "PremiumStray",
    "Programme",
    "ProgrammeVersion",
    "ProxyGrant",
    "Quota",
    "Receipt",
    "Stage",
    "StageEntitlement",
    "StageQuerySet",
    "UnitCount",
    "UnitStay",
    "VerificationRecord",
    "VersionQuerySet",
]

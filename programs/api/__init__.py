"""The API of programmes: catalogue to decrees, simulations, premiums; the pages' own services."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from programs.api.catalogue import ProgrammeViewSet, VersionViewSet
from programs.api.decrees import DecreeViewSet
from programs.api.life import AppealViewSet, EventViewSet
from programs.api.premiums import (
    PremiumCoverViewSet,
    PremiumLineViewSet,
    PremiumPlanViewSet,
    PremiumRoundViewSet,
)
from programs.api.proposals import ProposalViewSet
from programs.api.records import RecordViewSet
from programs.api.simulations import SimulationViewSet
from programs.api.visits import VisitViewSet


def register(router: SimpleRouter) -> None:
    """Add this app's resources."""
    router.register("programmes", ProgrammeViewSet, basename="programme")
    router.register("programme-versions", VersionViewSet, basename="programme-version")
    router.register("proposals", ProposalViewSet, basename="proposal")
    router.register("verification-records", RecordViewSet, basename="verification-record")
    router.register("programme-events", EventViewSet, basename="programme-event")
    router.register("appeals", AppealViewSet, basename="appeal")
    router.register("monitoring-visits", VisitViewSet, basename="monitoring-visit")
    router.register("decrees", DecreeViewSet, basename="decree")
    router.register("simulations", SimulationViewSet, basename="simulation")
    router.register("premium-plans", PremiumPlanViewSet, basename="premium-plan")
    router.register("premium-rounds", PremiumRoundViewSet, basename="premium-round")
    router.register("premium-lines", PremiumLineViewSet, basename="premium-line")
    router.register("premium-covers", PremiumCoverViewSet, basename="premium-cover")

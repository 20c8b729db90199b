"""The lists of programmes, each registered when this room is opened."""

from __future__ import annotations

from programs.tables.life import AppealList, EventList
from programs.tables.lists import (
    ConflictList,
    DecreeLineList,
    DecreeList,
    FamilyOverlapList,
    OverlapList,
    PoorFamilyList,
    PremiumCoverList,
    PremiumLineList,
    ProposalList,
    RecordList,
    decree_word,
    premium_word,
)
from programs.tables.ranking import RankingList, RankLineList
from programs.tables.simulations import (
    SimulationAreaList,
    SimulationList,
    SimulationRowList,
    simulation_word,
)
from programs.tables.visits import VisitingList, VisitList

__all__ = [
    "SimulationAreaList",
    "SimulationList",
    "SimulationRowList",
    "simulation_word",
    "AppealList",
    "ConflictList",
    "DecreeLineList",
    "DecreeList",
    "EventList",
    "FamilyOverlapList",
    "OverlapList",
    "PoorFamilyList",
    "PremiumCoverList",
    "PremiumLineList",
    "ProposalList",
    "RankLineList",
    "RankingList",
    "RecordList",
    "VisitList",
    "VisitingList",
    "decree_word",
    "premium_word",
]

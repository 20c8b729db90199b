"""Plain rules of programmes: allowed moves, typed criteria, what a version must hold."""

from __future__ import annotations

from programs.rules.benefits import KIND_FIELDS, Share, foreign_fields, share_out
from programs.rules.criteria import CRITERIA, evaluate, failing, sentence_of, sentences_of
from programs.rules.facts import Criterion, CriterionResult, Facts, Param
from programs.rules.moves import DECREE_MOVES, MOVES, moves_from
from programs.rules.versions import (
    VersionFacts,
    activation_problems,
    criteria_problems,
    money_problems,
    quota_problem,
    reference_stage,
)

__all__ = [
    "CRITERIA",
    "DECREE_MOVES",
    "KIND_FIELDS",
    "MOVES",
    "Criterion",
    "CriterionResult",
    "Facts",
    "Param",
    "Share",
    "VersionFacts",
    "activation_problems",
    "criteria_problems",
    "evaluate",
    "failing",
    "foreign_fields",
    "money_problems",
    "moves_from",
    "quota_problem",
    "reference_stage",
    "sentence_of",
    "sentences_of",
    "share_out",
]

"""Plain rules of programmes: allowed moves, typed criteria, what a version must hold."""

from __future__ import annotations

from programs.rules.benefits import KIND_FIELDS, Share, foreign_fields, share_out
from programs.rules.criteria import (
    CRITERIA,
    GROUPS,
    asks_group,
    conditions,
    digest_of,
    evaluate,
    failing,
    identity_of,
    is_group,
    sentence,
    sentence_of,
    sentences_of,
    verdict,
)
from programs.rules.criteria_checks import (
    condition_problems,
    criteria_problems,
    criteria_warnings,
)
from programs.rules.facts import Criterion, CriterionResult, Facts, Grant, Param, Part, PillarTerm
from programs.rules.moves import DECREE_MOVES, MOVES, moves_from
from programs.rules.versions import (
    VersionFacts,
    activation_problems,
    money_problems,
    quota_problem,
    reference_stage,
)

__all__ = [
    "CRITERIA",
    "DECREE_MOVES",
    "GROUPS",
    "KIND_FIELDS",
    "MOVES",
    "Criterion",
    "CriterionResult",
    "Facts",
    "Grant",
    "Param",
    "Part",
    "PillarTerm",
    "Share",
    "VersionFacts",
    "activation_problems",
    "asks_group",
    "condition_problems",
    "conditions",
    "criteria_problems",
    "criteria_warnings",
    "digest_of",
    "evaluate",
    "failing",
    "foreign_fields",
    "identity_of",
    "is_group",
    "money_problems",
    "moves_from",
    "quota_problem",
    "reference_stage",
    "sentence",
    "sentence_of",
    "sentences_of",
    "share_out",
    "verdict",
]

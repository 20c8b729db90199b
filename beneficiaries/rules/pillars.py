"""Social pillars: which are people and which are bodies. Source: Permensos 8/2012 (12 PSKS)."""

from __future__ import annotations

from beneficiaries.choices import PillarKind as K

BODIES = (K.LKS, K.YOUTH, K.LK3, K.WKSBM, K.BUSINESS, K.PIONEER_FAMILY)


def is_body(kind: str) -> bool:
    """True for a kind that is an organisation or a family and no single person."""
    return kind in BODIES

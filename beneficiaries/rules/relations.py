"""Relation to the head of the family: the 11 codes of Dukcapil and the 9 of BPS.

The register keeps Dukcapil's. Each of them has one BPS code; the way back is not always sure.
"""

from __future__ import annotations

from bansos.lib.nik import FEMALE, MALE
from beneficiaries.choices import BpsRelation, Relation

TO_BPS: dict[Relation, BpsRelation] = {
    Relation.HEAD: BpsRelation.HEAD,
    Relation.HUSBAND: BpsRelation.SPOUSE,
    Relation.WIFE: BpsRelation.SPOUSE,
    Relation.CHILD: BpsRelation.CHILD,
    Relation.CHILD_IN_LAW: BpsRelation.CHILD_IN_LAW,
    Relation.GRANDCHILD: BpsRelation.GRANDCHILD,
    Relation.PARENT: BpsRelation.PARENT,
    Relation.PARENT_IN_LAW: BpsRelation.PARENT,
    Relation.KIN: BpsRelation.KIN,
    Relation.HELPER: BpsRelation.HELPER,
    Relation.OTHER: BpsRelation.OTHER,
}
_WORDS: dict[str, Relation] = {
    "kepalakeluarga": Relation.HEAD,
    "kepala": Relation.HEAD,
    "kk": Relation.HEAD,
    "suami": Relation.HUSBAND,
    "istri": Relation.WIFE,
    "isteri": Relation.WIFE,
    "anak": Relation.CHILD,
    "anakkandung": Relation.CHILD,
    "menantu": Relation.CHILD_IN_LAW,
    "cucu": Relation.GRANDCHILD,
    "orangtua": Relation.PARENT,
    "mertua": Relation.PARENT_IN_LAW,
    "famililain": Relation.KIN,
    "famili": Relation.KIN,
    "pembantu": Relation.HELPER,
    "lainnya": Relation.OTHER,
}


def to_bps(relation: Relation) -> BpsRelation:
    """The BPS code of a Dukcapil code."""
    return TO_BPS[relation]


def from_bps(code: BpsRelation, sex: str) -> Relation | None:
    """The Dukcapil code of a BPS code; None when it cannot be told.

    A spouse is husband or wife by sex; "parent or parent-in-law" stays open.
    """
    if code == BpsRelation.SPOUSE:
        return {MALE: Relation.HUSBAND, FEMALE: Relation.WIFE}.get(sex)
    found = [ours for ours, theirs in TO_BPS.items() if theirs == code]
    return found[0] if len(found) == 1 else None


def read_relation(text: str) -> Relation | None:
    """A relation as lists write it (word or Dukcapil number); None when unreadable."""
    plain = "".join(sign for sign in text.lower() if sign.isalnum())
    if plain.isdigit():
        return Relation(int(plain)) if int(plain) in Relation.values else None
    return _WORDS.get(plain)

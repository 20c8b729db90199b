"""Relation to the head of the family: the 11 codes of Dukcapil and the 9 of BPS.

The register keeps Dukcapil's. Each of them has one BPS code; the way back is not always sure.
"""

from __future__ import annotations

from string import digits

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


def from_bps(code: BpsRelation, sex: str) -> Relation | None:
    """The Dukcapil code of a BPS code; None when it cannot be told.

    A spouse is husband or wife by sex; "parent or parent-in-law" stays open.
    """
    if code == BpsRelation.SPOUSE:
        return {MALE: Relation.HUSBAND, FEMALE: Relation.WIFE}.get(sex)
    found = [ours for ours, theirs in TO_BPS.items() if theirs == code]
    return found[0] if len(found) == 1 else None


def read_relation(text: str, *, dukcapil: bool = False) -> Relation | None:
    """A relation as lists write it, "Anak" or "4. Anak"; None when it cannot be told.

    A bare number counts only where the list is known to use Dukcapil's (`dukcapil`): 3 is a wife
    there and a child with BPS. Only 1, the head, is the same in both.
    """
    plain = "".join(sign for sign in text.lower() if sign.isalnum())
    if is_bare_number(text):
        sure = dukcapil or int(plain) == Relation.HEAD
        return Relation(int(plain)) if sure and int(plain) in Relation.values else None
    return _WORDS.get(plain.lstrip(digits))


def is_bare_number(text: str) -> bool:
    """True for a relation written as a number without its word."""
    plain = "".join(sign for sign in text if sign.isalnum())
    return plain.isascii() and plain.isdigit()


def spelled_out(text: str) -> str:
    """The word for a number of Dukcapil's; every other text as it is."""
    said = read_relation(text, dukcapil=True) if is_bare_number(text) else None
    return next((word for word, known in _WORDS.items() if known == said), text)

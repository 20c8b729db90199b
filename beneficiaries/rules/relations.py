"""Relation to the head of the family: the 11 codes of Dukcapil and the 9 of BPS.

The register keeps Dukcapil's. Each of them has one BPS code; the way back is not always sure.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import digits

from bansos.lib.nik import FEMALE, MALE
from beneficiaries.choices import BpsRelation, Relation, RelationCodes

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


def read_relation(text: str) -> Relation | None:
    """A relation as lists write it, "Anak" or "4. Anak"; None when it cannot be told.

    A bare number is not read here, see read_number(): 3 is a wife with Dukcapil and a child with
    BPS. Only 1, the head, is the same in both.
    """
    if is_bare_number(text):
        return Relation.HEAD if _number(text) == Relation.HEAD else None
    plain = "".join(sign for sign in text.lower() if sign.isalnum())
    return _WORDS.get(plain.lstrip(digits))


@dataclass(frozen=True)
class SaidRelation:
    """What a number says: Dukcapil's relation, or BPS's where that leaves it open."""

    relation: Relation | None = None
    bps: BpsRelation | None = None

    @property
    def word(self) -> str:
        """The word that read_relation() reads back; "" where it is open."""
        return next((word for word, known in _WORDS.items() if known == self.relation), "")


def read_number(text: str, *, codes: str, sex: str) -> SaidRelation | None:
    """What a bare number says in the code of a house; None for one that the code does not have.

    `sex` tells husband from wife, whom BPS does not tell apart.
    """
    number = _number(text)
    if codes == RelationCodes.DUKCAPIL and number in Relation.values:
        return SaidRelation(relation=Relation(number))
    if codes == RelationCodes.BPS and number in BpsRelation.values:
        code = BpsRelation(number)
        relation = from_bps(code, sex)
        return SaidRelation(relation, None if relation else code)
    return None


def is_bare_number(text: str) -> bool:
    """True for a relation written as a number without its word."""
    plain = "".join(sign for sign in text if sign.isalnum())
    return plain.isascii() and plain.isdigit()


def needs_codes(text: str) -> bool:
    """True for a number that means one thing with Dukcapil and another with BPS."""
    return is_bare_number(text) and _number(text) != Relation.HEAD


def fits_sex(relation: Relation | None, sex: str) -> bool:
    """False for a husband who is a woman, or a wife who is a man: often a code read wrongly."""
    wanted = {Relation.HUSBAND: MALE, Relation.WIFE: FEMALE}.get(relation or Relation.OTHER)
    return wanted is None or not sex or sex == wanted


def says_the_same(said: SaidRelation, relation: int | None, bps: int | None) -> bool:
    """Whether a list tells nothing new: the same, or less than what is known."""
    if said.relation:
        return said.relation == relation
    if said.bps is None:
        return True
    known = TO_BPS[Relation(relation)] if relation else bps
    return said.bps == known


def _number(text: str) -> int:
    return int("".join(sign for sign in text if sign.isalnum()))

"""Rules of a KUBE: how many, who may be in it, which state may follow which.

Source: Permensos 2/2019 (BN 2019/269): 5 to 20 family heads of one village with one kind of
business, aged 18 to 60, with chair, secretary and treasurer, and a bank account of the group.
"""

from __future__ import annotations

from bansos.accounts.permissions import Permission as P
from beneficiaries.choices import GroupRole, LeaveReason
from beneficiaries.choices import GroupState as S

FEWEST, MOST = 5, 20
YOUNGEST, OLDEST = 18, 60
SIGNATORIES = 2
OFFICERS = (GroupRole.CHAIR, GroupRole.SECRETARY, GroupRole.TREASURER)
# What happened to a person is recorded even when it leaves the group too small.
FACTS = (LeaveReason.DIED, LeaveReason.MOVED)
# Members count as complete and known from here on.
SETTLED = (S.CHECKED, S.ACTIVE)

MOVES: dict[tuple[S, S], P] = {
    (S.FORMING, S.CHECKED): P.PROPOSAL_VERIFY,
    (S.CHECKED, S.FORMING): P.PROPOSAL_VERIFY,
    (S.CHECKED, S.ACTIVE): P.PAYEE_EDIT,
    (S.ACTIVE, S.FORMING): P.PAYEE_EDIT,
    (S.FORMING, S.DISSOLVED): P.PAYEE_EDIT,
    (S.CHECKED, S.DISSOLVED): P.PAYEE_EDIT,
    (S.ACTIVE, S.DISSOLVED): P.PAYEE_EDIT,
}


def moves_from(state: str) -> dict[S, P]:
    """Where a group may go from this state, each with the permission it needs."""
    return {new: permission for (old, new), permission in MOVES.items() if old == state}


def same_business(one: str, other: str) -> bool:
    """True when two words for a business mean the same: case and spaces do not count."""
    return " ".join(one.lower().split()) == " ".join(other.lower().split())

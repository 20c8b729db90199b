"""Which state may follow which, and who may make the move. Draws buttons, guards services."""

from __future__ import annotations

from bansos.accounts.permissions import Permission as P
from programs.choices import DecreeState as D
from programs.choices import EnrolmentState as E

MOVES: dict[tuple[E, E], P] = {
    (E.DRAFT, E.PROPOSED): P.PROPOSAL_SUBMIT,
    (E.DRAFT, E.STOPPED): P.PROPOSAL_SUBMIT,
    (E.NEEDS_CORRECTION, E.PROPOSED): P.PROPOSAL_SUBMIT,
    (E.NEEDS_CORRECTION, E.STOPPED): P.PROPOSAL_SUBMIT,
    (E.PROPOSED, E.STOPPED): P.PROPOSAL_SUBMIT,
    (E.PROPOSED, E.IN_REVIEW): P.PROPOSAL_VERIFY,
    (E.PROPOSED, E.ELIGIBLE): P.PROPOSAL_VERIFY,
    (E.PROPOSED, E.NOT_ELIGIBLE): P.PROPOSAL_VERIFY,
    (E.PROPOSED, E.NEEDS_CORRECTION): P.PROPOSAL_VERIFY,
    (E.IN_REVIEW, E.ELIGIBLE): P.PROPOSAL_VERIFY,
    (E.IN_REVIEW, E.NOT_ELIGIBLE): P.PROPOSAL_VERIFY,
    (E.IN_REVIEW, E.NEEDS_CORRECTION): P.PROPOSAL_VERIFY,
    (E.ELIGIBLE, E.NOT_ELIGIBLE): P.PROPOSAL_VERIFY,
    (E.ELIGIBLE, E.NEEDS_CORRECTION): P.PROPOSAL_VERIFY,
    (E.ELIGIBLE, E.DETERMINED): P.DECREE_PREPARE,
    (E.DETERMINED, E.ELIGIBLE): P.DECREE_PREPARE,
    (E.DETERMINED, E.ACTIVE): P.DECREE_APPROVE,
    (E.ACTIVE, E.SUSPENDED): P.DECREE_PREPARE,
    (E.SUSPENDED, E.ACTIVE): P.DECREE_PREPARE,
    (E.ACTIVE, E.GRADUATED): P.DECREE_PREPARE,
    (E.ACTIVE, E.STOPPED): P.DECREE_PREPARE,
    (E.SUSPENDED, E.STOPPED): P.DECREE_PREPARE,
}

DECREE_MOVES: dict[tuple[D, D], P] = {
    (D.DRAFT, D.SUBMITTED): P.DECREE_PREPARE,
    (D.DRAFT, D.CANCELLED): P.DECREE_PREPARE,
    (D.SUBMITTED, D.DRAFT): P.DECREE_APPROVE,
    (D.SUBMITTED, D.APPROVED): P.DECREE_APPROVE,
    (D.APPROVED, D.SUPERSEDED): P.DECREE_APPROVE,
}


def moves_from(state: str) -> dict[E, P]:
    """Where an enrolment may go from this state, each with the permission it needs."""
    return {new: permission for (old, new), permission in MOVES.items() if old == state}

"""Which state follows which, who may move it, and what each button says when it is off."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from bansos.accounts.permissions import Permission
from disbursements.choices import LineState, ListKind, ListState

# None: the state follows from the lines (bank results, decisions), nobody chooses it.
MOVES: dict[tuple[ListState, ListState], Permission | None] = {
    (ListState.DRAFT, ListState.LOCKED): Permission.PAYLIST_PREPARE,
    (ListState.LOCKED, ListState.DRAFT): Permission.PAYLIST_PREPARE,
    (ListState.LOCKED, ListState.AWAITING): Permission.PAYLIST_PREPARE,
    (ListState.AWAITING, ListState.DRAFT): None,
    (ListState.AWAITING, ListState.APPROVED): Permission.PAYLIST_APPROVE,
    (ListState.APPROVED, ListState.SP2D): Permission.SP2D_RECORD,
    # A wrongly recorded SP2D, taken back by a second person.
    (ListState.SP2D, ListState.APPROVED): Permission.RETURN_CONFIRM,
    (ListState.APPROVED, ListState.SENT): Permission.BANK_FILE,
    (ListState.SP2D, ListState.SENT): Permission.BANK_FILE,
    (ListState.SENT, ListState.PARTLY_SETTLED): None,
    (ListState.SENT, ListState.SETTLED): None,
    (ListState.PARTLY_SETTLED, ListState.SETTLED): None,
    (ListState.SETTLED, ListState.PARTLY_SETTLED): None,
    (ListState.SETTLED, ListState.CLOSED): Permission.RECONCILE,
    (ListState.DRAFT, ListState.CANCELLED): Permission.PAYLIST_PREPARE,
    (ListState.LOCKED, ListState.CANCELLED): Permission.PAYLIST_PREPARE,
    (ListState.APPROVED, ListState.CANCELLED): Permission.PAYLIST_APPROVE,
}

# The same pairs stand in the trigger bansos_line_frozen.
LINE_MOVES: frozenset[tuple[LineState, LineState]] = frozenset(
    {
        (LineState.WAITING, LineState.EXCLUDED),
        (LineState.EXCLUDED, LineState.WAITING),
        (LineState.WAITING, LineState.CANCELLED),
        (LineState.EXCLUDED, LineState.CANCELLED),
        (LineState.WAITING, LineState.SUBMITTED),
        (LineState.SUBMITTED, LineState.SETTLED),
        (LineState.SUBMITTED, LineState.RETURNED),
        (LineState.SUBMITTED, LineState.UNKNOWN),
        (LineState.UNKNOWN, LineState.SUBMITTED),
        (LineState.UNKNOWN, LineState.SETTLED),
        (LineState.UNKNOWN, LineState.RETURNED),
        (LineState.SETTLED, LineState.RETURNED),
        (LineState.RETURNED, LineState.REPAID),
        (LineState.RETURNED, LineState.PAID_BACK),
        (LineState.REPAID, LineState.RETURNED),
        # Only by the record of somebody who takes a match or a deposit slip back.
        (LineState.SETTLED, LineState.UNKNOWN),
        (LineState.RETURNED, LineState.UNKNOWN),
        (LineState.RETURNED, LineState.SETTLED),
        (LineState.PAID_BACK, LineState.RETURNED),
    }
)

# Lines a bank may still answer about.
AT_BANK = (LineState.SUBMITTED, LineState.UNKNOWN)
# Lines that count in the list: all but those taken out.
COUNTED = tuple(
    state for state in LineState if state not in {LineState.EXCLUDED, LineState.CANCELLED}
)
# The bank knows the list: results may come.
AWAITS_RESULT = (ListState.SENT, ListState.PARTLY_SETTLED, ListState.SETTLED)

BANK = _("Bank")
STEPS = (
    _("Susun"),
    _("Kunci"),
    _("Periksa"),
    _("Setujui"),
    _("SP2D"),
    BANK,
    _("Salur"),
    _("Tutup"),
)
_STEP_OF: Mapping[ListState, int] = {
    ListState.DRAFT: 0,
    ListState.LOCKED: 1,
    ListState.AWAITING: 2,
    ListState.APPROVED: 4,
    ListState.SP2D: 5,
    ListState.SENT: 6,
    ListState.PARTLY_SETTLED: 6,
    ListState.SETTLED: 7,
    ListState.CLOSED: 8,
    ListState.CANCELLED: 0,
}

MAKER_CANNOT_CHECK = _("Anda menyusun daftar ini, jadi tidak dapat memeriksanya.")
MAKER_CANNOT_APPROVE = _("Anda menyusun daftar ini, jadi tidak dapat menyetujuinya.")
CHECKER_CANNOT_APPROVE = _("Anda memeriksa daftar ini, jadi tidak dapat menyetujuinya.")
DECIDER_CANNOT_CONFIRM = _("Anda memutus retur ini, jadi tidak dapat mengesahkannya.")


def step_of(state: str, *, checked: bool, kind: str) -> int:
    """Place of a list in STEPS, from 0; len(STEPS) when all is done.

    A checked list waits at Setujui; a follow-up list passes SP2D, which its main list has.
    """
    place = _STEP_OF[ListState(state)]
    if state == ListState.AWAITING and checked:
        return 3
    if state == ListState.APPROVED and kind == ListKind.FOLLOW_UP:
        return 5
    return place

"""What the reconciliation desk shows: rows by where they stand, candidates, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.jobs.choices import OPEN_STATES
from disbursements.choices import DeskAct, LineState, ListKind, Outcome, ResultState, RowState
from disbursements.models import DeskDecision, PayList, PaymentLine, ResultFile, ResultRow
from disbursements.rules.agreement import KEYS, Agreement, agreement
from disbursements.rules.moves import AT_BANK, AWAITS_RESULT

PARTS: dict[str, Any] = {
    "terbuka": gettext_lazy("Terbuka"),
    "menunggu": gettext_lazy("Menunggu pengesahan"),
    "disisihkan": gettext_lazy("Disisihkan"),
    "padanan": gettext_lazy("Padanan"),
    "dibatalkan": gettext_lazy("Padanan dibatalkan"),
}
MOST_CANDIDATES = 8


def rows_of(pay_list: PayList | None, user: Any) -> QuerySet[ResultRow]:
    """The rows of one list (a main list with its follow-ups), or all of the user's area."""
    rows: QuerySet[ResultRow] = ResultRow.objects.visible_to(user)
    if pay_list is None:
        return rows
    family = Q(result__pay_list=pay_list) | Q(line__pay_list=pay_list)
    if pay_list.kind == ListKind.MAIN:
        family |= Q(result__pay_list__parent=pay_list) | Q(line__pay_list__parent=pay_list)
    return rows.filter(family)


def part_of(rows: Any, part: str) -> QuerySet[ResultRow]:
    """The rows that stand in this part of the desk."""
    asked = DeskDecision.objects.filter(done_at=None, refused_at=None).values("row")
    if part == "menunggu":
        return rows.filter(pk__in=asked)  # type: ignore[no-any-return]
    if part == "disisihkan":
        return rows.filter(pk__in=standing_asides().values("row"))  # type: ignore[no-any-return]
    if part == "padanan":
        return rows.standing()  # type: ignore[no-any-return]
    if part == "dibatalkan":
        return rows.taken_back().distinct()  # type: ignore[no-any-return]
    return rows.open().exclude(pk__in=asked)  # type: ignore[no-any-return]


def standing_asides() -> QuerySet[DeskDecision]:
    """Rows set aside and not opened again."""
    done = DeskDecision.objects.filter(done_at__isnull=False)
    undone = done.filter(act=DeskAct.UNDO, undoes__isnull=False).values("undoes")
    found: QuerySet[DeskDecision] = done.filter(act=DeskAct.ASIDE).exclude(pk__in=undone)
    return found


def waiting_files(user: Any, *, limit: int = 10) -> list[ResultFile]:
    """Files of the bank that nobody applied or refused yet, the oldest first; no shares."""
    rows = ResultFile.objects.visible_to(user).filter(state=ResultState.CHECKED, source=None)
    running = Q(job__state__in=OPEN_STATES)
    rows = rows.exclude(running).select_related("pay_list").defer("sealed_file")
    return list(rows.order_by("uploaded_at", "pk")[:limit])


@dataclass(frozen=True)
class Candidate:
    """A line that a row may be about, with the keys that agree."""

    line: PaymentLine
    keys: Agreement

    @property
    def words(self) -> str:
        """As a choice in a form."""
        same = ", ".join(str(KEYS[key]) for key in self.keys.same)
        return _("%(reference)s, %(name)s, %(state)s; sama: %(same)s") % {
            "reference": self.line.reference,
            "name": self.line.payee_name,
            "state": self.line.get_state_display(),
            "same": same or _("tidak ada"),
        }


def candidates(row: ResultRow, user: Any) -> list[Candidate]:
    """Lines at the bank with the row's amount and one more key (or the name); most keys first."""
    states = [*AT_BANK]
    if row.outcome != Outcome.SETTLED:
        states.append(LineState.SETTLED)
    lines = PaymentLine.objects.visible_to(user).filter(
        amount=row.amount, state__in=states, pay_list__state__in=AWAITS_RESULT
    )
    near = Q(pk=row.line_id)
    if row.account_index:
        near |= Q(account_index=row.account_index)
    if row.reference:
        near |= Q(reference=row.reference)
    if row.name:
        # A proxy's account: the bank speaks of its owner.
        near |= Q(payee_name__iexact=row.name) | Q(account_holder__iexact=row.name)
    found = lines.filter(near).select_related("pay_list")[: MOST_CANDIDATES * 2]
    judged = [Candidate(line, agreement(row, line)) for line in found]
    judged.sort(key=lambda item: (-len(item.keys.same), item.line.pk))
    return judged[:MOST_CANDIDATES]


def is_taken_back(row: ResultRow) -> bool:
    """Its match was undone: what the row said counts no more."""
    return bool(ResultRow.objects.taken_back().filter(pk=row.pk).exists())


def why(row: ResultRow) -> str:
    """Why a row stands where it stands, in one sentence."""
    if row.state == RowState.SAME:
        return _("Bank sudah pernah mengatakan hal yang sama; tidak ada yang diubah baris ini.")
    if row.state == RowState.QUARANTINE or row.line is None:
        return row.quarantine_reason
    if is_taken_back(row):
        return _("Padanan baris ini dibatalkan; ia tidak mengubah apa pun lagi.")
    keys = agreement(row, row.line)
    same = ", ".join(str(KEYS[key]).lower() for key in keys.same)
    if row.origin_id is None:
        return _("Dipasangkan sendiri karena sama: %(keys)s.") % {"keys": same}
    made = DeskDecision.objects.select_related("decided_by", "confirmed_by").get(made_row=row)
    return _(
        "Ditautkan %(first)s dan disahkan %(second)s. Sama: %(same)s. Berbeda: %(different)s."
        " Alasan: %(note)s"
    ) % {
        "first": made.decided_by.full_name,
        "second": made.confirmed_by.full_name if made.confirmed_by else "",
        "same": same,
        "different": ", ".join(str(KEYS[key]).lower() for key in keys.different) or "-",
        "note": made.note,
    }

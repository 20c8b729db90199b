"""Taking payees out of a draft list with a reason, and back in while it is a draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.crypto import blind_index
from bansos.lib.errors import BadInput, Refused
from bansos.lib.nik import clean_digits, mask_nik
from disbursements.choices import LineState, ListKind, ListState, ReturnState
from disbursements.models import PayList, PaymentLine, ReturnCase
from disbursements.services import moves
from disbursements.services.preflight import recount
from programs.models import Enrolment
from programs.queries.entitlements import with_amount

NIK_DIGITS = 16
MOST_TOKENS = 2_000
_POSITION = re.compile(r"[0-9]{1,7}")


@dataclass
class ExcludeOutcome:
    """What became of each pasted token; NIK are shown masked."""

    excluded: list[int] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    not_found: list[str] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)


@transaction.atomic
def exclude(
    *, pay_list: PayList, niks_or_positions: Iterable[str], reason: str, by: User, at: datetime
) -> ExcludeOutcome:
    """Take out the lines named by NIK or by row number; one reason for all.

    Raises BadInput without reason or tokens, Stale when the list is no draft.
    """
    moves.require_right(by, Permission.PAYLIST_PREPARE)
    tokens = list(dict.fromkeys(token for token in niks_or_positions if token.strip()))
    if not reason.strip():
        raise BadInput("EXCLUDE-REASON", _("Isi alasan mengeluarkan."))
    if not tokens or len(tokens) > MOST_TOKENS:
        raise BadInput(
            "EXCLUDE-TOKENS", _("Tempel 1 sampai 2.000 NIK atau nomor baris, satu per baris.")
        )
    moves.not_while_busy(pay_list)
    row = moves.lock_row(pay_list)
    moves.expect(row, ListState.DRAFT)
    moves.not_while_drawing(row)
    outcome = ExcludeOutcome()
    lines = _find(row, tokens, outcome)
    taken_out = [line for line in lines if line.state == LineState.WAITING]
    set_lines(taken_out, LineState.EXCLUDED, reason.strip()[:250])
    release_cases(taken_out)
    outcome.excluded = [line.position for line in taken_out]
    if taken_out:
        recount(row)
        audit.record(
            verb="disbursements.exclude",
            by=by,
            at=at,
            target=row,
            reason=reason.strip(),
            positions=outcome.excluded[:500],
            count=len(taken_out),
        )
    return outcome


def _find(pay_list: PayList, tokens: Sequence[str], outcome: ExcludeOutcome) -> list[PaymentLine]:
    by_index: dict[str, str] = {}
    by_position: dict[int, str] = {}
    for token in tokens:
        digits = clean_digits(token)
        if len(digits) == NIK_DIGITS and digits.isdigit():
            by_index[blind_index(digits, "nik")] = mask_nik(digits)
        elif _POSITION.fullmatch(digits):
            by_position[int(digits)] = digits
        else:
            outcome.invalid.append(token.strip()[:6] + ("…" if len(token.strip()) > 6 else ""))
    found = list(
        pay_list.lines.filter(
            Q(person__nik_index__in=list(by_index)) | Q(position__in=list(by_position))
        )
        .select_related("person")
        .order_by("position")
    )
    shown = {}
    for line in found:
        name = by_index.get(line.person.nik_index or "") or by_position.get(line.position, "")
        shown[line.pk] = name
        if line.state != LineState.WAITING:
            outcome.already.append(name)
    indexes = {line.person.nik_index for line in found}
    positions = {line.position for line in found}
    outcome.not_found = [mask for index, mask in by_index.items() if index not in indexes]
    outcome.not_found += [text for place, text in by_position.items() if place not in positions]
    return found


def set_lines(lines: Sequence[PaymentLine], state: LineState, reason: str) -> None:
    """Put lines of a draft the caller holds in or out, with the reason."""
    PaymentLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        state=state, exclude_reason=reason
    )


def release_cases(lines: Sequence[PaymentLine]) -> None:
    """A return taken out of a follow-up list may go into the next one."""
    origins = [line.retransfer_of_id for line in lines if line.retransfer_of_id]
    ReturnCase.objects.filter(line__in=origins, state=ReturnState.IN_FOLLOW_UP).update(
        state=ReturnState.DECIDED
    )


@transaction.atomic
def include_again(
    *, pay_list: PayList, line_ids: Sequence[int], by: User, at: datetime
) -> list[int]:
    """Undo an exclusion while the list is a draft; the positions that are back.

    Raises Refused when a payee meanwhile has another live payment in this stage, or when what is
    due to one is no longer what the line pays.
    """
    moves.require_right(by, Permission.PAYLIST_PREPARE)
    moves.not_while_busy(pay_list)
    row = moves.lock_row(pay_list)
    moves.expect(row, ListState.DRAFT)
    lines = list(row.lines.filter(pk__in=list(line_ids), state=LineState.EXCLUDED))
    if row.kind == ListKind.MAIN:
        _check_amounts(row, lines)
    try:
        with transaction.atomic():
            set_lines(lines, LineState.WAITING, "")
            _claim_cases(lines)
    except IntegrityError as error:
        raise Refused(
            "INCLUDE-TAKEN",
            _(
                "Penerima ini (atau anggota KK-nya) sudah punya pembayaran lain pada tahap ini."
                " Tidak ada yang berubah."
            ),
        ) from error
    positions = sorted(line.position for line in lines)
    if lines:
        recount(row)
        PayList.objects.filter(pk=row.pk).update(preflight_at=None)
        audit.record(
            verb="disbursements.include_again", by=by, at=at, target=row, positions=positions[:500]
        )
    return positions


def _check_amounts(pay_list: PayList, lines: Sequence[PaymentLine]) -> None:
    """While a line is out of the list the units behind its amount may be corrected."""
    rows = Enrolment.objects.filter(pk__in=[line.enrolment_id for line in lines])
    # Units are counted under the same lock; what is due is read after it, in another statement.
    list(rows.order_by("pk").select_for_update().values_list("pk"))
    due = dict(with_amount(rows, pay_list.stage).values_list("pk", "due"))
    changed = sum(due[line.enrolment_id] != line.amount for line in lines)
    if changed:
        raise Refused(
            "INCLUDE-AMOUNT",
            _(
                "Hak %(count)s penerima berubah sesudah daftar disusun. Tidak ada yang berubah."
                " Batalkan draf ini, lalu susun ulang."
            )
            % {"count": changed},
        )


def _claim_cases(lines: Sequence[PaymentLine]) -> None:
    origins = [line.retransfer_of_id for line in lines if line.retransfer_of_id]
    free = ReturnCase.objects.filter(
        line__in=origins, state=ReturnState.DECIDED, confirmed_at__isnull=False
    )
    if free.update(state=ReturnState.IN_FOLLOW_UP) != len(origins):
        raise IntegrityError("a return of these lines is no longer free")

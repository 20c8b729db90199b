"""The duties of the roles: whose they are, and the heaps that wait for one user."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db.models import Exists, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission as P
from bansos.regions.queries import names_of
from disbursements.choices import CorrectionKind, ListState, ReturnState
from monitoring.queries.waiting import (
    Piece,
    appeals_to_decide,
    cash_corrections,
    decrees_to_approve,
    decrees_to_draft,
    decrees_to_submit,
    events_to_decide,
    imports_to_end,
    lists_to_approve,
    lists_to_check,
    lists_to_close,
    lists_to_prepare,
    lists_to_send,
    open_appeals,
    open_events,
    open_premiums,
    open_rounds,
    open_shifts,
    paper_corrections,
    premiums_to_send,
    premiums_to_verify,
    records_to_make,
    results_awaited,
    returns_to_confirm,
    returns_to_decide,
    returns_to_repay,
    route,
    shifts_to_decide,
    sp2d_to_record,
    stages_due,
    sts_to_record,
    to_correct,
    to_verify,
    unrecorded,
)
from programs.choices import DecreeState, EnrolmentState

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Heap:
    """All of one duty: how many pieces, and the oldest of them. `failed` = could not be read."""

    key: str
    title: Any
    count: int = 0
    pieces: list[Piece] = field(default_factory=list)
    more_href: str = ""
    failed: bool = False

    @property
    def hidden(self) -> int:
        """Pieces that are not listed here."""
        return self.count - len(self.pieces)


Reader = Callable[[Any], tuple[int, list[Piece]]]


@dataclass(frozen=True)
class Duty:
    """A heap's words, who has it (by any of these rights), how it is read, and the list in which
    all of it stands.

    `rows`: what is in it, of heaps that are empty most days; those are asked for in one query.
    """

    key: str
    title: Any
    permission: P | tuple[P, ...]
    read: Reader
    page: str
    states: tuple[str, ...] = ()
    rows: Callable[[Any], QuerySet[Any]] | None = None

    def is_of(self, user: Any) -> bool:
        """The user has this duty."""
        rights = self.permission if isinstance(self.permission, tuple) else (self.permission,)
        return user.can_any(rights)


LISTS, DECREES = "disbursements:lists", "programs:decrees"
RETURNS, PROPOSALS = "disbursements:returns", "programs:proposals"
DUTIES = tuple(
    Duty(*row)
    for row in (
        (
            *(
                "lists_approve",
                gettext_lazy("Daftar bayar menunggu persetujuan"),
                P.PAYLIST_APPROVE,
            ),
            *(lists_to_approve, LISTS, (ListState.AWAITING,)),
        ),
        (
            *("decrees_approve", gettext_lazy("SK menunggu persetujuan"), P.DECREE_APPROVE),
            *(decrees_to_approve, DECREES, (DecreeState.SUBMITTED,)),
        ),
        (
            *("appeals", gettext_lazy("Sanggahan menunggu putusan"), P.DECREE_APPROVE),
            *(appeals_to_decide, "programs:appeals", (), open_appeals),
        ),
        (
            *("shifts", gettext_lazy("Pemindahan kuota menunggu persetujuan"), P.DECREE_APPROVE),
            *(shifts_to_decide, "programs:catalogue", (), open_shifts),
        ),
        (
            *("events", gettext_lazy("Peristiwa menunggu putusan"), P.DECREE_PREPARE),
            *(events_to_decide, "programs:events", (), open_events),
        ),
        (
            *("lists_check", gettext_lazy("Daftar bayar menunggu pemeriksaan"), P.PAYLIST_CHECK),
            *(lists_to_check, LISTS, (ListState.AWAITING,)),
        ),
        (
            *(
                "returns_confirm",
                gettext_lazy("Keputusan retur menunggu pengesahan"),
                P.RETURN_CONFIRM,
            ),
            *(returns_to_confirm, RETURNS, (ReturnState.DECIDED,)),
        ),
        (
            *("cash_corrections", gettext_lazy("Koreksi kuitansi menunggu orang ketiga")),
            *((P.RETURN_CONFIRM, P.PAYLIST_APPROVE), cash_corrections, "disbursements:counters"),
        ),
        (
            *("sts_corrections", gettext_lazy("Koreksi STS menunggu orang kedua")),
            *(P.RETURN_CONFIRM, partial(paper_corrections, kind=CorrectionKind.STS)),
            "disbursements:deposits",
        ),
        (
            *("sp2d_corrections", gettext_lazy("Koreksi SP2D menunggu orang kedua")),
            *(P.RETURN_CONFIRM, partial(paper_corrections, kind=CorrectionKind.SP2D), LISTS),
        ),
        (
            *("verify", gettext_lazy("Usulan menunggu verifikasi"), P.PROPOSAL_VERIFY),
            *(to_verify, "programs:queue"),
        ),
        (
            *("premiums", gettext_lazy("Calon premi menunggu putusan"), P.PROPOSAL_VERIFY),
            *(premiums_to_verify, "programs:premiums", (), open_premiums),
        ),
        (
            *("records", gettext_lazy("Berita Acara verifikasi siap dibuat"), P.PROPOSAL_VERIFY),
            *(records_to_make, "programs:records", (), unrecorded),
        ),
        (
            *("correct", gettext_lazy("Usulan perlu perbaikan"), P.PROPOSAL_SUBMIT),
            *(to_correct, PROPOSALS, (EnrolmentState.NEEDS_CORRECTION,)),
        ),
        (
            *("imports", gettext_lazy("Impor belum selesai"), P.IMPORT_RUN),
            *(imports_to_end, "beneficiaries:imports"),
        ),
        (
            *("sp2d", gettext_lazy("SP2D perlu dicatat"), P.SP2D_RECORD),
            *(sp2d_to_record, LISTS, (ListState.APPROVED,)),
        ),
        (
            *("returns_decide", gettext_lazy("Retur menunggu keputusan"), P.RETURN_DECIDE),
            *(returns_to_decide, RETURNS, (ReturnState.OPEN,)),
        ),
        (
            *("sts", gettext_lazy("Pengembalian belum disetor"), P.RETURN_DECIDE),
            *(sts_to_record, RETURNS, (ReturnState.DECIDED,)),
        ),
        (
            *("close", gettext_lazy("Rekonsiliasi siap ditutup"), P.RECONCILE),
            *(lists_to_close, LISTS, (ListState.SETTLED,)),
        ),
        (
            *("results", gettext_lazy("Menunggu hasil dari bank"), P.BANK_RESULT),
            *(results_awaited, LISTS, (ListState.SENT, ListState.PARTLY_SETTLED)),
        ),
        (
            *("decrees_draft", gettext_lazy("Penerima layak belum masuk SK"), P.DECREE_PREPARE),
            *(decrees_to_draft, PROPOSALS, (EnrolmentState.ELIGIBLE,)),
        ),
        (
            *("decrees_submit", gettext_lazy("SK masih draf"), P.DECREE_PREPARE),
            *(decrees_to_submit, DECREES, (DecreeState.DRAFT,)),
        ),
        (
            *("follow_up", gettext_lazy("Retur siap dibayar susulan"), P.PAYLIST_PREPARE),
            *(returns_to_repay, RETURNS, (ReturnState.DECIDED,)),
        ),
        (
            *(
                "stages_due",
                gettext_lazy("Tahap jatuh tempo belum punya daftar bayar"),
                P.PAYLIST_PREPARE,
            ),
            *(stages_due, LISTS),
        ),
        (
            *("lists_prepare", gettext_lazy("Daftar bayar belum diajukan"), P.PAYLIST_PREPARE),
            *(lists_to_prepare, LISTS, (ListState.DRAFT, ListState.LOCKED)),
        ),
        (
            *("premiums_send", gettext_lazy("Daftar premi perlu diteruskan"), P.PAYLIST_PREPARE),
            *(premiums_to_send, "programs:premiums", (), open_rounds),
        ),
        (
            *("files", gettext_lazy("Berkas bank perlu dikirim"), P.BANK_FILE),
            *(lists_to_send, LISTS, (ListState.APPROVED, ListState.SP2D)),
        ),
    )
)


def heaps_for(user: Any, duties: tuple[Duty, ...] = DUTIES) -> list[Heap]:
    """Every heap of the user's duties that is not empty, or that could not be read."""
    own = [duty for duty in duties if duty.is_of(user)]
    idle = _empty(user, own)
    found = [_read(user, duty) for duty in own if duty.key not in idle]
    kept = [heap for heap in found if heap.count or heap.failed]
    names = names_of([piece.area_code for heap in kept for piece in heap.pieces])
    return [_named(heap, names) for heap in kept]


def _empty(user: Any, duties: list[Duty]) -> set[str]:
    """Keys of the heaps with nothing in them, of those that say what is in them; one query."""
    asked = {duty.key: duty.rows for duty in duties if duty.rows is not None}
    if not asked:
        return set()
    try:
        flags = {key: Exists(rows(user)) for key, rows in asked.items()}
        found = User.objects.filter(pk=user.pk).values_list(*flags.values())
        return {key for key, waits in zip(flags, found.get(), strict=True) if not waits}
    except Exception:
        # Each heap is read for itself then, and the broken one says so.
        log.exception("the heaps of the home page could not be looked through")
        return set()


def _read(user: Any, duty: Duty) -> Heap:
    """One heap; when its reading fails, only this one says so and the page stands."""
    try:
        count, pieces = duty.read(user)
    except Exception:
        log.exception("a part of the home page could not be read", extra={"duty": duty.key})
        return Heap(duty.key, duty.title, failed=True)
    states = {"state": [str(state) for state in duty.states]} if duty.states else {}
    return Heap(duty.key, duty.title, count, pieces, route(duty.page, **states))


def _named(heap: Heap, names: dict[str, str]) -> Heap:
    pieces = [
        replace(piece, href=piece.href or heap.more_href, area=_place(piece.area_code, names))
        for piece in heap.pieces
    ]
    return replace(heap, pieces=pieces)


def _place(code: str, names: dict[str, str]) -> str:
    if len(code) == 8:
        return _("Kec. %(name)s") % {"name": names.get(code, code)}
    return names.get(code[:5], code)


def next_piece(heaps: list[Heap]) -> Piece | None:
    """The oldest piece of all, which "Periksa berikutnya" opens."""
    pieces = [
        (piece.since, place, piece)
        for place, piece in enumerate(piece for heap in heaps for piece in heap.pieces)
        if piece.href and piece.since
    ]
    return min(pieces)[2] if pieces else None

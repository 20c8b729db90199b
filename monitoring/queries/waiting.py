"""What waits for somebody: one heap per duty, each with its oldest pieces, age and amount."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Coalesce, Left
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.permissions import Permission as P
from bansos.regions.queries import names_of
from beneficiaries.choices import ImportState
from beneficiaries.models import ImportBatch
from disbursements.choices import Decision, ListKind, ListState, ReturnState
from disbursements.models import PayList, ReturnCase
from programs.choices import DecreeState, EnrolmentState
from programs.models import Decree, Enrolment

log = logging.getLogger(__name__)

SHOWN = 5


@dataclass(frozen=True)
class Piece:
    """One thing to do: what, where, since when, how many people, how much money."""

    title: str
    area_code: str
    since: datetime | None
    href: str
    people: int | None = None
    amount: Decimal | None = None
    area: str = ""


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


def route(name: str, *args: Any, **query: Any) -> str:
    """The address of a page, "" where this installation has no such page."""
    try:
        path = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{path}?{urlencode(query)}" if query else path


def _grouped(
    rows: Any, *, since: str, length: int, page: str, **query: Any
) -> tuple[int, list[Piece]]:
    """Proposals heaped by programme and area: nobody's name stands on the home page."""
    groups = (
        rows.values(
            "version_id",
            "version__programme__name",
            "version__year",
            place=Left("area_code", length),
        )
        .annotate(people=Count("pk"), oldest=Min(since))
        .order_by("oldest")
    )
    found = list(groups)
    pieces = [
        Piece(
            title=f"{row['version__programme__name']} {row['version__year']}",
            area_code=row["place"],
            since=row["oldest"],
            href=route(page, program=row["version_id"], wilayah=row["place"], **query),
            people=row["people"],
        )
        for row in found[:SHOWN]
    ]
    return sum(row["people"] for row in found), pieces


def _lists(rows: Any, since: str) -> tuple[int, list[Piece]]:
    rows = rows.select_related("version__programme", "stage").order_by(since, "pk")
    pieces = [
        Piece(
            title=f"{row.version.programme.name} {row.version.year}, {row.stage.name}",
            area_code=row.area_code,
            since=getattr(row, since),
            href=route("disbursements:list", row.pk),
            people=row.count,
            amount=row.total,
        )
        for row in rows[:SHOWN]
    ]
    return rows.count(), pieces


def _decrees(rows: Any, since: str) -> tuple[int, list[Piece]]:
    rows = rows.select_related("version__programme").order_by(since, "pk")
    pieces = [
        Piece(
            title=_("SK %(programme)s %(year)s")
            % {"programme": row.version.programme.name, "year": row.version.year},
            area_code=row.area_code,
            since=getattr(row, since),
            href=route("programs:decree", row.pk),
            people=row.count,
            amount=row.total,
        )
        for row in rows[:SHOWN]
    ]
    return rows.count(), pieces


def _moment(found: date | datetime) -> datetime:
    """The beginning of a day on the reader's clock; a moment stays as it is."""
    if isinstance(found, datetime):
        return found
    return datetime.combine(found, time(), tzinfo=timezone.get_current_timezone())


def _returns(rows: Any, since: str) -> tuple[int, list[Piece]]:
    """Returns heaped by pay list."""
    groups = list(
        rows.values(
            "line__pay_list",
            "line__pay_list__area_code",
            "line__pay_list__version__programme__name",
            "line__stage__name",
        )
        .annotate(people=Count("pk"), money=Sum("amount"), oldest=Min(since))
        .order_by("oldest")
    )
    pieces = [
        Piece(
            title=f"{row['line__pay_list__version__programme__name']}, {row['line__stage__name']}",
            area_code=row["line__pay_list__area_code"],
            since=_moment(row["oldest"]),
            href=route("disbursements:returns", daftar=row["line__pay_list"]),
            people=row["people"],
            amount=row["money"],
        )
        for row in groups[:SHOWN]
    ]
    return sum(row["people"] for row in groups), pieces


def to_verify(user: Any) -> tuple[int, list[Piece]]:
    """Proposals to judge; one's own proposals are somebody else's to judge."""
    rows = (
        Enrolment.objects.visible_to(user)
        .filter(state__in=[EnrolmentState.PROPOSED, EnrolmentState.IN_REVIEW])
        .exclude(proposed_by=user)
    )
    return _grouped(rows, since="proposed_at", length=8, page="programs:queue")


def to_correct(user: Any) -> tuple[int, list[Piece]]:
    """Proposals sent back to the regency."""
    rows = Enrolment.objects.visible_to(user).filter(state=EnrolmentState.NEEDS_CORRECTION)
    return _grouped(
        rows,
        since="decided_at",
        length=8,
        page="programs:proposals",
        keadaan=EnrolmentState.NEEDS_CORRECTION.value,
    )


def imports_to_end(user: Any) -> tuple[int, list[Piece]]:
    """My uploaded lists that are neither accepted nor refused."""
    waiting = [ImportState.UPLOADED, ImportState.CHECKED]
    rows = ImportBatch.objects.visible_to(user).filter(created_by=user, state__in=waiting)
    rows = rows.defer("sealed_file").order_by("created_at")
    pieces = [
        Piece(
            title=row.get_state_display(),
            area_code=row.area_code,
            since=row.created_at,
            href=route("beneficiaries:import", row.pk),
        )
        for row in rows[:SHOWN]
    ]
    return rows.count(), pieces


def decrees_to_draft(user: Any) -> tuple[int, list[Piece]]:
    """Eligible people who stand in no decree yet, by programme and regency."""
    rows = Enrolment.objects.visible_to(user).filter(state=EnrolmentState.ELIGIBLE)
    return _grouped(rows, since="decided_at", length=5, page="programs:decrees")


def decrees_to_submit(user: Any) -> tuple[int, list[Piece]]:
    """Draft decrees."""
    rows = Decree.objects.visible_to(user).filter(state=DecreeState.DRAFT)
    return _decrees(rows, "made_at")


def decrees_to_approve(user: Any) -> tuple[int, list[Piece]]:
    """Decrees that wait for a signature which the maker cannot give."""
    rows = Decree.objects.visible_to(user).filter(state=DecreeState.SUBMITTED)
    rows = rows.exclude(made_by=user).exclude(submitted_by=user)
    return _decrees(rows, "submitted_at")


def lists_to_prepare(user: Any) -> tuple[int, list[Piece]]:
    """Pay lists still to be locked or submitted."""
    rows = PayList.objects.visible_to(user).filter(state__in=[ListState.DRAFT, ListState.LOCKED])
    return _lists(rows, "made_at")


def lists_to_check(user: Any) -> tuple[int, list[Piece]]:
    """Submitted lists nobody has checked; the maker does not check."""
    rows = PayList.objects.visible_to(user).filter(state=ListState.AWAITING, checked_at=None)
    return _lists(rows.exclude(Q(made_by=user) | Q(locked_by=user)), "locked_at")


def lists_to_approve(user: Any) -> tuple[int, list[Piece]]:
    """Checked lists that wait for approval; maker and checker do not approve."""
    rows = PayList.objects.visible_to(user).filter(
        state=ListState.AWAITING, checked_at__isnull=False
    )
    own = Q(made_by=user) | Q(locked_by=user) | Q(checked_by=user)
    return _lists(rows.exclude(own), "checked_at")


def sp2d_to_record(user: Any) -> tuple[int, list[Piece]]:
    """Approved main lists without an SP2D."""
    rows = PayList.objects.visible_to(user).filter(state=ListState.APPROVED, kind=ListKind.MAIN)
    return _lists(rows, "approved_at")


def lists_to_send(user: Any) -> tuple[int, list[Piece]]:
    """Lists whose money is there and whose files have not gone to the bank."""
    follow_up = Q(state=ListState.APPROVED, kind=ListKind.FOLLOW_UP)
    rows = PayList.objects.visible_to(user).filter(Q(state=ListState.SP2D) | follow_up)
    return _lists(rows, "approved_at")


def results_awaited(user: Any) -> tuple[int, list[Piece]]:
    """Lists at the bank with lines it has not told us about."""
    rows = PayList.objects.visible_to(user).filter(
        state__in=[ListState.SENT, ListState.PARTLY_SETTLED]
    )
    return _lists(rows.annotate(since=Coalesce("sent_at", "approved_at")), "since")


def returns_to_decide(user: Any) -> tuple[int, list[Piece]]:
    """Returns without a decision."""
    rows = ReturnCase.objects.visible_to(user).filter(state=ReturnState.OPEN)
    return _returns(rows, "returned_on")


def returns_to_confirm(user: Any) -> tuple[int, list[Piece]]:
    """Decisions that wait for a second person."""
    rows = ReturnCase.objects.visible_to(user).filter(state=ReturnState.DECIDED, confirmed_at=None)
    return _returns(rows.exclude(decided_by=user), "decided_at")


def sts_to_record(user: Any) -> tuple[int, list[Piece]]:
    """Money to be paid back to kas daerah."""
    rows = ReturnCase.objects.visible_to(user).filter(
        state=ReturnState.DECIDED, decision=Decision.TREASURY, confirmed_at__isnull=False
    )
    return _returns(rows.filter(sts_date=None), "confirmed_at")


def lists_to_close(user: Any) -> tuple[int, list[Piece]]:
    """Main lists whose every line has ended."""
    rows = PayList.objects.visible_to(user).filter(state=ListState.SETTLED, kind=ListKind.MAIN)
    return _lists(rows.annotate(since=Coalesce("sent_at", "approved_at")), "since")


Reader = Callable[[Any], tuple[int, list[Piece]]]


@dataclass(frozen=True)
class Duty:
    """A heap's words, who has it, how it is read, where all of it stands."""

    key: str
    title: Any
    permission: P
    read: Reader
    page: str


_t = gettext_lazy
DUTIES = (
    Duty(
        "lists_approve",
        _t("Daftar bayar menunggu persetujuan"),
        P.PAYLIST_APPROVE,
        lists_to_approve,
        "disbursements:lists",
    ),
    Duty(
        "decrees_approve",
        _t("SK menunggu persetujuan"),
        P.DECREE_APPROVE,
        decrees_to_approve,
        "programs:decrees",
    ),
    Duty(
        "lists_check",
        _t("Daftar bayar menunggu pemeriksaan"),
        P.PAYLIST_CHECK,
        lists_to_check,
        "disbursements:lists",
    ),
    Duty(
        "returns_confirm",
        _t("Keputusan retur menunggu pengesahan"),
        P.RETURN_CONFIRM,
        returns_to_confirm,
        "disbursements:returns",
    ),
    Duty(
        "verify", _t("Usulan menunggu verifikasi"), P.PROPOSAL_VERIFY, to_verify, "programs:queue"
    ),
    Duty(
        "correct", _t("Usulan perlu perbaikan"), P.PROPOSAL_SUBMIT, to_correct, "programs:proposals"
    ),
    Duty(
        "imports", _t("Impor belum selesai"), P.IMPORT_RUN, imports_to_end, "beneficiaries:imports"
    ),
    Duty("sp2d", _t("SP2D perlu dicatat"), P.SP2D_RECORD, sp2d_to_record, "disbursements:lists"),
    Duty(
        "returns_decide",
        _t("Retur menunggu keputusan"),
        P.RETURN_DECIDE,
        returns_to_decide,
        "disbursements:returns",
    ),
    Duty(
        "sts",
        _t("Pengembalian belum disetor"),
        P.RETURN_DECIDE,
        sts_to_record,
        "disbursements:returns",
    ),
    Duty(
        "close", _t("Rekonsiliasi siap ditutup"), P.RECONCILE, lists_to_close, "disbursements:lists"
    ),
    Duty(
        "results",
        _t("Menunggu hasil dari bank"),
        P.BANK_RESULT,
        results_awaited,
        "disbursements:results",
    ),
    Duty(
        "decrees_draft",
        _t("Penerima layak belum masuk SK"),
        P.DECREE_PREPARE,
        decrees_to_draft,
        "programs:decrees",
    ),
    Duty(
        "decrees_submit",
        _t("SK masih draf"),
        P.DECREE_PREPARE,
        decrees_to_submit,
        "programs:decrees",
    ),
    Duty(
        "lists_prepare",
        _t("Daftar bayar belum diajukan"),
        P.PAYLIST_PREPARE,
        lists_to_prepare,
        "disbursements:lists",
    ),
    Duty(
        "files", _t("Berkas bank perlu dikirim"), P.BANK_FILE, lists_to_send, "disbursements:lists"
    ),
)


def heaps_for(user: Any, duties: tuple[Duty, ...] = DUTIES) -> list[Heap]:
    """Every heap of the user's duties that is not empty, or that could not be read."""
    found = [_read(user, duty) for duty in duties if user.can(duty.permission)]
    kept = [heap for heap in found if heap.count or heap.failed]
    names = names_of([piece.area_code for heap in kept for piece in heap.pieces])
    return [_named(heap, names) for heap in kept]


def _read(user: Any, duty: Duty) -> Heap:
    """One heap; when its reading fails, only this one says so and the page stands."""
    try:
        with transaction.atomic():
            count, pieces = duty.read(user)
    except Exception:
        log.exception("a part of the home page could not be read", extra={"duty": duty.key})
        return Heap(duty.key, duty.title, failed=True)
    return Heap(duty.key, duty.title, count, pieces, route(duty.page))


def _named(heap: Heap, names: dict[str, str]) -> Heap:
    pieces = [
        Piece(
            piece.title,
            piece.area_code,
            piece.since,
            piece.href or heap.more_href,
            piece.people,
            piece.amount,
            _place(piece.area_code, names),
        )
        for piece in heap.pieces
    ]
    return Heap(heap.key, heap.title, heap.count, pieces, heap.more_href, heap.failed)


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

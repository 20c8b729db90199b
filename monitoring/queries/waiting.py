"""What waits for somebody, duty by duty: how much of it, and its oldest pieces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce, Left
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from bansos.lib.dates import month_words
from bansos.lib.money import number
from beneficiaries.choices import ImportState
from beneficiaries.models import ImportBatch
from disbursements.choices import CorrectionKind, Decision, ListKind, ListState, ReturnState
from disbursements.models import CashCorrection, Correction, PayList, ReturnCase
from disbursements.rules.moves import AT_BANK
from programs.choices import (
    FIXED_KINDS,
    BenefitKind,
    DecreeState,
    EnrolmentState,
    PremiumRoundState,
    PremiumState,
    ShiftState,
)
from programs.models import (
    Appeal,
    Decree,
    Enrolment,
    PremiumLine,
    PremiumRound,
    ProgrammeEvent,
    QuotaShift,
)

TO_JUDGE = (EnrolmentState.PROPOSED, EnrolmentState.IN_REVIEW)
JUDGED = (EnrolmentState.ELIGIBLE, EnrolmentState.NOT_ELIGIBLE)

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


def route(name: str, *args: Any, **query: Any) -> str:
    """The address of a page, "" where this installation has no such page."""
    try:
        path = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def _grouped(
    rows: Any, *, since: str, length: int, page: str, version: str = "version", **query: Any
) -> tuple[int, list[Piece]]:
    """Proposals heaped by programme and area: nobody's name stands on the home page."""
    names = (version, f"{version}__programme__name", f"{version}__year")
    groups = (
        rows.values(
            *names,
            place=Left("area_code", length),
        )
        .annotate(people=Count("pk"), oldest=Min(since))
        .order_by("oldest")
    )
    found = list(groups)
    pieces = [
        Piece(
            title=f"{row[names[1]]} {row[names[2]]}",
            area_code=row["place"],
            since=row["oldest"],
            href=route(page, version=row[version], area=row["place"], **query),
            people=row["people"],
        )
        for row in found[:SHOWN]
    ]
    return sum(row["people"] for row in found), pieces


def _of_members(rows: Any, *, since: str, page: str) -> tuple[int, list[Piece]]:
    """What waits for a decision about enrolments, heaped the same way."""
    where = "enrolment__version"
    return _grouped(rows, since=since, length=5, page=page, version=where, waiting="true")


def _list_title(row: PayList) -> str:
    version = row.stage.version
    return f"{version.programme.name} {version.year}, {row.stage.name}"


def _oldest(rows: Any, since: str) -> tuple[int, list[Any]]:
    """How many there are and the oldest of them, in one query."""
    found = list(rows.annotate(everything=Window(Count("pk"))).order_by(since, "pk")[:SHOWN])
    return (found[0].everything if found else 0), found


def _lists(rows: Any, since: str) -> tuple[int, list[Piece]]:
    count, found = _oldest(rows.select_related("stage__version__programme"), since)
    pieces = [
        Piece(
            title=_list_title(row),
            area_code=row.area_code,
            since=getattr(row, since),
            href=route("disbursements:list", row.pk),
            people=row.count,
            amount=row.total,
        )
        for row in found
    ]
    return count, pieces


def _decrees(rows: Any, since: str) -> tuple[int, list[Piece]]:
    count, found = _oldest(rows.select_related("version__programme"), since)
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
        for row in found
    ]
    return count, pieces


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
    rows = Enrolment.objects.visible_to(user).filter(state__in=TO_JUDGE).exclude(proposed_by=user)
    return _grouped(rows, since="proposed_at", length=8, page="programs:queue")


def to_correct(user: Any) -> tuple[int, list[Piece]]:
    """Proposals sent back to the regency."""
    rows = Enrolment.objects.visible_to(user).filter(state=EnrolmentState.NEEDS_CORRECTION)
    return _grouped(
        rows,
        since="decided_at",
        length=8,
        page="programs:proposals",
        state=EnrolmentState.NEEDS_CORRECTION.value,
    )


def imports_to_end(user: Any) -> tuple[int, list[Piece]]:
    """My uploaded lists that are neither accepted nor refused."""
    waiting = [ImportState.UPLOADED, ImportState.CHECKED]
    rows = ImportBatch.objects.visible_to(user).filter(created_by=user, state__in=waiting)
    count, found = _oldest(rows.defer("sealed_file"), "created_at")
    pieces = [
        Piece(
            title=row.get_state_display(),
            area_code=row.area_code,
            since=row.created_at,
            href=route("beneficiaries:import", row.pk),
        )
        for row in found
    ]
    return count, pieces


def open_events(user: Any) -> QuerySet[Any]:
    """Events that wait for a second person."""
    rows: QuerySet[Any] = ProgrammeEvent.objects.visible_to(user).filter(decided_at=None)
    return rows.exclude(reported_by=user)


def events_to_decide(user: Any) -> tuple[int, list[Piece]]:
    """Events that wait for a second person, by programme and regency."""
    return _of_members(open_events(user), since="reported_at", page="programs:events")


def open_appeals(user: Any) -> QuerySet[Any]:
    """Appeals that wait for somebody who neither filed them nor made the decision."""
    rows: QuerySet[Any] = Appeal.objects.visible_to(user).filter(decided_at=None)
    return rows.exclude(Q(filed_by=user) | Q(contested_by=user))


def appeals_to_decide(user: Any) -> tuple[int, list[Piece]]:
    """Appeals that wait for a decision, by programme and regency."""
    return _of_members(open_appeals(user), since="filed_at", page="programs:appeals")


def open_shifts(user: Any) -> QuerySet[Any]:
    """Places on their way between regencies, asked for by somebody else."""
    rows: QuerySet[Any] = QuotaShift.objects.visible_to(user).filter(state=ShiftState.PROPOSED)
    return rows.exclude(proposed_by=user)


def shifts_to_decide(user: Any) -> tuple[int, list[Piece]]:
    """Each move of places with how many it is about, and where to."""
    count, found = _oldest(open_shifts(user).select_related("version__programme"), "proposed_at")
    pieces = [
        Piece(
            title=_("%(programme)s %(year)s, %(places)s tempat")
            % {
                "programme": row.version.programme.name,
                "year": row.version.year,
                "places": number(row.places),
            },
            area_code=row.to_area,
            since=row.proposed_at,
            href=route("programs:shifts", row.version_id),
        )
        for row in found
    ]
    return count, pieces


def open_premiums(user: Any) -> QuerySet[Any]:
    """Who is to come into a premium list, or to leave it; whom one added oneself is another's."""
    rows: QuerySet[Any] = PremiumLine.objects.visible_to(user).filter(
        state=PremiumState.WAITING, round__state=PremiumRoundState.OPEN
    )
    return rows.exclude(added_by=user)


def premiums_to_verify(user: Any) -> tuple[int, list[Piece]]:
    """Heaped by list and regency: nobody's name stands on the home page."""
    programme = "round__plan__version__programme__name"
    groups = list(
        open_premiums(user)
        .values("round", "round__month", programme, place=Left("area_code", 5))
        .annotate(people=Count("pk"), oldest=Min("added_at"))
        .order_by("oldest")
    )
    pieces = [
        Piece(
            title=f"{row[programme]}, {month_words(row['round__month'])}",
            area_code=row["place"],
            since=row["oldest"],
            href=route("programs:premium_round", row["round"]),
            people=row["people"],
        )
        for row in groups[:SHOWN]
    ]
    return sum(row["people"] for row in groups), pieces


def open_rounds(user: Any) -> QuerySet[Any]:
    """Premium lists whose every line is judged, and those the insurer has not answered."""
    undecided = PremiumLine.objects.filter(round=OuterRef("pk"), state=PremiumState.WAITING)
    rows: QuerySet[Any] = PremiumRound.objects.visible_to(user)
    return rows.exclude(state=PremiumRoundState.ANSWERED).filter(~Exists(undecided))


def premiums_to_send(user: Any) -> tuple[int, list[Piece]]:
    """Each list with what it waits for."""
    rows = open_rounds(user).select_related("plan__version__programme")
    count, found = _oldest(rows.annotate(since=Coalesce("sent_at", "made_at")), "since")
    pieces = [
        Piece(
            title=_("%(programme)s, %(month)s: %(state)s")
            % {
                "programme": row.plan.version.programme.name,
                "month": month_words(row.month),
                "state": _("siap dikirim")
                if row.state == PremiumRoundState.OPEN
                else _("menunggu jawaban penyelenggara"),
            },
            area_code=row.plan.version.programme.area_code,
            since=row.since,
            href=route("programs:premium_round", row.pk),
        )
        for row in found
    ]
    return count, pieces


def decrees_to_draft(user: Any) -> tuple[int, list[Piece]]:
    """Eligible people who stand in no decree yet, by programme and regency.

    A programme whose amount is not known yet cannot be decreed, so it waits for nobody.
    """
    rows = Enrolment.objects.visible_to(user).filter(state=EnrolmentState.ELIGIBLE)
    unknown = Q(version__benefit_kind__in=FIXED_KINDS, version__annual_amount=None)
    unshared = Q(version__benefit_kind=BenefitKind.FORMULA, version__formula_budget=None)
    rows = rows.exclude(unknown | unshared)
    return _grouped(rows, since="decided_at", length=5, page="programs:decree_new")


def decrees_to_submit(user: Any) -> tuple[int, list[Piece]]:
    """Draft decrees."""
    rows = Decree.objects.visible_to(user).filter(state=DecreeState.DRAFT)
    return _decrees(rows, "made_at")


def decrees_to_approve(user: Any) -> tuple[int, list[Piece]]:
    """Decrees that wait for a signature which the maker cannot give."""
    rows = Decree.objects.visible_to(user).filter(state=DecreeState.SUBMITTED)
    rows = rows.exclude(made_by=user).exclude(submitted_by=user)
    return _decrees(rows, "submitted_at")


def stages_due(user: Any) -> tuple[int, list[Piece]]:
    """Stages whose day has come, of programmes paid in money, without a pay list in their area.

    A stage paid by units or by formula has no amount of its own, so its piece says only how many.
    """
    listed = PayList.objects.filter(
        stage=OuterRef("stage"), area_code=OuterRef("area_code"), kind=ListKind.MAIN
    ).exclude(state=ListState.CANCELLED)
    rows = (
        Decree.objects.visible_to(user)
        .filter(state=DecreeState.APPROVED, count__gt=0)
        .exclude(version__benefit_kind=BenefitKind.GOODS)
        # One join to the stages: each annotation speaks of the same row.
        .annotate(
            stage=F("version__stages"),
            stage_name=F("version__stages__name"),
            day=F("version__stages__stage_date"),
            amount=F("version__stages__amount"),
        )
        .filter(~Exists(listed), day__lte=timezone.localdate())
        .order_by("day", "area_code")
        .values_list(
            *("area_code", "count", "version__programme__name", "version__year"),
            *("stage", "stage_name", "day", "amount"),
            Window(Count("pk")),
        )
    )
    found = list(rows[:SHOWN])
    pieces = [
        Piece(
            title=f"{programme} {year}, {name}",
            area_code=area,
            since=_moment(day),
            href=route("disbursements:list_new", stage=stage, area_code=area),
            people=count,
            amount=None if amount is None else amount * count,
        )
        for area, count, programme, year, stage, name, day, amount, _everything in found
    ]
    return (found[0][-1] if found else 0), pieces


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
    """Lists at the bank with lines it has not told us about; people and rupiah still unknown."""
    silent = Q(lines__state__in=AT_BANK)
    rows: Any = (
        PayList.objects.visible_to(user)
        .filter(state__in=[ListState.SENT, ListState.PARTLY_SETTLED])
        .annotate(
            missing=Count("lines", filter=silent),
            missing_amount=Sum("lines__amount", filter=silent),
        )
        .filter(missing__gt=0)
        .select_related("stage__version__programme")
        .order_by("sent_at", "pk")
    )
    found = list(rows)
    pieces = [
        Piece(
            title=_list_title(row),
            area_code=row.area_code,
            since=row.sent_at,
            href=route("disbursements:list", row.pk),
            people=row.missing,
            amount=row.missing_amount,
        )
        for row in found[:SHOWN]
    ]
    return len(found), pieces


def returns_to_decide(user: Any) -> tuple[int, list[Piece]]:
    """Returns without a decision."""
    rows = ReturnCase.objects.visible_to(user).filter(state=ReturnState.OPEN)
    return _returns(rows, "returned_on")


def returns_to_confirm(user: Any) -> tuple[int, list[Piece]]:
    """Decisions that wait for a second person."""
    rows = ReturnCase.objects.visible_to(user).filter(state=ReturnState.DECIDED, confirmed_at=None)
    return _returns(rows.exclude(decided_by=user), "decided_at")


def cash_corrections(user: Any) -> tuple[int, list[Piece]]:
    """Corrections of cash receipts for a third person, who neither recorded nor asked."""
    rows = CashCorrection.objects.visible_to(user).filter(confirmed_at=None, refused_at=None)
    rows = rows.exclude(Q(asked_by=user) | Q(recorded_by=user))
    count, found = _oldest(rows.select_related("receipt__counter__pay_list"), "asked_at")
    pieces = [
        Piece(
            title=_("Kuitansi loket %(number)s") % {"number": row.receipt.counter.pay_list.number},
            area_code=row.area_code,
            since=row.asked_at,
            href=route("disbursements:receipt", row.receipt_id),
            people=1,
            amount=row.receipt.amount,
        )
        for row in found
    ]
    return count, pieces


def paper_corrections(user: Any, kind: CorrectionKind) -> tuple[int, list[Piece]]:
    """Corrections of an STS or SP2D for a second person, who did not ask."""
    rows = Correction.objects.visible_to(user).filter(kind=kind, done_at=None, refused_at=None)
    rows = rows.exclude(decided_by=user).select_related("sts", "pay_list")
    count, found = _oldest(rows, "decided_at")
    pieces = []
    for row in found:
        paper = row.sts or row.pay_list
        page = "deposit" if row.sts else "sp2d_correct"
        pieces.append(
            Piece(
                title=f"{row.get_kind_display()}: {paper.number}",
                area_code=row.area_code,
                since=row.decided_at,
                href=route(f"disbursements:{page}", paper.pk),
                amount=row.sts.amount if row.sts else row.pay_list.sp2d_amount,
            )
        )
    return count, pieces


def returns_to_repay(user: Any) -> tuple[int, list[Piece]]:
    """Confirmed returns that a follow-up list is to pay."""
    rows = ReturnCase.objects.visible_to(user).filter(
        state=ReturnState.DECIDED,
        decision__in=[Decision.FOLLOW_UP, Decision.HEIR],
        confirmed_at__isnull=False,
    )
    return _returns(rows, "confirmed_at")


def unrecorded(user: Any) -> QuerySet[Any]:
    """Judged proposals that no Berita Acara names."""
    rows: QuerySet[Any] = Enrolment.objects.visible_to(user)
    return rows.filter(state__in=JUDGED, record=None)


def records_to_make(user: Any) -> tuple[int, list[Piece]]:
    """Districts whose proposals are all judged and not yet in a Berita Acara."""
    rows = (
        Enrolment.objects.visible_to(user)
        .values(
            "version_id", "version__programme__name", "version__year", place=Left("area_code", 8)
        )
        .annotate(
            open=Count("pk", filter=Q(state__in=TO_JUDGE)),
            people=Count("pk", filter=Q(state__in=JUDGED, record=None)),
            oldest=Max("decided_at", filter=Q(state__in=JUDGED, record=None)),
        )
        .filter(open=0, people__gt=0)
        .order_by("oldest")
    )
    found = list(rows)
    pieces = [
        Piece(
            title=f"{row['version__programme__name']} {row['version__year']}",
            area_code=row["place"],
            since=row["oldest"],
            href=route("programs:records", version=row["version_id"], area=row["place"]),
            people=row["people"],
        )
        for row in found[:SHOWN]
    ]
    return len(found), pieces


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

"""Creation of pay lists and the drawing of their lines, 500 enrolments at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.documents.services import next_number
from bansos.jobs import services as jobs
from bansos.lib.errors import NotFound, Refused
from bansos.lib.faults import point
from bansos.lib.scopes import covers
from bansos.regions.queries import full_name, names_of
from disbursements.choices import LIVE_LINES, LineState, ListState
from disbursements.models import ListMove, PayList, PaymentLine
from disbursements.queries.comparing import dry_run, open_accounts, paying_bank
from disbursements.rules.references import line_reference, list_number
from disbursements.services import moves
from disbursements.services.preflight import CHUNK, Progress, recount
from programs.models import Enrolment, Stage
from programs.queries.enrolments import active_enrolments

SEQUENCE = "disbursements.pay_list"


@transaction.atomic
def create_list(*, stage: Stage, area_code: str, by: User, at: datetime) -> PayList:
    """Make the main list of a stage and regency; its lines are drawn in the background.

    Raises NotFound outside the user's area, Refused with the first obstacle of the dry run.
    """
    moves.require_right(by, Permission.PAYLIST_PREPARE)
    if not area_code or not covers(by.area_code, area_code):
        raise NotFound("LIST-AREA", _("Wilayah itu tidak ada, atau di luar wilayah Anda."))
    plan = dry_run(stage=stage, area_code=area_code, user=by)
    if plan.obstacles or plan.decree is None or plan.budget is None or plan.allocation is None:
        raise Refused("LIST-OBSTACLE", plan.obstacles[0])
    version = stage.version
    agency = version.programme.agency
    sequence = next_number(agency=agency, kind=SEQUENCE, on=date(version.year, 1, 1))
    try:
        with transaction.atomic():
            pay_list = PayList.objects.create(
                number=list_number(agency.area_code, version.year, sequence),
                version=version,
                stage=stage,
                decree=plan.decree,
                budget=plan.budget,
                allocation=plan.allocation,
                area_code=area_code,
                made_at=at,
                made_by=by,
            )
    except IntegrityError as error:
        raise Refused(
            "LIST-ONCE",
            _(
                "Daftar untuk tahap dan wilayah ini baru saja dibuat orang lain. Tidak ada yang"
                " berubah. Buka daftar itu di halaman Daftar bayar."
            ),
        ) from error
    born(pay_list=pay_list, by=by, at=at)
    pay_list.job = jobs.submit(
        kind="disbursements.draw",
        title=_("Menyusun daftar bayar %(number)s") % {"number": pay_list.number},
        by=by,
        at=at,
        params={"list": pay_list.pk},
        total=plan.count,
    )
    pay_list.save(update_fields=["job"])
    return pay_list


def born(*, pay_list: PayList, by: User, at: datetime) -> None:
    """The first move of a list and its event in the trail."""
    ListMove.objects.create(pay_list=pay_list, new=ListState.DRAFT, at=at, by=by)
    audit.record(
        verb="disbursements.create_list",
        by=by,
        at=at,
        target=pay_list,
        number=pay_list.number,
        kind=pay_list.kind,
    )


def draw_step(*, pay_list: PayList, cursor: dict[str, object], at: datetime) -> Progress:
    """Draw the next 500 active enrolments by area and id; a crash repeats one step at most.

    Call inside a transaction that holds the list. Who already has a live payment in this stage
    (or whose family has, where the programme pays one per KK) is drawn as excluded, with why.
    """
    position = int(str(cursor.get("position", 0)))
    rows = _next_enrolments(pay_list, cursor)
    taken = _taken(pay_list, rows)
    bank = open_accounts(paying_bank(pay_list.stage.version))
    accounts = {row.person_id: row for row in bank.filter(person__in=[r.person_id for r in rows])}
    names = names_of(row.area_code for row in rows)
    lines = []
    for row in rows:
        position += 1
        account = accounts.get(row.person_id)
        reason = taken.get(row.pk, "")
        lines.append(
            PaymentLine(
                pay_list=pay_list,
                position=position,
                enrolment=row,
                stage=pay_list.stage,
                person=row.person,
                family_id=row.family_id,
                one_per_family=row.one_per_family,
                payee_name=row.person.name,
                address=_address(row, names),
                area_code=row.area_code,
                bank_code=account.bank_code if account else "",
                account_number=account.number if account else None,
                account_holder=account.holder_name if account else "",
                amount=pay_list.stage.amount,
                reference=line_reference(pay_list.number, position),
                state=LineState.EXCLUDED if reason else LineState.WAITING,
                exclude_reason=reason,
            )
        )
    PaymentLine.objects.bulk_create(lines)
    point("list.drawn")
    if len(rows) == CHUNK:
        last = rows[-1]
        cursor = {"position": position, "area": last.area_code, "id": last.pk}
        return Progress(False, position, cursor)
    PayList.objects.filter(pk=pay_list.pk).update(drawn_at=at)
    pay_list.drawn_at = at
    recount(pay_list)
    return Progress(True, position)


def _next_enrolments(pay_list: PayList, cursor: dict[str, object]) -> list[Enrolment]:
    people: QuerySet[Enrolment] = active_enrolments(
        version=pay_list.stage.version, area_code=pay_list.area_code
    )
    if "id" in cursor:
        area = str(cursor["area"])
        people = people.filter(
            Q(area_code__gt=area) | Q(area_code=area, pk__gt=int(str(cursor["id"])))
        )
    return list(people.select_related("person").order_by("area_code", "pk")[:CHUNK])


def _taken(pay_list: PayList, rows: Sequence[Enrolment]) -> dict[int, str]:
    """Enrolment id -> why it cannot be paid in this list."""
    live = PaymentLine.objects.filter(
        stage_id=pay_list.stage_id, state__in=LIVE_LINES
    ).select_related("pay_list")
    persons = {line.person_id: line for line in live.filter(person__in=[r.person_id for r in rows])}
    kin = {row.family_id for row in rows if row.one_per_family and row.family_id}
    families = {line.family_id: line for line in live.filter(family__in=kin, one_per_family=True)}
    found: dict[int, str] = {}
    drawn: set[int] = set()
    for row in rows:
        other = persons.get(row.person_id)
        family = row.family_id if row.one_per_family else None
        if other is None and family is not None:
            other = families.get(family)
        if other is not None:
            words = _("Sudah ada dalam daftar %(number)s untuk tahap ini.")
            found[row.pk] = words % {"number": other.pay_list.number}
        elif family is not None and family in drawn:
            found[row.pk] = _("Anggota KK yang sama sudah ada dalam daftar ini.")
        elif family is not None:
            drawn.add(family)
    return found


def _address(row: Enrolment, names: dict[str, str]) -> str:
    place = full_name(row.area_code, names)
    return ", ".join(part for part in (row.person.address, place) if part)[:250]


@transaction.atomic
def abandon(*, pay_list: PayList, by: User, at: datetime) -> None:
    """The drawing was cancelled: nothing of the list stays payable."""
    row = moves.lock_row(pay_list)
    if row.state != ListState.DRAFT:
        return
    row.lines.filter(state__in=[LineState.WAITING, LineState.EXCLUDED]).update(
        state=LineState.CANCELLED
    )
    moves.move(
        pay_list=row,
        to=ListState.CANCELLED,
        by=by,
        at=at,
        verb="disbursements.cancel_list",
        note=_("Penyusunan dibatalkan."),
        cancelled_at=at,
        cancelled_by=by,
        cancel_reason=_("Penyusunan dibatalkan."),
    )

"""Creation of pay lists and the drawing of their lines, 5,000 enrolments at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.documents.services import next_number
from bansos.jobs import services as jobs
from bansos.lib.bulk import bulk_cursor
from bansos.lib.dates import day_of
from bansos.lib.errors import NotFound, Refused
from bansos.lib.faults import point
from bansos.lib.scopes import covers
from bansos.regions.queries import full_name, names_of
from disbursements.choices import LineState, ListState
from disbursements.models import ListMove, PayList
from disbursements.queries.comparing import dry_run
from disbursements.queries.payto import PayTo, pay_to
from disbursements.queries.rails import paid_on
from disbursements.rules.references import POSITION_DIGITS, line_reference, list_number
from disbursements.services import moves
from disbursements.services.preflight import Progress, recount
from disbursements.services.years import require_open
from programs.models import Stage

SEQUENCE = "disbursements.pay_list"
CHUNK = 5_000
GIVEN_UP_AT_ONCE = 10_000

NEXT = """
SELECT area_code, MAX(id), COUNT(*) FROM (
    SELECT area_code, id FROM programs_enrolment
    WHERE version_id = %(version)s AND state = 'active' AND area_code LIKE %(prefix)s
        AND (area_code, id) > (%(after_area)s, %(after_id)s)
    ORDER BY area_code, id LIMIT %(limit)s
) part GROUP BY area_code ORDER BY area_code
"""

# One line per active enrolment with something to be paid. Where each part of a line comes from:
#   amount: the enrolment's entitlement in the stage, else the stage (`amount`);
#   payee name and address: the payee, else the person, the place by the enrolment;
#   account, its holder, its bank and the rail: see queries.payto. The number is copied as it is
#   sealed: both columns share one context, so no key is needed to draw.
# `src` is kept as it is read: its look-ups of other lists are named three times below.
DRAW = """
WITH src AS MATERIALIZED (
    SELECT e.id, e.person_id, e.payee_id, e.family_id, e.one_per_family, e.area_code,
        {due} AS due,
        COALESCE(
            (SELECT o.pay_list_id FROM disbursements_paymentline o
             WHERE o.stage_id = %(stage)s AND o.person_id = e.person_id
                 AND o.payee_id IS NULL AND e.payee_id IS NULL
                 AND o.not_live IS NULL LIMIT 1),
            {payee_paid}
            CASE WHEN e.one_per_family AND e.family_id IS NOT NULL THEN
                (SELECT o.pay_list_id FROM disbursements_paymentline o
                 WHERE o.stage_id = %(stage)s AND o.family_id = e.family_id AND o.one_per_family
                     AND o.not_live IS NULL LIMIT 1)
            END
        ) AS other_list
    FROM programs_enrolment e {entitlement}
    WHERE e.version_id = %(version)s AND e.state = 'active' AND e.area_code = ANY(%(areas)s)
        AND {due} > 0
        AND (e.area_code, e.id) > (%(after_area)s, %(after_id)s)
        AND (e.area_code, e.id) <= (%(last_area)s, %(last_id)s)
), judged AS (
    SELECT src.*,
        row_number() OVER (ORDER BY area_code, id) + %(position)s AS position,
        one_per_family AND family_id IS NOT NULL AND other_list IS NULL AND row_number() OVER (
            PARTITION BY family_id, one_per_family, other_list IS NULL ORDER BY area_code, id
        ) > 1 AS is_second
    FROM src
)
INSERT INTO disbursements_paymentline (
    pay_list_id, position, enrolment_id, stage_id, person_id, payee_id, family_id,
    one_per_family, rail, payee_name, address, area_code, bank_code,
    account_number, account_index, account_holder,
    amount, reference, state, exclude_reason
)
SELECT %(list)s, j.position, j.id, %(stage)s, j.person_id, j.payee_id, j.family_id,
    j.one_per_family, {rail}, {name},
    left(concat_ws(', ', NULLIF({address}, ''), NULLIF(%(places)s::jsonb ->> j.area_code, '')),
        250),
    j.area_code, COALESCE(a.bank_code, ''), a.number, a.number_index,
    COALESCE(a.holder_name, ''), j.due,
    %(prefix)s || lpad(j.position::text, %(digits)s, '0'),
    CASE WHEN j.other_list IS NULL AND NOT j.is_second THEN 'waiting' ELSE 'excluded' END,
    CASE WHEN j.other_list IS NOT NULL
            THEN left(replace(%(elsewhere)s, '%%(number)s', other.number), 250)
        WHEN j.is_second THEN %(same_family)s ELSE '' END
FROM judged j
JOIN beneficiaries_person p ON p.id = j.person_id
LEFT JOIN disbursements_paylist other ON other.id = j.other_list
{account}
ORDER BY j.position
"""
ENTITLEMENT = """LEFT JOIN programs_stageentitlement t
        ON t.enrolment_id = e.id AND t.stage_id = %(stage)s"""
PAYEE_PAID = """CASE WHEN e.payee_id IS NOT NULL THEN
                (SELECT o.pay_list_id FROM disbursements_paymentline o
                 WHERE o.stage_id = %(stage)s AND o.payee_id = e.payee_id
                     AND o.not_live IS NULL LIMIT 1)
            END,"""


@transaction.atomic
def create_list(*, stage: Stage, area_code: str, by: User, at: datetime) -> PayList:
    """Make the main list of a stage and regency; its lines are drawn in the background.

    Raises NotFound outside the user's area, Refused with the first obstacle of the dry run.
    """
    moves.require_right(by, Permission.PAYLIST_PREPARE)
    if not area_code or not covers(by.area_code, area_code):
        raise NotFound("LIST-AREA", _("Wilayah itu tidak ada, atau di luar wilayah Anda."))
    require_open(stage.version.programme.agency_id, stage.version.year)
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
    """Draw the next 5,000 active enrolments by area and id; a crash repeats one step at most.

    Call inside a transaction that holds the list. Who already has a live payment in this stage
    (or whose family has, where the programme pays one per KK) is drawn as excluded, with why.
    The lines are written by one INSERT .. SELECT, see DRAW: what a line pays, to whom and where
    is said there and nowhere else.
    """
    position = int(str(cursor.get("position", 0)))
    part = _next_part(pay_list, cursor)
    drawn = _insert(pay_list, part, position, at) if part.areas else 0
    position += drawn
    point("list.drawn")
    if part.is_full and position == drawn:
        moves.new_statistics()
    if part.is_full:
        cursor = {"position": position, "area": part.last_area, "id": part.last_id}
        return Progress(False, position, cursor)
    if position >= moves.MANY_LINES:
        moves.new_statistics()
    PayList.objects.filter(pk=pay_list.pk).update(drawn_at=at)
    pay_list.drawn_at = at
    recount(pay_list)
    return Progress(True, position)


@dataclass(frozen=True)
class _Part:
    """The enrolments behind (after_area, after_id] up to (last_area, last_id]."""

    after_area: str
    after_id: int
    last_area: str
    last_id: int
    areas: list[str]
    is_full: bool


def _next_part(pay_list: PayList, cursor: dict[str, object]) -> _Part:
    after_area, after_id = str(cursor.get("area", "")), int(str(cursor.get("id", 0)))
    with bulk_cursor() as db:
        db.execute(
            NEXT,
            {
                "version": pay_list.stage.version_id,
                "prefix": f"{pay_list.area_code}%",
                "after_area": after_area,
                "after_id": after_id,
                "limit": CHUNK,
            },
        )
        found = db.fetchall()
    if not found:
        return _Part(after_area, after_id, after_area, after_id, [], False)
    last_area, last_id, _count = found[-1]
    full = sum(row[2] for row in found) == CHUNK
    return _Part(after_area, after_id, last_area, last_id, [row[0] for row in found], full)


def _insert(pay_list: PayList, part: _Part, position: int, at: datetime) -> int:
    """Write the lines of one part; how many."""
    today = day_of(at, pay_list.budget.agency.zone)
    names = names_of(part.areas)
    to = pay_to(pay_list.stage, on=paid_on(pay_list, today))
    with bulk_cursor() as db:
        db.execute(
            _draw(to),
            {
                **to.params,
                "list": pay_list.pk,
                "stage": pay_list.stage_id,
                "version": pay_list.stage.version_id,
                "amount": pay_list.stage.amount,
                "prefix": line_reference(pay_list.number, 1)[:-POSITION_DIGITS],
                "digits": POSITION_DIGITS,
                "position": position,
                "places": json.dumps({area: full_name(area, names) for area in part.areas}),
                "areas": part.areas,
                "after_area": part.after_area,
                "after_id": part.after_id,
                "last_area": part.last_area,
                "last_id": part.last_id,
                "elsewhere": str(_("Sudah ada dalam daftar %(number)s untuk tahap ini.")),
                "same_family": str(_("Anggota KK yang sama sudah ada dalam daftar ini.")),
            },
        )
        return int(db.rowcount)


def _draw(to: PayTo) -> str:
    """The statement for how this stage is paid."""
    common = "%(amount)s::numeric"
    return DRAW.format(
        due=f"COALESCE(t.amount, {common})" if to.entitled else common,
        entitlement=ENTITLEMENT if to.entitled else "",
        payee_paid=PAYEE_PAID if to.has_payee else "",
        rail=to.rail("j.due"),
        name=to.name,
        address=to.address,
        account=to.account("j"),
    )


@transaction.atomic
def abandon(*, pay_list: PayList, by: User, at: datetime) -> None:
    """The drawing was cancelled: nothing of the list stays payable.

    Of a long list the lines follow by a job of its own, so that who cancels does not wait: until
    its end the list is a draft that is not drawn, which nobody can lock or draw anew.
    """
    row = moves.lock_row(pay_list)
    if row.state != ListState.DRAFT:
        return
    if _last_position(row) < settings.LONG_LIST_LINES:
        progress = Progress(False)
        while not progress.finished:
            progress = give_up_step(pay_list=row, cursor=progress.cursor, by=by, at=at)
        return
    job = jobs.submit(
        kind=moves.GIVE_UP_JOB,
        title=_("Membatalkan daftar bayar %(number)s") % {"number": row.number},
        by=by,
        at=at,
        params={"list": row.pk},
        total=_last_position(row),
    )
    PayList.objects.filter(pk=row.pk).update(job=job, drawn_at=None)


def give_up_step(
    *, pay_list: PayList, cursor: Mapping[str, object], by: User, at: datetime
) -> Progress:
    """Take the next lines of an abandoned draft out, the list itself with the last of them.

    Call inside a transaction that holds the list. A list that is no draft any more is left alone.
    """
    if pay_list.state != ListState.DRAFT:
        return Progress(True)
    after = int(str(cursor.get("position", 0)))
    upto, last = after + GIVEN_UP_AT_ONCE, _last_position(pay_list)
    pay_list.lines.filter(
        position__gt=after,
        position__lte=upto,
        state__in=[LineState.WAITING, LineState.EXCLUDED],
    ).update(state=LineState.CANCELLED)
    if upto < last:
        return Progress(False, upto, {"position": upto})
    moves.move(
        pay_list=pay_list,
        to=ListState.CANCELLED,
        by=by,
        at=at,
        verb="disbursements.cancel_list",
        note=_("Penyusunan dibatalkan."),
        cancelled_at=at,
        cancelled_by=by,
        cancel_reason=_("Penyusunan dibatalkan."),
    )
    return Progress(True, last)


def _last_position(pay_list: PayList) -> int:
    return int(pay_list.lines.aggregate(last=Max("position"))["last"] or 0)

"""Writes of what a proposal shows: its way in, its assessments, its plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission as P
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from programs.choices import HOLDING, Channel, EnrolmentState
from programs.models import Assessment, BusinessPlan, Enrolment, PlanLine, ProposalSource
from programs.queries.assessing import plan_gap, plan_limits
from programs.rules.assessing import (
    SourceWords,
    allowed_channels,
    answer_problems,
    coded_kinds,
    kinds_problem,
    missing_source,
    plan_problem,
    score_of,
)
from programs.services.enrolments import check_reach

# From the decision on, what was judged stays as it was judged.
OPEN = (
    EnrolmentState.DRAFT,
    EnrolmentState.PROPOSED,
    EnrolmentState.IN_REVIEW,
    EnrolmentState.NEEDS_CORRECTION,
)
FIELD = (P.PROPOSAL_SUBMIT, P.PROPOSAL_VERIFY)
MOST_LINES = 40


def is_open(enrolment: Enrolment) -> bool:
    """Whether a proposal is still to be judged."""
    return enrolment.state in OPEN and enrolment.record_id is None


def may_plan(enrolment: Enrolment) -> bool:
    """Whether a plan may be saved: before the judgement, and after it while none fits.

    Without a plan that fits no decree names the person and no pay list pays them, so it is put
    right at any time until their help has ended.
    """
    return is_open(enrolment) or (enrolment.state in HOLDING and bool(plan_gap(enrolment)))


def _still_open(
    enrolment: Enrolment, *, by: User, may: Callable[[Enrolment], bool] = is_open
) -> Enrolment:
    if not by.can_any(FIELD):
        raise NotAllowed("ASSESS-RIGHT", _("Peran Anda tidak boleh melakukan ini."))
    row: Enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("version__programme__agency", "payee")
        .get(pk=enrolment.pk)
    )
    check_reach(by=by, area_code=row.area_code)
    if not may(row):
        raise Refused(
            "ASSESS-JUDGED",
            _("Usulan ini sudah diputus, jadi isinya tidak dapat diubah. Tidak ada yang disimpan."),
        )
    return row


@transaction.atomic
def record_source(
    *, enrolment: Enrolment, channel: str, words: SourceWords, by: User, at: datetime
) -> ProposalSource:
    """Say which way a proposal came in, with its letter; a self-proposal is held.

    Raises BadInput for a way the version does not allow, without what that way must show, or for
    another way while a self-proposal is held: its own maker does not lift the hold.
    """
    row = _still_open(enrolment, by=by)
    if not by.can(P.PROPOSAL_SUBMIT):
        raise NotAllowed("SOURCE-RIGHT", _("Jalur usulan dicatat oleh petugas kabupaten/kota."))
    check_channel(row.version.proposal_channels, channel)
    wrong = {name: _("Belum diisi.") for name in missing_source(channel, words)}
    today = day_of(at, row.version.programme.agency.zone)
    if words.letter_date is not None and words.letter_date > today:
        wrong["letter_date"] = _("Tanggal surat tidak boleh di masa depan.")
    if wrong:
        raise BadInput("SOURCE-INPUT", _("Jalur usulan belum disimpan."), fields=wrong)
    old = ProposalSource.objects.filter(enrolment=row).first()
    if old is not None and old.is_held and channel != Channel.SELF:
        sentence = _(
            "Usulan sendiri ini masih ditahan, jadi jalurnya belum dapat diganti. Tidak ada yang"
            " disimpan. Minta verifikator memeriksanya dulu."
        )
        raise BadInput("SOURCE-HELD", sentence, fields={"channel": sentence})
    freed = old is not None and old.freed_at is not None
    held = channel == Channel.SELF and not freed
    # Whoever checked a self-proposal stays on record; another way in starts afresh.
    kept = {} if held or channel == Channel.SELF else {"freed_at": None, "freed_by": None}
    made = {} if freed and channel == Channel.SELF else {"made_at": at, "made_by": by}
    source, _made = ProposalSource.objects.update_or_create(
        enrolment=row, defaults={**asdict(words), **kept, **made, "is_held": held}
    )
    Enrolment.objects.filter(pk=row.pk).update(channel=channel)
    audit.record(verb="programs.record_source", by=by, at=at, target=row, channel=channel)
    return source


def check_channel(rules: Sequence[str], channel: str) -> None:
    """Refuse a way in that the version does not name."""
    allowed = allowed_channels(rules)
    if channel in allowed:
        return
    names = ", ".join(str(Channel(code).label) for code in allowed)
    sentence = _("Program ini tidak menerima jalur itu. Yang diterima: %(names)s.") % {
        "names": names
    }
    raise BadInput("PROP-CHANNEL", sentence, fields={"channel": sentence})


def check_free(enrolment: Enrolment) -> None:
    """Refuse a self-proposal that nobody has looked at yet."""
    if ProposalSource.objects.filter(enrolment=enrolment, is_held=True).exists():
        raise Refused(
            "SOURCE-HELD",
            _(
                "Usulan sendiri ini ditahan sampai verifikator memeriksa identitasnya. Belum"
                " diajukan. Minta verifikator menerimanya."
            ),
        )


@transaction.atomic
def free_proposal(*, enrolment: Enrolment, by: User, at: datetime) -> ProposalSource:
    """Let a self-proposal go on after its identity was checked; not by who typed it."""
    if not by.can(P.PROPOSAL_VERIFY):
        raise NotAllowed("SOURCE-FREE", _("Usulan sendiri diterima oleh verifikator."))
    check_reach(by=by, area_code=enrolment.area_code)
    row = ProposalSource.objects.select_for_update().filter(enrolment=enrolment).first()
    if row is None or not row.is_held:
        raise Stale("SOURCE-STALE", _("Usulan ini tidak ditahan. Muat ulang halamannya."))
    if row.made_by_id == by.pk:
        raise NotAllowed("SOURCE-OWN", _("Anda mencatat usulan ini; orang lain menerimanya."))
    row.is_held, row.freed_at, row.freed_by = False, at, by
    row.save(update_fields=["is_held", "freed_at", "freed_by"])
    audit.record(verb="programs.free_proposal", by=by, at=at, target=enrolment)
    return row


@transaction.atomic
def assess(
    *,
    enrolment: Enrolment,
    form_code: str,
    answers: Mapping[str, int],
    assessed_on: date,
    note: str,
    by: User,
    at: datetime,
) -> Assessment:
    """Keep one filled assessment form with its score; earlier ones stay.

    Raises BadInput for an unknown form, a missing answer, points beyond the question or a day in
    the future; Refused once the proposal is judged.
    """
    row = _still_open(enrolment, by=by)
    form = next((f for f in row.version.assessment_forms if f["code"] == form_code), None)
    if form is None:
        raise BadInput("ASSESS-FORM", _("Formulir penilaian ini tidak ada di aturan program."))
    known = {str(question["code"]) for question in form["questions"]}
    given = {code: points for code, points in answers.items() if code in known}
    wrong = answer_problems(form, given)
    if assessed_on > day_of(at, row.version.programme.agency.zone):
        wrong["assessed_on"] = _("Tanggal penilaian tidak boleh di masa depan.")
    if wrong:
        raise BadInput("ASSESS-INPUT", _("Penilaian belum disimpan."), fields=wrong)
    score, most = score_of(form, given)
    limit = form.get("pass")
    last = row.assessments.filter(form_code=form_code).aggregate(last=Max("round"))["last"]
    made: Assessment = Assessment.objects.create(
        enrolment=row,
        form_code=form_code,
        round=(last or 0) + 1,
        answers=given,
        score=score,
        most=most,
        passed=None if limit is None else score >= limit,
        note=note.strip(),
        assessed_on=assessed_on,
        made_at=at,
        made_by=by,
    )
    audit.record(verb="programs.assess", by=by, at=at, target=row, form=form_code, round=made.round)
    return made


@dataclass(frozen=True, kw_only=True)
class PlanItem:
    """One item of a plan."""

    section: str
    name: str
    volume: int
    unit: str
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        """Volume times price."""
        return self.volume * self.unit_price


@transaction.atomic
def save_plan(
    *,
    enrolment: Enrolment,
    business_kind: str,
    business_name: str,
    items: Sequence[PlanItem],
    by: User,
    at: datetime,
) -> BusinessPlan:
    """Keep a plan whose total is the grant; earlier plans stay.

    Raises BadInput when the total differs, the business is none of the programme's kinds, or an
    item is incomplete; Refused while the amount of the programme is open, and once the proposal is
    judged unless the plan the programme requires is missing or no longer fits.
    """
    row = _still_open(enrolment, by=by, may=may_plan)
    limits = plan_limits(row)
    if limits is None:
        raise Refused(
            "PLAN-AMOUNT",
            _("Besaran bantuan belum ditetapkan, jadi RAB belum disimpan. Isi besarannya dulu."),
        )
    _check_plan(row, business_kind, business_name, items)
    total = sum((item.amount for item in items), Decimal(0))
    lowest, grant = limits
    if sentence := plan_problem(total=total, lowest=lowest, grant=grant):
        raise BadInput("PLAN-TOTAL", sentence)
    last = row.plans.aggregate(last=Max("round"))["last"]
    plan: BusinessPlan = BusinessPlan.objects.create(
        enrolment=row,
        round=(last or 0) + 1,
        business_kind=business_kind,
        business_name=business_name.strip()[:120],
        lowest=lowest,
        grant=grant,
        total=total,
        made_at=at,
        made_by=by,
    )
    PlanLine.objects.bulk_create(
        PlanLine(plan=plan, position=position, amount=item.amount, **vars(item))
        for position, item in enumerate(items, start=1)
    )
    audit.record(verb="programs.save_plan", by=by, at=at, target=row, plan=plan.pk, total=total)
    return plan


def _check_plan(
    row: Enrolment, business_kind: str, business_name: str, items: Sequence[PlanItem]
) -> None:
    rules = row.version.plan_rules
    if sentence := kinds_problem(rules):
        raise Refused("PLAN-KINDS", sentence)
    wrong: dict[str, str] = {}
    kinds = coded_kinds(rules)
    if kinds and business_kind not in kinds:
        wrong["business_kind"] = _("Pilih salah satu jenis usaha program ini.")
    if not business_name.strip():
        wrong["business_name"] = _("Belum diisi.")
    if wrong:
        raise BadInput("PLAN-INPUT", _("RAB belum disimpan. Periksa isiannya."), fields=wrong)
    if not items or len(items) > MOST_LINES:
        raise BadInput("PLAN-LINES", _("Isi 1 sampai 40 barang. RAB belum disimpan."))
    sections = {str(section["code"]) for section in rules.get("sections", [])}
    for place, item in enumerate(items, start=1):
        known = not sections or item.section in sections
        if not known or not item.name.strip() or item.volume < 1 or item.unit_price <= 0:
            raise BadInput(
                "PLAN-LINE",
                _("Baris %(place)s belum lengkap. RAB belum disimpan.") % {"place": place},
            )

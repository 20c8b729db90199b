"""Reads of what a proposal must show: way in, papers, assessments, plan; scores for criteria."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.lib.money import rupiah
from bansos.lib.parts import Task, Word
from beneficiaries.models import Group
from beneficiaries.rules.groups import SETTLED
from programs.choices import VISIT_PHOTO, BenefitKind, Channel, PayeeKind
from programs.models import (
    Assessment,
    BusinessPlan,
    Enrolment,
    ProgrammeVersion,
    ProposalSource,
    StageEntitlement,
)
from programs.rules.assessing import SourceWords, amount_of, missing_source, plan_problem

GOOD, WAITING, OPTIONAL = "baik", "menunggu", "netral"


def scores_for(person_ids: Iterable[int], version: ProgrammeVersion) -> dict[int, dict[str, int]]:
    """Person id -> form code -> points of the newest assessment in a version; one query.

    Nobody and nothing that was not assessed is in the answer: unknown, not zero.
    """
    rows = (
        Assessment.objects.filter(
            enrolment__version=version, enrolment__person_id__in=list(person_ids)
        )
        .order_by("round", "pk")
        .values_list("enrolment__person_id", "form_code", "score")
    )
    found: dict[int, dict[str, int]] = {}
    for person_id, code, score in rows:
        found.setdefault(person_id, {})[code] = score
    return found


def newest_assessments(enrolment: Enrolment) -> dict[str, Assessment]:
    """Form code -> its newest assessment."""
    return {row.form_code: row for row in enrolment.assessments.order_by("round")}


def newest_plan(enrolment: Enrolment) -> BusinessPlan | None:
    """The plan that counts."""
    found: BusinessPlan | None = enrolment.plans.order_by("-round").first()
    return found


def source_of(enrolment: Enrolment) -> ProposalSource | None:
    """Where the proposal comes from, when it was recorded."""
    return ProposalSource.objects.filter(enrolment=enrolment).first()


def is_held(enrolment: Enrolment) -> bool:
    """Whether a self-proposal waits for somebody to check who it is."""
    return bool(ProposalSource.objects.filter(enrolment=enrolment, is_held=True).exists())


def source_words(row: ProposalSource | None) -> SourceWords:
    """What is known of it, as the rules read it."""
    if row is None:
        return SourceWords()
    return SourceWords(
        office=row.office,
        letter_number=row.letter_number,
        letter_date=row.letter_date,
        village_head=row.village_head,
        district_head=row.district_head,
    )


def grant_of(enrolment: Enrolment) -> Decimal | None:
    """What an enrolment is to receive in the year; None while nobody knows."""
    return grants_of(enrolment.version, [enrolment])[enrolment.pk]


def grants_of(version: ProgrammeVersion, rows: Sequence[Enrolment]) -> dict[int, Decimal | None]:
    """Enrolment id -> what it is to receive in the year; two queries for any number.

    The entitlements it has; else the year's amount. A tariff is per member for a group: what
    Permensos 2/2019 gives a KUBE.
    """
    own = StageEntitlement.objects.filter(enrolment__in=[row.pk for row in rows])
    sums = own.order_by().values_list("enrolment").annotate(total=Sum("amount"))
    found: dict[int, Decimal | None] = {pk: Decimal(total) for pk, total in sums if total}
    tariff = version.tariff if version.benefit_kind == BenefitKind.TARIFF else None
    members = _members(rows) if tariff is not None else {}
    for row in rows:
        if row.pk not in found:
            heads = members.get(row.payee_id or 0, 0)
            by_head = tariff * heads if tariff is not None and heads else None
            found[row.pk] = version.annual_amount if tariff is None else by_head
    return found


def _members(rows: Sequence[Enrolment]) -> dict[int, int]:
    """Payee id -> members of the group today."""
    groups = Group.objects.filter(payee__in=[row.payee_id for row in rows if row.payee_id])
    here = Count("members", filter=Q(members__left_on=None))
    return dict(groups.order_by().values_list("payee").annotate(heads=here))


def plan_limits(enrolment: Enrolment) -> tuple[Decimal, Decimal] | None:
    """(lowest, highest) total of a plan: the same amount twice unless the programme has a span."""
    grant = grant_of(enrolment)
    return None if grant is None else _limits(enrolment.version, grant)


def _limits(version: ProgrammeVersion, grant: Decimal) -> tuple[Decimal, Decimal]:
    lowest = amount_of(version.plan_rules.get("lowest"))
    return (lowest if lowest is not None and lowest <= grant else grant), grant


def plan_gaps(version: ProgrammeVersion, rows: Sequence[Enrolment]) -> dict[int, str]:
    """Enrolment id -> what its required plan lacks today; whose plan fits is missing.

    While the amount is open nobody can plan it; the decree waits for the amount anyway. An amount
    or a payee that changed since makes a plan that once fitted a wrong one.
    """
    if not version.plan_rules.get("required"):
        return {}
    newest = BusinessPlan.objects.filter(enrolment__in=[row.pk for row in rows])
    newest = newest.order_by("enrolment", "-round").distinct("enrolment")
    totals = dict(newest.values_list("enrolment", "total"))
    found = {}
    for pk, grant in grants_of(version, rows).items():
        if grant is None:
            continue
        lowest, highest = _limits(version, grant)
        if pk not in totals:
            found[pk] = _("RAB belum disimpan.")
        elif plan_problem(total=totals[pk], lowest=lowest, grant=highest):
            words = {"total": rupiah(totals[pk]), "grant": rupiah(highest)}
            found[pk] = _("RAB %(total)s tidak lagi sesuai besaran bantuan %(grant)s.") % words
    return found


def plan_gap(enrolment: Enrolment) -> str:
    """What the required plan of one enrolment lacks; "" when nothing."""
    return plan_gaps(enrolment.version, [enrolment]).get(enrolment.pk, "")


def proposal_gaps(enrolment: Enrolment) -> list[str]:
    """What keeps a proposal from being judged eligible besides its criteria, in sentences."""
    version, found = enrolment.version, []
    source = source_of(enrolment)
    if source is not None and source.is_held:
        found.append(_("Usulan sendiri ini belum diterima oleh pemeriksa."))
    if missing_source(enrolment.channel, source_words(source)):
        label = Channel(enrolment.channel).label.lower()
        found.append(_("Surat dan pejabat %(channel)s belum lengkap.") % {"channel": label})
    payee = enrolment.payee
    is_group = payee is not None and payee.kind == PayeeKind.GROUP
    if payee is not None and is_group and payee.group.state not in SETTLED:
        found.append(_("Anggota kelompok belum diperiksa, atau kurang sejak diperiksa."))
    done = newest_assessments(enrolment)
    for form in version.assessment_forms:
        row = done.get(str(form["code"]))
        if form.get("required") and row is None:
            found.append(_("%(form)s belum diisi.") % {"form": form["label"]})
        elif row is not None and row.passed is False:
            words = {"form": form["label"], "score": row.score, "limit": form["pass"]}
            found.append(_("%(form)s bernilai %(score)s, paling sedikit %(limit)s.") % words)
    if gap := plan_gap(enrolment):
        found.append(gap)
    return found


def paper_labels(version: ProgrammeVersion) -> dict[str, str]:
    """Code -> what a paper of a proposal is called; the photo of a visit is one of them."""
    asked = {str(row["code"]): str(row["label"]) for row in version.required_documents}
    return {VISIT_PHOTO: _("Foto kunjungan"), **asked}


def missing_papers(enrolment: Enrolment) -> list[str]:
    """Labels of required papers nobody added."""
    there = set(enrolment.papers.values_list("code", flat=True))
    return [
        str(row["label"])
        for row in enrolment.version.required_documents
        if row.get("required") and row["code"] not in there
    ]


def proposal_tasks(enrolment: Enrolment, *, missing: list[str]) -> list[Task]:
    """The parts a proposal needs, each with its state and its page; `missing`: papers not there."""
    tasks = [_source_task(enrolment)]
    if enrolment.version.required_documents:
        word = (
            Word(WAITING, _("Kurang %(count)s") % {"count": len(missing)})
            if missing
            else Word(GOOD, _("Lengkap"))
        )
        tasks.append(Task(label=_("Dokumen"), href="#dokumen", word=word, hint=", ".join(missing)))
    done = newest_assessments(enrolment)
    tasks += [_form_task(enrolment, form, done) for form in enrolment.version.assessment_forms]
    if enrolment.version.plan_rules:
        tasks.append(_plan_task(enrolment))
    return tasks


def _source_task(enrolment: Enrolment) -> Task:
    source = source_of(enrolment)
    word = Word(GOOD, _("Lengkap"))
    if source is not None and source.is_held:
        word = Word(WAITING, _("Ditahan"))
    elif missing_source(enrolment.channel, source_words(source)):
        word = Word(WAITING, _("Belum lengkap"))
    return Task(
        label=_("Jalur usulan: %(channel)s") % {"channel": Channel(enrolment.channel).label},
        href=reverse("programs:source", args=[enrolment.pk]),
        word=word,
    )


def _form_task(enrolment: Enrolment, form: dict[str, Any], done: dict[str, Assessment]) -> Task:
    row = done.get(str(form["code"]))
    if row is None:
        needed = form.get("required")
        word = Word(WAITING if needed else OPTIONAL, _("Belum") if needed else _("Tidak wajib"))
    else:
        tone = "masalah" if row.passed is False else GOOD
        word = Word(
            tone, _("Nilai %(score)s dari %(most)s") % {"score": row.score, "most": row.most}
        )
    return Task(
        label=str(form["label"]),
        href=reverse("programs:assess", args=[enrolment.pk, form["code"]]),
        word=word,
    )


def _plan_task(enrolment: Enrolment) -> Task:
    row = newest_plan(enrolment)
    needed = enrolment.version.plan_rules.get("required")
    gap = plan_gap(enrolment)
    if row is not None:
        word = Word("masalah" if gap else GOOD, rupiah(row.total))
    else:
        word = Word(WAITING if needed else OPTIONAL, _("Belum") if needed else _("Tidak wajib"))
    return Task(
        label=_("Rencana anggaran biaya (RAB)"),
        href=reverse("programs:plan", args=[enrolment.pk]),
        word=word,
        hint=gap,
    )

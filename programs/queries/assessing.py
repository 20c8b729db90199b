"""Reads of what a proposal must show: way in, papers, assessments, plan; scores for criteria."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.lib.money import rupiah
from bansos.lib.parts import Task, Word
from beneficiaries.rules.groups import SETTLED
from programs.choices import BenefitKind, Channel, PayeeKind
from programs.models import (
    Assessment,
    BusinessPlan,
    Enrolment,
    ProgrammeVersion,
    ProposalSource,
    StageEntitlement,
)
from programs.rules.assessing import SourceWords, amount_of, missing_source

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
    """What an enrolment is to receive in the year; None while nobody knows.

    The entitlements it has; else the year's amount. A tariff is per member for a group: what
    Permensos 2/2019 gives a KUBE.
    """
    own = StageEntitlement.objects.filter(enrolment=enrolment).aggregate(total=Sum("amount"))
    if own["total"]:
        return Decimal(own["total"])
    version = enrolment.version
    if version.benefit_kind == BenefitKind.TARIFF and version.tariff is not None:
        members = _members(enrolment)
        return version.tariff * members if members else None
    return version.annual_amount


def _members(enrolment: Enrolment) -> int:
    payee = enrolment.payee
    if payee is None or payee.kind != PayeeKind.GROUP:
        return 0
    return int(payee.group.members.filter(left_on=None).count())


def plan_limits(enrolment: Enrolment) -> tuple[Decimal, Decimal] | None:
    """(lowest, highest) total of a plan: the same amount twice unless the programme has a span."""
    grant = grant_of(enrolment)
    if grant is None:
        return None
    lowest = amount_of(enrolment.version.plan_rules.get("lowest"))
    return (lowest if lowest is not None and lowest <= grant else grant), grant


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
    # While the amount is open nobody can plan it; the decree waits for the amount anyway.
    wanted = version.plan_rules.get("required") and plan_limits(enrolment) is not None
    if wanted and newest_plan(enrolment) is None:
        found.append(_("RAB belum disimpan."))
    return found


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
    if row is not None:
        word = Word(GOOD, rupiah(row.total))
    else:
        word = Word(WAITING if needed else OPTIONAL, _("Belum") if needed else _("Tidak wajib"))
    return Task(
        label=_("Rencana anggaran biaya (RAB)"),
        href=reverse("programs:plan", args=[enrolment.pk]),
        word=word,
    )

"""A version as those will meet it who work with it: its own forms, papers, rules and stages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.regions.models import Region
from beneficiaries.models import Payee
from programs.choices import PAYEES, BenefitKind, PayeeKind
from programs.forms.assessing import AssessForm, PlanForm, PlanLineForm
from programs.forms.decrees import DecisionForm
from programs.forms.premiums import CandidateForm, LineForm
from programs.forms.proposals import PayeeProposalForm, ProposalForm
from programs.forms.visits import VisitForm
from programs.models import PremiumPlan, ProgrammeVersion
from programs.queries.life import life_words
from programs.rules import sentences_of
from programs.rules.assessing import amount_of
from programs.rules.ranking import ranking_sentence
from programs.rules.visits import question_of
from programs.views.assessing import limit_words
from programs.views.catalogue import find_version, version_crumbs, version_stats

# A heading and the fields below it.
Section = tuple[str, list[forms.BoundField]]


def shown(form: forms.Form, *names: str) -> list[forms.BoundField]:
    """The visible fields of a form, of these names or all; nothing can be typed."""
    for field in form.fields.values():
        field.disabled = True
    kept = [field for field in form.visible_fields() if not names or field.name in names]
    return sorted(kept, key=lambda field: names.index(field.name)) if names else kept


def proposal_sections(version: ProgrammeVersion, user: Any, *, premium: bool) -> list[Section]:
    """The form a proposal is made with, by who is paid; [] for a service nobody is proposed for."""
    if premium:
        return [(_("Satu peserta lagi untuk sebulan"), shown(CandidateForm()))]
    if version.payee_kind in PAYEES:
        payees = PayeeProposalForm(user=user, kind=version.payee_kind)
        # Who there is to choose from is of no use here.
        payees.fields["payee"].queryset = Payee.objects.none()  # type: ignore[attr-defined]
        return [(str(version.get_payee_kind_display()), shown(payees))]
    if version.benefit_kind == BenefitKind.SERVICE and version.quota_total is None:
        return []
    person = ProposalForm(
        user=user, needs_family=version.one_per_family, channels=version.proposal_channels
    )
    person.fields["village"].queryset = Region.objects.none()  # type: ignore[attr-defined]
    return [(str(title), shown(person, *names)) for _key, title, names in ProposalForm.SECTIONS]


def way_words(version: ProgrammeVersion, *, premium: bool) -> str:
    """What the form alone does not tell of how people get into the programme; "" when it does."""
    if premium:
        return _(
            "Iuran jaminan: calon tiap bulan dihitung dari kriteria, diperiksa satu per satu, lalu"
            " dikirim ke penyelenggara. Formulir ini menambah satu orang."
        )
    if version.benefit_kind == BenefitKind.SERVICE and version.quota_total is None:
        return _("Layanan tanpa kuota tidak menerima usulan.")
    # A premium is a tariff of one person and month; meals of an institution are counted by day.
    if version.payee_kind == PayeeKind.INSTITUTION and "bulan" in version.unit_label.lower():
        return _(
            "Bila tarif ini iuran jaminan, catat rencana preminya: pesertanya lalu masuk lewat"
            " daftar bulanan, bukan lewat formulir ini."
        )
    return ""


def decision_fields(version: ProgrammeVersion, *, premium: bool) -> list[forms.BoundField]:
    """What whoever checks a proposal, or a candidate of a premium, fills in."""
    if premium:
        return shown(LineForm(prefix="putusan"))
    return shown(DecisionForm(version=version, prefix="putusan"))


def assessment_sections(version: ProgrammeVersion) -> list[Section]:
    """Every assessment form of the version, and its plan of spending where it asks for one."""
    found = [
        (str(wanted["label"]), shown(AssessForm(wanted=wanted, prefix=f"nilai-{wanted['code']}")))
        for wanted in version.assessment_forms
    ]
    if rules := version.plan_rules:
        heading = PlanForm(kinds=rules.get("kinds", []), prefix="rab")
        line = PlanLineForm(sections=rules.get("sections", []), prefix="rab-1")
        found.append((_("RAB"), [*shown(heading), *shown(line)]))
    return found


def plan_words(version: ProgrammeVersion) -> str:
    """What a plan must add up to, as its page says; "" without a plan."""
    grant = version.annual_amount
    if not version.plan_rules:
        return ""
    if grant is None:
        return limit_words(None)
    lowest = amount_of(version.plan_rules.get("lowest"))
    return limit_words((grant if lowest is None else min(lowest, grant), grant))


def visit_fields(version: ProgrammeVersion) -> list[forms.BoundField]:
    """The form of a monitoring visit; [] for a version without questions."""
    if not version.monitoring_form:
        return []
    questions = [question_of(line) for line in version.monitoring_form]
    return shown(VisitForm(questions=questions, prefix="kunjungan"))


@requires(P.PROGRAM_VIEW)
@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The version as officers will meet it, from the proposal to the visit; nothing is sent."""
    version = find_version(request, pk)
    premium = PremiumPlan.objects.filter(version=version).exists()
    sections = proposal_sections(version, request.user, premium=premium)
    context: dict[str, Any] = {
        "version": version,
        "version_name": str(version),
        "stats": version_stats(version),
        "sections": sections,
        "way": way_words(version, premium=premium),
        "decision": decision_fields(version, premium=premium) if sections else [],
        "assessments": assessment_sections(version),
        "plan": plan_words(version),
        "visit": visit_fields(version),
        "life": life_words(version),
        "sentences": sentences_of(version.criteria),
        "ranking": ranking_sentence(version.ranking),
        "stages": list(version.stages.order_by("number")),
        "crumbs": version_crumbs(version, _("Pratinjau")),
    }
    return render(request, "programs/version_preview.html", context)

"""Pages of the verifier: the two-pane queue, and the Berita Acara per district."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Change
from bansos.lib.scopes import covers
from bansos.regions.models import Region
from beneficiaries.queries import facts_about
from beneficiaries.queries.people import registry_pairs, warnings_about
from programs.choices import EnrolmentState
from programs.filters import used_versions
from programs.forms.decrees import DecisionForm
from programs.models import Enrolment, ProgrammeVersion
from programs.queries.enrolments import previous_enrolments
from programs.queries.verification import queue_for, record_districts
from programs.services.verification import decide, make_record
from programs.tables import RecordList
from programs.views.answers import answer, put_on_form, say
from programs.views.catalogue import find_version
from programs.views.proposals import (
    birth_words,
    find_enrolment,
    proposal_context,
)


def scope_of(request: HttpRequest) -> dict[str, str]:
    """The chosen programme and district as they stand in the address."""
    return {
        name: value
        for name in ("version", "area")
        if (value := request.GET.get(name, "")) and len(value) <= 13
    }


def scoped_queue(request: HttpRequest, scope: dict[str, str]) -> Any:
    """The queue of this verifier, narrowed by the scope."""
    version = scope.get("version", "")
    rows = queue_for(request.user, area_code=scope.get("area", ""))
    return rows.filter(version_id=int(version)) if version.isdecimal() else rows


@requires(P.PROPOSAL_VERIFY)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The next proposal of the queue, or that it is empty."""
    scope = scope_of(request)
    following = scoped_queue(request, scope).first()
    if following is not None:
        return redirect(judge_url(following.pk, scope))
    judged = Enrolment.objects.visible_to(request.user).filter(
        decided_by=request.user, decided_at__date=timezone.localdate()
    )
    context = {**queue_context(request, scope), "judged_today": judged.count()}
    return render(request, "programs/queue_empty.html", context)


def judge_url(pk: int, scope: dict[str, str]) -> str:
    """The address of one proposal in the queue."""
    query = f"?{urlencode(scope)}" if scope else ""
    return reverse("programs:judge", args=[pk]) + query


def queue_context(request: HttpRequest, scope: dict[str, str]) -> dict[str, Any]:
    """The choices of programme and district above the queue."""
    districts = Region.objects.filter(
        level=3, code__startswith=request.user.area_code[:5]
    ).order_by("name")
    return {
        "scope": scope,
        "versions": used_versions(request),
        "districts": districts if len(request.user.area_code) >= 5 else [],
    }


@requires(P.PROPOSAL_VERIFY)
@require_http_methods(["GET", "POST"])
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal beside what the registers and last year say; the decision bar below."""
    scope = scope_of(request)
    row = find_enrolment(request, pk)
    form = DecisionForm(request.POST or None, version=row.version, initial={"seen": row.state})
    if request.method == "POST" and form.is_valid():
        # Judge what was on the screen: if it has changed since, the service says by whom.
        row.state = form.cleaned_data["seen"]
        try:
            decide(
                enrolment=row,
                decision=EnrolmentState(form.cleaned_data["decision"]),
                reason_code=form.cleaned_data["reason_code"],
                note=form.cleaned_data["note"],
                observed=form.observed(),
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("1 putusan disimpan."))
            return redirect(f"{reverse('programs:queue')}?{urlencode(scope)}")
        except Refused as refused:
            put_on_form(form, refused)
            row = find_enrolment(request, pk)
    rows = list(scoped_queue(request, scope).values_list("pk", flat=True)[:1000])
    place = rows.index(row.pk) + 1 if row.pk in rows else 0
    following = rows[place] if 0 < place < len(rows) else None
    context = {
        **proposal_context(request, row),
        **queue_context(request, scope),
        **registry_context(row),
        "place": place,
        "waiting": len(rows),
        "next_url": judge_url(following, scope) if following else "",
    }
    return answer(request, "programs/judge.html", context, form)


def registry_context(row: Enrolment) -> dict[str, Any]:
    """What the registers say about the person, and what changed since the last programme year."""
    today = timezone.localdate()
    facts = facts_about([row.person], on=today)[row.person_id]
    return {
        "registry": registry_pairs(facts),
        "cautions": warnings_about(row.person, facts),
        "compare": comparison(row),
    }


def comparison(row: Enrolment) -> list[Change]:
    """This proposal against the last decree that named the person; empty when there is none."""
    earlier = [e for e in previous_enrolments(row) if e.version_id != row.version_id]
    lines = [line for e in earlier for line in e.decree_lines.order_by("-pk")[:1]]
    if not lines:
        return []
    line, person = lines[0], row.person
    old = line.enrolment
    before = old.account.number_masked if old.account else ""
    after = row.account.number_masked if row.account else ""
    return [
        Change(label=_("Nama"), before=line.name, after=person.name),
        Change(label=_("Alamat"), before=line.address.split(", Kec. ")[0], after=address_of(row)),
        Change(label=_("Rekening"), before=before, after=after),
        Change(label=_("Lahir"), before=birth_words(person), after=birth_words(person)),
    ]


def address_of(row: Enrolment) -> str:
    """Street and village as a decree writes them."""
    village = row.person.village.name if row.person.village else ""
    return ", ".join(part for part in (row.person.address, village) if part)


class RecordListView(ListView):
    """Berita Acara that were made, and the districts that are ready for one."""

    access = (P.PROGRAM_VIEW,)
    spec = RecordList
    template_name = "programs/records.html"

    def extra_context(self) -> dict[str, Any]:
        """Districts of the newest (or chosen) programme with what is open."""
        version = self._version()
        lines = record_districts(self.request.user, version=version) if version else []
        return {
            "version": version,
            "lines": lines,
            "ready": [line for line in lines if line.is_complete],
            "may_make": self.request.user.can(P.PROPOSAL_VERIFY),
        }

    def _version(self) -> ProgrammeVersion | None:
        chosen = self.request.GET.get("version", "")
        rows = used_versions(self.request)
        if chosen.isdecimal():
            rows = rows.filter(pk=int(chosen))
        waiting = rows.filter(
            enrolments__in=Enrolment.objects.visible_to(self.request.user)
        ).distinct()
        found: ProgrammeVersion | None = waiting.first()
        return found


@requires(P.PROPOSAL_VERIFY)
@require_POST
def record_make(request: HttpRequest, pk: int, district: str) -> HttpResponse:
    """Make the Berita Acara of a complete district; the PDF comes from a job."""
    version = find_version(request, pk)
    if not covers(request.user.area_code, district):
        raise Http404
    try:
        job = make_record(
            version=version, district_code=district, by=request.user, at=timezone.now()
        )
        return redirect("jobs:detail", pk=job.pk)
    except Refused as refused:
        say(request, refused)
    return redirect(f"{reverse('programs:records')}?version={version.pk}")

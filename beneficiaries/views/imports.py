"""Pages of a list on its way in: Unggah, Cocokkan kolom, Periksa, Perbaiki, Masukkan."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.audit.queries import timeline_of
from bansos.jobs import queries as jobs
from bansos.lib.errors import BadInput, Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb, Stat
from bansos.regions.queries import name_of
from beneficiaries.choices import ImportState
from beneficiaries.documents import error_file, template_file
from beneficiaries.forms import AcceptForm, MappingForm, UploadForm
from beneficiaries.models import ImportBatch
from beneficiaries.queries.imports import mapping_samples, problem_preview, warned_preview
from beneficiaries.services import imports
from beneficiaries.services.imports import ImportPurpose
from beneficiaries.tables import EffectList, ImportList, import_word

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RIGHTS = (P.IMPORT_RUN, P.SNAPSHOT_IMPORT, P.PAYEE_EDIT)
PREVIEW = 20


def steps() -> list[str]:
    """The five steps of every import."""
    return [_("Unggah"), _("Cocokkan kolom"), _("Periksa"), _("Perbaiki"), _("Masukkan")]


class ImportListView(ListView):
    """Lists on their way in, and the kinds one may start."""

    spec = ImportList
    template_name = "beneficiaries/imports.html"
    access = RIGHTS

    def extra_context(self) -> dict[str, Any]:
        """One way in per purpose."""
        start = reverse("beneficiaries:import_start")
        found = imports.purposes_for(signed_in_user(self.request))
        return {"starts": [(item, f"{start}?tujuan={quote(item.key)}") for item in found]}

    def primary_action(self) -> Action | None:
        """With one purpose only, its button stands in the head."""
        found = imports.purposes_for(signed_in_user(self.request))
        if len(found) != 1:
            return None
        address = f"{reverse('beneficiaries:import_start')}?tujuan={quote(found[0].key)}"
        return Action(_("Unggah daftar"), address, "upload")


class EffectListView(ListView):
    """Whom a checked list would touch."""

    spec = EffectList
    access = (P.SNAPSHOT_IMPORT,)

    def crumbs(self) -> list[Any]:
        return _crumbs(_("Dampak daftar"))


def _crumbs(last: str) -> list[Crumb]:
    return [
        Crumb(label=_("Impor data"), href=reverse("beneficiaries:imports")),
        Crumb(label=last),
    ]


@requires(*RIGHTS)
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Choose a file, or take the template; the purpose stands in the address."""
    if "tujuan" not in request.GET:
        return redirect("beneficiaries:imports")
    purpose = imports.purpose_of(request.GET["tujuan"])
    imports.require_right(purpose, signed_in_user(request))
    posted = request.POST if request.method == "POST" else None
    upload = UploadForm(posted, request.FILES if posted else None)
    about = purpose.context_form
    initial = {key: value for key, value in request.GET.items() if key != "tujuan"}
    context_form = about(posted, initial=initial, user=signed_in_user(request)) if about else None
    if posted is not None:
        answer = _started(request, purpose, upload, context_form)
        if answer is not None:
            return answer
    context = {
        "purpose": purpose,
        "form": upload,
        "context_form": context_form,
        "steps": steps(),
        "crumbs": _crumbs(str(purpose.title)),
    }
    wrong = posted is not None
    return render(request, "beneficiaries/import_start.html", context, status=422 if wrong else 200)


def _started(
    request: HttpRequest, purpose: ImportPurpose, upload: UploadForm, context_form: Any
) -> HttpResponse | None:
    """The template, or the way to the staged list; None when something is to be corrected."""
    act = request.POST.get("aksi", "unggah")
    context: dict[str, Any] = {}
    if context_form is not None:
        if not context_form.is_valid():
            upload.errors.clear()
            return None
        context = context_form.context()
    if act in ("templat", "templat_isi"):
        return _template(request, purpose, context, filled=act == "templat_isi")
    if not upload.is_valid():
        return None
    sent = upload.cleaned_data["file"]
    try:
        batch = imports.start_import(
            purpose=purpose.key,
            context=context,
            area_code=context.get("area_code") or signed_in_user(request).area_code,
            data=sent.read(),
            file_name=sent.name,
            by=signed_in_user(request),
            at=timezone.now(),
        )
    except Refused as refused:
        _put_errors(refused, upload, context_form)
        return None
    return redirect(batch)


def _put_errors(refused: Refused, upload: UploadForm, context_form: Any) -> None:
    """A refusal goes to the field it names, else to the file."""
    for field, sentence in (refused.fields or {}).items():
        if context_form is not None and field in context_form.fields:
            context_form.add_error(field, str(sentence))
            return
    upload.add_error("file", str(refused.message))


def _template(
    request: HttpRequest, purpose: ImportPurpose, context: dict[str, Any], *, filled: bool
) -> HttpResponse:
    rows: Any = ()
    if filled:
        rows = imports.prefilled_rows(
            purpose=purpose, context=context, by=signed_in_user(request), at=timezone.now()
        )
    data = template_file(
        tuple(purpose.columns(context)),
        title=purpose.template_title(context) if purpose.template_title else str(purpose.title),
        instructions=purpose.instructions,
        choices=purpose.template_choices,
        rows=rows,
    )
    return _workbook(data, f"templat-{purpose.key.replace('.', '-')}.xlsx")


def _workbook(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _batch(request: HttpRequest, pk: Any) -> tuple[ImportBatch, ImportPurpose]:
    rows = ImportBatch.objects.select_related("job", "created_by").defer("sealed_file")
    batch = find(rows, request.user, pk=pk)
    purpose = imports.purpose_of(batch.purpose)
    imports.require_right(purpose, signed_in_user(request))
    return batch, purpose


@requires(*RIGHTS)
@require_GET
def detail(request: HttpRequest, pk: Any) -> HttpResponse:
    """The list where it stands: columns, progress, result or end; a reload loses nothing."""
    batch, purpose = _batch(request, pk)
    working = batch.job is not None and batch.job.is_open
    if batch.state in (ImportState.CHECKING, ImportState.ACCEPTING) and working:
        return _progress(request, batch, purpose)
    if batch.state in (ImportState.CHECKED, ImportState.ACCEPTING):
        return _result(request, batch, purpose, AcceptForm(batch=batch))
    if batch.state == ImportState.ACCEPTED:
        return _done(request, batch, purpose)
    return _mapping(request, batch, purpose, _fresh_form(batch, purpose))


def _fresh_form(batch: ImportBatch, purpose: ImportPurpose) -> MappingForm:
    """The guessed columns, and the code system that the names in the list speak for."""
    try:
        system = imports.suggested_code_system(batch, batch.mapping) or batch.code_system
    except BadInput:
        # Mixed codes: said in words when the officer sends the form.
        system = batch.code_system
    return MappingForm(batch=batch, purpose=purpose, initial={"code_system": system})


def _common(batch: ImportBatch, purpose: ImportPurpose, step: int) -> dict[str, Any]:
    failed = batch.job is not None and batch.job.state == "failed"
    return {
        "batch": batch,
        "purpose": purpose,
        "about": purpose.describe(batch),
        "area": name_of(batch.area_code),
        "word": import_word(batch),
        "steps": steps(),
        "step": step,
        "crumbs": _crumbs(batch.file_name),
        "failure": batch.job.message if failed and batch.job else "",
    }


def _progress(request: HttpRequest, batch: ImportBatch, purpose: ImportPurpose) -> HttpResponse:
    assert batch.job is not None  # noqa: S101  detail() has looked
    step = 2 if batch.state == ImportState.CHECKING else 4
    mine = batch.job.owner_id == signed_in_user(request).pk
    context = _common(batch, purpose, step)
    context |= {"job": jobs.card(batch.job) if mine else None, "owner": batch.created_by}
    return render(request, "beneficiaries/import_progress.html", context)


def _mapping(
    request: HttpRequest,
    batch: ImportBatch,
    purpose: ImportPurpose,
    form: MappingForm,
    status: int = 200,
) -> HttpResponse:
    samples = mapping_samples(batch)
    fields = [(form[column.key], _sample_of(form, column.key, samples)) for column in form.columns]
    context = _common(batch, purpose, 1)
    context |= {
        "form": form,
        "needed": [pair for pair in fields if pair[0].field.required],
        "others": [pair for pair in fields if not pair[0].field.required],
        "samples": samples,
        "codes": [form[name] for name in ("code_system", "relation_codes") if name in form.fields],
    }
    return render(request, "beneficiaries/import_mapping.html", context, status=status)


def _sample_of(form: MappingForm, key: str, samples: list[tuple[str, list[str]]]) -> str:
    place = str(form[key].value() or "")
    if not place.isdecimal() or int(place) >= len(samples):
        return ""
    return ", ".join(text for text in samples[int(place)][1] if text)


@requires(*RIGHTS)
@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, pk: Any) -> HttpResponse:
    """Which column is what; sending it starts the check."""
    batch, purpose = _batch(request, pk)
    if not imports.may_be_mapped(batch):
        return redirect(batch)
    if request.method != "POST":
        return _mapping(request, batch, purpose, _fresh_form(batch, purpose))
    form = MappingForm(request.POST, batch=batch, purpose=purpose)
    if not form.is_valid():
        return _mapping(request, batch, purpose, form, 422)
    try:
        imports.set_mapping(
            batch=batch,
            mapping=form.mapping(),
            code_system=form.code_system(),
            relation_codes=form.relation_codes(),
            by=signed_in_user(request),
            at=timezone.now(),
        )
    except Refused as refused:
        field = next((name for name in refused.fields or {} if name in form.fields), None)
        form.add_error(field, str(refused.message))
        return _mapping(request, batch, purpose, form, refused.status)
    return redirect(batch)


def _effects_url(batch: ImportBatch) -> str:
    """Whom the list touches, as a list of its own; empty when it touches nobody."""
    if not batch.effects.exists():
        return ""
    return f"{reverse('beneficiaries:import_effects')}?daftar={batch.pk}"


def _result(
    request: HttpRequest,
    batch: ImportBatch,
    purpose: ImportPurpose,
    form: AcceptForm,
    status: int = 200,
) -> HttpResponse:
    counts = batch.counts
    context = _common(batch, purpose, 3 if counts["problem"] else 4)
    context |= {
        "form": form,
        "tiles": [
            Stat(label=_("Baru"), value=counts["new"], tone="baik"),
            Stat(label=_("Berubah"), value=counts["changed"], tone="info"),
            Stat(label=_("Sama"), value=counts["same"], note=_("tidak perlu dimasukkan")),
            Stat(
                label=_("Bermasalah"),
                value=counts["problem"],
                tone="masalah" if counts["problem"] else "",
                note=_("tidak ikut masuk") if counts["problem"] else "",
            ),
        ],
        "stopping": [item for item in batch.causes if item["stops"]],
        "hints": [item for item in batch.causes if not item["stops"]],
        "problems": problem_preview(batch, PREVIEW),
        "warned": warned_preview(batch, PREVIEW),
        "acceptable": imports.acceptable(batch),
        "accepted": counts.get("accepted", 0),
        "effects": purpose.effects(batch) if purpose.effects else [],
        "effects_url": _effects_url(batch),
    }
    return render(request, "beneficiaries/import_result.html", context, status=status)


def _done(request: HttpRequest, batch: ImportBatch, purpose: ImportPurpose) -> HttpResponse:
    context = _common(batch, purpose, len(steps()))
    context |= {
        "accepted": batch.counts.get("accepted", 0),
        "remaining": imports.has_problem_rows(batch),
        "stopping": [item for item in batch.causes if item["stops"]],
        "done_url": purpose.done_url(batch),
        "events": timeline_of(batch),
    }
    return render(request, "beneficiaries/import_done.html", context)


@requires(*RIGHTS)
@require_POST
def accept(request: HttpRequest, pk: Any) -> HttpResponse:
    """Have the good rows put in."""
    batch, purpose = _batch(request, pk)
    form = AcceptForm(request.POST, batch=batch)
    if not form.is_valid():
        return _result(request, batch, purpose, form, 422)
    try:
        imports.accept(
            batch=batch,
            by=signed_in_user(request),
            at=timezone.now(),
            note=form.cleaned_data["note"],
        )
    except Refused as refused:
        if refused.fields and batch.state == ImportState.CHECKED:
            form.add_error("note", str(refused.message))
            return _result(request, batch, purpose, form, refused.status)
        messages.warning(request, str(refused.message))
    return redirect(batch)


@requires(*RIGHTS)
@require_POST
def refuse(request: HttpRequest, pk: Any) -> HttpResponse:
    """Throw the list away."""
    batch, _purpose = _batch(request, pk)
    try:
        imports.refuse(batch=batch, by=signed_in_user(request), at=timezone.now())
    except Refused as refused:
        messages.warning(request, str(refused.message))
        return redirect(batch)
    messages.info(request, _("Daftar ditolak. Berkas dan semua barisnya sudah dihapus."))
    return HttpResponseRedirect(reverse("beneficiaries:imports"))


@requires(*RIGHTS)
@require_POST
def errors(request: HttpRequest, pk: Any) -> HttpResponse:
    """The rows to correct, as a workbook; the trail says who took it."""
    batch, _purpose = _batch(request, pk)
    data = error_file(batch)
    imports.record_download(batch=batch, by=signed_in_user(request), at=timezone.now())
    return _workbook(data, f"perbaikan-{str(batch.pk)[:8]}.xlsx")


@requires(*RIGHTS)
@require_POST
def original(request: HttpRequest, pk: Any) -> HttpResponse:
    """The file as it was uploaded, while it is kept."""
    batch, _purpose = _batch(request, pk)
    data = imports.original_file(batch=batch, by=signed_in_user(request), at=timezone.now())
    response = HttpResponse(data, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = (
        f"attachment; filename*=UTF-8''{quote(batch.file_name)}"
    )
    return response

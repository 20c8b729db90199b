"""Pages of the counter: open it, pay one by one or by the signed register, take back, close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.audit.queries import timeline_of
from bansos.documents.choices import DocumentState
from bansos.documents.queries import documents_of, file_row
from bansos.jobs.models import Job
from bansos.jobs.queries import is_at_work
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Crumb, FileRow, JobCard, Stat, Tab
from bansos.regions.queries import full_name
from disbursements.forms.cash import CounterForm, PayForm, RegisterForm, UndoForm
from disbursements.models import (
    CashCorrection,
    CashCounter,
    CashReceipt,
    CashRegister,
    PaymentLine,
    WaitingRegister,
)
from disbursements.services import acting, moves, papers
from disbursements.services.cash import corrections, counters, handing_in, paying, registers
from disbursements.tables.cash import (
    CashCounters,
    CashLines,
    cash_line_word,
    counter_sums,
    counter_word,
    receipt_word,
)
from disbursements.views.lists import find_list, here
from disbursements.views.parts import in_background, job_card, refuse, whose
from programs.services.papers import LARGEST

READERS = (P.CASH_PAY, P.PAYLIST_VIEW)
PAPERS = tuple(f"disbursements.{key}" for key in counters.PAPERS)
DAYS = 14
AT_WORK = (counters.TAKE_REGISTER, "close_counter")


def crumbs(*steps: Crumb) -> list[Crumb]:
    """Loket tunai > ..."""
    return [Crumb(label=_("Loket tunai"), href=reverse("disbursements:counters")), *steps]


def _at(counter: CashCounter, *steps: Crumb) -> list[Crumb]:
    href = reverse("disbursements:counter", args=[counter.pk]) if steps else ""
    return crumbs(Crumb(label=counter.pay_list.number, href=href), *steps)


@requires(*READERS)
class CounterListView(ListView):
    """Every counter in the area."""

    spec = CashCounters


def _counter(request: HttpRequest, pk: int) -> CashCounter:
    rows = CashCounter.objects.select_related(
        "pay_list__stage__version__programme",
        "pay_list__budget__agency",
        "pay_list__job",
        "opened_by",
        "closed_by",
    )
    found: CashCounter = find(rows, request.user, pk=pk)
    return found


@requires(P.BANK_FILE)
@require_http_methods(["GET", "POST"])
def open_counter(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the counter of a cash list."""
    pay_list, today = find_list(request, pk), timezone.localdate()
    later = today + timedelta(days=DAYS)
    form = CounterForm(request.POST or None, initial={"opens_on": today, "closes_on": later})
    if request.method == "POST" and form.is_valid():
        try:
            job = acting.act(
                name="open_counter",
                pay_list=pay_list,
                **{name: str(value) for name, value in form.cleaned_data.items()},
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
            if job is not None:
                in_background(request)
                return redirect("disbursements:list", pk=pk)
            messages.success(request, _("Loket dibuka. Daftar dan kuitansinya sedang dibuat."))
            return redirect("disbursements:counter", pk=CashCounter.objects.get(pay_list_id=pk).pk)
        except Refused as refused:
            refuse(form, refused)
    title = _("Buka loket")
    context = {
        "form": form,
        "title": title,
        "back": reverse("disbursements:list", args=[pk]),
        "crumbs": here(pay_list, Crumb(label=title)),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/goods_form.html", context, status=status)


@requires(*READERS)
class CounterView(ListView):
    """One counter: who waits, who was paid, its papers and what may be done."""

    spec = CashLines
    template_name = "disbursements/counter.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.counter = _counter(request, kwargs["pk"])

    def make_spec(self) -> CashLines:
        return CashLines(self.counter, paid=self._is_done())

    def _is_done(self) -> bool:
        return self.request.GET.get("bagian") == "selesai"

    def crumbs(self) -> list[Any]:
        return _at(self.counter)

    def extra_context(self) -> dict[str, Any]:
        row, user = self.counter, self.request.user
        files = _files(row)
        sums, closed = counter_sums(row), _("Loket ini sudah ditutup.") if row.closed_at else ""
        busy = _("Loket sedang dikerjakan di latar.") if moves.is_busy(row.pay_list) else ""
        pay_off = paying.why_not_pay(row, user)  # type: ignore[arg-type]
        return {
            "counter": row,
            "word": counter_word(row),
            "title": f"{row.pay_list.stage.version.programme.name}, {row.pay_list.stage.name}",
            "stats": _stats(sums),
            "tabs": self._tabs(row.pay_list.count, sums["waiting"]),
            "pay_off": pay_off,
            "upload_off": pay_off or busy,
            "close_off": closed or whose(P.BANK_RESULT, user, "bendahara") or busy,
            "list_href": reverse("disbursements:list", args=[row.pay_list_id])
            if user.can(P.PAYLIST_VIEW)  # type: ignore[union-attr]
            else "",
            "files": files,
            "files_missing": not files and not is_at_work(papers.KIND, list=row.pay_list_id),
            "job": _job_card(row, user),
            "refused": _refused(row),
            "registers": row.registers.defer("sealed_table", "sealed_pages").order_by("-pk"),
            "pairs": _pairs(row),
        }

    def _tabs(self, count: int, waiting: int) -> list[Tab]:
        done, path = self._is_done(), self.request.path
        return [
            Tab(
                label=_("Menunggu"),
                href=f"{path}?bagian=menunggu",
                active=not done,
                count=waiting,
            ),
            Tab(
                label=_("Selesai"),
                href=f"{path}?bagian=selesai",
                active=done,
                count=count - waiting,
            ),
        ]


def _job_card(row: CashCounter, user: Any) -> JobCard | None:
    """What a worker does at this counter; one that failed is shown until a register is in."""
    job = row.pay_list.job
    if job is None or job.params.get("act") not in AT_WORK:
        return None
    if not job.is_open and row.registers.filter(uploaded_at__gt=job.created_at).exists():
        return None
    return job_card(job, user)


def _refused(row: CashCounter) -> WaitingRegister | None:
    """The last long register when it was not recorded."""
    rows = WaitingRegister.objects.defer("sealed_table", "sealed_pages").filter(counter=row)
    return rows.exclude(refusal="").first()


def _files(row: CashCounter) -> list[FileRow]:
    return [
        file_row(document)
        for document in documents_of(row.pay_list)
        if document.kind.removesuffix("_xlsx") in PAPERS and document.state == DocumentState.VALID
    ]


def _stats(sums: dict[str, Any]) -> list[Stat]:
    return [
        Stat(label=_("Menunggu di loket"), value=sums["waiting"]),
        Stat(label=_("Jumlah menunggu"), value=sums["waiting_amount"] or paying.ZERO),
        Stat(label=_("Dibayar"), value=sums["paid"]),
        Stat(label=_("Jumlah dibayar"), value=sums["paid_amount"] or paying.ZERO),
        Stat(label=_("Retur"), value=sums["returned"]),
    ]


def _pairs(row: CashCounter) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [
        (_("Daftar bayar"), row.pay_list.number),
        (_("Tempat"), row.place),
        (_("Dibuka tanggal"), row.opens_on),
        (_("Rencana tutup"), row.closes_on),
        (_("Dibuka oleh"), row.opened_by.full_name),
    ]
    if row.closed_by is not None:
        found += [(_("Ditutup"), row.closed_at), (_("Oleh"), row.closed_by.full_name)]
    return found


def _line(row: CashCounter, pk: int) -> PaymentLine:
    rows = PaymentLine.objects.select_related("person", "enrolment", "payee")
    found: PaymentLine | None = rows.filter(pay_list=row.pay_list_id, pk=pk).first()
    if found is None:
        raise Http404
    return found


@requires(*READERS)
@require_http_methods(["GET", "POST"])
def line(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """One payee at the counter: the form to pay, or the receipts that are there."""
    row = _counter(request, pk)
    found = _line(row, line)
    initial = {"paid_on": timezone.localdate()}
    form = PayForm(request.POST or None, request.FILES or None, line=found, initial=initial)
    off, refusal = paying.why_not_pay(row, request.user), ""  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        try:
            made = _pay(request, row, found, form.cleaned_data)
            messages.success(request, _("Pembayaran dicatat."))
            return redirect("disbursements:receipt", pk=made.pk)
        except Refused as refused:
            refuse(form, refused)
            refusal = str(refused.message)
    may_fill = not off and _waits(found)
    context = {
        "counter": row,
        "line": found,
        "word": cash_line_word(found),
        "area": full_name(found.area_code),
        "form": form if may_fill else None,
        # Paid meanwhile at another table: there is no form any more to carry the sentence.
        "refusal": "" if may_fill or off else refusal,
        "off": off,
        "receipts": [
            (receipt, receipt_word(receipt))
            for receipt in found.receipts.defer("photo", "signature").order_by("-pk")
        ],
        "back": reverse("disbursements:counter", args=[row.pk]),
        "crumbs": _at(row, Crumb(label=found.reference)),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/counter_line.html", context, status=status)


def _waits(found: PaymentLine) -> bool:
    return found.state in {"submitted", "unknown"}


def _pay(
    request: HttpRequest, row: CashCounter, found: PaymentLine, data: dict[str, Any]
) -> CashReceipt:
    proof = paying.Proof(*(_read(data[name]) for name in ("photo", "signature")))
    return paying.pay(
        counter=row,
        payment=paying.Payment(
            found,
            data["amount"],
            data["paid_on"],
            data["mark"],
            by_proxy=data.get("by_proxy", False),
        ),
        proof=proof,
        by=request.user,  # type: ignore[arg-type]
        at=timezone.now(),
    )


def _read(file: Any) -> bytes:
    return file.read(LARGEST + 1) if file else b""


def _receipt(request: HttpRequest, pk: int) -> CashReceipt:
    rows = CashReceipt.objects.select_related(
        "counter__pay_list__budget", "line__person", "recorded_by", "undone_by", "proxy", "register"
    ).defer("photo", "signature", "register__sealed_table", "register__sealed_pages")
    found: CashReceipt = find(rows, request.user, pk=pk)
    return found


@requires(*READERS)
@require_http_methods(["GET", "POST"])
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """One receipt: who took how much, its proof; POST takes it back, or asks a third person to."""
    row = _receipt(request, pk)
    user: Any = request.user
    asked = row.corrections.filter(refused_at=None).select_related("asked_by", "receipt").first()
    if request.method == "POST" and request.POST.get("answer") and asked is not None:
        return _answer_correction(request, asked)
    form = UndoForm(request.POST or None)
    late = not corrections.why_not_ask(row, user)
    if request.method == "POST" and form.is_valid():
        act = corrections.ask if late else paying.undo
        try:
            act(receipt=row, **form.cleaned_data, by=user, at=timezone.now())
            done = _("Kuitansi dibatalkan; penerima menunggu lagi di loket.")
            messages.success(
                request, _("Koreksi diajukan; menunggu orang ketiga.") if late else done
            )
            return redirect("disbursements:receipt", pk=pk)
        except Refused as refused:
            refuse(form, refused)
    off = "" if late else paying.why_not_undo(row, user)
    href = reverse("disbursements:counter_line", args=[row.counter_id, row.line_id])
    context = {
        "row": row,
        "word": receipt_word(row),
        "pairs": _receipt_pairs(row),
        "form": None if off or asked else form,
        "late": late,
        "asked": asked if asked and not asked.confirmed_at else None,
        "answer_off": corrections.why_not_answer(asked, user) if asked else "",
        "events": timeline_of(row, limit=20),
        "crumbs": _at(
            row.counter, Crumb(label=row.line.reference, href=href), Crumb(label=_("Kuitansi"))
        ),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/cash_receipt.html", context, status=status)


def _answer_correction(request: HttpRequest, asked: CashCorrection) -> HttpResponse:
    agreed = request.POST["answer"] == "yes"
    user: Any = request.user
    try:
        corrections.answer(correction=asked, agreed=agreed, by=user, at=timezone.now())
        messages.success(
            request, _("Kuitansi dikoreksi.") if agreed else _("Koreksi ditolak; kuitansi tetap.")
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("disbursements:receipt", pk=asked.receipt_id)


def _receipt_pairs(row: CashReceipt) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [
        (_("Penerima"), row.line.payee_name),
        (_("Diterima oleh"), f"{row.receiver_name} ({row.get_taker_display()})"),
        (_("Jumlah"), row.amount),
        (_("Tanggal bayar"), row.paid_on),
        (_("Tanda terima"), row.get_mark_display()),
        (_("Dicatat oleh"), row.recorded_by.full_name),
        (_("Dicatat"), row.recorded_at),
    ]
    if row.proxy is not None:
        found.append((_("Surat kuasa"), row.proxy.letter_number))
    if row.register is not None:
        found.append((_("Bukti"), _("Daftar yang ditandatangani")))
    if row.undone_by is not None:
        found += [
            (_("Dibatalkan oleh"), row.undone_by.full_name),
            (_("Alasan pembatalan"), row.undo_reason),
        ]
    return found


@requires(*READERS)
@require_GET
def proof(request: HttpRequest, pk: int, which: str) -> HttpResponse:
    """Photo or signed kuitansi; looking at it leaves a trace."""
    row = find(CashReceipt.objects, request.user, pk=pk)
    if which not in {"foto", "tanda-tangan"}:
        raise Http404
    found = paying.open_proof(receipt=row, which=which, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    if found is None:
        raise Http404
    return _picture(*found)


def _picture(mime: str, content: bytes) -> HttpResponse:
    answer = HttpResponse(content, content_type=mime)
    answer["Content-Disposition"] = 'inline; filename="bukti"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@requires(*READERS)
@require_GET
def pages(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed pages of a register; looking at them leaves a trace."""
    row = find(CashRegister.objects, request.user, pk=pk)
    return _picture(*registers.open_pages(register=row, by=request.user, at=timezone.now()))  # type: ignore[arg-type]


@requires(P.CASH_PAY)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in the signed register."""
    row = _counter(request, pk)
    form = RegisterForm(request.POST or None, request.FILES or None)

    def act(data: dict[str, Any]) -> str:
        at = timezone.now()
        made = handing_in.hand_in(
            counter=row,
            data=_read(data["table"]),
            file_name=data["table"].name,
            pages=_read(data["pages"]),
            by=request.user,  # type: ignore[arg-type]
            at=at,
        )
        if isinstance(made, Job):
            return _("Daftar panjang ini dicatat di latar. Kemajuannya tampil di halaman ini.")
        if made.uploaded_at != at:
            return _("Daftar ini sudah pernah diunggah. Tidak ada yang dicatat lagi.")
        return _("%(count)s pembayaran dicatat.") % {"count": made.count}

    return _form(request, row, form, act, title=_("Unggah daftar yang ditandatangani"))


def _form(
    request: HttpRequest,
    row: CashCounter,
    form: Any,
    act: Callable[[dict[str, Any]], str],
    *,
    title: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act(form.cleaned_data))
            return redirect("disbursements:counter", pk=row.pk)
        except Refused as refused:
            refuse(form, refused)
    context = {
        "form": form,
        "title": title,
        "back": reverse("disbursements:counter", args=[row.pk]),
        "crumbs": _at(row, Crumb(label=title)),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/counter_form.html", context, status=status)


@requires(P.BANK_RESULT)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the counter: whoever did not come is a return."""
    row = _counter(request, pk)
    try:
        job = acting.act(
            name="close_counter",
            pay_list=row.pay_list,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
        if job is not None:
            in_background(request)
        else:
            messages.success(request, _("Loket ditutup. Yang tidak diambil menjadi retur."))
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("disbursements:counter", pk=pk)

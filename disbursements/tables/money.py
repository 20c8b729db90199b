"""The lists about money: pay lists, lines, ledger, bank answers, returns."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bansos.lib.crypto import blind_index
from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.nik import clean_digits, mask_nik
from bansos.lib.parts import Word
from bansos.regions.models import Region
from disbursements.choices import (
    LIST_TONES,
    LedgerKind,
    ListState,
    ResultFormat,
    ResultState,
    ReturnState,
    RowState,
)
from disbursements.filters import (
    BreachFilter,
    LedgerFilter,
    LineFilter,
    PayListFilter,
    ResultFilter,
    ResultRowFilter,
    ReturnFilter,
)
from disbursements.models import (
    AuditBreach,
    AuditRun,
    BudgetLine,
    Hit,
    LedgerEntry,
    LedgerEvent,
    PayList,
    PaymentLine,
    ProxyAccount,
    ResultFile,
    ResultRow,
    ReturnCase,
)
from disbursements.queries.audit import CHECKS
from disbursements.queries.people import line_word, stage_words
from disbursements.queries.treasury.subjects import event_words, subject_url, with_document
from disbursements.rules.ledger import FLOWS
from disbursements.rules.promises import PROMISES
from disbursements.rules.references import clean_reference
from programs.models import Decree

RESULT_TONES = {
    ResultState.CHECKED: "menunggu",
    ResultState.APPLIED: "baik",
    ResultState.REFUSED: "netral",
}
RETURN_TONES = {
    ReturnState.OPEN: "masalah",
    ReturnState.DECIDED: "menunggu",
    ReturnState.IN_FOLLOW_UP: "info",
    ReturnState.DONE: "baik",
}
ROW_TONES = {
    RowState.APPLIED: "baik",
    RowState.SAME: "netral",
    RowState.QUARANTINE: "masalah",
}
NIK_DIGITS = 16


def list_word(row: PayList) -> Word:
    """The state of a pay list as a badge."""
    if row.state == ListState.SENT and row.stage.version.is_cash:
        return Word("info", str(_("Loket dibuka")), "cash")
    tone, icon = LIST_TONES[ListState(row.state)]
    return Word(tone, str(ListState(row.state).label), icon)


def result_word(row: ResultFile) -> Word:
    """The state of a bank answer as a badge; of a file that a worker reads nothing is known yet."""
    if row.is_being_read:
        return Word("info", str(_("Sedang dibaca")), "clock")
    state = ResultState(row.state)
    return Word(RESULT_TONES[state], str(state.label))


def return_word(row: ReturnCase) -> Word:
    """The state of a return as a badge; a confirmed decision says so."""
    state = ReturnState(row.state)
    if state == ReturnState.DECIDED and row.confirmed_at:
        return Word("info", str(_("Disahkan")), "check")
    return Word(RETURN_TONES[state], str(state.label))


@register
class PayLists(ListSpec):
    """Every pay list in the user's area."""

    key = "pay-lists"
    title = _("Daftar bayar")
    model = PayList
    filterset_class = PayListFilter
    default_sort = "-made_at"
    search_hint = _("Nomor daftar, SPM, atau SP2D")
    empty_title = _("Belum ada daftar bayar.")
    wide = True
    empty_hint = _("Susun dari penerima yang sudah ditetapkan dalam SK.")
    columns = (
        Column("number", _("Nomor"), sort="number", kind="link", priority=1),
        Column("what", _("Program dan tahap"), value=lambda row: stage_words(row.stage)),
        Column("area", _("Wilayah"), value=lambda row: row.area_name, sort="area_code"),
        Column("kind", _("Jenis"), value="get_kind_display", sort="kind", priority=3),
        Column("count", _("KPM"), kind="number", sort="count", total=True),
        Column("total", _("Jumlah"), kind="money", sort="total", total=True),
        Column("state", _("Keadaan"), value=list_word, kind="status", sort="state"),
        Column("made_at", _("Disusun"), kind="datetime", sort="made_at", priority=3),
        Column("made_by", _("Oleh"), value="made_by.full_name", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[PayList]:
        """With what the columns read."""
        rows: QuerySet[PayList] = PayList.objects.visible_to(user)
        return rows.select_related("stage__version__programme", "made_by").annotate(
            area_name=Subquery(_region(OuterRef("area_code")))
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By a part of the list's own numbers."""
        return (
            rows.filter(number__icontains=text)
            | rows.filter(spm_number__icontains=text)
            | rows.filter(sp2d_number__icontains=text)
        )

    def row_url(self, row: PayList) -> str:
        return reverse("disbursements:list", args=[row.pk])


def _region(code: Any) -> Any:
    return Region.objects.filter(code=code).values("name")[:1]


def _hits(row: PaymentLine) -> str:
    hits: list[str] = row.shown_hits  # type: ignore[attr-defined]
    letter: str | None = row.letter  # type: ignore[attr-defined]
    whose = []
    if letter:
        words = {"name": row.account_holder, "number": letter}
        whose = [_("Rekening atas nama %(name)s, surat kuasa %(number)s.") % words]
    return " ".join([*map(str, whose), *hits]) or row.exclude_reason


def _nik(row: PaymentLine) -> str:
    nik: str | None = row.payee_nik  # type: ignore[attr-defined]
    return mask_nik(nik) if nik else ""


DISTRICT = 8  # signs of a district's code, the place of a kept sum
READ_OF_LINE = (
    *("pay_list", "position", "payee_name", "address", "account_number", "amount", "reference"),
    *("state", "exclude_reason", "account_holder"),
)


@register
class Lines(ListSpec):
    """Lines of one pay list; the page hands the list over, an export filters by it."""

    key = "payment-lines"
    title = _("Baris daftar bayar")
    model = PaymentLine
    filterset_class = LineFilter
    default_sort = "position"
    search_hint = _("Nama, NIK lengkap, nomor rekening, atau referensi")
    empty_title = _("Daftar ini belum berisi.")
    exportable = False
    columns = (
        Column("position", _("Nomor"), kind="number", sort="position"),
        Column("payee_name", _("Nama"), sort="payee_name", priority=1),
        Column("nik", _("NIK"), value=_nik, kind="masked"),
        Column("address", _("Alamat"), priority=3),
        Column("account", _("Rekening"), value="account_masked", kind="masked"),
        Column("amount", _("Jumlah"), kind="money", sort="amount", total=True),
        Column("reference", _("Referensi"), kind="masked", sort="reference", priority=3),
        Column("state", _("Keadaan"), value=lambda row: line_word(row.state), kind="status"),
        Column("note", _("Catatan"), value=_hits),
    )

    def __init__(self, pay_list: PayList | None = None) -> None:
        self.pay_list = pay_list

    def queryset(self, user: Any) -> QuerySet[PaymentLine]:
        """The list's lines, as far as the user may look."""
        rows: QuerySet[PaymentLine] = PaymentLine.objects.visible_to(user)
        # Columns nobody reads here are not fetched: each sealed one would be opened.
        hits = Hit.objects.filter(line=OuterRef("pk")).order_by("pk").values("message")
        letter = ProxyAccount.objects.filter(line=OuterRef("pk")).values("grant__letter_number")
        rows = rows.only(*READ_OF_LINE).annotate(
            payee_nik=F("person__nik"), shown_hits=ArraySubquery(hits), letter=Subquery(letter)
        )
        return rows.filter(pay_list=self.pay_list) if self.pay_list else rows.none()

    def kept_sums(self, user: Any) -> tuple[int, dict[str, Any]] | None:
        """As the triggers keep them by district; a smaller area adds its lines up itself."""
        if self.pay_list is None or not user.is_active or not 0 < len(user.area_code) <= DISTRICT:
            return None
        sums = self.pay_list.sums.filter(place__startswith=user.area_code)
        found = list(sums.values_list("lines", "amount"))
        return sum(lines for lines, _amount in found), {
            "amount": sum((amount for _lines, amount in found), Decimal(0))
        }

    def filterset(self, rows: QuerySet[Any], params: Any, user: Any) -> LineFilter:
        """The filters of the list's own regency."""
        request = SimpleNamespace(user=user)
        area = self.pay_list.area_code if self.pay_list else ""
        return LineFilter(params, queryset=rows, request=request, area=area, pay_list=self.pay_list)

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """Numbers by their blind index, names by a part."""
        digits = clean_digits(text)
        if digits.isdecimal():
            found = rows.filter(account_index=blind_index(digits, "account"))
            if len(digits) == NIK_DIGITS:
                found = found | rows.filter(person__nik_index=blind_index(digits, "nik"))
            return found
        return rows.filter(payee_name__icontains=text) | rows.filter(
            reference=clean_reference(text)
        )


def budget_page(decree: Decree) -> tuple[str, str]:
    """Where the budget of a decree is put right: what to do, and the address."""
    budget = BudgetLine.objects.filter(version=decree.version_id).first()
    if budget is None:
        return str(_("Catat pagu")), reverse("disbursements:budget_new")
    return str(_("Atur alokasi")), reverse("disbursements:allocate", args=[budget.pk])


def _flow(row: LedgerEvent) -> str:
    flow = FLOWS[LedgerKind(row.kind)]
    return f"{flow.source.label} → {flow.target.label}"


@register
class Ledger(ListSpec):
    """Kartu kendali: every movement of money, newest first, each leading to its paper."""

    key = "ledger"
    title = _("Kartu kendali")
    model = LedgerEvent
    filterset_class = LedgerFilter
    default_sort = "-at"
    search_hint = _("Nomor daftar, DPA, SP2D, atau STS")
    empty_title = _("Belum ada mutasi.")
    empty_hint = _("Mutasi pertama tercatat saat pagu dicatat dari DPA.")
    columns = (
        Column("at", _("Waktu"), kind="datetime", sort="at"),
        Column("kind", _("Mutasi"), value=event_words, href=subject_url, priority=1),
        Column("note", _("Keterangan")),
        Column("flow", _("Dari dan ke"), value=_flow, priority=3),
        Column("budget", _("Program"), value="budget.version.programme.name"),
        Column("area", _("Wilayah"), value=lambda row: row.area_name, sort="area_code"),
        Column("amount", _("Jumlah"), kind="money", value=lambda row: row.moved),
        Column("by", _("Oleh"), value="by.full_name", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[LedgerEvent]:
        """With the amount that moved: the positive leg, or the change of a ceiling."""
        rows: QuerySet[LedgerEvent] = LedgerEvent.objects.visible_to(user)
        target = Case(
            *(When(event__kind=kind, then=Value(str(flow.target))) for kind, flow in FLOWS.items())
        )
        leg = LedgerEntry.objects.filter(event=OuterRef("pk"), account=target)
        rows = with_document(rows, user).select_related("by", "budget__version__programme")
        return rows.annotate(
            moved=Subquery(leg.values("amount")[:1]),
            area_name=Subquery(_region(OuterRef("area_code"))),
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By a part of the note."""
        return rows.filter(note__icontains=text)


def _counted(key: str) -> Callable[[ResultFile], Any]:
    return lambda row: row.counts.get(key)


FORMATS = {
    ResultFormat.TABLE: _("Tabel"),
    ResultFormat.PAIN002: "pain.002",
    ResultFormat.CAMT053: "camt.053",
    ResultFormat.CAMT054: "camt.054",
    ResultFormat.MT940: "MT940",
    ResultFormat.SHEET: _("Tabel rekening koran"),
}


def _format(row: ResultFile) -> str:
    return str(FORMATS[ResultFormat(row.format)])


def _list_number(row: ResultFile) -> str:
    return row.pay_list.number if row.pay_list else str(_("Banyak daftar"))


@register
class Results(ListSpec):
    """Answers of banks."""

    key = "bank-results"
    title = _("Hasil salur")
    model = ResultFile
    filterset_class = ResultFilter
    default_sort = "-uploaded_at"
    empty_title = _("Belum ada berkas hasil dari bank.")
    empty_hint = _("Unggah dari halaman daftar bayar yang sudah dikirim ke bank.")
    columns = (
        Column("file_name", _("Berkas"), sort="file_name", kind="link", priority=1),
        Column("pay_list", _("Daftar"), value=_list_number, sort="pay_list__number"),
        Column("format", _("Format"), value=_format, sort="format", priority=3),
        Column("rows", _("Baris"), value=_counted("rows"), kind="number"),
        Column(
            "settled", _("Tersalur"), value=lambda row: row.counts.get("settled"), kind="number"
        ),
        Column("returned", _("Retur"), value=_counted("returned"), kind="number"),
        Column(
            "quarantine",
            _("Karantina"),
            value=_counted("quarantine"),
            kind="number",
        ),
        Column("state", _("Keadaan"), value=result_word, kind="status", sort="state"),
        Column("uploaded_at", _("Diunggah"), kind="datetime", sort="uploaded_at"),
        Column("uploaded_by", _("Oleh"), value="uploaded_by.full_name", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[ResultFile]:
        """Without the stored bytes."""
        rows: QuerySet[ResultFile] = ResultFile.objects.visible_to(user)
        return rows.select_related("pay_list", "uploaded_by", "job").defer("sealed_file")

    def row_url(self, row: ResultFile) -> str:
        return reverse("disbursements:result", args=[row.pk])


def row_word(row: ResultRow) -> Word:
    """What became of a bank row, as a badge."""
    state = RowState(row.state)
    return Word(ROW_TONES[state], str(state.label))


def _why(row: ResultRow) -> str:
    return row.quarantine_reason or row.get_reason_display()


class ResultRows(ListSpec):
    """Rows of one bank answer; quarantine first."""

    key = "bank-result-rows"
    title = _("Baris berkas bank")
    model = ResultRow
    filterset_class = ResultRowFilter
    default_sort = "row_number"
    empty_title = _("Tidak ada baris.")
    exportable = False
    columns = (
        Column("row_number", _("Baris"), kind="link", priority=1, sort="row_number"),
        Column("reference", _("Referensi"), kind="masked", sort="reference"),
        Column("name", _("Nama di berkas bank")),
        Column("amount", _("Jumlah"), kind="money", sort="amount"),
        Column("bank_text", _("Kata bank")),
        Column("state", _("Keadaan"), value=row_word, kind="status", sort="state"),
        Column(
            "reason",
            _("Alasan"),
            value=_why,
        ),
    )

    def __init__(self, result: ResultFile | None = None) -> None:
        self.result = result

    def queryset(self, user: Any) -> QuerySet[ResultRow]:
        """The file's rows; the file was found in the user's area."""
        return ResultRow.objects.filter(result=self.result)

    def row_url(self, row: ResultRow) -> str:
        return reverse("disbursements:desk_row", args=[row.pk])


@register
class Returns(ListSpec):
    """Returned payments and what becomes of them."""

    key = "returns"
    title = _("Retur")
    model = ReturnCase
    filterset_class = ReturnFilter
    default_sort = "returned_on"
    search_hint = _("Nama atau referensi")
    empty_title = _("Tidak ada retur.")
    empty_hint = _("Retur muncul di sini setelah hasil bank diterapkan.")
    columns = (
        Column("name", _("Nama"), value="line.payee_name", kind="link", priority=1),
        Column(
            "pay_list", _("Daftar"), value="line.pay_list.number", sort="line__pay_list__number"
        ),
        Column("area", _("Wilayah"), value=lambda row: row.area_name, sort="area_code"),
        Column("reason", _("Sebab"), value="get_reason_display", sort="reason"),
        Column("amount", _("Jumlah"), kind="money", sort="amount", total=True),
        Column("returned_on", _("Retur sejak"), kind="date", sort="returned_on"),
        Column("decision", _("Keputusan"), value="get_decision_display", sort="decision"),
        Column("state", _("Keadaan"), value=return_word, kind="status", sort="state"),
    )

    def queryset(self, user: Any) -> QuerySet[ReturnCase]:
        """With what the columns read."""
        rows: QuerySet[ReturnCase] = ReturnCase.objects.visible_to(user)
        return (
            rows.select_related("line__pay_list")
            .defer("heir", "line__account_number")
            .annotate(area_name=Subquery(_region(OuterRef("area_code"))))
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By a part of the name, or the whole reference."""
        return rows.filter(line__payee_name__icontains=text) | rows.filter(
            line__reference=clean_reference(text)
        )

    def row_url(self, row: ReturnCase) -> str:
        return reverse("disbursements:return", args=[row.pk])


def run_word(row: AuditRun) -> Word:
    """Whole or broken, with how many breaches."""
    if not row.broken:
        return Word("baik", _("Utuh"))
    return Word("masalah", _("%(count)s pelanggaran") % {"count": row.broken})


@register
class AuditRuns(ListSpec):
    """Every audit of the books."""

    key = "audit_runs"
    title = _("Pemeriksaan buku")
    model = AuditRun
    default_sort = "-finished_at"
    search_hint = ""
    empty_title = _("Buku belum pernah diperiksa.")
    empty_hint = _("Pemeriksaan berjalan sendiri setiap jam; Anda juga dapat memulainya sekarang.")
    columns = (
        Column(
            "finished_at",
            _("Selesai"),
            kind="datetime",
            sort="finished_at",
            priority=1,
            href=lambda row: reverse("disbursements:audit", args=[row.pk]),
        ),
        Column("started_at", _("Mulai"), kind="datetime", sort="started_at", priority=3),
        Column("state", _("Hasil"), value=run_word, kind="status", sort="broken"),
        Column("asked_by", _("Diminta oleh"), value=lambda row: _asked_by(row)),
    )

    def queryset(self, user: Any) -> QuerySet[AuditRun]:
        """All of them: the books are one."""
        rows: QuerySet[AuditRun] = AuditRun.objects.select_related("asked_by")
        return rows

    def row_url(self, row: AuditRun) -> str:
        return reverse("disbursements:audit", args=[row.pk])


def _asked_by(row: AuditRun) -> str:
    return row.asked_by.full_name if row.asked_by else str(_("Penjadwal"))


@register
class Breaches(ListSpec):
    """What the auditor found wrong, of the user's area."""

    key = "audit_breaches"
    title = _("Pelanggaran buku")
    model = AuditBreach
    filterset_class = BreachFilter
    default_sort = "promise"
    search_hint = ""
    empty_title = _("Tidak ada pelanggaran.")
    empty_hint = _("Semua janji pada pemeriksaan ini utuh.")
    columns = (
        Column("promise", _("Janji"), value=lambda row: _promise(row), sort="promise", priority=1),
        Column("kind", _("Yang ditemukan"), value=lambda row: _finding(row), priority=1),
        Column("place", _("Di mana"), sort="place"),
        Column("expected", _("Seharusnya")),
        Column("found", _("Ditemukan")),
        Column("area_code", _("Kode wilayah"), sort="area_code", priority=3),
        Column("at", _("Diperiksa"), value="run.finished_at", kind="datetime", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[AuditBreach]:
        """Of the area, and those of no area."""
        rows: QuerySet[AuditBreach] = AuditBreach.objects.visible_to(user)
        return rows.select_related("run")


def _promise(row: AuditBreach) -> str:
    known = PROMISES.get(row.promise)
    return f"{row.promise} {known.title}" if known else row.promise


def _finding(row: AuditBreach) -> str:
    known = CHECKS.get(row.kind)
    return str(known.words) if known else row.kind

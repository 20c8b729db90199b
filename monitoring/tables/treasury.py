"""The lists treasurers ask for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from bansos.lib.dates import MONTHS, long_date, short_date
from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.money import number, rupiah
from bansos.regions.models import Region
from disbursements.choices import ListState
from disbursements.documents.stage_base import decree_words
from disbursements.models import BankPart, CashPlan, PayList, PaymentLine, ReturnCase
from disbursements.queries.people import line_word, stage_words
from disbursements.rules.moves import AT_BANK
from disbursements.tables import list_word, return_word
from monitoring.filters.treasury import (
    AgeFilter,
    BankFilter,
    CashPlanFilter,
    CreditFilter,
    FundsFilter,
    IdleFilter,
    MissedFilter,
)
from monitoring.queries import treasury
from programs.choices import BenefitKind
from programs.models import Enrolment


def _area_name() -> Any:
    return Subquery(Region.objects.filter(code=OuterRef("area_code")).values("name")[:1])


def rate_words(row: Any) -> str:
    """What one payee gets: the same for all, a tariff per unit, or between which amounts."""
    version = row.stage.version
    if version.benefit_kind == BenefitKind.TARIFF and version.tariff is not None:
        return _now("%(each)s per %(unit)s") % {
            "each": rupiah(version.tariff),
            "unit": version.unit_label or _now("satuan"),
        }
    if row.least is None:
        return ""
    if row.least == row.most:
        return rupiah(row.least)
    ends = {"least": rupiah(row.least), "most": rupiah(row.most)}
    return _now("%(least)s sampai %(most)s per penerima") % ends


def basis_words(row: PayList) -> str:
    """Whom the money is for by which decree, and the day of the stage."""
    return _now("%(decree)s; tanggal tahap %(day)s") % {
        "decree": decree_words(row),
        "day": long_date(row.stage.stage_date),
    }


def _reckoned(row: Any) -> str:
    """How the total of a list comes about."""
    words = {"count": number(row.count), "rate": rate_words(row)}
    if row.stage.version.benefit_kind == BenefitKind.TARIFF:
        return _now("%(count)s penerima, satuan masing-masing x %(rate)s") % words
    if row.least != row.most:
        return _now("%(count)s penerima, %(rate)s") % words
    return _now("%(count)s penerima x %(rate)s") % words


def why_now(row: PayList) -> str:
    """What SPM to raise and why, or what comes first."""
    if row.state == ListState.APPROVED:
        return _now("Disetujui. Ajukan SPM %(total)s ke BPKAD: %(reckoned)s.") % {
            "total": rupiah(row.total),
            "reckoned": _reckoned(row),
        }
    if row.state == ListState.AWAITING:
        return _now("Menunggu pemeriksa dan penyetuju.")
    return _now("Terkunci; belum diajukan untuk disetujui.")


@register
class FundsRequests(ListSpec):
    """What SPM to raise, for which stage, and why."""

    key = "funds-requests"
    wide = True
    title = _("Permintaan dana per tahap")
    model = PayList
    filterset_class = FundsFilter
    default_sort = "approved_at"
    empty_title = _("Tidak ada dana yang perlu diminta.")
    empty_hint = _("Daftar muncul di sini sejak dikunci sampai SP2D dicatat.")
    columns = (
        Column("number", _("Daftar"), sort="number", kind="link", priority=1),
        Column("what", _("Program dan tahap"), value=lambda row: stage_words(row.stage)),
        Column("area", _("Wilayah"), value=lambda row: row.area_name, sort="area_code"),
        Column("rate", _("Tarif"), value=rate_words),
        Column("count", _("Rekening"), kind="number", sort="count", total=True),
        Column("total", _("Jumlah SPM"), kind="money", sort="total", total=True),
        Column("why", _("Langkah"), value=why_now),
        Column("basis", _("Dasar"), value=basis_words),
        Column("state", _("Keadaan"), value=list_word, kind="status", sort="state"),
        Column("left", _("Sisa alokasi"), kind="money", value="allocation.left", priority=3),
        Column("approved_at", _("Disetujui"), kind="datetime", sort="approved_at", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[PayList]:
        """With what the columns read."""
        return (
            treasury.funds_requests(user)
            .select_related("stage__version__programme", "allocation", "decree")
            .annotate(area_name=_area_name())
        )

    def row_url(self, row: PayList) -> str:
        return reverse("disbursements:list", args=[row.pk])


def reason_words(row: PaymentLine) -> str:
    """Why a line did not arrive, in the bank's words where there are any."""
    if row.state in AT_BANK:
        return _now("Belum dijawab bank")
    case = getattr(row, "return_case", None)
    if case is None:
        return ""
    return (
        f"{case.get_reason_display()}: {case.bank_text}"
        if case.bank_text
        else str(case.get_reason_display())
    )


def _seen(row: PaymentLine) -> str:
    return reverse("disbursements:list", args=[row.pay_list_id])


@register
class CreditedLines(ListSpec):
    """Credited or not, line by line, with the reason."""

    key = "credited-lines"
    wide = True
    title = _("Tersalur dan tidak tersalur")
    model = PaymentLine
    filterset_class = CreditFilter
    default_sort = "-stage_date"
    empty_title = _("Belum ada pembayaran yang dikirim ke bank.")
    columns = (
        Column("payee_name", _("Nama"), sort="payee_name", priority=1),
        Column("nik", _("NIK"), value="person.nik_masked", kind="masked"),
        Column(
            "stage_date",
            _("Program dan tahap"),
            value=lambda row: stage_words(row.stage),
            sort="stage__stage_date",
        ),
        Column("area", _("Wilayah"), value=lambda row: row.area_name, sort="area_code"),
        Column("account", _("Rekening"), value="account_masked", kind="masked", priority=3),
        Column("amount", _("Jumlah"), kind="money", sort="amount", total=True),
        Column("state", _("Hasil"), value=lambda row: line_word(row.state), kind="status"),
        Column("reason", _("Sebab"), value=reason_words),
        Column("settled_on", _("Tanggal salur"), kind="date", sort="settled_on", priority=3),
        Column("pay_list", _("Daftar"), value="pay_list.number", href=_seen, priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[PaymentLine]:
        """With what the columns read."""
        return (
            treasury.credited_lines(user)
            .select_related("person", "stage__version__programme", "pay_list", "return_case")
            .defer("return_case__heir")
            .annotate(area_name=_area_name())
        )


@register
class MissedPayments(ListSpec):
    """Three or more payments in a row that did not arrive."""

    key = "missed-payments"
    wide = True
    title = _("Tiga kali berturut-turut tidak tersalur")
    model = Enrolment
    filterset_class = MissedFilter
    default_sort = "area"
    empty_title = _("Tidak ada penerima dengan tiga kegagalan berturut-turut.")
    empty_hint = _("Dihitung sejak pembayaran terakhir yang sampai, per program.")
    columns = (
        Column("name", _("Nama"), value="person.name", sort="person__name", priority=1),
        Column("nik", _("NIK"), value="person.nik_masked", kind="masked"),
        Column("programme", _("Program"), value=lambda row: str(row.version)),
        Column("area", _("Wilayah"), value=lambda row: row.area_name, sort="area_code"),
        Column("missed", _("Berturut-turut"), kind="number", value=lambda row: row.missed),
        Column("last_paid", _("Terakhir tersalur"), kind="date", value=lambda row: row.last_paid),
        Column("state", _("Keadaan"), value="get_state_display"),
    )

    def queryset(self, user: Any) -> QuerySet[Enrolment]:
        """With what the columns read."""
        rows = treasury.three_missed(user).select_related("person", "version__programme")
        return rows.annotate(area_name=_area_name())


def use_words(row: PaymentLine) -> str:
    """What the bank last reported of the account."""
    use = getattr(row, "account_use", None)
    if use is None:
        return _now("Belum dilaporkan")
    day = short_date(use.reported_on)
    if use.last_used_on is None:
        return _now("Tanpa transaksi per %(day)s") % {"day": day}
    return _now("Transaksi terakhir %(used)s, laporan %(day)s") % {
        "used": short_date(use.last_used_on),
        "day": day,
    }


def days_since(day: date | None) -> int | None:
    """Calendar days since a day."""
    return None if day is None else (timezone.localdate() - day).days


@register
class IdleAccounts(ListSpec):
    """Paid accounts without a transaction for longer than the programme allows."""

    key = "idle-accounts"
    wide = True
    title = _("Rekening tanpa transaksi")
    model = PaymentLine
    filterset_class = IdleFilter
    default_sort = "settled_on"
    empty_title = _("Tidak ada rekening yang melewati batas.")
    empty_hint = _("Batasnya 30 hari sejak tersalur, kecuali program menentukan lain.")
    columns = (
        Column("payee_name", _("Nama"), sort="payee_name", priority=1),
        Column("nik", _("NIK"), value="person.nik_masked", kind="masked"),
        Column("what", _("Program dan tahap"), value=lambda row: stage_words(row.stage)),
        Column("area", _("Wilayah"), value=lambda row: row.area_name, sort="area_code"),
        Column("account", _("Rekening"), value="account_masked", kind="masked"),
        Column("amount", _("Jumlah"), kind="money", sort="amount", total=True),
        Column("settled_on", _("Tersalur"), kind="date", sort="settled_on"),
        Column("days", _("Hari"), kind="number", value=lambda row: days_since(row.settled_on)),
        Column("use", _("Laporan bank"), value=use_words),
        Column("pay_list", _("Daftar"), value="pay_list.number", href=_seen, priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[PaymentLine]:
        """With what the columns read."""
        return (
            treasury.idle_accounts(user, timezone.localdate())
            .select_related("person", "stage__version__programme", "pay_list", "account_use")
            .annotate(area_name=_area_name())
        )


@register
class ReturnsByAge(ListSpec):
    """Returns that are not finished, the oldest first."""

    key = "returns-by-age"
    wide = True
    title = _("Retur menurut umur")
    model = ReturnCase
    filterset_class = AgeFilter
    default_sort = "returned_on"
    empty_title = _("Tidak ada retur terbuka.")
    columns = (
        Column("name", _("Nama"), value="line.payee_name", kind="link", priority=1),
        Column("pay_list", _("Daftar"), value="line.pay_list.number"),
        Column("area", _("Wilayah"), value=lambda row: row.area_name, sort="area_code"),
        Column("reason", _("Sebab"), value="get_reason_display", sort="reason"),
        Column("amount", _("Jumlah"), kind="money", sort="amount", total=True),
        Column("returned_on", _("Retur sejak"), kind="date", sort="returned_on"),
        Column("days", _("Umur (hari)"), kind="number", value=lambda r: days_since(r.returned_on)),
        Column("decision", _("Keputusan"), value="get_decision_display"),
        Column("state", _("Keadaan"), value=return_word, kind="status", sort="state"),
    )

    def queryset(self, user: Any) -> QuerySet[ReturnCase]:
        """With what the columns read."""
        return (
            treasury.open_returns(user)
            .select_related("line__pay_list")
            .defer("heir", "line__account_number")
            .annotate(area_name=_area_name())
        )

    def row_url(self, row: ReturnCase) -> str:
        return reverse("disbursements:return", args=[row.pk])


@register
class PaymentsByBank(ListSpec):
    """Released lists by rail and bank: what was delivered, what came back, what is unknown."""

    key = "payments-by-bank"
    wide = True
    title = _("Pembayaran menurut saluran dan bank")
    model = BankPart
    filterset_class = BankFilter
    default_sort = "bank"
    empty_title = _("Belum ada daftar yang dibayar.")
    columns = (
        Column(
            "number", _("Daftar"), "pay_list.number", "link", sort="pay_list__number", priority=1
        ),
        Column("rail", _("Saluran"), value="get_rail_display", sort="rail"),
        Column("bank", _("Kode bank"), value="bank_code", sort="bank_code"),
        Column("what", _("Program dan tahap"), value=lambda row: stage_words(row.pay_list.stage)),
        Column("area", _("Wilayah"), value=lambda row: row.area_name, sort="area_code"),
        Column("count", _("Pembayaran"), value="lines", kind="number", sort="lines", total=True),
        Column("total", _("Jumlah"), kind="money", sort="total", total=True),
        Column("delivered", _("Tersalur"), kind="money", sort="delivered", total=True),
        Column("came_back", _("Retur"), kind="money", sort="came_back", total=True),
        Column("silent", _("Belum diketahui"), kind="money", sort="silent", total=True),
        Column(
            "state",
            _("Keadaan"),
            value=lambda row: list_word(row.pay_list),
            kind="status",
            sort="pay_list__state",
        ),
    )

    def queryset(self, user: Any) -> QuerySet[BankPart]:
        """With what the columns read."""
        rows = treasury.payments_by_bank(user)
        return rows.select_related("pay_list__stage__version__programme").annotate(
            area_name=_area_name()
        )

    def row_url(self, row: BankPart) -> str:
        return reverse("disbursements:list", args=[row.pay_list_id])


def month_words(row: CashPlan) -> str:
    """The month by name."""
    return f"{MONTHS[row.month - 1]} {row.budget.year}"


@register
class CashPlanRows(ListSpec):
    """Realisation against the cash plan, month by month."""

    key = "cash-plan"
    title = _("Realisasi terhadap rencana kas")
    model = CashPlan
    filterset_class = CashPlanFilter
    default_sort = "month"
    empty_title = _("Rencana kas belum diisi.")
    empty_hint = _("Isi rencana tiap bulan dari kartu kendali, per DPA.")
    columns = (
        Column("month", _("Bulan"), value=month_words, sort="month", priority=1),
        Column("budget", _("Program"), value="budget.version.programme.name", kind="link"),
        Column("amount", _("Rencana"), kind="money", sort="amount", total=True),
        Column("released", _("Cair (SP2D)"), kind="money", sort="released", total=True),
        Column("difference", _("Selisih"), kind="money", sort="difference", total=True),
    )

    def queryset(self, user: Any) -> QuerySet[CashPlan]:
        """With what the columns read."""
        return treasury.cash_plan(user).select_related("budget__version__programme")

    def row_url(self, row: CashPlan) -> str:
        return reverse("monitoring:budget_card", args=[row.budget_id])


LISTS: dict[str, tuple[type[ListSpec], Any]] = {
    "permintaan-dana": (FundsRequests, _("SPM apa yang perlu diajukan dan mengapa.")),
    "salur": (CreditedLines, _("Setiap pembayaran, sampai atau tidak, dengan sebabnya.")),
    "tiga-kali": (MissedPayments, _("Penerima yang tidak menerima tiga kali berturut-turut.")),
    "rekening-diam": (IdleAccounts, _("Lebih dari 30 hari tanpa transaksi sesudah tersalur.")),
    "retur": (ReturnsByAge, _("Retur yang belum selesai, yang terlama lebih dulu.")),
    "bank": (PaymentsByBank, _("Daftar yang dibayar, per saluran dan bank penyalur.")),
    "rencana-kas": (CashPlanRows, _("Cair per bulan dibandingkan dengan rencana kas.")),
}

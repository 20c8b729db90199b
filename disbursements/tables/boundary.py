"""The lists about the boundary to a bank: submissions, channels, names, layouts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from disbursements.choices import NAME_TONES, SUBMISSION_TONES, NameState, SubmissionState
from disbursements.filters import NameFilter, SubmissionFilter
from disbursements.models import (
    BankChannel,
    BankLayout,
    BankSubmission,
    NameCheck,
    StatementLayout,
)


def submission_word(row: BankSubmission) -> Word:
    """The state of a submission as a badge."""
    tone, icon = SUBMISSION_TONES[SubmissionState(row.state)]
    return Word(tone, str(SubmissionState(row.state).label), icon)


@register
class Submissions(ListSpec):
    """Every list that was given to a bank, and how that stands."""

    key = "bank-submissions"
    title = _("Kiriman ke bank")
    model = BankSubmission
    filterset_class = SubmissionFilter
    default_sort = "-intent_at"
    search_hint = _("Referensi kiriman atau nomor daftar")
    empty_title = _("Belum ada kiriman ke bank.")
    empty_hint = _("Kirim dari halaman daftar bayar sesudah berkas bank dibuat.")
    columns = (
        Column("reference", _("Referensi"), sort="reference", kind="link", priority=1),
        Column("pay_list", _("Daftar"), value="pay_list.number", sort="pay_list__number"),
        Column("kind", _("Kanal"), value="get_kind_display", sort="kind"),
        Column("count", _("KPM"), kind="number", sort="count"),
        Column("total", _("Jumlah"), kind="money", sort="total", total=True),
        Column("state", _("Keadaan"), value=submission_word, kind="status", sort="state"),
        Column("intent_at", _("Dicatat"), kind="datetime", sort="intent_at"),
        Column("intent_by", _("Oleh"), value="intent_by.full_name", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[BankSubmission]:
        """With what the columns read."""
        rows: QuerySet[BankSubmission] = BankSubmission.objects.visible_to(user)
        return rows.select_related("pay_list", "intent_by")

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By a part of the references."""
        return rows.filter(reference__icontains=text) | rows.filter(
            pay_list__number__icontains=text
        )

    def row_url(self, row: BankSubmission) -> str:
        return reverse("disbursements:submission", args=[row.pk])


def channel_word(row: BankChannel) -> Word:
    """Whether a way to a bank is on."""
    if row.active:
        return Word("baik", str(_("Aktif")), "check")
    return Word("netral", str(_("Mati")), "circle-x")


@register
class Channels(ListSpec):
    """The ways to banks of the user's agency."""

    key = "bank-channels"
    title = _("Kanal bank")
    model = BankChannel
    default_sort = "name"
    empty_title = _("Belum ada kanal bank.")
    empty_hint = _("Tanpa kanal, berkas bank dibawa petugas seperti biasa.")
    columns = (
        Column("name", _("Nama"), sort="name", kind="link", priority=1),
        Column("kind", _("Jenis"), value="get_kind_display", sort="kind"),
        Column("key", _("Kunci"), sort="key", priority=3),
        Column("state", _("Keadaan"), value=channel_word, kind="status", sort="active"),
        Column("tested_at", _("Diuji"), kind="datetime", sort="tested_at"),
    )

    def queryset(self, user: Any) -> QuerySet[BankChannel]:
        """Of the area."""
        rows: QuerySet[BankChannel] = BankChannel.objects.visible_to(user)
        return rows

    def row_url(self, row: BankChannel) -> str:
        return reverse("disbursements:channel", args=[row.pk])


def name_word(row: NameCheck) -> Word:
    """What became of a name the bank gave."""
    tone, icon = NAME_TONES[NameState(row.state)]
    return Word(tone, str(NameState(row.state).label), icon)


@register
class NameChecks(ListSpec):
    """Names of payees beside those the bank knows; the least alike first."""

    key = "bank-names"
    title = _("Nama menurut bank")
    model = NameCheck
    filterset_class = NameFilter
    default_sort = "likeness"
    empty_title = _("Belum ada nama yang dicocokkan.")
    empty_hint = _("Tekan Cocokkan nama ke bank pada daftar bayar yang masih draf.")
    columns = (
        Column("payee_name", _("Nama di daftar"), sort="payee_name", kind="link", priority=1),
        Column("bank_name", _("Nama menurut bank"), value=lambda row: row.bank_name or "-"),
        Column("likeness", _("Kemiripan (%)"), kind="number", sort="likeness"),
        Column("state", _("Keadaan"), value=name_word, kind="status", sort="state"),
        Column("account", _("Rekening"), value="line.account_masked", kind="masked"),
        Column("list", _("Daftar"), value="pay_list.number", priority=3),
        Column("checked_at", _("Dicocokkan"), kind="datetime", sort="checked_at", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[NameCheck]:
        """Of the area."""
        rows: QuerySet[NameCheck] = NameCheck.objects.visible_to(user)
        return rows.select_related("line", "pay_list")

    def row_url(self, row: NameCheck) -> str:
        return reverse("disbursements:name", args=[row.pk])


def layout_word(row: BankLayout | StatementLayout) -> Word:
    """Whether files are made, or statements read, in this version."""
    if row.active:
        return Word("baik", str(_("Dipakai")), "check")
    return Word("netral", str(_("Tidak dipakai")))


@register
class Layouts(ListSpec):
    """File layouts of banks with their versions."""

    key = "bank-layouts"
    title = _("Susunan berkas bank")
    model = BankLayout
    default_sort = "name"
    empty_title = _("Belum ada susunan berkas.")
    empty_hint = _("XLSX, CSV umum, dan ISO 20022 selalu dibuat; susunan lain ditulis di sini.")
    columns = (
        Column("name", _("Nama"), sort="name", kind="link", priority=1),
        Column("bank_code", _("Kode bank"), sort="bank_code"),
        Column("version", _("Versi"), kind="number", sort="version"),
        Column("format", _("Jenis"), value="get_format_display", sort="format"),
        Column("valid_from", _("Berlaku sejak"), kind="date", sort="valid_from"),
        Column("state", _("Keadaan"), value=layout_word, kind="status", sort="active"),
    )

    def queryset(self, user: Any) -> QuerySet[BankLayout]:
        """Of the area."""
        rows: QuerySet[BankLayout] = BankLayout.objects.visible_to(user)
        return rows

    def row_url(self, row: BankLayout) -> str:
        return reverse("disbursements:layout", args=[row.pk])


@register
class StatementLayouts(ListSpec):
    """How banks write their account statements as tables."""

    key = "statement-layouts"
    title = _("Susunan rekening koran")
    model = StatementLayout
    default_sort = "name"
    empty_title = _("Belum ada susunan rekening koran.")
    empty_hint = _("Tanpa susunan, meja rekonsiliasi hanya membaca camt, pain.002, dan MT940.")
    columns = (
        Column("name", _("Nama"), sort="name", kind="link", priority=1),
        Column("bank_code", _("Kode bank"), sort="bank_code"),
        Column("version", _("Versi"), kind="number", sort="version"),
        Column("used_at", _("Dipakai pertama"), kind="datetime", sort="used_at"),
        Column("state", _("Keadaan"), value=layout_word, kind="status", sort="active"),
    )

    def queryset(self, user: Any) -> QuerySet[StatementLayout]:
        """Of the area."""
        rows: QuerySet[StatementLayout] = StatementLayout.objects.visible_to(user)
        return rows

    def row_url(self, row: StatementLayout) -> str:
        return reverse("disbursements:statement_layout", args=[row.pk])

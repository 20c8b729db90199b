"""Closed lists of budgets, pay lists, lines, results and returns."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LedgerAccount(models.TextChoices):
    SOURCE = "source", _("Pagu dari DPA")
    AVAILABLE = "available", _("Tersedia")
    RESERVED = "reserved", _("Terikat")
    HOLDING = "holding", _("Rekening bendahara")
    DELIVERED = "delivered", _("Tersalur")
    TREASURY = "treasury", _("Kembali ke kas daerah")


class LedgerKind(models.TextChoices):
    BUDGET = "budget", _("Pagu dicatat")
    BUDGET_CHANGE = "budget_change", _("Pagu diubah")
    RESERVE = "reserve", _("Diikat")
    RELEASE = "release", _("Ikatan dilepas")
    SP2D = "sp2d", _("SP2D terbit")
    SETTLE = "settle", _("Tersalur")
    LATE_RETURN = "late_return", _("Retur sesudah tersalur")
    PAY_BACK = "pay_back", _("Disetor ke kas daerah")
    UNDO_SETTLE = "undo_settle", _("Padanan tersalur dibatalkan")
    UNDO_LATE = "undo_late", _("Padanan retur dibatalkan")
    UNDO_PAY_BACK = "undo_pay_back", _("STS dibatalkan")
    UNDO_SP2D = "undo_sp2d", _("SP2D dibatalkan")


class ListKind(models.TextChoices):
    MAIN = "main", _("Daftar utama")
    FOLLOW_UP = "follow_up", _("Daftar susulan")


class ListState(models.TextChoices):
    DRAFT = "draft", _("Draf")
    LOCKED = "locked", _("Terkunci")
    AWAITING = "awaiting", _("Menunggu persetujuan")
    APPROVED = "approved", _("Disetujui")
    SP2D = "sp2d", _("SP2D terbit")
    SENT = "sent", _("Dikirim ke bank")
    PARTLY_SETTLED = "partly", _("Tersalur sebagian")
    SETTLED = "settled", _("Tersalur")
    CLOSED = "closed", _("Ditutup")
    CANCELLED = "cancelled", _("Dibatalkan")


LIST_TONES = {
    ListState.DRAFT: ("netral", "pencil"),
    ListState.LOCKED: ("info", "lock"),
    ListState.AWAITING: ("menunggu", "clock"),
    ListState.APPROVED: ("baik", "check"),
    ListState.SP2D: ("info", "file-certificate"),
    ListState.SENT: ("info", "send"),
    ListState.PARTLY_SETTLED: ("menunggu", "cash"),
    ListState.SETTLED: ("baik", "cash"),
    ListState.CLOSED: ("baik", "circle-check"),
    ListState.CANCELLED: ("netral", "circle-x"),
}


class LineState(models.TextChoices):
    WAITING = "waiting", _("Menunggu")
    EXCLUDED = "excluded", _("Dikeluarkan")
    SUBMITTED = "submitted", _("Diproses bank")
    UNKNOWN = "unknown", _("Belum diketahui")
    SETTLED = "settled", _("Tersalur")
    RETURNED = "returned", _("Retur")
    REPAID = "repaid", _("Dibayar susulan")
    PAID_BACK = "paid_back", _("Disetor ke kas daerah")
    CANCELLED = "cancelled", _("Dibatalkan")


# Lines that claim the benefit of (stage, person): at most one such line may exist.
LIVE_LINES = (
    LineState.WAITING,
    LineState.SUBMITTED,
    LineState.UNKNOWN,
    LineState.SETTLED,
)
LINE_TONES = {
    LineState.WAITING: ("netral", "clock"),
    LineState.EXCLUDED: ("netral", "circle-minus"),
    LineState.SUBMITTED: ("info", "building-bank"),
    LineState.UNKNOWN: ("menunggu", "help-circle"),
    LineState.SETTLED: ("baik", "circle-check"),
    LineState.RETURNED: ("masalah", "arrow-back-up"),
    LineState.REPAID: ("baik", "refresh"),
    LineState.PAID_BACK: ("netral", "building-bank"),
    LineState.CANCELLED: ("netral", "circle-x"),
}


class FileFormat(models.TextChoices):
    XLSX = "xlsx", _("Daftar BNBA (XLSX)")
    CSV = "csv", _("CSV umum")
    PAIN001 = "pain001", _("ISO 20022 pain.001.001.09 (umum, tidak disertifikasi bank mana pun)")
    PAIN001_03 = (
        "pain001_03",
        _("ISO 20022 pain.001.001.03 (umum, tidak disertifikasi bank mana pun)"),
    )
    INSTRUCTION = "instruction", _("Surat standing instruction (PDF)")


class ResultState(models.TextChoices):
    CHECKED = "checked", _("Diperiksa")
    APPLIED = "applied", _("Diterapkan")
    REFUSED = "refused", _("Ditolak")


class ResultFormat(models.TextChoices):
    """How a bank's answer is written; told by its content."""

    TABLE = "table", _("Tabel (XLSX, CSV)")
    PAIN002 = "pain002", _("ISO 20022 pain.002 (umum, tidak disertifikasi bank mana pun)")
    CAMT053 = "camt053", _("ISO 20022 camt.053 (umum, tidak disertifikasi bank mana pun)")
    CAMT054 = "camt054", _("ISO 20022 camt.054 (umum, tidak disertifikasi bank mana pun)")
    MT940 = "mt940", _("MT940 (umum, tidak disertifikasi bank mana pun)")
    SHEET = "sheet", _("Tabel rekening koran (umum, tidak disertifikasi bank mana pun)")


class RowState(models.TextChoices):
    APPLIED = "applied", _("Diterapkan")
    SAME = "same", _("Sudah pernah")
    QUARANTINE = "quarantine", _("Karantina")


class Outcome(models.TextChoices):
    SETTLED = "settled", _("Tersalur")
    RETURNED = "returned", _("Retur")


class ReturnReason(models.TextChoices):
    CLOSED = "closed", _("Rekening ditutup")
    NAME = "name", _("Nama tidak cocok")
    UNCOLLECTED = "uncollected", _("Tidak diambil")
    DIED = "died", _("Meninggal")
    MOVED = "moved", _("Pindah")
    ACCOUNT = "account", _("Nomor rekening salah")
    BLOCKED = "blocked", _("Rekening diblokir")
    OTHER = "other", _("Lain")


class Decision(models.TextChoices):
    FOLLOW_UP = "follow_up", _("Perbaiki rekening dan bayar susulan")
    HEIR = "heir", _("Bayar ahli waris")
    TREASURY = "treasury", _("Setor ke kas daerah")


class ReturnState(models.TextChoices):
    OPEN = "open", _("Menunggu keputusan")
    DECIDED = "decided", _("Diputus")
    IN_FOLLOW_UP = "in_follow_up", _("Dalam daftar susulan")
    DONE = "done", _("Selesai")


class CashTaker(models.TextChoices):
    """Into whose hand cash was paid."""

    SELF = "self", _("Penerima sendiri")
    PROXY = "proxy", _("Pemegang surat kuasa")


class CashMark(models.TextChoices):
    """How the receipt was signed."""

    SIGNATURE = "signature", _("Tanda tangan")
    THUMB = "thumb", _("Cap jempol")


class DeskAct(models.TextChoices):
    """What a person says about a bank row."""

    LINK = "link", _("Ditautkan ke baris bayar")
    ASIDE = "aside", _("Disisihkan")
    UNDO = "undo", _("Padanan dibatalkan")


class AsideReason(models.TextChoices):
    """Why a bank row is no payment of ours, or says nothing new."""

    FEE = "fee", _("Biaya bank")
    INTEREST = "interest", _("Bunga, jasa giro, atau pajak")
    FOREIGN = "foreign", _("Transaksi lain pada rekening")
    OTHER_LIST = "other_list", _("Milik daftar lain")
    DOUBLED = "doubled", _("Baris ganda")
    ANSWERED = "answered", _("Sudah dijawab berkas lain")
    BANK_CORRECTS = "bank_corrects", _("Bank akan mengirim perbaikan")
    OTHER = "other", _("Lain")


class CorrectionKind(models.TextChoices):
    STS = "sts", _("STS salah dicatat")
    SP2D = "sp2d", _("SP2D salah dicatat")


class Severity(models.TextChoices):
    BLOCK = "block", _("Menghalangi")
    WARN = "warn", _("Perlu dilihat")


class ChannelKind(models.TextChoices):
    MANUAL = "manual", _("Berkas dibawa petugas")
    DROP = "drop", _("Kotak berkas (umum, tidak disertifikasi bank mana pun)")
    SNAP = "snap", _("SNAP BI (umum, tidak disertifikasi bank mana pun)")


class SubmissionState(models.TextChoices):
    INTENT = "intent", _("Akan dikirim")
    SENT = "sent", _("Diserahkan ke bank")
    ACCEPTED = "accepted", _("Diterima bank")
    UNKNOWN = "unknown", _("Kiriman belum diketahui")
    REJECTED = "rejected", _("Ditolak bank")


SUBMISSION_TONES = {
    SubmissionState.INTENT: ("menunggu", "clock"),
    SubmissionState.SENT: ("info", "send"),
    SubmissionState.ACCEPTED: ("baik", "circle-check"),
    SubmissionState.UNKNOWN: ("masalah", "help-circle"),
    SubmissionState.REJECTED: ("masalah", "circle-x"),
}


class TransferState(models.TextChoices):
    """One line sent by itself (SNAP)."""

    ASKED = "asked", _("Sedang dikirim")
    NOT_SENT = "not_sent", _("Tidak terkirim")
    ACCEPTED = "accepted", _("Diterima bank")
    UNKNOWN = "unknown", _("Kiriman belum diketahui")
    DONE = "done", _("Berhasil menurut bank")
    FAILED = "failed", _("Gagal menurut bank")


class AttemptKind(models.TextChoices):
    SEND = "send", _("Pengiriman")
    INQUIRY = "inquiry", _("Pertanyaan status")
    DECISION = "decision", _("Keputusan dua orang")
    EVIDENCE = "evidence", _("Bukti dari bank")


class Heard(models.TextChoices):
    """What came of one call to a bank."""

    ASKED = "asked", _("Niat dicatat")
    ACCEPTED = "accepted", _("Diterima")
    REJECTED = "rejected", _("Ditolak")
    UNKNOWN = "unknown", _("Tidak ada jawaban pasti")
    NOT_SENT = "not_sent", _("Tidak ada yang terkirim")
    NOT_FOUND = "not_found", _("Bank tidak mengenalnya")
    PENDING = "pending", _("Sedang diproses")
    DONE = "done", _("Berhasil")
    FAILED = "failed", _("Gagal")


class Arrival(models.TextChoices):
    ARRIVED = "arrived", _("Sampai di bank")
    NOT_ARRIVED = "not_arrived", _("Tidak sampai di bank; boleh dikirim lagi")


class NameState(models.TextChoices):
    SAME = "same", _("Cocok")
    DIFFERS = "differs", _("Nama berbeda")
    NO_ACCOUNT = "no_account", _("Rekening tidak ada")
    PROPOSED = "proposed", _("Menunggu pengesahan")
    ACCEPTED = "accepted", _("Diterima dengan alasan")


NAME_TONES = {
    NameState.SAME: ("baik", "check"),
    NameState.DIFFERS: ("masalah", "user-off"),
    NameState.NO_ACCOUNT: ("masalah", "circle-x"),
    NameState.PROPOSED: ("menunggu", "clock"),
    NameState.ACCEPTED: ("baik", "checks"),
}


class LayoutFormat(models.TextChoices):
    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("XLSX")


class AmountFormat(models.TextChoices):
    DOT = "dot", _("500000.00")
    COMMA = "comma", _("500000,00")
    WHOLE = "whole", _("500000 (tanpa sen)")
    SEN = "sen", _("50000000 (dalam sen)")


class DateOrder(models.TextChoices):
    """In which order a bank writes day, month and year."""

    DMY = "dmy", _("hari, bulan, tahun (31/12/2026)")
    YMD = "ymd", _("tahun, bulan, hari (2026-12-31)")
    MDY = "mdy", _("bulan, hari, tahun (12/31/2026)")


class NumberSigns(models.TextChoices):
    """What stands before the sen."""

    COMMA = "comma", _("koma (1.500.000,00)")
    DOT = "dot", _("titik (1,500,000.00)")


class StockKind(models.TextChoices):
    """Why stock moved."""

    RECEIVE = "receive", _("Lot diterima")
    OUT = "out", _("Dipindah keluar")
    IN = "in", _("Dipindah masuk")
    HAND_OVER = "hand_over", _("Diserahkan")
    BACK = "back", _("Kembali dari penerima")
    REPLACE = "replace", _("Pengganti barang rusak")


class HandoverState(models.TextChoices):
    HANDED = "handed", _("Diserahkan")
    RETURNED = "returned", _("Kembali")

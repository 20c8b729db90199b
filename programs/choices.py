"""Closed lists of programmes, enrolments and decrees."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PayeeKind(models.TextChoices):
    PERSON = "person", _("Perorangan")
    FAMILY = "family", _("Keluarga")
    GROUP = "group", _("Kelompok")
    INSTITUTION = "institution", _("Lembaga")
    GOVERNMENT = "government", _("Pemerintah")


# Kinds that are no person: a payee has to be chosen, or the named person would be paid.
PAYEES = (PayeeKind.GROUP, PayeeKind.INSTITUTION, PayeeKind.GOVERNMENT)


# What is counted of each kind, as reports and letters say it.
PAYEE_UNITS = {
    PayeeKind.PERSON: _("orang"),
    PayeeKind.FAMILY: _("keluarga"),
    PayeeKind.GROUP: _("kelompok"),
    PayeeKind.INSTITUTION: _("lembaga"),
    PayeeKind.GOVERNMENT: _("pemerintah"),
}


class BenefitKind(models.TextChoices):
    PER_STAGE = "per_stage", _("Uang per tahap")
    ONCE = "once", _("Uang sekali")
    FORMULA = "formula", _("Pagu dibagi jumlah penerima")
    TARIFF = "tariff", _("Tarif kali satuan")
    GOODS = "goods", _("Barang")
    SERVICE = "service", _("Layanan tanpa uang")


# Kinds that end in a pay list; the amount of the first two stands on the stage, of the others
# on each enrolment.
MONEY_KINDS = (
    BenefitKind.PER_STAGE,
    BenefitKind.ONCE,
    BenefitKind.FORMULA,
    BenefitKind.TARIFF,
)
FIXED_KINDS = (BenefitKind.PER_STAGE, BenefitKind.ONCE)


class Rail(models.TextChoices):
    """How money reaches somebody; a version names those it may use."""

    OVERBOOKING = "overbooking", _("Pemindahbukuan")
    BI_FAST = "bi_fast", _("BI-FAST")
    SKN = "skn", _("SKN")
    RTGS = "rtgs", _("RTGS")
    CASH = "cash", _("Tunai dengan kuitansi")


INTERBANK = (Rail.BI_FAST, Rail.SKN, Rail.RTGS)


class ProxyWho(models.TextChoices):
    """In what capacity somebody collects for a recipient."""

    FAMILY = "family", _("Keluarga")
    GUARDIAN = "guardian", _("Wali")
    OFFICER = "officer", _("Petugas Dinas Sosial")
    COMPANION = "companion", _("Pendamping")
    OTHER = "other", _("Orang lain")


class ProxyRole(models.TextChoices):
    """What somebody is besides; a programme may forbid it or want it of a witness."""

    COMPANION = "companion", _("Pendamping")
    BANK_STAFF = "bank_staff", _("Pegawai bank")
    OFFICIAL = "official", _("Aparat pemerintah")
    SOCIAL_OFFICER = "social", _("Petugas Dinas Sosial")


class GuardianKin(models.TextChoices):
    PARENT = "parent", _("Orang tua")
    CHILD = "child", _("Anak")
    SPOUSE = "spouse", _("Suami atau istri")
    SIBLING = "sibling", _("Saudara")
    KIN = "kin", _("Keluarga lain")


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draf")
    ACTIVE = "active", _("Berlaku")
    CLOSED = "closed", _("Ditutup")


class BarPer(models.TextChoices):
    """Whose other help counts when a programme shuts another out."""

    PERSON = "person", _("Per orang")
    FAMILY = "family", _("Per KK")


class BarDuring(models.TextChoices):
    """For how long one programme shuts another out."""

    YEAR = "year", _("Tahun yang sama")
    EVER = "ever", _("Seterusnya")


class ShiftState(models.TextChoices):
    """A move of places between regencies."""

    PROPOSED = "proposed", _("Menunggu persetujuan")
    APPROVED = "approved", _("Disetujui")
    REFUSED = "refused", _("Ditolak")


SHIFT_TONES = {
    ShiftState.PROPOSED: ("menunggu", "clock"),
    ShiftState.APPROVED: ("baik", "circle-check"),
    ShiftState.REFUSED: ("masalah", "x"),
}


class OfferAnswer(models.TextChoices):
    """What the next of the waiting list says to a place."""

    OPEN = "open", _("Ditawarkan")
    ACCEPTED = "accepted", _("Menerima")
    DECLINED = "declined", _("Menolak")


class Standing(models.TextChoices):
    """Where somebody who qualifies stands against the places."""

    INSIDE = "inside", _("Dalam kuota")
    WAITING = "waiting", _("Daftar tunggu")
    TIED = "tied", _("Urutan sama")


STANDING_TONES = {
    Standing.INSIDE: ("baik", "check"),
    Standing.WAITING: ("menunggu", "clock"),
    Standing.TIED: ("masalah", "alert-triangle"),
}


class EnrolmentState(models.TextChoices):
    DRAFT = "draft", _("Draf")
    PROPOSED = "proposed", _("Diajukan")
    IN_REVIEW = "in_review", _("Sedang diperiksa")
    NEEDS_CORRECTION = "correction", _("Perlu perbaikan")
    ELIGIBLE = "eligible", _("Layak")
    NOT_ELIGIBLE = "not_eligible", _("Tidak layak")
    DETERMINED = "determined", _("Dalam SK")
    ACTIVE = "active", _("Ditetapkan")
    SUSPENDED = "suspended", _("Ditangguhkan")
    GRADUATED = "graduated", _("Lulus")
    STOPPED = "stopped", _("Dihentikan")


# States in which a person (or family) already holds a place in the programme.
HOLDING = (
    EnrolmentState.ELIGIBLE,
    EnrolmentState.DETERMINED,
    EnrolmentState.ACTIVE,
    EnrolmentState.SUSPENDED,
)
# Named by a decree in force.
DECREED = (EnrolmentState.ACTIVE, EnrolmentState.SUSPENDED)
ENDED = (EnrolmentState.NOT_ELIGIBLE, EnrolmentState.GRADUATED, EnrolmentState.STOPPED)
ENROLMENT_TONES = {
    EnrolmentState.DRAFT: ("netral", "pencil"),
    EnrolmentState.PROPOSED: ("info", "send"),
    EnrolmentState.IN_REVIEW: ("info", "eye"),
    EnrolmentState.NEEDS_CORRECTION: ("menunggu", "alert-triangle"),
    EnrolmentState.ELIGIBLE: ("baik", "check"),
    EnrolmentState.NOT_ELIGIBLE: ("masalah", "x"),
    EnrolmentState.DETERMINED: ("info", "gavel"),
    EnrolmentState.ACTIVE: ("baik", "circle-check"),
    EnrolmentState.SUSPENDED: ("menunggu", "clock"),
    EnrolmentState.GRADUATED: ("baik", "flag"),
    EnrolmentState.STOPPED: ("masalah", "ban"),
}


class Channel(models.TextChoices):
    LIST = "list", _("Daftar kabupaten/kota")
    FORM = "form", _("Formulir")
    VILLAGE = "village", _("Usulan desa")
    UPT = "upt", _("Usulan UPT")
    SELF = "self", _("Usulan sendiri")


class Answer(models.TextChoices):
    YES = "yes", _("Memenuhi")
    NO = "no", _("Tidak memenuhi")
    UNKNOWN = "unknown", _("Belum diketahui")


ANSWER_TONES = {
    Answer.YES: ("baik", "check"),
    Answer.NO: ("masalah", "x"),
    Answer.UNKNOWN: ("menunggu", "help-circle"),
}


class DecreeState(models.TextChoices):
    DRAFT = "draft", _("Draf")
    SUBMITTED = "submitted", _("Menunggu persetujuan")
    APPROVED = "approved", _("Disetujui")
    SUPERSEDED = "superseded", _("Digantikan")
    CANCELLED = "cancelled", _("Dibatalkan")


DECREE_TONES = {
    DecreeState.DRAFT: ("netral", "pencil"),
    DecreeState.SUBMITTED: ("menunggu", "clock"),
    DecreeState.APPROVED: ("baik", "circle-check"),
    DecreeState.SUPERSEDED: ("netral", "history"),
    DecreeState.CANCELLED: ("netral", "ban"),
}


class Insurance(models.TextChoices):
    """The two public insurances whose premiums a province may pay."""

    HEALTH = "health", _("Jaminan kesehatan (BPJS Kesehatan)")
    WORK = "work", _("Jaminan ketenagakerjaan (BPJS Ketenagakerjaan)")


class PayerKind(models.TextChoices):
    """Who pays a person's premium."""

    PROVINCE = "province", _("Provinsi")
    REGENCY = "regency", _("Kabupaten/kota")
    CENTRE = "centre", _("Pemerintah pusat (PBI)")
    EMPLOYER = "employer", _("Pemberi kerja")
    SELF = "self", _("Peserta sendiri")


class PremiumRoundState(models.TextChoices):
    OPEN = "open", _("Disusun")
    SENT = "sent", _("Di penyelenggara jaminan")
    ANSWERED = "answered", _("Dijawab")


class PremiumChange(models.TextChoices):
    """What becomes of a person against the month before."""

    KEEP = "keep", _("Tetap")
    ADD = "add", _("Tambah")
    DROP = "drop", _("Keluar")


class PremiumState(models.TextChoices):
    WAITING = "waiting", _("Menunggu verifikasi")
    VERIFIED = "verified", _("Terverifikasi")
    REJECTED = "rejected", _("Tidak lolos verifikasi")
    SENT = "sent", _("Menunggu jawaban")
    ACCEPTED = "accepted", _("Diterima")
    REFUSED = "refused", _("Ditolak")


PREMIUM_TONES = {
    PremiumState.WAITING: ("menunggu", "clock"),
    PremiumState.VERIFIED: ("info", "check"),
    PremiumState.REJECTED: ("netral", "x"),
    PremiumState.SENT: ("info", "send"),
    PremiumState.ACCEPTED: ("baik", "circle-check"),
    PremiumState.REFUSED: ("masalah", "ban"),
}


class EventKind(models.TextChoices):
    """What happens to somebody during a programme."""

    DEATH = "death", _("Meninggal")
    MOVED_VILLAGE = "moved_village", _("Pindah di kabupaten/kota yang sama")
    MOVED_REGENCY = "moved_regency", _("Pindah ke kabupaten/kota lain di provinsi")
    MOVED_OUT = "moved_out", _("Pindah ke luar provinsi")
    MOVED_UNKNOWN = "moved_unknown", _("Pindah tanpa keterangan")
    ABSENT = "absent", _("Tidak hadir tanpa kabar")
    HINDERED = "hindered", _("Sakit atau berhalangan, butuh kuasa")
    IDENTITY = "identity", _("Identitas berbeda")
    ABLE = "able", _("Menjadi mampu")
    REFUSED = "refused", _("Menolak bantuan")
    DOUBLE = "double", _("Menerima bantuan ganda")
    NOT_FOUND = "not_found", _("Tidak ditemukan")
    OTHER = "other", _("Sebab lain")
    # The ways out that are no mishap.
    SUCCESS = "success", _("Ukuran keberhasilan tercapai")
    TERM = "term", _("Masa bantuan habis")


EXITS = (EventKind.SUCCESS, EventKind.TERM)


class EventTest(models.TextChoices):
    """What an event rule may look at besides the event itself."""

    ON_LIST = "on_list", _("ada dalam daftar bayar yang sudah dikunci")
    OFF_LIST = "off_list", _("belum ada dalam daftar bayar yang dikunci")
    PASSBOOK = "passbook", _("buku tabungan sudah diserahkan")
    NO_PASSBOOK = "no_passbook", _("buku tabungan belum diserahkan")
    BEFORE_DECREE = "before_decree", _("sebelum SK")
    AFTER_DECREE = "after_decree", _("sesudah SK")


class Outcome(models.TextChoices):
    """What an event does to an enrolment."""

    STOP = "stop", _("Dihentikan")
    REPLACE = "replace", _("Dihentikan, tempatnya boleh diganti")
    PAY_HEIR = "pay_heir", _("Ahli waris menerima, lalu dihentikan")
    PAY_BACK = "pay_back", _("Dihentikan, uang kembali ke kas daerah")
    HOLD = "hold", _("Ditangguhkan")
    TRANSFER = "transfer", _("Pindah wilayah, tetap menerima")
    PROXY = "proxy", _("Diambil kuasa")
    WAIT = "wait", _("Diberi tambahan waktu")
    GRADUATE = "graduate", _("Lulus")
    NOTE = "note", _("Dicatat tanpa akibat")


STOPPING = (Outcome.STOP, Outcome.REPLACE, Outcome.PAY_HEIR, Outcome.PAY_BACK)
# Outcomes after which the person gets nothing more from lists that are still open.
TAKES_OUT = (*STOPPING, Outcome.HOLD, Outcome.GRADUATE)


class MeasureKind(models.TextChoices):
    """How success is measured."""

    INCOME = "income", _("Pendapatan naik")
    ALIVE = "alive", _("Usaha masih berjalan")
    CONDITION = "condition", _("Keadaan membaik")


class AppealOutcome(models.TextChoices):
    RESTORED = "restored", _("Dipulihkan")
    KEPT = "kept", _("Putusan tetap")


class ReferralKind(models.TextChoices):
    """What comes after a programme."""

    ZAKAT = "zakat", _("Zakat produktif")
    KUR = "kur", _("KUR")
    LABOUR = "labour", _("Pelatihan Dinas Tenaga Kerja")
    TRADE = "trade", _("Pelatihan Dinas Perindustrian dan Perdagangan")
    HEALTH = "health", _("Layanan kesehatan")
    SOCIAL = "social", _("Layanan UPT Dinas Sosial")


class ReferralAnswer(models.TextChoices):
    ACCEPTED = "accepted", _("Diterima")
    DECLINED = "declined", _("Tidak diambil")


class AssetCondition(models.TextChoices):
    GOOD = "good", _("Baik")
    DAMAGED = "damaged", _("Rusak")
    LOST = "lost", _("Hilang")
    SOLD = "sold", _("Dijual")


class SimulationOutcome(models.TextChoices):
    """What a simulation would do with a person, against the list it is compared with."""

    IN = "in", _("Akan masuk")
    PENDING = "pending", _("Akan masuk bila terbukti")
    STAY = "stay", _("Tetap")
    DOUBT = "doubt", _("Belum dapat dipastikan")
    OUT = "out", _("Akan keluar")


OUTCOME_TONES = {
    SimulationOutcome.IN: ("baik", "plus"),
    SimulationOutcome.PENDING: ("info", "eye"),
    SimulationOutcome.STAY: ("netral", "check"),
    SimulationOutcome.DOUBT: ("menunggu", "alert-triangle"),
    SimulationOutcome.OUT: ("masalah", "circle-minus"),
}


class QuestionKind(models.TextChoices):
    """How a question of a monitoring visit is answered."""

    YES_NO = "yes_no", _("Ya/tidak")
    CHOICE = "choice", _("Pilihan")
    NUMBER = "number", _("Angka")
    AMOUNT = "amount", _("Rupiah")
    TEXT = "text", _("Teks")


# Whose house is visited: named by a decree, or out of the programme with success.
VISITED = (*DECREED, EnrolmentState.GRADUATED)
# The code under which the photo of a visit lies among the papers of its recipient.
VISIT_PHOTO = "foto_kunjungan"

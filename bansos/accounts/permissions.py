"""Permissions and roles, in code, with the words an administrator reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """One act or one kind of reading."""

    BENEFICIARY_VIEW = "beneficiary.view"
    BENEFICIARY_ENTER = "beneficiary.enter"
    BENEFICIARY_UNMASK = "beneficiary.unmask"
    SENSITIVE_VIEW = "sensitive.view"
    PAYEE_EDIT = "payee.edit"
    IMPORT_RUN = "import.run"
    SNAPSHOT_IMPORT = "snapshot.import"
    PROGRAM_VIEW = "program.view"
    PROGRAM_EDIT = "program.edit"
    SIMULATION_VIEW = "simulation.view"
    PROPOSAL_SUBMIT = "proposal.submit"
    PROPOSAL_VERIFY = "proposal.verify"
    DECREE_PREPARE = "decree.prepare"
    DECREE_APPROVE = "decree.approve"
    BUDGET_VIEW = "budget.view"
    BUDGET_EDIT = "budget.edit"
    PAYLIST_VIEW = "paylist.view"
    PAYLIST_PREPARE = "paylist.prepare"
    PAYLIST_CHECK = "paylist.check"
    PAYLIST_APPROVE = "paylist.approve"
    SP2D_RECORD = "sp2d.record"
    CASH_PAY = "cash.pay"
    BANK_FILE = "bank.file"
    BANK_RESULT = "bank.result"
    SUBMISSION_CONFIRM = "submission.confirm"
    CHANNEL_MANAGE = "channel.manage"
    RETURN_DECIDE = "return.decide"
    RETURN_CONFIRM = "return.confirm"
    RECONCILE = "reconcile"
    REPORT_VIEW = "report.view"
    REPORT_MAKE = "report.make"
    DOCUMENT_VIEW = "document.view"
    EXPORT = "export"
    AUDIT_VIEW = "audit.view"
    BOOKS_AUDIT = "books.audit"
    USER_MANAGE = "user.manage"
    REGION_VIEW = "region.view"
    CALENDAR_EDIT = "calendar.edit"
    CASH_PLAN_EDIT = "cash_plan.edit"


P = Permission

# What an administrator reads instead of a code.
WORDS: dict[Permission, Any] = {
    P.BENEFICIARY_VIEW: _("melihat penerima dan keluarga, nomor tersamar"),
    P.BENEFICIARY_ENTER: _("memasukkan dan mengubah data penerima"),
    P.BENEFICIARY_UNMASK: _("membuka nomor tersamar dengan alasan"),
    P.SENSITIVE_VIEW: _("melihat dan mencatat kategori PPKS terbatas (kesehatan, kekerasan, anak)"),
    P.PAYEE_EDIT: _("mencatat kelompok, lembaga, kas pemerintah, pilar, dan pekerja"),
    P.IMPORT_RUN: _("mengimpor daftar penerima dan usulan"),
    P.SNAPSHOT_IMPORT: _("memuat potret data (DTSEN, PKH, kematian, pengecualian)"),
    P.PROGRAM_VIEW: _("melihat program, usulan, dan SK"),
    P.PROGRAM_EDIT: _("menyusun program, tahap, kriteria, dan kuota"),
    P.SIMULATION_VIEW: _("melihat simulasi program"),
    P.PROPOSAL_SUBMIT: _("mengajukan usulan"),
    P.PROPOSAL_VERIFY: _("memutus usulan dan membuat Berita Acara"),
    P.DECREE_PREPARE: _("menyusun dan mengajukan SK"),
    P.DECREE_APPROVE: _("menyetujui SK"),
    P.BUDGET_VIEW: _("melihat pagu dan kartu kendali"),
    P.BUDGET_EDIT: _("mencatat pagu dan alokasi"),
    P.PAYLIST_VIEW: _("melihat daftar bayar, hasil bank, dan retur"),
    P.PAYLIST_PREPARE: _("menyusun, mengunci, dan mengajukan daftar bayar"),
    P.PAYLIST_CHECK: _("memeriksa daftar bayar"),
    P.PAYLIST_APPROVE: _("menyetujui daftar bayar"),
    P.SP2D_RECORD: _("mencatat SPM dan SP2D"),
    P.CASH_PAY: _("membayar tunai di loket dan mencatat kuitansinya"),
    P.BANK_FILE: _("membuat, mengunduh, dan mengirim berkas bank"),
    P.BANK_RESULT: _("mengunggah dan menerapkan hasil bank"),
    P.SUBMISSION_CONFIRM: _("mengesahkan keputusan kiriman bank dan nama rekening"),
    P.CHANNEL_MANAGE: _("mengatur kanal bank dan susunan berkas bank"),
    P.RETURN_DECIDE: _("memutus retur dan mencatat STS"),
    P.RETURN_CONFIRM: _("mengesahkan keputusan retur"),
    P.RECONCILE: _("menutup rekonsiliasi"),
    P.REPORT_VIEW: _("melihat dasbor dan laporan"),
    P.REPORT_MAKE: _("membuat laporan"),
    P.DOCUMENT_VIEW: _("membuka arsip dokumen"),
    P.EXPORT: _("mengekspor daftar"),
    P.AUDIT_VIEW: _("membaca jejak audit"),
    P.BOOKS_AUDIT: _("memeriksa buku dan melihat hasilnya"),
    P.USER_MANAGE: _("mengelola pengguna dan token"),
    P.REGION_VIEW: _("melihat wilayah dan kalender hari libur"),
    P.CALENDAR_EDIT: _("mengatur kalender hari libur"),
    P.CASH_PLAN_EDIT: _("mengatur rencana kas dan tenggat program"),
}


@dataclass(frozen=True)
class Role:
    """A set of permissions with its name and what its holder does."""

    code: str
    name: Any
    description: Any
    permissions: frozenset[Permission]

    @property
    def acts(self) -> list[Any]:
        """Its permissions in words, in the order of the work."""
        return [words for permission, words in WORDS.items() if permission in self.permissions]


READING = frozenset(
    {
        P.BENEFICIARY_VIEW,
        P.PROGRAM_VIEW,
        P.REPORT_VIEW,
        P.DOCUMENT_VIEW,
        P.EXPORT,
        P.REGION_VIEW,
    }
)
MONEY_READING = frozenset({P.BUDGET_VIEW, P.PAYLIST_VIEW})

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(
            "staf_program",
            _("Staf program provinsi"),
            _("Menyusun program, SK, dan daftar bayar; mengirim berkas ke bank."),
            READING
            | MONEY_READING
            | {
                P.BENEFICIARY_UNMASK,
                P.SENSITIVE_VIEW,
                P.PAYEE_EDIT,
                P.PROGRAM_EDIT,
                P.SIMULATION_VIEW,
                P.SNAPSHOT_IMPORT,
                P.DECREE_PREPARE,
                P.BUDGET_EDIT,
                P.PAYLIST_PREPARE,
                P.BANK_FILE,
                P.REPORT_MAKE,
                P.CALENDAR_EDIT,
                P.CASH_PLAN_EDIT,
            },
        ),
        Role(
            "kepala_seksi",
            _("Kepala seksi (pemeriksa)"),
            _("Memeriksa daftar bayar sebelum disetujui Kepala Dinas."),
            READING
            | MONEY_READING
            | {P.PAYLIST_CHECK, P.RETURN_CONFIRM, P.REPORT_MAKE, P.SIMULATION_VIEW}
            | {P.SUBMISSION_CONFIRM},
        ),
        Role(
            "kepala_dinas",
            _("Kepala Dinas (penyetuju)"),
            _("Menyetujui SK dan daftar bayar."),
            READING
            | MONEY_READING
            | {P.DECREE_APPROVE, P.PAYLIST_APPROVE, P.REPORT_MAKE, P.BOOKS_AUDIT}
            | {P.SIMULATION_VIEW},
        ),
        Role(
            "bendahara",
            _("Bendahara"),
            _("Mencatat SP2D, membaca hasil bank, memutus retur, menutup rekonsiliasi."),
            READING
            | MONEY_READING
            | {P.SP2D_RECORD, P.CASH_PAY, P.BANK_FILE, P.BANK_RESULT, P.RETURN_DECIDE, P.RECONCILE}
            | {P.REPORT_MAKE, P.BOOKS_AUDIT, P.CASH_PLAN_EDIT},
        ),
        Role(
            "petugas_kab",
            _("Petugas kabupaten/kota"),
            _("Mengusulkan penerima di wilayahnya, satu per satu atau dari daftar Excel."),
            READING
            | {
                P.BENEFICIARY_ENTER,
                P.BENEFICIARY_UNMASK,
                P.SENSITIVE_VIEW,
                P.PAYEE_EDIT,
                P.IMPORT_RUN,
                P.PROPOSAL_SUBMIT,
                P.CASH_PAY,
            },
        ),
        Role(
            "verifikator_kab",
            _("Verifikator kabupaten/kota"),
            _("Memeriksa usulan terhadap kriteria dan membuat Berita Acara."),
            READING | {P.PROPOSAL_VERIFY, P.BENEFICIARY_UNMASK},
        ),
        Role(
            "auditor",
            _("Auditor"),
            _("Membaca semua di wilayahnya, tersamar; tidak dapat mengubah apa pun."),
            READING | MONEY_READING | {P.AUDIT_VIEW, P.BOOKS_AUDIT, P.SIMULATION_VIEW},
        ),
        Role(
            "admin",
            _("Administrator"),
            _("Mengelola pengguna dan peran; tidak melihat isi berkas penerima."),
            frozenset(
                {
                    P.USER_MANAGE,
                    P.CHANNEL_MANAGE,
                    P.AUDIT_VIEW,
                    P.BOOKS_AUDIT,
                    P.REGION_VIEW,
                    P.CALENDAR_EDIT,
                }
            ),
        ),
    )
}
# The second pair of eyes is a person's: no machine's token carries these.
PERSONS_ONLY = frozenset(
    {
        P.DECREE_APPROVE,
        P.PAYLIST_CHECK,
        P.PAYLIST_APPROVE,
        P.RETURN_CONFIRM,
        P.SUBMISSION_CONFIRM,
        P.CHANNEL_MANAGE,
        P.BENEFICIARY_UNMASK,
        P.SENSITIVE_VIEW,
        P.USER_MANAGE,
    }
)
ROLE_CHOICES = [(role.code, role.name) for role in ROLES.values()]

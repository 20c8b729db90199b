"""The checks before a list is locked: their order, weight, words and what to do about a hit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from disbursements.choices import Severity

# Below: another person may own the account. Up to the second: worth a look (initials, titles).
NAME_DIFFERS_BELOW = 80
NAME_CLOSE_BELOW = 95
AGE_CRITERIA = frozenset({"min_age_on_stage", "max_age", "min_age_months"})


@dataclass(frozen=True)
class PreflightCheck:
    """One check: its code, weight, label, and the advice shown beside a hit."""

    code: str
    severity: Severity
    label: Any
    advice: Any


CHECKS: dict[str, PreflightCheck] = {
    check.code: check
    for check in (
        PreflightCheck(
            "decree",
            Severity.BLOCK,
            _("Disebut dalam SK yang berlaku"),
            _("Keluarkan dari daftar, atau terbitkan perubahan SK."),
        ),
        PreflightCheck(
            "inactive",
            Severity.BLOCK,
            _("Kepesertaan masih aktif"),
            _("Keluarkan dari daftar."),
        ),
        PreflightCheck(
            "paid",
            Severity.BLOCK,
            _("Belum dibayar pada tahap ini"),
            _("Keluarkan dari daftar; pembayaran tahap ini sudah ada."),
        ),
        PreflightCheck(
            "no_nik", Severity.BLOCK, _("NIK terisi"), _("Lengkapi NIK, atau keluarkan.")
        ),
        PreflightCheck(
            "died", Severity.BLOCK, _("Masih hidup"), _("Keluarkan, lalu hentikan kepesertaan.")
        ),
        PreflightCheck(
            "event",
            Severity.BLOCK,
            _("Tidak ada peristiwa yang menunggu putusan"),
            _("Minta putusan atas peristiwanya lalu periksa ulang, atau keluarkan."),
        ),
        PreflightCheck(
            "age",
            Severity.BLOCK,
            _("Usia sesuai pada tanggal tahap"),
            _("Perbaiki tanggal lahir bila salah, atau keluarkan."),
        ),
        PreflightCheck(
            "criterion",
            Severity.BLOCK,
            _("Kriteria program masih dipenuhi"),
            _("Keluarkan, atau perbarui data dan periksa ulang."),
        ),
        PreflightCheck(
            "plan",
            Severity.BLOCK,
            _("RAB sama dengan besaran bantuan"),
            _("Simpan RAB-nya di halaman usulan lalu periksa ulang, atau keluarkan."),
        ),
        PreflightCheck(
            "exclusive",
            Severity.BLOCK,
            _("Tidak tertahan karena bantuan lain"),
            _("Keluarkan dari salah satu program."),
        ),
        PreflightCheck(
            "no_account",
            Severity.BLOCK,
            _("Rekening di bank penyalur ada"),
            _("Isi rekening penerima lalu periksa ulang, atau keluarkan."),
        ),
        PreflightCheck(
            "rail",
            Severity.BLOCK,
            _("Ada jalur penyaluran yang cocok"),
            _("Isi rekening di bank penyalur, atau ubah jalur atau batasnya, lalu periksa ulang."),
        ),
        PreflightCheck(
            "payee",
            Severity.BLOCK,
            _("Kelompok, lembaga, atau pemerintah penerima memenuhi syarat"),
            _("Lengkapi data penerimanya lalu periksa ulang, atau keluarkan."),
        ),
        PreflightCheck(
            "holder",
            Severity.BLOCK,
            _("Nama pemilik rekening cocok"),
            _("Perbaiki rekening atau catat surat kuasa lalu periksa ulang, atau keluarkan."),
        ),
        PreflightCheck(
            "proxy",
            Severity.BLOCK,
            _("Surat kuasa pemilik rekening berlaku"),
            _("Catat surat kuasa baru atau isi rekening penerima, lalu periksa ulang."),
        ),
        PreflightCheck(
            "bank_name",
            Severity.BLOCK,
            _("Nama rekening menurut bank cocok"),
            _("Buka Nama menurut bank: terima berdua, perbaiki rekening, atau keluarkan."),
        ),
        PreflightCheck(
            "shared",
            Severity.BLOCK,
            _("Rekening tidak dipakai bersama"),
            _("Perbaiki rekening yang salah lalu periksa ulang, atau keluarkan."),
        ),
        PreflightCheck(
            "disputed",
            Severity.BLOCK,
            _("Bank tidak menyebut pembayaran asalnya lain"),
            _("Jawab baris bank itu di meja rekonsiliasi, lalu periksa ulang; atau keluarkan."),
        ),
        PreflightCheck(
            "holder_close",
            Severity.WARN,
            _("Nama pemilik rekening sama persis"),
            _("Beda ejaan kecil; lihat sebelum mengunci."),
        ),
        PreflightCheck(
            "unknown",
            Severity.WARN,
            _("Semua kriteria dapat diperiksa"),
            _("Muat potret data yang belum ada, bila perlu."),
        ),
    )
}


def name_likeness(name: str, holder: str) -> int:
    """0-100: how alike a payee and an account holder are written; order and case do not count."""
    left, right = " ".join(name.upper().split()), " ".join(holder.upper().split())
    return round(fuzz.token_sort_ratio(left, right))


def holder_code(name: str, holder: str) -> str:
    """The check a pair of names fails: "holder", "holder_close" or ""."""
    likeness = name_likeness(name, holder)
    if likeness < NAME_DIFFERS_BELOW:
        return "holder"
    return "holder_close" if likeness < NAME_CLOSE_BELOW else ""

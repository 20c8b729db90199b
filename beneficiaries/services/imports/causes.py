"""The causes rows are counted under, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from beneficiaries.services.imports.purposes import ImportPurpose

CAUSES: dict[str, Any] = {
    "belum_diisi": _("Isian wajib kosong"),
    "rusak_excel": _("Nomor rusak oleh Excel"),
    "nik_tidak_sah": _("NIK tidak sah"),
    "kk_tidak_sah": _("Nomor KK tidak sah"),
    "nama_tidak_sah": _("Nama tidak sah"),
    "tanggal_tidak_terbaca": _("Tanggal tidak terbaca"),
    "tanggal_tidak_mungkin": _("Tanggal lahir tidak mungkin"),
    "jenis_kelamin_tidak_terbaca": _("Jenis kelamin tidak terbaca"),
    "rekening_tidak_sah": _("Nomor rekening tidak sah"),
    "rekening_bersama": _("Rekening dipakai beberapa orang"),
    "ganda_dalam_berkas": _("Ganda dalam berkas ini"),
    "terdaftar_di_wilayah_lain": _("Terdaftar di wilayah lain"),
    "meninggal": _("Tercatat meninggal"),
    "desa_tidak_dikenal": _("Desa/kelurahan tidak dikenal"),
    "kode_beda_nama": _("Kode wilayah berbeda dengan nama"),
    "wilayah_lain_berkas": _("Di luar wilayah daftar"),
    "kabupaten_tidak_jelas": _("Kabupaten/kota tidak jelas"),
    "nik_beda_awalan": _("Awalan NIK tidak dikenal"),
    "nik_beda_tanggal_lahir": _("Tanggal lahir berbeda dengan NIK"),
    "nik_beda_jenis_kelamin": _("Jenis kelamin berbeda dengan NIK"),
    "nama_beda_register": _("Nama jauh berbeda dari daftar penerima"),
    "rekening_bilangan": _("Rekening tersimpan sebagai bilangan"),
    "diambil_dari_nik": _("Tanggal lahir diambil dari NIK"),
    "hubungan_tidak_terbaca": _("Hubungan keluarga tidak terbaca"),
    "hubungan_angka": _("Hubungan keluarga hanya angka"),
    "hubungan_kelamin": _("Suami atau istri tidak cocok dengan jenis kelamin"),
    "desil_tidak_sah": _("Desil tidak sah"),
    "kunci_kosong": _("NIK dan nomor KK kosong"),
    "ganda_kunci": _("Ganda dalam berkas ini"),
}


def label_of(code: str, purpose: ImportPurpose) -> str:
    """A cause in words; the purpose names its own, an unnamed one is shown by its code."""
    return str(purpose.causes.get(code) or CAUSES.get(code) or code.replace("_", " ").capitalize())

"""The twelve promises about money, in the words of the page that shows whether they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Promise:
    """What is promised, what the auditor compares for it, and what one of its rows is."""

    title: Any
    meaning: Any
    unit: Any


PROMISES: dict[str, Promise] = {
    "I1": Promise(
        _("Pagu tidak terlampaui"),
        _("Terikat dan cair tidak melebihi pagu dan alokasi; pagu sama dengan DPA yang dicatat."),
        _("pagu dan alokasi"),
    ),
    "I2": Promise(
        _("Satu kali bayar"),
        _("Paling banyak satu pembayaran hidup per orang (dan per KK) pada satu tahap."),
        _("pembayaran hidup"),
    ),
    "I3": Promise(
        _("Jumlah sama di semua tempat"),
        _("Baris, daftar, sidik jari, berkas bank, SP2D, dan kartu kendali menyebut jumlah sama."),
        _("daftar bayar"),
    ),
    "I4": Promise(
        _("Setiap baris punya satu akhir"),
        _("Baris tersalur atau retur hanya karena kata bank; yang tidak disebut tetap belum tahu."),
        _("baris bayar"),
    ),
    "I5": Promise(
        _("Kartu kendali seimbang"),
        _("Setiap mutasi seimbang, sekali saja, dan menerangkan semua angka pagu dan alokasi."),
        _("mutasi"),
    ),
    "I6": Promise(
        _("Berkas bank seperti yang disetujui"),
        _("Berkas tersimpan dibaca ulang: sidik jari, rekening, jumlah, dan referensinya sama."),
        _("dokumen"),
    ),
    "I7": Promise(
        _("Satu referensi, satu baris"),
        _("Referensi bank tidak pernah dipakai dua kali; hasil yang sama tidak diterima dua kali."),
        _("referensi"),
    ),
    "I8": Promise(
        _("Hasil bank diterapkan sekali"),
        _("Berkas dari bank dibaca ulang; yang cocok diterapkan sekali, lainnya di karantina."),
        _("baris hasil"),
    ),
    "I9": Promise(
        _("Tidak ada pekerjaan yang hilang"),
        _("Setiap pekerjaan yang belum selesai sedang dikerjakan atau dibunyikan lagi."),
        _("pekerjaan terbuka"),
    ),
    "I10": Promise(
        _("Selalu orang lain yang menyetujui"),
        _("Penyusun, pemeriksa, dan penyetuju berbeda; tanda tangan atas isi yang sekarang."),
        _("tanda tangan"),
    ),
    "I11": Promise(
        _("Retur dibayar sekali lagi atau disetor"),
        _("Baris susulan sama dengan yang dikembalikan dan tidak melebihi hak; STS senilai retur."),
        _("retur"),
    ),
    "I12": Promise(
        _("Semua langkah punya jejak"),
        _("Setiap langkah, tanda tangan, dan mutasi ada di jejak audit, dan rantainya utuh."),
        _("mata rantai"),
    ),
}

"""What a bank writes decides about money: delivered only by a whole known answer."""

from __future__ import annotations

import pytest

from disbursements.choices import Outcome, ReturnReason
from disbursements.rules.bank_words import outcome_of, reason_of

DELIVERED = ["BERHASIL", "Sukses", "00", "00 - Berhasil", "Tersalur", "Sudah cair", "ACSC", "Paid"]
CAME_BACK = [
    *("GAGAL", "Retur", "Ditolak", "Tidak berhasil", "Tidak disalurkan", "Tidak dicairkan"),
    *("Tidak sukses", "Tidak terbayar", "Not paid", "not success", "Rekening ditutup"),
    *("Gagal: nama tidak sesuai", "Berhasil diretur", "unpaid", "RJCT", "tidak ok"),
]
OPEN = [
    *("", "-", "Belum disalurkan", "Belum tersalur", "Belum dicairkan", "Belum diambil"),
    *("Belum kredit", "Akan dikredit", "Pending - kredit besok", "Dalam proses", "Sedang diproses"),
    *("dikredit kembali ke rekening sumber", "paid back", "Berhasil sebagian", "tidak gagal"),
    *("ok?? cek lagi", "kredit ganda", "berhasil, lalu ditanyakan"),
]


@pytest.mark.parametrize("words", DELIVERED)
def test_delivered(words: str) -> None:
    assert outcome_of(words) == Outcome.SETTLED


@pytest.mark.parametrize("words", CAME_BACK)
def test_came_back(words: str) -> None:
    assert outcome_of(words) == Outcome.RETURNED


@pytest.mark.parametrize("words", OPEN)
def test_nothing_is_guessed(words: str) -> None:
    assert outcome_of(words) is None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Rekening ditutup", ReturnReason.CLOSED),
        ("Nama tidak sesuai", ReturnReason.NAME),
        ("Penerima meninggal dunia", ReturnReason.DIED),
        ("Tidak diambil", ReturnReason.UNCOLLECTED),
        ("Pindah alamat", ReturnReason.MOVED),
        ("Kode 99", ReturnReason.OTHER),
    ],
)
def test_the_reason_of_a_return(words: str, reason: ReturnReason) -> None:
    assert reason_of(words) == reason

"""What banks write about a transfer, in our words: delivered or returned, and why."""

from __future__ import annotations

import re

from disbursements.choices import Outcome, ReturnReason

# Whole words; the returned ones are asked first ("tidak berhasil", "belum tersalur").
_RETURNED = re.compile(
    r"\b(gagal|gagal salur|retur|returned?|ditolak|tolak|reject(ed)?|failed|fail|batal"
    r"|tidak (berhasil|tersalur|cair|dapat|terkredit|diambil|terdaftar|sesuai|cocok|aktif|valid)"
    r"|belum (berhasil|tersalur|cair|diambil)|tutup|ditutup|blokir|diblokir"
    r"|meninggal|wafat|unsuccessful|unpaid|rjct)\b"
)
_SETTLED = re.compile(
    r"\b(berhasil|sukses|success(ful)?|tersalur|disalurkan|cair|dicairkan|settled|paid|terbayar"
    r"|kredit|terkredit|dikredit|credited|ok|acsc|accc|00)\b"
)
_REASONS: tuple[tuple[ReturnReason, re.Pattern[str]], ...] = (
    (
        ReturnReason.DIED,
        re.compile(r"\b(meninggal( dunia)?|wafat|almarhum(ah)?|alm|deceased|died|am06)\b"),
    ),
    (
        ReturnReason.NAME,
        re.compile(
            r"\b(nama (beda|berbeda|salah|tidak (sesuai|cocok|sama))|beda nama|name|be01"
            r"|nama penerima (tidak|beda).*)\b"
        ),
    ),
    (
        ReturnReason.CLOSED,
        re.compile(
            r"\b(tutup|ditutup|closed|blokir|diblokir|blocked|ac04|ac06"
            r"|rekening (tidak (aktif|ada|valid|terdaftar|ditemukan)|pasif|salah))\b"
        ),
    ),
    (
        ReturnReason.UNCOLLECTED,
        re.compile(r"\b((tidak|belum|tak) (di)?(ambil|cairkan)|uncollected|dormant|kedaluwarsa)\b"),
    ),
    (ReturnReason.MOVED, re.compile(r"\b(pindah( alamat| domisili)?|moved)\b")),
)


def plain(text: str) -> str:
    """Lower case, signs as single spaces."""
    return " ".join(re.sub(r"[^0-9a-z]+", " ", text.lower()).split())


def outcome_of(status: str) -> Outcome | None:
    """Delivered, returned, or None when the words say neither: nothing is guessed."""
    words = plain(status)
    if not words:
        return None
    if _RETURNED.search(words):
        return Outcome.RETURNED
    return Outcome.SETTLED if _SETTLED.search(words) else None


def reason_of(text: str) -> ReturnReason:
    """The coded reason of a return; OTHER when the words are not known."""
    words = plain(text)
    for reason, pattern in _REASONS:
        if pattern.search(words):
            return reason
    return ReturnReason.OTHER

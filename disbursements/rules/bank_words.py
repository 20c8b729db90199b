"""What banks write about a transfer, in our words: delivered or returned, and why."""

from __future__ import annotations

import re
from functools import lru_cache

from disbursements.choices import Outcome, ReturnReason

# Words that leave it open: the line stays unknown, because a second payment could follow.
_OPEN = re.compile(
    r"\b(belum|akan|pending|proses|diproses|processing|menunggu|tunggu|waiting|sedang|besok"
    r"|dijadwalkan|scheduled|antre|queued?"
    r"|(tidak|bukan|tak|not)"
    r" (gagal|retur|diretur|ditolak|tolak|batal|dibatalkan|rejected|failed))\b"
)
_RETURNED = re.compile(
    r"\b(gagal|retur|diretur|returned?|ditolak|tolak|reject(ed)?|failed|fail|batal|dibatalkan"
    r"|(tidak|tak) (berhasil|sukses|tersalur|disalurkan|cair|dicairkan|terbayar|dapat|bisa"
    r"|terkredit|dikredit|diambil|terdaftar|sesuai|cocok|aktif|valid|ok)"
    r"|not (paid|successful|success|credited|settled|ok)|dikembalikan|reversed"
    r"|tutup|ditutup|closed|blokir|diblokir|meninggal|wafat|unsuccessful|unpaid|rjct)\b"
)
# Only these whole answers mean delivered. Anything around them, and the line stays unknown.
_SETTLED = frozenset(
    {
        *("berhasil", "sukses", "success", "successful", "succeeded", "tersalur", "disalurkan"),
        *("cair", "dicairkan", "settled", "paid", "terbayar", "dibayar", "kredit", "terkredit"),
        *("dikredit", "credited", "ok", "acsc", "accc", "00"),
        *("00 berhasil", "00 sukses", "00 success", "00 ok", "berhasil 00", "sukses 00"),
        *("sudah cair", "sudah tersalur", "sudah disalurkan", "sudah dikredit", "sudah terbayar"),
        *("telah cair", "telah tersalur", "telah disalurkan", "telah dikredit", "telah terbayar"),
        *("berhasil dikredit", "berhasil tersalur", "berhasil disalurkan", "berhasil dicairkan"),
        *(
            "dana tersalur",
            "sukses dikredit",
            "transaksi berhasil",
            "transaksi sukses",
            "transfer berhasil",
        ),
        *("transfer sukses", "pemindahbukuan berhasil", "fully settled", "paid in full"),
    }
)
_REASONS: tuple[tuple[ReturnReason, re.Pattern[str]], ...] = (
    (
        ReturnReason.DIED,
        re.compile(r"\b(meninggal( dunia)?|wafat|almarhum(ah)?|alm|deceased|died|md07)\b"),
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


# A bank says the same few words a million times.
@lru_cache(maxsize=1_024)
def outcome_of(status: str) -> Outcome | None:
    """Delivered, returned, or None when the words say neither for sure: nothing is guessed."""
    words = plain(status)
    if not words or _OPEN.search(words):
        return None
    if _RETURNED.search(words):
        return Outcome.RETURNED
    return Outcome.SETTLED if words in _SETTLED else None


@lru_cache(maxsize=1_024)
def reason_of(text: str) -> ReturnReason:
    """The coded reason of a return; OTHER when the words are not known."""
    words = plain(text)
    for reason, pattern in _REASONS:
        if pattern.search(words):
            return reason
    return ReturnReason.OTHER

"""Words of an insurer's answer, and the months of premiums. No real interface is known to us."""

from __future__ import annotations

from datetime import date

ACCEPTED = frozenset(
    {"diterima", "terima", "accepted", "sesuai", "berhasil", "ok", "aktif", "setuju", "y", "ya"}
)
REFUSED = frozenset(
    {"ditolak", "tolak", "refused", "rejected", "tidak sesuai", "gagal", "nonaktif", "t", "tidak"}
)


def outcome_of(text: str) -> bool | None:
    """True for accepted, False for refused, None for words nobody knows."""
    word = " ".join(text.lower().replace("-", " ").split()).strip(" .")
    if word in ACCEPTED:
        return True
    return False if word in REFUSED else None


def month_after(month: date) -> date:
    """The first day of the month after a first day."""
    return date(month.year + (month.month == 12), month.month % 12 + 1, 1)

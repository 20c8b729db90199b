"""What one run of the demo counted, and the table it prints at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from bansos.lib.money import number, rupiah

ZERO = Decimal(0)
WIDTH = 54


@dataclass
class Figures:
    """People and rupiah along the chain; `difference` must be nothing."""

    imported: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    eligible: int = 0
    in_decree: int = 0
    listed: int = 0
    total: Decimal = ZERO
    settled: int = 0
    settled_amount: Decimal = ZERO
    returned: Counter[str] = field(default_factory=Counter)
    paid_again: int = 0
    paid_again_amount: Decimal = ZERO
    paid_back: int = 0
    paid_back_amount: Decimal = ZERO
    breaches: list[str] = field(default_factory=list)
    times: list[tuple[str, float]] = field(default_factory=list)

    @property
    def difference(self) -> Decimal:
        """SP2D minus what was delivered, paid again and paid back."""
        return self.total - self.settled_amount - self.paid_again_amount - self.paid_back_amount

    @property
    def missing(self) -> int:
        """The same in people."""
        return self.listed - self.settled - self.paid_again - self.paid_back

    @property
    def is_sound(self) -> bool:
        """True when nothing differs and no invariant is broken."""
        return not (self.difference or self.missing or self.breaches) and self.listed > 0

    def lines(self) -> Iterator[str]:
        """The table, line by line."""
        yield from _part("Orang masuk dari daftar", number(self.imported))
        yield from _reasons("Baris ditolak pemeriksaan", self.refused)
        yield from _reasons("Tidak layak menurut verifikator", self.rejected)
        yield from _part("Layak", number(self.eligible))
        yield from _part("Dalam SK", number(self.in_decree))
        yield from _part("Daftar bayar", f"{number(self.listed)} KPM", rupiah(self.total))
        yield from _part("Tersalur", f"{number(self.settled)} KPM", rupiah(self.settled_amount))
        yield from _reasons("Retur", self.returned)
        yield from _part(
            "Dibayar susulan", f"{number(self.paid_again)} KPM", rupiah(self.paid_again_amount)
        )
        yield from _part(
            "Kembali ke kas daerah", f"{number(self.paid_back)} KPM", rupiah(self.paid_back_amount)
        )
        yield from _part("Selisih", f"{number(self.missing)} KPM", rupiah(self.difference))
        yield ""
        yield "Waktu pekerjaan latar (dtk, sejak diminta sampai selesai):"
        for title, seconds in self.times:
            yield f"  {seconds:7.1f}  {title}"


def _part(name: str, people: str, money: str = "") -> Iterator[str]:
    yield f"{name:<{WIDTH}}{people:>12}{money:>20}".rstrip()


def _reasons(name: str, found: Counter[str]) -> Iterator[str]:
    yield from _part(name, number(found.total()))
    for reason, count in found.most_common():
        yield from _part(f"    {reason}"[:WIDTH], number(count))

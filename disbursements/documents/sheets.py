"""An official sheet of one stage: opening, facts, tables, statements, signers; and its PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from bansos.lib.dates import date_in_words, long_date
from bansos.lib.money import number, rupiah
from bansos.lib.pdf import render_pdf
from bansos.lib.qr import qr_svg
from disbursements.documents.letters import Letter

TEXT, COUNT, MONEY, PLACE = "", "angka", "uang", "nomor"


@dataclass(frozen=True)
class Grid:
    """A table: heads are (words, kind); a total row has the length of the heads."""

    caption: str
    heads: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Any]]
    total: Sequence[Any] = ()
    empty: str = "Tidak ada."
    tight: bool = False

    @property
    def cells(self) -> list[list[tuple[str, str]]]:
        """Rows of (written, kind)."""
        return [self._written(row) for row in self.rows]

    @property
    def foot(self) -> list[tuple[str, str]]:
        """The total row, written."""
        return self._written(self.total)

    def _written(self, row: Sequence[Any]) -> list[tuple[str, str]]:
        return [
            (written(cell, kind), kind)
            for cell, (_words, kind) in zip(row, self.heads, strict=True)
        ]


def written(cell: Any, kind: str) -> str:
    """A cell as paper shows it: amounts with Rp, numbers with points, "" for None."""
    if cell is None or cell == "":
        return ""
    if kind == MONEY and isinstance(cell, Decimal | int):
        return rupiah(cell)
    if kind in {COUNT, PLACE} and isinstance(cell, Decimal | int):
        return number(cell)
    return long_date(cell) if hasattr(cell, "weekday") else str(cell)


@dataclass(frozen=True, kw_only=True)
class Sheet(Letter):
    """What a sheet says; `addressee` and `reference` make it an ordinary letter.

    `facts` are (label, value) pairs, `points` numbered statements, `annexes` landscape tables.
    `duty` marks the place of the stamp duty on a declaration.
    """

    title: str
    subtitle: str = ""
    reference: Sequence[tuple[str, str]] = ()
    addressee: str = ""
    opening: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    grids: Sequence[Grid] = ()
    points_title: str = ""
    points: Sequence[str] = ()
    closing: Sequence[str] = ()
    annexes: Sequence[Grid] = ()
    duty: bool = False


def _frame(letter: Sheet, **more: Any) -> dict[str, Any]:
    return {
        "letter": letter,
        "agency": letter.agency,
        "title": letter.title,
        "number": letter.number,
        "place_date": f"{letter.agency.city}, {long_date(letter.on)}",
        "day_words": date_in_words(letter.on),
        "signers": letter.signers,
        "check_code": letter.check_code,
        "check_url": letter.check_url,
        "qr_svg": qr_svg(letter.check_url) if letter.check_url else "",
        "training_mode": letter.training,
        **more,
    }


def render_sheet(sheet: Sheet, *, path: str) -> bytes:
    """The sheet as PDF."""
    context = _frame(sheet, subtitle=sheet.subtitle, reference=sheet.reference)
    html = render_to_string(path, context)
    return render_pdf(html, stylesheets=("css/surat.css",), created=sheet.made_at)

"""Kuitansi, one per line and three a page: drawn, because a district may have hundreds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bansos.lib.dates import long_date
from bansos.lib.money import rupiah, terbilang_rupiah
from disbursements.documents.letters import Letter
from programs.documents.paper import BOLD, REGULAR, Paper, wrapped

MM = 72 / 25.4
LEFT, TOP, STEP = 25 * MM, 16 * MM, 84 * MM
A_PAGE = 3
SIZE, LEADING = 9.0, 12.5
LABELS = 34 * MM
GAP = 8 * MM
# Amounts in words and names are not cut: three lines hold hundreds of millions with sen.
MOST_LINES = 3
DOTS = "." * 36


@dataclass(frozen=True)
class Receipt:
    """One kuitansi: who receives how much for what, against which line."""

    place: int
    payee: str
    address: str
    reference: str
    amount: Decimal
    purpose: str


@dataclass(frozen=True, kw_only=True)
class Receipts(Letter):
    """The receipts of one district."""

    title: str
    payer: str
    treasurer: str
    receipts: Sequence[Receipt]


def render_receipts(letter: Receipts, *, path: str) -> bytes:
    """PDF bytes; the same receipts give the same bytes. `path` names the layout's version."""
    paper = Paper(title=f"{letter.title} {path}", author=letter.agency.name, is_landscape=False)
    pages = [letter.receipts[n : n + A_PAGE] for n in range(0, len(letter.receipts), A_PAGE)]
    for number, page in enumerate(pages, start=1):
        for place, receipt in enumerate(page):
            _receipt(paper, letter, receipt, TOP + place * STEP)
        _foot(paper, letter, number, len(pages))
        paper.next_page()
    return paper.finish()


def _receipt(paper: Paper, letter: Receipts, receipt: Receipt, top: Any) -> None:
    """One receipt; `top` counts in points from the top of the page."""
    right = paper.width - LEFT
    y = top + 14
    paper.text(LEFT, y, "KUITANSI", size=13, font=BOLD)
    words = f"Nomor {letter.number}/{receipt.place}"
    paper.text(right, y - 5, words, size=8, align="right")
    paper.text(right, y + 5, f"Referensi {receipt.reference}", size=8, align="right")
    y += 20
    pairs = (
        ("Sudah terima dari", letter.payer, REGULAR),
        ("Uang sejumlah", rupiah(receipt.amount), BOLD),
        ("Terbilang", terbilang_rupiah(receipt.amount), REGULAR),
        ("Untuk pembayaran", receipt.purpose, REGULAR),
        ("Alamat penerima", receipt.address, REGULAR),
    )
    room = right - LEFT - LABELS - 6
    for label, value, font in pairs:
        paper.text(LEFT, y, label, size=SIZE)
        paper.text(LEFT + LABELS, y, ":", size=SIZE)
        for line in wrapped(value, room, SIZE, font=font, most=MOST_LINES) or [""]:
            paper.text(LEFT + LABELS + 6, y, line, size=SIZE, font=font)
            y += LEADING
    half = (right - LEFT) / 4
    left_middle, right_middle = LEFT + half, right - half
    y += 6
    paper.text(left_middle, y, "Lunas dibayar,", size=SIZE, align="center")
    paper.text(
        right_middle, y, "................., ....................", size=SIZE, align="center"
    )
    y += LEADING
    paper.text(left_middle, y, "Bendahara Pengeluaran", size=SIZE, align="center")
    paper.text(right_middle, y, "Penerima (tanda tangan/cap jempol)", size=SIZE, align="center")
    for middle, name in ((left_middle, letter.treasurer or DOTS), (right_middle, receipt.payee)):
        lines = wrapped(name, 2 * half - GAP, SIZE, font=BOLD, most=MOST_LINES)
        for place, line in enumerate(lines):
            below = top + STEP - 32 + place * (SIZE + 1)
            paper.text(middle, below, line, size=SIZE, font=BOLD, align="center")
    paper.rule(LEFT, top + STEP - 6, right)


def _foot(paper: Paper, letter: Receipts, number: int, pages: int) -> None:
    top = paper.height - 22 * MM
    if letter.check_url:
        paper.qr(LEFT, top, 15 * MM, letter.check_url)
    x = LEFT + 18 * MM
    made = f"{letter.title}, Nomor {letter.number}, {long_date(letter.on)}"
    paper.text(x, top + 12, made, size=7.5, font=BOLD)
    paper.text(x, top + 22, f"Kode pemeriksaan: {letter.check_code}", size=7.5)
    paper.text(x, top + 32, f"Periksa keaslian: {letter.check_url}", size=7.5)
    right = paper.width - LEFT
    paper.text(right, top + 42, f"Halaman {number} dari {pages}", size=8, align="right")
    if letter.training:
        words = "MODE LATIHAN. Data rekaan."
        paper.text(right, 12 * MM, words, size=8, font=BOLD, align="right", color="#8f1f19")

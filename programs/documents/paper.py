"""The paper that long annexes are drawn on: fonts, fitted text, QR, page feet, tables by rows.

Drawn with ReportLab because a by-name annex has thousands of rows (docs/adr/0013); letters are
made from HTML. Every length is in points, every y counts from the top of the page.
"""

from __future__ import annotations

import heapq
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import segno
from django.conf import settings
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from bansos.lib.pdf import BASE_URL, font_file, read_static

REGULAR, BOLD = "NotoSans", "NotoSans-Bold"
MM = 72 / 25.4
INK, SOFT, LINE, TINT, ZEBRA, RED = "#14181d", "#46505b", "#aab3bd", "#e6eaee", "#f6f8f9", "#8f1f19"
ELLIPSIS = "…"
# Names and addresses are what an annex is for: a long one makes its row higher, it is never cut.
MOST_LINES = 12
LONGEST = 100


@lru_cache(maxsize=1)
def register_fonts() -> None:
    """The same Noto Sans files as every letter, once per process."""
    prefix = urlsplit(str(settings.STATIC_URL)).path.strip("/")
    for name, weight in ((REGULAR, "400"), (BOLD, "700")):
        url = f"{BASE_URL}{prefix}/{font_file('latin', weight, 'normal')}"
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(read_static(url)[0])))


@lru_cache(maxsize=50_000)
def _width(text: str, font: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(text, font, size))


def wrapped(
    text: str, width: float, size: float, *, font: str = REGULAR, most: int = 2
) -> list[str]:
    """The text in at most `most` lines of the width; what does not fit ends in an ellipsis."""
    if _width(text, font, size) <= width:
        return [text]
    lines: list[str] = []
    current = ""
    for word in text.split():
        trial = f"{current} {word}".strip()
        if current and _width(trial, font, size) > width:
            lines.append(current)
            current = word
        else:
            current = trial
    lines.append(current)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [_cut(line, width, size, font) for line in lines]


def _cut(text: str, width: float, size: float, font: str) -> str:
    if _width(text, font, size) <= width:
        return text
    while text and _width(text + ELLIPSIS, font, size) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


@dataclass(frozen=True)
class Column:
    """One column of a table: its head, width in mm, and which way its text leans."""

    label: str
    width: float
    align: str = "left"


class Paper:
    """One PDF being drawn, page by page, from the top down."""

    def __init__(self, *, title: str, author: str, is_landscape: bool = True) -> None:
        register_fonts()
        self.buffer = io.BytesIO()
        size = landscape(A4) if is_landscape else A4
        self.width, self.height = float(size[0]), float(size[1])
        self.canvas = Canvas(self.buffer, pagesize=size, invariant=1, pageCompression=1, lang="id")
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setCreator("Bansos")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8,
        font: str = REGULAR,
        align: str = "left",
        color: str = INK,
    ) -> None:
        """One line with its baseline at y from the top."""
        canvas = self.canvas
        canvas.setFont(font, size)
        canvas.setFillColor(color)
        place = self.height - y
        if align == "right":
            canvas.drawRightString(x, place, text)
        elif align == "center":
            canvas.drawCentredString(x, place, text)
        else:
            canvas.drawString(x, place, text)

    def rule(
        self, x1: float, y: float, x2: float, *, width: float = 0.5, color: str = LINE
    ) -> None:
        """A horizontal line."""
        self.canvas.setStrokeColor(color)
        self.canvas.setLineWidth(width)
        self.canvas.line(x1, self.height - y, x2, self.height - y)

    def upright(self, x: float, y1: float, y2: float, *, width: float = 0.5) -> None:
        """A vertical line."""
        self.canvas.setStrokeColor(LINE)
        self.canvas.setLineWidth(width)
        self.canvas.line(x, self.height - y1, x, self.height - y2)

    def box(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """A filled rectangle whose top left corner is at x, y."""
        self.canvas.setFillColor(color)
        self.canvas.rect(x, self.height - y - height, width, height, stroke=0, fill=1)

    def qr(self, x: float, y: float, size: float, url: str) -> None:
        """A QR code of a check page's address."""
        rows = [list(row) for row in segno.make(url, micro=False, error="m").matrix]
        cell = size / len(rows)
        self.canvas.setFillColor("#000000")
        for place, row in enumerate(rows):
            start = None
            for column, dark in enumerate([*row, 0]):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    self.canvas.rect(
                        x + start * cell,
                        self.height - y - (place + 1) * cell,
                        (column - start) * cell,
                        cell,
                        stroke=0,
                        fill=1,
                    )
                    start = None

    def next_page(self) -> None:
        """End this page."""
        self.canvas.showPage()

    def finish(self) -> bytes:
        """The PDF's bytes; the same drawing gives the same bytes."""
        self.canvas.save()
        return self.buffer.getvalue()


def widest(texts: Iterable[str], size: float, *, font: str = REGULAR) -> float:
    """Width in points of the widest of the texts; 0 of none."""
    register_fonts()
    # Letters differ in width, but not so much that a far shorter text is the wider one.
    longest = heapq.nlargest(LONGEST, set(texts), key=len)
    return max((_width(text, font, size) for text in longest), default=0.0)


def fitted(columns: Sequence[Column], whole: float) -> list[float]:
    """Widths in points that fill `whole`, in the proportions given."""
    total = sum(column.width for column in columns)
    return [column.width / total * whole for column in columns]

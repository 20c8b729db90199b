"""A long table of names, drawn row by row: heads on every page, page numbers, QR, signers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from bansos.lib.dates import long_date
from programs.documents.paper import (
    BOLD,
    INK,
    LINE,
    MM,
    MOST_LINES,
    RED,
    SOFT,
    TINT,
    Column,
    Paper,
    fitted,
    wrapped,
)

SIZE, LEADING, PADDING = 7.8, 9.6, 2.6
LEFT, TOP, BOTTOM = 15 * MM, 14 * MM, 24 * MM
# What the columns share, across a page that lies on its side.
ROOM = 297 * MM - 2 * LEFT
HEAD_HEIGHT, HEAD_LINES, SIGNING = 18.0, 2, 108.0
# Signatures never stand alone: the last name and the total go with them to another page.
WITH_SIGNERS = 2
# So many rows are laid out between two words about how far it is.
AT_ONCE = 500

Row = list[list[str]]


@dataclass(frozen=True, kw_only=True)
class NameTable:
    """What a table of names says; rows are written cells, `least` the height a row has at least.

    `total` is the last row; `notes` stand before the signers, who are (role, name, staff number).
    A head or a note that is too long for one line takes another.
    """

    agency: str
    city: str
    number: str
    on: date
    check_code: str
    check_url: str
    about: str
    training: bool
    signers: Sequence[tuple[str, str, str]]
    title: str
    subtitle: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    total: Sequence[str]
    least: float = 0.0
    notes: Sequence[str] = ()


def render_name_table(
    table: NameTable, *, path: str, tell: Callable[[int, int], None] | None = None
) -> bytes:
    """PDF bytes; the same table gives the same bytes. `path` names the layout's version.

    `tell` hears (rows done, rows), half of them when all are laid out; what it raises ends it.
    """
    return _Writer(table, path).render(tell)


class _Writer:
    """Lays the rows out first, so that the page numbers are right, then draws them."""

    def __init__(self, table: NameTable, path: str) -> None:
        self.table = table
        self.paper = Paper(title=f"{table.title} {path}", author=table.agency)
        self.right = self.paper.width - LEFT
        self.widths = fitted(table.columns, self.right - LEFT)
        self.edges = [LEFT]
        for width in self.widths:
            self.edges.append(self.edges[-1] + width)
        self.heads = [
            wrapped(column.label, width - 2 * PADDING, SIZE, font=BOLD, most=HEAD_LINES)
            for column, width in zip(table.columns, self.widths, strict=True)
        ]
        self.head_height = HEAD_HEIGHT + LEADING * (max(map(len, self.heads)) - 1)
        whole = self.right - LEFT
        self.notes = [line for note in table.notes for line in wrapped(note, whole, 8.5, most=3)]
        self.floor = self.paper.height - BOTTOM
        self.y, self.page, self.pages = TOP, 1, 1

    def render(self, tell: Callable[[int, int], None] | None) -> bytes:
        rows = []
        for place, cells in enumerate([*self.table.rows, self.table.total]):
            if tell is not None and place % AT_ONCE == 0:
                tell(place // 2, len(self.table.rows))
            rows.append(self._wrap(cells))
        plan = self._plan(rows)
        self.pages = len(plan)
        self._opening()
        for number, (first, last) in enumerate(plan, start=1):
            if tell is not None:
                tell((len(self.table.rows) + first) // 2, len(self.table.rows))
            if number > 1:
                self._turn(number)
            if first < last:
                self._part(rows, first, last)
        self._signers()
        self._foot()
        self.paper.next_page()
        return self.paper.finish()

    def _wrap(self, cells: Sequence[str]) -> Row:
        return [
            wrapped(cell, width - 2 * PADDING, SIZE, most=MOST_LINES)
            for cell, width in zip(cells, self.widths, strict=True)
        ]

    def _height(self, row: Row) -> float:
        return max(self.table.least, max(len(cell) for cell in row) * LEADING + 3)

    def _plan(self, rows: Sequence[Row]) -> list[tuple[int, int]]:
        """(first, past last) row of every page; the last one has room for the signers."""
        pages, start, used = [], 0, TOP + 56 + self.head_height
        for place, row in enumerate(rows):
            height = self._height(row)
            if used + height > self.floor and place > start:
                pages.append((start, place))
                start, used = place, TOP + self.head_height
            used += height
        pages.append((start, len(rows)))
        return self._closed(pages, fits=used + self._closing_height() <= self.floor)

    @staticmethod
    def _closed(pages: list[tuple[int, int]], *, fits: bool) -> list[tuple[int, int]]:
        """The pages with the signers beside the last name and the total, at the end of a table."""
        (first, end), keep = pages[-1], pages[-1][1] - WITH_SIGNERS
        if not fits:
            last = max(keep, first + 1)
            return [*pages[:-1], (first, last), (last, end)]
        if first > keep and len(pages) > 1:
            before = pages[-2][0]
            last = max(keep, before + 1)
            return [*pages[:-2], (before, last), (last, end)]
        return pages

    def _closing_height(self) -> float:
        return 14.0 * len(self.notes) + SIGNING

    def _opening(self) -> None:
        paper, table = self.paper, self.table
        middle = (LEFT + self.right) / 2
        paper.text(LEFT, TOP + 8, table.agency, size=9, font=BOLD)
        paper.text(self.right, TOP + 8, f"Nomor {table.number}", size=8.5, align="right")
        paper.text(middle, TOP + 28, table.title.upper(), size=11, font=BOLD, align="center")
        paper.text(middle, TOP + 41, table.subtitle, size=9, align="center")
        paper.text(self.right, TOP + 19, table.about, size=8, align="right", color=SOFT)
        self.y = TOP + 56

    def _part(self, rows: Sequence[Row], first: int, last: int) -> None:
        top, end = self.y, len(rows) - 1
        self._heads()
        for place in range(first, last):
            self._row(rows[place], is_total=place == end)
        for edge in self.edges:
            self.paper.upright(edge, top, self.y)

    def _heads(self) -> None:
        paper = self.paper
        paper.box(LEFT, self.y, self.right - LEFT, self.head_height, TINT)
        for lines, edge, width in zip(self.heads, self.edges, self.widths, strict=False):
            for place, line in enumerate(lines):
                baseline = self.y + 11.6 + place * LEADING
                paper.text(edge + width / 2, baseline, line, size=SIZE, font=BOLD, align="center")
        paper.rule(LEFT, self.y, self.right)
        self.y += self.head_height
        paper.rule(LEFT, self.y, self.right)

    def _row(self, row: Row, *, is_total: bool) -> None:
        height, font = self._height(row), BOLD if is_total else "NotoSans"
        for column, edge, width, lines in zip(
            self.table.columns, self.edges, self.widths, row, strict=False
        ):
            x = {
                "left": edge + PADDING,
                "right": edge + width - PADDING,
                "center": edge + width / 2,
            }[column.align]
            for place, line in enumerate(lines):
                baseline = self.y + 8.8 + place * LEADING
                self.paper.text(x, baseline, line, size=SIZE, font=font, align=column.align)
        self.y += height
        self.paper.rule(LEFT, self.y, self.right, width=0.35, color=LINE)

    def _turn(self, number: int) -> None:
        self._foot()
        self.paper.next_page()
        self.page, self.y = number, TOP

    def _signers(self) -> None:
        paper, table = self.paper, self.table
        y = self.y + 6
        for note in self.notes:
            y += 12
            paper.text(LEFT, y, note, size=8.5)
        y += 20
        count = max(len(table.signers), 1)
        step = (self.right - LEFT) / count
        date_x = LEFT + step * (count - 0.5)
        words = f"{table.city}, {long_date(table.on)}"
        paper.text(date_x, y, words, size=8.5, align="center")
        for place, signer in enumerate(table.signers):
            self._signer(signer, LEFT + step * (place + 0.5), y + 12)

    def _signer(self, signer: tuple[str, str, str], x: float, y: float) -> None:
        role, name, number = signer
        self.paper.text(x, y, role, size=8.5, align="center")
        self.paper.text(x, y + 52, name or "." * 40, size=9, font=BOLD, align="center")
        if number:
            self.paper.text(x, y + 63, f"NIP {number}", size=8, align="center")

    def _foot(self) -> None:
        paper, table = self.paper, self.table
        y = paper.height - BOTTOM + 5 * MM
        paper.rule(LEFT, y, self.right)
        x = LEFT
        if table.check_url:
            paper.qr(x, y + 2 * MM, 14 * MM, table.check_url)
            x += 17 * MM
        lines = (
            f"{table.title}, Nomor {table.number}, {long_date(table.on)}",
            f"Kode pemeriksaan: {table.check_code}",
            f"Periksa keaslian: {table.check_url}",
        )
        for place, line in enumerate(lines):
            paper.text(x, y + 4.5 * MM + place * 9, line, size=7, color=SOFT if place else INK)
        words = f"Halaman {self.page} dari {self.pages}"
        paper.text(self.right, y + 4.5 * MM, words, size=8, align="right")
        if table.training:
            words = "MODE LATIHAN. Data rekaan."
            paper.text(self.right, 9 * MM, words, size=8, font=BOLD, align="right", color=RED)

"""The annex of a decree by name and address: A4 landscape, heads on every page, totals, QR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bansos.lib.dates import long_date
from bansos.lib.money import number as count_words
from bansos.lib.money import rupiah, terbilang_rupiah
from programs.documents.paper import (
    BOLD,
    INK,
    LINE,
    MM,
    MOST_LINES,
    RED,
    SOFT,
    TINT,
    ZEBRA,
    Column,
    Paper,
    fitted,
    wrapped,
)

SIZE, LEADING, PADDING = 7.6, 9.4, 2.4
LEFT, TOP, BOTTOM = 15 * MM, 14 * MM, 24 * MM
HEAD_HEIGHT = 16.0
COLUMNS = (
    Column("No", 9, "right"),
    Column("Nama", 46),
    Column("NIK (tersamar)", 30),
    Column("L/P", 8, "center"),
    Column("Alamat", 58),
    Column("Desa/Kelurahan", 34),
    Column("Kecamatan", 30),
    Column("Kabupaten/Kota", 34),
    Column("Besaran setahun", 26, "right"),
)


@dataclass(frozen=True)
class AnnexLine:
    """One person of a decree as the annex prints them; the NIK comes masked."""

    position: int
    name: str
    nik: str
    sex: str
    address: str
    village: str
    district: str
    regency: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class AnnexData:
    """Everything an annex says; made from a decree, or by hand in a measurement."""

    agency: str
    government: str
    number: str
    decree_date: date
    subject: str
    area: str
    programme: str
    year: int
    revision: int
    lines: Sequence[AnnexLine]
    place: str
    signer_title: str
    signer_name: str
    signer_number: str = ""
    check_code: str = ""
    check_url: str = ""
    content_hash: str = ""
    training: bool = False
    notes: Sequence[str] = ()
    districts: Sequence[tuple[str, int, Decimal]] = field(default_factory=tuple)
    # What the sums stand by, and what is counted in them.
    part: str = "Kecamatan"
    unit: str = "penerima"

    @property
    def total(self) -> Decimal:
        """The sum of all lines."""
        return sum((line.amount for line in self.lines), Decimal(0))


Row = list[list[str]]


class AnnexWriter:
    """Lays all rows out first, so that "Halaman 3 dari 41" is right, then draws them."""

    def __init__(self, data: AnnexData) -> None:
        self.data = data
        self.paper = Paper(title=f"Lampiran SK {data.number}", author=data.agency)
        self.left, self.right = LEFT, self.paper.width - LEFT
        self.widths = fitted(COLUMNS, self.right - self.left)
        self.edges = [self.left]
        for width in self.widths:
            self.edges.append(self.edges[-1] + width)
        self.floor = self.paper.height - BOTTOM
        self.page, self.pages = 1, 1
        self.y = TOP

    def render(self) -> bytes:
        """The PDF."""
        rows = [self._wrap(line) for line in self.data.lines]
        plan = self._plan(rows)
        self.pages = len(plan) + 1
        self._opening()
        for place, part in enumerate(plan):
            if place:
                self._turn()
            self._table(rows, part)
        self._turn()
        self._closing()
        self._foot()
        self.paper.next_page()
        return self.paper.finish()

    def _wrap(self, line: AnnexLine) -> Row:
        cells = (
            *(str(line.position), line.name, line.nik, line.sex, line.address),
            *(line.village, line.district, line.regency, rupiah(line.amount)),
        )
        return [
            wrapped(cell, width - 2 * PADDING, SIZE, most=MOST_LINES)
            for cell, width in zip(cells, self.widths, strict=True)
        ]

    def _height(self, row: Row) -> float:
        return max(len(cell) for cell in row) * LEADING + 3

    def _plan(self, rows: Sequence[Row]) -> list[tuple[int, int]]:
        """(first, past last) row of every page."""
        pages: list[tuple[int, int]] = []
        start, room = 0, self.floor - self._opening_height() - HEAD_HEIGHT
        used = 0.0
        for place, row in enumerate(rows):
            height = self._height(row)
            if used + height > room and place > start:
                pages.append((start, place))
                start, used = place, 0.0
                room = self.floor - TOP - HEAD_HEIGHT
            used += height
        pages.append((start, len(rows)))
        return pages

    def _opening_lines(self) -> list[str]:
        return wrapped(self.data.subject, (self.right - self.left) * 0.7, 10, font=BOLD, most=3)

    def _opening_height(self) -> float:
        return TOP + 58 + 13 * len(self._opening_lines())

    def _opening(self) -> None:
        data, paper = self.data, self.paper
        column = self.right - 92 * MM
        for place, (label, value) in enumerate(
            (
                ("Lampiran", "Surat Keputusan"),
                ("Nomor", data.number),
                ("Tanggal", long_date(data.decree_date)),
            )
        ):
            paper.text(column, TOP + 8 + place * 11, label, size=8.5)
            paper.text(column + 17 * MM, TOP + 8 + place * 11, f": {value}", size=8.5)
        paper.text(self.left, TOP + 8, data.government, size=8.5, color=SOFT)
        paper.text(self.left, TOP + 19, data.agency, size=9, font=BOLD)
        middle = (self.left + self.right) / 2
        y = TOP + 48
        for line in self._opening_lines():
            paper.text(middle, y, line.upper(), size=10, font=BOLD, align="center")
            y += 13
        self.y = self._opening_height()

    def _table(self, rows: Sequence[Row], part: tuple[int, int]) -> None:
        top = self.y
        self._heads()
        for place in range(*part):
            self._row(rows[place], odd=place % 2 == 1)
        for edge in self.edges:
            self.paper.upright(edge, top, self.y)

    def _heads(self) -> None:
        paper = self.paper
        paper.box(self.left, self.y, self.right - self.left, HEAD_HEIGHT, TINT)
        for column, edge, width in zip(COLUMNS, self.edges, self.widths, strict=False):
            paper.text(
                edge + width / 2, self.y + 10.6, column.label, size=SIZE, font=BOLD, align="center"
            )
        paper.rule(self.left, self.y, self.right)
        self.y += HEAD_HEIGHT
        paper.rule(self.left, self.y, self.right)

    def _row(self, row: Row, *, odd: bool) -> None:
        height = self._height(row)
        if odd:
            self.paper.box(self.left, self.y, self.right - self.left, height, ZEBRA)
        for column, edge, width, lines in zip(COLUMNS, self.edges, self.widths, row, strict=False):
            x = {
                "left": edge + PADDING,
                "right": edge + width - PADDING,
                "center": edge + width / 2,
            }[column.align]
            for place, line in enumerate(lines):
                baseline = self.y + 8.6 + place * LEADING
                self.paper.text(x, baseline, line, size=SIZE, align=column.align)
        self.y += height
        self.paper.rule(self.left, self.y, self.right, width=0.35, color=LINE)

    def _turn(self) -> None:
        self._foot()
        self.paper.next_page()
        self.page += 1
        self.y = TOP

    def _foot(self) -> None:
        data, paper = self.data, self.paper
        y = paper.height - BOTTOM + 5 * MM
        paper.rule(self.left, y, self.right)
        x = self.left
        if data.check_url:
            paper.qr(x, y + 2 * MM, 14 * MM, data.check_url)
            x += 17 * MM
        lines = [f"Lampiran SK Nomor {data.number}, {long_date(data.decree_date)}"]
        if data.check_code:
            lines.append(f"Kode pemeriksaan: {data.check_code}")
            lines.append(f"Periksa keaslian: {data.check_url}")
        for place, line in enumerate(lines):
            paper.text(x, y + 4.5 * MM + place * 9, line, size=7, color=INK if not place else SOFT)
        words = f"Halaman {self.page} dari {self.pages}"
        paper.text(self.right, y + 4.5 * MM, words, size=8, align="right")
        if data.training:
            words = "MODE LATIHAN. Data rekaan."
            paper.text(self.right, 9 * MM, words, size=8, font=BOLD, align="right", color=RED)

    def _closing(self) -> None:
        """The last page: sums per district, the total in figures and words, who signs."""
        data, paper = self.data, self.paper
        paper.text(self.left, self.y + 8, "Rekapitulasi", size=11, font=BOLD)
        self.y += 16
        self._recap()
        self.y += 8
        people = count_words(len(data.lines))
        total = f"Jumlah: {people} {data.unit}, {rupiah(data.total)} setahun."
        paper.text(self.left, self.y + 10, total, size=9.5, font=BOLD)
        words = f"Terbilang: {terbilang_rupiah(data.total)}."
        for line in wrapped(words, self.right - self.left, 9, most=3):
            self.y += 13
            paper.text(self.left, self.y + 10, line, size=9)
        for note in data.notes:
            for line in wrapped(note, self.right - self.left, 9, most=3):
                self.y += 13
                paper.text(self.left, self.y + 10, line, size=9)
        if data.content_hash:
            self.y += 13
            text = f"Sidik jari isi SK (SHA-256): {data.content_hash}"
            paper.text(self.left, self.y + 10, text, size=7, color=SOFT)
        self._signature()

    def _recap(self) -> None:
        """Three blocks of districts side by side, so that 60 districts fit on one page."""
        rows = [*self.data.districts]
        blocks = 3
        deep = max(1, -(-len(rows) // blocks))
        gap = 6 * MM
        width = (self.right - self.left - gap * (blocks - 1)) / blocks
        top = self.y
        for block in range(blocks):
            part = rows[block * deep : (block + 1) * deep]
            if part:
                self._recap_block(self.left + block * (width + gap), top, width, part)
        self.y = top + 14 + deep * 11.4

    def _recap_block(
        self, x: float, top: float, width: float, rows: Sequence[tuple[str, int, Decimal]]
    ) -> None:
        paper, end = self.paper, x + width
        paper.box(x, top, width, 13, TINT)
        paper.text(x + PADDING, top + 9.3, self.data.part, size=SIZE, font=BOLD)
        unit = self.data.unit.capitalize()
        paper.text(end - 30 * MM, top + 9.3, unit, size=SIZE, font=BOLD, align="right")
        paper.text(end - PADDING, top + 9.3, "Jumlah", size=SIZE, font=BOLD, align="right")
        y = top + 13
        for name, people, amount in rows:
            paper.text(
                x + PADDING, y + 8.4, wrapped(name, width * 0.55, SIZE, most=1)[0], size=SIZE
            )
            paper.text(end - 30 * MM, y + 8.4, count_words(people), size=SIZE, align="right")
            paper.text(end - PADDING, y + 8.4, rupiah(amount), size=SIZE, align="right")
            y += 11.4
            paper.rule(x, y, end, width=0.35)

    def _signature(self) -> None:
        data, paper = self.data, self.paper
        x = self.right - 45 * MM
        y = self.y + 30
        paper.text(x, y, f"{data.place}, {long_date(data.decree_date)}", size=9, align="center")
        for line in wrapped(f"{data.signer_title},", 86 * MM, 9):
            paper.text(x, y + 12, line, size=9, align="center")
            y += 11
        y -= 11
        paper.text(x, y + 66, data.signer_name, size=9.5, font=BOLD, align="center")
        if data.signer_number:
            paper.text(x, y + 78, f"NIP {data.signer_number}", size=8.5, align="center")


def render_annex_pdf(data: AnnexData) -> bytes:
    """The annex as PDF bytes: the same data gives the same bytes; text stays searchable."""
    return AnnexWriter(data).render()

"""Which rows under a header are data: numbering, totals, group titles and signatures are not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low

from bansos.lib.sheets.headings import Heading, is_numbering
from bansos.lib.sheets.mapping import ColumnKind, normalise
from bansos.lib.sheets.sources import RawRow, RawSheet

IGNORED_TEXT_LENGTH = 120
NARROW_TABLE = 4
# A number of a person or an account has at least as many digits.
SHORTEST = 8

_TOTAL = re.compile(
    r"(sub |grand )?(total|jumlah)( (total|keseluruhan|akhir|halaman|dipindahkan|pindahan"
    r"|kecamatan|kelurahan|desa|kabupaten|penerima|kpm|rp)\b.*)?"
)
_GROUP = re.compile(
    r"(kecamatan|kec\.?|desa|kelurahan|kel\.?|kabupaten|kab\.?|kota|dusun|tahap)\b[\s:.]*\S.*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\W*(mengetahui|menyetujui|mengesahkan|kepala |an\. |a\.n|plt\b|bupati|gubernur|wali ?kota"
    r"|camat\b|lurah\b|sekretaris|ketua|koordinator|pendamping|petugas|verifikator|dibuat oleh"
    r"|disusun|nip\b|ttd\b|tanda tangan|catatan|keterangan\s*:|sumber\s*:|dicetak|hormat kami"
    r"|demikian)",
    re.IGNORECASE,
)
_PLACE_AND_DATE = re.compile(r"[A-Za-z][A-Za-z .]{2,40},[\s.…_]*([0-9]{1,2}\b)?.*", re.IGNORECASE)
_YEAR = re.compile(r"(19|20)[0-9]{2}\s*$|[.…_]{3,}\s*$")
_SEPARATORS = str.maketrans("", "", " .-")


class IgnoredReason(StrEnum):
    """Why a row under the header was left out."""

    NUMBERING = "numbering"
    REPEATED_HEADER = "repeated_header"
    TOTAL = "total"
    GROUP = "group"
    BELOW_TABLE = "below_table"


@dataclass(frozen=True, slots=True)
class IgnoredRow:
    """A row left out, with enough of its text to recognise it."""

    number: int
    reason: IgnoredReason
    text: str


def sort_lines(
    sheet: RawSheet, heading: Heading, kinds: Mapping[int, ColumnKind], *, more: bool = False
) -> tuple[list[RawRow], list[IgnoredRow]]:
    """Data rows, and the rows left out with their reason.

    `kinds` are the recognised columns. A row that holds nothing but its running number is an
    unused line of a form and counts as blank. Nothing else is dropped silently. With `more` the
    table goes on in another part, so no signatures end it here.
    """
    block = sheet.rows[heading.first : heading.last + 1]
    names = {cell.text for row in block for cell in row.cells.values()}
    data: list[RawRow] = []
    sure: list[int] = []
    ignored: list[IgnoredRow] = []
    columns = _Columns(kinds)
    candidates = [row for row in sheet.rows[heading.last + 1 :] if not columns.are_unused(row)]
    typical = median_low([len(row.cells) for row in candidates]) if candidates else 0
    for position, row in enumerate(candidates):
        anchor = columns.anchor(row)
        reason = _reason(row, names, typical, first=position == 0, anchor=anchor)
        if reason is None:
            if anchor:
                sure.append(len(data))
            data.append(row)
        else:
            ignored.append(_ignored(row, reason))
    if more:
        return data, ignored
    gaps = _gaps(data, ignored, header=sheet.rows[heading.last].number)
    end = _end_of_table(data, sure, gaps, typical)
    ignored.extend(_ignored(row, IgnoredReason.BELOW_TABLE) for row in data[end:])
    return data[:end], sorted(ignored, key=lambda row: row.number)


def _gaps(data: Sequence[RawRow], ignored: Sequence[IgnoredRow], *, header: int) -> list[bool]:
    """Before which rows of data the sheet has an empty one."""
    seams = {row.number for row in ignored if row.reason is not IgnoredReason.TOTAL}
    before = [header, *(row.number for row in data)]
    return [
        row.number - above > 1 and any(n not in seams for n in range(above + 1, row.number))
        for above, row in zip(before, data, strict=False)
    ]


def _ignored(row: RawRow, reason: IgnoredReason) -> IgnoredRow:
    text = " | ".join(cell.text for _column, cell in sorted(row.cells.items()))
    return IgnoredRow(row.number, reason, text[:IGNORED_TEXT_LENGTH])


class _Columns:
    """The recognised columns by what is asked of every row of a long list."""

    def __init__(self, kinds: Mapping[int, ColumnKind]) -> None:
        self._known = frozenset(kinds)
        self._ordinal = _of(kinds, ColumnKind.ORDINAL)
        self._digits = _of(kinds, ColumnKind.DIGITS)
        self._text = _of(kinds, ColumnKind.TEXT)

    def are_unused(self, row: RawRow) -> bool:
        """The row holds nothing but its running number."""
        return self._ordinal.issuperset(row.cells) and not any(
            sign.isalpha() for cell in row.cells.values() for sign in cell.text
        )

    def anchor(self, row: RawRow) -> bool:
        """A row with a number that belongs to a person: NIK, KK, account."""
        for column in self._digits:
            cell = row.cells.get(column)
            if cell is not None and (cell.was_number or _digits(cell.text) >= SHORTEST):
                return True
        return any(
            15 <= _digits(cell.text) <= 17
            for column, cell in row.cells.items()
            if column in self._text or column not in self._known
        )


def _of(kinds: Mapping[int, ColumnKind], kind: ColumnKind) -> frozenset[int]:
    return frozenset(column for column, found in kinds.items() if found is kind)


def _reason(
    row: RawRow, names: set[str], typical: int, *, first: bool, anchor: bool
) -> IgnoredReason | None:
    texts = [cell.text for cell in row.cells.values()]
    if not names.isdisjoint(texts):
        repeated = sum(text in names for text in texts)
        if repeated >= max(2, len(texts) * 0.6):
            return IgnoredReason.REPEATED_HEADER
    if (first or len(texts) >= len(names) * 0.6) and is_numbering(row):
        return IgnoredReason.NUMBERING
    if anchor:
        return None
    texts = [cell.text for _column, cell in sorted(row.cells.items())]
    if _is_total(texts):
        return IgnoredReason.TOTAL
    if len(texts) == 1 and typical >= NARROW_TABLE and _GROUP.fullmatch(texts[0]):
        return IgnoredReason.GROUP
    return None


def _is_total(texts: Sequence[str]) -> bool:
    """A row that opens with the word and has otherwise only figures and one remark."""
    words = [text for text in texts if any(sign.isalpha() for sign in text)]
    if not words or len(words) > 2:
        return False
    opening = [word for word in normalise(words[0]).split() if word.isalpha()]
    return bool(_TOTAL.fullmatch(" ".join(opening)))


def _digits(text: str) -> int:
    """How many digits a number has; 0 for what is none, or too short for one of a person."""
    if len(text) < SHORTEST:
        return 0
    plain = text if text.isdecimal() else text.translate(_SEPARATORS)
    return len(plain) if plain.isdecimal() else 0


def _end_of_table(
    rows: Sequence[RawRow], sure: Sequence[int], gaps: Sequence[bool], typical: int
) -> int:
    """Where the signature block begins: only ever after the last row that surely is data.

    `sure` are the places of the rows that hold a number of a person or an account.
    """
    anchored = len(sure) * 2 >= len(rows) and bool(sure)
    start = sure[-1] + 1 if anchored else 0
    for position in range(start, len(rows)):
        closing = _is_closing(rows[position])
        if anchored and (gaps[position] or closing):
            return position
        narrow = len(rows[position].cells) * 2 <= typical
        if closing and (gaps[position] or narrow) and not _wide_later(rows[position:], typical):
            return position
    return len(rows)


def _is_closing(row: RawRow) -> bool:
    return any(
        _CLOSING.match(cell.text)
        or (_PLACE_AND_DATE.fullmatch(cell.text) and _YEAR.search(cell.text))
        for cell in row.cells.values()
    )


def _wide_later(rows: Sequence[RawRow], typical: int) -> bool:
    return any(len(row.cells) >= max(typical, 3) and not _is_closing(row) for row in rows)

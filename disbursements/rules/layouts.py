"""What a bank file layout may name, as rows of a grid or written one line a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

# Word on the screen -> field of a transfer.
FIELDS: dict[str, str] = {
    "urutan": "position",
    "referensi": "reference",
    "rekening": "account_number",
    "nama": "name",
    "jumlah": "amount",
    "kode_bank": "bank_code",
    "alamat": "address",
    "desa": "village",
    "kecamatan": "district",
    "nomor_daftar": "list_number",
    "tanggal": "date",
    "teks": "text",
}
# Word on the screen -> control figure of the lines before and after.
CELLS: dict[str, str] = {
    "banyak": "count",
    "total": "total",
    "nomor_daftar": "list_number",
    "tanggal": "date",
    "rekening_sumber": "source_account",
    "kode_bank": "bank_code",
    "teks": "text",
}
PADS = {"": "", "kiri": "left", "kanan": "right"}
NEEDED = ("account_number", "amount", "reference")
MOST_COLUMNS, MOST_CELLS, WIDEST, LONGEST_TEXT = 40, 12, 250, 60


class BadLayout(ValueError):
    """A layout that cannot be read; the sentence names the line."""


def parse_columns(text: str) -> list[dict[str, Any]]:
    """`rekening; No Rekening; 16; kiri; 0`: field, heading, width, side and sign of the filling.

    Raises BadLayout with the line at fault.
    """
    rows = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        parts = [part.strip() for part in line.split(";")]
        parts += [""] * (5 - len(parts))
        word, _point, constant = parts[0].partition(":")
        if len(parts) > 5:
            raise _unknown(number, word)
        rows.append(
            {
                "field": FIELDS.get(word, word),
                "text": constant,
                "heading": parts[1],
                "width": parts[2],
                "pad": PADS.get(parts[3], parts[3]),
                "fill": parts[4],
            }
        )
    return check_columns(rows)


def check_columns(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Columns as they are kept, from the rows of a grid: field, text, heading, width, pad, fill.

    Raises BadLayout with the column at fault.
    """
    found = [_column(number, row) for number, row in enumerate(rows, start=1)]
    _complete(found)
    return found


def _column(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    name, width = str(row["field"]), str(row.get("width") or "")
    side, fill = row.get("pad") or "", row.get("fill") or ""
    if name not in FIELDS.values():
        raise _unknown(number, name)
    wide = width.isdigit() and 0 < int(width) <= WIDEST
    unfit = (width and not wide) or (side and not width)
    if unfit or side not in PADS.values() or len(fill) > 1:
        raise BadLayout(
            _("Kolom %(number)s: lebar 1 sampai 250, rata kiri atau kanan, satu tanda pengisi.")
            % {"number": number}
        )
    return {
        "field": name,
        "text": str(row.get("text") or "")[:LONGEST_TEXT],
        "heading": str(row.get("heading") or "")[:LONGEST_TEXT],
        "width": int(width) if width else 0,
        "pad": side,
        "fill": fill or " ",
    }


def _unknown(number: int, word: str) -> BadLayout:
    return BadLayout(
        _("Kolom %(number)s: isian “%(word)s” tidak dikenal.")
        % {"number": number, "word": word[:30]}
    )


def _complete(columns: Sequence[Mapping[str, Any]]) -> None:
    named = {column["field"] for column in columns}
    missing = [word for word, field in FIELDS.items() if field in NEEDED and field not in named]
    if missing:
        raise BadLayout(_("Kolom ini harus ada: %(words)s.") % {"words": ", ".join(missing)})
    if len(columns) > MOST_COLUMNS:
        raise BadLayout(_("Paling banyak 40 kolom."))


def parse_cells(text: str) -> list[dict[str, str]]:
    """`teks:H; nomor_daftar; banyak; total`: the cells of one line. Raises BadLayout."""
    rows = []
    for part in filter(None, map(str.strip, text.split(";"))):
        word, _point, constant = part.partition(":")
        rows.append({"field": CELLS.get(word, word), "text": constant})
    return check_cells(rows)


def check_cells(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Cells of a line before or after the rows as they are kept. Raises BadLayout."""
    found = []
    for row in rows:
        name = str(row["field"])
        if name not in CELLS.values():
            raise BadLayout(_("Isian “%(word)s” tidak dikenal.") % {"word": name[:30]})
        found.append({"field": name, "text": str(row.get("text") or "")[:LONGEST_TEXT]})
    if len(found) > MOST_CELLS:
        raise BadLayout(_("Paling banyak 12 isian dalam satu baris."))
    return found

"""What a bank file layout may name, and how an officer writes it: one line a column."""

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
MOST_COLUMNS, WIDEST, LONGEST_TEXT = 40, 250, 60


class BadLayout(ValueError):
    """A layout that cannot be read; the sentence names the line."""


def parse_columns(text: str) -> list[dict[str, Any]]:
    """`rekening; No Rekening; 16; kiri; 0`: field, heading, width, side and sign of the filling.

    Raises BadLayout with the line at fault.
    """
    found = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        parts = [part.strip() for part in line.split(";")]
        parts += [""] * (5 - len(parts))
        word, _point, constant = parts[0].partition(":")
        if word not in FIELDS or len(parts) > 5:
            raise BadLayout(
                _("Kolom %(number)s: isian “%(word)s” tidak dikenal.")
                % {"number": number, "word": word[:30]}
            )
        width, side = parts[2], parts[3]
        wide = width.isdigit() and 0 < int(width) <= WIDEST
        if (width and not wide) or side not in PADS or len(parts[4]) > 1 or (side and not width):
            raise BadLayout(
                _("Kolom %(number)s: lebar 1 sampai 250, rata kiri atau kanan, satu tanda pengisi.")
                % {"number": number}
            )
        found.append(
            {
                "field": FIELDS[word],
                "text": constant[:LONGEST_TEXT],
                "heading": parts[1][:LONGEST_TEXT],
                "width": int(width) if width else 0,
                "pad": PADS[side],
                "fill": parts[4] or " ",
            }
        )
    _complete(found)
    return found


def _complete(columns: Sequence[Mapping[str, Any]]) -> None:
    named = {column["field"] for column in columns}
    missing = [word for word, field in FIELDS.items() if field in NEEDED and field not in named]
    if missing:
        raise BadLayout(_("Kolom ini harus ada: %(words)s.") % {"words": ", ".join(missing)})
    if len(columns) > MOST_COLUMNS:
        raise BadLayout(_("Paling banyak 40 kolom."))


def parse_cells(text: str) -> list[dict[str, str]]:
    """`teks:H; nomor_daftar; banyak; total`: the cells of one line. Raises BadLayout."""
    found = []
    for part in filter(None, map(str.strip, text.split(";"))):
        word, _point, constant = part.partition(":")
        if word not in CELLS:
            raise BadLayout(_("Isian “%(word)s” tidak dikenal.") % {"word": word[:30]})
        found.append({"field": CELLS[word], "text": constant[:LONGEST_TEXT]})
    return found


def write_columns(columns: Sequence[Mapping[str, Any]]) -> str:
    """The columns as an officer writes them."""
    words = {field: word for word, field in FIELDS.items()}
    sides = {side: word for word, side in PADS.items()}
    lines = []
    for column in columns:
        word = words[column["field"]] + (f":{column['text']}" if column["text"] else "")
        fill = "" if column["fill"] == " " else column["fill"]
        width = str(column["width"] or "")
        parts = (word, column["heading"], width, sides[column["pad"]], fill)
        lines.append("; ".join(parts).rstrip("; "))
    return "\n".join(lines)


def write_cells(cells: Sequence[Mapping[str, str]]) -> str:
    """The cells of one line as an officer writes them."""
    words = {field: word for word, field in CELLS.items()}
    return "; ".join(
        words[cell["field"]] + (f":{cell['text']}" if cell["text"] else "") for cell in cells
    )

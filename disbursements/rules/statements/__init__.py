"""Bank answers in standard formats, and statements as tables: told by content, read as entries.

All are read as the public standards say ("umum, tidak disertifikasi bank mana pun").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from bansos.lib.errors import BadInput
from disbursements.rules.statements.camt import read_camt
from disbursements.rules.statements.entries import Entries, Entry, Format, Told
from disbursements.rules.statements.markup import message_of
from disbursements.rules.statements.mt940 import looks_like_mt940, read_mt940
from disbursements.rules.statements.pain002 import read_pain002
from disbursements.rules.statements.sheet import SheetLayout, read_book

READERS: dict[Format, Callable[[bytes], Entries]] = {
    Format.PAIN002: read_pain002,
    Format.CAMT053: read_camt,
    Format.CAMT054: read_camt,
    Format.MT940: read_mt940,
}
MESSAGES = {
    "CstmrPmtStsRpt": Format.PAIN002,
    "BkToCstmrStmt": Format.CAMT053,
    "BkToCstmrDbtCdtNtfctn": Format.CAMT054,
}
_XML_HEADS = (b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<", b"<\x00", b"\x00<")

__all__ = ["Entry", "Format", "Told", "format_of", "read_entries"]


def format_of(data: bytes) -> Format:
    """The format by the bytes themselves; a name says nothing.

    Raises BadInput for XML that is no answer of a bank, or hostile.
    """
    head = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(_XML_HEADS) and not head[:5].lower().startswith((b"<html", b"<tabl")):
        _namespace, message = message_of(data)
        if message in MESSAGES:
            return MESSAGES[message]
        raise BadInput(
            "STATEMENT-KIND",
            _(
                "Berkas XML ini bukan jawaban bank. Yang diterima: pain.002, camt.053, dan"
                " camt.054. Tidak ada yang dibaca."
            ),
        )
    return Format.MT940 if looks_like_mt940(data) else Format.TABLE


def read_entries(
    data: bytes, kind: Format, *, name: str = "", layout: Mapping[str, Any] | None = None
) -> Entries:
    """The movements of a file, in its order, one at a time.

    A table needs its file's `name` and the `layout` it is read with, as SheetLayout.as_data()
    gives it. Raises BadInput when the file is broken anywhere; the caller takes all or nothing.
    """
    if kind == Format.SHEET:
        return read_book(data, name, SheetLayout.of(layout or {}))
    return READERS[kind](data)

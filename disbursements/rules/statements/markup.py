"""XML from outside, read once from start to end with flat memory: no DTD, no entities, no net."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from lxml import etree

from bansos.lib.errors import BadInput
from disbursements.rules.statements.entries import clean, damaged

DEEPEST = 40
_SAFE = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def local(element: etree._Element) -> str:
    """The name without its namespace, so that every version reads alike."""
    return etree.QName(element).localname


def message_of(data: bytes) -> tuple[str, str]:
    """(namespace, name of the first element under Document), after the guard.

    Raises BadInput for a document type, entities, or bytes that are no XML.
    """
    try:
        for place, (_event, element) in enumerate(
            etree.iterparse(io.BytesIO(data), events=("start",), **_SAFE)  # type: ignore[arg-type]
        ):
            refuse_dtd(element)
            if place == 1:
                return etree.QName(element).namespace or "", local(element)
    except etree.XMLSyntaxError as error:
        raise damaged(error) from error
    return "", ""


def refuse_dtd(element: etree._Element) -> None:
    """A message of a bank never has a document type; one that has is an attack or a mistake."""
    info = element.getroottree().docinfo
    if info.doctype or info.internalDTD is not None or info.externalDTD is not None:  # type: ignore[attr-defined]
        raise BadInput(
            "STATEMENT-DTD",
            _(
                "Berkas XML ini memuat DOCTYPE atau entitas, yang tidak pernah ada pada berkas"
                " bank. Berkas ditolak dan tidak dibaca. Tanyakan asal berkas ini."
            ),
        )


def walk(data: bytes, *names: str) -> Iterator[etree._Element]:
    """Every element of these names at its end; emptied and dropped when the next one comes.

    Raises BadInput when the XML breaks anywhere: a file cut off gives no half answer.
    """
    tags = tuple(f"{{*}}{name}" for name in names)
    events = etree.iterparse(io.BytesIO(data), events=("end",), tag=tags, **_SAFE)  # type: ignore[arg-type]
    try:
        for _event, element in events:
            yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        raise damaged(error) from error


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first element down this path of local names."""
    for name in path:
        if element is None:
            return None
        element = element.find(f"{{*}}{name}")
    return element


def text(element: etree._Element | None, *path: str) -> str:
    """The words of the first element down this path; "" when there is none."""
    found = child(element, *path)
    return clean(found.text) if found is not None and isinstance(found.text, str) else ""


def first(element: etree._Element | None, *paths: tuple[str, ...]) -> str:
    """The first of several places that holds words."""
    for path in paths:
        words = text(element, *path)
        if words:
            return words
    return ""


def account_of(element: etree._Element | None) -> str:
    """The number of an account (CashAccount): IBAN or the bank's own."""
    return first(element, ("Id", "Othr", "Id"), ("Id", "IBAN"), ("Id", "PrtryAcct", "Id"))


def line_of(element: etree._Element) -> int:
    """Its line in the text; 0 when the parser does not know."""
    line: Any = element.sourceline
    return int(line or 0)

"""What apps say about kinds of documents at start: template files, and what holds one back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class TemplateFile:
    """One version of a template: the file and the first day it is used."""

    version: int
    path: str
    valid_from: date


TEMPLATES: dict[str, list[TemplateFile]] = {}


def template(kind: str, *, version: int, path: str, valid_from: date) -> None:
    """Name a version; older versions stay so that old documents can be made again."""
    known = TEMPLATES.setdefault(kind, [])
    if all(item.version != version for item in known):
        known.append(TemplateFile(version, path, valid_from))


def file_for(kind: str, on: date) -> TemplateFile | None:
    """The newest version valid that day."""
    fitting = [item for item in TEMPLATES.get(kind, []) if item.valid_from <= on]
    return max(fitting, key=lambda item: item.version, default=None)


# Kind -> raises Refused while a document of that kind stays in the house, whoever asks for it.
GATES: dict[str, Callable[[Any, datetime], None]] = {}


def gate(kind: str, holds: Callable[[Any, datetime], None]) -> None:
    """Name what is asked before a document of this kind is handed out, by whichever door."""
    GATES[kind] = holds


def ask_gate(document: Any, at: datetime) -> None:
    """Raises Refused when the app that issued the document holds it back now."""
    holds = GATES.get(document.kind)
    if holds is not None:
        holds(document, at)

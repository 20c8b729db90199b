"""Which template file a kind of document uses from which day; each app names its own at start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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

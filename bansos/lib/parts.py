"""Small frozen records that pages hand to the components: words, steps, events, choices.

They carry what is shown and nothing else, so a component never reaches into a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

TONES = ("netral", "info", "menunggu", "baik", "masalah")
TONE_ICONS = {
    "netral": "circle",
    "info": "info-circle",
    "menunggu": "clock",
    "baik": "circle-check",
    "masalah": "alert-triangle",
}
Cell = str | int | Decimal | date | datetime | None


def checked_tone(tone: str) -> str:
    """The tone itself; ValueError when it is not one of the five."""
    if tone not in TONES:
        raise ValueError(f"unknown tone {tone!r}; one of {', '.join(TONES)}")
    return tone


@dataclass(frozen=True)
class Word:
    """A status word: never colour alone, always tone, word and icon."""

    tone: str
    label: Any
    icon: str = ""

    def __post_init__(self) -> None:
        checked_tone(self.tone)

    @property
    def shown_icon(self) -> str:
        return self.icon or TONE_ICONS[self.tone]

    def __str__(self) -> str:
        return str(self.label)


@dataclass(frozen=True, kw_only=True)
class Stat:
    """One big number. Decimal is money, int is a count, text is printed as it is."""

    label: str
    value: Cell
    note: str = ""
    href: str = ""
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a timeline, newest first."""

    at: datetime
    title: str
    by: str = ""
    text: str = ""
    tone: str = "netral"
    icon: str = ""
    href: str = ""

    def __post_init__(self) -> None:
        checked_tone(self.tone)

    @property
    def shown_icon(self) -> str:
        return self.icon or TONE_ICONS[self.tone]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One line of a task list: a part of a form or a duty, with its state."""

    label: str
    href: str
    word: Word
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One row of a definition list."""

    label: str
    value: Any
    href: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One compared field. `changed` follows from the two values."""

    label: str
    before: Cell
    after: Cell

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab: an ordinary link."""

    label: str
    href: str
    active: bool = False
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One active filter and the link that removes it."""

    label: str
    value: str
    remove_href: str


@dataclass(frozen=True, kw_only=True)
class Vote:
    """One act in an approval round."""

    role: str
    word: Word
    by: str = ""
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Round:
    """One approval round; older rounds stay visible under the newest."""

    number: int
    votes: Sequence[Vote]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One pre-flight check with its count and the rows behind it."""

    label: str
    word: Word
    count: int | None = None
    href: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """One attached or issued file."""

    name: str
    href: str
    kind: str = ""
    size: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class JobCard:
    """A background job as the screens show it."""

    title: str
    word: Word
    done: int = 0
    total: int = 0
    message: str = ""
    href: str = ""
    poll_href: str = ""
    cancel_href: str = ""
    result_href: str = ""
    result_label: str = ""
    result_icon: str = "download"
    finished: bool = False
    poll_seconds: int = 2


@dataclass(frozen=True, kw_only=True)
class Head:
    """One column head of a plain table: kind is text, money, number, date or datetime."""

    label: str
    kind: str = "text"

    @property
    def numeric(self) -> bool:
        return self.kind in {"money", "number"}


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """One step of the breadcrumbs; the last one has no href."""

    label: str
    href: str = ""

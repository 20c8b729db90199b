"""Who comes first when more qualify than there are places: ordered keys, then a recorded reason.

A version keeps {"keys": [{"key": "desil", "direction": "asc"}, ...], "replacement": "yes"|"no"}.
An unknown value comes after every known one, whatever the direction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from programs.choices import Standing

# Key -> what it is called, and how each direction reads.
RANK_KEYS: dict[str, tuple[str, dict[str, str]]] = {
    "desil": ("Desil", {"asc": "desil terendah dulu", "desc": "desil tertinggi dulu"}),
    "age": ("Umur", {"desc": "yang tertua dulu", "asc": "yang termuda dulu"}),
    "disability": (
        "Disabilitas",
        {"desc": "penyandang disabilitas dulu", "asc": "bukan penyandang disabilitas dulu"},
    ),
    "waiting": (
        "Lama menunggu",
        {"desc": "yang terlama menunggu dulu", "asc": "yang terbaru dulu"},
    ),
}
FIELDS = {"keys", "replacement"}


@dataclass(frozen=True)
class Waiting:
    """One who qualifies: the value of each key, and the place in the recorded precedence."""

    pk: int
    values: Mapping[str, int | None]
    precedence: int | None = None


@dataclass(frozen=True)
class Place:
    """One in the order; the same `order` number is a tie that a recorded reason must settle."""

    pk: int
    position: int
    order: int
    standing: str


def ranking_problems(ranking: Mapping[str, Any]) -> list[str]:
    """Sentences about a ranking rule that cannot be read; empty when it can, also when it is {}."""
    strange = sorted(str(name) for name in ranking if name not in FIELDS)
    if strange:
        return [f"Isian {strange[0]} tidak dikenal pada urutan prioritas."]
    problems, seen = [], set()
    for row in ranking.get("keys") or ():
        key = row.get("key") if isinstance(row, Mapping) else row
        if key not in RANK_KEYS:
            problems.append(f"Kunci urutan {key} tidak dikenal.")
        elif row.get("direction") not in RANK_KEYS[key][1]:
            problems.append(f"Arah urutan {RANK_KEYS[key][0]} belum dipilih.")
        elif key in seen:
            problems.append(f"{RANK_KEYS[key][0]} ditulis dua kali pada urutan prioritas.")
        seen.add(key)
    if ranking.get("replacement", "yes") not in {"yes", "no"}:
        problems.append("Penggantian penerima harus boleh atau tidak.")
    return problems


def ranking_sentence(ranking: Mapping[str, Any]) -> str:
    """The rule in one sentence; "" when a version has none."""
    words = [RANK_KEYS[row["key"]][1][row["direction"]] for row in ranking.get("keys") or ()]
    if not words:
        return ""
    last = "bila tetap sama, menurut alasan yang dicatat petugas"
    return f"Urutan: {', lalu '.join(words)}; {last}."


def sort_key(row: Waiting, keys: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    """What decides: each key in its direction, the unknown last, then the recorded precedence."""
    found: list[tuple[bool, int]] = []
    for key in keys:
        value = row.values.get(str(key["key"]))
        sign = -1 if key["direction"] == "desc" else 1
        found.append((value is None, 0 if value is None else sign * value))
    return (*found, (row.precedence is None, row.precedence or 0))


def ranked(
    rows: Sequence[Waiting], *, keys: Sequence[Mapping[str, Any]], places: int | None
) -> list[Place]:
    """Everybody in order: the first `places` are inside, the others wait; None is no limit.

    Where the last place falls among equals, all of them are undecided and nobody is chosen by
    chance. The order does not depend on how the rows came.
    """
    ordered = sorted(rows, key=lambda row: (sort_key(row, keys), row.pk))
    decided = [sort_key(row, keys) for row in ordered]
    limit = len(ordered) if places is None else max(places, 0)
    cut = decided[limit] if 0 < limit < len(ordered) else None
    torn = cut is not None and decided[limit - 1] == cut
    found, order = [], 0
    for number, row in enumerate(ordered):
        if number == 0 or decided[number] != decided[number - 1]:
            order = number + 1
        standing = Standing.INSIDE if number < limit else Standing.WAITING
        if torn and decided[number] == cut:
            standing = Standing.TIED
        found.append(Place(row.pk, number + 1, order, standing))
    return found

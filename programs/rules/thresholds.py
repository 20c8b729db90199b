"""Thresholds of criteria that a simulation may move: where they stand and what to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from programs.rules.criteria import CRITERIA, Node, is_group, sentence_of
from programs.rules.trees import level, path_of, put

STEPS = 4
DESILS = range(1, 11)


@dataclass(frozen=True)
class Threshold:
    """One setting that can be moved; `path` leads to its row ("2.0": first item of the third)."""

    path: str
    setting: str
    label: str
    value: Any

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.path}:{self.setting}"


def thresholds(criteria: Sequence[Node], *, above: str = "") -> list[Threshold]:
    """Every threshold of a tree, from top to bottom."""
    found: list[Threshold] = []
    for place, node in enumerate(criteria):
        path = f"{above}{place}"
        if is_group(node):
            found += thresholds(node["items"], above=f"{path}.")
            continue
        setting = _setting(node)
        if setting:
            value = node["params"][setting]
            found.append(Threshold(path, setting, sentence_of(node), value))
    return found


def _setting(node: Node) -> str:
    name = CRITERIA[str(node["code"])].threshold
    params = node.get("params") or {}
    if name in {"least", "most"} and params.get(name) is None:
        name = "most" if name == "least" else "least"
    return name


def points(threshold: Threshold) -> list[Any]:
    """The values to try: up to four steps on either side; desil ranges from 1 to 10."""
    value = threshold.value
    if isinstance(value, list):
        return [list(range(1, last + 1)) for last in DESILS]
    if isinstance(value, str):
        exact = Decimal(value)
        step = max(exact / 10, Decimal(1)).quantize(Decimal(1))
        tried = [exact + step * count for count in range(-STEPS, STEPS + 1)]
        return [str(item) for item in tried if item >= 0]
    return [item for item in range(int(value) - STEPS, int(value) + STEPS + 1) if item >= 0]


def point_words(value: Any) -> str:
    """A tried value as the axis of a chart names it."""
    return f"1-{value[-1]}" if isinstance(value, list) else str(value)


def varied(criteria: Sequence[Node], threshold: Threshold, value: Any) -> list[Any]:
    """The criteria with one threshold moved."""
    path = path_of(threshold.path)
    node = level(criteria, path[:-1])[path[-1]]
    moved = {**node, "params": {**node["params"], threshold.setting: value}}
    return put(criteria, path, moved)

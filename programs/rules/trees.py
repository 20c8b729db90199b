"""Acts on a tree of criteria, as the editor does them: pure, the old tree stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from programs.rules.criteria import GROUPS, Node, is_group

Path = tuple[int, ...]
Tree = list[Any]


def path_of(text: str) -> Path:
    """ "2.0" as (2, 0); "" is the list itself. Raises ValueError on anything else."""
    if text and not all(part.isascii() and part.isdigit() for part in text.split(".")):
        raise ValueError(f"not a path: {text!r}")
    return tuple(int(part) for part in text.split(".")) if text else ()


def text_of(path: Sequence[int]) -> str:
    """A path as addresses carry it."""
    return ".".join(str(step) for step in path)


def level(criteria: Sequence[Node], path: Path) -> Sequence[Node]:
    """The list of a group ("" of the version itself). Raises IndexError when it is none."""
    rows = criteria
    for step in path:
        node = rows[step]
        if not is_group(node):
            raise IndexError(f"no group at {path}")
        rows = node["items"]
    return rows


def changed(criteria: Sequence[Node], path: Path, change: Callable[[Tree], Tree]) -> Tree:
    """The tree with the list of one group changed; a group left empty goes away with it."""
    if not path:
        return change(list(criteria))
    rows = list(criteria)
    node = rows[path[0]]
    if not is_group(node):
        raise IndexError(f"no group at {path}")
    items = changed(node["items"], path[1:], change)
    rows[path[0] : path[0] + 1] = [{**node, "items": items}] if items else []
    return rows


def added(criteria: Sequence[Node], path: Path, node: Node) -> Tree:
    """A node at the end of a group."""
    level(criteria, path)
    return changed(criteria, path, lambda rows: [*rows, node])


def put(criteria: Sequence[Node], path: Path, *nodes: Node) -> Tree:
    """Other nodes, or none, in the place of one."""
    level(criteria, path[:-1])[path[-1]]

    def change(rows: Tree) -> Tree:
        return [*rows[: path[-1]], *nodes, *rows[path[-1] + 1 :]]

    return changed(criteria, path[:-1], change)


def _swapped(criteria: Sequence[Node], path: Path, by: int) -> Tree:
    other = path[-1] + by
    rows = level(criteria, path[:-1])
    if not 0 <= other < len(rows):
        return list(criteria)

    def change(items: Tree) -> Tree:
        items[path[-1]], items[other] = items[other], items[path[-1]]
        return items

    return changed(criteria, path[:-1], change)


def _into_group_above(criteria: Sequence[Node], path: Path) -> Tree:
    rows = level(criteria, path[:-1])
    node, above = rows[path[-1]], path[-1] - 1
    if above < 0 or not is_group(rows[above]):
        return list(criteria)
    return put(added(criteria, (*path[:-1], above), node), path)


def _out_of_group(criteria: Sequence[Node], path: Path) -> Tree:
    if len(path) == 1:
        return list(criteria)
    node = level(criteria, path[:-1])[path[-1]]
    group = path[:-1]

    def change(rows: Tree) -> Tree:
        rows.insert(group[-1] + 1, node)
        return rows

    # First in, then out: a group that becomes empty must not shift the place.
    return put(changed(criteria, group[:-1], change), path)


def _wrapped(criteria: Sequence[Node], path: Path) -> Tree:
    node = level(criteria, path[:-1])[path[-1]]
    return put(criteria, path, {"group": "any", "items": [node]})


def _unwrapped(criteria: Sequence[Node], path: Path) -> Tree:
    return put(criteria, path, *level(criteria, path))


def _of_kind(kind: str) -> Callable[[Sequence[Node], Path], Tree]:
    def act(criteria: Sequence[Node], path: Path) -> Tree:
        level(criteria, path)
        node = level(criteria, path[:-1])[path[-1]]
        return put(criteria, path, {**node, "group": kind})

    return act


ACTS: dict[str, Callable[[Sequence[Node], Path], Tree]] = {
    "up": lambda criteria, path: _swapped(criteria, path, -1),
    "down": lambda criteria, path: _swapped(criteria, path, 1),
    "in": _into_group_above,
    "out": _out_of_group,
    "wrap": _wrapped,
    "unwrap": _unwrapped,
    "drop": lambda criteria, path: put(criteria, path),
    **{kind: _of_kind(kind) for kind in GROUPS},
}


def act(criteria: Sequence[Node], path: Path, what: str) -> Tree:
    """One act of the editor on one row.

    Raises KeyError for an unknown act and IndexError when the row is not there any more.
    """
    if not path:
        raise IndexError("the list itself is no row")
    return ACTS[what](criteria, path)

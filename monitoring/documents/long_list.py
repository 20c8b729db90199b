"""Columns of a list of any length on paper, as wide as what stands in them."""

from __future__ import annotations

from collections.abc import Sequence

from bansos.lib.cells import NUMERIC
from programs.documents.name_table import PADDING, ROOM, SIZE
from programs.documents.paper import BOLD, Column, widest

# In points: what a column of words asks for, and the longest word it makes room for.
WISH, LONGEST_WORD = 170.0, 90.0
MARGIN = 2 * PADDING + 1.0


def fitting_columns(
    heads: Sequence[str],
    kinds: Sequence[str],
    rows: Sequence[Sequence[str]],
    total: Sequence[str],
) -> list[Column]:
    """Each column has room for its longest word, an amount for all of it."""
    least, wish = [], []
    for place, (head, kind) in enumerate(zip(heads, kinds, strict=True)):
        cells = {row[place] for row in rows}
        words = {word for cell in cells for word in cell.split()}
        bold = [total[place], *head.split()]
        need = max(widest(words, SIZE), widest(bold, SIZE, font=BOLD)) + MARGIN
        if kind not in NUMERIC:
            need = min(need, LONGEST_WORD)
        least.append(need)
        wish.append(max(need, min(widest(cells, SIZE) + MARGIN, WISH)))
    widths = _shared(least, wish)
    return [
        Column(head, width, "right" if kind in NUMERIC else "left")
        for head, kind, width in zip(heads, kinds, widths, strict=True)
    ]


def _shared(least: Sequence[float], wish: Sequence[float]) -> list[float]:
    """Who wants little more gets it first, so that most rows stand on one line."""
    room, widths = ROOM - sum(least), list(least)
    order = sorted(range(len(least)), key=lambda place: wish[place] - least[place])
    for waiting, place in zip(range(len(order), 0, -1), order, strict=True):
        more = max(0.0, min(wish[place] - least[place], room / waiting))
        widths[place] += more
        room -= more
    return widths

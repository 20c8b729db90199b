"""The schematic map: one equal tile per regency and city, at most five shades."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bansos.lib.charts import svg
from bansos.lib.charts.regencies import LAYOUTS, Place
from bansos.lib.money import number

TILE_WIDTH = 66
TILE_HEIGHT = 52
SPACE = 2
LEGEND_BOX = 16
MOST_CLASSES = 5
# Light to dark, with the ink that stands on each at 4.5:1 or better.
SHADES = (
    ("#d6e4f2", svg.INK),
    ("#aecbe6", svg.INK),
    ("#7fb0da", svg.INK),
    ("#2f6fad", svg.PAPER),
    ("#123f70", svg.PAPER),
)
# Which shades to use for one to five classes, so that few classes still differ clearly.
_CHOICES = ((1,), (0, 3), (0, 2, 4), (0, 1, 3, 4), (0, 1, 2, 3, 4))


@dataclass(frozen=True)
class Tile:
    """The figure of one area (Kemendagri code like "35.19"); None is: no data."""

    code: str
    value: Decimal | int | None
    text: str = ""
    url: str = ""


@dataclass(frozen=True)
class _Classes:
    """Upper limits of the classes and the shade of each."""

    uppers: tuple[Decimal | int, ...]
    lowers: tuple[Decimal | int, ...]

    def of(self, value: Decimal | int) -> int:
        return _CHOICES[len(self.uppers) - 1][bisect_left(self.uppers, value)]

    def shades(self) -> tuple[int, ...]:
        return _CHOICES[len(self.uppers) - 1]


def tile_grid_map(
    province: str,
    tiles: Sequence[Tile],
    *,
    title: str,
    words: Callable[[Decimal | int], str] = number,
    chart_id: str = "",
) -> SafeString:
    """A province (Kemendagri code "15", "35" or "64") as tiles shaded by value.

    Classes hold about equally many different values; the legend gives the lowest and highest
    value in each. Areas without a tile or with None are hatched "Belum ada data". Raises
    ValueError for a code outside the province.
    """
    layout = LAYOUTS[province]
    given = {tile.code: tile for tile in tiles}
    if len(given) != len(tiles) or not given.keys() <= layout.keys():
        raise ValueError("Each tile is one area of this province.")
    values = [tile.value for tile in tiles if tile.value is not None]
    svg.refuse_negative(values)
    classes = _classify(values)
    children = [
        _tile(place, given.get(code, Tile(code, None)), classes, words)
        for code, place in layout.items()
    ]
    columns = max(place.column for place in layout.values()) + 1
    rows = max(place.row for place in layout.values()) + 1
    width = max(columns * (TILE_WIDTH + SPACE) - SPACE, 400)
    bottom = rows * (TILE_HEIGHT + SPACE) + 12
    gaps = len(values) < len(layout)
    legend, lines = _legend(classes, words, gaps=gaps, top=bottom, width=width)
    note_y = bottom + lines * 22 + 12
    note = svg.text(0, note_y, _("Peta skematis, bukan batas resmi"), muted=True, text_size=11)
    return svg.picture(
        "tiles",
        title=title,
        width=width,
        height=note_y + 6,
        children=[*children, legend, note],
        linked=any(tile.url for tile in tiles),
        chart_id=chart_id,
    )


def _classify(values: Sequence[Decimal | int]) -> _Classes:
    distinct = sorted(set(values))
    count = min(MOST_CLASSES, len(distinct))
    edges = [len(distinct) * step // count for step in range(count + 1)] if count else [0]
    groups = [distinct[start:end] for start, end in zip(edges, edges[1:], strict=False)]
    return _Classes(tuple(group[-1] for group in groups), tuple(group[0] for group in groups))


def _hatch(x: int, y: int, width: int, height: int) -> SafeString:
    """Slanted lines drawn one by one: a pattern would need an id unique on the page."""
    steps = []
    for offset in range(8, width + height, 8):
        left, right = max(0, offset - height), min(offset, width)
        steps.append(f"M{x + left} {y + offset - left}L{x + right} {y + offset - right}")
    half = Decimal("0.5")
    frame = svg.tag(
        "rect",
        {
            "class": "chart-hatch",
            "x": x + half,
            "y": y + half,
            "width": width - 1,
            "height": height - 1,
            "fill": "none",
            "stroke": svg.HATCH,
        },
    )
    lines = {"class": "chart-hatch", "d": "".join(steps), "stroke": svg.HATCH, "fill": "none"}
    return svg.join([frame, svg.tag("path", lines)])


def _shade(x: int, y: int, width: int, height: int, shade: int) -> SafeString:
    return svg.tag(
        "rect",
        {
            "class": f"chart-shade-{shade}",
            "x": x,
            "y": y,
            "width": width,
            "height": height,
            "fill": SHADES[shade][0],
            "rx": 3,
        },
    )


def _tile(
    place: Place, tile: Tile, classes: _Classes, words: Callable[[Decimal | int], str]
) -> SafeString:
    x, y = place.column * (TILE_WIDTH + SPACE), place.row * (TILE_HEIGHT + SPACE)
    if tile.value is None:
        figure, ink = _("Belum ada data"), ""
        ground = _hatch(x, y, TILE_WIDTH, TILE_HEIGHT)
    else:
        shade = classes.of(tile.value)
        figure, ink = tile.text or words(tile.value), SHADES[shade][1]
        ground = _shade(x, y, TILE_WIDTH, TILE_HEIGHT, shade)
    middle = x + TILE_WIDTH // 2
    top = y + (15 if len(place.lines) == 2 else 21)
    lines = [
        svg.text(middle, top + 11 * count, line, anchor="middle", fill=ink, text_size=10)
        for count, line in enumerate(place.lines)
    ]
    shown = svg.text(
        middle,
        y + TILE_HEIGHT - 8,
        "-" if tile.value is None else figure,
        anchor="middle",
        bold=True,
        fill=ink,
    )
    return svg.mark(f"{place.name}: {figure}", tile.url, ground, *lines, shown)


def _legend(
    classes: _Classes,
    words: Callable[[Decimal | int], str],
    *,
    gaps: bool,
    top: int,
    width: int,
) -> tuple[SafeString, int]:
    entries: list[tuple[int | None, str]] = []
    for lower, upper, shade in zip(classes.lowers, classes.uppers, classes.shades(), strict=False):
        span = words(lower) if lower == upper else f"{words(lower)}\u2013{words(upper)}"
        entries.append((shade, span))
    if gaps:
        entries.append((None, _("Belum ada data")))
    parts: list[SafeString] = []
    x, line = 0, 0
    for entry, label in entries:
        room = LEGEND_BOX + 8 + svg.text_width(label)
        if x and x + room > width:
            x, line = 0, line + 1
        y = top + line * 22
        draw = _hatch(x, y, LEGEND_BOX, LEGEND_BOX)
        if entry is not None:
            draw = _shade(x, y, LEGEND_BOX, LEGEND_BOX, entry)
        parts.extend([draw, svg.text(x + LEGEND_BOX + 8, y + 12, label)])
        x += room + 16
    return svg.tag("g", {"class": "chart-legend"}, *parts), line + 1

"""Lines over stages, months or years; a missing value is a gap, never a zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bansos.lib.charts import svg
from bansos.lib.charts.svg import COLOURS, Series, Tone
from bansos.lib.money import number

TOP = 26
BOTTOM = 26
# Lines differ by dashes too, for print in grey and for eyes that do not tell the tones apart.
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 4")
MOST_PRINTED = 12


@dataclass(frozen=True)
class Line:
    """A series of values, one per label; None where nothing is known."""

    name: str
    values: Sequence[Decimal | int | None]
    tone: Tone = Tone.PRIMARY
    urls: Sequence[str] = ()


@dataclass(frozen=True)
class _Plane:
    """Where values fall on the paper."""

    left: int
    right: int
    height: int
    top_value: Decimal
    count: int

    def x(self, index: int) -> Decimal:
        if self.count == 1:
            return Decimal(self.left + self.right) / 2
        return self.left + Decimal(index) * (self.right - self.left) / (self.count - 1)

    def y(self, value: Decimal | int) -> Decimal:
        return TOP + (1 - Decimal(value) / self.top_value) * self.height


def line_chart(
    labels: Sequence[str],
    lines: Sequence[Line],
    *,
    title: str,
    words: Callable[[Decimal | int], str] = number,
    width: int = 640,
    height: int = 240,
    chart_id: str = "",
) -> SafeString:
    """Lines from a zero base with four or so grid lines.

    `words` writes figures. One line of up to twelve points has its figures printed; several
    lines have the last one printed and all as tooltips.
    """
    if any(len(line.values) != len(labels) for line in lines):
        raise ValueError("Every line needs one value per label.")
    known = [value for line in lines for value in line.values if value is not None]
    if not known:
        return svg.empty("line", title=title, width=width, chart_id=chart_id)
    svg.refuse_negative(known)
    step = svg.nice_step(max(known))
    ticks = [step * count for count in range(_tick_count(max(known), step) + 1)]
    figures = [words(_whole(tick)) for tick in ticks]
    side = max(svg.text_width(figure, 11) for figure in figures) + 10
    ends = [*(words(value) for value in known), labels[0], labels[-1]]
    half = max(svg.text_width(end) for end in ends) // 2 + 4
    plane = _Plane(
        max(side + 14, half), width - half, height - TOP - BOTTOM, ticks[-1], len(labels)
    )
    children = [
        svg.legend([Series(line.name, line.tone) for line in lines], 0),
        *_grid(plane, ticks, figures, width),
        *_names(plane, labels, height),
        *(
            _line(line, labels, plane, DASHES[count % len(DASHES)], words, len(lines) == 1)
            for count, line in enumerate(lines)
        ),
    ]
    return svg.picture(
        "line",
        title=title,
        width=width,
        height=height,
        children=children,
        linked=any(any(line.urls) for line in lines),
        chart_id=chart_id,
    )


def _whole(value: Decimal) -> Decimal | int:
    return int(value) if value == value.to_integral_value() else value


def _tick_count(highest: Decimal | int, step: Decimal) -> int:
    whole, rest = divmod(Decimal(highest), step)
    return max(1, int(whole) + (1 if rest else 0))


def _grid(
    plane: _Plane, ticks: Sequence[Decimal], figures: Sequence[str], width: int
) -> list[SafeString]:
    parts: list[SafeString] = []
    for tick, figure in zip(ticks, figures, strict=True):
        y = plane.y(tick)
        parts.append(
            svg.tag(
                "line",
                {
                    "class": "chart-grid",
                    "x1": plane.left - 8,
                    "x2": width,
                    "y1": y,
                    "y2": y,
                    "stroke": svg.GRID,
                },
            )
        )
        parts.append(
            svg.text(plane.left - 14, y + 4, figure, anchor="end", muted=True, text_size=11)
        )
    return parts


def _names(plane: _Plane, labels: Sequence[str], height: int) -> list[SafeString]:
    """Names under the line; every second or third one when they would touch."""
    room = (plane.right - plane.left) // max(1, plane.count - 1)
    widest = max(svg.text_width(label, 11) for label in labels) + 8
    every = max(1, -(-widest // max(room, 1)))
    return [
        svg.text(plane.x(index), height - 6, label, anchor="middle", muted=True, text_size=11)
        for index, label in enumerate(labels)
        if index % every == 0
    ]


def _line(
    line: Line,
    labels: Sequence[str],
    plane: _Plane,
    dashes: str,
    words: Callable[[Decimal | int], str],
    alone: bool,
) -> SafeString:
    path = svg.tag(
        "path",
        {
            "class": f"chart-line-{line.tone}",
            "d": _path(line.values, plane),
            "fill": "none",
            "stroke": COLOURS[line.tone],
            "stroke-width": 2,
            "stroke-dasharray": dashes,
            "stroke-linejoin": "round",
        },
    )
    known = [index for index, value in enumerate(line.values) if value is not None]
    printed = set(known if alone and len(known) <= MOST_PRINTED else known[-1:])
    points = [_point(line, index, labels[index], plane, words, index in printed) for index in known]
    return svg.tag("g", {}, path, *points)


def _path(values: Sequence[Decimal | int | None], plane: _Plane) -> str:
    steps: list[str] = []
    pen_down = False
    for index, value in enumerate(values):
        if value is None:
            pen_down = False
            continue
        letter = "L" if pen_down else "M"
        steps.append(f"{letter}{svg.size(plane.x(index))} {svg.size(plane.y(value))}")
        pen_down = True
    return " ".join(steps)


def _point(
    line: Line,
    index: int,
    label: str,
    plane: _Plane,
    words: Callable[[Decimal | int], str],
    printed: bool,
) -> SafeString:
    value = line.values[index]
    known = value if value is not None else 0
    x, y, figure = plane.x(index), plane.y(known), words(known)
    dot = svg.tag(
        "circle",
        {
            "class": f"chart-{line.tone}",
            "cx": x,
            "cy": y,
            "r": 4,
            "fill": COLOURS[line.tone],
            "stroke": svg.PAPER,
        },
    )
    parts = [dot]
    if printed:
        parts.append(svg.text(x, y - 9, figure, anchor="middle", bold=True))
    tooltip = _("%(label)s, %(name)s: %(figure)s") % {
        "label": label,
        "name": line.name,
        "figure": figure,
    }
    return svg.mark(tooltip, line.urls[index] if line.urls else "", *parts)

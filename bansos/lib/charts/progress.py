"""One strip of a whole: how much of a budget or a quota is used, and by what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.utils.safestring import SafeString

from bansos.lib.charts import svg
from bansos.lib.charts.svg import Tone
from bansos.lib.money import number

HEIGHT = 18


@dataclass(frozen=True)
class Part:
    """A share of the whole with its name, which may lead to its rows."""

    name: str
    value: Decimal | int
    tone: Tone
    url: str = ""


def percent(value: Decimal | int, total: Decimal | int) -> str:
    """ "72%", rounded down: 99,9 is never shown as done; "-" of nothing."""
    if not total:
        return "-"
    share = (Decimal(value) * 100 / Decimal(total)).quantize(Decimal(1), rounding=ROUND_DOWN)
    return f"{number(share)}%"


def progress_bar(
    parts: Sequence[Part],
    total: Decimal | int,
    *,
    title: str,
    words: Callable[[Decimal | int], str] = number,
    width: int = 640,
    chart_id: str = "",
) -> SafeString:
    """The strip, and under it each part's name, figure and share.

    Parts beyond the total make the strip longer than the whole, which is then marked by a line:
    an overrun is shown, not clipped.
    """
    svg.refuse_negative([total, *(part.value for part in parts)])
    used = sum(part.value for part in parts)
    longest = max(total, used)
    if not longest:
        return svg.empty("progress", title=title, width=width, chart_id=chart_id)
    children = [
        svg.rectangle(0, 0, Decimal(total) * width / longest, HEIGHT, Tone.REST),
        *_strip(parts, longest, total, words, width),
    ]
    if used > total:
        x = Decimal(total) * width / longest
        children.append(
            svg.tag(
                "line",
                {
                    "class": "chart-limit",
                    "x1": x,
                    "x2": x,
                    "y1": 0,
                    "y2": HEIGHT + 5,
                    "stroke": svg.INK,
                    "stroke-width": 2,
                },
            )
        )
    names, rows = _names(parts, total, words, width)
    return svg.picture(
        "progress",
        title=title,
        width=width,
        height=HEIGHT + 10 + rows * 20,
        children=[*children, names],
        linked=any(part.url for part in parts),
        chart_id=chart_id,
    )


def _sentence(part: Part, total: Decimal | int, words: Callable[[Decimal | int], str]) -> str:
    return f"{part.name} {words(part.value)} ({percent(part.value, total)})"


def _strip(
    parts: Sequence[Part],
    longest: Decimal | int,
    total: Decimal | int,
    words: Callable[[Decimal | int], str],
    width: int,
) -> list[SafeString]:
    boxes: list[SafeString] = []
    x = Decimal(0)
    for part in parts:
        length = Decimal(part.value) * width / longest
        if part.value:
            box = svg.rectangle(x, 0, max(length, Decimal(1)), HEIGHT, part.tone)
            boxes.append(svg.mark(_sentence(part, total, words), part.url, box))
        x += length
    return boxes


def _names(
    parts: Sequence[Part],
    total: Decimal | int,
    words: Callable[[Decimal | int], str],
    width: int,
) -> tuple[SafeString, int]:
    children: list[SafeString] = []
    x, row = 0, 0
    for part in parts:
        sentence = _sentence(part, total, words)
        room = 18 + svg.text_width(sentence)
        if x and x + room > width:
            x, row = 0, row + 1
        y = HEIGHT + 10 + row * 20
        children.append(svg.rectangle(x, y, 12, 12, part.tone))
        children.append(svg.text(x + 18, y + 10, sentence))
        x += room + 16
    return svg.tag("g", {"class": "chart-legend"}, *children), row + 1

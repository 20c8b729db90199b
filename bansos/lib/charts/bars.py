"""Horizontal bars: names at the left, figures at the end, one row per area or kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from bansos.lib.charts import svg
from bansos.lib.charts.svg import Series, Tone
from bansos.lib.money import number

ROW = 26
BAR = 16
GAP = 8
WIDEST_LABEL = 190


@dataclass(frozen=True)
class Bar:
    """One row. `text` is printed at the end, `detail` is the tooltip (label and text if empty).

    With a `ceiling` (a budget, a quota) a pale bar of that length stands behind.
    """

    label: str
    value: Decimal | int
    text: str = ""
    ceiling: Decimal | int | None = None
    detail: str = ""
    url: str = ""
    tone: Tone = Tone.PRIMARY


@dataclass(frozen=True)
class StackedBar:
    """One row of parts, in the order of the legend; `text` is printed at the end."""

    label: str
    parts: Sequence[Decimal | int]
    text: str = ""
    url: str = ""


@dataclass(frozen=True)
class _Frame:
    """Columns of a bar chart: names, bars, figures."""

    label: int
    bar: int
    left: int


def _frame(labels: Sequence[str], texts: Sequence[str], width: int) -> _Frame:
    room = min(WIDEST_LABEL, width * 2 // 5)
    label = min(room, max(svg.text_width(words) for words in labels))
    figure = max(svg.text_width(words) for words in texts)
    left = label + GAP
    return _Frame(label=label, bar=max(40, width - left - GAP - figure), left=left)


def _row_label(words: str, frame: _Frame, y: int) -> SafeString:
    return svg.text(frame.label, y + 17, svg.fit(words, frame.label), anchor="end")


def bar_chart(
    bars: Sequence[Bar], *, title: str, width: int = 640, chart_id: str = ""
) -> SafeString:
    """Bars from zero, longest fills the row. Values are Decimal or int, never negative."""
    if not bars:
        return svg.empty("bar", title=title, width=width, chart_id=chart_id)
    svg.refuse_negative([bar.value for bar in bars])
    svg.refuse_negative([bar.ceiling for bar in bars if bar.ceiling is not None])
    texts = [bar.text or number(bar.value) for bar in bars]
    frame = _frame([bar.label for bar in bars], texts, width)
    highest = max(max(bar.value, bar.ceiling or 0) for bar in bars) or 1
    rows = [
        _bar(bar, words, frame, highest, number_of_row * ROW)
        for number_of_row, (bar, words) in enumerate(zip(bars, texts, strict=True))
    ]
    return svg.picture(
        "bar",
        title=title,
        width=width,
        height=len(bars) * ROW,
        children=rows,
        linked=any(bar.url for bar in bars),
        chart_id=chart_id,
    )


def _bar(bar: Bar, words: str, frame: _Frame, highest: Decimal | int, y: int) -> SafeString:
    length = Decimal(bar.value) * frame.bar / highest
    end = length
    parts = [_row_label(bar.label, frame, y)]
    if bar.ceiling is not None:
        track = Decimal(bar.ceiling) * frame.bar / highest
        parts.append(svg.rectangle(frame.left, y + 5, track, BAR, Tone.REST))
        end = max(length, track)
    parts.append(svg.rectangle(frame.left, y + 5, length, BAR, bar.tone))
    parts.append(svg.text(frame.left + end + GAP - 2, y + 17, words, bold=True))
    return svg.mark(bar.detail or f"{bar.label}: {words}", bar.url, *parts)


def stacked_bar(
    bars: Sequence[StackedBar],
    series: Sequence[Series],
    *,
    title: str,
    words: Callable[[Decimal | int], str] = number,
    width: int = 640,
    chart_id: str = "",
) -> SafeString:
    """Parts of a whole per row, with a legend on top; `words` writes a part's figure.

    A figure stands inside its part where it fits; every part has it as tooltip.
    """
    if not bars:
        return svg.empty("stacked", title=title, width=width, chart_id=chart_id)
    if any(len(bar.parts) != len(series) for bar in bars):
        raise ValueError("Every bar needs one part per series.")
    for bar in bars:
        svg.refuse_negative(list(bar.parts))
    texts = [bar.text or words(sum(bar.parts)) for bar in bars]
    frame = _frame([bar.label for bar in bars], texts, width)
    highest = max(sum(bar.parts) for bar in bars) or 1
    rows, top = [svg.legend(series, 0, width=width)], svg.legend_height(series, width=width)
    for count, (bar, total) in enumerate(zip(bars, texts, strict=True)):
        y = top + count * ROW
        boxes = _parts(bar, series, frame, highest, words, y)
        end = frame.left + Decimal(sum(bar.parts)) * frame.bar / highest
        figure = svg.text(end + GAP - 2, y + 17, total, bold=True)
        label = _row_label(bar.label, frame, y)
        rows.append(svg.mark(f"{bar.label}: {total}", bar.url, label, *boxes, figure))
    return svg.picture(
        "stacked",
        title=title,
        width=width,
        height=top + len(bars) * ROW,
        children=rows,
        linked=any(bar.url for bar in bars),
        chart_id=chart_id,
    )


def _parts(
    bar: StackedBar,
    series: Sequence[Series],
    frame: _Frame,
    highest: Decimal | int,
    words: Callable[[Decimal | int], str],
    y: int,
) -> list[SafeString]:
    boxes: list[SafeString] = []
    x = Decimal(frame.left)
    for value, item in zip(bar.parts, series, strict=True):
        length = Decimal(value) * frame.bar / highest
        if value:
            figure = words(value)
            tooltip = svg.tag("title", {}, f"{bar.label}, {item.name}: {figure}")
            inside = [tooltip, svg.rectangle(x, y + 5, max(length - 1, Decimal(1)), BAR, item.tone)]
            if svg.text_width(figure, 11) + 6 <= length:
                ink = svg.INK_ON[item.tone]
                middle = x + length / 2
                inside.append(
                    svg.text(middle, y + 17, figure, anchor="middle", fill=ink, text_size=11)
                )
            boxes.append(svg.tag("g", {}, *inside))
        x += length
    return boxes

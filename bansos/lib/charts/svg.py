"""Building blocks of the charts: elements, tones, text that fits, links that stay inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

FONT = "Noto Sans, Segoe UI, Roboto, sans-serif"
LEGEND_ROW = 18
TEXT_SIZE = 12
INK = "#1a242f"
MUTED = "#52606e"
GRID = "#dfe4ea"
HATCH = "#b4bec9"
PAPER = "#ffffff"

# Widths in hundredths of the text size, measured on Noto Sans; the rest counts as 57.
_NARROW = frozenset("iljI.,:;'|!()[] ft-r")
_WIDE = frozenset("mwMW%@")


class Tone(StrEnum):
    """What a mark means; never the only sign of it, the words stand beside."""

    PRIMARY = "primary"
    PAID = "paid"
    COMMITTED = "committed"
    PROBLEM = "problem"
    NEUTRAL = "neutral"
    REST = "rest"


COLOURS = {
    Tone.PRIMARY: "#17497d",
    Tone.PAID: "#0f6b4f",
    Tone.COMMITTED: "#d29a1c",
    Tone.PROBLEM: "#a4231d",
    Tone.NEUTRAL: "#76808f",
    Tone.REST: "#dfe4ea",
}
# Ink on top of each tone, at least 4.5:1.
INK_ON = {
    Tone.PRIMARY: PAPER,
    Tone.PAID: PAPER,
    Tone.COMMITTED: INK,
    Tone.PROBLEM: PAPER,
    Tone.NEUTRAL: INK,
    Tone.REST: INK,
}


@dataclass(frozen=True)
class Series:
    """A name in the legend and the tone of its marks."""

    name: str
    tone: Tone


def size(value: Decimal | int) -> str:
    """A coordinate: a plain number with a point, whatever the language of the page."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def tag(
    name: str,
    attributes: Mapping[str, str | int | Decimal],
    *children: str,
) -> SafeString:
    """One element; attribute values and unsafe children are escaped."""
    shown = "".join(
        f' {key}="{escape(value if isinstance(value, str) else size(value))}"'
        for key, value in attributes.items()
        if value != ""
    )
    inside = "".join(conditional_escape(child) for child in children)
    return mark_safe(f"<{name}{shown}>{inside}</{name}>")  # noqa: S308 - escaped above


def join(parts: Sequence[SafeString]) -> SafeString:
    """Elements one after the other."""
    return mark_safe("".join(parts))  # noqa: S308 - all parts are SafeString


def text(
    x: Decimal | int,
    y: Decimal | int,
    words: str,
    *,
    anchor: str = "",
    bold: bool = False,
    muted: bool = False,
    fill: str = "",
    text_size: int = TEXT_SIZE,
) -> SafeString:
    """A line of text with its baseline at y; `fill` set means: ink on a mark, same in dark."""
    name = "chart-on-mark" if fill else ("chart-muted" if muted else "chart-text")
    return tag(
        "text",
        {
            "class": name,
            "x": x,
            "y": y,
            "fill": fill or (MUTED if muted else INK),
            "text-anchor": anchor,
            "font-weight": "600" if bold else "",
            "font-size": "" if text_size == TEXT_SIZE else str(text_size),
        },
        words,
    )


def rectangle(
    x: Decimal | int,
    y: Decimal | int,
    width: Decimal | int,
    height: Decimal | int,
    tone: Tone,
) -> SafeString:
    """A filled box in the tone."""
    return tag(
        "rect",
        {
            "class": f"chart-{tone}",
            "x": x,
            "y": y,
            "width": max(width, 0),
            "height": height,
            "fill": COLOURS[tone],
        },
    )


def text_width(words: str, text_size: int = TEXT_SIZE) -> int:
    """Estimated width, rather too wide than too narrow."""
    hundredths = sum(
        36 if letter in _NARROW else 92 if letter in _WIDE else 66 if letter.isupper() else 58
        for letter in words
    )
    return hundredths * text_size // 100 + 1


def fit(words: str, width: int, text_size: int = TEXT_SIZE) -> str:
    """The words, cut with an ellipsis when they are wider than the room they have."""
    if text_width(words, text_size) <= width:
        return words
    for end in range(len(words) - 1, 0, -1):
        shorter = words[:end].rstrip() + "…"
        if text_width(shorter, text_size) <= width:
            return shorter
    return "…"


def safe_url(url: str) -> str:
    """A link of our own pages; ValueError for anything that could lead or run elsewhere."""
    if url and (not url.startswith(("/", "?", "#")) or url.startswith(("//", "/\\"))):
        raise ValueError("A chart links to pages of this application only.")
    return url


def mark(words: str, url: str, *children: SafeString) -> SafeString:
    """A group with its tooltip; a link when there is an address."""
    title = tag("title", {}, words)
    if not url:
        return tag("g", {}, title, *children)
    link = {"href": safe_url(url), "class": "chart-link", "aria-label": words}
    return tag("a", link, title, *children)


def picture(
    kind: str,
    *,
    title: str,
    width: int,
    height: int,
    children: Sequence[SafeString],
    linked: bool,
    chart_id: str = "",
) -> SafeString:
    """The svg element. A picture with links inside is a group: role=img would hide the links."""
    return tag(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "id": chart_id,
            "class": f"chart chart-{kind}",
            "role": "group" if linked else "img",
            "aria-label": title,
            "viewBox": f"0 0 {width} {height}",
            "width": width,
            "height": height,
            "font-family": FONT,
            "font-size": str(TEXT_SIZE),
        },
        *children,
    )


def legend(series: Sequence[Series], y: int, *, width: int = 640) -> SafeString:
    """Boxes and names from the left edge, in as many rows as the width asks for."""
    parts: list[SafeString] = []
    for item, (x, row) in zip(series, _spots(series, width), strict=True):
        parts.append(rectangle(x, y + row * LEGEND_ROW, 12, 12, item.tone))
        parts.append(text(x + 18, y + row * LEGEND_ROW + 10, item.name))
    return tag("g", {"class": "chart-legend"}, *parts)


def legend_height(series: Sequence[Series], *, width: int = 640) -> int:
    """The room of a legend with the space below it."""
    return 24 + max((row for _x, row in _spots(series, width)), default=0) * LEGEND_ROW


def _spots(series: Sequence[Series], width: int) -> list[tuple[int, int]]:
    """(x, row) of each name of a legend."""
    spots, x, row = [], 0, 0
    for item in series:
        length = 18 + text_width(item.name)
        if x and x + length > width:
            x, row = 0, row + 1
        spots.append((x, row))
        x += length + 18
    return spots


def empty(kind: str, *, title: str, width: int, chart_id: str = "") -> SafeString:
    """What stands where there is nothing to draw yet."""
    words = text(width // 2, 36, _("Belum ada data"), anchor="middle", muted=True)
    frame = tag(
        "rect",
        {
            "class": "chart-grid",
            "x": "0.5",
            "y": "0.5",
            "width": width - 1,
            "height": 59,
            "fill": "none",
            "stroke": GRID,
        },
    )
    return picture(
        kind,
        title=f"{title}: {_('Belum ada data')}",
        width=width,
        height=60,
        children=[frame, words],
        linked=False,
        chart_id=chart_id,
    )


def refuse_negative(values: Sequence[Decimal | int]) -> None:
    """Lengths cannot be negative, and a float has lost its sen before it came here."""
    for value in values:
        if not isinstance(value, Decimal | int):
            raise TypeError("Charts take Decimal or int.")
        if value < 0:
            raise ValueError("A chart of lengths cannot show a negative value.")


def nice_step(highest: Decimal | int, steps: int = 4) -> Decimal:
    """A round distance between grid lines so that about `steps` of them reach the highest."""
    rough = Decimal(highest) / steps
    if rough <= 0:
        return Decimal(1)
    power = Decimal(10) ** rough.adjusted()
    factor = next(f for f in (1, 2, 5, 10) if power * f >= rough)
    return power * factor

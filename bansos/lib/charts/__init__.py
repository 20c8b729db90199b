"""Charts and schematic maps as SVG made on the server: one string for the page and the PDF.

Colours are literal attributes, because the PDF engine knows no CSS variables; each mark has a
class too, by which static/css/charts.css repaints it in dark. No style attribute, no script.
"""

from __future__ import annotations

from bansos.lib.charts.bars import Bar, StackedBar, bar_chart, stacked_bar
from bansos.lib.charts.lines import Line, line_chart
from bansos.lib.charts.progress import Part, progress_bar
from bansos.lib.charts.regencies import LAYOUTS, Place
from bansos.lib.charts.svg import Series, Tone
from bansos.lib.charts.tiles import Tile, tile_grid_map

__all__ = [
    "LAYOUTS",
    "Bar",
    "Line",
    "Part",
    "Place",
    "Series",
    "StackedBar",
    "Tile",
    "Tone",
    "bar_chart",
    "line_chart",
    "progress_bar",
    "stacked_bar",
    "tile_grid_map",
]

"""Charts: well-formed, labelled, honest in length, safe to inline and to link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from bansos.lib.charts import (
    LAYOUTS,
    Bar,
    Line,
    Part,
    Series,
    StackedBar,
    Tile,
    Tone,
    bar_chart,
    line_chart,
    progress_bar,
    stacked_bar,
    tile_grid_map,
)
from bansos.lib.charts.progress import percent
from bansos.lib.charts.svg import COLOURS, INK_ON, fit, nice_step, size, text_width
from bansos.lib.charts.tiles import SHADES
from bansos.lib.money import rupiah_short
from bansos.lib.pdf import render_pdf

D = Decimal
NS = "{http://www.w3.org/2000/svg}"
EVIL = '<script>alert("1")</script>'
PAID = Series("Tersalur", Tone.PAID)
BACK = Series("Retur", Tone.PROBLEM)


def all_charts(words: str = "Kab. Madiun", url: str = "") -> list[SafeString]:
    return [
        bar_chart([Bar(words, 5, url=url), Bar("x", D(2), ceiling=9)], title=words),
        stacked_bar([StackedBar(words, [3, 1], url=url)], [PAID, BACK], title=words),
        line_chart([words, "b"], [Line(words, [1, 2], urls=[url, url])], title=words),
        progress_bar([Part(words, 2, Tone.PAID, url)], 5, title=words),
        tile_grid_map("15", [Tile("15.01", 4, text=words, url=url)], title=words),
    ]


def parse(svg: str) -> Element:
    root: Element = fromstring(svg)
    return root


def marks(svg: str, name: str) -> list[Element]:
    return [found for found in parse(svg).iter(f"{NS}{name}")]


def boxes(svg: str, tone: str) -> list[Decimal]:
    return [
        D(found.get("width", "0"))
        for found in marks(svg, "rect")
        if found.get("class") == f"chart-{tone}"
    ]


def words_of(svg: str) -> list[str]:
    return [found.text or "" for found in marks(svg, "text")]


@pytest.mark.parametrize("svg", all_charts(), ids=range(5))
def test_every_chart_is_labelled_and_carries_no_style(svg: SafeString) -> None:
    root = parse(svg)
    assert isinstance(svg, SafeString)
    assert (root.get("role"), root.get("aria-label")) == ("img", "Kab. Madiun")
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    names = {name for element in root.iter() for name in element.attrib}
    assert not names & {"style", "onclick", "onload"}
    assert not list(root.iter(f"{NS}style"))
    assert not list(root.iter(f"{NS}script"))
    assert len(list(root.iter(f"{NS}title"))) >= 1
    for element in root.iter():
        for name in ("fill", "stroke"):
            assert re.fullmatch(r"none|#[0-9a-f]{6}", element.get(name, "none"))


@pytest.mark.parametrize("svg", all_charts(EVIL), ids=range(5))
def test_words_are_escaped(svg: SafeString) -> None:
    assert "<script" not in svg
    assert parse(svg).get("aria-label") == EVIL


@pytest.mark.parametrize("svg", all_charts(url="/penerima/?wilayah=35.19&tahap=4"), ids=range(5))
def test_marks_link_into_the_list_and_the_picture_is_then_a_group(svg: SafeString) -> None:
    links = marks(svg, "a")
    assert links
    assert all(link.get("href") == "/penerima/?wilayah=35.19&tahap=4" for link in links)
    assert all(link.get("aria-label") for link in links)
    assert parse(svg).get("role") == "group"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.id/", "//x.id/", "/\\x.id", "data:text/html,x", "x"]
)
def test_links_elsewhere_are_refused(url: str) -> None:
    with pytest.raises(ValueError):
        all_charts(url=url)


def test_bars_are_as_long_as_their_values() -> None:
    svg = bar_chart([Bar("a", 100), Bar("b", D("50")), Bar("c", 0), Bar("d", 25)], title="t")
    longest, half, nothing, quarter = boxes(svg, "primary")
    assert abs(half * 2 - longest) <= 1
    assert abs(quarter * 4 - longest) <= 2
    assert nothing == 0
    assert [word for word in words_of(svg) if word.isdigit()] == ["100", "50", "0", "25"]


def test_a_ceiling_stands_behind_its_bar() -> None:
    svg = bar_chart([Bar("a", 50, ceiling=100, tone=Tone.PAID)], title="t")
    (track,), (bar,) = boxes(svg, "rest"), boxes(svg, "paid")
    assert abs(bar * 2 - track) <= 1


@given(st.lists(st.integers(min_value=0, max_value=10**15), min_size=1, max_size=12))
def test_no_bar_leaves_the_picture(values: list[int]) -> None:
    svg = bar_chart([Bar(f"Kab. Panjang Sekali {value}", value) for value in values], title="t")
    for found in marks(svg, "rect"):
        assert D(found.get("x", "0")) + D(found.get("width", "0")) <= 640
    for found in marks(svg, "text"):
        if not found.get("text-anchor"):
            assert D(found.get("x", "0")) + text_width(found.text or "") <= 660


def test_stacked_parts_add_up() -> None:
    svg = stacked_bar(
        [StackedBar("a", [60, 40]), StackedBar("b", [0, 50], text="separuh")],
        [PAID, BACK],
        title="t",
    )
    paid, back = boxes(svg, "paid"), boxes(svg, "problem")
    # The first box of each tone is the legend's.
    assert len(paid) == 2
    assert len(back) == 3
    assert abs((paid[1] + back[1] + 2) / 2 - (back[2] + 1)) <= 1
    assert "100" in words_of(svg)
    assert "separuh" in words_of(svg)


def test_a_figure_stands_inside_its_part_only_where_it_fits() -> None:
    svg = stacked_bar([StackedBar("a", [99_999, 1])], [PAID, BACK], title="t")
    inside = [found for found in marks(svg, "text") if found.get("class") == "chart-on-mark"]
    assert [found.text for found in inside] == ["99.999"]
    titles = [found.text for found in marks(svg, "title")]
    assert "a, Retur: 1" in titles


def test_a_part_too_many_is_an_error() -> None:
    with pytest.raises(ValueError):
        stacked_bar([StackedBar("a", [1, 2, 3])], [PAID, BACK], title="t")


def test_a_missing_value_breaks_the_line() -> None:
    svg = line_chart(["1", "2", "3", "4"], [Line("x", [1, None, 3, 4])], title="t")
    (path,) = marks(svg, "path")
    assert path.get("d", "").count("M") == 2
    assert len(marks(svg, "circle")) == 3
    assert {"1", "3", "4"} <= set(words_of(svg))


def test_lines_start_at_zero_and_differ_by_dashes() -> None:
    svg = line_chart(["a", "b"], [Line("x", [5, 10]), Line("y", [1, 2], tone=Tone.PAID)], title="t")
    assert "0" in words_of(svg)
    dashes = [path.get("stroke-dasharray") for path in marks(svg, "path")]
    assert dashes == [None, "6 3"]


def test_one_point_stands_in_the_middle() -> None:
    (dot,) = marks(line_chart(["2026"], [Line("x", [5])], title="t"), "circle")
    assert 200 < D(dot.get("cx", "0")) < 440


def test_labels_that_would_touch_are_thinned() -> None:
    labels = [f"Kabupaten {count}" for count in range(24)]
    svg = line_chart(labels, [Line("x", list(range(24)))], title="t")
    shown = [word for word in words_of(svg) if word.startswith("Kabupaten")]
    assert 2 <= len(shown) <= 9


def test_a_value_per_label_is_asked_for() -> None:
    with pytest.raises(ValueError):
        line_chart(["a"], [Line("x", [1, 2])], title="t")


def test_progress_shows_shares_and_does_not_hide_an_overrun() -> None:
    svg = progress_bar(
        [Part("Cair", D(50), Tone.PAID), Part("Terikat", D(25), Tone.COMMITTED)], 100, title="t"
    )
    assert {"Cair 50 (50%)", "Terikat 25 (25%)"} <= set(words_of(svg))
    assert not marks(svg, "line")
    over = progress_bar([Part("Cair", 150, Tone.PAID)], 100, title="t", words=rupiah_short)
    assert "Cair Rp150 (150%)" in words_of(over)
    assert len(marks(over, "line")) == 1


@pytest.mark.parametrize(
    ("value", "total", "words"),
    [(D("99.99"), 100, "99%"), (100, 100, "100%"), (1, 3, "33%"), (0, 5, "0%"), (1, 0, "-")],
)
def test_percent_never_rounds_up_to_done(value: Any, total: Any, words: str) -> None:
    assert percent(value, total) == words


@pytest.mark.parametrize(
    "svg",
    [
        bar_chart([], title="t"),
        stacked_bar([], [PAID], title="t"),
        line_chart(["a"], [Line("x", [None])], title="t"),
        line_chart([], [], title="t"),
        progress_bar([], 0, title="t"),
    ],
    ids=range(5),
)
def test_nothing_to_show_says_so(svg: SafeString) -> None:
    assert words_of(svg) == ["Belum ada data"]
    assert parse(svg).get("aria-label") == "t: Belum ada data"


def test_floats_and_negative_values_are_refused() -> None:
    with pytest.raises(TypeError):
        bar_chart([Bar("a", 1.5)], title="t")  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        bar_chart([Bar("a", -1)], title="t")
    with pytest.raises(ValueError):
        line_chart(["a"], [Line("x", [D(-1)])], title="t")


def test_the_59_areas_each_have_their_own_place() -> None:
    assert {province: len(places) for province, places in LAYOUTS.items()} == {
        "15": 11,
        "35": 38,
        "64": 10,
    }
    for province, places in LAYOUTS.items():
        spots = {(place.column, place.row) for place in places.values()}
        assert len(spots) == len(places)
        assert all(code.startswith(f"{province}.") for code in places)
    assert LAYOUTS["35"]["35.19"].name == "Kab. Madiun"
    assert LAYOUTS["35"]["35.77"].name == "Kota Madiun"
    assert sum(place.name.startswith("Kota ") for place in LAYOUTS["35"].values()) == 9
    assert sum(place.name.startswith("Kota ") for place in LAYOUTS["64"].values()) == 3
    assert sum(place.name.startswith("Kota ") for place in LAYOUTS["15"].values()) == 2


@pytest.mark.parametrize(
    ("one", "side", "other"),
    [
        ("35.29", "east", "35.26"),
        ("35.10", "east", "35.09"),
        ("35.01", "west", "35.03"),
        ("35.23", "north", "35.05"),
        ("35.78", "north", "35.15"),
        ("64.03", "north", "64.01"),
        ("64.07", "west", "64.02"),
        ("64.74", "east", "64.08"),
        ("15.01", "west", "15.02"),
        ("15.07", "east", "15.06"),
        ("15.03", "south", "15.04"),
    ],
)
def test_places_follow_the_compass(one: str, side: str, other: str) -> None:
    first, second = LAYOUTS[one[:2]][one], LAYOUTS[other[:2]][other]
    assert {
        "east": first.column > second.column,
        "west": first.column < second.column,
        "north": first.row < second.row,
        "south": first.row > second.row,
    }[side]


def test_names_fit_their_tiles() -> None:
    for places in LAYOUTS.values():
        for place in places.values():
            assert all(text_width(line, 10) <= 72 for line in place.lines), place


def shades_of(svg: str) -> list[str]:
    return [
        found.get("class", "")
        for found in marks(svg, "rect")
        if found.get("class", "").startswith("chart-shade") and found.get("width") == "66"
    ]


@pytest.mark.parametrize(
    ("values", "classes"),
    [([5], 1), ([5, 5, 5], 1), ([1, 2], 2), ([1, 2, 3], 3), (list(range(10)), 5)],
)
def test_at_most_five_shades_by_value(values: Sequence[int], classes: int) -> None:
    codes = list(LAYOUTS["35"])
    tiles = [Tile(code, value) for code, value in zip(codes, values, strict=False)]
    svg = tile_grid_map("35", tiles, title="t")
    assert len(shades_of(svg)) == len(values)
    assert len(set(shades_of(svg))) == classes


def test_higher_values_never_get_a_lighter_shade() -> None:
    codes = sorted(LAYOUTS["35"])
    tiles = [Tile(code, count * count % 97) for count, code in enumerate(codes)]
    shades = {}
    for found in parse(tile_grid_map("35", tiles, title="t")).findall(f"{NS}g"):
        title, box = found.find(f"{NS}title"), found.find(f"{NS}rect")
        if title is not None and box is not None:
            shades[title.text] = box.get("class", "")
    pairs = sorted(
        (tile.value or 0, shades[f"{LAYOUTS['35'][tile.code].name}: {tile.value}"])
        for tile in tiles
    )
    assert [shade for _value, shade in pairs] == sorted(shade for _value, shade in pairs)


def test_missing_areas_are_hatched_and_named() -> None:
    svg = tile_grid_map("64", [Tile("64.01", 3), Tile("64.02", None)], title="t")
    titles = [found.text for found in marks(svg, "title")]
    assert "Kab. Kutai Kartanegara: Belum ada data" in titles
    assert "Kab. Berau: Belum ada data" in titles
    assert "Kab. Paser: 3" in titles
    hatches = [found for found in marks(svg, "path") if found.get("class") == "chart-hatch"]
    assert len(hatches) == 9 + 1
    assert "Peta skematis, bukan batas resmi" in words_of(svg)
    full = tile_grid_map("64", [Tile(code, 0) for code in LAYOUTS["64"]], title="t")
    assert "Belum ada data" not in full


@pytest.mark.parametrize("codes", [["35.99"], ["64.01"], ["35.01", "35.01"]])
def test_foreign_or_double_codes_are_refused(codes: list[str]) -> None:
    with pytest.raises(ValueError):
        tile_grid_map("35", [Tile(code, 1) for code in codes], title="t")


def contrast(one: str, two: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_ink_on_marks_can_be_read() -> None:
    for ground, ink in SHADES:
        assert contrast(ground, ink) >= 4.5, ground
    for tone in Tone:
        if tone is not Tone.NEUTRAL:
            assert contrast(COLOURS[tone], INK_ON[tone]) >= 4.5, tone


def test_ids_are_given_by_the_page() -> None:
    assert parse(bar_chart([Bar("a", 1)], title="t", chart_id="pagu")).get("id") == "pagu"
    assert "id=" not in bar_chart([Bar("a", 1)], title="t").replace("viewBox", "")


def test_the_same_string_goes_into_a_pdf() -> None:
    html = "<html lang=id><title>Uji</title>" + "".join(all_charts()) + "</html>"
    assert render_pdf(html).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("highest", "step"), [(3, 1), (10, 5), (100, 50), (2, "0.5"), ("2.23", 1), (1_210_000, 500_000)]
)
def test_grid_steps_are_round(highest: Any, step: Any) -> None:
    assert nice_step(D(highest)) == D(step)


def test_sizes_have_a_point_and_words_fit() -> None:
    assert [size(D("1.25")), size(2), size(D("3.00"))] == ["1.2", "2", "3"]
    assert fit("Kab. Madiun", 200) == "Kab. Madiun"
    assert fit("Kab. Tanjung Jabung Timur", 80).endswith("…")
    assert text_width(fit("Kab. Tanjung Jabung Timur", 80)) <= 80
    assert fit("Kab.", 1) == "…"

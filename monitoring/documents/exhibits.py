"""Pictures with their tables: drawn once, the same in the browser and in the PDF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bansos.lib import charts
from bansos.lib.charts import Bar, Series, StackedBar, Tile, Tone
from bansos.lib.money import number, rupiah_short
from monitoring.documents.grids import Grid, grids
from monitoring.queries import Figures, MoneyRow

Address = Callable[[str], str]
Draw = Callable[[Figures, "Links"], SafeString]


def _nowhere(_key: str) -> str:
    return ""


@dataclass(frozen=True)
class Links:
    """Where a mark leads, by its key, and how wide the picture is; on paper nowhere and wide."""

    area: Address = _nowhere
    stage: Address = _nowhere
    cause: Address = _nowhere
    state: Address = _nowhere
    width: int = 640


# A picture whose letters are as large on a phone of 360 px as elsewhere.
PHONE = 300


@dataclass(frozen=True)
class Exhibit:
    """A picture and the table that says the same; `slim` is the picture for a phone."""

    key: str
    title: str
    svg: SafeString
    grid: Grid
    note: str = ""
    slim: SafeString | str = ""


def share(part: Decimal, total: Decimal | None) -> Decimal | None:
    """Percent with one decimal, rounded down: 99,96 is not yet everything."""
    if not total:
        return None
    return (part * 100 / total).quantize(Decimal("0.1"), rounding=ROUND_DOWN)


def _percent(value: Decimal | int) -> str:
    return f"{number(Decimal(value)).removesuffix(',0')}%"


def money_bars(figures: Figures, links: Links) -> SafeString:
    """Pagu against what was released, per regency (or district where there is only one)."""
    alone = len(figures.regencies) <= 1 and figures.districts
    rows = figures.districts if alone else figures.regencies
    return charts.bar_chart(
        [_money_bar(row, links) for row in rows],
        title=_("Pagu dan pencairan per wilayah"),
        width=links.width,
    )


def _money_bar(row: MoneyRow, links: Links) -> Bar:
    paid = rupiah_short(row.paid)
    detail = _("%(name)s: cair %(paid)s") % {"name": row.name, "paid": paid}
    text = paid
    part = share(row.paid, row.ceiling)
    if row.ceiling is not None and part is not None:
        text = f"{paid} ({_percent(part)})"
        detail = _("%(name)s: cair %(paid)s dari pagu %(ceiling)s") % {
            "name": row.name,
            "paid": paid,
            "ceiling": rupiah_short(row.ceiling),
        }
    return Bar(
        label=row.name,
        value=row.paid,
        text=text,
        ceiling=row.ceiling,
        detail=detail,
        url=links.area(row.key),
        tone=Tone.PAID,
    )


def stage_bars(figures: Figures, links: Links) -> SafeString:
    """What was released per stage, split by what became of it."""
    several = len({row.programme for row in figures.stages}) > 1
    series = (
        Series(_("Tersalur"), Tone.PAID),
        Series(_("Kembali ke kas daerah"), Tone.NEUTRAL),
        Series(_("Belum tuntas"), Tone.COMMITTED),
    )
    bars = [
        StackedBar(
            label=f"{row.name}, {row.programme}" if several else row.name,
            # Money can be delivered in a period whose SP2D lies before it: never below zero.
            parts=(
                row.delivered,
                row.returned,
                max(row.paid - row.delivered - row.returned, Decimal(0)),
            ),
            text=rupiah_short(max(row.paid, row.delivered + row.returned)),
            url=links.stage(row.key),
        )
        for row in figures.stages
    ]
    return charts.stacked_bar(
        bars, series, title=_("Pencairan per tahap"), words=rupiah_short, width=links.width
    )


def time_bars(figures: Figures, links: Links) -> SafeString:
    """People per stage by how long they waited after the SP2D."""
    several = len({row.programme for row in figures.times}) > 1
    series = (
        Series(_("Sampai 10 hari"), Tone.PAID),
        Series(_("11-30 hari"), Tone.COMMITTED),
        Series(_("Lebih dari 30 hari"), Tone.PROBLEM),
        Series(_("Menunggu"), Tone.NEUTRAL),
    )
    bars = [
        StackedBar(
            label=f"{row.programme}, {row.name}" if several else row.name,
            parts=(row.within_10, row.within_30, row.later, row.waiting),
            text=_("%(count)s KPM") % {"count": number(_all_waits(row))},
            url=links.stage(row.key),
        )
        for row in figures.times
        if row.first_sp2d is not None
    ]
    return charts.stacked_bar(
        bars, series, title=_("Hari dari SP2D sampai tersalur"), width=links.width
    )


def _all_waits(row: object) -> int:
    names = ("within_10", "within_30", "later", "waiting")
    return sum(int(getattr(row, name)) for name in names)


def return_bars(figures: Figures, links: Links) -> SafeString:
    """Returns per cause."""
    bars = [
        Bar(
            label=row.name,
            value=row.count,
            text=_("%(count)s KPM, %(money)s")
            % {"count": number(row.count), "money": rupiah_short(row.amount)},
            url=links.cause(row.key),
            tone=Tone.PROBLEM,
        )
        for row in figures.returns
    ]
    return charts.bar_chart(bars, title=_("Retur menurut sebab"), width=links.width)


def age_bars(figures: Figures, links: Links) -> SafeString:
    """Recipients per age group, women and men."""
    known = any(row.unknown for row in figures.ages)
    series = [Series(_("Perempuan"), Tone.PRIMARY), Series(_("Laki-laki"), Tone.COMMITTED)]
    if known:
        series.append(Series(_("Belum dicatat"), Tone.NEUTRAL))
    bars = [
        StackedBar(
            label=row.name,
            parts=(row.women, row.men, row.unknown) if known else (row.women, row.men),
        )
        for row in figures.ages
    ]
    return charts.stacked_bar(
        bars, series, title=_("Penerima menurut umur dan jenis kelamin"), width=links.width
    )


def reach_bars(figures: Figures, links: Links) -> SafeString:
    """Recipients per area: who has received, who is named in a decree, who is fit and waits."""
    series = (
        Series(_("Menerima"), Tone.PAID),
        Series(_("Ditetapkan, belum menerima"), Tone.COMMITTED),
        Series(_("Layak, menunggu SK"), Tone.NEUTRAL),
    )
    bars = [
        StackedBar(
            label=row.name,
            parts=(
                row.received,
                max(row.decreed - row.received, 0),
                max(row.eligible - max(row.decreed, row.received), 0),
            ),
            text=number(row.eligible),
            url=links.area(row.key),
        )
        for row in figures.reach
    ]
    return charts.stacked_bar(bars, series, title=_("Penerima per wilayah"), width=links.width)


def state_bars(figures: Figures, links: Links) -> SafeString:
    """Proposals per state."""
    bars = [
        Bar(label=row.name, value=row.count, url=links.state(row.key)) for row in figures.states
    ]
    return charts.bar_chart(bars, title=_("Usulan menurut keadaan"), width=links.width)


def area_map(figures: Figures, links: Links) -> SafeString | None:
    """Released part of the pagu per regency, as tiles; None outside the three provinces."""
    province = figures.total.key
    layout = charts.LAYOUTS.get(province)
    if layout is None:
        return None
    tiles = [
        Tile(code=row.key, value=share(row.paid, row.ceiling), url=links.area(row.key))
        for row in figures.regencies
        if row.key in layout
    ]
    return charts.tile_grid_map(
        province, tiles, title=_("Bagian pagu yang cair per kabupaten/kota"), words=_percent
    )


def _exhibit(title: str, draw: Draw, grid: Grid, figures: Figures, links: Links) -> Exhibit:
    slim = draw(figures, replace(links, width=PHONE))
    return Exhibit(grid.key, title, draw(figures, links), grid, grid.note, slim)


def exhibits(figures: Figures, links: Links | None = None) -> list[Exhibit]:
    """Every picture of a dashboard or a report with its table, in order."""
    to, tables = links or Links(), grids(figures)
    found = [
        _exhibit(_("Pagu dan pencairan"), money_bars, tables["money"], figures, to),
        _exhibit(_("Pencairan per tahap"), stage_bars, tables["stages"], figures, to),
        _exhibit(_("Ketepatan waktu"), time_bars, tables["times"], figures, to),
        _exhibit(_("Retur menurut sebab"), return_bars, tables["returns"], figures, to),
        _exhibit(_("Penerima menurut umur"), age_bars, tables["ages"], figures, to),
        _exhibit(_("Usulan menurut keadaan"), state_bars, tables["states"], figures, to),
    ]
    if figures.reach:
        title = _("Penerima per wilayah")
        found.insert(0, _exhibit(title, reach_bars, tables["reach"], figures, to))
    tiles = area_map(figures, to)
    if tiles is not None:
        title = _("Bagian pagu yang cair")
        place = next(number for number, item in enumerate(found) if item.key == "money")
        found.insert(place + 1, Exhibit("map", title, tiles, tables["money"]))
    return found

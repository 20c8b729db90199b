"""The tables of a report: one record per table, printed alike on the page, in PDF and in XLSX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bansos.lib.dates import short_date
from bansos.lib.money import number
from bansos.lib.parts import Head
from monitoring.queries import Figures, MoneyRow, ReachRow

Row = tuple[Any, ...]
PEOPLE = ("women", "men", "strangers")


@dataclass(frozen=True)
class Grid:
    """Columns, rows and a last row of totals (empty = none). Decimal is rupiah, int a count."""

    key: str
    title: str
    columns: Sequence[Head]
    rows: list[Row]
    totals: Row = ()
    note: str = ""
    # Row numbers (from 0) that head the rows below them, such as a regency above its districts.
    heads: frozenset[int] = field(default_factory=frozenset)

    def printed(self) -> list[dict[str, Any]]:
        """Rows for paper: cells as text with their class; figures without "Rp"."""
        found = [
            self._row(row, "induk" if place in self.heads else "")
            for place, row in enumerate(self.rows)
        ]
        return [*found, self._row(self.totals, "jumlah")] if self.totals else found

    def _row(self, row: Row, css: str) -> dict[str, Any]:
        cells = [
            (paper_text(value), "angka" if column.numeric else "")
            for value, column in zip(row, self.columns, strict=True)
        ]
        return {"css": css, "cells": cells}


def paper_text(value: Any) -> str:
    """A cell on paper: 12.000.000; 01-02-2026; a dash for nothing known."""
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return number(value).removesuffix(",00")
    if isinstance(value, int):
        return number(value)
    return short_date(value) if isinstance(value, date) else str(value)


def _text(label: str) -> Head:
    return Head(label=label)


def _money(label: str) -> Head:
    return Head(label=label, kind="money")


def _count(label: str) -> Head:
    return Head(label=label, kind="number")


def _date(label: str) -> Head:
    return Head(label=label, kind="date")


def _amounts(row: MoneyRow) -> Row:
    return (row.ceiling, row.reserved, row.paid, row.delivered, row.returned, row.open, row.left)


def _money_heads(first: str) -> list[Head]:
    return [
        _text(first),
        *(_money(_("Pagu")), _money(_("Terikat")), _money(_("Cair")), _money(_("Tersalur"))),
        *(_money(_("Kembali")), _money(_("Belum tuntas")), _money(_("Sisa pagu"))),
    ]


def money_grid(figures: Figures) -> Grid:
    """Pagu to sisa per regency; inside one regency per district, which has no pagu."""
    alone = len(figures.regencies) <= 1 and figures.districts
    rows = figures.districts if alone else figures.regencies
    first = _("Kecamatan") if alone else _("Kabupaten/kota")
    return Grid(
        key="money",
        title=_("Pagu, ikatan, pencairan, dan penyaluran per wilayah"),
        columns=_money_heads(first),
        rows=[(row.name, *_amounts(row)) for row in rows],
        totals=(_("Jumlah"), *_amounts(figures.total)),
        note=_(
            "Sisa pagu = pagu - terikat - cair. Belum tuntas = cair - tersalur - kembali ke kas"
            " daerah. Pagu provinsi menurut DPA, pagu kabupaten/kota menurut alokasi; pagu tidak"
            " dibagi sampai kecamatan."
        ),
    )


def programme_grid(figures: Figures) -> Grid:
    """Pagu to sisa per programme."""
    return Grid(
        key="programmes",
        title=_("Pagu dan realisasi per program"),
        columns=_money_heads(_("Program")),
        rows=[(row.name, *_amounts(row)) for row in figures.programmes],
        totals=(_("Jumlah"), *_amounts(figures.total)),
    )


def district_grid(figures: Figures) -> Grid:
    """Every regency where money moved, with its districts: people and rupiah."""
    rows: list[Row] = []
    heads = set()
    for regency in figures.regencies:
        below = figures.districts_of(regency.key)
        if below:
            heads.add(len(rows))
            rows.extend([_district_row(regency), *map(_district_row, below)])
    return Grid(
        key="districts",
        title=_("Penyaluran per kecamatan"),
        columns=[
            _text(_("Wilayah")),
            *(_money(_("Terikat")), _count(_("KPM cair")), _money(_("Cair"))),
            *(_count(_("KPM tersalur")), _money(_("Tersalur"))),
            *(_count(_("KPM kembali")), _money(_("Kembali")), _money(_("Belum tuntas"))),
        ],
        rows=rows,
        totals=_district_row(figures.total, _("Jumlah")) if rows else (),
        heads=frozenset(heads),
    )


def _district_row(row: MoneyRow, name: str = "") -> Row:
    return (
        name or row.name,
        row.reserved,
        *(row.paid_people, row.paid),
        *(row.delivered_people, row.delivered),
        *(row.returned_people, row.returned),
        row.open,
    )


def line_grid(figures: Figures) -> Grid:
    """Every programme: recipients from quota to receipt, what its decrees name, its pagu."""
    rows: list[Row] = [
        (
            *(row.name, row.unit, row.quota, row.proposed, row.eligible, row.decreed),
            *(row.received, row.decided, row.ceiling),
        )
        for row in figures.lines
    ]
    totals = (_("Jumlah"), *[None] * 6, *_sums(figures.lines, ("decided", "ceiling")))
    return Grid(
        key="lines",
        title=_("Penerima dan nilai per program"),
        columns=[
            *(_text(_("Program")), _text(_("Satuan")), *_steps()),
            *(_money(_("Nilai SK")), _money(_("Pagu"))),
        ],
        rows=rows,
        totals=totals if len(rows) > 1 else (),
        note=_("Nilai SK adalah jumlah besaran setahun menurut SK yang berlaku."),
    )


def reach_grid(figures: Figures) -> Grid:
    """Every area: recipients from quota to receipt; women, men and strangers among the fit."""
    names = ("quota", "proposed", "eligible", "decreed", "received", *PEOPLE)
    # A group, an institution or a village has no sex: unknown, not nobody.
    hidden = () if any(_people_of(row) for row in figures.reach) else PEOPLE
    alone = any(len(row.key) > len("35.19") for row in figures.reach)
    return Grid(
        key="reach",
        title=_("Penerima per wilayah"),
        columns=[
            _text(_("Kecamatan") if alone else _("Kabupaten/kota")),
            *(*_steps(), _count(_("Perempuan")), _count(_("Laki-laki")), _count(_("KTP luar"))),
        ],
        rows=[(row.name, *_counts(row, names, hidden)) for row in figures.reach],
        totals=(_("Jumlah"), *_sums(figures.reach, names, hidden)) if figures.reach else (),
        note=_(
            "Menerima: uang tersalur atau barang diserahkan pada periode ini. Perempuan, laki-laki,"
            " dan pemegang KTP provinsi lain dihitung dari yang layak, bila penerimanya orang."
            " Orang di dua program dihitung dua kali; kelompok atau lembaga dihitung satu."
        ),
    )


def _steps() -> list[Head]:
    names = (_("Kuota"), _("Usulan"), _("Layak"), _("Ditetapkan"), _("Menerima"))
    return [_count(name) for name in names]


def _people_of(row: ReachRow) -> int:
    return row.women + row.men + row.strangers


def _counts(row: ReachRow, names: Sequence[str], hidden: Sequence[str]) -> Row:
    return tuple(None if name in hidden else getattr(row, name) for name in names)


def _sums(rows: Sequence[ReachRow], names: Sequence[str], hidden: Sequence[str] = ()) -> Row:
    """Columns added up; a column in which nobody has anything stays unknown."""
    columns = zip(*(_counts(row, names, hidden) for row in rows), strict=True)
    known = [[value for value in column if value is not None] for column in columns]
    return tuple(sum(values[1:], values[0]) if values else None for values in known)


def stage_grid(figures: Figures) -> Grid:
    """What each stage paid."""
    several = len({row.programme for row in figures.stages}) > 1
    return Grid(
        key="stages",
        title=_("Pencairan dan penyaluran per tahap"),
        columns=[
            *(_text(_("Tahap")), _date(_("Tanggal rencana")), _count(_("KPM cair"))),
            *(_money(_("Cair")), _count(_("KPM tersalur")), _money(_("Tersalur"))),
            _money(_("Kembali")),
        ],
        rows=[
            (
                f"{row.programme}, {row.name}" if several else row.name,
                *(row.planned, row.paid_people, row.paid),
                *(row.delivered_people, row.delivered, row.returned),
            )
            for row in figures.stages
        ],
    )


def age_grid(figures: Figures) -> Grid:
    """Recipients by age group and sex, each person once."""
    rows: list[Row] = [
        (row.name, row.women, row.men, row.unknown, row.total) for row in figures.ages
    ]
    sums = [sum(row[place] for row in rows) for place in range(1, 5)]
    return Grid(
        key="ages",
        title=_("Penerima menurut umur dan jenis kelamin"),
        columns=[
            *(_text(_("Kelompok umur")), _count(_("Perempuan")), _count(_("Laki-laki"))),
            *(_count(_("Belum dicatat")), _count(_("Jumlah"))),
        ],
        rows=rows,
        totals=(_("Jumlah"), *sums) if rows else (),
        note=_("Orang yang uangnya tersalur pada periode ini, masing-masing dihitung satu kali."),
    )


def time_grid(figures: Figures) -> Grid:
    """Days from plan to SP2D and from SP2D to delivery."""
    several = len({row.programme for row in figures.times}) > 1
    return Grid(
        key="times",
        title=_("Ketepatan waktu"),
        columns=[
            *(_text(_("Tahap")), _date(_("Rencana")), _date(_("SP2D pertama"))),
            *(_count(_("Hari ke SP2D")), _count(_("Median hari salur"))),
            *(_count(_("Terlama")), _count(_("≤ 10 hari")), _count(_("11-30 hari"))),
            *(_count(_("> 30 hari")), _count(_("Menunggu"))),
        ],
        rows=[
            (
                f"{row.programme}, {row.name}" if several else row.name,
                *(row.planned, row.first_sp2d, row.sp2d_days, row.median_days),
                *(row.longest_days, row.within_10, row.within_30, row.later, row.waiting),
            )
            for row in figures.times
        ],
        note=_(
            "Hari ke SP2D dihitung dari tanggal rencana tahap; hari salur dari tanggal SP2D, dalam"
            " hari kalender. Empat kolom terakhir adalah jumlah KPM."
        ),
    )


def return_grid(figures: Figures) -> Grid:
    """Returns by cause and decision."""
    rows: list[Row] = [
        (row.name, row.count, row.amount, row.follow_up, row.heir, row.treasury, row.undecided)
        for row in figures.returns
    ]
    sums = [sum(row[place] for row in rows) for place in range(1, 7)]
    return Grid(
        key="returns",
        title=_("Retur menurut sebab"),
        columns=[
            *(_text(_("Sebab")), _count(_("KPM")), _money(_("Jumlah uang"))),
            *(_count(_("Bayar susulan")), _count(_("Ahli waris"))),
            *(_count(_("Ke kas daerah")), _count(_("Belum diputus"))),
        ],
        rows=rows,
        totals=(_("Jumlah"), *sums) if rows else (),
    )


def state_grid(figures: Figures) -> Grid:
    """Proposals by state."""
    rows: list[Row] = [(row.name, row.count) for row in figures.states]
    total = sum(row.count for row in figures.states)
    return Grid(
        key="states",
        title=_("Usulan menurut keadaan"),
        columns=[_text(_("Keadaan")), _count(_("Usulan"))],
        rows=rows,
        totals=(_("Jumlah"), total) if rows else (),
    )


def list_grid(figures: Figures) -> Grid:
    """The pay lists behind the figures."""
    return Grid(
        key="lists",
        title=_("Daftar bayar"),
        columns=[
            *(_text(_("Nomor")), _text(_("Wilayah")), _text(_("Tahap")), _text(_("Keadaan"))),
            *(_count(_("KPM")), _money(_("Jumlah"))),
            *(_text(_("Nomor SP2D")), _date(_("Tanggal SP2D"))),
        ],
        rows=[
            (
                *(row.number, row.area, row.stage, row.state, row.people, row.amount),
                *(row.sp2d_number or None, row.sp2d_date),
            )
            for row in figures.lists
        ],
    )


def case_grid(figures: Figures) -> Grid:
    """The returns behind the figures, by reference."""
    return Grid(
        key="cases",
        title=_("Retur"),
        columns=[
            *(_text(_("Acuan bank")), _text(_("Kecamatan")), _text(_("Sebab"))),
            *(_date(_("Tanggal retur")), _money(_("Jumlah")), _text(_("Keputusan"))),
            *(_text(_("Nomor STS")), _date(_("Tanggal STS"))),
        ],
        rows=[
            (
                *(row.reference, row.area, row.cause, row.returned_on, row.amount),
                *(row.decision or None, row.sts_number or None, row.sts_date),
            )
            for row in figures.cases
        ],
    )


MAKERS = (
    *(line_grid, money_grid, programme_grid, stage_grid, reach_grid, age_grid, time_grid),
    *(return_grid, state_grid, district_grid, list_grid, case_grid),
)


def grids(figures: Figures) -> dict[str, Grid]:
    """Every table by its key, in the order of the report."""
    made = [maker(figures) for maker in MAKERS]
    return {grid.key: grid for grid in made}

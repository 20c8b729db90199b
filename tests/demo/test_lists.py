"""The regency's workbook: the guide's layout, the planted rows, and how they are mended."""

from __future__ import annotations

from collections import Counter

import pytest

from bansos.demo.lists import HEADERS, TITLE_ROWS, RegencyList, make_list, workbook
from bansos.demo.mending import mend
from bansos.demo.population import MENDABLE, Population
from bansos.demo.story import Scale
from bansos.lib.sheets.mapping import guess_mapping
from bansos.lib.sheets.reading import Table, read_table
from bansos.lib.sheets.writing import BadRow, error_workbook
from programs.models import ProgrammeVersion
from programs.services.list_columns import columns_of
from tests.factories.programs import ProgrammeVersionFactory


@pytest.fixture
def madiun(country: None) -> RegencyList:
    return make_list(Population(2026), "35.19", size=60)


def plus() -> ProgrammeVersion:
    """PKH Plus, made once."""
    made: ProgrammeVersion = ProgrammeVersion.objects.first() or ProgrammeVersionFactory()
    return made


def table_of(found: RegencyList) -> Table:
    data = workbook(found.regency, found.rows, heading="Usulan", province="Jawa Timur")
    return read_table(data, "daftar.xlsx", expected=columns_of(plus()))


def test_three_rows_in_a_hundred_are_spoilt(country: None) -> None:
    found = make_list(Population(2026), "35.19", size=Scale.madiun)
    spoilt = [row for row in found.rows if row.defect]
    assert (len(found.rows), len(spoilt)) == (1568, 47)
    assert len(Counter(row.defect for row in spoilt)) == 10
    gone = [row for row in spoilt if row.remedy is None]
    assert len(found.replacements) == len(gone)


def test_the_list_is_read_back_row_by_row(madiun: RegencyList) -> None:
    table = table_of(madiun)
    assert table.headers == HEADERS
    assert len(table.rows) == 60
    assert table.rows[0].row_number == TITLE_ROWS + 3
    nik = table.headers.index("NIK LANSIA")
    for row in table.rows:
        planted = madiun.row_at(row.row_number)
        assert row.cell(nik).text == planted.soul.nik
        assert row.cell(nik).was_number == planted.nik_as_number


def test_every_column_finds_its_field(madiun: RegencyList) -> None:
    mapping = guess_mapping(table_of(madiun).headers, columns_of(plus()))
    assert sorted(mapping.values()) == list(range(len(HEADERS)))


def test_the_same_list_gives_the_same_bytes(madiun: RegencyList) -> None:
    first, second = (
        workbook(madiun.regency, madiun.rows, heading="Usulan", province="Jawa Timur")
        for _time in range(2)
    )
    assert first == second


def test_mending_keeps_mends_and_strikes(madiun: RegencyList) -> None:
    table = table_of(madiun)
    bad = [row for row in table.rows if madiun.row_at(row.row_number).defect]
    sound = next(row for row in table.rows if not madiun.row_at(row.row_number).defect)
    errors = error_workbook(
        table.headers, [BadRow(row, {0: "Salah"}) for row in (*bad, sound)], {"Salah": len(bad)}
    )
    data, count = mend(errors, madiun, plus())
    again = read_table(data, "perbaikan.xlsx", expected=columns_of(plus()))
    nik = again.headers.index("NIK LANSIA")
    wanted = {
        row.remedy.nik for row in madiun.rows if row.defect in MENDABLE and row.remedy is not None
    }
    assert count == len(again.rows) == len(wanted) + 1
    sound_nik = madiun.row_at(sound.row_number).soul.nik
    assert {row.cell(nik).text for row in again.rows} == wanted | {sound_nik}
    assert all(row.source_row is not None for row in again.rows)

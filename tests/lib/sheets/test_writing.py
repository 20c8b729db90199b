"""Lists out: safe text, true numbers, equal bytes; what goes out can come back in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import python_calamine
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from bansos.lib.errors import BadInput
from bansos.lib.sheets import writing
from bansos.lib.sheets.mapping import guess_mapping
from bansos.lib.sheets.reading import Table, read_table
from bansos.lib.sheets.writing import (
    BadRow,
    csv_bytes,
    error_workbook,
    table_workbook,
    template_workbook,
)
from tests.lib.sheets import files
from tests.lib.sheets.lampiran import HEADERS, LAMPIRAN_1, people, person

INSTRUCTIONS = ["Isi lembar Data mulai baris 4.", "Jangan mengubah judul kolom."]
EVIL = ["=1+1", "+62812", "-cmd", "@SUM(A1)", "\t=1", "=HYPERLINK(1)", "http://contoh.id"]


def sheet_of(data: bytes, name: str) -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return book.get_sheet_by_name(name).to_python()


def xml_of(data: bytes, part: str = "xl/worksheets/sheet1.xml") -> str:
    content = files.parts_of(data)[part]
    assert isinstance(content, bytes)
    return content.decode()


def template(**options: Any) -> bytes:
    return template_workbook(
        LAMPIRAN_1,
        **{
            "title": "Usulan PKH Plus 2026",
            "instructions": INSTRUCTIONS,
            "version": "pkh-plus/3",
            "choices": {"sex": ["L", "P"]},
            **options,
        },
    )


def prefilled(count: int) -> list[dict[str, Any]]:
    keys = [column.key for column in LAMPIRAN_1]
    return [dict(zip(keys, row, strict=True)) for row in people(count)]


def read(data: bytes, filename: str = "daftar.xlsx") -> Table:
    return read_table(data, filename, expected=LAMPIRAN_1)


def test_a_filled_template_comes_back_with_its_version() -> None:
    table = read(template(rows=prefilled(5)))
    assert list(table.headers) == HEADERS
    assert table.template_version == "pkh-plus/3"
    assert [row.cell(5).text for row in table.rows][4] == "3519074108500005"
    assert [row.cell(15).text for row in table.rows][0] == "0000000001"
    assert table.rows[0].cell(8).value == date(1950, 8, 1)
    assert not table.rows[0].cell(5).was_number


def test_an_empty_template_has_no_rows_to_read() -> None:
    with pytest.raises(BadInput) as caught:
        read(template())
    assert caught.value.code == "baris_tidak_ada"


def test_the_template_explains_itself_and_hides_its_workings() -> None:
    data = template()
    guide = sheet_of(data, "Petunjuk")
    assert guide[0][0] == "Usulan PKH Plus 2026"
    assert [line[1] for line in guide[2:4]] == INSTRUCTIONS
    assert guide[-1][1].endswith("NAMA LANSIA, NIK LANSIA.")
    assert 'state="veryHidden"' in xml_of(data, "xl/workbook.xml")


def test_the_template_offers_drop_downs_and_keeps_digits_as_text() -> None:
    sheet = xml_of(template())
    assert 'type="list"' in sheet
    assert "'_bansos'!$K$3:$K$4" in sheet
    assert 'sqref="K4:K5003"' in sheet
    nik_column = next(part for part in sheet.split("<col ") if part.startswith('min="6"'))
    assert 'style="' in nik_column


def test_the_error_workbook_marks_what_is_wrong_and_why() -> None:
    table = read(files.xlsx([HEADERS, person(1), person(2, nik=3519074108500002), person(3)]))
    wrong = BadRow(table.rows[1], {5: "NIK tersimpan sebagai angka."}, ("Penerima ganda.",))
    data = error_workbook(table.headers, [wrong], {"NIK tersimpan sebagai angka": 1})
    rows = sheet_of(data, "Perbaiki")
    assert rows[0] == ["Baris asal", *HEADERS, "Yang perlu diperbaiki"]
    assert len(rows) == 2
    assert rows[1][0] == 3
    assert rows[1][-1] == "NIK LANSIA: NIK tersimpan sebagai angka. Penerima ganda."
    assert "NIK tersimpan sebagai angka." in xml_of(data, "xl/comments1.xml")
    assert 'ref="G2"' in xml_of(data, "xl/comments1.xml")
    assert "FFFFC7CE" in xml_of(data, "xl/styles.xml")


def test_the_error_workbook_counts_per_cause() -> None:
    table = read(files.xlsx([HEADERS, *people(3)]))
    causes = {"Ganda dalam berkas": 1, "NIK bukan 16 angka": 2}
    data = error_workbook(table.headers, [BadRow(row) for row in table.rows], causes)
    summary = sheet_of(data, "Ringkasan")
    assert summary[0][0] == "3 baris perlu diperbaiki"
    assert [line[:2] for line in summary[4:]] == [
        ["NIK bukan 16 angka", 2],
        ["Ganda dalam berkas", 1],
    ]


def test_a_corrected_error_workbook_is_uploaded_as_it_is() -> None:
    table = read(files.xlsx([["DAFTAR"], [], HEADERS, *people(9)]))
    bad = [BadRow(row, {5: "NIK ganda."}) for row in table.rows[3:5]]
    again = read(error_workbook(table.headers, bad, {"NIK ganda": 2}))
    assert again.headers == table.headers
    assert again.signature == table.signature
    assert [row.cells for row in again.rows] == [row.cells for row in table.rows[3:5]]
    assert [row.source_row for row in again.rows] == [7, 8]
    assert again.cell_name(again.rows[0], 5) == "G2"


def test_the_source_row_survives_a_second_round() -> None:
    table = read(files.xlsx([HEADERS, *people(9)]))
    once = read(error_workbook(table.headers, [BadRow(table.rows[6])], {}))
    twice = read(error_workbook(once.headers, [BadRow(once.rows[0])], {}))
    assert twice.rows[0].source_row == 8


def test_a_damaged_nik_stays_known_until_it_is_typed_again() -> None:
    table = read(files.xlsx([HEADERS, person(1, nik=3519074108500001)]))
    again = read(error_workbook(table.headers, [BadRow(table.rows[0], {5: "Rusak."})], {}))
    assert again.rows[0].cell(5).was_number
    damaged_csv = read(b"nik;nama\n3,51907E+15;Sumarni\n", "daftar.csv")
    second = read(error_workbook(damaged_csv.headers, [BadRow(damaged_csv.rows[0])], {}))
    assert second.rows[0].cell(0).was_number


def test_an_export_carries_title_kinds_and_totals() -> None:
    rows: list[Sequence[Any]] = [
        ["3519074108500001", "Sumarni", Decimal("500000.00"), date(2026, 1, 5), True],
        ["0000000000000002", "Siti", Decimal("1031145.59"), None, False],
    ]
    data = table_workbook(
        ["NIK", "Nama", "Jumlah", "Tanggal", "Hadir"],
        rows,
        title="Daftar Bayar",
        subtitle="Kab. Madiun, Tahap 1",
        money_columns={2},
        text_columns={0},
        totals={2},
    )
    sheet = sheet_of(data, "Data")
    assert [line[0] for line in sheet[:2]] == ["Daftar Bayar", "Kab. Madiun, Tahap 1"]
    assert sheet[4] == ["3519074108500001", "Sumarni", 500000, date(2026, 1, 5), "Ya"]
    assert sheet[5][0] == "0000000000000002"
    assert sheet[6][:3] == ["Jumlah", "", 1531145.59]
    assert "<f>" not in xml_of(data)


def test_an_export_can_be_read_back_as_a_list() -> None:
    data = table_workbook(HEADERS, people(4), title="DAFTAR PENERIMA", totals={9})
    table = read(data)
    assert len(table.rows) == 4
    assert [row.reason.value for row in table.ignored] == ["total"]


def test_moments_are_written_on_the_local_clock() -> None:
    moment = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    with timezone.override("Asia/Makassar"):
        sheet = sheet_of(table_workbook(["Saat"], [[moment]], title="Jejak"), "Data")
        text = csv_bytes(["Saat"], [[moment]])
    assert sheet[4][0] == datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001
    assert b"22/11/2026 09:30" in text


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError):
        table_workbook(["Jumlah"], [[0.5]], title="x", money_columns={0})  # type: ignore[list-item]
    with pytest.raises(TypeError):
        table_workbook(["Jumlah"], [["lima"]], title="x", totals={0})


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_SHEET_ROWS", 10)
    assert table_workbook(["A"], [["x"]] * 5, title="x")
    with pytest.raises(BadInput) as caught:
        table_workbook(["A"], [["x"]] * 6, title="x")
    assert caught.value.code == "ekspor_terlalu_besar"


def test_the_same_list_gives_the_same_bytes() -> None:
    def export() -> bytes:
        return table_workbook(HEADERS, people(20), title="Daftar", money_columns={9}, totals={9})

    table = read(files.xlsx([HEADERS, *people(3)]))
    bad = [BadRow(row, {5: "NIK ganda."}) for row in table.rows]
    assert export() == export()
    assert template(rows=prefilled(3)) == template(rows=prefilled(3))
    assert error_workbook(table.headers, bad, {"a": 1}) == error_workbook(
        table.headers, bad, {"a": 1}
    )


def test_evil_text_stays_text_in_every_workbook() -> None:
    table = read(files.xlsx([HEADERS, person(1, name="=1+1", address="http://contoh.id")]))
    bad = BadRow(table.rows[0], {4: "=2+2"}, ("=3+3",))
    books = [
        error_workbook(table.headers, [bad], {"=cmd": 1}),
        template(rows=[{"name": "=1+1"}], title="=1", instructions=["=2"], version="=3"),
        table_workbook(["=1", *"abcdef"], [EVIL], title="=2", subtitle="=3"),
    ]
    for data in books:
        assert "<f>" not in "".join(
            str(content) for name, content in files.parts_of(data).items() if "sheet" in name
        )
        assert "hyperlink" not in xml_of(data)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=6))
def test_any_text_goes_through_a_workbook_unchanged(texts: list[str]) -> None:
    data = table_workbook([f"Kolom {place}" for place in range(len(texts))], [texts], title="x")
    assert "<f>" not in xml_of(data)
    back = sheet_of(data, "Data")
    row = back[4] if len(back) > 4 else [""] * len(texts)
    for written, text in zip(row, texts, strict=True):
        assert written.replace("\r\n", "\n") == writing._text(text).replace("\r\n", "\n")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=6), st.sampled_from(";,\t"))
def test_any_text_goes_through_csv_and_is_never_a_formula(texts: list[str], mark: str) -> None:
    data = csv_bytes(["Kolom"] * len(texts), [texts], delimiter=mark, bom=False)
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=mark))
    (back,) = rows[1:]
    for field, text in zip(back, texts, strict=True):
        assert field == "-" or not field.lstrip().startswith(("=", "+", "-", "@"))
        assert field[:1] not in ("\t", "\r")
        assert field.removeprefix("'") == writing._text(text).removeprefix("'")


@pytest.mark.parametrize("text", EVIL[:6])
def test_known_attacks_get_an_apostrophe_in_csv(text: str) -> None:
    data = csv_bytes([text], [[text]], bom=False).decode()
    assert data.count("'") == 2


def test_csv_numbers_stay_numbers() -> None:
    row = [Decimal("-500000"), -5, Decimal("1031145.59"), None, True, date(2026, 1, 5), "-"]
    assert csv_bytes(["a"] * 7, [row]) == (
        b"\xef\xbb\xbfa;a;a;a;a;a;a\r\n-500000;-5;1031145,59;;Ya;05/01/2026;-\r\n"
    )
    assert b"1031145.59" in csv_bytes(["a"] * 7, [row], delimiter=",")


def test_csv_comes_back_as_the_same_list() -> None:
    rows = [person(1, address='Jl. "Melati"; RT 1\nRW 2', caretaker="=1+1"), person(2)]
    table = read(csv_bytes(HEADERS, rows), "daftar.csv")
    place = guess_mapping(table.headers, LAMPIRAN_1)
    assert [row.cell(place["nik"]).text for row in table.rows] == [row[5] for row in rows]
    assert table.rows[0].cell(place["address"]).text == 'Jl. "Melati"; RT 1 RW 2'
    assert table.rows[0].cell(place["caretaker"]).text == "=1+1"


def test_dates_before_excel_are_written_as_text() -> None:
    sheet = sheet_of(table_workbook(["Lahir"], [[date(1899, 5, 1)]], title="x"), "Data")
    assert sheet[4][0] == "01/05/1899"

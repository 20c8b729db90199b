"""Lists nobody here wrote: each gives the right rows, or one clear sentence."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bansos.lib.errors import BadInput
from bansos.lib.sheets import sources
from bansos.lib.sheets.cells import cell_date
from bansos.lib.sheets.lines import IgnoredReason
from bansos.lib.sheets.mapping import ExpectedColumn, guess_mapping
from bansos.lib.sheets.reading import Table, read_table, signature_of
from tests.lib.sheets import files
from tests.lib.sheets.lampiran import HEADERS, LAMPIRAN_1, people, person

TITLES: list[list[Any]] = [
    ["DAFTAR USULAN PENERIMA PKH PLUS"],
    ["KABUPATEN MADIUN TAHUN 2025"],
    [],
]
SIGNATURE: list[list[Any]] = [
    [],
    [None] * 12 + ["Madiun, 12 November 2025"],
    ["Mengetahui,"] + [None] * 11 + ["Koordinator Kabupaten"],
    [],
    ["SUPRAPTO, S.Sos"] + [None] * 11 + ["RINI WULANDARI"],
    ["NIP. 196501011990031001"],
]


def read(data: bytes, filename: str = "daftar.xlsx", **options: Any) -> Table:
    return read_table(data, filename, **{"expected": LAMPIRAN_1, **options})


def values(table: Table, key: str) -> list[str]:
    place = guess_mapping(table.headers, LAMPIRAN_1)[key]
    return [row.cell(place).text for row in table.rows]


def refusal(data: bytes, filename: str = "daftar.xlsx", **options: Any) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(data, filename, **options)
    assert "Tidak ada data yang berubah." in str(caught.value)
    return caught.value


def test_the_guide_layout_with_titles_and_signatures() -> None:
    table = read(files.xlsx([*TITLES, HEADERS, *people(30), *SIGNATURE]))
    assert list(table.headers) == HEADERS
    assert table.header_row == 4
    assert [row.row_number for row in table.rows] == list(range(5, 35))
    assert values(table, "nik")[0] == "3519074108500001"
    assert values(table, "account")[29] == "0000000030"
    assert {row.reason for row in table.ignored} == {IgnoredReason.BELOW_TABLE}
    assert [row.number for row in table.ignored] == [36, 37, 39, 40]
    assert table.ignored[0].text == "Madiun, 12 November 2025"


def test_a_plain_list_has_nothing_to_ignore() -> None:
    table = read(files.xlsx([HEADERS, *people(3)]))
    assert (table.header_row, len(table.rows), table.ignored) == (1, 3, ())
    assert table.sheet_name == "Data"
    assert table.cell_name(table.rows[0], 5) == "F2"


@pytest.mark.parametrize("titles", [0, 1, 7, 40])
def test_the_header_may_stand_on_any_row(titles: int) -> None:
    above = [[f"Keterangan baris {number}"] for number in range(titles)]
    table = read(files.xlsx([*above, HEADERS, *people(5)]))
    assert table.header_row == titles + 1
    assert len(table.rows) == 5


@pytest.mark.parametrize("seed", range(4))
def test_the_columns_may_stand_in_any_order(seed: int) -> None:
    order = list(range(len(HEADERS)))
    random.Random(seed).shuffle(order)
    rows = [[row[place] for place in order] for row in [HEADERS, *people(4)]]
    table = read(files.xlsx([*TITLES, *rows]))
    assert values(table, "name") == [f"Sumarni {number}" for number in range(1, 5)]
    assert values(table, "nik")[3] == "3519074108500004"


def test_the_table_may_begin_in_any_column() -> None:
    rows = [[None, None, None, *row] for row in [HEADERS, *people(2)]]
    table = read(files.xlsx(rows))
    assert list(table.headers) == HEADERS
    assert table.cell_name(table.rows[1], 0) == "D3"


def test_the_number_row_of_indonesian_forms_is_no_person() -> None:
    numbers = [number for number in range(1, 18)]
    brackets = [f"({number})" for number in range(1, 18)]
    for row in (numbers, brackets):
        table = read(files.xlsx([HEADERS, row, *people(3)]))
        assert len(table.rows) == 3
        assert [(row.number, row.reason) for row in table.ignored] == [(2, IgnoredReason.NUMBERING)]


def test_totals_group_titles_and_repeated_headers_are_left_out() -> None:
    rows = [
        HEADERS,
        ["KECAMATAN MEJAYAN"],
        *people(3),
        ["Sub Total", None, None, 3, 1500000],
        [],
        HEADERS,
        ["Kecamatan: Caruban"],
        person(4),
        person(5, name="Total Widodo"),
        ["JUMLAH TOTAL", None, None, "5 orang", 2500000],
    ]
    table = read(files.xlsx(rows))
    assert values(table, "no") == ["1", "2", "3", "4", "5"]
    assert [row.reason.value for row in table.ignored] == [
        "group",
        "total",
        "repeated_header",
        "group",
        "total",
    ]


def test_unused_lines_of_a_form_are_blank() -> None:
    table = read(files.xlsx([HEADERS, *people(3), [4], [5], [6], *SIGNATURE]))
    assert len(table.rows) == 3


def test_blank_rows_between_people_are_skipped() -> None:
    table = read(files.xlsx([HEADERS, person(1), [], ["  ", "\u00a0"], person(2)]))
    assert [row.row_number for row in table.rows] == [2, 5]


def test_a_row_without_nik_in_the_middle_or_at_the_end_is_kept() -> None:
    rows = [HEADERS, person(1), person(2, nik=None, account=None), person(3)]
    last = person(4, nik=None, account=None, dtks=None, pkh=None)
    table = read(files.xlsx([*rows, last]))
    assert values(table, "nik") == ["3519074108500001", "", "3519074108500003", ""]


def test_a_narrow_list_without_numbers_keeps_its_last_rows() -> None:
    expected = [ExpectedColumn("village", "Desa"), ExpectedColumn("head", "Kepala Desa")]
    rows = [["Desa", "Kepala Desa"], ["Mejayan", "Budi"], ["Pandean", "Sri"], ["Krajan", None]]
    signed = [*rows, [], ["Mengetahui,", "Camat Mejayan"], ["Suprapto"]]
    table = read(files.xlsx(signed), expected=expected)
    assert [row.cell(0).text for row in table.rows] == ["Mejayan", "Pandean", "Krajan"]
    assert len(table.ignored) == 2


def two_row_header(book: Any, sheet: Any) -> None:
    sheet.merge_range("A1:A2", "NO")
    sheet.merge_range("B1:B2", "NAMA LANSIA")
    sheet.merge_range("C1:C2", "NIK LANSIA")
    sheet.merge_range("D1:F1", "ALAMAT")
    sheet.merge_range("G1:H1", "KELAHIRAN")


SUB_HEADERS = [None, None, None, "KELURAHAN", "KECAMATAN", "RT/RW", "TEMPAT LAHIR", "TGL LAHIR"]
TWO_ROW_DATA = [1, "Sumarni", "3519074108500001", "Pandean", "Mejayan", "1/2", "Madiun", "1-8-1950"]


def test_a_merged_header_of_two_rows() -> None:
    rows = [[None] * 8, SUB_HEADERS, [1, 2, 3, 4, 5, 6, 7, 8], TWO_ROW_DATA]
    table = read(files.xlsx(rows, dress=two_row_header))
    assert list(table.headers) == [
        *["NO", "NAMA LANSIA", "NIK LANSIA", "KELURAHAN", "KECAMATAN"],
        *["ALAMAT RT/RW", "TEMPAT LAHIR", "TGL LAHIR"],
    ]
    assert table.header_row == 2
    assert len(table.rows) == 1
    assert cell_date(table.rows[0].cell(7)) == date(1950, 8, 1)


def test_a_header_of_two_rows_without_a_list_of_merges() -> None:
    top = ["NO", "NAMA LANSIA", "NIK LANSIA", "ALAMAT", None, None, "KELAHIRAN", None]
    table = read(files.ods([top, SUB_HEADERS, TWO_ROW_DATA]), "daftar.ods")
    assert table.headers[3:6] == ("KELURAHAN", "KECAMATAN", "ALAMAT RT/RW")
    assert len(table.rows) == 1


def test_group_titles_tell_equal_names_apart() -> None:
    top = ["PENGURUS", None, "LANSIA", None]
    rows = [top, ["NAMA", "NIK", "NAMA", "NIK"], ["Suparno", "1", "Sumarni", "2"]]

    def merged(book: Any, sheet: Any) -> None:
        sheet.merge_range("A1:B1", "PENGURUS")
        sheet.merge_range("C1:D1", "LANSIA")

    table = read(files.xlsx([[], *rows[1:]], dress=merged))
    assert table.headers == ("NAMA PENGURUS", "PENGURUS NIK", "NAMA LANSIA", "NIK LANSIA")
    mapping = guess_mapping(table.headers, LAMPIRAN_1)
    assert (mapping["name"], mapping["nik"]) == (2, 3)


def test_a_nik_stored_as_a_number_is_known() -> None:
    table = read(files.xlsx([HEADERS, person(1, nik=3519074108500001), person(2)]))
    damaged, sound = (row.cell(5) for row in table.rows)
    assert damaged.was_number
    assert damaged.text == "3519074108500001"
    assert not sound.was_number


def test_dates_of_excel_and_of_people_are_the_same_day() -> None:
    writings = [date(1950, 8, 1), "1 Agustus 1950", "01/08/1950", "1-8-1950", "1950-08-01", 18476]
    rows = [person(n, birth_date=writing) for n, writing in enumerate(writings, start=1)]
    table = read(files.xlsx([HEADERS, *rows]))
    place = guess_mapping(table.headers, LAMPIRAN_1)["birth_date"]
    assert {cell_date(row.cell(place)) for row in table.rows} == {date(1950, 8, 1)}
    assert [row.cell(place).was_date for row in table.rows] == [True, *[False] * 5]


@pytest.mark.parametrize(("build", "name"), [(files.xls, "a.xls"), (files.ods, "a.ods")])
def test_old_and_open_formats_read_the_same(
    build: Callable[[files.Rows], bytes], name: str
) -> None:
    rows = [*TITLES, HEADERS, *people(6), person(7, nik=3519074108500007)]
    table = read(build(rows), name)
    same = read(files.xlsx(rows))
    assert table.headers == same.headers
    assert table.signature == same.signature
    assert [row.cells for row in table.rows] == [row.cells for row in same.rows]
    assert table.rows[6].cell(5).was_number


CSV_ROWS = [
    ["nik", "nama", "tgl_lahir", "alamat", "no rekening"],
    ["3519074108500001", "Sumarni", "01-08-1950", '"Jl. Melati, RT 1; RW 2"', "0012345678"],
    ["3519074108500002", "Siti Nurhayati", "2 Agustus 1950", "Dusun Krajan", "'0012345679"],
]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_in_every_dress(delimiter: str, encoding: str) -> None:
    data = files.csv_text(CSV_ROWS, delimiter).encode(encoding)
    table = read(data, "daftar.csv")
    assert list(table.headers) == CSV_ROWS[0]
    assert [row.cell(3).text for row in table.rows] == ["Jl. Melati, RT 1; RW 2", "Dusun Krajan"]
    assert [row.cell(4).text for row in table.rows] == ["0012345678", "0012345679"]
    assert [row.row_number for row in table.rows] == [2, 3]


def test_windows_1252_keeps_its_accents() -> None:
    data = "nik;nama\n3519074108500001;André – Müller\n".encode("cp1252")
    assert read(data, "daftar.csv").rows[0].cell(1).text == "André – Müller"


def test_a_declared_separator_is_obeyed() -> None:
    data = b"sep=|\nnik|alamat, rt;rw\n3519074108500001|Sumarni\n"
    table = read(data, "daftar.csv")
    assert table.headers == ("nik", "alamat, rt;rw")
    assert table.rows[0].row_number == 3


def test_a_quote_that_never_closes_swallows_no_row() -> None:
    lines = [f"351907410850000{n};Sumarni {n}" for n in range(1, 9)]
    lines[2] = '3519074108500003;"Sumarni 3'
    data = "\n".join(["nik;nama", *lines]).encode()
    table = read(data, "daftar.csv")
    assert len(table.rows) == 8
    assert table.rows[7].cell(1).text == "Sumarni 8"


def test_a_line_break_inside_quotes_is_one_row() -> None:
    data = b'nik;alamat\n3519074108500001;"Jl. Melati\nRT 1"\n3519074108500002;Krajan\n'
    table = read(data, "daftar.csv")
    assert [row.cell(1).text for row in table.rows] == ["Jl. Melati RT 1", "Krajan"]


def test_csv_damaged_by_excel_is_known_as_numbers() -> None:
    data = b"nik;nama\n3,51907E+15;Sumarni\n3,51907E+15;Siti\n"
    table = read(data, "daftar.csv")
    assert [row.cell(0).was_number for row in table.rows] == [True, True]


def test_hidden_columns_are_kept_and_noted() -> None:
    def hide(book: Any, sheet: Any) -> None:
        sheet.set_column("F:G", None, None, {"hidden": True})

    table = read(files.xlsx([*TITLES, HEADERS, *people(2)], dress=hide))
    assert [table.headers[place] for place in sorted(table.hidden)] == [
        "NIK LANSIA",
        "NAMA IBU KANDUNG",
    ]
    assert values(table, "nik")[0] == "3519074108500001"


def test_hidden_columns_of_an_opendocument_sheet_are_noted() -> None:
    columns = (
        '<table:table-column table:number-columns-repeated="5"/>'
        '<table:table-column table:visibility="collapse"/>'
    )
    table = read(files.ods([HEADERS, *people(2)], columns=columns), "daftar.ods")
    assert table.hidden == {5}


def test_a_coloured_sheet_of_a_million_rows_stops_early() -> None:
    table = read(files.million_rows([HEADERS, *people(3)]))
    assert len(table.rows) == 3


def test_a_stray_cell_on_the_last_row_does_no_harm() -> None:
    def stray(book: Any, sheet: Any) -> None:
        sheet.write_string(1_048_575, 1, "x")

    table = read(files.xlsx([HEADERS, *people(3)], dress=stray))
    assert len(table.rows) == 3
    assert table.ignored[-1].number == 1_048_576


def test_a_stray_cell_in_the_last_corner_is_refused_in_words() -> None:
    def stray(book: Any, sheet: Any) -> None:
        sheet.write_string(1_048_575, 16_383, "x")

    error = refusal(files.xlsx([HEADERS, *people(3)], dress=stray))
    assert error.code == "berkas_mengembang"
    assert "Salin hanya baris datanya" in str(error)


def test_a_workbook_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "WALL_SECONDS", 0.001)
    assert refusal(files.xlsx([HEADERS, *people(3)])).code == "berkas_mengembang"


def test_a_workbook_that_needs_too_much_room_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MEMORY_BYTES", 220 * 1024 * 1024)

    def stray(book: Any, sheet: Any) -> None:
        sheet.write_string(1_048_575, 16, "x")

    error = refusal(files.xlsx([HEADERS, *people(3)], dress=stray))
    assert error.code == "berkas_mengembang"


def test_a_part_that_breaks_while_reading_is_refused() -> None:
    data = files.with_sheet_xml(files.xlsx([HEADERS, *people(3)]), lambda xml: xml[: len(xml) // 2])
    assert refusal(data).code == "berkas_rusak"


def test_the_reader_gets_no_secrets_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    run = sources.subprocess.run

    def watch(command: list[str], **options: Any) -> Any:
        seen.update(options)
        return run(command, **options)

    monkeypatch.setattr(sources.subprocess, "run", watch)
    read(files.xlsx([HEADERS, *people(1)]))
    assert seen["env"] == {}


def test_the_sheet_with_the_list_is_found() -> None:
    book = files.xlsx([["Petunjuk"], ["Isi lembar berikut"]], Usulan=[*TITLES, HEADERS, *people(9)])
    table = read(book)
    assert (table.sheet_name, len(table.rows), table.other_sheets) == ("Usulan", 9, ())


def test_further_sheets_with_such_a_list_are_named() -> None:
    table = read(files.xlsx([HEADERS, *people(2)], Caruban=[HEADERS, *people(300)], Catatan=[]))
    assert table.sheet_name == "Caruban"
    assert len(table.rows) == 300
    assert table.other_sheets == ("Data",)


def test_a_sheet_can_be_asked_for() -> None:
    book = files.xlsx([HEADERS, *people(2)], Caruban=[HEADERS, *people(3)])
    assert len(read(book, sheet="Data").rows) == 2
    error = refusal(book, sheet="Dolopo")
    assert error.code == "lembar_tidak_ada"
    assert str(error).startswith("Lembar Dolopo tidak ada")


def test_a_hidden_sheet_is_not_the_list() -> None:
    def hide(book: Any, sheet: Any) -> None:
        book.get_worksheet_by_name("Isi").activate()
        sheet.hide()

    with_hidden = files.xlsx([HEADERS, *people(5)], dress=hide, Isi=[HEADERS, *people(2)])
    table = read(with_hidden)
    assert (table.sheet_name, table.other_sheets) == ("Isi", ())


def test_columns_without_a_name_come_last_and_do_not_change_the_layout() -> None:
    rows = [["NIK", None, "NAMA"], ["3519074108500001", "?", "Sumarni"]]
    table = read(files.xlsx(rows))
    assert table.headers == ("NIK", "NAMA", "Kolom B")
    assert table.rows[0].cell(2).text == "?"
    assert table.signature == signature_of(["NIK", "NAMA"])


def test_the_signature_is_blind_to_writing_not_to_order() -> None:
    assert signature_of(["NIK", "Tgl. Lahir"]) == signature_of(["nik ", "TANGGAL LAHIR"])
    assert signature_of(["NIK", "NAMA"]) != signature_of(["NAMA", "NIK"])


def test_a_list_with_unknown_headers_is_still_a_table() -> None:
    rows = [["Daftar"], ["Kode", "Uraian", "Nilai"], ["A1", "Beras", 5], ["A2", "Gula", 7]]
    table = read(files.xlsx(rows))
    assert table.headers == ("Kode", "Uraian", "Nilai")
    assert [row.cell(2).value for row in table.rows] == [Decimal(5), Decimal(7)]


def test_misspelt_headers_are_found_by_likeness() -> None:
    rows = [["TEMPATT LAHIR", "KECAMATTAN", "NAMA LANSIIA"], ["Madiun", "Mejayan", "Sumarni"]]
    table = read(files.xlsx([["DAFTAR"], *rows]))
    assert table.header_row == 2


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "berkas_kosong"),
        ([["Sekadar catatan"], ["tanpa tabel"]], "judul_kolom_tidak_ditemukan"),
        ([HEADERS], "baris_tidak_ada"),
        ([*TITLES, HEADERS, *SIGNATURE], "baris_tidak_ada"),
    ],
)
def test_what_holds_no_list_is_refused(rows: list[list[Any]], code: str) -> None:
    assert refusal(files.xlsx(rows)).code == code


def test_the_missing_header_names_what_is_needed() -> None:
    error = refusal(files.xlsx([["x"], ["y"]]))
    assert "(NAMA LANSIA, NIK LANSIA)" in str(error)


@pytest.mark.parametrize("filename", ["daftar.xlsx", "daftar.csv"])
def test_more_rows_than_allowed_are_refused(filename: str) -> None:
    rows = [["NIK", "NAMA"], *([f"351907410850{n:04d}", "Sumarni"] for n in range(20))]
    data = files.xlsx(rows) if filename.endswith("xlsx") else files.csv_text(rows).encode()
    assert len(read(data, filename, max_rows=20).rows) == 20
    error = refusal(data, filename, max_rows=19)
    assert error.code == "baris_terlalu_banyak"


def test_far_more_rows_than_allowed_are_not_even_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["NIK", "NAMA"], *([f"351907410850{n:04d}", "Sumarni"] for n in range(900))]
    assert refusal(files.xlsx(rows), max_rows=50).code == "baris_terlalu_banyak"
    data = files.csv_text(rows).encode()
    assert refusal(data, "daftar.csv", max_rows=50).code == "baris_terlalu_banyak"


def test_links_to_other_workbooks_are_not_followed() -> None:
    def link(book: Any, sheet: Any) -> None:
        sheet.write_formula("R2", "='http://contoh.invalid/[a.xlsx]Data'!A1", None, "tersimpan")

    table = read(files.xlsx([HEADERS, *people(2)], dress=link))
    assert table.rows[0].cell(17).text == "tersimpan"


def test_twenty_thousand_people_are_read_whole() -> None:
    table = read(files.xlsx([HEADERS, *people(20_000)]))
    assert len(table.rows) == 20_000
    assert all(len(row.cells) == 17 for row in table.rows)


def test_a_locked_workbook_of_1997_is_refused() -> None:
    error = refusal(files.locked_xls([HEADERS, *people(2)]), "daftar.xls")
    assert error.code == "berkas_bersandi"


def ods_with_rows(xml: bytes) -> bytes:
    parts = files.parts_of(files.ods([HEADERS, *people(3)]))
    content = parts["content.xml"]
    assert isinstance(content, bytes)
    end = b"</table:table>"
    return files.zipped({**parts, "content.xml": content.replace(end, xml + end)})


def test_the_empty_rest_of_an_opendocument_sheet_costs_nothing() -> None:
    rest = (
        b'<table:table-row table:number-rows-repeated="1048572">'
        b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert len(read(ods_with_rows(rest), "daftar.ods").rows) == 3


def test_an_opendocument_sheet_that_repeats_a_word_without_end_is_refused() -> None:
    rest = (
        b'<table:table-row table:number-rows-repeated="1048572"><table:table-cell'
        b' office:value-type="string" table:number-columns-repeated="16384">'
        b"<text:p>x</text:p></table:table-cell></table:table-row>"
    )
    assert refusal(ods_with_rows(rest), "daftar.ods").code in ("berkas_rusak", "berkas_mengembang")


SOUND = {
    "daftar.xlsx": files.xlsx([HEADERS, *people(5)]),
    "daftar.xls": files.xls([HEADERS, *people(5)]),
    "daftar.ods": files.ods([HEADERS, *people(5)]),
    "daftar.csv": files.csv_text([list(map(str, row)) for row in [HEADERS, *people(5)]]).encode(),
}


def rows_or_sentence(data: bytes, filename: str) -> None:
    sentence, cells = "Tidak ada data yang berubah.", []
    try:
        cells = [cell for row in read(data, filename).rows for cell in row.cells.values()]
    except BadInput as error:
        sentence = str(error)
    assert "Tidak ada data yang berubah." in sentence
    assert all(cell.text for cell in cells)


@pytest.mark.parametrize("filename", ["daftar.xlsx", "daftar.ods"])
def test_a_part_whose_name_is_no_text_is_a_sentence(filename: str) -> None:
    data = bytearray(SOUND[filename])
    place = data.index(b"PK\x03\x04")
    while place >= 0:
        data[place + 7] |= 0x08  # says "the name is UTF-8" ...
        data[place + 30] = 0xC1  # ... and it is not
        place = data.find(b"PK\x03\x04", place + 4)
    rows_or_sentence(bytes(data), filename)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SOUND)), st.randoms(use_true_random=False))
def test_no_damage_gives_anything_but_rows_or_a_sentence(
    filename: str, dice: random.Random
) -> None:
    data = bytearray(SOUND[filename])
    for _blow in range(dice.randint(1, 12)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    if dice.random() < 0.3:
        del data[dice.randrange(len(data)) :]
    rows_or_sentence(bytes(data), filename)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), max_size=6), max_size=12))
def test_any_text_is_rows_or_a_sentence(rows: list[list[str]]) -> None:
    target = io.StringIO()
    csv.writer(target, delimiter=";").writerows([["NIK", "NAMA"], *rows])
    rows_or_sentence(target.getvalue().encode("utf-8", "replace"), "daftar.csv")

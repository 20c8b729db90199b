"""Account statements as tables: read as their layout says, on the desk as camt and MT940 are."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from xlsxwriter import Workbook

from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.sheets.cells import Cell, date_cell, number_cell, text_cell
from disbursements.choices import DateOrder, NumberSigns, ResultFormat, RowState
from disbursements.models import PayList, ResultFile, ResultRow, StatementLayout
from disbursements.rules.statements import Entry, Format, read_entries
from disbursements.rules.statements.sheet import (
    BadColumns,
    SheetLayout,
    amount_in,
    check_sheet_columns,
    day_in,
)
from disbursements.services import results, sheets, uploads
from tests.cast import Cast
from tests.factories.books import breaches
from tests.factories.disbursements import World, lines_of, make_world, picture, run
from tests.factories.statements import (
    SHEET_COLUMNS,
    Move,
    make_sheet_layout,
    move_of,
    mt940,
    sheet_csv,
    sheet_rows,
)

pytestmark = pytest.mark.django_db

AMOUNT = Decimal("500000.00")
PAID = Move("D352600010000001", AMOUNT, "0011223344", "Siti Aminah")
BACK = Move("D352600010000002", AMOUNT, "0055667788", "Budi", back=True, words="Rekening tutup")
FEE = Move("", Decimal("6500.00"), "", words="Biaya administrasi")
STRANGER = Move("", Decimal("1250000.50"), "", words="Pemindahbukuan bagian umum")
ALL = [PAID, BACK, FEE, STRANGER]
LAYOUT = SheetLayout(SHEET_COLUMNS)


def read(data: bytes, layout: SheetLayout = LAYOUT, name: str = "rk.csv") -> list[Entry]:
    return list(read_entries(data, Format.SHEET, name=name, layout=layout.as_data()))


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=6)


@pytest.fixture
def sent(world: World) -> PayList:
    return world.sent()


def put_in(world: World, data: bytes, name: str = "rk.csv") -> ResultFile:
    statement = results.upload_statement(
        data=data, file_name=name, by=world.cast.tono, at=world.tick()
    )
    for job in results.apply_statement(statement=statement, by=world.cast.tono, at=world.tick()):
        run(job)
    statement.refresh_from_db()
    return statement


def test_a_table_says_the_same_as_mt940() -> None:
    ours = read(sheet_csv(ALL))
    theirs = list(
        read_entries(mt940([replace(move, fee=move is FEE) for move in ALL]), Format.MT940)
    )
    for left, right in zip(ours, theirs, strict=True):
        for name in ("our_reference", "amount", "currency", "counter_account", "booked_on"):
            assert getattr(left, name) == getattr(right, name), name
    assert [str(entry.outcome) for entry in ours] == ["settled", "returned", "fee", "foreign"]
    assert [entry.row_number for entry in ours] == [5, 6, 7, 8], "as the file counts its lines"
    assert ours[2].bank_reference == "9900112233"


def test_a_workbook_with_real_days_and_numbers_says_the_same() -> None:
    target = io.BytesIO()
    book = Workbook(target)
    sheet, day = book.add_worksheet("Mutasi"), book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(2, 1, list(SHEET_COLUMNS.values()))
    for number, cells in enumerate(sheet_rows(ALL), start=3):
        sheet.write_row(number, 1, cells)
        if cells[0]:
            sheet.write_datetime(number, 1, datetime(2026, 11, 22), day)  # noqa: DTZ001
        for place in (3, 4, 7):
            if cells[place]:
                sheet.write_number(
                    number, place + 1, float(cells[place].replace(".", "").replace(",", "."))
                )
    book.add_worksheet("Catatan").write_string(0, 0, "Bukan mutasi")
    book.close()
    found = read(target.getvalue(), name="rk.xlsx")
    plain = read(sheet_csv(ALL))
    assert [replace(entry, row_number=0, raw_line=0) for entry in found] == [
        replace(entry, row_number=0, raw_line=0) for entry in plain
    ]


@pytest.mark.parametrize(
    ("cell", "signs", "wanted"),
    [
        (text_cell("1.500.000,50"), "comma", (Decimal("1500000.50"), "")),
        (text_cell("Rp 1.500.000"), "comma", (Decimal("1500000.00"), "")),
        (text_cell("1,500,000.50 DB"), "dot", (Decimal("1500000.50"), "DB")),
        (text_cell("(2,000.00)"), "dot", (Decimal("-2000.00"), "")),
        (text_cell("2.000,00-"), "comma", (Decimal("-2000.00"), "")),
        (number_cell("1500000.5"), "comma", (Decimal("1500000.5"), "")),
        (text_cell("1.500.000,50"), "dot", None),
        (text_cell("1,500"), "comma", None),
        (text_cell("1.50.000"), "comma", None),
        (text_cell("-(5)"), "comma", None),
        (text_cell("5,123"), "comma", None),
        (number_cell("5.123"), "comma", None),
        (text_cell("lima"), "comma", None),
    ],
)
def test_an_amount_is_read_as_the_layout_says_or_not_at_all(
    cell: Cell, signs: str, wanted: Any
) -> None:
    assert amount_in(cell, signs) == wanted


@pytest.mark.parametrize(
    ("text", "order", "wanted"),
    [
        ("22/11/2026", "dmy", date(2026, 11, 22)),
        ("22-11-26 09:15:00", "dmy", date(2026, 11, 22)),
        ("22 Nov 2026", "dmy", date(2026, 11, 22)),
        ("2026-11-22T09:00", "ymd", date(2026, 11, 22)),
        ("20261122", "ymd", date(2026, 11, 22)),
        ("11/22/2026", "mdy", date(2026, 11, 22)),
        ("02/03/2026", "mdy", date(2026, 2, 3)),
        ("22/11/2026", "mdy", None),
        ("31/02/2026", "dmy", None),
        ("kemarin", "dmy", None),
        ("", "dmy", None),
    ],
)
def test_a_day_is_read_in_the_order_of_the_layout(text: str, order: str, wanted: Any) -> None:
    assert day_in(text_cell(text), order) == wanted
    assert day_in(date_cell(datetime(2026, 11, 22, 9, tzinfo=UTC)), order) == date(2026, 11, 22)


def one_column(*rows: str, mark: bool = False) -> list[Entry]:
    columns = {"date": "Tanggal", "description": "Uraian", "amount": "Jumlah"}
    columns |= {"mark": "D/K"} if mark else {}
    data = "".join(f"{row}\r\n" for row in (";".join(columns.values()), *rows)).encode()
    return read(data, SheetLayout(columns))


def test_one_column_tells_out_and_in_by_sign_or_mark() -> None:
    words = "TRF D352600010000001 0011223344"
    assert [str(e.outcome) for e in one_column(f"22/11/2026;{words};-500.000,00")] == ["settled"]
    assert [str(e.outcome) for e in one_column(f"22/11/2026;{words};500.000,00 DB")] == ["settled"]
    (entry,) = one_column(f"22/11/2026;{words};500.000,00;D", mark=True)
    assert (str(entry.outcome), entry.amount) == ("settled", AMOUNT)
    assert (entry.our_reference, entry.counter_account) == ("D352600010000001", "0011223344")
    # Money in without a word of return is no return; without its mark nothing is sure.
    assert [str(e.outcome) for e in one_column(f"22/11/2026;{words};500.000,00")] == ["unknown"]
    (entry,) = one_column(f"22/11/2026;{words};500.000,00;", mark=True)
    assert str(entry.outcome) == "unreadable"
    two = f"22/11/2026;{words} D352600010000002;-500.000,00"
    assert one_column(two)[0].our_reference == "", "two references are none"


def test_rows_that_cannot_be_read_keep_their_line_number() -> None:
    rows = sheet_rows([PAID, PAID, PAID, PAID])
    rows[1] = (rows[1][0], rows[1][1], "TRANSFER", "5OO.000", *rows[1][4:])
    rows[2] = ("99/99/2026", *rows[2][1:])
    rows[3] = (*rows[3][:4], rows[3][3], *rows[3][5:])
    told = {e.row_number: str(e.outcome) for e in read(sheet_csv([], rows))}
    assert told == {5: "unreadable", 6: "unreadable", 7: "unreadable", 8: "settled"}


def test_balances_that_do_not_follow_refuse_the_whole_file() -> None:
    rows = sheet_rows(ALL)
    assert len(read(sheet_csv([], rows))) == 4
    assert len(read(sheet_csv([], list(reversed(rows))))) == 4, "the newest may stand first"
    for place in range(1, 5):
        with pytest.raises(BadInput, match="terpotong"):
            read(sheet_csv([], [*rows[:place], *rows[place + 1 :]]))
    changed = [*rows]
    changed[2] = (*rows[2][:4], "500.000,01", *rows[2][5:])
    with pytest.raises(BadInput, match="terpotong"):
        read(sheet_csv([], changed))


def test_a_line_of_totals_is_no_movement_when_it_adds_up() -> None:
    rows = sheet_rows([PAID, BACK])
    total = ("", "", "TOTAL", "500.000,00", "500.000,00", "", "", "", "")
    assert len(read(sheet_csv([], [*rows, total]))) == 2
    wrong = ("", "", "TOTAL", "900.000,00", "500.000,00", "", "", "", "")
    assert [str(e.outcome) for e in read(sheet_csv([], [*rows, wrong]))][2:] == ["unreadable"]


def test_what_a_layout_must_say() -> None:
    assert check_sheet_columns({**SHEET_COLUMNS, "mark": " "}) == SHEET_COLUMNS
    for wrong in (
        {**SHEET_COLUMNS, "date": ""},
        {**SHEET_COLUMNS, "reference": "", "description": ""},
        {**SHEET_COLUMNS, "amount": "Jumlah"},
        {**SHEET_COLUMNS, "credit": ""},
        {**SHEET_COLUMNS, "mark": "D/K"},
        {**SHEET_COLUMNS, "name": "no. referensi"},
    ):
        with pytest.raises(BadColumns):
            check_sheet_columns(wrong)


def test_the_desk_takes_a_table_like_any_statement(world: World, sent: PayList) -> None:
    make_sheet_layout(world.cast)
    lines = lines_of(sent)
    moves = [move_of(line) for line in lines[:4]]
    moves += [move_of(lines[4]), move_of(lines[4], back=True, words="RETUR REKENING TUTUP")]
    moves += [replace(move_of(lines[5]), currency="USD"), FEE, STRANGER]
    statement = put_in(world, sheet_csv(moves))
    assert statement.format == ResultFormat.SHEET
    assert [str(line.state) for line in lines_of(sent)] == [
        *["settled"] * 4,
        "returned",
        "unknown",
    ]
    held = ResultRow.objects.filter(state=RowState.QUARANTINE)
    codes = {row.row_number: row.quarantine_code for row in held}
    assert codes == {11: "wrong_currency", 12: "fee", 13: "no_reference"}
    found = [words for words in breaches(world.clock) if words.startswith("I8")]
    assert found == [], "the auditor reads the stored table again"


def test_the_same_bytes_are_the_same_file_and_change_nothing(world: World, sent: PayList) -> None:
    make_sheet_layout(world.cast)
    data = sheet_csv([move_of(line) for line in lines_of(sent)])
    first = put_in(world, data)
    before = picture(sent)
    again = results.upload_statement(
        data=data, file_name="lain.csv", by=world.cast.tono, at=world.tick()
    )
    assert (again.pk, picture(sent)) == (first.pk, before)
    # The same movements in another file: nothing is doubled.
    statement = put_in(world, data + b"\r\n")
    share = statement.shares.get()
    assert set(share.rows.values_list("state", flat=True)) == {RowState.SAME}


def test_a_table_in_no_layout_and_one_in_two_are_refused(world: World, sent: PayList) -> None:
    data = sheet_csv([move_of(line) for line in lines_of(sent)])

    def hand_in(data: bytes = data, name: str = "rk.csv") -> None:
        results.upload_statement(data=data, file_name=name, by=world.cast.tono, at=world.tick())

    with pytest.raises(BadInput, match="tidak cocok dengan susunan rekening koran"):
        hand_in()
    make_sheet_layout(world.cast)
    with pytest.raises(BadInput, match="tidak cocok"):
        hand_in(data.replace(b"Uraian", b"Rincian"))
    for wrong in (data.decode().encode("utf-16-le"), b"\x00\x01\x02" * 50, b""):
        with pytest.raises(BadInput):
            hand_in(wrong)
    with pytest.raises(BadInput, match="terpotong"):
        hand_in(data.replace(b"Penerima", b"Penerima", 1).replace(b"500.000", b"500.001", 1))
    make_sheet_layout(world.cast, name="Kembar")
    with pytest.raises(BadInput, match="lebih dari satu susunan"):
        hand_in()
    assert not ResultFile.objects.exists()


def test_a_large_table_is_read_by_a_worker(
    world: World, sent: PayList, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sheet_layout(world.cast)
    monkeypatch.setattr(uploads, "BYTES_AT_ONCE", 0)
    data = sheet_csv([move_of(line) for line in lines_of(sent)])
    file = uploads.hand_in_statement(
        data=data, file_name="rk.csv", by=world.cast.tono, at=world.tick()
    )
    assert file.is_being_read
    run(file.job)
    file.refresh_from_db()
    assert file.mapping["version"] == 1
    assert file.shares.get().counts["preview"]["settled"] == len(lines_of(sent))


def values(**changes: Any) -> dict[str, Any]:
    return {
        "bank_code": "114",
        "name": "Koran CSV",
        "columns": SHEET_COLUMNS,
        "date_order": DateOrder.DMY,
        "number_signs": NumberSigns.COMMA,
        "currency": "idr",
        "active": True,
        **changes,
    }


def test_a_version_that_read_a_statement_stays_and_its_change_is_the_next(
    world: World, sent: PayList
) -> None:
    cast = world.cast

    def save(layout: StatementLayout | None, by: Any = cast.adi, **changes: Any) -> StatementLayout:
        return sheets.save_sheet_layout(
            layout=layout, agency=cast.agency, values=values(**changes), by=by, at=world.tick()
        )

    first = save(None)
    assert first.currency == "IDR"
    assert save(first, date_order=DateOrder.YMD).pk == first.pk
    save(first)
    statement = put_in(world, sheet_csv([move_of(line) for line in lines_of(sent)]))
    second = save(first, columns={**SHEET_COLUMNS, "name": "Nama"})
    first.refresh_from_db()
    assert (second.version, second.active, first.active) == (2, True, False)
    assert first.columns == SHEET_COLUMNS
    # What the file was read with stays with it: it is read the same when the layout is another.
    StatementLayout.objects.all().update(columns={"date": "Lain"})
    assert [words for words in breaches(world.clock) if words.startswith("I8")] == []
    assert statement.mapping["version"] == 1
    with pytest.raises(NotAllowed):
        save(second, by=cast.tono)
    for wrong in ({"bank_code": "11"}, {"currency": "rupiah"}, {"columns": {}}):
        with pytest.raises(BadInput):
            save(second, **wrong)
    with pytest.raises(Refused, match="sudah dipakai"):
        save(None)
    assert Event.objects.filter(verb="disbursements.save_statement_layout").count() == 4


@pytest.mark.parametrize("signs", NumberSigns.values)
@pytest.mark.parametrize("order", DateOrder.values)
def test_the_test_file_reads_back(cast: Cast, order: str, signs: str) -> None:
    signed = {"date": "Tgl", "description": "Ket", "amount": "Jml", "account": "Rek"}
    for columns in (SHEET_COLUMNS, signed, {**signed, "mark": "DK"}):
        made = values(columns=columns, date_order=order, number_signs=signs)
        layout = sheets.tried_sheet(agency=cast.agency, values=made)
        data = sheets.test_sheet(layout, on=date(2026, 11, 22))
        tried = sheets.try_file(layout, data, "uji.csv")
        assert tried.counts == {"settled": 2, "returned": 1, "fee": 1, "foreign": 1}
        assert {row[1] for row in tried.rows} == {date(2026, 11, 22)}
        assert {row[3][:6] for row in tried.rows} == {"", "•" * 6}


def fields(**changes: str) -> dict[str, str]:
    made = values()
    columns = {f"col_{name}": heading for name, heading in made.pop("columns").items()}
    return {**{name: str(value) for name, value in made.items()}, **columns, **changes}


def test_the_pages_say_generic_and_try_a_file_without_keeping_it(
    world: World, sent: PayList, client: Client
) -> None:
    client.force_login(world.cast.adi)
    path = reverse("disbursements:statement_layout_new")
    data = sheet_csv([move_of(line) for line in lines_of(sent)])
    sample = SimpleUploadedFile("contoh.csv", data)
    page = client.post(path, {**fields(), "act": "show", "sample": sample}).content.decode()
    assert "Baris pertama berkas contoh, nomor rekening disamarkan" in page
    assert lines_of(sent)[0].reference in page
    assert (lines_of(sent)[0].account_number or "-") not in page
    assert not StatementLayout.objects.exists()
    assert not ResultFile.objects.exists()
    other = SimpleUploadedFile("contoh.csv", b"a;b;c\r\n1;2;3\r\n")
    page = client.post(path, {**fields(), "act": "show", "sample": other}).content.decode()
    assert "tidak sama dengan susunan ini" in page
    test = client.post(path, {**fields(), "act": "test"})
    assert test.headers["Content-Disposition"].endswith('.csv"')
    assert client.post(path, fields(col_date="")).status_code == 422
    done = client.post(path, fields(), follow=True)
    row = StatementLayout.objects.get()
    assert done.redirect_chain[-1][0] == reverse("disbursements:statement_layout", args=[row.pk])
    assert "tidak disertifikasi bank mana pun" in done.content.decode()
    client.force_login(world.cast.tono)
    page = client.get(reverse("disbursements:statement_layout", args=[row.pk])).content.decode()
    assert "Tgl Transaksi" in page
    assert "<input" not in page.split('class="b-stack"')[1]
    upload = client.post(
        reverse("disbursements:statement_upload"),
        {"file": SimpleUploadedFile("rk.csv", data)},
        follow=True,
    ).content.decode()
    assert "Koran CSV v1" in upload
    assert "tidak disertifikasi bank mana pun" in upload
    assert sent.number in upload

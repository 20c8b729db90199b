"""Lists in and out: reading a regency's workbook, writing the files for the bank."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import connection
from python_calamine import CalamineWorkbook

from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from bansos.lib.sheets.reading import read_table
from bansos.lib.sheets.writing import table_workbook
from bench.measure import Row, seconds
from disbursements.documents.bank_files import BankLine, BankList, render_csv, render_pain001

SHEET_ROWS = 20_000
BANK_LINES = 50_000
HEADERS = ["NO", "NIK", "NAMA", "ALAMAT", "DESA", "KECAMATAN", "NO REKENING", "UMUR"]


def read_workbook() -> Row:
    """Guard, child process, header search and cells, against calamine alone on the same bytes."""
    rows = [
        (str(n), f"35190141055{n:05d}", f"Suminah {n}", "Dusun Krajan", "Tambakmas")
        + ("Kebonsari", f"0012{n:06d}", "72")
        for n in range(SHEET_ROWS)
    ]
    data = table_workbook(HEADERS, rows, title="Daftar")
    expected = [
        ExpectedColumn("nik", "NIK", ("NIK",), True, ColumnKind.DIGITS),
        ExpectedColumn("name", "Nama", ("NAMA",), True, ColumnKind.TEXT),
    ]

    def alone() -> object:
        return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()

    def ours() -> object:
        return read_table(data, "daftar.xlsx", expected=expected)

    return Row("registry.read_xlsx", seconds(ours), seconds(alone), bar=15.0)


def bank_list() -> BankList:
    """A long list, in memory."""
    return BankList(
        number="DB-2026-0001",
        agency="Dinas Sosial Provinsi Jawa Timur",
        stage="Tahap 1",
        programme="PKH Plus",
        created_at=datetime(2026, 3, 2, 3, 0, tzinfo=UTC),
        execution_date=date(2026, 3, 3),
        debtor_name="Bendahara Dinas Sosial",
        debtor_account="0011000123",
        bank_code="114",
        bank_bic="PDJTIDJ1",
        lines=[
            BankLine(
                position=n,
                name=f"Suminah Rahayu {n}",
                account_number=f"0012{n:06d}",
                bank_code="114",
                amount=Decimal(500_000),
                reference=f"B260001{n:06d}",
                village="Tambakmas",
                district="Kebonsari",
            )
            for n in range(1, BANK_LINES + 1)
        ],
    )


def copy_to() -> float:
    """The reference: Postgres writing the same columns as CSV; on the clock, it works elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bench_lines AS SELECT n AS position, 'Suminah Rahayu ' || n AS name,"
            " '0012' || lpad(n::text, 6, '0') AS account, '114' AS bank, 500000.00 AS amount,"
            " 'B260001' || lpad(n::text, 6, '0') AS reference FROM generate_series(1, %s) n",
            [BANK_LINES],
        )

        def copy() -> None:
            cursor.copy_expert("COPY bench_lines TO STDOUT WITH CSV", io.StringIO())

        taken = seconds(copy, cpu=False)
        cursor.execute("DROP TABLE bench_lines")
    return taken


def bank_files() -> list[Row]:
    """CSV and pain.001 of one list."""
    whole, reference = bank_list(), copy_to()
    csv_time = seconds(lambda: render_csv(whole), cpu=False)
    xml_time = seconds(lambda: render_pain001(whole), cpu=False)
    return [
        Row("money.files csv", csv_time, reference, bar=2.0),
        Row("money.files pain.001", xml_time, reference, bar=5.0),
    ]

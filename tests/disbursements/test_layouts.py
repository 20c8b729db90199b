"""Layouts of bank files as data: written, tried out, versioned, the same bytes always."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from python_calamine import CalamineWorkbook

from bansos.jobs.models import Job
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused
from disbursements.documents.layout_files import amount_text, render_layout
from disbursements.forms.layouts import CellGrid, ColumnGrid, filled_rows, rows_of
from disbursements.models import BankLayout, LayoutFile
from disbursements.rules.layouts import (
    BadLayout,
    check_cells,
    check_columns,
    parse_cells,
    parse_columns,
)
from disbursements.services import bank, layouts
from tests.cast import Cast
from tests.factories.channels import COLUMNS, make_layout
from tests.factories.disbursements import NOW, fresh, make_world, quick_letters, run

pytestmark = pytest.mark.django_db


def saved_again(grid: Any, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Kept rows as the page shows them and an officer saves them without a change."""
    shown = {"form-TOTAL_FORMS": len(kept), "form-INITIAL_FORMS": 0}
    for place, row in enumerate(rows_of(kept)):
        shown |= {f"form-{place}-{name}": row[name] or "" for name in row}
    filled = grid(shown)
    assert filled.is_valid(), filled.errors
    return filled_rows(filled.cleaned_data)


def test_columns_are_read_and_written_back() -> None:
    columns = parse_columns(COLUMNS)
    assert [column["field"] for column in columns] == [
        "reference",
        "account_number",
        "name",
        "amount",
    ]
    assert columns[1] == {
        "field": "account_number",
        "text": "",
        "heading": "Norek",
        "width": 16,
        "pad": "right",
        "fill": "0",
    }
    assert check_columns(saved_again(ColumnGrid, columns)) == columns
    cells = parse_cells("teks:H; banyak; total")
    assert check_cells(saved_again(CellGrid, cells)) == cells
    for wrong in (
        "gaji; X",
        COLUMNS + "\nnama; N; lebar",
        COLUMNS + "\nnama; N; 10; tengah",
        COLUMNS + "\nnama; N; ; kiri",
        COLUMNS.replace("jumlah", "alamat"),
        "\n".join([COLUMNS, *["nama; N"] * 40]),
    ):
        with pytest.raises(BadLayout):
            parse_columns(wrong)
    with pytest.raises(BadLayout):
        parse_cells("gaji")


def test_rows_controls_and_padding(cast: Cast) -> None:
    layout = make_layout(cast)
    text = layouts.test_file(layout, on=day_of(NOW), at=NOW).decode()
    rows = text.split("\r\n")
    assert rows[0] == "# Format umum, tidak disertifikasi bank mana pun"
    assert rows[1] == "H,DB-35-2026-0000,5,2500015.00"
    assert rows[2] == f"Ref,{'Norek':>16},Nama,Nominal"
    assert rows[3] == "D999900000000001,0000000000000001,CONTOH SATU,500001.00"
    assert "'=CONTOH TIGA" in rows[5]
    assert rows[-2] == "T,5,2500015.00"
    assert rows[-1] == ""


def test_fixed_width_and_what_does_not_fit(cast: Cast) -> None:
    columns = (
        "referensi; R; 16; kiri\nrekening; N; 12; kanan; 0\nnama; A; 8; kiri\n"
        "jumlah; J; 12; kanan; 0\nteks:IDR; M; 3; kiri"
    )
    layout = make_layout(
        cast,
        columns=parse_columns(columns),
        header=[],
        trailer=[],
        separator="",
        headings=False,
        label=False,
        amount_format="sen",
    )
    rows = layouts.test_file(layout, on=day_of(NOW), at=NOW).decode().split("\r\n")
    assert rows[0] == "D999900000000001" + "000000000001" + "CONTOH S" + "000050000100" + "IDR"
    assert {len(row) for row in rows[:-1]} == {51}
    layout.columns = parse_columns(columns.replace("N; 12", "N; 5"))
    with pytest.raises(Refused, match="tidak muat"):
        layouts.test_file(layout, on=day_of(NOW), at=NOW)
    assert amount_text(Decimal("1031145.59"), "comma") == "1031145,59"
    assert amount_text(Decimal("500000"), "whole") == "500000"
    with pytest.raises(Refused, match="tanpa sen"):
        amount_text(Decimal("1031145.59"), "whole")


def test_the_same_list_gives_the_same_bytes_in_both_formats(cast: Cast) -> None:
    layout = make_layout(cast)
    whole = layouts.made_up_list(cast.agency, on=day_of(NOW), at=NOW)
    for form in ("csv", "xlsx"):
        spec = replace(layouts.spec_of(layout), format=form)
        first = render_layout(spec, whole)
        with translation.override("en"), timezone.override("Asia/Makassar"):
            again = {hashlib.sha256(render_layout(spec, whole)).hexdigest() for _ in range(5)}
        assert again == {hashlib.sha256(first).hexdigest()}
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(first)).get_sheet_by_index(0).to_python()
    assert sheet[3][:2] == ["D999900000000001", "0000000000000001"]


def values(**changes: Any) -> dict[str, Any]:
    return {
        "name": "CMS contoh",
        "bank_code": "114",
        "format": "csv",
        "columns": COLUMNS,
        "header": "",
        "trailer": "teks:T; banyak; total",
        "headings": True,
        "label": True,
        "separator": ",",
        "amount_format": "dot",
        "valid_from": day_of(NOW),
        "active": True,
        **changes,
    }


def test_a_version_that_made_a_file_stays_and_its_change_is_the_next(cast: Cast) -> None:
    world = make_world(cast, people=4)

    def save(layout: BankLayout | None, by: Any = cast.adi, **changes: Any) -> BankLayout:
        return layouts.save_layout(
            layout=layout, agency=cast.agency, values=values(**changes), by=by, at=world.tick()
        )

    first = save(None)
    assert save(first, separator=";").pk == first.pk
    row = world.with_sp2d()
    with quick_letters():
        run(bank.make_files(pay_list=row, by=cast.budi, at=world.tick()))
    run(Job.objects.get(kind=layouts.JOB))
    file = LayoutFile.objects.get()
    assert (file.count, file.total) == (row.count, row.total)
    document, content = layouts.hand_out(file=file, by=cast.tono, at=world.tick())
    assert hashlib.sha256(content).hexdigest() == file.sha256
    assert document.file_name == f"{row.number}-114-v1.csv"
    assert content.decode().rstrip().endswith(f"T;4;{row.total:.2f}")
    first.refresh_from_db()
    second = save(first, columns=COLUMNS + "\nalamat; Alamat")
    first.refresh_from_db()
    assert (second.version, second.active, first.active) == (2, True, False)
    assert len(first.columns) == 4
    with pytest.raises(DatabaseError), transaction.atomic():
        BankLayout.objects.filter(pk=first.pk).update(columns=[])
    with pytest.raises(NotAllowed):
        save(second, by=cast.tono)
    for wrong, where in (
        ({"columns": "gaji"}, "columns"),
        ({"bank_code": "11"}, "bank_code"),
        ({"separator": ""}, "columns"),
        ({"trailer": "x"}, "trailer"),
    ):
        with pytest.raises(BadInput) as caught:
            save(second, **wrong)
        assert where in (caught.value.fields or {})
    with pytest.raises(BadInput, match="sudah dipakai"):
        save(None)
    shown = layouts.preview(second, pay_list=fresh(row), on=day_of(NOW), at=NOW)
    account = row.lines.order_by("position")[0].account_number or ""
    assert account not in str(shown)
    assert account[-4:] in str(shown)


@pytest.mark.parametrize("label", [True, False], ids=["labelled", "silent"])
def test_a_file_that_does_not_say_it_is_generic_is_told_by_the_pages(
    cast: Cast, client: Client, label: bool
) -> None:
    """A bank may refuse a further line; who sends the file reads it on the screen then."""
    world = make_world(cast, people=2)
    row = world.with_sp2d()
    layout = make_layout(cast, label=label)
    layouts.file_step(pay_list=fresh(row), by=cast.budi, at=world.tick())
    file = LayoutFile.objects.get()
    text = layouts.hand_out(file=file, by=cast.budi, at=world.tick())[1].decode()
    assert text.startswith("# Format umum, tidak disertifikasi bank mana pun\r\n") is label
    client.force_login(cast.budi)
    page = client.get(reverse("disbursements:list", args=[row.pk])).content.decode()
    assert ("tidak disertifikasi bank mana pun. 2 KPM" in page) is label
    assert ("bank mana pun; berkasnya sendiri tidak menyebutnya. 2 KPM" in page) is not label
    page = client.get(reverse("disbursements:layout", args=[layout.pk])).content.decode()
    assert ("Berkas ini tidak menyebut bahwa formatnya umum" in page) is not label

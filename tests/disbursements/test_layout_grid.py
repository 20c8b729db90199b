"""The grid of a bank file layout: rows in and out, tried before it is kept, without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bansos.audit.models import Event
from disbursements.models import BankLayout
from tests.cast import Cast
from tests.factories.channels import make_layout

GRIDS = ("columns", "header", "trailer")
HEAD: dict[str, Any] = {
    "name": "CMS contoh",
    "bank_code": "114",
    "format": "csv",
    "valid_from": "01-01-2026",
    "separator": ",",
    "amount_format": "dot",
    "headings": "on",
    "active": "on",
}
COLUMNS = [
    {"place": 10, "field": "reference", "heading": "Ref", "width": 16},
    {"place": 20, "field": "account_number", "heading": "Norek; giro", "width": 16},
    {"place": 30, "field": "name", "heading": "Nama"},
    {"place": 40, "field": "amount", "heading": "Nominal"},
]
COLUMNS[1] |= {"pad": "right", "fill": ";"}


def typed(
    columns: list[dict[str, Any]], *, act: str = "", **grids: list[dict[str, Any]]
) -> dict[str, Any]:
    """The form as a browser sends it."""
    data = {**HEAD, "act": act}
    for name in GRIDS:
        rows = columns if name == "columns" else grids.get(name, [])
        data |= {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": 0}
        for place, row in enumerate(rows):
            data |= {f"{name}-{place}-{key}": value for key, value in row.items()}
    return data


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    client.force_login(cast.adi)
    return client


NEW = "/penyaluran/susunan/baru/"


def test_rows_are_kept_in_the_order_they_say_and_shown_again(admin: Client) -> None:
    moved = [{**COLUMNS[0], "place": 35}, *COLUMNS[1:]]
    cells = [{"field": "text", "text": "T"}, {"field": ""}, {"field": "total"}]
    answer = admin.post(NEW, typed(moved, trailer=cells))
    row = BankLayout.objects.get()
    assert answer["Location"] == reverse("disbursements:layout", args=[row.pk])
    fields = [column["field"] for column in row.columns]
    assert fields == ["account_number", "name", "reference", "amount"]
    # The stored shape is that of the layouts written as text; signs of that text are plain here.
    assert row.columns[0] == {
        "field": "account_number",
        "text": "",
        "heading": "Norek; giro",
        "width": 16,
        "pad": "right",
        "fill": ";",
    }
    assert row.header == []
    assert row.trailer == [{"field": "text", "text": "T"}, {"field": "total", "text": ""}]
    page = admin.get(answer["Location"]).content.decode()
    assert 'value="Norek; giro"' in page
    assert re.search(r'name="columns-0-width" value="16"', page)
    assert 'name="columns-6-field"' in page, "three spare rows"


def test_an_unused_row_takes_its_column_out(admin: Client, cast: Cast) -> None:
    row = make_layout(cast, header=[], trailer=[])
    less = [COLUMNS[0], COLUMNS[1], {**COLUMNS[2], "field": ""}, COLUMNS[3]]
    admin.post(reverse("disbursements:layout", args=[row.pk]), typed(less))
    row.refresh_from_db()
    assert [column["field"] for column in row.columns] == ["reference", "account_number", "amount"]


@pytest.mark.parametrize("kept", [True, False], ids=["kept before", "new"])
def test_what_is_typed_can_be_looked_at_and_tried_before_it_is_kept(
    admin: Client, cast: Cast, kept: bool
) -> None:
    row = make_layout(cast) if kept else None
    path = reverse("disbursements:layout", args=[row.pk]) if row else NEW
    before = list(BankLayout.objects.values()), Event.objects.count()
    page = admin.post(path, typed(COLUMNS, act="show"))
    assert page.status_code == 200
    words = page.content.decode()
    assert "belum disimpan" in words
    assert ";;;;;;0000000001" in words
    assert "CONTOH SATU" in words
    file = admin.post(path, typed(COLUMNS, act="test"))
    assert file["Content-Disposition"] == 'attachment; filename="uji-114-v1.csv"'
    lines = file.content.decode().split("\r\n")
    assert lines[1] == "D999900000000001,;;;;;;0000000001,CONTOH SATU,500001.00"
    assert (list(BankLayout.objects.values()), Event.objects.count()) == before


def test_a_new_layout_begins_with_what_each_needs(admin: Client) -> None:
    page = admin.get(NEW).content.decode()
    for place, field in enumerate(("reference", "account_number", "name", "amount")):
        row = page.split(f'name="columns-{place}-field"')[1].split("</select>")[0]
        assert f'value="{field}" selected' in row


def test_more_rows_keep_what_was_typed(admin: Client) -> None:
    data = typed([{"heading": "Rekening tuju", "field": "account_number"}], act="more_columns")
    page = admin.post(NEW, {**data, "name": "", "label": ""})
    words = page.content.decode()
    assert page.status_code == 200
    assert 'value="Rekening tuju"' in words
    assert 'name="columns-3-field"' in words
    assert 'name="columns-4-field"' not in words
    assert "b-summary" not in words, "nothing is refused when only rows are asked for"
    assert re.search(r'name="columns-TOTAL_FORMS" value="4"', words)
    full = typed([{}] * 39, act="more_columns")
    assert 'name="columns-39-field"' in admin.post(NEW, full).content.decode()
    assert 'name="columns-40-field"' not in admin.post(NEW, full).content.decode()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (COLUMNS[:3], "Kolom ini harus ada: jumlah"),
        ([*COLUMNS, {"field": "village", "pad": "left"}], "Kolom 5: lebar 1 sampai 250"),
        ([*COLUMNS, {"field": "village", "width": 900}], "250"),
        ([*COLUMNS, {"field": "gaji"}], "gaji"),
    ],
    ids=["one is missing", "a side without width", "too wide", "no such field"],
)
@pytest.mark.parametrize("act", ["", "show", "test"])
def test_a_wrong_grid_is_refused_with_what_was_typed(
    admin: Client, columns: list[dict[str, Any]], words: str, act: str
) -> None:
    page = admin.post(NEW, typed(columns, act=act))
    assert page.status_code == 422
    text = page.content.decode()
    assert words in text
    assert 'value="Norek; giro"' in text
    assert not BankLayout.objects.exists()

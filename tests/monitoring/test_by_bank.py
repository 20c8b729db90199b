"""Payments by rail and bank: a list is split as its lines are, the same wherever it is read."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from pypdf import PdfReader

from bansos.documents.services import read_bytes
from bansos.lib.lists import export_rows
from bansos.lib.money import rupiah
from disbursements.choices import LineState, ListState
from disbursements.models import BankPart, PayList, PaymentLine
from disbursements.rules.moves import AT_BANK, COUNTED
from monitoring.services import treasury_papers
from monitoring.tables.treasury import LISTS
from programs.choices import Rail
from tests.cast import Cast
from tests.factories.disbursements import NOW
from tests.factories.monitoring import (
    Fate,
    make_budget,
    make_decree,
    make_list,
    make_person,
    make_version,
)

JATIM, MANDIRI, BRI = "114", "008", "002"
OWN, FAST, SKN = Rail.OVERBOOKING, Rail.BI_FAST, Rail.SKN
PAGE = "/laporan/bendahara/daftar/bank/"
# (bank, rail, state) of the lines of the first stage, and of the second.
FIRST = (
    (JATIM, OWN, LineState.SETTLED),
    (JATIM, OWN, LineState.RETURNED),
    (MANDIRI, FAST, LineState.SETTLED),
    (MANDIRI, FAST, LineState.UNKNOWN),
    (MANDIRI, SKN, LineState.SETTLED),
    (BRI, FAST, LineState.PAID_BACK),
    (BRI, FAST, LineState.EXCLUDED),
)
SECOND = ((JATIM, OWN, LineState.SUBMITTED), (BRI, FAST, LineState.SETTLED))
COLUMNS = ("number", "rail", "bank", "what", "area", "count", "total", "delivered", "came_back")
BY_HAND = """
    SELECT list.number, line.rail, line.bank_code, count(*), sum(line.amount),
        sum(line.amount) FILTER (WHERE line.state = 'settled'),
        sum(line.amount) FILTER (WHERE line.state IN ('returned', 'repaid', 'paid_back')),
        sum(line.amount) FILTER (WHERE line.state IN ('submitted', 'unknown'))
    FROM disbursements_paymentline line JOIN disbursements_paylist list ON list.id = pay_list_id
    WHERE line.state <> 'excluded' GROUP BY 1, 2, 3
"""


@pytest.fixture
def lists(cast: Cast) -> list[PayList]:
    version = make_version(cast, stages=[date(2026, 2, 1), date(2026, 5, 1)])
    make_budget(cast, version, ceiling=50_000_000, shares={"35.19": 20_000_000})
    decree = make_decree(cast, version)
    made = []
    stages = version.stages.order_by("number")
    for stage, lines in zip(stages, (FIRST, SECOND), strict=True):
        fates = [
            Fate(make_person(cast, "35.19.01.2001"), state, stage.stage_date, bank=bank, rail=rail)
            for bank, rail, state in lines
        ]
        made.append(make_list(cast, decree, stage, fates, sp2d=stage.stage_date))
    return made


def by_hand() -> set[tuple[Any, ...]]:
    """(list, rail, bank, lines, amount, delivered, come back, silent) added up from the lines."""
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND)
        return {tuple(cell or 0 for cell in row) for row in cursor.fetchall()}


def exported(cast: Cast, query: str = "") -> set[tuple[Any, ...]]:
    """The same of the rows that the file has."""
    codes = {str(label): code for code, label in Rail.choices}
    rows = list(export_rows(LISTS["bank"][0], cast.tono, QueryDict(query))[1])
    assert len({row[:3] for row in rows}) == len(rows)
    return {(row[0], codes[row[1]], row[2], *row[5:10]) for row in rows}


def test_a_list_is_split_as_its_lines_are(lists: list[PayList], cast: Cast) -> None:
    assert exported(cast) == by_hand()
    assert len(by_hand()) == 6
    [(amount,)] = (
        PaymentLine.objects.filter(state__in=COUNTED)
        .values_list("pay_list__budget")
        .values_list("amount")
        .distinct()
    )
    assert sum(row[4] for row in exported(cast)) == amount * 8
    first = {row for row in exported(cast) if row[0] == lists[0].number}
    assert sum(row[4] for row in first) == lists[0].total == Decimal(3_000_000)
    shown = {(row[1], row[2], row[3]) for row in first}
    assert shown == {(OWN, JATIM, 2), (FAST, MANDIRI, 2), (SKN, MANDIRI, 1), (FAST, BRI, 1)}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("rail=bi_fast", 3),
        ("rail=bi_fast&rail=skn", 4),
        ("bank=008", 2),
        ("rail=bi_fast&bank=002", 2),
        ("year=2026", 6),
        ("year=2025", 0),
        ("area_code=35.19", 6),
        ("area_code=35.20", 0),
    ],
)
def test_page_file_paper_and_api_say_the_same(
    query: str, count: int, lists: list[PayList], cast: Cast, client: Client
) -> None:
    client.force_login(cast.tono)
    rows = exported(cast, query)
    assert len(rows) == count
    assert rows <= by_hand()
    page = client.get(f"{PAGE}?{query}")
    listed = {
        (row.pay_list.number, row.rail, row.bank_code, row.lines, row.total, row.delivered)
        for row in page.context["page"].slice.rows
    }
    assert listed == {row[:6] for row in rows}
    table = page.context["table"]
    sums = [sum((row[place] for row in rows), Decimal(0)) for place in range(4, 8)]
    assert list(table["totals"][3:]) == sums
    assert table["totals"][2] == sum(row[3] for row in rows)
    assert len(table["rows"]) == len({row[1:3] for row in rows})
    found = client.get(f"/api/treasury-lists/bank/?{query}").json()["rows"]
    assert {(row["number"], row["bank"], row["count"], row["total"]) for row in found} == {
        (row[0], row[2], row[3], f"{row[4]:.2f}") for row in rows
    }
    for words in printed(cast, query):
        assert words.count("DB-2026-") == count
        assert rupiah(sums[0]) in words


def printed(cast: Cast, query: str) -> list[str]:
    """The report as a letter, and drawn row by row."""
    found = []
    for most in (300, -1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(treasury_papers, "LETTER_ROWS", most)
            document = treasury_papers.issue_report(
                spec=LISTS["bank"][0], query=query, by=cast.tono, at=NOW
            )
        pages = PdfReader(io.BytesIO(read_bytes(document))).pages
        found.append(re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages)))
    return found


def test_the_paper_adds_up_each_bank(lists: list[PayList], cast: Cast) -> None:
    letter, drawn = printed(cast, "rail=bi_fast")
    assert "BI-FAST 002 2 Rp1.000.000 Rp500.000 Rp500.000 Rp0" in letter
    assert "Jumlah 4 Rp2.000.000 Rp1.000.000 Rp500.000 Rp500.000" in letter
    words = (
        "BI-FAST, bank 002: 2 pembayaran, Rp1.000.000; tersalur Rp500.000, retur Rp500.000,"
        " belum diketahui Rp0."
    )
    assert words in drawn


def test_only_released_lists_in_reach_are_told(
    lists: list[PayList], cast: Cast, client: Client
) -> None:
    PayList.objects.filter(pk=lists[1].pk).update(state=ListState.CANCELLED)
    assert {row[0] for row in exported(cast)} == {lists[0].number}
    assert not BankPart.objects.visible_to(cast.kalt).exists()
    client.force_login(cast.kalt)
    assert client.get(PAGE).context["page"].slice.rows == []


@pytest.mark.parametrize("sort", ["bank", "-bank", "total", "-delivered", "number", "rail"])
def test_pages_follow_one_another(
    sort: str,
    lists: list[PayList],
    cast: Cast,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One row per page: each stands on one page, in the order of the whole."""
    spec = LISTS["bank"][0]
    whole = [row[:3] for row in export_rows(spec, cast.tono, QueryDict(f"urut={sort}"))[1]]
    monkeypatch.setattr(spec, "page_size", 1)
    client.force_login(cast.tono)
    seen, href = [], f"?urut={sort}"
    for _turn in range(len(whole)):
        page = client.get(f"{PAGE}{href}").context["page"]
        [row] = page.slice.rows
        seen.append((row.pay_list.number, row.get_rail_display(), row.bank_code))
        href = page.next_href
    assert seen == whole
    assert href == ""


@pytest.mark.django_db
def test_the_view_knows_the_states_of_the_rules() -> None:
    """The database says by itself which lines count; here both are held against each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_viewdef('disbursements_bankpart'::regclass)")
        [(text,)] = cursor.fetchall()
    named = [set(re.findall(r"'(\w+)'::character varying", part)) for part in text.split("ARRAY")]
    sets = [found for found in named if found]
    assert {state.value for state in AT_BANK} in sets
    assert set(LineState.values) - {state.value for state in COUNTED} in sets

"""Filters of money lists speak of lists and programmes, never of row numbers or wrong rupiah."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from bansos.lib.lists import build_page
from disbursements.choices import LineState
from disbursements.tables import Ledger, Lines, PayLists, Returns
from tests.cast import Cast
from tests.factories.disbursements import World, answer_row, lines_of, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """One drawn list."""
    world = make_world(cast, people=2)
    world.drawn()
    return world


def chips(spec: type, world: World, query: str) -> list[tuple[str, str]]:
    """Label and value of every chip."""
    page = build_page(spec(), user=world.cast.budi, params=QueryDict(query), path="/")
    return [(chip.label, chip.value) for chip in page.chips]


def test_a_list_stands_by_its_number(world: World) -> None:
    row = world.stage.pay_lists.get()
    assert chips(Returns, world, f"daftar={row.pk}") == [("Daftar bayar", row.number)]


def test_a_budget_stands_by_its_document(world: World) -> None:
    assert chips(Ledger, world, f"budget={world.budget.pk}") == [("DPA", "DPA/A.1/2026")]


def test_a_year_is_no_rupiah(world: World) -> None:
    assert chips(PayLists, world, "year=2026") == [("Tahun anggaran", "2026")]


def test_a_programme_stands_by_its_name(world: World) -> None:
    version = ("Program", "PKH Plus 2026")
    assert chips(PayLists, world, f"version={world.version.pk}") == [version]


def test_what_others_hold_is_no_choice(world: World) -> None:
    page = build_page(
        Returns(),
        user=world.cast.kalt,
        params=QueryDict(f"daftar={world.stage.pay_lists.get().pk}"),
        path="/",
    )
    assert page.filter_wrong
    assert world.budget.dpa_number not in str(page.filterset.form)


def test_a_question_that_is_not_asked_leaves_nothing_unknown(world: World) -> None:
    page = build_page(Returns(), user=world.cast.budi, params=QueryDict(""), path="/")
    words = str(page.filterset.form["confirmed"])
    assert "Semua" in words
    assert "Tidak diketahui" not in words
    assert chips(Returns, world, "confirmed=false") == [("Sudah disahkan", "Tidak")]


def test_lines_of_any_states_are_those_lines(cast: Cast, django_assert_num_queries: Any) -> None:
    """Common and rare states are found in different ways; alone and together they say the same."""
    world = make_world(cast, people=6)
    sent = world.sent()
    lines = lines_of(sent)
    world.answer(sent, [answer_row(row) for row in lines[:3]] + [answer_row(lines[3], "GAGAL")])
    have = {row.position: row.state for row in lines_of(sent)}
    assert sorted(have.values()) == ["returned", *["settled"] * 3, *["unknown"] * 2]
    asked = [[], *([one] for one in LineState), ["settled", "returned"], ["returned", "repaid"]]
    for states in asked:
        query = "&".join(f"state={state}" for state in states)
        page = build_page(Lines(sent), user=cast.budi, params=QueryDict(query), path="/")
        wanted = [place for place, state in have.items() if not states or state in states]
        assert [row.position for row in page.slice.rows] == wanted, states
        assert page.count == len(wanted)
    table = Lines(sent)
    nobody = table.filterset(table.queryset(cast.budi), QueryDict("state=waiting"), cast.budi)
    with django_assert_num_queries(1):  # the sums, and no line
        assert list(nobody.qs) == []

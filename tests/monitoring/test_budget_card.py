"""Kartu kendali after anything was taken back: balances, page, PDF and XLSX."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from bansos.accounts.models import User
from bansos.documents.models import Document
from bansos.documents.services import read_bytes
from bansos.lib.money import rupiah
from disbursements.choices import LedgerKind
from disbursements.models import LedgerEvent, ResultRow, ReturnCase, Sts
from disbursements.queries.treasury.card import HELD, LEFT, card_lines, card_sums
from disbursements.queries.treasury.subjects import ROUTES, subject_urls
from disbursements.rules.ledger import FLOWS
from disbursements.services import corrections, desk
from disbursements.services.cash import paying
from monitoring.services import treasury_papers
from tests.cast import Cast
from tests.factories.accounts import UserFactory
from tests.factories.books import case_at, deposited
from tests.factories.cash import cash_world, opened, paid, register_row, taken
from tests.factories.disbursements import World, answer_row, lines_of, make_world

LEFT_IS = {"ceiling": 1, "reserved": -1, "paid": -1}
HELD_IS = {"paid": 1, "delivered": -1, "returned": -1}
Story = Callable[[Cast, pytest.MonkeyPatch], World]


@pytest.mark.parametrize("kind", LedgerKind)
def test_every_kind_of_event_moves_one_balance_as_the_figures_do(kind: LedgerKind) -> None:
    """Against what BudgetLine.left and .holding are made of, for kinds still to come too."""
    figures = FLOWS[kind].figures
    left = sum(sign * LEFT_IS.get(name, 0) for name, sign in figures)
    held = sum(sign * HELD_IS.get(name, 0) for name, sign in figures)
    assert (LEFT.get(kind, 0), HELD.get(kind, 0)) == (left, held)
    assert abs(left) + abs(held) == 1


def by_todays_clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """People act after the worker, which goes by the real clock."""
    monkeypatch.setattr(World, "tick", lambda self, minutes=1: timezone.now())
    world.clock = timezone.now().astimezone(world.cast.agency.zone)


def answered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two delivered, the third came back."""
    world = make_world(cast, people=3)
    sent = world.sent()
    by_todays_clock(world, monkeypatch)
    first, second, third = lines_of(sent)
    back = answer_row(third, "GAGAL", "Pindah")
    world.answer(sent, [answer_row(first), answer_row(second), back])
    return world


def undo(world: World, outcome: str) -> None:
    row = ResultRow.objects.standing().filter(outcome=outcome, line__position=1).get()
    desk.undo_match(row=row, note="Salah pasang", by=world.cast.tono, at=world.tick())


def a_match_undone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    world = answered(cast, monkeypatch)
    undo(world, "settled")
    return world


def a_late_return_undone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    world = answered(cast, monkeypatch)
    first = ResultRow.objects.standing().get(line__position=1)
    pay_list = first.line.pay_list
    world.answer(pay_list, [answer_row(first.line, "GAGAL", "Pindah")], name="kedua.csv")
    undo(world, "returned")
    return world


def a_slip_taken_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    world = answered(cast, monkeypatch)
    case = case_at(ResultRow.objects.first().line.pay_list, 3)  # type: ignore[union-attr]
    deposited(world, case)
    asked = corrections.ask_sts(
        slip=Sts.objects.get(), reason="Salah", by=cast.tono, at=world.tick()
    )
    corrections.answer(correction=asked, agreed=True, by=cast.ratna, at=world.tick())
    return world


def an_sp2d_taken_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    world = make_world(cast, people=3)
    row = world.with_sp2d()
    asked = corrections.ask_sp2d(pay_list=row, reason="Salah", by=cast.tono, at=world.tick())
    corrections.answer(correction=asked, agreed=True, by=cast.ratna, at=world.tick())
    return world


def a_receipt_taken_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    world = cash_world(cast, people=2)
    counter = opened(world)
    wrong = paid(world, counter, lines_of(counter.pay_list)[0])
    paying.undo(receipt=wrong, reason="Salah orang", by=cast.ratna, at=world.tick())
    return world


STORIES: dict[Story, tuple[LedgerKind, int, int]] = {
    a_match_undone: (LedgerKind.UNDO_SETTLE, 98_500_000, 1_000_000),
    a_late_return_undone: (LedgerKind.UNDO_LATE, 98_500_000, 500_000),
    a_slip_taken_back: (LedgerKind.UNDO_PAY_BACK, 98_500_000, 500_000),
    an_sp2d_taken_back: (LedgerKind.UNDO_SP2D, 98_500_000, 0),
    a_receipt_taken_back: (LedgerKind.UNDO_SETTLE, 99_000_000, 1_000_000),
}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_card_holds_after_something_was_taken_back(
    story: Story, cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, left, held = STORIES[story]
    world = story(cast, monkeypatch)
    assert LedgerEvent.objects.filter(kind=kind).exists()
    world.budget.refresh_from_db()
    sums = card_sums(world.budget)
    assert (sums.left, sums.held, sums.agrees) == (left, held, True)
    assert (sums.left, sums.held) == (world.budget.left, world.budget.holding)
    assert sums.debit - sums.credit == sums.left + sums.held
    [last] = [line for line in card_lines(world.budget) if line.event.kind == kind]
    moved = Decimal(1_500_000) if kind == LedgerKind.UNDO_SP2D else Decimal(500_000)
    credit = kind in {LedgerKind.UNDO_SP2D, LedgerKind.UNDO_LATE}
    assert (last.debit, last.credit) == ((None, moved) if credit else (moved, None))
    client.force_login(cast.tono)
    answer = client.get(f"/laporan/bendahara/kartu/{world.budget.pk}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    told = "Kuitansi tunai dibatalkan" if story is a_receipt_taken_back else str(kind.label)
    assert told in page
    assert "Kartu kendali tidak sama" not in page
    document = treasury_papers.issue_card(budget=world.budget, by=cast.tono, at=world.tick())
    pages = PdfReader(io.BytesIO(read_bytes(document))).pages
    words = " ".join(" ".join(part.extract_text() for part in pages).split())
    assert f"{rupiah(sums.left)} {rupiah(sums.held)}" in words
    book = Document.objects.get(kind="disbursements.budget_card_xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(read_bytes(book))).get_sheet_by_index(0)
    rows = [row for row in sheet.to_python() if isinstance(row[0], int | float)]
    assert told in {row[3] for row in rows}
    assert (rows[-1][7], rows[-1][8]) == (left, held)


def test_each_line_leads_to_its_own_document(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the reader of a province and of a regency: what has a link opens."""
    world = a_slip_taken_back(cast, monkeypatch)
    undo(world, "settled")
    monkeypatch.undo()
    cash = cash_world(cast, people=3)
    counter = opened(cash)
    first, second, _third = lines_of(counter.pay_list)
    wrong = paid(cash, counter, first)
    paying.undo(receipt=wrong, reason="Salah orang", by=cast.ratna, at=cash.tick())
    register = taken(cash, counter, [register_row(cash, second)])
    events = list(LedgerEvent.objects.order_by("pk"))
    links = subject_urls(events, cast.tono)
    assert {row.subject_type for row in events} == set(ROUTES)
    slip = Sts.objects.get()
    for row in events:
        assert links[row.pk] == _expected(row, slip), row
    assert f"/penyaluran/loket/daftar/{register.pk}/" in links.values()
    for reader in (cast.aud, _regency(cast.aud)):
        client.force_login(reader)
        seen = LedgerEvent.objects.visible_to(reader)
        found = subject_urls(seen, reader)
        assert {client.get(href).status_code for href in found.values()} == {200}, reader
    # The slip covers the whole budget: who sees one regency of it is led to the return.
    case = ReturnCase.objects.get()
    backs = {found[row.pk] for row in seen if row.kind.endswith("pay_back")}
    assert backs == {f"/penyaluran/retur/{case.pk}/"}
    ledger = client.get("/penyaluran/kartu-kendali/").content.decode()
    assert f'href="/penyaluran/loket/kuitansi/{wrong.pk}/"' in ledger
    client.force_login(cast.tono)
    card = client.get(f"/laporan/bendahara/kartu/{world.budget.pk}/").content.decode()
    assert card.count(f'href="/penyaluran/sts/{slip.pk}/"') == 2


def _expected(row: LedgerEvent, slip: Sts) -> str:
    if row.kind in {LedgerKind.PAY_BACK, LedgerKind.UNDO_PAY_BACK}:
        return reverse("disbursements:deposit", args=[slip.pk])
    return reverse(ROUTES[row.subject_type], args=[row.subject_id])


def _regency(auditor: User) -> User:
    """An auditor of one regency."""
    return UserFactory(username="audkab", role=auditor.role, area_code="35.19")


def test_a_document_that_is_gone_has_no_link(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A match that was taken back takes its return with it; the slip of it stays."""
    world = a_slip_taken_back(cast, monkeypatch)
    slip = Sts.objects.get()
    posted = LedgerEvent.objects.filter(subject_type="disbursements.returncase")
    ReturnCase.objects.all().delete()
    assert set(subject_urls(posted, cast.tono).values()) == {
        reverse("disbursements:deposit", args=[slip.pk])
    }
    assert set(subject_urls(posted, _regency(cast.aud)).values()) == {""}
    assert world.budget.events.count() > posted.count()

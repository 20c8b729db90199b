"""Reports treasurers ask for: each figure against SQL written by hand, each paper's text."""

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
from django.utils import timezone
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from bansos.documents.models import Document
from bansos.documents.services import read_bytes
from bansos.lib.errors import Refused
from bansos.lib.lists import export_rows
from disbursements.choices import LedgerKind, LineState, ListState
from disbursements.models import BudgetLine, CashPlan, PayList, ResultRow
from disbursements.queries.treasury.card import HELD, LEFT, SIGNS, card_sums
from disbursements.services import bank, corrections, desk, lists
from disbursements.services import treasury as keeping
from monitoring.queries.treasury import bank_sums, payments_by_bank
from monitoring.services import treasury_papers
from monitoring.tables.treasury import LISTS
from programs.choices import BenefitKind
from programs.models import ProgrammeVersion, Stage, StageEntitlement
from tests.cast import Cast
from tests.factories.disbursements import (
    NOW,
    World,
    answer_row,
    fresh,
    lines_of,
    make_world,
    quick_letters,
    run,
)
from tests.factories.monitoring import (
    Fate,
    make_budget,
    make_decree,
    make_list,
    make_person,
    make_version,
)


def sql(text: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return list(cursor.fetchall())


def shown(slug: str, user: Any, query: str = "") -> list[tuple[Any, ...]]:
    """The rows as an export has them."""
    return list(export_rows(LISTS[slug][0], user, QueryDict(query))[1])


@pytest.fixture
def year(cast: Cast) -> list[PayList]:
    """Four stages: one person always paid, one missed three in a row, one missed then paid."""
    days = [date(2026, month, 1) for month in (2, 5, 8, 11)]
    version = make_version(cast, stages=days)
    make_budget(cast, version, ceiling=50_000_000, shares={"35.19": 20_000_000})
    decree = make_decree(cast, version)
    good, gone, back = (make_person(cast, "35.19.01.2001") for _place in range(3))
    ends = {
        good: [LineState.SETTLED] * 4,
        gone: [LineState.SETTLED, *[LineState.RETURNED] * 3],
        back: [LineState.RETURNED, LineState.RETURNED, LineState.SETTLED, LineState.RETURNED],
    }
    made = []
    for place, stage in enumerate(version.stages.order_by("number")):
        fates = [Fate(person, states[place], stage.stage_date) for person, states in ends.items()]
        made.append(make_list(cast, decree, stage, fates, sp2d=stage.stage_date))
    return made


def test_three_missed_in_a_row(year: list[PayList], cast: Cast) -> None:
    rows = shown("tiga-kali", cast.tono)
    assert [(row[4], row[5]) for row in rows] == [(3, date(2026, 2, 1))]
    by_hand = sql(
        """
        SELECT person_id FROM (
            SELECT line.person_id, line.state,
                   row_number() OVER (PARTITION BY line.person_id ORDER BY stage.stage_date DESC) n
            FROM disbursements_paymentline line
            JOIN programs_stage stage ON stage.id = line.stage_id
        ) last WHERE n <= 3
        GROUP BY person_id HAVING bool_and(state = 'returned')
        """
    )
    assert len(by_hand) == len(rows)


def test_credited_or_not_and_by_bank(year: list[PayList], cast: Cast) -> None:
    rows = shown("salur", cast.tono, "hasil=not")
    [(count, total)] = sql(
        "SELECT count(*), sum(amount) FROM disbursements_paymentline"
        " WHERE state IN ('returned', 'repaid', 'paid_back')"
    )
    assert (len(rows), sum(row[5] for row in rows)) == (count, total) == (6, Decimal(3_000_000))
    assert {row[7] for row in rows} == {"Rekening ditutup"}
    assert len(shown("salur", cast.tono)) == 12
    [bank] = bank_sums(payments_by_bank(cast.tono))
    by_hand = sql(
        "SELECT bank_code, count(*), sum(amount), sum(amount) FILTER (WHERE state = 'settled'),"
        " sum(amount) FILTER (WHERE state = 'returned') FROM disbursements_paymentline GROUP BY 1"
    )
    keys = ("bank_code", "lines", "total", "delivered", "came_back")
    assert [tuple(bank[key] for key in keys)] == by_hand
    lists = shown("bank", cast.tono)
    assert sum(row[7] for row in lists) == by_hand[0][3]
    assert shown("salur", cast.kalt) == []


def test_returns_by_age(year: list[PayList], cast: Cast) -> None:
    everything = shown("retur", cast.tono)
    classes = {
        key: len(shown("retur", cast.tono, f"umur={key}")) for key in ("10", "30", "60", "lama")
    }
    [(count,)] = sql("SELECT count(*) FROM disbursements_returncase WHERE state <> 'done'")
    assert sum(classes.values()) == len(everything) == count == 6
    [(first,)] = sql("SELECT min(returned_on) FROM disbursements_returncase")
    # By the clock that the page reads; the database may keep another.
    assert abs(everything[0][6] - (timezone.localdate() - first).days) <= 1


def test_funds_to_ask_for(year: list[PayList], cast: Cast) -> None:
    assert shown("permintaan-dana", cast.tono) == []
    last = year[-1]
    decree = last.decree
    PayList.objects.filter(pk=last.pk).update(state=ListState.CANCELLED)
    person = make_person(cast, "35.19.02.1001")
    waiting = make_list(
        cast, decree, last.stage, [Fate(person, LineState.WAITING)], sp2d=None, state="approved"
    )
    [row] = shown("permintaan-dana", cast.tono)
    assert (row[0], row[3], row[4], row[5]) == (waiting.number, "Rp500.000", 1, 500_000)
    assert row[7].endswith("; tanggal tahap 1 November 2026")
    assert row[6] == "Disetujui. Ajukan SPM Rp500.000 ke BPKAD: 1 penerima x Rp500.000."


def entitle(world: World, stage: Stage, amounts: list[Decimal]) -> None:
    """Each payee's own amount in a stage."""
    for row, amount in zip(world.enrolments, amounts, strict=True):
        StageEntitlement.objects.create(
            enrolment=row,
            stage=stage,
            decree=world.decree,
            amount=amount,
            set_at=NOW,
            set_by=world.cast.budi,
        )


def test_funds_of_a_programme_without_one_amount_say_how_they_are_reckoned(cast: Cast) -> None:
    """A formula to the sen, a tariff times counted units, and shares that differ."""
    world = make_world(cast, people=3)
    version = world.version
    version.benefit_kind, version.annual_amount = BenefitKind.FORMULA, None
    version.save()
    Stage.objects.filter(version=version).update(amount=None)
    world.stage.refresh_from_db()
    share = Decimal("1031145.59")
    entitle(world, world.stage, [share] * 3)
    world.approved()
    [row] = shown("permintaan-dana", cast.tono)
    assert row[3] == "Rp1.031.145,59"
    assert row[7] == "SK Nomor 188/1/2026 tanggal 1 Februari 2026; tanggal tahap 1 Maret 2026"
    assert row[6] == "Disetujui. Ajukan SPM Rp3.093.436,77 ke BPKAD: 3 penerima x Rp1.031.145,59."
    ProgrammeVersion.objects.filter(pk=version.pk).update(
        benefit_kind=BenefitKind.TARIFF, tariff=15_000, unit_label="orang-hari"
    )
    [row] = shown("permintaan-dana", cast.tono)
    assert row[3] == "Rp15.000 per orang-hari"
    assert "3 penerima, satuan masing-masing x Rp15.000 per orang-hari." in row[6]
    ProgrammeVersion.objects.filter(pk=version.pk).update(
        benefit_kind=BenefitKind.FORMULA, tariff=None, unit_label=""
    )
    world.stages[1].refresh_from_db()
    entitle(world, world.stages[1], [Decimal(n * 100_000) for n in (1, 2, 3)])
    world.approved(world.drawn(stage=world.stages[1]))
    row = shown("permintaan-dana", cast.tono)[-1]
    assert row[3] == "Rp100.000 sampai Rp300.000 per penerima"
    assert "SPM Rp600.000 ke BPKAD: 3 penerima, Rp100.000 sampai" in row[6]


def test_the_cash_plan_and_what_came_of_it(year: list[PayList], cast: Cast) -> None:
    budget = BudgetLine.objects.get()
    plan = {2: Decimal(1_500_000), 5: Decimal(2_000_000)}
    keeping.save_cash_plan(budget=budget, amounts=plan, by=cast.tono, at=NOW)
    rows = {row[0]: row[2:] for row in shown("rencana-kas", cast.tono)}
    assert rows["Februari 2026"] == (Decimal(1_500_000), Decimal(1_500_000), Decimal(0))
    assert rows["Mei 2026"] == (Decimal(2_000_000), Decimal(1_500_000), Decimal(-500_000))
    [(released,)] = sql(
        "SELECT sum(sp2d_amount) FROM disbursements_paylist"
        " WHERE kind = 'main' AND extract(year from sp2d_date) = 2026"
    )
    assert sum(row[1] for row in rows.values()) == released
    with pytest.raises(Refused, match="melebihi pagu sebesar Rp1"):
        keeping.save_cash_plan(budget=budget, amounts={1: budget.ceiling + 1}, by=cast.tono, at=NOW)
    assert CashPlan.objects.count() == 12


def test_the_pages_show_and_print_what_the_lists_say(
    year: list[PayList], cast: Cast, client: Client
) -> None:
    client.force_login(cast.tono)
    index = client.get("/laporan/bendahara/").content.decode()
    for count in ("Buka 12 baris", "Buka 6 baris", "Buka 1 baris"):
        assert count in index
    for slug in LISTS:
        assert client.get(f"/laporan/bendahara/daftar/{slug}/").status_code == 200, slug
    assert client.get("/laporan/bendahara/daftar/lain/").status_code == 404
    answer = client.post("/laporan/bendahara/daftar/salur/pdf/", {"saringan": "hasil=not"})
    assert answer.status_code == 302
    document = treasury_papers.issue_report(
        spec=LISTS["salur"][0], query="hasil=not", by=cast.tono, at=NOW
    )
    words = text_of(document)
    assert "LAP-BEN/0001/2026" in words
    assert "TERSALUR DAN TIDAK TERSALUR" in words
    assert "Jumlah : Rp3.000.000" in words
    assert document.check_code in words
    assert words.count("Rekening ditutup") == 6


def text_of(document: Document) -> str:
    pages = PdfReader(io.BytesIO(read_bytes(document))).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_the_api_gives_the_same_rows(year: list[PayList], cast: Cast, client: Client) -> None:
    client.force_login(cast.tono)
    index = {row["slug"]: row["count"] for row in client.get("/api/treasury-lists/").json()}
    assert (index["salur"], index["tiga-kali"], index["retur"]) == (12, 1, 6)
    page = client.get("/api/treasury-lists/salur/", {"hasil": "not", "banyak": "4"}).json()
    assert len(page["rows"]) == 4
    assert page["next"] == 4
    assert page["rows"][0]["amount"] == "500000.00"
    assert "*" in page["rows"][0]["nik"] or "•" in page["rows"][0]["nik"]
    rest = client.get("/api/treasury-lists/salur/", {"hasil": "not", "mulai": "4"}).json()
    assert (len(rest["rows"]), rest["next"]) == (2, None)
    assert client.get("/api/treasury-lists/lain/").status_code == 404
    [end] = [row for row in client.get("/api/deadlines/").json() if row["key"] == "year_end"]
    assert (end["count"], end["amount"]) == (6, "3000000.00")
    assert client.get("/api/holidays/").json()["results"] == []


def paid(world: World) -> None:
    """A list paid through the services, so that the ledger is real."""
    pay_list = world.sent()
    world.answer(pay_list, [answer_row(line) for line in lines_of(pay_list)])


def test_the_budget_card_goes_on_after_what_was_taken_back(cast: Cast, client: Client) -> None:
    """It used to know no movement back: one undone match, and nobody could open the card."""
    world = make_world(cast, people=2)
    row = world.with_sp2d()
    asked = corrections.ask_sp2d(pay_list=row, reason="Salah", by=cast.tono, at=world.tick())
    corrections.answer(correction=asked, agreed=True, by=cast.ratna, at=world.tick())
    lists.record_sp2d(
        pay_list=fresh(row),
        spm_number="SPM-2",
        sp2d_number="SP2D-2",
        sp2d_date=world.clock.date(),
        amount=row.total,
        by=cast.tono,
        at=world.tick(),
    )
    with quick_letters():
        run(bank.make_files(pay_list=fresh(row), by=cast.budi, at=world.tick()))
    sent = bank.mark_sent(pay_list=fresh(row), by=cast.budi, at=world.tick())
    world.answer(sent, [answer_row(line) for line in lines_of(sent)])
    match = ResultRow.objects.standing().order_by("pk")[0]
    desk.undo_match(row=match, note="Salah pasang", by=cast.tono, at=world.tick())
    world.budget.refresh_from_db()
    sums = card_sums(world.budget)
    assert (sums.left, sums.held) == (Decimal(99_000_000), Decimal(500_000))
    assert sums.agrees
    client.force_login(cast.tono)
    page = client.get(f"/laporan/bendahara/kartu/{world.budget.pk}/").content.decode()
    assert "SP2D dibatalkan" in page
    assert "Padanan tersalur dibatalkan" in page
    assert "Kartu kendali tidak sama" not in page


def test_the_budget_card_knows_every_kind_of_movement() -> None:
    assert set(SIGNS) == set(LedgerKind)
    assert not set(LEFT) & set(HELD), "one balance each"
    kinds = {kind: sign for kind, sign in HELD.items() if kind.startswith("undo_")}
    assert kinds == {"undo_settle": 1, "undo_late": -1, "undo_pay_back": 1, "undo_sp2d": -1}


def test_the_budget_card_runs_to_the_budgets_own_figures(cast: Cast, client: Client) -> None:
    world = make_world(cast, people=2)
    paid(world)
    document = treasury_papers.issue_card(budget=world.budget, by=cast.tono, at=NOW)
    book = Document.objects.get(kind="disbursements.budget_card_xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(read_bytes(book))).get_sheet_by_index(0)
    rows = [row for row in sheet.to_python() if isinstance(row[0], int | float)]
    world.budget.refresh_from_db()
    assert [row[3] for row in rows] == ["Pagu dicatat", "Diikat", "SP2D terbit", "Tersalur"]
    assert (rows[-1][7], rows[-1][8]) == (99_000_000, 0)
    [(left, held)] = sql(
        """
        SELECT sum(amount) FILTER (WHERE account = 'available'),
               coalesce(sum(amount) FILTER (WHERE account = 'holding'), 0)
        FROM disbursements_ledgerentry
        """
    )
    assert (left, held) == (world.budget.left, world.budget.holding) == (99_000_000, 0)
    words = text_of(document)
    assert "SP2D SP2D-1" in words
    assert "Jumlah Rp101.000.000 Rp2.000.000 Rp99.000.000 Rp0" in words
    client.force_login(cast.tono)
    page = client.get(f"/laporan/bendahara/kartu/{world.budget.pk}/").content.decode()
    assert f'href="/penyaluran/daftar/{world.enrolments[0].lines.get().pay_list_id}/"' in page
    assert "Kartu kendali tidak sama" not in page

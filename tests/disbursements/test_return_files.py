"""520 generated bank files: whole, faulty, hostile; each applied twice in two formats."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from bansos.lib.errors import BadInput
from disbursements.choices import RowState
from disbursements.models import (
    BudgetLine,
    LedgerEntry,
    LedgerEvent,
    PayList,
    PaymentLine,
    ResultFile,
    ResultRow,
    ReturnCase,
)
from disbursements.services import results
from tests.cast import Cast
from tests.disbursements.test_results import workbook
from tests.factories.disbursements import AMOUNT, World, fresh, make_world, run
from tests.factories.statements import HEADERS, Move, camt, move_of, mt940, pain002, table

pytestmark = pytest.mark.django_db

CASES = 520
WORKBOOKS = 5  # each starts the sandbox that opens workbooks


def notice(moves: Sequence[Move]) -> bytes:
    return camt(moves, version=4, message=54)


def sheet(moves: Sequence[Move]) -> bytes:
    rows = [
        [
            *(move.reference, move.account, move.name, str(move.amount)),
            *("GAGAL" if move.back else "BERHASIL", move.words, "22-11-2026"),
        ]
        for move in moves
    ]
    return workbook(rows, HEADERS)


WRITERS: dict[str, Callable[[Sequence[Move]], bytes]] = {
    "camt053": camt,
    "camt054": notice,
    "pain002": pain002,
    "mt940": mt940,
    "csv": table,
    "xlsx": sheet,
}
SUFFIX = {"csv": ".csv", "xlsx": ".xlsx"}
STATEMENTS = ("camt053", "camt054", "mt940")
XML = ("camt053", "camt054", "pain002")
HOSTILE = {
    "bomb": b'<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>',
    "outside": b'<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "remote": b'<!DOCTYPE Document SYSTEM "http://127.0.0.1:1/x.dtd">',
}


@dataclass
class Case:
    """One generated file (or two, when it is split), and what must become of it."""

    form: str
    kind: str
    files: list[bytes]
    told: dict[str, str] = field(default_factory=dict)
    wrong: int = 0
    refused: bool = False
    # A table has no end of its own: cut off, it may still say any of these.
    at_most: bool = False
    possible: set[tuple[str, str]] = field(default_factory=set)


# A faulty row: what it is made of, and in which formats it can be.
FAULTS: dict[str, tuple[Callable[[Move], list[Move]], tuple[str, ...]]] = {
    "wrong_amount": (lambda m: [replace(m, amount=m.amount + Decimal("0.01"))], tuple(WRITERS)),
    "wrong_account": (lambda m: [replace(m, account="99887766")], tuple(WRITERS)),
    "no_account": (lambda m: [replace(m, account="")], ("camt053", "pain002", "csv")),
    "foreign": (lambda m: [replace(m, reference="D352609990000001")], tuple(WRITERS)),
    "unknown": (lambda m: [replace(m, reference=m.reference[:9] + "9999999")], tuple(WRITERS)),
    "no_reference": (lambda m: [replace(m, reference="")], STATEMENTS),
    "fee": (lambda m: [replace(m, reference="", fee=True)], STATEMENTS),
    "currency": (lambda m: [replace(m, currency="USD")], XML),
    "code": (lambda m: [replace(m, back=True, code="ZZ99")], (*XML, "mt940")),
    "contradiction": (
        lambda m: [replace(m, back=False), replace(m, back=True, code="AC04")],
        ("pain002", "csv"),
    ),
}


def make_case(number: int, lines: Sequence[PaymentLine]) -> Case:
    """The same number gives the same case."""
    rng = random.Random(number)
    forms = ["camt053", "camt054", "pain002", "mt940", "csv"]
    form = "xlsx" if number < WORKBOOKS else rng.choice(forms)
    picked = rng.sample(list(lines), rng.randint(2, len(lines) - 1))
    moves, told, wrong = [], {}, 0
    for line in picked:
        back = rng.random() < 0.3
        move = move_of(line, back=back, code="AC04" if back else "", words="Ditutup" * back)
        fault = rng.choice([name for name, (_make, where) in FAULTS.items() if form in where])
        if rng.random() < 0.35:
            made = FAULTS[fault][0](move)
            moves += made
            wrong += len(made)
        else:
            moves.append(move)
            told[line.reference] = "returned" if back else "settled"
    if told and rng.random() < 0.4:
        again = next(move for move in moves if move.reference in told)
        moves.append(again)
        wrong += 1
    if rng.random() < 0.6:
        moves = keep_first_twin(rng, moves)
    case = Case(form, "rows", [], told, wrong)
    case.possible = {
        (move.reference, "returned" if move.back else "settled")
        for move in moves
        if move.amount == AMOUNT and move.account != "99887766"
    }
    return spoil(rng, case, moves)


def keep_first_twin(rng: random.Random, moves: list[Move]) -> list[Move]:
    """Any order; of two alike it does not matter which stands first."""
    mixed = list(moves)
    rng.shuffle(mixed)
    return mixed


def spoil(rng: random.Random, case: Case, moves: list[Move]) -> Case:
    """Whole, in two parts, cut off, hostile, or in another encoding than it says."""
    write = WRITERS[case.form]
    data = write(moves)
    kinds = ["rows"] * 5 + ["split", "cut", "encoding"]
    if case.form in XML:
        kinds += ["bomb", "outside", "remote", "deep"]
    case.kind = "rows" if case.form == "xlsx" else rng.choice(kinds)
    case.files = [data]
    if case.kind == "split" and len(moves) > 3 and alone(moves):
        half = rng.randrange(1, len(moves))
        case.files = [write(moves[:half]), write(moves[half:])]
    elif case.kind == "cut":
        end = rng.randrange(len(data) // 3, len(data) - 20)
        case.files = [data[:end]]
        case.refused, case.at_most = case.form != "csv", case.form == "csv"
    elif case.kind == "encoding":
        odd = write([replace(moves[0], name="Siti Aminé"), *moves[1:]])
        case.files = [odd.decode("utf-8-sig").encode("latin-1")]
        # A camt entry without a reference carries no name, so nothing in it is odd.
        named = bool(moves[0].reference) or case.form == "mt940"
        case.refused = case.form != "csv" and named
    elif case.kind in HOSTILE:
        case.files = [data.replace(b"<Document", HOSTILE[case.kind] + b"<Document", 1)]
        case.refused = True
    elif case.kind == "deep":
        nest = b"<x>" * 3_000 + b"</x>" * 3_000
        case.files = [data.replace(b"<GrpHdr>", nest + b"<GrpHdr>", 1)]
        case.refused = True
    return case


def alone(moves: Sequence[Move]) -> bool:
    """No reference stands twice: in two files the second of two alike is said again, not wrong."""
    named = [move.reference for move in moves if move.reference]
    return len(named) == len(set(named))


def dump() -> dict[str, Any]:
    """Everything a bank's word may move, as plain values."""
    return {
        "lines": list(PaymentLine.objects.order_by("pk").values_list("pk", "state", "settled_on")),
        "lists": list(PayList.objects.order_by("pk").values_list("pk", "state")),
        "events": list(LedgerEvent.objects.order_by("pk").values_list("pk", "key")),
        "entries": list(LedgerEntry.objects.order_by("pk").values_list("pk", "amount")),
        "returns": list(ReturnCase.objects.order_by("pk").values_list("pk", "state", "reason")),
        "budget": list(BudgetLine.objects.values_list("delivered", "returned", "paid")),
    }


def put_in(world: World, pay_list: PayList, data: bytes, name: str) -> ResultFile:
    """By the door of the list, then applied with everything it belongs to."""
    by = world.cast.tono
    result = results.upload_result(
        pay_list=fresh(pay_list), data=data, file_name=name, by=by, at=world.tick()
    )
    whole = result.source or result
    if whole.pay_list is None:
        if results.may_apply(whole):
            for job in results.apply_statement(statement=whole, by=by, at=world.tick()):
                run(job)
    else:
        run(results.apply_result(result=whole, by=by, at=world.tick()))
    return whole


def check(world: World, sent: PayList, case: Case, tally: Counter[str]) -> None:
    """Apply a case, apply it again, say it once more in another format."""
    before = dump()
    for place, data in enumerate(case.files):
        if case.refused:
            with pytest.raises(BadInput):
                put_in(world, sent, data, f"{place}{SUFFIX.get(case.form, '.xml')}")
            assert (dump(), ResultFile.objects.count()) == (before, 0)
            tally["refused files"] += 1
            return
        put_in(world, sent, data, f"{place}{SUFFIX.get(case.form, '.xml')}")
    states = dict(sent.lines.values_list("reference", "state"))
    if case.at_most:
        said = {ref: state for ref, state in states.items() if state != "unknown"}
        assert said.items() <= case.possible
    else:
        mentioned = any(ResultFile.objects.exclude(pay_list=None).values_list("pk"))
        silent = "unknown" if mentioned else "submitted"
        wanted = {ref: case.told.get(ref, silent) for ref in states}
        assert states == wanted, case
        held = ResultRow.objects.filter(state=RowState.QUARANTINE).count()
        assert held == case.wrong, case
        assert ResultRow.objects.open().count() == held
        tally["wrong rows, all in quarantine"] += held
    tally["rows applied"] += ResultRow.objects.standing().count()
    again(world, sent, case, tally)


def again(world: World, sent: PayList, case: Case, tally: Counter[str]) -> None:
    """The same bytes, and for some cases the same words in a table: nothing moves."""
    after = dump()
    files, rows = ResultFile.objects.count(), ResultRow.objects.count()
    for place, data in enumerate(case.files):
        put_in(world, sent, data, f"lagi-{place}{SUFFIX.get(case.form, '.xml')}")
    assert (ResultFile.objects.count(), ResultRow.objects.count()) == (files, rows)
    assert dump() == after
    lines = {line.reference: line for line in sent.lines.all()}
    said = [
        move_of(lines[row.reference], back=row.outcome == "returned", words="Ditutup")
        for row in ResultRow.objects.standing()
    ]
    if said and not len(ResultRow.objects.all()) % 6:
        put_in(world, sent, table(said), "kata-lain.csv")
        assert dump() == after
        tally["said again"] += len(said)


def test_520_generated_files(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "PREVIEW_ROWS", 0)
    world = make_world(cast, people=7)
    sent = world.sent()
    lines = list(sent.lines.order_by("position"))
    tally: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for number in range(CASES):
        case = make_case(number, lines)
        kinds[f"{case.form} {case.kind}"] += 1
        tally["files"] += len(case.files)
        with transaction.atomic():
            check(world, sent, case, tally)
            transaction.set_rollback(True)
    with capsys.disabled():
        sys.stdout.write(f"\n{CASES} berkas: {dict(tally)}\n{dict(sorted(kinds.items()))}\n")
    assert tally["wrong rows, all in quarantine"] > 400
    assert tally["refused files"] > 80
    assert len(kinds) > 30

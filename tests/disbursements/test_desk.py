"""The reconciliation desk: standard files, rows set aside, linked by two, matches taken back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.audit.models import Event
from bansos.jobs import services as jobs
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from disbursements.choices import AsideReason, Decision, LineState, Outcome, ReturnReason
from disbursements.models import (
    BankDay,
    DeskDecision,
    LedgerEvent,
    PayList,
    PaymentLine,
    ResultFile,
    ResultRow,
    ReturnCase,
)
from disbursements.services import applying, bank_days, closing, desk, lists, results, returns
from tests.cast import Cast
from tests.factories.books import breaches
from tests.factories.disbursements import (
    AMOUNT,
    World,
    answer_csv,
    answer_row,
    fresh,
    lines_of,
    make_world,
    picture,
    run,
    unchanged,
)
from tests.factories.statements import Move, camt, move_of, mt940, pain002

pytestmark = pytest.mark.django_db
FEE = Move("", Decimal("6500.00"), "", fee=True, words="Biaya administrasi")
STRANGER = Move("", Decimal("125000.00"), "", words="Pemindahbukuan bagian umum")


@pytest.fixture
def world(cast: Cast) -> World:
    """Six payees."""
    return make_world(cast, people=6)


@pytest.fixture
def sent(world: World, monkeypatch: pytest.MonkeyPatch) -> PayList:
    """A list at the bank; from then on people go by the worker's clock."""
    pay_list = world.sent()
    monkeypatch.setattr(World, "tick", lambda self, minutes=1: timezone.now())
    world.clock = timezone.now().astimezone(world.cast.agency.zone)
    return pay_list


def put_in(world: World, data: bytes, name: str = "rk.xml") -> ResultFile:
    """Upload and apply a statement with all its shares."""
    statement = results.upload_statement(
        data=data, file_name=name, by=world.cast.tono, at=world.tick()
    )
    made = results.apply_statement(statement=statement, by=world.cast.tono, at=world.tick())
    for job in made:
        run(job)
    statement.refresh_from_db()
    return statement


def states(pay_list: PayList) -> list[str]:
    return [str(line.state) for line in lines_of(pay_list)]


def healthy(world: World) -> None:
    """Every promise holds but those about standing jobs and seals, which tests do not run."""
    found = breaches(timezone.now())
    assert [words for words in found if not words.startswith(("I9", "I12 kejadian"))] == []


def aside(world: World, row: ResultRow, reason: AsideReason = AsideReason.DOUBLED) -> DeskDecision:
    return desk.set_aside(row=row, reason=reason, note="", by=world.cast.tono, at=world.tick())


def link(world: World, row: ResultRow, line: PaymentLine, outcome: Outcome, **more: Any) -> Any:
    values: dict[str, Any] = {"return_reason": None, "note": "Konfirmasi bank 12/X"} | more
    return desk.propose_link(
        row=row, line=line, outcome=outcome, by=world.cast.tono, at=world.tick(), **values
    )


def agree(world: World, decision: DeskDecision) -> DeskDecision:
    return desk.answer(decision=decision, agreed=True, by=world.cast.ratna, at=world.tick())


def undo(world: World, row: ResultRow) -> DeskDecision:
    return desk.undo_match(row=row, note="Salah pasang", by=world.cast.tono, at=world.tick())


def row_of(line: PaymentLine, outcome: str) -> ResultRow:
    return ResultRow.objects.standing().get(line=line, outcome=outcome)


def test_one_statement_answers_many_lists_and_keeps_the_rest_apart(
    world: World, sent: PayList
) -> None:
    other = world.sent(world.drawn(stage=world.stages[1]), number="SP2D-2")
    moves = [move_of(line) for line in [*lines_of(sent)[:5], *lines_of(other)]]
    back = move_of(lines_of(sent)[5], back=True, code="AC06", words="Diblokir")
    data = camt([*moves, back, FEE, STRANGER])
    statement = results.upload_statement(
        data=data, file_name="RK.xml", by=world.cast.tono, at=world.tick()
    )
    assert {share.pay_list.number for share in statement.shares.all()} == {
        sent.number,
        other.number,
    }
    assert set(states(sent)) == {"submitted"}
    with pytest.raises(Refused, match="banyak daftar"):
        results.apply_result(result=statement, by=world.cast.tono, at=world.tick())
    for job in results.apply_statement(statement=statement, by=world.cast.tono, at=world.tick()):
        run(job)
    assert states(sent) == ["settled"] * 5 + ["returned"]
    assert set(states(other)) == {"settled"}
    case = ReturnCase.objects.get()
    assert (case.reason, case.bank_text) == (ReturnReason.BLOCKED, "AC06 Diblokir")
    left = ResultRow.objects.filter(result=statement)
    assert Counter(left.values_list("quarantine_code", flat=True)) == {"fee": 1, "no_reference": 1}
    assert ResultRow.objects.open().count() == 2
    healthy(world)
    assert closing.identity(sent).quarantined == 0


@pytest.mark.parametrize("write", [camt, mt940, pain002])
def test_every_format_by_the_door_of_the_list_and_once(
    world: World, sent: PayList, write: Any
) -> None:
    data = write([move_of(line) for line in lines_of(sent)])
    first = results.upload_result(
        pay_list=sent, data=data, file_name="apa.saja", by=world.cast.tono, at=world.tick()
    )
    assert first.pay_list == sent
    assert first.counts["preview"]["settled"] == 6
    with unchanged(sent), pytest.raises(Refused, match="rekening koran"):
        results.apply_result(result=first, by=world.cast.tono, at=world.tick())
    results.apply_statement(statement=first.source, by=world.cast.tono, at=world.tick())
    first.refresh_from_db()
    run(first.job)
    assert set(states(sent)) == {"settled"}
    with unchanged(sent):
        again = results.upload_result(
            pay_list=fresh(sent), data=data, file_name="b", by=world.cast.tono, at=world.tick()
        )
    assert again.pk == first.pk
    assert ResultFile.objects.count() == 2
    with unchanged(sent), pytest.raises(Refused):
        results.apply_statement(statement=first.source, by=world.cast.tono, at=world.tick())


def test_paid_and_back_in_one_statement_is_a_return_in_any_order(
    world: World, sent: PayList
) -> None:
    line = lines_of(sent)[0]
    paid, back = move_of(line), move_of(line, back=True, code="AC04")
    put_in(world, camt([back, paid, move_of(lines_of(sent)[1])]))
    assert states(sent)[:2] == ["returned", "settled"]
    assert not ResultRow.objects.open().exists()
    healthy(world)


def test_a_late_return_in_a_later_statement_takes_the_delivery_back(
    world: World, sent: PayList
) -> None:
    lines = lines_of(sent)
    put_in(world, camt([move_of(line) for line in lines]))
    put_in(world, camt([move_of(lines[0], back=True, code="MD07")]), "rk2.xml")
    assert states(sent)[0] == "returned"
    assert LedgerEvent.objects.filter(kind="late_return").count() == 1
    assert ReturnCase.objects.get().reason == ReturnReason.DIED
    healthy(world)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": Decimal("499999.00")}, "wrong_amount"),
        ({"account": "999999"}, "wrong_account"),
        ({"account": ""}, "wrong_account"),
        ({"currency": "USD"}, "wrong_currency"),
        ({"reference": "D352600019999999"}, "unknown_reference"),
        ({"back": True, "code": "ZZ99"}, "unknown_code"),
    ],
)
def test_what_differs_waits_on_the_desk(
    world: World, sent: PayList, changed: dict[str, Any], code: str
) -> None:
    lines = lines_of(sent)
    put_in(world, camt([move_of(lines[0], **changed), move_of(lines[1])], balances=False))
    row = ResultRow.objects.open().get()
    assert row.quarantine_code == code
    assert states(sent)[:2] == ["unknown", "settled"]


def test_setting_aside_says_why_and_can_be_taken_back(world: World, sent: PayList) -> None:
    put_in(world, camt([move_of(lines_of(sent)[0]), FEE]))
    row = ResultRow.objects.open().get()
    with pytest.raises(BadInput):
        desk.set_aside(
            row=row, reason=AsideReason.OTHER, note=" ", by=world.cast.tono, at=world.tick()
        )
    with pytest.raises(NotAllowed):
        desk.set_aside(
            row=row, reason=AsideReason.FEE, note="", by=world.cast.budi, at=world.tick()
        )
    decision = aside(world, row, AsideReason.FEE)
    assert not ResultRow.objects.open().exists()
    with pytest.raises(Stale):
        aside(world, row, AsideReason.FEE)
    desk.undo_aside(decision=decision, note="Salah", by=world.cast.tono, at=world.tick())
    assert ResultRow.objects.open().get() == row
    again = aside(world, row, AsideReason.FEE)
    assert again.pk != decision.pk
    assert DeskDecision.objects.filter(row=row).count() == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        DeskDecision.objects.filter(pk=again.pk).update(note="lain")
    with pytest.raises(IntegrityError), transaction.atomic():
        DeskDecision.objects.filter(pk=again.pk).delete()


def test_rows_alike_are_set_aside_together(world: World, sent: PayList) -> None:
    fees = [replace(FEE, amount=Decimal(1000 + place)) for place in range(4)]
    put_in(world, camt([move_of(lines_of(sent)[0]), *fees, STRANGER]))
    row = ResultRow.objects.open().filter(quarantine_code="fee")[0]
    count = desk.set_aside_alike(
        row=row, reason=AsideReason.FEE, note="", by=world.cast.tono, at=world.tick()
    )
    assert count == 4
    assert ResultRow.objects.open().get().quarantine_code == "no_reference"


def test_a_row_with_a_broken_reference_is_linked_by_two(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    put_in(world, camt([move_of(lines[1]), move_of(lines[0], reference="TRF77")]))
    row = ResultRow.objects.open().get()
    decision = link(world, row, lines[0], Outcome.SETTLED)
    assert decision.facts == {
        "same": ["amount", "currency", "account"],
        "different": ["reference"],
    }
    assert states(sent)[0] == "unknown"
    with pytest.raises(NotAllowed, match="orang lain"):
        desk.answer(decision=decision, agreed=True, by=world.cast.tono, at=world.tick())
    with pytest.raises(Refused, match="orang kedua"):
        aside(world, row)
    agree(world, decision)
    assert states(sent)[0] == "settled"
    made = row_of(lines[0], "settled")
    assert made.origin == row
    assert not ResultRow.objects.open().exists()
    healthy(world)
    world.budget.refresh_from_db()
    assert world.budget.delivered == 2 * AMOUNT
    with pytest.raises(NotAllowed):
        agree(world, decision)


def test_a_second_person_who_says_no_leaves_the_row_open(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    put_in(world, camt([move_of(lines[1]), move_of(lines[0], reference="TRF77")]))
    row = ResultRow.objects.open().get()
    decision = link(world, row, lines[0], Outcome.SETTLED)
    with unchanged(sent):
        desk.answer(decision=decision, agreed=False, by=world.cast.ratna, at=world.tick())
    assert ResultRow.objects.open().get() == row
    link(world, row, lines[0], Outcome.SETTLED)


def test_what_cannot_be_linked(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    odd = move_of(lines[0], amount=AMOUNT - 1)
    back = move_of(lines[2], reference="TRF88", back=True, code="AC04")
    put_in(world, camt([move_of(lines[1]), odd, back]))
    wrong = ResultRow.objects.open().get(quarantine_code="wrong_amount")
    with unchanged(sent):
        with pytest.raises(Refused, match="tidak ditautkan"):
            link(world, wrong, lines[0], Outcome.SETTLED)
        row = ResultRow.objects.open().get(quarantine_code="unknown_reference")
        with pytest.raises(Refused, match="tidak dapat diganti"):
            link(world, row, lines[2], Outcome.SETTLED)
        with pytest.raises(BadInput, match="alasan"):
            link(world, row, lines[2], Outcome.RETURNED, note="")
    agree(world, link(world, row, lines[1], Outcome.RETURNED))
    assert states(sent)[1] == "returned"
    assert LedgerEvent.objects.filter(kind="late_return").count() == 1
    healthy(world)


def test_undoing_a_match_restores_line_and_money(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    before = picture(sent)["budget"]
    put_in(world, camt([move_of(line) for line in lines]))
    assert fresh(sent).state == "settled"
    row = row_of(lines[0], "settled")
    decision = undo(world, row)
    assert decision.done_at is not None
    assert states(sent) == ["unknown"] + ["settled"] * 5
    assert fresh(sent).state == "partly"
    world.budget.refresh_from_db()
    assert world.budget.delivered == 5 * AMOUNT
    assert LedgerEvent.objects.filter(kind="undo_settle").count() == 1
    healthy(world)
    with pytest.raises(Stale):
        undo(world, row)
    # The same word again is not matched by itself any more; two people link it.
    put_in(world, camt([move_of(lines[0])], balances=False), "rk2.xml")
    again = ResultRow.objects.open().get()
    assert again.quarantine_code == "undone"
    agree(world, link(world, again, lines[0], Outcome.SETTLED))
    assert set(states(sent)) == {"settled"}
    assert row_of(lines[0], "settled").round == 1
    healthy(world)
    world.budget.refresh_from_db()
    assert (world.budget.delivered, before["delivered"]) == (6 * AMOUNT, 0)


def test_undoing_returns_gives_the_line_back_as_it_was(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    put_in(world, camt([move_of(lines[0]), move_of(lines[1], back=True, code="AC04")]))
    put_in(world, camt([move_of(lines[0], back=True, code="AC04")]), "rk2.xml")
    assert states(sent)[:2] == ["returned", "returned"]
    case = ReturnCase.objects.get(line=lines[1])
    returns.decide_return(
        case=case, decision=Decision.TREASURY, note="", by=world.cast.tono, at=world.tick()
    )
    undo(world, row_of(lines[0], "returned"))
    undone = undo(world, row_of(lines[1], "returned"))
    assert states(sent)[:2] == ["settled", "unknown"]
    told = Event.objects.get(verb="disbursements.desk_undo", data__decision=undone.pk)
    assert told.data["made"]["case"] == {
        "id": case.pk,
        "reason": "closed",
        "returned_on": case.returned_on.isoformat(),
        "state": "decided",
        "decision": "treasury",
        "decided_by": world.cast.tono.pk,
        "new_account": None,
        "heir": False,
    }
    assert not ReturnCase.objects.exists()
    with pytest.raises(Stale, match="diubah orang lain"):
        returns.decide_return(
            case=case, decision=Decision.TREASURY, note="", by=world.cast.tono, at=world.tick()
        )
    assert DeskDecision.objects.filter(act="undo").count() == 2
    healthy(world)
    with pytest.raises(Stale):
        undo(world, row_of_any(lines[1]))


def row_of_any(line: PaymentLine) -> ResultRow:
    return ResultRow.objects.filter(line=line).latest("pk")


def test_a_match_that_something_was_built_on_stays(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    put_in(world, camt([move_of(lines[0])]))
    put_in(world, camt([move_of(lines[0], back=True, code="AC04")]), "rk2.xml")
    with unchanged(sent), pytest.raises(Refused, match="retur"):
        undo(world, row_of(lines[0], "settled"))
    case = ReturnCase.objects.get()
    returns.decide_return(
        case=case, decision=Decision.TREASURY, note="", by=world.cast.tono, at=world.tick()
    )
    returns.confirm_return(case=case, agreed=True, note="", by=world.cast.ratna, at=world.tick())
    with unchanged(sent), pytest.raises(Refused, match="disahkan"):
        undo(world, row_of(lines[0], "returned"))


def test_after_the_day_is_closed_two_people_take_a_match_back(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    put_in(world, camt([move_of(line) for line in lines] + [FEE]))
    fee = aside(world, ResultRow.objects.open().get(), AsideReason.FEE)
    now = timezone.now()  # the worker goes by its own clock
    day = bank_days.close_day(agency=world.cast.agency, note="", by=world.cast.tono, at=now)
    assert day.figures == {
        "settled": [6, "3000000.00"],
        "aside": 1,
        "open": 0,
        "questions": 0,
    }
    with pytest.raises(Refused, match="sudah ditutup"):
        bank_days.close_day(agency=world.cast.agency, note="", by=world.cast.tono, at=now)
    row = row_of(lines[0], "settled")
    with unchanged(sent):
        decision = undo(world, row)
        opened = desk.undo_aside(decision=fee, note="Cek", by=world.cast.tono, at=world.tick())
    assert decision.done_at is None
    assert not ResultRow.objects.open().exists()
    agree(world, decision)
    agree(world, opened)
    assert states(sent)[0] == "unknown"
    assert ResultRow.objects.open().count() == 1
    healthy(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        BankDay.objects.update(note="x")


def test_a_day_with_a_file_in_hand_is_not_closed(world: World, sent: PayList) -> None:
    data = camt([move_of(line) for line in lines_of(sent)])
    results.upload_statement(data=data, file_name="a", by=world.cast.tono, at=world.tick())
    with pytest.raises(Refused, match="1 berkas"):
        bank_days.close_day(agency=world.cast.agency, note="", by=world.cast.tono, at=world.tick())
    with pytest.raises(NotAllowed):
        bank_days.close_day(agency=world.cast.agency, note="", by=world.cast.budi, at=world.tick())


def test_an_open_row_holds_the_closing_and_the_second_payment(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    rows = [answer_row(lines[0], "GAGAL", "Tidak diambil"), *map(answer_row, lines[1:])]
    world.answer(sent, rows)
    world.answer(fresh(sent), [answer_row(lines[0])], name="lain.csv")
    row = ResultRow.objects.open().get()
    assert (row.quarantine_code, row.line) == ("already_returned", lines[0])
    assert any("karantina" in words for words in closing.identity(sent).obstacles)
    case = ReturnCase.objects.get()
    account = lines[0].person.accounts.get()
    returns.decide_return(
        case=case,
        decision=Decision.FOLLOW_UP,
        note="",
        new_account=account,
        by=world.cast.tono,
        at=world.tick(),
    )
    returns.confirm_return(case=case, agreed=True, note="", by=world.cast.ratna, at=world.tick())
    follow_up = returns.make_follow_up(pay_list=fresh(sent), by=world.cast.budi, at=world.tick())
    with pytest.raises(Refused):
        lists.lock(pay_list=fresh(follow_up), by=world.cast.budi, at=world.tick())
    assert follow_up.hits.get(code="disputed").severity == "block"
    aside(world, row, AsideReason.BANK_CORRECTS)
    locked = lists.lock(pay_list=fresh(follow_up), by=world.cast.budi, at=world.tick())
    assert locked.state == "locked"
    assert closing.identity(sent).quarantined == 0


def test_the_bank_pays_what_we_called_returned(world: World, sent: PayList) -> None:
    """The return is taken back first, then the bank's later word is linked; paid once."""
    lines = lines_of(sent)
    world.answer(sent, [answer_row(lines[0], "GAGAL", "Tutup"), *map(answer_row, lines[1:])])
    world.answer(fresh(sent), [answer_row(lines[0])], name="lain.csv")
    row = ResultRow.objects.open().get()
    with unchanged(sent), pytest.raises(Refused, match="Batalkan dulu"):
        link(world, row, lines[0], Outcome.SETTLED)
    undo(world, row_of(lines[0], "returned"))
    agree(world, link(world, row, lines[0], Outcome.SETTLED))
    assert set(states(sent)) == {"settled"}
    assert fresh(sent).state == "settled"
    healthy(world)


def test_rows_linked_while_an_answer_is_applied_lose_no_line(
    world: World, sent: PayList, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = lines_of(sent)
    result = results.upload_result(
        pay_list=sent,
        data=answer_csv([answer_row(lines[0], reference="TRF77"), *map(answer_row, lines[1:])]),
        file_name="h.csv",
        by=world.cast.tono,
        at=world.tick(),
    )
    monkeypatch.setattr(applying, "CHUNK", 2)
    job = results.apply_result(result=result, by=world.cast.tono, at=world.tick())
    jobs.run_step(job_id=str(job.pk), at=world.tick())
    agree(world, link(world, ResultRow.objects.open().get(), lines[0], Outcome.SETTLED))
    run(job)
    assert set(states(sent)) == {"settled"}
    result.refresh_from_db()
    assert result.counts["settled"] == 5
    assert result.counts["quarantine"] == 1
    healthy(world)


def test_one_bank_row_settles_one_line_whatever_was_taken_back(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    put_in(world, camt([move_of(lines[5]), move_of(lines[0], reference="TRF77")]))
    root = ResultRow.objects.open().get()
    agree(world, link(world, root, lines[0], Outcome.SETTLED))
    first = row_of(lines[0], "settled")
    undo(world, first)
    # Whichever of both is named, the question hangs on the bank's own row.
    asked = link(world, first, lines[1], Outcome.SETTLED)
    assert asked.row == root
    with pytest.raises(Refused, match="orang kedua"):
        link(world, root, lines[2], Outcome.SETTLED)
    agree(world, asked)
    assert row_of(lines[1], "settled").origin == root
    for row in (root, first):
        with unchanged(sent), pytest.raises(Stale):
            link(world, row, lines[2], Outcome.SETTLED)
    assert states(sent) == ["unknown", "settled", *["unknown"] * 3, "settled"]
    healthy(world)


def test_the_database_lets_no_match_go_without_a_record(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    put_in(world, camt([move_of(lines[0]), move_of(lines[1], back=True, code="AC04")]))
    for line, new in ((lines[0], "unknown"), (lines[1], "unknown"), (lines[1], "settled")):
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentLine.objects.filter(pk=line.pk).update(state=new, settled_on="2026-11-22")
    undo(world, row_of(lines[0], "settled"))
    # An old record does not open the door again.
    PaymentLine.objects.filter(pk=lines[0].pk).update(state=LineState.RETURNED)
    values = ResultRow.objects.filter(line=lines[0], state="applied").values().get()
    for old in ("id", "round"):
        values.pop(old)
    for wrong in (0, 2):
        with pytest.raises(IntegrityError), transaction.atomic():
            ResultRow.objects.create(**values | {"row_number": 90, "round": wrong})


def test_a_file_that_names_another_provinces_list_is_no_door_to_it(
    world: World, sent: PayList
) -> None:
    kalt = world.cast.kalt
    kalt.role = "bendahara"
    kalt.save()
    statement = results.upload_statement(
        data=camt([move_of(line) for line in lines_of(sent)]),
        file_name="a",
        by=kalt,
        at=world.tick(),
    )
    assert not statement.shares.exists()
    with unchanged(sent):
        results.apply_statement(statement=statement, by=kalt, at=world.tick())
    codes = set(statement.rows.values_list("quarantine_code", flat=True))
    assert codes == {"unknown_reference"}


def test_the_page_of_a_row_says_that_its_match_was_taken_back(
    world: World, sent: PayList, client: Client
) -> None:
    put_in(world, camt([move_of(line) for line in lines_of(sent)]))
    row = row_of(lines_of(sent)[0], "settled")
    client.force_login(world.cast.tono)
    path = reverse("disbursements:desk_row", args=[row.pk])
    words = client.get(path).content.decode()
    assert "Dipasangkan sendiri" in words
    assert "Padanan dibatalkan" not in words
    undo(world, row)
    words = client.get(path).content.decode()
    assert "Padanan dibatalkan" in words
    assert "tidak mengubah apa pun lagi" in words
    assert "Dipasangkan sendiri" not in words
    assert "Diterapkan" not in words, "what counts no more is not called applied"

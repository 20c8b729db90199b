"""Returns: decided, confirmed by another, paid again or paid back; and the closing of a list."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from bansos.documents.services import read_bytes
from bansos.lib.dates import date_in_words, day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from beneficiaries.models import BankAccount
from beneficiaries.services.people import set_account
from disbursements.choices import Decision, LineState, ListState, ReturnState
from disbursements.models import PayList, ReturnCase
from disbursements.services import closing, lists, returns
from disbursements.services.returns import Heir
from programs.models import ProgrammeVersion
from programs.services.loading import known_fields
from tests.cast import Cast
from tests.factories.disbursements import (
    AMOUNT,
    BANK,
    World,
    answer_row,
    fresh,
    lines_of,
    make_world,
    quick_records,
    run,
    unchanged,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """Four payees."""
    return make_world(cast, people=4)


@pytest.fixture
def main(world: World) -> PayList:
    """One delivered, one account closed, one died, one not collected."""
    row = world.sent()
    lines = lines_of(row)
    world.answer(
        row,
        [
            answer_row(lines[0]),
            answer_row(lines[1], "GAGAL", "Rekening ditutup"),
            answer_row(lines[2], "GAGAL", "Meninggal dunia"),
            answer_row(lines[3], "GAGAL", "Tidak diambil"),
        ],
    )
    return fresh(row)


def case_of(pay_list: PayList, position: int) -> ReturnCase:
    return ReturnCase.objects.get(line__pay_list=pay_list, line__position=position)


def new_account(world: World, case: ReturnCase, number: str = "0099887766") -> BankAccount:
    return set_account(
        person=case.line.person,
        bank_code=BANK,
        number=number,
        holder_name=case.line.person.name,
        by=world.cast.sari,
        at=world.tick(),
    )


HEIR = Heir(
    name="Sutrisno",
    relation="Anak",
    nik="3519010101800001",
    bank_code=BANK,
    number="0088001122",
    letter_number="470/12/2026",
    letter_date="2026-11-20",
)


def decide(world: World, case: ReturnCase, decision: Decision, **more: Any) -> ReturnCase:
    """By the treasurer."""
    return returns.decide_return(
        case=case, decision=decision, note="", by=world.cast.tono, at=world.tick(), **more
    )


def confirm(world: World, case: ReturnCase) -> ReturnCase:
    return returns.confirm_return(
        case=case, agreed=True, note="", by=world.cast.ratna, at=world.tick()
    )


def deposit(world: World, case: ReturnCase, amount: Decimal = AMOUNT) -> ReturnCase:
    return returns.record_sts(
        case=case,
        sts_number=f"STS-{case.pk}",
        sts_date=world.clock.date(),
        amount=amount,
        by=world.cast.tono,
        at=world.tick(),
    )


def test_a_decision_needs_what_it_pays_into(world: World, main: PayList) -> None:
    closed, died = case_of(main, 2), case_of(main, 3)
    with pytest.raises(BadInput):
        decide(world, closed, Decision.FOLLOW_UP)
    own = closed.line.person.accounts.get()
    with pytest.raises(BadInput, match="ditolak bank karena ditutup"):
        decide(world, closed, Decision.FOLLOW_UP, new_account=own)
    stranger = died.line.person.accounts.get()
    with pytest.raises(BadInput):
        decide(world, closed, Decision.FOLLOW_UP, new_account=stranger)
    with pytest.raises(BadInput, match="karena meninggal"):
        decide(world, closed, Decision.HEIR, heir=HEIR)
    with pytest.raises(BadInput, match="Penerima meninggal"):
        decide(world, died, Decision.FOLLOW_UP, new_account=stranger)
    with pytest.raises(BadInput):
        decide(world, died, Decision.HEIR)
    for missing in ("name", "relation", "nik", "number", "letter_number", "letter_date"):
        with pytest.raises(BadInput):
            decide(world, died, Decision.HEIR, heir=Heir(**{**HEIR.__dict__, missing: ""}))
    assert set(ReturnCase.objects.values_list("state", flat=True)) == {ReturnState.OPEN}


@pytest.mark.parametrize(
    ("code", "more", "words"),
    [
        ("KIP", {}, "tidak membayar ahli waris"),
        ("KEMISEM", {"papers": ("death_letter", "bast")}, "dalam KK yang sama"),
        ("PKHPLUS", {"papers": ("heir_letter",)}, "Surat kematian dari desa"),
        ("ASPD", {"papers": ("death_letter", "heir_letter")}, ""),
        ("KEMISEM", {"papers": ("death_letter", "bast"), "same_kk": True}, ""),
    ],
)
def test_an_heir_obeys_the_rule_of_the_programme(
    world: World, main: PayList, code: str, more: dict[str, Any], words: str
) -> None:
    rules = known_fields("35", code)["heir_rules"]
    ProgrammeVersion.objects.filter(pk=world.version.pk).update(heir_rules=rules)
    case, heir = case_of(main, 3), Heir(**{**HEIR.__dict__, **more})
    if not words:
        assert decide(world, case, Decision.HEIR, heir=heir).decision == Decision.HEIR
        return
    with pytest.raises(Refused, match=words) as refused:
        decide(world, case, Decision.HEIR, heir=heir)
    assert rules["article"] in str(refused.value)
    case.refresh_from_db()
    assert case.state == ReturnState.OPEN


def test_a_second_person_confirms_or_opens_again(world: World, main: PayList) -> None:
    case = decide(world, case_of(main, 2), Decision.TREASURY)
    for user in world.cast.users():
        if user != world.cast.ratna:
            with pytest.raises(NotAllowed):
                returns.confirm_return(case=case, agreed=True, note="", by=user, at=world.tick())
    with pytest.raises(BadInput):
        returns.confirm_return(
            case=case, agreed=False, note="", by=world.cast.ratna, at=world.tick()
        )
    returns.confirm_return(
        case=case, agreed=False, note="Cek bank", by=world.cast.ratna, at=world.tick()
    )
    case.refresh_from_db()
    assert (case.state, case.decision) == (ReturnState.OPEN, "")
    decide(world, case, Decision.TREASURY)
    confirm(world, case)
    with pytest.raises(Stale):
        decide(world, case, Decision.TREASURY)
    with pytest.raises(NotAllowed):
        decide_as_checker(world, case)


def decide_as_checker(world: World, case: ReturnCase) -> None:
    returns.decide_return(
        case=case,
        decision=Decision.TREASURY,
        note="",
        by=world.cast.ratna,
        at=world.tick(),
    )


def test_money_goes_back_to_the_treasury_once_and_exactly(world: World, main: PayList) -> None:
    case = case_of(main, 4)
    with pytest.raises(Refused, match="sesudah keputusan"):
        deposit(world, case)
    decide(world, case, Decision.TREASURY)
    with pytest.raises(Refused, match="sesudah keputusan"):
        deposit(world, case)
    confirm(world, case)
    for wrong in (AMOUNT + 1, AMOUNT - 1):
        with unchanged(main), pytest.raises(Refused, match="berbeda dari retur"):
            deposit(world, case, wrong)
    with pytest.raises(BadInput):
        returns.record_sts(
            case=case,
            sts_number="S",
            sts_date=world.clock.date() + timedelta(days=1),
            amount=AMOUNT,
            by=world.cast.tono,
            at=world.tick(),
        )
    deposit(world, case)
    with pytest.raises((Stale, Refused)):
        deposit(world, case)
    world.budget.refresh_from_db()
    assert (world.budget.returned, world.budget.holding) == (AMOUNT, 2 * AMOUNT)
    assert case_of(main, 4).line.state == LineState.PAID_BACK


def test_an_heir_is_chosen_till_the_end_of_the_budget_year(world: World, main: PayList) -> None:
    """Where the rule ends that with the stage: what is open then goes back to kas daerah."""
    rules = {"article": "Juknis", "pays": True, "before_close": True}
    ProgrammeVersion.objects.filter(pk=world.version.pk).update(heir_rules=rules)
    # Half past midnight of 1 January in Jakarta is still the old year by UTC.
    world.clock = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    with pytest.raises(Refused, match="Tahap ini sudah ditutup untuk ahli waris"):
        decide(world, case_of(main, 3), Decision.HEIR, heir=HEIR)
    world.clock = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert decide(world, case_of(main, 3), Decision.HEIR, heir=HEIR).decision == Decision.HEIR
    # A list played after its year, as training does, has no day left within it.
    PayList.objects.filter(pk=main.pk).update(approved_at=datetime(2027, 2, 1, tzinfo=UTC))
    world.clock = datetime(2027, 2, 2, tzinfo=UTC)
    assert decide(world, case_of(main, 3), Decision.HEIR, heir=HEIR).decision == Decision.HEIR


def test_an_heir_of_a_rule_without_an_end_is_chosen_later_too(world: World, main: PayList) -> None:
    world.clock = datetime(2027, 1, 4, tzinfo=UTC)
    assert decide(world, case_of(main, 3), Decision.HEIR, heir=HEIR).decision == Decision.HEIR


def test_an_heir_is_paid_by_a_follow_up_list_without_a_new_reservation(
    world: World, main: PayList
) -> None:
    died = case_of(main, 3)
    decide(world, died, Decision.HEIR, heir=HEIR)
    with pytest.raises(Refused, match="Belum ada retur"):
        returns.make_follow_up(pay_list=main, by=world.cast.budi, at=world.tick())
    confirm(world, died)
    follow_up = returns.make_follow_up(pay_list=main, by=world.cast.budi, at=world.tick())
    with pytest.raises(Refused, match="Belum ada retur"):
        returns.make_follow_up(pay_list=main, by=world.cast.budi, at=world.tick())
    line = lines_of(follow_up)[0]
    assert (line.payee_name, line.account_number) == ("Sutrisno", "0088001122")
    assert line.retransfer_of_id == died.line_id
    assert line.reference != died.line.reference
    world.budget.refresh_from_db()
    before = (world.budget.reserved, world.budget.paid)
    sent = world.sent(follow_up)
    world.budget.refresh_from_db()
    assert (world.budget.reserved, world.budget.paid) == before
    assert (sent.sp2d_number, sent.sp2d_amount) == (main.sp2d_number, None)
    world.answer(sent, [answer_row(lines_of(sent)[0])])
    assert case_of(main, 3).state == ReturnState.DONE
    assert case_of(main, 3).line.state == LineState.REPAID


def test_a_follow_up_that_comes_back_may_be_paid_again(world: World, main: PayList) -> None:
    closed = case_of(main, 2)
    decide(world, closed, Decision.FOLLOW_UP, new_account=new_account(world, closed))
    confirm(world, closed)
    first = world.sent(returns.make_follow_up(pay_list=main, by=world.cast.budi, at=world.tick()))
    world.answer(first, [answer_row(lines_of(first)[0], "GAGAL", "Nama tidak sesuai")])
    again = case_of(first, 1)
    assert case_of(main, 2).state == ReturnState.IN_FOLLOW_UP
    account = new_account(world, again, "0055667788")
    decide(world, again, Decision.FOLLOW_UP, new_account=account)
    confirm(world, again)
    second = world.sent(returns.make_follow_up(pay_list=first, by=world.cast.budi, at=world.tick()))
    assert second.parent_id == main.pk
    world.answer(second, [answer_row(lines_of(second)[0])])
    for case in (case_of(main, 2), case_of(first, 1)):
        assert (case.state, case.line.state) == (ReturnState.DONE, LineState.REPAID)
    assert fresh(first).state == ListState.SETTLED
    world.answer(
        fresh(second), [answer_row(lines_of(second)[0], "RETUR", "Rekening ditutup")], name="t.csv"
    )
    assert case_of(main, 2).line.state == LineState.RETURNED
    last = case_of(second, 1)
    decide(world, last, Decision.TREASURY)
    confirm(world, last)
    deposit(world, last)
    for case in (case_of(main, 2), case_of(first, 1), case_of(second, 1)):
        assert (case.state, case.line.state) == (ReturnState.DONE, LineState.PAID_BACK)
    found = closing.identity(main).total
    assert found.treasury.count == 1
    assert found.gap.amount == 0


def test_a_cancelled_follow_up_gives_its_returns_free(world: World, main: PayList) -> None:
    closed = case_of(main, 2)
    decide(world, closed, Decision.FOLLOW_UP, new_account=new_account(world, closed))
    confirm(world, closed)
    follow_up = returns.make_follow_up(pay_list=main, by=world.cast.budi, at=world.tick())
    lists.cancel(pay_list=follow_up, reason="Salah", by=world.cast.budi, at=world.tick())
    assert case_of(main, 2).state == ReturnState.DECIDED
    again = returns.make_follow_up(pay_list=main, by=world.cast.budi, at=world.tick())
    assert again.count == 1
    lists.exclude(
        pay_list=again,
        niks_or_positions=["1"],
        reason="Cek dulu",
        by=world.cast.budi,
        at=world.tick(),
    )
    assert case_of(main, 2).state == ReturnState.DECIDED
    line = lines_of(again)[0]
    lists.include_again(pay_list=again, line_ids=[line.pk], by=world.cast.budi, at=world.tick())
    assert case_of(main, 2).state == ReturnState.IN_FOLLOW_UP


def test_an_account_closed_in_between_stops_the_follow_up(world: World, main: PayList) -> None:
    closed = case_of(main, 2)
    account = new_account(world, closed)
    decide(world, closed, Decision.FOLLOW_UP, new_account=account)
    confirm(world, closed)
    account.state = "closed"
    account.save()
    follow_up = returns.make_follow_up(pay_list=main, by=world.cast.budi, at=world.tick())
    with pytest.raises(Refused, match="belum lolos"):
        world.locked(follow_up)
    lists.cancel(pay_list=fresh(follow_up), reason="X", by=world.cast.budi, at=world.tick())
    returns.confirm_return(
        case=case_of(main, 2),
        agreed=False,
        note="Rekening ditutup lagi",
        by=world.cast.ratna,
        at=world.tick(),
    )
    assert case_of(main, 2).state == ReturnState.OPEN


def _everything_back(world: World, main: PayList) -> None:
    for position in (2, 3, 4):
        case = decide(world, case_of(main, position), Decision.TREASURY)
        deposit(world, confirm(world, case))


def test_a_list_closes_only_when_nothing_is_open(world: World, main: PayList) -> None:
    with unchanged(main), pytest.raises(Refused, match="Rekonsiliasi belum dapat ditutup"):
        closing.close(pay_list=main, by=world.cast.tono, at=world.tick())
    found = closing.identity(main)
    assert found.total.open.amount == 3 * AMOUNT
    assert found.total.returned.count == 3
    assert not found.is_even
    _everything_back(world, main)
    main = fresh(main)
    assert closing.identity(main).is_even
    job = closing.close(pay_list=main, by=world.cast.tono, at=world.tick())
    with quick_records():
        run(job)
    row = fresh(main).reconciliation
    assert (row.sp2d_amount, row.settled_amount) == (4 * AMOUNT, AMOUNT)
    assert (row.repaid_amount, row.treasury_amount) == (0, 3 * AMOUNT)
    assert sum(Decimal(figures["treasury"][1]) for figures in row.figures) == 3 * AMOUNT
    with pytest.raises(Refused):
        world.answer(fresh(main), [answer_row(lines_of(main)[0], "GAGAL", "Pindah")])


def test_the_identity_is_even_by_district_too(world: World, main: PayList) -> None:
    found = closing.identity(main)
    names = [row.name for row in found.districts]
    assert names == ["Kebonsari", "Dolopo"]
    for row in (*found.districts, found.total):
        assert (row.gap.count, row.gap.amount) == (0, 0)
    assert sum(row.sp2d.count for row in found.districts) == found.total.sp2d.count == 4
    assert found.bank_settled.amount == found.total.settled.amount


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_both_records_say_the_figures_in_words(world: World, main: PayList) -> None:
    _everything_back(world, main)
    run(closing.close(pay_list=fresh(main), by=world.cast.tono, at=world.tick()))
    row = fresh(main).reconciliation
    assert row.record
    assert row.return_record
    first, second = text_of(read_bytes(row.record)), text_of(read_bytes(row.return_record))
    assert "BERITA ACARA REKONSILIASI" in first.upper()
    assert "dua juta rupiah" in first
    assert date_in_words(day_of(row.closed_at)) in first
    assert "Kebonsari" in first
    assert "Rp1.500.000" in second
    assert "STS-" in second
    assert row.record.number.startswith("BA-REK/0001/")

"""Cash over the counter: paid once, whole, into the right hand; what nobody took comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from bansos.documents.models import Document
from bansos.jobs.models import Job
from bansos.lib.crypto import open_bytes
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from beneficiaries.models import Person
from disbursements.choices import Decision, LineState
from disbursements.models import (
    CashCounter,
    CashReceipt,
    CashRegister,
    LedgerEvent,
    PaymentLine,
    ReturnCase,
)
from disbursements.services import bank, bank_days, closing, desk, results, returns
from disbursements.services.cash import corrections, counters, paying, registers
from disbursements.services.cash.paying import Proof
from disbursements.services.returns import Heir
from programs.models import ProxyGrant
from tests.access_benefits import PNG
from tests.cast import Cast
from tests.disbursements.test_returns import HEIR, confirm, decide
from tests.factories.books import breaches
from tests.factories.cash import (
    cash_books,
    cash_world,
    opened,
    paid,
    register_row,
    taken,
    today,
)
from tests.factories.disbursements import (
    AMOUNT,
    World,
    answer_csv,
    answer_row,
    fresh,
    lines_of,
    quick_letters,
    quick_records,
    run,
    unchanged,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    return cash_world(cast)


@pytest.fixture
def counter(world: World) -> CashCounter:
    return opened(world)


def line_at(counter: CashCounter, place: int) -> PaymentLine:
    return lines_of(counter.pay_list)[place]


def healthy(world: World) -> None:
    """Nothing is wrong with the money; jobs and seals are not run here."""
    found = breaches(world.clock)
    assert [words for words in found if not words.startswith(("I9", "I12 kejadian"))] == []


def test_a_counter_opens_after_the_sp2d_and_only_for_cash(world: World) -> None:
    approved = world.approved(world.drawn())
    day = today(world)
    values: dict[str, Any] = {"place": "Balai", "opens_on": day, "closes_on": day}

    def attempt(**more: Any) -> CashCounter:
        named = values | {"by": world.cast.budi, "at": world.tick()} | more
        return counters.open_counter(pay_list=fresh(approved), **named)

    with pytest.raises(Stale, match="sesudah SP2D"):
        attempt()
    with pytest.raises(Stale):
        world.with_sp2d(approved)
    row = returns_sp2d(world, approved)
    with pytest.raises(BadInput, match="tempat"):
        attempt(place=" ")
    with pytest.raises(BadInput, match="sebelum tanggal SP2D"):
        attempt(opens_on=day - timedelta(days=1))
    with pytest.raises(BadInput, match="sebelum tanggal buka"):
        attempt(closes_on=day - timedelta(days=1))
    with pytest.raises(NotAllowed):
        attempt(by=world.cast.sari)
    made = attempt()
    assert fresh(row).state == "sent"
    assert {line.state for line in lines_of(row)} == {"submitted"}
    with pytest.raises(Stale):
        attempt()
    with pytest.raises(Refused, match="tunai"):
        bank.make_files(pay_list=fresh(row), by=world.cast.budi, at=world.tick())
    assert made.receipts.count() == 0
    healthy(world)


def returns_sp2d(world: World, row: Any) -> Any:
    from disbursements.services import lists

    return lists.record_sp2d(
        pay_list=fresh(row),
        spm_number="SPM-1",
        sp2d_number="SP2D-1",
        sp2d_date=today(world),
        amount=row.total,
        by=world.cast.tono,
        at=world.tick(),
    )


def test_a_payment_is_recorded_once_with_its_proof(world: World, counter: CashCounter) -> None:
    line = line_at(counter, 0)
    receipt = paid(world, counter, line, by=world.cast.sari)
    assert (receipt.receiver_name, receipt.amount) == (line.payee_name, AMOUNT)
    line = line_at(counter, 0)
    assert (line.state, line.settled_on) == (LineState.SETTLED, today(world))
    assert bytes(receipt.photo or b"") != PNG
    found = paying.open_proof(receipt=receipt, which="foto", by=world.cast.aud, at=world.tick())
    assert found == ("image/png", PNG)
    with unchanged(counter.pay_list), pytest.raises(Stale, match="sudah tersalur"):
        paid(world, counter, line)
    with pytest.raises(IntegrityError), transaction.atomic():
        CashReceipt.objects.create(
            **{
                name: getattr(receipt, name)
                for name in (
                    *("line", "counter", "area_code", "amount", "paid_on", "taker"),
                    *("receiver_name", "mark", "photo", "recorded_at", "recorded_by"),
                )
            }
        )
    world.budget.refresh_from_db()
    assert world.budget.delivered == AMOUNT
    healthy(world)


def test_what_the_counter_refuses(world: World, counter: CashCounter) -> None:
    line = line_at(counter, 0)
    with unchanged(counter.pay_list):
        for amount in (AMOUNT - 1, AMOUNT + 1):
            with pytest.raises(Refused, match="Bayar utuh"):
                paid(world, counter, line, amount=amount)
        for days in (-1, 1):
            with pytest.raises(BadInput, match="Tanggal bayar"):
                paid(world, counter, line, paid_on=today(world) + timedelta(days=days))
        with pytest.raises(BadInput, match="wajib ada"):
            paid(world, counter, line, proof=Proof())
        with pytest.raises(BadInput, match="JPEG"):
            paid(world, counter, line, proof=Proof(photo=b"MZ program"))
        with pytest.raises(BadInput, match="surat kuasa"):
            paid(world, counter, line, by_proxy=True)
        for user in (world.cast.budi, world.cast.ratna, world.cast.aud):
            with pytest.raises(NotAllowed):
                paid(world, counter, line, by=user)
        Person.objects.filter(pk=line.person_id).update(died_on=today(world))
        with pytest.raises(Refused, match="meninggal"):
            paid(world, counter, line)
    assert not CashReceipt.objects.exists()


def test_who_drew_up_the_list_does_not_pay_it(world: World, counter: CashCounter) -> None:
    type(world.cast.budi).objects.filter(pk=world.cast.budi.pk).update(role="bendahara")
    world.cast.budi.refresh_from_db()
    with pytest.raises(NotAllowed, match="ikut menyusun"):
        paid(world, counter, line_at(counter, 0), by=world.cast.budi)


def test_a_proxy_takes_it_by_the_letter_of_the_day(world: World, counter: CashCounter) -> None:
    line, day = line_at(counter, 0), today(world)
    grant = ProxyGrant.objects.create(
        enrolment=line.enrolment,
        area_code=line.area_code,
        who="family",
        name="Siti Aminah",
        nik="3519014108800007",
        letter_number="SK/1",
        letter_date=day,
        reason="Sakit",
        article="Juknis",
        valid_from=day + timedelta(days=1),
        valid_until=day + timedelta(days=2),
        made_at=world.clock,
        made_by=world.cast.sari,
    )
    with pytest.raises(BadInput, match="surat kuasa"):
        paid(world, counter, line, by_proxy=True)
    ProxyGrant.objects.filter(pk=grant.pk).update(valid_from=day)
    receipt = paid(world, counter, line, by_proxy=True, mark="thumb")
    assert (receipt.receiver_name, receipt.taker, receipt.proxy) == ("Siti Aminah", "proxy", grant)
    healthy(world)


def test_a_wrong_record_is_taken_back_by_another_person(world: World, counter: CashCounter) -> None:
    line = line_at(counter, 0)
    receipt = paid(world, counter, line)
    for user in (world.cast.tono, world.cast.sari):
        with pytest.raises(NotAllowed):
            paying.undo(receipt=receipt, reason="Salah", by=user, at=world.tick())
    with pytest.raises(BadInput):
        paying.undo(receipt=receipt, reason=" ", by=world.cast.ratna, at=world.tick())
    # No state goes back without its record, and a receipt does not change.
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.filter(pk=line.pk).update(state="unknown", settled_on=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        CashReceipt.objects.filter(pk=receipt.pk).update(paid_on=today(world) - timedelta(days=1))
    paying.undo(receipt=receipt, reason="Salah orang", by=world.cast.ratna, at=world.tick())
    world.budget.refresh_from_db()
    assert (line_at(counter, 0).state, world.budget.delivered) == ("unknown", 0)
    with pytest.raises(NotAllowed, match="sudah dibatalkan"):
        paying.undo(receipt=receipt, reason="Lagi", by=world.cast.ratna, at=world.tick())
    healthy(world)
    paid(world, counter, line)
    healthy(world)


def test_cash_is_delivered_by_a_receipt_and_nothing_else(
    world: World, counter: CashCounter
) -> None:
    line, row = line_at(counter, 0), counter.pay_list
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.filter(pk=line.pk).update(state="settled", settled_on=today(world))
    with pytest.raises(Refused, match="loket"):
        results.upload_result(
            pay_list=row,
            data=answer_csv([answer_row(line)]),
            file_name="h.csv",
            by=world.cast.tono,
            at=world.tick(),
        )
    with pytest.raises(Refused, match="tunai di loket"):
        desk._fits(_bank_row(line), line, desk.Outcome.SETTLED, world.cast.tono)


def _bank_row(line: PaymentLine) -> Any:
    from disbursements.models import ResultRow

    return ResultRow(amount=line.amount, outcome="settled", currency="IDR")


def test_a_signed_register_is_recorded_whole_or_not_at_all(
    world: World, counter: CashCounter
) -> None:
    first, second, third, fourth = lines_of(counter.pay_list)
    row = register_row
    wrong = [
        row(world, first),
        row(world, second, amount="1"),
        row(world, third, taker="Tetangga"),
        row(world, first),
        row(world, fourth, reference="D999999999999999"),
        row(world, fourth, amount=""),
    ]
    with unchanged(counter.pay_list), pytest.raises(Refused) as refused:
        taken(world, counter, wrong)
    words = str(refused.value)
    assert "5 baris belum benar" in words
    for part in (
        "Bayar utuh",
        "Sendiri atau Kuasa",
        "dua kali",
        "tidak ada di daftar",
        "Isi jumlah",
    ):
        assert part in words
    with pytest.raises(BadInput, match="wajib ada"):
        taken(world, counter, [row(world, first)], pages=b"")
    blank = (fourth.reference, "", "", "", "")
    rows = [row(world, first), row(world, second), blank]
    register = taken(world, counter, rows)
    assert (register.count, register.total) == (2, 2 * AMOUNT)
    assert taken(world, counter, rows) == register
    assert LedgerEvent.objects.filter(subject_type="disbursements.cashregister").count() == 1
    with pytest.raises(BadInput, match="Tidak ada pembayaran baru"):
        taken(world, counter, [row(world, second), row(world, first)])
    # The register grows: what is in is passed over, a known row with another amount is not.
    with pytest.raises(Refused, match="sudah tersalur"):
        taken(world, counter, [row(world, first, amount="400000"), row(world, third)])
    more = taken(world, counter, [*rows, row(world, third, mark="Tanda tangan")])
    assert (more.count, CashRegister.objects.count()) == (1, 2)
    assert [line.state for line in lines_of(counter.pay_list)] == ["settled"] * 3 + ["submitted"]
    pages = registers.open_pages(register=more, by=world.cast.aud, at=world.tick())
    assert pages == ("image/png", PNG)
    healthy(world)


def test_a_register_that_comes_again_never_pays_what_was_taken_back(
    world: World, counter: CashCounter
) -> None:
    first, second, _third, _fourth = lines_of(counter.pay_list)
    rows = [register_row(world, first)]
    register = taken(world, counter, rows)
    with unchanged(counter.pay_list), pytest.raises(Refused, match="pindaian lain"):
        taken(world, counter, rows, pages=PNG + b" lebih jelas")
    receipt = register.receipts.get()
    paying.undo(receipt=receipt, reason="Salah orang", by=world.cast.ratna, at=world.tick())
    grown = [*rows, register_row(world, second)]
    with unchanged(counter.pay_list), pytest.raises(Refused, match=r"Baris 2: .*pernah dibatalkan"):
        taken(world, counter, grown)
    paid(world, counter, first)
    assert taken(world, counter, grown).count == 1, "paid again by hand: passed over"
    healthy(world)


def test_the_closing_of_the_day_counts_what_was_paid_and_taken_back(
    world: World, counter: CashCounter, client: Client
) -> None:
    first, second, *_others = lines_of(counter.pay_list)
    kept, wrong = paid(world, counter, first), paid(world, counter, second)
    at = world.tick()
    client.force_login(world.cast.tono)
    today = bank_days.figures(world.cast.agency, at)
    with patch.object(bank_days, "figures", return_value=today):
        words = client.get(reverse("disbursements:close_day")).content.decode()
    assert "2 baris, Rp1.000.000" in words
    day = bank_days.close_day(agency=world.cast.agency, note="", by=world.cast.tono, at=at)
    assert day.figures["cash"] == [2, str(kept.amount + wrong.amount)]
    assert "cash_undone" not in day.figures
    # After the closing it stands in the figures of the next day, not silently in the old ones.
    asked = corrections.ask(
        receipt=wrong, reason="Salah orang", by=world.cast.ratna, at=world.tick()
    )
    corrections.answer(correction=asked, agreed=True, by=world.cast.hadi, at=world.tick())
    found = bank_days.figures(world.cast.agency, world.tick())
    assert found["cash_undone"] == [1, str(wrong.amount)]
    assert "cash" not in found


def test_the_page_says_that_a_register_was_there(
    world: World, counter: CashCounter, client: Client
) -> None:
    register = taken(world, counter, [register_row(world, line_at(counter, 0))])
    table = open_bytes(bytes(register.sealed_table), context=registers.TABLE)
    client.force_login(world.cast.sari)
    files = {
        "table": SimpleUploadedFile("daftar.csv", table, content_type="text/csv"),
        "pages": SimpleUploadedFile("hal.png", PNG, content_type="image/png"),
    }
    page = reverse("disbursements:counter_register", args=[counter.pk])
    words = client.post(page, files, follow=True).content.decode()
    assert "sudah pernah diunggah" in words
    assert "pembayaran dicatat" not in words


def test_what_nobody_took_comes_back_and_the_list_is_closed_even(world: World) -> None:
    counter = cash_books(world)
    row = fresh(counter.pay_list)
    assert (row.state, line_at(counter, 3).state) == ("partly", "returned")
    case = ReturnCase.objects.get()
    assert (case.reason, case.amount, case.state) == ("uncollected", AMOUNT, "open")
    for act in (
        lambda: paid(world, counter, line_at(counter, 3)),
        lambda: taken(world, counter, [register_row(world, line_at(counter, 3))]),
        lambda: counters.close_counter(counter=counter, by=world.cast.tono, at=world.tick()),
    ):
        with unchanged(row), pytest.raises(Stale, match="sudah ditutup"):
            act()
    live = CashReceipt.objects.filter(undone_at=None).earliest("pk")
    with pytest.raises(Stale):
        paying.undo(receipt=live, reason="Salah", by=world.cast.ratna, at=world.tick())
    with pytest.raises(Refused, match="belum dapat ditutup"):
        closing.close(pay_list=row, by=world.cast.tono, at=world.tick())
    decide(world, case, Decision.TREASURY)
    confirm(world, case)
    returns.record_sts(
        case=case,
        sts_number="STS-1",
        sts_date=case.returned_on,
        amount=AMOUNT,
        by=world.cast.tono,
        at=world.tick(),
    )
    found = closing.identity(row)
    assert (found.is_even, found.bank_settled.amount) == (True, 3 * AMOUNT)
    with quick_records():
        run(closing.close(pay_list=fresh(row), by=world.cast.tono, at=world.tick()))
    assert fresh(row).state == "closed"
    healthy(world)


def test_who_did_not_come_is_paid_at_the_next_counter_without_an_account(world: World) -> None:
    counter = opened(world)
    lines = lines_of(counter.pay_list)
    for line in lines[:2]:
        paid(world, counter, line)
    Person.objects.filter(pk=lines[3].person_id).update(died_on=today(world))
    counters.close_counter(counter=counter, by=world.cast.tono, at=world.tick())
    absent, dead = ReturnCase.objects.order_by("line__position")
    assert (absent.reason, dead.reason) == ("uncollected", "died")
    decide(world, absent, Decision.FOLLOW_UP)
    with pytest.raises(BadInput, match="ahli waris"):
        decide(world, dead, Decision.FOLLOW_UP)
    heir = Heir(**{**HEIR.__dict__, "bank_code": "", "number": ""})
    decide(world, dead, Decision.HEIR, heir=heir)
    for case in (absent, dead):
        confirm(world, case)
    again = returns.make_follow_up(pay_list=counter.pay_list, by=world.cast.budi, at=world.tick())
    assert {(line.rail, line.account_index) for line in lines_of(again)} == {("cash", None)}
    second = opened(world, again)
    for line in lines_of(again):
        paid(world, second, line)
    assert CashReceipt.objects.latest("pk").receiver_name == "Sutrisno"
    assert [line.state for line in lines_of(counter.pay_list)] == ["settled"] * 2 + ["repaid"] * 2
    assert closing.identity(counter.pay_list).is_even
    healthy(world)


def test_register_and_kuitansi_are_made_with_the_opening(
    world: World, counter: CashCounter
) -> None:
    from bansos.jobs.models import Job

    with quick_letters():
        run(Job.objects.filter(kind="disbursements.stage_papers").latest("created_at"))
    kinds = sorted(Document.objects.values_list("kind", flat=True))
    assert kinds == [
        "disbursements.cash_register",
        "disbursements.cash_register_xlsx",
        "disbursements.receipts",
        "disbursements.receipts",
    ]


def test_the_counter_says_when_the_making_of_its_papers_stopped(
    world: World, client: Client
) -> None:
    counter = opened(world)
    path = reverse("disbursements:counter", args=[counter.pk])
    client.force_login(world.cast.sari)
    assert "Daftar dan kuitansi sedang dibuat." in client.get(path).content.decode()
    Job.objects.open().update(state="failed", finished_at=world.clock)
    assert "pembuatannya berhenti" in client.get(path).content.decode()


def test_what_is_no_picture_is_told_at_its_field(world: World, counter: CashCounter) -> None:
    line = lines_of(counter.pay_list)[0]
    for content in (b"hello", b"%PDF-1.7 x"):
        with pytest.raises(BadInput, match="harus gambar JPEG atau PNG") as refused:
            paid(world, counter, line, proof=Proof(photo=content))
        assert refused.value.code == "CASH-PICTURE"
    with pytest.raises(BadInput, match="Pindaian harus foto JPEG atau PNG, atau PDF") as refused:
        taken(world, counter, [register_row(world, line)], pages=b"hello")
    assert set(refused.value.fields or {}) == {"pages"}
    assert not CashReceipt.objects.exists()


def test_a_counter_waits_for_no_file_of_a_bank(
    world: World, counter: CashCounter, client: Client
) -> None:
    client.force_login(world.cast.tono)
    words = client.get(reverse("disbursements:results")).content.decode()
    assert counter.pay_list.number not in words
    assert "Menunggu hasil dari bank" not in words

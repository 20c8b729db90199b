"""One slip for many returns, and papers recorded wrongly: taken back by two, never erased."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bansos.audit.queries import timeline_of
from bansos.audit.services import record
from bansos.jobs import services as jobs
from bansos.lib.errors import BadInput, NotAllowed, Refused
from beneficiaries.services.people import set_account
from disbursements.choices import Decision
from disbursements.models import (
    BankFile,
    Correction,
    LayoutFile,
    LedgerEvent,
    PayList,
    ReturnCase,
    Sts,
    StsLine,
)
from disbursements.services import (
    acting,
    bank,
    corrections,
    deposits,
    layouts,
    lists,
    moves,
    returns,
)
from monitoring.queries.duties import heaps_for
from programs.models import Programme
from tests.cast import Cast
from tests.factories.books import breaches
from tests.factories.channels import make_layout
from tests.factories.disbursements import (
    AMOUNT,
    BANK,
    World,
    answer_row,
    fresh,
    lines_of,
    make_world,
    quick_letters,
    run,
    unchanged,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """Five payees."""
    return make_world(cast, people=5)


def sound(world: World) -> None:
    """Nothing is wrong with the money; jobs and seals are not run here."""
    found = breaches(world.clock)
    assert [words for words in found if not words.startswith(("I9", "I12"))] == []


def returned(world: World, count: int) -> list[ReturnCase]:
    """So many returns of one list, decided to go back to kas daerah and confirmed."""
    sent = world.sent()
    lines = lines_of(sent)
    back = [answer_row(line, "GAGAL", "Pindah") for line in lines[:count]]
    world.answer(sent, [*back, *map(answer_row, lines[count:])])
    for case in ReturnCase.objects.all():
        returns.decide_return(
            case=case, decision=Decision.TREASURY, note="", by=world.cast.tono, at=world.tick()
        )
        returns.confirm_return(
            case=case, agreed=True, note="", by=world.cast.ratna, at=world.tick()
        )
    world.clock = max(world.clock, ReturnCase.objects.latest("pk").line.pay_list.sent_at)
    return list(ReturnCase.objects.order_by("pk"))


def deposit(world: World, cases: list[ReturnCase], number: str = "STS-1", **odd: Decimal) -> Sts:
    total = odd.get("total", sum((case.amount for case in cases), Decimal(0)))
    day = max(case.returned_on for case in cases)
    world.clock = max(world.clock, world.clock.replace(hour=12) + timedelta(days=1))
    return deposits.record_deposit(
        amounts={case.pk: odd.get("each", case.amount) for case in cases},
        number=number,
        on=day,
        total=total,
        by=world.cast.tono,
        at=world.tick(),
    )


def test_one_slip_covers_many_returns(world: World) -> None:
    cases = returned(world, 3)
    slip = deposit(world, cases)
    assert (slip.amount, slip.lines.count()) == (3 * AMOUNT, 3)
    world.budget.refresh_from_db()
    assert (world.budget.returned, world.budget.holding) == (3 * AMOUNT, 0)
    assert set(ReturnCase.objects.values_list("state", "sts_number")) == {("done", "STS-1")}
    assert fresh(cases[0].line.pay_list).state == "settled"
    sound(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        StsLine.objects.update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sts.objects.update(amount=1)


def test_a_refund_larger_or_smaller_than_the_return_is_refused(world: World) -> None:
    cases = returned(world, 2)
    pay_list: PayList = cases[0].line.pay_list
    with unchanged(pay_list):
        for odd in (AMOUNT + 1, AMOUNT - 1):
            with pytest.raises(Refused, match="berbeda"):
                deposit(world, cases, each=odd, total=2 * odd)
        with pytest.raises(Refused, match="Jumlah pada STS"):
            deposit(world, cases, total=3 * AMOUNT)
        with pytest.raises(BadInput):
            deposit(world, cases, number=" ")
    assert not Sts.objects.exists()
    deposit(world, cases[:1])
    with pytest.raises(Refused, match="Nomor STS"):
        deposit(world, cases[1:])


def test_a_wrong_slip_is_taken_back_by_a_second_person(world: World) -> None:
    cases = returned(world, 2)
    slip = deposit(world, cases)
    asked = corrections.ask_sts(slip=slip, reason="Salah", by=world.cast.tono, at=world.tick())
    with pytest.raises(NotAllowed):
        corrections.answer(correction=asked, agreed=True, by=world.cast.tono, at=world.tick())
    with pytest.raises(Refused, match="sudah diajukan"):
        corrections.ask_sts(slip=slip, reason="Lagi", by=world.cast.tono, at=world.tick())
    corrections.answer(correction=asked, agreed=True, by=world.cast.ratna, at=world.tick())
    world.budget.refresh_from_db()
    assert (world.budget.returned, world.budget.holding) == (0, 2 * AMOUNT)
    undone = LedgerEvent.objects.filter(kind="undo_pay_back")
    assert undone.count() == undone.filter(reverses__kind="pay_back").count() == 2
    assert set(ReturnCase.objects.values_list("state", "sts_number")) == {("decided", "")}
    assert {case.line.state for case in ReturnCase.objects.all()} == {"returned"}
    sound(world)
    again = deposit(world, list(ReturnCase.objects.order_by("pk")))
    assert again.pk != slip.pk
    sound(world)


def test_a_wrong_sp2d_is_taken_back_before_bank_files(world: World) -> None:
    pay_list = world.with_sp2d()
    asked = corrections.ask_sp2d(
        pay_list=pay_list, reason="Milik daftar lain", by=world.cast.tono, at=world.tick()
    )
    with unchanged(pay_list), pytest.raises(NotAllowed):
        corrections.answer(correction=asked, agreed=True, by=world.cast.tono, at=world.tick())
    corrections.answer(correction=asked, agreed=True, by=world.cast.ratna, at=world.tick())
    row = fresh(pay_list)
    assert (row.state, row.sp2d_number, row.sp2d_amount) == ("approved", "", None)
    world.budget.refresh_from_db()
    assert (world.budget.paid, world.budget.reserved) == (0, 5 * AMOUNT)
    sound(world)
    row = lists.record_sp2d(
        pay_list=row,
        spm_number="SPM-2",
        sp2d_number="SP2D-2",
        sp2d_date=world.clock.date(),
        amount=row.total,
        by=world.cast.tono,
        at=world.tick(),
    )
    world.budget.refresh_from_db()
    assert (row.state, world.budget.paid) == ("sp2d", 5 * AMOUNT)
    sound(world)


def waiting_for(user: Any) -> dict[str, str]:
    """Corrections on the user's home page: the heap and its first link."""
    heaps = [heap for heap in heaps_for(user) if heap.key.endswith("_corrections")]
    return {heap.key: heap.pieces[0].href for heap in heaps}


def test_home_tells_the_second_person_of_a_correction(world: World) -> None:
    cases = returned(world, 1)
    slip = deposit(world, cases)
    asked = corrections.ask_sts(slip=slip, reason="Salah", by=world.cast.tono, at=world.tick())
    path = reverse("disbursements:deposit", args=[slip.pk])
    assert waiting_for(world.cast.ratna) == {"sts_corrections": path}
    assert waiting_for(world.cast.tono) == waiting_for(world.cast.hadi) == {}
    corrections.answer(correction=asked, agreed=False, by=world.cast.ratna, at=world.tick())
    pay_list = slip.lines.get().line.pay_list
    asked_for(world, pay_list, "SP2D-7")
    path = reverse("disbursements:sp2d_correct", args=[pay_list.pk])
    assert waiting_for(world.cast.ratna) == {"sp2d_corrections": path}


def test_the_history_says_what_the_second_person_answered(world: World) -> None:
    cases = returned(world, 2)
    slip = deposit(world, cases)
    for agreed in (False, True):
        asked = corrections.ask_sts(slip=slip, reason="Salah", by=world.cast.tono, at=world.tick())
        corrections.answer(correction=asked, agreed=agreed, by=world.cast.ratna, at=world.tick())
    told = [row.title for row in timeline_of(slip)]
    asked_words = "Koreksi diajukan"
    answers = [words for words in told if words.startswith("Koreksi ") and words != asked_words]
    assert answers == ["Koreksi disahkan", "Koreksi ditolak"]
    record(verb="disbursements.answer_correction", by=None, at=world.tick(), target=slip)
    assert timeline_of(slip)[0].title == "Koreksi dijawab orang kedua", "one that says not which"


def test_nobody_asks_to_correct_an_sp2d_while_a_worker_has_its_list(
    world: World, settings: Any
) -> None:
    """The worker holds the list as long as it works: who asks is told so at once."""
    pay_list = world.with_sp2d()
    settings.LONG_LIST_LINES = 1
    with quick_letters():
        run(bank.make_files(pay_list=pay_list, by=world.cast.budi, at=world.tick()))
    job = acting.act(name="send", pay_list=fresh(pay_list), by=world.cast.budi, at=world.tick())
    assert job is not None
    held = AssertionError("waits for the worker")
    with (
        patch.object(moves, "lock_row", side_effect=held),
        pytest.raises(Refused, match="sedang dikerjakan di latar"),
    ):
        asked_for(world, pay_list, "SP2D-7")
    run(job)
    assert asked_for(world, pay_list, "SP2D-7").pay_list == pay_list


def test_no_file_for_the_bank_is_made_after_the_sp2d_was_taken_back(world: World) -> None:
    pay_list = world.with_sp2d()
    bank.make_files(pay_list=pay_list, by=world.cast.budi, at=world.tick())
    make_layout(world.cast)
    asked = corrections.ask_sp2d(
        pay_list=pay_list, reason="Milik daftar lain", by=world.cast.tono, at=world.tick()
    )
    corrections.answer(correction=asked, agreed=True, by=world.cast.ratna, at=world.tick())
    row = fresh(pay_list)
    assert (row.state, row.execution_on) == ("approved", None)
    with pytest.raises(Refused, match="sesudah SP2D"):
        bank.file_step(pay_list=row, place=0, by=world.cast.budi, at=world.tick())
    with pytest.raises(Refused, match="sesudah SP2D"):
        layouts.file_step(pay_list=row, by=world.cast.budi, at=world.tick())


def test_a_file_in_a_bank_s_own_layout_keeps_the_sp2d_too(world: World) -> None:
    pay_list = world.with_sp2d()
    make_layout(world.cast)
    asked = corrections.ask_sp2d(
        pay_list=pay_list, reason="Milik daftar lain", by=world.cast.tono, at=world.tick()
    )
    layouts.file_step(pay_list=pay_list, by=world.cast.budi, at=world.tick())
    with unchanged(pay_list), pytest.raises(Refused, match="Berkas bank"):
        corrections.answer(correction=asked, agreed=True, by=world.cast.ratna, at=world.tick())


def test_no_door_gives_a_file_for_the_bank_without_its_sp2d(world: World, client: Client) -> None:
    pay_list = world.with_sp2d()
    make_layout(world.cast)
    layouts.file_step(pay_list=pay_list, by=world.cast.budi, at=world.tick())
    bank.file_step(pay_list=pay_list, place=1, by=world.cast.budi, at=world.tick())
    made, file = LayoutFile.objects.get(), BankFile.objects.get()
    client.force_login(world.cast.budi)
    doors = [reverse("documents:file", args=[row.document_id]) for row in (made, file)]
    assert [client.get(door).status_code for door in doors] == [200, 200]
    gone = {name: value for name, value in corrections.CLEARED.items() if name != "execution_on"}
    PayList.objects.filter(pk=pay_list.pk).update(state="approved", **gone)
    for door in doors:
        refused = client.get(door)
        assert (refused.status_code, "tidak diserahkan" in refused.content.decode()) == (409, True)
    with pytest.raises(Refused, match="tidak diserahkan"):
        layouts.hand_out(file=made, by=world.cast.budi, at=world.tick())
    with pytest.raises(Refused, match="tidak diserahkan"):
        bank.hand_out(file=file, by=world.cast.budi, at=world.tick())


def test_with_bank_files_only_the_papers_numbers_are_corrected(world: World) -> None:
    pay_list = world.with_sp2d()
    with quick_letters():
        run(bank.make_files(pay_list=pay_list, by=world.cast.budi, at=world.tick()))
    with unchanged(pay_list), pytest.raises(Refused, match="Berkas bank"):
        corrections.ask_sp2d(pay_list=pay_list, reason="Salah", by=world.cast.tono, at=world.tick())
    asked = asked_for(world, pay_list, "SP2D-7")
    events = LedgerEvent.objects.count()
    corrections.answer(correction=asked, agreed=True, by=world.cast.ratna, at=world.tick())
    row = fresh(pay_list)
    assert (row.state, row.sp2d_number, row.sp2d_amount) == ("sp2d", "SP2D-7", 5 * AMOUNT)
    assert asked.old["sp2d_number"] == "SP2D-1"
    assert LedgerEvent.objects.count() == events


def asked_for(world: World, pay_list: PayList, number: str) -> Correction:
    """Another number of the paper, asked by the treasurer."""
    return corrections.ask_sp2d(
        pay_list=pay_list,
        reason="Salah ketik",
        spm_number=f"SPM-{number}",
        sp2d_number=number,
        sp2d_date=world.clock.date(),
        by=world.cast.tono,
        at=world.tick(),
    )


def corrected(world: World, pay_list: PayList, number: str) -> Correction:
    """Agreed by the head of section."""
    asked = asked_for(world, pay_list, number)
    return corrections.answer(correction=asked, agreed=True, by=world.cast.ratna, at=world.tick())


def test_a_corrected_number_is_free_in_the_whole_agency_and_year(world: World) -> None:
    world.with_sp2d(number="SP2D-7")
    Programme.objects.update(code="LAIN")
    other = make_world(world.cast, people=2)
    other.clock = world.clock
    pay_list = other.with_sp2d(number="SP2D-8")
    with unchanged(pay_list), pytest.raises(Refused, match="pada daftar lain"):
        corrected(other, pay_list, "SP2D-7")


def family(world: World) -> tuple[PayList, PayList]:
    """A list whose bank sent one payment back, and the approved follow-up that pays it again."""
    sent = world.sent()
    lines = lines_of(sent)
    world.answer(sent, [*map(answer_row, lines[1:]), answer_row(lines[0], "GAGAL", "Pindah")])
    case = ReturnCase.objects.get()
    returns.decide_return(
        case=case,
        decision=Decision.FOLLOW_UP,
        note="",
        new_account=set_account(
            person=case.line.person,
            bank_code=BANK,
            number="0099887766",
            holder_name=case.line.person.name,
            by=world.cast.sari,
            at=world.tick(),
        ),
        by=world.cast.tono,
        at=world.tick(),
    )
    returns.confirm_return(case=case, agreed=True, note="", by=world.cast.ratna, at=world.tick())
    main = fresh(sent)
    follow_up = world.approved(
        returns.make_follow_up(pay_list=main, by=world.cast.budi, at=world.tick())
    )
    return main, follow_up


@pytest.mark.parametrize("place", [0, 1], ids=["main", "follow-up"])
def test_nothing_is_corrected_while_a_worker_does_an_act_on_a_list_of_it(
    world: World, place: int
) -> None:
    lists_of_it = family(world)
    asked = asked_for(world, lists_of_it[0], "SP2D-9")
    job = jobs.submit(
        kind=moves.ACT_JOB, title="Mengirim", by=world.cast.budi, at=world.tick(), params={}
    )
    PayList.objects.filter(pk=lists_of_it[place].pk).update(job=job)
    with CaptureQueriesContext(connection) as seen, pytest.raises(Refused, match="di latar"):
        corrections.answer(correction=asked, agreed=True, by=world.cast.ratna, at=world.tick())
    assert not [query for query in seen if "FOR " in query["sql"] and "SELECT" in query["sql"]]
    corrections.answer(correction=asked, agreed=False, by=world.cast.ratna, at=world.tick())


def test_the_agency_is_held_after_every_list_of_the_paper(world: World) -> None:
    main, follow_up = family(world)
    with CaptureQueriesContext(connection) as seen:
        corrected(world, main, "SP2D-9")
    held = [query["sql"] for query in seen if "FOR " in query["sql"]]
    agency = next(n for n, sql in enumerate(held) if "NO KEY UPDATE" in sql and "agency" in sql)
    for row in (main, follow_up):
        assert any(f'"id" = {row.pk} ' in sql for sql in held[:agency])


def test_a_follow_up_carries_the_whole_corrected_paper(world: World) -> None:
    main, follow_up = family(world)
    PayList.objects.filter(pk__in=[main.pk, follow_up.pk]).update(
        sp2d_date=world.clock.date() - timedelta(days=1)
    )
    corrected(world, main, "SP2D-9")
    paper = ("SPM-SP2D-9", "SP2D-9", world.clock.date())
    for row in (fresh(main), fresh(follow_up)):
        assert (row.spm_number, row.sp2d_number, row.sp2d_date) == paper


def test_the_form_asks_for_the_whole_paper_unless_it_is_taken_back(
    world: World, client: Client
) -> None:
    pay_list = world.with_sp2d()
    client.force_login(world.cast.tono)
    path = reverse("disbursements:sp2d_correct", args=[pay_list.pk])
    home = client.get(reverse("disbursements:list", args=[pay_list.pk])).content.decode()
    assert path in home, "the treasurer finds it at the list"
    assert "tidak wajib" not in client.get(path).content.decode()
    empty = {"aksi": "ask", "act": "nomor", "spm_number": "", "sp2d_number": "", "reason": "Salah"}
    page = client.post(path, empty)
    assert page.status_code == 422
    assert not Correction.objects.exists()
    client.post(path, empty | {"act": "batal"})
    assert Correction.objects.get().new == {}


def test_what_cannot_be_taken_back_is_not_offered_and_says_why(
    world: World, client: Client
) -> None:
    pay_list = world.with_sp2d()
    client.force_login(world.cast.tono)
    path = reverse("disbursements:sp2d_correct", args=[pay_list.pk])
    home = reverse("disbursements:list", args=[pay_list.pk])
    assert 'value="batal"' in client.get(path).content.decode()
    with quick_letters():
        run(bank.make_files(pay_list=pay_list, by=world.cast.budi, at=world.tick()))
    words = client.get(path).content.decode()
    assert 'value="batal"' not in words
    assert "Berkas bank daftar ini sudah dibuat, jadi SP2D tidak dibatalkan seluruhnya." in words
    with unchanged(pay_list):
        page = client.post(path, {"aksi": "ask", "act": "batal", "reason": "Salah"})
    assert page.status_code == 422, "a page of before the files hears it from the service"
    assert "SP2D tidak dibatalkan seluruhnya" in page.content.decode()
    assert not Correction.objects.exists()
    PayList.objects.filter(pk=pay_list.pk).update(state="cancelled")
    assert path not in client.get(home).content.decode()
    words = client.get(path).content.decode()
    assert "jadi SP2D-nya tidak dapat dikoreksi" in words
    assert "Ajukan koreksi" not in words

"""Pay lists before the bank: dry run, drawing, checks, exclusions, lock, signatures, cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from bansos.lib.nik import mask_nik
from beneficiaries.models import BankAccount
from disbursements.choices import LineState, ListState
from disbursements.models import ListMove, PayList
from disbursements.queries.comparing import difference_of, difference_rows
from disbursements.services import budgets, lists, moves
from programs.choices import DecreeState, EnrolmentState
from programs.models import Decree, DecreeLine, Programme, ProgrammeVersion
from tests.cast import Cast
from tests.factories.disbursements import (
    AMOUNT,
    NOW,
    World,
    fresh,
    lines_of,
    make_world,
    run,
    unchanged,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """Five payees, budget and allocation."""
    return make_world(cast, people=5)


def codes(pay_list: PayList) -> set[str]:
    return set(pay_list.hits.values_list("code", flat=True))


def test_a_dry_run_stores_nothing_and_compares_with_the_stage_before(world: World) -> None:
    world.with_sp2d()
    gone = world.enrolments[0]
    gone.state = EnrolmentState.STOPPED
    gone.save()
    moved = world.enrolments[1].account
    assert moved
    moved.number = "0055001122"
    moved.save()
    world.add_people(2)
    plan = lists.dry_run(stage=world.stages[1], area_code="35.19", user=world.cast.budi)
    assert plan.sentence == (
        "akan membayar 6 KPM, Rp3.000.000; 2 baru, 1 keluar, 1 berubah dari tahap lalu;"
        " 0 juga di program lain"
    )
    assert not plan.obstacles
    assert PayList.objects.count() == 1


@pytest.mark.parametrize("area", ["", "35", "3", "35.1", "64", "64.72", "99.99", "35.20"])
def test_an_empty_or_foreign_area_pays_nobody(world: World, area: str) -> None:
    plan = lists.dry_run(stage=world.stage, area_code=area, user=world.cast.budi)
    assert (plan.count, plan.total) == (0, 0)
    assert plan.obstacles
    with pytest.raises((NotFound, Refused)):
        lists.create_list(stage=world.stage, area_code=area, by=world.cast.budi, at=world.tick())
    assert not PayList.objects.exists()


def test_who_is_also_elsewhere_is_counted(world: World) -> None:
    other = Programme.objects.create(
        agency=world.cast.agency, area_code="35", code="ASPD", name="ASPD"
    )
    version = ProgrammeVersion.objects.create(
        programme=other, year=2026, payee_kind="person", benefit_kind="per_stage"
    )
    row = world.enrolments[0]
    row.pk, row.version, row.one_per_family = None, version, False
    row.save(force_insert=True)
    plan = lists.dry_run(stage=world.stage, area_code="35.19", user=world.cast.budi)
    assert plan.elsewhere == 1
    world.version.exclusive_with = ["ASPD"]
    world.version.save()
    assert codes(world.drawn()) == {"exclusive"}


def test_a_drawn_list_is_numbered_and_its_lines_are_whole(world: World) -> None:
    pay_list = world.drawn()
    lines = lines_of(pay_list)
    assert [line.position for line in lines] == [1, 2, 3, 4, 5]
    assert lines[0].reference == "D352600010000001"
    villages = [line.area_code for line in lines]
    assert villages == sorted(villages)
    for line in lines:
        account = BankAccount.objects.get(person=line.person)
        assert line.account_number == account.number
        assert line.account_index == account.number_index
        assert line.amount == AMOUNT
    assert "Kec. Kebonsari" in lines[0].address


def test_drawing_goes_on_where_it_was_cut_off(cast: Cast) -> None:
    world = make_world(cast, people=1_050, ceiling=600_000_000, share=600_000_000)
    pay_list = world.drawn()
    assert (pay_list.count, pay_list.total) == (1_050, 1_050 * AMOUNT)
    assert pay_list.lines.values("person").distinct().count() == 1_050
    pay_list = world.locked(pay_list)
    world.budget.refresh_from_db()
    assert world.budget.reserved == 1_050 * AMOUNT


def test_who_is_paid_already_is_drawn_as_excluded_with_the_reason(world: World) -> None:
    Decree.objects.filter(pk=world.decree.pk).update(area_code="35")
    budgets.allocate(
        budget=world.budget,
        amounts={"35.20": Decimal(10_000_000)},
        by=world.cast.budi,
        at=world.tick(),
    )
    first = world.drawn()
    moved, kin = world.enrolments[:2]
    moved.area_code = "35.20.01.2001"
    moved.save()
    kin.area_code = "35.20.01.2001"
    kin.family = moved.family
    kin.one_per_family = False
    kin.save()
    plan = lists.dry_run(stage=world.stage, area_code="35.20", user=world.cast.budi)
    assert (plan.count, plan.taken) == (2, 2)
    second = lists.create_list(
        stage=world.stage, area_code="35.20", by=world.cast.budi, at=world.tick()
    )
    run(second.job)
    second = fresh(second)
    assert (second.count, second.total) == (0, 0)
    reasons = set(second.lines.values_list("exclude_reason", flat=True))
    assert reasons == {f"Sudah ada dalam daftar {first.number} untuk tahap ini."}
    ids = list(second.lines.values_list("pk", flat=True))
    with unchanged(second), pytest.raises(Refused, match="sudah punya pembayaran lain"):
        lists.include_again(pay_list=second, line_ids=ids, by=world.cast.budi, at=world.tick())
    with pytest.raises(Refused, match="kosong"):
        world.locked(second)


Change = Callable[[World], Any]


def _died(world: World) -> None:
    person = world.enrolments[0].person
    person.died_on = date(2026, 2, 1)
    person.save()


def _young(world: World) -> None:
    person = world.enrolments[0].person
    person.birth_date = date(1956, 3, 2)
    person.save()


def _stopped(world: World) -> None:
    row = world.enrolments[0]
    row.state = EnrolmentState.SUSPENDED
    row.save()


def _no_nik(world: World) -> None:
    person = world.enrolments[0].person
    person.nik = None
    person.save()


def _no_account(world: World) -> None:
    account = world.enrolments[0].account
    assert account
    account.state = "closed"
    account.save()


def _holder(world: World) -> None:
    account = world.enrolments[0].account
    assert account
    account.holder_name = "Bambang Wicaksono"
    account.save()


def _shared(world: World) -> None:
    first, second = world.enrolments[0].account, world.enrolments[1].account
    assert first
    assert second
    second.number = first.number
    second.save()


def _not_named(world: World) -> None:
    DecreeLine.objects.filter(enrolment=world.enrolments[0]).delete()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_died, "died"),
        (_young, "age"),
        (_stopped, "inactive"),
        (_no_nik, "no_nik"),
        (_no_account, "no_account"),
        (_holder, "holder"),
        (_shared, "shared"),
        (_not_named, "decree"),
    ],
)
def test_a_check_stops_the_lock_until_it_is_solved_or_excluded(
    world: World, change: Change, code: str
) -> None:
    pay_list = world.drawn()
    change(world)
    with pytest.raises(Refused, match="belum lolos pemeriksaan"):
        world.locked(pay_list)
    assert fresh(pay_list).state == ListState.DRAFT
    assert codes(pay_list) == {code}
    world.budget.refresh_from_db()
    assert world.budget.reserved == 0
    held = [str(line.position) for line in pay_list.lines.filter(hits__severity="block")]
    lists.exclude(
        pay_list=pay_list,
        niks_or_positions=held,
        reason="Belum lolos",
        by=world.cast.budi,
        at=world.tick(),
    )
    locked = world.locked(fresh(pay_list))
    assert locked.total == (5 - len(held)) * AMOUNT


def test_a_corrected_account_is_taken_over_by_a_new_check(world: World) -> None:
    _holder(world)
    pay_list = world.drawn()
    account = world.enrolments[0].account
    assert account
    account.holder_name, account.number = world.enrolments[0].person.name, "0012312312"
    account.save()
    run(lists.run_preflight(pay_list=pay_list, by=world.cast.budi, at=world.tick()))
    line = pay_list.lines.get(person=account.person)
    assert line.account_number == "0012312312"
    assert codes(pay_list) == set()


def test_a_draft_follows_an_amended_decree(world: World) -> None:
    pay_list = world.drawn()
    old = world.decree
    Decree.objects.filter(pk=old.pk).update(state=DecreeState.SUPERSEDED)
    newer = Decree.objects.create(
        version=world.version,
        area_code="35.19",
        revision=2,
        supersedes=old,
        state=DecreeState.APPROVED,
        subject="Perubahan",
        number="188/2/2026",
        decree_date=date(2026, 5, 1),
        made_at=NOW,
        made_by=world.cast.budi,
        approved_at=NOW,
        approved_by=world.cast.hadi,
    )
    lines = list(old.lines.all())[1:]
    for line in lines:
        line.pk, line.decree = None, newer
    DecreeLine.objects.bulk_create(lines)
    with pytest.raises(Refused):
        world.locked(pay_list)
    assert fresh(pay_list).decree_id == newer.pk
    assert list(pay_list.hits.values_list("code", flat=True)) == ["decree"]


def test_excluding_says_what_became_of_every_token(world: World) -> None:
    pay_list = world.drawn()
    nik = world.enrolments[1].person.nik
    assert nik
    spaced = f"{nik[:6]} {nik[6:12]} {nik[12:]}"
    outcome = lists.exclude(
        pay_list=pay_list,
        niks_or_positions=[spaced, "1", "77", "3519010101010000", "abc", "  "],
        reason="Pindah",
        by=world.cast.budi,
        at=world.tick(),
    )
    assert len(outcome.excluded) == 2
    assert outcome.not_found == [mask_nik("3519010101010000"), "77"]
    assert outcome.invalid == ["abc"]
    again = lists.exclude(
        pay_list=pay_list,
        niks_or_positions=["1"],
        reason="Pindah",
        by=world.cast.budi,
        at=world.tick(),
    )
    assert (again.excluded, again.already) == ([], ["1"])
    row = fresh(pay_list)
    assert (row.count, row.total) == (3, 3 * AMOUNT)
    with pytest.raises(BadInput):
        lists.exclude(
            pay_list=pay_list, niks_or_positions=["2"], reason=" ", by=world.cast.budi, at=NOW
        )
    event = Event.objects.filter(verb="disbursements.exclude").earliest("pk")
    assert nik not in str(event.data)


def test_a_lock_reserves_and_an_unlock_releases(world: World) -> None:
    pay_list = world.locked()
    assert len(pay_list.content_hash) == 64
    world.budget.refresh_from_db()
    assert world.budget.reserved == 5 * AMOUNT
    assert world.budget.left == 100_000_000 - 5 * AMOUNT
    lists.unlock(pay_list=pay_list, by=world.cast.budi, at=world.tick())
    again = world.locked(fresh(pay_list))
    assert again.content_hash == pay_list.content_hash
    world.budget.refresh_from_db()
    assert world.budget.reserved == 5 * AMOUNT


def test_a_short_allocation_refuses_the_lock_in_words(cast: Cast) -> None:
    world = make_world(cast, people=5, share=2_000_000)
    pay_list = world.drawn()
    with unchanged(pay_list), pytest.raises(Refused, match="kurang Rp500.000") as caught:
        world.locked(pay_list)
    assert "Kabupaten Madiun" in str(caught.value)


def test_only_the_right_people_sign_and_never_their_own_work(world: World) -> None:
    row = world.awaiting()
    seen = {"pay_list": row, "seen_hash": row.content_hash, "at": world.tick()}
    for user in world.cast.users():
        if user != world.cast.ratna:
            with pytest.raises(NotAllowed):
                lists.check(by=user, **seen)
    lists.check(by=world.cast.ratna, **seen)
    for user in world.cast.users():
        if user != world.cast.hadi:
            with pytest.raises(NotAllowed):
                lists.approve(by=user, **seen)
    with pytest.raises(Stale):
        lists.approve(pay_list=row, seen_hash="0" * 64, by=world.cast.hadi, at=world.tick())
    lists.approve(by=world.cast.hadi, **seen)
    with pytest.raises(Stale):
        lists.approve(by=world.cast.hadi, **seen)


@pytest.mark.parametrize("change", [_died, _stopped, _no_account])
def test_what_changes_after_the_lock_stops_the_signature(world: World, change: Change) -> None:
    row = world.awaiting()
    change(world)
    with unchanged(row), pytest.raises(Refused, match="Data berubah sesudah daftar dikunci"):
        lists.check(pay_list=row, seen_hash=row.content_hash, by=world.cast.ratna, at=world.tick())
    lists.send_back(pay_list=row, note="Berubah", by=world.cast.ratna, at=world.tick())
    assert fresh(row).round == 2
    world.budget.refresh_from_db()
    assert world.budget.reserved == 0


def test_a_superseded_decree_stops_the_signature(world: World) -> None:
    row = world.awaiting()
    Decree.objects.filter(pk=world.decree.pk).update(state=DecreeState.SUPERSEDED)
    with pytest.raises(Refused, match="SK yang menjadi dasar"):
        lists.check(pay_list=row, seen_hash=row.content_hash, by=world.cast.ratna, at=world.tick())


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": Decimal(2_400_000)}, "SP2D-AMOUNT"),
        ({"sp2d_number": " "}, "SP2D-NUMBER"),
        ({"sp2d_date": date(2026, 11, 21)}, "SP2D-DATE"),
        ({"sp2d_date": date(2026, 11, 23)}, "SP2D-DATE"),
    ],
)
def test_an_sp2d_that_does_not_fit_is_refused(
    world: World, fields: dict[str, Any], code: str
) -> None:
    row = world.approved()
    paper = {
        "spm_number": "SPM",
        "sp2d_number": "SP2D",
        "sp2d_date": date(2026, 11, 22),
        "amount": row.total,
    }
    with unchanged(row), pytest.raises(Refused) as caught:
        lists.record_sp2d(pay_list=row, **(paper | fields), by=world.cast.tono, at=world.tick())
    assert caught.value.code == code


def test_one_sp2d_number_pays_one_list(world: World) -> None:
    world.with_sp2d(number="SP2D-7")
    with pytest.raises(Refused, match="sudah dicatat pada daftar lain"):
        world.with_sp2d(world.drawn(stage=world.stages[1]), number="SP2D-7")


def test_a_cancelled_list_frees_its_people_and_money(world: World) -> None:
    row = world.approved()
    with pytest.raises(NotAllowed):
        lists.cancel(pay_list=row, reason="Batal", by=world.cast.budi, at=world.tick())
    lists.cancel(pay_list=row, reason="SP2D batal", by=world.cast.hadi, at=world.tick())
    assert set(row.lines.values_list("state", flat=True)) == {LineState.CANCELLED}
    world.budget.refresh_from_db()
    assert world.budget.reserved == 0
    assert world.locked().count == 5


def test_the_difference_names_who_joined_left_and_changed(world: World) -> None:
    world.with_sp2d()
    gone = world.enrolments[0]
    gone.state = EnrolmentState.STOPPED
    gone.save()
    account = world.enrolments[1].account
    assert account
    account.number = "0055001122"
    account.save()
    joined = world.add_people(1)[0]
    second = world.drawn(stage=world.stages[1])
    found = difference_of(second)
    assert (found.joined, found.left, found.changed) == (1, 1, 1)
    rows = {(row.kind, row.name, row.words) for row in difference_rows(second)}
    assert rows == {
        ("joined", joined.person.name, ""),
        ("left", gone.person.name, ""),
        ("changed", world.enrolments[1].person.name, "rekening"),
    }


def test_every_step_leaves_an_event(world: World) -> None:
    row = world.with_sp2d()
    verbs = list(
        Event.objects.filter(target_type="disbursements.paylist", target_id=str(row.pk))
        .order_by("pk")
        .values_list("verb", flat=True)
    )
    assert verbs == [
        f"disbursements.{verb}"
        for verb in (
            *("create_list", "lock_list", "submit_list", "check_list"),
            *("approve_list", "record_sp2d"),
        )
    ]


def test_a_list_read_before_somebody_moved_it_is_not_moved(world: World) -> None:
    """Who decided on what a list was may not write over what it is by now."""
    seen = world.locked()
    lists.submit_for_approval(pay_list=fresh(seen), by=world.cast.budi, at=world.tick())
    before = list(ListMove.objects.filter(pay_list=seen).values_list("new", flat=True))
    with pytest.raises(Stale):
        moves.move(
            pay_list=seen,
            to=ListState.AWAITING,
            by=world.cast.budi,
            at=world.tick(),
            verb="disbursements.submit_list",
        )
    assert fresh(seen).state == ListState.AWAITING
    assert list(ListMove.objects.filter(pay_list=seen).values_list("new", flat=True)) == before

"""A rail that changed its limits after the bank files were made: the list does not leave."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from beneficiaries.models import BankAccount
from disbursements.models import BankSubmission, LayoutFile, PayList, RailLimit
from disbursements.services import bank, corrections, layouts, lists
from tests.cast import Cast
from tests.factories.channels import make_layout
from tests.factories.disbursements import (
    NOW,
    World,
    fresh,
    lines_of,
    make_world,
    quick_letters,
    run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """Three people; the first has an account at another bank, paid by BI-FAST."""
    world = make_world(cast, people=3, rails=["overbooking", "bi_fast"])
    first = world.enrolments[0].person_id
    BankAccount.objects.filter(person_id=first).update(bank_code="008")
    return world


def limit(world: World, most: int, *, days_ago: int = 0) -> None:
    """BI-FAST carries so much from a day on; an older limit stays as it is."""
    values = {"min_amount": Decimal(1), "max_amount": Decimal(most), "fee": Decimal(2_500)}
    RailLimit.objects.create(
        rail="bi_fast",
        valid_from=day_of(world.clock) - timedelta(days=days_ago),
        is_open=True,
        source="Uji",
        set_at=NOW,
        set_by=world.cast.ratna,
        **values,
    )


@pytest.fixture
def made(world: World) -> PayList:
    """A list with SP2D and its files."""
    row = world.with_sp2d()
    assert [line.rail for line in lines_of(row)].count("bi_fast") == 1
    with quick_letters():
        run(bank.make_files(pay_list=row, by=world.cast.budi, at=world.tick()))
    return fresh(row)


def test_a_list_that_no_longer_fits_its_rail_does_not_leave(world: World, made: PayList) -> None:
    limit(world, 100_000, days_ago=1)
    with pytest.raises(Refused, match="1 pembayaran tidak lagi muat di jalurnya") as refused:
        bank.mark_sent(pay_list=made, by=world.cast.budi, at=world.tick())
    assert refused.value.code == "BANK-RAIL-CHANGED"
    assert "buat berkasnya lagi" in str(refused.value.message)
    assert str(refused.value.message).startswith("Batas jalur berubah")
    assert fresh(made).state == "sp2d"
    assert fresh(made).sent_at is None
    assert set(made.lines.values_list("state", flat=True)) == {"waiting"}
    assert not BankSubmission.objects.exists()


def test_a_limit_put_right_lets_the_same_files_go(world: World, made: PayList) -> None:
    before = sorted(made.files.values_list("format", "sha256"))
    limit(world, 100_000, days_ago=1)
    with pytest.raises(Refused):
        bank.mark_sent(pay_list=made, by=world.cast.budi, at=world.tick())
    limit(world, 900_000)
    assert bank.mark_sent(pay_list=made, by=world.cast.budi, at=world.tick()).state == "sent"
    assert sorted(made.files.values_list("format", "sha256")) == before


def given_up(world: World, made: PayList) -> PayList:
    """The SP2D taken back by two people, then the list cancelled."""
    asked = corrections.ask_sp2d(
        pay_list=made, reason="Batas jalur berubah", by=world.cast.tono, at=world.tick()
    )
    corrections.answer(correction=asked, agreed=True, by=world.cast.ratna, at=world.tick())
    return lists.cancel(
        pay_list=fresh(made), reason="Disusun ulang", by=world.cast.hadi, at=world.tick()
    )


def test_such_a_list_is_drawn_anew_and_its_files_made_again(world: World, made: PayList) -> None:
    limit(world, 100_000, days_ago=1)
    assert given_up(world, made).state == "cancelled"
    with pytest.raises(Refused, match="tanpa SP2D"):
        bank.hand_out(file=made.files.first(), by=world.cast.tono, at=world.tick())
    limit(world, 900_000)
    again = world.sent(world.drawn(), number="SP2D-2")
    assert again.state == "sent"
    assert again.files.count() == made.files.count()


def test_files_that_were_handed_out_keep_their_list(world: World, made: PayList) -> None:
    file = made.files.order_by("pk").first()
    assert file is not None
    bank.hand_out(file=file, by=world.cast.tono, at=world.tick())
    limit(world, 100_000, days_ago=1)
    with pytest.raises(Refused) as refused:
        given_up(world, made)
    assert refused.value.code == "SP2D-FILES"
    assert fresh(made).state == "sp2d"


def test_what_was_handed_out_is_recorded_as_sent(world: World, made: PayList) -> None:
    """The bank may pay from the file already: its answer must be able to come in."""
    file = made.files.order_by("pk").first()
    assert file is not None
    bank.hand_out(file=file, by=world.cast.budi, at=world.tick())
    limit(world, 100_000, days_ago=1)
    bank.hand_out(file=file, by=world.cast.budi, at=world.tick())
    assert bank.mark_sent(pay_list=made, by=world.cast.budi, at=world.tick()).state == "sent"


def test_a_file_that_no_longer_fits_is_not_handed_out(world: World, made: PayList) -> None:
    limit(world, 100_000, days_ago=1)
    file = made.files.order_by("pk").first()
    assert file is not None
    with pytest.raises(Refused) as refused:
        bank.hand_out(file=file, by=world.cast.budi, at=world.tick())
    assert refused.value.code == "BANK-RAIL-CHANGED"
    assert given_up(world, made).state == "cancelled"


def test_no_other_door_gives_what_no_longer_fits(
    world: World, made: PayList, client: Client
) -> None:
    """A layout of the bank and the archive hand out the same payments."""
    make_layout(world.cast)
    layouts.file_step(pay_list=fresh(made), by=world.cast.budi, at=world.tick())
    own, file = LayoutFile.objects.get(), made.files.order_by("pk").first()
    limit(world, 100_000, days_ago=1)
    with pytest.raises(Refused) as refused:
        layouts.hand_out(file=own, by=world.cast.budi, at=world.tick())
    assert refused.value.code == "BANK-RAIL-CHANGED"
    client.force_login(world.cast.budi)
    assert file is not None
    for document in (own.document_id, file.document_id):
        door = client.get(reverse("documents:file", args=[document]))
        assert (door.status_code, "tidak lagi muat" in door.content.decode()) == (409, True)
    with pytest.raises(Refused):
        bank.mark_sent(pay_list=made, by=world.cast.budi, at=world.tick())


def test_within_the_limits_files_keep_their_list(world: World, made: PayList) -> None:
    with pytest.raises(Refused) as refused:
        given_up(world, made)
    assert refused.value.code == "SP2D-FILES"

"""Whose account it is: asked of a real simulated bank, decided by two people, held till then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from bansos.demo.simulator.process import Simulator, running
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from beneficiaries.services.people import set_account
from disbursements.choices import LineState, NameState
from disbursements.models import BankChannel, NameCheck, PayList
from disbursements.services import lists, naming
from tests.cast import Cast
from tests.factories.channels import make_snap, secrets_of
from tests.factories.disbursements import BANK, World, fresh, make_world, run

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running_bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running(tmp_path_factory.mktemp("bank")) as bank:
        yield bank


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=6)


@pytest.fixture
def draft(world: World, running_bank: Simulator, settings: Any) -> PayList:
    """Six payees; the bank knows the third under another name, and not the fourth."""
    running_bank.forget()
    running_bank.control(scenario="normal")
    settings.BANK_SECRETS = secrets_of(running_bank)
    make_snap(world.cast, running_bank)
    row = world.drawn()
    lines = list(row.lines.order_by("position"))
    running_bank.open_accounts(
        [
            {
                "bank_code": BANK,
                "account": line.account_number or "",
                "name": "BAMBANG WICAKSONO" if place == 2 else line.payee_name.upper(),
            }
            for place, line in enumerate(lines)
            if place != 3
        ]
    )
    return row


def check(world: World, row: PayList) -> dict[int, NameCheck]:
    run(naming.check_names(pay_list=fresh(row), by=world.cast.budi, at=world.tick()))
    found = NameCheck.objects.filter(pay_list=row).select_related("line", "pay_list")
    return {one.line.position: one for one in found}


def test_what_differs_holds_the_list_back_until_two_people_decide(
    world: World, draft: PayList
) -> None:
    cast, found = world.cast, check(world, draft)
    assert {place: one.state for place, one in found.items()} == {
        1: NameState.SAME,
        2: NameState.SAME,
        3: NameState.DIFFERS,
        4: NameState.NO_ACCOUNT,
        5: NameState.SAME,
        6: NameState.SAME,
    }
    assert found[3].bank_name == "BAMBANG WICAKSONO"
    assert found[3].likeness < 80
    hits = draft.hits.filter(code="bank_name").values_list("line__position", flat=True)
    assert sorted(hits) == [3, 4]
    with pytest.raises(Refused):
        lists.lock(pay_list=fresh(draft), by=cast.budi, at=world.tick())
    # A second run asks about nothing that was answered.
    numbers = {one.checked_at for one in check(world, draft).values()}
    assert numbers == {one.checked_at for one in found.values()}

    with pytest.raises(BadInput):
        naming.accept(check=found[3], reason="sama", by=cast.budi, at=world.tick())
    reason = "Nama kecil; buku tabungan dan KTP sudah dicocokkan."
    proposed = naming.accept(check=found[3], reason=reason, by=cast.budi, at=world.tick())
    for who in (cast.budi, cast.tono):
        with pytest.raises(NotAllowed):
            naming.confirm(check=proposed, agreed=True, by=who, at=world.tick())
    with pytest.raises(IntegrityError), transaction.atomic():
        NameCheck.objects.filter(pk=proposed.pk).update(
            state=NameState.ACCEPTED, confirmed_at=world.clock, confirmed_by=cast.budi
        )
    naming.confirm(check=proposed, agreed=False, by=cast.ratna, at=world.tick())
    proposed = naming.accept(check=found[3], reason=reason, by=cast.budi, at=world.tick())
    naming.confirm(check=proposed, agreed=True, by=cast.ratna, at=world.tick())
    with pytest.raises(Stale):
        naming.confirm(check=proposed, agreed=True, by=cast.ratna, at=world.tick())
    naming.take_out(check=found[4], reason="Rekening tidak ada", by=cast.budi, at=world.tick())
    assert draft.lines.get(position=4).state == LineState.EXCLUDED
    locked = lists.lock(pay_list=fresh(draft), by=cast.budi, at=world.tick())
    assert locked.count == 5


def test_a_corrected_account_is_asked_about_again(
    world: World, draft: PayList, running_bank: Simulator
) -> None:
    found = check(world, draft)
    line = found[3].line
    set_account(
        person=line.person,
        bank_code=BANK,
        number="0099000003",
        holder_name=line.payee_name,
        by=world.cast.sari,
        at=world.tick(),
    )
    running_bank.open_accounts(
        [{"bank_code": BANK, "account": "0099000003", "name": line.payee_name}]
    )
    run(lists.run_preflight(pay_list=fresh(draft), by=world.cast.budi, at=world.tick()))
    assert not draft.hits.filter(code="bank_name", line=line).exists()
    assert check(world, draft)[3].state == NameState.SAME


def test_where_it_is_required_nobody_is_locked_unasked(world: World, draft: PayList) -> None:
    BankChannel.objects.update(requires_names=True)
    run(lists.run_preflight(pay_list=fresh(draft), by=world.cast.budi, at=world.tick()))
    assert draft.hits.filter(code="bank_name").count() == 6
    check(world, draft)
    assert draft.hits.filter(code="bank_name").count() == 2


def test_a_bank_that_is_not_there_leaves_everything_as_it_was(
    world: World, draft: PayList, running_bank: Simulator
) -> None:
    running_bank.control(scenario="down")
    assert check(world, draft) == {}
    BankChannel.objects.update(active=False)
    with pytest.raises(Refused, match="Tidak ada kanal"):
        naming.check_names(pay_list=fresh(draft), by=world.cast.budi, at=world.tick())

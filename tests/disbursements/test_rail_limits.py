"""Limits of rails: two people, a new day each time, what was in force stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from disbursements.models import RailLimit, RailProposal
from disbursements.queries.rails import limits_on
from disbursements.services import rails
from disbursements.services.rails import LimitValues
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FROM = date(2027, 1, 1)
BI_FAST = LimitValues(
    rail="bi_fast",
    valid_from=FROM,
    min_amount=Decimal(1),
    max_amount=Decimal(300_000_000),
    fee=Decimal(2_000),
    is_open=True,
    source="Surat edaran BI 2026",
)


def ask(cast: Cast, **changes: Any) -> RailProposal:
    return rails.propose_limit(values=replace(BI_FAST, **changes), by=cast.adi, at=NOW)


def most(on: date) -> Decimal | None:
    return next(row.max_amount for row in limits_on(on) if row.rail == "bi_fast")


def test_a_limit_is_in_force_from_its_day_once_another_agrees(cast: Cast) -> None:
    before = most(FROM)
    row = ask(cast)
    assert most(FROM) == before
    for user in (cast.adi, cast.budi, cast.tono):
        with pytest.raises(NotAllowed):
            rails.answer(proposal=row, agreed=True, by=user, at=NOW)
    rails.answer(proposal=row, agreed=True, by=cast.ratna, at=NOW)
    assert (most(FROM), most(FROM - timedelta(days=1))) == (Decimal(300_000_000), before)
    with pytest.raises(Stale):
        rails.answer(proposal=row, agreed=False, by=cast.ratna, at=NOW)
    told = Event.objects.get(verb="disbursements.answer_rail_limit")
    assert (told.data["agreed"], told.data["rail"]) == (True, "bi_fast")
    with pytest.raises(Refused, match="sudah punya batas"):
        ask(cast)
    for change in (
        lambda: RailLimit.objects.update(fee=0),
        lambda: RailProposal.objects.update(fee=0),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_closed_rail_carries_nothing_and_a_refusal_changes_nothing(cast: Cast) -> None:
    rails.answer(proposal=ask(cast), agreed=False, by=cast.ratna, at=NOW)
    assert not RailLimit.objects.filter(valid_from=FROM).exists()
    rails.answer(proposal=ask(cast, is_open=False), agreed=True, by=cast.ratna, at=NOW)
    assert "bi_fast" not in {row.rail for row in limits_on(FROM)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rail": "cash"}, "antarbank"),
        ({"valid_from": date(2026, 11, 21)}, "masa lalu"),
        ({"valid_from": date(2028, 1, 1)}, "setahun"),
        ({"min_amount": Decimal(-1)}, "kurang dari nol"),
        ({"max_amount": Decimal(0)}, "Batas atas"),
        ({"source": " "}, "sumbernya"),
    ],
)
def test_what_makes_no_sense_is_not_asked(cast: Cast, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        ask(cast, **changes)
    assert not RailProposal.objects.exists()


def test_asked_once_and_late_answers_are_refused(cast: Cast) -> None:
    row = ask(cast)
    with pytest.raises(Refused, match="sudah diajukan"):
        ask(cast)
    with pytest.raises(NotAllowed):
        rails.propose_limit(values=BI_FAST, by=cast.budi, at=NOW)
    with pytest.raises(Refused, match="sudah lewat"):
        rails.answer(proposal=row, agreed=True, by=cast.ratna, at=NOW + timedelta(days=60))


def test_the_page_asks_and_answers(cast: Cast, client: Client) -> None:
    client.force_login(cast.adi)
    address = reverse("disbursements:rail_limit_new")
    typed = {"rail": "skn", "valid_from": "01-01-2020", "min_amount": "1", "source": "SE"}
    assert client.post(address, typed).status_code == 422
    row = ask(cast)
    page = client.get(reverse("disbursements:rail_limits")).content.decode()
    assert "Surat edaran BI 2026" in page
    client.force_login(cast.ratna)
    client.post(reverse("disbursements:rail_limit_answer", args=[row.pk]), {"jawaban": "tidak"})
    row.refresh_from_db()
    assert row.refused_by == cast.ratna

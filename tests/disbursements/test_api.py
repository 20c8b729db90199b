"""The API carries a stage through the same services: same refusals, same scopes, masked."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from bansos.accounts.models import User
from disbursements.models import PayList, ReturnCase
from tests.cast import Cast
from tests.factories.accounts import PASSWORD
from tests.factories.disbursements import (
    World,
    answer_csv,
    answer_row,
    fresh,
    lines_of,
    make_world,
    run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """Three payees, budget and allocation."""
    return make_world(cast, people=3)


def call(user: User, name: str, *args: Any, status: int = 200, **data: Any) -> Any:
    """POST to a route as this user; its body."""
    client = APIClient()
    client.force_authenticate(user)
    kind = "multipart" if "file" in data else "json"
    response = client.post(reverse(name, args=args), data, format=kind)
    assert response.status_code == status, (response.status_code, response.content)
    return response.json()


def read(user: User, name: str, *args: Any, status: int = 200) -> Any:
    """GET a route as this user; its body."""
    client = APIClient()
    client.force_authenticate(user)
    response = client.get(reverse(name, args=args))
    assert response.status_code == status, response.content
    return response.json()


def test_a_stage_is_carried_over_the_api(world: World) -> None:
    cast = world.cast
    where = {"stage": world.stage.pk, "area_code": "35.19"}
    plan = call(cast.budi, "pay-list-dry-run", **where)
    assert (plan["count"], plan["total"]) == (3, "1500000.00")
    made = call(cast.budi, "pay-list-list", status=201, **where)
    pk = made["id"]
    run(PayList.objects.get(pk=pk).job)
    out = call(cast.budi, "pay-list-exclude", pk, rows=["3", "abc"], reason="Menolak")
    assert (out["excluded"], out["invalid"]) == ([3], ["abc"])
    locked = call(cast.budi, "pay-list-lock", pk)
    assert (locked["state"], locked["total"]) == ("locked", "1000000.00")
    call(cast.budi, "pay-list-submit", pk)
    seen = {"seen_hash": locked["content_hash"]}
    call(cast.hadi, "pay-list-check", pk, status=403, **seen)
    call(cast.ratna, "pay-list-check", pk, **seen)
    error = call(cast.hadi, "pay-list-approve", pk, status=403, password="salah", **seen)
    assert error["code"] == "PASSWORD"
    stale = {"seen_hash": "0" * 64, "password": PASSWORD}
    error = call(cast.hadi, "pay-list-approve", pk, status=409, **stale)
    assert error["code"] == "LIST-SEEN"
    call(cast.hadi, "pay-list-approve", pk, password=PASSWORD, **seen)
    paper = {"spm_number": "SPM-1", "sp2d_number": "SP2D-1", "sp2d_date": "2026-11-22"}
    world.tick()
    error = call(cast.tono, "pay-list-sp2d", pk, status=409, amount="999999.99", **paper)
    assert error["code"] == "SP2D-AMOUNT"
    day = fresh(PayList.objects.get(pk=pk)).approved_at
    assert day is not None
    paper["sp2d_date"] = day.astimezone(cast.agency.zone).date().isoformat()
    call(cast.tono, "pay-list-sp2d", pk, amount="1000000.00", **paper)
    call(cast.budi, "pay-list-make-files", pk, status=202)
    run(PayList.objects.get(pk=pk).job)
    formats = {row["format"] for row in read(cast.budi, "pay-list-files", pk)}
    assert formats == {"xlsx", "csv", "pain001", "instruction"}
    assert call(cast.budi, "pay-list-sent", pk)["state"] == "sent"
    lines = lines_of(PayList.objects.get(pk=pk))
    rows = [answer_row(lines[0]), answer_row(lines[1], "GAGAL", "Rekening ditutup")]
    file = SimpleUploadedFile("hasil.csv", answer_csv(rows))
    result = call(cast.tono, "pay-list-upload", pk, status=201, file=file)
    call(cast.tono, "bank-result-apply", result["id"], status=202)
    run(PayList.objects.get(pk=pk).results.get().job)
    identity = read(cast.tono, "pay-list-identity", pk)
    assert identity["total"]["settled"] == {"count": 1, "amount": "500000.00"}
    case = ReturnCase.objects.get()
    call(cast.tono, "return-decide", case.pk, decision="treasury")
    call(cast.ratna, "return-confirm", case.pk, agreed=True)
    today = case.returned_on.isoformat()
    sts = {"sts_number": "STS-9", "sts_date": today}
    error = call(cast.tono, "return-sts", case.pk, status=409, amount="400000.00", **sts)
    assert error["code"] == "STS-AMOUNT"
    assert call(cast.tono, "return-sts", case.pk, amount="500000.00", **sts)["state"] == "done"
    call(cast.tono, "pay-list-close", pk, status=202)
    run(PayList.objects.get(pk=pk).job)
    assert read(cast.aud, "pay-list-detail", pk)["state"] == "closed"


def test_the_api_never_gives_a_whole_account(world: World) -> None:
    pay_list = world.drawn()
    body = read(world.cast.aud, "pay-list-lines", pay_list.pk)
    assert len(body["results"]) == 3
    number = lines_of(pay_list)[0].account_number
    assert number
    assert number not in str(body)


def test_another_province_gets_404(world: World) -> None:
    pay_list = world.drawn()
    read(world.cast.kalt, "pay-list-detail", pay_list.pk, status=404)
    read(world.cast.kalt, "pay-list-lines", pay_list.pk, status=404)
    call(world.cast.kalt, "pay-list-lock", pay_list.pk, status=404)
    read(world.cast.sari, "pay-list-detail", pay_list.pk, status=403)


def test_a_budget_is_recorded_changed_and_shared_out(world: World) -> None:
    budi = world.cast.budi
    shown = read(budi, "budget-detail", world.budget.pk)
    assert shown["left"] == "100000000.00"
    changed = call(
        budi, "budget-change-ceiling", world.budget.pk, ceiling="90000000.00", dpa_number="DPPA/1"
    )
    assert changed["ceiling"] == "90000000.00"
    error = call(
        budi, "budget-allocate", world.budget.pk, status=409, amounts={"35.20": "60000000.00"}
    )
    assert error["code"] == "ALLOC-OVER"
    call(budi, "budget-allocate", world.budget.pk, amounts={"35.20": "10000000.00"})
    call(world.cast.hadi, "budget-allocate", world.budget.pk, status=403, amounts={"35.20": "1"})


def test_an_approved_list_is_cancelled_by_who_may_approve(world: World) -> None:
    row = world.approved()
    call(world.cast.budi, "pay-list-cancel", row.pk, status=403, reason="Salah tahap")
    assert fresh(row).state == "approved"
    found = call(world.cast.hadi, "pay-list-cancel", row.pk, reason="Salah tahap")
    assert found["state"] == "cancelled"

"""A machine's key acts for one user, never beyond area or rights, and ends when told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request

from bansos.accounts import services
from bansos.accounts.api_auth import TokenAuthentication
from bansos.accounts.models import ApiToken, User
from bansos.accounts.permissions import PERSONS_ONLY
from bansos.lib.errors import BadInput, NotAllowed
from tests.cast import Cast

pytestmark = pytest.mark.django_db
SCHEMA = "/api/schema/"


def issue(cast: Cast, **changes: Any) -> tuple[ApiToken, str]:
    wish: dict[str, Any] = {
        "user": cast.sari,
        "name": "Aplikasi kecamatan",
        "area_code": "35.19.01",
        "permissions": ["beneficiary.view"],
        "days": 30,
        "by": cast.adi,
        "at": timezone.now(),
    }
    return services.issue_token(**{**wish, **changes})


def test_the_secret_is_not_stored(cast: Cast) -> None:
    token, secret = issue(cast)
    assert secret not in str(ApiToken.objects.filter(pk=token.pk).values().get())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"area_code": "35.20"}, BadInput),
        ({"permissions": ["paylist.approve"]}, BadInput),
        ({"permissions": []}, BadInput),
        ({"days": 400}, BadInput),
    ],
)
def test_it_never_goes_beyond_its_user(
    cast: Cast, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        issue(cast, **changes)


@pytest.mark.parametrize("right", sorted(PERSONS_ONLY))
def test_no_machine_approves_or_opens_numbers(cast: Cast, right: str) -> None:
    holder = next(user for user in cast.users() if user.can(right))
    with pytest.raises(BadInput):
        issue(cast, user=holder, area_code=holder.area_code, permissions=[right], by=cast.adi)


def test_an_older_token_cannot_approve_either(cast: Cast) -> None:
    token, secret = issue(
        cast, user=cast.hadi, area_code="35", permissions=["program.view"], by=cast.adi
    )
    ApiToken.objects.filter(pk=token.pk).update(permissions=["program.view", "decree.approve"])
    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {secret}"})
    found = TokenAuthentication().authenticate(Request(request))
    assert found is not None
    assert found[0].can("program.view")
    assert not found[0].can("decree.approve")


def test_only_for_users_in_reach(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        issue(cast, user=cast.kalt, area_code="64", permissions=["program.view"])


def test_a_request_with_it_is_narrowed(cast: Cast, client: Client) -> None:
    _token, secret = issue(cast)
    response = client.get(f"{SCHEMA}?format=json", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 200


@pytest.mark.parametrize("end", ["revoked", "expired", "closed user"])
def test_an_ended_token_opens_nothing(cast: Cast, client: Client, end: str) -> None:
    token, secret = issue(cast)
    if end == "revoked":
        services.revoke_token(token=token, by=cast.adi, at=timezone.now())
    elif end == "expired":
        past = timezone.now() - timedelta(seconds=1)
        ApiToken.objects.filter(pk=token.pk).update(expires_at=past)
    else:
        User.objects.filter(pk=cast.sari.pk).update(is_active=False)
    response = client.get(f"{SCHEMA}?format=json", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == "Perlu masuk"


def test_a_method_a_route_lacks_is_told_to_who_signed_in(cast: Cast, client: Client) -> None:
    address = reverse("return-list")
    assert client.delete(address).status_code == 401
    client.force_login(cast.lain)
    for method in ("delete", "put", "post"):
        answer = getattr(client, method)(address)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json()["title"] == "Cara tidak dikenal"

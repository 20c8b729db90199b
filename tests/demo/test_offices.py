"""Agencies, their people and the printed logins."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import ROLES
from bansos.demo.offices import PASSWORD, logins, open_offices


@pytest.fixture
def users(country: None) -> dict[str, User]:
    return open_offices(at=timezone.now())


def test_three_agencies_with_their_banks(users: dict[str, User]) -> None:
    found = dict(Agency.objects.values_list("area_code", "bank_code"))
    assert found == {"15": "115", "35": "114", "64": "124"}
    assert Agency.objects.get(area_code="64").time_zone == "Asia/Makassar"


def test_each_role_signs_in_with_the_printed_password(users: dict[str, User]) -> None:
    rows = logins()
    assert {users[username].role for _role, username, _password, _what in rows} == set(ROLES)
    for _role, username, password, what in rows:
        assert password == PASSWORD
        assert users[username].check_password(password)
        assert what.startswith(users[username].area_name)


def test_opening_twice_changes_nothing(users: dict[str, User]) -> None:
    again = open_offices(at=timezone.now())
    assert {name: user.pk for name, user in again.items()} == {
        name: user.pk for name, user in users.items()
    }


def test_the_command_prints_a_table_of_logins(users: dict[str, User]) -> None:
    heard = StringIO()
    call_command("seed", logins=True, stdout=heard)
    lines = [line.split("\t") for line in heard.getvalue().splitlines()]
    assert all(len(line) == 4 for line in lines)
    assert [lines[0][1], lines[4][1]] == ["staf", "petugas"]


def test_a_filled_installation_is_not_filled_again(users: dict[str, User], training: None) -> None:
    with pytest.raises(CommandError, match="Sudah ada data"):
        call_command("seed")
    heard = StringIO()
    call_command("seed", if_empty=True, stdout=heard)
    assert "sudah ada" in heard.getvalue()

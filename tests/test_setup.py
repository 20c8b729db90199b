"""The set-up: servers, worker, locks, launcher."""

from __future__ import annotations

import socket

import pytest
from django.db import connection

from tests.ground.network import OutsideNetwork


@pytest.mark.django_db
def test_tests_run_on_a_real_postgres() -> None:
    assert connection.vendor == "postgresql"
    assert connection.pg_version >= 150000


def test_tests_do_not_reach_the_outside() -> None:
    with socket.socket() as wire, pytest.raises(OutsideNetwork):
        wire.connect(("192.0.2.1", 80))

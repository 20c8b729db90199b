"""Limits are counted over all web processes, and people sign in when Redis is away."""

from __future__ import annotations

import pytest
from django.conf import settings

from bansos.launcher.valkey import Valkey
from bansos.lib.cache import SharedCache
from bansos.settings.base import CACHES


def process(address: str) -> SharedCache:
    """The cache as one web process opens it."""
    return SharedCache(address, {"KEY_PREFIX": "t", "OPTIONS": {"socket_timeout": 1}})


def test_two_processes_count_together(valkey: Valkey) -> None:
    address = settings.REDIS_URL.replace("redis+socket://", "unix://")
    first, second = process(address), process(address)
    assert first.add("tries", 0, timeout=60)
    assert not second.add("tries", 0, timeout=60)
    assert [first.incr("tries"), second.incr("tries")] == [1, 2]
    assert first.get("tries") == 2
    with pytest.raises(RuntimeError):
        first.clear()
    assert second.get("tries") == 2


def test_without_redis_each_process_counts_for_itself() -> None:
    address = f"unix://{settings.STATE_DIR}/no-such.sock"
    first, second = process(address), process(address)
    first.own.clear()
    assert first.add("tries", 0, timeout=60)
    assert first.incr("tries") == 1
    assert first.get("tries") == second.get("tries") == 1
    assert first.get_many(["tries", "none"]) == {"tries": 1}


def test_the_house_uses_it() -> None:
    assert CACHES["default"]["BACKEND"] == "bansos.lib.cache.SharedCache"
    assert not str(CACHES["default"]["LOCATION"]).startswith("redis+socket")

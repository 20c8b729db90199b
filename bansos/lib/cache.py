"""The shared cache: what several web processes count together, such as failed sign-ins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

KEPT = (
    *("add", "get", "set", "touch", "delete", "has_key", "incr"),
    *("get_many", "set_many", "delete_many"),
)


class SharedCache(RedisCache):
    """Redis; while it does not answer, each process counts for itself and people still sign in."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.own = LocMemCache("shared-cache", params)

    def clear(self) -> None:
        """Refused: the queue of the workers lives in the same Redis."""
        raise RuntimeError("The shared cache is not cleared; its keys end by themselves.")


def _kept(name: str) -> Callable[..., Any]:
    shared = getattr(RedisCache, name)

    def method(self: SharedCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return shared(self, *args, **kwargs)
        except RedisError:
            return getattr(self.own, name)(*args, **kwargs)

    return method


for _name in KEPT:
    setattr(SharedCache, _name, _kept(_name))

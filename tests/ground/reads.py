"""Reading a page changes nothing: a GET that writes a row fails its test."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
# Reading personal data leaves a trace, a session slides, a token notes its last use.
ALLOWED = ("audit_", "django_session", "accounts_apitoken")


class GetWrote(AssertionError):
    """A page wrote to a table while it was only read."""


class ReadingChangesNothing:
    """Innermost middleware of the tests: watches what the view itself does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            return self.get_response(request)
        with connection.execute_wrapper(refuse_writes):
            return self.get_response(request)


def refuse_writes(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Database wrapper: fails by name on a write outside the allowed tables."""
    found = WRITE.match(str(sql))
    if found and not found[1].startswith(ALLOWED):
        raise GetWrote(f"A GET wrote to {found[1]}: use POST and a service.")
    return execute(sql, params, many, context)

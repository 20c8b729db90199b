"""The refusals of the house: a code for machines, an Indonesian sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Refused(Exception):
    """An act the rules do not allow; nothing was changed.

    `code` is stable and for machines and tests; `message` is a whole Indonesian sentence
    (what happened, what is safe, what to do next) and may be lazy; `status` is the HTTP status
    a view or the API answers; `fields` maps a form field's name to its own sentence.
    """

    status = 409

    def __init__(
        self,
        code: str,
        message: str | _StrPromise,
        *,
        status: int | None = None,
        fields: Mapping[str, str | _StrPromise] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.fields = dict(fields) if fields is not None else None
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return str(self.message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r})"


class NotAllowed(Refused):
    """The person is signed in and the record is in their area, but the right is missing."""

    status = 403


class NotFound(Refused):
    """No such record, or it lies outside the person's area: both answer the same."""

    status = 404


class Stale(Refused):
    """The record changed between reading and writing; read again before deciding."""

    status = 409


class BadInput(Refused):
    """What was typed or sent cannot be read or does not pass the shape checks."""

    status = 422

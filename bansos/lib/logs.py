"""Logs as one JSON object per line, with long digit runs (NIK, KK, accounts) taken out."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

HIDDEN = "[angka disembunyikan]"

# Eight digits is shorter than any bank account or NIK and longer than a port, a status or a count;
# separators inside (3519-0101 ..., 3519.0101...) do not get a number past the filter.
_DIGIT_RUN = re.compile(r"(?<![0-9A-Za-z])(?:[0-9][ .\-]?){7,}[0-9](?![0-9A-Za-z])")
_SIXTEEN = re.compile(r"[0-9]{16,}")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def redact(text: str) -> str:
    """The text without any run of eight or more digits, however the digits are grouped.

    Dates (2026-11-22), times and addresses with fewer digits stay readable.
    """
    return _SIXTEEN.sub(HIDDEN, _DIGIT_RUN.sub(_keep_dates, text))


_DATE = re.compile(r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|[0-3][0-9]-[01][0-9]-(?:19|20)[0-9]{2}")
_IP = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")


def _keep_dates(match: re.Match[str]) -> str:
    found = match.group()
    if _DATE.fullmatch(found[:10]) and _few_digits(found[10:]):
        return found
    return found if _IP.fullmatch(found) else HIDDEN


def _few_digits(rest: str) -> bool:
    return sum(letter.isdigit() for letter in rest) < 7 and rest[:1] in ("", " ")


def _clean(value: Any, depth: int = 0) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return HIDDEN if abs(value) >= 10**7 else value
    if isinstance(value, Mapping) and depth < 4:
        return {redact(str(key)): _clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < 4:
        return [_clean(item, depth + 1) for item in value]
    return value if isinstance(value, float) else redact(str(value))


class PersonalDataFilter(logging.Filter):
    """Renders the message and takes personal numbers out of it, the extras and the traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record; what cannot be rendered is replaced by the template alone."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            message = str(record.msg)
        record.msg = redact(message)
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        for name in set(vars(record)) - _STANDARD:
            setattr(record, name, _clean(getattr(record, name)))
        return True


class JsonFormatter(BaseJsonFormatter):
    """time, level, logger, message and whatever `extra=` brought, one line each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("json_ensure_ascii", False)
        super().__init__("%(message)s", *args[1:], **kwargs)

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        """Fixed names first, so that lines line up when read by eye."""
        log_data["time"] = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        super().add_fields(log_data, record, message_dict)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Redacts as well: a handler without the filter must not leak a traceback's numbers."""
        return redact(str(super().formatException(ei)))

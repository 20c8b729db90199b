"""No log line ever carries a NIK, a KK number or an account."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bansos.lib.logs import HIDDEN, JsonFormatter, PersonalDataFilter, redact

NIK = "3519014108570001"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(PersonalDataFilter())
    logger = logging.getLogger("tests.lib.logs")
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    yield logger, stream
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    "text",
    [
        NIK,
        f"nik={NIK}",
        f"nik:{NIK},kk:{NIK}",
        "351901 410857 0001",
        "351901-410857-0001",
        "3519.0141.0857.0001",
        f"/penerima/{NIK}/",
        f"x{NIK}y",
        f"('{NIK}',)",
        "rekening 0012345678",
        "0812-3456-7890",
        "1985-08-17 3519 0141 0857 0001",
    ],
)
def test_long_digit_runs_disappear(text: str) -> None:
    clean = redact(text)
    assert HIDDEN in clean
    assert "0857" not in clean.replace("0857-", "")
    assert "12345678" not in clean
    assert "3456-7890" not in clean


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 14.05",
        "22-11-2026",
        "2026-11-22T14:05:33+07:00",
        "127.0.0.1",
        "192.168.100.200",
        "port 54321",
        "1568 baris dalam 1200 ms",
        "job 7f2b41f0c9",
        "SP2D 0123/2026",
    ],
)
def test_what_operators_need_stays(text: str) -> None:
    assert redact(text) == text


def test_line_is_json_with_fixed_names(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.info("Impor selesai: %s baris", 1568, extra={"job": 12})
    line = json.loads(stream.getvalue())
    assert line["message"] == "Impor selesai: 1568 baris"
    assert (line["level"], line["logger"], line["job"]) == ("INFO", "tests.lib.logs", 12)
    assert line["time"]


def test_arguments_extras_and_tracebacks_are_cleaned(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, stream = log
    try:
        raise ValueError(f"NIK {NIK} ganda")
    except ValueError:
        logger.exception(
            "Gagal untuk %s",
            NIK,
            extra={"nik": NIK, "row": {"kk": int(NIK), "lines": [NIK, (NIK,)]}, "ok": True},
        )
    assert NIK not in stream.getvalue()
    line = json.loads(stream.getvalue())
    assert line["message"] == f"Gagal untuk {HIDDEN}"
    assert line["row"] == {"kk": HIDDEN, "lines": [HIDDEN, [HIDDEN]]}
    assert line["ok"] is True
    assert "ValueError" in line["exc_info"]


def test_a_badly_formed_message_is_still_logged(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("dua %s %s", "satu")
    assert json.loads(stream.getvalue())["message"] == "dua %s %s"


def test_formatter_alone_cleans_tracebacks() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("tests.lib.logs.alone")
    logger.addHandler(handler)
    logger.propagate = False
    try:
        raise ValueError(NIK)
    except ValueError:
        logger.exception("Gagal")
    logger.removeHandler(handler)
    assert NIK not in stream.getvalue()

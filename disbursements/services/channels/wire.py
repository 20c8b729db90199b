"""One HTTP call to a bank: whether it certainly never left, or may have, is told apart."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from bansos.lib.errors import BadInput

LONGEST_ANSWER = 256 * 1024 * 1024
AT_ONCE = 256 * 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NotSent(Exception):
    """The connection was never made: the bank has nothing."""


class Doubt(Exception):
    """The call may have reached the bank, and no answer came."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: bytes


def check_url(url: str) -> None:
    """Raises BadInput unless it is https, or this machine's own address while training."""
    parts = urlsplit(url)
    plain_is_fine = settings.TRAINING_MODE and parts.hostname in LOOPBACK
    sealed = parts.scheme == "https" or (parts.scheme == "http" and plain_is_fine)
    if not (parts.hostname and sealed) or parts.query or parts.fragment or parts.username:
        raise BadInput(
            "CHANNEL-URL",
            _("Alamat bank harus https:// tanpa nama pengguna, tanda tanya, atau pagar."),
        )


def call(
    base_url: str,
    path: str,
    *,
    method: str = "POST",
    body: bytes | None = None,
    headers: Mapping[str, str],
    seconds: int,
) -> Reply:
    """One call without redirects or proxies, ended after `seconds`. Raises NotSent or Doubt."""
    parts = urlsplit(base_url)
    end = time.monotonic_ns() + seconds * 10**9
    wire = _connect(parts.scheme, parts.hostname or "", parts.port, seconds)
    try:
        wire.request(method, f"{parts.path.rstrip('/')}{path}", body, dict(headers))
        answer = wire.getresponse()
        return Reply(answer.status, _read(answer, end))
    except (OSError, http.client.HTTPException) as error:
        raise Doubt(type(error).__name__) from error
    finally:
        wire.close()


def _connect(scheme: str, host: str, port: int | None, seconds: int) -> http.client.HTTPConnection:
    wire: http.client.HTTPConnection
    if scheme == "https":
        context = ssl.create_default_context()
        wire = http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    else:
        wire = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        wire.connect()
    except OSError as error:
        wire.close()
        raise NotSent(type(error).__name__) from error
    return wire


def _read(answer: http.client.HTTPResponse, end: int) -> bytes:
    """The whole body; a bank that drips or floods leaves us in doubt, not waiting."""
    found = bytearray()
    while chunk := answer.read(AT_ONCE):
        found += chunk
        if len(found) > LONGEST_ANSWER or time.monotonic_ns() > end:
            raise http.client.HTTPException("The answer is too long.")
    return bytes(found)

"""Search text as a sealed token: names and NIK never stand readable in a URL, log or bookmark."""

from __future__ import annotations

import base64
import hashlib
import zlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

LONGEST = 120


def _box() -> Fernet:
    key = hashlib.sha256(b"bansos.lib.lists.search" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(text: str) -> str:
    """The text as a token; "" stays "". Longer text than 120 characters is cut.

    Control characters go: no name holds one, and the database refuses NUL with an error page.
    """
    spaced = "".join(sign if sign.isprintable() else " " for sign in text)
    cleaned = " ".join(spaced.split())[:LONGEST]
    return _box().encrypt(zlib.compress(cleaned.encode())).decode().rstrip("=") if cleaned else ""


def unseal(token: str) -> str:
    """The text of a token; "" when it is not ours (an old bookmark, a changed key)."""
    if not token:
        return ""
    try:
        padded = token + "=" * (-len(token) % 4)
        return zlib.decompress(_box().decrypt(padded.encode())).decode()
    except (InvalidToken, ValueError, zlib.error):
        return ""

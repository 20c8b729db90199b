"""Sealing of personal numbers and files (AES-GCM) and the blind index that finds them again."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from bansos.lib.nik import clean_digits

# Layout: format (1 byte), key id (2 bytes, big endian), nonce (12), ciphertext with tag (n + 16).
FORMAT = 1
HEADER_LENGTH = 3
NONCE_LENGTH = 12
TAG_LENGTH = 16
_BODY = HEADER_LENGTH + NONCE_LENGTH


class CannotOpen(ValueError):
    """The sealed bytes are damaged, moved from another column, or their key is not in the ring."""


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def current_key_id() -> int:
    """The highest number in the ring; older keys only open."""
    ring: dict[int, bytes] = settings.FIELD_KEYS
    return max(ring)


def seal_bytes(plain: bytes, *, context: str) -> bytes:
    """Encrypt under the current key, bound to `context` ("table.column", or a file's purpose).

    What is sealed for one context does not open in another: a value copied into another column
    by hand in the database is refused.
    """
    key_id = current_key_id()
    header = bytes([FORMAT]) + key_id.to_bytes(2, "big")
    nonce = os.urandom(NONCE_LENGTH)
    cipher = _cipher(settings.FIELD_KEYS[key_id])
    return header + nonce + cipher.encrypt(nonce, plain, header + context.encode())


def sealed_key_id(sealed: bytes) -> int:
    """The number of the key that opens it, so that a re-key can pick the old rows."""
    if len(sealed) < HEADER_LENGTH + NONCE_LENGTH + TAG_LENGTH or sealed[0] != FORMAT:
        raise CannotOpen("These bytes were not sealed here.")
    return int.from_bytes(sealed[1:HEADER_LENGTH], "big")


def _key(key_id: int) -> bytes:
    ring: dict[int, bytes] = settings.FIELD_KEYS
    if key_id not in ring:
        raise CannotOpen(f"Key {key_id} is not in FIELD_KEYS.")
    return ring[key_id]


def open_bytes(sealed: bytes, *, context: str) -> bytes:
    """Decrypt what seal_bytes() made for the same context; raises CannotOpen otherwise."""
    key_id = sealed_key_id(sealed)
    key = _key(key_id)
    header, rest = sealed[:HEADER_LENGTH], memoryview(sealed)[HEADER_LENGTH:]  # a file is long
    nonce, ciphertext = rest[:NONCE_LENGTH], rest[NONCE_LENGTH:]
    try:
        return _cipher(key).decrypt(nonce, ciphertext, header + context.encode())
    except InvalidTag as error:
        raise CannotOpen(f"Sealed bytes for {context} do not open with key {key_id}.") from error


def seal_text(plain: str, *, context: str) -> bytes:
    """seal_bytes() of the UTF-8 text."""
    return seal_bytes(plain.encode(), context=context)


def open_text(sealed: bytes, *, context: str) -> str:
    """open_bytes() as text."""
    return open_bytes(sealed, context=context).decode()


def texts_opener(*, context: str) -> Callable[[Sequence[bytes]], list[str]]:
    """open_text() for many values of one column, some hundred at a time; "" where nothing is.

    They are sealed with one key or very few: what is the same for a key is made once.
    """

    def one(sealed: bytes) -> str:
        return open_text(sealed, context=context) if sealed else ""

    def opened(values: Sequence[bytes]) -> list[str]:
        first = next(filter(None, values), None)
        if first is None:
            return [""] * len(values)
        cipher = _cipher(_key(sealed_key_id(first)))
        decrypt, header = cipher.decrypt, first[:HEADER_LENGTH]
        bound = header + context.encode()
        try:
            return [
                decrypt(value[HEADER_LENGTH:_BODY], value[_BODY:], bound).decode()
                if value[:HEADER_LENGTH] == header
                else one(value)
                for value in values
            ]
        except CannotOpen:
            raise
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(f"Sealed bytes for {context} do not open.") from error

    return opened


def blind_index(value: str, purpose: str) -> str:
    """Keyed fingerprint (64 hex digits) for lookup and uniqueness of a sealed number.

    Separators and case do not count. The purpose ("nik", "kk", "account") keeps a NIK's index
    from matching an account's. It is an HMAC with its own key, because a bare hash of a NIK is
    found by trying every area, date and serial.
    """
    return indexer(purpose)(value)


def indexer(purpose: str) -> Callable[[str], str]:
    """blind_index() for many values of one purpose: what is the same for them is made once."""
    purposed = _keyed(settings.INDEX_KEY).copy()
    purposed.update(f"{purpose}\0".encode())

    def index(value: str) -> str:
        keyed = purposed.copy()
        keyed.update(clean_digits(value).upper().encode())
        return keyed.hexdigest()

    return index


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> hmac.HMAC:
    """The key worked in once: a copy of it takes a quarter of the time."""
    return hmac.new(key, digestmod=hashlib.sha256)

"""Plain rules of accounts."""

from __future__ import annotations

import hashlib


def token_hash(token: str) -> str:
    """SHA-256 of a token of 256 random bits; only the hash is kept."""
    return hashlib.sha256(token.encode()).hexdigest()

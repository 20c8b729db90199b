"""How one event is bound to the one before it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

FIRST = "0" * 64


def link(previous: str, fingerprint: dict[str, Any]) -> str:
    """SHA-256 over the previous hash and the event as canonical JSON, in hex."""
    body = json.dumps(fingerprint, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()

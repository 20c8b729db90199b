"""Secrets of this installation: made once, kept in the state folder for its owner only."""

from __future__ import annotations

import json
import os
import secrets

from bansos.launcher.places import Places


def ensure(places: Places) -> dict[str, str]:
    """SECRET_KEY, FIELD_KEYS and INDEX_KEY; those of the environment win.

    Losing the file loses every encrypted NIK: it belongs to the backup of the state folder.
    """
    path = places.state / "secrets.json"
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text())
    else:
        kept = {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "FIELD_KEYS": f"1:{secrets.token_hex(32)}",
            "INDEX_KEY": secrets.token_hex(32),
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            json.dump(kept, handle)
    return {name: os.environ.get(name) or value for name, value in kept.items()}

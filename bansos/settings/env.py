"""Reads settings from the environment; a missing secret fails with its name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Value of NAME, or of the file NAME_FILE names; refuses when there is no default either."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        with open(path, encoding="utf-8") as handle:
            return handle.read().strip()
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"Setting {name} is missing. Set {name} or {name}_FILE.")
    return default


def flag(name: str, default: bool) -> bool:
    """True for 1, true, yes, on."""
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "on", "ya"}


def words(name: str, default: str = "") -> list[str]:
    """A comma separated list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def secrets(prefix: str) -> dict[str, str]:
    """Every <prefix>NAME of the environment by its NAME; <prefix>NAME_FILE names a file."""
    names = {name.removesuffix("_FILE") for name in os.environ if name.startswith(prefix)}
    return {name.removeprefix(prefix): text(name) for name in sorted(names)}


def keys(name: str, default: str | None = None) -> dict[int, bytes]:
    """Key ring "1:<64 hex>,2:<64 hex>"; the highest number is the current key."""
    ring: dict[int, bytes] = {}
    for part in text(name, default).split(","):
        number, _, value = part.strip().partition(":")
        ring[int(number)] = bytes.fromhex(value)
    if any(len(value) != 32 for value in ring.values()):
        raise ImproperlyConfigured(f"Each key in {name} must be 32 bytes (64 hex digits).")
    return ring


def database(url: str) -> dict[str, object]:
    """Django's database settings from a postgres URL (?host= names a socket folder)."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    options = {key: query.pop(key) for key in ("sslmode",) if key in query}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or query.get("user", "")),
        "PASSWORD": unquote(parts.password or query.get("password", "")),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def simulated_bank(folder: Path) -> dict[str, str]:
    """Secrets of the channels to the simulated bank, when its folder has keys; training only."""
    keys_file, private = folder / "keys.json", folder / "snap-private.pem"
    if not (keys_file.exists() and private.exists()):
        return {}
    known = json.loads(keys_file.read_text(encoding="utf-8"))
    return {
        "LATIHAN_BERKAS_TOKEN": known["key"],
        "LATIHAN_SNAP_CLIENT_SECRET": known["secret"],
        "LATIHAN_SNAP_PRIVATE_KEY": private.read_text(encoding="utf-8"),
    }

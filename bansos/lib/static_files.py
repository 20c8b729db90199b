"""Finds a file among the project's own static files, and nowhere else."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation


def name_from_path(path: str) -> str | None:
    """The static file's name behind a URL path below STATIC_URL, or None.

    Dots, backslashes and NULs that could climb out of the folder, plain or percent-encoded,
    give None.
    """
    prefix = "/" + urlsplit(str(settings.STATIC_URL)).path.strip("/") + "/"
    plain = unquote(path)
    if not plain.startswith(prefix):
        return None
    name = plain.removeprefix(prefix)
    unsafe = "%" in name or "\\" in name or "\0" in name or name.startswith("/") or "//" in name
    if not name or unsafe or {"..", "."} & set(name.split("/")):
        return None
    return name


def find(name: str) -> Path | None:
    """The file of that name in the source folders or in STATIC_ROOT (hashed names), or None.

    A link that leads out of its folder is not followed.
    """
    try:
        found = finders.find(name)
    except SuspiciousFileOperation:
        return None
    candidates = [Path(str(found))] if found else []
    if settings.STATIC_ROOT:
        candidates.append(Path(settings.STATIC_ROOT) / name)
    depth = len(PurePosixPath(name).parts)
    for path in candidates:
        folder = path.parents[depth - 1].resolve()
        real = path.resolve()
        if real.is_file() and real.is_relative_to(folder):
            return real
    return None

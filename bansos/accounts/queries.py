"""Reads of accounts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown import markdown

from bansos.accounts.models import Agency, User
from bansos.lib.errors import Refused


def own_agency(user: User) -> Agency:
    """The agency of the user's province; Refused when the province has none yet."""
    agency = user.agency
    if agency is None:
        raise Refused(
            "AGENCY-NONE",
            _("Provinsi Anda belum punya data dinas. Minta administrator mengisinya dahulu."),
        )
    return agency


def signed_in_user(request: Any) -> User:
    """The user of a request that has passed the door (never a stranger)."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("the door let a stranger in")
    return user


PICTURE = re.compile(r"^!\[[^\]]*\]\([^)]*\)$", re.MULTILINE)
# Role -> its page in docs/panduan.
GUIDES = {
    "staf_program": "staf-program",
    "kepala_seksi": "kepala-seksi",
    "kepala_dinas": "kepala-dinas",
    "bendahara": "bendahara",
    "petugas_kab": "petugas-kabupaten",
    "verifikator_kab": "verifikator",
    "auditor": "auditor",
    "admin": "administrator",
}


def guide_folder() -> Path:
    """Where the guides are written."""
    return Path(settings.BASE_DIR) / "docs" / "panduan"


@cache
def guides() -> dict[str, str]:
    """Every guide: its name and its first heading."""
    found = {}
    for path in sorted(guide_folder().glob("*.md")):
        found[path.stem] = path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
    return found


def short_title(title: str) -> str:
    """ "Panduan kepala seksi" as the tab says it: "Kepala seksi"."""
    short = title.removeprefix("Panduan ")
    return short[:1].upper() + short[1:]


def guide_of(role: str) -> str:
    """The guide of a role."""
    return GUIDES[role]


@cache
def guide_html(name: str) -> SafeString:
    """One guide as HTML; the text is the project's own.

    Its pictures are for who reads the repository: they are not served here.
    """
    text = (guide_folder() / f"{name}.md").read_text(encoding="utf-8")
    text = PICTURE.sub("", text)
    return mark_safe(markdown(text, extensions=["tables"]))  # noqa: S308

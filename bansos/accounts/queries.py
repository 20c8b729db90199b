"""Reads of accounts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

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

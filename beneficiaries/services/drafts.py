"""Half-filled forms: saved while typing, for their own writer only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bansos.accounts.models import User
from beneficiaries.models import Draft
from beneficiaries.rules import DRAFT_DAYS

LONGEST_VALUE = 2_000
MOST_FIELDS = 200
# What every form posts and no draft needs.
NOT_KEPT = frozenset({"csrfmiddlewaretoken", "password"})


def save_draft(
    *, purpose: str, key: str = "", values: Mapping[str, Any], by: User, at: datetime
) -> Draft:
    """Keep the fields of a form; the same user, purpose and key is overwritten."""
    kept = {
        name: str(value)[:LONGEST_VALUE]
        for name, value in list(values.items())[:MOST_FIELDS]
        if name not in NOT_KEPT
    }
    draft, _created = Draft.objects.update_or_create(
        owner=by, purpose=purpose, key=key, defaults={"values": kept, "saved_at": at}
    )
    return draft


def load_draft(*, purpose: str, key: str = "", by: User) -> Draft | None:
    """The user's own draft, or None."""
    return Draft.objects.filter(owner=by, purpose=purpose, key=key).first()


def delete_draft(*, purpose: str, key: str = "", by: User) -> None:
    """Forget a draft: the form was sent."""
    Draft.objects.filter(owner=by, purpose=purpose, key=key).delete()


def delete_old_drafts(*, at: datetime) -> int:
    """Forget drafts nobody touched for 30 days; how many."""
    deleted, _by_model = Draft.objects.filter(saved_at__lt=at - DRAFT_DAYS).delete()
    return deleted

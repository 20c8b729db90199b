"""The door of every view: a view says who may pass, and nothing passes without saying."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest

from bansos.accounts.permissions import Permission

F = TypeVar("F", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed-in"


def requires(*permissions: Permission) -> Callable[[F], F]:
    """Mark a view: the user needs one of these permissions."""

    def mark(view: F) -> F:
        view.access = permissions  # type: ignore[attr-defined]
        return view

    return mark


def signed_in(view: F) -> F:
    """Mark a view: any signed-in user."""
    view.access = SIGNED_IN  # type: ignore[attr-defined]
    return view


def public(view: F) -> F:
    """Mark a view: open to everyone."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def requires_to_post(*permissions: Permission) -> Callable[[F], F]:
    """Mark a view whose writing needs another permission than its reading.

    Use beside `requires`: `requires` opens the door, this guards POST.
    """

    def mark(view: F) -> F:
        view.access_to_write = permissions  # type: ignore[attr-defined]
        return view

    return mark


def require(request: HttpRequest, *permissions: Permission) -> None:
    """Inside a view: refuse with 403 unless the user holds one of the permissions."""
    if not any(request.user.can(permission) for permission in permissions):  # type: ignore[union-attr]
        raise PermissionDenied


def find(queryset: Any, user: Any, **lookup: Any) -> Any:
    """The one door to a row: outside the user's area it does not exist (404)."""
    row = queryset.visible_to(user).filter(**lookup).first()
    if row is None:
        raise Http404
    return row


def declared(view: Any) -> Any:
    """What a resolved view says about access: permissions, a word, or None."""
    for holder in (view, getattr(view, "view_class", None), getattr(view, "cls", None)):
        access = getattr(holder, "access", None)
        if access is not None:
            return access
    return None


def declared_to_write(view: Any) -> Any:
    """Permissions for POST, when the view asks for other ones than for reading."""
    for holder in (view, getattr(view, "view_class", None)):
        access = getattr(holder, "access_to_write", None)
        if access is not None:
            return access
    return None


def is_instance_in(queryset: Any, user: Any, row: models.Model) -> bool:
    """True when the row is inside the user's area."""
    return bool(queryset.visible_to(user).filter(pk=row.pk).exists())

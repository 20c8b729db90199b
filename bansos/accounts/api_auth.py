"""The API's door: bearer tokens and declared permissions."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from bansos.accounts.models import ApiToken, User
from bansos.accounts.permissions import PERSONS_ONLY
from bansos.accounts.rules import token_hash


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`; the user is narrowed to the token's limits."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The narrowed user and the token; None when no bearer token was sent."""
        parts = get_authorization_header(request).decode("latin-1").split()
        if not parts or parts[0].lower() != "bearer":
            return None
        now = timezone.now()
        token = (
            ApiToken.objects.select_related("user")
            .filter(token_hash=token_hash(parts[-1]), revoked_at=None, expires_at__gt=now)
            .first()
        )
        if token is None or not token.user.is_active:
            raise exceptions.AuthenticationFailed("Token tidak berlaku.")
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        user = token.user
        if not token.area_code.startswith(user.area_code):
            raise exceptions.AuthenticationFailed("Wilayah token di luar wilayah pengguna.")
        user.area_code = token.area_code
        user.permission_limit = frozenset(token.permissions) - PERSONS_ONLY
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _answers(view: Any, method: str) -> bool:
    """Whether the route has the method at all, whoever asks."""
    name = method.lower()
    actions = getattr(view, "action_map", None)
    if method in {"OPTIONS", "HEAD"}:
        return True
    return name in actions if actions is not None else hasattr(view, name)


class HasDeclaredPermission(BasePermission):
    """A view names `permissions = {action or method: Permission}`; silence is a refusal.

    Where a tuple stands, any one of them opens the door. A method the route does not have is told
    to whoever signed in (405, with Allow).
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """True when the view's declaration and the user's role agree."""
        user = request.user
        if not user or not user.is_authenticated:
            return False
        declared: dict[str, Any] = getattr(view, "permissions", {})
        if not declared and view.__class__.__module__.startswith("drf_spectacular"):
            return True
        if not _answers(view, request.method or ""):
            raise exceptions.MethodNotAllowed(request.method or "")
        key = getattr(view, "action", None) or (request.method or "").lower()
        needed = declared.get(key)
        if needed is None and request.method in {"OPTIONS", "HEAD"}:
            needed = next(iter(declared.values()), None)
        if needed is None:
            return False
        return any(user.can(one) for one in (needed if isinstance(needed, tuple) else (needed,)))

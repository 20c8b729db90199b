"""How the sign-in library behaves here: nobody signs up; every sign-in is in the trail."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import timezone

from bansos.accounts import services


class ClosedAccountAdapter(DefaultAccountAdapter):
    """No public sign-up; who came in, and who was turned away, is recorded."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Called when every step (password, second factor) is passed."""
        now = timezone.now()
        super().login(request, user)
        request.session["began"] = now.timestamp()
        services.record_sign_in(user=user, at=now)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password for a name that exists stands in that account's own trail."""
        services.record_failed_sign_in(
            username=str(credentials.get("username", "")), at=timezone.now()
        )

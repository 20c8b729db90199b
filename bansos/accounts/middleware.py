"""Deny by default: every view passes through here and must have said who may see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers

from bansos.accounts.access import PUBLIC, SIGNED_IN, declared, declared_to_write
from bansos.lib.errors import NotAllowed, NotFound, Refused

# Pages of the sign-in library, which guard themselves.
OPEN_MODULES = ("allauth.", "django.views.i18n", "django.contrib.staticfiles")
WRITING = {"POST", "PUT", "PATCH", "DELETE"}


def _too_long(request: HttpRequest) -> bool:
    """True when the session is older than a working day, however busy it was."""
    began = request.session.get("began")
    return began is not None and timezone.now().timestamp() - began > settings.SESSION_LONGEST


class ChosenLanguageMiddleware:
    """Indonesian until somebody chooses: an English Windows must not decide for an office."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_CODE)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class AccessMiddleware:
    """Asks each view for its mark; sends strangers to sign in; keeps pages out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and _too_long(request):
            logout(request)
        user = request.user
        if user.is_authenticated and user.agency is not None:
            timezone.activate(user.agency.zone)
        else:
            timezone.deactivate()
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            add_never_cache_headers(response)
            response.headers["Cache-Control"] = "no-store, private"
            response.headers.setdefault(
                "Permissions-Policy", "geolocation=(self), camera=(self), microphone=()"
            )
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Let pass, send to sign in, or refuse."""
        if getattr(view, "__module__", "").startswith(OPEN_MODULES):
            return None
        access = declared(view)
        if hasattr(view, "cls") and access is None:
            return None  # a DRF view: HasDeclaredPermission denies by default there
        if access == PUBLIC:
            return None
        if not request.user.is_authenticated:
            return self._to_sign_in(request)
        if access == SIGNED_IN:
            return None
        if request.method in WRITING and declared_to_write(view) is not None:
            access = declared_to_write(view)
        if access is None or not any(request.user.can(p) for p in access):
            raise PermissionDenied
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A refusal that no page caught becomes its plain page."""
        if isinstance(error, Refused):
            from django.shortcuts import render

            status = getattr(error, "status", 409)
            template = "403.html" if isinstance(error, NotAllowed) else "refused.html"
            template = "404.html" if isinstance(error, NotFound) else template
            context = {"refused": error}
            return render(request, template, context, status=status)
        return None

    def _to_sign_in(self, request: HttpRequest) -> HttpResponse:
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=401)
            response.headers["HX-Redirect"] = reverse("account_login")
            return response
        return redirect_to_login(request.get_full_path(), reverse("account_login"))

"""Pages of accounts: appearance, users, tokens, roles."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from bansos.accounts import services
from bansos.accounts.access import public
from bansos.accounts.choices import Density, Theme

COOKIE_AGE = 365 * 24 * 3600


@public
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep theme and density: in a cookie for the device, on the row for the user."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = "/"
    response = redirect(back)
    chosen = {}
    for key, cookie, allowed in (
        ("theme", "tema", Theme.values),
        ("density", "kerapatan", Density.values),
    ):
        value = request.POST.get(key)
        if value in allowed:
            chosen[key] = value
            response.set_cookie(
                cookie, value, max_age=COOKIE_AGE, samesite="Lax", secure=request.is_secure()
            )
    if chosen and request.user.is_authenticated:
        services.set_appearance(user=request.user, **chosen)
    return response


@public
@require_GET
def components_page(request: HttpRequest) -> HttpResponse:
    """Every component in every state; routed only where settings say so."""
    from bansos.lib.component_page import sample_context

    return render(request, "components/all.html", sample_context())

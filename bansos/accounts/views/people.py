"""Pages of accounts: appearance, users, tokens, roles, regions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts import queries, services
from bansos.accounts.access import find, public, requires, signed_in
from bansos.accounts.choices import Density, Theme
from bansos.accounts.forms import TokenForm, UserForm
from bansos.accounts.models import ApiToken, User
from bansos.accounts.permissions import PERSONS_ONLY, ROLES, WORDS, Permission
from bansos.accounts.queries import signed_in_user
from bansos.accounts.tables import EventList, UserList
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb, Tab
from bansos.regions.models import Region

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
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=COOKIE_AGE, samesite="Lax"
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


@requires(Permission.USER_MANAGE)
class UserListView(ListView):
    """Accounts inside my area."""

    spec = UserList

    def primary_action(self) -> Action:
        return Action(_("Tambah pengguna"), reverse("accounts:user_new"), "plus")

    def extra_context(self) -> dict[str, Any]:
        return {"roles": ROLES.values()}


@requires(Permission.USER_MANAGE)
@require_http_methods(["GET", "POST"])
def user_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change one account."""
    user = find(User.objects, request.user, pk=pk) if pk else User()
    form = UserForm(request.POST or None, instance=user)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _save_user(request, form):
            messages.info(request, _("Akun tersimpan."))
            return redirect("accounts:users")
    tokens = ApiToken.objects.filter(user=user).order_by("-created_at", "pk") if pk else []
    context = {
        "form": form,
        "edited": user if pk else None,
        "roles": ROLES.values(),
        "tokens": tokens,
        "events": timeline_of(user, limit=20) if pk else [],
    }
    return render(request, "accounts/user.html", context, status=status)


def _save_user(request: HttpRequest, form: UserForm) -> bool:
    try:
        services.save_user(
            user=form.save(commit=False),
            password=form.cleaned_data["password"],
            by=signed_in_user(request),
            at=timezone.now(),
        )
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return False
    return True


@requires(Permission.USER_MANAGE)
@require_http_methods(["GET", "POST"])
def token_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a machine a key that acts for this user; the secret is shown once."""
    user = find(User.objects, request.user, pk=pk)
    rights = ROLES[user.role].permissions - PERSONS_ONLY
    choices = [(str(right), words) for right, words in WORDS.items() if right in rights]
    form = TokenForm(request.POST or None, choices=choices, initial={"area_code": user.area_code})
    context: dict[str, Any] = {"form": form, "edited": user}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _token, context["secret"] = services.issue_token(
                    user=user, by=signed_in_user(request), at=timezone.now(), **form.cleaned_data
                )
                status = 200
            except Refused as refused:
                form.add_error(None, str(refused.message))
    return render(request, "accounts/token.html", context, status=status)


@requires(Permission.USER_MANAGE)
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a machine's key at once."""
    token = find(ApiToken.objects, request.user, pk=pk)
    services.revoke_token(token=token, by=signed_in_user(request), at=timezone.now())
    messages.info(request, _("Token dicabut."))
    return redirect("accounts:user", pk=token.user_id)


@requires(Permission.USER_MANAGE, Permission.AUDIT_VIEW)
@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """What each role may do, in words."""
    return render(request, "accounts/roles.html", {"roles": ROLES.values()})


@requires(Permission.AUDIT_VIEW)
class EventListView(ListView):
    """The audit trail of my area."""

    spec = EventList


@requires(Permission.REGION_VIEW)
@require_GET
def regions(request: HttpRequest) -> HttpResponse:
    """Regions below one region, inside the user's area, with both code systems."""
    visible = Region.objects.visible_to(request.user)
    parent = visible.filter(code=request.GET.get("kode", "")).first()
    rows = visible.filter(parent=parent).order_by("code")
    trail = [Crumb(label=_("Wilayah"), href=reverse("accounts:regions"))]
    step: Region | None = parent
    above: list[Crumb] = []
    while step is not None:
        above.insert(0, Crumb(label=step.name, href=f"?kode={step.code}"))
        step = step.parent
    return render(request, "accounts/regions.html", {"rows": rows, "crumbs": trail + above})


@signed_in
@require_GET
def help_page(request: HttpRequest, name: str = "") -> HttpResponse:
    """The guide of my role, or the one asked for."""
    guides = queries.guides()
    wanted = name or queries.guide_of(signed_in_user(request).role)
    if wanted not in guides:
        raise Http404
    tabs = [
        Tab(
            label=queries.short_title(title),
            href=reverse("accounts:help_guide", args=[key]),
            active=key == wanted,
        )
        for key, title in guides.items()
    ]
    return render(request, "accounts/help.html", {"tabs": tabs, "body": queries.guide_html(wanted)})

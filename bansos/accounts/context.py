"""What every page needs: menu, scope, agency, training mark."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from bansos.accounts.navigation import menu_for
from bansos.accounts.permissions import Permission

# Login, password, name and role of training accounts; filled by the demo app, shown in training.
DEMO_LOGINS: list[dict[str, Any]] = []


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame around every page."""
    user = getattr(request, "user", None)
    common = {
        "training_mode": settings.TRAINING_MODE,
        "nav": None,
        "this_year": timezone.localdate().year,
        "density": request.COOKIES.get("kerapatan", "sedang"),
        "theme": request.COOKIES.get("tema", "terang"),
    }
    if user is None or not user.is_authenticated:
        return {**common, "demo_logins": DEMO_LOGINS if settings.TRAINING_MODE else []}
    return {
        **common,
        "can_search": user.can(Permission.BENEFICIARY_VIEW),
        "nav": menu_for(user, request.path),
        "agency": user.agency,
        "area_name": user.area_name,
        "fiscal_year": timezone.localdate().year,
        "scope_name": user.area_name,
        "density": user.density,
        "theme": user.theme,
    }

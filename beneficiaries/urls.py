"""Routes of the register and of lists on their way in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

app_name = "beneficiaries"


def _soon(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [
    path("", _soon, name="people"),
    path("orang/<int:pk>/", _soon, name="person"),
    path("keluarga/<int:pk>/", _soon, name="family"),
    path("potret/<int:pk>/", _soon, name="snapshot"),
    path("potret/", _soon, name="snapshots"),
    path("impor/<uuid:pk>/", _soon, name="import"),
]

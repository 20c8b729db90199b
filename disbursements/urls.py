"""Routes."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import URLPattern, path

app_name = "disbursements"
urlpatterns: list[URLPattern] = [
    path("daftar/<int:pk>/", lambda r, pk: HttpResponse(""), name="list"),
    path("hasil/<int:pk>/", lambda r, pk: HttpResponse(""), name="result"),
    path("daftar/<int:pk>/rekonsiliasi/", lambda r, pk: HttpResponse(""), name="reconcile"),
]

"""Routes of accounts."""

from __future__ import annotations

from django.urls import path

from bansos.accounts import views

app_name = "accounts"
urlpatterns = [path("tampilan/", views.appearance, name="appearance")]

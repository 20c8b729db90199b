"""Routes of the training page."""

from __future__ import annotations

from django.urls import path

from bansos.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.training, name="training"),
    path("contoh/<slug:key>/", views.sample, name="sample"),
    path("bank/<int:pk>/", views.answer, name="answer"),
]

"""Routes of documents."""

from __future__ import annotations

from django.urls import path

from bansos.documents import views

app_name = "documents"
urlpatterns = [
    path("", views.ArchiveView.as_view(), name="archive"),
    path("periksa/", views.check, name="check"),
    path("periksa/<str:code>/", views.genuine, name="genuine"),
    path("ekspor/<str:key>/", views.export, name="export"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/berkas/", views.file, name="file"),
]

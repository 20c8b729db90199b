"""Routes of jobs."""

from __future__ import annotations

from django.urls import path

from bansos.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("laci/", views.drawer, name="drawer"),
    path("<uuid:pk>/", views.job_detail, name="detail"),
    path("<uuid:pk>/kemajuan/", views.progress, name="progress"),
    path("<uuid:pk>/batal/", views.cancel, name="cancel"),
]

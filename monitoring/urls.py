"""Routes of monitoring: dashboard and reports; the home page stands at "/"."""

from __future__ import annotations

from django.urls import path

from monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("dasbor/", views.dashboard, name="dashboard"),
    path("acuan/", views.ReferenceListView.as_view(), name="references"),
    path("acuan/baru/", views.reference_new, name="reference_new"),
    path("acuan/<int:pk>/", views.reference, name="reference"),
    path("", views.ReportListView.as_view(), name="reports"),
    path("baru/", views.report_new, name="report_new"),
    path("<int:pk>/", views.report, name="report"),
]

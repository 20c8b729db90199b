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
    path("bendahara/", views.treasury_index, name="treasury"),
    path("bendahara/tenggat/", views.deadlines, name="deadlines"),
    path("bendahara/tenggat/<int:pk>/", views.deadline_edit, name="deadline_edit"),
    path("bendahara/tahun/", views.fiscal_year, name="fiscal_year"),
    path("bendahara/laporan-transaksi/", views.account_use, name="account_use"),
    path("bendahara/kartu/<int:pk>/", views.budget_card, name="budget_card"),
    path("bendahara/kartu/<int:pk>/rencana/", views.cash_plan, name="cash_plan"),
    path("bendahara/daftar/<slug:slug>/", views.treasury_list, name="treasury_list"),
    path("bendahara/daftar/<slug:slug>/pdf/", views.treasury_pdf, name="treasury_pdf"),
]

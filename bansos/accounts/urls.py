"""Routes of accounts: appearance, users, roles, regions, the audit trail."""

from __future__ import annotations

from django.urls import path

from bansos.accounts import views

app_name = "accounts"
urlpatterns = [
    path("tampilan/", views.appearance, name="appearance"),
    path("pengguna/", views.UserListView.as_view(), name="users"),
    path("pengguna/tambah/", views.user_edit, name="user_new"),
    path("pengguna/<int:pk>/", views.user_edit, name="user"),
    path("pengguna/<int:pk>/token/", views.token_new, name="token_new"),
    path("token/<int:pk>/cabut/", views.token_revoke, name="token_revoke"),
    path("peran/", views.roles, name="roles"),
    path("wilayah/", views.regions, name="regions"),
    path("kalender/", views.CalendarView.as_view(), name="calendar"),
    path("kalender/tambah/", views.holiday_edit, name="holiday_new"),
    path("kalender/isi/", views.calendar_fill, name="calendar_fill"),
    path("kalender/sahkan/", views.calendar_confirm, name="calendar_confirm"),
    path("kalender/impor/", views.calendar_import, name="calendar_import"),
    path("kalender/<int:pk>/", views.holiday_edit, name="holiday"),
    path("kalender/<int:pk>/hapus/", views.holiday_remove, name="holiday_remove"),
    path("bantuan/", views.help_page, name="help"),
    path("bantuan/<slug:name>/", views.help_page, name="help_guide"),
    path("jejak/", views.EventListView.as_view(), name="events"),
]

"""Routes of the register and of lists on their way in."""

from __future__ import annotations

from django.urls import path

from beneficiaries.views import drafts, imports, people, snapshots

app_name = "beneficiaries"
urlpatterns = [
    path("", people.PersonListView.as_view(), name="people"),
    path("orang/<int:pk>/", people.person, name="person"),
    path("orang/<int:pk>/ubah/", people.edit, name="person_edit"),
    path("orang/<int:pk>/catat-rekening/", people.account, name="person_account"),
    path("orang/<int:pk>/catat-kematian/", people.death, name="person_death"),
    path("orang/<int:pk>/<slug:tab>/", people.person, name="person_tab"),
    path("buka/<slug:field>/<int:pk>/", people.reveal, name="reveal"),
    path("keluarga/", people.FamilyListView.as_view(), name="families"),
    path("keluarga/<int:pk>/", people.family, name="family"),
    path("potret/", snapshots.SnapshotListView.as_view(), name="snapshots"),
    path("potret/<int:pk>/", snapshots.snapshot, name="snapshot"),
    path("impor/", imports.ImportListView.as_view(), name="imports"),
    path("impor/mulai/", imports.start, name="import_start"),
    path("impor/<uuid:pk>/", imports.detail, name="import"),
    path("impor/<uuid:pk>/kolom/", imports.mapping, name="import_mapping"),
    path("impor/<uuid:pk>/masukkan/", imports.accept, name="import_accept"),
    path("impor/<uuid:pk>/tolak/", imports.refuse, name="import_refuse"),
    path("impor/<uuid:pk>/perbaikan/", imports.errors, name="import_errors"),
    path("impor/<uuid:pk>/asli/", imports.original, name="import_original"),
    path("draf/<str:purpose>/", drafts.draft, name="draft"),
    path("draf/<str:purpose>/<str:key>/", drafts.draft, name="draft"),
]

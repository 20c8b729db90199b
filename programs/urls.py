"""Routes of the catalogue, proposals, verification and decrees."""

from __future__ import annotations

from django.urls import path

from programs.views import (
    catalogue,
    decrees,
    editor,
    papers,
    proposals,
    proxies,
    residents,
    units,
    verification,
)

app_name = "programs"
urlpatterns = [
    path("", catalogue.catalogue, name="catalogue"),
    path("baru/", catalogue.programme_edit, name="programme_new"),
    path("<int:pk>/", catalogue.programme, name="programme"),
    path("<int:pk>/ubah/", catalogue.programme_edit, name="programme_edit"),
    path("<int:pk>/aturan-baru/", catalogue.version_new, name="version_new"),
    path("aturan/<int:pk>/", catalogue.version, name="version"),
    path("aturan/<int:pk>/ubah/", catalogue.version_edit, name="version_edit"),
    path("aturan/<int:pk>/berlaku/", catalogue.version_activate, name="version_activate"),
    path("aturan/<int:pk>/salin/", catalogue.version_copy, name="version_copy"),
    path("aturan/<int:pk>/kriteria/", editor.criterion, name="criterion_new"),
    path("aturan/<int:pk>/kriteria/<int:place>/", editor.criterion, name="criterion"),
    path(
        "aturan/<int:pk>/kriteria/<int:place>/hapus/", editor.criterion_drop, name="criterion_drop"
    ),
    path("aturan/<int:pk>/tahap/", editor.stages, name="stages"),
    path("aturan/<int:pk>/kuota/", editor.quotas, name="quotas"),
    path("tahap/<int:pk>/satuan/", units.units, name="units"),
    path("tahap/<int:pk>/satuan/isi/", residents.fill, name="units_fill"),
    path("usulan/<int:pk>/satuan/<int:stage>/", residents.evidence, name="unit_evidence"),
    path("usulan/<int:pk>/satuan/<int:stage>/kuitansi/", residents.receipt_new, name="receipt_new"),
    path("kuitansi/<int:pk>/", residents.receipt, name="receipt"),
    path("kuitansi/<int:pk>/batal/", residents.receipt_cancel, name="receipt_cancel"),
    path("usulan/", proposals.ProposalListView.as_view(), name="proposals"),
    path("usulan/baru/", proposals.proposal_new, name="proposal_new"),
    path("usulan/baru/<int:pk>/", proposals.proposal_form, name="proposal_form"),
    path("usulan/<int:pk>/", proposals.proposal, name="proposal"),
    path("usulan/<int:pk>/ajukan/", proposals.proposal_send, name="proposal_send"),
    path("usulan/<int:pk>/tarik/", proposals.proposal_withdraw, name="proposal_withdraw"),
    path("usulan/<int:pk>/dokumen/", papers.paper_add, name="paper_add"),
    path("usulan/<int:pk>/penerima/", proxies.payee, name="payee"),
    path("usulan/<int:pk>/kuasa/", proxies.proxy_new, name="proxy_new"),
    path("usulan/kuasa/<int:pk>/akhiri/", proxies.proxy_end, name="proxy_end"),
    path("usulan/<int:pk>/status/", papers.member, name="member"),
    path("usulan/dokumen/<int:pk>/", papers.paper, name="paper"),
    path("usulan/dokumen/<int:pk>/hapus/", papers.paper_remove, name="paper_remove"),
    path("verifikasi/", verification.queue, name="queue"),
    path("verifikasi/<int:pk>/", verification.judge, name="judge"),
    path("berita-acara/", verification.RecordListView.as_view(), name="records"),
    path(
        "berita-acara/<int:pk>/<str:district>/buat/", verification.record_make, name="record_make"
    ),
    path("sk/", decrees.DecreeListView.as_view(), name="decrees"),
    path("sk/baru/", decrees.decree_new, name="decree_new"),
    path("sk/<int:pk>/", decrees.decree, name="decree"),
    path("sk/<int:pk>/ajukan/", decrees.decree_submit, name="decree_submit"),
    path("sk/<int:pk>/setujui/", decrees.decree_approve, name="decree_approve"),
    path("sk/<int:pk>/kembalikan/", decrees.decree_return, name="decree_return"),
    path("sk/<int:pk>/batal/", decrees.decree_cancel, name="decree_cancel"),
    path("sk/<int:pk>/ubah/", decrees.decree_amend, name="decree_amend"),
    path("sk/<int:pk>/keluarkan/<int:enrolment>/", decrees.decree_drop, name="decree_drop"),
]

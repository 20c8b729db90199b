"""Routes of budgets, pay lists, bank answers and returns."""

from __future__ import annotations

from django.urls import path

from disbursements.views import (
    approvals,
    audits,
    bank,
    budgets,
    desk,
    lists,
    papers,
    results,
    returns,
    submissions,
)

app_name = "disbursements"
urlpatterns = [
    path("pagu/", budgets.index, name="budgets"),
    path("pagu/baru/", budgets.new, name="budget_new"),
    path("pagu/<int:pk>/", budgets.detail, name="budget"),
    path("pagu/<int:pk>/alokasi/", budgets.allocate, name="allocate"),
    path("kartu-kendali/", budgets.LedgerView.as_view(), name="ledger"),
    path("daftar/", lists.PayListView.as_view(), name="lists"),
    path("daftar/baru/", lists.new, name="list_new"),
    path("daftar/<int:pk>/", lists.detail, name="list"),
    path("daftar/<int:pk>/baris/", lists.LinesView.as_view(), name="lines"),
    path("daftar/<int:pk>/keluarkan/", lists.exclude, name="exclude"),
    path("daftar/<int:pk>/kembalikan-baris/", lists.include, name="include"),
    path("daftar/<int:pk>/batalkan/", lists.cancel, name="cancel"),
    path("daftar/<int:pk>/tindakan/<slug:act>/", lists.act, name="act"),
    path("daftar/<int:pk>/susulan/", lists.follow_up, name="follow_up"),
    path("daftar/<int:pk>/persetujuan/", approvals.approve, name="approve"),
    path("daftar/<int:pk>/sp2d/", approvals.sp2d, name="sp2d"),
    path("daftar/<int:pk>/berkas/", bank.make, name="bank_files"),
    path("daftar/<int:pk>/berkas/<slug:kind>/", bank.take, name="bank_file"),
    path("daftar/<int:pk>/kirim/", bank.send, name="send"),
    path("daftar/<int:pk>/berkas-tahap/", papers.index, name="papers"),
    path("daftar/<int:pk>/hasil/", results.upload, name="upload"),
    path("daftar/<int:pk>/rekonsiliasi/", returns.reconcile, name="reconcile"),
    path("daftar/<int:pk>/kirim/<int:channel>/", submissions.send, name="submit"),
    path("kiriman/", submissions.SubmissionListView.as_view(), name="submissions"),
    path("kiriman/<int:pk>/", submissions.detail, name="submission"),
    path("kiriman/<int:pk>/status/", submissions.ask, name="submission_ask"),
    path("kiriman/<int:pk>/lagi/", submissions.again, name="submission_again"),
    path("daftar/<int:pk>/meja/", desk.of_list, name="list_desk"),
    path("meja/", desk.index, name="desk"),
    path("meja/unggah/", desk.upload, name="statement_upload"),
    path("meja/tutup-hari/", desk.close_day, name="close_day"),
    path("meja/baris/<int:pk>/", desk.row, name="desk_row"),
    path("hasil/", results.ResultListView.as_view(), name="results"),
    path("hasil/<int:pk>/", results.detail, name="result"),
    path("hasil/<int:pk>/terapkan/", results.apply, name="apply"),
    path("hasil/<int:pk>/tolak/", results.throw_away, name="refuse"),
    path("retur/", returns.ReturnListView.as_view(), name="returns"),
    path("retur/<int:pk>/", returns.detail, name="return"),
    path("pemeriksaan-buku/", audits.index, name="audits"),
    path("pemeriksaan-buku/mulai/", audits.start, name="audit_start"),
    path("pemeriksaan-buku/pelanggaran/", audits.BreachView.as_view(), name="breaches"),
    path("pemeriksaan-buku/<int:pk>/", audits.detail, name="audit"),
]

"""Which state of a submission follows which, and what to do in each; no timer leaves UNKNOWN."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from disbursements.choices import Heard, SubmissionState, TransferState

S = SubmissionState
# UNKNOWN -> INTENT: two people found that nothing arrived, or the bank declares deduplication.
SUBMISSION_MOVES: frozenset[tuple[SubmissionState, SubmissionState]] = frozenset(
    {
        (S.INTENT, S.ACCEPTED),
        (S.INTENT, S.UNKNOWN),
        (S.INTENT, S.REJECTED),
        (S.SENT, S.ACCEPTED),
        (S.UNKNOWN, S.ACCEPTED),
        (S.UNKNOWN, S.REJECTED),
        (S.UNKNOWN, S.INTENT),
    }
)
# What a call to send leaves behind; a call that certainly never left leaves the intent.
AFTER_SENDING: dict[Heard, SubmissionState] = {
    Heard.ACCEPTED: S.ACCEPTED,
    Heard.REJECTED: S.REJECTED,
    Heard.UNKNOWN: S.UNKNOWN,
}
TRANSFER_AFTER: dict[Heard, TransferState] = {
    Heard.ACCEPTED: TransferState.ACCEPTED,
    Heard.PENDING: TransferState.ACCEPTED,
    Heard.REJECTED: TransferState.FAILED,
    Heard.UNKNOWN: TransferState.UNKNOWN,
    Heard.NOT_FOUND: TransferState.UNKNOWN,
    Heard.NOT_SENT: TransferState.NOT_SENT,
    Heard.DONE: TransferState.DONE,
    Heard.FAILED: TransferState.FAILED,
}
# Sends of one instruction without a person in between, where the bank declares deduplication.
MOST_SENDS = 3

WHAT_TO_DO: dict[SubmissionState, Any] = {
    S.INTENT: _("Kiriman dicatat dan sedang dikerjakan, atau menunggu dikirim lagi."),
    S.SENT: _("Berkas dibawa petugas. Tunggu hasil dari bank, lalu unggah."),
    S.ACCEPTED: _("Bank sudah menerima. Tunggu hasil dari bank, lalu terapkan."),
    S.UNKNOWN: _(
        "Kiriman mungkin sudah sampai di bank, mungkin belum. Jangan kirim lagi dan jangan bawa"
        " berkasnya ke bank. Tanyakan status, unggah hasil dari bank, atau catat keputusan dua"
        " orang sesudah memastikannya kepada bank."
    ),
    S.REJECTED: _(
        "Bank menolak dan belum membayar apa pun. Perbaiki sebabnya bersama bank, lalu kirim lagi"
        " dengan referensi baru."
    ),
}
# A channel that is asked for its results: only who may take them in gets them.
TAKE_RESULTS = _(
    "Bank sudah menerima. Hasilnya diambil bendahara dengan Tanyakan status ke bank, lalu"
    " diterapkan."
)
ANSWERED = _("Bank sudah menjawab semua baris. Tidak ada lagi yang ditunggu dari bank.")

"""Reads of the trail: the timeline of one record, in sentences."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from bansos.audit.models import Event
from bansos.lib import parts

# Verb -> sentence; each app adds its own at start (see `tell`).
SENTENCES: dict[str, Any] = {}


def tell(sentences: dict[str, Any]) -> None:
    """An app names its verbs in words: {"programs.submit": _("Usulan diajukan")}."""
    SENTENCES.update(sentences)


# Verb -> sentences of an answer: agreed, refused. The trail holds which one in `agreed`.
ANSWERS: dict[str, tuple[Any, Any]] = {}


def tell_answers(sentences: dict[str, tuple[Any, Any]]) -> None:
    """An app names verbs of a second person's answer: {verb: (agreed, refused)}."""
    ANSWERS.update(sentences)


# Table -> word, for the reader of the trail.
KINDS: dict[str, Any] = {
    "accounts.user": _("Pengguna"),
    "accounts.apitoken": _("Token"),
    "beneficiaries.person": _("Orang"),
    "beneficiaries.family": _("Keluarga"),
    "beneficiaries.bankaccount": _("Rekening"),
    "beneficiaries.payee": _("Kelompok, lembaga, atau kas pemerintah"),
    "beneficiaries.pillar": _("Pilar"),
    "beneficiaries.company": _("Perusahaan"),
    "beneficiaries.importbatch": _("Impor"),
    "beneficiaries.snapshot": _("Potret data"),
    "programs.programme": _("Program"),
    "programs.programmeversion": _("Aturan program"),
    "programs.enrolment": _("Usulan"),
    "programs.decree": _("SK"),
    "programs.verificationrecord": _("Berita Acara"),
    "disbursements.budgetline": _("Pagu"),
    "disbursements.allocation": _("Alokasi"),
    "disbursements.paylist": _("Daftar bayar"),
    "disbursements.paymentline": _("Baris bayar"),
    "disbursements.bankfile": _("Berkas bank"),
    "disbursements.resultfile": _("Hasil bank"),
    "disbursements.returncase": _("Retur"),
    "disbursements.reconciliation": _("Rekonsiliasi"),
    "disbursements.auditrun": _("Pemeriksaan buku"),
    "documents.document": _("Dokumen"),
    "monitoring.report": _("Laporan"),
    "jobs.job": _("Pekerjaan"),
}


def subject(event: Event) -> str:
    """The record an event is about: its kind in words and the start of its number."""
    kind = KINDS.get(event.target_type, event.target_type)
    return f"{kind} {event.target_id[:8]}"


def sentence(verb: str) -> str:
    """The verb in words; the verb itself when no app has named it."""
    return str(SENTENCES.get(verb, verb))


def told(event: Event) -> str:
    """What an event says in words, an answer as it was given."""
    agreed = event.data.get("agreed")
    if event.verb in ANSWERS and isinstance(agreed, bool):
        return str(ANSWERS[event.verb][0 if agreed else 1])
    return sentence(event.verb)


def timeline_of(target: models.Model, *, limit: int = 100) -> list[parts.Event]:
    """The newest events of a record, newest first, as the timeline component wants them."""
    rows = Event.objects.filter(
        target_type=target._meta.label_lower, target_id=str(target.pk)
    ).order_by("-pk")[:limit]
    return [
        parts.Event(at=row.at, title=told(row), by=row.actor_name, text=row.reason) for row in rows
    ]

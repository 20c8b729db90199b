"""Issue documents: number, bytes, hash, check code; hand them out with a trace; export lists."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency, User
from bansos.audit import services as audit
from bansos.documents.choices import DocumentState
from bansos.documents.models import Document, NumberSequence, Wording
from bansos.documents.registry import ask_gate, file_for
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.errors import Refused
from bansos.lib.faults import point

# No 0/O, 1/I: people type it from paper.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@transaction.atomic
def next_number(*, agency: Agency, kind: str, on: date) -> int:
    """The next number of this kind in this year; waits for others, gives each number once."""
    NumberSequence.objects.get_or_create(agency=agency, kind=kind, year=on.year)
    rows = NumberSequence.objects.filter(agency=agency, kind=kind, year=on.year)
    rows.update(last=F("last") + 1)
    return rows.get().last


def new_check_code() -> str:
    """16 letters and digits, about 80 bits: cannot be guessed, holds nothing personal."""
    code = "".join(secrets.choice(ALPHABET) for _i in range(16))
    return "-".join(code[i : i + 4] for i in range(0, 16, 4))


@dataclass(frozen=True)
class Template:
    """What a document is made from: the file, its version, the agency's words."""

    path: str
    version: int
    words: dict[str, Any]


def template_for(*, kind: str, agency: Agency, on: date) -> Template:
    """The template file and wording valid that day; raises Refused when there is none."""
    found = file_for(kind, on)
    if found is None:
        raise Refused(
            "DOC-TEMPLATE",
            _(
                "Belum ada templat surat yang berlaku pada tanggal ini. Tidak ada dokumen terbit."
                " Minta administrator menambahkan templatnya."
            ),
        )
    wording = (
        Wording.objects.filter(agency=agency, kind=kind, valid_from__lte=on)
        .order_by("-valid_from")
        .first()
    )
    return Template(found.path, found.version, wording.words if wording else {})


def check_url(code: str) -> str:
    """The public address a QR code opens; it holds the check code and nothing else."""
    return f"{settings.PUBLIC_URL}{reverse('documents:genuine', args=[code])}"


@transaction.atomic
def issue(
    *,
    kind: str,
    title: str,
    content: bytes | IO[bytes],
    file_name: str,
    mime: str,
    agency: Agency,
    area_code: str,
    subject: models.Model,
    by: Any,
    at: datetime,
    number: str = "",
    check_code: str = "",
    template_version: int = 1,
    is_personal: bool = True,
    permission: str = "document.view",
    supersedes: Document | None = None,
) -> Document:
    """Store the bytes under their hash and record who issued them.

    `content` may be an open file, read in blocks however long it is. `file_name` and `title` hold
    no personal data. The older document, if given, points here, also one that was withdrawn.
    """
    stored = ContentFile(content) if isinstance(content, bytes) else File(content)
    digest = _digest(stored)
    document = Document(
        kind=kind,
        title=title,
        number=number,
        agency=agency,
        area_code=area_code,
        template_version=template_version,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        file_name=file_name,
        mime=mime,
        size=stored.size,
        sha256=digest,
        check_code=check_code or new_check_code(),
        is_personal=is_personal,
        permission=permission,
        issued_at=at,
        issued_by=by,
    )
    document.file.save(f"{document.pk}.bin", stored, save=False)
    point("document.written")
    document.save()
    if supersedes is not None:
        Document.objects.filter(pk=supersedes.pk).exclude(state=DocumentState.SUPERSEDED).update(
            state=DocumentState.SUPERSEDED, superseded_by=document
        )
    audit.record(
        verb="documents.issue",
        by=by,
        at=at,
        target=document,
        kind=kind,
        sha256=digest,
        number=number,
    )
    point("document.recorded")
    return document


def _digest(content: File[bytes]) -> str:
    """SHA-256 of a whole file, read in blocks."""
    digest = hashlib.sha256()
    for block in content.chunks():
        digest.update(block)
    content.seek(0)
    return digest.hexdigest()


def read_bytes(document: Document) -> bytes:
    """The stored bytes, checked against the recorded hash; raises Refused when they differ."""
    with document.file.open("rb") as handle:
        content: bytes = handle.read()
    _same_hash(document, hashlib.sha256(content).hexdigest())
    return content


def check_stored(document: Document) -> None:
    """Raises Refused when the stored bytes are not those of the recorded hash."""
    with document.file.open("rb") as handle:
        _same_hash(document, _digest(handle))


def _same_hash(document: Document, found: str) -> None:
    if found != document.sha256:
        raise Refused(
            "DOC-HASH",
            _(
                "Berkas tersimpan tidak sama dengan sidik jarinya, jadi tidak dibuka."
                " Hubungi petugas TI; catatan aslinya tetap ada di jejak audit."
            ),
        )


@transaction.atomic
def hand_out(*, document: Document, by: Any, at: datetime) -> bytes:
    """The bytes for somebody's screen or disk; the handing out is recorded.

    Every door leads through here. Raises Refused when the kind's gate holds the document back.
    """
    ask_gate(document, at)
    content = read_bytes(document)
    audit.record(verb="documents.hand_out", by=by, at=at, target=document, kind=document.kind)
    return content


def ask_export(*, key: str, name: str, file_format: str, query: str, by: User, at: datetime) -> Job:
    """Have a worker make a file of a list (`key`) as `query` filters it, under a list's name."""
    return jobs.submit(
        kind="documents.export",
        title=_("Ekspor: %(list)s") % {"list": name},
        by=by,
        at=at,
        params={"key": key, "format": file_format, "query": query},
    )

"""Papers behind a proposal: checked by their first bytes, stored sealed, opened with a trace."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import PurePosixPath

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.crypto import open_bytes, seal_bytes
from bansos.lib.errors import BadInput, NotAllowed, Refused
from programs.choices import ENDED, VISIT_PHOTO
from programs.models import Enrolment, EnrolmentDocument
from programs.services.enrolments import check_reach

CONTEXT = "programs_enrolmentdocument.sealed_file"
LARGEST = 10 * 1024 * 1024
# The first bytes decide, never the name: a program called foto.jpg is refused.
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}


def known_mime(content: bytes) -> str:
    """JPEG, PNG or PDF by the first bytes; "" for anything else."""
    return next((mime for head, mime in MAGIC if content.startswith(head)), "")


def mime_of(content: bytes) -> str:
    """known_mime(); raises BadInput for anything else."""
    mime = known_mime(content)
    if mime:
        return mime
    sentence = _("Berkas harus foto JPEG atau PNG, atau PDF. Berkas belum disimpan.")
    raise BadInput("PAPER-KIND", sentence, fields={"file": sentence})


def _check_content(content: bytes) -> None:
    if not content:
        sentence = _("Berkas kosong. Pilih berkas lain.")
        raise BadInput("PAPER-EMPTY", sentence, fields={"file": sentence})
    if len(content) > LARGEST:
        sentence = _("Berkas lebih besar dari 10 MB. Perkecil fotonya, lalu unggah lagi.")
        raise BadInput("PAPER-SIZE", sentence, fields={"file": sentence})


def _check(enrolment: Enrolment, code: str, content: bytes, *, by: User) -> None:
    check_reach(by=by, area_code=enrolment.area_code)
    if not (by.can(Permission.PROPOSAL_SUBMIT) or by.can(Permission.PROPOSAL_VERIFY)):
        raise NotAllowed("PAPER-RIGHT", _("Peran Anda tidak boleh menambah dokumen usulan."))
    if enrolment.state in ENDED:
        raise Refused("PAPER-ENDED", _("Usulan ini sudah berakhir; dokumen tidak ditambah."))
    if code not in {str(row["code"]) for row in enrolment.version.required_documents}:
        sentence = _("Pilih jenis dokumennya.")
        raise BadInput("PAPER-CODE", sentence, fields={"code": sentence})
    _check_content(content)


@transaction.atomic
def add_paper(
    *, enrolment: Enrolment, code: str, content: bytes, file_name: str, by: User, at: datetime
) -> EnrolmentDocument:
    """Seal one paper of a proposal; its kind is one the programme asks for.

    Raises BadInput for another type than JPEG, PNG or PDF, for nothing and for more than 10 MB.
    """
    _check(enrolment, code, content, by=by)
    return _seal(enrolment, code, content, file_name, by=by, at=at)


def seal_photo(
    *, enrolment: Enrolment, content: bytes, file_name: str, by: User, at: datetime
) -> EnrolmentDocument:
    """Seal the photo of a visit; the visit has said who may and for whom.

    Raises BadInput for anything but a JPEG or PNG of at most 10 MB.
    """
    _check_content(content)
    if not mime_of(content).startswith("image/"):
        sentence = _("Foto kunjungan harus JPEG atau PNG. Kunjungan belum disimpan.")
        raise BadInput("PAPER-PHOTO", sentence, fields={"file": sentence})
    return _seal(enrolment, VISIT_PHOTO, content, file_name, by=by, at=at)


def _seal(
    enrolment: Enrolment, code: str, content: bytes, file_name: str, *, by: User, at: datetime
) -> EnrolmentDocument:
    mime = mime_of(content)
    stem = PurePosixPath(file_name.replace("\\", "/")).stem[:100] or code
    paper: EnrolmentDocument = EnrolmentDocument.objects.create(
        enrolment=enrolment,
        code=code,
        file_name=f"{stem}{SUFFIXES[mime]}",
        mime=mime,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        sealed_file=seal_bytes(content, context=CONTEXT),
        added_at=at,
        added_by=by,
    )
    audit.record(
        verb="programs.add_paper", by=by, at=at, target=enrolment, code=code, sha256=paper.sha256
    )
    return paper


@transaction.atomic
def open_paper(*, paper: EnrolmentDocument, by: User, at: datetime) -> bytes:
    """The paper as it was given, checked against its hash; the opening is recorded."""
    check_reach(by=by, area_code=paper.enrolment.area_code)
    content = open_bytes(bytes(paper.sealed_file), context=CONTEXT)
    if hashlib.sha256(content).hexdigest() != paper.sha256:
        raise Refused(
            "PAPER-HASH",
            _("Dokumen tersimpan rusak, jadi tidak dibuka. Hubungi petugas TI."),
        )
    audit.record(verb="programs.open_paper", by=by, at=at, target=paper.enrolment, paper=paper.pk)
    return content


@transaction.atomic
def remove_paper(*, paper: EnrolmentDocument, by: User, at: datetime) -> None:
    """Take a wrong paper away while the proposal is still its adder's to change."""
    check_reach(by=by, area_code=paper.enrolment.area_code)
    if paper.added_by_id != by.pk or paper.enrolment.decided_at is not None:
        raise NotAllowed(
            "PAPER-REMOVE", _("Dokumen hanya dapat dihapus pengunggahnya sebelum diputus.")
        )
    audit.record(
        verb="programs.remove_paper", by=by, at=at, target=paper.enrolment, code=paper.code
    )
    paper.delete()

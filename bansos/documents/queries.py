"""Reads of issued documents."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format

from bansos.documents.models import Document
from bansos.lib.dates import short_date
from bansos.lib.parts import FileRow

KINDS = {"application/pdf": "PDF", "text/csv": "CSV", "application/xml": "XML"}


def documents_of(subject: models.Model) -> list[Document]:
    """Every document issued about a record, newest first."""
    return list(
        Document.objects.filter(
            subject_type=subject._meta.label_lower, subject_id=str(subject.pk)
        ).order_by("-issued_at", "pk")
    )


def kind_of(document: Document) -> str:
    """PDF, XLSX, CSV: what the file is."""
    return KINDS.get(document.mime, "XLSX")


def file_row(document: Document) -> FileRow:
    """A document as a line of a file list."""
    return FileRow(
        name=document.title,
        href=reverse("documents:detail", args=[document.pk]),
        kind=kind_of(document),
        size=size_words(document.size),
        note=short_date(timezone.localtime(document.issued_at).date()),
    )


def size_words(size: int) -> str:
    """ "12,5 KB", "1,2 MB"."""
    if size >= 1024 * 1024:
        return f"{number_format(size / 1024 / 1024, 1)} MB"
    return f"{number_format(size / 1024, 1)} KB"


def by_check_code(code: str) -> Document | None:
    """The document whose check code somebody typed or scanned; spaces and case do not matter."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    dashed = "-".join(plain[i : i + 4] for i in range(0, 16, 4))
    return Document.objects.select_related("agency").filter(check_code=dashed).first()

"""The list of issued documents."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bansos.documents.choices import DocumentState
from bansos.documents.filters import DocumentFilter
from bansos.documents.models import Document
from bansos.documents.queries import kind_of
from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from bansos.regions.models import Region

TONES = {
    DocumentState.VALID: "baik",
    DocumentState.SUPERSEDED: "netral",
    DocumentState.WITHDRAWN: "masalah",
}


def state_word(row: Document) -> Word:
    """The state as a badge."""
    state = DocumentState(row.state)
    return Word(TONES[state], state.label)


@register
class DocumentList(ListSpec):
    """Every issued document the user may open."""

    key = "documents"
    title = _("Arsip dokumen")
    model = Document
    filterset_class = DocumentFilter
    default_sort = "-issued_at"
    search_hint = _("Judul atau nomor")
    empty_title = _("Belum ada dokumen terbit.")
    empty_hint = _("SK, Berita Acara, berkas bank, dan laporan yang terbit tersimpan di sini.")
    columns = (
        Column("title", _("Dokumen"), sort="title", kind="link", priority=1),
        Column("number", _("Nomor"), sort="number"),
        Column("kind", _("Jenis"), value=kind_of, priority=3),
        Column("area_code", _("Wilayah"), value=lambda row: row.area_name, sort="area_code"),
        Column("issued_at", _("Terbit"), kind="datetime", sort="issued_at"),
        Column("issued_by", _("Oleh"), value="issued_by.full_name", priority=3),
        Column("state", _("Keadaan"), value=state_word, kind="status", sort="state"),
    )

    def queryset(self, user: Any) -> QuerySet[Document]:
        """Documents in the area whose permission the user holds."""
        region = Region.objects.filter(code=OuterRef("area_code")).values("name")[:1]
        rows = (
            Document.objects.visible_to(user)
            .select_related("issued_by")
            .annotate(area_name=Subquery(region))
        )
        asked = Document.objects.order_by().values_list("permission", flat=True).distinct()
        held = [permission for permission in asked if user.can(permission)]
        return rows.filter(permission__in=held)

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By a part of the title or number."""
        return rows.filter(title__icontains=text) | rows.filter(number__icontains=text)

    def row_url(self, row: Document) -> str:
        return reverse("documents:detail", args=[row.pk])

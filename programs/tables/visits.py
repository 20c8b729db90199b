"""The lists of monitoring: who is to be visited, and the visits that were made."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.lib.lists import Column, ListSpec, name_column, register
from bansos.lib.parts import Word
from programs.filters import VisitFilter, VisitingFilter
from programs.models import Enrolment, MonitoringVisit
from programs.queries.visits import to_visit, visit_word
from programs.tables.lists import AreaNames, enrolment_word, search_people


def visited_word(row: Any) -> Word | None:
    """Whether somebody came since the stage of today began."""
    if row.stage_began is None:
        return None
    if row.is_visited:
        return Word("baik", _("Sudah dikunjungi"), "check")
    return Word("menunggu", _("Belum dikunjungi"), "clock")


def record_word(row: Any) -> Word:
    """Whether the record holds, and that somebody else reads it now."""
    word = visit_word(row)
    if row.is_here:
        return word
    label = _("%(word)s; kini di wilayah lain") % {"word": word.label}
    return Word("netral", label, word.icon)


@register
class VisitingList(ListSpec):
    """Those whom a programme with questions helps, with the last visit of each."""

    key = "visiting"
    title = gettext_lazy("Pemantauan")
    model = Enrolment
    filterset_class = VisitingFilter
    default_sort = "name"
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("Belum ada penerima yang dipantau di wilayah Anda.")
    empty_hint = gettext_lazy(
        "Yang dipantau ialah penerima yang sudah ditetapkan, dalam program yang punya pertanyaan"
        " pemantauan."
    )

    def __init__(self) -> None:
        self.columns = (
            name_column("person"),
            Column("programme", gettext_lazy("Program"), value="version"),
            Column("area", gettext_lazy("Wilayah"), value=AreaNames(), sort="area_code"),
            Column(
                "state", gettext_lazy("Status"), value=enrolment_word, kind="status", priority=3
            ),
            Column("stage", gettext_lazy("Tahap"), value="stage_name", priority=3),
            Column("visited", gettext_lazy("Tahap ini"), value=visited_word, kind="status"),
            Column("last_on", gettext_lazy("Kunjungan terakhir"), kind="date", sort="last_on"),
            Column("last_by", gettext_lazy("Dikunjungi oleh"), priority=3),
        )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Whom the programmes of the area help today."""
        rows: QuerySet[Any] = to_visit(user, today=timezone.localdate())
        return rows.select_related("person", "version__programme")

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "person")

    def row_url(self, row: Any) -> str:
        """The visits on the page of the proposal."""
        return reverse("programs:proposal", args=[row.pk]) + "#kunjungan"


@register
class VisitList(ListSpec):
    """The visits of the user's area, corrected ones too."""

    key = "visits"
    title = gettext_lazy("Kunjungan pemantauan")
    model = MonitoringVisit
    filterset_class = VisitFilter
    default_sort = "-visited_on"
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("Belum ada kunjungan di wilayah Anda.")
    empty_hint = gettext_lazy("Kunjungan dicatat dari halaman usulan penerima.")

    def __init__(self) -> None:
        self.columns = (
            name_column("enrolment.person"),
            Column("programme", gettext_lazy("Program"), value="enrolment.version"),
            Column("area", gettext_lazy("Wilayah"), value=AreaNames(), sort="area_code"),
            Column("stage", gettext_lazy("Tahap"), value="stage.name", priority=3),
            Column("visited_on", gettext_lazy("Dikunjungi"), kind="date", sort="visited_on"),
            Column("visitor", gettext_lazy("Dikunjungi oleh")),
            Column("state", gettext_lazy("Catatan"), value=record_word, kind="status"),
            Column("made_at", gettext_lazy("Dicatat"), kind="datetime", sort="made_at", priority=3),
        )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Visits of the area with person, programme and what corrected them.

        `is_here`: whoever was visited still belongs to the user's area, so the page opens.
        """
        here = Exists(Enrolment.objects.visible_to(user).filter(pk=OuterRef("enrolment")))
        rows: QuerySet[Any] = MonitoringVisit.objects.visible_to(user).annotate(is_here=here)
        return rows.select_related(
            "enrolment__person", "enrolment__version__programme", "stage", "correction"
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "enrolment__person")

    def row_url(self, row: Any) -> str:
        """The visit's page; "" of who has moved away: it went with them."""
        return reverse("programs:visit", args=[row.pk]) if row.is_here else ""

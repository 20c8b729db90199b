"""The lists of what happens during and after a programme: events, appeals."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from bansos.lib.lists import Column, ListSpec, name_column, register
from programs.filters import AppealFilter, EventFilter
from programs.models import Appeal, ProgrammeEvent
from programs.queries.exits import appeal_word
from programs.queries.life import event_word
from programs.tables.lists import AreaNames, search_people


@register
class EventList(ListSpec):
    """Events of the user's area, decided or not."""

    key = "programme_events"
    title = gettext_lazy("Peristiwa")
    model = ProgrammeEvent
    filterset_class = EventFilter
    default_sort = "-reported_at"
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("Belum ada peristiwa di wilayah Anda.")
    empty_hint = gettext_lazy("Peristiwa dicatat dari halaman usulan atau berkas penerima.")

    def __init__(self) -> None:
        self.columns = (
            name_column("enrolment.person"),
            Column("kind", gettext_lazy("Peristiwa"), value="get_kind_display", sort="kind"),
            Column("outcome", gettext_lazy("Akibat"), value="get_outcome_display", sort="outcome"),
            Column("programme", gettext_lazy("Program"), value="enrolment.version", priority=2),
            Column("area", gettext_lazy("Wilayah"), value=AreaNames(), sort="area_code"),
            Column("state", gettext_lazy("Putusan"), value=event_word, kind="status"),
            Column("happened_on", gettext_lazy("Tanggal"), kind="date", sort="happened_on"),
            Column(
                "reported_at",
                gettext_lazy("Dicatat"),
                kind="datetime",
                sort="reported_at",
                priority=3,
            ),
        )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Events of the area with person and programme."""
        return ProgrammeEvent.objects.visible_to(user).select_related(
            "enrolment__person", "enrolment__version__programme"
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "enrolment__person")

    def row_url(self, row: Any) -> str:
        """The event's page."""
        return reverse("programs:event", args=[row.pk])


@register
class AppealList(ListSpec):
    """Appeals of the user's area."""

    key = "appeals"
    title = gettext_lazy("Sanggahan")
    model = Appeal
    filterset_class = AppealFilter
    default_sort = "-filed_on"
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("Belum ada sanggahan di wilayah Anda.")
    empty_hint = gettext_lazy("Sanggahan dicatat dari halaman usulan yang berakhir.")

    def __init__(self) -> None:
        self.columns = (
            name_column("enrolment.person"),
            Column("against", gettext_lazy("Atas putusan"), value="get_against_display"),
            Column("programme", gettext_lazy("Program"), value="enrolment.version", priority=2),
            Column("area", gettext_lazy("Wilayah"), value=AreaNames(), sort="area_code"),
            Column("outcome", gettext_lazy("Putusan"), value=appeal_word, kind="status"),
            Column("filed_on", gettext_lazy("Diterima"), kind="date", sort="filed_on"),
            Column(
                "working_days",
                gettext_lazy("Tenggat (hari kerja)"),
                kind="number",
                sort="working_days",
                priority=3,
            ),
        )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Appeals of the area with person and programme."""
        return Appeal.objects.visible_to(user).select_related(
            "enrolment__person", "enrolment__version__programme"
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "enrolment__person")

    def row_url(self, row: Any) -> str:
        """The appeal's page."""
        return reverse("programs:appeal", args=[row.pk])

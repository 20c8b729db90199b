"""Lists of users and of the audit trail."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bansos.accounts.filters import EventFilter, HolidayFilter, UserFilter
from bansos.accounts.models import User
from bansos.audit.models import Event
from bansos.audit.queries import subject, told
from bansos.lib.dates import day_words
from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from bansos.regions.choices import Certainty
from bansos.regions.models import Holiday, Region


def active_word(row: User) -> Word:
    """Whether the account can sign in."""
    return Word("baik", _("Aktif")) if row.is_active else Word("netral", _("Ditutup"), "ban")


@register
class UserList(ListSpec):
    """Accounts inside the administrator's area."""

    key = "users"
    title = _("Pengguna & peran")
    model = User
    filterset_class = UserFilter
    default_sort = "full_name"
    search_hint = _("Nama atau nama masuk")
    exportable = False
    empty_title = _("Belum ada pengguna.")
    columns = (
        Column("full_name", _("Nama"), sort="full_name", kind="link", priority=1),
        Column("username", _("Nama masuk"), sort="username"),
        Column("role", _("Peran"), value="role_name", sort="role"),
        Column("position", _("Jabatan"), priority=3),
        Column("area_code", _("Wilayah"), sort="area_code"),
        Column("is_active", _("Keadaan"), value=active_word, kind="status", sort="is_active"),
    )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By a part of the name."""
        return rows.filter(full_name__icontains=text) | rows.filter(username__icontains=text)

    def row_url(self, row: User) -> str:
        return reverse("accounts:user", args=[row.pk])


@register
class EventList(ListSpec):
    """The audit trail of the area, newest first."""

    key = "events"
    title = _("Jejak audit")
    model = Event
    filterset_class = EventFilter
    default_sort = "-at"
    exportable = False
    empty_title = _("Belum ada kejadian.")
    columns = (
        Column("at", _("Waktu"), kind="datetime", sort="at", priority=1),
        Column("verb", _("Kejadian"), value=told, sort="verb"),
        Column("actor_name", _("Oleh")),
        Column("target", _("Berkas"), value=subject),
        Column("area_code", _("Wilayah"), priority=3),
        Column("reason", _("Alasan"), priority=3),
    )


def certainty_word(row: Holiday) -> Word:
    """Whether the office has compared the day with the joint decree."""
    if row.certainty == Certainty.OFFICIAL:
        return Word("baik", _("Resmi"))
    return Word("menunggu", _("Perkiraan"), "help-circle")


@register
class HolidayList(ListSpec):
    """The days on which the office and its bank do not work."""

    key = "holidays"
    title = _("Kalender libur")
    model = Holiday
    filterset_class = HolidayFilter
    default_sort = "day"
    search_hint = _("Nama hari libur atau sumber")
    empty_title = _("Kalender belum diisi.")
    empty_hint = _("Sampai diisi, tenggat dihitung dengan perkiraan libur nasional.")
    columns = (
        Column("day", _("Tanggal"), kind="date", sort="day", priority=1),
        Column(
            "weekday",
            _("Hari"),
            value=lambda row: day_words(row.day, get_language() or "id").split(",")[0],
        ),
        Column("name", _("Nama"), sort="name", kind="link"),
        Column("kind", _("Jenis"), value="get_kind_display", sort="kind"),
        Column("area", _("Berlaku di"), value=lambda row: row.area_name, sort="area_code"),
        Column("certainty", _("Kepastian"), value=certainty_word, kind="status", sort="certainty"),
        Column("source", _("Sumber"), priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[Holiday]:
        """With the name of the area."""
        region = Region.objects.filter(code=OuterRef("area_code")).values("name")[:1]
        rows: QuerySet[Holiday] = Holiday.objects.visible_to(user)
        return rows.annotate(area_name=Subquery(region))

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By a part of the name or of the source."""
        return rows.filter(name__icontains=text) | rows.filter(source__icontains=text)

    def row_url(self, row: Holiday) -> str:
        return reverse("accounts:holiday", args=[row.pk])

"""The lists of order: who stands where today, and who stood where when a decree was drafted."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Func, IntegerField, JSONField, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bansos.lib.dates import day_of
from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from bansos.lib.scopes import covers
from programs.choices import STANDING_TONES, Standing
from programs.filters import RankingFilter, RankLineFilter
from programs.models import Enrolment, ProgrammeVersion, RankLine
from programs.queries.ranking import Ranking, pool_of, ranking_of, waiting_rows
from programs.tables.lists import search_people, village_name

REGENCY = 5


def standing_word(standing: str) -> Word:
    """Inside, waiting or tied."""
    tone, icon = STANDING_TONES[Standing(standing)]
    return Word(tone, str(Standing(standing).label), icon)


def value_words(values: list[list[str]]) -> str:
    """ "Desil 1; Umur 45 tahun": what decided, in the order of the rule."""
    return "; ".join(f"{label} {words}" for label, words in values)


@register
class RankingList(ListSpec):
    """The order of a regency as it is now; without a programme and a regency it is empty."""

    key = "ranking"
    title = gettext_lazy("Urutan dan daftar tunggu")
    model = Enrolment
    filterset_class = RankingFilter
    default_sort = "position"
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("Pilih program dan kabupaten/kota.")
    empty_hint = gettext_lazy("Urutan disusun dari usulan yang sudah dinyatakan layak.")
    # Programme and regency are always chosen: taking a filter away shows nothing either.
    none_title = gettext_lazy("Tidak ada yang layak dan menunggu di sini.")
    none_hint = gettext_lazy("Bila mencari nama, hapus kata pencariannya.")

    def __init__(self) -> None:
        self.order_now: Ranking | None = None
        self.standings: dict[int, str] = {}
        self.columns = (
            Column("position", gettext_lazy("Urutan"), kind="number", sort="position"),
            Column("name", gettext_lazy("Nama"), value="person.name", priority=1, kind="link"),
            Column("village", gettext_lazy("Desa/Kelurahan"), value=village_name),
            Column("values", gettext_lazy("Yang menentukan"), value=self._values),
            Column("standing", gettext_lazy("Kedudukan"), value=self._standing, kind="status"),
        )

    def _values(self, row: Any) -> str:
        return value_words(self.order_now.words(row.pk)) if self.order_now else ""

    def _standing(self, row: Any) -> Word:
        return standing_word(self.standings[row.pk])

    def rows(self, user: Any, params: QueryDict) -> tuple[QuerySet[Any], Any, str]:
        """The places are counted first; search and filters only choose among them."""
        self._count(user, params)
        return super().rows(user, params)

    def _count(self, user: Any, params: QueryDict) -> None:
        number, area = params.get("version", ""), params.get("area", "")[:REGENCY]
        known = ProgrammeVersion.objects.visible_to(user).select_related("programme__agency")
        version = known.filter(pk=number).first() if number.isdecimal() else None
        if version is None or not covers(user.area_code, area) or len(area) != REGENCY:
            return
        today = day_of(timezone.now(), version.programme.agency.zone)
        pool = pool_of(version, area)
        self.order_now = ranking_of(version, pool, waiting_rows(version, pool), today=today)
        self.standings = {place.pk: place.standing for place in self.order_now.places}

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Those who were counted, with their place; nobody before that."""
        ids = list(self.standings)
        # A look-up by key: array_position() would read the whole order for each of its people.
        order = json.dumps({pk: number for number, pk in enumerate(ids, start=1)})
        place = Func(
            Cast(Value(order), JSONField()),
            Cast("pk", TextField()),
            template="(%(expressions)s)::int",
            arg_joiner=" ->> ",
            output_field=IntegerField(),
        )
        found = Enrolment.objects.visible_to(user).filter(pk__in=ids).annotate(position=place)
        rows: QuerySet[Any] = found.select_related("person__village__parent")
        return rows

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "person")

    def row_url(self, row: Any) -> str:
        """The proposal."""
        return reverse("programs:proposal", args=[row.pk])


@register
class RankLineList(ListSpec):
    """The stored order of decrees: who stood where and by which values when it was drafted."""

    key = "rank_lines"
    title = gettext_lazy("Urutan saat SK disusun")
    model = RankLine
    filterset_class = RankLineFilter
    default_sort = "position"
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("Tidak ada urutan yang disimpan.")
    empty_hint = gettext_lazy("SK program tanpa aturan urutan menetapkan semua yang layak.")

    def __init__(self) -> None:
        self.columns = (
            Column("position", gettext_lazy("Urutan"), kind="number", sort="position"),
            Column(
                "name", gettext_lazy("Nama"), value="enrolment.person.name", priority=1, kind="link"
            ),
            Column(
                "village",
                gettext_lazy("Desa/Kelurahan"),
                value=lambda row: village_name(row.enrolment),
            ),
            Column(
                "values",
                gettext_lazy("Yang menentukan"),
                value=lambda row: value_words(row.values),
            ),
            Column(
                "standing",
                gettext_lazy("Kedudukan"),
                value=lambda row: standing_word(row.standing),
                kind="status",
                sort="standing",
            ),
            Column("decree", gettext_lazy("SK"), value="decree.number", priority=3),
        )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Lines of the user's area with person, village and decree."""
        return RankLine.objects.visible_to(user).select_related(
            "enrolment__person__village__parent", "decree"
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "enrolment__person")

    def row_url(self, row: Any) -> str:
        """The proposal."""
        return reverse("programs:proposal", args=[row.enrolment_id])

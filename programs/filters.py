"""Filters of the lists of programmes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import django_filters
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelChoiceField, ModelChoiceIterator
from drf_spectacular.utils import extend_schema_field

from bansos.regions.choices import Level
from bansos.regions.models import Region
from beneficiaries.models import Family, Person
from programs.choices import (
    AppealOutcome,
    Channel,
    DecreeState,
    EnrolmentState,
    EventKind,
    Insurance,
    Outcome,
    PayerKind,
    PremiumChange,
    PremiumState,
    SimulationOutcome,
    Standing,
    VersionState,
)
from programs.models import (
    Appeal,
    Decree,
    DecreeLine,
    Enrolment,
    MonitoringVisit,
    PremiumCover,
    PremiumLine,
    PremiumRound,
    ProgrammeEvent,
    ProgrammeVersion,
    RankLine,
    Simulation,
    SimulationArea,
    SimulationRow,
    VerificationRecord,
)
from programs.queries.coverage import FAMILY, PERSON, usual_year, years_of
from programs.queries.papers import REASONED, lacking_any
from programs.queries.received import helped_in


def _user(request: Any) -> Any:
    return getattr(request, "user", None)


def used_versions(request: Any) -> QuerySet[ProgrammeVersion]:
    """Versions of the user's province that are or were in use, newest first."""
    rows: QuerySet[ProgrammeVersion] = ProgrammeVersion.objects.visible_to(_user(request))
    return (
        rows.exclude(state=VersionState.DRAFT)
        .select_related("programme")
        .order_by("-year", "programme__name")
    )


def areas(request: Any) -> QuerySet[Region]:
    """The user's own area and the level below it."""
    return areas_in(getattr(_user(request), "area_code", ""))


def areas_in(area_code: str) -> QuerySet[Region]:
    """A region with its regencies, or its districts when it is a regency; nothing for ""."""
    level = Level.REGENCY if len(area_code) < 5 else Level.DISTRICT
    below = Q(level=level, code__startswith=area_code or "-")
    rows: QuerySet[Region] = Region.objects.filter(Q(code=area_code) | below)
    return rows.order_by("code")


class VersionFilter(django_filters.ModelChoiceFilter):
    """A programme and year."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=used_versions, label=_("Program"), empty_label=_("Semua"), **kwargs
        )


class AreaChoices(ModelChoiceIterator):
    """Code and name, past models and past a cursor: a short list that stands on every page."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from self.queryset.values_list("code", "name")


class AreaField(ModelChoiceField):
    iterator = AreaChoices


@extend_schema_field(str)
class AreaFilter(django_filters.ModelChoiceFilter):
    """A regency or district by the code the row carries."""

    field_class = AreaField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=areas,
            to_field_name="code",
            label=_("Wilayah"),
            empty_label=_("Semua"),
            **kwargs,
        )

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Rows whose code starts with the region's."""
        return qs.filter(area_code__startswith=value.code) if value else qs


class ProposalFilter(django_filters.FilterSet):
    version = VersionFilter()
    state = django_filters.MultipleChoiceFilter(choices=EnrolmentState.choices, label=_("Status"))
    area = AreaFilter()
    channel = django_filters.ChoiceFilter(choices=Channel.choices, label=_("Jalur"))
    warned = django_filters.BooleanFilter(method="with_warnings", label=_("Ada peringatan"))

    class Meta:
        model = Enrolment
        fields: tuple[str, ...] = ()

    def with_warnings(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Only rows with warnings, or only rows without."""
        return rows.exclude(warnings=[]) if value else rows.filter(warnings=[])


class DecreeFilter(django_filters.FilterSet):
    version = VersionFilter()
    state = django_filters.MultipleChoiceFilter(choices=DecreeState.choices, label=_("Status"))
    area = AreaFilter()

    class Meta:
        model = Decree
        fields: tuple[str, ...] = ()


class DecreeLineFilter(django_filters.FilterSet):
    """Names of one decree by their required papers; the list knows which papers those are."""

    BARE, REASONED = "kurang", "alasan"

    papers = django_filters.ChoiceFilter(
        label=_("Dokumen wajib"),
        method="by_papers",
        choices=[
            (BARE, _("Kurang, tanpa alasan verifikator")),
            (REASONED, _("Kurang, dengan alasan verifikator")),
        ],
    )

    class Meta:
        model = DecreeLine
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, codes: Sequence[str] = (), **kwargs: Any) -> None:
        self.codes = codes
        super().__init__(*args, **kwargs)

    def by_papers(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Only who lacks one, by whether the verifier said why."""
        reasoned = REASONED if value == self.REASONED else ~REASONED
        return rows.filter(reasoned, lacking_any(self.codes))


class RecordFilter(django_filters.FilterSet):
    version = VersionFilter()
    area = AreaFilter()

    class Meta:
        model = VerificationRecord
        fields: tuple[str, ...] = ()


def premium_rounds(request: Any) -> QuerySet[PremiumRound]:
    """Lists of premiums of the user's province, newest month first."""
    rows: QuerySet[PremiumRound] = PremiumRound.objects.visible_to(_user(request))
    return rows.select_related("plan__version__programme").order_by("-month", "pk")


class PremiumLineFilter(django_filters.FilterSet):
    round = django_filters.ModelChoiceFilter(
        queryset=premium_rounds, label=_("Daftar"), empty_label=_("Semua")
    )
    change = django_filters.ChoiceFilter(choices=PremiumChange.choices, label=_("Perubahan"))
    state = django_filters.MultipleChoiceFilter(choices=PremiumState.choices, label=_("Status"))
    area = AreaFilter()

    class Meta:
        model = PremiumLine
        fields: tuple[str, ...] = ()


class PremiumCoverFilter(django_filters.FilterSet):
    insurance = django_filters.ChoiceFilter(choices=Insurance.choices, label=_("Jaminan"))
    payer = django_filters.ChoiceFilter(choices=PayerKind.choices, label=_("Penanggung"))
    area = AreaFilter()

    class Meta:
        model = PremiumCover
        fields: tuple[str, ...] = ()


class PlaceFilterSet(django_filters.FilterSet):
    """Rows of any place inside the user's area, by its code."""

    place = django_filters.CharFilter(
        label=_("Kode wilayah"),
        field_name="area_code",
        lookup_expr="startswith",
        validators=[RegexValidator(r"^[0-9.]{2,13}$")],
    )


class PoorFamilyFilter(PlaceFilterSet):
    """Poor families by desil, place, and whether a programme of the year reached them."""

    year = django_filters.ChoiceFilter(label=_("Tahun"), method="unchanged", empty_label=None)
    desil = django_filters.ChoiceFilter(
        label=_("Desil"), choices=[(str(n), str(n)) for n in range(1, 5)]
    )
    helped = django_filters.ChoiceFilter(
        label=_("Terjangkau"),
        method="by_help",
        choices=[("ya", _("Oleh suatu program")), ("tidak", _("Belum oleh satu pun"))],
    )

    class Meta:
        model = Family
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user, today = _user(self.request), timezone.localdate()
        self.usual_year = usual_year(user, today=today)
        years = sorted(years_of(user, today=today), key=lambda year: year != self.usual_year)
        # The browser shows the first one when the address names none.
        self.filters["year"].extra["choices"] = [(str(year), str(year)) for year in years]

    @property
    def chosen_year(self) -> int:
        """The year of the address, else the one the page of the coverage opens with."""
        return int(self.form.cleaned_data.get("year") or self.usual_year)

    def unchanged(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Read when the rows are marked."""
        return rows

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Every row says whether it was reached in the chosen year."""
        marked = queryset.annotate(is_helped=helped_in(self.chosen_year, path=FAMILY))
        return super().filter_queryset(marked)

    def by_help(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Reached, or not."""
        return rows.filter(is_helped=value == "ya")


class OverlapFilter(PlaceFilterSet):
    """People whom two programmes reached."""

    one = VersionFilter(method="by_programmes")
    two = VersionFilter(method="by_programmes")

    class Meta:
        model = Person
        fields: tuple[str, ...] = ()

    path = PERSON

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Nobody before a programme is chosen; then whom the chosen ones reached."""
        data = self.form.cleaned_data
        chosen = [row for row in (data.get("one"), data.get("two")) if row]
        if not chosen:
            return queryset.none()
        rows = queryset
        for row in chosen:
            rows = rows.filter(helped_in(row.year, path=self.path, version=row.pk))
        return super().filter_queryset(rows)

    def by_programmes(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Done for both at once above."""
        return rows


class FamilyOverlapFilter(OverlapFilter):
    """Families of which two programmes reached somebody."""

    path = FAMILY

    class Meta:
        model = Family
        fields: tuple[str, ...] = ()


class _Undecided:
    """Rows nobody has decided, or only those somebody has."""

    def waits(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """By whether a decision is there."""
        return rows.filter(decided_at__isnull=value)


class EventFilter(_Undecided, django_filters.FilterSet):
    version = VersionFilter(field_name="enrolment__version")
    kind = django_filters.MultipleChoiceFilter(choices=EventKind.choices, label=_("Peristiwa"))
    outcome = django_filters.MultipleChoiceFilter(choices=Outcome.choices, label=_("Akibat"))
    area = AreaFilter()
    waiting = django_filters.BooleanFilter(method="waits", label=_("Menunggu putusan"))

    class Meta:
        model = ProgrammeEvent
        fields: tuple[str, ...] = ()


class AppealFilter(_Undecided, django_filters.FilterSet):
    version = VersionFilter(field_name="enrolment__version")
    outcome = django_filters.ChoiceFilter(choices=AppealOutcome.choices, label=_("Putusan"))
    area = AreaFilter()
    waiting = django_filters.BooleanFilter(method="waits", label=_("Menunggu putusan"))

    class Meta:
        model = Appeal
        fields: tuple[str, ...] = ()


class VisitingFilter(django_filters.FilterSet):
    """Whom a programme helps, by whether somebody came since its stage began."""

    version = VersionFilter()
    area = AreaFilter()
    visited = django_filters.ChoiceFilter(
        label=_("Tahap ini"),
        method="by_visit",
        choices=[("tidak", _("Belum dikunjungi")), ("ya", _("Sudah dikunjungi"))],
    )

    class Meta:
        model = Enrolment
        fields: tuple[str, ...] = ()

    def by_visit(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Visited since the stage began, or not; nobody is due before the first stage."""
        return rows.filter(stage_began__isnull=False, is_visited=value == "ya")


class VisitFilter(django_filters.FilterSet):
    version = VersionFilter(field_name="enrolment__version")
    area = AreaFilter()

    class Meta:
        model = MonitoringVisit
        fields: tuple[str, ...] = ()


def counted_simulations(request: Any) -> QuerySet[Simulation]:
    """Simulations of the user's area, newest first."""
    rows: QuerySet[Simulation] = Simulation.objects.visible_to(_user(request))
    return rows.order_by("-made_at", "pk")


class SimulationFilter(django_filters.FilterSet):
    version = django_filters.NumberFilter(field_name="version_id")
    programme = django_filters.NumberFilter(field_name="version__programme_id")

    class Meta:
        model = Simulation
        fields: tuple[str, ...] = ()


class SimulationRowFilter(django_filters.FilterSet):
    simulation = django_filters.ModelChoiceFilter(label=_("Simulasi"), queryset=counted_simulations)
    outcome = django_filters.ChoiceFilter(label=_("Perubahan"), choices=SimulationOutcome.choices)
    area = AreaFilter()

    class Meta:
        model = SimulationRow
        fields: tuple[str, ...] = ()


class SimulationAreaFilter(django_filters.FilterSet):
    simulation = django_filters.ModelChoiceFilter(label=_("Simulasi"), queryset=counted_simulations)

    class Meta:
        model = SimulationArea
        fields: tuple[str, ...] = ()


class RankingFilter(django_filters.FilterSet):
    """The order itself is that of the programme and the regency; the rest chooses in it."""

    version = VersionFilter()
    area = AreaFilter()

    class Meta:
        model = Enrolment
        fields: tuple[str, ...] = ()


def ranked_decrees(request: Any) -> QuerySet[Decree]:
    """Decrees of the user's area whose order was kept, newest first."""
    rows: QuerySet[Decree] = Decree.objects.visible_to(_user(request))
    kept = RankLine.objects.values("decree")
    return rows.filter(pk__in=kept).select_related("version__programme").order_by("-pk")


class RankLineFilter(django_filters.FilterSet):
    decree = django_filters.ModelChoiceFilter(
        label=_("SK"), queryset=ranked_decrees, empty_label=_("Semua")
    )
    standing = django_filters.ChoiceFilter(label=_("Kedudukan"), choices=Standing.choices)
    area = AreaFilter()

    class Meta:
        model = RankLine
        fields: tuple[str, ...] = ()

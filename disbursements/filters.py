"""Filters of the lists about money and of the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Case, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from disbursements.choices import (
    LIVE_LINES,
    ChannelKind,
    LedgerKind,
    LineState,
    ListKind,
    ListState,
    NameState,
    ResultState,
    ReturnReason,
    ReturnState,
    RowState,
    SubmissionState,
)
from disbursements.models import (
    AuditBreach,
    AuditRun,
    BankSubmission,
    BudgetLine,
    GoodsLot,
    LedgerEvent,
    NameCheck,
    PayList,
    PaymentLine,
    ResultFile,
    ResultRow,
    ReturnCase,
)
from disbursements.rules.preflight import CHECKS
from disbursements.rules.promises import PROMISES
from programs.filters import AreaFilter, VersionFilter, areas_in
from programs.models import Stage


def seen_lists(request: Any) -> QuerySet[PayList]:
    """Pay lists in the area of who asks, newest first."""
    rows: QuerySet[PayList] = PayList.objects.visible_to(getattr(request, "user", None))
    return rows.order_by("-pk")


def seen_budgets(request: Any) -> QuerySet[BudgetLine]:
    """Budgets in the area of who asks, newest first."""
    rows: QuerySet[BudgetLine] = BudgetLine.objects.visible_to(getattr(request, "user", None))
    return rows.order_by("-year", "dpa_number")


def seen_stages(request: Any) -> QuerySet[Stage]:
    """Stages of the programmes of who asks, newest first."""
    rows: QuerySet[Stage] = Stage.objects.visible_to(getattr(request, "user", None))
    return rows.select_related("version__programme").order_by("-stage_date", "pk")


class StageChoice(django_filters.fields.ModelChoiceField):
    """A stage with its programme and year."""

    def label_from_instance(self, obj: Stage) -> str:
        return f"{obj.version}, {obj.name}"


class StageFilter(django_filters.ModelChoiceFilter):
    """One stage of one programme year, as the charts name it."""

    field_class = StageChoice

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=seen_stages, label=_("Tahap"), empty_label=_("Semua"), **kwargs)


class PayListFilter(django_filters.FilterSet):
    """By state, kind, programme year and area."""

    state = django_filters.MultipleChoiceFilter(label=_("Keadaan"), choices=ListState.choices)
    kind = django_filters.ChoiceFilter(label=_("Jenis"), choices=ListKind.choices)
    year = django_filters.NumberFilter(label=_("Tahun anggaran"), field_name="version__year")
    area_code = AreaFilter()
    version = VersionFilter()
    stage = StageFilter()

    class Meta:
        model = PayList
        fields = ("state", "kind", "year", "area_code", "version", "stage")


class LineFilter(django_filters.FilterSet):
    """By state, pre-flight hit and district."""

    state = django_filters.MultipleChoiceFilter(
        label=_("Keadaan"), choices=LineState.choices, method="in_state"
    )
    check = django_filters.ChoiceFilter(
        label=_("Pemeriksaan yang tidak lolos"),
        choices=[(check.code, check.label) for check in CHECKS.values()],
        method="with_hit",
    )
    account = django_filters.ChoiceFilter(
        label=_("Rekening"),
        choices=[("proxy", _("Atas nama wali atau kuasa"))],
        method="in_name_of_proxy",
    )
    area_code = AreaFilter()

    class Meta:
        model = PaymentLine
        fields = ("state", "check", "account", "area_code")

    def __init__(
        self, *args: Any, area: str = "", pay_list: PayList | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pay_list = pay_list
        if area:  # lines of one list lie in one regency: its districts are the choices
            self.filters["area_code"].queryset = areas_in(area)

    def in_state(self, rows: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Lines in one of these states; those few lines have are found by an index of their own.

        The others stand side by side: read in order, whatever the planner thinks of their number
        (it knows nothing of a state that lines came into this minute, and would sort the list).
        Where the kept sums know of none, no line is read.
        """
        if self.pay_list is not None and not self.pay_list.has_lines(*map(LineState, value)):
            return rows.none()
        if set(value).isdisjoint(LIVE_LINES):
            return rows.filter(not_live__in=value)
        return rows.filter(Case(When(state__in=value, then=Value(True)), default=Value(False)))

    def with_hit(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Lines still in the list that fail this check."""
        return rows.filter(hits__code=value, state=LineState.WAITING)

    def in_name_of_proxy(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Lines paid into the account of a guardian or proxy, by a letter."""
        return rows.filter(proxy_account__isnull=False)


class LedgerFilter(django_filters.FilterSet):
    """By kind, budget, area and day."""

    kind = django_filters.MultipleChoiceFilter(label=_("Mutasi"), choices=LedgerKind.choices)
    budget = django_filters.ModelChoiceFilter(
        label=_("DPA"), queryset=seen_budgets, empty_label=_("Semua")
    )
    area_code = AreaFilter()
    at = django_filters.DateFromToRangeFilter(label=_("Tanggal"))

    class Meta:
        model = LedgerEvent
        fields = ("kind", "budget", "area_code", "at")


class ResultFilter(django_filters.FilterSet):
    """By state."""

    state = django_filters.ChoiceFilter(label=_("Keadaan"), choices=ResultState.choices)

    class Meta:
        model = ResultFile
        fields = ("state",)


class ResultRowFilter(django_filters.FilterSet):
    """By what became of the row."""

    state = django_filters.ChoiceFilter(label=_("Keadaan"), choices=RowState.choices)

    class Meta:
        model = ResultRow
        fields = ("state",)


class ReturnFilter(django_filters.FilterSet):
    """By state, reason and pay list."""

    state = django_filters.MultipleChoiceFilter(label=_("Keadaan"), choices=ReturnState.choices)
    reason = django_filters.MultipleChoiceFilter(label=_("Sebab"), choices=ReturnReason.choices)
    confirmed = django_filters.BooleanFilter(
        label=_("Sudah disahkan"), field_name="confirmed_at", lookup_expr="isnull", exclude=True
    )
    daftar = django_filters.ModelChoiceFilter(
        label=_("Daftar bayar"),
        field_name="line__pay_list",
        queryset=seen_lists,
        empty_label=_("Semua"),
    )
    version = VersionFilter(field_name="line__pay_list__version")
    area_code = AreaFilter()

    class Meta:
        model = ReturnCase
        fields = ("state", "reason", "confirmed", "daftar", "version", "area_code")


def newest_runs(_request: Any) -> QuerySet[AuditRun]:
    """Runs of the auditor, newest first."""
    rows: QuerySet[AuditRun] = AuditRun.objects.order_by("-pk")
    return rows


class BreachFilter(django_filters.FilterSet):
    """By run and by promise."""

    run = django_filters.ModelChoiceFilter(label=_("Pemeriksaan"), queryset=newest_runs)
    promise = django_filters.MultipleChoiceFilter(
        label=_("Janji"), choices=[(code, row.title) for code, row in PROMISES.items()]
    )

    class Meta:
        model = AuditBreach
        fields = ("run", "promise")


class SubmissionFilter(django_filters.FilterSet):
    """By state and channel."""

    state = django_filters.MultipleChoiceFilter(label=_("Keadaan"), choices=SubmissionState.choices)
    kind = django_filters.ChoiceFilter(label=_("Kanal"), choices=ChannelKind.choices)

    class Meta:
        model = BankSubmission
        fields = ("state", "kind")


class NameFilter(django_filters.FilterSet):
    """By list and state."""

    daftar = django_filters.ModelChoiceFilter(
        label=_("Daftar"), field_name="pay_list", queryset=seen_lists
    )
    state = django_filters.MultipleChoiceFilter(label=_("Keadaan"), choices=NameState.choices)

    class Meta:
        model = NameCheck
        fields = ("daftar", "state")


class GoodsLotFilter(django_filters.FilterSet):
    """By programme and area of the warehouse."""

    version = VersionFilter(field_name="item__version")
    area = AreaFilter()

    class Meta:
        model = GoodsLot
        fields: tuple[str, ...] = ()

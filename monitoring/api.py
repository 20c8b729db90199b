"""The API of monitoring: figures, reports, reference figures, the treasurers' lists, deadlines."""

from __future__ import annotations

from itertools import islice
from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from bansos.accounts.filters import HolidayFilter
from bansos.accounts.permissions import Permission
from bansos.audit.services import plain
from bansos.lib.lists import export_rows
from bansos.regions.models import Holiday
from disbursements.queries.treasury.deadlines import deadlines_for
from monitoring import services
from monitoring.filters import ReferenceFilter, ReportFilter
from monitoring.forms import ScopeForm
from monitoring.models import ReferenceFigure, Report
from monitoring.queries import Scope, gather, to_json, versions_for
from monitoring.tables.treasury import LISTS
from programs.models import ProgrammeVersion

SHOWN = (
    *("id", "version", "year", "area_code", "from_date", "until_date", "state", "number"),
    *("asked_at", "pdf", "pdf_sha256", "xlsx", "xlsx_sha256"),
)

PAGE = 500


class ReportSerializer(serializers.ModelSerializer[Report]):
    """A report with its state, number and the fingerprints of its files."""

    state = serializers.CharField(source="job.state", read_only=True, default="")
    number = serializers.CharField(source="pdf.number", read_only=True, default="")
    pdf_sha256 = serializers.CharField(source="pdf.sha256", read_only=True, default="")
    xlsx_sha256 = serializers.CharField(source="xlsx.sha256", read_only=True, default="")
    year = serializers.IntegerField(
        required=False,
        help_text=_("Tahun anggaran; wajib bila tanpa program, yaitu untuk semua program."),
    )

    class Meta:
        model = Report
        fields: tuple[str, ...] = SHOWN
        read_only_fields: tuple[str, ...] = ("asked_at", "pdf", "xlsx")

    def get_fields(self) -> dict[str, Any]:
        """Programmes of the asker's province only."""
        fields = super().get_fields()
        request = self.context.get("request")
        rows = versions_for(request.user) if request else ProgrammeVersion.objects.none()
        fields["version"].queryset = rows  # type: ignore[attr-defined]
        return fields


class ReportDetailSerializer(ReportSerializer):
    """With the figures the paper says."""

    figures = serializers.SerializerMethodField()

    class Meta(ReportSerializer.Meta):
        fields = (*SHOWN, "figures")

    def get_figures(self, report: Report) -> dict[str, Any]:
        """Without the drawings, which are for pages."""
        found: dict[str, Any] = report.figures.get("figures", {})
        return found


class ReportViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    viewsets.GenericViewSet[Report],
):
    """Reports: ask for one (POST), follow it, read its figures."""

    permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.REPORT_VIEW,
        "retrieve": Permission.REPORT_VIEW,
        "create": Permission.REPORT_MAKE,
    }
    queryset = Report.objects.none()
    serializer_class = ReportSerializer
    filterset_class = ReportFilter

    def get_queryset(self) -> Any:
        """Reports of the user's area."""
        rows = Report.objects.visible_to(self.request.user)
        return rows.select_related("job", "pdf", "xlsx")

    def get_serializer_class(self) -> type[ReportSerializer]:
        """Figures in one report, not in the list."""
        return ReportDetailSerializer if self.action == "retrieve" else ReportSerializer

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for a report; it is made by a worker and read by GET."""
        form = ReportSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        asked = {"version": None, **form.validated_data}
        report = services.request_report(**asked, by=request.user, at=timezone.now())
        return Response(self.get_serializer(report).data, status=status.HTTP_201_CREATED)


class FiguresViewSet(viewsets.ViewSet):
    """The figures of the dashboard."""

    permissions: ClassVar[dict[str, Permission]] = {"list": Permission.REPORT_VIEW}

    @extend_schema(
        parameters=[
            OpenApiParameter("tahun", int),
            OpenApiParameter("program", int),
            OpenApiParameter("wilayah", str),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def list(self, request: Request) -> Response:
        """Year, programme and area as on the page; amounts as text with two decimals."""
        today = timezone.localdate()
        form = ScopeForm(request.query_params, user=request.user, today=today)
        scope = Scope(
            user=request.user,
            year=form.year,
            area_code=form.area_code,
            version_id=form.version_id,
        )
        on = min(today, today.replace(year=form.year, month=12, day=31))
        return Response({"year": form.year, **to_json(gather(scope, on=on))})


class ReferenceSerializer(serializers.ModelSerializer[ReferenceFigure]):
    """A figure of another office: of what, where, when, how much, who says so."""

    class Meta:
        model = ReferenceFigure
        fields: tuple[str, ...] = (
            *("id", "indicator", "area_code", "period", "as_of", "value", "unit"),
            *("source", "note", "recorded_at"),
        )
        read_only_fields: tuple[str, ...] = ("recorded_at",)
        # The service answers a second figure of the same day in words.
        validators: ClassVar[list[Any]] = []


class ReferenceViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    viewsets.GenericViewSet[ReferenceFigure],
):
    """Reference figures of the province: read them, record one."""

    permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.REPORT_VIEW,
        "retrieve": Permission.REPORT_VIEW,
        "create": Permission.REPORT_MAKE,
    }
    queryset = ReferenceFigure.objects.none()
    serializer_class = ReferenceSerializer
    filterset_class = ReferenceFilter

    def get_queryset(self) -> Any:
        """Figures of the caller's province."""
        return ReferenceFigure.objects.visible_to(self.request.user).order_by("pk")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record a figure with its source."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = services.ReferenceValues(**form.validated_data)
        user: Any = request.user
        row = services.save_reference(figure=None, values=values, by=user, at=timezone.now())
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)


class TreasuryViewSet(viewsets.ViewSet):
    """The lists treasurers ask for: which there are, and the rows of one."""

    permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.PAYLIST_VIEW,
        "retrieve": Permission.PAYLIST_VIEW,
    }
    lookup_field = "slug"
    lookup_value_converter = "slug"

    @extend_schema(operation_id="treasury_lists_list", responses=OpenApiTypes.OBJECT)
    def list(self, request: Request) -> Response:
        """Every list with its title and how many rows it has for the caller."""
        return Response(
            [
                {
                    "slug": slug,
                    "title": str(spec.title),
                    "count": spec().queryset(request.user).order_by().count(),
                }
                for slug, (spec, _what) in LISTS.items()
            ]
        )

    @extend_schema(
        parameters=[OpenApiParameter("mulai", int), OpenApiParameter("banyak", int)],
        responses=OpenApiTypes.OBJECT,
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        """Rows by column key, with the filters of the page; amounts as text, numbers masked."""
        if slug not in LISTS:
            raise Http404
        spec = LISTS[slug][0]
        _heads, rows, _kinds = export_rows(spec, request.user, request.query_params)
        first = _whole(request.query_params.get("mulai"), 0, 10_000_000)
        many = _whole(request.query_params.get("banyak"), PAGE, PAGE)
        keys = [column.key for column in spec.columns if column.export]
        found = [
            {key: plain(cell) for key, cell in zip(keys, row, strict=True)}
            for row in islice(rows, first, first + many)
        ]
        following = first + many if len(found) == many else None
        return Response({"title": str(spec.title), "rows": found, "next": following})


def _whole(text: str | None, usual: int, most: int) -> int:
    return min(int(text), most) if text and text.isdecimal() else usual


class DeadlineViewSet(viewsets.ViewSet):
    """The running deadlines."""

    permissions: ClassVar[dict[str, Permission]] = {"list": Permission.PAYLIST_VIEW}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def list(self, request: Request) -> Response:
        """The most pressing first; `left` counts working days when `working`."""
        found = deadlines_for(request.user, timezone.localdate())
        names = ("key", "title", "what", "subject", "area_code", "working", "left", "count")
        return Response(
            [
                {name: getattr(row, name) for name in names}
                | {"due": row.due, "amount": plain(row.amount)}
                for row in found
            ]
        )


class HolidaySerializer(serializers.ModelSerializer[Holiday]):
    """One day without office and bank service."""

    class Meta:
        model = Holiday
        fields = ("id", "area_code", "day", "name", "kind", "certainty", "source")


class HolidayViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Holiday]):
    """The office's calendar; it is changed on its page."""

    permissions: ClassVar[dict[str, Permission]] = {"list": Permission.REGION_VIEW}
    queryset = Holiday.objects.none()
    serializer_class = HolidaySerializer
    filterset_class = HolidayFilter

    def get_queryset(self) -> Any:
        """Days of the caller's province and area."""
        return Holiday.objects.visible_to(self.request.user).order_by("day", "pk")


def register(router: SimpleRouter) -> None:
    """Add this app's resources."""
    router.register("treasury-lists", TreasuryViewSet, basename="treasury-list")
    router.register("deadlines", DeadlineViewSet, basename="deadline")
    router.register("holidays", HolidayViewSet, basename="holiday")
    router.register("reports", ReportViewSet, basename="report")
    router.register("reference-figures", ReferenceViewSet, basename="reference-figure")
    router.register("figures", FiguresViewSet, basename="figures")

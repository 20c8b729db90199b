"""Simulations over the API: drafted, counted by a job, read, compared, handed out as a file."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from programs.api.base import Acting, valid
from programs.api.inputs import CriterionIn, money_field
from programs.filters import SimulationFilter
from programs.models import ProgrammeVersion, Simulation, SimulationArea, SimulationRow
from programs.queries.simulations import baselines_for, figures_of, side_by_side, simulations_of
from programs.services import simulations as services

FORMATS = ("csv", "xlsx", "pdf")


class SimulationFiguresOut(serializers.Serializer[Any]):
    """The sums of a simulation; money is null while the rate is open."""

    yes = serializers.IntegerField()
    pending = serializers.IntegerField()
    unknown = serializers.IntegerField()
    places = serializers.IntegerField()
    hoped = serializers.IntegerField()
    quota = serializers.IntegerField(allow_null=True)
    cost = money_field()
    cost_in_quota = money_field()
    budget = money_field()
    short = money_field()


class SimulationOut(serializers.ModelSerializer[Simulation]):
    """What is tried, and how far it is: draft, running or done."""

    state = serializers.SerializerMethodField()

    class Meta:
        model = Simulation
        fields: tuple[str, ...] = (
            *("id", "version", "baseline", "area_code", "name", "criteria", "sentence"),
            *("budget", "threshold", "state", "job", "facts_on", "stage_date", "made_at"),
            *("run_at", "finished_at"),
        )

    def get_state(self, row: Simulation) -> str:
        """draft, running or done."""
        if row.is_done:
            return "done"
        return "running" if row.is_running else "draft"


class SimulationDetail(SimulationOut):
    """With what was counted: sums, changes, each criterion, overlap, the moved threshold."""

    figures = serializers.SerializerMethodField()
    results = serializers.DictField()

    class Meta(SimulationOut.Meta):
        fields = (*SimulationOut.Meta.fields, "figures", "results")

    @extend_schema_field(SimulationFiguresOut(allow_null=True))
    def get_figures(self, row: Simulation) -> Any:
        """The sums; null before it is counted."""
        return SimulationFiguresOut(figures_of(row)).data if row.is_done else None


class AreaOut(serializers.ModelSerializer[SimulationArea]):
    """One regency."""

    class Meta:
        model = SimulationArea
        fields = (
            *("area_code", "yes", "pending", "unknown", "places", "hoped", "quota"),
            *("cost", "cost_in_quota"),
        )


class ChangeOut(serializers.ModelSerializer[SimulationRow]):
    """A person, or a payee, that would come in, stay or go out; names are on the screen."""

    class Meta:
        model = SimulationRow
        fields = ("id", "person", "payee", "area_code", "outcome")


class PairOut(serializers.Serializer[Any]):
    """One regency in two simulations; null where one of them counted nobody."""

    name = serializers.CharField()
    first = serializers.IntegerField(allow_null=True)
    second = serializers.IntegerField(allow_null=True)
    first_cost = money_field()
    second_cost = money_field()
    change = serializers.IntegerField()


class SimulationChange(serializers.Serializer[Any]):
    """What a simulation is called and held against; what is left out stays."""

    name = serializers.CharField(max_length=120, required=False)
    baseline = serializers.IntegerField(required=False, allow_null=True)
    budget = money_field()
    threshold = serializers.CharField(max_length=40, required=False, allow_blank=True)
    criteria = CriterionIn(many=True, required=False)


class SimulationIn(SimulationChange):
    """A new one; without criteria those of the version are tried."""

    version = serializers.IntegerField()
    name = serializers.CharField(max_length=120)


class CompareIn(serializers.Serializer[Any]):
    """Which other simulation."""

    other = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class SimulationFileIn(serializers.Serializer[Any]):
    """Which list of a simulation, as what."""

    list = serializers.ChoiceField(choices=[*services.LISTS])
    format = serializers.ChoiceField(choices=FORMATS)


class FileOut(serializers.Serializer[Any]):
    """The job that makes the file; its page hands it out."""

    job = serializers.UUIDField()


def _chosen(version: ProgrammeVersion, data: dict[str, Any]) -> dict[str, Any]:
    """The values that were given, the list by its row."""
    names = ("name", "budget", "threshold")
    given: dict[str, Any] = {key: data[key] for key in names if key in data}
    if "baseline" in data:
        rows = baselines_for(version)
        key = data["baseline"]
        given["baseline"] = None if key is None else get_object_or_404(rows, pk=key)
    return given


class SimulationViewSet(Acting, viewsets.ReadOnlyModelViewSet[Simulation]):
    """Simulations of the caller's province."""

    permissions = {
        "list": P.SIMULATION_VIEW,
        "retrieve": P.SIMULATION_VIEW,
        "areas": P.SIMULATION_VIEW,
        "changes": P.SIMULATION_VIEW,
        "compare": P.SIMULATION_VIEW,
        "export": P.SIMULATION_VIEW,
        "create": P.PROGRAM_EDIT,
        "partial_update": P.PROGRAM_EDIT,
        "destroy": P.PROGRAM_EDIT,
        "run": P.PROGRAM_EDIT,
    }
    queryset = Simulation.objects.none()
    serializer_class = SimulationOut
    filterset_class = SimulationFilter
    parser_classes = (JSONParser,)

    def get_queryset(self) -> Any:
        return simulations_of(signed_in_user(self.request)).order_by("pk")

    def get_serializer_class(self) -> type[SimulationOut]:
        """One with its results, many without."""
        return SimulationDetail if self.action == "retrieve" else SimulationOut

    def _shown(self, pk: int, status: int = 200) -> Response:
        return Response(SimulationDetail(self.get_queryset().get(pk=pk)).data, status=status)

    @extend_schema(request=SimulationIn, responses={201: SimulationDetail})
    def create(self, request: Request) -> Response:
        """Draft a simulation of a version's criteria, or of others."""
        data, user = valid(SimulationIn(data=request.data)), signed_in_user(request)
        versions = ProgrammeVersion.objects.visible_to(user).select_related("programme")
        version = get_object_or_404(versions, pk=data["version"])
        row = services.draft_simulation(
            version=version,
            values=services.SimulationValues(**_chosen(version, data)),
            criteria=data.get("criteria"),
            **self.context(),
        )
        return self._shown(row.pk, 201)

    @extend_schema(request=SimulationChange, responses={200: SimulationDetail})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given; 409 once it is counted or at work."""
        row = self.get_object()
        data = valid(SimulationChange(data=request.data))
        services.change_all(
            simulation=row,
            changes=_chosen(row.version, data),
            criteria=data.get("criteria"),
            **self.context(),
        )
        return self._shown(row.pk)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it away with its lists; 409 while it is counted."""
        services.drop_simulation(simulation=self.get_object(), **self.context())
        return Response(status=204)

    @extend_schema(request=None, responses={202: SimulationDetail})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:
        """Have it counted by a job, with the registries as they are today."""
        row = self.get_object()
        services.run_simulation(simulation=row, **self.context())
        return self._shown(row.pk, 202)

    @extend_schema(responses={200: AreaOut(many=True)})
    @action(detail=True, pagination_class=None, filter_backends=[])
    def areas(self, request: Request, pk: str) -> Response:
        """Counts and money per regency."""
        return Response(AreaOut(self.get_object().areas.order_by("area_code"), many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("outcome", str)], responses={200: ChangeOut(many=True)}
    )
    @action(detail=True, filter_backends=[])
    def changes(self, request: Request, pk: str) -> Response:
        """Who would come in, stay or go out, a page at a time; `outcome` chooses."""
        rows = self.get_object().rows.order_by("pk")
        if outcome := request.query_params.get("outcome"):
            rows = rows.filter(outcome=outcome)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(ChangeOut(page, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("other", int, required=True)],
        responses={200: PairOut(many=True)},
    )
    @action(detail=True, pagination_class=None, filter_backends=[])
    def compare(self, request: Request, pk: str) -> Response:
        """This simulation beside another of the same programme, per regency."""
        key = valid(CompareIn(data=request.query_params))["other"]
        row = self.get_object()
        others = self.get_queryset().filter(
            version__programme=row.version.programme_id, finished_at__isnull=False
        )
        other = get_object_or_404(others, pk=key)
        return Response(PairOut(side_by_side(row, other), many=True).data)

    @extend_schema(request=SimulationFileIn, responses={202: FileOut})
    @action(detail=True, methods=["post"])
    def export(self, request: Request, pk: str) -> Response:
        """A file of its people or regencies from a job, with the right to export."""
        data = valid(SimulationFileIn(data=request.data))
        job = services.export_list(
            simulation=self.get_object(),
            what=data["list"],
            file_format=data["format"],
            **self.context(),
        )
        return Response(FileOut({"job": job.pk}).data, status=202)

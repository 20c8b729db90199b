"""Programmes and the rules of their years over the API."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from programs.api.base import Acting, valid
from programs.api.inputs import (
    CopyIn,
    ProgrammeChange,
    ProgrammeIn,
    QuotasIn,
    StagesIn,
    VersionChange,
    VersionIn,
)
from programs.api.visits import SumsOf, VisitSumOut, sums_of
from programs.models import Programme, ProgrammeVersion, Stage
from programs.queries.catalogue import quota_lines
from programs.services import catalogue as services
from programs.services.catalogue import ProgrammeValues, VersionValues


class StageOut(serializers.ModelSerializer[Stage]):
    """One payment of the year."""

    class Meta:
        model = Stage
        fields = ("id", "number", "name", "stage_date", "amount")


class VersionOut(serializers.ModelSerializer[ProgrammeVersion]):
    """The rules of one year as data."""

    stages = StageOut(many=True)

    class Meta:
        model = ProgrammeVersion
        fields = (
            *("id", "programme", "year", "version", "state", "payee_kind", "benefit_kind"),
            *("annual_amount", "formula_budget", "tariff", "unit_label", "rails"),
            *("proxy_rules", "heir_rules"),
            *("quota_total", "regency_target", "target_with", "criteria"),
            *("required_documents", "legal_basis"),
            *("stop_reasons", "reject_reasons", "exclusive_with", "bank_code", "account_code"),
            *("ranking", "calendar", "verification_steps", "monitoring_form"),
            *("document_templates", "success_measure", "funding_source", "source_note"),
            *("event_rules", "exit_rules", "proposal_channels", "assessment_forms", "plan_rules"),
            "letters",
            "stages",
        )


class ProgrammeOut(serializers.ModelSerializer[Programme]):
    """One programme of the province."""

    class Meta:
        model = Programme
        fields = ("id", "code", "name", "purpose", "area_code", "is_active")


class QuotaOut(serializers.Serializer[Any]):
    """The places of one regency and what fills them; null is no limit."""

    area_code = serializers.CharField()
    name = serializers.CharField()
    places = serializers.IntegerField(allow_null=True)
    waiting = serializers.IntegerField()
    held = serializers.IntegerField()
    left = serializers.IntegerField(allow_null=True)
    target = serializers.IntegerField(allow_null=True)
    short = serializers.IntegerField(allow_null=True)


class ProgrammeViewSet(Acting, viewsets.ReadOnlyModelViewSet[Programme]):
    """Programmes of the caller's province."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": P.PROGRAM_EDIT,
        "partial_update": P.PROGRAM_EDIT,
    }
    queryset = Programme.objects.none()
    serializer_class = ProgrammeOut
    # A form cannot leave a yes or no out: what is not sent would read as no.
    parser_classes = (JSONParser,)

    def get_queryset(self) -> Any:
        rows = Programme.objects.visible_to(self.request.user)
        return rows.select_related("agency").order_by("pk")

    @extend_schema(request=ProgrammeIn, responses={201: ProgrammeOut})
    def create(self, request: Request) -> Response:
        """Add a programme to the caller's agency."""
        data, user = valid(ProgrammeIn(data=request.data)), signed_in_user(request)
        if user.agency is None:
            raise Http404
        row = services.save_programme(
            programme=None,
            agency=user.agency,
            values=ProgrammeValues(**data),
            **self.context(),
        )
        return Response(ProgrammeOut(row).data, status=201)

    @extend_schema(request=ProgrammeChange, responses={200: ProgrammeOut})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given; the rest stays as it is."""
        row = self.get_object()
        data = valid(ProgrammeChange(data=request.data))
        now = {item.name: getattr(row, item.name) for item in fields(ProgrammeValues)}
        row = services.save_programme(
            programme=row,
            agency=row.agency,
            values=ProgrammeValues(**{**now, **data}),
            **self.context(),
        )
        return Response(ProgrammeOut(row).data)


class VersionViewSet(Acting, viewsets.ReadOnlyModelViewSet[ProgrammeVersion]):
    """The rules of each programme and year."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "quotas": P.PROGRAM_VIEW,
        "visit_answers": P.PROGRAM_VIEW,
        "create": P.PROGRAM_EDIT,
        "partial_update": P.PROGRAM_EDIT,
        "set_stages": P.PROGRAM_EDIT,
        "set_quotas": P.PROGRAM_EDIT,
        "activate": P.PROGRAM_EDIT,
        "copy": P.PROGRAM_EDIT,
    }
    queryset = ProgrammeVersion.objects.none()
    serializer_class = VersionOut
    parser_classes = (JSONParser,)

    def get_queryset(self) -> Any:
        rows = ProgrammeVersion.objects.visible_to(self.request.user)
        return rows.select_related("programme").prefetch_related("stages").order_by("pk")

    def _shown(self, pk: int, status: int = 200) -> Response:
        return Response(VersionOut(self.get_queryset().get(pk=pk)).data, status=status)

    def _lines(self, row: ProgrammeVersion) -> Response:
        lines = quota_lines(row, area_code=signed_in_user(self.request).area_code)
        return Response(QuotaOut(lines, many=True).data)

    @extend_schema(request=VersionIn, responses={201: VersionOut})
    def create(self, request: Request) -> Response:
        """A draft of a year for a programme."""
        data = valid(VersionIn(data=request.data))
        programmes = Programme.objects.visible_to(request.user)
        row = services.save_version(
            version=None,
            programme=get_object_or_404(programmes, pk=data.pop("programme")),
            values=VersionValues(**data),
            **self.context(),
        )
        return self._shown(row.pk, 201)

    @extend_schema(request=VersionChange, responses={200: VersionOut})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given; 409 once a decree uses the version. Another year is a copy."""
        row = self.get_object()
        data = valid(VersionChange(data=request.data))
        services.change_version(version=row, **data, **self.context())
        return self._shown(row.pk)

    @extend_schema(request=StagesIn, responses={200: VersionOut})
    @action(detail=True, methods=["post"], url_path="stages")
    def set_stages(self, request: Request, pk: str) -> Response:
        """All stages of the year in their order; those that are not named go."""
        row = self.get_object()
        stages = valid(StagesIn(data=request.data))["stages"]
        with transaction.atomic():
            for number, stage in enumerate(stages, start=1):
                services.save_stage(version=row, number=number, **stage, **self.context())
            services.drop_stages_after(version=row, number=len(stages), **self.context())
        return self._shown(row.pk)

    @extend_schema(responses={200: QuotaOut(many=True)})
    @action(detail=True, pagination_class=None, filter_backends=[])
    def quotas(self, request: Request, pk: str) -> Response:
        """The places of each regency of the caller's area, and what fills them."""
        return self._lines(self.get_object())

    @extend_schema(parameters=[SumsOf], responses={200: VisitSumOut(many=True)})
    @action(detail=True, pagination_class=None, filter_backends=[], url_path="visit-answers")
    def visit_answers(self, request: Request, pk: str) -> Response:
        """What was answered in the monitoring visits that hold, question by question."""
        asked = valid(SumsOf(data=request.query_params.dict()))
        by = signed_in_user(request)
        sums = sums_of(self.get_object(), by=by, area_code=asked["area"], stage=asked["stage"])
        return Response(sums)

    @extend_schema(request=QuotasIn, responses={200: QuotaOut(many=True)})
    @quotas.mapping.post
    def set_quotas(self, request: Request, pk: str) -> Response:
        """Set the named regencies' places; all or none."""
        row = self.get_object()
        given = valid(QuotasIn(data=request.data))["quotas"]
        now = dict(row.quotas.values_list("area_code", "places"))
        with transaction.atomic():
            for area_code, places in given.items():
                if places != now.get(area_code):
                    services.set_quota(
                        version=row, area_code=area_code, places=places, **self.context()
                    )
        return self._lines(row)

    @extend_schema(request=None, responses={200: VersionOut})
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """Let a draft take proposals; 409 names what is missing."""
        row = services.activate_version(version=self.get_object(), **self.context())
        return self._shown(row.pk)

    @extend_schema(request=CopyIn, responses={201: VersionOut})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: str) -> Response:
        """A draft with the same rules for another year; the next one unless said."""
        row = self.get_object()
        data = valid(CopyIn(data=request.data))
        made = services.copy_version(
            version=row, year=data.get("year", row.year + 1), **self.context()
        )
        return self._shown(made.pk, 201)

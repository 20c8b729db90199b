"""Events and appeals over the API, by the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from programs.api.base import valid
from programs.choices import AppealOutcome, EventKind
from programs.filters import AppealFilter, EventFilter
from programs.models import Appeal, Enrolment, ProgrammeEvent
from programs.services.events import EventValues, decide_event, report_event
from programs.services.exits import decide_appeal, file_appeal


class EventOut(serializers.ModelSerializer[ProgrammeEvent]):
    """One event with its computed outcome."""

    class Meta:
        model = ProgrammeEvent
        fields = (
            *("id", "enrolment", "area_code", "kind", "happened_on", "outcome", "reason_code"),
            *("article", "effects", "old_state", "reported_at", "applied", "decided_at"),
            *("decision_note", "results"),
        )


class EventIn(serializers.Serializer[Any]):
    """What happened to whom."""

    enrolment = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=EventKind.choices)
    happened_on = serializers.DateField()
    passbook = serializers.BooleanField(required=False, allow_null=True, default=None)
    village = serializers.CharField(max_length=13, required=False, allow_blank=True, default="")
    reason_code = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    note = serializers.CharField(required=False, allow_blank=True, default="")


class EventDecisionIn(serializers.Serializer[Any]):
    """Apply the outcome, or refuse the event with a reason."""

    apply = serializers.BooleanField()
    note = serializers.CharField(required=False, allow_blank=True, default="")


class EventViewSet(viewsets.ReadOnlyModelViewSet[ProgrammeEvent]):
    """Events of the caller's area."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": P.PROPOSAL_SUBMIT,
        "decide": P.DECREE_PREPARE,
    }
    queryset = ProgrammeEvent.objects.none()
    serializer_class = EventOut
    filterset_class = EventFilter

    def get_queryset(self) -> Any:
        return ProgrammeEvent.objects.visible_to(self.request.user).order_by("pk")

    @extend_schema(request=EventIn, responses={201: EventOut})
    def create(self, request: Request) -> Response:
        """Report an event; nothing changes until another person decides."""
        data, user = valid(EventIn(data=request.data)), signed_in_user(request)
        rows = Enrolment.objects.visible_to(user)
        enrolment = get_object_or_404(rows, pk=data.pop("enrolment"))
        row = report_event(
            enrolment=enrolment, values=EventValues(**data), by=user, at=timezone.now()
        )
        return Response(EventOut(row).data, status=201)

    @extend_schema(request=EventDecisionIn, responses={200: EventOut})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Apply or refuse; not by who reported it."""
        data, row = valid(EventDecisionIn(data=request.data)), self.get_object()
        row = decide_event(event=row, by=signed_in_user(request), at=timezone.now(), **data)
        return Response(EventOut(row).data)


class AppealOut(serializers.ModelSerializer[Appeal]):
    """One appeal; who objects stays on the screen."""

    class Meta:
        model = Appeal
        fields = (
            *("id", "enrolment", "event", "area_code", "against", "filed_on", "working_days"),
            *("outcome", "decided_at", "decision_note"),
        )


class AppealIn(serializers.Serializer[Any]):
    """Who objects to the end of an enrolment, and why."""

    enrolment = serializers.IntegerField()
    appellant = serializers.CharField(max_length=150)
    grounds = serializers.CharField()
    filed_on = serializers.DateField()


class AppealDecisionIn(serializers.Serializer[Any]):
    """Restored or kept, with the reason."""

    outcome = serializers.ChoiceField(choices=AppealOutcome.choices)
    note = serializers.CharField()


class AppealViewSet(viewsets.ReadOnlyModelViewSet[Appeal]):
    """Appeals of the caller's area."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": P.PROPOSAL_SUBMIT,
        "decide": P.DECREE_APPROVE,
    }
    queryset = Appeal.objects.none()
    serializer_class = AppealOut
    filterset_class = AppealFilter

    def get_queryset(self) -> Any:
        return Appeal.objects.visible_to(self.request.user).order_by("pk")

    @extend_schema(request=AppealIn, responses={201: AppealOut})
    def create(self, request: Request) -> Response:
        """File an appeal; its clock runs in working days."""
        data, user = valid(AppealIn(data=request.data)), signed_in_user(request)
        rows = Enrolment.objects.visible_to(user).select_related("version__programme__agency")
        enrolment = get_object_or_404(rows, pk=data.pop("enrolment"))
        row = file_appeal(enrolment=enrolment, by=user, at=timezone.now(), **data)
        return Response(AppealOut(row).data, status=201)

    @extend_schema(request=AppealDecisionIn, responses={200: AppealOut})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Restore or keep; by somebody who neither filed it nor made the decision."""
        data, row = valid(AppealDecisionIn(data=request.data)), self.get_object()
        row = decide_appeal(appeal=row, by=signed_in_user(request), at=timezone.now(), **data)
        return Response(AppealOut(row).data)

"""Monitoring visits over the API, by the same services as the pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from programs.api.base import valid
from programs.choices import QuestionKind
from programs.filters import VisitFilter
from programs.models import Enrolment, MonitoringVisit, ProgrammeVersion, Stage, VisitAnswer
from programs.queries.visits import FIGURES, questions_of, reads_answers, tallies, visits_in
from programs.rules.life import REPORTERS
from programs.rules.visits import Question
from programs.services.visits import VisitValues, correct_visit, record_visit

FIGURE = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?")


class VisitAnswerOut(serializers.ModelSerializer[VisitAnswer]):
    """One answer with the question as it stood; figures in `number`, words in `value`."""

    class Meta:
        model = VisitAnswer
        fields = ("position", "question", "kind", "value", "number")


class VisitOut(serializers.ModelSerializer[MonitoringVisit]):
    """One visit; note and answers are left out for who may not read them."""

    is_corrected = serializers.SerializerMethodField()
    answers = VisitAnswerOut(many=True)

    class Meta:
        model = MonitoringVisit
        fields = (
            *("id", "enrolment", "area_code", "stage", "visited_on", "visitor", "corrects"),
            *("reason", "is_corrected", "made_at", "note", "answers"),
        )

    def get_is_corrected(self, row: MonitoringVisit) -> bool:
        return hasattr(row, "correction")

    def to_representation(self, instance: MonitoringVisit) -> dict[str, Any]:
        found = super().to_representation(instance)
        if not self.context.get("reads"):
            found.pop("note")
            found.pop("answers")
        return found


class VisitAnswerIn(serializers.Serializer[Any]):
    """The answer to the question at a place (from 1) of the programme's monitoring form."""

    position = serializers.IntegerField(min_value=1)
    value = serializers.CharField(max_length=500)


class VisitChangeIn(serializers.Serializer[Any]):
    """What was found at the door. What was not asked is left out."""

    visited_on = serializers.DateField()
    visitor = serializers.CharField(max_length=120)
    answers = VisitAnswerIn(many=True, required=False, default=list)
    note = serializers.CharField(required=False, allow_blank=True, default="")


class VisitIn(VisitChangeIn):
    """A visit of a recipient."""

    enrolment = serializers.IntegerField()


class VisitCorrectionIn(VisitChangeIn):
    """What a record should have said, and what was wrong with it."""

    reason = serializers.CharField(max_length=300)


class SumsOf(serializers.Serializer[Any]):
    """Whose visits are added up: everybody the caller sees, unless an area or a stage is named."""

    area = serializers.CharField(max_length=13, required=False, default="")
    stage = serializers.IntegerField(min_value=1, required=False, default=0)


class VisitSumOut(serializers.Serializer[Any]):
    """The answers to one question; words with how often, or what the figures add up to."""

    question = serializers.CharField()
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    answered = serializers.IntegerField()
    words = serializers.DictField(child=serializers.IntegerField())
    total = serializers.DecimalField(max_digits=24, decimal_places=2, allow_null=True)
    lowest = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    highest = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)


def _values(data: dict[str, Any], asked: Sequence[Question]) -> VisitValues:
    """The input of the services; what is no figure is left as a word for them to refuse."""
    answers: dict[int, str | Decimal] = {}
    for given in data["answers"]:
        place, value = given["position"] - 1, given["value"].strip()
        is_figure = place < len(asked) and asked[place].kind in FIGURES
        answers[place] = Decimal(value) if is_figure and FIGURE.fullmatch(value) else value
    return VisitValues(
        visited_on=data["visited_on"],
        visitor=data["visitor"],
        answers=answers,
        note=data["note"],
    )


class VisitViewSet(viewsets.ReadOnlyModelViewSet[MonitoringVisit]):
    """Visits of whoever belongs to the caller's area now, corrected ones too."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": REPORTERS,
        "correct": REPORTERS,
    }
    queryset = MonitoringVisit.objects.none()
    serializer_class = VisitOut
    filterset_class = VisitFilter

    def get_queryset(self) -> Any:
        rows = MonitoringVisit.objects.filter(
            enrolment__in=Enrolment.objects.visible_to(self.request.user)
        )
        return rows.select_related("correction").prefetch_related("answers").order_by("pk")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "reads": reads_answers(self.request.user)}

    def _made(self, row: MonitoringVisit) -> Response:
        return Response(VisitOut(row, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=VisitIn, responses={201: VisitOut})
    def create(self, request: Request) -> Response:
        """Record a visit of somebody whom the programme helps."""
        data, user = valid(VisitIn(data=request.data)), signed_in_user(request)
        rows = Enrolment.objects.visible_to(user).select_related("version")
        enrolment = get_object_or_404(rows, pk=data["enrolment"])
        values = _values(data, questions_of(enrolment.version))
        return self._made(
            record_visit(enrolment=enrolment, values=values, by=user, at=timezone.now())
        )

    @extend_schema(request=VisitCorrectionIn, responses={201: VisitOut})
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """Record what a visit should have said; the old record stays and is no longer counted."""
        data, row = valid(VisitCorrectionIn(data=request.data)), self.get_object()
        values = _values(data, questions_of(row.enrolment.version))
        return self._made(
            correct_visit(
                visit=row,
                values=values,
                reason=data["reason"],
                by=signed_in_user(request),
                at=timezone.now(),
            )
        )


def sums_of(version: ProgrammeVersion, *, by: User, area_code: str, stage: int) -> Any:
    """The sums of a version's visits that hold; `stage` is a key, 0 for all of them.

    Raises Http404 for a stage of another version.
    """
    chosen = get_object_or_404(Stage, version=version, pk=stage) if stage else None
    visits = visits_in(by, version, area_code=area_code, stage=chosen)
    rows = [
        {
            "question": row.question,
            "kind": row.kind,
            "answered": row.answered,
            "words": dict(row.words),
            "total": row.total if row.lowest is not None else None,
            "lowest": row.lowest,
            "highest": row.highest,
        }
        for row in tallies(version, visits)
    ]
    return VisitSumOut(rows, many=True).data

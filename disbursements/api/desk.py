"""The reconciliation desk over the API: rows, what people say about them, closed days."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from disbursements.choices import AsideReason, Outcome, ReturnReason
from disbursements.models import BankDay, DeskDecision, PaymentLine, ResultRow
from disbursements.queries.desk import PARTS, part_of, standing_asides, why
from disbursements.services import bank_days, desk
from programs.api.base import Acting


class RowOut(serializers.ModelSerializer[ResultRow]):
    """A bank row: what it says, where it stands and why; no account number."""

    why = serializers.SerializerMethodField()

    class Meta:
        model = ResultRow
        fields = (
            *("id", "result", "row_number", "reference", "bank_reference", "amount", "currency"),
            *("outcome", "reason", "reason_code", "bank_text", "bank_date", "state"),
            *("quarantine_code", "line", "origin", "why"),
        )

    def get_why(self, row: ResultRow) -> str:
        """Why it stands where it stands."""
        return why(row)


class DecisionOut(serializers.ModelSerializer[DeskDecision]):
    """What somebody said about a row; done_at is empty while it waits for a second person."""

    class Meta:
        model = DeskDecision
        fields = (
            *("id", "row", "act", "line", "outcome", "return_reason", "aside_reason", "note"),
            *("facts", "two_person", "decided_at", "confirmed_at", "refused_at", "done_at"),
        )


class AsideIn(serializers.Serializer[Any]):
    """Why a row is set aside."""

    reason = serializers.ChoiceField(choices=AsideReason.choices)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=250)


class LinkIn(serializers.Serializer[Any]):
    """Which line a row is about, by its reference, and how that is known."""

    reference = serializers.CharField(max_length=16)
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    return_reason = serializers.ChoiceField(
        choices=ReturnReason.choices, required=False, allow_null=True, default=None
    )
    note = serializers.CharField(max_length=250)


class UndoIn(serializers.Serializer[Any]):
    """Why a match or a setting aside is taken back."""

    note = serializers.CharField(max_length=250)


class AnswerIn(serializers.Serializer[Any]):
    """The second person's word."""

    agreed = serializers.BooleanField()


class BankRowViewSet(Acting, viewsets.ReadOnlyModelViewSet[ResultRow]):
    """Bank rows of the caller's area; ?bagian=terbuka|menunggu|disisihkan|padanan|dibatalkan."""

    permissions = {
        "list": P.PAYLIST_VIEW,
        "retrieve": P.PAYLIST_VIEW,
        "set_aside": P.BANK_RESULT,
        "link": P.BANK_RESULT,
        "undo": P.BANK_RESULT,
        "answer": P.RETURN_CONFIRM,
    }
    queryset = ResultRow.objects.none()
    serializer_class = RowOut

    def get_queryset(self) -> Any:
        rows: Any = ResultRow.objects.visible_to(self.request.user)
        part = self.request.query_params.get("bagian", "")
        rows = part_of(rows, part) if part in PARTS else rows
        return rows.select_related("result", "line").defer("result__sealed_file").order_by("pk")

    @extend_schema(request=AsideIn, responses={200: DecisionOut})
    @action(detail=True, methods=["post"], url_path="sisihkan")
    def set_aside(self, request: Request, pk: str) -> Response:
        """Set an open row aside with a coded reason."""
        data, row = self.given(AsideIn), self.get_object()
        made = desk.set_aside(
            row=row, reason=AsideReason(data["reason"]), note=data["note"], **self.context()
        )
        return Response(DecisionOut(made).data)

    @extend_schema(request=LinkIn, responses={200: DecisionOut})
    @action(detail=True, methods=["post"], url_path="tautkan")
    def link(self, request: Request, pk: str) -> Response:
        """Propose that a row is about a line; a second person confirms."""
        data, row = self.given(LinkIn), self.get_object()
        lines = PaymentLine.objects.visible_to(signed_in_user(request))
        line = get_object_or_404(lines, reference=data["reference"])
        reason = data["return_reason"]
        made = desk.propose_link(
            row=row,
            line=line,
            outcome=Outcome(data["outcome"]),
            return_reason=ReturnReason(reason) if reason else None,
            note=data["note"],
            **self.context(),
        )
        return Response(DecisionOut(made).data)

    @extend_schema(request=UndoIn, responses={200: DecisionOut})
    @action(detail=True, methods=["post"], url_path="batalkan")
    def undo(self, request: Request, pk: str) -> Response:
        """Take a match, or a setting aside, back by a new record."""
        data, row = self.given(UndoIn), self.get_object()
        aside = standing_asides().filter(row=row).first()
        if aside is not None:
            made = desk.undo_aside(decision=aside, **data, **self.context())
        else:
            made = desk.undo_match(row=row, **data, **self.context())
        return Response(DecisionOut(made).data)

    @extend_schema(request=AnswerIn, responses={200: DecisionOut})
    @action(detail=True, methods=["post"], url_path="sahkan")
    def answer(self, request: Request, pk: str) -> Response:
        """Confirm or refuse what another person proposed about this row."""
        data, row = self.given(AnswerIn), self.get_object()
        question = get_object_or_404(row.decisions, done_at=None, refused_at=None)
        made = desk.answer(decision=question, agreed=data["agreed"], **self.context())
        return Response(DecisionOut(made).data)


class DayOut(serializers.ModelSerializer[BankDay]):
    """A closed day and what it came to."""

    class Meta:
        model = BankDay
        fields = ("id", "area_code", "day", "figures", "note", "closed_at")


class DayIn(serializers.Serializer[Any]):
    """A note, if any."""

    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=250)


class BankDayViewSet(Acting, mixins.CreateModelMixin, viewsets.ReadOnlyModelViewSet[BankDay]):
    """Closed bank days; POST closes the day of the caller's office."""

    permissions = {"list": P.PAYLIST_VIEW, "retrieve": P.PAYLIST_VIEW, "create": P.RECONCILE}
    queryset = BankDay.objects.none()
    serializer_class = DayOut

    def get_queryset(self) -> Any:
        return BankDay.objects.visible_to(self.request.user).order_by("pk")

    @extend_schema(request=DayIn, responses={201: DayOut})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Close the day."""
        user = signed_in_user(request)
        day = bank_days.close_day(
            agency=desk.agency_of(user.area_code), **self.given(DayIn), **self.context()
        )
        return Response(DayOut(day).data, status=201)

"""Decrees from draft to approval over the API."""

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
from bansos.accounts.services import confirm_password
from bansos.regions.models import Region
from programs.api.base import NoteIn, valid
from programs.api.inputs import money_field
from programs.filters import DecreeFilter
from programs.models import Decree, ProgrammeVersion
from programs.services import decrees


class DecreeOut(serializers.ModelSerializer[Decree]):
    """One decree; its names come with the annexes."""

    class Meta:
        model = Decree
        fields = (
            *("id", "version", "area_code", "revision", "supersedes", "state", "subject"),
            *("formula_budget", "formula_amount", "formula_remainder"),
            *("count", "total", "content_hash", "number", "decree_date", "made_at"),
            *("submitted_at", "approved_at", "return_note", "annex_pdf", "annex_xlsx"),
        )


class DecreeIn(serializers.Serializer[Any]):
    """For which programme and area to draft."""

    version = serializers.IntegerField()
    area_code = serializers.CharField(max_length=5)
    subject = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")
    formula_budget = money_field()

    def validate_area_code(self, code: str) -> str:
        """A province or regency that is known."""
        if not Region.objects.filter(pk=code).exists():
            raise serializers.ValidationError("Wilayah tidak dikenal.")
        return code


class ApprovalIn(serializers.Serializer[Any]):
    """Number and date, and the fingerprint of what was read."""

    number = serializers.CharField(max_length=80)
    decree_date = serializers.DateField()
    seen_hash = serializers.CharField(max_length=64)
    password = serializers.CharField(max_length=200, write_only=True)


class DecreeViewSet(viewsets.ReadOnlyModelViewSet[Decree]):
    """Decrees of the caller's area."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": P.DECREE_PREPARE,
        "submit": P.DECREE_PREPARE,
        "cancel": P.DECREE_PREPARE,
        "approve": P.DECREE_APPROVE,
        "send_back": P.DECREE_APPROVE,
    }
    queryset = Decree.objects.none()
    serializer_class = DecreeOut
    filterset_class = DecreeFilter

    def get_queryset(self) -> Any:
        rows = Decree.objects.visible_to(self.request.user)
        return rows.select_related("version__programme", "supersedes").order_by("pk")

    @extend_schema(request=DecreeIn, responses={201: DecreeOut})
    def create(self, request: Request) -> Response:
        """Draft a decree, or the next version of the one in force."""
        data, user = valid(DecreeIn(data=request.data)), signed_in_user(request)
        version = get_object_or_404(ProgrammeVersion.objects.visible_to(user), pk=data["version"])
        row = decrees.draft_decree(
            version=version,
            area_code=data["area_code"],
            subject=data["subject"],
            formula_budget=data.get("formula_budget"),
            by=user,
            at=timezone.now(),
        )
        return Response(DecreeOut(row).data, status=201)

    @extend_schema(request=None, responses={200: DecreeOut})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Send a draft to the approver."""
        row = self.get_object()
        decrees.submit_decree(decree=row, by=signed_in_user(request), at=timezone.now())
        return Response(DecreeOut(row).data)

    @extend_schema(request=None, responses={200: DecreeOut})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Give a draft up."""
        row = self.get_object()
        decrees.cancel_decree(decree=row, by=signed_in_user(request), at=timezone.now())
        return Response(DecreeOut(row).data)

    @extend_schema(request=ApprovalIn, responses={200: DecreeOut})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve with number and date; another person than the maker."""
        data, row = valid(ApprovalIn(data=request.data)), self.get_object()
        confirm_password(user=signed_in_user(request), password=data.pop("password"))
        decrees.approve_decree(decree=row, by=signed_in_user(request), at=timezone.now(), **data)
        return Response(DecreeOut(row).data)

    @extend_schema(request=NoteIn, responses={200: DecreeOut})
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, pk: str) -> Response:
        """Send a submitted decree back to its maker."""
        data, row = valid(NoteIn(data=request.data)), self.get_object()
        decrees.return_decree(
            decree=row, note=data["note"], by=signed_in_user(request), at=timezone.now()
        )
        return Response(DecreeOut(row).data)

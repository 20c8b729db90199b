"""Berita Acara of verification over the API."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.lib.scopes import covers
from programs.api.base import valid
from programs.filters import RecordFilter
from programs.models import ProgrammeVersion, VerificationRecord
from programs.services.verification import make_record


class RecordOut(serializers.ModelSerializer[VerificationRecord]):
    """The record of a district; `document` stays empty until the job has made its PDF."""

    counts = serializers.DictField(child=serializers.IntegerField())

    class Meta:
        model = VerificationRecord
        fields = ("id", "version", "area_code", "round", "counts", "document", "made_at")


class RecordIn(serializers.Serializer[Any]):
    """Which programme year and district to close."""

    version = serializers.IntegerField()
    area_code = serializers.CharField(max_length=8)


class RecordViewSet(viewsets.ReadOnlyModelViewSet[VerificationRecord]):
    """Berita Acara of the caller's area."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": P.PROPOSAL_VERIFY,
    }
    queryset = VerificationRecord.objects.none()
    serializer_class = RecordOut
    filterset_class = RecordFilter

    def get_queryset(self) -> Any:
        return VerificationRecord.objects.visible_to(self.request.user).order_by("pk")

    @extend_schema(request=RecordIn, responses={201: RecordOut})
    def create(self, request: Request) -> Response:
        """Close the verification of a district; its PDF comes from a job."""
        data, user = valid(RecordIn(data=request.data)), signed_in_user(request)
        version = get_object_or_404(ProgrammeVersion.objects.visible_to(user), pk=data["version"])
        if not covers(user.area_code, data["area_code"]):
            raise Http404
        job = make_record(
            version=version, district_code=data["area_code"], by=user, at=timezone.now()
        )
        row = VerificationRecord.objects.get(pk=job.params["record"])
        return Response(RecordOut(row).data, status=201)

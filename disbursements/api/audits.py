"""What the auditor of the books found, over the API; reads only."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from bansos.accounts.permissions import Permission as P
from disbursements.models import AuditBreach, AuditRun
from disbursements.queries.audit import CHECKS


class BreachOut(serializers.ModelSerializer[AuditBreach]):
    """One broken promise: its code, what it means, where, what should be there, what is."""

    words = serializers.SerializerMethodField()

    class Meta:
        model = AuditBreach
        fields = ("promise", "kind", "words", "area_code", "place", "expected", "found")

    def get_words(self, row: AuditBreach) -> str:
        """The kind of breach in a sentence."""
        known = CHECKS.get(row.kind)
        return str(known.words) if known else row.kind


class RunOut(serializers.ModelSerializer[AuditRun]):
    """One audit: rows looked at and breaches, per promise."""

    class Meta:
        model = AuditRun
        fields: tuple[str, ...] = ("id", "started_at", "finished_at", "counts", "broken")


class RunDetailOut(RunOut):
    """With the breaches of the caller's area."""

    breaches = serializers.SerializerMethodField()

    class Meta(RunOut.Meta):
        fields = (*RunOut.Meta.fields, "breaches")

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_breaches(self, row: AuditRun) -> list[Any]:
        """Those of the area, and those of no area."""
        seen = AuditBreach.objects.visible_to(self.context["request"].user)
        rows = seen.filter(run=row).order_by("pk")
        return list(BreachOut(rows, many=True).data)


class AuditRunViewSet(viewsets.ReadOnlyModelViewSet[AuditRun]):
    """Audits of the books, newest first."""

    permissions = {"list": P.BOOKS_AUDIT, "retrieve": P.BOOKS_AUDIT}
    queryset = AuditRun.objects.order_by("-pk")
    serializer_class = RunOut

    def get_serializer_class(self) -> type[RunOut]:
        """Breaches in one run, not in the list."""
        return RunDetailOut if self.action == "retrieve" else RunOut

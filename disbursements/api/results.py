"""Bank answers over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from disbursements.filters import ResultFilter
from disbursements.models import (
    ResultFile,
)
from disbursements.services import results, uploads
from programs.api.base import Acting


class FileIn(serializers.Serializer[Any]):
    """An uploaded file."""

    file = serializers.FileField()


class MappingIn(serializers.Serializer[Any]):
    """Field -> place of its column, from 0."""

    mapping = serializers.DictField(child=serializers.IntegerField(min_value=0))


class ResultOut(serializers.ModelSerializer[ResultFile]):
    """A bank answer: its columns, mapping and counts."""

    class Meta:
        model = ResultFile
        fields = (
            *(
                "id",
                "pay_list",
                "source",
                "format",
                "file_name",
                "sha256",
                "headers",
                "mapping",
                "state",
            ),
            *("counts", "job", "uploaded_at", "applied_at"),
        )


class ResultViewSet(Acting, viewsets.ReadOnlyModelViewSet[ResultFile]):
    """Bank answers of the caller's area."""

    permissions = {
        "list": P.PAYLIST_VIEW,
        "retrieve": P.PAYLIST_VIEW,
        "set_mapping": P.BANK_RESULT,
        "apply": P.BANK_RESULT,
        "create": P.BANK_RESULT,
    }
    queryset = ResultFile.objects.none()
    serializer_class = ResultOut
    filterset_class = ResultFilter

    def get_queryset(self) -> Any:
        rows = ResultFile.objects.without_bytes().visible_to(self.request.user)
        return rows.select_related("pay_list__budget").order_by("pk")

    @extend_schema(request=FileIn, responses={201: ResultOut})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Hand in a file of a standard format for all the lists it names."""
        file = self.given(FileIn)["file"]
        row = uploads.hand_in_statement(data=file.read(), file_name=file.name, **self.context())
        return Response(ResultOut(row).data, status=201)

    @extend_schema(request=MappingIn, responses={200: ResultOut})
    @action(detail=True, methods=["post"], url_path="kolom")
    def set_mapping(self, request: Request, pk: str) -> Response:
        """Say which column is which."""
        row = results.set_result_mapping(
            result=self.get_object(), **self.given(MappingIn), **self.context()
        )
        return Response(ResultOut(row).data)

    @extend_schema(request=None, responses={202: ResultOut})
    @action(detail=True, methods=["post"], url_path="terapkan")
    def apply(self, request: Request, pk: str) -> Response:
        """Apply in the background; a second call changes nothing."""
        row = self.get_object()
        if row.pay_list is None:
            results.apply_statement(statement=row, **self.context())
        else:
            results.apply_result(result=row, **self.context())
        return Response(ResultOut(self.get_object()).data, status=202)

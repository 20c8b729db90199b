"""Goods over the API: stock as it lies, hand-overs with their pictures."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from disbursements.api.base import money_field
from disbursements.models import Handover, HandoverLine, Stock, Warehouse
from disbursements.services import goods, handover_papers
from programs.api.base import Acting
from programs.models import Enrolment
from programs.services.papers import LARGEST


class StockOut(serializers.ModelSerializer[Stock]):
    """Units of one lot in one warehouse."""

    warehouse = serializers.CharField(source="warehouse.name", read_only=True)
    item = serializers.CharField(source="lot.item.name", read_only=True)
    contract_number = serializers.CharField(source="lot.contract_number", read_only=True)
    unit_price = money_field(source="lot.unit_price", read_only=True)

    class Meta:
        model = Stock
        fields = (
            *("id", "warehouse", "area_code", "item", "contract_number", "unit_price"),
            "quantity",
        )


class StockViewSet(mixins.ListModelMixin, Acting):
    """What lies where, in the caller's area."""

    permissions = {"list": P.PROGRAM_VIEW}
    queryset = Stock.objects.none()
    serializer_class = StockOut

    def get_queryset(self) -> Any:
        rows = Stock.objects.visible_to(self.request.user)
        return rows.select_related("warehouse", "lot__item").order_by("pk")


class HandoverLineOut(serializers.ModelSerializer[HandoverLine]):
    """Units of a lot in a hand-over."""

    item = serializers.CharField(source="lot.item.name", read_only=True)

    class Meta:
        model = HandoverLine
        fields = ("id", "item", "lot", "quantity", "unit_price", "replaces", "replace_reason")


class HandoverOut(serializers.ModelSerializer[Handover]):
    """One hand-over, without its pictures."""

    lines = HandoverLineOut(many=True, read_only=True)

    class Meta:
        model = Handover
        fields = (
            *("id", "number", "enrolment", "warehouse", "area_code", "state", "handed_on"),
            *("value", "document", "photo_sha256", "signature_sha256", "handed_at"),
            *("returned_at", "return_reason", "lines"),
        )


class HandoverIn(serializers.Serializer[Any]):
    """To whom, from where, when, with photo and signature."""

    enrolment = serializers.IntegerField()
    warehouse = serializers.IntegerField()
    handed_on = serializers.DateField()
    by_proxy = serializers.BooleanField(required=False, default=False)
    photo = serializers.FileField()
    signature = serializers.FileField()


class BackIn(serializers.Serializer[Any]):
    """Why the goods come back."""

    reason = serializers.CharField(max_length=200)


class HandoverViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Acting):
    """Hand-overs of the caller's area."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": P.PROPOSAL_SUBMIT,
        "take_back": P.PAYLIST_PREPARE,
    }
    queryset = Handover.objects.none()
    # Pictures come as a form with files.
    parser_classes = (MultiPartParser, JSONParser)
    serializer_class = HandoverOut

    def get_queryset(self) -> Any:
        rows = Handover.objects.visible_to(self.request.user).defer("photo", "signature")
        return rows.prefetch_related("lines__lot__item").order_by("pk")

    @extend_schema(request={"multipart/form-data": HandoverIn}, responses={201: HandoverOut})
    def create(self, request: Request) -> Response:
        """Hand the package of a programme to a recipient, once; the BAST follows."""
        data, context = self.given(HandoverIn), self.context()
        row = get_object_or_404(Enrolment.objects.visible_to(request.user), pk=data["enrolment"])
        made = handover_papers.hand_over(
            enrolment=row,
            warehouse=get_object_or_404(Warehouse, pk=data["warehouse"]),
            proof=goods.Proof(data["photo"].read(LARGEST + 1), data["signature"].read(LARGEST + 1)),
            handed_on=data["handed_on"],
            by_proxy=data["by_proxy"],
            **context,
        )
        return Response(HandoverOut(made).data, status=201)

    @extend_schema(request=BackIn, responses={200: HandoverOut})
    @action(detail=True, methods=["post"], url_path="return")
    def take_back(self, request: Request, pk: str) -> Response:
        """All goods come back into the warehouse."""
        row = goods.take_back(handover=self.get_object(), **self.given(BackIn), **self.context())
        return Response(HandoverOut(row).data)

"""The counter over the API: counters, payments with their proof, receipts taken back."""

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
from disbursements.choices import CashMark
from disbursements.models import CashCounter, CashReceipt, PayList, PaymentLine
from disbursements.services import acting
from disbursements.services.cash import paying
from programs.api.base import Acting
from programs.services.papers import LARGEST

READERS = (P.CASH_PAY, P.PAYLIST_VIEW)


class CounterOut(serializers.ModelSerializer[CashCounter]):
    """A counter and its list."""

    class Meta:
        model = CashCounter
        fields = (
            *("id", "pay_list", "area_code", "place", "opens_on", "closes_on"),
            *("opened_at", "closed_at"),
        )


class CounterIn(serializers.Serializer[Any]):
    """The list, the place and the days."""

    pay_list = serializers.IntegerField()
    place = serializers.CharField(max_length=150)
    opens_on = serializers.DateField()
    closes_on = serializers.DateField()


class PayIn(serializers.Serializer[Any]):
    """One payment: at least one of the two pictures."""

    reference = serializers.CharField(max_length=16)
    amount = money_field()
    paid_on = serializers.DateField()
    mark = serializers.ChoiceField(choices=CashMark.choices)
    by_proxy = serializers.BooleanField(required=False, default=False)
    photo = serializers.FileField(required=False, default=None)
    signature = serializers.FileField(required=False, default=None)


class ReceiptOut(serializers.ModelSerializer[CashReceipt]):
    """A receipt, without its pictures."""

    reference = serializers.CharField(source="line.reference")

    class Meta:
        model = CashReceipt
        fields = (
            *("id", "counter", "reference", "area_code", "amount", "paid_on", "taker", "mark"),
            *("photo_sha256", "signature_sha256", "recorded_at", "undone_at", "undo_reason"),
        )


class ReceiptUndoIn(serializers.Serializer[Any]):
    """Why a receipt is taken back."""

    reason = serializers.CharField(max_length=250)


class CounterViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Acting):
    """Counters of the caller's area."""

    permissions = {
        "list": READERS,
        "retrieve": READERS,
        "create": P.BANK_FILE,
        "pay": P.CASH_PAY,
        "close": P.BANK_RESULT,
    }
    queryset = CashCounter.objects.none()
    # Pictures come as a form with files.
    parser_classes = (MultiPartParser, JSONParser)
    serializer_class = CounterOut

    def get_queryset(self) -> Any:
        return CashCounter.objects.visible_to(self.request.user).order_by("pk")

    @extend_schema(request=CounterIn, responses={201: CounterOut, 202: None})
    def create(self, request: Request) -> Response:
        """Open the counter of a cash list; its register and kuitansi are made.

        202 without a body while a worker opens that of a long list.
        """
        data = self.given(CounterIn)
        lists = PayList.objects.visible_to(request.user)
        pay_list = get_object_or_404(lists, pk=data.pop("pay_list"))
        said = {name: str(value) for name, value in data.items()}
        job = acting.act(name="open_counter", pay_list=pay_list, **said, **self.context())
        if job is not None:
            return Response(status=202)
        made = CashCounter.objects.get(pay_list=pay_list)
        return Response(CounterOut(made).data, status=201)

    @extend_schema(request={"multipart/form-data": PayIn}, responses={201: ReceiptOut})
    @action(detail=True, methods=["post"], url_path="bayar")
    def pay(self, request: Request, pk: str) -> Response:
        """Record one payment with its photo or signature."""
        data, counter = self.given(PayIn), self.get_object()
        line = get_object_or_404(
            PaymentLine.objects.select_related("person", "enrolment"),
            pay_list=counter.pay_list_id,
            reference=data["reference"],
        )
        pictures = [data[name] for name in ("photo", "signature")]
        made = paying.pay(
            counter=counter,
            payment=paying.Payment(
                line, data["amount"], data["paid_on"], data["mark"], by_proxy=data["by_proxy"]
            ),
            proof=paying.Proof(*(one.read(LARGEST + 1) if one else b"" for one in pictures)),
            **self.context(),
        )
        return Response(ReceiptOut(made).data, status=201)

    @extend_schema(request=None, responses={200: CounterOut, 202: CounterOut})
    @action(detail=True, methods=["post"], url_path="tutup")
    def close(self, request: Request, pk: str) -> Response:
        """Close the counter; whoever did not come is a return.

        202 with the counter as it is while a worker closes that of a long list.
        """
        pay_list = self.get_object().pay_list
        job = acting.act(name="close_counter", pay_list=pay_list, **self.context())
        return Response(CounterOut(self.get_object()).data, 200 if job is None else 202)


class ReceiptViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Acting):
    """Receipts of the caller's area."""

    permissions = {"list": READERS, "retrieve": READERS, "undo": P.RETURN_CONFIRM}
    queryset = CashReceipt.objects.none()
    serializer_class = ReceiptOut

    def get_queryset(self) -> Any:
        rows = CashReceipt.objects.visible_to(self.request.user).defer("photo", "signature")
        return rows.select_related("line", "counter").order_by("pk")

    @extend_schema(request=ReceiptUndoIn, responses={200: ReceiptOut})
    @action(detail=True, methods=["post"], url_path="batalkan")
    def undo(self, request: Request, pk: str) -> Response:
        """A second person takes a wrongly recorded payment back."""
        row = paying.undo(receipt=self.get_object(), **self.given(ReceiptUndoIn), **self.context())
        return Response(ReceiptOut(row).data)

"""Returned payments over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from beneficiaries.models import BankAccount
from disbursements.api.base import money_field
from disbursements.choices import Decision
from disbursements.filters import ReturnFilter
from disbursements.models import (
    ReturnCase,
)
from disbursements.services import returns
from disbursements.services.returns import Heir
from programs.api.base import Acting


class ReturnOut(serializers.ModelSerializer[ReturnCase]):
    """A return and its decision."""

    reference = serializers.CharField(source="line.reference")
    pay_list = serializers.IntegerField(source="line.pay_list_id")

    class Meta:
        model = ReturnCase
        fields = (
            *("id", "pay_list", "reference", "area_code", "reason", "bank_text", "returned_on"),
            *("amount", "state", "decision", "decided_at", "confirmed_at", "sts_number"),
            *("sts_date", "sts_amount", "done_at"),
        )


class HeirIn(serializers.Serializer[Any]):
    """The heir's papers and account."""

    name = serializers.CharField(max_length=150)
    relation = serializers.CharField(max_length=60)
    nik = serializers.CharField(max_length=24)
    bank_code = serializers.CharField(max_length=3)
    number = serializers.CharField(max_length=34)
    letter_number = serializers.CharField(max_length=80)
    letter_date = serializers.DateField()
    same_kk = serializers.BooleanField(required=False, default=False)
    passbook_given = serializers.BooleanField(required=False, default=True)
    papers = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list, max_length=20
    )


class DecideIn(serializers.Serializer[Any]):
    """The decision; an account of who was paid, or an heir, when it is paid again."""

    decision = serializers.ChoiceField(choices=Decision.choices)
    note = serializers.CharField(required=False, allow_blank=True, default="")
    new_account = serializers.IntegerField(required=False, allow_null=True, default=None)
    heir = HeirIn(required=False, allow_null=True, default=None)


class ConfirmIn(serializers.Serializer[Any]):
    """The second person's answer."""

    agreed = serializers.BooleanField()
    note = serializers.CharField(required=False, allow_blank=True, default="")


class StsIn(serializers.Serializer[Any]):
    """A deposit slip."""

    sts_number = serializers.CharField(max_length=80)
    sts_date = serializers.DateField()
    amount = money_field()


class ReturnViewSet(Acting, viewsets.ReadOnlyModelViewSet[ReturnCase]):
    """Returned payments of the caller's area."""

    permissions = {
        "list": P.PAYLIST_VIEW,
        "retrieve": P.PAYLIST_VIEW,
        "decide": P.RETURN_DECIDE,
        "confirm": P.RETURN_CONFIRM,
        "sts": P.RETURN_DECIDE,
    }
    queryset = ReturnCase.objects.none()
    serializer_class = ReturnOut
    filterset_class = ReturnFilter

    def get_queryset(self) -> Any:
        rows = ReturnCase.objects.visible_to(self.request.user)
        return rows.select_related("line__pay_list").order_by("pk")

    @extend_schema(request=DecideIn, responses={200: ReturnOut})
    @action(detail=True, methods=["post"], url_path="putuskan")
    def decide(self, request: Request, pk: str) -> Response:
        """Decide what becomes of a return."""
        data, case = self.given(DecideIn), self.get_object()
        account, heir = data.pop("new_account"), data.pop("heir")
        if heir is not None:
            heir = Heir(
                **{
                    **heir,
                    "letter_date": heir["letter_date"].isoformat(),
                    "papers": tuple(heir["papers"]),
                }
            )
        row = returns.decide_return(
            case=case,
            decision=Decision(data["decision"]),
            note=data["note"],
            new_account=BankAccount.objects.filter(pk=account).first(),
            heir=heir,
            **self.context(),
        )
        return Response(ReturnOut(row).data)

    @extend_schema(request=ConfirmIn, responses={200: ReturnOut})
    @action(detail=True, methods=["post"], url_path="sahkan")
    def confirm(self, request: Request, pk: str) -> Response:
        """Confirm a decision, or open the return again with a reason."""
        row = returns.confirm_return(
            case=self.get_object(), **self.given(ConfirmIn), **self.context()
        )
        return Response(ReturnOut(row).data)

    @extend_schema(request=StsIn, responses={200: ReturnOut})
    @action(detail=True, methods=["post"], url_path="sts")
    def sts(self, request: Request, pk: str) -> Response:
        """Record the deposit slip."""
        row = returns.record_sts(case=self.get_object(), **self.given(StsIn), **self.context())
        return Response(ReturnOut(row).data)

"""Budgets and allocations over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.access import find
from bansos.accounts.permissions import Permission as P
from disbursements.api.base import money_field
from disbursements.models import (
    Allocation,
    BudgetLine,
)
from disbursements.services import budgets
from programs.api.base import Acting
from programs.models import ProgrammeVersion
from programs.queries.decrees import formula_remainder


class AllocationOut(serializers.ModelSerializer[Allocation]):
    """A regency's share with its running sums."""

    left = money_field(read_only=True)

    class Meta:
        model = Allocation
        fields = ("area_code", "amount", "reserved", "paid", "delivered", "returned", "left")


class BudgetOut(serializers.ModelSerializer[BudgetLine]):
    """A budget line: left = ceiling - reserved - paid."""

    left = money_field(read_only=True)
    holding = money_field(read_only=True)
    formula_remainder = serializers.SerializerMethodField()
    allocations = AllocationOut(many=True, read_only=True)

    class Meta:
        model = BudgetLine
        fields = (
            *("id", "version", "year", "dpa_number", "dpa_date", "account_code", "ceiling"),
            *("allocated", "reserved", "paid", "delivered", "returned", "left", "holding"),
            "formula_remainder",
            "allocations",
        )

    def get_formula_remainder(self, row: BudgetLine) -> str | None:
        """What decrees in force left of the budget they shared out; null: no formula."""
        rest = formula_remainder(row.version)
        return None if rest is None else str(rest)


class BudgetIn(serializers.Serializer[Any]):
    """A DPA line."""

    version = serializers.IntegerField()
    dpa_number = serializers.CharField(max_length=80)
    dpa_date = serializers.DateField()
    account_code = serializers.CharField(max_length=40)
    ceiling = money_field()


class CeilingIn(serializers.Serializer[Any]):
    """A changed DPA."""

    ceiling = money_field()
    dpa_number = serializers.CharField(max_length=80)


class AllocateIn(serializers.Serializer[Any]):
    """Code of the regency -> amount."""

    amounts = serializers.DictField(child=money_field(), allow_empty=False)


class BudgetViewSet(Acting, viewsets.ReadOnlyModelViewSet[BudgetLine]):
    """Budgets of the caller's area."""

    permissions = {
        "list": P.BUDGET_VIEW,
        "retrieve": P.BUDGET_VIEW,
        "create": P.BUDGET_EDIT,
        "change_ceiling": P.BUDGET_EDIT,
        "allocate": P.BUDGET_EDIT,
    }
    queryset = BudgetLine.objects.none()
    serializer_class = BudgetOut
    filterset_fields = ("year", "version")

    def get_queryset(self) -> Any:
        rows = BudgetLine.objects.visible_to(self.request.user)
        return rows.prefetch_related("allocations").order_by("pk")

    @extend_schema(request=BudgetIn, responses={201: BudgetOut})
    def create(self, request: Request) -> Response:
        """Record a DPA line."""
        data = self.given(BudgetIn)
        versions = ProgrammeVersion.objects.select_related("programme__agency")
        version = find(versions, request.user, pk=data.pop("version"))
        row = budgets.record_budget(version=version, **data, **self.context())
        return Response(BudgetOut(row).data, status=201)

    @extend_schema(request=CeilingIn, responses={200: BudgetOut})
    @action(detail=True, methods=["post"], url_path="pagu")
    def change_ceiling(self, request: Request, pk: str) -> Response:
        """Record a changed ceiling."""
        row = budgets.change_ceiling(
            budget=self.get_object(), **self.given(CeilingIn), **self.context()
        )
        return Response(BudgetOut(row).data)

    @extend_schema(request=AllocateIn, responses={200: BudgetOut})
    @action(detail=True, methods=["post"], url_path="alokasi")
    def allocate(self, request: Request, pk: str) -> Response:
        """Set the shares of regencies."""
        budgets.allocate(budget=self.get_object(), **self.given(AllocateIn), **self.context())
        return Response(BudgetOut(self.get_object()).data)

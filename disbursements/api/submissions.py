"""What was given to a bank, over the API; the same services as the pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from disbursements.filters import NameFilter, SubmissionFilter
from disbursements.models import BankChannel, BankSubmission, NameCheck, PayList
from disbursements.services.channels import abilities_of
from disbursements.services.submissions import asking, sending
from programs.api.base import Acting


class ChannelOut(serializers.ModelSerializer[BankChannel]):
    """A way to a bank and what it declares; generic, not certified by any bank."""

    abilities = serializers.SerializerMethodField()

    class Meta:
        model = BankChannel
        fields = ("id", "kind", "name", "key", "active", "file_format", "abilities")

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField()))
    def get_abilities(self, row: BankChannel) -> dict[str, bool]:
        return asdict(abilities_of(row))


class SubmissionIn(serializers.Serializer[Any]):
    """Which list goes over which channel."""

    pay_list = serializers.IntegerField()
    channel = serializers.IntegerField()


class SubmissionOut(serializers.ModelSerializer[BankSubmission]):
    """A submission: reference, hash, control figures, state."""

    class Meta:
        model = BankSubmission
        fields = (
            *("id", "pay_list", "number", "kind", "channel", "reference", "sha256", "count"),
            *("total", "state", "bank_text", "intent_at", "heard_at", "job"),
        )


class NameOut(serializers.ModelSerializer[NameCheck]):
    """A payee's name beside the one the bank knows; the account is masked."""

    account = serializers.CharField(source="line.account_masked")

    class Meta:
        model = NameCheck
        fields = (
            *("id", "pay_list", "line", "payee_name", "bank_name", "likeness", "state"),
            *("account", "checked_at"),
        )


class ChannelViewSet(viewsets.ReadOnlyModelViewSet[BankChannel]):
    """The ways to banks of the caller's area."""

    permissions = {"list": P.BANK_FILE, "retrieve": P.BANK_FILE}
    queryset = BankChannel.objects.none()
    serializer_class = ChannelOut

    def get_queryset(self) -> Any:
        return BankChannel.objects.visible_to(self.request.user).order_by("pk")


class SubmissionViewSet(
    Acting, mixins.CreateModelMixin, viewsets.ReadOnlyModelViewSet[BankSubmission]
):
    """What was given to banks in the caller's area."""

    permissions = {
        "list": P.PAYLIST_VIEW,
        "retrieve": P.PAYLIST_VIEW,
        "create": P.BANK_FILE,
        "ask": P.BANK_FILE,
        "again": P.BANK_FILE,
    }
    queryset = BankSubmission.objects.none()
    serializer_class = SubmissionOut
    filterset_class = SubmissionFilter

    def get_queryset(self) -> Any:
        rows = BankSubmission.objects.visible_to(self.request.user)
        return rows.select_related("pay_list__budget__agency", "channel", "job").order_by("pk")

    @extend_schema(request=SubmissionIn, responses={202: SubmissionOut})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write down the intent and let a worker send."""
        given, user = self.given(SubmissionIn), request.user
        pay_list = PayList.objects.visible_to(user).filter(pk=given["pay_list"]).first()
        channel = BankChannel.objects.filter(pk=given["channel"]).first()
        if pay_list is None or channel is None:
            raise Http404
        row = sending.submit(pay_list=pay_list, channel=channel, **self.context())
        return Response(SubmissionOut(row).data, status=202)

    @extend_schema(request=None, responses={202: SubmissionOut})
    @action(detail=True, methods=["post"], url_path="status")
    def ask(self, request: Request, pk: str) -> Response:
        """Ask the bank how it stands, in the background."""
        asking.ask(submission=self.get_object(), **self.context())
        return Response(SubmissionOut(self.get_object()).data, status=202)

    @extend_schema(request=None, responses={202: SubmissionOut})
    @action(detail=True, methods=["post"], url_path="lagi")
    def again(self, request: Request, pk: str) -> Response:
        """The same reference and hash once more, where that cannot pay twice."""
        row = sending.send_again(submission=self.get_object(), **self.context())
        return Response(SubmissionOut(row).data, status=202)


class NameViewSet(viewsets.ReadOnlyModelViewSet[NameCheck]):
    """Names the bank gave, of lists in the caller's area; two people decide on the page."""

    permissions = {"list": P.PAYLIST_VIEW, "retrieve": P.PAYLIST_VIEW}
    queryset = NameCheck.objects.none()
    serializer_class = NameOut
    filterset_class = NameFilter

    def get_queryset(self) -> Any:
        return NameCheck.objects.visible_to(self.request.user).select_related("line").order_by("pk")

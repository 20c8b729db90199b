"""Pay lists and every act on them over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.access import find
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.accounts.services import confirm_password
from disbursements.api.base import money_field
from disbursements.api.results import FileIn, ResultOut
from disbursements.filters import LineFilter, PayListFilter
from disbursements.models import (
    BankFile,
    PayList,
    PaymentLine,
)
from disbursements.queries.identity import IdentityRow
from disbursements.services import acting, bank, closing, lists, returns, uploads
from programs.api.base import Acting
from programs.models import Stage


class PayListOut(serializers.ModelSerializer[PayList]):
    """A pay list; `content_hash` is what a signature must repeat."""

    class Meta:
        model = PayList
        fields = (
            *("id", "number", "kind", "parent", "version", "stage", "decree", "area_code"),
            *("state", "round", "count", "total", "content_hash", "drawn_at", "preflight_at"),
            *("locked_at", "checked_at", "approved_at", "spm_number", "sp2d_number"),
            *("sp2d_date", "sp2d_amount", "sent_at", "closed_at", "job"),
        )


class LineOut(serializers.ModelSerializer[PaymentLine]):
    """A payment line with masked account; in a proxy's name, by the letter of that number."""

    account = serializers.CharField(source="account_masked")
    proxy_letter = serializers.CharField(
        source="proxy_account.grant.letter_number", allow_null=True
    )

    class Meta:
        model = PaymentLine
        fields = (
            *("id", "position", "payee_name", "address", "area_code", "bank_code", "account"),
            *("proxy_letter", "amount", "reference", "state", "exclude_reason", "retransfer_of"),
            "settled_on",
        )


class BankFileOut(serializers.ModelSerializer[BankFile]):
    """A bank file by its control totals and hash."""

    class Meta:
        model = BankFile
        fields = ("format", "sha256", "count", "total", "made_at")


class StageAreaIn(serializers.Serializer[Any]):
    """The stage and regency of a list."""

    stage = serializers.IntegerField()
    area_code = serializers.CharField(max_length=13)


class DryRunOut(serializers.Serializer[Any]):
    """What a list would pay."""

    count = serializers.IntegerField()
    total = money_field()
    sentence = serializers.CharField()
    obstacles = serializers.ListField(child=serializers.CharField())
    elsewhere = serializers.IntegerField()
    without_account = serializers.IntegerField()
    without_amount = serializers.IntegerField()
    taken = serializers.IntegerField()


class ExcludeIn(serializers.Serializer[Any]):
    """NIK or row numbers, and why."""

    rows = serializers.ListField(child=serializers.CharField(max_length=24), allow_empty=False)
    reason = serializers.CharField(max_length=250)


class ExcludeOut(serializers.Serializer[Any]):
    """What became of each token; NIK masked."""

    excluded = serializers.ListField(child=serializers.IntegerField())
    already = serializers.ListField(child=serializers.CharField())
    not_found = serializers.ListField(child=serializers.CharField())
    invalid = serializers.ListField(child=serializers.CharField())


class SignIn(serializers.Serializer[Any]):
    """The fingerprint that was seen."""

    seen_hash = serializers.CharField(max_length=64)


class ApproveIn(SignIn):
    """The approver gives the password again, as on the page."""

    password = serializers.CharField(max_length=200, write_only=True)


class ReasonIn(serializers.Serializer[Any]):
    """A reason that is kept."""

    reason = serializers.CharField(max_length=1000)


class Sp2dIn(serializers.Serializer[Any]):
    """SPM and SP2D."""

    spm_number = serializers.CharField(max_length=80)
    sp2d_number = serializers.CharField(max_length=80)
    sp2d_date = serializers.DateField()
    execution_on = serializers.DateField(required=False, allow_null=True)
    amount = money_field()


class PayListViewSet(Acting, viewsets.ReadOnlyModelViewSet[PayList]):
    """Pay lists and every act on them."""

    permissions = {
        "list": P.PAYLIST_VIEW,
        "retrieve": P.PAYLIST_VIEW,
        "lines": P.PAYLIST_VIEW,
        "files": P.PAYLIST_VIEW,
        "identity": P.PAYLIST_VIEW,
        "dry_run": P.PAYLIST_PREPARE,
        "create": P.PAYLIST_PREPARE,
        "exclude": P.PAYLIST_PREPARE,
        "preflight": P.PAYLIST_PREPARE,
        "lock": P.PAYLIST_PREPARE,
        "submit": P.PAYLIST_PREPARE,
        "follow_up": P.PAYLIST_PREPARE,
        "cancel": (P.PAYLIST_PREPARE, P.PAYLIST_APPROVE),
        "check": P.PAYLIST_CHECK,
        "approve": P.PAYLIST_APPROVE,
        "send_back": P.PAYLIST_VIEW,
        "sp2d": P.SP2D_RECORD,
        "make_files": P.BANK_FILE,
        "sent": P.BANK_FILE,
        "upload": P.BANK_RESULT,
        "close": P.RECONCILE,
    }
    queryset = PayList.objects.none()
    serializer_class = PayListOut
    filterset_class = PayListFilter
    parser_classes = (JSONParser, FormParser, MultiPartParser)

    def get_queryset(self) -> Any:
        rows = PayList.objects.visible_to(self.request.user)
        related = ("stage__version__programme__agency", "budget__agency", "allocation", "parent")
        return rows.select_related(*related).order_by("pk")

    def _stage(self, data: dict[str, Any]) -> Stage:
        rows = Stage.objects.select_related("version__programme__agency")
        found: Stage = find(rows, self.request.user, pk=data["stage"])
        return found

    def _shown(self, pay_list: PayList, status: int = 200) -> Response:
        return Response(PayListOut(pay_list).data, status=status)

    def _acted(self, name: str, pay_list: PayList, **given: str) -> Response:
        """The list after the act; 202 with the list as it is while a worker does it."""
        job = acting.act(name=name, pay_list=pay_list, **given, **self.context())
        return self._shown(self.get_object(), 200 if job is None else 202)

    @extend_schema(request=StageAreaIn, responses={200: DryRunOut})
    @action(detail=False, methods=["post"], url_path="uji-coba")
    def dry_run(self, request: Request) -> Response:
        """What a list would pay; nothing is stored."""
        data = self.given(StageAreaIn)
        plan = lists.dry_run(
            stage=self._stage(data), area_code=data["area_code"], user=request.user
        )
        return Response(DryRunOut(plan).data)

    @extend_schema(request=StageAreaIn, responses={201: PayListOut})
    def create(self, request: Request) -> Response:
        """Make a list; its lines are drawn by a job."""
        data = self.given(StageAreaIn)
        pay_list = lists.create_list(
            stage=self._stage(data), area_code=data["area_code"], **self.context()
        )
        return self._shown(pay_list, 201)

    @extend_schema(
        parameters=[OpenApiParameter(name, str) for name in LineFilter.Meta.fields],
        responses={200: LineOut(many=True)},
    )
    @action(detail=True, url_path="baris", filterset_class=None, filter_backends=[])
    def lines(self, request: Request, pk: str) -> Response:
        """The lines of a list, by key."""
        pay_list = find(PayList.objects, request.user, pk=pk)
        rows = PaymentLine.objects.visible_to(request.user).filter(pay_list=pay_list)
        rows = rows.select_related("proxy_account__grant")
        chosen = LineFilter(
            request.query_params, queryset=rows, request=request, area=pay_list.area_code
        )
        page = self.paginate_queryset(chosen.qs)
        return self.get_paginated_response(LineOut(page, many=True).data)

    @extend_schema(responses={200: BankFileOut(many=True)})
    @action(detail=True, url_path="berkas")
    def files(self, request: Request, pk: str) -> Response:
        """Control totals and hashes of the bank files; the bytes are handed out by the page."""
        return Response(BankFileOut(self.get_object().files.order_by("pk"), many=True).data)

    @extend_schema(request=ExcludeIn, responses={200: ExcludeOut})
    @action(detail=True, methods=["post"], url_path="keluarkan")
    def exclude(self, request: Request, pk: str) -> Response:
        """Take payees out of a draft."""
        data = self.given(ExcludeIn)
        outcome = lists.exclude(
            pay_list=self.get_object(),
            niks_or_positions=data["rows"],
            reason=data["reason"],
            **self.context(),
        )
        return Response(ExcludeOut(outcome).data)

    @extend_schema(request=None, responses={202: PayListOut})
    @action(detail=True, methods=["post"], url_path="periksa-ulang")
    def preflight(self, request: Request, pk: str) -> Response:
        """Check a draft again in the background."""
        lists.run_preflight(pay_list=self.get_object(), **self.context())
        return self._shown(self.get_object(), 202)

    @extend_schema(request=None, responses={200: PayListOut, 202: PayListOut})
    @action(detail=True, methods=["post"], url_path="kunci")
    def lock(self, request: Request, pk: str) -> Response:
        """Check, fingerprint, reserve, freeze."""
        return self._acted("lock", self.get_object())

    @extend_schema(request=None, responses={200: PayListOut})
    @action(detail=True, methods=["post"], url_path="ajukan")
    def submit(self, request: Request, pk: str) -> Response:
        """Hand over to checker and approver."""
        return self._shown(lists.submit_for_approval(pay_list=self.get_object(), **self.context()))

    @extend_schema(request=SignIn, responses={200: PayListOut, 202: PayListOut})
    @action(detail=True, methods=["post"], url_path="periksa")
    def check(self, request: Request, pk: str) -> Response:
        """The checker's signature."""
        return self._acted("check", self.get_object(), **self.given(SignIn))

    @extend_schema(request=ApproveIn, responses={200: PayListOut, 202: PayListOut})
    @action(detail=True, methods=["post"], url_path="setujui")
    def approve(self, request: Request, pk: str) -> Response:
        """The approver's signature, behind the password."""
        row, given = self.get_object(), self.given(ApproveIn)
        confirm_password(user=signed_in_user(request), password=given.pop("password"))
        return self._acted("approve", row, **given)

    @extend_schema(request=ReasonIn, responses={200: PayListOut})
    @action(detail=True, methods=["post"], url_path="kembalikan")
    def send_back(self, request: Request, pk: str) -> Response:
        """Return an awaiting list with a reason; by whoever may sign it now."""
        reason = self.given(ReasonIn)["reason"]
        return self._shown(
            lists.send_back(pay_list=self.get_object(), note=reason, **self.context())
        )

    @extend_schema(request=ReasonIn, responses={200: PayListOut, 202: PayListOut})
    @action(detail=True, methods=["post"], url_path="batalkan")
    def cancel(self, request: Request, pk: str) -> Response:
        """Give up a list before its SP2D."""
        return self._acted("cancel", self.get_object(), **self.given(ReasonIn))

    @extend_schema(request=Sp2dIn, responses={200: PayListOut})
    @action(detail=True, methods=["post"], url_path="sp2d")
    def sp2d(self, request: Request, pk: str) -> Response:
        """Record the SP2D."""
        return self._shown(
            lists.record_sp2d(pay_list=self.get_object(), **self.given(Sp2dIn), **self.context())
        )

    @extend_schema(request=None, responses={202: PayListOut})
    @action(detail=True, methods=["post"], url_path="buat-berkas")
    def make_files(self, request: Request, pk: str) -> Response:
        """Make the bank files in the background."""
        bank.make_files(pay_list=self.get_object(), **self.context())
        return self._shown(self.get_object(), 202)

    @extend_schema(request=None, responses={200: PayListOut, 202: PayListOut})
    @action(detail=True, methods=["post"], url_path="kirim")
    def sent(self, request: Request, pk: str) -> Response:
        """The files went to the bank."""
        return self._acted("send", self.get_object())

    @extend_schema(
        request={"multipart/form-data": {"properties": {"file": {"format": "binary"}}}},
        responses={201: ResultOut},
    )
    @action(detail=True, methods=["post"], url_path="hasil")
    def upload(self, request: Request, pk: str) -> Response:
        """Hand in a bank answer; the same bytes give the same file."""
        file = self.given(FileIn)["file"]
        result = uploads.hand_in(
            pay_list=self.get_object(), data=file.read(), file_name=file.name, **self.context()
        )
        return Response(ResultOut(result).data, status=201)

    @extend_schema(request=None, responses={201: PayListOut})
    @action(detail=True, methods=["post"], url_path="susulan")
    def follow_up(self, request: Request, pk: str) -> Response:
        """Make the follow-up list of every confirmed return."""
        made = returns.make_follow_up(pay_list=self.get_object(), **self.context())
        return self._shown(made, 201)

    @action(detail=True, url_path="identitas")
    def identity(self, request: Request, pk: str) -> Response:
        """SP2D = delivered + paid again + paid back + open + unknown, by district and in total."""
        found = closing.identity(self.get_object())
        return Response(
            {
                "even": found.is_even,
                "obstacles": found.obstacles,
                "total": _plain(found.total),
                "districts": [_plain(row) for row in found.districts],
            }
        )

    @extend_schema(request=None, responses={202: PayListOut})
    @action(detail=True, methods=["post"], url_path="tutup")
    def close(self, request: Request, pk: str) -> Response:
        """Close the reconciliation in the background; 409 while anything is open."""
        closing.close(pay_list=self.get_object(), **self.context())
        return self._shown(self.get_object(), 202)


def _plain(row: IdentityRow) -> dict[str, Any]:
    parts = ("sp2d", "settled", "repaid", "treasury", "returned", "unknown", "open")
    sums = {name: getattr(row, name) for name in parts}
    return {
        "code": row.code,
        "name": row.name,
        **{name: {"count": s.count, "amount": str(s.amount)} for name, s in sums.items()},
    }

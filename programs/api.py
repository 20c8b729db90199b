"""The API of programmes: the catalogue, proposals, decrees; the pages' own services."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.accounts.services import confirm_password
from bansos.regions.models import Region
from beneficiaries.models import BankAccount, Person
from programs.choices import Channel, EnrolmentState
from programs.filters import DecreeFilter, ProposalFilter
from programs.models import CriterionAnswer, Decree, Enrolment, Programme, ProgrammeVersion, Stage
from programs.queries.enrolments import latest_answers
from programs.services import decrees, proposals
from programs.services.verification import decide


class StageOut(serializers.ModelSerializer[Stage]):
    """One payment of the year."""

    class Meta:
        model = Stage
        fields = ("id", "number", "name", "stage_date", "amount")


class VersionOut(serializers.ModelSerializer[ProgrammeVersion]):
    """The rules of one year as data."""

    stages = StageOut(many=True)

    class Meta:
        model = ProgrammeVersion
        fields = (
            *("id", "programme", "year", "version", "state", "payee_kind", "benefit_kind"),
            *("annual_amount", "quota_total", "criteria", "required_documents", "legal_basis"),
            *("stop_reasons", "reject_reasons", "exclusive_with", "bank_code", "stages"),
        )


class ProgrammeOut(serializers.ModelSerializer[Programme]):
    """One programme of the province."""

    class Meta:
        model = Programme
        fields = ("id", "code", "name", "purpose", "area_code", "is_active")


class ProgrammeViewSet(viewsets.ReadOnlyModelViewSet[Programme]):
    """Programmes of the caller's province."""

    permissions = {"list": P.PROGRAM_VIEW, "retrieve": P.PROGRAM_VIEW}
    queryset = Programme.objects.none()
    serializer_class = ProgrammeOut

    def get_queryset(self) -> Any:
        return Programme.objects.visible_to(self.request.user).order_by("pk")


class VersionViewSet(viewsets.ReadOnlyModelViewSet[ProgrammeVersion]):
    """The rules of each programme and year."""

    permissions = {"list": P.PROGRAM_VIEW, "retrieve": P.PROGRAM_VIEW}
    queryset = ProgrammeVersion.objects.none()
    serializer_class = VersionOut

    def get_queryset(self) -> Any:
        rows = ProgrammeVersion.objects.visible_to(self.request.user)
        return rows.prefetch_related("stages").order_by("pk")


class AnswerOut(serializers.ModelSerializer[CriterionAnswer]):
    """One criterion with its answer, reason and source; the fact itself stays on the screen."""

    class Meta:
        model = CriterionAnswer
        fields = ("code", "label", "answer", "reason", "source", "round", "answered_at")


class ProposalOut(serializers.ModelSerializer[Enrolment]):
    """One proposal; numbers masked."""

    nik = serializers.CharField(source="person.nik_masked")
    name = serializers.CharField(source="person.name")

    class Meta:
        model = Enrolment
        fields = (
            *("id", "version", "person", "name", "nik", "area_code", "state", "channel"),
            *("companion_name", "warnings", "proposed_at", "decided_at", "decision_reason"),
            *("active_from", "ended_on", "end_reason"),
        )


class ProposalDetail(ProposalOut):
    """One proposal with its newest answers."""

    answers = serializers.SerializerMethodField()

    class Meta:
        model = Enrolment
        fields = (*ProposalOut.Meta.fields, "answers")

    @extend_schema(responses=AnswerOut(many=True))
    def get_answers(self, row: Enrolment) -> list[dict[str, Any]]:
        """The newest round."""
        return list(AnswerOut(latest_answers(row), many=True).data)


class ProposalIn(serializers.Serializer[Any]):
    """Whom to propose for what; the person is in the register already."""

    version = serializers.IntegerField()
    person = serializers.IntegerField()
    companion_name = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default=""
    )
    note = serializers.CharField(required=False, allow_blank=True, default="")


class DecisionIn(serializers.Serializer[Any]):
    """A decision on a proposal in the state that the caller saw."""

    decision = serializers.ChoiceField(choices=["eligible", "correction", "not_eligible"])
    seen_state = serializers.ChoiceField(choices=EnrolmentState.choices)
    reason_code = serializers.CharField(required=False, allow_blank=True, default="")
    note = serializers.CharField(required=False, allow_blank=True, default="")
    observed = serializers.DictField(child=serializers.BooleanField(), required=False, default=dict)


class NoteIn(serializers.Serializer[Any]):
    """A note that goes with an act."""

    note = serializers.CharField(required=False, allow_blank=True, default="")


def valid(given: serializers.Serializer[Any]) -> dict[str, Any]:
    """The validated data, or an answer 422."""
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class ProposalViewSet(viewsets.ReadOnlyModelViewSet[Enrolment]):
    """Proposals of the caller's area."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": P.PROPOSAL_SUBMIT,
        "resubmit": P.PROPOSAL_SUBMIT,
        "decide": P.PROPOSAL_VERIFY,
    }
    queryset = Enrolment.objects.none()
    serializer_class = ProposalOut
    filterset_class = ProposalFilter

    def get_queryset(self) -> Any:
        rows = Enrolment.objects.visible_to(self.request.user)
        return rows.select_related("person__family", "version__programme").order_by("pk")

    def get_serializer_class(self) -> Any:
        return ProposalDetail if self.action == "retrieve" else ProposalOut

    @extend_schema(request=ProposalIn, responses={201: ProposalOut})
    def create(self, request: Request) -> Response:
        """Propose a registered person for an open version."""
        data, user = valid(ProposalIn(data=request.data)), signed_in_user(request)
        version = get_object_or_404(ProgrammeVersion.objects.visible_to(user), pk=data["version"])
        person = get_object_or_404(Person.objects.visible_to(user), pk=data["person"])
        account = BankAccount.objects.filter(
            person=person, bank_code=version.bank_code, closed_at=None
        ).first()
        row = proposals.propose(
            version=version,
            person=person,
            account=account,
            channel=Channel.FORM,
            companion_name=data["companion_name"],
            note=data["note"],
            by=user,
            at=timezone.now(),
        )
        return Response(ProposalOut(row).data, status=201)

    @extend_schema(request=NoteIn, responses={200: ProposalOut})
    @action(detail=True, methods=["post"])
    def resubmit(self, request: Request, pk: str) -> Response:
        """Send a corrected proposal again."""
        data = valid(NoteIn(data=request.data))
        row = proposals.resubmit(
            enrolment=self.get_object(),
            note=data["note"],
            by=signed_in_user(request),
            at=timezone.now(),
        )
        return Response(ProposalOut(row).data)

    @extend_schema(request=DecisionIn, responses={200: ProposalOut})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Judge a proposal; 409 when somebody was faster."""
        data, row = valid(DecisionIn(data=request.data)), self.get_object()
        row.state = data["seen_state"]
        row = decide(
            enrolment=row,
            decision=EnrolmentState(data["decision"]),
            reason_code=data["reason_code"],
            note=data["note"],
            observed=data["observed"],
            by=signed_in_user(request),
            at=timezone.now(),
        )
        return Response(ProposalOut(row).data)


class DecreeOut(serializers.ModelSerializer[Decree]):
    """One decree; its names come with the annexes."""

    class Meta:
        model = Decree
        fields = (
            *("id", "version", "area_code", "revision", "supersedes", "state", "subject"),
            *("count", "total", "content_hash", "number", "decree_date", "made_at"),
            *("submitted_at", "approved_at", "return_note", "annex_pdf", "annex_xlsx"),
        )


class DecreeIn(serializers.Serializer[Any]):
    """For which programme and area to draft."""

    version = serializers.IntegerField()
    area_code = serializers.CharField(max_length=5)
    subject = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")

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


def register(router: SimpleRouter) -> None:
    """Add this app's resources."""
    router.register("programmes", ProgrammeViewSet, basename="programme")
    router.register("programme-versions", VersionViewSet, basename="programme-version")
    router.register("proposals", ProposalViewSet, basename="proposal")
    router.register("decrees", DecreeViewSet, basename="decree")

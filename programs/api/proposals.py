"""Proposals and the decisions on them over the API."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from beneficiaries.models import BankAccount, Payee, Person
from programs.api.base import NoteIn, valid
from programs.choices import EnrolmentState, GuardianKin, ProxyRole, ProxyWho
from programs.filters import ProposalFilter
from programs.models import (
    CriterionAnswer,
    Enrolment,
    ProgrammeVersion,
    ProxyGrant,
    Stage,
    StageEntitlement,
)
from programs.queries.enrolments import latest_answers
from programs.rules.assessing import form_channel
from programs.services import proposals
from programs.services.payees import choose_payee
from programs.services.proxies import ProxyValues, end_proxy, grant_proxy
from programs.services.residents import fill_units
from programs.services.units import record_units
from programs.services.verification import decide


class AnswerOut(serializers.ModelSerializer[CriterionAnswer]):
    """One criterion with its answer, reason and source; the fact itself stays on the screen.

    `sentence` is everything that was asked in that round.
    """

    sentence = serializers.CharField(source="asked.sentence", default="")

    class Meta:
        model = CriterionAnswer
        fields = (
            *("code", "label", "answer", "reason", "source", "round", "answered_at"),
            *("facts_on", "stage_date", "sentence"),
        )


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
    payee = serializers.IntegerField(
        required=False, help_text="Group, institution or government that is paid, where one is."
    )
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


class EntitlementOut(serializers.ModelSerializer[StageEntitlement]):
    """What one enrolment may receive in one stage, where the stage has no amount of its own."""

    class Meta:
        model = StageEntitlement
        fields = ("stage", "decree", "units", "unit_price", "amount", "set_at")


class MonthIn(serializers.Serializer[Any]):
    """A month of a stage, by its first day."""

    stage = serializers.IntegerField()
    month = serializers.DateField()


class UnitsIn(MonthIn):
    """The units of one month and what was counted."""

    units = serializers.IntegerField(min_value=0, max_value=1_000_000)
    source = serializers.CharField(max_length=150)  # type: ignore[assignment]


class ProxyOut(serializers.ModelSerializer[ProxyGrant]):
    """A letter; the NIK masked."""

    nik = serializers.CharField(source="nik_masked", read_only=True)

    class Meta:
        model = ProxyGrant
        fields = (
            *("id", "who", "relation", "role", "name", "nik", "same_kk", "letter_number"),
            *("letter_date", "witness_role", "witness_name", "confirmed", "reason", "article"),
            *("valid_from", "valid_until", "made_at", "ended_at", "end_reason"),
        )


class ProxyIn(serializers.Serializer[Any]):
    """Identity, letter and witness; the programme's rule judges."""

    who = serializers.ChoiceField(choices=ProxyWho.choices)
    relation = serializers.ChoiceField(choices=GuardianKin.choices, allow_blank=True, default="")
    role = serializers.ChoiceField(choices=ProxyRole.choices, allow_blank=True, default="")
    name = serializers.CharField(max_length=150)
    nik = serializers.CharField(max_length=24)
    same_kk = serializers.BooleanField(default=False)
    letter_number = serializers.CharField(max_length=80)
    letter_date = serializers.DateField()
    witness_role = serializers.ChoiceField(choices=ProxyRole.choices, allow_blank=True, default="")
    witness_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    confirmed = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=200)
    valid_from = serializers.DateField()
    valid_until = serializers.DateField()


class PayeeIn(serializers.Serializer[Any]):
    """Who is paid instead of the person."""

    payee = serializers.IntegerField()


class ProposalViewSet(viewsets.ReadOnlyModelViewSet[Enrolment]):
    """Proposals of the caller's area."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": P.PROPOSAL_SUBMIT,
        "resubmit": P.PROPOSAL_SUBMIT,
        "decide": P.PROPOSAL_VERIFY,
        "entitlements": P.PROGRAM_VIEW,
        "record_units": P.PROPOSAL_SUBMIT,
        "fill_units": P.PROPOSAL_SUBMIT,
        "proxies": P.PROGRAM_VIEW,
        "choose_payee": P.PROPOSAL_SUBMIT,
        "grant_proxy": P.PROPOSAL_SUBMIT,
        "end_proxy": P.PROPOSAL_SUBMIT,
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
        payee = (
            get_object_or_404(Payee.objects.visible_to(user), pk=data["payee"])
            if "payee" in data
            else None
        )
        row = proposals.propose(
            version=version,
            person=person,
            account=account,
            payee=payee,
            channel=form_channel(version.proposal_channels),
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

    @extend_schema(responses={200: EntitlementOut(many=True)})
    @action(detail=True, pagination_class=None, filter_backends=[])
    def entitlements(self, request: Request, pk: str) -> Response:
        """The amounts of the caller's enrolment that are its own."""
        rows = self.get_object().entitlements.order_by("stage__number")
        return Response(EntitlementOut(rows, many=True).data)

    @extend_schema(request=PayeeIn, responses={200: ProposalOut})
    @action(detail=True, methods=["post"], url_path="payee")
    def choose_payee(self, request: Request, pk: str) -> Response:
        """Let a group, institution or government be paid; 409 once a decree names it."""
        data, row, user = valid(PayeeIn(data=request.data)), self.get_object(), request.user
        chosen = get_object_or_404(Payee.objects.visible_to(user), pk=data["payee"])
        row = choose_payee(
            enrolment=row, payee=chosen, by=signed_in_user(request), at=timezone.now()
        )
        return Response(ProposalOut(row).data)

    @extend_schema(responses={200: ProxyOut(many=True)})
    @action(detail=True, pagination_class=None, filter_backends=[])
    def proxies(self, request: Request, pk: str) -> Response:
        """The letters of an enrolment, newest first."""
        return Response(ProxyOut(self.get_object().proxies.order_by("-pk"), many=True).data)

    @extend_schema(request=ProxyIn, responses={201: ProxyOut})
    @proxies.mapping.post
    def grant_proxy(self, request: Request, pk: str) -> Response:
        """Record a letter; 409 with the programme's rule and its article when it may not be."""
        data, row = valid(ProxyIn(data=request.data)), self.get_object()
        made = grant_proxy(
            enrolment=row,
            values=ProxyValues(**data),
            by=signed_in_user(request),
            at=timezone.now(),
        )
        return Response(ProxyOut(made).data, status=201)

    @extend_schema(request=NoteIn, responses={200: ProxyOut})
    @action(detail=True, methods=["post"])
    def end_proxy(self, request: Request, pk: str) -> Response:
        """End the letter that holds, with the reason."""
        data, row = valid(NoteIn(data=request.data)), self.get_object()
        grant = get_object_or_404(row.proxies, ended_at=None)
        ended = end_proxy(
            grant=grant, reason=data["note"], by=signed_in_user(request), at=timezone.now()
        )
        return Response(ProxyOut(ended).data)

    @extend_schema(request=UnitsIn, responses={200: EntitlementOut})
    @action(detail=True, methods=["post"], url_path="units")
    def record_units(self, request: Request, pk: str) -> Response:
        """Count the units of a month; 409 once a payment stands on them."""
        data, row = valid(UnitsIn(data=request.data)), self.get_object()
        stage = get_object_or_404(Stage, pk=data.pop("stage"), version=row.version_id)
        made = record_units(
            enrolment=row, stage=stage, by=signed_in_user(request), at=timezone.now(), **data
        )
        return Response(EntitlementOut(made).data)

    @extend_schema(request=MonthIn, responses={200: EntitlementOut})
    @action(detail=True, methods=["post"], url_path="residents")
    def fill_units(self, request: Request, pk: str) -> Response:
        """Count a month from the residents' list of the paid institution."""
        data, row = valid(MonthIn(data=request.data)), self.get_object()
        stage = get_object_or_404(Stage, pk=data["stage"], version=row.version_id)
        made = fill_units(
            enrolment=row,
            stage=stage,
            month=data["month"],
            by=signed_in_user(request),
            at=timezone.now(),
        )
        return Response(EntitlementOut(made).data)

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

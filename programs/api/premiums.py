"""Premiums over the API: plans, the list of a month, its people, payers, the insurer's answer."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.lib.sheets.guard import MAX_BYTES
from beneficiaries.models import Institution, Person
from programs.api.base import Acting, NoteIn, valid
from programs.choices import Insurance, PayerKind
from programs.filters import PremiumCoverFilter, PremiumLineFilter
from programs.models import (
    PremiumCover,
    PremiumLine,
    PremiumPlan,
    PremiumRound,
    PremiumStray,
    ProgrammeVersion,
)
from programs.queries.premiums import figures_of, money_of
from programs.services.premiums import acting, answers, covers, rounds


class PlanOut(serializers.ModelSerializer[PremiumPlan]):
    """A programme year that is a premium; `job` is the last act a worker was asked for."""

    class Meta:
        model = PremiumPlan
        fields = ("id", "version", "insurance", "insurer", "job", "made_at")


class PlanDetail(PlanOut):
    """With the money of its year; what is left is null without a ceiling."""

    spent = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()

    class Meta(PlanOut.Meta):
        fields = (*PlanOut.Meta.fields, "spent", "left")  # type: ignore[assignment]

    def get_spent(self, row: PremiumPlan) -> str:
        """Rupiah of the months the insurer accepted."""
        return str(money_of(row).spent)

    def get_left(self, row: PremiumPlan) -> str | None:
        """Rupiah of the ceiling that no month has used."""
        left = money_of(row).left
        return None if left is None else str(left)


class PlanIn(serializers.Serializer[Any]):
    """Which tariff is a premium, of which insurance, paid to whom."""

    version = serializers.IntegerField()
    insurance = serializers.ChoiceField(choices=Insurance.choices)
    insurer = serializers.IntegerField()


class PremiumMonthIn(serializers.Serializer[Any]):
    """A month, by any of its days."""

    month = serializers.DateField()


class PremiumFiguresOut(serializers.Serializer[Any]):
    """People and money of a month, as far as the caller's area goes."""

    keep = serializers.IntegerField()
    add = serializers.IntegerField()
    drop = serializers.IntegerField()
    waiting = serializers.IntegerField()
    rejected = serializers.IntegerField()
    accepted = serializers.IntegerField()
    refused = serializers.IntegerField()
    paid = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=18, decimal_places=2)


class RoundOut(serializers.ModelSerializer[PremiumRound]):
    """The list of one month; its files are documents."""

    class Meta:
        model = PremiumRound
        fields = ("id", "plan", "month", "state", "csv", "xlsx", "made_at", "sent_at")


class StrayOut(serializers.ModelSerializer[PremiumStray]):
    """A row of an answer that changed nothing."""

    class Meta:
        model = PremiumStray
        fields = ("id", "answer", "row_number", "nik_masked", "reason")


class PremiumLineOut(serializers.ModelSerializer[PremiumLine]):
    """One person in a month."""

    nik = serializers.CharField(source="person.nik_masked")
    name = serializers.CharField(source="person.name")

    class Meta:
        model = PremiumLine
        fields = (
            *("id", "round", "person", "nik", "name", "area_code", "change", "state", "findings"),
            *("note", "answer_reason", "added_at", "decided_at"),
        )


class LineDecisionIn(NoteIn):
    """Agreed or not; a reason where something was found and is overruled."""

    agree = serializers.BooleanField()


class CandidateIn(serializers.Serializer[Any]):
    """One more person for the month."""

    person = serializers.IntegerField()


class PremiumAnswerIn(serializers.Serializer[Any]):
    """The insurer's file."""

    file = serializers.FileField()


class CoverOut(serializers.ModelSerializer[PremiumCover]):
    """Who pays the premium of a person, from month to month."""

    nik = serializers.CharField(source="person.nik_masked")

    class Meta:
        model = PremiumCover
        fields = (
            *("id", "person", "nik", "insurance", "payer", "payer_name", "plan", "area_code"),
            *("from_month", "until_month", "is_void", "opened_at", "ended_at"),
        )


class CoverIn(serializers.Serializer[Any]):
    """Another payer of somebody's premium."""

    person = serializers.IntegerField()
    insurance = serializers.ChoiceField(choices=Insurance.choices)
    payer = serializers.ChoiceField(choices=PayerKind.choices)
    payer_name = serializers.CharField(max_length=120)
    from_month = serializers.DateField()
    until_month = serializers.DateField(required=False, allow_null=True, default=None)


class CoverEndIn(serializers.Serializer[Any]):
    """The last month another payer pays."""

    until_month = serializers.DateField()


class PremiumPlanViewSet(Acting, viewsets.ReadOnlyModelViewSet[PremiumPlan]):
    """Plans of the caller's province."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": P.PROGRAM_EDIT,
        "close": P.PROGRAM_EDIT,
        "open_round": P.PAYLIST_PREPARE,
    }
    queryset = PremiumPlan.objects.none()
    serializer_class = PlanOut
    parser_classes = (JSONParser,)

    def get_queryset(self) -> Any:
        rows = PremiumPlan.objects.visible_to(self.request.user)
        return rows.select_related("version__programme__agency").order_by("pk")

    def get_serializer_class(self) -> Any:
        """One with its money, many without."""
        return PlanDetail if self.action == "retrieve" else PlanOut

    @extend_schema(request=PlanIn, responses={201: PlanDetail})
    def create(self, request: Request) -> Response:
        """Say that the tariff of a programme year is a premium, and whom it is paid to."""
        data, user = valid(PlanIn(data=request.data)), signed_in_user(request)
        versions = ProgrammeVersion.objects.visible_to(user).select_related("programme__agency")
        insurers = Institution.objects.visible_to(user)
        row = covers.open_plan(
            version=get_object_or_404(versions, pk=data["version"]),
            insurer=get_object_or_404(insurers, pk=data["insurer"]),
            insurance=Insurance(data["insurance"]),
            **self.context(),
        )
        return Response(PlanDetail(row).data, status=201)

    @extend_schema(request=NoteIn, responses={200: PlanDetail})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """End a plan that is not continued, with the reason."""
        row = self.get_object()
        covers.close_plan(plan=row, note=valid(NoteIn(data=request.data))["note"], **self.context())
        return Response(PlanDetail(row).data)

    @extend_schema(request=PremiumMonthIn, responses={201: RoundOut, 202: PlanDetail})
    @action(detail=True, methods=["post"], url_path="rounds")
    def open_round(self, request: Request, pk: str) -> Response:
        """Open the list of a month; 202 with the job where many people have to be checked."""
        plan, month = self.get_object(), valid(PremiumMonthIn(data=request.data))["month"]
        job = acting.open_round(plan=plan, month=month, **self.context())
        if job is not None:
            return Response(PlanDetail(self.get_object()).data, status=202)
        return Response(RoundOut(plan.rounds.get(month=month.replace(day=1))).data, status=201)


class PremiumRoundViewSet(Acting, viewsets.ReadOnlyModelViewSet[PremiumRound]):
    """Lists of months of the caller's province; figures are those of the caller's area."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "figures": P.PROGRAM_VIEW,
        "strays": P.PAYLIST_PREPARE,
        "candidates": P.PROPOSAL_SUBMIT,
        "send": P.PAYLIST_PREPARE,
        "answer": P.PAYLIST_PREPARE,
        "count_units": P.PAYLIST_PREPARE,
    }
    queryset = PremiumRound.objects.none()
    serializer_class = RoundOut
    parser_classes = (JSONParser, MultiPartParser, FormParser)

    def get_queryset(self) -> Any:
        rows = PremiumRound.objects.visible_to(self.request.user)
        return rows.select_related(
            "plan__version__programme__agency", "plan__insurer__payee"
        ).order_by("pk")

    def _shown(self, job: Any) -> Response:
        return Response(RoundOut(self.get_object()).data, status=200 if job is None else 202)

    @extend_schema(responses={200: PremiumFiguresOut})
    @action(detail=True, pagination_class=None, filter_backends=[])
    def figures(self, request: Request, pk: str) -> Response:
        """People by change and answer, and what the month costs."""
        row = self.get_object()
        found = figures_of([row], signed_in_user(request))[row.pk]
        return Response(PremiumFiguresOut(found).data)

    @extend_schema(responses={200: StrayOut(many=True)})
    @action(detail=True, filter_backends=[])
    def strays(self, request: Request, pk: str) -> Response:
        """Rows of answers that fit nobody, a page at a time."""
        rows = PremiumStray.objects.filter(answer__round=self.get_object()).order_by("pk")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(StrayOut(page, many=True).data)

    @extend_schema(request=CandidateIn, responses={201: PremiumLineOut})
    @action(detail=True, methods=["post"])
    def candidates(self, request: Request, pk: str) -> Response:
        """Propose one more person; a verifier decides."""
        row, data = self.get_object(), valid(CandidateIn(data=request.data))
        people = Person.objects.visible_to(signed_in_user(request))
        person = get_object_or_404(people, pk=data["person"])
        line = rounds.add_candidate(round_=row, person=person, **self.context())
        return Response(PremiumLineOut(line).data, status=201)

    @extend_schema(request=None, responses={200: RoundOut, 202: RoundOut})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Fix the list and make its files; 202 where a worker does it (see the plan's job)."""
        return self._shown(acting.send_round(round_=self.get_object(), **self.context()))

    @extend_schema(
        request={"multipart/form-data": PremiumAnswerIn}, responses={200: RoundOut, 202: RoundOut}
    )
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Apply the insurer's file; the same file again changes nothing. 202: by a worker."""
        row, upload = self.get_object(), valid(PremiumAnswerIn(data=request.data))["file"]
        data = upload.read(MAX_BYTES + 1)
        job = acting.apply_answer(round_=row, data=data, file_name=upload.name, **self.context())
        return self._shown(job)

    @extend_schema(request=None, responses={200: RoundOut})
    @action(detail=True, methods=["post"], url_path="count")
    def count_units(self, request: Request, pk: str) -> Response:
        """Write the accepted people as units to pay."""
        answers.count_month(round_=self.get_object(), **self.context())
        return self._shown(None)


class PremiumLineViewSet(Acting, viewsets.ReadOnlyModelViewSet[PremiumLine]):
    """People of the caller's area in the lists of months."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "decide": P.PROPOSAL_VERIFY,
        "leave": P.PROPOSAL_SUBMIT,
    }
    queryset = PremiumLine.objects.none()
    serializer_class = PremiumLineOut
    filterset_class = PremiumLineFilter
    parser_classes = (JSONParser,)

    def get_queryset(self) -> Any:
        rows = PremiumLine.objects.visible_to(self.request.user)
        return rows.select_related("round__plan__version__programme__agency", "person").order_by(
            "pk"
        )

    @extend_schema(request=LineDecisionIn, responses={200: PremiumLineOut})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Agree to an addition or a removal, or not; not by who added the line."""
        row, data = self.get_object(), valid(LineDecisionIn(data=request.data))
        return Response(PremiumLineOut(rounds.decide_line(line=row, **data, **self.context())).data)

    @extend_schema(request=NoteIn, responses={200: PremiumLineOut})
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Ask that somebody who stays leaves with this month, with the reason."""
        row, data = self.get_object(), valid(NoteIn(data=request.data))
        return Response(
            PremiumLineOut(rounds.propose_leaving(line=row, **data, **self.context())).data
        )


class PremiumCoverViewSet(Acting, viewsets.ReadOnlyModelViewSet[PremiumCover]):
    """Who pays whose premium, in the caller's area."""

    permissions = {
        "list": P.PROGRAM_VIEW,
        "retrieve": P.PROGRAM_VIEW,
        "create": P.PROPOSAL_SUBMIT,
        "end": P.PROPOSAL_SUBMIT,
    }
    queryset = PremiumCover.objects.none()
    serializer_class = CoverOut
    filterset_class = PremiumCoverFilter
    parser_classes = (JSONParser,)

    def get_queryset(self) -> Any:
        rows = PremiumCover.objects.visible_to(self.request.user)
        return rows.select_related("person").order_by("pk")

    @extend_schema(request=CoverIn, responses={201: CoverOut})
    def create(self, request: Request) -> Response:
        """Record another payer; 409 when one of the months is paid already."""
        data = valid(CoverIn(data=request.data))
        people = Person.objects.visible_to(signed_in_user(request))
        person = get_object_or_404(people, pk=data.pop("person"))
        row = covers.record_payer(person=person, **data, **self.context())
        return Response(CoverOut(row).data, status=201)

    @extend_schema(request=CoverEndIn, responses={200: CoverOut})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """The last month of another payer."""
        row, data = self.get_object(), valid(CoverEndIn(data=request.data))
        return Response(CoverOut(covers.end_cover(cover=row, **data, **self.context())).data)

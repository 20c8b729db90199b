"""The API of payees, pillars and workers: read the same rows, act through the same services."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from bansos.accounts.access import find
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from beneficiaries.api.people import known_village
from beneficiaries.choices import GroupRole, LeaveReason
from beneficiaries.models import (
    Accreditation,
    GovernmentPayee,
    Group,
    GroupMember,
    Institution,
    Person,
    Pillar,
    Residency,
    Worker,
)
from beneficiaries.queries.payees import obstacles, resident_days
from beneficiaries.services import groups, residents

FIRST_OF_MONTH = "Bulan ditulis tahun-bulan, misalnya 2026-06."


class ObstacleOut(serializers.Serializer[Any]):
    """One reason not to pay a payee today."""

    code = serializers.CharField()
    sentence = serializers.CharField()


class MemberOut(serializers.ModelSerializer[GroupMember]):
    """One member of a group; the person by id."""

    class Meta:
        model = GroupMember
        fields = ("id", "person", "role", "joined_on", "left_on", "left_reason")


class GroupOut(serializers.ModelSerializer[Group]):
    """A group with its open members."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="payee.name")
    area_code = serializers.CharField()
    members = serializers.SerializerMethodField()

    class Meta:
        model = Group
        fields = ("id", "name", "area_code", "business_kind", "formed_on", "state", "members")

    @extend_schema(responses=MemberOut(many=True))
    def get_members(self, row: Group) -> list[dict[str, Any]]:
        """Who is in it now."""
        members = [member for member in row.members.all() if member.left_on is None]
        return list(MemberOut(members, many=True).data)


class GroupIn(serializers.Serializer[Any]):
    """A new group."""

    name = serializers.CharField(max_length=150)
    village = serializers.CharField(max_length=13)
    business_kind = serializers.CharField(max_length=80)
    formed_on = serializers.DateField()
    address = serializers.CharField(max_length=250, required=False, default="", allow_blank=True)

    def validate_village(self, code: str) -> str:
        """A village that is known."""
        return known_village(code)


class MemberIn(serializers.Serializer[Any]):
    """A person of the register into the group."""

    person = serializers.IntegerField()
    role = serializers.ChoiceField(choices=GroupRole.choices, default=GroupRole.MEMBER)
    joined_on = serializers.DateField()


class LeaveIn(serializers.Serializer[Any]):
    """A member leaves."""

    member = serializers.IntegerField()
    left_on = serializers.DateField()
    reason = serializers.ChoiceField(choices=LeaveReason.choices)


class GroupCheckIn(serializers.Serializer[Any]):
    """The checker's note."""

    note = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)


class GroupViewSet(viewsets.ReadOnlyModelViewSet[Group]):
    """Groups of the caller's area; a group is checked by a person on the page as well."""

    permissions = {
        "list": P.BENEFICIARY_VIEW,
        "retrieve": P.BENEFICIARY_VIEW,
        "obstacles": P.BENEFICIARY_VIEW,
        "create": P.PAYEE_EDIT,
        "join": P.PAYEE_EDIT,
        "leave": P.PAYEE_EDIT,
        "activate": P.PAYEE_EDIT,
        "check_members": P.PROPOSAL_VERIFY,
    }
    queryset = Group.objects.none()
    serializer_class = GroupOut

    def get_queryset(self) -> Any:
        rows = Group.objects.visible_to(self.request.user)
        return rows.select_related("payee").prefetch_related("members").order_by("pk")

    @extend_schema(request=GroupIn, responses={201: GroupOut})
    def create(self, request: Request) -> Response:
        """Form a group."""
        given = GroupIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        group = groups.form_group(
            village_id=data.pop("village"), by=signed_in_user(request), at=timezone.now(), **data
        )
        return Response(GroupOut(group).data, status=201)

    @extend_schema(request=MemberIn, responses={201: MemberOut})
    @action(detail=True, methods=["post"], url_path="anggota")
    def join(self, request: Request, pk: str) -> Response:
        """Let a person join."""
        group = self.get_object()
        given = MemberIn(data=request.data)
        given.is_valid(raise_exception=True)
        data, user = dict(given.validated_data), signed_in_user(request)
        person = find(Person.objects, user, pk=data.pop("person"))
        member = groups.add_member(group=group, person=person, by=user, at=timezone.now(), **data)
        return Response(MemberOut(member).data, status=201)

    @extend_schema(request=LeaveIn, responses={200: GroupOut})
    @action(detail=True, methods=["post"], url_path="keluar")
    def leave(self, request: Request, pk: str) -> Response:
        """A member leaves; the answer says by its state what that means for the group."""
        group = self.get_object()
        given = LeaveIn(data=request.data)
        given.is_valid(raise_exception=True)
        data, user = dict(given.validated_data), signed_in_user(request)
        rows = GroupMember.objects.filter(group=group, left_on=None)
        member = find(rows, user, pk=data.pop("member"))
        groups.leave_group(member=member, by=user, at=timezone.now(), **data)
        return Response(GroupOut(self.get_object()).data)

    @extend_schema(request=GroupCheckIn, responses={200: GroupOut})
    @action(detail=True, methods=["post"], url_path="periksa")
    def check_members(self, request: Request, pk: str) -> Response:
        """Say that the members are as the rules ask."""
        group = self.get_object()
        given = GroupCheckIn(data=request.data)
        given.is_valid(raise_exception=True)
        groups.check_group(
            group=group,
            note=given.validated_data["note"],
            by=signed_in_user(request),
            at=timezone.now(),
        )
        return Response(GroupOut(self.get_object()).data)

    @extend_schema(request=None, responses={200: GroupOut})
    @action(detail=True, methods=["post"], url_path="aktifkan")
    def activate(self, request: Request, pk: str) -> Response:
        """The group is ready to receive."""
        groups.activate_group(
            group=self.get_object(), by=signed_in_user(request), at=timezone.now()
        )
        return Response(GroupOut(self.get_object()).data)

    @extend_schema(responses={200: ObstacleOut(many=True)})
    @action(detail=True, url_path="halangan")
    def obstacles(self, request: Request, pk: str) -> Response:
        """Why the group would not be paid today; empty when it would."""
        payee = self.get_object().payee
        found = obstacles([payee], on=timezone.localdate())[payee.pk]
        return Response(ObstacleOut(found, many=True).data)


class AccreditationOut(serializers.ModelSerializer[Accreditation]):
    """One certificate with its term."""

    class Meta:
        model = Accreditation
        fields = ("grade", "certificate_number", "valid_from", "valid_until")


class InstitutionOut(serializers.ModelSerializer[Institution]):
    """An institution with its certificates."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="payee.name")
    area_code = serializers.CharField()
    closed_on = serializers.DateField(source="payee.closed_on", allow_null=True)
    accreditations = AccreditationOut(many=True)

    class Meta:
        model = Institution
        fields = (
            *("id", "name", "area_code", "kind", "registration_number", "capacity"),
            *("closed_on", "accreditations"),
        )


class ResidentDaysOut(serializers.Serializer[Any]):
    """One resident's days in a month."""

    person = serializers.IntegerField()
    days = serializers.IntegerField()


class StayOut(serializers.ModelSerializer[Residency]):
    """One stay."""

    class Meta:
        model = Residency
        fields = ("id", "institution", "person", "from_date", "until_date")


class StayIn(serializers.Serializer[Any]):
    """Somebody lives here from a day on."""

    person = serializers.IntegerField()
    from_date = serializers.DateField()
    until_date = serializers.DateField(required=False, allow_null=True, default=None)


class InstitutionViewSet(viewsets.ReadOnlyModelViewSet[Institution]):
    """Institutions of the caller's area, their residents by day."""

    permissions = {
        "list": P.BENEFICIARY_VIEW,
        "retrieve": P.BENEFICIARY_VIEW,
        "days": P.BENEFICIARY_VIEW,
        "obstacles": P.BENEFICIARY_VIEW,
        "stays": P.BENEFICIARY_VIEW,
        "admit": P.PAYEE_EDIT,
    }
    queryset = Institution.objects.none()
    serializer_class = InstitutionOut

    def get_queryset(self) -> Any:
        rows = Institution.objects.visible_to(self.request.user)
        newest = Accreditation.objects.order_by("-valid_from", "-pk")
        return (
            rows.select_related("payee")
            .prefetch_related(Prefetch("accreditations", queryset=newest))
            .order_by("pk")
        )

    @extend_schema(responses={200: ResidentDaysOut(many=True)})
    @action(detail=True, url_path="hari")
    def days(self, request: Request, pk: str) -> Response:
        """Person-days of a month (`?bulan=2026-06`, this month when not given)."""
        house = self.get_object()
        month = _month(str(request.query_params.get("bulan", "")))
        days = resident_days(house, month, until=timezone.localdate())
        rows = [{"person": person.pk, "days": count} for person, count in days]
        return Response(ResidentDaysOut(rows, many=True).data)

    @extend_schema(responses={200: ObstacleOut(many=True)})
    @action(detail=True, url_path="halangan")
    def obstacles(self, request: Request, pk: str) -> Response:
        """Why the institution would not be paid today; empty when it would."""
        payee = self.get_object().payee
        found = obstacles([payee], on=timezone.localdate())[payee.pk]
        return Response(ObstacleOut(found, many=True).data)

    @extend_schema(request=StayIn, responses={201: StayOut})
    @action(detail=True, methods=["post"], url_path="penghuni")
    def admit(self, request: Request, pk: str) -> Response:
        """Record that somebody lives here."""
        house = self.get_object()
        given = StayIn(data=request.data)
        given.is_valid(raise_exception=True)
        data, user = dict(given.validated_data), signed_in_user(request)
        person = find(Person.objects, user, pk=data.pop("person"))
        stay = residents.admit(institution=house, person=person, by=user, at=timezone.now(), **data)
        return Response(StayOut(stay).data, status=201)

    @extend_schema(responses={200: StayOut(many=True)})
    @admit.mapping.get
    def stays(self, request: Request, pk: str) -> Response:
        """Who lives or lived here, newest first."""
        rows = self.get_object().residencies.order_by("-from_date", "-pk")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(StayOut(page, many=True).data)


def _month(text: str) -> date:
    if not text:
        return timezone.localdate()
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as wrong:
        raise serializers.ValidationError({"bulan": FIRST_OF_MONTH}) from wrong


class GovernmentOut(serializers.ModelSerializer[GovernmentPayee]):
    """The treasury of a village or regency."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="payee.name")
    closed_on = serializers.DateField(source="payee.closed_on", allow_null=True)

    class Meta:
        model = GovernmentPayee
        fields = ("id", "name", "region", "closed_on")


class GovernmentViewSet(viewsets.ReadOnlyModelViewSet[GovernmentPayee]):
    """Treasuries of the caller's area."""

    permissions = {
        "list": P.BENEFICIARY_VIEW,
        "retrieve": P.BENEFICIARY_VIEW,
        "obstacles": P.BENEFICIARY_VIEW,
    }
    queryset = GovernmentPayee.objects.none()
    serializer_class = GovernmentOut

    def get_queryset(self) -> Any:
        rows = GovernmentPayee.objects.visible_to(self.request.user)
        return rows.select_related("payee").order_by("pk")

    @extend_schema(responses={200: ObstacleOut(many=True)})
    @action(detail=True, url_path="halangan")
    def obstacles(self, request: Request, pk: str) -> Response:
        """Why the treasury would not be paid today; empty when it would."""
        payee = self.get_object().payee
        found = obstacles([payee], on=timezone.localdate())[payee.pk]
        return Response(ObstacleOut(found, many=True).data)


class PillarOut(serializers.ModelSerializer[Pillar]):
    """A social pillar; the person by id."""

    class Meta:
        model = Pillar
        fields = (
            "id",
            "kind",
            "person",
            "body_name",
            "area_code",
            "certificate_number",
            "certificate_date",
            "load",
            "honorarium",
            "active_from",
            "active_until",
        )


class PillarViewSet(viewsets.ReadOnlyModelViewSet[Pillar]):
    """Social pillars of the caller's area."""

    permissions = {"list": P.BENEFICIARY_VIEW, "retrieve": P.BENEFICIARY_VIEW}
    queryset = Pillar.objects.none()
    serializer_class = PillarOut

    def get_queryset(self) -> Any:
        return Pillar.objects.visible_to(self.request.user).order_by("pk")


class WorkerOut(serializers.ModelSerializer[Worker]):
    """A worker with the company; both places, and whether they differ."""

    company_name = serializers.CharField(source="company.name")
    works_elsewhere = serializers.BooleanField()

    class Meta:
        model = Worker
        fields = (
            "id",
            "person",
            "company",
            "company_name",
            "work_code",
            "works_elsewhere",
            "from_date",
            "until_date",
        )


class WorkerViewSet(viewsets.ReadOnlyModelViewSet[Worker]):
    """Workers who live in the caller's area."""

    permissions = {"list": P.BENEFICIARY_VIEW, "retrieve": P.BENEFICIARY_VIEW}
    queryset = Worker.objects.none()
    serializer_class = WorkerOut

    def get_queryset(self) -> Any:
        rows = Worker.objects.visible_to(self.request.user)
        return rows.select_related("company", "person").order_by("pk")


def register(router: SimpleRouter) -> None:
    """Add these resources."""
    router.register("groups", GroupViewSet, basename="group")
    router.register("institutions", InstitutionViewSet, basename="institution")
    router.register("governments", GovernmentViewSet, basename="government")
    router.register("pillars", PillarViewSet, basename="pillar")
    router.register("workers", WorkerViewSet, basename="worker")

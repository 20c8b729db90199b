"""The API of the register: people (masked), families, snapshots, lists on their way in."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.regions.choices import Level
from bansos.regions.models import Region
from beneficiaries.choices import RelationCodes, Sex
from beneficiaries.models import Family, ImportBatch, Person, Snapshot
from beneficiaries.services import imports
from beneficiaries.services.people import PersonValues, save_person


class PersonOut(serializers.ModelSerializer[Person]):
    """A person with masked numbers."""

    nik = serializers.CharField(source="nik_masked")

    class Meta:
        model = Person
        fields = (
            "id",
            "nik",
            "name",
            "birth_place",
            "birth_date",
            "sex",
            "address",
            "village",
            "home_outside",
            "area_code",
            "family",
            "died_on",
            "version",
            "updated_at",
        )


def known_village(code: str) -> str:
    """The code again; raises ValidationError unless it is a village that is known."""
    if not Region.objects.filter(pk=code, level=Level.VILLAGE).exists():
        raise serializers.ValidationError("Desa/kelurahan tidak dikenal.")
    return code


class PersonIn(serializers.Serializer[Any]):
    """What is said about a person; the numbers are taken in and never given out again."""

    nik = serializers.CharField(max_length=24, write_only=True)
    name = serializers.CharField(max_length=150)
    kk = serializers.CharField(max_length=24, required=False, allow_blank=True, default="")
    mother_name = serializers.CharField(
        max_length=150, required=False, allow_blank=True, default=""
    )
    birth_place = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default=""
    )
    birth_date = serializers.DateField(required=False, allow_null=True, default=None)
    sex = serializers.ChoiceField(choices=Sex.choices, required=False, allow_blank=True, default="")
    address = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")
    village = serializers.CharField(max_length=13)
    home_outside = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default=""
    )
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False, allow_null=True, default=None)

    def validate_village(self, code: str) -> str:
        """A village that is known."""
        return known_village(code)

    def values(self) -> PersonValues:
        """The validated data as the service takes them."""
        data = dict(self.validated_data)
        data.pop("version", None)
        village = data.pop("village")
        return PersonValues(village_id=village, area_code=village, **data)


class PersonViewSet(viewsets.ReadOnlyModelViewSet[Person]):
    """People of the caller's area."""

    permissions = {
        "list": P.BENEFICIARY_VIEW,
        "retrieve": P.BENEFICIARY_VIEW,
        "create": P.BENEFICIARY_ENTER,
        "update": P.BENEFICIARY_ENTER,
    }
    queryset = Person.objects.none()
    serializer_class = PersonOut

    def get_queryset(self) -> Any:
        return Person.objects.visible_to(self.request.user).order_by("pk")

    @extend_schema(request=PersonIn, responses={201: PersonOut})
    def create(self, request: Request) -> Response:
        """Add a person, or find by NIK and add what is new."""
        given = PersonIn(data=request.data)
        given.is_valid(raise_exception=True)
        person = save_person(
            person=None, values=given.values(), by=signed_in_user(request), at=timezone.now()
        )
        return Response(PersonOut(person).data, status=201)

    @extend_schema(request=PersonIn, responses={200: PersonOut})
    def update(self, request: Request, pk: str) -> Response:
        """Replace a person's data; `version` guards against a change by somebody else."""
        person = self.get_object()
        given = PersonIn(data=request.data)
        given.is_valid(raise_exception=True)
        person = save_person(
            person=person,
            values=given.values(),
            by=signed_in_user(request),
            at=timezone.now(),
            expected_version=given.validated_data["version"],
        )
        return Response(PersonOut(person).data)


class FamilyOut(serializers.ModelSerializer[Family]):
    """A family with its masked number and its members."""

    kk = serializers.CharField(source="kk_masked")

    class Meta:
        model = Family
        fields = ("id", "kk", "head_name", "address", "village", "area_code")


class FamilyViewSet(viewsets.ReadOnlyModelViewSet[Family]):
    """Families of the caller's area."""

    permissions = {"list": P.BENEFICIARY_VIEW, "retrieve": P.BENEFICIARY_VIEW}
    queryset = Family.objects.none()
    serializer_class = FamilyOut

    def get_queryset(self) -> Any:
        return Family.objects.visible_to(self.request.user).order_by("pk")


class SnapshotOut(serializers.ModelSerializer[Snapshot]):
    """The head of a snapshot; its rows are never given out."""

    class Meta:
        model = Snapshot
        fields = (
            "id",
            "kind",
            "label",
            "as_of",
            "source",
            "bast_number",
            "bast_date",
            "area_code",
            "row_count",
            "is_complete",
            "loaded_at",
        )


class SnapshotViewSet(viewsets.ReadOnlyModelViewSet[Snapshot]):
    """Snapshots that hold for the caller's area."""

    permissions = {"list": P.BENEFICIARY_VIEW, "retrieve": P.BENEFICIARY_VIEW}
    queryset = Snapshot.objects.none()
    serializer_class = SnapshotOut

    def get_queryset(self) -> Any:
        return Snapshot.objects.visible_to(self.request.user).order_by("pk")


class ImportOut(serializers.ModelSerializer[ImportBatch]):
    """A list on its way in: where it stands, counts, causes; never its rows."""

    job = serializers.UUIDField(source="job_id", allow_null=True)

    class Meta:
        model = ImportBatch
        fields = (
            "id",
            "purpose",
            "area_code",
            "file_name",
            "sha256",
            "headers",
            "mapping",
            "code_system",
            "relation_codes",
            "state",
            "counts",
            "causes",
            "job",
            "created_at",
        )


class ImportIn(serializers.Serializer[Any]):
    """A list to upload; `answers` are the questions of its purpose, as its page asks them."""

    file = serializers.FileField(allow_empty_file=True)
    purpose = serializers.CharField(max_length=40)
    answers = serializers.DictField(required=False, default=dict)
    area_code = serializers.CharField(max_length=13, required=False, default="")


class CheckIn(serializers.Serializer[Any]):
    """Which column (position from 0) is which field; left out: as guessed or remembered."""

    mapping = serializers.DictField(
        child=serializers.IntegerField(min_value=0), required=False, default=None
    )
    code_system = serializers.CharField(max_length=12, required=False, default="")
    # Whose numbers the relations to the head are; refused without it where they are numbers.
    relation_codes = serializers.ChoiceField(
        choices=RelationCodes.choices, required=False, allow_blank=True, default=""
    )


class AcceptIn(serializers.Serializer[Any]):
    """The note for rows that pass only with one."""

    note = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")


def _context(key: str, answers: dict[str, Any], user: User) -> dict[str, Any]:
    """The answers by the purpose's own form; a wrong one is named by its field."""
    purpose = imports.purpose_of(key)
    if purpose.context_form is None:
        return {}
    form = purpose.context_form(answers, user=user)
    if not form.is_valid():
        raise serializers.ValidationError({"answers": form.errors})
    return dict(form.context())


class ImportViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ImportBatch]
):
    """Upload, check, accept or refuse a list: the same steps and rights as the pages."""

    permissions = dict.fromkeys(
        ("list", "retrieve", "create", "check", "accept", "refuse"),
        (P.IMPORT_RUN, P.SNAPSHOT_IMPORT, P.PAYEE_EDIT),
    )
    queryset = ImportBatch.objects.none()
    serializer_class = ImportOut
    parser_classes = (MultiPartParser, FormParser, JSONParser)

    def get_queryset(self) -> Any:
        rows = ImportBatch.objects.visible_to(self.request.user).defer("sealed_file")
        if self.action == "list":
            kinds = imports.purposes_for(signed_in_user(self.request))
            rows = rows.filter(purpose__in=[purpose.key for purpose in kinds])
        return rows.select_related("job").order_by("pk")

    def get_object(self) -> ImportBatch:
        """A list of the area; its kind asks for a right of its own."""
        batch = super().get_object()
        imports.require_right(imports.purpose_of(batch.purpose), signed_in_user(self.request))
        return batch

    @extend_schema(request=ImportIn, responses={201: ImportOut})
    def create(self, request: Request) -> Response:
        """Stage a list; nothing is in the register yet."""
        given = ImportIn(data=request.data)
        given.is_valid(raise_exception=True)
        data, user = given.validated_data, signed_in_user(request)
        context = _context(data["purpose"], data["answers"], user)
        batch = imports.start_import(
            purpose=data["purpose"],
            context=context,
            area_code=data["area_code"] or context.get("area_code") or user.area_code,
            data=data["file"].read(),
            file_name=data["file"].name,
            by=user,
            at=timezone.now(),
        )
        return Response(ImportOut(batch).data, status=201)

    @extend_schema(request=CheckIn, responses={202: ImportOut})
    @action(detail=True, methods=["post"], url_path="periksa")
    def check(self, request: Request, pk: str) -> Response:
        """Say which column is what and have the list checked."""
        batch = self.get_object()
        given = CheckIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        batch = imports.set_mapping(
            batch=batch,
            mapping=batch.mapping if data["mapping"] is None else data["mapping"],
            code_system=data["code_system"] or batch.code_system,
            relation_codes=data["relation_codes"],
            by=signed_in_user(request),
            at=timezone.now(),
        )
        return Response(ImportOut(batch).data, status=202)

    @extend_schema(request=AcceptIn, responses={202: ImportOut})
    @action(detail=True, methods=["post"], url_path="masukkan")
    def accept(self, request: Request, pk: str) -> Response:
        """Have the new and changed rows put in."""
        given = AcceptIn(data=request.data)
        given.is_valid(raise_exception=True)
        batch = imports.accept(
            batch=self.get_object(),
            by=signed_in_user(request),
            at=timezone.now(),
            note=given.validated_data["note"],
        )
        return Response(ImportOut(batch).data, status=202)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="tolak")
    def refuse(self, request: Request, pk: str) -> Response:
        """Throw the list away."""
        imports.refuse(batch=self.get_object(), by=signed_in_user(request), at=timezone.now())
        return Response(status=204)


def register(router: SimpleRouter) -> None:
    """Add this app's resources."""
    router.register("people", PersonViewSet, basename="person")
    router.register("families", FamilyViewSet, basename="family")
    router.register("snapshots", SnapshotViewSet, basename="snapshot")
    router.register("imports", ImportViewSet, basename="import")

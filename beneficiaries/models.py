"""People, families, accounts, registry snapshots, imports and drafts."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse

from bansos.accounts.models import User
from bansos.jobs.models import Job
from bansos.lib.fields import BlindIndexField, EncryptedJSONField, EncryptedTextField
from bansos.lib.nik import mask_account, mask_nik
from bansos.lib.scopes import AreaQuerySet
from bansos.regions.choices import CodeSystem
from bansos.regions.models import Region
from beneficiaries.choices import (
    AccountState,
    ImportState,
    KeyKind,
    RowVerdict,
    Sex,
    SnapshotKind,
)


class Family(models.Model):
    """One family card (KK); its number is the key of the national registry (DTSEN)."""

    PERSONAL_FIELDS = ("kk", "kk_index", "head_name", "address")

    kk = EncryptedTextField()
    kk_index = BlindIndexField(of="kk", purpose="kk", unique=True)
    head_name = models.CharField(max_length=150, blank=True)
    address = models.CharField(max_length=250, blank=True)
    village = models.ForeignKey(Region, null=True, on_delete=models.RESTRICT, related_name="+")
    area_code = models.CharField(max_length=13, db_index=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    def __str__(self) -> str:
        return f"KK {self.pk}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("beneficiaries:family", args=[self.pk])

    @property
    def kk_masked(self) -> str:
        """First six and last two digits."""
        return mask_nik(self.kk)


class Person(models.Model):
    """One human being, once: the NIK's blind index is unique."""

    PERSONAL_FIELDS = (
        "nik",
        "nik_index",
        "name",
        "mother_name",
        "birth_place",
        "birth_date",
        "sex",
        "address",
        "phone",
        "died_on",
    )

    nik = EncryptedTextField(null=True)
    nik_index = BlindIndexField(of="nik", purpose="nik", unique=True, null=True)
    name = models.CharField(max_length=150)
    mother_name = EncryptedTextField(null=True)
    birth_place = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=1, choices=Sex.choices, blank=True)
    phone = EncryptedTextField(null=True)
    family = models.ForeignKey(Family, null=True, on_delete=models.RESTRICT, related_name="members")
    address = models.CharField(max_length=250, blank=True)
    village = models.ForeignKey(Region, null=True, on_delete=models.RESTRICT, related_name="+")
    area_code = models.CharField(max_length=13, db_index=True)
    died_on = models.DateField(null=True)
    death_source = models.CharField(max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    updated_at = models.DateTimeField()

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [
            # The list searches a part of the name in any case: UPPER(name) LIKE UPPER(...).
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="person_name_trgm"),
            models.Index(fields=["birth_date"], name="person_birth"),
        ]

    def __str__(self) -> str:
        return f"Orang {self.pk}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("beneficiaries:person", args=[self.pk])

    @property
    def nik_masked(self) -> str:
        """First six and last two digits; empty when there is none."""
        return mask_nik(self.nik) if self.nik else ""


class BankAccount(models.Model):
    """An account at the paying bank; the number is secret, its blind index finds shared ones."""

    PERSONAL_FIELDS = ("number", "number_index", "holder_name")

    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="accounts")
    bank_code = models.CharField(max_length=3)
    number = EncryptedTextField()
    number_index = BlindIndexField(of="number", purpose="account", db_index=True)
    holder_name = models.CharField(max_length=150)
    state = models.CharField(
        max_length=12, choices=AccountState.choices, default=AccountState.UNVERIFIED
    )
    area_code = models.CharField(max_length=13, db_index=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "bank_code"],
                condition=~Q(state=AccountState.CLOSED),
                name="one_open_account_per_bank",
            ),
        ]

    def __str__(self) -> str:
        return f"Rekening {self.pk}"

    @property
    def number_masked(self) -> str:
        """Only the last four digits."""
        return mask_account(self.number)


class SnapshotQuerySet(AreaQuerySet):
    def visible_to(self, user: Any) -> Any:
        """Snapshots of the user's area, and those of the areas above that hold for it too."""
        area = getattr(user, "area_code", "")
        if not area or not user.is_active:
            return self.none()
        above = [area[:length] for length in (2, 5, 8) if len(area) > length]
        return self.filter(Q(area_code__startswith=area) | Q(area_code__in=above))


class Snapshot(models.Model):
    """A dated hand-over of a registry list. Its rows are facts of that day, never edited."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    kind = models.CharField(max_length=12, choices=SnapshotKind.choices)
    label = models.CharField(max_length=80)
    as_of = models.DateField()
    source = models.CharField(max_length=150)
    bast_number = models.CharField(max_length=80, blank=True)
    bast_date = models.DateField(null=True)
    area_code = models.CharField(max_length=13, db_index=True)
    row_count = models.PositiveIntegerField(default=0)
    # A list still being loaded in steps answers nobody.
    is_complete = models.BooleanField(default=False)
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "label", "area_code"], name="snapshot_label_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("beneficiaries:snapshot", args=[self.pk])


class SnapshotEntry(models.Model):
    """One row of a snapshot, kept by blind index only."""

    PERSONAL_FIELDS = ("key_index",)

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="entries")
    key_kind = models.CharField(max_length=3, choices=KeyKind.choices)
    key_index = models.CharField(max_length=64)
    desil = models.PositiveSmallIntegerField(null=True)
    code = models.CharField(max_length=40, blank=True)
    happened_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["key_index", "snapshot"], name="entry_key")]
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "key_kind", "key_index"], name="entry_once"
            ),
            models.CheckConstraint(
                name="entry_desil_1_10",
                condition=Q(desil=None) | Q(desil__gte=1, desil__lte=10),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id}:{self.pk}"


class Layout(models.Model):
    """A file's headers and how somebody mapped them: remembered for the next such file."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    purpose = models.CharField(max_length=40)
    signature = models.CharField(max_length=64)
    area_code = models.CharField(max_length=13)
    mapping = models.JSONField(default=dict)
    code_system = models.CharField(
        max_length=12, choices=CodeSystem.choices, default=CodeSystem.KEMENDAGRI
    )
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "signature", "area_code"], name="layout_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.signature[:8]}"


class ImportBatch(models.Model):
    """One uploaded list on its way in. Refusing it deletes the file and every row."""

    PERSONAL_FIELDS = ("sealed_file",)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=40)
    context = models.JSONField(default=dict)
    area_code = models.CharField(max_length=13, db_index=True)
    file_name = models.CharField(max_length=150)
    sha256 = models.CharField(max_length=64)
    sealed_file = models.BinaryField(null=True)
    sheet = models.CharField(max_length=80, blank=True)
    signature = models.CharField(max_length=64, blank=True)
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    code_system = models.CharField(
        max_length=12, choices=CodeSystem.choices, default=CodeSystem.KEMENDAGRI
    )
    state = models.CharField(
        max_length=12, choices=ImportState.choices, default=ImportState.UPLOADED
    )
    counts = models.JSONField(default=dict)
    causes = models.JSONField(default=list)
    note = models.CharField(max_length=400, blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="import_ended_pair",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            models.CheckConstraint(
                name="import_ended_when_accepted",
                condition=Q(state=ImportState.ACCEPTED, ended_at__isnull=False)
                | ~Q(state=ImportState.ACCEPTED) & Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("beneficiaries:import", args=[self.pk])


class ImportRow(models.Model):
    """One row of an uploaded list, encrypted until it is accepted or refused."""

    PERSONAL_FIELDS = ("values", "nik_index", "kk_index", "account_index")

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    row_number = models.PositiveIntegerField()
    values: Any = EncryptedJSONField()
    verdict = models.CharField(max_length=8, choices=RowVerdict.choices, default=RowVerdict.WAITING)
    problems = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    # Blind indexes of what the row says, to find doubles inside one file.
    nik_index = models.CharField(max_length=64, blank=True)
    kk_index = models.CharField(max_length=64, blank=True)
    account_index = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "row_number"], name="import_row_once"),
        ]
        indexes = [
            models.Index(fields=["batch", "verdict"], name="import_row_verdict"),
            models.Index(fields=["batch", "nik_index"], name="import_row_nik"),
            models.Index(fields=["batch", "kk_index"], name="import_row_kk"),
            models.Index(fields=["batch", "account_index"], name="import_row_account"),
        ]

    def __str__(self) -> str:
        return f"Baris {self.row_number}"


class Draft(models.Model):
    """A half-filled form of one user: survives a lost line, a power cut, another device."""

    PERSONAL_FIELDS = ("values",)

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts")
    purpose = models.CharField(max_length=40)
    key = models.CharField(max_length=40, blank=True)
    values: Any = EncryptedJSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "purpose", "key"], name="draft_once"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"

"""What is on its way in: uploaded lists, remembered layouts, half-filled forms."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from bansos.accounts.models import User
from bansos.jobs.models import Job
from bansos.lib.fields import EncryptedJSONField
from bansos.lib.scopes import AreaQuerySet
from bansos.regions.choices import CodeSystem
from beneficiaries.choices import ImportState, RelationCodes, RowVerdict
from beneficiaries.models.people import Person


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
    # Whose numbers the relations are; "" where they are words, or nobody was asked.
    relation_codes = models.CharField(max_length=8, choices=RelationCodes.choices, blank=True)
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
    # Whose numbers the relations are; "" where they are words, or nobody was asked.
    relation_codes = models.CharField(max_length=8, choices=RelationCodes.choices, blank=True)
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

    PERSONAL_FIELDS = ("values", "nik_index", "kk_index", "account_index", "key_index")

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
    # What rows of one group, house or treasury have in common, where the purpose names it.
    key_index = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "row_number"], name="import_row_once"),
        ]
        indexes = [
            models.Index(fields=["batch", "verdict"], name="import_row_verdict"),
            models.Index(fields=["batch", "nik_index"], name="import_row_nik"),
            models.Index(fields=["batch", "kk_index"], name="import_row_kk"),
            models.Index(fields=["batch", "account_index"], name="import_row_account"),
            models.Index(fields=["batch", "key_index"], name="import_row_key"),
        ]

    def __str__(self) -> str:
        return f"Baris {self.row_number}"


class ImportEffectQuerySet(AreaQuerySet):
    area_field = "person__area_code"


class ImportEffect(models.Model):
    """What a registry list would change for one person with open cases; goes with the list."""

    PERSONAL_FIELDS = ("before", "after")

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="effects")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    before = models.CharField(max_length=80)
    after = models.CharField(max_length=80)
    proposals = models.PositiveIntegerField(default=0)
    recipients = models.PositiveIntegerField(default=0)
    programmes = models.CharField(max_length=250)

    objects = ImportEffectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "person"], name="import_effect_once"),
        ]

    def __str__(self) -> str:
        return f"Dampak {self.pk}"


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

"""Issued documents: number, hash, stored bytes, template version, public check."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from bansos.accounts.models import Agency, User
from bansos.documents.choices import DocumentState
from bansos.lib.scopes import AreaQuerySet


class Wording(models.Model):
    """An agency's own words in a kind of document (legal basis, closing), valid from a day."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    agency = models.ForeignKey(Agency, on_delete=models.RESTRICT, related_name="wordings")
    kind = models.CharField(max_length=60)
    valid_from = models.DateField()
    words = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "kind", "valid_from"], name="wording_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.valid_from}"


class NumberSequence(models.Model):
    """The last number given, per agency, kind and year."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    agency = models.ForeignKey(Agency, on_delete=models.RESTRICT, related_name="+")
    kind = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "kind", "year"], name="sequence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class Document(models.Model):
    """One issued file. Its bytes never change; a newer one supersedes it."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60, db_index=True)
    title = models.CharField(max_length=250)
    number = models.CharField(max_length=80, blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.RESTRICT, related_name="documents")
    area_code = models.CharField(max_length=13, db_index=True)
    template_version = models.PositiveSmallIntegerField(default=1)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=40)
    file = models.FileField(upload_to="documents/%Y/%m", max_length=200)
    file_name = models.CharField(max_length=150)
    mime = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    check_code = models.CharField(max_length=24, unique=True)
    state = models.CharField(
        max_length=12, choices=DocumentState.choices, default=DocumentState.VALID
    )
    superseded_by = models.ForeignKey("self", null=True, on_delete=models.RESTRICT)
    is_personal = models.BooleanField(default=True)
    permission = models.CharField(max_length=40, default="document.view")
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="document_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "kind", "number"],
                name="document_number_once",
                condition=~Q(number=""),
            ),
            models.CheckConstraint(
                name="document_superseded_by",
                condition=Q(state=DocumentState.SUPERSEDED, superseded_by__isnull=False)
                | ~Q(state=DocumentState.SUPERSEDED) & Q(superseded_by=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title

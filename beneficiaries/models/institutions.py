"""Institutions, their accreditation, and who lives in them day by day."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse

from bansos.accounts.models import User
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.choices import Grade, InstitutionKind
from beneficiaries.models.payees import Payee, PayeeQuerySet
from beneficiaries.models.people import Person


class Institution(models.Model):
    """An LKSA, LKS-LU, UPT or panti that houses people."""

    PERSONAL_FIELDS = ("head_name",)

    payee = models.OneToOneField(
        Payee, primary_key=True, on_delete=models.RESTRICT, related_name="institution"
    )
    kind = models.CharField(max_length=8, choices=InstitutionKind.choices)
    registration_number = models.CharField(max_length=80, blank=True)
    head_name = models.CharField(max_length=150, blank=True)
    # How many people it may house; unknown until somebody says so.
    capacity = models.PositiveIntegerField(null=True)

    objects = PayeeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Lembaga {self.pk}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("beneficiaries:institution", args=[self.pk])

    @property
    def area_code(self) -> str:
        """Where the institution stands."""
        return self.payee.area_code


class InstitutionQuerySet(AreaQuerySet):
    area_field = "institution__payee__area_code"


class Accreditation(models.Model):
    """One certificate with its term; append-only. A revocation is a row of its own."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    institution = models.ForeignKey(
        Institution, on_delete=models.RESTRICT, related_name="accreditations"
    )
    grade = models.CharField(max_length=1, choices=Grade.choices)
    certificate_number = models.CharField(max_length=80)
    valid_from = models.DateField()
    valid_until = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accreditation_term", condition=Q(valid_until__gte=F("valid_from"))
            ),
        ]

    def __str__(self) -> str:
        return f"Akreditasi {self.pk}"


class DateRange(Func):
    """A daterange of two columns; an empty end is open."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Residency(models.Model):
    """A person living in an institution from one day to another, both counted.

    Two on one day are refused by the database (btree_gist).
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    institution = models.ForeignKey(
        Institution, on_delete=models.RESTRICT, related_name="residencies"
    )
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="residencies")
    from_date = models.DateField()
    until_date = models.DateField(null=True)
    leave_note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="residency_term",
                condition=Q(until_date=None) | Q(until_date__gte=F("from_date")),
            ),
            models.CheckConstraint(
                name="residency_ended_pair",
                condition=Q(ended_at=None, ended_by=None, until_date=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False, until_date__isnull=False),
            ),
            ExclusionConstraint(
                name="resident_in_one_place_a_day",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (
                        DateRange(
                            "from_date",
                            "until_date",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"Penghuni {self.pk}"

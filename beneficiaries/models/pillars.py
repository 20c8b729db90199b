"""Social pillars, companies and the people who work there."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from bansos.accounts.models import User
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.choices import PillarKind
from beneficiaries.models.people import Person


class Pillar(models.Model):
    """A TKSK, PSM, Tagana, companion or other PSKS: a person, or a body by its name.

    The area is where it serves. An unknown honorarium or load is empty, never nought.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    kind = models.CharField(max_length=16, choices=PillarKind.choices)
    person = models.ForeignKey(Person, null=True, on_delete=models.RESTRICT, related_name="pillars")
    body_name = models.CharField(max_length=150, blank=True)
    area_code = models.CharField(max_length=13, db_index=True)
    certificate_number = models.CharField(max_length=80, blank=True)
    certificate_date = models.DateField(null=True)
    load = models.PositiveIntegerField(null=True)
    honorarium = MoneyField(null=True)
    active_from = models.DateField()
    active_until = models.DateField(null=True)
    end_note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "area_code"], name="pillar_scope")]
        constraints = [
            models.CheckConstraint(
                name="pillar_person_or_body",
                condition=Q(person__isnull=False, body_name="") | Q(person=None) & ~Q(body_name=""),
            ),
            models.CheckConstraint(
                name="pillar_term",
                condition=Q(active_until=None) | Q(active_until__gte=F("active_from")),
            ),
            models.UniqueConstraint(
                fields=["kind", "person", "area_code"],
                condition=Q(active_until=None, person__isnull=False),
                name="pillar_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Pilar {self.pk}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("beneficiaries:pillar", args=[self.pk])


class CompanyQuerySet(AreaQuerySet):
    """Companies of the province: a worker may work in another regency than the officer's."""

    def visible_to(self, user: object) -> CompanyQuerySet:
        area = getattr(user, "area_code", "")
        active = getattr(user, "is_active", False)
        return self.filter(area_code__startswith=area[:2]) if area and active else self.none()


class Company(models.Model):
    """A company (a cigarette factory) in one place; two factories are two rows."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    name = models.CharField(max_length=150)
    address = models.CharField(max_length=250, blank=True)
    area_code = models.CharField(max_length=13, db_index=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = CompanyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.functions.Upper("name"), "area_code", name="company_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WorkerQuerySet(AreaQuerySet):
    """Workers are seen where they live: the place of work does not open their file."""

    def visible_to(self, user: object) -> WorkerQuerySet:
        area = getattr(user, "area_code", "")
        active = getattr(user, "is_active", False)
        if not area or not active:
            return self.none()
        return self.filter(person__area_code__startswith=area)


class Worker(models.Model):
    """A person working at a company from one day to another."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="jobs")
    company = models.ForeignKey(Company, on_delete=models.RESTRICT, related_name="workers")
    work_code = models.CharField(max_length=13)
    occupation = models.CharField(max_length=80, blank=True)
    from_date = models.DateField(null=True)
    until_date = models.DateField(null=True)
    source = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = WorkerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(until_date=None), name="one_work_place_per_person"
            ),
            models.CheckConstraint(
                name="worker_term",
                condition=Q(until_date=None)
                | Q(from_date=None)
                | Q(until_date__gte=F("from_date")),
            ),
        ]

    def __str__(self) -> str:
        return f"Pekerja {self.pk}"

    @property
    def area_code(self) -> str:
        """Where the worker lives."""
        return self.person.area_code

    @property
    def works_elsewhere(self) -> bool:
        """True when the place of work lies in another regency than the home (KTP)."""
        return self.work_code[:5] != self.person.area_code[:5]

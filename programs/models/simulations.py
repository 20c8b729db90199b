"""Simulations: criteria tried on the register, with what they counted and whom they concern."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from bansos.accounts.models import User
from bansos.jobs.models import Job
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.models import Payee, Person
from programs.choices import PAYEES, SimulationOutcome
from programs.models.catalogue import ProgrammeVersion


class Simulation(models.Model):
    """Criteria of a version, or changed ones, tried on everybody (or every payee) of the province.

    `results`: {"nodes": [...], "overlap": [...], "changes": {...}, "points": [...]}, written by the
    steps of its job; see services.simulations.
    `baseline` is the version whose list it is compared with.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(
        ProgrammeVersion, on_delete=models.RESTRICT, related_name="simulations"
    )
    baseline = models.ForeignKey(
        ProgrammeVersion, null=True, on_delete=models.RESTRICT, related_name="+"
    )
    area_code = models.CharField(max_length=13, db_index=True)
    name = models.CharField(max_length=120)
    criteria = models.JSONField()
    sentence = models.TextField()
    budget = MoneyField(null=True, blank=True)
    # The threshold whose neighbours are counted: path and setting, see rules.thresholds.
    threshold = models.CharField(max_length=40, blank=True)
    results = models.JSONField(default=dict, blank=True)
    facts_on = models.DateField(null=True)
    stage_date = models.DateField(null=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    run_at = models.DateTimeField(null=True)
    run_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    finished_at = models.DateTimeField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="simulation_run_pair",
                condition=Q(run_at=None, run_by=None)
                | Q(run_at__isnull=False, run_by__isnull=False),
            ),
            models.CheckConstraint(
                name="simulation_finished_after_run",
                condition=Q(finished_at=None) | Q(run_at__isnull=False, facts_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("programs:simulation", args=[self.pk])

    @property
    def is_done(self) -> bool:
        """Everything is counted."""
        return self.finished_at is not None

    @property
    def is_running(self) -> bool:
        """Its job is at work or waits."""
        return not self.is_done and self.job is not None and self.job.is_open

    @property
    def is_of_payees(self) -> bool:
        """Groups, institutions or governments are counted, not people."""
        return self.version.payee_kind in PAYEES

    def result(self, name: str, default: Any) -> Any:
        """One part of the results."""
        return self.results.get(name, default)


class SimulationArea(models.Model):
    """What a simulation counted in one regency, with places and money.

    `places` could be named at once (one per KK where the programme says so), `hoped` with those
    who wait for proof only. `cost` is that of everybody hoped for, `cost_in_quota` of as many as
    the regency has places, or its share of what the total leaves; both empty while the rate is
    open.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="areas")
    area_code = models.CharField(max_length=13)
    yes = models.PositiveIntegerField()
    pending = models.PositiveIntegerField()
    unknown = models.PositiveIntegerField()
    places = models.PositiveIntegerField()
    hoped = models.PositiveIntegerField()
    quota = models.PositiveIntegerField(null=True)
    cost = MoneyField(null=True)
    cost_in_quota = MoneyField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["simulation", "area_code"], name="simulation_area_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.simulation_id}:{self.area_code}"


class SimulationRow(models.Model):
    """One person, or one payee, that a simulation would bring in, keep or take out."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="rows")
    person = models.ForeignKey(Person, null=True, on_delete=models.RESTRICT, related_name="+")
    payee = models.ForeignKey(Payee, null=True, on_delete=models.RESTRICT, related_name="+")
    area_code = models.CharField(max_length=13)
    outcome = models.CharField(max_length=8, choices=SimulationOutcome.choices)

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["simulation", "outcome", "area_code"], name="simulation_rows"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["simulation", "person"], name="simulation_person_once"),
            models.UniqueConstraint(fields=["simulation", "payee"], name="simulation_payee_once"),
            models.CheckConstraint(
                name="simulation_row_of_one",
                condition=Q(person__isnull=False, payee=None) | Q(person=None, payee__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.simulation_id}:{self.pk}"

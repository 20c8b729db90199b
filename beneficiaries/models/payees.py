"""Whoever is paid and is no person: the common anchor, and governments."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from bansos.accounts.models import User
from bansos.lib.scopes import AreaQuerySet
from bansos.regions.models import Region
from beneficiaries.choices import AccountState, PayeeType


class Payee(models.Model):
    """A group, an institution or a government: the one thing a payment may point to.

    What each kind adds stands in its one-to-one row (`group`, `institution`, `government`),
    whose primary key is the payee's.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    kind = models.CharField(max_length=12, choices=PayeeType.choices)
    name = models.CharField(max_length=150)
    address = models.CharField(max_length=250, blank=True)
    village = models.ForeignKey(Region, null=True, on_delete=models.RESTRICT, related_name="+")
    area_code = models.CharField(max_length=13, db_index=True)
    closed_on = models.DateField(null=True)
    close_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "area_code"], name="payee_scope")]
        constraints = [
            models.UniqueConstraint(
                "kind",
                "area_code",
                models.functions.Upper("name"),
                condition=Q(closed_on=None),
                name="payee_name_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of its kind."""
        return reverse(f"beneficiaries:{self.kind}", args=[self.pk])

    @property
    def detail(self) -> Any:
        """Its group, institution or government."""
        return getattr(self, str(self.kind))

    def open_account(self, bank_code: str = "") -> Any:
        """The account that is not closed, at this bank or the newest of any; None without one."""
        rows = self.accounts.exclude(state=AccountState.CLOSED).order_by("-created_at", "-pk")
        return rows.filter(bank_code=bank_code).first() if bank_code else rows.first()


class PayeeQuerySet(AreaQuerySet):
    """Rows whose area is that of their payee."""

    area_field = "payee__area_code"


class GovernmentPayee(models.Model):
    """A village or regency that receives money into its treasury (BKK)."""

    PERSONAL_FIELDS = ("treasurer_name",)

    payee = models.OneToOneField(
        Payee, primary_key=True, on_delete=models.RESTRICT, related_name="government"
    )
    region = models.OneToOneField(Region, on_delete=models.RESTRICT, related_name="+")
    treasurer_name = models.CharField(max_length=150)

    objects = PayeeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Pemerintah {self.pk}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("beneficiaries:government", args=[self.pk])

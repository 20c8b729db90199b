"""How money travels: the limits and fees of each rail by date, and the codes of banks."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.money import MoneyField
from programs.choices import Rail


class RailLimit(models.Model):
    """What one interbank rail carries from a day on; an unknown fee or ceiling stays empty."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    rail = models.CharField(max_length=12, choices=Rail.choices)
    valid_from = models.DateField()
    min_amount = MoneyField(default=0)
    max_amount = MoneyField(null=True)
    fee = MoneyField(null=True)
    is_open = models.BooleanField(default=True)
    source = models.CharField(max_length=200)
    set_at = models.DateTimeField(null=True)
    set_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rail", "valid_from"], name="rail_limit_once_a_day"),
            models.CheckConstraint(
                name="rail_limit_sane",
                condition=Q(min_amount__gte=0)
                & (Q(max_amount=None) | Q(max_amount__gte=F("min_amount")))
                & (Q(fee=None) | Q(fee__gte=0))
                & ~Q(source="")
                & Q(rail__in=[Rail.BI_FAST, Rail.SKN, Rail.RTGS]),
            ),
            models.CheckConstraint(
                name="rail_limit_set_pair",
                condition=Q(set_at=None, set_by=None)
                | Q(set_at__isnull=False, set_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rail} {self.valid_from}"


class RailProposal(models.Model):
    """A limit somebody asks for; a second person puts it in force or refuses it."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    rail = models.CharField(max_length=12, choices=Rail.choices)
    valid_from = models.DateField()
    min_amount = MoneyField(default=0)
    max_amount = MoneyField(null=True)
    fee = MoneyField(null=True)
    is_open = models.BooleanField(default=True)
    source = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rail", "valid_from"],
                condition=Q(confirmed_at=None, refused_at=None),
                name="rail_asked_once",
            ),
            models.CheckConstraint(
                name="rail_proposal_confirmed_pair",
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="rail_proposal_refused_pair",
                condition=Q(refused_at=None, refused_by=None)
                | Q(refused_at__isnull=False, refused_by__isnull=False),
            ),
            models.CheckConstraint(
                name="rail_two_people",
                condition=(Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")))
                & (Q(refused_by=None) | ~Q(refused_by=F("asked_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rail} {self.valid_from}"


class Bank(models.Model):
    """A bank by its three-digit code (sandi); the branch has four more digits of its own."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    code = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=100)
    is_open = models.BooleanField(default=True)
    source = models.CharField(max_length=200)
    set_at = models.DateTimeField(null=True)
    set_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="bank_code_three_digits", condition=Q(code__regex=r"^[0-9]{3}$")
            ),
            models.CheckConstraint(
                name="bank_set_pair",
                condition=Q(set_at=None, set_by=None)
                | Q(set_at__isnull=False, set_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

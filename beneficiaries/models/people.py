"""People, families and bank accounts."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse

from bansos.accounts.models import User
from bansos.lib.fields import BlindIndexField, EncryptedTextField
from bansos.lib.nik import mask_account, mask_nik
from bansos.lib.scopes import AreaQuerySet
from bansos.regions.models import Region
from beneficiaries.choices import AccountState, Sex


class Family(models.Model):
    """One family card (KK); its number is the key of the national registry (DTSEN)."""

    PERSONAL_FIELDS = ("kk", "kk_index", "head_name", "address")

    kk = EncryptedTextField()
    kk_index = BlindIndexField(of="kk", purpose="kk", unique=True)
    head_name = models.CharField(max_length=150, blank=True)
    address = models.CharField(max_length=250, blank=True)
    village = models.ForeignKey(Region, null=True, on_delete=models.RESTRICT, related_name="+")
    area_code = models.CharField(max_length=13, db_index=True)
    # The family this one split off from (pecah KK).
    split_from = models.ForeignKey(
        "self", null=True, on_delete=models.RESTRICT, related_name="split_offs"
    )
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
        "home_outside",
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
    # Where the KTP says somebody lives who is of another province and is served here.
    home_outside = models.CharField(max_length=120, blank=True)
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
    """An account at a bank, of a person or of a payee: exactly one of the two.

    The number is secret, its blind index finds shared ones. A group's account has two signatories.
    """

    PERSONAL_FIELDS = ("number", "number_index", "holder_name")

    person = models.ForeignKey(
        Person, null=True, on_delete=models.RESTRICT, related_name="accounts"
    )
    payee = models.ForeignKey(
        "beneficiaries.Payee", null=True, on_delete=models.RESTRICT, related_name="accounts"
    )
    first_signatory = models.ForeignKey(
        Person, null=True, on_delete=models.RESTRICT, related_name="+"
    )
    second_signatory = models.ForeignKey(
        Person, null=True, on_delete=models.RESTRICT, related_name="+"
    )
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
            models.UniqueConstraint(
                fields=["payee", "bank_code"],
                condition=~Q(state=AccountState.CLOSED),
                name="one_open_payee_account_per_bank",
            ),
            models.CheckConstraint(
                name="account_has_one_owner",
                condition=Q(person__isnull=False, payee=None) | Q(person=None, payee__isnull=False),
            ),
            models.CheckConstraint(
                name="account_two_signatories",
                condition=Q(first_signatory=None, second_signatory=None)
                | Q(
                    payee__isnull=False,
                    first_signatory__isnull=False,
                    second_signatory__isnull=False,
                )
                & ~Q(first_signatory=F("second_signatory")),
            ),
        ]

    def __str__(self) -> str:
        return f"Rekening {self.pk}"

    @property
    def owner(self) -> Any:
        """The person or the payee whose account this is."""
        return self.person or self.payee

    @property
    def number_masked(self) -> str:
        """Only the last four digits."""
        return mask_account(self.number)

"""Letters that let somebody collect for a recipient."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.fields import BlindIndexField, EncryptedTextField
from bansos.lib.nik import mask_nik
from bansos.lib.scopes import AreaQuerySet
from programs.choices import GuardianKin, ProxyRole, ProxyWho
from programs.models.enrolments import Enrolment


class ProxyGrant(models.Model):
    """One letter for one enrolment and a span of days; ended early by a reason, never edited."""

    PERSONAL_FIELDS = ("name", "nik", "nik_index", "witness_name")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="proxies")
    area_code = models.CharField(max_length=13, db_index=True)
    who = models.CharField(max_length=10, choices=ProxyWho.choices)
    relation = models.CharField(max_length=10, choices=GuardianKin.choices, blank=True)
    role = models.CharField(max_length=12, choices=ProxyRole.choices, blank=True)
    name = models.CharField(max_length=150)
    nik = EncryptedTextField()
    nik_index = BlindIndexField(of="nik", purpose="nik", db_index=True)
    same_kk = models.BooleanField(default=False)
    letter_number = models.CharField(max_length=80)
    letter_date = models.DateField()
    witness_role = models.CharField(max_length=12, choices=ProxyRole.choices, blank=True)
    witness_name = models.CharField(max_length=150, blank=True)
    confirmed = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)
    # The words of the rule that let it through.
    article = models.CharField(max_length=250)
    valid_from = models.DateField()
    valid_until = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    end_reason = models.CharField(max_length=200, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(ended_at=None), name="one_proxy_at_a_time"
            ),
            models.CheckConstraint(
                name="proxy_days", condition=Q(valid_until__gte=F("valid_from"))
            ),
            models.CheckConstraint(
                name="proxy_ended_pair",
                condition=Q(ended_at=None, ended_by=None, end_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
            ),
            models.CheckConstraint(
                name="proxy_has_letter", condition=~Q(letter_number="") & ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"Kuasa {self.pk}"

    @property
    def nik_masked(self) -> str:
        """First six and last two digits."""
        return mask_nik(self.nik)

"""Payments into the account of somebody who holds a letter for the person that is paid."""

from __future__ import annotations

from django.db import models

from bansos.lib.scopes import AreaQuerySet
from disbursements.models.lists import PayList, PaymentLine
from programs.models import ProxyGrant


class ProxyAccountQuerySet(AreaQuerySet):
    """Letters in the area of their line."""

    area_field = "line__area_code"


class ProxyAccount(models.Model):
    """By which letter a line goes into an account in another's name; frozen by the lock (trigger).

    The line stays the person's: what they are owed, and that they are paid once, does not change.
    A table of its own, as few lines have one: the lines of a list stay as narrow as they are.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    line = models.OneToOneField(
        PaymentLine, primary_key=True, on_delete=models.CASCADE, related_name="proxy_account"
    )
    pay_list = models.ForeignKey(PayList, on_delete=models.CASCADE, related_name="proxy_accounts")
    grant = models.ForeignKey(ProxyGrant, on_delete=models.RESTRICT, related_name="accounts")

    objects = ProxyAccountQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Rekening kuasa {self.pk}"

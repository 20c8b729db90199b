"""What people said about bank rows, the closing of a day, and corrections of papers."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import Agency, User
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from disbursements.choices import (
    AsideReason,
    CorrectionKind,
    DeskAct,
    Outcome,
    ReturnReason,
)
from disbursements.models.bank import ResultRow
from disbursements.models.budget import BudgetLine, LedgerEvent
from disbursements.models.lists import PayList, PaymentLine


def pair(prefix: str, name: str) -> models.CheckConstraint:
    """<name>_at and <name>_by are set together or not at all."""
    return models.CheckConstraint(
        name=f"{prefix}_{name}_pair",
        condition=Q(**{f"{name}_at": None, f"{name}_by": None})
        | Q(**{f"{name}_at__isnull": False, f"{name}_by__isnull": False}),
    )


def two_people(prefix: str) -> list[models.CheckConstraint]:
    """Who proposes is not who confirms (I10); confirmed or refused, not both; done means agreed."""
    return [
        pair(prefix, "confirmed"),
        pair(prefix, "refused"),
        models.CheckConstraint(
            name=f"{prefix}_decider_is_not_confirmer",
            condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("decided_by")),
        ),
        models.CheckConstraint(
            name=f"{prefix}_one_answer",
            condition=Q(confirmed_at=None) | Q(refused_at=None),
        ),
        models.CheckConstraint(
            name=f"{prefix}_done_as_agreed",
            condition=Q(done_at=None)
            | Q(refused_at=None) & (Q(two_person=False) | Q(confirmed_at__isnull=False)),
        ),
    ]


class DeskDecision(models.Model):
    """A row linked to a line, set aside, or a match taken back: always a new record.

    Append-only by trigger but for the second person's answer. `done_at` is when it took effect;
    `facts` say which keys agreed and what the undone match had made.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    row = models.ForeignKey(ResultRow, on_delete=models.RESTRICT, related_name="decisions")
    act = models.CharField(max_length=5, choices=DeskAct.choices)
    line = models.ForeignKey(
        PaymentLine, null=True, on_delete=models.RESTRICT, related_name="desk_decisions"
    )
    area_code = models.CharField(max_length=13, db_index=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    return_reason = models.CharField(max_length=12, choices=ReturnReason.choices, blank=True)
    aside_reason = models.CharField(max_length=13, choices=AsideReason.choices, blank=True)
    note = models.CharField(max_length=250, blank=True)
    facts = models.JSONField(default=dict)
    two_person = models.BooleanField(default=True)
    undoes = models.ForeignKey(
        "self", null=True, on_delete=models.RESTRICT, related_name="undone_by"
    )
    made_row = models.OneToOneField(
        ResultRow, null=True, on_delete=models.RESTRICT, related_name="made_by"
    )
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    done_at = models.DateTimeField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            *two_people("desk"),
            models.UniqueConstraint(
                fields=["row"],
                condition=Q(done_at=None, refused_at=None),
                name="desk_one_open_question_per_row",
            ),
            # A match is taken back once; taken up again it is another row.
            models.UniqueConstraint(
                fields=["row"],
                condition=Q(act=DeskAct.UNDO, line__isnull=False, done_at__isnull=False),
                name="desk_match_undone_once",
            ),
            models.UniqueConstraint(
                fields=["undoes"], condition=Q(refused_at=None), name="desk_undone_once"
            ),
            models.CheckConstraint(
                name="desk_link_names_line",
                condition=~Q(act=DeskAct.LINK)
                | Q(line__isnull=False, two_person=True) & ~Q(outcome=""),
            ),
            models.CheckConstraint(
                name="desk_link_done_made_row",
                condition=~Q(act=DeskAct.LINK) | Q(done_at=None) | Q(made_row__isnull=False),
            ),
            models.CheckConstraint(
                name="desk_aside_has_reason",
                condition=~Q(act=DeskAct.ASIDE)
                | ~Q(aside_reason="") & (~Q(aside_reason=AsideReason.OTHER) | ~Q(note="")),
            ),
            models.CheckConstraint(
                name="desk_undo_has_reason", condition=~Q(act=DeskAct.UNDO) | ~Q(note="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.row_id}"


class BankDay(models.Model):
    """Tutup hari: what was matched up to this moment is corrected by two people only.

    Append-only; `figures` are the sums of the day as they stood.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    agency = models.ForeignKey(Agency, on_delete=models.RESTRICT, related_name="bank_days")
    area_code = models.CharField(max_length=13, db_index=True)
    day = models.DateField()
    figures = models.JSONField(default=dict)
    note = models.CharField(max_length=250, blank=True)
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "day"], name="bank_day_closed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.area_code} {self.day}"


class Sts(models.Model):
    """A deposit slip that covers one or many returns; its amount is the sum of its lines."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    budget = models.ForeignKey(BudgetLine, on_delete=models.RESTRICT, related_name="deposits")
    area_code = models.CharField(max_length=13, db_index=True)
    number = models.CharField(max_length=80)
    on = models.DateField()
    amount = MoneyField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    reversed_at = models.DateTimeField(null=True)
    reversed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            pair("sts", "reversed"),
            models.CheckConstraint(name="sts_amount_positive", condition=Q(amount__gt=0)),
            models.UniqueConstraint(
                fields=["budget", "number"],
                condition=Q(reversed_at=None),
                name="sts_number_once",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class StsLine(models.Model):
    """One returned payment in a deposit slip and the event that paid it back; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    sts = models.ForeignKey(Sts, on_delete=models.RESTRICT, related_name="lines")
    line = models.ForeignKey(PaymentLine, on_delete=models.RESTRICT, related_name="deposits")
    amount = MoneyField()
    event = models.OneToOneField(LedgerEvent, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sts", "line"], name="sts_payment_once"),
            models.CheckConstraint(name="sts_line_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.sts_id} {self.line_id}"


class Correction(models.Model):
    """A paper that was recorded wrongly, taken back by two people; `old` is what it said."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    kind = models.CharField(max_length=4, choices=CorrectionKind.choices)
    sts = models.ForeignKey(Sts, null=True, on_delete=models.RESTRICT, related_name="corrections")
    pay_list = models.ForeignKey(
        PayList, null=True, on_delete=models.RESTRICT, related_name="corrections"
    )
    area_code = models.CharField(max_length=13, db_index=True)
    reason = models.CharField(max_length=250)
    old: Any = models.JSONField(default=dict)
    # {"spm_number", "sp2d_number", "sp2d_date"} when only what the paper says was typed wrongly.
    new: Any = models.JSONField(default=dict)
    two_person = models.BooleanField(default=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    done_at = models.DateTimeField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            *two_people("correction"),
            models.CheckConstraint(
                name="correction_two_people", condition=Q(two_person=True) & ~Q(reason="")
            ),
            models.CheckConstraint(
                name="correction_names_paper",
                condition=Q(kind=CorrectionKind.STS, sts__isnull=False, pay_list=None)
                | Q(kind=CorrectionKind.SP2D, sts=None, pay_list__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["sts"],
                condition=Q(sts__isnull=False, refused_at=None),
                name="correction_once_per_sts",
            ),
            models.UniqueConstraint(
                fields=["pay_list"],
                condition=Q(pay_list__isnull=False, done_at=None, refused_at=None),
                name="correction_one_open_per_list",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

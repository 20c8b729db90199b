"""What happens to an enrolment during and after the programme, and who decided it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from programs.choices import (
    Answer,
    AppealOutcome,
    EnrolmentState,
    EventKind,
    Outcome,
    ReferralAnswer,
    ReferralKind,
)
from programs.models.enrolments import Enrolment, EnrolmentDocument, EnrolmentMove


class ProgrammeEvent(models.Model):
    """One event of one enrolment: reported by one person, decided once by another.

    The outcome is what the rules of the version said that day; `rule` and `effects` are kept as
    they were shown. The database refuses any later change (migration 0012).
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="events")
    area_code = models.CharField(max_length=13, db_index=True)
    kind = models.CharField(max_length=14, choices=EventKind.choices)
    happened_on = models.DateField()
    # {"passbook": bool or None, "on_list": bool, "village": code}
    details = models.JSONField(default=dict)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason_code = models.CharField(max_length=40, blank=True)
    article = models.CharField(max_length=250)
    rule = models.JSONField(default=dict)
    effects = models.JSONField(default=list)
    note = models.TextField(blank=True)
    evidence = models.ForeignKey(
        EnrolmentDocument, null=True, on_delete=models.RESTRICT, related_name="+"
    )
    old_state = models.CharField(max_length=12, choices=EnrolmentState.choices)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    applied = models.BooleanField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    decision_note = models.TextField(blank=True)
    # Sentences of what was done.
    results = models.JSONField(default=list)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(decided_at=None), name="one_open_event"
            ),
            models.CheckConstraint(
                name="event_decided_pair",
                condition=Q(decided_at=None, decided_by=None, applied=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, applied__isnull=False),
            ),
            models.CheckConstraint(
                name="event_reporter_is_not_decider",
                condition=Q(decided_by=None) | ~Q(decided_by=F("reported_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"Peristiwa {self.pk}"


class Measurement(models.Model):
    """One success measure of one enrolment on one day, with its evidence; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="measurements")
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    measured_on = models.DateField()
    before = MoneyField(null=True)
    after = MoneyField(null=True)
    answer = models.CharField(max_length=8, choices=Answer.choices)
    reason = models.CharField(max_length=300)
    evidence = models.CharField(max_length=300)
    paper = models.ForeignKey(
        EnrolmentDocument, null=True, on_delete=models.RESTRICT, related_name="+"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="measurement_has_evidence", condition=~Q(evidence="")),
            models.CheckConstraint(
                name="measurement_both_amounts",
                condition=Q(before=None, after=None) | Q(before__gte=0, after__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.answer}"


class Appeal(models.Model):
    """Sanggahan against a decision: filed once, decided in time by somebody else.

    `move` is the decision it contests, `event` the event behind that decision where one was.
    """

    PERSONAL_FIELDS = ("appellant",)

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="appeals")
    area_code = models.CharField(max_length=13, db_index=True)
    move = models.OneToOneField(
        EnrolmentMove, null=True, on_delete=models.RESTRICT, related_name="appeal"
    )
    event = models.OneToOneField(
        ProgrammeEvent, null=True, on_delete=models.RESTRICT, related_name="appeal"
    )
    against = models.CharField(max_length=12, choices=EnrolmentState.choices)
    contested_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    appellant = models.CharField(max_length=150)
    grounds = models.TextField()
    filed_on = models.DateField()
    working_days = models.PositiveSmallIntegerField()
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    outcome = models.CharField(max_length=8, choices=AppealOutcome.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    decision_note = models.TextField(blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(decided_at=None), name="one_open_appeal"
            ),
            models.CheckConstraint(
                name="appeal_decided_pair",
                condition=Q(decided_at=None, decided_by=None, outcome="", decision_note="")
                | Q(decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(outcome="")
                & ~Q(decision_note=""),
            ),
            models.CheckConstraint(
                name="appeal_decided_by_another",
                condition=Q(decided_by=None)
                | ~Q(decided_by=F("filed_by")) & ~Q(decided_by=F("contested_by")),
            ),
            models.CheckConstraint(
                name="appeal_says_why", condition=~Q(grounds="") & ~Q(appellant="")
            ),
        ]

    def __str__(self) -> str:
        return f"Sanggahan {self.pk}"


class Referral(models.Model):
    """What is offered to somebody next, at which office, and what became of it."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="referrals")
    area_code = models.CharField(max_length=13, db_index=True)
    kind = models.CharField(max_length=8, choices=ReferralKind.choices)
    office = models.CharField(max_length=150)
    note = models.CharField(max_length=300, blank=True)
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    answer = models.CharField(max_length=8, choices=ReferralAnswer.choices, blank=True)
    answer_note = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "kind"],
                condition=Q(answered_at=None),
                name="one_open_referral_of_a_kind",
            ),
            models.CheckConstraint(
                name="referral_answered_pair",
                condition=Q(answered_at=None, answered_by=None, answer="")
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Rujukan {self.pk}"

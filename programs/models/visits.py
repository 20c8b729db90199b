"""What was found at a recipient's house: visits with their answers, only ever added to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from programs.choices import QuestionKind
from programs.models.catalogue import Stage
from programs.models.enrolments import Enrolment, EnrolmentDocument


class MonitoringVisit(models.Model):
    """One visit of one recipient; what was written wrong is corrected by a visit that names it.

    `stage`: the stage that had come last on the day of the visit; none before the first. Who made
    the record need not have been at the house: `visitor` was.
    """

    PERSONAL_FIELDS = ("visitor", "note")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="visits")
    area_code = models.CharField(max_length=13, db_index=True)
    stage = models.ForeignKey(Stage, null=True, on_delete=models.RESTRICT, related_name="+")
    visited_on = models.DateField()
    visitor = models.CharField(max_length=120)
    note = models.TextField(blank=True)
    photo = models.ForeignKey(
        EnrolmentDocument, null=True, on_delete=models.RESTRICT, related_name="+"
    )
    corrects = models.OneToOneField(
        "self", null=True, on_delete=models.RESTRICT, related_name="correction"
    )
    reason = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["enrolment", "visited_on"], name="visit_of_enrolment")]
        constraints = [
            models.CheckConstraint(
                name="visit_corrected_with_reason",
                condition=Q(corrects=None, reason="")
                | (Q(corrects__isnull=False) & ~Q(reason="") & ~Q(corrects=F("pk"))),
            ),
        ]

    def __str__(self) -> str:
        return f"Kunjungan {self.pk}"


class VisitAnswer(models.Model):
    """One answered question, with the question as it stood that day; append-only."""

    PERSONAL_FIELDS = ("value",)

    visit = models.ForeignKey(MonitoringVisit, on_delete=models.RESTRICT, related_name="answers")
    position = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=300)
    kind = models.CharField(max_length=8, choices=QuestionKind.choices)
    value = models.CharField(max_length=500, blank=True)
    # Of a number and of an amount, so that they can be added up.
    number = MoneyField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "position"], name="visit_answer_once"),
            models.CheckConstraint(
                name="visit_answer_of_its_kind",
                condition=Q(
                    kind__in=[QuestionKind.NUMBER, QuestionKind.AMOUNT], value="", number__gte=0
                )
                | (
                    Q(kind__in=[QuestionKind.YES_NO, QuestionKind.CHOICE, QuestionKind.TEXT])
                    & Q(number=None)
                    & ~Q(value="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}/{self.position}"

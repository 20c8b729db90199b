"""Places and who gets them: shifts between regencies, precedence, offers, the order of a decree."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.scopes import AreaQuerySet
from programs.choices import OfferAnswer, ShiftState, Standing
from programs.models.catalogue import ProgrammeVersion, VersionQuerySet
from programs.models.decrees import Decree
from programs.models.enrolments import Enrolment


class ShiftQuerySet(VersionQuerySet):
    area_field = "version__programme__area_code"


class QuotaShift(models.Model):
    """Places moved from one regency to another; `from_area` "" takes what nobody has yet.

    Proposed by one person, decided by another.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.RESTRICT, related_name="shifts")
    from_area = models.CharField(max_length=5, blank=True)
    to_area = models.CharField(max_length=5)
    places = models.PositiveIntegerField()
    reason = models.CharField(max_length=250)
    state = models.CharField(max_length=10, choices=ShiftState.choices, default=ShiftState.PROPOSED)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    note = models.CharField(max_length=250, blank=True)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="shift_of_some", condition=Q(places__gt=0)),
            models.CheckConstraint(name="shift_between_two", condition=~Q(from_area=F("to_area"))),
            models.CheckConstraint(
                name="shift_decided_pair",
                condition=Q(state=ShiftState.PROPOSED, decided_at=None, decided_by=None)
                | (
                    ~Q(state=ShiftState.PROPOSED)
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="shift_maker_is_not_checker",
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_area or '-'} > {self.to_area}: {self.places}"


class Precedence(models.Model):
    """Who of several with the same order goes first, and why; the earlier record goes before."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="precedences")
    reason = models.CharField(max_length=250)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(ended_at=None), name="precedence_once"
            ),
            models.CheckConstraint(
                name="precedence_ended_pair",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            models.CheckConstraint(name="precedence_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.pk}"


class PlaceOffer(models.Model):
    """A place that fell free, offered to the next of the waiting list, and the answer."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="offers")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    answer = models.CharField(max_length=8, choices=OfferAnswer.choices, default=OfferAnswer.OPEN)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    note = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment"], name="offer_once"),
            models.CheckConstraint(
                name="offer_answered_pair",
                condition=Q(answer=OfferAnswer.OPEN, answered_at=None, answered_by=None)
                | (
                    ~Q(answer=OfferAnswer.OPEN)
                    & Q(answered_at__isnull=False, answered_by__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.answer}"


class RankLine(models.Model):
    """Where somebody stood when a decree was drafted, with the values that decided; append-only."""

    PERSONAL_FIELDS = ("values",)

    decree = models.ForeignKey(Decree, on_delete=models.RESTRICT, related_name="rank_lines")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="rank_lines")
    area_code = models.CharField(max_length=13)
    position = models.PositiveIntegerField()
    standing = models.CharField(max_length=8, choices=Standing.choices)
    # Key -> value as a list of [label, words].
    values = models.JSONField(default=list)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decree", "enrolment"], name="rank_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.decree_id}/{self.position}"

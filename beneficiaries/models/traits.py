"""What is known about a person and a family over time: new rows, never overwritten ones."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.scopes import AreaQuerySet
from bansos.regions.models import Region
from beneficiaries.choices import (
    BpsRelation,
    Difficulty,
    DisabilityKind,
    FamilyChange,
    GuardianRelation,
    Ppks,
    Relation,
)
from beneficiaries.models.people import Family, Person


class PersonQuerySet(AreaQuerySet):
    area_field = "person__area_code"


class FamilyMember(models.Model):
    """A person in a family card from one day to another, with the relation to its head.

    `relation` is Dukcapil's code; `bps_relation` stands alone when BPS says less ("parent or
    parent-in-law"). Both empty: nobody said. The open row agrees with the person's family.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    family = models.ForeignKey(Family, on_delete=models.RESTRICT, related_name="history")
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="families")
    relation = models.PositiveSmallIntegerField(choices=Relation.choices, null=True)
    bps_relation = models.PositiveSmallIntegerField(choices=BpsRelation.choices, null=True)
    from_date = models.DateField(null=True)
    until_date = models.DateField(null=True)
    came_by = models.CharField(
        max_length=10, choices=FamilyChange.choices, default=FamilyChange.LISTED
    )
    left_by = models.CharField(max_length=10, choices=FamilyChange.choices, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(until_date=None), name="one_family_per_person"
            ),
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(until_date=None, relation=Relation.HEAD),
                name="one_head_per_family",
            ),
            models.CheckConstraint(
                name="family_member_one_relation",
                condition=Q(relation=None) | Q(bps_relation=None),
            ),
            models.CheckConstraint(
                name="family_member_term",
                condition=Q(until_date=None)
                | Q(from_date=None)
                | Q(until_date__gte=F("from_date")),
            ),
        ]

    def __str__(self) -> str:
        return f"Anggota KK {self.pk}"

    @property
    def relation_label(self) -> str:
        """The relation in words; empty when nobody said."""
        if self.relation:
            return str(Relation(self.relation).label)
        return str(BpsRelation(self.bps_relation).label) if self.bps_relation else ""


class FamilyQuerySet(AreaQuerySet):
    area_field = "family__area_code"


class FamilyMove(models.Model):
    """A family that moved: where it lived before; append-only."""

    PERSONAL_FIELDS = ("old_address", "new_address")

    family = models.ForeignKey(Family, on_delete=models.RESTRICT, related_name="moves")
    moved_on = models.DateField()
    old_address = models.CharField(max_length=250, blank=True)
    old_area_code = models.CharField(max_length=13)
    new_address = models.CharField(max_length=250, blank=True)
    new_village = models.ForeignKey(Region, on_delete=models.RESTRICT, related_name="+")
    letter_number = models.CharField(max_length=80, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = FamilyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Pindah {self.pk}"


class Disability(models.Model):
    """A disability of a person (UU 8/2016), and how hard six activities are when it was asked."""

    PERSONAL_FIELDS = (
        "kind",
        "note",
        "seeing",
        "hearing",
        "walking",
        "remembering",
        "self_care",
        "communicating",
    )
    ACTIVITIES = ("seeing", "hearing", "walking", "remembering", "self_care", "communicating")

    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="disabilities")
    kind = models.CharField(max_length=12, choices=DisabilityKind.choices)
    since = models.DateField(null=True)
    source = models.CharField(max_length=120)
    note = models.CharField(max_length=250, blank=True)
    seeing = models.PositiveSmallIntegerField(choices=Difficulty.choices, null=True)
    hearing = models.PositiveSmallIntegerField(choices=Difficulty.choices, null=True)
    walking = models.PositiveSmallIntegerField(choices=Difficulty.choices, null=True)
    remembering = models.PositiveSmallIntegerField(choices=Difficulty.choices, null=True)
    self_care = models.PositiveSmallIntegerField(choices=Difficulty.choices, null=True)
    communicating = models.PositiveSmallIntegerField(choices=Difficulty.choices, null=True)
    until_date = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(until_date=None), name="disability_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Disabilitas {self.pk}"


class PersonCategory(models.Model):
    """A PPKS category a person is of; one person may be of several."""

    PERSONAL_FIELDS = ("code", "note")

    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="categories")
    code = models.CharField(max_length=2, choices=Ppks.choices)
    since = models.DateField()
    source = models.CharField(max_length=120)
    note = models.CharField(max_length=250, blank=True)
    until_date = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["code", "person"], name="category_code")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "code"], condition=Q(until_date=None), name="category_once"
            ),
            models.CheckConstraint(
                name="category_term",
                condition=Q(until_date=None) | Q(until_date__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"PPKS {self.pk}"


class Guardian(models.Model):
    """Who acts for a person (a child, somebody who cannot), by which letter."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    ward = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="guardians")
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="wards")
    relation = models.CharField(max_length=12, choices=GuardianRelation.choices)
    letter_number = models.CharField(max_length=80)
    letter_date = models.DateField()
    from_date = models.DateField()
    until_date = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class GuardianQuerySet(AreaQuerySet):
        area_field = "ward__area_code"

    objects = GuardianQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ward"], condition=Q(until_date=None), name="one_guardian_per_ward"
            ),
            models.CheckConstraint(name="guardian_is_another", condition=~Q(ward=F("person"))),
            models.CheckConstraint(
                name="guardian_term",
                condition=Q(until_date=None) | Q(until_date__gte=F("from_date")),
            ),
        ]

    def __str__(self) -> str:
        return f"Wali {self.pk}"

"""Groups (KUBE) and their members. The guards of migration 0003 hold what no CHECK can say."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from bansos.accounts.models import User
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.choices import GroupRole, GroupState, LeaveReason
from beneficiaries.models.payees import Payee, PayeeQuerySet
from beneficiaries.models.people import Person


class Group(models.Model):
    """A KUBE: 5 to 20 family heads of one village with one kind of business.

    Its village is that of its payee. Who checked the members is not who formed the group.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    payee = models.OneToOneField(
        Payee, primary_key=True, on_delete=models.RESTRICT, related_name="group"
    )
    business_kind = models.CharField(max_length=80)
    formed_on = models.DateField()
    state = models.CharField(max_length=10, choices=GroupState.choices, default=GroupState.FORMING)
    formed_at = models.DateTimeField()
    formed_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    check_note = models.CharField(max_length=400, blank=True)
    activated_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    dissolved_at = models.DateTimeField(null=True)
    dissolved_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = PayeeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="group_checked_pair",
                condition=Q(checked_at=None, checked_by=None)
                | Q(checked_at__isnull=False, checked_by__isnull=False),
            ),
            models.CheckConstraint(
                name="group_activated_pair",
                condition=Q(activated_at=None, activated_by=None)
                | Q(activated_at__isnull=False, activated_by__isnull=False),
            ),
            models.CheckConstraint(
                name="group_dissolved_pair",
                condition=Q(
                    dissolved_at=None, dissolved_by=None, state__in=["forming", "checked", "active"]
                )
                | Q(
                    dissolved_at__isnull=False,
                    dissolved_by__isnull=False,
                    state=GroupState.DISSOLVED,
                ),
            ),
            models.CheckConstraint(
                name="group_former_is_not_checker",
                condition=Q(checked_by=None) | ~Q(checked_by=F("formed_by")),
            ),
            models.CheckConstraint(
                name="group_checked_when_settled",
                condition=~Q(state__in=[GroupState.CHECKED, GroupState.ACTIVE])
                | Q(checked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="group_activated_when_active",
                condition=~Q(state=GroupState.ACTIVE) | Q(activated_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Kelompok {self.pk}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("beneficiaries:group", args=[self.pk])

    @property
    def area_code(self) -> str:
        """The village of the group."""
        return self.payee.area_code


class GroupMemberQuerySet(AreaQuerySet):
    area_field = "group__payee__area_code"


class GroupMember(models.Model):
    """A person in a group from one day to another; who comes back gets a new row."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    group = models.ForeignKey(Group, on_delete=models.RESTRICT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="groups")
    role = models.CharField(max_length=10, choices=GroupRole.choices, default=GroupRole.MEMBER)
    joined_on = models.DateField()
    left_on = models.DateField(null=True)
    left_reason = models.CharField(max_length=10, choices=LeaveReason.choices, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = GroupMemberQuerySet.as_manager()

    class Meta:
        constraints = [
            # A group that is dissolved ends its memberships, so an open one is in a live group.
            models.UniqueConstraint(
                fields=["person"], condition=Q(left_on=None), name="one_live_group_per_person"
            ),
            models.UniqueConstraint(
                fields=["group", "role"],
                condition=Q(left_on=None) & ~Q(role=GroupRole.MEMBER),
                name="one_officer_per_role",
            ),
            models.CheckConstraint(
                name="member_ended_pair",
                condition=Q(ended_at=None, ended_by=None, left_on=None, left_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, left_on__isnull=False)
                & ~Q(left_reason=""),
            ),
            models.CheckConstraint(
                name="member_left_after_joining",
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"Anggota {self.pk}"

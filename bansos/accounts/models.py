"""Agencies, people who sign in, and tokens for machines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Subquery
from django.utils.functional import cached_property

from bansos.accounts.choices import Density, Theme
from bansos.accounts.permissions import ROLE_CHOICES, ROLES, Permission
from bansos.lib.scopes import AreaQuerySet
from bansos.regions.models import Region


class Agency(models.Model):
    """A provincial social agency: its letterhead, its zone, its paying bank."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    area_code = models.CharField(max_length=13, unique=True)
    name = models.CharField(max_length=150)
    government = models.CharField(max_length=150)
    address = models.CharField(max_length=250)
    contact = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=40, default="Asia/Jakarta")
    bank_code = models.CharField(max_length=3)
    bank_name = models.CharField(max_length=80)
    source_account = models.CharField(max_length=34, blank=True)
    head_title = models.CharField(max_length=120)
    head_name = models.CharField(max_length=120)
    head_number = models.CharField(max_length=30, blank=True)
    palette = models.CharField(max_length=20, default="jatim")

    objects = AreaQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone its documents are dated in (WIB, WITA)."""
        return ZoneInfo(self.time_zone)


class UserQuerySet(AreaQuerySet):
    pass


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A user with a hashed password."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who signs in: one role, one area."""

    PERSONAL_FIELDS = ("username", "full_name", "email", "employee_number")

    username = models.CharField(max_length=60, unique=True)
    full_name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    employee_number = models.CharField(max_length=30, blank=True)
    position = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=40, choices=ROLE_CHOICES)
    area_code = models.CharField(max_length=13)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.LIGHT)
    density = models.CharField(max_length=10, choices=Density.choices, default=Density.MEDIUM)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # A machine's token narrows these two for one request; never saved.
    permission_limit: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.full_name

    @property
    def role_name(self) -> Any:
        """The role in words."""
        return ROLES[self.role].name

    def can(self, permission: Permission | str) -> bool:
        """True when the role holds the permission (and the token, if any, leaves it)."""
        if not self.is_active or self.role not in ROLES:
            return False
        if self.permission_limit is not None and str(permission) not in self.permission_limit:
            return False
        return permission in ROLES[self.role].permissions

    def can_any(self, permissions: Iterable[Permission | str]) -> bool:
        """True when the role holds at least one of the permissions."""
        return any(self.can(permission) for permission in permissions)

    @cached_property
    def area_name(self) -> str:
        """The name of the user's area."""
        if self.agency is not None:
            name: str | None = getattr(self.agency, "reader_area", None)
            return name or self.area_code
        region = Region.objects.filter(code=self.area_code).first()
        return region.name if region else self.area_code

    @cached_property
    def agency(self) -> Agency | None:
        """The agency of the user's province; it brings the name of the user's own area along."""
        own = Region.objects.filter(code=self.area_code).values("name")[:1]
        rows = Agency.objects.filter(area_code=self.area_code[:2])
        return rows.annotate(reader_area=Subquery(own)).first()


class ApiToken(models.Model):
    """A machine's key: acts for one user, inside a narrower area and fewer permissions."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    user = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="tokens")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    area_code = models.CharField(max_length=13)
    permissions = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects = AreaQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

"""What the auditor of the books found, run by run; never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.scopes import AreaQuerySet


class AuditRun(models.Model):
    """One reading of all the books; `counts` is {promise: {"rows": n, "broken": n}}.

    `asked_by` is None when the scheduler asked. Append-only.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(db_index=True)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    counts = models.JSONField(default=dict)
    broken = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="audit_run_ends_after_it_began",
                condition=Q(finished_at__gte=F("started_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"Pemeriksaan buku {self.pk}"


class AuditBreachQuerySet(AreaQuerySet):
    """Breaches of one's own area; those of no area (the trail, jobs) concern everybody."""

    def visible_to(self, user: object) -> AuditBreachQuerySet:
        """Rows inside the user's area, and those without one."""
        area = getattr(user, "area_code", "")
        if not getattr(user, "is_active", False) or not area:
            return self.none()
        return self.filter(Q(area_code__startswith=area) | Q(area_code=""))


class AuditBreach(models.Model):
    """One broken promise that a run found: where, what should be there, what is. Append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    run = models.ForeignKey(AuditRun, on_delete=models.RESTRICT, related_name="breaches")
    promise = models.CharField(max_length=4)
    kind = models.CharField(max_length=30)
    area_code = models.CharField(max_length=13, blank=True, db_index=True)
    place = models.CharField(max_length=120)
    expected = models.CharField(max_length=120)
    found = models.CharField(max_length=120)

    objects = AuditBreachQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.promise} {self.kind}"

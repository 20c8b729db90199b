"""Who has something open in a programme: what a registry list may touch before it is accepted."""

from __future__ import annotations

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, Q

from beneficiaries.services.imports.weighing import OpenCase
from programs.choices import ENDED, EnrolmentState
from programs.models import Enrolment

RECEIVING = (EnrolmentState.DETERMINED, EnrolmentState.ACTIVE, EnrolmentState.SUSPENDED)


def open_cases(area_code: str, after: int, limit: int) -> list[OpenCase]:
    """The next people of an area with an enrolment that has not ended, by their ids; one query."""
    rows = (
        Enrolment.objects.filter(person__area_code__startswith=area_code, person_id__gt=after)
        .exclude(state__in=ENDED)
        .values("person_id")
        .annotate(
            proposals=Count("pk", filter=~Q(state__in=RECEIVING)),
            recipients=Count("pk", filter=Q(state__in=RECEIVING)),
            programmes=StringAgg("version__programme__name", delimiter=", ", distinct=True),
        )
        .order_by("person_id")[:limit]
    )
    return [OpenCase(**row) for row in rows]

"""Who received: sex and age group; and how far the proposals are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, IntegerField, Value, When
from django.utils.translation import gettext as _

from bansos.lib.dates import months_before
from beneficiaries.choices import Sex
from disbursements.choices import LineState
from monitoring.queries.scope import Scope
from monitoring.rules import AGE_GROUPS
from programs.choices import EnrolmentState
from programs.models import Enrolment

UNKNOWN = len(AGE_GROUPS)


@dataclass(frozen=True)
class AgeRow:
    """Recipients of one age group: each person once."""

    name: str
    women: int = 0
    men: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """Women, men and those whose sex is not recorded."""
        return self.women + self.men + self.unknown


@dataclass(frozen=True)
class StateRow:
    """Proposals in one state."""

    key: str
    name: str
    count: int


def group_name(place: int) -> str:
    """ "70-79 tahun", "90 tahun ke atas", or the words for an unknown birth date."""
    if place == UNKNOWN:
        return _("Tanggal lahir belum diketahui")
    youngest, oldest = AGE_GROUPS[place]
    if oldest is None:
        return _("%(age)s tahun ke atas") % {"age": youngest}
    return _("%(from)s–%(to)s tahun") % {"from": youngest, "to": oldest}


def _group(on: date) -> Any:
    steps = [
        When(person__birth_date__lte=months_before(on, 12 * youngest), then=Value(place))
        for place, (youngest, _oldest) in reversed(list(enumerate(AGE_GROUPS)))
    ]
    return Case(*steps, default=Value(UNKNOWN), output_field=IntegerField())


def by_age(scope: Scope, *, on: date) -> list[AgeRow]:
    """People to whom money was delivered in the period, by age on a day and by sex.

    Groups nobody is in are left out.
    """
    lines = scope.lines().filter(state=LineState.SETTLED, **scope.within("settled_on"))
    rows = (
        lines.values("person__sex", group=_group(on))
        .annotate(people=Count("person", distinct=True))
        .order_by()
    )
    counts: dict[int, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row["group"], {})[row["person__sex"]] = row["people"]
    return [
        AgeRow(
            name=group_name(place),
            women=counts[place].get(Sex.FEMALE, 0),
            men=counts[place].get(Sex.MALE, 0),
            unknown=counts[place].get("", 0),
        )
        for place in sorted(counts)
    ]


def by_state(scope: Scope) -> list[StateRow]:
    """Proposals of the scope by state, in the order of their life; drafts are private."""
    rows = scope.rows(Enrolment.objects, "version").exclude(state=EnrolmentState.DRAFT)
    counts = dict(rows.values_list("state").annotate(found=Count("pk")).order_by())
    return [
        StateRow(str(state), str(EnrolmentState(state).label), counts[state])
        for state in EnrolmentState.values
        if counts.get(state)
    ]

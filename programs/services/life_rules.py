"""Writes of what a version says about events, exit, ways in, assessments, plans and papers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.errors import BadInput
from programs.models import ProgrammeVersion
from programs.rules.assessing import assessing_problems
from programs.rules.letters import letter_problems
from programs.rules.life import event_problems, exit_problems
from programs.services.catalogue import LIFE_FIELDS, check_editable, check_right


@dataclass(frozen=True, kw_only=True)
class LifeValues:
    """Everything a version says about what comes before and after the money."""

    event_rules: list[dict[str, Any]] = field(default_factory=list)
    exit_rules: dict[str, Any] = field(default_factory=dict)
    proposal_channels: list[str] = field(default_factory=list)
    assessment_forms: list[dict[str, Any]] = field(default_factory=list)
    plan_rules: dict[str, Any] = field(default_factory=dict)
    letters: list[dict[str, Any]] = field(default_factory=list)


def life_values(version: ProgrammeVersion) -> LifeValues:
    """The rules a version has now."""
    return LifeValues(**{name: getattr(version, name) for name in LIFE_FIELDS})


def life_problems(version: ProgrammeVersion, values: LifeValues) -> list[str]:
    """What is wrong with these rules for this version, in sentences."""
    stops = [str(row["code"]) for row in version.stop_reasons]
    return [
        *event_problems(values.event_rules, stop_codes=stops, heir_rules=version.heir_rules),
        *exit_problems(values.exit_rules),
        *assessing_problems(values.proposal_channels, values.assessment_forms, values.plan_rules),
        *letter_problems(values.letters),
    ]


@transaction.atomic
def save_life_rules(
    *, version: ProgrammeVersion, values: LifeValues, by: User, at: datetime
) -> ProgrammeVersion:
    """Set them all; refused once a decree uses the version, or when one of them is wrong."""
    check_right(by, version.area_code)
    row: ProgrammeVersion = ProgrammeVersion.objects.select_for_update().get(pk=version.pk)
    check_editable(row)
    problems = life_problems(row, values)
    if problems:
        raise BadInput(
            "PROG-LIFE",
            _("Aturan belum benar: %(problems)s Aturan belum disimpan.")
            % {"problems": " ".join(problems)},
        )
    given = asdict(values)
    changed = [name for name in LIFE_FIELDS if getattr(row, name) != given[name]]
    for name in changed:
        setattr(row, name, given[name])
    if changed:
        row.save(update_fields=changed)
        audit.record(
            verb="programs.save_life_rules",
            by=by,
            at=at,
            target=row,
            area_code=row.area_code,
            fields=changed,
        )
    return row

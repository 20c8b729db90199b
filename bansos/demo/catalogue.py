"""The catalogue of the training year: counts and places, and rates where no source gives one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bansos.accounts.models import User
from bansos.demo import story
from bansos.demo.enrolling import version_of
from bansos.demo.lines import LINES, Line
from bansos.demo.more import shares, sized
from programs.choices import FIXED_KINDS, BenefitKind, VersionState
from programs.models import ProgrammeVersion
from programs.services.catalogue import (
    activate_version,
    change_version,
    copy_version,
    save_stage,
    set_quota,
)

# The laws behind every programme here; the province's own regulation is not known.
LAWS = ["Undang-Undang Nomor 11 Tahun 2009", "Undang-Undang Nomor 13 Tahun 2011"]
# Who sets up the programmes of a province.
STAFF = {"35": "staf", "64": "staf.kaltim", "15": "staf.jambi"}


def open_catalogue(*, users: Mapping[str, User], scale: story.Scale, at: datetime) -> None:
    """Every programme that was loaded in force this year, with what training adds to some."""
    version = version_of("35", story.PKH_PLUS)
    places = {story.MADIUN: scale.madiun} | {row.area_code: row.people for row in scale.played}
    for area_code, count in places.items():
        set_quota(version=version, area_code=area_code, places=count, by=users["staf"], at=at)
    for line in LINES:
        _prepare(sized(line, scale), by=users[STAFF[line.area_code]], at=at)
    for draft in ProgrammeVersion.objects.filter(year=story.YEAR, state=VersionState.DRAFT):
        activate_version(version=draft, by=users[STAFF[draft.area_code]], at=at)


def _prepare(line: Line, *, by: User, at: datetime) -> None:
    """The newest version of a programme as training has it: its counts, its rate, its note."""
    version = ProgrammeVersion.objects.filter(
        programme__area_code=line.area_code, programme__code=line.code
    ).order_by("-year", "-version")[0]
    if version.year != story.YEAR:
        version = copy_version(version=version, year=story.YEAR, by=by, at=at)
    changes: dict[str, Any] = {"source_note": line.note}
    by_unit = version.benefit_kind == BenefitKind.TARIFF
    if line.count is not None and not line.are_residents:
        changes["quota_total"] = line.count
    if line.rate is not None:
        changes["tariff" if by_unit else "annual_amount"] = line.rate
    if line.budget is not None:
        changes["formula_budget"] = line.budget
    laws = version.legal_basis or LAWS
    version = change_version(version=version, legal_basis=laws, by=by, at=at, **changes)
    for area_code, places in ({} if line.are_residents else shares(line)).items():
        set_quota(version=version, area_code=area_code, places=places, by=by, at=at)
    if line.rate is None or version.benefit_kind not in (*FIXED_KINDS, BenefitKind.TARIFF):
        return
    for number, stage_date in enumerate(line.paid_on, start=1):
        save_stage(
            version=version,
            number=number,
            name=f"Tahap {number}",
            stage_date=stage_date,
            amount=None if by_unit else line.rate / len(line.paid_on),
            by=by,
            at=at,
        )

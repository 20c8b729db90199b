"""The programmes that come with the product: one YAML file per version, imported like any other.

programs/data/catalogue/<province>-<code>-<year>.yaml, in the format that a version goes out in and
comes in from on screen. What no source tells is not in a file and stays open to fill.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from bansos.accounts.models import Agency, User
from programs.models import ProgrammeVersion
from programs.rules.version_file import FIELDS, read
from programs.services.catalogue import LIFE_FIELDS, activate_version, problems_of
from programs.services.life_rules import LifeValues
from programs.services.version_files import EMPTY, fields_of, import_version

FOLDER = Path(__file__).resolve().parent.parent / "data" / "catalogue"


@dataclass(frozen=True)
class KnownVersion:
    """One file of the catalogue, and what its name says of it."""

    area_code: str
    code: str
    year: int
    path: Path


def known_versions(area_code: str = "") -> list[KnownVersion]:
    """The files of the catalogue, of one province where it is named, the older year first."""
    found = []
    for path in sorted(FOLDER.glob(f"{area_code}*.yaml")):
        area, _dash, rest = path.stem.partition("-")
        code, _dash, year = rest.rpartition("-")
        found.append(KnownVersion(area, code, int(year), path))
    return found


def known_fields(area_code: str, code: str) -> dict[str, Any]:
    """What the newest file of a programme says, by field of a version; empty where it is silent.

    Raises LookupError when the catalogue does not have the programme.
    """
    rows = [row for row in known_versions(area_code) if row.code == code]
    if not rows:
        raise LookupError(f"{area_code} {code} is not in the catalogue.")
    silent = {name: deepcopy(getattr(EMPTY, name)) for name, _shape in FIELDS.values()}
    return silent | fields_of(read(rows[-1].path.read_bytes()))


def known_life(area_code: str, code: str) -> LifeValues:
    """The rules of events, exit, ways in, assessments and plans of a programme's newest file."""
    fields = known_fields(area_code, code)
    return LifeValues(**{name: fields[name] for name in LIFE_FIELDS})


@transaction.atomic
def load_programmes(*, agency: Agency, by: User, at: datetime) -> list[ProgrammeVersion]:
    """Import what an agency does not have yet of the catalogue; returns the versions written.

    A programme's year that is there already is left as it is. What is complete comes into force;
    a version whose rate, budget, stages or legal basis nobody found stays a draft to fill. Raises
    BadInput as an import on screen does when a file is wrong, then nothing is stored.
    """
    there = set(
        ProgrammeVersion.objects.filter(programme__area_code=agency.area_code).values_list(
            "programme__code", "year"
        )
    )
    written = []
    coming = {known.code for known in known_versions(agency.area_code)}
    for known in known_versions(agency.area_code):
        if (known.code, known.year) in there:
            continue
        data = known.path.read_bytes()
        version = import_version(data=data, agency=agency, by=by, at=at, coming=coming)
        if not version.is_rate_open and not problems_of(version):
            version = activate_version(version=version, by=by, at=at)
        written.append(version)
    return written

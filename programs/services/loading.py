"""The named programmes as data: written once per agency, never over what people changed."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from bansos.accounts.models import Agency, User
from bansos.regions.queries import regencies_of
from programs.models import Programme, ProgrammeVersion
from programs.services.catalogue import (
    ProgrammeValues,
    VersionValues,
    activate_version,
    save_programme,
    save_stage,
    save_version,
    set_quota,
)
from programs.services.guide_files import known_row
from programs.services.life_rules import load_life_rules

FILE = Path(__file__).resolve().parent.parent / "data" / "programmes.json"
RULES_FILE = FILE.with_name("payee_rules.json")
GUIDES_FILE = FILE.with_name("guides.json")
PLAIN = (
    *("year", "payee_kind", "benefit_kind", "criteria", "required_documents", "legal_basis"),
    *("stop_reasons", "reject_reasons", "exclusive_with", "bank_code", "account_code"),
    "source_note",
)


def known_programmes() -> list[dict[str, Any]]:
    """The named programmes as the file gives them."""
    rows: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return rows


def guide_of(code: str) -> dict[str, Any]:
    """What the guides tell officers of a programme: calendar, steps, measure, templates, funding.

    What no source tells is not there and stays open to fill.
    """
    return known_row(GUIDES_FILE, code)


def payee_rules(code: str) -> dict[str, Any]:
    """The rules of proxies and heirs that a guide gives a programme; empty where none is known."""
    return known_row(RULES_FILE, code)


@transaction.atomic
def load_programmes(*, agency: Agency, by: User, at: datetime) -> list[ProgrammeVersion]:
    """Write the known programmes of an agency that are missing; returns the versions written.

    A programme or a year that is there already is left as it is. A tariff nobody found stays
    empty, and its version a draft.
    """
    written = []
    for row in known_programmes():
        if row["area"] != agency.area_code:
            continue
        programme = Programme.objects.filter(area_code=row["area"], code=row["code"]).first()
        if programme is None:
            values = ProgrammeValues(code=row["code"], name=row["name"], purpose=row["purpose"])
            programme = save_programme(programme=None, agency=agency, values=values, by=by, at=at)
        for wanted in row["versions"]:
            if not programme.versions.filter(year=wanted["year"]).exists():
                written.append(_write_version(programme, wanted, by=by, at=at))
    return written


def _amount(value: Any) -> Decimal | None:
    return Decimal(value) if value is not None else None


def _write_version(
    programme: Programme, row: dict[str, Any], *, by: User, at: datetime
) -> ProgrammeVersion:
    values = VersionValues(
        annual_amount=_amount(row["annual_amount"]),
        formula_budget=_amount(row.get("formula_budget")),
        tariff=_amount(row.get("tariff")),
        unit_label=row.get("unit_label", ""),
        quota_total=row.get("quota_total"),
        **payee_rules(programme.code),
        **guide_of(programme.code),
        **{name: row[name] for name in PLAIN},
    )
    version = save_version(version=None, programme=programme, values=values, by=by, at=at)
    version = load_life_rules(version=version, by=by, at=at)
    for stage in row["stages"]:
        save_stage(
            version=version,
            number=stage["number"],
            name=stage["name"],
            stage_date=date(row["year"], stage["month"], stage["day"]),
            amount=_amount(stage.get("amount")),
            by=by,
            at=at,
        )
    quotas = dict(row["quotas"])
    if "quota_each" in row:
        quotas |= {region.code: row["quota_each"] for region in regencies_of(programme.area_code)}
    for area_code, places in quotas.items():
        set_quota(version=version, area_code=area_code, places=places, by=by, at=at)
    if row["activate"]:
        version = activate_version(version=version, by=by, at=at)
    return version

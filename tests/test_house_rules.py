"""Rules of the house that hold for the whole repository."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from bansos.lib.money import MoneyField

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "audit",
    "regions",
    "accounts",
    "jobs",
    "documents",
    "beneficiaries",
    "programs",
    "disbursements",
    "monitoring",
)
FORBIDDEN_ROOMS = {"utils", "helpers", "common", "core", "misc", "signals"}
MONEY_WORDS = re.compile(r"amount|total|ceiling|reserved|paid|delivered|returned$|rupiah")
# Kept for the record of a machine, not for the record of a person's act.
UNPAIRED = {"jobs.Job", "audit.Seal", "audit.Event"}


def tracked(suffix: str) -> list[Path]:
    """Files git knows, by suffix."""
    output = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", f"*{suffix}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / line for line in output.splitlines() if (ROOT / line).exists()]


def own_models() -> list[type[models.Model]]:
    return [model for label in APPS for model in apps.get_app_config(label).get_models()]


PYTHON = [path for path in tracked(".py") if "migrations" not in path.parts]


@pytest.mark.parametrize("model", own_models(), ids=lambda m: m._meta.label)
def test_each_model_declares_its_personal_fields(model: type[models.Model]) -> None:
    declared = getattr(model, "PERSONAL_FIELDS", None)
    assert declared is not None, "PERSONAL_FIELDS is missing"
    names = {field.name for field in model._meta.get_fields()}
    assert set(declared) <= names, set(declared) - names
    for field in model._meta.get_fields():
        kind = type(field).__name__
        if kind.startswith("Encrypted") or kind == "BlindIndexField":
            assert field.name in declared, f"{field.name} is secret and not declared"


@pytest.mark.parametrize("model", own_models(), ids=lambda m: m._meta.label)
def test_each_model_has_a_name_without_personal_data(model: type[models.Model]) -> None:
    assert model.__str__ is not models.Model.__str__


@pytest.mark.parametrize("model", own_models(), ids=lambda m: m._meta.label)
def test_money_is_decimal(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        assert not isinstance(field, models.FloatField), field
        if isinstance(field, models.DecimalField):
            assert isinstance(field, MoneyField), f"{field.name} is money and not a MoneyField"


@pytest.mark.parametrize("model", own_models(), ids=lambda m: m._meta.label)
def test_nullable_at_and_by_are_set_together(model: type[models.Model]) -> None:
    if model._meta.label in UNPAIRED:
        return
    names = {field.name: field for field in model._meta.get_fields()}
    checks = " ".join(
        str(constraint.condition)
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    )
    for name, field in names.items():
        partner = name.removesuffix("_at") + "_by"
        if name.endswith("_at") and partner in names and getattr(field, "null", False):
            assert f"'{name}'" in checks or f"'{name}__isnull'" in checks, f"{name} and {partner}"


def test_no_float_near_money() -> None:
    found = []
    for path in PYTHON:
        if "disbursements" not in path.parts or "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name) and node.id == "float":
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_the_day_of_an_act_is_asked_for_with_its_zone() -> None:
    """`at.date()` is the day in UTC, which is yesterday until 07.00 WIB: `day_of` names a zone."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "date"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"at", "now", "NOW", "AT"}
    ]
    assert found == []


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in PYTHON
        if (count := len(path.read_text(encoding="utf-8").splitlines()))
        > (1000 if "tests" in path.parts else 600)
    }
    assert long == {}


def test_no_room_without_a_name() -> None:
    assert [path for path in PYTHON if path.stem in FORBIDDEN_ROOMS] == []


def test_each_module_says_what_it_holds() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in PYTHON
        if path.stat().st_size
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        and path.name != "__init__.py"
    ]
    assert silent == []


def test_no_promises_left_in_the_code() -> None:
    promise = re.compile(
        r"\b(TO" + r"DO|FIX" + r"ME|NotImplemented" + r"Error)\b|mark\.(sk" + r"ip|xf" + r"ail)"
        r"|pragma: no " + "cover"
    )
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in PYTHON
        for line in path.read_text(encoding="utf-8").splitlines()
        if promise.search(line)
    ]
    assert found == []


def test_no_third_party_code_is_committed() -> None:
    names = [path.name for path in tracked("")]
    assert [name for name in names if re.search(r"\.min\.(js|css)$|\.woff2?$", name)] == []


def test_page_templates_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked(".html")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 120
    }
    assert long == {}


def test_every_page_template_is_used() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in PYTHON + tracked(".html"))
    known = {"404.html", "403.html", "500.html", "403_csrf.html"}
    unused = []
    for path in tracked(".html"):
        name = str(path.relative_to(ROOT / "templates")) if "templates" in path.parts else ""
        library = name.startswith(("account/", "mfa/", "allauth/", "components/", "usersessions/"))
        if name and name not in known and not library and name not in sources:
            unused.append(name)
    assert unused == []

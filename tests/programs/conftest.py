"""What every test of programmes stands on: handlers known, no budget check of an app above."""

from __future__ import annotations

from importlib import import_module

import pytest


@pytest.fixture(autouse=True)
def no_budget_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Budgets belong to disbursements and are tested there; here the hook is empty.

    Modules are named by text: this file is read before Django has its settings.
    """
    import_module("programs.tasks")
    monkeypatch.setattr("programs.services.decrees.BUDGET_CHECKS", [])

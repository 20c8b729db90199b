"""The ground of the demo's tests: regions, and an installation for training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def country(db: None, tmp_path: Path) -> None:
    """The regions in the table."""
    # Models can be imported only once Django has started, which is after this file is read.
    from tests.demo.country import load_some_regions

    load_some_regions(tmp_path)


@pytest.fixture
def training(settings: Any) -> None:
    """An installation for training."""
    settings.TRAINING_MODE = True

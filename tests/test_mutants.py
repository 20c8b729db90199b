"""Every deliberate defect still fits the project, so that `make mutants` tries what it says."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from bansos.launcher.places import ROOT
from bench.mutants.defect import Defect
from bench.mutants.defects import DEFECTS


def test_there_are_enough_of_them_under_their_own_names() -> None:
    assert len(DEFECTS) >= 25
    assert len({row.name for row in DEFECTS}) == len({row.words for row in DEFECTS}) == len(DEFECTS)


@pytest.mark.parametrize("defect", [row for row in DEFECTS if row.path], ids=lambda row: row.name)
def test_its_text_stands_exactly_once(defect: Defect) -> None:
    assert (ROOT / defect.path).read_text(encoding="utf-8").count(defect.old) == 1
    assert defect.old != defect.new


@pytest.mark.django_db
@pytest.mark.parametrize("defect", [row for row in DEFECTS if row.sql], ids=lambda row: row.name)
def test_its_guard_stands_in_the_database(defect: Defect) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(defect.sql)
        transaction.set_rollback(True)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda row: row.name)
def test_its_checks_are_there(defect: Defect) -> None:
    assert defect.tests
    for test in defect.tests:
        path, _colons, name = test.partition("::")
        assert (ROOT / path).exists()
        if name:
            assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")

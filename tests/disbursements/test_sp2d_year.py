"""An SP2D lies within the budget year of its list: refused when recorded and when corrected."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bansos.lib.errors import BadInput
from disbursements.choices import ListState
from disbursements.models import Correction, LedgerEvent, PayList
from disbursements.services import corrections, lists
from tests.cast import Cast
from tests.factories.disbursements import World, fresh, make_world

pytestmark = pytest.mark.django_db

IN_JANUARY = datetime(2027, 1, 4, 3, 0, tzinfo=UTC)


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=2)


def record(world: World, row: PayList, on: date) -> PayList:
    return lists.record_sp2d(
        pay_list=row,
        spm_number="SPM-1",
        sp2d_number="SP2D-1",
        sp2d_date=on,
        amount=row.total,
        by=world.cast.tono,
        at=world.tick(),
    )


def test_an_sp2d_of_the_next_year_is_refused_and_nothing_changes(world: World) -> None:
    row = world.approved()
    world.clock = IN_JANUARY
    before = LedgerEvent.objects.count()
    with pytest.raises(BadInput, match="di luar tahun anggaran daftar ini .2026.") as caught:
        record(world, row, date(2027, 1, 4))
    assert set(caught.value.fields) == {"sp2d_date"}
    kept = fresh(row)
    assert (kept.state, kept.sp2d_date, kept.sp2d_number) == (ListState.APPROVED, None, "")
    assert LedgerEvent.objects.count() == before
    # A paper of the last day of the year may still be recorded in January.
    assert record(world, row, date(2026, 12, 31)).sp2d_date == date(2026, 12, 31)


def test_a_correction_to_another_year_is_refused(world: World) -> None:
    row = world.with_sp2d()
    world.clock = IN_JANUARY
    with pytest.raises(BadInput, match="di luar tahun anggaran"):
        corrections.ask_sp2d(
            pay_list=row,
            reason="Salah tanggal",
            spm_number="SPM-1",
            sp2d_number="SP2D-1",
            sp2d_date=date(2027, 1, 4),
            by=world.cast.tono,
            at=world.tick(),
        )
    assert not Correction.objects.exists()
    assert fresh(row).sp2d_date == row.sp2d_date


def test_training_plays_its_year_later(world: World, settings: Any) -> None:
    """Only a list approved after its year, and only on an installation for training."""
    settings.TRAINING_MODE = True
    row = world.approved()
    world.clock = IN_JANUARY
    with pytest.raises(BadInput, match="di luar tahun anggaran"):
        record(world, row, date(2027, 1, 4))
    PayList.objects.filter(pk=row.pk).update(approved_at=IN_JANUARY)
    assert record(world, fresh(row), date(2027, 1, 4)).state == ListState.SP2D

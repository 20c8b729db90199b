"""A small year is filled in, and the demo plays Madiun's stages on it with the real worker."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.demo import story
from bansos.demo.enrolling import version_of
from bansos.demo.handfuls import HANDFULS
from bansos.demo.jobs import Worker as Wait
from bansos.demo.management.commands.demo import make_chain, next_stage
from bansos.demo.premiums import PEOPLE
from bansos.demo.seeding import current_list, seed
from bansos.demo.story import Played, Scale
from beneficiaries.models import Person
from disbursements.models import BudgetLine, PayList
from programs.models import Enrolment
from tests.cast import Cast
from tests.demo.country import load_some_regions
from tests.factories.disbursements import make_world
from tests.ground.worker import Worker

SMALL = Scale(
    madiun=60,
    aspd=4,
    kip=2,
    jospol=2,
    extreme=8,
    tagana=11,
    played=(Played("35.21", 12, 1, (8, 6)),),
)
WAIT = 120


@pytest.fixture
def small_year(worker: Worker, training: None, tmp_path: Path) -> list[str]:
    """The story with few people, in committed tables."""
    load_some_regions(tmp_path)
    said: list[str] = []
    seed(number=7, scale=SMALL, at=timezone.now(), say=said.append)
    return said


def states(code: str) -> dict[str, int]:
    """State -> number of enrolments of a programme."""
    found: dict[str, int] = {}
    for state in Enrolment.objects.filter(version__programme__code=code).values_list(
        "state", flat=True
    ):
        found[state] = found.get(state, 0) + 1
    return found


def test_the_story_and_two_stages_of_the_chain(small_year: list[str], tmp_path: Path) -> None:
    check_the_story()
    out = tmp_path / "out"
    version = version_of("35", story.PKH_PLUS)
    stage = next_stage(version)
    assert stage is not None
    said: list[str] = []
    chain = make_chain(version, stage, out, Wait(patience=WAIT))
    chain.say = said.append
    began = timezone.now()
    figures = chain.play()
    assert figures.is_sound, [*said, *figures.lines()]
    assert (figures.eligible, figures.in_decree, figures.listed) == (60, 60, 60)
    assert figures.total == 60 * 500_000
    assert figures.rejected.total() == 1
    assert set(figures.refused) >= {"NIK tidak sah", "Nomor rusak oleh Excel", "Tercatat meninggal"}
    assert figures.settled + figures.paid_again + figures.paid_back == 60
    assert chain.keep_documents(began) > 8
    names = [path.name for path in out.iterdir()]
    assert {"01-perbaikan.xlsx", "02-perbaikan-diisi.xlsx"} <= set(names)
    assert any(name.endswith(".pdf") for name in names)
    heard = StringIO()
    call_command("demo", out=str(out), patience=WAIT, in_house=True, stdout=heard)
    assert "Tahap 2" in heard.getvalue()
    assert "Tidak ada pelanggaran" in heard.getvalue()


def check_the_story() -> None:
    """What the seed promises, on every shelf."""
    assert states("ASPD") == {"active": 4, "proposed": 1}
    assert states("KIP") == {"active": 2}
    assert states("KUBE") == {"active": 37}
    assert states("UEP") == {"active": 45}
    for row in HANDFULS:
        assert states(row.code) == {"active" if row.decree else "eligible": row.count}
    # PKH Plus through the bank, the made-up programme over the counter.
    for code in (story.PKH_PLUS, story.VENTURE):
        lists = PayList.objects.filter(kind="main", stage__version__programme__code=code)
        assert list(lists.order_by("pk").values_list("state", flat=True)) == ["closed", "partly"]
    # Jospol 4, and whose premium is paid.
    assert Person.objects.filter(area_code__startswith="64").count() == 20 + PEOPLE
    line = BudgetLine.objects.get(version__programme__code="PKHPLUS")
    assert line.allocations.get(area_code="35.19").amount == 60 * 2_000_000
    assert len(current_list().rows) == 60
    assert audit.verify(at=timezone.now()).breaches == []


def test_the_next_stage_is_the_first_without_a_list(cast: Cast) -> None:
    world = make_world(cast)
    assert next_stage(world.version) == world.stages[0]
    for stage in world.stages[:2]:
        world.drawn(stage=stage)
    assert next_stage(world.version) == world.stages[2]
    for stage in world.stages[2:]:
        world.drawn(stage=stage)
    assert next_stage(world.version) is None


def test_the_seed_fills_an_empty_training_installation_only(
    country: None, training: None, settings: object
) -> None:
    User.objects.all().delete()
    settings.TRAINING_MODE = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="bukan instalasi latihan"):
        call_command("seed")
    with pytest.raises(CommandError, match="bukan instalasi latihan"):
        call_command("demo")
    assert not User.objects.exists()

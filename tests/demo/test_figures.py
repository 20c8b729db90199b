"""The seed carries the counts that the provinces' own figures tell, line by line."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum
from django.utils import timezone

from bansos.audit import services as audit
from bansos.demo import story
from bansos.demo.more import LINES, people_of, shares, sized
from bansos.demo.population import Population
from bansos.demo.seeding import current_list, seed
from bansos.demo.story import MADIUN, Played, Scale
from beneficiaries.models import Person
from disbursements.models import BudgetLine
from programs.models import Decree, Enrolment, ProgrammeVersion, Quota
from tests.demo.country import load_some_regions

# Everything at its true size but for the three neighbours of Madiun, whose figures nobody told.
TRUE_SIZE = Scale(played=(Played("35.21", 12, 1, ()),))
# Line, province, programme, state, people.
PEOPLE = (
    ("Madiun: ASPD", "35", story.ASPD, "active", 110),
    ("Madiun: BLT pekerja pabrik rokok", "35", story.WORKERS, "active", 231),
    ("Madiun: KIP Jawara", "35", story.KIP, "active", 7),
    ("Madiun: permakanan LKSA dan LKS-LU", "35", story.MEALS, "eligible", 51),
    ("Madiun: alat bantu mobilitas", "35", story.AIDS, "eligible", 21),
    ("Jatim: kemiskinan ekstrem putaran I", "35", story.EXTREME, "active", 3000),
    ("Jambi: KUBE", "15", story.KUBE, "active", 37),
    ("Jambi: UEP", "15", story.UEP, "active", 45),
    ("Jambi: alat bantu disabilitas", "15", story.AIDS, "eligible", 102),
    ("Jambi: PSTW Budi Luhur", "15", story.SHELTER, "eligible", 64),
)
# Money whose rate nobody told: a draft takes no proposals, so the places carry the count.
DRAFTS = (
    ("Madiun: operasional dan tali asih", story.PILLARS, 148),
    ("Madiun: zakat produktif", story.ZAKAT, 50),
)


@pytest.fixture
def true_size(db: None, training: None, tmp_path: Path) -> None:
    """The story with as many people as there were."""
    load_some_regions(tmp_path)
    seed(number=2026, scale=TRUE_SIZE, at=timezone.now(), say=lambda _text: None)


def version(province: str, code: str) -> ProgrammeVersion:
    """The version of this year that is in force, or its draft."""
    found = ProgrammeVersion.objects.filter(
        programme__area_code=province, programme__code=code, year=story.YEAR
    )
    return found.exclude(state="closed").get()


def test_every_counted_line_is_there(true_size: None) -> None:
    found = {"Madiun: PKH Plus (daftar)": len(current_list().rows)}
    for line, province, code, state, _count in PEOPLE:
        rows = Enrolment.objects.filter(version=version(province, code))
        found[line] = rows.filter(state=state).count()
        if (province, code) != ("35", story.ASPD):
            assert rows.count() == found[line], line
    jospol = Enrolment.objects.filter(version=version("64", story.JOSPOL))
    found["Kaltim: Jospol 4"] = jospol.count()
    for line, code, _count in DRAFTS:
        draft = version("35", code)
        assert (draft.state, draft.annual_amount) == ("draft", None), line
        assert not Enrolment.objects.filter(version=draft).exists(), line
        found[line] = Quota.objects.get(version=draft, area_code=MADIUN).places
    for line, count in found.items():
        sys.stdout.write(f"{line:<40}{count:>6}\n")
    assert found == {
        "Madiun: PKH Plus (daftar)": 1568,
        **{line: count for line, _province, _code, _state, count in PEOPLE},
        "Kaltim: Jospol 4": 1500,
        **{line: count for line, _code, count in DRAFTS},
    }
    check_where_they_are()
    check_what_is_known_of_money()
    assert audit.verify(at=timezone.now()).breaches == []


def check_where_they_are() -> None:
    """Madiun's lines stand in Madiun, the others where their line says; the elders by sex."""
    for line in LINES:
        rows = Enrolment.objects.filter(version=version(line.area_code, line.code))
        for area_code, count in shares(line).items():
            if line.is_open:
                assert rows.in_area(area_code).count() == count, (line.name, area_code)
    home = Person.objects.filter(enrolments__version=version("15", story.SHELTER))
    assert (home.filter(sex="L").count(), home.filter(sex="P").count()) == (38, 26)


def check_what_is_known_of_money() -> None:
    """Decrees and budgets are the count times the rate; where no rate is known there are none."""
    for code, total in (
        (story.WORKERS, Decimal(306_282_900)),
        (story.EXTREME, Decimal(4_500_000_000)),
    ):
        row = version("35", code)
        assert Decree.objects.get(version=row, state="approved").total == total
        budget = BudgetLine.objects.get(version=row)
        shared = budget.allocations.aggregate(total=Sum("amount"))["total"]
        assert (budget.ceiling, shared) == (total, total)
    for line in LINES:
        if line.amount is None:
            row = version(line.area_code, line.code)
            assert row.annual_amount is None
            assert not row.stages.exists()
            assert not Decree.objects.filter(version=row).exists()
            assert not BudgetLine.objects.filter(version=row).exists()
    grant = version("35", story.BKK)
    assert (grant.payee_kind, grant.state, grant.quota_total) == ("government", "draft", None)
    assert "Rp940.000.000" in grant.source_note
    assert "23 orang dari luar provinsi" in version("15", story.AIDS).source_note


def test_notes_fit_and_shares_add_up() -> None:
    for line in LINES:
        assert len(line.note) <= 250, line.name
        assert sum(shares(line).values()) == (line.count or 0)
        if line.is_open:
            assert sum(ages.count for ages in line.people) == line.count
    extreme = next(line for line in LINES if line.code == story.EXTREME)
    assert shares(sized(extreme, Scale(extreme=10))) == {
        "35.19": 3,
        "35.20": 3,
        "35.02": 2,
        "35.21": 2,
    }


def test_a_known_sex_is_kept(country: None) -> None:
    shelter = next(line for line in LINES if line.code == story.SHELTER)
    groups = people_of(shelter, Population(3))
    sexes = [soul.sex for souls in groups.values() for soul in souls]
    assert (sexes.count("L"), sexes.count("P")) == (38, 26)

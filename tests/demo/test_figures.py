"""The seed carries the counts that the provinces' own figures tell, line by line."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.demo import story
from bansos.demo.enrolling import version_of as version
from bansos.demo.handfuls import HANDFULS
from bansos.demo.kitchens import KITCHENS
from bansos.demo.lines import LINES
from bansos.demo.more import people_of, shares, sized
from bansos.demo.pillars import MADIUN_PILLARS
from bansos.demo.population import Population
from bansos.demo.seeding import current_list, seed
from bansos.demo.story import MADIUN, Played, Scale
from beneficiaries.models import GovernmentPayee, Institution, Person, Pillar, Worker
from beneficiaries.queries.payees import resident_days
from disbursements.models import BudgetLine, PayList
from monitoring.models import ReferenceFigure
from monitoring.rules import figure_words
from programs.models import (
    Decree,
    Enrolment,
    ProgrammeVersion,
    Quota,
    Receipt,
    StageEntitlement,
    UnitCount,
    UnitStay,
)
from programs.rules.version_file import read
from programs.services.version_files import document_of, export_version
from tests.demo.country import load_some_regions
from tests.demo.tables import check_tables

# Everything at its true size but for the three neighbours of Madiun, whose figures nobody told.
TRUE_SIZE = Scale(played=(Played("35.21", 12, 1, ()),))
# Line, province, programme, state, people.
PEOPLE = (
    ("Madiun: ASPD", "35", story.ASPD, "active", 110),
    ("Madiun: BLT pekerja pabrik rokok", "35", story.WORKERS, "active", 231),
    ("Madiun: KIP Jawara", "35", story.KIP, "active", 7),
    ("Madiun: permakanan, lembaga", "35", story.MEALS, "active", 3),
    ("Madiun: alat bantu mobilitas", "35", story.AIDS, "eligible", 21),
    ("Jatim: kemiskinan ekstrem putaran I", "35", story.EXTREME, "active", 3000),
    ("Jambi: KUBE", "15", story.KUBE, "active", 37),
    ("Jambi: UEP", "15", story.UEP, "active", 45),
    ("Madiun: operasional dan tali asih", "35", story.PILLARS, "eligible", 148),
    ("Madiun: zakat produktif", "35", story.ZAKAT, "eligible", 50),
    ("Jambi: alat bantu disabilitas", "15", story.AIDS, "eligible", 125),
    ("Jambi: PSTW Budi Luhur", "15", story.SHELTER, "eligible", 64),
)
# Dumisake, Jambi 2022: area, KUBE, UEP.
JAMBI = (
    *(("15.01", 3, 10), ("15.02", 6, 10), ("15.03", 6, 5), ("15.04", 2, 0), ("15.05", 4, 5)),
    *(("15.06", 4, 5), ("15.07", 4, 5), ("15.08", 2, 0), ("15.09", 2, 0), ("15.71", 2, 5)),
    ("15.72", 2, 0),
)
# Province, indicator, value and unit of every figure that no payment of ours counts.
REFERENCES = (
    ("35", "Kemiskinan ekstrem", "2021", "2,23%"),
    ("35", "Kemiskinan ekstrem", "Maret 2022", "1,8%"),
    ("35", "Kemiskinan ekstrem", "September 2022", "1,56%"),
    ("35", "Kemiskinan ekstrem", "Maret 2023", "0,82%"),
    (
        *("35", "Penduduk keluar dari kemiskinan", "Maret 2021 sampai Maret 2023"),
        "383.920 orang",
    ),
    ("35", "Penerima bantuan kemiskinan ekstrem putaran I", "Putaran I 2023", "3.000 orang"),
    ("35", "Bakorwil tempat temu pilar sosial", "November 2023", "5 Bakorwil"),
    ("35.19", "Nilai seluruh bantuan provinsi", "2025", "Rp5.900.000.000"),
    ("35.19", "Bantuan Keuangan Khusus (BKK)", "2025", "Rp940.000.000"),
    (
        *("64", "Kelompok usaha lama yang bertahan dan lepas dari kemiskinan", "Sampai 2024"),
        "46%",
    ),
    ("64", "Kuota Jospol 4", "2025", "1.500 keluarga"),
    ("64", "Kuota Jospol 4 per kabupaten/kota", "2025", "150 keluarga"),
    ("64", "Jenis usaha Jospol 4", "2025", "6 jenis"),
    ("64", "Nilai barang Jospol 4 paling sedikit", "2025", "Rp4.500.000"),
    ("64", "Nilai barang Jospol 4 paling banyak", "2025", "Rp5.000.000"),
    ("15", "Penyandang disabilitas dibantu, penduduk provinsi", "2022", "102 orang"),
    ("15", "Penyandang disabilitas dibantu, dari luar provinsi", "2022", "23 orang"),
    ("15", "Lansia di PSTW Budi Luhur", "2022", "64 orang"),
    ("15", "Tagana", "2022", "701 orang"),
)


@pytest.fixture
def true_size(db: None, training: None, tmp_path: Path) -> None:
    """The story with as many people as there were."""
    load_some_regions(tmp_path)
    seed(number=2026, scale=TRUE_SIZE, at=timezone.now(), say=lambda _text: None)


def test_every_counted_line_is_there(true_size: None) -> None:
    found = {"Madiun: PKH Plus (daftar)": len(current_list().rows)}
    for line, province, code, state, _count in PEOPLE:
        rows = Enrolment.objects.filter(version=version(province, code))
        found[line] = rows.filter(state=state).count()
        if (province, code) != ("35", story.ASPD):
            assert rows.count() == found[line], line
    jospol = Enrolment.objects.filter(version=version("64", story.JOSPOL))
    found["Kaltim: Jospol 4"] = jospol.count()
    for line, count in found.items():
        sys.stdout.write(f"{line:<40}{count:>6}\n")
    assert found == {
        "Madiun: PKH Plus (daftar)": 1568,
        **{line: count for line, _province, _code, _state, count in PEOPLE},
        "Kaltim: Jospol 4": 1500,
    }
    check_where_they_are()
    check_what_is_known_of_money()
    check_the_rates()
    check_the_priorities()
    check_pillars_homes_and_strangers()
    check_the_handfuls()
    check_references()
    check_the_catalogue()
    check_tables()
    assert audit.verify(at=timezone.now()).breaches == []


def check_where_they_are() -> None:
    """Madiun's lines stand in Madiun, the others where their line says; the elders by sex."""
    for line in LINES:
        rows = Enrolment.objects.filter(version=version(line.area_code, line.code))
        for area_code, count in shares(line).items():
            if line.people and not line.are_residents:
                assert rows.in_area(area_code).count() == count, (line.code, area_code)
    home = Person.objects.filter(enrolments__version=version("15", story.SHELTER))
    assert (home.filter(sex="L").count(), home.filter(sex="P").count()) == (38, 26)
    for area_code, kube, uep in JAMBI:
        for code, count in ((story.KUBE, kube), (story.UEP, uep)):
            rows = Enrolment.objects.in_area(area_code).filter(version=version("15", code))
            assert rows.count() == count, (area_code, code)
    quotas = Quota.objects.filter(version=version("64", story.JOSPOL))
    assert sorted(quotas.values_list("places", flat=True)) == [150] * 10


# 231 workers at Rp1.325.900: what the formula of Madiun shares out.
BLT = Decimal(306_282_900)
# What nobody told the worth of: people are verified, and the decree waits.
RATE_OPEN = {
    *(story.AIDS, story.PILLARS, story.ZAKAT, story.BKK, story.SHELTER),
    *(story.KUBE, "KWU-EKSPM", "BUFFER", "PRSE", "TAGANA"),
}


def no_rate(row: ProgrammeVersion) -> bool:
    """True where neither a sum nor a tariff is fixed."""
    return row.annual_amount is None and row.tariff is None and row.formula_budget is None


def check_what_is_known_of_money() -> None:
    """Decrees and budgets are the count times the rate; where no rate is known there are none."""
    for code, total in (
        (story.WORKERS, BLT),
        (story.EXTREME, Decimal(4_500_000_000)),
    ):
        row = version("35", code)
        assert Decree.objects.get(version=row, state="approved").total == total
        budget = BudgetLine.objects.get(version=row)
        shared = budget.allocations.aggregate(total=Sum("amount"))["total"]
        assert (budget.ceiling, shared) == (total, total)
    open_rates = [row for row in ProgrammeVersion.objects.filter(year=story.YEAR) if no_rate(row)]
    assert {row.programme.code for row in open_rates} >= RATE_OPEN
    for row in open_rates:
        assert not row.stages.exists()
        assert not Decree.objects.filter(version=row).exists()
        if row.programme.code != story.BKK:
            assert not BudgetLine.objects.filter(version=row).exists()
    grant = version("35", story.BKK)
    assert (grant.payee_kind, grant.quota_total) == ("government", None)
    budget = BudgetLine.objects.get(version=grant)
    madiun = budget.allocations.get(area_code=MADIUN)
    assert (budget.ceiling, madiun.amount) == (Decimal(940_000_000), Decimal(940_000_000))
    treasury = GovernmentPayee.objects.get(region_id=MADIUN).payee
    assert treasury.open_account("114") is not None


def check_the_rates() -> None:
    """The rates that somebody told, as the version in force has them."""
    for province, code, amount in (
        ("35", story.PKH_PLUS, 2_000_000),
        ("35", story.ASPD, 3_600_000),
        ("35", story.KIP, 3_000_000),
        ("35", story.EXTREME, 1_500_000),
        ("64", story.JOSPOL, 5_000_000),
    ):
        assert version(province, code).annual_amount == amount, code
    check_the_workers()


def check_the_workers() -> None:
    """The budget among the verified: Rp1.325.900,00 each, nothing left; all work elsewhere."""
    row = version("35", story.WORKERS)
    assert (row.benefit_kind, row.formula_budget) == ("formula", BLT)
    decree = Decree.objects.get(version=row, state="approved")
    share = (decree.count, decree.formula_amount, decree.formula_remainder)
    assert share == (231, Decimal("1325900.00"), Decimal(0))
    own = StageEntitlement.objects.filter(enrolment__version=row)
    assert (own.count(), set(own.values_list("amount", flat=True))) == (231, {Decimal(1_325_900)})
    workers = Worker.objects.filter(person__enrolments__version=row).select_related("person")
    assert workers.count() == 231
    assert all(worker.works_elsewhere for worker in workers)


# The 15 of 2023, by the code that carries each.
FIFTEEN = (
    *(story.PKH_PLUS, story.ASPD, story.KUBE, "KWU-EKSPM", story.EXTREME, story.WORKERS),
    *("BUFFER", "JSC", "SHELTER", "REHAB-UPT", "REHAB-LKS", "ATM-PASUNG", "SIMLONTAR"),
    *("RELAWAN", "BENCANA"),
)


def check_the_priorities() -> None:
    """All 15 priority programmes of 2023 are in force; what is no money has none."""
    rows = [version("35", code) for code in FIFTEEN]
    assert len({row.programme_id for row in rows}) == 15
    services = [row for row in rows if row.benefit_kind == "service"]
    assert [row.programme.code for row in services] == [
        *("JSC", "SHELTER", "REHAB-UPT", "REHAB-LKS", "ATM-PASUNG", "SIMLONTAR"),
        *("RELAWAN", "BENCANA"),
    ]
    for code, law in ((story.KUBE, "2 Tahun 2019"), ("TAGANA", "28 Tahun 2012")):
        assert any(law in text for text in version("15", code).legal_basis), code


# Every programme that the agencies' own accounts name, by province.
CATALOGUE = {
    "35": (
        *(story.PKH_PLUS, story.ASPD, story.EXTREME, story.KIP, "KIP-PUTRI", "KIP-PPKS"),
        *(story.KUBE, "KWU-EKSPM", story.WORKERS, story.MEALS, story.AIDS, "BUFFER"),
        *(story.PILLARS, story.ZAKAT, story.BKK, "PRSE"),
    ),
    "64": (story.JOSPOL, story.HEALTH, story.WORK),
    "15": (story.KUBE, story.UEP, story.AIDS, story.SHELTER),
}


def check_the_catalogue() -> None:
    """Each is in force with its law and its source, opens on screen, and goes out as a file."""
    for province, codes in CATALOGUE.items():
        reader = User.objects.filter(role="staf_program", area_code=province).order_by("pk")[0]
        client = Client()
        client.force_login(reader)
        for code in codes:
            row = version(province, code)
            assert row.legal_basis, (province, code)
            assert row.source_note, (province, code)
            page = client.get(reverse("programs:version", args=[row.pk]))
            assert page.status_code == 200, (province, code)
            assert row.source_note in unescape(page.content.decode()), (province, code)
            assert read(export_version(row)) == document_of(row), (province, code)


def check_pillars_homes_and_strangers() -> None:
    """Madiun's 148 are pillars, Jambi's Tagana stand in 11 areas, strangers are told apart."""
    madiun = Pillar.objects.in_area(MADIUN)
    assert Counter(madiun.values_list("kind", flat=True)) == MADIUN_PILLARS
    paid = Enrolment.objects.filter(version=version("35", story.PILLARS))
    assert set(paid.values_list("person", flat=True)) == set(
        madiun.values_list("person", flat=True)
    )
    tagana = Pillar.objects.in_area("15").filter(kind="tagana")
    by_area = Counter(code[:5] for code in tagana.values_list("area_code", flat=True))
    assert (tagana.count(), len(by_area), set(by_area.values())) == (701, 11, {63, 64})
    home = Institution.objects.get(payee__name="PSTW Budi Luhur")
    assert home.residencies.filter(until_date=None).count() == 64
    assert Institution.objects.filter(payee__name="UPTD PSBAWEP Harapan Mulya").exists()
    kitchens = Institution.objects.filter(payee__name__in=[name for name, _kind in KITCHENS])
    days = [resident_days(row, date(story.YEAR, 1, 1)) for row in kitchens]
    fed = {person.pk: count for rows in days for person, count in rows}
    meals = Enrolment.objects.filter(version=version("35", story.MEALS))
    assert set(meals.values_list("payee", flat=True)) == {row.pk for row in kitchens}
    check_the_meals(fed)
    # Eleven of the 51 came on the twelfth of January.
    assert (len(kitchens), sum(fed.values())) == (3, 51 * 31 - 11 * 11)
    helped = Person.objects.filter(enrolments__version=version("15", story.AIDS))
    assert helped.exclude(home_outside="").count() == 23
    assert helped.filter(home_outside="").count() == 102


def check_the_meals(fed: dict[int, int]) -> None:
    """Residents x days x tariff: ten months counted and billed, the first stage paid as counted."""
    row = version("35", story.MEALS)
    assert "latihan" in row.source_note
    stays = UnitStay.objects.filter(count__entitlement__enrolment__version=row)
    assert set(stays.values_list("person", flat=True)) == set(fed)
    own = StageEntitlement.objects.filter(enrolment__version=row)
    assert all(each.amount == (each.units or 0) * 15_000 for each in own)
    january = UnitCount.objects.filter(entitlement__in=own, month=date(story.YEAR, 1, 1))
    assert january.aggregate(days=Sum("units"))["days"] == sum(fed.values())
    counted = UnitCount.objects.filter(entitlement__in=own)
    assert counted.values("month").distinct().count() == 10
    assert Receipt.objects.filter(entitlement__in=own).count() == counted.count() == 30
    paid = PayList.objects.get(stage__version=row)
    first = own.filter(stage__number=1).aggregate(total=Sum("amount"))["total"]
    assert (paid.state, paid.total, paid.lines.count()) == ("closed", first, 3)


def check_the_handfuls() -> None:
    """Programmes without a count have a few people: in a decree where their worth is known."""
    for row in HANDFULS:
        state = "active" if row.decree else "eligible"
        rows = Enrolment.objects.filter(version=version("35", row.code))
        assert Counter(rows.values_list("state", flat=True)) == {state: row.count}, row.code


def check_references() -> None:
    """Every other figure is a reference figure; the fall that does not follow is none."""
    rows = ReferenceFigure.objects.all()
    found = {
        (row.area_code, row.indicator, row.period, figure_words(row.value, row.unit))
        for row in rows
    }
    assert found == set(REFERENCES)
    assert not rows.filter(value=Decimal("3.58")).exists()
    assert "3,58" in rows.get(period="2021").note


def test_notes_fit_and_shares_add_up() -> None:
    for line in LINES:
        assert len(line.note) <= 250, line.code
        assert sum(shares(line).values()) == (line.count or 0)
        if line.people:
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

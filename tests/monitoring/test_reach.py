"""Recipients per area and per programme, against a handful of proposals counted by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bansos.lib.errors import NotFound
from beneficiaries.models import Payee, Person
from monitoring import services
from monitoring.documents import grids
from monitoring.forms import whole_year
from monitoring.models import Report
from monitoring.queries import Figures, ReachRow, Scope, from_json, gather, to_json
from programs.choices import EnrolmentState
from programs.models import DecreeLine, Enrolment, ProgrammeVersion, Quota
from tests.cast import Cast
from tests.factories.monitoring import (
    AT,
    DOLOPO,
    KEBONSARI,
    make_budget,
    make_decree,
    make_enrolment,
    make_person,
    make_version,
    make_year,
)
from tests.monitoring.test_reports import made, pdf_text
from tests.programs.test_residents import fill, house, lives, meals

MAGETAN = "35.20.01.2001"


@pytest.fixture
def version(cast: Cast) -> ProgrammeVersion:
    """Kabupaten Madiun: one in a decree, one fit, one proposed; Magetan: one found unfit."""
    version = make_version(cast)
    make_budget(cast, version, ceiling=5_000_000, shares={"35.19": 3_000_000})
    for area_code, places in (("35.19", 5), ("35.20", 2)):
        Quota.objects.create(version=version, area_code=area_code, places=places)
    woman, man = make_person(cast, KEBONSARI), make_person(cast, KEBONSARI, sex="L")
    Person.objects.filter(pk=man.pk).update(home_outside="Ngawi, Jawa Tengah")
    named = make_enrolment(cast, version, woman)
    make_enrolment(cast, version, man, EnrolmentState.ELIGIBLE)
    make_enrolment(cast, version, make_person(cast, DOLOPO), EnrolmentState.PROPOSED)
    make_enrolment(cast, version, make_person(cast, DOLOPO), EnrolmentState.DRAFT)
    make_enrolment(cast, version, make_person(cast, MAGETAN), EnrolmentState.NOT_ELIGIBLE)
    DecreeLine.objects.create(
        decree=make_decree(cast, version),
        enrolment=named,
        position=1,
        name=woman.name,
        area_code=KEBONSARI,
        annual_amount=Decimal(500_000),
    )
    return version


def of(user: Any, area: str = "35", **more: Any) -> Figures:
    scope = Scope(user=user, year=2026, area_code=area, **more)
    return gather(scope, on=date(2026, 12, 31), annexes=True)


def counts(row: ReachRow) -> tuple[Any, ...]:
    return (row.quota, row.proposed, row.eligible, row.decreed, row.received)


def test_a_province_is_told_by_regency(cast: Cast, version: ProgrammeVersion) -> None:
    found = of(cast.budi)
    madiun, magetan = found.reach
    assert (madiun.key, counts(madiun)) == ("35.19", (5, 3, 2, 1, 0))
    assert (madiun.women, madiun.men, madiun.strangers) == (1, 1, 1)
    assert (madiun.decided, madiun.ceiling) == (500_000, 3_000_000)
    assert (magetan.key, counts(magetan)) == ("35.20", (2, 1, 0, 0, 0))
    (line,) = found.lines
    assert (line.name, line.unit, counts(line)) == ("PKH Plus", "orang", (7, 4, 2, 1, 0))
    assert (line.decided, line.ceiling) == (500_000, 5_000_000)
    assert from_json(to_json(found)) == found


def test_a_group_has_no_sex(cast: Cast, version: ProgrammeVersion) -> None:
    ProgrammeVersion.objects.filter(pk=version.pk).update(payee_kind="group")
    assert of(cast.budi).lines[0].unit == "orang"  # people by name; nobody formed a group yet
    for row in Enrolment.objects.all():
        row.payee = Payee.objects.create(
            kind="group",
            name=f"KUBE {row.pk}",
            area_code=row.area_code,
            created_at=AT,
            created_by=cast.sari,
        )
        row.save(update_fields=["payee"])
    found = of(cast.budi)
    assert found.lines[0].unit == "kelompok"
    assert grids(found)["reach"].totals == ("Jumlah", 7, 4, 2, 1, 0, None, None, None)


def test_residents_of_paid_institutions_are_told_beside_them(cast: Cast) -> None:
    """In the months of the period whose days were counted; nobody twice."""
    stage = meals(cast)
    home, row = house(cast, stage, "LKSA Harapan")
    for first in (date(2026, 1, 5), date(2026, 3, 30)):
        lives(cast, home, first)
    (line,) = of(cast.budi).lines
    assert (line.unit, line.proposed) == ("lembaga", 1)
    fill(cast, row, stage)
    (line,) = of(cast.budi).lines
    assert line.unit == "lembaga, 2 penghuni"
    (line,) = of(cast.budi, from_date=date(2026, 4, 1)).lines
    assert line.unit == "lembaga"


def test_a_regency_is_told_by_district_which_has_no_quota(
    cast: Cast, version: ProgrammeVersion
) -> None:
    found = of(cast.sari, "35.19")
    assert {row.name: counts(row) for row in found.reach} == {
        "Kebonsari": (None, 2, 2, 1, 0),
        "Dolopo": (None, 1, 0, 0, 0),
    }
    assert counts(found.lines[0]) == (5, 3, 2, 1, 0)
    totals = grids(found)["reach"].totals
    assert totals[1:6] == (None, 3, 2, 1, 0)


def test_who_received_in_the_period_counts_once(cast: Cast) -> None:
    make_year(cast)
    assert sum(row.received for row in of(cast.budi).reach) == 7
    february = of(cast.budi, from_date=date(2026, 2, 1), until_date=date(2026, 2, 28))
    assert sum(row.received for row in february.reach) == 5


def test_a_dashboard_does_not_ask_for_it(cast: Cast, version: ProgrammeVersion) -> None:
    found = gather(Scope(user=cast.budi, year=2026, area_code="35"), on=date(2026, 12, 31))
    assert (found.reach, found.lines) == ([], [])


def test_figures_of_an_older_report_are_still_read(cast: Cast, version: ProgrammeVersion) -> None:
    kept = to_json(of(cast.budi))
    del kept["reach"], kept["lines"][0]["payees"]
    older = from_json(kept)
    assert (older.reach, older.lines[0].payees, older.lines[0].proposed) == ([], 0, 4)


def test_one_report_on_all_programmes(
    cast: Cast, version: ProgrammeVersion, client: Client
) -> None:
    make_version(cast, code="ASPD", name="ASPD", stages=())
    other = make_version(cast, code="KIP", name="KIP Jawara")
    make_enrolment(cast, other, make_person(cast, DOLOPO), EnrolmentState.ELIGIBLE)
    client.force_login(cast.budi)
    fields = {"area_code": "35.19", "from_date": "1-1-2026", "until_date": "31-12-2026"}
    answer = client.post("/laporan/baru/", {**fields, "version": whole_year(2026)})
    assert answer.status_code == 302
    report = made(Report.objects.get())
    assert (report.version, report.year) == (None, 2026)
    figures = services.figures_of(report)
    assert figures is not None
    assert [row.name for row in figures.lines] == ["KIP Jawara", "PKH Plus"]
    paper = " ".join(" ".join(pdf_text(report)).split())
    assert "Semua Program" in paper
    assert "KIP Jawara orang – 1 1 0 0 0 –" in paper
    assert "PKH Plus orang 5 3 2 1 0 500.000 3.000.000" in paper
    page = client.get(answer["Location"]).content.decode()
    assert "Laporan Semua Program 2026, Kabupaten Madiun" in page
    assert "KIP Jawara" in page
    assert "Semua Program 2026" in client.get("/laporan/").content.decode()


def test_a_year_without_programmes_has_no_report(cast: Cast, version: ProgrammeVersion) -> None:
    period = {"from_date": date(2026, 1, 1), "until_date": date(2026, 12, 31)}
    for year in (2019, None):
        with pytest.raises(NotFound):
            services.request_report(
                version=None, year=year, area_code="35", by=cast.budi, at=timezone.now(), **period
            )


def test_the_api_asks_for_all_programmes(
    cast: Cast, version: ProgrammeVersion, client: Client
) -> None:
    client.force_login(cast.budi)
    body = {"area_code": "35", "from_date": "2026-01-01", "until_date": "2026-06-30"}
    post = {"path": "/api/reports/", "content_type": "application/json"}
    assert client.post(data=body, **post).status_code == 404
    answer = client.post(data={**body, "year": 2026}, **post)
    assert (answer.status_code, answer.json()["version"]) == (201, None)
    assert answer.json()["year"] == 2026

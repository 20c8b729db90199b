"""Institutions, residents by day, governments, pillars and workers as worked examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from bansos.lib.errors import NotAllowed, Stale
from beneficiaries.choices import Grade, InstitutionKind, PillarKind
from beneficiaries.models import Accreditation, Institution, Residency, Worker
from beneficiaries.queries.payees import (
    accreditation_on,
    obstacles,
    resident_days,
    residents_on,
)
from beneficiaries.rules.institutions import days_between, last_valid_day
from beneficiaries.services.payees import (
    InstitutionValues,
    accredit,
    change_institution,
    change_treasurer,
    close_payee,
    register_government,
    register_institution,
    set_payee_account,
)
from beneficiaries.services.pillars import (
    PillarValues,
    add_company,
    appoint,
    change_pillar,
    employ,
    end_work,
    release,
)
from beneficiaries.services.residents import admit, discharge
from tests.beneficiaries.kube import refuses
from tests.cast import Cast
from tests.factories.beneficiaries import NOW, PersonFactory

pytestmark = pytest.mark.django_db
HOME = InstitutionValues(
    name="LKS-LU Sejahtera",
    kind=InstitutionKind.LKS_LU,
    village_id="35.19.01.2001",
    head_name="Hartini",
    capacity=30,
)


def home(cast: Cast, name: str = "LKS-LU Sejahtera") -> Institution:
    values = InstitutionValues(name=name, kind=HOME.kind, village_id=HOME.village_id, capacity=30)
    return register_institution(values=values, by=cast.sari, at=NOW)


def codes(row: Institution, on: date) -> list[str]:
    return [item.code for item in obstacles([row.payee], on=on)[row.pk]]


@pytest.mark.parametrize(
    ("grade", "granted", "last"),
    [
        (Grade.A, date(2021, 3, 10), date(2026, 3, 9)),
        (Grade.B, date(2024, 3, 10), date(2027, 3, 9)),
        (Grade.C, date(2024, 2, 29), date(2026, 2, 28)),
    ],
)
def test_an_accreditation_lasts_by_its_grade(grade: Grade, granted: date, last: date) -> None:
    assert last_valid_day(grade, granted) == last


def test_an_expired_accreditation_stands_in_the_way_of_payment(cast: Cast) -> None:
    row = home(cast)
    assert codes(row, date(2026, 3, 1)) == ["NO-ACCOUNT", "ACCREDITATION-NONE"]
    certificate = {"certificate_number": "BALKS/7", "by": cast.sari, "at": NOW}
    accredit(institution=row, grade=Grade.C, granted_on=date(2024, 3, 10), **certificate)
    set_payee_account(
        payee=row.payee,
        bank_code="114",
        number="0071000123",
        holder_name="LKS-LU Sejahtera",
        by=cast.sari,
        at=NOW,
    )
    assert codes(row, date(2026, 3, 9)) == []
    assert codes(row, date(2026, 3, 10)) == ["ACCREDITATION-EXPIRED"]
    assert accreditation_on(row, date(2026, 3, 10)) is None
    accredit(institution=row, grade=Grade.A, granted_on=date(2026, 4, 1), **certificate)
    assert codes(row, date(2026, 4, 1)) == []
    accredit(institution=row, grade=Grade.REVOKED, granted_on=date(2026, 9, 1), **certificate)
    assert codes(row, date(2026, 8, 31)) == []
    assert codes(row, date(2026, 9, 1)) == ["ACCREDITATION-REVOKED"]


def test_a_certificate_is_never_changed(cast: Cast) -> None:
    row = home(cast)
    accredit(
        institution=row,
        grade=Grade.B,
        certificate_number="BALKS/1",
        granted_on=date(2026, 1, 5),
        by=cast.sari,
        at=NOW,
    )
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Accreditation.objects.update(valid_until=date(2040, 1, 1))
    with refuses("GRADE-DATE"):
        accredit(
            institution=row,
            grade=Grade.B,
            certificate_number="BALKS/2",
            granted_on=date(2027, 1, 5),
            by=cast.sari,
            at=NOW,
        )


def test_a_upt_needs_no_accreditation(cast: Cast) -> None:
    values = InstitutionValues(
        name="UPT PSTW", kind=InstitutionKind.UPT, village_id="35.19.01.2001"
    )
    row = register_institution(values=values, by=cast.budi, at=NOW)
    assert codes(row, date(2026, 5, 1)) == ["NO-ACCOUNT"]


def test_nobody_lives_in_two_institutions_on_one_day(cast: Cast) -> None:
    first, second, person = home(cast), home(cast, "LKS-LU Damai"), PersonFactory()
    stay = admit(institution=first, person=person, from_date=date(2026, 5, 1), by=cast.sari, at=NOW)
    with refuses("RESIDENT-TWICE") as refused:
        admit(institution=second, person=person, from_date=date(2026, 6, 1), by=cast.sari, at=NOW)
    assert str(refused.value) == (
        "Orang ini sudah tercatat sebagai penghuni lembaga pada hari yang sama. Tidak ada yang"
        " disimpan. Catat dulu kepergiannya sebelum 1 Juni 2026."
    )
    with pytest.raises(IntegrityError, match="resident_in_one_place"), transaction.atomic():
        Residency.objects.create(
            institution=second,
            person=person,
            from_date=date(2026, 6, 1),
            created_at=NOW,
            created_by=cast.sari,
        )
    discharge(residency=stay, until_date=date(2026, 5, 31), by=cast.sari, at=NOW)
    with refuses("RESIDENT-TWICE"):
        # The last day in the first is a day in it.
        admit(institution=second, person=person, from_date=date(2026, 5, 31), by=cast.sari, at=NOW)
    admit(institution=second, person=person, from_date=date(2026, 6, 1), by=cast.sari, at=NOW)
    with pytest.raises(Stale):
        discharge(residency=stay, until_date=date(2026, 5, 30), by=cast.sari, at=NOW)


def test_the_days_of_a_month_are_counted_with_both_ends(cast: Cast) -> None:
    row = home(cast)
    always, came, went, back = (PersonFactory(name=name) for name in "ABCD")
    admit(institution=row, person=always, from_date=date(2026, 1, 1), by=cast.sari, at=NOW)
    admit(institution=row, person=came, from_date=date(2026, 6, 21), by=cast.sari, at=NOW)
    closed = {"by": cast.sari, "at": NOW}
    admit(
        institution=row,
        person=went,
        from_date=date(2026, 5, 20),
        until_date=date(2026, 6, 1),
        **closed,
    )
    for first, last in (
        (date(2026, 6, 2), date(2026, 6, 4)),
        (date(2026, 6, 10), date(2026, 6, 30)),
    ):
        admit(institution=row, person=back, from_date=first, until_date=last, **closed)
    assert resident_days(row, date(2026, 6, 15)) == [
        (always, 30),
        (came, 10),
        (went, 1),
        (back, 3 + 21),
    ]
    assert resident_days(row, date(2026, 2, 1)) == [(always, 28)]
    assert resident_days(row, date(2026, 2, 1), until=date(2026, 2, 10)) == [(always, 10)]
    assert residents_on(row, date(2026, 6, 1)) == 2
    assert (
        days_between(date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 2)) == 0
    )


def test_a_dead_person_is_no_resident_and_a_house_with_residents_does_not_close(
    cast: Cast,
) -> None:
    row, person = home(cast), PersonFactory()
    with refuses("RESIDENT-DEAD"):
        admit(
            institution=row,
            person=PersonFactory(dead=True),
            from_date=date(2026, 4, 1),
            by=cast.sari,
            at=NOW,
        )
    stay = admit(institution=row, person=person, from_date=date(2026, 4, 1), by=cast.sari, at=NOW)
    end = {"closed_on": date(2026, 7, 1), "reason": "Izin berakhir", "by": cast.sari, "at": NOW}
    with refuses("PAYEE-RESIDENTS"):
        close_payee(payee=row.payee, **end)
    discharge(residency=stay, until_date=date(2026, 6, 30), by=cast.sari, at=NOW)
    close_payee(payee=row.payee, **end)
    row.refresh_from_db()
    with refuses("RESIDENT-CLOSED"):
        admit(institution=row, person=person, from_date=date(2026, 7, 2), by=cast.sari, at=NOW)


def test_an_institution_is_corrected_inside_the_area(cast: Cast) -> None:
    row = register_institution(values=HOME, by=cast.sari, at=NOW)
    values = InstitutionValues(
        name="LKS-LU Sejahtera Abadi",
        kind=InstitutionKind.LKS_LU,
        village_id="35.19.02.1001",
        capacity=45,
    )
    with pytest.raises(NotAllowed):
        change_institution(institution=row, values=values, by=cast.lain, at=NOW)
    row = change_institution(institution=row, values=values, by=cast.sari, at=NOW)
    row.refresh_from_db()
    assert (row.capacity, row.payee.name) == (45, "LKS-LU Sejahtera Abadi")
    assert row.payee.area_code == "35.19.02.1001"


def test_a_treasury_is_recorded_once_per_government(cast: Cast) -> None:
    values = {"name": "Pemerintah Desa Tambakmas", "by": cast.budi, "at": NOW}
    row = register_government(region_code="35.19.01.2001", treasurer_name="Suharto", **values)
    assert (row.payee.kind, row.payee.area_code) == ("government", "35.19.01.2001")
    with refuses("GOVERNMENT-REGION"):
        register_government(region_code="35.19.01.2001", treasurer_name="Lain", **values)
    with refuses("GOVERNMENT-REGION"):
        register_government(region_code="35.19.01", treasurer_name="Camat", **values)
    regency = register_government(region_code="35.19", treasurer_name="Wati", **values)
    assert regency.payee.village_id is None
    assert (
        change_treasurer(
            government=regency, treasurer_name="Yuli", by=cast.budi, at=NOW
        ).treasurer_name
        == "Yuli"
    )


def test_a_pillar_is_a_person_or_a_body_and_unknown_money_is_no_nought(cast: Cast) -> None:
    person = PersonFactory()
    values = PillarValues(
        kind=PillarKind.TKSK, area_code="35.19.01", active_from=date(2025, 1, 1), load=120
    )
    row = appoint(values=values, person=person, by=cast.sari, at=NOW)
    assert row.honorarium is None
    with refuses("PILLAR-TWICE"):
        appoint(values=values, person=person, by=cast.sari, at=NOW)
    with refuses("PILLAR-INPUT"):
        appoint(values=values, body_name="Karang Taruna", by=cast.sari, at=NOW)
    youth = PillarValues(
        kind=PillarKind.YOUTH, area_code="35.19.01.2001", active_from=date(2025, 1, 1)
    )
    with refuses("PILLAR-INPUT"):
        appoint(values=youth, person=person, by=cast.sari, at=NOW)
    assert appoint(values=youth, body_name="Karang Taruna", by=cast.sari, at=NOW).person is None
    paid = PillarValues(
        kind=PillarKind.TKSK,
        area_code="35.19.01",
        active_from=date(2025, 1, 1),
        load=80,
        honorarium=Decimal("500000.00"),
    )
    row = change_pillar(pillar=row, values=paid, by=cast.sari, at=NOW)
    assert (row.load, row.honorarium) == (80, Decimal("500000.00"))
    release(pillar=row, active_until=date(2026, 6, 30), by=cast.sari, at=NOW, note="Purnatugas")
    with pytest.raises(Stale):
        release(pillar=row, active_until=date(2026, 6, 30), by=cast.sari, at=NOW)


def test_a_worker_may_work_in_another_regency_than_home(cast: Cast) -> None:
    person = PersonFactory()
    near = add_company(name="PR Cempaka", area_code="35.19", by=cast.sari, at=NOW)
    far = add_company(name="PT Tembakau", area_code="35.20", by=cast.sari, at=NOW)
    assert add_company(name="pt  tembakau", area_code="35.20", by=cast.sari, at=NOW) == far
    with refuses("COMPANY-INPUT"):
        add_company(name="PT Jauh", area_code="64.72", by=cast.sari, at=NOW)
    first = employ(person=person, company=near, from_date=date(2025, 1, 1), by=cast.sari, at=NOW)
    assert not first.works_elsewhere
    second = employ(person=person, company=far, from_date=date(2026, 2, 1), by=cast.sari, at=NOW)
    assert second.works_elsewhere
    assert employ(person=person, company=far, by=cast.sari, at=NOW) == second
    first.refresh_from_db()
    assert first.until_date == date(2026, 2, 1)
    end_work(worker=second, until_date=date(2026, 9, 1), by=cast.sari, at=NOW)
    assert not Worker.objects.filter(until_date=None).exists()
    with pytest.raises(NotAllowed):
        employ(person=person, company=far, by=cast.lain, at=NOW)

"""Institutions are paid by the day: the residents' list fills the units, receipts close them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from beneficiaries.choices import InstitutionKind
from beneficiaries.models import Institution, Person, Residency
from beneficiaries.queries.payees import resident_days, residents_on
from beneficiaries.services.payees import InstitutionValues, register_institution
from beneficiaries.services.residents import admit, discharge
from programs.choices import BenefitKind, PayeeKind
from programs.models import Enrolment, Receipt, Stage, UnitCount, UnitStay
from programs.queries.entitlements import evidence_of
from programs.services.residents import ReceiptValues, add_receipt, cancel_receipt, fill_units
from programs.services.units import record_units
from tests.access_benefits import PNG
from tests.beneficiaries.kube import refuses
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.factories.programs import EnrolmentFactory, ProgrammeVersionFactory

pytestmark = pytest.mark.django_db
APRIL = datetime(2026, 4, 3, 3, 0, tzinfo=UTC)
MARCH = date(2026, 3, 1)


def meals(cast: Cast) -> Stage:
    """Permakanan, Rp15.000 a person and day, paid to institutions."""
    version = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        programme__code="MAKAN",
        benefit_kind=BenefitKind.TARIFF,
        payee_kind=PayeeKind.INSTITUTION,
        annual_amount=None,
        tariff=Decimal(15_000),
        unit_label="orang-hari",
        one_per_family=False,
        stages=False,
    )
    return Stage.objects.create(
        version=version, number=1, name="Tahap 1", stage_date=date(2026, 3, 31)
    )


def house(cast: Cast, stage: Stage, name: str) -> tuple[Institution, Enrolment]:
    """An LKSA that is determined."""
    made = register_institution(
        values=InstitutionValues(name=name, kind=InstitutionKind.LKSA, village_id="35.19.01.2001"),
        by=cast.sari,
        at=APRIL,
    )
    row = EnrolmentFactory(version=stage.version, active=True, account=None, payee=made.payee)
    return made, row


def lives(cast: Cast, where: Institution, first: date, last: date | None = None) -> Person:
    person: Person = PersonFactory(birth_date=date(2015, 1, 1), created_by=cast.sari)
    admit(
        institution=where, person=person, from_date=first, until_date=last, by=cast.sari, at=APRIL
    )
    return person


def fill(cast: Cast, row: Enrolment, stage: Stage, at: datetime = APRIL):  # type: ignore[no-untyped-def]
    return fill_units(enrolment=row, stage=stage, month=MARCH, by=cast.sari, at=at)


def test_the_list_of_the_month_becomes_the_entitlement(cast: Cast) -> None:
    stage = meals(cast)
    home, row = house(cast, stage, "LKSA Harapan")
    lives(cast, home, date(2026, 1, 5))
    lives(cast, home, date(2026, 3, 30))
    lives(cast, home, date(2026, 2, 1), date(2026, 3, 10))
    lives(cast, home, date(2026, 2, 1), date(2026, 2, 28))
    made = fill(cast, row, stage)
    assert (made.units, made.amount) == (31 + 2 + 10, Decimal(645_000))
    found = evidence_of(row, stage, MARCH)
    assert [stay.days for stay in found.stays] == [31, 2, 10]
    assert found.count is not None
    assert found.count.source == "Daftar penghuni LKSA Harapan, 3 orang"
    assert not found.differs
    assert fill(cast, row, stage).units == 43
    assert UnitStay.objects.count() == 3
    # A number typed over it has no list behind it any more.
    record_units(
        enrolment=row, stage=stage, month=MARCH, units=40, source="Lisan", by=cast.sari, at=APRIL
    )
    assert not UnitStay.objects.exists()


def test_a_list_that_changed_after_the_count_is_told(cast: Cast) -> None:
    stage = meals(cast)
    home, row = house(cast, stage, "LKSA Harapan")
    lives(cast, home, date(2026, 1, 5))
    fill(cast, row, stage)
    stay = Residency.objects.get()
    discharge(residency=stay, until_date=date(2026, 3, 10), by=cast.sari, at=APRIL)
    found = evidence_of(row, stage, MARCH)
    assert (found.count and found.count.units, found.days_now, found.differs) == (31, 10, True)


def test_nobody_is_counted_in_two_institutions_on_one_day(cast: Cast) -> None:
    stage = meals(cast)
    home, row = house(cast, stage, "LKSA Harapan")
    other, second = house(cast, stage, "LKSA Kasih")
    child = lives(cast, home, date(2026, 1, 5))
    fill(cast, row, stage)
    discharge(
        residency=Residency.objects.get(), until_date=date(2026, 3, 9), by=cast.sari, at=APRIL
    )
    admit(institution=other, person=child, from_date=date(2026, 3, 10), by=cast.sari, at=APRIL)
    with refuses("RESIDENT-COUNTED-TWICE") as refused:
        fill(cast, second, stage)
    assert "sudah dihitung di lembaga lain pada hari yang sama" in str(refused.value)
    assert not UnitCount.objects.filter(entitlement__enrolment=second).exists()
    assert fill(cast, row, stage).units == 9
    assert fill(cast, second, stage).units == 22
    count = UnitCount.objects.get(entitlement__enrolment=second)
    with pytest.raises(IntegrityError, match="counted_in_one"), transaction.atomic():
        UnitStay.objects.create(
            count=count, institution=other, person=child, first=MARCH, last=MARCH
        )


def test_a_running_month_and_a_person_have_no_list(cast: Cast) -> None:
    stage = meals(cast)
    _home, row = house(cast, stage, "LKSA Harapan")
    with refuses("UNITS-EARLY"):
        fill(cast, row, stage, at=datetime(2026, 3, 31, 3, 0, tzinfo=UTC))
    with refuses("UNITS-NO-HOUSE"):
        fill(cast, EnrolmentFactory(version=stage.version, active=True, account=None), stage)


def receipt(**more: object) -> ReceiptValues:
    given = {
        "month": MARCH,
        "number": "12/III",
        "seller": "Toko Makmur",
        "issued_on": date(2026, 3, 20),
        "amount": Decimal(465_000),
        "content": PNG,
        **more,
    }
    return ReceiptValues(**given)  # type: ignore[arg-type]


def test_receipts_stand_beside_the_entitlement(cast: Cast) -> None:
    stage = meals(cast)
    home, row = house(cast, stage, "LKSA Harapan")
    lives(cast, home, date(2026, 1, 5))
    made = fill(cast, row, stage)
    kept = add_receipt(entitlement=made, values=receipt(), by=cast.sari, at=APRIL)
    with refuses("RECEIPT-TWICE"):
        add_receipt(entitlement=made, values=receipt(seller="TOKO MAKMUR"), by=cast.sari, at=APRIL)
    for wrong in ({"issued_on": date(2026, 4, 9)}, {"month": date(2026, 2, 1)}, {"content": b""}):
        with refuses("RECEIPT"):
            add_receipt(
                entitlement=made, values=receipt(number="9", **wrong), by=cast.sari, at=APRIL
            )
    with refuses("RECEIPT-RIGHT"):
        add_receipt(entitlement=made, values=receipt(number="9"), by=cast.vera, at=APRIL)
    assert evidence_of(row, stage, MARCH).spent == Decimal(465_000)
    cancel_receipt(receipt=kept, reason="Salah bulan", by=cast.sari, at=APRIL)
    with refuses("RECEIPT-GONE"):
        cancel_receipt(receipt=kept, reason="Lagi", by=cast.sari, at=APRIL)
    assert evidence_of(row, stage, MARCH).spent == 0
    add_receipt(entitlement=made, values=receipt(), by=cast.sari, at=APRIL)


def test_the_pages_fill_show_and_keep(cast: Cast, client: Client) -> None:
    stage = meals(cast)
    home, row = house(cast, stage, "LKSA Harapan")
    person = lives(cast, home, date(2026, 1, 5))
    client.force_login(cast.sari)
    page = f"{reverse('programs:units', args=[stage.pk])}?bulan=2026-03"
    assert "Hitung dari daftar penghuni" in client.get(page).content.decode()
    filled = client.post(f"{reverse('programs:units_fill', args=[stage.pk])}?bulan=2026-03")
    assert filled.status_code == 302
    answer = client.get(page)
    shown = answer.content.decode()
    assert "LKSA Harapan" in shown
    assert "465.000" in shown
    # The list of one house is not offered as the source of what is typed for another.
    assert answer.context["source"] == ""
    evidence = f"{reverse('programs:unit_evidence', args=[row.pk, stage.pk])}?bulan=2026-03"
    assert person.name in client.get(evidence).content.decode()
    form = {"number": "7", "seller": "Toko", "issued_on": "20-03-2026", "amount": "100.000"}
    add = f"{reverse('programs:receipt_new', args=[row.pk, stage.pk])}?bulan=2026-03"
    assert client.post(add, form).status_code == 422
    picture = SimpleUploadedFile("kuitansi.png", PNG)
    assert client.post(add, {**form, "file": picture}).status_code == 302
    kept = Receipt.objects.get()
    answer = client.get(reverse("programs:receipt", args=[kept.pk]))
    assert (answer.content, answer["Content-Type"]) == (PNG, "image/png")
    client.post(reverse("programs:receipt_cancel", args=[kept.pk]), {"note": "Salah"})
    assert "dibatalkan" in client.get(evidence).content.decode()
    again = client.post(
        reverse("proposal-fill-units", args=[row.pk]),
        {"stage": stage.pk, "month": "2026-03-01"},
        content_type="application/json",
    )
    assert again.json()["units"] == 31


def test_nobody_is_paid_for_after_death(cast: Cast) -> None:
    stage = meals(cast)
    home, row = house(cast, stage, "LKSA Harapan")
    died = lives(cast, home, date(2026, 1, 5))
    gone = lives(cast, home, date(2026, 1, 5))
    late = lives(cast, home, date(2026, 3, 12))
    lives(cast, home, date(2026, 1, 5))
    # The house has written nobody out, and took one in after what is now known as the death.
    for person, day in ((died, 10), (late, 11)):
        Person.objects.filter(pk=person.pk).update(died_on=date(2026, 3, day), death_source="Desa")
    Person.objects.filter(pk=gone.pk).update(died_on=date(2026, 2, 28), death_source="Desa")
    assert [count for _person, count in resident_days(home, MARCH)] == [10, 31]
    assert [residents_on(home, date(2026, 3, day)) for day in (10, 11)] == [2, 1]
    assert fill(cast, row, stage).units == 10 + 31
    assert evidence_of(row, stage, MARCH).differs is False

"""Lines for payees, amounts of one's own, and rails: what drawing writes and the lock freezes."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from beneficiaries.choices import Grade, InstitutionKind
from beneficiaries.models import BankAccount, Institution, Payee, Person
from beneficiaries.services import payees
from beneficiaries.services.payees import InstitutionValues
from disbursements.models import Hit, PayList, PaymentLine, RailLimit
from disbursements.queries.comparing import dry_run
from disbursements.queries.fingerprints import fingerprint, head_of
from disbursements.queries.people import payments_panel
from disbursements.queries.rails import limits_on
from disbursements.rules.fingerprint import HashedLine, seal_list
from disbursements.rules.rails import Limit, by_price, choose_rail
from disbursements.services import bank, lists
from disbursements.services.preflight import changes_since_lock
from programs.choices import PAYEES, BenefitKind, PayeeKind
from programs.models import Enrolment, ProgrammeVersion, Stage, StageEntitlement
from programs.services.units import record_units
from tests.cast import Cast
from tests.factories.books import breaches
from tests.factories.disbursements import NOW, World, fresh, make_world, unchanged

GOLDEN = Path(__file__).parent.parent / "golden" / "rails.csv"
CASES = list(csv.DictReader(io.StringIO(GOLDEN.read_text(encoding="utf-8")), delimiter=";"))
LIMITS = by_price(
    [
        Limit("rtgs", Decimal("100000000.01"), None, None),
        Limit("skn", Decimal(0), Decimal(1_000_000_000), Decimal(2_900)),
        Limit("bi_fast", Decimal(0), Decimal(250_000_000), Decimal(2_500)),
    ]
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["kasus"])
def test_golden_rail(case: dict[str, str]) -> None:
    found = choose_rail(
        allowed=case["jalur_boleh"].split(),
        limits=LIMITS,
        amount=Decimal(case["jumlah"]),
        paying_bank=case["bank_penyalur"],
        bank_code=case["bank_penerima"],
    )
    assert found == case["jalur"]


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, ceiling=9_000_000_000, share=8_000_000_000)


def rules(world: World, **fields: object) -> None:
    """Other rules of the version; its stages lose their amount where it is not fixed."""
    ProgrammeVersion.objects.filter(pk=world.version.pk).update(**fields)
    if "benefit_kind" in fields:
        Stage.objects.filter(version=world.version).update(amount=None)
    for row in (world.version, *world.stages):
        row.refresh_from_db()


def lines_of(pay_list: PayList) -> list[PaymentLine]:
    return list(pay_list.lines.select_related("person").order_by("position"))


def hits_of(pay_list: PayList, code: str) -> list[Hit]:
    return list(Hit.objects.filter(pay_list=pay_list, code=code))


def to_other_bank(person: Person, bank_code: str = "014") -> None:
    BankAccount.objects.filter(person=person).update(bank_code=bank_code)


@pytest.mark.django_db
def test_the_known_limits_are_data(world: World) -> None:
    assert limits_on(date(2026, 3, 1)) == LIMITS
    assert limits_on(date(2024, 12, 31)) == []


@pytest.mark.django_db
def test_each_line_takes_the_rail_of_the_rule(world: World) -> None:
    rules(
        world,
        rails=["overbooking", "bi_fast", "skn", "rtgs"],
        benefit_kind=BenefitKind.TARIFF,
        annual_amount=None,
        tariff=Decimal("0.01"),
        unit_label="sen",
    )
    amounts = ["500.00", "250000000.00", "250000000.01", "1000000000.01"]
    for place, (enrolment, amount) in enumerate(zip(world.enrolments, amounts, strict=False)):
        _share(world, enrolment, Decimal(amount))
        if place:
            to_other_bank(enrolment.person)
    drawn = world.drawn()
    found = [(line.rail, line.amount) for line in lines_of(drawn)]
    assert found == [
        ("overbooking", Decimal("500.00")),
        ("bi_fast", Decimal("250000000.00")),
        ("skn", Decimal("250000000.01")),
        ("rtgs", Decimal("1000000000.01")),
    ]
    for line in lines_of(drawn):
        assert line.rail == choose_rail(
            allowed=world.version.rails,
            limits=LIMITS,
            amount=line.amount,
            paying_bank="114",
            bank_code=line.bank_code,
        )
    # A changed account changes the rail as long as the list is a draft.
    to_other_bank(world.enrolments[1].person, "114")
    locked = world.locked(fresh(drawn))
    assert lines_of(locked)[1].rail == "overbooking"
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.filter(pk=lines_of(locked)[2].pk).update(rail="rtgs")
    assert breaches(world.clock) == []


def _share(world: World, enrolment: Enrolment, amount: Decimal) -> StageEntitlement:
    return StageEntitlement.objects.create(
        enrolment=enrolment,
        stage=world.stage,
        decree=world.decree,
        amount=amount,
        set_at=NOW,
        set_by=world.cast.budi,
    )


def limit_bi_fast(world: World, *, most: Decimal, since: date) -> None:
    RailLimit.objects.create(
        rail="bi_fast",
        valid_from=since,
        min_amount=Decimal(1),
        max_amount=most,
        fee=Decimal(2_500),
        is_open=True,
        source="Uji",
        set_at=NOW,
        set_by=world.cast.ratna,
    )


@pytest.mark.django_db
def test_the_limits_are_those_of_the_day_the_money_moves(world: World) -> None:
    rules(world, rails=["overbooking", "bi_fast", "skn"])
    to_other_bank(world.enrolments[0].person)
    # After the day of the stage, long before today.
    limit_bi_fast(world, most=Decimal(100_000), since=world.stage.stage_date + timedelta(days=9))
    row = world.drawn()
    assert lines_of(row)[0].rail == "skn", "BI-FAST carries no half a million any more"
    assert lines_of(world.locked(row))[0].rail == "skn", "nor when it is checked again"


@pytest.mark.django_db
def test_a_limit_that_changed_since_the_lock_stops_signing_and_files(world: World) -> None:
    cast = world.cast
    rules(world, rails=["overbooking", "bi_fast"])
    to_other_bank(world.enrolments[0].person)
    paid = world.with_sp2d()
    row = world.awaiting(world.drawn(stage=world.stages[1]))
    today = day_of(world.clock)
    assert changes_since_lock(row, today=today) == []
    limit_bi_fast(world, most=Decimal(100_000), since=today)
    words = "1 pembayaran tidak dapat lewat jalurnya menurut batas yang kini berlaku."
    assert changes_since_lock(row, today=today) == [words]
    with unchanged(row), pytest.raises(Refused, match=words):
        lists.check(pay_list=row, seen_hash=row.content_hash, by=cast.ratna, at=world.tick())
    with unchanged(paid), pytest.raises(Refused, match=words):
        bank.make_files(pay_list=paid, by=cast.budi, at=world.tick())


@pytest.mark.django_db
def test_no_rail_is_a_sentence_and_blocks(world: World) -> None:
    rules(world, rails=["overbooking", "rtgs"])
    to_other_bank(world.enrolments[0].person)
    drawn = world.drawn()
    [hit] = hits_of(drawn, "rail")
    assert hit.message == "Tidak ada jalur program ini untuk Rp500.000 ke bank 014."
    with pytest.raises(Refused):
        world.locked(fresh(drawn))


@pytest.mark.django_db
def test_cash_needs_no_account(world: World) -> None:
    rules(world, rails=["cash"])
    BankAccount.objects.filter(person=world.enrolments[0].person).update(state="closed")
    plan = dry_run(stage=world.stage, area_code="35.19", user=world.cast.budi)
    assert plan.without_account == 0
    drawn = world.drawn()
    assert {(line.rail, line.bank_code, line.account_index) for line in lines_of(drawn)} == {
        ("cash", "", None)
    }
    paid = world.with_sp2d(fresh(drawn))
    with pytest.raises(Refused) as no_bank:
        bank.make_files(pay_list=paid, by=world.cast.budi, at=world.tick())
    assert no_bank.value.code == "BANK-CASH"


@pytest.mark.django_db
def test_counted_units_are_paid_and_stand_still(world: World) -> None:
    rules(
        world,
        benefit_kind=BenefitKind.TARIFF,
        annual_amount=None,
        tariff=Decimal(15_000),
        unit_label="orang-hari",
    )
    with pytest.raises(Refused) as nothing:
        world.drawn()
    assert "6 penerima belum punya hak pada tahap ini." in str(nothing.value)

    def count(units: int) -> None:
        record_units(
            enrolment=world.enrolments[1],
            stage=world.stage,
            month=date(2026, 3, 1),
            units=units,
            source="Daftar hadir",
            by=world.cast.budi,
            at=world.tick(),
        )

    count(620)
    plan = dry_run(stage=world.stage, area_code="35.19", user=world.cast.budi)
    assert (plan.count, plan.total, plan.without_amount) == (1, Decimal(9_300_000), 5)
    drawn = world.drawn()
    assert [line.amount for line in lines_of(drawn)] == [Decimal(9_300_000)]
    with pytest.raises(Refused) as used:
        count(600)
    assert used.value.code == "UNITS-USED"
    with pytest.raises(IntegrityError), transaction.atomic():
        StageEntitlement.objects.update(units=1, amount=15_000)
    assert breaches(world.clock) == []
    # Out of the list they may be corrected; the line with the old amount does not come back.
    [line] = lines_of(drawn)
    here = {"pay_list": fresh(drawn), "by": world.cast.budi, "at": world.tick()}
    lists.exclude(niks_or_positions=["1"], reason="Satuan salah", **here)
    count(600)
    with pytest.raises(Refused) as changed:
        lists.include_again(line_ids=[line.pk], **here)
    assert changed.value.code == "INCLUDE-AMOUNT"
    assert lines_of(drawn)[0].state == "excluded"
    count(620)
    assert lists.include_again(line_ids=[line.pk], **here) == [1]


def shelter(world: World, *, granted_on: date | None) -> Payee:
    """An LKSA with an account; with an accreditation C of two years where a day is given."""
    institution: Institution = payees.register_institution(
        values=InstitutionValues(
            name="LKSA Kasih Bunda", kind=InstitutionKind.LKSA, village_id="35.19.01.2001"
        ),
        by=world.cast.sari,
        at=world.tick(),
    )
    if granted_on is not None:
        payees.accredit(
            institution=institution,
            grade=Grade.C,
            certificate_number="BALKS/1",
            granted_on=granted_on,
            by=world.cast.budi,
            at=world.tick(),
        )
    payees.set_payee_account(
        payee=institution.payee,
        bank_code="114",
        number="0011223344",
        holder_name="LKSA Kasih Bunda",
        by=world.cast.sari,
        at=world.tick(),
    )
    return institution.payee


def enrol_payee(world: World, payee: Payee) -> Enrolment:
    """The payee instead of the first person, who answers for it; nobody else is active."""
    row = world.enrolments[0]
    Enrolment.objects.exclude(pk=row.pk).update(state="suspended")
    Enrolment.objects.filter(pk=row.pk).update(payee=payee)
    ProgrammeVersion.objects.filter(pk=world.version.pk).update(payee_kind=PayeeKind.INSTITUTION)
    for stage in world.stages:
        stage.refresh_from_db()
    return row


@pytest.mark.django_db
def test_an_institution_is_paid_on_its_own_account(world: World) -> None:
    payee = shelter(world, granted_on=date(2025, 6, 1))
    enrol_payee(world, payee)
    drawn = world.drawn()
    line = next(row for row in lines_of(drawn) if row.payee_id)
    assert (line.payee_name, line.account_number) == ("LKSA Kasih Bunda", "0011223344")
    assert not hits_of(drawn, "payee")
    panel = payments_panel(payee, world.cast.sari)
    assert panel is not None
    assert [row.list_number for row in panel.context["rows"]] == [drawn.number]
    locked = world.locked(fresh(drawn))
    rows = lines_of(locked)
    by_hand = seal_list(
        head_of(locked),
        [
            HashedLine(
                row.position,
                row.reference,
                row.enrolment_id,
                row.person_id,
                row.payee_name,
                row.bank_code,
                row.account_index or "",
                row.account_holder,
                row.amount,
                row.payee_id,
                row.rail,
            )
            for row in rows
        ],
    )
    assert fingerprint(locked) == by_hand
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.filter(pk=line.pk).update(payee=None)
    assert breaches(world.clock) == []


@pytest.mark.django_db
@pytest.mark.parametrize("granted_on", [None, date(2024, 2, 29), date(2024, 3, 1)])
def test_an_accreditation_over_on_the_day_blocks(world: World, granted_on: date | None) -> None:
    enrol_payee(world, shelter(world, granted_on=granted_on))
    drawn = world.drawn()
    [hit] = hits_of(drawn, "payee")
    assert "Akreditasi" in hit.message


@pytest.mark.django_db
@pytest.mark.parametrize("kind", PAYEES)
def test_nobody_is_paid_instead_of_a_payee_nobody_chose(world: World, kind: PayeeKind) -> None:
    rules(world, payee_kind=kind)
    drawn = world.drawn()
    told = {(hit.line_id, hit.severity, hit.message) for hit in hits_of(drawn, "payee")}
    words = "Kelompok, lembaga, atau pemerintah penerimanya belum dipilih."
    assert told == {(line.pk, "block", words) for line in lines_of(drawn)}
    with pytest.raises(Refused):
        world.locked(fresh(drawn))


@pytest.mark.django_db
def test_a_list_locked_without_a_payee_is_not_approved(world: World) -> None:
    row = world.awaiting()
    rules(world, payee_kind=PayeeKind.GROUP)
    [found] = changes_since_lock(fresh(row), today=day_of(world.clock))
    assert found.startswith("6 kelompok, lembaga, atau pemerintah")


def close(world: World, payee: Payee) -> None:
    """Closed after the day of the stage, before anybody is paid."""
    payees.close_payee(
        payee=payee,
        closed_on=world.stage.stage_date + timedelta(days=1),
        reason="Izin berakhir",
        by=world.cast.sari,
        at=world.tick(),
    )


@pytest.mark.django_db
def test_a_payee_closed_after_the_stage_is_not_paid(world: World) -> None:
    payee = shelter(world, granted_on=date(2025, 6, 1))
    enrol_payee(world, payee)
    close(world, payee)
    [hit] = hits_of(world.drawn(), "payee")
    assert hit.message == "Penerima ini sudah ditutup."


@pytest.mark.django_db
def test_a_payee_unfit_since_the_lock_is_not_approved(world: World) -> None:
    payee = shelter(world, granted_on=date(2025, 6, 1))
    enrol_payee(world, payee)
    row = world.awaiting()
    assert changes_since_lock(row, today=day_of(world.clock)) == []
    close(world, payee)
    with pytest.raises(Refused, match="1 kelompok, lembaga, atau pemerintah") as changed:
        lists.check(pay_list=row, seen_hash=row.content_hash, by=world.cast.ratna, at=world.tick())
    assert changed.value.code == "LIST-CHANGED"


@pytest.mark.django_db
def test_a_payee_is_paid_once_in_a_stage(world: World) -> None:
    payee = shelter(world, granted_on=date(2025, 6, 1))
    enrol_payee(world, payee)
    world.drawn()
    line = PaymentLine.objects.get(payee=payee)
    line.pk, line.position, line.reference = None, 99, "X99"
    line.person, line.family = world.enrolments[3].person, None
    line.one_per_family = False
    with pytest.raises(IntegrityError, match="one_live_payment_per_payee"), transaction.atomic():
        line.save()
    with pytest.raises(IntegrityError, match="one_open_enrolment_per_payee"), transaction.atomic():
        Enrolment.objects.filter(pk=world.enrolments[1].pk).update(payee=payee)

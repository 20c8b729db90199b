"""A KUBE from forming to payment and assets: the group is paid once, on its own account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from bansos.lib.errors import BadInput, Refused
from beneficiaries.choices import LeaveReason
from beneficiaries.models import Person
from beneficiaries.services.groups import leave_group
from disbursements.models import PaymentLine
from programs.choices import AssetCondition, BenefitKind, Channel, EnrolmentState, PayeeKind
from programs.models import Enrolment, GroupAsset, Stage
from programs.queries.assessing import grant_of, proposal_gaps
from programs.queries.enrolments import latest_answers
from programs.rules.assessing import SourceWords
from programs.services import decrees
from programs.services.answers import ask_and_keep
from programs.services.assessing import PlanItem, record_source, save_plan
from programs.services.assets import add_asset, check_asset
from programs.services.loading import known_life
from programs.services.proposals import propose, resubmit
from programs.services.verification import decide
from tests.beneficiaries.kube import active, officer, plain_member
from tests.cast import Cast
from tests.factories.disbursements import World, make_world

pytestmark = pytest.mark.django_db
GRANT = Decimal(10_000_000)


@pytest.fixture
def world(cast: Cast) -> World:
    """KUBE: Rp2.000.000 for each of five members, paid once."""
    made = make_world(cast, people=0)
    version = made.version
    version.payee_kind, version.benefit_kind = PayeeKind.GROUP, BenefitKind.ONCE
    version.annual_amount, version.one_per_family = GRANT, False
    version.criteria = [{"code": "alive", "params": {}, "label": "", "waivable": False}]
    version.reject_reasons = [{"code": "papers", "label": "Dokumen kurang"}]
    version.proposal_channels = ["form", "village"]
    version.plan_rules = known_life("15", "KUBE").plan_rules
    version.save()
    Stage.objects.filter(version=version).exclude(number=1).delete()
    Stage.objects.filter(version=version).update(amount=GRANT)
    return made


def plan(*prices: int) -> list[PlanItem]:
    return [
        PlanItem(
            section="equipment", name=f"Kandang {n}", volume=2, unit="unit", unit_price=Decimal(p)
        )
        for n, p in enumerate(prices, start=1)
    ]


def proposed(world: World) -> Enrolment:
    """The chair answers for the group; sari proposes."""
    group = active(world.cast)
    chair = officer(group, "chair").person
    return propose(
        version=world.version,
        person=chair,
        payee=group.payee,
        account=None,
        by=world.cast.sari,
        at=world.tick(),
    )


def eligible(world: World, row: Enrolment) -> Enrolment:
    return decide(
        enrolment=Enrolment.objects.get(pk=row.pk),
        decision=EnrolmentState.ELIGIBLE,
        note="Berkas kelompok diperiksa di tempat.",
        by=world.cast.vera,
        at=world.tick(),
    )


def test_from_forming_to_payment_and_assets(world: World, client: Client) -> None:
    cast = world.cast
    row = proposed(world)
    assert grant_of(row) == GRANT
    with pytest.raises(Refused) as early:
        eligible(world, row)
    assert str(early.value) == ("Belum lengkap: RAB belum disimpan. Putusan Layak tidak disimpan.")
    with pytest.raises(BadInput) as short:
        save_plan(
            enrolment=row,
            business_kind="",
            business_name="Ternak ayam",
            items=plan(2_500_000, 2_000_000),
            by=cast.sari,
            at=world.tick(),
        )
    assert str(short.value) == (
        "Jumlah RAB Rp9.000.000, besaran bantuan Rp10.000.000. Tambah Rp1.000.000 agar sama;"
        " RAB belum disimpan."
    )
    kept = save_plan(
        enrolment=row,
        business_kind="",
        business_name="Ternak ayam",
        items=plan(2_500_000, 2_500_000),
        by=cast.sari,
        at=world.tick(),
    )
    assert kept.total == GRANT
    row = eligible(world, row)
    decree = decrees.draft_decree(
        version=world.version, area_code="35.19", by=cast.budi, at=world.tick()
    )
    decrees.submit_decree(decree=decree, by=cast.budi, at=world.tick())
    decrees.approve_decree(
        decree=decree,
        number="188/2/2026",
        decree_date=world.clock.date(),
        by=cast.hadi,
        at=world.tick(),
    )
    pay_list = world.locked()
    [line] = PaymentLine.objects.filter(pay_list=pay_list)
    assert (line.payee_name, line.amount) == ("KUBE Melati", GRANT)
    assert line.account_number == f"0099{row.payee_id:06d}"
    row.refresh_from_db()
    asset = add_asset(
        enrolment=row,
        name="Kandang",
        quantity=2,
        value=Decimal(6_000_000),
        bought_on=world.clock.date(),
        by=cast.sari,
        at=world.tick(),
    )
    with pytest.raises(BadInput) as beyond:
        add_asset(
            enrolment=row,
            name="Mesin",
            quantity=1,
            value=Decimal(4_000_001),
            bought_on=world.clock.date(),
            by=cast.sari,
            at=world.tick(),
        )
    assert (beyond.value.fields or {})["value"] == "Melebihi bantuan; sisanya Rp4.000.000."
    with pytest.raises(BadInput):
        check_asset(
            asset=asset,
            condition=AssetCondition.LOST,
            checked_on=world.clock.date(),
            note=" ",
            by=cast.vera,
            at=world.tick(),
        )
    client.force_login(cast.vera)
    page = client.post(
        reverse("programs:asset_check", args=[asset.pk]),
        {"condition": "damaged", "checked_on": f"{world.clock:%d-%m-%Y}", "note": "Atap bocor"},
    )
    assert page.status_code == 302
    shown = client.get(reverse("programs:assets", args=[row.pk])).content.decode()
    assert "Atap bocor" in shown
    assert "Rusak" in shown
    assert GroupAsset.objects.get().payee_id == row.payee_id


def test_every_member_is_asked_and_each_answer_is_kept(world: World) -> None:
    version = world.version
    ages = ("min_age_on_stage", 18), ("max_age", 60)
    version.criteria = [
        {"code": "group_one_village"},
        {"group": "each", "items": [{"code": c, "params": {"age": age}} for c, age in ages]},
    ]
    version.save()
    row = proposed(world)
    member = plain_member(row.payee.group).person

    def told(born: date | None) -> tuple[str, str, str]:
        Person.objects.filter(pk=member.pk).update(birth_date=born)
        ask_and_keep([Enrolment.objects.get(pk=row.pk)], version=version, at=world.tick())
        village, each = latest_answers(row)
        assert (village.answer, village.value) == ("yes", "satu desa")
        return each.answer, each.value, each.reason

    old = told(date(1950, 1, 1))
    assert old[:2] == ("no", "1 dari 5 anggota")
    assert old[2].startswith(f"{member.name}: Sudah berusia 76 tahun pada ")
    parts = latest_answers(row)[1].parts
    assert [part["label"] for part in parts if part["answer"] == "no"] == [member.name]
    assert len(parts) == 5
    assert told(None) == (
        *("unknown", "1 dari 5 anggota"), f"{member.name}: Tanggal lahir belum diisi.",
    )  # fmt: skip
    assert told(date(1990, 4, 5)) == ("yes", "5 anggota", "Semua 5 anggota memenuhi.")


def test_a_group_that_lost_its_fifth_member_is_not_judged_eligible(world: World) -> None:
    row = proposed(world)
    save_plan(
        enrolment=row,
        business_kind="",
        business_name="Ternak ayam",
        items=plan(5_000_000),
        by=world.cast.sari,
        at=world.tick(),
    )
    assert proposal_gaps(row) == []
    group = row.payee.group
    with pytest.raises(Refused) as wish:
        leave_group(
            member=plain_member(group),
            left_on=date(2026, 3, 10),
            reason=LeaveReason.RESIGNED,
            by=world.cast.sari,
            at=world.tick(),
        )
    assert wish.value.code == "GROUP-FIFTH"
    leave_group(
        member=plain_member(group),
        left_on=date(2026, 3, 10),
        reason=LeaveReason.DIED,
        by=world.cast.sari,
        at=world.tick(),
    )
    with pytest.raises(Refused) as refused:
        eligible(world, row)
    assert "Anggota kelompok belum diperiksa, atau kurang" in str(refused.value)


def test_a_corrected_proposal_stays_where_its_group_is(world: World) -> None:
    """The spokesperson may have moved; the group has not."""
    cast = world.cast
    row = proposed(world)
    decide(
        enrolment=row,
        decision=EnrolmentState.NEEDS_CORRECTION,
        reason_code="papers",
        note="Lampirkan KK.",
        by=cast.vera,
        at=world.tick(),
    )
    person = row.person
    type(person).objects.filter(pk=person.pk).update(
        village="35.19.02.1001", area_code="35.19.02.1001"
    )
    again = resubmit(enrolment=Enrolment.objects.get(pk=row.pk), by=cast.sari, at=world.tick())
    assert again.area_code == row.payee.area_code == "35.19.01.2001"


def test_a_village_letter_needs_both_signatures(world: World) -> None:
    row = proposed(world)
    words = SourceWords(letter_number="470/12", letter_date=date(2026, 3, 1), village_head="Suyono")
    with pytest.raises(BadInput) as refused:
        record_source(
            enrolment=row,
            channel=Channel.VILLAGE,
            words=words,
            by=world.cast.sari,
            at=world.tick(),
        )
    assert set(refused.value.fields or {}) == {"district_head"}
    with pytest.raises(BadInput) as closed:
        record_source(
            enrolment=row, channel=Channel.UPT, words=words, by=world.cast.sari, at=world.tick()
        )
    assert str(closed.value) == (
        "Program ini tidak menerima jalur itu. Yang diterima: Formulir, Usulan desa."
    )

"""Every programme of the catalogue, from a proposal to its first benefit, as the guide tells it.

Petugas proposes, verifikator judges, staf drafts the decree, kepala dinas approves it; then money
is listed, locked, checked, approved, funded, sent and answered, or goods are handed over, or
somebody moves in. Tariffs that no source gives are filled in here with a training figure, as the
office does before its decree.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from bansos.accounts.models import User
from bansos.demo import story
from bansos.demo.catalogue import open_catalogue
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from bansos.regions.choices import Level
from bansos.regions.models import Region
from beneficiaries.choices import Grade, GroupRole, InstitutionKind
from beneficiaries.models import Payee, Person, Residency
from beneficiaries.rules.groups import OFFICERS
from beneficiaries.services.groups import activate_group, add_member, check_group, form_group
from beneficiaries.services.payees import (
    InstitutionValues,
    accredit,
    register_government,
    register_institution,
    set_payee_account,
)
from beneficiaries.services.residents import admit
from disbursements.models import PaymentLine
from disbursements.queries.goods import kinds_of
from disbursements.services import budgets, goods, lists
from disbursements.services.goods_requests import request_goods
from programs.choices import (
    FIXED_KINDS,
    MONEY_KINDS,
    PAYEES,
    BenefitKind,
    EnrolmentState,
    Insurance,
    PayeeKind,
    VersionState,
)
from programs.models import Enrolment, PremiumCover, ProgrammeVersion, Stage
from programs.queries.assessing import plan_limits
from programs.queries.entitlements import evidence_of, months_of
from programs.queries.facts import facts_for
from programs.rules import conditions, evaluate, failing
from programs.rules.assessing import SourceWords, form_channel
from programs.services.assessing import PlanItem, assess, record_source, save_plan
from programs.services.catalogue import activate_version, change_version, save_stage
from programs.services.decrees import approve_decree, draft_decree, submit_decree
from programs.services.premiums.answers import apply_answer
from programs.services.premiums.covers import open_plan
from programs.services.premiums.rounds import add_candidate, decide_line, open_round, send_round
from programs.services.proposals import is_for_people, propose
from programs.services.residents import ReceiptValues, add_receipt, fill_units
from programs.services.units import record_units
from programs.services.verification import decide, make_record
from tests.access_benefits import PNG
from tests.cast import Cast
from tests.factories.accounts import AgencyFactory, UserFactory
from tests.factories.beneficiaries import BankAccountFactory, PersonFactory
from tests.factories.disbursements import World, answer_row, fresh, run

# Every programme that hands something out, by province; the premiums are a test of their own.
PREMIUMS = ("GRATISPOL-SEHAT", "GRATISPOL-KERJA")
NAMED = {
    "35": {
        *("PKHPLUS", "ASPD", "KEMISEM", "KIP", "KIP-PUTRI", "KIP-PPKS", "KUBE", "KWU-EKSPM"),
        *("BLTROKOK", "PERMAKANAN", "ALATBANTU", "BUFFER", "TALIASIH", "ZAKAT", "BKK", "PRSE"),
    },
    "64": {"JOSPOL4"},
    "15": {"KUBE", "UEP", "ALATBANTU", "PSTW"},
}
VILLAGES = {"35": "35.19.01.2001", "64": "64.72.01.1001", "15": "15.05.01.2001"}
AT = datetime(2026, 2, 3, 3, 0, tzinfo=UTC)
DECREED = date(2026, 2, 24)
TRAINING, DAILY = Decimal(1_000_000), Decimal(15_000)
AGES = (75, 45, 30, 22, 66, 58, 16, 8)
ROLES = (
    *(("sari", "petugas_kab", 5), ("vera", "verifikator_kab", 5), ("budi", "staf_program", 2)),
    *(("ratna", "kepala_seksi", 2), ("hadi", "kepala_dinas", 2), ("tono", "bendahara", 2)),
)


def crew_of(cast: Cast, province: str) -> Cast:
    """The people of a province; those of East Java are the cast itself."""
    if province == "35":
        return cast
    regency = VILLAGES[province][:5]
    agency = AgencyFactory(area_code=province)
    users = {
        key: UserFactory(username=f"{key}.{province}", role=role, area_code=regency[:length])
        for key, role, length in ROLES
    }
    return replace(cast, agency=agency, **users)


@pytest.fixture
def catalogue(cast: Cast) -> dict[str, Cast]:
    """The catalogue as the training data opens it; the crew of each province."""
    for code, name, level in (
        ("15.05.01", "Jambi Luar Kota", Level.DISTRICT),
        ("15.05.01.2001", "Mendalo Darat", Level.VILLAGE),
    ):
        Region.objects.create(
            code=code, name=name, level=level, parent_id=code[: {8: 5, 13: 8}[len(code)]]
        )
    AgencyFactory(
        area_code="15",
        name="Dinas Sosial Jambi",
        government="Pemerintah Provinsi Jambi",
        bank_code="115",
        bank_name="Bank Jambi",
    )
    crews = {province: crew_of(cast, province) for province in VILLAGES}
    call_command("load_programmes", stdout=io.StringIO())
    staff = {"staf": "35", "staf.kaltim": "64", "staf.jambi": "15"}
    users = {name: crews[province].budi for name, province in staff.items()}
    open_catalogue(users=users, scale=story.Scale(), at=AT)
    return crews


class Journey:
    """One programme and its first recipient."""

    def __init__(self, version: ProgrammeVersion, crew: Cast) -> None:
        self.version, self.crew = version, crew
        self.village = VILLAGES[version.area_code]
        self.bank = version.bank_code or version.programme.agency.bank_code

    def priced(self) -> None:
        """Staf fills in what no source tells, and lets the programme take proposals."""
        version, by = self.version, {"by": self.crew.budi, "at": AT}
        if version.benefit_kind in FIXED_KINDS and version.annual_amount is None:
            version = change_version(version=version, annual_amount=TRAINING, **by)
        if version.benefit_kind == BenefitKind.TARIFF and version.tariff is None:
            version = change_version(version=version, tariff=DAILY, **by)
        if version.benefit_kind in MONEY_KINDS and not version.stages.exists():
            amount = version.annual_amount if version.benefit_kind in FIXED_KINDS else None
            save_stage(
                version=version,
                number=1,
                name="Tahap 1",
                stage_date=date(2026, 6, 15),
                amount=amount,
                **by,
            )
        if version.state == VersionState.DRAFT:
            version = activate_version(version=version, **by)
        self.version = version

    def person(self) -> Person:
        """Somebody of an age and sex that the criteria do not shut out."""
        person: Person = PersonFactory(
            area_code=self.village, village_id=self.village, created_by=self.crew.sari
        )
        for age, sex in product(AGES, "PL"):
            person.birth_date, person.sex = date(2026 - age, 1, 15), sex
            facts = facts_for(
                [person],
                version=self.version,
                today=date(2026, 2, 3),
                observed={person.pk: self.seen()},
                observed_source="Kunjungan",
            )
            own = facts[person.pk]
            # Who will lead a group is one of its members.
            asked = replace(own, members=[(person.name, own)])
            if not failing(evaluate(self.version.criteria, asked)):
                break
        person.save()
        return person

    def seen(self) -> dict[str, bool]:
        """What the verifier finds on the spot: every field check is so."""
        rows = conditions(self.version.criteria)
        return {row["params"]["key"]: True for row in rows if row["code"] == "field_check"}

    def payee(self, person: Person) -> Payee | None:
        """Who is paid, with an account; None where that is the person."""
        if is_for_people(self.version):
            return None
        return {
            PayeeKind.GROUP: self.group,
            PayeeKind.INSTITUTION: self.institution,
            PayeeKind.GOVERNMENT: self.government,
        }[PayeeKind(self.version.payee_kind)](person)

    def group(self, chair: Person) -> Payee:
        """Five heads of one village, checked by the verifier, with an account of two hands."""
        by, formed = {"by": self.crew.sari, "at": AT}, date(2026, 1, 12)
        row = form_group(
            name=f"KUBE {self.version.pk}",
            village_id=self.village,
            business_kind="Ternak ayam",
            formed_on=formed,
            **by,
        )
        people = [
            chair,
            *(
                PersonFactory(area_code=self.village, birth_date=date(1985, 1, 1))
                for _place in range(4)
            ),
        ]
        for place, person in enumerate(people):
            role = OFFICERS[place] if place < 3 else GroupRole.MEMBER
            add_member(group=row, person=person, joined_on=formed, role=role, **by)
        row = check_group(group=row, by=self.crew.vera, at=AT, note="KK tiap anggota dilihat")
        self.account(row.payee, signatories=[people[0], people[2]])
        return activate_group(group=row, **by).payee

    def institution(self, person: Person) -> Payee:
        """An LKSA with its accreditation."""
        row = register_institution(
            values=InstitutionValues(
                name=f"LKSA {self.version.pk}", kind=InstitutionKind.LKSA, village_id=self.village
            ),
            by=self.crew.sari,
            at=AT,
        )
        accredit(
            institution=row,
            grade=Grade.A,
            certificate_number="A/1",
            granted_on=date(2025, 1, 10),
            by=self.crew.sari,
            at=AT,
        )
        return self.account(row.payee)

    def government(self, person: Person) -> Payee:
        """The treasury of the village; one for all programmes."""
        known = Payee.objects.filter(government__region=self.village).first()
        return known or self.account(
            register_government(
                region_code=self.village,
                name="Pemerintah Desa",
                treasurer_name="Suharto",
                by=self.crew.sari,
                at=AT,
            ).payee
        )

    def account(self, payee: Payee, signatories: list[Person] | None = None) -> Payee:
        set_payee_account(
            payee=payee,
            bank_code=self.bank,
            number=f"0099{payee.pk:06d}",
            holder_name=payee.name,
            signatories=signatories or [],
            by=self.crew.sari,
            at=AT,
        )
        return payee

    def determined(self) -> Enrolment:
        """Proposed, judged, closed in a Berita Acara, named in a decree."""
        person = self.person()
        account = BankAccountFactory(person=person, bank_code=self.bank)
        row = propose(
            version=self.version,
            person=person,
            account=account,
            payee=self.payee(person),
            channel=form_channel(self.version.proposal_channels),
            by=self.crew.sari,
            at=AT,
        )
        shown(row, by=self.crew.sari)
        row = decide(
            enrolment=row,
            decision=EnrolmentState.ELIGIBLE,
            note="Kunjungan rumah; KTP dan KK cocok.",
            observed=self.seen(),
            by=self.crew.vera,
            at=AT,
        )
        make_record(version=self.version, district_code=self.village[:8], by=self.crew.vera, at=AT)
        more = (
            {"formula_budget": self.version.formula_budget}
            if self.version.benefit_kind == BenefitKind.FORMULA
            else {}
        )
        decree = draft_decree(
            version=self.version, area_code=self.village[:5], by=self.crew.budi, at=AT, **more
        )
        decree = submit_decree(decree=decree, by=self.crew.budi, at=AT)
        approve_decree(
            decree=decree,
            number=f"188/{self.version.pk}/2026",
            decree_date=DECREED,
            seen_hash=decree.content_hash,
            by=self.crew.hadi,
            at=datetime(2026, 2, 24, 3, 0, tzinfo=UTC),
        )
        row.refresh_from_db()
        assert row.state == EnrolmentState.ACTIVE
        return row

    def paid(self, row: Enrolment) -> str:
        """The first stage, from the list to the word of the bank."""
        stage: Stage = self.version.stages.select_related("version").order_by("number")[0]
        if self.version.payee_kind == PayeeKind.INSTITUTION:
            self.housed(row, stage)
        elif self.version.benefit_kind == BenefitKind.TARIFF:
            month = months_of(stage)[0]
            record_units(
                enrolment=row,
                stage=stage,
                month=month,
                units=30,
                source="Daftar hadir",
                by=self.crew.sari,
                at=AT,
            )
        budget = budgets.record_budget(
            version=self.version,
            dpa_number=f"DPA/{self.version.pk}/2026",
            dpa_date=date(2026, 1, 5),
            account_code="5.1.06.01",
            ceiling=Decimal(10_000_000_000),
            by=self.crew.budi,
            at=AT,
        )
        regency = self.village[:5]
        budgets.allocate(
            budget=budget, amounts={regency: Decimal(5_000_000_000)}, by=self.crew.budi, at=AT
        )
        world = World(self.crew, self.version, [stage], row.decree_lines.get().decree, budget)
        drawn = lists.create_list(
            stage=stage, area_code=regency, by=self.crew.budi, at=world.tick()
        )
        run(drawn.job)
        sent = world.sent(fresh(drawn), number=f"SP2D-{self.version.pk}")
        line = PaymentLine.objects.get(pay_list=sent)
        world.answer(sent, [answer_row(line)])
        line.refresh_from_db()
        assert (line.state, line.payee_id) == ("settled", row.payee_id)
        assert line.amount > 0
        return f"Rp{line.amount:,.0f} tersalur"

    def housed(self, row: Enrolment, stage: Stage) -> None:
        """January of a house: who lived there how many days, and what the food cost."""
        assert row.payee is not None
        by, month = {"by": self.crew.sari, "at": AT}, months_of(stage)[0]
        for first in (date(2025, 11, 3), date(2026, 1, 30)):
            admit(
                institution=row.payee.institution,
                person=PersonFactory(
                    area_code=self.village, village_id=self.village, birth_date=date(2015, 1, 1)
                ),
                from_date=first,
                **by,
            )
        made = fill_units(enrolment=row, stage=stage, month=month, **by)
        assert self.version.tariff is not None
        assert (made.units, made.amount) == (31 + 2, 33 * self.version.tariff)
        bill = ReceiptValues(
            month=month,
            number="K/1",
            seller="Toko Beras",
            issued_on=date(2026, 1, 31),
            amount=Decimal(400_000),
            content=PNG,
        )
        add_receipt(entitlement=made, values=bill, **by)
        assert evidence_of(row, stage, month).spent == Decimal(400_000)

    def handed(self, row: Enrolment) -> str:
        """The package, from the lot to the hand-over with photo and signature."""
        by = {"by": self.crew.budi, "at": AT}
        place = goods.open_warehouse(
            name=f"Gudang {self.version.pk}", area_code=self.village[:5], **by
        )
        # The whole value: a package below the least a programme gives is refused.
        price = self.version.annual_amount or TRAINING
        item = goods.save_item(
            version=self.version, name="Paket", unit="paket", quantity=1, unit_price=price, **by
        )
        goods.receive_lot(
            item=item,
            warehouse=place,
            vendor="CV Latihan",
            contract_number="K/1",
            received_on=date(2026, 2, 1),
            unit_price=price,
            quantity=1,
            **by,
        )
        for kind in kinds_of(self.version)[:1]:
            request_goods(enrolment=row, business_kind=kind, by=self.crew.sari, at=AT)
        made = goods.hand_over(
            enrolment=row,
            warehouse=place,
            proof=goods.Proof(PNG, PNG),
            handed_on=date(2026, 3, 2),
            by=self.crew.sari,
            at=datetime(2026, 3, 2, 3, 0, tzinfo=UTC),
        )
        return f"barang Rp{made.value:,.0f}"

    def served(self, row: Enrolment) -> str:
        """A service: the person moves in."""
        home = register_institution(
            values=InstitutionValues(
                name=f"UPT {self.version.pk}", kind=InstitutionKind.UPT, village_id=self.village
            ),
            by=self.crew.sari,
            at=AT,
        )
        stay: Residency = admit(
            institution=home,
            person=row.person,
            from_date=date(2026, 2, 25),
            by=self.crew.sari,
            at=datetime(2026, 3, 2, 3, 0, tzinfo=UTC),
        )
        return f"tinggal sejak {stay.from_date:%d-%m-%Y}"

    def whole(self) -> str:
        """The whole road; what arrived at its end."""
        self.priced()
        row = self.determined()
        if self.version.benefit_kind in MONEY_KINDS:
            return self.paid(row)
        if self.version.benefit_kind == BenefitKind.GOODS:
            return self.handed(row)
        return self.served(row)


def shown(row: Enrolment, *, by: User) -> None:
    """What a verifier wants to see of it: the letter, the required forms, a plan of the grant."""
    words = SourceWords(
        office="UPT Madiun",
        letter_number="470/12",
        letter_date=day_of(AT, row.version.programme.agency.zone),
        village_head="Suyono",
        district_head="Dwi",
    )
    record_source(enrolment=row, channel=row.channel, words=words, by=by, at=AT)
    for form in row.version.assessment_forms:
        most = {str(question["code"]): int(question["most"]) for question in form["questions"]}
        assess(
            enrolment=row,
            form_code=form["code"],
            answers=most,
            assessed_on=day_of(AT, row.version.programme.agency.zone),
            note="",
            by=by,
            at=AT,
        )
    rules, limits = row.version.plan_rules, plan_limits(row)
    if rules and limits:
        kinds, sections = rules.get("kinds", []), rules["sections"]
        item = PlanItem(
            section=sections[0]["code"], name="Alat", volume=1, unit="unit", unit_price=limits[1]
        )
        save_plan(
            enrolment=row,
            business_kind=kinds[0]["code"] if kinds else "",
            business_name="Usaha kecil",
            items=[item],
            by=by,
            at=AT,
        )


def programmes(province: str) -> Iterator[ProgrammeVersion]:
    """One version of each programme that hands something out: this year's before older ones."""
    rows = ProgrammeVersion.objects.filter(programme__area_code=province).exclude(
        benefit_kind=BenefitKind.SERVICE, quota_total=None
    )
    rows = rows.exclude(programme__code__in=PREMIUMS)
    seen = set()
    for row in rows.select_related("programme__agency").order_by("programme__code", "-year", "pk"):
        if row.programme_id not in seen and row.state != VersionState.CLOSED:
            seen.add(row.programme_id)
            yield row


@pytest.mark.django_db
@pytest.mark.parametrize("province", ["35", "64", "15"])
def test_every_programme_reaches_somebody(catalogue: dict[str, Cast], province: str) -> None:
    told = {}
    for version in programmes(province):
        with transaction.atomic():
            told[version.programme.code] = Journey(version, catalogue[province]).whole()
            sys.stdout.write(f"{version.programme.name:<45} {told[version.programme.code]}\n")
    assert set(told) == NAMED[province]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "insurance", "rate"),
    [("GRATISPOL-SEHAT", "health", 42_000), ("GRATISPOL-KERJA", "work", 16_800)],
)
def test_a_candidate_reaches_the_premium(
    catalogue: dict[str, Cast], code: str, insurance: Insurance, rate: int
) -> None:
    """GratisPol: Dinsos finds and checks the candidate, the insurer's answer covers him."""
    crew, at = catalogue["64"], datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    version = ProgrammeVersion.objects.get(programme__code=code)
    assert (version.state, version.tariff) == (VersionState.ACTIVE, rate)
    values = InstitutionValues(
        name=f"BPJS {insurance}", kind=InstitutionKind.INSURER, village_id=VILLAGES["64"]
    )
    by = {"by": crew.budi, "at": at}
    insurer = register_institution(values=values, **by)
    plan = open_plan(version=version, insurance=insurance, insurer=insurer, **by)
    person = PersonFactory(area_code=VILLAGES["64"], created_by=crew.sari)
    month = open_round(plan=plan, month=date(2026, 3, 1), **by)
    line = add_candidate(round_=month, person=person, by=crew.sari, at=at)
    decide_line(line=line, agree=True, note="", by=crew.vera, at=at)
    month = send_round(round_=month, **by)
    answer = f"NIK;STATUS;KETERANGAN\r\n{person.nik};Diterima;".encode()
    apply_answer(round_=month, data=answer, file_name="jawaban.csv", **by)
    cover = PremiumCover.objects.get(person=person)
    assert (cover.insurance, cover.is_void, cover.from_month) == (
        insurance,
        False,
        date(2026, 3, 1),
    )
    sys.stdout.write(f"{version.programme.name:<45} premi Rp{rate:,} ditanggung\n")


@pytest.mark.django_db
def test_a_programme_for_payees_is_no_persons(catalogue: dict[str, Cast]) -> None:
    """Nobody is proposed by name for a BKK or for a service without places."""
    crew = catalogue["35"]
    for code in ("BKK", "KUBE", "JSC"):
        version = ProgrammeVersion.objects.get(programme__area_code="35", programme__code=code)
        journey = Journey(version, crew)
        with pytest.raises(Refused) as refused:
            propose(version=version, person=journey.person(), account=None, by=crew.sari, at=AT)
        assert refused.value.code == "PROP-PAYEE"
    kube = ProgrammeVersion.objects.get(programme__area_code="35", programme__code="KUBE")
    journey = Journey(kube, crew)
    with pytest.raises(Refused) as wrong:
        propose(
            version=kube,
            person=journey.person(),
            account=None,
            payee=journey.government(journey.person()),
            by=crew.sari,
            at=AT,
        )
    assert wrong.value.code == "PAYEE-KIND"
    assert set(PAYEES) == {PayeeKind.GROUP, PayeeKind.INSTITUTION, PayeeKind.GOVERNMENT}


@pytest.mark.django_db
def test_the_form_offers_what_it_can_take(catalogue: dict[str, Cast], client: Client) -> None:
    """People for people's programmes; groups, institutions and villages on a form of their own."""
    crew = catalogue["35"]
    client.force_login(crew.sari)
    names = client.get(reverse("programs:proposal_new")).content.decode()
    assert "PKH Plus 2026" in names
    for hidden in ("Bantuan Keuangan Khusus", "Kelompok Usaha Bersama", "Jatim Social Care"):
        assert hidden not in names
    start = reverse("programs:payee_proposal_new")
    offered = client.get(start).content.decode()
    assert "Bantuan Keuangan Khusus" in offered
    assert "PKH Plus 2026" not in offered
    bkk = ProgrammeVersion.objects.get(programme__area_code="35", programme__code="BKK")
    assert client.get(reverse("programs:proposal_form", args=[bkk.pk]))["Location"] == start
    address = client.post(start, {"version": bkk.pk})["Location"]
    journey = Journey(bkk, crew)
    person, village = journey.person(), journey.government(journey.person())
    assert client.post(address, {"payee": village.pk, "nik": "1"}).status_code == 422
    assert client.post(address, {"payee": village.pk, "nik": person.nik}).status_code == 302
    assert Enrolment.objects.get(version=bkk).payee == village
    kube = ProgrammeVersion.objects.get(programme__area_code="35", programme__code="KUBE")
    group = Journey(kube, crew).group(journey.person())
    client.post(reverse("programs:payee_proposal", args=[kube.pk]), {"payee": group.pk})
    made = Enrolment.objects.get(version=kube)
    assert (made.payee, made.person) == (group, group.group.members.get(role="chair").person)

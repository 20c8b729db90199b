"""Premiums month by month: checked, one payer each, sent with a hash, answered once, paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from bansos.documents.services import read_bytes
from bansos.lib.dates import months_before
from bansos.lib.errors import Refused
from beneficiaries.choices import InstitutionKind
from beneficiaries.models import Person
from beneficiaries.services.payees import InstitutionValues, register_institution
from programs.choices import BenefitKind, Insurance, PayeeKind, PayerKind
from programs.documents.premiums import PremiumRow, premium_csv
from programs.models import (
    Enrolment,
    PremiumCover,
    PremiumLine,
    PremiumPlan,
    PremiumRound,
    PremiumStray,
    Stage,
    StageEntitlement,
)
from programs.queries.premiums import counted_units, covers_in, plans_of
from programs.rules.premiums import month_after, outcome_of
from programs.services import units
from programs.services.premiums.answers import apply_answer, count_month
from programs.services.premiums.covers import close_plan, end_cover, open_plan, record_payer
from programs.services.premiums.rounds import (
    add_candidate,
    decide_line,
    open_round,
    propose_leaving,
    send_round,
)
from tests.beneficiaries.kube import refuses
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.factories.programs import EnrolmentFactory, ProgrammeVersionFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@dataclass
class Premiums:
    """A plan of BPJS Kesehatan, Rp42.000, with the insurer named in a decree."""

    cast: Cast
    plan: PremiumPlan
    insurer: Enrolment
    stage: Stage

    def open(self, month: date = MARCH) -> PremiumRound:
        return open_round(plan=self.plan, month=month, by=self.cast.budi, at=AT)

    def add(self, round_: PremiumRound, person: Person) -> PremiumLine:
        return add_candidate(round_=round_, person=person, by=self.cast.sari, at=AT)

    def decide(self, line: PremiumLine, agree: bool = True, note: str = "") -> PremiumLine:
        return decide_line(line=line, agree=agree, note=note, by=self.cast.vera, at=AT)

    def send(self, round_: PremiumRound) -> PremiumRound:
        return send_round(round_=round_, by=self.cast.budi, at=AT)

    def answer(self, round_: PremiumRound, *said: tuple[str, str]):  # type: ignore[no-untyped-def]
        rows = "".join(f"{nik};{status};Data berbeda\r\n" for nik, status in said)
        data = ("NIK;STATUS;KETERANGAN\r\n" + rows).encode()
        return apply_answer(
            round_=round_, data=data, file_name="jawaban.csv", by=self.cast.budi, at=AT
        )

    def month(self, *people: Person, month: date = MARCH) -> PremiumRound:
        """A month with these people added, agreed and sent."""
        round_ = self.open(month)
        for person in people:
            self.decide(self.add(round_, person))
        return self.send(round_)


@pytest.fixture
def premiums(cast: Cast) -> Premiums:
    version = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        programme__code="PREMI",
        programme__name="Premi BPJS Kesehatan",
        benefit_kind=BenefitKind.TARIFF,
        payee_kind=PayeeKind.INSTITUTION,
        annual_amount=None,
        tariff=Decimal(42_000),
        unit_label="orang-bulan",
        one_per_family=False,
        criteria=[{"code": "alive", "params": {}, "label": "", "waivable": False}],
        stages=False,
    )
    stage = Stage.objects.create(
        version=version, number=1, name="Semester 1", stage_date=date(2026, 6, 30)
    )
    insurer = register_institution(
        values=InstitutionValues(
            name="BPJS Kesehatan Cabang Madiun",
            kind=InstitutionKind.INSURER,
            village_id="35.19.01.2001",
        ),
        by=cast.budi,
        at=AT,
    )
    plan = open_plan(
        version=version, insurance=Insurance.HEALTH, insurer=insurer, by=cast.budi, at=AT
    )
    row = EnrolmentFactory(version=version, active=True, account=None, payee=insurer.payee)
    return Premiums(cast, plan, row, stage)


def somebody(cast: Cast, **fields: object) -> Person:
    made: Person = PersonFactory(created_by=cast.sari, **fields)
    return made


def test_words_and_months() -> None:
    assert [outcome_of(word) for word in ("DITERIMA", "tidak-sesuai", "?")] == [True, False, None]
    assert months_before(date(2026, 1, 1), 1) == date(2025, 12, 1)
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)


def test_a_month_from_candidates_to_what_is_paid(premiums: Premiums, cast: Cast) -> None:
    people = [somebody(cast) for _ in range(3)]
    round_ = premiums.open()
    for person in people:
        premiums.decide(premiums.add(round_, person))
    round_ = premiums.send(round_)
    assert PremiumCover.objects.filter(plan=premiums.plan, until_month=None).count() == 3
    assert round_.csv is not None
    text = read_bytes(round_.csv).decode("utf-8-sig")
    assert text.startswith("# Format umum, bukan antarmuka resmi BPJS")
    assert people[0].nik in text
    assert text.count("TAMBAH") == 3
    made = premiums.answer(
        round_, (people[0].nik, "Diterima"), (people[1].nik, "Diterima"), (people[2].nik, "Ditolak")
    )
    assert made.counts == {"rows": 3, "strays": 0, "accepted": 2, "refused": 1, "same": 0}
    round_.refresh_from_db()
    assert round_.state == "answered"
    assert PremiumCover.objects.filter(is_void=True).get().person == people[2]
    paid = StageEntitlement.objects.get(enrolment=premiums.insurer)
    assert (paid.units, paid.amount) == (2, Decimal(84_000))
    (found,) = plans_of(cast.budi)
    assert (found.spent, found.ceiling) == (Decimal(84_000), None)
    assert found.rounds[0][1].cost == Decimal(84_000)


def test_the_next_month_keeps_adds_and_lets_go(premiums: Premiums, cast: Cast) -> None:
    stays, dies, leaves = (somebody(cast) for _ in range(3))
    first = premiums.month(stays, dies, leaves)
    premiums.answer(first, *((p.nik, "Diterima") for p in (stays, dies, leaves)))
    Person.objects.filter(pk=dies.pk).update(died_on=date(2026, 3, 1), death_source="Desa")
    second = premiums.open(APRIL)
    dead = PremiumLine.objects.get(round=second, person=dies)
    assert (dead.change, dead.state) == ("drop", "waiting")
    assert "Meninggal" in dead.findings[0]
    with refuses("PREMIUM-WAITING"):
        premiums.send(second)
    with refuses("PREMIUM-DEAD"):
        premiums.decide(dead, agree=False, note="Masih hidup kata tetangga")
    premiums.decide(dead)
    going = PremiumLine.objects.get(round=second, person=leaves)
    propose_leaving(line=going, note="Ditanggung pemberi kerja", by=cast.sari, at=AT)
    going.refresh_from_db()
    premiums.decide(going)
    comes = somebody(cast)
    premiums.decide(premiums.add(second, comes))
    second = premiums.send(second)
    changes = dict(PremiumLine.objects.filter(round=second).values_list("person", "change"))
    assert changes == {stays.pk: "keep", dies.pk: "drop", leaves.pk: "drop", comes.pk: "add"}
    assert PremiumCover.objects.get(person=leaves).until_month == MARCH
    premiums.answer(second, *((p.nik, "Diterima") for p in (stays, dies, leaves, comes)))
    paid = StageEntitlement.objects.get(enrolment=premiums.insurer)
    assert (paid.units, paid.counts.get(month=APRIL).units) == (5, 2)


def test_one_payer_per_person(premiums: Premiums, cast: Cast) -> None:
    person = somebody(cast)
    given = {"person": person, "insurance": Insurance.HEALTH, "by": cast.sari, "at": AT}
    other = record_payer(
        payer=PayerKind.REGENCY,
        payer_name="Kabupaten Madiun",
        from_month=MARCH,
        **given,  # type: ignore[arg-type]
    )
    round_ = premiums.open()
    with pytest.raises(Exception, match="Kabupaten Madiun"):
        premiums.add(round_, person)
    with refuses("PREMIUM-TWICE") as second:
        record_payer(
            payer=PayerKind.EMPLOYER,
            payer_name="PR Cempaka",
            from_month=APRIL,
            **given,  # type: ignore[arg-type]
        )
    assert str(second.value) == (
        "Premi orang ini sudah dibayar oleh Kabupaten Madiun pada bulan yang sama; satu orang satu"
        " penanggung. Tidak ada yang disimpan. Akhiri dulu penanggung yang lama."
    )
    with pytest.raises(IntegrityError, match="one_payer_per_person"), transaction.atomic():
        PremiumCover.objects.create(
            person=person,
            insurance=Insurance.HEALTH,
            payer=PayerKind.SELF,
            payer_name="Sendiri",
            area_code="35.19",
            from_month=APRIL,
            opened_at=AT,
            opened_by=cast.sari,
        )
    # Another insurance is another premium, and a payer that ended gives way.
    given["insurance"] = Insurance.WORK
    record_payer(
        payer=PayerKind.EMPLOYER,
        payer_name="PR Cempaka",
        from_month=MARCH,
        **given,  # type: ignore[arg-type]
    )
    PremiumRound.objects.filter(pk=round_.pk).delete()
    round_ = premiums.open(APRIL)
    end_cover(cover=other, until_month=MARCH, by=cast.sari, at=AT)
    premiums.decide(premiums.add(round_, person))
    assert premiums.send(round_).state == "sent"


def test_a_payer_that_came_between_stops_the_list(premiums: Premiums, cast: Cast) -> None:
    person = somebody(cast)
    round_ = premiums.open()
    premiums.decide(premiums.add(round_, person))
    record_payer(
        person=person,
        insurance=Insurance.HEALTH,
        payer=PayerKind.CENTRE,
        payer_name="PBI JK",
        from_month=MARCH,
        by=cast.sari,
        at=AT,
    )
    with refuses("PREMIUM-TWICE"):
        premiums.send(round_)
    round_.refresh_from_db()
    assert (round_.state, round_.csv) == ("open", None)


def test_an_answer_twice_changes_nothing_and_strays_wait(premiums: Premiums, cast: Cast) -> None:
    person, stranger = somebody(cast), somebody(cast)
    round_ = premiums.month(person)
    said = [(person.nik, "Diterima"), (stranger.nik, "Diterima"), (person.nik, "Ditolak")]
    first = premiums.answer(round_, *said)
    assert first.counts == {"rows": 3, "strays": 2, "accepted": 1, "refused": 0, "same": 0}
    again = premiums.answer(round_, *said)
    assert again.pk == first.pk
    assert PremiumStray.objects.count() == 2
    other = premiums.answer(round_, (person.nik, "Diterima"), (person.nik, "mungkin"))
    assert (other.counts["same"], other.counts["strays"]) == (1, 1)
    assert StageEntitlement.objects.get(enrolment=premiums.insurer).units == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        PremiumStray.objects.all().delete()


def test_hands_and_moments(premiums: Premiums, cast: Cast) -> None:
    person = somebody(cast)
    round_ = premiums.open()
    with refuses("PREMIUM-OPEN"):
        premiums.open(APRIL)
    with refuses("PREMIUM-EMPTY"):
        premiums.send(round_)
    with refuses("PREMIUM-NOT-SENT"):
        premiums.answer(round_, (person.nik, "Diterima"))
    line = premiums.add(round_, person)
    with refuses("PREMIUM-LISTED"):
        premiums.add(round_, person)
    with refuses("PREMIUM-NOTE"):
        premiums.decide(line, agree=False)
    with refuses("PREMIUM-RIGHT"):
        decide_line(line=line, agree=True, note="", by=cast.sari, at=AT)
    with refuses("PREMIUM-RIGHT"):
        open_round(plan=premiums.plan, month=APRIL, by=cast.sari, at=AT)
    premiums.decide(line)
    with pytest.raises(IntegrityError, match="adder_is_not"), transaction.atomic():
        PremiumLine.objects.filter(pk=line.pk).update(decided_by=cast.sari)
    dead = premiums.add(round_, somebody(cast, died_on=date(2026, 2, 1), death_source="Desa"))
    with refuses("PREMIUM-DEAD"):
        premiums.decide(dead, note="Masih hidup kata tetangga")
    assert premiums.decide(dead, agree=False, note="Meninggal").state == "rejected"
    sent = premiums.send(round_)
    with refuses("PREMIUM-UNANSWERED"):
        count_month(round_=sent, by=cast.budi, at=AT)
    with refuses("PREMIUM-PLAN"):
        open_plan(
            version=premiums.plan.version,
            insurance=Insurance.WORK,
            insurer=premiums.plan.insurer,
            by=cast.budi,
            at=AT,
        )


def test_who_is_changed_between_opening_and_sending_is_not_sent(
    premiums: Premiums, cast: Cast
) -> None:
    stays, dies, leaves = (somebody(cast) for _ in range(3))
    premiums.answer(
        premiums.month(stays, dies, leaves),
        *((person.nik, "Diterima") for person in (stays, dies, leaves)),
    )
    round_ = premiums.open(APRIL)
    comes = somebody(cast)
    premiums.decide(premiums.add(round_, comes))
    Person.objects.filter(pk__in=[dies.pk, comes.pk]).update(
        died_on=date(2026, 3, 1), death_source="Desa"
    )
    Person.objects.filter(pk=leaves.pk).update(area_code="33.01.01.2001")
    with pytest.raises(Refused, match="3 orang") as refused:
        premiums.send(round_)
    assert refused.value.code == "PREMIUM-CHANGED"
    lines = {line.person_id: line for line in PremiumLine.objects.filter(round=round_)}
    assert {pk: (line.change, line.state) for pk, line in lines.items()} == {
        stays.pk: ("keep", "verified"),
        dies.pk: ("drop", "waiting"),
        leaves.pk: ("drop", "waiting"),
        comes.pk: ("add", "waiting"),
    }
    with refuses("PREMIUM-WAITING"):
        premiums.send(round_)
    premiums.decide(lines[dies.pk])
    premiums.decide(lines[leaves.pk], agree=False, note="Hanya bekerja di sana")
    with refuses("PREMIUM-DEAD"):
        premiums.decide(lines[comes.pk], note="Setuju")
    premiums.decide(lines[comes.pk], agree=False, note="Meninggal")
    # What a verifier has seen is not news a second time.
    assert premiums.send(round_).state == "sent"
    assert PremiumCover.objects.get(person=leaves).until_month is None
    assert PremiumCover.objects.get(person=dies).until_month == MARCH


def next_year(premiums: Premiums) -> PremiumPlan:
    """The plan of 2027 of the same programme and insurer."""
    version = ProgrammeVersionFactory(
        programme=premiums.plan.version.programme,
        year=2027,
        benefit_kind=BenefitKind.TARIFF,
        payee_kind=PayeeKind.INSTITUTION,
        annual_amount=None,
        tariff=Decimal(42_000),
        unit_label="orang-bulan",
        one_per_family=False,
        criteria=premiums.plan.version.criteria,
        stages=False,
    )
    return open_plan(
        version=version,
        insurance=Insurance.HEALTH,
        insurer=premiums.plan.insurer,
        by=premiums.cast.budi,
        at=AT,
    )


def test_a_year_passes_its_people_to_the_next(premiums: Premiums, cast: Cast) -> None:
    december, january = date(2026, 12, 1), date(2027, 1, 1)
    stays, dies, refused = (somebody(cast) for _ in range(3))
    last = premiums.month(stays, dies, refused, month=december)
    old, premiums.plan = premiums.plan, next_year(premiums)
    with refuses("PREMIUM-YEAR"):
        premiums.open(january)
    premiums.answer(last, *((p.nik, "Diterima") for p in (stays, dies, refused)))
    Person.objects.filter(pk=dies.pk).update(died_on=date(2026, 3, 1), death_source="Desa")
    first = premiums.open(january)
    changes = dict(PremiumLine.objects.filter(round=first).values_list("person", "change"))
    assert changes == {stays.pk: "keep", dies.pk: "drop", refused.pk: "keep"}
    assert set(old.covers.values_list("until_month", flat=True)) == {december}
    premiums.decide(PremiumLine.objects.get(round=first, person=dies))
    first = premiums.send(first)
    premiums.answer(first, (stays.nik, "Diterima"), (dies.nik, "Diterima"), (refused.nik, "Tolak"))
    # Who left or was refused in the first month was never paid by the new year.
    assert dict(premiums.plan.covers.values_list("person", "is_void")) == {
        stays.pk: False,
        dies.pk: True,
        refused.pk: True,
    }
    assert covers_in([stays.pk], insurance="health", month=january)[stays.pk].plan == premiums.plan
    with refuses("PREMIUM-PASSED"):
        PremiumRound.objects.filter(plan=old).update(month=date(2026, 11, 1))
        open_round(plan=old, month=december, by=cast.budi, at=AT)


def test_a_plan_that_ends_lets_its_people_go(
    premiums: Premiums, cast: Cast, client: Client
) -> None:
    person = somebody(cast)
    with refuses("PREMIUM-NOBODY"):
        close_plan(plan=premiums.plan, note="Pindah", by=cast.budi, at=AT)
    sent = premiums.month(person)
    with refuses("PREMIUM-OPEN"):
        close_plan(plan=premiums.plan, note="Pindah", by=cast.budi, at=AT)
    with refuses("PREMIUM-RIGHT"):
        close_plan(plan=premiums.plan, note="Pindah", by=cast.vera, at=AT)
    premiums.answer(sent, (person.nik, "Diterima"))
    client.force_login(cast.budi)
    page = reverse("programs:premium_plan_close", args=[premiums.plan.pk])
    assert page in client.get(reverse("programs:premiums")).content.decode()
    assert client.post(page, {"note": " "}).status_code == 422
    assert client.post(page, {"note": "Diteruskan pusat"}).status_code == 302
    assert PremiumCover.objects.get(person=person).until_month == MARCH
    assert page not in client.get(reverse("programs:premiums")).content.decode()
    other = record_payer(
        person=person,
        insurance=Insurance.HEALTH,
        payer=PayerKind.CENTRE,
        payer_name="PBI JK",
        from_month=APRIL,
        by=cast.sari,
        at=AT,
    )
    assert other.until_month is None


def test_an_answer_is_kept_when_its_month_cannot_be_counted(
    premiums: Premiums, cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [somebody(cast), somebody(cast)]
    sent = premiums.month(*people)
    monkeypatch.setattr(units, "USE_CHECKS", [lambda _row: "Sudah masuk daftar bayar."])
    premiums.answer(sent, *((person.nik, "Diterima") for person in people))
    sent.refresh_from_db()
    assert sent.state == "answered"
    assert counted_units(sent) is None
    monkeypatch.setattr(units, "USE_CHECKS", [])
    # A file that comes later answers nobody anew and counts nothing.
    premiums.answer(sent, (people[0].nik, "Diterima"))
    assert counted_units(sent) is None
    client.force_login(cast.budi)
    client.post(reverse("programs:premium_count", args=[sent.pk]))
    assert counted_units(sent) == 2


def test_the_plans_are_read_in_as_many_queries_for_any_number_of_months(
    premiums: Premiums, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = somebody(cast)
    premiums.answer(premiums.month(person), (person.nik, "Diterima"))
    with CaptureQueriesContext(connection) as once:
        plans_of(cast.budi)
    premiums.answer(premiums.send(premiums.open(APRIL)), (person.nik, "Diterima"))
    with django_assert_num_queries(len(once)):
        (found,) = plans_of(cast.budi)
    assert [(row.month, figures.keep, figures.accepted) for row, figures in found.rounds] == [
        (APRIL, 1, 1),
        (MARCH, 0, 1),
    ]
    assert (found.spent, found.open_covers) == (Decimal(84_000), 1)


def test_the_file_is_the_same_for_the_same_list() -> None:
    row = PremiumRow("3519014108500001", "=Siti", date(1950, 8, 1), "P", "35.19", "Jl. 1", "TETAP")
    assert premium_csv([row], month=MARCH) == premium_csv([row], month=MARCH)
    assert b"'=Siti" in premium_csv([row], month=MARCH)


def test_the_pages_carry_a_month(premiums: Premiums, cast: Cast, client: Client) -> None:
    person = somebody(cast)
    client.force_login(cast.budi)
    opened = reverse("programs:premium_open", args=[premiums.plan.pk])
    assert client.post(opened, {"month": "2026-03"}).status_code == 302
    round_ = PremiumRound.objects.get()
    page = reverse("programs:premium_round", args=[round_.pk])
    client.force_login(cast.sari)
    wrong = client.post(reverse("programs:premium_add", args=[round_.pk]), {"nik": "123"})
    assert wrong.status_code == 422
    client.post(reverse("programs:premium_add", args=[round_.pk]), {"nik": person.nik})
    line = PremiumLine.objects.get()
    client.force_login(cast.vera)
    assert person.name in client.get(page).content.decode()
    client.post(reverse("programs:premium_line", args=[line.pk]), {"setuju": "1"})
    client.force_login(cast.budi)
    client.post(reverse("programs:premium_send", args=[round_.pk]))
    assert "bukan antarmuka resmi BPJS" in client.get(page).content.decode()
    upload = SimpleUploadedFile("jawaban.csv", f"NIK;STATUS\n{person.nik};Diterima\n1;X\n".encode())
    answer = reverse("programs:premium_answer", args=[round_.pk])
    assert client.post(answer, {"file": upload}).status_code == 302
    shown = client.get(page).content.decode()
    assert "Karantina" in shown
    assert "Rp\xa042.000" in shown or "Rp42.000" in shown
    assert client.get(reverse("programs:premiums")).status_code == 200
    listed = client.get(reverse("programs:premium_lines"), {"round": round_.pk, "change": "add"})
    assert person.name in listed.content.decode()

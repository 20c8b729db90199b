"""What is done for thousands of lines at once says the same as looking at each line."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from bansos.lib.errors import Refused
from beneficiaries.models import BankAccount, Person, Snapshot, SnapshotEntry
from disbursements.choices import LineState
from disbursements.models import Hit, PayList, PaymentLine
from disbursements.queries import fingerprints
from disbursements.rules.fingerprint import HashedLine, seal_list
from disbursements.services import drawing, lists, preflight
from programs.models import Enrolment, Programme, ProgrammeVersion
from tests.cast import Cast
from tests.factories.disbursements import NOW, World, fresh, make_world

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
NASTY = (
    'Siti "Ibu" Aminah',
    "Back\\slash \\. \\n",
    "Tab\there\x01\x02 bell\x07 del\x7f",
    "Ñandú Ü é 汉字 😀   line",
    "</script> ' %s {0}",
)
CRITERIA: list[dict[str, Any]] = [
    {"code": "min_age_on_stage", "params": {"age": 70}},
    {"code": "max_age", "params": {"age": 90}},
    {"code": "min_age_months", "params": {"months": 12}},
    {"code": "desil_in", "params": {"values": [1, 2, 3]}},
    {"code": "in_dtsen", "params": {}},
    {"code": "in_regular_pkh", "params": {}, "waivable": True},
    {"code": "one_per_family", "params": {}},
    {"code": "domicile_in_province", "params": {"province": "35"}},
    {"code": "sex_is", "params": {"sex": "P"}},
    {"code": "not_excluded", "params": {"codes": ["ASN", "TNI"]}},
    {"code": "alive", "params": {}},
    {"code": "never_received", "params": {"programmes": ["ASPD"]}},
    {"code": "group_size", "params": {"least": 3, "most": 9}},
    {"code": "field_check", "params": {"key": "weak", "question": "Tidak mampu bekerja"}},
]


def seen_by_python(pay_list: PayList) -> str:
    rows = pay_list.lines.exclude(state__in=["excluded", "cancelled"]).order_by("position")
    lines = [
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
        )
        for row in rows
    ]
    return seal_list(fingerprints.head_of(pay_list), lines).hash


def test_the_database_writes_the_canonical_rows_of_the_rules(cast: Cast) -> None:
    pay_list = make_world(cast, people=len(NASTY) + 2).drawn()
    for line, name in zip(pay_list.lines.order_by("position"), NASTY, strict=False):
        PaymentLine.objects.filter(pk=line.pk).update(payee_name=name, account_holder=name[::-1])
    last = pay_list.lines.order_by("position").last()
    assert last is not None
    PaymentLine.objects.filter(pk=last.pk).update(state="excluded", exclude_reason="x")
    sealed = fingerprints.fingerprint(pay_list)
    assert sealed.hash == seen_by_python(pay_list)
    assert (sealed.count, sealed.total) == (len(NASTY) + 1, Decimal(500_000) * (len(NASTY) + 1))


def test_an_empty_list_has_the_fingerprint_of_no_rows(cast: Cast) -> None:
    pay_list = make_world(cast, people=1).drawn()
    pay_list.lines.update(state="excluded", exclude_reason="x")
    sealed = fingerprints.fingerprint(pay_list)
    assert (sealed.hash, sealed.count) == (seen_by_python(pay_list), 0)


def snapshot(cast: Cast, kind: str, area: str = "35", **fields: Any) -> Snapshot:
    return Snapshot.objects.create(
        kind=kind,
        label=f"{kind} {area} {Snapshot.objects.count()}",
        as_of=fields.pop("as_of", date(2026, 9, 1)),
        source="uji",
        area_code=area,
        is_complete=True,
        loaded_at=NOW,
        loaded_by=cast.budi,
    )


def say(row: Snapshot, index: str | None, *, kind: str = "kk", **fields: Any) -> None:
    if index and not row.entries.filter(key_kind=kind, key_index=index).exists():
        SnapshotEntry.objects.create(snapshot=row, key_kind=kind, key_index=index, **fields)


def disturb(world: World, dice: random.Random, registry: dict[str, Snapshot]) -> None:
    """Every person as the sieve likes it; about half of them with one or two faults."""
    for place, row in enumerate(Enrolment.objects.select_related("person__family").order_by("pk")):
        faults = set(dice.sample(range(16), dice.choice((0, 1, 1, 2)))) if place > 3 else set()
        _enter(row.person, faults, dice, registry)
        changes = _changes(faults, dice)
        if changes:
            Person.objects.filter(pk=row.person_id).update(**changes)
        if 11 in faults:
            Enrolment.objects.filter(pk=row.pk).update(state="suspended")
        if 12 in faults:
            world.decree.lines.filter(enrolment=row).delete()
        if 13 in faults:
            name = row.person.name
            BankAccount.objects.filter(person=row.person_id).update(
                holder_name=dice.choice(("Orang Lain", name + "h", name.upper()))
            )


def _enter(
    person: Person, faults: set[int], dice: random.Random, registry: dict[str, Snapshot]
) -> None:
    kk, nik = person.family.kk_index if person.family else None, person.nik_index
    if 0 not in faults:
        say(registry["dtsen"], kk, desil=9 if 1 in faults else 2)
    elif dice.random() < 0.5:
        say(registry["dtsen"], nik, kind="nik", desil=2)
    if 2 not in faults:
        say(registry["pkh"], kk)
    if 3 in faults:
        say(registry["exclusion"], nik, kind="nik", code=dice.choice(("ASN", "TNI")))
    if 4 in faults:
        say(registry["death"], nik, kind="nik")


def _changes(faults: set[int], dice: random.Random) -> dict[str, Any]:
    near = date(1956, 3, 1) + timedelta(days=dice.randint(-4, 4))
    fields: dict[int, tuple[str, Any]] = {
        5: ("birth_date", date(1990, 1, 1)),
        6: ("birth_date", date(1920, 1, 1)),
        7: ("birth_date", near),
        8: ("sex", "L"),
        9: ("nik_index", None),
        10: ("died_on", date(2026, 10, 1)),
        14: ("birth_date", near),
        15: ("birth_date", near),
    }
    return dict(fields[fault] for fault in sorted(faults) if fault in fields)


def told(pay_list: PayList) -> set[tuple[int, str, str, str]]:
    rows = Hit.objects.filter(pay_list=pay_list)
    return {(hit.line_id, hit.code, hit.severity, hit.message) for hit in rows}


def judged_one_by_one(pay_list: PayList) -> set[tuple[int, str, str, str]]:
    lines = list(
        pay_list.lines.filter(state="waiting")
        .select_related("person", "enrolment")
        .order_by("position")
    )
    hits = preflight._hits(pay_list, lines, today=TODAY)
    return {(hit.line_id, hit.code, hit.severity, hit.message) for hit in hits}


@pytest.mark.parametrize("seed", [0, 2])
def test_the_sieve_holds_back_every_line_that_has_a_hit(cast: Cast, seed: int) -> None:
    dice = random.Random(seed)
    world = make_world(cast, people=120)
    world.version.criteria = [row | {"label": ""} for row in CRITERIA[: 12 + seed]]
    world.version.exclusive_with = ["BLT"]
    world.version.save()
    pay_list = world.drawn()
    registry = {kind: snapshot(cast, kind) for kind in ("dtsen", "pkh", "exclusion", "death")}
    disturb(world, dice, registry)
    if seed == 2:  # a newer list for a part of the regency only
        say(snapshot(cast, "dtsen", "35.19.01", as_of=date(2026, 10, 1)), "x", desil=1)
    first, second = BankAccount.objects.order_by("pk")[:2]
    second.number = first.number or ""
    second.save()
    row = fresh(pay_list)
    lists.check_step(pay_list=row, cursor={}, at=world.tick())
    expected = judged_one_by_one(row)
    assert told(row) == expected
    assert {code for _line, code, _weight, _words in expected} >= {"age", "criterion", "decree"}
    clean = row.lines.filter(state="waiting").count() - len({hit[0] for hit in expected})
    assert clean > 3 if seed < 1 else clean >= 0


@pytest.mark.parametrize("kind", ["asn", "forces", "companion", "exclusion"])
def test_the_sieve_reads_every_list_of_exclusions(cast: Cast, kind: str) -> None:
    world = make_world(cast, people=3)
    world.version.criteria = [{"code": "not_excluded", "params": {}, "label": ""}]
    world.version.save()
    registry = {kind: snapshot(cast, kind), "exclusion": snapshot(cast, "exclusion")}
    say(registry[kind], world.enrolments[1].person.nik_index, kind="nik")
    row = world.drawn()
    assert told(row) == judged_one_by_one(row)
    assert [(hit.line.position, hit.code) for hit in Hit.objects.all()] == [(2, "criterion")]


def test_the_sieve_knows_who_has_a_home_outside(cast: Cast) -> None:
    world = make_world(cast, people=3)
    world.version.criteria = [
        {"code": "domicile_in_province", "params": {"province": "35"}, "label": ""}
    ]
    world.version.save()
    Person.objects.filter(pk=world.enrolments[1].person_id).update(
        home_outside="Kota Padang, Sumatera Barat"
    )
    row = world.drawn()
    assert told(row) == judged_one_by_one(row)
    assert [(hit.line.position, hit.code) for hit in Hit.objects.all()] == [(2, "criterion")]


def test_what_nobody_can_be_judged_by_is_said_of_every_line(cast: Cast) -> None:
    world = make_world(cast, people=5)
    world.version.criteria = [row | {"label": ""} for row in CRITERIA]
    world.version.save()
    row = world.drawn()
    assert told(row) == judged_one_by_one(row)
    assert Hit.objects.filter(pay_list=row, code="unknown").count() == 5


def test_a_list_drawn_in_parts_is_the_list_drawn_at_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(cast, people=23)
    once = [row.enrolment_id for row in world.drawn().lines.order_by("position")]
    lists.cancel(pay_list=PayList.objects.get(), reason="ulang", by=cast.budi, at=world.tick())
    monkeypatch.setattr(drawing, "CHUNK", 4)
    monkeypatch.setattr(preflight, "CHUNK", 3)
    again = world.drawn()
    lines = list(again.lines.order_by("position"))
    assert [row.enrolment_id for row in lines] == once
    assert [row.position for row in lines] == list(range(1, 24))
    assert [row.reference[-7:] for row in lines] == [f"{n:07d}" for n in range(1, 24)]
    assert [row.account_number for row in lines] == [
        BankAccount.objects.get(person=row.person).number for row in lines
    ]
    assert all(row.address.endswith(", Kabupaten Madiun") for row in lines)
    assert (again.count, again.total) == (23, Decimal(500_000) * 23)


def test_an_account_changed_before_the_lock_is_copied_anew(cast: Cast) -> None:
    world = make_world(cast, people=3)
    row = world.drawn()
    line = row.lines.order_by("position")[1]
    account = BankAccount.objects.get(person=line.person)
    account.number, account.holder_name = "777888999", line.payee_name.upper()
    account.save()
    locked = world.locked(row)
    line.refresh_from_db()
    assert (line.account_number, line.account_index) == ("777888999", account.number_index)
    assert locked.content_hash == seen_by_python(locked)


def test_every_line_is_compared_with_its_owner_of_today(cast: Cast) -> None:
    """Renamed, moved, swapped, closed, at another bank, with somebody else's number."""
    world = make_world(cast, people=8)
    row = world.drawn()
    people = [line.person for line in row.lines.select_related("person").order_by("position")]
    accounts = [BankAccount.objects.get(person=person) for person in people]
    Person.objects.filter(pk=people[0].pk).update(name="Nama Sesudah Ralat")
    one, two = accounts[1:3]
    one.number, two.number = two.number, one.number
    one.save()
    two.save()
    BankAccount.objects.filter(pk=accounts[3].pk).update(bank_code="008")
    for account in accounts[4:6]:  # of one name: only whose it is tells them apart
        account.number, account.holder_name = accounts[5].number, "Sri Rahayu"
        account.save()
    Person.objects.filter(pk__in=[row.pk for row in people[4:6]]).update(name="Sri Rahayu")
    BankAccount.objects.filter(pk=accounts[6].pk).update(state="closed", closed_at=NOW)
    lists.check_step(pay_list=fresh(row), cursor={}, at=world.tick())
    assert told(row) == judged_one_by_one(row)
    lines = list(row.lines.order_by("position"))
    assert lines[0].payee_name == "Nama Sesudah Ralat"
    for line, account in zip(lines[1:3], (one, two), strict=True):
        assert (line.person_id, line.account_number) == (account.person_id, account.number)
    assert [(line.account_index, line.bank_code) for line in (lines[3], lines[6])] == [
        (None, "")
    ] * 2
    hits = Hit.objects.filter(pay_list=row).exclude(code="unknown")
    assert sorted(hits.values_list("line__position", "code")) == [
        (1, "holder"),
        (4, "no_account"),
        (5, "shared"),
        (6, "shared"),
        (7, "no_account"),
    ]


def test_one_bad_line_among_many_stops_the_whole_statement(cast: Cast) -> None:
    world = make_world(cast, people=4)
    row = world.locked()
    first = row.lines.order_by("position")[0]
    for change in ({"payee_name": "Lain"}, {"amount": Decimal(1)}, {"state": LineState.EXCLUDED}):
        change = change | ({"exclude_reason": "x"} if "state" in change else {})
        with pytest.raises(IntegrityError), transaction.atomic():
            row.lines.filter(pk=first.pk).update(**change)
    with pytest.raises(IntegrityError, match="does not move"), transaction.atomic():
        row.lines.update(state=LineState.RETURNED)
    with pytest.raises(IntegrityError, match="no line leaves"), transaction.atomic():
        first.delete()
    assert set(row.lines.values_list("state", flat=True)) == {"waiting"}


def test_an_sp2d_number_stands_once_in_an_agency_and_year(cast: Cast) -> None:
    world = make_world(cast, people=2)
    world.with_sp2d(number="SP2D-7")
    programme = Programme.objects.create(
        agency=cast.agency, area_code="35", code="LAIN", name="Program lain"
    )
    PayList.objects.update(sp2d_number="SP2D-8")
    second = world.approved(world.drawn(stage=world.stages[1]))
    other = ProgrammeVersion.objects.create(
        programme=programme, year=2026, payee_kind="person", benefit_kind="per_stage"
    )
    PayList.objects.exclude(pk=second.pk).update(version=other)
    with pytest.raises(Refused, match="daftar lain"):
        record(world, second, "SP2D-8")
    assert record(world, second, "SP2D-9").state == "sp2d"


def record(world: World, pay_list: PayList, number: str) -> PayList:
    return lists.record_sp2d(
        pay_list=pay_list,
        spm_number="SPM-9",
        sp2d_number=number,
        sp2d_date=world.clock.date(),
        amount=pay_list.total,
        by=world.cast.tono,
        at=world.tick(),
    )

"""Who receives: one meaning for the judge, the SQL, exclusivity, coverage and simulations."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection

from bansos.audit.models import Event
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from beneficiaries.choices import GroupRole, LeaveReason, SnapshotKind
from beneficiaries.models import Person
from beneficiaries.services.groups import give_role, leave_group
from programs.choices import Answer, EnrolmentState, PayeeKind
from programs.models import Enrolment, ProgrammeVersion, SimulationRow
from programs.queries.cases import open_cases
from programs.queries.compiled import compile_criteria
from programs.queries.counting import answers_of, count_overlap
from programs.queries.enrolments import latest_answers
from programs.queries.exclusivity import conflicts_for, conflicts_of, shut_out
from programs.queries.facts import facts_for
from programs.queries.received import everybody_of, help_of, helped_in
from programs.rules import evaluate
from programs.services.choosing import eligible_now
from programs.services.proposals import propose
from programs.views.exclusivity import ASKING
from tests.beneficiaries.kube import active, officer, plain_member
from tests.cast import Cast
from tests.factories.beneficiaries import NOW, PersonFactory, SnapshotFactory
from tests.factories.programs import EnrolmentFactory
from tests.programs.helping import (
    group_of,
    helped_otherwise,
    home_of,
    payee,
    premiums_of,
    programme,
    receives,
)
from tests.programs.stage import AT
from tests.programs.test_simulations import simulated

pytestmark = pytest.mark.django_db
TODAY = date(2026, 2, 2)
NEVER = [{"code": "never_received", "params": {"programmes": ["KUBE"]}}]


def people(cast: Cast, count: int) -> list[Person]:
    return [PersonFactory(created_by=cast.sari) for _turn in range(count)]


def answers(version: ProgrammeVersion, persons: list[Person]) -> list[tuple[Answer, str]]:
    """What the judge says of each, once the compiled criteria say the same."""
    facts = facts_for(persons, version=version, today=TODAY)
    told = [evaluate(version.criteria, facts[row.pk])[0] for row in persons]
    compiled = compile_criteria(
        version.criteria, version=version, area_code="35", stage_date=TODAY, today=TODAY
    )
    said = answers_of(compiled, [row.pk for row in persons])
    assert [said[row.pk][1] for row in persons] == [row.answer == Answer.YES for row in told]
    return [(row.answer, row.reason) for row in told]


def words(version: ProgrammeVersion, person: Person) -> list[str]:
    found = conflicts_of([person.pk], version=version, today=TODAY)
    return [row.words for row in found.get(person.pk, [])]


def test_whoever_was_in_a_kube_that_received_has_received_a_kube(cast: Cast) -> None:
    *members, head = people(cast, 6)
    left, late = people(cast, 2)
    rows: list[tuple[Person, date, date | None]] = [
        *((row, date(2024, 1, 1), None) for row in members),
        (left, date(2024, 1, 1), date(2025, 2, 1)),
        (late, date(2026, 1, 5), None),
    ]
    old = programme(cast, "KUBE", year=2025, payee_kind=PayeeKind.GROUP)
    receives(cast, old, head, group_of(cast, rows))
    version = programme(cast, "UEP", criteria=NEVER, exclusive_with=[
        {"programme": "KUBE", "per": "person", "during": "ever"}
    ])  # fmt: skip
    no, yes = (Answer.NO, "Pernah menerima KUBE."), (Answer.YES, "Tidak pernah tercatat menerima.")
    assert answers(version, [*members, left, late, head]) == [no] * 5 + [yes] * 3
    said = "Sudah di Program KUBE sebagai anggota kelompok tahun 2025, yang menutup program ini"
    assert words(version, members[1]) == [f"{said} seterusnya."]
    assert [words(version, row) for row in (left, late, head)] == [[], [], []]


def test_who_answers_for_a_home_or_a_village_does_not_receive_its_residents_do(
    cast: Cast,
) -> None:
    head, chief, resident, moved, insured, ended, refused = people(cast, 7)
    meals = programme(cast, "MAKAN", payee_kind=PayeeKind.INSTITUTION)
    home_of(cast, meals, head, [(resident, True), (moved, False)])
    bkk = programme(cast, "BKK", payee_kind=PayeeKind.GOVERNMENT)
    receives(cast, bkk, chief, payee(cast, "government", "Desa Tambakmas"))
    premium = programme(cast, "PREMI", payee_kind=PayeeKind.INSTITUTION)
    premiums_of(cast, premium, [(insured, "open"), (ended, "ended"), (refused, "void")])
    asked = [{"code": "received_programme", "params": {"when": "this_year", "per": "person"}}]
    barred = ["MAKAN", "BKK", "PREMI"]
    version = programme(cast, "ASPD", criteria=asked, exclusive_with=barred)
    everybody = [head, chief, resident, moved, insured, ended, refused]
    given = [answer for answer, _reason in answers(version, everybody)]
    assert given == [Answer.NO] * 2 + [Answer.YES] * 4 + [Answer.NO]
    assert {row.pk: words(version, row) for row in everybody if words(version, row)} == {
        resident.pk: ["Juga di Program MAKAN sebagai penghuni lembaga tahun 2026."],
        insured.pk: ["Juga di Program PREMI lewat premi yang dibayar tahun 2026."],
    }
    # A home is never named or opened from there.
    [conflict] = conflicts_of([resident.pk], version=version, today=TODAY)[resident.pk]
    assert conflict.enrolment_id is None
    propose(version=version, person=head, account=None, by=cast.sari, at=AT)
    with pytest.raises(Refused) as stopped:
        propose(version=version, person=resident, account=None, by=cast.sari, at=AT)
    assert stopped.value.code == "PROP-EXCLUSIVE"


def test_a_family_has_received_when_a_member_of_a_group_in_it_has(cast: Cast) -> None:
    member, head = people(cast, 2)
    child = PersonFactory(family=member.family, created_by=cast.sari)
    kube = programme(cast, "KUBE", payee_kind=PayeeKind.GROUP)
    receives(cast, kube, head, group_of(cast, [(member, date(2024, 1, 1), None)]))
    params = {"programmes": ["KUBE"], "when": "this_year", "per": "family"}
    version = programme(
        cast,
        "ASPD",
        criteria=[{"code": "received_programme", "params": params}],
        exclusive_with=[{"programme": "KUBE", "per": "family"}],
    )
    given = [answer for answer, _reason in answers(version, [child, member, head])]
    assert given == [Answer.YES, Answer.YES, Answer.NO]
    assert words(version, child) == [
        "Anggota KK yang sama juga di Program KUBE sebagai anggota kelompok tahun 2026."
    ]
    assert words(version, head) == []
    rows = [EnrolmentFactory(version=version, person=row, eligible=True) for row in (child, head)]
    assert shut_out(version, area_code="35", today=TODAY, states=ASKING) == [rows[0].pk]


def test_a_group_is_asked_through_all_its_members(cast: Cast) -> None:
    version = programme(
        cast, "KUBE", payee_kind=PayeeKind.GROUP, criteria=[], exclusive_with=["ASPD"]
    )
    aspd = programme(cast, "ASPD")
    group, clean = active(cast), active(cast, "KUBE Mawar")
    member = plain_member(group).person
    theirs = EnrolmentFactory(version=aspd, person=member, account=None)
    chairs = [row.members.get(role="chair").person for row in (group, clean)]

    def proposed(number: int) -> Enrolment:
        return propose(
            version=version, person=chairs[number], payee=(group, clean)[number].payee,
            account=None, by=cast.sari, at=AT,
        )  # fmt: skip

    proposed(1)
    with pytest.raises(Refused) as stopped:
        proposed(0)
    assert stopped.value.code == "PROP-EXCLUSIVE"
    assert f"{member.name}: Juga di Program ASPD tahun 2026." in str(stopped.value)

    Enrolment.objects.filter(pk=theirs.pk).update(state=EnrolmentState.STOPPED)
    row = proposed(0)
    Enrolment.objects.filter(version=version).update(
        state=EnrolmentState.ELIGIBLE, decided_at=AT, decided_by=cast.vera
    )
    assert row in eligible_now(version, "35.19", at=AT)
    Enrolment.objects.filter(pk=theirs.pk).update(state=EnrolmentState.PROPOSED)
    assert row not in eligible_now(version, "35.19", at=AT)
    assert shut_out(version, area_code="35.19", today=TODAY, states=ASKING) == [row.pk]
    # What is kept with a pay list names nobody.
    kept = conflicts_for(
        [(1, row.person_id, row.payee_id)], version=version, today=TODAY, named=False
    )
    assert [found.words for found in kept[1]] == [
        "Anggota kelompok: Juga di Program ASPD tahun 2026."
    ]
    # And the other way round: a member of the group is shut out of what it shuts out.
    other = clean.members.exclude(role="chair").first()
    assert other is not None
    assert words(aspd, other.person) == [
        "Juga di Program KUBE sebagai anggota kelompok tahun 2026."
    ]


def test_a_new_chair_answers_for_the_open_proposals_of_the_group(cast: Cast) -> None:
    living = [{"code": "alive", "params": {}}]
    open_one, decreed = (
        programme(cast, code, payee_kind=PayeeKind.GROUP, criteria=living)
        for code in ("KUBE", "KUBE2")
    )
    SnapshotFactory(kind=SnapshotKind.DEATH, as_of=date(2026, 1, 10), loaded_by=cast.budi)
    group = active(cast)
    old, successor = officer(group, "chair"), plain_member(group)
    row = propose(
        version=open_one, person=old.person, payee=group.payee, account=None, by=cast.sari, at=AT
    )
    Enrolment.objects.filter(pk=row.pk).update(
        state=EnrolmentState.ELIGIBLE, decided_at=AT, decided_by=cast.vera
    )
    named = receives(cast, decreed, old.person, group.payee)
    Person.objects.filter(pk=old.person_id).update(died_on=date(2026, 1, 20))
    assert eligible_now(open_one, "35", at=AT) == []
    leave_group(member=old, left_on=day_of(NOW), reason=LeaveReason.DIED, by=cast.sari, at=NOW)
    give_role(member=successor, role=GroupRole.CHAIR, by=cast.sari, at=NOW)

    row.refresh_from_db()
    named.refresh_from_db()
    assert (row.person, row.family) == (successor.person, successor.person.family)
    assert row.state == EnrolmentState.ELIGIBLE
    assert named.person == old.person
    [event] = Event.objects.filter(verb="programs.follow_chair")
    assert event.data == {"person": successor.person_id, "old": old.person_id}
    assert [answer.answer for answer in latest_answers(row)] == [Answer.YES]
    assert row.answers.count() == 2
    assert eligible_now(open_one, "35", at=AT) == [row]


def test_of_a_home_nobody_is_asked(cast: Cast) -> None:
    version = programme(
        cast, "MAKAN", payee_kind=PayeeKind.INSTITUTION, criteria=[], exclusive_with=["ASPD"]
    )
    [head] = people(cast, 1)
    EnrolmentFactory(version=programme(cast, "ASPD"), person=head, account=None)
    row = home_of(cast, version, head, [])
    asked = [(row.pk, row.person_id, row.payee_id)]
    assert conflicts_for(asked, version=version, today=TODAY) == {}
    assert shut_out(version, area_code="35", today=TODAY, states=ASKING) == []


def test_every_form_of_the_meaning_finds_the_same_people(cast: Cast) -> None:
    """The rows, the condition of millions and the filter of the lists."""
    everybody = people(cast, 14)
    helped_otherwise(cast, everybody)
    EnrolmentFactory(
        version=programme(cast, "ASPD"), person=everybody[0], active=True, account=None
    )
    ids = [row.pk for row in everybody]
    told = {(row.person_id, row.version_id) for row in help_of(ids) if row.had}
    in_sql: set[tuple[int, int]] = set()
    with connection.cursor() as db:
        for year in (2025, 2026):
            db.execute(everybody_of("%s"), [year] * everybody_of("%s").count("%s"))
            in_sql |= set(db.fetchall())
    in_lists = {
        (pk, version.pk)
        for version in ProgrammeVersion.objects.all()
        for pk in Person.objects.filter(
            helped_in(version.year, path="person", version=version.pk)
        ).values_list("pk", flat=True)
    }
    assert told == in_sql == in_lists
    codes = {row.person_id: row.code for row in help_of(ids) if row.had and row.code != "ASPD"}
    got = [codes.get(pk, "") for pk in ids]
    group = ["KUBE", "KUBE", "KUBE", "", "", "KUBE"]
    assert got == [*group, "MAKAN", "MAKAN", "PREMI", "PREMI", "", "", "", ""]


def test_a_simulation_counts_members_residents_and_the_insured(cast: Cast) -> None:
    everybody = people(cast, 14)
    helped_otherwise(cast, everybody)
    kube = programme(cast, "KUBE2", payee_kind=PayeeKind.GROUP)
    turns: list[tuple[Person, date, date | None]] = [
        (everybody[1], date(2026, 1, 1), None),
        (everybody[2], date(2026, 1, 1), date(2026, 1, 20)),
    ]
    receives(cast, kube, everybody[13], group_of(cast, turns, "KUBE Baru"))
    version = programme(
        cast, "ASPD", criteria=[{"code": "domicile_in_province", "params": {"province": "35"}}]
    )
    row: Any = simulated(cast, version)
    assert SimulationRow.objects.filter(simulation=row).count() >= len(everybody)
    found = {code: count for code, _name, count in count_overlap(version, row.pk)}
    # Of 2025 nothing; who left the group or the home, or is insured no more, is free.
    assert found == {"KUBE2": 1, "MAKAN": 1, "PREMI": 1}


def test_a_list_shows_whom_of_groups_homes_and_premiums_it_would_touch(cast: Cast) -> None:
    everybody = people(cast, 14)
    helped_otherwise(cast, everybody)
    [proposed] = people(cast, 1)
    EnrolmentFactory(version=programme(cast, "ASPD"), person=proposed, account=None)
    EnrolmentFactory(
        version=programme(cast, "KUBE3", payee_kind=PayeeKind.GROUP), person=everybody[3],
        payee=group_of(cast, [(everybody[3], date(2026, 1, 1), None)], "KUBE Baru"), account=None,
    )  # fmt: skip
    found = open_cases("35", 0, 100)
    place = {row.pk: number for number, row in enumerate(everybody)}
    told = {
        place.get(row.person_id, -1): (row.proposals, row.recipients, row.programmes)
        for row in found
    }
    assert told == {
        0: (0, 1, "Program KUBE"),
        # The chair of a group that is proposed, once, though he is a member of it too.
        3: (1, 0, "Program KUBE3"),
        6: (0, 1, "Program MAKAN"),
        8: (0, 1, "Program PREMI"),
        11: (0, 1, "Program KUBE"),
        12: (0, 1, "Program MAKAN"),
        13: (0, 1, "Program BKK"),
        -1: (1, 0, "Program ASPD"),
    }
    # Read in parts it is the same, in the order of the people.
    parts, after = [], 0
    while part := open_cases("35", after, 3):
        parts += part
        after = part[-1].person_id
    assert parts == found
    assert open_cases("64", 0, 100) == []

"""One meaning, two engines: criteria judged person by person and compiled to SQL agree."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.models import (
    Accreditation,
    Company,
    Disability,
    Family,
    FamilyMember,
    Group,
    GroupMember,
    Institution,
    Payee,
    Person,
    PersonCategory,
    Pillar,
    Residency,
    Snapshot,
    SnapshotEntry,
    Worker,
)
from programs.choices import Answer
from programs.models import Assessment, Enrolment, ProgrammeVersion
from programs.queries import scores
from programs.queries.agreement import judged_apart
from programs.queries.compiled import Compiled, compile_criteria, condition_inside
from programs.queries.counting import answers_of
from programs.queries.facts import facts_for
from programs.rules import criteria_problems, evaluate, verdict
from programs.rules.criteria_checks import OF_THE_GROUP
from programs.services.answers import answer_now
from tests.cast import Cast
from tests.factories.beneficiaries import (
    FamilyFactory,
    PersonFactory,
    SnapshotEntryFactory,
    SnapshotFactory,
)
from tests.factories.programs import (
    EnrolmentFactory,
    ProgrammeFactory,
    ProgrammeVersionFactory,
)
from tests.programs.helping import helped_otherwise

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 2, 2, 3, tzinfo=UTC)
TODAY = date(2026, 2, 2)
STAGE = date(2026, 2, 28)  # the day before a 29 February that this year lacks
AREAS = ("35.19.01.2001", "35.19.01.2002", "35.19.02.2003", "35.20.01.2001", "35.19.01", "35")
PEOPLE = 60
EDGES = (date(1956, 2, 28), date(1956, 2, 29), date(1956, 3, 1), date(2026, 2, 28))
ANSWERS = {True: Answer.YES, False: Answer.NO, None: Answer.UNKNOWN}


def births(dice: random.Random) -> date | None:
    if dice.random() < 0.15:
        return None
    if dice.random() < 0.3:
        return dice.choice(EDGES) + timedelta(days=dice.choice((0, 0, 365)))
    return date(1930, 1, 1) + timedelta(days=dice.randrange(96 * 365))


class Village:
    """Sixty people of every kind, with a register that knows some things and not others."""

    def __init__(self, cast: Cast, version: ProgrammeVersion) -> None:
        self.dice, self.cast, self.version = random.Random(7), cast, version
        families = [FamilyFactory(area_code="35.19", created_by=cast.sari) for _ in range(25)]
        self.people = [self._person(number, families) for number in range(PEOPLE)]
        self._lists()
        for person in self.people:
            self._traits(person)
        self._payees()
        self._history()
        self._jobs()
        self._pillars()
        helped_otherwise(cast, self.people[36:50])

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _person(self, number: int, families: list[Family]) -> Person:
        dice = self.dice
        return Person.objects.create(
            nik=None if self.chance(0.1) else f"351901410850{number + 1:04d}",
            name=f"Orang {number}",
            sex=dice.choice(("L", "P", "P", "")),
            birth_date=births(dice),
            family=None if self.chance(0.15) else dice.choice(families),
            area_code=AREAS[0] if number < 10 else dice.choice(AREAS),
            home_outside="Blora, Jawa Tengah" if self.chance(0.08) else "",
            died_on=dice.choice((date(2025, 5, 1), date(2026, 5, 1))) if self.chance(0.1) else None,
            created_at=NOW,
            created_by=self.cast.sari,
            updated_at=NOW,
        )

    def _snapshot(self, kind: str, area: str, as_of: date) -> Snapshot:
        row: Snapshot = SnapshotFactory(
            kind=kind, area_code=area, as_of=as_of, loaded_by=self.cast.budi
        )
        return row

    def _lists(self) -> None:
        """DTSEN twice (newer for a district), PKH and Sembako for one regency, none of forces."""
        rows = [
            self._snapshot("dtsen", "35.19", date(2025, 6, 1)),
            self._snapshot("dtsen", "35.19.01", date(2026, 1, 1)),
            self._snapshot("pkh", "35.19", date(2026, 1, 1)),
            self._snapshot("disability", "35", date(2026, 1, 1)),
            self._snapshot("death", "35.19", date(2026, 1, 1)),
            self._snapshot("asn", "35.19", date(2026, 1, 1)),
            self._snapshot("exclusion", "35.20", date(2026, 1, 1)),
            self._snapshot("sembako", "35.19", date(2026, 1, 1)),
        ]
        for row in rows:
            for person in self.people:
                keys = [("nik", person.nik_index)]
                if person.family and row.kind != "death":
                    keys.append(("kk", person.family.kk_index))
                for key_kind, index in keys:
                    if index and self.chance(0.12 if row.kind == "death" else 0.4):
                        SnapshotEntry.objects.get_or_create(
                            snapshot=row,
                            key_kind=key_kind,
                            key_index=index,
                            defaults={
                                "desil": self.dice.choice((None, 1, 3, 6, 9)),
                                "code": self.dice.choice(("", "Guru", "ASN")),
                            },
                        )

    def _traits(self, person: Person) -> None:
        known = {"recorded_at": NOW, "recorded_by": self.cast.sari}
        until = self.dice.choice((None, None, TODAY, TODAY - timedelta(days=1)))
        since = date(2025, 1, 1)
        if self.chance(0.3):
            kind = self.dice.choice(("physical", "mental", "sensory"))
            Disability.objects.create(
                person=person, kind=kind, since=since, until_date=until, source="uji", **known
            )
        if self.chance(0.3):
            code = self.dice.choice(("23", "24"))
            PersonCategory.objects.create(
                person=person, code=code, since=since, until_date=until, source="uji", **known
            )
        if person.family and self.chance(0.8):
            ours = self.dice.choice((3, 4, 7, None))
            bps = None if ours else self.dice.choice((None, 2, 3, 6))
            FamilyMember.objects.create(
                family=person.family, person=person, relation=ours, bps_relation=bps, **known
            )

    def _payees(self) -> None:
        made = {"created_at": NOW, "created_by": self.cast.sari}
        for number in range(2):
            payee = Payee.objects.create(
                kind="group", name=f"KUBE {number}", area_code="35.19.01.2001", **made
            )
            group = Group.objects.create(
                payee=payee, business_kind="ternak", formed_on=TODAY,
                formed_at=NOW, formed_by=self.cast.sari,
            )  # fmt: skip
            for person in self.people[number * 5 : number * 5 + 3 + number]:
                GroupMember.objects.create(group=group, person=person, joined_on=TODAY, **made)
        # One of them has moved since.
        self.people[2].area_code = AREAS[1]
        self.people[2].save(update_fields=["area_code"])
        for number, grade in enumerate(("A", "B", "X", None)):
            payee = Payee.objects.create(
                kind="institution", name=f"LKSA {number}", area_code="35.19.01.2001", **made
            )
            home = Institution.objects.create(payee=payee, kind="lksa")
            for offset in (900, 400) if grade else ():
                Accreditation.objects.create(
                    institution=home,
                    grade=grade,
                    certificate_number="1",
                    valid_from=STAGE - timedelta(days=offset),
                    valid_until=STAGE + timedelta(days=offset - 500 if grade == "B" else 0),
                    recorded_at=NOW,
                    recorded_by=self.cast.sari,
                )
            # One moves in on the day asked, one later, one leaves then, one left the day before.
            stays = ((0, None), (17, None), (-9, 0), (-9, -1))
            for person, (first, last) in zip(self.people[20 + number * 4 :], stays, strict=False):
                ended = {} if last is None else {
                    "until_date": TODAY + timedelta(days=last),
                    "ended_at": NOW,
                    "ended_by": self.cast.sari,
                }  # fmt: skip
                Residency.objects.create(
                    institution=home, person=person, from_date=TODAY + timedelta(days=first),
                    **made, **ended,
                )  # fmt: skip

    def _history(self) -> None:
        agency = self.version.programme.agency
        for code, year in (("KIP", 2025), ("ASPD", 2026), ("KIP", 2026)):
            programme = ProgrammeFactory(agency=agency, code=code, name=code)
            other = ProgrammeVersionFactory(
                programme=programme, year=year, stages=False, one_per_family=False,
                activated_by=self.cast.budi,
            )  # fmt: skip
            self._enrol(other, [p for p in self.people if self.chance(0.15)])
        holders = {p.family_id: p for p in self.people if p.family_id and self.chance(0.3)}
        self._enrol(self.version, list(holders.values()))

    def _jobs(self) -> None:
        """Some work in their own regency, some elsewhere, some no more, not yet, or in two."""
        made = {"created_at": NOW, "created_by": self.cast.sari}
        factory = Company.objects.create(name="Pabrik Uji", area_code="35.20", **made)
        tomorrow, yesterday = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
        terms = ((None, None), (TODAY, None), (None, TODAY), (None, yesterday), (tomorrow, None))
        for number, person in enumerate(self.people):
            places = ((), ("35.20",), ("35.19",), ("35.19.01", "35.20"))[number % 4]
            start, end = terms[number % len(terms)]
            for place in places:
                Worker.objects.create(
                    person=person, company=factory, work_code=place, from_date=start,
                    until_date=end if len(places) == 1 else end or tomorrow, **made,
                )  # fmt: skip

    def _pillars(self) -> None:
        """TKSK, Tagana and companions; some no more, not yet, without certificate or load."""
        tomorrow, yesterday = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
        first = date(2024, 1, 1)
        terms = ((first, None), (TODAY, TODAY), (first, yesterday), (tomorrow, None))
        for number, person in enumerate(self.people[:48]):
            for which in range(number % 3):
                begun, end = terms[(number // 3 + which) % len(terms)]
                Pillar.objects.create(
                    person=person,
                    kind=("tksk", "tagana", "pkh_plus")[(number + which) % 3],
                    area_code="35.19.01",
                    certificate_number=("", "S-1")[number // 2 % 2],
                    load=(None, 0, 10, 25)[number // 5 % 4],
                    active_from=begun,
                    active_until=end,
                    created_at=NOW,
                    created_by=self.cast.sari,
                )

    def _enrol(self, version: ProgrammeVersion, people: list[Person]) -> None:
        for person in people:
            EnrolmentFactory(
                version=version, person=person, active=True, account=None,
                decided_by=self.cast.vera, proposed_by=self.cast.sari, created_by=self.cast.sari,
            )  # fmt: skip


@pytest.fixture
def village(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Village:
    version = ProgrammeVersionFactory(
        stages=False, one_per_family=False, activated_by=cast.budi, year=2026
    )
    monkeypatch.setattr(scores, "SOURCES", [SCORES])
    monkeypatch.setattr("programs.queries.sql_kinds.SOURCES", [SCORES])
    monkeypatch.setattr(scores, "PAID", [PAID])
    monkeypatch.setattr("programs.queries.sql_kinds.PAID", [PAID])
    return Village(cast, version)


SCORES = scores.ScoreSource(
    read=lambda ids, _version, _on: {pk: {"minat": Decimal(pk % 7)} for pk in ids if pk % 3},
    sql="SELECT CASE WHEN {score} = 'minat' AND mod(p.id, 3) > 0 THEN mod(p.id, 7)::numeric END",
)
PAID = scores.PaidSource(
    read=lambda ids: {pk: {2026: Decimal(pk % 5), 2025: Decimal(pk % 2)} for pk in ids},
    sql="SELECT CASE WHEN {year} IS NULL THEN mod(p.id, 5) + mod(p.id, 2)"
    " WHEN {year} = 2026 THEN mod(p.id, 5) WHEN {year} = 2025 THEN mod(p.id, 2) ELSE 0 END",
)

few = st.integers(0, 4)
ages = st.sampled_from([0, 1, 17, 18, 59, 60, 69, 70, 71, 200])
desils = st.lists(st.sampled_from([1, 3, 6]), min_size=1, max_size=3, unique=True)
whens = st.sampled_from(["this_year", "last_year", "ever"])


def some(*values: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


def kind(code: str, **params: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"code": st.just(code), "params": st.fixed_dictionaries(params)})


def bounded(
    values: st.SearchStrategy[Any], code: str, **more: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    def ordered(node: dict[str, Any]) -> dict[str, Any]:
        params = node["params"]
        if params["least"] is not None and params["most"] is not None:
            params["least"], params["most"] = sorted((params["least"], params["most"]))
        elif params["least"] is None and params["most"] is None:
            params["least"] = 1
        return node

    open_ended = st.one_of(st.none(), values)
    return kind(code, least=open_ended, most=open_ended, **more).map(ordered)


LEAVES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "min_age_on_stage": kind("min_age_on_stage", age=ages),
    "max_age": kind("max_age", age=ages),
    "min_age_months": kind("min_age_months", months=st.sampled_from([0, 1, 6, 840, 841])),
    "desil_in": kind("desil_in", values=desils),
    "in_dtsen": kind("in_dtsen"),
    "in_regular_pkh": kind("in_regular_pkh"),
    "domicile_in_province": kind("domicile_in_province", province=st.sampled_from(["35", "64"])),
    "sex_is": kind("sex_is", sex=st.sampled_from("LP")),
    "not_excluded": kind("not_excluded", codes=st.sampled_from([[], ["ASN"], ["TNI"], ["guru"]])),
    "alive": kind("alive"),
    "never_received": kind(
        "never_received", programmes=some("KIP", "ASPD", "KUBE", "MAKAN", "PREMI", "BKK")
    ),
    "group_size": kind("group_size", least=few, most=st.just(4)),
    "group_one_village": kind("group_one_village"),
    "field_check": kind("field_check", key=st.just("x"), question=st.just("Ada usaha")),
    "age_on_date": bounded(
        ages, "age_on_date", on=st.sampled_from(["", "2024-02-29", "2026-03-01"])
    ),
    "desil_fresh": kind("desil_fresh", values=desils, months=st.sampled_from([1, 3, 12])),
    "in_list": kind(
        "in_list",
        list=st.sampled_from(SnapshotKind.values),
    ),
    "disability_is": kind(
        "disability_is", kinds=st.sampled_from([[], ["physical"], ["mental", "sensory"]])
    ),
    "ppks_is": kind("ppks_is", codes=some("23", "24", "08")),
    "domicile_in_areas": kind(
        "domicile_in_areas",
        areas=some("35.19", "35.19.01.2001", "35.20.01", "35.19.02"),
        name=st.just(""),
    ),
    "family_size": bounded(few, "family_size"),
    "family_has_aged": bounded(ages, "family_has_aged", count=few),
    "relation_is": kind("relation_is", relations=some(2, 3, 4, 7, 8)),
    "received_programme": kind(
        "received_programme",
        programmes=st.sampled_from(
            [[], ["KIP"], ["ASPD", "KIP"], ["KUBE"], ["MAKAN", "PREMI"], ["BKK"]]
        ),
        when=whens,
        per=st.sampled_from(["person", "family"]),
    ),
    "amount_received": bounded(few.map(str), "amount_received", when=whens),
    "accredited": kind("accredited", grades=some("A", "B", "C")),
    "works_elsewhere": kind("works_elsewhere"),
    "not_in_institution": kind("not_in_institution"),
    "pillar_is": kind(
        "pillar_is",
        kinds=some("tksk", "tagana", "pkh_plus"),
        certificate=st.sampled_from(["ya", "tidak"]),
        load=st.sampled_from([None, 0, 10, 11]),
    ),
    "score_between": bounded(few.map(str), "score_between", score=st.sampled_from(["minat", "x"])),
}
leaves = st.one_of(*LEAVES.values())


def nested(
    ground: st.SearchStrategy[dict[str, Any]], most: int
) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        ground,
        lambda inner: st.fixed_dictionaries(
            {
                "group": st.sampled_from(["all", "any", "not"]),
                "items": st.lists(inner, min_size=1, max_size=3),
            }
        ),
        max_leaves=most,
    )


# What may be asked of one member after the other.
of_member = st.one_of(*[node for code, node in LEAVES.items() if code not in OF_THE_GROUP])
each_member = st.fixed_dictionaries(
    {"group": st.just("each"), "items": st.lists(nested(of_member, 3), min_size=1, max_size=3)}
)
trees = nested(st.one_of(leaves, leaves, each_member), 6).filter(
    lambda node: not any("bersarang" in words for words in criteria_problems([node]))
)
tops = st.one_of(
    trees,
    kind("one_per_family"),
    trees.map(lambda node: {**node, "waivable": True}),
)


def by_rules(village: Village, criteria: list[dict[str, Any]]) -> dict[int, Answer]:
    village.version.criteria = criteria
    facts = facts_for(village.people, version=village.version, today=TODAY, stage_date=STAGE)
    return {pk: verdict(evaluate(criteria, facts[pk])) for pk in facts}


def verdicts_of(compiled: Compiled, people: list[Person]) -> dict[int, bool | None]:
    return {pk: row[0] for pk, row in answers_of(compiled, [p.pk for p in people]).items()}


def by_sql(village: Village, criteria: list[dict[str, Any]]) -> dict[int, Answer]:
    compiled = compile_criteria(
        criteria, version=village.version, area_code="35", stage_date=STAGE, today=TODAY
    )
    found = {
        pk: row[0]
        for pk, row in answers_of(compiled, [person.pk for person in village.people]).items()
    }
    with connection.cursor() as db:
        db.execute(
            f"SELECT p.id, {compiled.outcome} FROM {compiled.source} WHERE {compiled.sieve}",
            compiled.params,
        )
        many = dict(db.fetchall())
    # Whom the sieve holds back is certainly out; the sieve never holds back anybody else.
    assert all(found[pk] is False for pk in found if pk not in many)
    words = {True: {"yes"}, False: {"no"}, None: {"pending", "unknown"}}
    assert all(outcome in words[found[pk]] for pk, outcome in many.items())
    return {pk: ANSWERS[answer] for pk, answer in found.items()}


def inside(version: ProgrammeVersion, node: dict[str, Any]) -> dict[int, Answer]:
    sql, params = condition_inside(
        node, version=version, area_code="35", stage_date=STAGE, today=TODAY
    )
    with connection.cursor() as db:
        db.execute(
            f"SELECT p.id, {sql} FROM beneficiaries_person p"
            " LEFT JOIN beneficiaries_family f ON f.id = p.family_id",
            params,
        )
        return {pk: ANSWERS[answer] for pk, answer in db.fetchall()}


def examples(count: int) -> Any:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )


few_examples = examples(8)


def test_generated_criteria_mean_the_same_to_both(village: Village) -> None:
    """Whole lists with groups, waivers and the implicit death, over sixty odd people."""

    @examples(70)
    @given(st.lists(tops, min_size=1, max_size=4))
    def compare(criteria: list[dict[str, Any]]) -> None:
        assert [p for p in criteria_problems(criteria) if "dua kali" not in p] == []
        with transaction.atomic():
            assert by_sql(village, criteria) == by_rules(village, criteria)

    compare()


def test_both_judge_every_proposal_alike(village: Village) -> None:
    """Whoever lives in another province now, answers for two homes, or comes from a visit."""
    version = village.version
    village._snapshot("dtsen", "64.72", date(2025, 1, 1))
    village._snapshot("death", "64", date(2025, 1, 1))
    for person in village.people[::5]:
        person.area_code = village.dice.choice(("64.72.01.1001", "64.74.01.1001", "33.16.01.2001"))
        person.save(update_fields=["area_code"])
    proposed = set(Enrolment.objects.filter(version=version).values_list("person_id", flat=True))
    village._enrol(version, [p for p in village.people if p.pk not in proposed][:20])
    people = list(Enrolment.objects.filter(version=version).order_by("pk"))
    for number, payee in enumerate(Payee.objects.order_by("kind", "pk")):
        Enrolment.objects.filter(pk=people[number].pk).update(payee=payee, state="not_eligible")
        # An older proposal of the same payee by somebody else, and one head of two homes.
        EnrolmentFactory(
            version=version, person=people[-1 - number // 2].person, payee=payee, account=None,
            proposed_by=village.cast.sari, created_by=village.cast.sari,
        )  # fmt: skip
    rows = list(Enrolment.objects.filter(version=version).select_related("person").order_by("pk"))
    seen = {row.person_id: {"x": bool(row.pk % 2)} for row in rows if row.pk % 3}
    kinds = {row.payee.kind if row.payee else "" for row in rows}
    assert kinds == {"", "group", "institution", "government"}
    assert len({row.person_id for row in rows}) < len(rows)

    @examples(60)
    @given(st.lists(tops, min_size=1, max_size=4))
    def compare(criteria: list[dict[str, Any]]) -> None:
        version.criteria = criteria
        with transaction.atomic():
            answers = answer_now(rows, version=version, at=NOW, observed=seen)
            found = judged_apart(rows, answers, version=version, today=TODAY, observed=seen)
            assert found == {}

    compare()


def test_every_kind_means_the_same_and_is_met_failed_or_unknown(village: Village) -> None:
    seen: dict[str, set[Answer]] = {code: set() for code in LEAVES}

    def compare(node: dict[str, Any]) -> None:
        village.version.criteria = [node]
        facts = facts_for(village.people, version=village.version, today=TODAY, stage_date=STAGE)
        alone = {pk: evaluate([node], facts[pk])[0].answer for pk in facts}
        assert inside(village.version, node) == alone
        seen[node["code"]].update(alone.values())

    for strategy in LEAVES.values():
        few_examples(given(strategy)(compare))()
    always_known = ("never_received", "amount_received", "domicile_in_province")
    always_known += ("not_in_institution",)  # what nobody can know of has a test of its own
    odd = {code: {Answer.YES, Answer.NO} for code in always_known}
    odd["field_check"] = {Answer.UNKNOWN}
    assert seen == {code: odd.get(code, set(Answer)) for code in LEAVES}


@pytest.mark.parametrize("which", SnapshotKind.values)
def test_every_list_that_is_imported_can_be_asked_about(cast: Cast, which: str) -> None:
    """Not loaded: nobody knows; loaded: who is in it is told apart from who is not."""
    node = {"code": "in_list", "params": {"list": which}}
    version = ProgrammeVersionFactory(activated_by=cast.budi, criteria=[node])
    people = [PersonFactory(created_by=cast.sari) for _ in range(2)]
    assert criteria_problems([node]) == []

    def told() -> list[Answer]:
        facts = facts_for(people, version=version, today=TODAY, stage_date=STAGE)
        alone = [evaluate([node], facts[person.pk])[0].answer for person in people]
        found = inside(version, node)
        assert [found[person.pk] for person in people] == alone
        return alone

    assert told() == [Answer.UNKNOWN, Answer.UNKNOWN]
    row = SnapshotFactory(kind=which, as_of=date(2026, 1, 10), loaded_by=cast.budi)
    assert told() == [Answer.NO, Answer.NO]
    SnapshotEntryFactory(snapshot=row, key_kind=KeyKind.NIK, key_index=people[0].nik_index)
    assert told() == [Answer.YES, Answer.NO]


def test_where_no_home_names_its_residents_neither_engine_knows(village: Village) -> None:
    """A stay that is over, or of another province, tells nothing about who lives here today."""
    node = {"code": "not_in_institution"}
    village.version.criteria = [node]

    def told() -> set[Answer]:
        facts = facts_for(village.people, version=village.version, today=TODAY, stage_date=STAGE)
        alone = {pk: evaluate([node], facts[pk])[0].answer for pk in facts}
        assert inside(village.version, node) == alone
        return set(alone.values())

    Payee.objects.filter(kind="institution").update(area_code="64.72.01.1001")
    assert told() == {Answer.NO, Answer.UNKNOWN}
    Residency.objects.filter(until_date=None).delete()
    Residency.objects.update(until_date=TODAY - timedelta(days=1))
    Payee.objects.filter(kind="institution").update(area_code="35.19.01.2001")
    assert told() == {Answer.UNKNOWN}


def test_scores_of_assessments_reach_both_engines(cast: Cast) -> None:
    version = ProgrammeVersionFactory(activated_by=cast.budi)
    rows = [EnrolmentFactory(version=version) for _ in range(2)]
    for round_, score in ((1, 9), (2, 4)):
        Assessment.objects.create(
            enrolment=rows[0], form_code="minat", round=round_, score=score, most=10,
            answers={}, assessed_on=TODAY, made_at=NOW, made_by=cast.vera,
        )  # fmt: skip
    criteria = [{"code": "score_between", "params": {"score": "minat", "most": "5"}}]
    version.criteria = criteria
    people = [row.person for row in rows]
    facts = facts_for(people, version=version, today=TODAY, stage_date=STAGE)
    told = [verdict(evaluate(criteria, facts[person.pk])) for person in people]
    compiled = compile_criteria(
        criteria, version=version, area_code="35", stage_date=STAGE, today=TODAY
    )
    found = {
        pk: row[0] for pk, row in answers_of(compiled, [person.pk for person in people]).items()
    }
    assert told == [ANSWERS[found[person.pk]] for person in people]
    assert told == [Answer.YES, Answer.UNKNOWN]

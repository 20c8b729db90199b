"""One person, all help: who of the poor is reached, by what, and where programmes overlap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.lib.lists import export_rows
from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.models import Group, Person
from programs.choices import Insurance, PayeeKind, PayerKind, VersionState
from programs.models import PremiumCover, PremiumPlan, ProgrammeVersion
from programs.queries.coverage import coverage, overlap, poverty_snapshot
from programs.queries.people import payee_panel, person_panel
from programs.tables import FamilyOverlapList, OverlapList, PoorFamilyList
from tests.access_flows import make_premiums
from tests.beneficiaries.kube import active
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory, SnapshotEntryFactory, SnapshotFactory
from tests.factories.programs import NOW, EnrolmentFactory, ProgrammeVersionFactory

pytestmark = pytest.mark.django_db
VILLAGE, MAGETAN = "35.19.01.2001", "35.20.01.2001"


@dataclass
class Ground:
    """PKH Plus and KUBE of 2026, and families of known desil."""

    cast: Cast
    plus: ProgrammeVersion
    kube: ProgrammeVersion
    plan: PremiumPlan

    def person(self, desil: int, area_code: str = VILLAGE) -> Person:
        made: Person = PersonFactory(
            area_code=area_code, village_id=area_code, created_by=self.cast.sari
        )
        self.desil(made, desil)
        return made

    def desil(self, person: Person, desil: int) -> None:
        assert person.family is not None
        snapshot = poverty_snapshot("35")
        SnapshotEntryFactory(
            snapshot=snapshot,
            key_kind=KeyKind.KK,
            key_index=person.family.kk_index,
            desil=desil,
        )

    def gets(self, person: Person, version: ProgrammeVersion) -> None:
        EnrolmentFactory(version=version, person=person, active=True, account=None)

    def group(self) -> Group:
        """A KUBE that receives, its members in desil 1."""
        group = active(self.cast)
        for member in group.members.select_related("person__family"):
            self.desil(member.person, 1)
        chair = group.members.get(role="chair").person
        EnrolmentFactory(
            version=self.kube, person=chair, payee=group.payee, active=True, account=None
        )
        return group

    def group_without_help(self) -> Group:
        """A KUBE that nobody proposed."""
        return active(self.cast, "KUBE Mawar")

    def premium(self, person: Person) -> PremiumCover:
        made: PremiumCover = PremiumCover.objects.create(
            person=person,
            insurance=Insurance.HEALTH,
            payer=PayerKind.PROVINCE,
            payer_name="Provinsi",
            plan=self.plan,
            area_code=person.area_code,
            from_month=date(2026, 3, 1),
            opened_at=NOW,
            opened_by=self.cast.budi,
        )
        return made


@pytest.fixture
def ground(cast: Cast) -> Ground:
    SnapshotFactory(
        kind=SnapshotKind.DTSEN, area_code="35", as_of=date(2026, 1, 10), loaded_by=cast.budi
    )
    plus = ProgrammeVersionFactory(programme__agency=cast.agency)
    kube = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        programme__code="KUBE",
        programme__name="KUBE",
        payee_kind=PayeeKind.GROUP,
        one_per_family=False,
    )
    _cover, candidate = make_premiums(cast)
    return Ground(cast, plus, kube, candidate.round.plan)


def test_the_poor_of_each_place_reached_and_not(ground: Ground, cast: Cast) -> None:
    first, second, third, rich, far = (
        ground.person(1),
        ground.person(4),
        ground.person(3),
        ground.person(6),
        ground.person(2, MAGETAN),
    )
    ground.gets(first, ground.plus)
    ground.gets(rich, ground.plus)
    ground.premium(second)
    ground.group()
    found = {row.code: row for row in coverage(cast.budi, year=2026, area_code="35")}
    assert set(found) == {"35.19", "35.20"}
    madiun = found["35.19"]
    # Three by name, five members of the group; the third is reached by nobody.
    assert (madiun.families, madiun.helped, madiun.gap, madiun.share) == (8, 7, 1, 87)
    assert found["35.20"].gap == 1
    villages = coverage(cast.sari, year=2026, area_code="35.19.01")
    assert [(row.code, row.gap) for row in villages] == [(VILLAGE, 1)]
    # Last year nobody was reached, and nobody sees another regency.
    assert coverage(cast.sari, year=2025, area_code="35.19")[0].helped == 0
    assert coverage(cast.sari, year=2026, area_code="35.20") == []
    _heads, rows, _kinds = export_rows(
        PoorFamilyList(), cast.sari, QueryDict("helped=tidak&year=2026")
    )
    assert len(list(rows)) == 1
    assert third.family is not None
    assert far.family is not None


def test_the_matrix_says_what_its_lists_say(ground: Ground, cast: Cast) -> None:
    both = ground.person(1)
    ground.gets(both, ground.plus)
    ground.premium(both)
    group = ground.group()
    member = group.members.exclude(role="chair").select_related("person").order_by("pk")[0].person
    ground.gets(member, ground.plus)
    kin = PersonFactory(family=both.family, created_by=cast.sari, village_id=VILLAGE)
    ground.gets(kin, ground.kube)
    found = overlap(year=2026, area_code="35")
    health = ground.plan.version
    ids = (ground.plus.pk, ground.kube.pk, health.pk)
    counts = [[found.between(one, two) for two in ids] for one in ids]
    assert counts == [[2, 1, 1], [1, 6, 0], [1, 0, 1]]
    families = overlap(year=2026, area_code="35.19", families=True)
    assert families.between(ground.plus.pk, ground.kube.pk) == 2
    assert overlap(year=2026, area_code="35.20").versions == []
    for spec, matrix in ((OverlapList(), found), (FamilyOverlapList(), families)):
        for one in ids:
            for two in ids:
                query = QueryDict(f"one={one}&two={two}")
                _heads, rows, _kinds = export_rows(spec, cast.budi, query)
                assert len(list(rows)) == matrix.between(one, two)
    assert list(export_rows(OverlapList(), cast.budi, QueryDict(""))[1]) == []


def test_the_person_page_tells_help_that_came_another_way(ground: Ground, cast: Cast) -> None:
    group = ground.group()
    member = group.members.exclude(role="chair").select_related("person").order_by("pk")[0].person
    ground.premium(member)
    panel = person_panel(member, cast.sari)
    assert panel is not None
    told = [(row.programme, row.year, row.through) for row in panel.context["rows"]]
    assert told == [
        ("KUBE", 2026, "Anggota KUBE Melati"),
        ("Premi BPJS Kesehatan", 2026, "Premi dibayar Provinsi"),
    ]


def test_the_page_of_a_group_tells_its_help_and_who_answers(
    ground: Ground, cast: Cast, client: Client
) -> None:
    group = ground.group()
    ground.gets(group.members.get(role="treasurer").person, ground.plus)
    panel = payee_panel(group.payee, cast.sari)
    assert panel is not None
    chair = group.members.get(role="chair").person.name
    told = [(row.programme, row.year, row.through) for row in panel.context["rows"]]
    assert told == [("KUBE", 2026, f"Penanggung jawab {chair}")]
    other = ground.group_without_help()
    assert payee_panel(other.payee, cast.sari).context["rows"] == []  # type: ignore[union-attr]
    client.force_login(cast.sari)
    assert f"Penanggung jawab {chair}" in client.get(group.get_absolute_url()).content.decode()


def test_the_pages_open_the_people_behind(ground: Ground, cast: Cast, client: Client) -> None:
    poor = ground.person(2)
    client.force_login(cast.budi)
    page = reverse("programs:coverage")
    shown = client.get(page, {"tahun": "2026"}).content.decode()
    assert "Kabupaten Madiun" in shown
    assert client.get(page, {"wilayah": "35.19"}).status_code == 200
    assert client.get(page, {"wilayah": "64"}).status_code == 404
    listed = client.get(reverse("programs:poor_families"), {"helped": "tidak", "year": "2026"})
    assert poor.family is not None
    assert poor.family.head_name in listed.content.decode()
    ground.gets(poor, ground.plus)
    matrix = client.get(reverse("programs:overlap"), {"tahun": "2026"}).content.decode()
    address = f"{reverse('programs:overlap_people')}?one={ground.plus.pk}&amp;two={ground.plus.pk}"
    assert address in matrix
    people = client.get(
        reverse("programs:overlap_people"), {"one": ground.plus.pk, "two": ground.plus.pk}
    )
    assert poor.name in people.content.decode()
    by_kk = client.get(reverse("programs:overlap"), {"tahun": "2026", "satuan": "kk"})
    assert "tumpang-tindih/keluarga" in by_kk.content.decode()


def test_in_january_the_pages_open_with_the_year_that_has_programmes(
    ground: Ground, cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 1, 2, 3, 0, tzinfo=UTC))
    reached = ground.person(2)
    ground.gets(reached, ground.plus)
    assert reached.family is not None
    client.force_login(cast.budi)
    families, helped = reverse("programs:poor_families"), {"helped": "ya"}
    for page in ("programs:coverage", "programs:overlap"):
        assert "<option selected>2026</option>" in client.get(reverse(page)).content.decode()
    assert reached.family.head_name in client.get(families, helped).content.decode()
    # A draft of the new year changes nothing; once it is in use the year is the new one.
    following = ProgrammeVersionFactory(
        programme=ground.plus.programme, year=2027, state=VersionState.DRAFT
    )
    assert reached.family.head_name in client.get(families, helped).content.decode()
    ProgrammeVersion.objects.filter(pk=following.pk).update(state=VersionState.ACTIVE)
    assert reached.family.head_name not in client.get(families, helped).content.decode()
    for page in ("programs:coverage", "programs:overlap"):
        assert "<option selected>2027</option>" in client.get(reverse(page)).content.decode()

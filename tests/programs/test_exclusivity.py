"""Exclusivity: scopes, both ways, national lists, and what cannot hold."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bansos.lib.errors import BadInput, Refused
from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.models import Person
from beneficiaries.queries.facts import snapshots_on
from programs.choices import EnrolmentState
from programs.models import Enrolment, ProgrammeVersion
from programs.queries.exclusivity import conflicts_of, lists_missing, shut_out
from programs.rules.exclusivity import Bar, Other, bars_of, exclusivity_problems
from programs.services import decrees
from programs.services.catalogue import change_version
from programs.services.proposals import propose
from programs.views.exclusivity import ASKING
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory, SnapshotEntryFactory, SnapshotFactory
from tests.factories.programs import EnrolmentFactory, ProgrammeFactory, ProgrammeVersionFactory
from tests.programs.stage import AT, elder, pkh_plus

TODAY = date(2026, 2, 2)
E = EnrolmentState


def other(cast: Cast, code: str = "ASPD", **fields: Any) -> ProgrammeVersion:
    """Another programme of the province, of this year unless said otherwise."""
    programme = ProgrammeFactory(agency=cast.agency, code=code, name=f"Program {code}")
    return ProgrammeVersionFactory(programme=programme, **{"one_per_family": False, **fields})


def words(version: ProgrammeVersion, person: Person) -> list[str]:
    found = conflicts_of([person.pk], version=version, today=TODAY)
    return [row.words for row in found.get(person.pk, [])]


def test_old_codes_and_new_items_are_read_and_kept_in_one_shape() -> None:
    bars = bars_of(["aspd ", {"programme": "KIP", "per": "family", "during": "ever"}])
    assert bars == [Bar(programme="ASPD"), Bar("KIP", "", "family", "ever")]
    assert [bar.stored for bar in bars] == [
        "ASPD",
        {"programme": "KIP", "per": "family", "during": "ever"},
    ]
    assert bars[1].sentence == "KIP: per kk, seterusnya"


@pytest.mark.parametrize(
    ("items", "criteria", "others", "said"),
    [
        (["PKHPLUS"], [], {}, "dirinya sendiri"),
        (["KIP", {"programme": "KIP", "per": "family"}], [], {}, "KIP ditulis dua kali"),
        ([{"programme": "KIP", "selama": "ever"}], [], {}, "Isian selama tidak dikenal"),
        ([{"registry": "asn"}], [], {}, "Daftar asn tidak dikenal"),
        ([{"per": "person"}], [], {}, "sebut satu program atau satu daftar"),
        ([{"registry": "pkh"}], [{"code": "in_regular_pkh", "params": {}}], {}, "PKH reguler"),
        (
            [{"programme": "KIP", "during": "ever"}],
            [
                {
                    "group": "all",
                    "items": [{"code": "received_programme", "params": {"programmes": ["KIP"]}}],
                }
            ],
            {},
            "Kriteria mensyaratkan KIP",
        ),
        # The other programme shuts this one out, while this one asks for it.
        (
            [],
            [
                {
                    "code": "received_programme",
                    "params": {"programmes": ["KIP"], "when": "this_year"},
                }
            ],
            {"KIP": [Other(["PKHPLUS"], [])]},
            "Kriteria mensyaratkan KIP",
        ),
        # And the other way round: KIP asks for what this one shuts out.
        (
            ["KIP"],
            [],
            {
                "KIP": [
                    Other(
                        [],
                        [
                            {
                                "code": "received_programme",
                                "params": {"programmes": ["PKHPLUS"], "when": "this_year"},
                            }
                        ],
                    )
                ]
            },
            "Program KIP mensyaratkan PKHPLUS",
        ),
    ],
)
def test_what_cannot_hold_is_told_in_one_sentence(
    items: list[Any], criteria: list[Any], others: dict[str, list[Other]], said: str
) -> None:
    problems = exclusivity_problems(code="PKHPLUS", items=items, criteria=criteria, others=others)
    assert len(problems) == 1
    assert said in problems[0]


def needing(*codes: str, when: str = "this_year") -> list[dict[str, Any]]:
    return [
        {"code": "received_programme", "params": {"programmes": [code], "when": when}}
        for code in codes
    ]


def test_programmes_that_ask_for_each_other_in_a_circle_are_told() -> None:
    chain = {"KIP": [Other([], needing("UEP"))], "UEP": [Other([], needing("PKHPLUS"))]}
    [problem] = exclusivity_problems(
        code="PKHPLUS", items=[], criteria=needing("KIP"), others=chain
    )
    assert problem == (
        "Syaratnya melingkar: PKHPLUS mensyaratkan KIP, KIP mensyaratkan UEP, UEP mensyaratkan"
        " PKHPLUS. Tidak seorang pun dapat menjadi pertama."
    )
    # A circle of others is theirs, and help of an earlier year is no circle.
    known: dict[str, Any] = {"code": "PKHPLUS", "items": []}
    aside = {"KIP": [Other([], needing("UEP"))], "UEP": [Other([], needing("KIP"))]}
    assert exclusivity_problems(criteria=needing("KIP"), others=aside, **known) == []
    once = {"KIP": [Other([], needing("PKHPLUS", when="ever"))]}
    assert exclusivity_problems(criteria=needing("KIP"), others=once, **known) == []


def test_two_programmes_asked_for_at_once_may_not_shut_each_other_out() -> None:
    known: dict[str, Any] = {"code": "PKHPLUS", "items": []}
    others = {"KIP": [Other(["UEP"], [])], "UEP": [Other([], [])]}
    [problem] = exclusivity_problems(criteria=needing("KIP", "UEP"), others=others, **known)
    assert problem == "Kriteria mensyaratkan KIP dan UEP, padahal keduanya tidak boleh bersama."
    assert exclusivity_problems(criteria=needing("KIP"), others=others, **known) == []
    national = {"KIP": [Other([{"registry": "pkh"}], [])]}
    asked = [*needing("KIP"), {"code": "in_regular_pkh", "params": {}}]
    [problem] = exclusivity_problems(criteria=asked, others=national, **known)
    assert problem.startswith("Kriteria mensyaratkan KIP dan ")
    assert "PKH reguler" in problem


def test_help_of_an_earlier_year_may_be_asked_for_beside_a_bar_of_this_year() -> None:
    asked = [{"code": "received_programme", "params": {"programmes": ["KIP"], "when": "ever"}}]
    either = [{"group": "any", "items": [{"code": "in_regular_pkh"}]}]
    known: dict[str, Any] = {"code": "PKHPLUS", "others": {}}
    assert exclusivity_problems(items=["KIP"], criteria=asked, **known) == []
    assert exclusivity_problems(items=[{"registry": "pkh"}], criteria=either, **known) == []


def test_nothing_contradictory_is_stored(cast: Cast) -> None:
    version = pkh_plus(cast, draft=True)
    with pytest.raises(BadInput) as refusal:
        change_version(version=version, by=cast.budi, at=AT, exclusive_with=[{"registry": "pkh"}])
    assert refusal.value.code == "PROG-EXCLUSIVE"
    version.refresh_from_db()
    assert version.exclusive_with == []


def test_it_holds_both_ways_per_person_in_the_same_year(cast: Cast) -> None:
    version, aspd = pkh_plus(cast), other(cast, exclusive_with=["PKHPLUS"])
    last_year = other(cast, year=2025)
    both, before = elder(cast), elder(cast)
    EnrolmentFactory(version=aspd, person=both)
    EnrolmentFactory(version=last_year, person=before)

    assert words(version, both) == ["Juga di Program ASPD tahun 2026."]
    assert words(version, before) == []
    Enrolment.objects.filter(person=both).update(state=E.STOPPED)
    assert words(version, both) == []


def test_for_ever_counts_who_was_determined_once(cast: Cast) -> None:
    version = pkh_plus(cast, exclusive_with=[{"programme": "KIP", "during": "ever"}])
    kip = other(cast, "KIP", year=2024)
    helped, refused = elder(cast), elder(cast)
    row = EnrolmentFactory(version=kip, person=helped, active=True)
    Enrolment.objects.filter(pk=row.pk).update(state=E.GRADUATED)
    EnrolmentFactory(version=kip, person=refused, state=E.STOPPED)

    assert words(version, helped) == [
        "Sudah di Program KIP tahun 2024, yang menutup program ini seterusnya."
    ]
    assert words(version, refused) == []
    with pytest.raises(Refused) as refusal:
        propose(version=version, person=helped, account=None, by=cast.sari, at=AT)
    assert refusal.value.code == "PROP-EXCLUSIVE"


def test_per_kk_a_relative_counts(cast: Cast) -> None:
    version = pkh_plus(cast, exclusive_with=[{"programme": "ASPD", "per": "family"}])
    aspd, grandmother = other(cast), elder(cast)
    child = PersonFactory(family=grandmother.family, created_by=cast.sari)
    EnrolmentFactory(version=aspd, person=child)

    assert words(version, grandmother) == ["Anggota KK yang sama juga di Program ASPD tahun 2026."]
    assert words(version, elder(cast)) == []


def test_national_lists_shut_out_and_a_missing_one_is_told(cast: Cast) -> None:
    version = pkh_plus(
        cast, exclusive_with=[{"registry": "sembako", "per": "family", "during": "year"}]
    )
    person = elder(cast)
    lists = snapshots_on(TODAY)
    assert lists_missing(version, area_code="35.19", lists=lists) == [
        "Keluarga Sembako (BPNT): daftarnya belum dimuat."
    ]
    sembako = SnapshotFactory(
        kind=SnapshotKind.SEMBAKO, label="BPNT 2026-1", as_of=date(2026, 1, 10), loaded_by=cast.budi
    )
    assert words(version, person) == []
    SnapshotEntryFactory(snapshot=sembako, key_kind=KeyKind.KK, key_index=person.family.kk_index)
    assert words(version, person) == [
        "Keluarganya ada di daftar Keluarga Sembako (BPNT) menurut BPNT 2026-1 (10-01-2026)."
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_sql_shuts_out_the_same_people(cast: Cast, seed: int) -> None:
    """One condition for millions and the sentence for one person agree."""
    dice = random.Random(seed)
    bars: list[Any] = [
        *("ASPD", {"programme": "KIP", "per": "family", "during": "ever"}),
        {"registry": "sembako", "per": dice.choice(["person", "family"])},
    ]
    version = pkh_plus(cast, exclusive_with=bars)
    others = [
        other(cast, "ASPD"),
        other(cast, "KIP", year=2024),
        other(cast, "BLT", exclusive_with=[{"programme": "PKHPLUS", "per": "family"}]),
        other(cast, "UEP"),
    ]
    sembako = SnapshotFactory(
        kind=SnapshotKind.SEMBAKO, label="BPNT", as_of=date(2026, 1, 10), loaded_by=cast.budi
    )
    people = [elder(cast) for _n in range(12)]
    for person in people[:6]:
        people.append(PersonFactory(family=person.family, created_by=cast.sari))
    for person in people:
        EnrolmentFactory(version=version, person=person, one_per_family=False, eligible=True)
        if dice.random() < 0.3:
            state = dice.choice([{"active": True}, {"draft": True}, {"state": E.STOPPED}, {}])
            EnrolmentFactory(version=dice.choice(others), person=person, account=None, **state)
        if dice.random() < 0.15:
            SnapshotEntryFactory(snapshot=sembako, key_kind=KeyKind.NIK, key_index=person.nik_index)
    found = conflicts_of([p.pk for p in people], version=version, today=TODAY)
    rows = Enrolment.objects.filter(version=version, person__in=found).order_by("area_code", "pk")
    expected = list(rows.values_list("pk", flat=True))
    assert 0 < len(expected) < len(people)
    assert shut_out(version, area_code="35.19", today=TODAY, states=ASKING) == expected


def test_a_decree_leaves_them_out_and_refuses_who_is_caught_later(cast: Cast) -> None:
    version = pkh_plus(cast, exclusive_with=["ASPD"])
    aspd = other(cast)
    caught, later, free = elder(cast), elder(cast), elder(cast)
    for person in (caught, later, free):
        EnrolmentFactory(version=version, person=person, eligible=True)
    EnrolmentFactory(version=aspd, person=caught, account=None)
    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    assert decree.count == 2
    EnrolmentFactory(version=aspd, person=later, account=None)

    with pytest.raises(Refused) as refusal:
        decrees.submit_decree(decree=decree, by=cast.budi, at=AT)

    assert refusal.value.code == "DECREE-CRITERIA"
    assert "Juga di Program ASPD tahun 2026." in str(refusal.value)


def test_the_pages_show_count_names_links_and_rules(cast: Cast, client: Client) -> None:
    version, aspd = pkh_plus(cast, exclusive_with=["ASPD"]), other(cast)
    person = elder(cast)
    mine = EnrolmentFactory(version=version, person=person, eligible=True)
    theirs = EnrolmentFactory(version=aspd, person=person, account=None)
    EnrolmentFactory(version=version, person=elder(cast), eligible=True)
    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    link = reverse("programs:proposal", args=[theirs.pk])
    client.force_login(cast.budi)

    page = client.get(reverse("programs:conflicts", args=[version.pk])).content.decode()
    assert "1 orang tidak dapat masuk SK atau dibayar" in page
    assert person.name in page
    assert link in page
    assert "ASPD: per orang, tahun yang sama" in page
    proposal = client.get(reverse("programs:proposal", args=[mine.pk])).content.decode()
    assert "Juga di Program ASPD tahun 2026." in proposal
    assert link in proposal
    drafted = client.get(reverse("programs:decree", args=[decree.pk])).content.decode()
    assert "1 orang tertahan karena bantuan lain" in drafted


def test_the_officer_edits_them_as_rows(cast: Cast, client: Client) -> None:
    version = pkh_plus(cast, draft=True)
    other(cast)
    client.force_login(cast.budi)
    address = reverse("programs:exclusions", args=[version.pk])
    data = {"form-TOTAL_FORMS": "8", "form-INITIAL_FORMS": "0"}
    for row in range(8):
        data |= {f"form-{row}-what": "", f"form-{row}-per": "person", f"form-{row}-during": "year"}
    data |= {"form-0-what": "code:ASPD", "form-0-per": "family", "form-0-during": "ever"}
    data |= {"form-1-what": "list:sembako"}

    assert client.post(address, data).status_code == 302
    version.refresh_from_db()
    assert version.exclusive_with == [
        {"programme": "ASPD", "per": "family", "during": "ever"},
        {"registry": "sembako", "per": "person", "during": "year"},
    ]
    answer = client.post(address, data | {"form-1-what": "list:pkh"})
    assert answer.status_code == 422
    assert "Kriteria mensyaratkan Keluarga PKH reguler" in answer.content.decode()

"""Who comes first: the order itself, the decree that follows it, the waiting list, the shifts."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.lists import export_rows
from programs.choices import EnrolmentState, Standing
from programs.models import Decree, Enrolment, ProgrammeVersion, Quota, QuotaShift, RankLine
from programs.queries.ranking import next_to_offer, pool_of, ranking_of, waiting_rows
from programs.rules.ranking import (
    Waiting,
    ranked,
    ranking_problems,
    ranking_sentence,
    sort_key,
)
from programs.services import decrees, quotas
from programs.services.catalogue import set_quota
from programs.tables import RankingList, RankLineList
from tests.cast import Cast
from tests.factories.programs import EnrolmentFactory, QuotaFactory
from tests.programs.stage import AT, elder, pkh_plus

E = EnrolmentState
KEYS = [{"key": "desil", "direction": "asc"}, {"key": "age", "direction": "desc"}]
RULE: dict[str, Any] = {"keys": KEYS, "replacement": "yes"}
DAY = date(2026, 2, 10)

KEY = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["desil", "age", "disability", "waiting"]),
        "direction": st.sampled_from(["asc", "desc"]),
    }
)
ROWS = st.lists(
    st.builds(
        lambda values, precedence: (values, precedence),
        st.fixed_dictionaries(
            {
                name: st.none() | st.integers(0, 4)
                for name in ("desil", "age", "disability", "waiting")
            }
        ),
        st.none() | st.integers(1, 3),
    ),
    max_size=20,
)


@given(
    ROWS,
    st.lists(KEY, max_size=4, unique_by=lambda row: row["key"]),
    st.integers(0, 25) | st.none(),
    st.integers(),
)
def test_the_order_is_whole_fair_and_does_not_depend_on_chance(
    rows: Any, keys: Any, places: int | None, seed: int
) -> None:
    people = [Waiting(pk, *row) for pk, row in enumerate(rows)]
    shuffled = list(people)
    random.Random(seed).shuffle(shuffled)
    order = ranked(people, keys=keys, places=places)

    assert order == ranked(shuffled, keys=keys, places=places)
    assert sorted(place.pk for place in order) == list(range(len(people)))
    assert [place.position for place in order] == list(range(1, len(people) + 1))
    decided = [sort_key(people[place.pk], keys) for place in order]
    assert decided == sorted(decided)
    for key in keys[:1]:  # the first key alone: known before unknown, and in its direction
        values = [people[place.pk].values[key["key"]] for place in order]
        known = [value for value in values if value is not None]
        assert values == known + [None] * (len(values) - len(known))
        assert known == sorted(known, reverse=key["direction"] == "desc")
    inside = [place for place in order if place.standing == Standing.INSIDE]
    tied = [place for place in order if place.standing == Standing.TIED]
    if places is None:
        assert len(inside) == len(people)
    else:
        assert len(inside) <= places
        # Only equals at the edge may leave a place open.
        assert len(inside) == min(places, len(people)) or len(inside) + len(tied) > places
    assert len({place.order for place in tied}) <= 1
    for first in inside:  # nobody inside is behind or equal to somebody who waits
        for other in order:
            if other.standing != Standing.INSIDE:
                assert sort_key(people[first.pk], keys) < sort_key(people[other.pk], keys)


def test_a_rule_reads_as_one_sentence_and_nonsense_is_told() -> None:
    assert ranking_sentence(RULE) == (
        "Urutan: desil terendah dulu, lalu yang tertua dulu; bila tetap sama, menurut alasan yang"
        " dicatat petugas."
    )
    assert ranking_problems({}) == ranking_problems(RULE) == []
    for rule, said in (
        ({"urut": 1}, "urut tidak dikenal"),
        ({"keys": [{"key": "tinggi", "direction": "asc"}]}, "Kunci urutan tinggi"),
        ({"keys": [{"key": "desil"}]}, "Arah urutan Desil"),
        ({"keys": [KEYS[0], KEYS[0]]}, "Desil ditulis dua kali"),
        ({"replacement": "maybe"}, "boleh atau tidak"),
    ):
        assert said in ranking_problems(rule)[0]


def eligible(cast: Cast, version: ProgrammeVersion, *wanted: tuple[int, int]) -> list[Enrolment]:
    """One eligible enrolment per (desil, year of birth)."""
    return [
        EnrolmentFactory(
            version=version,
            eligible=True,
            person=elder(cast, desil=desil, birth_date=date(year, 1, 1)),
        )
        for desil, year in wanted
    ]


def draft(cast: Cast, version: ProgrammeVersion) -> Decree:
    return decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)


def in_force(cast: Cast, decree: Decree, number: str = "188/1") -> Decree:
    decrees.submit_decree(decree=decree, by=cast.budi, at=AT)
    decrees.approve_decree(decree=decree, number=number, decree_date=DAY, by=cast.hadi, at=AT)
    return decree


def named(decree: Decree) -> set[int]:
    return set(decree.lines.values_list("enrolment_id", flat=True))


def test_a_decree_takes_those_inside_and_writes_down_why(cast: Cast) -> None:
    version = pkh_plus(cast, ranking=RULE)
    QuotaFactory(version=version, places=2)
    third, first, second = eligible(cast, version, (2, 1950), (1, 1955), (2, 1940))

    decree = draft(cast, version)

    assert named(decree) == {first.pk, second.pk}
    third.refresh_from_db()
    assert third.state == E.ELIGIBLE
    lines = RankLine.objects.filter(decree=decree).order_by("position")
    assert [(row.enrolment_id, row.standing) for row in lines] == [
        (first.pk, "inside"),
        (second.pk, "inside"),
        (third.pk, "waiting"),
    ]
    assert lines[1].values == [["Desil", "2"], ["Umur", "86 tahun"]]
    with pytest.raises(IntegrityError), transaction.atomic():
        lines.update(position=9)


def test_equals_at_the_edge_wait_for_a_recorded_reason(cast: Cast) -> None:
    version = pkh_plus(cast, ranking=RULE)
    QuotaFactory(version=version, places=1)
    left, right = eligible(cast, version, (1, 1950), (1, 1950))

    with pytest.raises(Refused) as refusal:
        draft(cast, version)
    assert refusal.value.code == "DECREE-TIE"
    assert "2 orang di Kabupaten Madiun" in str(refusal.value)
    with pytest.raises(BadInput):
        quotas.give_precedence(enrolment=right, reason=" ", by=cast.budi, at=AT)
    quotas.give_precedence(enrolment=right, reason="Tinggal sendiri", by=cast.budi, at=AT)

    assert named(draft(cast, version)) == {right.pk}
    assert Event.objects.filter(verb="programs.give_precedence").count() == 1
    assert left.state == E.ELIGIBLE


def test_a_place_that_falls_free_is_offered_in_order(cast: Cast) -> None:
    version = pkh_plus(cast, ranking=RULE)
    QuotaFactory(version=version, places=1)
    member, second, third = eligible(cast, version, (1, 1940), (2, 1940), (3, 1940))
    in_force(cast, draft(cast, version))
    with pytest.raises(Refused) as full:
        quotas.offer_place(enrolment=second, by=cast.budi, at=AT)
    Enrolment.objects.filter(pk=member.pk).update(state=E.STOPPED, ended_on=DAY, end_reason="died")
    assert pool_of(version, "35.19").freed == {"Meninggal": 1}
    with pytest.raises(Refused) as jumped:
        quotas.offer_place(enrolment=third, by=cast.budi, at=AT)

    offer = quotas.offer_place(enrolment=second, by=cast.budi, at=AT)
    with pytest.raises(BadInput):
        quotas.answer_offer(offer=offer, accepts=False, by=cast.budi, at=AT)
    quotas.answer_offer(offer=offer, accepts=False, note="Pindah", by=cast.budi, at=AT)
    pool = pool_of(version, "35.19")
    order = ranking_of(version, pool, waiting_rows(version, pool), today=DAY)
    following = next_to_offer(order)
    taken = quotas.offer_place(enrolment=third, by=cast.budi, at=AT)
    quotas.answer_offer(offer=taken, accepts=True, by=cast.budi, at=AT)

    assert (full.value.code, jumped.value.code) == ("OFFER-FULL", "OFFER-ORDER")
    assert following is not None
    assert following.pk == third.pk
    assert named(draft(cast, version)) == {third.pk}


def test_where_nobody_is_replaced_a_place_stays_taken(cast: Cast) -> None:
    version = pkh_plus(cast, ranking={**RULE, "replacement": "no"})
    QuotaFactory(version=version, places=1)
    member, _second = eligible(cast, version, (1, 1940), (2, 1940))
    in_force(cast, draft(cast, version))
    Enrolment.objects.filter(pk=member.pk).update(state=E.STOPPED, ended_on=DAY, end_reason="died")

    assert pool_of(version, "35.19").free == 0
    with pytest.raises(Refused) as refusal:
        draft(cast, version)
    assert refusal.value.code == "DECREE-EMPTY"
    assert "daftar tunggu" in str(refusal.value)


def test_regencies_without_a_quota_share_what_is_left(cast: Cast) -> None:
    version = pkh_plus(cast, quota_total=5, ranking=RULE)
    QuotaFactory(version=version, area_code="35.20", places=3)
    pool = pool_of(version, "35.19.01")
    assert (pool.area_code, pool.places, pool.free) == ("35", 2, 2)
    assert not pool.holds("35.20.01")
    assert pool_of(version, "35.20").places == 3
    assert pool_of(pkh_plus_again(version), "35.19").free is None


def pkh_plus_again(version: ProgrammeVersion) -> ProgrammeVersion:
    version.quota_total = None
    version.save()
    return version


def test_places_move_with_a_second_person_and_never_beyond_the_total(cast: Cast) -> None:
    version = pkh_plus(cast, quota_total=12)
    QuotaFactory(version=version, area_code="35.19", places=6)
    QuotaFactory(version=version, area_code="35.20", places=5)
    ask = {"version": version, "reason": "Usulan sedikit", "by": cast.budi, "at": AT}
    with pytest.raises(BadInput) as many:
        quotas.propose_shift(from_area="", to_area="35.20", places=2, **ask)
    with pytest.raises(BadInput) as same:
        quotas.propose_shift(from_area="35.19", to_area="35.19", places=1, **ask)
    shift = quotas.propose_shift(from_area="35.19", to_area="35.20", places=4, **ask)
    for by in (cast.budi, cast.sari):
        with pytest.raises(NotAllowed):
            quotas.decide_shift(shift=shift, approve=True, by=by, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        QuotaShift.objects.filter(pk=shift.pk).update(
            state="approved", decided_at=AT, decided_by=cast.budi
        )
    quotas.decide_shift(shift=shift, approve=True, by=cast.hadi, at=AT)

    assert (many.value.code, same.value.code) == ("QUOTA-SHIFT-MANY", "QUOTA-SHIFT-SAME")
    assert dict(Quota.objects.values_list("area_code", "places")) == {"35.19": 2, "35.20": 9}
    with pytest.raises(IntegrityError, match="quota_within_total"), transaction.atomic():
        Quota.objects.filter(area_code="35.19").update(places=4)
    with pytest.raises(IntegrityError, match="quota_within_total"), transaction.atomic():
        ProgrammeVersion.objects.filter(pk=version.pk).update(quota_total=10)
    assert Event.objects.filter(verb="programs.decide_shift").count() == 1


def test_held_places_do_not_move_and_a_used_quota_is_not_edited_alone(cast: Cast) -> None:
    version = pkh_plus(cast)
    QuotaFactory(version=version, places=2)
    eligible(cast, version, (1, 1940), (2, 1940))
    in_force(cast, draft(cast, version))
    with pytest.raises(BadInput) as held:
        quotas.propose_shift(
            version=version,
            from_area="35.19",
            to_area="35.20",
            places=1,
            reason="Coba",
            by=cast.budi,
            at=AT + timedelta(days=1),
        )
    with pytest.raises(Refused) as alone:
        set_quota(version=version, area_code="35.19", places=5, by=cast.budi, at=AT)
    assert (held.value.code, alone.value.code) == ("QUOTA-SHIFT-MANY", "PROG-QUOTA-USED")
    assert "hanya punya 0 tempat" in str(held.value)


def test_the_pages_show_order_reason_and_waiting_list(cast: Cast, client: Client) -> None:
    version = pkh_plus(cast, ranking=RULE)
    QuotaFactory(version=version, places=1)
    low, high = eligible(cast, version, (3, 1940), (1, 1950))
    client.force_login(cast.budi)
    page = client.get(reverse("programs:ranking", args=[version.pk]) + "?area=35.19")
    text = page.content.decode()
    assert text.index(high.person.name) < text.index(low.person.name)
    assert "Daftar tunggu" in text
    assert "desil terendah dulu" in text
    rule = reverse("programs:ranking_rule", args=[version.pk])
    assert client.post(rule, {"first": "waiting:desc", "replacement": "no"}).status_code == 302
    version.refresh_from_db()
    assert version.ranking == {
        "keys": [{"key": "waiting", "direction": "desc"}],
        "replacement": "no",
    }
    moved = reverse("programs:shifts", args=[version.pk])
    asked = {"from_area": "35.19", "to_area": "35.20", "places": "1", "reason": "Kurang usulan"}
    assert client.post(moved, asked).status_code == 302
    shift = QuotaShift.objects.get()
    client.force_login(cast.hadi)
    assert "Kurang usulan" in client.get(moved).content.decode()
    client.post(reverse("programs:shift_decide", args=[shift.pk]), {"putusan": "setuju"})
    shift.refresh_from_db()
    assert shift.state == "approved"


def test_the_order_goes_out_as_a_file_and_a_decree_keeps_its_own(
    cast: Cast, client: Client
) -> None:
    version = pkh_plus(cast, ranking=RULE)
    QuotaFactory(version=version, places=1)
    low, high = eligible(cast, version, (3, 1940), (1, 1950))
    asked = QueryDict(f"version={version.pk}&area=35.19")
    headers, rows, _kinds = export_rows(RankingList, cast.budi, asked)
    assert headers == ["Urutan", "Nama", "Desa/Kelurahan", "Yang menentukan", "Kedudukan"]
    assert [(row[0], row[1], row[3], row[4]) for row in rows] == [
        (1, high.person.name, "Desil 1; Umur 76 tahun", "Dalam kuota"),
        (2, low.person.name, "Desil 3; Umur 86 tahun", "Daftar tunggu"),
    ]
    assert list(export_rows(RankingList, cast.budi, QueryDict(""))[1]) == []
    # Somebody of another regency counts nobody there.
    assert list(export_rows(RankingList, cast.lain, asked)[1]) == []

    decree = draft(cast, version)
    # What is known of them later changes nothing of what was written down.
    QuotaFactory._meta.model.objects.filter(version=version).update(places=2)
    kept = QueryDict(f"decree={decree.pk}")
    lines = list(export_rows(RankLineList, cast.budi, kept)[1])
    assert [(row[0], row[1], row[4]) for row in lines] == [
        (1, high.person.name, "Dalam kuota"),
        (2, low.person.name, "Daftar tunggu"),
    ]
    client.force_login(cast.budi)
    page = client.get(reverse("programs:decree", args=[decree.pk])).content.decode()
    address = f"{reverse('programs:rank_lines')}?decree={decree.pk}"
    assert address in page
    assert "Daftar tunggu" in client.get(address).content.decode()
    order = client.get(reverse("programs:ranking_list") + f"?version={version.pk}&area=35.19")
    assert low.person.name in order.content.decode()

"""Who is told about what, how old it is, and that one broken part leaves the rest standing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from beneficiaries.choices import ImportState
from beneficiaries.models import ImportBatch
from disbursements.choices import Decision, LineState, ListState, ReturnState
from disbursements.models import PayList, ReturnCase
from monitoring.queries import duties, waiting
from monitoring.queries.duties import DUTIES, Duty, heaps_for, next_piece
from programs.choices import DecreeState, EnrolmentState
from programs.models import Decree
from tests.cast import Cast, make_cast
from tests.factories.monitoring import (
    AT,
    DOLOPO,
    KEBONSARI,
    Fate,
    make_budget,
    make_decree,
    make_enrolment,
    make_list,
    make_person,
    make_version,
    make_year,
)


def keys(user: Any) -> dict[str, int]:
    return {heap.key: heap.count for heap in heaps_for(user)}


def test_a_whole_year_wakes_those_whose_turn_it_is(cast: Cast) -> None:
    make_year(cast)
    assert keys(cast.vera) == {"verify": 1}
    assert keys(cast.ratna) == {"lists_check": 1}
    assert keys(cast.hadi) == {}
    assert keys(cast.tono) == {"returns_decide": 1, "results": 1}
    assert keys(cast.sari) == {}
    assert keys(cast.aud) == {}
    assert keys(cast.adi) == {}
    assert keys(cast.lain) == {}
    assert keys(cast.kalt) == {}


def one_list(cast: Cast, state: str, **fields: Any) -> PayList:
    version = make_version(cast)
    make_budget(cast, version, ceiling=2_000_000, shares={"35.19": 2_000_000})
    stage = version.stages.get()
    fates = [Fate(make_person(cast, KEBONSARI), LineState.WAITING)]
    sp2d = date(2026, 2, 3) if state in {ListState.SP2D, ListState.SETTLED} else None
    made = make_list(cast, make_decree(cast, version), stage, fates, sp2d=sp2d, state=state)
    PayList.objects.filter(pk=made.pk).update(**fields)
    return made


@pytest.mark.parametrize(
    ("state", "fields", "expected"),
    [
        (ListState.DRAFT, {}, {"budi": "lists_prepare"}),
        (ListState.LOCKED, {}, {"budi": "lists_prepare"}),
        (ListState.AWAITING, {}, {"ratna": "lists_check"}),
        (ListState.APPROVED, {}, {"tono": "sp2d"}),
        (ListState.SP2D, {}, {"budi": "files", "tono": "files"}),
        (ListState.SETTLED, {"sent_at": AT}, {"tono": "close"}),
        (ListState.CANCELLED, {}, {}),
    ],
)
def test_a_list_in_each_state(
    cast: Cast, state: str, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    one_list(cast, state, **({**fields, "sent_by": cast.budi} if "sent_at" in fields else fields))
    for name in ("sari", "vera", "budi", "ratna", "hadi", "tono"):
        wanted = {expected[name]: 1} if name in expected else {}
        assert keys(getattr(cast, name)) == wanted, name


def test_a_checked_list_goes_to_the_approver_and_leaves_the_checker(cast: Cast) -> None:
    one_list(cast, ListState.AWAITING, checked_at=AT, checked_by=cast.ratna)
    assert keys(cast.hadi) == {"lists_approve": 1}
    assert keys(cast.ratna) == {}


def test_nobody_is_asked_to_approve_the_own_work(cast: Cast) -> None:
    one_list(cast, ListState.AWAITING, made_by=cast.hadi, checked_at=AT, checked_by=cast.ratna)
    assert keys(cast.hadi) == {}


@pytest.mark.parametrize(
    ("state", "name", "key"),
    [
        (DecreeState.DRAFT, "budi", "decrees_submit"),
        (DecreeState.SUBMITTED, "hadi", "decrees_approve"),
    ],
)
def test_decrees(cast: Cast, state: str, name: str, key: str) -> None:
    decree = make_decree(cast, make_version(cast))
    Decree.objects.filter(pk=decree.pk).update(state=state, approved_at=None, approved_by=None)
    assert keys(getattr(cast, name)) == {key: 1}


@pytest.mark.parametrize(
    ("state", "name", "key"),
    [
        (EnrolmentState.PROPOSED, "vera", "verify"),
        (EnrolmentState.NEEDS_CORRECTION, "sari", "correct"),
        (EnrolmentState.ELIGIBLE, "budi", "decrees_draft"),
        (EnrolmentState.ELIGIBLE, "vera", "records"),
        (EnrolmentState.NOT_ELIGIBLE, "vera", "records"),
    ],
)
def test_proposals(cast: Cast, state: str, name: str, key: str) -> None:
    version = make_version(cast)
    for _person in range(3):
        make_enrolment(cast, version, make_person(cast, KEBONSARI), state)
    counts = keys(getattr(cast, name))
    assert counts == {key: 1 if key == "records" else 3}
    assert keys(cast.lain) == {}


def test_a_record_waits_until_the_district_is_judged(cast: Cast) -> None:
    version = make_version(cast)
    make_enrolment(cast, version, make_person(cast, KEBONSARI), EnrolmentState.ELIGIBLE)
    make_enrolment(cast, version, make_person(cast, KEBONSARI), EnrolmentState.PROPOSED)
    assert keys(cast.vera) == {"verify": 1}


def test_returns_walk_from_one_person_to_the_next(cast: Cast) -> None:
    make_year(cast)
    case = ReturnCase.objects.filter(state=ReturnState.OPEN)
    case.update(
        state=ReturnState.DECIDED, decision=Decision.TREASURY, decided_at=AT, decided_by=cast.tono
    )
    assert keys(cast.ratna) == {"lists_check": 1, "returns_confirm": 1}
    assert "returns_decide" not in keys(cast.tono)
    ReturnCase.objects.filter(state=ReturnState.DECIDED).update(
        confirmed_at=AT, confirmed_by=cast.ratna
    )
    assert keys(cast.ratna) == {"lists_check": 1}
    assert keys(cast.tono) == {"sts": 1, "results": 1}
    ReturnCase.objects.filter(state=ReturnState.DECIDED).update(decision=Decision.FOLLOW_UP)
    assert keys(cast.tono) == {"results": 1}
    assert keys(cast.budi) == {"follow_up": 1}


def test_imports_of_mine_only(cast: Cast, client: Client) -> None:
    for owner, state in (
        (cast.sari, ImportState.CHECKED),
        (cast.sari, ImportState.ACCEPTED),
        (cast.lain, ImportState.CHECKED),
    ):
        ended = state == ImportState.ACCEPTED
        ImportBatch.objects.create(
            purpose="programs.proposals",
            area_code=owner.area_code,
            file_name="daftar.xlsx",
            sha256="0" * 64,
            state=state,
            created_at=AT,
            created_by=owner,
            ended_at=AT if ended else None,
            ended_by=owner if ended else None,
        )
    assert keys(cast.sari) == {"imports": 1}
    client.force_login(cast.sari)
    text = client.get("/").content.decode()
    assert "Impor terakhir" in text
    assert "Masuk" in text


def test_next_is_the_oldest(cast: Cast, client: Client) -> None:
    version = make_version(cast)
    for area, day in ((KEBONSARI, 20), (DOLOPO, 3)):
        row = make_enrolment(cast, version, make_person(cast, area), EnrolmentState.PROPOSED)
        row.proposed_at = datetime(2026, 11, day, tzinfo=UTC)
        row.save()
    piece = next_piece(heaps_for(cast.vera))
    assert piece is not None
    assert piece.area == "Kec. Dolopo"
    client.force_login(cast.vera)
    text = client.get("/").content.decode()
    assert "Periksa berikutnya" in text
    days = (timezone.now() - datetime(2026, 11, 3, tzinfo=UTC)).days
    assert f"{days} hari" in text


def test_a_broken_part_fails_alone(
    transactional_db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = make_cast()
    make_year(cast)

    def broken(user: Any) -> Any:
        list(PayList.objects.extra(where=["kolom_yang_tidak_ada"]))  # noqa: S610

    first = [duty for duty in DUTIES if duty.key == "returns_decide"]
    broken_duty = Duty("sp2d", "SP2D perlu dicatat", first[0].permission, broken, "home")
    monkeypatch.setattr(duties, "DUTIES", (broken_duty, *first))
    found = heaps_for(cast.tono, duties.DUTIES)
    assert [(heap.key, heap.failed, heap.count) for heap in found] == [
        ("sp2d", True, 0),
        ("returns_decide", False, 1),
    ]
    monkeypatch.setattr("monitoring.views.start.heaps_for", lambda user: found)
    monkeypatch.setattr("monitoring.queries.home.budget_figures", lambda user, year: broken(user))
    client.force_login(cast.tono)
    text = client.get("/").content.decode()
    assert "SP2D perlu dicatat: belum dapat dimuat." in text
    assert "Angka pagu belum dapat dimuat." in text
    assert "Bagian lain tetap dapat dipakai." in text
    assert "Retur menunggu keputusan" in text


def test_strips_only_for_those_who_see_budgets(cast: Cast, client: Client) -> None:
    make_year(cast)
    for name, seen in {"budi": True, "aud": True, "sari": False, "adi": False}.items():
        client.force_login(getattr(cast, name))
        assert ("Pagu tahun 2026" in client.get("/").content.decode()) is seen, name


def test_the_budgets_of_january_are_those_of_a_named_year(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_year(cast)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 1, 2, 3, 0, tzinfo=UTC))
    client.force_login(cast.budi)
    assert "Pagu tahun 2026" in client.get("/").content.decode()
    following = make_version(cast, code="LAIN", name="Lain", year=2027)
    make_budget(cast, following, ceiling=2_000_000, shares={"35.19": 2_000_000})
    page = client.get("/").content.decode()
    assert "Pagu tahun 2027" in page
    assert made.version.programme.name not in page.partition("Pagu tahun 2027")[2]


def test_auditor_reads_events_and_admin_accounts(cast: Cast, client: Client) -> None:
    client.force_login(cast.adi)
    text = client.get("/").content.decode()
    assert "Akun aktif" in text


def test_no_name_and_no_nik_on_the_home_page(cast: Cast, client: Client) -> None:
    make_year(cast)
    for user in cast.users():
        client.force_login(user)
        text = client.get("/").content.decode()
        assert "Orang Contoh" not in text
        assert "351901410" not in text


def test_every_duty_leads_somewhere(cast: Cast) -> None:
    pages = {duty.page for duty in DUTIES} | {"programs:decree_new", "programs:records"}
    assert {page for page in pages if not waiting.route(page)} == set()
    for page in ("disbursements:list", "programs:decree"):
        assert waiting.route(page, 1)


@pytest.mark.parametrize(("name", "most"), [("tono", 25), ("budi", 24), ("vera", 10), ("adi", 10)])
def test_queries_of_home(
    cast: Cast, client: Client, django_assert_max_num_queries: Any, name: str, most: int
) -> None:
    make_year(cast)
    client.force_login(getattr(cast, name))
    with django_assert_max_num_queries(most):
        client.get("/")

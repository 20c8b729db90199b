"""Many waiting lines decided at once: counted before, refused lines stay and are named."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from bansos.audit.models import Event
from beneficiaries.models import Person
from programs.choices import Insurance, PayerKind, PremiumChange
from programs.models import PremiumLine, PremiumRound
from programs.services.premiums.covers import record_payer
from programs.services.premiums.deciding import Choice, choose, decide_many
from tests.beneficiaries.kube import refuses
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.programs.test_premiums import APRIL, AT, MARCH, Premiums, premiums

__all__ = ["premiums"]
pytestmark = pytest.mark.django_db
ADDS, DROPS = Choice(), Choice(change=PremiumChange.DROP)


def person(cast: Cast, area: str = "35.19.01.2001", **fields: object) -> Person:
    made: Person = PersonFactory(created_by=cast.sari, area_code=area, **fields)
    return made


def decide(
    cast: Cast, round_: PremiumRound, choice: Choice, *, agree: bool = True, note: str = ""
) -> tuple[int, int]:
    """Decide what is counted now."""
    mark = choose(round_, cast.vera, choice, AT).mark
    return decide_many(
        round_=round_, choice=choice, mark=mark, agree=agree, note=note, by=cast.vera, at=AT
    )


def states(round_: PremiumRound) -> dict[int, tuple[str, str]]:
    rows = PremiumLine.objects.filter(round=round_)
    return {row.person_id: (row.change, row.state) for row in rows}


def test_all_that_can_be_agreed_to_are(premiums: Premiums, cast: Cast) -> None:
    round_ = premiums.open()
    good = [person(cast) for _ in range(3)]
    paid, dead = person(cast), person(cast)
    for who in (*good, paid, dead):
        premiums.add(round_, who)
    record_payer(
        person=paid,
        insurance=Insurance.HEALTH,
        payer=PayerKind.EMPLOYER,
        payer_name="PR Cempaka",
        from_month=MARCH,
        by=cast.sari,
        at=AT,
    )
    Person.objects.filter(pk=dead.pk).update(died_on=date(2026, 3, 1), death_source="Desa")

    chosen = choose(round_, cast.vera, ADDS, AT)

    assert (chosen.total, chosen.agreeable, chosen.rejectable) == (5, 3, 5)
    assert sorted(chosen.not_agreed.values()) == [
        "Preminya sudah dibayar oleh PR Cempaka; satu orang satu penanggung.",
        "Tercatat meninggal, jadi preminya tidak dibayar.",
    ]
    assert decide(cast, round_, ADDS) == (3, 2)
    found = states(round_)
    assert {found[who.pk] for who in good} == {("add", "verified")}
    assert {found[who.pk] for who in (paid, dead)} == {("add", "waiting")}
    events = Event.objects.filter(verb="programs.decide_premium")
    assert events.count() == 3
    with refuses("PREMIUM-NOTE"):
        decide(cast, round_, ADDS, agree=False)
    assert decide(cast, round_, ADDS, agree=False, note="Tidak memenuhi") == (2, 0)
    assert premiums.send(round_).state == "sent"


def test_a_finding_is_overruled_with_a_reason(premiums: Premiums, cast: Cast) -> None:
    round_ = premiums.open()
    plain, found = person(cast), person(cast)
    premiums.add(round_, plain)
    line = premiums.add(round_, found)
    PremiumLine.objects.filter(pk=line.pk).update(findings=["NIK belum ada."])
    with refuses("PREMIUM-NOTE"):
        decide(cast, round_, ADDS)
    assert {state for _change, state in states(round_).values()} == {"waiting"}
    assert decide(cast, round_, Choice(with_findings=False)) == (1, 0)
    assert states(round_)[found.pk] == ("add", "waiting")
    assert decide(cast, round_, Choice(with_findings=True), note="KTP dilihat") == (1, 0)


def test_other_lines_than_were_counted_are_not_decided(premiums: Premiums, cast: Cast) -> None:
    round_ = premiums.open()
    premiums.add(round_, person(cast))
    mark = choose(round_, cast.vera, ADDS, AT).mark
    premiums.add(round_, person(cast))
    with refuses("PREMIUM-COUNTED"):
        decide_many(round_=round_, choice=ADDS, mark=mark, agree=True, note="", by=cast.vera, at=AT)
    assert {state for _change, state in states(round_).values()} == {"waiting"}


def test_who_leaves_and_who_stays(premiums: Premiums, cast: Cast) -> None:
    stays, dies = person(cast), person(cast)
    premiums.answer(premiums.month(stays, dies), (stays.nik, "Diterima"), (dies.nik, "Diterima"))
    round_ = premiums.open(APRIL)
    Person.objects.filter(pk=dies.pk).update(died_on=date(2026, 3, 1), death_source="Desa")
    PremiumLine.objects.filter(round=round_).update(
        change="drop", state="waiting", findings=["Pindah ke luar provinsi."]
    )
    chosen = choose(round_, cast.vera, DROPS, AT)
    assert (chosen.agreeable, chosen.rejectable) == (2, 1)
    assert decide(cast, round_, DROPS, agree=False, note="Masih bekerja di sini") == (1, 1)
    assert decide(cast, round_, DROPS) == (1, 0)
    assert states(round_) == {stays.pk: ("keep", "verified"), dies.pk: ("drop", "verified")}


def test_hands_and_areas(premiums: Premiums, cast: Cast, settings: Settings) -> None:
    round_ = premiums.open()
    here, there = person(cast), person(cast, area="35.19.02.1001")
    for who in (here, there):
        premiums.add(round_, who)
    elsewhere = person(cast, area="35.20.01.2001")
    PremiumLine.objects.create(
        round=round_,
        person=elsewhere,
        area_code=elsewhere.area_code,
        change="add",
        added_at=AT,
        added_by=cast.sari,
    )
    with refuses("PREMIUM-RIGHT"):
        decide_many(round_=round_, choice=ADDS, mark="", agree=True, note="", by=cast.sari, at=AT)
    settings.LONG_PREMIUM_LINES = 1
    chosen = choose(round_, cast.vera, ADDS, AT)
    assert (len(chosen.lines), chosen.total) == (1, 2)
    assert decide(cast, round_, Choice(district="35.19.02")) == (1, 0)
    found = states(round_)
    assert found[there.pk] == ("add", "verified")
    assert found[here.pk] == found[elsewhere.pk] == ("add", "waiting")


def test_who_added_does_not_decide(premiums: Premiums, cast: Cast) -> None:
    round_ = premiums.open()
    line = premiums.add(round_, person(cast))
    PremiumLine.objects.filter(pk=line.pk).update(added_by=cast.vera)
    assert decide(cast, round_, ADDS) == (0, 1)
    assert decide(cast, round_, ADDS, agree=False, note="Salah") == (0, 1)


def test_the_page_counts_then_decides(premiums: Premiums, cast: Cast, client: Client) -> None:
    round_ = premiums.open()
    good, dead = person(cast), person(cast)
    for who in (good, dead):
        premiums.add(round_, who)
    Person.objects.filter(pk=dead.pk).update(died_on=date(2026, 3, 1), death_source="Desa")
    page = reverse("programs:premium_decide", args=[round_.pk])
    month = round_.get_absolute_url()
    client.force_login(cast.sari)
    assert page not in client.get(month).content.decode()
    assert client.get(page).status_code == 403
    client.force_login(cast.vera)
    assert page in client.get(month).content.decode()
    response = client.get(page, {"perubahan": "add", "temuan": "semua", "kecamatan": "35.19.01"})
    body = response.content.decode()
    assert "Setujui: 1 calon. Tolak: 2 calon." in body
    assert "biaya sebulan bertambah Rp42.000" in body
    assert "Kebonsari" in body
    mark = response.context["chosen"].mark
    wrong = client.post(page, {"mark": "lain", "setuju": "1", "note": ""})
    assert wrong.status_code == 422
    assert "Tidak ada yang diputus" in wrong.content.decode()
    assert f'name="mark" value="{mark}"' in wrong.content.decode()
    done = client.post(page, {"mark": mark, "setuju": "1", "note": ""}, follow=True)
    told = done.content.decode()
    assert "1 baris diputus. 1 baris tidak diputus dan tetap menunggu." in told
    assert "Tercatat meninggal" in told
    assert states(round_) == {good.pk: ("add", "verified"), dead.pk: ("add", "waiting")}

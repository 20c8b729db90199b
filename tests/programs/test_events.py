"""Events during a programme: the rule decides the outcome, another person decides the event."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from programs.choices import EnrolmentState, EventKind, Outcome
from programs.models import Enrolment, ProgrammeEvent
from programs.queries.life import life_of
from programs.rules.life import EventFacts, event_problems, exit_problems, verdict_of
from programs.services.decrees import draft_decree, submit_decree
from programs.services.events import EventValues, decide_event, report_event
from programs.services.loading import known_fields, known_life
from tests.access_life import Life, make_life
from tests.cast import Cast
from tests.factories.programs import NOW, DecreeFactory, DecreeLineFactory, EnrolmentFactory

E = EnrolmentState
DAY = date(2026, 2, 1)

# programme, event, decreed, on a frozen list, passbook given, outcome (guides, domain 3.2)
CASES = [
    ("PKHPLUS", "death", True, False, False, "pay_back"),
    ("PKHPLUS", "death", True, True, True, "pay_heir"),
    ("PKHPLUS", "death", True, False, True, "stop"),
    ("PKHPLUS", "absent", True, False, None, "wait"),
    ("PKHPLUS", "hindered", True, True, None, "proxy"),
    ("PKHPLUS", "moved_out", True, False, None, "stop"),
    ("PKHPLUS", "moved_village", True, False, None, "note"),
    ("PKHPLUS", "identity", True, False, None, "hold"),
    ("ASPD", "death", True, True, None, "pay_heir"),
    ("ASPD", "death", True, False, None, "stop"),
    ("ASPD", "moved_unknown", True, False, None, "stop"),
    ("ASPD", "double", True, False, None, "stop"),
    ("KEMISEM", "death", True, False, False, "pay_back"),
    ("KEMISEM", "death", True, True, True, "pay_heir"),
    ("KEMISEM", "moved_village", True, False, None, "transfer"),
    ("KEMISEM", "moved_regency", True, False, None, "stop"),
    ("KIP", "death", True, True, True, "pay_back"),
    ("KIP", "death", False, False, None, "replace"),
    ("KIP", "refused", False, False, None, "replace"),
    ("KIP", "refused", True, False, None, "pay_back"),
    ("KIP", "identity", False, False, None, "replace"),
    ("KIP", "identity", True, False, None, "note"),
    ("KIP-PPKS", "death", True, True, True, "pay_back"),
]


@pytest.mark.parametrize(("code", "kind", "decreed", "listed", "passbook", "outcome"), CASES)
def test_each_guide_says_its_own(
    code: str, kind: str, decreed: bool, listed: bool, passbook: bool | None, outcome: str
) -> None:
    known = known_life("35", code)
    facts = EventFacts(kind=kind, decreed=decreed, on_list=listed, passbook=passbook)
    verdict = verdict_of(known.event_rules, facts, exits=known.exit_rules)
    assert verdict.outcome == outcome
    assert verdict.article


def test_the_rules_that_come_with_the_product_are_sound() -> None:
    for code in ("PKHPLUS", "ASPD", "KIP", "KIP-PUTRI", "KIP-PPKS"):
        known, fields = known_life("35", code), known_fields("35", code)
        heirs = fields["heir_rules"]
        stops = [row["code"] for row in fields["stop_reasons"]]
        assert event_problems(known.event_rules, stop_codes=stops, heir_rules=heirs) == []
        assert exit_problems(known.exit_rules) == []


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"event": "moon"}, "peristiwa tidak dikenal."),
        ({"event": "success"}, "peristiwa tidak dikenal."),
        ({"event": "death", "outcome": "moon"}, "akibat tidak dikenal."),
        ({"event": "death", "outcome": "hold", "when": ["moon"]}, "syarat tidak dikenal."),
        ({"event": "death", "outcome": "hold", "article": " "}, "pasal belum disebut."),
        (
            {"event": "death", "outcome": "stop", "reason": "moon", "article": "1"},
            "alasan berhentinya tidak ada di daftar alasan program.",
        ),
        (
            {"event": "death", "outcome": "pay_heir", "reason": "died", "article": "1"},
            "ahli waris dibayar, padahal aturan ahli waris program ini tidak membayar.",
        ),
        (
            {"event": "absent", "outcome": "wait", "days": 0, "article": "1"},
            "hari kerja harus antara 1 dan 250.",
        ),
    ],
)
def test_a_wrong_rule_is_named(row: dict[str, Any], wrong: str) -> None:
    found = event_problems([row], stop_codes=["died"], heir_rules={})
    assert found == [f"Aturan peristiwa 1: {wrong}"]


@pytest.fixture
def life(cast: Cast) -> Life:
    return make_life(cast)


def values(kind: str = "refused", **more: Any) -> EventValues:
    return replace(EventValues(kind=kind, happened_on=DAY), **more)


def report(cast: Cast, row: Enrolment, what: EventValues | None = None) -> ProgrammeEvent:
    return report_event(enrolment=row, values=what or values(), by=cast.sari, at=NOW)


@pytest.mark.django_db
def test_nothing_changes_until_another_person_decides(cast: Cast, life: Life) -> None:
    event = report(cast, life.active)
    life.active.refresh_from_db()
    assert (event.outcome, life.active.state) == (Outcome.PAY_BACK, E.ACTIVE)
    assert event.article.startswith("Juknis KIP Jawara 2026: tidak ada penggantian sesudah SK")
    with pytest.raises(Refused) as twice:
        report(cast, life.active)
    assert twice.value.code == "EVENT-OPEN"
    done = decide_event(event=event, apply=True, note="", by=cast.budi, at=NOW)
    life.active.refresh_from_db()
    assert (life.active.state, life.active.end_reason) == (E.STOPPED, "refused")
    assert life.active.ended_on == DAY
    assert done.results == ["Status menjadi Dihentikan."]
    titles = [item.title for item in life_of(life.active, [])]
    assert {"Dihentikan", "Peristiwa Menolak bantuan: diterapkan"} <= set(titles)
    assert "Peristiwa dicatat: Menolak bantuan" in titles
    verbs = {"programs.report_event", "programs.decide_event", "programs.event_outcome"}
    assert set(Event.objects.filter(verb__in=verbs).values_list("verb", flat=True)) == verbs
    with pytest.raises(Stale):
        decide_event(event=event, apply=True, note="", by=cast.budi, at=NOW)


@pytest.mark.django_db
def test_maker_is_not_checker_in_the_service_and_in_the_database(cast: Cast, life: Life) -> None:
    event = report_event(enrolment=life.active, values=values(), by=cast.budi, at=NOW)
    with pytest.raises(NotAllowed) as own:
        decide_event(event=event, apply=True, note="", by=cast.budi, at=NOW)
    assert own.value.code == "EVENT-OWN"
    with pytest.raises(NotAllowed):
        decide_event(event=event, apply=True, note="", by=cast.sari, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeEvent.objects.filter(pk=event.pk).update(
            applied=True, decided_at=NOW, decided_by=cast.budi
        )


@pytest.mark.django_db
def test_what_was_reported_cannot_be_changed_nor_answered_twice(cast: Cast, life: Life) -> None:
    event = report(cast, life.active)
    for change in ({"outcome": "note"}, {"happened_on": date(2026, 1, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ProgrammeEvent.objects.filter(pk=event.pk).update(**change)
    decide_event(event=event, apply=False, note="Keliru orang.", by=cast.budi, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeEvent.objects.filter(pk=event.pk).update(applied=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        event.delete()
    life.active.refresh_from_db()
    assert life.active.state == E.ACTIVE


@pytest.mark.django_db
def test_bad_input_is_told_beside_its_field(cast: Cast, life: Life) -> None:
    wrong = [
        (values(happened_on=date(2026, 3, 1)), "happened_on"),
        (values(happened_on=date(2016, 3, 1)), "happened_on"),
        (values("moved_village"), "village"),
        (values("moved_village", village="35.20.01.2001"), "village"),
        (values("moved_regency", village="35.19.01.2002"), "village"),
        (values("moved_regency", village="64.72.01.1001"), "village"),
        (values("other", reason_code="died"), "note"),
        (values("other", note="Menikah"), "reason_code"),
    ]
    for what, field in wrong:
        with pytest.raises(BadInput) as refused:
            report(cast, life.active, what)
        assert field in (refused.value.fields or {})
    with pytest.raises(Refused) as early:
        report(cast, life.proposed)
    assert early.value.code == "EVENT-STATE"
    with pytest.raises(NotAllowed):
        report_event(enrolment=life.active, values=values(), by=cast.aud, at=NOW)
    with pytest.raises(NotAllowed):
        report_event(enrolment=life.active, values=values(), by=cast.lain, at=NOW)
    assert ProgrammeEvent.objects.count() == 1  # the one of the ground
    event = report(cast, life.active)
    with pytest.raises(BadInput) as why:
        decide_event(event=event, apply=False, note=" ", by=cast.budi, at=NOW)
    assert "note" in (why.value.fields or {})


@pytest.mark.django_db
def test_before_the_decree_a_place_may_be_given_to_another(cast: Cast, life: Life) -> None:
    row = EnrolmentFactory(version=life.version, eligible=True, account=None)
    event = report(cast, row)
    assert event.outcome == Outcome.REPLACE
    decide_event(event=event, apply=True, note="", by=cast.budi, at=NOW)
    row.refresh_from_db()
    assert row.state == E.STOPPED


@pytest.mark.django_db
def test_a_draft_decree_stands_in_the_way(cast: Cast, life: Life) -> None:
    row = EnrolmentFactory(version=life.version, determined=True, account=None)
    decree = DecreeFactory(version=life.version, made_by=cast.budi)
    DecreeLineFactory(decree=decree, enrolment=row)
    event = report(cast, row)
    assert event.effects == ["Draf SK memuat nama ini. Keluarkan dulu dari draf itu."]
    with pytest.raises(Refused) as refused:
        decide_event(event=event, apply=True, note="", by=cast.budi, at=NOW)
    assert refused.value.code == "EVENT-BLOCKED"


@pytest.mark.django_db
def test_a_decree_does_not_go_on_with_whom_an_event_waits_for(cast: Cast, life: Life) -> None:
    row = EnrolmentFactory(version=life.version, eligible=True, account=None)
    report(cast, row)
    decree = draft_decree(version=life.version, area_code="35.19", by=cast.budi, at=NOW)
    with pytest.raises(Refused) as refused:
        submit_decree(decree=decree, by=cast.budi, at=NOW)
    assert refused.value.code == "DECREE-EVENTS"
    assert "1 orang di SK ini" in str(refused.value)
    assert "Peristiwa menunggu putusan: Menolak bantuan." in str(refused.value)


@pytest.mark.django_db
def test_what_was_computed_before_the_decree_is_not_applied_after_it(
    cast: Cast, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.version.event_rules = known_life("35", "PKHPLUS").event_rules
    life.version.save()
    event = report(cast, life.active, values("death", passbook=True))
    assert event.outcome == Outcome.STOP
    monkeypatch.setattr("programs.queries.life.ON_LIST", [lambda _row: True])
    with pytest.raises(Stale) as moved:
        decide_event(event=event, apply=True, note="", by=cast.budi, at=NOW)
    assert moved.value.code == "EVENT-MOVED"
    assert "akibatnya kini ahli waris menerima, lalu dihentikan, dulu dihentikan." in str(
        moved.value
    )
    life.active.refresh_from_db()
    assert (life.active.state, life.active.person.died_on) == (E.ACTIVE, None)
    decide_event(event=event, apply=False, note="Catat lagi.", by=cast.budi, at=NOW)


@pytest.mark.django_db
def test_somebody_moves_and_still_receives(cast: Cast, life: Life) -> None:
    life.version.event_rules = known_life("35", "KEMISEM").event_rules
    life.version.save()
    decree = DecreeFactory(version=life.version, approved=True, made_by=cast.budi)
    DecreeLineFactory(decree=decree, enrolment=life.active)
    event = report(cast, life.active, values("moved_village", village="35.19.02.1001"))
    assert event.outcome == Outcome.TRANSFER
    decide_event(event=event, apply=True, note="", by=cast.budi, at=NOW)
    life.active.refresh_from_db()
    assert (life.active.area_code, life.active.state) == ("35.19.02.1001", E.ACTIVE)
    assert life.active.person.area_code == life.active.person.village_id == "35.19.02.1001"
    told = Event.objects.get(verb="programs.transfer")
    assert (told.data["old"], told.data["new"]) == ("35.19.01.2001", "35.19.02.1001")


@pytest.mark.django_db
def test_the_first_hours_of_a_year_belong_to_it(cast: Cast, life: Life) -> None:
    # 1 January 2027 in Jakarta, still 31 December 2026 in UTC.
    made = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
    Enrolment.objects.filter(pk=life.active.pk).update(created_at=made)
    row = Enrolment.objects.get(pk=life.active.pk)
    early = values(happened_on=date(2025, 12, 31))
    with pytest.raises(BadInput) as refused:
        report_event(enrolment=row, values=early, by=cast.sari, at=made)
    assert "happened_on" in (refused.value.fields or {})


@pytest.mark.django_db
def test_the_screen_shows_the_outcome_before_it_stores(
    cast: Cast, life: Life, client: Client
) -> None:
    client.force_login(cast.sari)
    page = client.get(reverse("programs:proposal", args=[life.active.pk])).content.decode()
    address = reverse("programs:event_new", args=[life.active.pk])
    assert address in page
    person = reverse("beneficiaries:person_tab", args=[life.active.person_id, "program"])
    assert address in client.get(person).content.decode()
    given = {"kind": EventKind.REFUSED, "happened_on": "01-02-2026"}
    looked = client.post(address, given).content.decode()
    assert "Dihentikan, uang kembali ke kas daerah" in looked
    assert "tidak ada penggantian sesudah SK" in looked
    assert not ProgrammeEvent.objects.filter(enrolment=life.active).exists()
    [seen] = re.findall(r'name="seen" value="([^"]*)"', looked)
    for changed in ({"seen": ""}, {"kind": "able"}):
        other = client.post(address, {**given, "seen": seen, "simpan": "1", **changed})
        assert "Akibatnya berubah, jadi belum dicatat" in other.content.decode()
    assert not ProgrammeEvent.objects.filter(enrolment=life.active).exists()
    kept = client.post(address, {**given, "seen": unescape(seen), "simpan": "1"})
    event = ProgrammeEvent.objects.get(enrolment=life.active)
    assert kept.headers["Location"] == reverse("programs:event", args=[event.pk])
    assert client.post(address, {**given, "happened_on": "01-02-2099"}).status_code == 422
    client.force_login(cast.budi)
    shown = client.get(reverse("programs:event", args=[event.pk])).content.decode()
    decide = reverse("programs:event_decide", args=[event.pk])
    assert decide in shown
    assert client.post(decide, {"act": "refuse"}).status_code == 422
    assert client.post(decide, {"act": "apply"}).status_code == 302
    assert (
        "Status menjadi Dihentikan."
        in client.get(reverse("programs:event", args=[event.pk])).content.decode()
    )
    listed = client.get(reverse("programs:events"), {"waiting": "true"}).content.decode()
    assert life.active.person.name not in listed


@pytest.mark.django_db
def test_an_event_that_is_only_noted_says_how_aid_is_stopped(
    cast: Cast, life: Life, client: Client
) -> None:
    life.version.event_rules = []
    life.version.save()
    given = {"kind": "refused", "happened_on": "01-02-2026", "passbook": "", "note": "menolak"}
    address = reverse("programs:event_new", args=[life.active.pk])
    by_hand = reverse("programs:member", args=[life.active.pk])
    client.force_login(cast.sari)
    told = client.post(address, given).content.decode()
    assert "Status penerima tidak berubah oleh peristiwa ini" in told
    assert "lewat Ubah status" in told
    assert by_hand not in told
    values = EventValues(kind="refused", happened_on=DAY, note="menolak")
    event = report_event(enrolment=life.active, values=values, by=cast.sari, at=NOW)
    client.force_login(cast.budi)
    assert by_hand in client.get(reverse("programs:event", args=[event.pk])).content.decode()

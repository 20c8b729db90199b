"""Who may collect and who may inherit: golden cases per programme, and the letters themselves."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from beneficiaries.choices import InstitutionKind
from beneficiaries.services.payees import InstitutionValues, register_institution
from programs.models import Enrolment, ProgrammeVersion, ProxyGrant
from programs.rules.proxies import (
    HeirClaim,
    ProxyClaim,
    account_problems,
    heir_problems,
    proxy_problems,
    rule_problems,
    rule_sentences,
)
from programs.services.loading import known_fields
from programs.services.payees import choose_payee, may_choose_payee
from programs.services.proxies import ProxyValues, end_proxy, grant_proxy, proxy_on
from tests.access_benefits import make_benefits
from tests.cast import Cast
from tests.factories.programs import NOW

FOLDER = Path(__file__).parent.parent / "golden"
DAYS = ("letter_date", "valid_from", "valid_until")
NIK = "3519014108800007"


def cases(name: str) -> list[dict[str, str]]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def rules_of(code: str) -> dict[str, Any]:
    """The rules that come with a programme of East Java; KOSONG stands for one without any."""
    return {"proxy_rules": {}, "heir_rules": {}} if code == "KOSONG" else known_fields("35", code)


@pytest.mark.parametrize("case", cases("proxies.csv"), ids=lambda case: case["kasus"])
def test_golden_proxy(case: dict[str, str]) -> None:
    found = proxy_problems(
        rules_of(case["program"])["proxy_rules"],
        ProxyClaim(
            who=case["siapa"],
            relation=case["hubungan"],
            role=case["peran"],
            same_kk=case["satu_kk"] == "ya",
            letter_number="1" if case["surat"] == "ya" else "",
            witness_role=case["saksi"],
            confirmed=case["konfirmasi"] == "ya",
            days=int(case["hari"]),
        ),
    )
    assert found == ([case["alasan"]] if case["alasan"] else [])
    assert (not found) == (case["boleh"] == "ya")


@pytest.mark.parametrize("case", cases("heirs.csv"), ids=lambda case: case["kasus"])
def test_golden_heir(case: dict[str, str]) -> None:
    closes = case["ditutup"]
    found = heir_problems(
        rules_of(case["program"])["heir_rules"],
        HeirClaim(
            same_kk=case["satu_kk"] == "ya",
            passbook_given=case["buku_tabungan"] == "ya",
            decided_on=date.fromisoformat(case["diputus"]),
            stage_closes_on=date.fromisoformat(closes) if closes else None,
            papers=case["berkas"].split(),
        ),
    )
    assert found == ([case["alasan"]] if case["alasan"] else [])
    assert (not found) == (case["boleh"] == "ya")


def test_an_account_in_the_name_of_a_proxy_needs_a_way_that_says_so() -> None:
    way = {"who": "guardian", "relations": ["parent"], "letter": "Surat", "same_kk": True}
    family = {"who": "family", "letter": "Surat kuasa"}
    rules = {"forbidden": ["official"], "ways": [{**way, "account": True}, family]}
    mother = ProxyClaim(who="guardian", relation="parent", same_kk=True, letter_number="7")
    assert account_problems(rules, mother) == []
    # Who may collect may not have the account, unless the rule says so.
    uncle = replace(mother, who="family")
    assert proxy_problems(rules, uncle) == []
    none = ["Program ini tidak membayar ke rekening atas nama kuasa seperti ini."]
    assert account_problems(rules, uncle) == none
    assert account_problems({"ways": [way]}, mother) == none
    assert account_problems(rules, replace(mother, role="official")) == [
        "Program ini melarang aparat pemerintah menjadi kuasa."
    ]
    # One way collects only, the other may have the account: both stand side by side.
    two = {"ways": [{**way, "relations": []}, {**way, "account": True}]}
    sister = replace(mother, relation="sibling")
    assert proxy_problems(two, sister) == []
    assert account_problems(two, sister) == ["Hubungan keluarga itu tidak dibolehkan program ini."]


def test_the_rules_themselves_are_sound_and_readable() -> None:
    for code in ("PKHPLUS", "ASPD", "KEMISEM", "KIP", "KIP-PUTRI", "KIP-PPKS"):
        rules = rules_of(code)
        assert rule_problems(rules["proxy_rules"], rules["heir_rules"]) == []
        words = rule_sentences(rules["proxy_rules"], rules["heir_rules"])
        assert any("Juknis" in sentence for sentence in words)
    assert rule_problems({"ways": [{"who": "moon", "witness": "star"}]}, {"pays": True}) == [
        "Aturan kuasa: jenis kuasa tidak dikenal.",
        "Aturan kuasa: saksi tidak dikenal.",
        "Aturan kuasa: pasal belum disebut.",
        "Aturan ahli waris: pasal belum disebut.",
    ]


@pytest.fixture
def enrolment(cast: Cast) -> Enrolment:
    made = make_benefits(cast)
    made.proxy.delete()
    row = made.enrolment
    rules = rules_of("PKHPLUS")["proxy_rules"]
    ProgrammeVersion.objects.filter(pk=row.version_id).update(proxy_rules=rules)
    return Enrolment.objects.select_related("version", "person").get(pk=row.pk)


def letter(**more: Any) -> ProxyValues:
    given: dict[str, Any] = {
        "who": "family",
        "relation": "child",
        "name": "Siti Aminah",
        "nik": NIK,
        "letter_number": "SK/12",
        "letter_date": date(2026, 2, 1),
        "reason": "Sakit di rumah",
        "valid_from": date(2026, 2, 2),
        "valid_until": date(2026, 2, 15),
        "witness_role": "companion",
        "witness_name": "Rudi",
    }
    return ProxyValues(**{**given, **more})


@pytest.mark.django_db
def test_a_letter_is_recorded_once_and_ended(cast: Cast, enrolment: Enrolment) -> None:
    row = grant_proxy(enrolment=enrolment, values=letter(), by=cast.sari, at=NOW)
    assert row.article == "Juknis PKH Plus 2026: pengambilan oleh kuasa"
    assert row.nik_masked == "351901••••••••07"
    assert proxy_on(enrolment, date(2026, 2, 15)) == row
    assert proxy_on(enrolment, date(2026, 2, 16)) is None
    event = Event.objects.get(verb="programs.grant_proxy")
    assert "Siti" not in str(event.data)
    with pytest.raises(Refused) as twice:
        grant_proxy(enrolment=enrolment, values=letter(), by=cast.sari, at=NOW)
    assert twice.value.code == "PROXY-TWICE"
    end_proxy(grant=row, reason="Sembuh", by=cast.sari, at=NOW)
    assert proxy_on(enrolment, date(2026, 2, 3)) is None
    # Half past midnight of 7 February in Jakarta is still the 6th by UTC: the office's day counts.
    late = datetime(2026, 2, 6, 17, 30, tzinfo=UTC)
    ProxyGrant.objects.filter(pk=row.pk).update(ended_at=late)
    assert proxy_on(enrolment, date(2026, 2, 6)) == row, "it held on that day"
    assert proxy_on(enrolment, date(2026, 2, 7)) is None
    with pytest.raises(Stale):
        end_proxy(grant=row, reason="Sembuh", by=cast.sari, at=NOW)


@pytest.mark.django_db
def test_the_rule_and_its_article_are_named(cast: Cast, enrolment: Enrolment) -> None:
    with pytest.raises(Refused) as refused:
        grant_proxy(enrolment=enrolment, values=letter(role="bank_staff"), by=cast.sari, at=NOW)
    assert str(refused.value) == (
        "Kuasa belum dicatat: Program ini melarang pegawai bank menjadi kuasa."
        " (Juknis PKH Plus 2026: pengambilan oleh kuasa)"
    )
    own = letter(nik=enrolment.person.nik)
    for values in (letter(nik="123"), letter(reason=" "), own):
        with pytest.raises(BadInput):
            grant_proxy(enrolment=enrolment, values=values, by=cast.sari, at=NOW)
    with pytest.raises(NotAllowed):
        grant_proxy(enrolment=enrolment, values=letter(), by=cast.aud, at=NOW)
    assert not ProxyGrant.objects.exists()


@pytest.mark.django_db
def test_pages_and_api_of_a_letter(cast: Cast, enrolment: Enrolment, client: Client) -> None:
    client.force_login(cast.sari)
    address = reverse("programs:proxy_new", args=[enrolment.pk])
    assert "Juknis PKH Plus 2026" in client.get(address).content.decode()
    given = {
        **{name: str(value) for name, value in vars(letter()).items() if value is not False},
        "letter_date": "01-02-2026",
        "valid_from": "02-02-2026",
        "valid_until": "15-02-2026",
    }
    wrong = client.post(address, {**given, "witness_role": ""})
    assert wrong.status_code == 422
    assert "Saksi harus pendamping." in wrong.content.decode()
    assert client.post(address, given).status_code == 302
    row = ProxyGrant.objects.get()
    page = client.get(reverse("programs:proposal", args=[enrolment.pk])).content.decode()
    assert "SK/12" in page
    assert NIK not in page
    shown = client.get(reverse("proposal-proxies", args=[enrolment.pk])).json()
    assert shown[0]["nik"] == "351901••••••••07"
    ended = client.post(reverse("programs:proxy_end", args=[row.pk]), {"note": "Sembuh"})
    assert ended.status_code == 302
    made = client.post(
        reverse("proposal-proxies", args=[enrolment.pk]),
        {
            **{name: value for name, value in vars(letter()).items()},
            **{
                key: str(vars(letter())[key])
                for key in ("letter_date", "valid_from", "valid_until")
            },
        },
        content_type="application/json",
    )
    assert made.status_code == 201, made.content


@pytest.mark.django_db
def test_a_proposal_may_be_for_an_institution(
    cast: Cast, enrolment: Enrolment, client: Client
) -> None:
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state="proposed", decided_at=None, decided_by=None, active_from=None
    )
    shelter = register_institution(
        values=InstitutionValues(
            name="LKSA Kasih", kind=InstitutionKind.LKSA, village_id="35.19.01.2001"
        ),
        by=cast.sari,
        at=NOW,
    ).payee
    with pytest.raises(BadInput):
        choose_payee(enrolment=enrolment, payee=shelter, by=cast.sari, at=NOW)
    ProgrammeVersion.objects.filter(pk=enrolment.version_id).update(payee_kind="institution")
    client.force_login(cast.sari)
    address = reverse("programs:payee", args=[enrolment.pk])
    assert "LKSA Kasih" in client.get(address).content.decode()
    assert client.post(address, {"payee": shelter.pk}).status_code == 302
    page = client.get(reverse("programs:proposal", args=[enrolment.pk])).content.decode()
    assert "LKSA Kasih" in page
    assert address in page
    judged = {"decided_at": NOW, "decided_by": cast.vera}
    for state, more in (("in_review", {}), ("eligible", judged), ("stopped", judged)):
        Enrolment.objects.filter(pk=enrolment.pk).update(state=state, **more)
        with pytest.raises(Refused) as refused:
            choose_payee(enrolment=enrolment, payee=shelter, by=cast.sari, at=NOW)
        assert refused.value.code == "PAYEE-JUDGED"
        page = client.get(reverse("programs:proposal", args=[enrolment.pk])).content.decode()
        assert address not in page
    again = client.post(
        reverse("proposal-choose-payee", args=[enrolment.pk]),
        {"payee": shelter.pk},
        content_type="application/json",
    )
    assert again.status_code == 409


def test_a_payee_in_a_record_stays() -> None:
    assert may_choose_payee(Enrolment(state="proposed"))
    assert not may_choose_payee(Enrolment(state="proposed", record_id=1))

"""An account in a guardian's or proxy's name: the person is paid once, by a letter that holds."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from bansos.documents.queries import documents_of
from bansos.documents.services import read_bytes
from bansos.lib.errors import Refused
from beneficiaries.models import BankAccount, Person
from disbursements.choices import ChannelKind, Heard, NameState
from disbursements.documents.content import bank_list_of
from disbursements.models import BankChannel, PayList, PaymentLine, ProxyAccount, ResultRow
from disbursements.queries.desk import candidates
from disbursements.queries.fingerprints import fingerprint, head_of
from disbursements.rules.fingerprint import HashedLine, seal_list
from disbursements.services import lists, moves, papers, preflight
from disbursements.services.channels.base import NameAnswer
from disbursements.services.naming import next_names, take_names
from programs.models import Enrolment, ProxyGrant
from programs.services.proxies import ProxyValues, end_proxy, grant_proxy
from tests.cast import Cast
from tests.factories.books import breaches
from tests.factories.disbursements import NOW, World, fresh, lines_of, make_world, run

pytestmark = pytest.mark.django_db

MOTHER, NIK = "Endang Sulastri", "3519014108800007"
WAY = {
    "who": "guardian",
    "relations": ["parent"],
    "same_kk": True,
    "letter": "Surat perwalian",
    "witness": "companion",
    "confirmed": False,
}
RULES: dict[str, Any] = {
    "article": "Juknis 2026: wali",
    "forbidden": ["official"],
    "ways": [{**WAY, "account": True}, {"who": "family", "letter": "Surat kuasa"}],
}


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=3, proxy_rules=RULES)


def letter(world: World, **more: Any) -> ProxyGrant:
    """The mother of the first person, in the rule's own way, for all the years of the tests."""
    given: dict[str, Any] = {
        "who": "guardian",
        "relation": "parent",
        "same_kk": True,
        "name": MOTHER,
        "nik": NIK,
        "letter_number": "PW/7",
        "letter_date": date(2026, 10, 30),
        "reason": "Penerima masih anak",
        "valid_from": date(2020, 1, 1),
        "valid_until": date(2060, 12, 31),
        "witness_role": "companion",
        "witness_name": "Rudi",
    }
    return grant_proxy(
        enrolment=world.enrolments[0],
        values=ProxyValues(**{**given, **more}),
        by=world.cast.sari,
        at=world.tick(),
    )


def in_name_of_mother(world: World) -> None:
    BankAccount.objects.filter(person=world.enrolments[0].person).update(holder_name=MOTHER)


def hits(pay_list: PayList) -> dict[str, str]:
    return dict(pay_list.hits.values_list("code", "message"))


def checked(world: World, pay_list: PayList) -> PayList:
    """Checked anew, on a day of the world's own clock."""
    with transaction.atomic():
        preflight.check_now(pay_list=moves.lock_row(pay_list), at=world.tick())
    return fresh(pay_list)


def test_a_person_with_a_guardian_is_paid_once_by_bank(world: World) -> None:
    in_name_of_mother(world)
    grant = letter(world)
    sent = world.sent()
    rows = lines_of(sent)
    first = rows[0]
    assert (first.person_id, first.payee_name) == (
        world.enrolments[0].person_id,
        world.enrolments[0].person.name,
    )
    assert ProxyAccount.objects.get().line_id == first.pk
    assert first.proxy_account.grant == grant
    # A bank looks at the owner of the account.
    names = [name for part in bank_list_of(sent).lines.transfers() for name in part.names]
    assert names == [MOTHER, rows[1].payee_name, rows[2].payee_name]
    sealed = seal_list(
        head_of(sent),
        [
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
                letter=(grant.pk, "PW/7", "2026-10-30", "2020-01-01", "2060-12-31", MOTHER)
                if row == first
                else None,
            )
            for row in rows
        ],
    )
    assert fingerprint(sent) == sealed
    assert sent.content_hash == sealed.hash
    assert breaches(world.clock) == []
    # The same person has no second payment of the stage.
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.filter(pk=rows[1].pk).update(person=first.person_id)


def test_the_letter_stays_with_a_locked_list(world: World) -> None:
    in_name_of_mother(world)
    letter(world)
    world.locked()
    row = ProxyAccount.objects.get()
    with pytest.raises(IntegrityError, match="its letters stay"), transaction.atomic():
        row.delete()
    with pytest.raises(IntegrityError, match="judged anew"), transaction.atomic():
        ProxyAccount.objects.update(grant=row.grant_id)
    other = lines_of(row.pay_list)[1]
    with pytest.raises(IntegrityError, match="its letters stay"), transaction.atomic():
        ProxyAccount.objects.create(line=other, pay_list=row.pay_list, grant=row.grant)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"valid_until": date(2026, 11, 21)},
            "Surat kuasa PW/7 berlaku sampai 21-11-2026; dibayar 22-11-2026.",
        ),
        (
            {"valid_from": date(2026, 11, 23)},
            "Surat kuasa PW/7 baru berlaku 23-11-2026; dibayar 22-11-2026.",
        ),
        (
            {"who": "family", "relation": "sibling"},
            (
                "Program ini tidak membayar ke rekening atas nama kuasa seperti ini."
                " (Juknis 2026: wali)"
            ),
        ),
    ],
)
def test_a_letter_that_does_not_cover_the_account_stops_the_lock(
    world: World, more: dict[str, Any], words: str
) -> None:
    in_name_of_mother(world)
    letter(world, **more)
    drawn = checked(world, world.drawn())
    assert hits(drawn) == {"proxy": words}
    assert not ProxyAccount.objects.exists()
    with pytest.raises(Refused, match="belum lolos"):
        world.locked(drawn)


def test_a_forbidden_role_in_a_letter_of_old_stops_the_lock(world: World) -> None:
    in_name_of_mother(world)
    ProxyGrant.objects.filter(pk=letter(world).pk).update(role="official")
    words = "Program ini melarang aparat pemerintah menjadi kuasa. (Juknis 2026: wali)"
    assert hits(world.drawn()) == {"proxy": words}


def test_without_a_letter_of_that_name_the_account_is_anothers(world: World) -> None:
    in_name_of_mother(world)
    drawn = world.drawn()
    differs = "Nama pemilik rekening berbeda dari nama penerima."
    assert hits(drawn) == {"holder": differs}
    other = letter(world, name="Bambang Wicaksono")
    assert hits(checked(world, drawn)) == {"holder": differs}
    end_proxy(grant=other, reason="Bukan walinya", by=world.cast.sari, at=world.tick())
    letter(world)
    assert hits(checked(world, drawn)) == {}


def test_a_dead_proxy_is_not_paid(world: World) -> None:
    in_name_of_mother(world)
    letter(world)
    mother = Person.objects.get(pk=world.enrolments[2].person_id)
    mother.nik = NIK
    mother.save()
    drawn = world.drawn()
    assert hits(drawn) == {}
    Enrolment.objects.filter(person=mother).update(state="suspended")
    drawn.lines.filter(person=mother).update(state="excluded", exclude_reason="Meninggal")
    Person.objects.filter(pk=mother.pk).update(died_on=date(2026, 11, 20))
    said = {"proxy": "Pemegang surat kuasa PW/7 tercatat meninggal."}
    assert hits(checked(world, drawn)) == said


def test_revoked_between_drawing_and_lock(world: World) -> None:
    in_name_of_mother(world)
    grant = letter(world)
    drawn = world.drawn()
    assert hits(drawn) == {}
    end_proxy(grant=grant, reason="Anak sudah dewasa", by=world.cast.sari, at=world.tick())
    with pytest.raises(Refused, match="belum lolos"):
        world.locked(drawn)
    assert not ProxyAccount.objects.exists()
    assert hits(checked(world, drawn)) == {"proxy": "Surat kuasa PW/7 sudah diakhiri."}


def test_revoked_between_lock_and_signature(world: World) -> None:
    in_name_of_mother(world)
    grant = letter(world)
    row = world.awaiting()
    end_proxy(grant=grant, reason="Anak sudah dewasa", by=world.cast.sari, at=world.tick())
    with pytest.raises(Refused, match="1 surat kuasa pemilik rekening tidak berlaku lagi"):
        lists.check(pay_list=row, seen_hash=row.content_hash, by=world.cast.ratna, at=world.tick())


def test_a_letter_that_runs_out_before_the_signature(world: World) -> None:
    in_name_of_mother(world)
    letter(world, valid_until=date(2026, 11, 23))
    row = world.awaiting()
    world.clock += timedelta(days=2)
    with pytest.raises(Refused, match="1 surat kuasa"):
        lists.check(pay_list=row, seen_hash=row.content_hash, by=world.cast.ratna, at=world.tick())


def test_the_line_says_whose_account_it_is(world: World, client: Client) -> None:
    in_name_of_mother(world)
    letter(world)
    drawn = world.drawn()
    client.force_login(world.cast.budi)
    address = reverse("disbursements:lines", args=[drawn.pk])
    page = client.get(address).content.decode()
    assert page.count("Rekening atas nama Endang Sulastri, surat kuasa PW/7.") == 1
    assert world.enrolments[1].person.name in page
    few = client.get(f"{address}?account=proxy").content.decode()
    assert "Rekening atas nama Endang Sulastri, surat kuasa PW/7." in few
    assert world.enrolments[1].person.name not in few
    # The checks of the draft count it, as no fault.
    checks = client.get(reverse("disbursements:list", args=[drawn.pk])).content.decode()
    assert f"{address}?account=proxy" in checks
    assert "Ada suratnya" in checks
    person = reverse("beneficiaries:person", args=[world.enrolments[0].person_id])
    assert "0000 atas nama Endang Sulastri, surat kuasa PW/7" in client.get(person).content.decode()


def test_the_bank_is_asked_for_the_name_of_the_proxy(world: World) -> None:
    """And asked anew once the letter is gone: what it said was about another name."""
    in_name_of_mother(world)
    grant = letter(world)
    drawn = world.drawn()
    channel = BankChannel.objects.create(
        agency=world.cast.agency,
        area_code="35",
        name="Kanal",
        kind=ChannelKind.DROP,
        base_url="https://bank.example",
        timeout=1,
        changed_at=NOW,
        changed_by=world.cast.adi,
    )
    asked, _last = next_names(pay_list=drawn, channel=channel, after=0, at=world.tick())
    assert [one.payee_name for one in asked][0] == MOTHER
    answers = [(one, NameAnswer(Heard.DONE, one.payee_name.upper())) for one in asked]
    take_names(
        pay_list=drawn, channel=channel, answers=answers, by=world.cast.budi, at=world.tick()
    )
    assert set(drawn.name_checks.values_list("state", flat=True)) == {NameState.SAME}
    assert next_names(pay_list=drawn, channel=channel, after=0, at=world.tick()) == ([], 0)
    end_proxy(grant=grant, reason="Anak sudah dewasa", by=world.cast.sari, at=world.tick())
    checked(world, drawn)
    again, _last = next_names(pay_list=drawn, channel=channel, after=0, at=world.tick())
    assert [one.payee_name for one in again] == [world.enrolments[0].person.name]


def test_the_names_of_a_record_say_whose_account_it_is(world: World) -> None:
    in_name_of_mother(world)
    letter(world)
    row = world.approved()
    run(
        papers.make_papers(
            pay_list=row, keys=["update_record"], by=world.cast.tono, at=world.tick()
        )
    )
    [paper] = [one for one in documents_of(row) if one.kind == "disbursements.update_record"]
    pages = PdfReader(io.BytesIO(read_bytes(paper))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert text.count("a.n. Endang Sulastri (surat kuasa PW/7)") == 1
    assert world.enrolments[0].person.name in text


def test_the_interface_names_the_letter(world: World, client: Client) -> None:
    in_name_of_mother(world)
    letter(world)
    drawn = world.drawn()
    client.force_login(world.cast.budi)
    body = client.get(reverse("pay-list-lines", args=[drawn.pk])).json()
    assert [row["proxy_letter"] for row in body["results"]] == ["PW/7", None, None]


def test_the_desk_finds_a_payment_by_the_owner_of_its_account(world: World) -> None:
    in_name_of_mother(world)
    letter(world)
    sent = world.sent()
    world.answer(sent, [["", "", MOTHER, "500000", "BERHASIL", "", "22-11-2026"]])
    row = ResultRow.objects.get(line=None)
    found = [one.line for one in candidates(row, world.cast.tono)]
    assert found == [lines_of(sent)[0]]


def test_who_types_an_account_is_told_what_another_name_needs(world: World, client: Client) -> None:
    client.force_login(world.cast.sari)
    person = world.enrolments[0].person_id
    page = client.get(reverse("beneficiaries:person_account", args=[person])).content.decode()
    assert "Milik wali atau kuasa: catat kuasanya di usulan." in page

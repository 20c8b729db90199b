"""The training page: who sees it, what it hands out, and that it is gone outside training."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.accounts.models import Agency, User
from bansos.audit import services as audit
from bansos.audit.models import Event
from bansos.demo.bank import simulated_answer
from bansos.demo.lists import HEADERS
from bansos.demo.seeding import SEEDED
from bansos.lib.sheets.reading import read_table
from programs.services.list_columns import columns_of
from tests.cast import Cast
from tests.demo.test_lists import plus
from tests.factories.disbursements import fresh, make_world

PAGE = "/latihan/"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def seeded(cast: Cast) -> None:
    """As if the installation had been filled for a small list."""
    agency = Agency.objects.get(area_code="35")
    audit.record(verb=SEEDED, by=cast.adi, at=timezone.now(), target=agency, number=3, size=30)


def test_officer_and_treasurer_see_the_page(cast: Cast, seeded: None, training: None) -> None:
    page = browser(cast.sari).get(PAGE).content.decode()
    assert "PKH-Plus-Madiun-2026.xlsx" in page
    assert "Data latihan menceritakan tahun anggaran 2026" in page
    assert browser(cast.tono).get(PAGE).status_code == 200
    assert browser(cast.aud).get(PAGE).status_code == 403


def test_outside_training_there_is_no_page(cast: Cast, seeded: None) -> None:
    officer, treasurer = browser(cast.sari), browser(cast.tono)
    assert officer.get(PAGE).status_code == 404
    assert officer.get(reverse("demo:sample", args=["utama"])).status_code == 404
    assert treasurer.post(reverse("demo:answer", args=[1])).status_code == 404


def test_an_empty_installation_offers_no_lists(cast: Cast, training: None) -> None:
    officer = browser(cast.sari)
    assert b"make seed" in officer.get(PAGE).content
    assert officer.get(reverse("demo:sample", args=["utama"])).status_code == 404


def test_a_sample_can_be_read_as_the_guides_list(
    country: None, cast: Cast, seeded: None, training: None
) -> None:
    answer = browser(cast.sari).get(reverse("demo:sample", args=["utama"]))
    table = read_table(answer.content, "daftar.xlsx", expected=columns_of(plus()))
    assert (table.headers, len(table.rows)) == (HEADERS, 30)
    assert answer["Content-Disposition"] == 'attachment; filename="PKH-Plus-Madiun-2026.xlsx"'
    assert browser(cast.sari).get(reverse("demo:sample", args=["lain"])).status_code == 404


def test_the_banks_answer_is_handed_out_and_recorded(cast: Cast, training: None) -> None:
    row = fresh(make_world(cast).sent())
    treasurer = browser(cast.tono)
    page = treasurer.get(PAGE)
    assert row.number in page.content.decode()
    answer = treasurer.post(reverse("demo:answer", args=[row.pk]))
    assert answer.content == simulated_answer(row)
    event = Event.objects.get(verb="demo.simulated_answer")
    assert (event.actor_id, event.target_id) == (cast.tono.pk, str(row.pk))
    assert browser(cast.sari).post(reverse("demo:answer", args=[row.pk])).status_code == 403


def test_a_list_that_is_not_at_the_bank_is_refused_in_words(cast: Cast, training: None) -> None:
    row = make_world(cast).drawn()
    answer = browser(cast.tono).post(reverse("demo:answer", args=[row.pk]))
    assert answer.status_code == 409
    assert "belum dikirim" in answer.content.decode()

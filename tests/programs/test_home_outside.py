"""Somebody from another province who is served here: told apart, and no resident for a rule."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from beneficiaries.models import Person
from programs.queries.facts import facts_for
from programs.rules import evaluate
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.programs.stage import pkh_plus

PADANG = "Kota Padang, Sumatera Barat"
LOCAL = [{"code": "domicile_in_province", "params": {"province": "35"}}]


@pytest.mark.parametrize(("home", "answer"), [(PADANG, "no"), ("", "yes")])
def test_a_ktp_of_another_province_is_no_domicile(cast: Cast, home: str, answer: str) -> None:
    person = PersonFactory(created_by=cast.sari, home_outside=home)
    facts = facts_for([person], version=pkh_plus(cast), today=date(2026, 2, 2))
    (found,) = evaluate(LOCAL, facts[person.pk])
    assert found.answer == answer
    assert (PADANG in found.value) == bool(home)


def test_the_officer_writes_it_and_the_file_says_it(cast: Cast, client: Client) -> None:
    person = PersonFactory(created_by=cast.sari)
    client.force_login(cast.sari)
    address = reverse("beneficiaries:person_edit", args=[person.pk])
    form = {
        "name": person.name,
        "birth_date": person.birth_date,
        "sex": person.sex,
        "address": person.address,
        "village": "35.19.01.2001",
        "version": person.version,
        "home_outside": PADANG,
    }
    assert client.post(address, form).status_code == 302
    assert Person.objects.get(pk=person.pk).home_outside == PADANG
    page = client.get(person.get_absolute_url()).content.decode()
    assert page.count("Penduduk luar provinsi") == 2
    assert PADANG in page
    assert "Dilayani di" in page

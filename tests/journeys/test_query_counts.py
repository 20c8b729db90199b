"""Pages ask the database a fixed, small number of times, however many rows there are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.access_world import World, make_world

# Name of the page, who opens it.
PAGES = (
    ("disbursements:lists", "budi"),
    ("disbursements:lines", "budi"),
    ("disbursements:results", "tono"),
    ("disbursements:returns", "tono"),
    ("disbursements:ledger", "tono"),
    ("disbursements:budgets", "tono"),
    ("programs:proposals", "sari"),
    ("programs:decrees", "budi"),
    ("beneficiaries:people", "sari"),
    ("monitoring:reports", "ratna"),
    ("monitoring:references", "ratna"),
)
MOST = 12


@pytest.mark.django_db
def test_a_list_page_asks_twelve_times_at_most() -> None:
    world: World = make_world()
    counted = {}
    for name, who in PAGES:
        args = [world.year.first.pk] if name == "disbursements:lines" else []
        client = Client()
        client.force_login(getattr(world.cast, who))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(name, args=args)).status_code == 200
        # The test itself stands in a transaction, so what is one there is a savepoint here.
        real = [q for q in asked.captured_queries if "SAVEPOINT" not in q["sql"]]
        counted[name] = len(real)
    assert {name: count for name, count in counted.items() if count > MOST} == {}

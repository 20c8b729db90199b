"""A locked list renders byte-identical under any hash seed, time zone, locale and process (I6)."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from disbursements.choices import FileFormat
from disbursements.documents.content import bank_list_of
from disbursements.models import BankFile
from disbursements.services import bank
from tests.cast import Cast
from tests.disbursements.rendering import hashes
from tests.factories.disbursements import fresh, make_world, quick_letters, run

ROOT = Path(__file__).resolve().parents[2]
PLAIN = ("csv", "xlsx", "pain001", "pain001_03")
TIMES = 50
# PYTHONHASHSEED, TZ, LC_ALL: four processes of fifty renderings each.
PLACES = (
    ("0", "UTC", "C"),
    ("1", "Asia/Jayapura", "C.UTF-8"),
    ("424242", "America/St_Johns", "id_ID.UTF-8"),
    ("random", "Pacific/Kiritimati", "tr_TR.UTF-8"),
)


def in_a_process(given: bytes, place: tuple[str, str, str]) -> subprocess.Popen[bytes]:
    """A renderer with an environment of its own, at work on the list."""
    seed, zone, locale = place
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.disbursements.rendering", str(TIMES)],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "LANG": locale},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(given)
    process.stdin.close()
    return process


def seen_by(process: subprocess.Popen[bytes]) -> dict[str, list[str]]:
    assert process.stdout is not None
    with process.stdout as answer:
        found: dict[str, list[str]] = json.loads(answer.read())
    assert process.wait(timeout=120) == 0
    return found


@pytest.mark.django_db
def test_two_hundred_renderings_have_one_hash_per_format(cast: Cast) -> None:
    world = make_world(cast, people=40)
    row = world.with_sp2d()
    for formats in ((FileFormat.PAIN001_03,), ()):
        with quick_letters():
            run(bank.make_files(pay_list=row, formats=formats, by=world.cast.budi, at=world.tick()))
    row = fresh(row)
    stored = {
        file.format: file.sha256 for file in BankFile.objects.filter(pay_list=row, format__in=PLAIN)
    }
    bank_list = bank_list_of(row)
    given = pickle.dumps(replace(bank_list, lines=tuple(bank_list.lines)))
    processes = [in_a_process(given, place) for place in PLACES]
    found: dict[str, set[str]] = {name: set() for name in PLAIN}
    for process in processes:
        for name, rows in seen_by(process).items():
            found[name].update(rows)
    assert TIMES * len(PLACES) >= 200
    assert found == {name: {stored[name]} for name in PLAIN}


@pytest.mark.django_db
def test_rows_that_the_database_gives_in_another_order_change_nothing(cast: Cast) -> None:
    """The list's own order decides, not the order in which its rows happen to lie on the disk."""
    world = make_world(cast, people=12)
    row = world.approved()
    before = hashes(bank_list_of(fresh(row)), 2)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        # Rewritten one by one from the last to the first: their place on the disk turns round.
        for position in range(12, 0, -1):
            cursor.execute(
                "UPDATE disbursements_paymentline SET address = address WHERE position = %s",
                [position],
            )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SELECT position FROM disbursements_paymentline ORDER BY ctid")
        places = [place for (place,) in cursor.fetchall()]
    assert places != sorted(places)
    assert hashes(bank_list_of(fresh(row)), 2) == before
    assert all(len(rows) == 1 for rows in before.values())


@pytest.mark.django_db
def test_another_amount_gives_another_hash(cast: Cast) -> None:
    """The measure itself can fail."""
    world = make_world(cast, people=2)
    bank_list = bank_list_of(fresh(world.approved()))
    lines = tuple(bank_list.lines)
    other = (replace(lines[0], amount=lines[0].amount + 1), *lines[1:])
    one, two = (
        hashes(replace(bank_list, lines=lines), 1),
        hashes(replace(bank_list, lines=other, known_total=bank_list.total + 1), 1),
    )
    assert all(one[name] != two[name] for name in PLAIN)

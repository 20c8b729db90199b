"""A locked list renders byte-identical under any hash seed, time zone, locale and process (I6).

The locales are real ones: built for the run where the machine has `localedef` and its sources,
else those the machine has, at least C, POSIX and C.UTF-8. What a run covered is in its record
(property `locales` of the junit file) and is asserted by what each locale does.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from disbursements.choices import FileFormat
from disbursements.documents.content import bank_list_of
from disbursements.models import BankFile, LayoutFile
from disbursements.services import bank, layouts
from tests.cast import Cast
from tests.disbursements.rendering import hashes
from tests.factories.channels import make_layout
from tests.factories.disbursements import fresh, make_world, quick_letters, run

ROOT = Path(__file__).resolve().parents[2]
PLAIN = ("csv", "xlsx", "pain001", "pain001_03")
TIMES = 40
# PYTHONHASHSEED, TZ, LC_ALL: processes of forty renderings each.
PLACES = (
    ("0", "UTC", "C"),
    ("1", "Asia/Jayapura", "C.UTF-8"),
    ("7", "Asia/Makassar", "POSIX"),
    ("424242", "America/St_Johns", "id_ID.UTF-8"),
    ("random", "Pacific/Kiritimati", "tr_TR.UTF-8"),
)
# What a built locale must do: its decimal sign and its word for August.
REAL = {"id_ID.UTF-8": (",", "Agustus"), "tr_TR.UTF-8": (",", "A\u011fustos")}


Renderer = subprocess.Popen[bytes]


def build_locales(folder: Path) -> frozenset[str]:
    """The locales of REAL in this folder; those that this machine can build."""
    tool = shutil.which("localedef")
    built = set()
    for name in REAL if tool else ():
        target = folder / name
        command = [str(tool), "-i", name.partition(".")[0], "-f", "UTF-8", str(target)]
        # Code 1 is a warning about the source; the folder says whether it was built.
        subprocess.run(command, capture_output=True, timeout=60, check=False)
        if (target / "LC_NUMERIC").exists():
            built.add(name)
    return frozenset(built)


def usable(name: str, env: dict[str, str]) -> bool:
    """Whether a process may take this locale."""
    program = "import locale; locale.setlocale(locale.LC_ALL, '')"
    command = [sys.executable, "-c", program]
    found = subprocess.run(command, env=env | {"LC_ALL": name}, capture_output=True, check=False)
    return found.returncode == 0


def in_a_process(given: bytes, place: tuple[str, str, str], paths: dict[str, str]) -> Renderer:
    """A renderer with an environment of its own, at work on the list."""
    seed, zone, name = place
    own = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": name, "LANG": name}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.disbursements.rendering", str(TIMES)],
        cwd=ROOT,
        env=os.environ | paths | own,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(given)
    process.stdin.close()
    return process


def seen_by(process: Renderer) -> tuple[dict[str, list[str]], str]:
    assert process.stdout is not None
    with process.stdout as answer:
        found = json.loads(answer.read())
    assert process.wait(timeout=300) == 0
    return found["hashes"], found["locale"]


@pytest.mark.django_db
def test_two_hundred_renderings_have_one_hash_per_format(
    cast: Cast, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    built = build_locales(tmp_path)
    # A folder that lacks a locale sends the C library back to those of the machine.
    paths = {"LOCPATH": str(tmp_path)} if built else {}
    covered = {
        place[2]: place[2] in built or usable(place[2], dict(os.environ)) for place in PLACES
    }
    assert all(covered[name] for name in ("C", "C.UTF-8", "POSIX"))
    world = make_world(cast, people=40)
    for kind in ("csv", "xlsx"):
        make_layout(cast, name=f"Susunan {kind}", format=kind, amount_format="comma")
    row = world.with_sp2d()
    for formats in ((FileFormat.PAIN001_03,), ()):
        with quick_letters():
            run(bank.make_files(pay_list=row, formats=formats, by=world.cast.budi, at=world.tick()))
    while layouts.file_step(pay_list=fresh(row), by=world.cast.budi, at=world.tick()):
        pass
    row = fresh(row)
    stored = {
        file.format: file.sha256 for file in BankFile.objects.filter(pay_list=row, format__in=PLAIN)
    }
    made = LayoutFile.objects.filter(pay_list=row).select_related("layout")
    stored |= {file.layout.name: file.sha256 for file in made}
    specs = {file.layout.name: layouts.spec_of(file.layout) for file in made}
    assert set(stored) == {*PLAIN, "Susunan csv", "Susunan xlsx"}
    bank_list = bank_list_of(row)
    given = pickle.dumps((replace(bank_list, lines=tuple(bank_list.lines)), specs))
    places = [place if covered[place[2]] else (*place[:2], "C.UTF-8") for place in PLACES]
    processes = [in_a_process(given, place, paths if place[2] in built else {}) for place in places]
    found: dict[str, set[str]] = {name: set() for name in stored}
    for process, place in zip(processes, places, strict=True):
        rows, words = seen_by(process)
        for name, one in rows.items():
            found[name].update(one)
        if place[2] in built:
            assert words.split()[:2] == list(REAL[place[2]])
    record_property("locales", ", ".join(sorted({place[2] for place in places})))
    assert TIMES * len(PLACES) >= 200
    assert found == {name: {stored[name]} for name in stored}


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

"""The auditor finds nothing in sound books and names every planted tampering by its promise."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from bansos.jobs.models import Job
from disbursements.models import BankFile, PayList, PaymentLine, ResultFile
from disbursements.queries.audit import CHECKS, audit_books, reading_only
from tests.cast import make_cast
from tests.disbursements.tampering import TAMPERINGS as MONEY
from tests.disbursements.tampering import Tampering
from tests.disbursements.tampering_goods import PLANTED
from tests.factories.books import full_books, later
from tests.factories.disbursements import NOW, World, make_world

pytestmark = pytest.mark.django_db
TAMPERINGS = (*MONEY, *PLANTED)


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Books with every kind of row, undone at the end of the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = make_world(make_cast(), people=6)
        full_books(world)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(made: World, db: None) -> World:
    """The same books for each test; what a test plants is undone."""
    return made


def found(world: World) -> set[tuple[str, str]]:
    """(promise, kind of breach) of everything the auditor finds."""
    report = audit_books(at=later(world), own=False)
    return {(breach.promise, breach.check) for breach in report.breaches}


def plant(tampering: Tampering) -> None:
    """As somebody with the database's password and no scruples would."""
    with connection.cursor() as cursor:
        for table, name in tampering.without:
            cursor.execute(
                "SELECT 1 FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s",
                [table, name],
            )
            rule = cursor.fetchone()
            cursor.execute(
                f"ALTER TABLE {table} DROP CONSTRAINT {name}" if rule else f"DROP INDEX {name}"
            )
        cursor.execute("SET LOCAL session_replication_role = replica")
        try:
            cursor.execute(tampering.sql)
            changed = cursor.rowcount
        finally:
            cursor.execute("SET LOCAL session_replication_role = origin")
    assert changed, "the tampering changed no row: it proves nothing"


def test_sound_books_have_no_breach(world: World) -> None:
    report = audit_books(at=later(world), own=False)
    assert report.sentences == []
    empty = {code for code, rows in report.counts.items() if not rows}
    assert empty == {"I9"}, "a promise without rows behind it is not looked at"


def test_there_are_enough_tamperings() -> None:
    names = [tampering.name for tampering in TAMPERINGS]
    assert len(set(names)) == len(names) >= 64


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda t: t.name)
def test_a_planted_tampering_is_named(world: World, tampering: Tampering) -> None:
    plant(tampering)
    breaches = found(world)
    assert (CHECKS[tampering.check].promise, tampering.check) in breaches, breaches


@pytest.mark.parametrize("tampering", TAMPERINGS[:3], ids=lambda t: t.name)
def test_a_breach_says_what_where_and_which_figures(world: World, tampering: Tampering) -> None:
    plant(tampering)
    report = audit_books(at=later(world), own=False)
    for breach in report.breaches:
        assert breach.place
        assert breach.words
        assert breach.expected != breach.found
        assert "Suparni" not in str(breach)


def test_every_kind_of_breach_has_been_planted() -> None:
    """A check that no tampering has ever set off may be one that cannot fail."""
    by_hand = {"stored", "file_lines", "file_sums", "standing", "chain", "result_bytes"}
    assert set(CHECKS) - {tampering.check for tampering in TAMPERINGS} - by_hand == set()


def test_the_auditor_cannot_write(world: World) -> None:
    with (
        pytest.raises(DatabaseError, match="read-only"),
        reading_only(own=False) as books,
        books.cursor() as cursor,
    ):
        cursor.execute("UPDATE disbursements_budgetline SET reserved = 0")


def test_a_job_that_stands_still_is_named(world: World) -> None:
    Job.objects.create(
        kind="disbursements.draw",
        title="",
        owner=world.cast.budi,
        created_at=NOW,
        rung_at=NOW,
    )
    assert ("I9", "standing") in found(world)


# -- the disk


@contextmanager
def other_bytes(path: Path, content: bytes | None) -> Iterator[None]:
    """Another content for a stored file, or none; put back after (the disk is not rolled back)."""
    kept = path.read_bytes()
    try:
        path.write_bytes(content) if content is not None else path.unlink()
        yield
    finally:
        path.write_bytes(kept)


def stored(kind: str) -> tuple[BankFile, Path, bytes]:
    file = BankFile.objects.filter(format=kind).order_by("pk")[0]
    path = Path(file.document.file.path)
    return file, path, path.read_bytes()


def agreed_everywhere(file: BankFile, content: bytes) -> None:
    """The register, the document and the trail all name the hash of the new bytes."""
    import hashlib

    digest = hashlib.sha256(content).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE disbursements_bankfile SET sha256 = %s WHERE id = %s", [digest, file.pk]
        )
        cursor.execute(
            "UPDATE documents_document SET sha256 = %s, size = %s WHERE id = %s",
            [digest, len(content), file.document_id],
        )
        cursor.execute(
            "UPDATE audit_event SET data = jsonb_set(data, '{sha256}', to_jsonb(%s::text))"
            " WHERE verb = 'documents.issue' AND target_id = %s",
            [digest, str(file.document_id)],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")


@dataclass(frozen=True)
class Swap:
    """Other bytes in the place of a bank file, with every hash of it changed along."""

    name: str
    kind: str
    change: Callable[[bytes], bytes]
    check: str


def in_sheet(old: str, new: str) -> Callable[[bytes], bytes]:
    """The same workbook with one text of its sheet replaced."""

    def change(content: bytes) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(target, "w") as made:
            for name in book.namelist():
                data = book.read(name)
                if "worksheets/sheet" in name:
                    assert old.encode() in data
                    data = data.replace(old.encode(), new.encode(), 1)
                made.writestr(name, data)
        return target.getvalue()

    return change


def swapped(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return change


def without_a_line(content: bytes) -> bytes:
    lines = content.split(b"\r\n")
    return b"\r\n".join(lines[:2] + lines[3:])


SWAPS = (
    Swap("an account in the CSV", "csv", swapped(b"0071000000", b"0071999999"), "file_lines"),
    Swap("an amount in the CSV", "csv", swapped(b"500000.00", b"500001.00"), "file_lines"),
    Swap("a name in the CSV", "csv", swapped(b"Suparni", b"Sumarno"), "file_lines"),
    Swap("a line gone from the CSV", "csv", without_a_line, "file_lines"),
    Swap("the trailer of the CSV", "csv", swapped(b"JUMLAH,6,", b"JUMLAH,7,"), "file_sums"),
    Swap("the CSV cut off", "csv", lambda data: data[:-40], "stored"),
    Swap("an amount in the XML", "pain001", swapped(b">500000.00<", b">900000.00<"), "file_lines"),
    Swap("the control sum of the XML", "pain001", swapped(b">3000000.00<", b">3.00<"), "file_sums"),
    Swap("an entity in the XML", "pain001", lambda data: data[:200], "stored"),
    Swap("an account in the XLSX", "xlsx", in_sheet("0071000000", "0071999999"), "file_lines"),
)


@pytest.mark.parametrize("swap", SWAPS, ids=lambda s: s.name)
def test_other_bytes_of_a_bank_file_are_named(world: World, swap: Swap) -> None:
    file, path, content = stored(swap.kind)
    changed = swap.change(content)
    assert changed != content
    agreed_everywhere(file, changed)
    with other_bytes(path, changed):
        assert ("I6", swap.check) in found(world)


def test_bytes_that_differ_from_their_hash_are_named(world: World) -> None:
    _file, path, content = stored("instruction")
    with other_bytes(path, content + b" "):
        assert ("I6", "stored") in found(world)


def test_bytes_lost_from_the_store_are_named(world: World) -> None:
    _file, path, _content = stored("csv")
    with other_bytes(path, None):
        assert ("I6", "stored") in found(world)


def test_other_bytes_of_a_bank_answer_are_named(world: World) -> None:
    first, second = ResultFile.objects.order_by("pk")[:2]
    ResultFile.objects.filter(pk=first.pk).update(sealed_file=bytes(second.sealed_file or b""))
    assert ("I8", "result_bytes") in found(world)


# -- the chain of the trail

REORDERED = """
UPDATE audit_seal SET event_id = -event_id WHERE position IN (5, 6);
UPDATE audit_seal a SET event_id = (
    SELECT -b.event_id FROM audit_seal b WHERE b.position = 11 - a.position)
WHERE a.position IN (5, 6)
"""


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_event SET reason = 'lain' WHERE id = (SELECT max(event_id) FROM audit_seal)",
        "DELETE FROM audit_event WHERE id = (SELECT max(event_id) FROM audit_seal)",
        "DELETE FROM audit_seal WHERE position = 5",
        "UPDATE audit_seal SET hash = repeat('0', 64) WHERE position = 5",
        REORDERED,
    ],
    ids=["edited", "deleted", "seal gone", "seal edited", "reordered"],
)
def test_a_broken_chain_is_named(world: World, sql: str) -> None:
    plant(Tampering("", sql, "chain"))
    assert ("I12", "chain") in found(world)


def test_money_rows_are_what_the_tampering_thinks_they_are(world: World) -> None:
    states = set(PaymentLine.objects.values_list("state", flat=True))
    assert {"waiting", "unknown", "settled", "returned", "repaid", "paid_back"} <= states
    assert set(PayList.objects.values_list("state", flat=True)) >= {"draft", "locked", "partly"}

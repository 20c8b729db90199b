"""Files for the bank: made once, the same bytes again, handed out with a trace, sent when whole."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader

from bansos.audit.models import Event
from bansos.documents.services import check_url, read_bytes
from bansos.jobs import services as jobs
from bansos.lib.errors import NotAllowed, Refused
from disbursements.choices import FileFormat, LineState, ListState
from disbursements.documents.content import bank_list_of, instruction_of
from disbursements.documents.letters import render_instruction
from disbursements.models import BankFile, PayList
from disbursements.services import bank, lists
from tests.cast import Cast
from tests.factories.disbursements import (
    AMOUNT,
    World,
    fresh,
    lines_of,
    make_world,
    quick_letters,
    run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """Five payees."""
    return make_world(cast, people=5)


@pytest.fixture
def made(world: World) -> PayList:
    """A list with SP2D and its four files, one payee taken out."""
    draft = world.drawn()
    lists.exclude(
        pay_list=draft, niks_or_positions=["2"], reason="X", by=world.cast.budi, at=world.tick()
    )
    row = world.with_sp2d(fresh(draft))
    with quick_letters():
        run(bank.make_files(pay_list=row, by=world.cast.budi, at=world.tick()))
    return fresh(row)


def test_every_file_carries_the_same_control_totals(made: PayList) -> None:
    files = {file.format: file for file in made.files.select_related("document")}
    assert set(files) == {str(kind) for kind in bank.ORDER}
    for file in files.values():
        content = read_bytes(file.document)
        assert file.sha256 == hashlib.sha256(content).hexdigest()
        assert (file.count, file.total) == (4, 4 * AMOUNT)
        assert file.document.permission == "bank.file"
    rows = list(csv.reader(io.StringIO(read_bytes(files["csv"].document).decode("utf-8-sig"))))
    assert rows[-1][:3] == ["JUMLAH", "4", "2000000.00"]


def test_the_same_list_gives_the_same_bytes(made: PayList) -> None:
    for file in made.files.filter(format__in=bank.PLAIN).select_related("document"):
        write, again = bank.PLAIN[FileFormat(file.format)][0], io.BytesIO()
        with translation.override("en"), timezone.override("Asia/Makassar"):
            write(again, bank_list_of(fresh(made)))
        assert again.getvalue() == read_bytes(file.document), file.format


def test_the_letter_is_the_same_bytes_too_and_names_everything(made: PayList) -> None:
    code = "ABCD-EFGH-JKLM-NPQR"
    path = "documents/disbursements/instruction_v1.html"

    def letter() -> bytes:
        data = instruction_of(fresh(made), check_code=code, check_url=check_url(code))
        return render_instruction(data, path=path)

    first = letter()
    assert first == letter()
    text = " ".join(" ".join(p.extract_text() for p in PdfReader(io.BytesIO(first)).pages).split())
    for words in (
        "Rp2.000.000",
        "dua juta rupiah",
        "4 KPM",
        made.number,
        made.sp2d_number,
        "188/1/2026",
        "Kebonsari",
        made.content_hash,
    ):
        assert words in text, words


def test_making_files_again_makes_nothing_new(world: World, made: PayList) -> None:
    before = list(BankFile.objects.order_by("pk").values_list("pk", "sha256"))
    run(bank.make_files(pay_list=made, by=world.cast.budi, at=world.tick()))
    assert list(BankFile.objects.order_by("pk").values_list("pk", "sha256")) == before


def test_no_file_before_the_sp2d(world: World) -> None:
    row = world.approved()
    with pytest.raises(Refused, match="sesudah SP2D"):
        bank.make_files(pay_list=row, by=world.cast.budi, at=world.tick())
    with pytest.raises(Refused):
        bank.mark_sent(pay_list=row, by=world.cast.budi, at=world.tick())


def test_nothing_new_to_pay_from_is_made_once_the_list_has_left(
    world: World, made: PayList
) -> None:
    cast, older = world.cast, (FileFormat.PAIN001_03,)
    queued = bank.make_files(pay_list=made, formats=older, by=cast.budi, at=world.tick())
    bank.mark_sent(pay_list=fresh(made), by=cast.budi, at=world.tick())
    assert not jobs.run_step(job_id=str(queued.pk), at=world.tick())
    queued.refresh_from_db()
    assert (queued.state, queued.error_code) == ("failed", "BANK-LEFT")
    with pytest.raises(Refused, match="sudah dikirim"):
        bank.make_files(pay_list=fresh(made), formats=older, by=cast.budi, at=world.tick())
    assert BankFile.objects.count() == 4
    # What is there may be asked for again.
    run(bank.make_files(pay_list=fresh(made), by=cast.budi, at=world.tick()))
    assert BankFile.objects.count() == 4


def test_a_changed_list_never_becomes_a_file(world: World) -> None:
    row = world.with_sp2d()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE disbursements_paymentline DISABLE TRIGGER USER")
        cursor.execute("UPDATE disbursements_paymentline SET payee_name = 'Orang Lain'")
        cursor.execute("ALTER TABLE disbursements_paymentline ENABLE TRIGGER USER")
    job = bank.make_files(pay_list=row, by=world.cast.budi, at=world.tick())
    with pytest.raises(AssertionError, match="tidak sama dengan yang disetujui"):
        run(job)
    assert not BankFile.objects.exists()


def test_taking_a_file_is_recorded_and_needs_the_right(world: World, made: PayList) -> None:
    url = reverse("disbursements:bank_file", args=[made.pk, "xlsx"])
    expected = {
        world.cast.budi: 200,
        world.cast.tono: 200,
        world.cast.ratna: 403,
        world.cast.hadi: 403,
        world.cast.aud: 403,
        world.cast.sari: 403,
        world.cast.kalt: 404,
    }
    for user, status in expected.items():
        client = Client()
        client.force_login(user)
        assert client.get(url).status_code == status, user.username
    taken = Event.objects.filter(verb="disbursements.hand_out_file")
    assert set(taken.values_list("actor_id", flat=True)) == {
        world.cast.budi.pk,
        world.cast.tono.pk,
    }
    file = made.files.select_related("document", "pay_list").first()
    assert file
    with pytest.raises(NotAllowed):
        bank.hand_out(file=file, by=world.cast.aud, at=world.tick())


def test_sending_submits_exactly_the_approved_lines(world: World, made: PayList) -> None:
    row = bank.mark_sent(pay_list=made, by=world.cast.budi, at=world.tick())
    assert row.state == ListState.SENT
    states = [line.state for line in lines_of(row)]
    assert states.count(LineState.SUBMITTED) == 4
    assert states[1] == LineState.EXCLUDED


@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_a_damaged_file_is_not_sent(world: World, made: PayList, harm: str) -> None:
    file: Any = made.files.select_related("document").first()
    if harm == "missing":
        file.delete()
    else:
        stored = file.document.file
        with stored.storage.open(stored.name, "wb") as handle:
            handle.write(b"other bytes")
    with pytest.raises(Refused):
        bank.mark_sent(pay_list=fresh(made), by=world.cast.budi, at=world.tick())
    assert fresh(made).state == ListState.SP2D

"""An SP2D corrected or recorded again: nothing that names the old one is printed or sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from bansos.audit.models import Event
from bansos.documents import services as documents
from bansos.documents.choices import DocumentState
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from disbursements.documents.letters import Instruction
from disbursements.models import BankFile, PayList
from disbursements.queries.leaving import may_be_out
from disbursements.services import bank, corrections, layouts, lists, papers
from tests.cast import Cast
from tests.factories.books import breaches
from tests.factories.channels import make_layout
from tests.factories.disbursements import World, fresh, make_world, run

pytestmark = pytest.mark.django_db
WRITTEN: list[Instruction] = []


@pytest.fixture(autouse=True)
def letters() -> Iterator[None]:
    """What each letter said; its bytes are a few here."""
    WRITTEN.clear()

    def write(letter: Instruction, path: str) -> bytes:
        WRITTEN.append(letter)
        return f"%PDF-1.7 {letter.number} {letter.sp2d_number}".encode()

    with patch.object(bank, "render_instruction", write):
        yield


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=3)


@pytest.fixture
def made(world: World) -> PayList:
    """A list with SP2D, its bank files, a file in the bank's own layout, and a kuitansi."""
    row = world.with_sp2d()
    make_layout(world.cast)
    make_files(world, row)
    layouts.file_step(pay_list=fresh(row), by=world.cast.budi, at=world.tick())
    paper(world, row)
    return fresh(row)


def make_files(world: World, row: PayList) -> None:
    for place in range(len(bank.ORDER)):
        bank.file_step(pay_list=fresh(row), place=place, by=world.cast.budi, at=world.tick())


def paper(world: World, row: PayList) -> Document:
    keys = ["batch_receipt"]
    papers.paper_step(pay_list=row, keys=keys, place=0, by=world.cast.tono, at=world.tick())
    return Document.objects.get(kind="disbursements.batch_receipt", state=DocumentState.VALID)


def day(world: World) -> date:
    return day_of(world.clock, world.cast.agency.zone)


def correct(world: World, row: PayList, number: str = "SP2D-9", on: date | None = None) -> None:
    """By the treasurer, agreed to by the head of section."""
    asked = corrections.ask_sp2d(
        pay_list=row,
        reason="Salah ketik",
        spm_number="SPM-9",
        sp2d_number=number,
        sp2d_date=on or day(world),
        by=world.cast.tono,
        at=world.tick(),
    )
    corrections.answer(correction=asked, agreed=True, by=world.cast.ratna, at=world.tick())


def jobs_of(kind: str) -> list[Job]:
    return list(Job.objects.open().filter(kind=f"disbursements.{kind}"))


def sound(world: World) -> None:
    """Jobs and seals are not run here, and the layout is none that somebody saved."""
    found = [words for words in breaches(world.clock) if not words.startswith(("I9", "I12"))]
    assert [words for words in found if "usunan" not in words] == []


def test_files_that_never_left_are_withdrawn_and_made_anew(
    world: World, made: PayList, client: Client
) -> None:
    old = list(BankFile.objects.all())
    kuitansi = Document.objects.get(kind="disbursements.batch_receipt")
    correct(world, made)
    row = fresh(made)
    assert not bank.has_files(row)
    gone = Document.objects.filter(pk__in=[file.document_id for file in old])
    assert set(gone.values_list("state", flat=True)) == {DocumentState.WITHDRAWN}
    assert Event.objects.filter(verb="disbursements.withdraw_files").count() == 1
    client.force_login(world.cast.budi)
    door = client.get(reverse("documents:file", args=[old[0].document_id]))
    assert (door.status_code, "ditarik" in door.content.decode()) == (409, True)
    make_files(world, row)
    assert (WRITTEN[-1].sp2d_number, WRITTEN[-1].spm_number) == ("SP2D-9", "SPM-9")
    assert WRITTEN[-1].replaces == f"SI/{made.number}"
    assert WRITTEN[-1].number == f"SI/{made.number}/R1"
    (job,) = jobs_of("stage_papers")
    assert (job.params["papers"], job.owner) == (["batch_receipt"], world.cast.tono)
    run(job)
    kuitansi.refresh_from_db()
    assert kuitansi.state == DocumentState.SUPERSEDED
    bank.mark_sent(pay_list=fresh(made), by=world.cast.budi, at=world.tick())
    sound(world)


def test_of_files_that_are_out_the_letter_alone_is_written_again(
    world: World, made: PayList
) -> None:
    bank.hand_out(file=made.files.get(format="csv"), by=world.cast.budi, at=world.tick())
    before = dict(made.files.values_list("format", "sha256"))
    first_letter = made.files.get(format="instruction").document
    correct(world, made)
    (job,) = jobs_of("renew_letter")
    assert job.owner == world.cast.tono
    run(job)
    after = dict(made.files.values_list("format", "sha256"))
    assert {kind for kind in before if before[kind] != after[kind]} == {"instruction"}
    assert WRITTEN[-1].sp2d_number == "SP2D-9"
    assert WRITTEN[-1].replaces == first_letter.number
    assert {file.name for file in WRITTEN[-1].files} == {file.name for file in WRITTEN[0].files}
    first_letter.refresh_from_db()
    letter = made.files.get(format="instruction").document
    assert (first_letter.state, first_letter.superseded_by) == (DocumentState.SUPERSEDED, letter)
    bank.mark_sent(pay_list=fresh(made), by=world.cast.budi, at=world.tick())
    sound(world)


def test_a_letter_that_left_stays_out_when_a_newer_one_took_its_place(
    world: World, made: PayList
) -> None:
    bank.hand_out(file=made.files.get(format="instruction"), by=world.cast.budi, at=world.tick())
    assert may_be_out(fresh(made))
    correct(world, made)
    (job,) = jobs_of("renew_letter")
    run(job)
    assert may_be_out(fresh(made))
    correct(world, made, number="SP2D-10")
    assert set(made.files.values_list("format", flat=True)) == set(bank.ORDER)
    assert made.layout_files.exists()


def test_the_old_letter_is_neither_taken_nor_sent(
    world: World, made: PayList, client: Client
) -> None:
    bank.hand_out(file=made.files.get(format="csv"), by=world.cast.budi, at=world.tick())
    old = made.files.get(format="instruction").document
    correct(world, made)
    client.force_login(world.cast.budi)
    door = reverse("documents:file", args=[old.pk])
    assert client.get(door).status_code == 409
    with pytest.raises(Refused, match="belum lengkap"):
        bank.mark_sent(pay_list=fresh(made), by=world.cast.budi, at=world.tick())
    (job,) = jobs_of("renew_letter")
    run(job)
    bank.mark_sent(pay_list=fresh(made), by=world.cast.budi, at=world.tick())
    assert client.get(door).status_code == 409
    PayList.objects.filter(pk=made.pk).update(state="closed")
    assert client.get(door).status_code == 200, "what the bank had, in the archive"


def test_two_corrections_before_the_worker_make_one_letter(world: World, made: PayList) -> None:
    bank.hand_out(file=made.files.get(format="csv"), by=world.cast.budi, at=world.tick())
    correct(world, made)
    correct(world, made, number="SP2D-10")
    for job in jobs_of("renew_letter"):
        run(job)
    assert [letter.number for letter in WRITTEN] == [f"SI/{made.number}", f"SI/{made.number}/R1"]
    assert WRITTEN[-1].sp2d_number == "SP2D-10"


def test_a_letter_job_of_before_the_withdrawing_writes_the_letter(
    world: World, made: PayList
) -> None:
    """Corrections used to leave the old letter valid until the worker came."""
    bank.hand_out(file=made.files.get(format="csv"), by=world.cast.budi, at=world.tick())
    correct(world, made)
    old = made.files.get(format="instruction").document
    Document.objects.filter(pk=old.pk).update(state=DocumentState.VALID)
    (job,) = jobs_of("renew_letter")
    run(job)
    old.refresh_from_db()
    assert old.state == DocumentState.SUPERSEDED
    new = made.files.get(format="instruction").document
    assert b"SP2D-9" in documents.read_bytes(new)
    bank.renew_letter(pay_list=fresh(made), by=world.cast.budi, at=world.tick())
    assert made.files.get(format="instruction").document == new, "once"


def fail(job: Job, world: World) -> None:
    with patch.object(bank, "render_instruction", side_effect=MemoryError):
        for _ in range(6):
            jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    assert job.state == "failed"


def lost(world: World) -> list[str]:
    return [words for words in breaches(world.clock) if "surat ke bank" in words]


@pytest.mark.parametrize("sent", [False, True])
def test_a_letter_that_could_not_be_written_is_made_again_from_the_page(
    world: World, made: PayList, client: Client, sent: bool
) -> None:
    bank.hand_out(file=made.files.get(format="csv"), by=world.cast.budi, at=world.tick())
    if sent:
        bank.mark_sent(pay_list=fresh(made), by=world.cast.budi, at=world.tick())
    correct(world, made)
    (job,) = jobs_of("renew_letter")
    client.force_login(world.cast.budi)
    page = reverse("disbursements:list", args=[made.pk])
    if sent:
        assert "Surat sedang dibuat." in client.get(page).content.decode()
    assert lost(world) == []
    fail(job, world)
    assert len(lost(world)) == 1
    shown = client.get(page).content.decode()
    assert "Ditarik karena SP2D-nya dikoreksi" in shown
    assert ("Buat ulang surat ke bank" in shown, "Berkas sudah dibuat." in shown) == (sent, False)
    asked = {"bentuk": "instruction"} if sent else {}
    client.post(reverse("disbursements:bank_files", args=[made.pk]), asked)
    run(fresh(made).job)
    letter = made.files.get(format="instruction").document
    assert b"SP2D-9" in documents.read_bytes(letter)
    assert letter.state == DocumentState.VALID
    assert lost(world) == []
    assert "Buat ulang surat" not in client.get(page).content.decode()


def later(world: World, days: int) -> None:
    world.clock = datetime.combine(
        day(world) + timedelta(days=days), time(3), tzinfo=world.clock.tzinfo
    )


def test_the_day_of_the_bank_follows_the_date_it_came_from(world: World, made: PayList) -> None:
    old = made.execution_on
    later(world, 10)
    correct(world, made, on=day(world))
    row = fresh(made)
    assert old is not None
    assert row.execution_on is not None
    assert row.execution_on >= day(world) > old


def test_a_day_of_its_own_stays_unless_it_lies_before_the_paper(world: World) -> None:
    row = world.with_sp2d()
    own = date(2026, 12, 1)
    PayList.objects.filter(pk=row.pk).update(execution_on=own)
    later(world, 1)
    correct(world, row, on=day(world))
    assert fresh(row).execution_on == own
    later(world, 20)
    correct(world, row, number="SP2D-10", on=day(world))
    assert fresh(row).execution_on == date(2026, 12, 14)


def taken_back(world: World, made: PayList) -> PayList:
    """Whole, because a rail's limit keeps the files in."""
    with patch.object(corrections, "kept_in_by_limits", return_value=True):
        asked = corrections.ask_sp2d(
            pay_list=made, reason="Milik daftar lain", by=world.cast.tono, at=world.tick()
        )
        corrections.answer(correction=asked, agreed=True, by=world.cast.ratna, at=world.tick())
    return fresh(made)


def record(world: World, row: PayList, **more: Any) -> PayList:
    return lists.record_sp2d(
        pay_list=row,
        spm_number="SPM-2",
        sp2d_number="SP2D-2",
        sp2d_date=day(world),
        amount=Decimal(row.total),
        by=world.cast.tono,
        at=world.tick(),
        **more,
    )


def test_an_sp2d_recorded_again_brings_its_own_day_and_files(world: World, made: PayList) -> None:
    old, kuitansi = made.execution_on, Document.objects.get(kind="disbursements.batch_receipt")
    row = taken_back(world, made)
    kuitansi.refresh_from_db()
    assert kuitansi.state == DocumentState.WITHDRAWN
    later(world, 10)
    row = record(world, row)
    assert old is not None
    assert row.execution_on is not None
    assert row.execution_on >= day(world) > old
    assert not bank.has_files(row)
    with pytest.raises(Refused, match="belum lengkap"):
        bank.mark_sent(pay_list=row, by=world.cast.budi, at=world.tick())
    make_files(world, row)
    assert WRITTEN[-1].sp2d_number == "SP2D-2"
    assert WRITTEN[-1].on == row.execution_on
    bank.mark_sent(pay_list=fresh(row), by=world.cast.budi, at=world.tick())
    sound(world)

"""The papers of a stage: what each says, its number and hash, when it is refused."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from bansos.documents import registry
from bansos.documents.models import Document
from bansos.documents.queries import documents_of
from bansos.documents.services import read_bytes
from bansos.lib.dates import date_in_words
from bansos.lib.errors import BadInput, NotAllowed, Refused
from beneficiaries.choices import PayeeType
from beneficiaries.models import Payee
from disbursements.choices import Decision
from disbursements.models import PayList, ReturnCase
from disbursements.queries.treasury.non_eligible import non_eligible
from disbursements.services import lists, papers, returns
from programs.choices import EnrolmentState
from programs.models import Enrolment
from tests.cast import Cast
from tests.factories.disbursements import World, answer_row, fresh, lines_of, make_world, run


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast)


def text_of(document: Document) -> str:
    """What a reader sees, spaces made one."""
    content = read_bytes(document)
    assert hashlib.sha256(content).hexdigest() == document.sha256
    pages = PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def made(world: World, pay_list: PayList, *keys: str) -> dict[str, Document]:
    """Make papers as the worker does; by kind."""
    run(papers.make_papers(pay_list=pay_list, keys=keys, by=world.cast.tono, at=world.tick()))
    found = documents_of(pay_list)
    return {row.kind.removeprefix("disbursements."): row for row in reversed(found)}


def paid_list(world: World) -> PayList:
    """Six people: four paid, one returned and paid back by STS, one returned and open."""
    pay_list = world.sent()
    rows = [answer_row(line) for line in lines_of(pay_list)]
    rows[0] = answer_row(lines_of(pay_list)[0], "GAGAL", "Rekening ditutup")
    rows[1] = answer_row(lines_of(pay_list)[1], "GAGAL", "Meninggal")
    world.answer(pay_list, rows)
    case = ReturnCase.objects.get(line=lines_of(pay_list)[1])
    returns.decide_return(
        case=case,
        decision=Decision.TREASURY,
        note="Meninggal",
        by=world.cast.tono,
        at=world.tick(),
    )
    returns.confirm_return(case=case, agreed=True, note="", by=world.cast.ratna, at=world.tick())
    case.refresh_from_db()
    returns.record_sts(
        case=case,
        sts_number="STS-77",
        sts_date=date(2026, 11, 22),
        amount=case.amount,
        by=world.cast.tono,
        at=world.tick(),
    )
    return fresh(pay_list)


def end_one(world: World, enrolment: Enrolment, reason: str) -> None:
    """Somebody of the decree leaves the programme before the list is drawn."""
    world.version.stop_reasons = [{"code": "moved", "label": "Pindah ke luar wilayah program"}]
    world.version.save()
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state=EnrolmentState.STOPPED, end_reason=reason, ended_on=date(2026, 10, 1)
    )


def test_the_update_record_tells_who_is_eligible_and_who_is_not(world: World) -> None:
    gone = world.enrolments[-1]
    end_one(world, gone, "moved")
    pay_list = world.approved()
    found = made(world, pay_list, "update_record", "accounts_to_close")
    words = text_of(found["update_record"])
    for expected in (
        "BERITA ACARA PEMUTAKHIRAN DATA PENERIMA",
        date_in_words(timezone.localdate()),
        "PKH Plus Tahap 1 Tahun 2026, Kabupaten Madiun",
        "SK Nomor 188/1/2026 tanggal 1 Februari 2026",
        "Kebonsari 3 1 0 4",
        "Dolopo 2 0 0 2",
        "Pindah ke luar wilayah program 1",
        f"Nomor BA-MUT/0001/{timezone.localdate().year}",
        pay_list.content_hash,
    ):
        assert expected in words
    letter = text_of(found["accounts_to_close"])
    assert gone.account is not None
    assert gone.account.number in letter
    assert f"SI/{pay_list.number}" in letter
    assert found["accounts_to_close"].permission == "bank.file"
    # The record itself shows nobody's whole number.
    assert gone.account.number not in words
    assert gone.person.nik not in words
    assert found["accounts_to_close_xlsx"].mime.endswith("sheet")


def test_only_who_left_for_good_has_an_account_to_close(world: World) -> None:
    pay_list = world.drawn()
    lists.exclude(
        pay_list=pay_list,
        niks_or_positions=["1"],
        reason="Tidak komitmen: tidak hadir tiga kali",
        by=world.cast.budi,
        at=world.tick(),
    )
    pay_list = world.approved(fresh(pay_list))
    out = non_eligible(pay_list)
    assert [(row.not_committed, row.has_ended) for row in out] == [(True, False)]
    with pytest.raises(Refused, match="Tidak ada rekening yang perlu ditutup"):
        made(world, pay_list, "accounts_to_close")


def test_an_institution_that_left_is_named_itself(world: World) -> None:
    gone = world.enrolments[-1]
    end_one(world, gone, "moved")
    house = Payee.objects.create(
        kind=PayeeType.INSTITUTION,
        name="LKSA Kasih Bunda",
        area_code=gone.area_code,
        created_at=world.clock,
        created_by=world.cast.sari,
    )
    Enrolment.objects.filter(pk=gone.pk).update(payee=house)
    [row] = non_eligible(world.drawn())
    assert (row.name, row.has_ended) == ("LKSA Kasih Bunda", True)
    assert row.reason == "Pindah ke luar wilayah program"


def test_money_papers_take_their_amounts_from_the_records(world: World) -> None:
    pay_list = world.with_sp2d()
    keys = ("funds_data", "batch_receipt", "handover", "responsibility", "receipts")
    found = made(world, pay_list, *keys)
    total = "Rp3.000.000"
    for key in keys[:-1]:
        words = text_of(found[key])
        assert total in words, key
        assert "tiga juta rupiah" in words, key
        assert "SP2D-1" in words, key
        assert found[key].check_code in words
        assert found[key].number in words
    data = text_of(found["funds_data"])
    assert "Rp500.000 6 Rp3.000.000" in data
    assert "DPA/A.1/2026" in data
    assert "Rp50.000.000" in data
    receipts = [row for row in documents_of(pay_list) if row.kind == "disbursements.receipts"]
    assert len(receipts) == 2
    words = text_of(receipts[0]) + text_of(receipts[1])
    for line in lines_of(pay_list):
        assert line.payee_name in words
        assert line.reference in words
    assert words.count("lima ratus ribu rupiah") == 6
    assert "meterai Rp10.000" in text_of(found["responsibility"])


def test_recaps_and_returns_follow_the_bank_and_the_sts(world: World) -> None:
    pay_list = paid_list(world)
    keys = ("recap", "recap_province", "follow_up_list", "return_record")
    found = made(world, pay_list, *keys)
    row = "6 Rp3.000.000 4 Rp2.000.000 0 Rp0 1 Rp500.000 1 Rp500.000 0 Rp0"
    assert f"Jumlah {row}" in text_of(found["recap"])
    assert f"Kabupaten Madiun {row}" in text_of(found["recap_province"])
    follow = text_of(found["follow_up_list"])
    assert "Setor ke kas daerah 1 Rp500.000" in follow
    assert "STS-77" in follow
    assert "STS STS-77" not in follow
    assert "Menunggu keputusan" in follow
    record = text_of(found["return_record"])
    assert "STS-77 22 November 2026" in record
    assert "Rekening ditutup 1 Rp500.000 0 0 1" in record
    assert "Meninggal 1 Rp500.000 0 1 0" in record
    assert found["return_record"].template_version == 2


def test_a_new_paper_takes_the_place_of_the_old_one(world: World) -> None:
    pay_list = world.approved()
    first = made(world, pay_list, "responsibility")["responsibility"]
    second = made(world, pay_list, "responsibility")["responsibility"]
    first.refresh_from_db()
    assert (first.state, first.superseded_by) == ("superseded", second)
    assert second.number == f"SPTJM/0002/{timezone.localdate().year}"


def test_an_old_day_uses_the_old_template() -> None:
    kind = "disbursements.return_record"
    assert [
        registry.file_for(kind, day).version for day in (date(2025, 6, 1), date(2026, 6, 1))
    ] == [1, 2]  # type: ignore[union-attr]


def test_what_is_refused(world: World, client: Client) -> None:
    draft = world.drawn()
    at = world.tick()
    with pytest.raises(Refused, match="sesudah daftar dikunci"):
        papers.make_papers(pay_list=draft, keys=["update_record"], by=world.cast.budi, at=at)
    with pytest.raises(NotAllowed):
        papers.make_papers(pay_list=draft, keys=["recap"], by=world.cast.hadi, at=at)
    with pytest.raises(BadInput):
        papers.make_papers(pay_list=draft, keys=[], by=world.cast.budi, at=at)
    client.force_login(world.cast.budi)
    path = f"/penyaluran/daftar/{draft.pk}/berkas-tahap/"
    assert client.post(path, {"berkas": ["handover"]}).status_code == 409
    assert not Document.objects.filter(kind="disbursements.handover").exists()
    page = client.get(path).content.decode()
    assert "Dibuat sesudah SP2D dicatat." in page
    assert Decimal(draft.total) == Decimal(3_000_000)

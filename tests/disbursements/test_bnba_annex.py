"""The by-name-by-address annex of a long list: every name once, page by page, right to the end."""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter

import pytest
from pypdf import PdfReader

from bansos.documents.models import Document
from bansos.documents.queries import documents_of
from bansos.documents.services import read_bytes
from bansos.lib.money import number, rupiah, terbilang_rupiah
from beneficiaries.models import BankAccount, Person
from disbursements.documents.stage_base import MOST_NAMES
from disbursements.models import PayList
from disbursements.services import papers
from tests.cast import Cast
from tests.factories.disbursements import World, lines_of, make_world, run

PEOPLE = MOST_NAMES + 23
LONG_NAME = (
    "Raden Ayu Siti Nurhaliza Kusumaningrum Wiryawan Sastrodiningrat binti Almarhum Haji"
    " Muhammad Abdurrahman Hadiningrat Kartasasmita"
)
LONG_ADDRESS = (
    "Perumahan Bumi Citra Legacy Blok C Nomor 12 Jalan Panglima Sudirman Gang Mawar Melati"
    " Kenanga Dusun Krajan Kidul RT 014 RW 007 Sebelah Utara Balai Pertemuan Lingkungan"
)


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=PEOPLE, ceiling=300_000_000, share=200_000_000)


def annex_of(world: World, pay_list: PayList) -> Document:
    """The annex as the worker makes it beside its Berita Acara."""
    keys = ["update_record"]
    run(papers.make_papers(pay_list=pay_list, keys=keys, by=world.cast.tono, at=world.tick()))
    kind = "disbursements.update_record_names"
    [found] = [row for row in documents_of(pay_list) if row.kind == kind]
    return found


def flat(text: str) -> str:
    """Spaces and line ends made one space."""
    return re.sub(r"\s+", " ", text)


def test_every_name_stands_once_on_numbered_pages(world: World) -> None:
    person = world.enrolments[7].person
    Person.objects.filter(pk=person.pk).update(name=LONG_NAME, address=LONG_ADDRESS)
    BankAccount.objects.filter(person=person).update(holder_name=LONG_NAME)
    pay_list = world.approved()
    document = annex_of(world, pay_list)
    content = read_bytes(document)
    assert hashlib.sha256(content).hexdigest() == document.sha256
    pages = [flat(page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]
    assert len(pages) > 10
    for place, page in enumerate(pages, start=1):
        assert f"Halaman {place} dari {len(pages)}" in page
        assert f"Nomor {document.number}" in page
        assert f"Kode pemeriksaan: {document.check_code}" in page
    whole = " ".join(pages)
    names = [line.payee_name for line in lines_of(pay_list)]
    assert len(set(names)) == PEOPLE
    assert LONG_NAME in names
    assert "…" not in whole, "an annex by name and address cuts neither"
    # A name is followed by a masked NIK, so that the longer of two alike is not counted for both.
    seen = Counter({name: len(re.findall(rf"{re.escape(name)} \d{{6}}", whole)) for name in names})
    assert {name: times for name, times in seen.items() if times != 1} == {}
    assert LONG_ADDRESS in whole
    assert all(line.person.nik not in whole for line in lines_of(pay_list))
    assert all((line.account_number or "?") not in whole for line in lines_of(pay_list))


def test_the_rows_and_the_totals_are_those_of_the_list(world: World) -> None:
    pay_list = world.approved()
    content = read_bytes(annex_of(world, pay_list))
    pages = [flat(page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]
    amounts = [len(re.findall(r"Rp500\.000(?!\.)", page)) for page in pages]
    assert sum(amounts) == PEOPLE == pay_list.count
    # No page but that of the signers stands empty, and each repeats the heads of its table.
    assert all("Nama NIK (tersamar) Alamat" in page for page in pages[:-1])
    assert all(amounts[:-1])
    end = " ".join(pages[-2:])
    assert f"Jumlah {rupiah(pay_list.total)}" in end
    assert pay_list.total == 500_000 * PEOPLE
    words = f"{number(PEOPLE)} penerima. Terbilang: {terbilang_rupiah(pay_list.total)}."
    assert words in pages[-1]
    assert "Koordinator Kabupaten/Kota" in pages[-1]


def test_a_list_that_fits_the_record_has_no_annex(cast: Cast) -> None:
    world = make_world(cast, people=3)
    pay_list = world.approved()
    keys = ["update_record"]
    run(papers.make_papers(pay_list=pay_list, keys=keys, by=cast.tono, at=world.tick()))
    kinds = {row.kind for row in documents_of(pay_list)}
    assert "disbursements.update_record" in kinds
    assert "disbursements.update_record_names" not in kinds

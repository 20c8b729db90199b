"""A treasurers' list of more than a thousand rows on paper: every row once, sums, page numbers."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from pypdf import PdfReader

from bansos.documents.models import Document
from bansos.documents.services import read_bytes
from bansos.lib import pulse
from bansos.lib.errors import Refused
from bansos.lib.lists import export_rows
from bansos.lib.money import number, rupiah
from disbursements.models import PayList
from monitoring.documents.long_list import fitting_columns
from monitoring.services import treasury_papers
from monitoring.tables.treasury import LISTS
from programs.documents.name_table import PADDING, ROOM, SIZE
from programs.documents.paper import BOLD, widest
from tests.cast import Cast
from tests.factories.disbursements import NOW, answer_row, lines_of, make_world, run

PEOPLE, BACK = 1_020, 3


def paid_by(cast: Cast, people: int) -> PayList:
    """A list at the bank; it answered for six: the first three came back."""
    world = make_world(cast, people=people, ceiling=900_000_000, share=800_000_000)
    pay_list = world.sent()
    answers = [("GAGAL", "Rekening ditutup")] * BACK + [("BERHASIL", "")] * BACK
    lines = lines_of(pay_list)[: len(answers)]
    world.answer(
        pay_list,
        [answer_row(line, *answer) for line, answer in zip(lines, answers, strict=True)],
    )
    return pay_list


@pytest.fixture
def paid(cast: Cast) -> PayList:
    return paid_by(cast, 8)


def pages_of(document: Document) -> list[str]:
    """The text of each page, spaces and line ends made one space."""
    pages = PdfReader(io.BytesIO(read_bytes(document))).pages
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pages]


def test_more_than_a_thousand_payments_are_printed(cast: Cast) -> None:
    paid = paid_by(cast, PEOPLE)
    spec = LISTS["salur"][0]
    job = treasury_papers.request_report(
        slug="salur", title=spec.title, query="", by=cast.tono, at=NOW
    )
    run(job)
    document = Document.objects.get(kind=treasury_papers.REPORT)
    pages = pages_of(document)
    assert len(pages) > 20
    for place, page in enumerate(pages, start=1):
        assert f"Halaman {place} dari {len(pages)}" in page
        assert f"Nomor {document.number}" in page
        assert f"Kode pemeriksaan: {document.check_code}" in page
        assert "Program dan tahap" in page
    whole = " ".join(pages)
    assert "…" not in whole
    rows = list(export_rows(spec, cast.tono, QueryDict(""))[1])
    assert len(rows) == PEOPLE
    for place, row in enumerate(rows, start=1):
        assert whole.count(f" {number(place)} {row[0]} {row[1]} ") == 1
    assert whole.count("Rekening ditutup: ") == BACK
    total = sum((row[5] for row in rows), Decimal(0))
    assert total == paid.total
    assert f"Jumlah {rupiah(total)}" in pages[-1]
    assert f"Banyak baris: {number(PEOPLE)}; Jumlah: {rupiah(total)}." in pages[-1]
    assert "Bendahara Pengeluaran" in pages[-1]
    assert all(line.person.nik not in whole for line in lines_of(paid))


@pytest.mark.parametrize("most", [300, 0], ids=["letter", "row by row"])
def test_a_part_never_looks_like_the_whole(
    most: int, paid: PayList, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(treasury_papers, "LETTER_ROWS", most)
    spec = LISTS["salur"][0]
    document = treasury_papers.issue_report(spec=spec, query="hasil=not", by=cast.tono, at=NOW)
    words = " ".join(pages_of(document)).replace(" :", ":")
    assert "Saringan: Hasil: Tidak tersalur" in words
    assert f"Banyak baris: {BACK}" in words
    assert words.count("Rekening ditutup: ") == BACK
    document = treasury_papers.issue_report(spec=spec, query="", by=cast.tono, at=NOW)
    assert "Saringan" not in " ".join(pages_of(document))


def test_its_owner_sees_how_far_it_is_and_may_stop_it(
    paid: PayList, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(treasury_papers, "LETTER_ROWS", 0)
    told = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if done == total // 2:
            raise pulse.Stopped

    with pulse.listening(stop), pytest.raises(pulse.Stopped):
        treasury_papers.issue_report(spec=LISTS["salur"][0], query="", by=cast.tono, at=NOW)
    assert told == [(0, 8), (4, 8)]
    assert not Document.objects.filter(kind=treasury_papers.REPORT).exists()


def test_what_paper_cannot_bear_is_refused(
    paid: PayList, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(treasury_papers, "MOST_ROWS", 7)
    with pytest.raises(Refused, match=r"lebih dari 7 baris, jadi tidak dicetak"):
        treasury_papers.issue_report(spec=LISTS["salur"][0], query="", by=cast.tono, at=NOW)
    assert not Document.objects.filter(kind=treasury_papers.REPORT).exists()
    monkeypatch.setattr(treasury_papers, "MOST_ROWS", 8)
    treasury_papers.issue_report(spec=LISTS["salur"][0], query="", by=cast.tono, at=NOW)


def test_every_list_has_its_long_form(
    paid: PayList, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawn row by row, each says what its export says; empty ones too."""
    monkeypatch.setattr(treasury_papers, "LETTER_ROWS", -1)
    for slug, (spec, _what) in LISTS.items():
        document = treasury_papers.issue_report(spec=spec, query="", by=cast.tono, at=NOW)
        words = " ".join(pages_of(document))
        assert str(spec.title).upper() in words
        rows = list(export_rows(spec, cast.tono, QueryDict(""))[1])
        assert f"Banyak baris: {number(len(rows))}" in words, slug
        for row in rows:
            assert all(rupiah(cell) in words for cell in row if isinstance(cell, Decimal)), slug


def test_an_amount_always_has_room() -> None:
    """Words may break into lines; money and the longest number stand whole, head and total too."""
    big = "Rp9.999.999.999.999,99"
    heads = ("No", "Nama panjang sekali", *(f"Jumlah {place}" for place in range(6)))
    kinds = ("number", "text", *["money"] * 6)
    rows: list[tuple[Any, ...]] = [("1", "Kusumaningrum " * 12, *["Rp1"] * 6)]
    columns = fitting_columns(heads, kinds, rows, ("", "Jumlah", *[big] * 6))
    assert sum(column.width for column in columns) <= ROOM
    assert {round(column.width, 3) for column in columns[2:]} == {round(columns[2].width, 3)}
    assert columns[2].width > widest([big], SIZE, font=BOLD) + 2 * PADDING
    assert {column.align for column in columns[2:]} == {"right"}

"""Kuitansi with long names and BAST with real photos stay inside their pages."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image
from pypdf import PageObject, PdfReader

from disbursements.documents.handover import GivenLine, HandoverPaper, render_handover
from disbursements.documents.receipts import Receipt, Receipts, render_receipts
from tests.cast import Cast

pytestmark = pytest.mark.django_db
MADE = datetime(2026, 11, 23, 3, tzinfo=UTC)
LONG = "Raden Ajeng Kartini Kusumawardhani Puteri Mangkunegara binti Sastrodiningrat Wiryokusumo"
PURPOSE = (
    "Bantuan sosial BLT Dana Bagi Hasil Cukai Hasil Tembakau Pekerja Pabrik Rokok Lintas Wilayah"
    " Tahap 1 Tahun 2026, Kabupaten Madiun, SK Nomor 188/1/KPTS/013/2026 tanggal 10 Februari 2026"
)


def pages_of(content: bytes) -> list[PageObject]:
    return list(PdfReader(io.BytesIO(content)).pages)


def picture(width: int, height: int, form: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "#7fa98c").save(target, form)
    return target.getvalue()


def receipts(cast: Cast, amount: Decimal) -> bytes:
    rows = [
        Receipt(
            place=place,
            payee=LONG,
            address="Dusun Krajan RT 08, Tambakmas, Kec. Kebonsari, Kabupaten Madiun",
            reference=f"R35{place:013}",
            amount=amount,
            purpose=PURPOSE,
        )
        for place in range(1, 8)
    ]
    letter = Receipts(
        agency=cast.agency,
        number="KWT-P/0003/2026",
        on=date(2026, 11, 23),
        made_at=MADE,
        check_code="ABCD-EFGH-JKLM-NPQR",
        check_url="https://bansos.example.go.id/periksa/ABCD-EFGH-JKLM-NPQR/",
        programme="BLT",
        stage="Tahap 1 2026",
        area="Kabupaten Madiun",
        list_number="DB-35-2026-0018",
        training=False,
        signers=[],
        title="Kuitansi penerima Kecamatan Kebonsari",
        payer="Bendahara Pengeluaran Dinas Sosial Provinsi Jawa Timur",
        treasurer="Tono Wijaya",
        receipts=rows,
    )
    return render_receipts(letter, path="v1")


def test_a_long_name_stands_under_its_own_signature(cast: Cast) -> None:
    pages = pages_of(receipts(cast, Decimal("1031145.59")))
    assert len(pages) == 3
    for page in pages:
        middle, found = float(page.mediabox.width) / 2, []

        def hear(text: str, _matrix: Any, at: Any, _font: Any, _size: Any) -> None:
            if "Kartini" in text or "Wiryokusumo" in text:
                found.append(at[4])  # noqa: B023

        words = page.extract_text(visitor_text=hear)
        assert found
        assert min(found) > middle, "it does not run into the treasurer's name, nor off the page"
        assert "…" not in words
        assert words.count("Wiryokusumo") == words.count("KUITANSI")


def test_no_amount_in_words_is_cut(cast: Cast) -> None:
    words = pages_of(receipts(cast, Decimal("979878787.97")))[0].extract_text()
    assert "…" not in words
    assert words.replace("\n", " ").count("sembilan puluh tujuh sen") == 3


@pytest.mark.parametrize(("width", "height"), [(1600, 1200), (900, 1600)])
def test_a_photo_of_any_size_stays_on_its_page_with_its_words(
    cast: Cast, width: int, height: int
) -> None:
    paper = HandoverPaper(
        agency=cast.agency,
        number="BAST-B/0001/2026",
        handed_on=date(2026, 11, 20),
        made_at=MADE,
        programme="Jawara",
        area="Kabupaten Madiun",
        recipient="Suparni",
        nik="351901******01",
        address="Dusun Krajan RT 08, Tambakmas",
        receiver="Suparni",
        proxy_letter="",
        officer="Sari Utami",
        officer_number="198501012010012003",
        warehouse="Gudang Madiun",
        lines=[GivenLine("Kompor gas", 2, "unit", Decimal(450_000), replaces=False)],
        value=Decimal(900_000),
        photo=("image/jpeg", picture(width, height, "JPEG")),
        signature=("image/png", picture(1200, 400, "PNG")),
        check_code="ABCD-EFGH-JKLM-NPQR",
        check_url="https://bansos.example.go.id/periksa/ABCD-EFGH-JKLM-NPQR/",
        training=False,
    )
    pages = pages_of(render_handover(paper))
    assert len(pages) <= 2
    (last,) = [page for page in pages if "Foto serah terima" in page.extract_text()]
    assert last is pages[-1]
    assert "Yang menerima" in pages[0].extract_text()
    assert len(last.images) >= 1

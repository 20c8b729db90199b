"""A long table of names ends with its signatures, and they never stand on a page of their own."""

from __future__ import annotations

import io
from datetime import date

import pytest
from pypdf import PdfReader

from programs.documents.name_table import NameTable, render_name_table
from programs.documents.paper import Column


def pages_of(count: int, *, least: float, address: str = "Dusun Krajan") -> list[str]:
    """The text of each page of a table of that many names."""
    table = NameTable(
        agency="Dinas Sosial",
        city="Surabaya",
        number="1/2026",
        on=date(2026, 11, 20),
        check_code="ABCD",
        check_url="",
        about="Daftar bayar",
        training=False,
        signers=[("Petugas loket", "Sri Wahyuni", "")],
        title="Daftar pembayaran tunai",
        subtitle="Tahap 1",
        columns=(Column("Nama", 60), Column("Alamat", 60), Column("Jumlah", 30, "right")),
        rows=[(f"Orang-{place:03d}", address, "Rp1") for place in range(1, count + 1)],
        total=("Jumlah", "", "Rp99"),
        least=least,
        notes=("Dibayar utuh.", "Tanpa potongan."),
    )
    data = render_name_table(table, path="v1")
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


@pytest.mark.parametrize("least", [0.0, 42.0])
def test_the_last_name_and_the_total_go_with_the_signatures(least: float) -> None:
    """Whatever their number: somewhere in between they used to begin a page without a name."""
    turned = 0
    for count in range(2, 60):
        pages = pages_of(count, least=least)
        last, whole = pages[-1], "".join(pages)
        assert "Sri Wahyuni" in last
        assert "Rp99" in last
        assert f"Orang-{count:03d}" in last
        assert all(whole.count(f"Orang-{place:03d}") == 1 for place in range(1, count + 1))
        assert f"Halaman {len(pages)} dari {len(pages)}" in last
        turned += last.count("Orang-") == 1
    assert turned, "the case that was wrong came up"


def test_one_name_on_many_lines_stays_a_table() -> None:
    for lines in range(1, 60):
        pages = pages_of(1, least=300.0, address="Jalan Panglima Sudirman " * lines)
        assert "Sri Wahyuni" in pages[-1]
        assert "".join(pages).count("Orang-001") == 1
        assert "Orang-001" in pages[0]

"""report.annex: the by-name-by-address annex against a plain WeasyPrint table of the same rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bench.measure import Row, seconds
from programs.documents.annex import AnnexData, AnnexLine, render_annex_pdf

ROWS = 2_000


def lines(count: int) -> list[AnnexLine]:
    """Made-up names, as long as real ones."""
    return [
        AnnexLine(
            position=number,
            name=f"Suminah Rahayu {number}",
            nik="351901••••••••12",
            sex="P",
            address=f"Dusun Krajan RT 00{number % 9 + 1} RW 002",
            village="Tambakmas",
            district="Kebonsari",
            regency="Kabupaten Madiun",
            amount=Decimal(2_000_000),
        )
        for number in range(1, count + 1)
    ]


def annex() -> Row:
    """CPU of our annex against the plain table."""
    data = AnnexData(
        agency="Dinas Sosial Provinsi Jawa Timur",
        government="Pemerintah Provinsi Jawa Timur",
        number="188/1/KPTS/013/2026",
        decree_date=date(2026, 2, 2),
        subject="Penerima PKH Plus",
        area="Kabupaten Madiun",
        programme="PKH Plus",
        year=2026,
        revision=1,
        lines=lines(ROWS),
        place="Surabaya",
        signer_title="Gubernur",
        signer_name="Nama",
    )
    ours = seconds(lambda: render_annex_pdf(data))
    return Row("report.annex", ours, seconds(lambda: plain_table(data)), bar=0.35)


def plain_table(data: AnnexData) -> bytes:
    """The reference: one HTML table, no style but the paper."""
    from weasyprint import HTML

    rows = "".join(
        f"<tr><td>{row.position}</td><td>{row.name}</td><td>{row.nik}</td><td>{row.address}</td>"
        f"<td>{row.village}</td><td>{row.district}</td><td>{row.amount}</td></tr>"
        for row in data.lines
    )
    page = f"<style>@page{{size:A4 landscape}}</style><table>{rows}</table>"
    content: bytes = HTML(string=page).write_pdf()
    return content

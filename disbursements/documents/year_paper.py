"""Berita Acara of the closing of a budget year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings

from bansos.lib.dates import date_in_words
from bansos.lib.money import number, rupiah, terbilang_rupiah
from bansos.regions.queries import name_of
from disbursements.documents.sheets import MONEY, TEXT, Grid, Sheet
from disbursements.documents.stage_base import END, Issue, head_of, treasurer_of
from disbursements.models import FiscalYear
from disbursements.queries.treasury.year import returned_by_sts

SUMS = ("ceiling", "paid", "delivered", "returned", "left")


def year_paper(row: FiscalYear, issue: Issue) -> Sheet:
    """The figures frozen at the closing, per budget line, and what went back to kas daerah."""
    agency = row.agency
    lines: list[dict[str, Any]] = row.figures["lines"]
    sums = {name: sum((Decimal(line[name]) for line in lines), Decimal(0)) for name in SUMS}
    people, back = returned_by_sts(agency, row.year)
    asked = row.asked_by.full_name if row.asked_by else ""
    return Sheet(
        agency=agency,
        number=issue.number,
        on=issue.on,
        made_at=issue.at,
        check_code=issue.check_code,
        check_url=issue.check_url,
        programme="",
        stage=str(row.year),
        area=name_of(agency.area_code),
        list_number="",
        training=settings.TRAINING_MODE,
        title="Berita Acara Penutupan Tahun Anggaran",
        subtitle=f"Bantuan sosial Tahun Anggaran {row.year}, {name_of(agency.area_code)}",
        opening=[
            (
                f"Pada hari ini, {date_in_words(issue.on)}, tahun anggaran {row.year} ditutup untuk"
                f" seluruh bantuan sosial pada {agency.name}. Penutupan diajukan oleh {asked} dan"
                " disahkan Kepala Dinas sesudah seluruh retur selesai."
            )
        ],
        facts=[
            ("Tersalur", rupiah(sums["delivered"])),
            ("Terbilang", terbilang_rupiah(sums["delivered"])),
            ("Kembali ke kas daerah", f"{number(people)} KPM, {rupiah(back)}"),
            ("Sisa di rekening bendahara", "Rp0"),
        ],
        grids=[
            Grid(
                "Realisasi per program",
                (
                    ("Program", TEXT),
                    ("DPA", TEXT),
                    ("Pagu", MONEY),
                    ("Cair (SP2D)", MONEY),
                    ("Tersalur", MONEY),
                    ("Kas daerah", MONEY),
                    ("Sisa pagu", MONEY),
                ),
                [
                    (line["programme"], line["dpa"], *(Decimal(line[name]) for name in SUMS))
                    for line in lines
                ],
                ("Jumlah", "", *(sums[name] for name in SUMS)),
                tight=True,
            )
        ],
        points=[
            "Seluruh daftar bayar ber-SP2D telah direkonsiliasi dengan selisih nol.",
            "Seluruh dana yang tidak tersalur telah disetor ke kas daerah dengan STS.",
            "Sesudah penutupan ini tidak ada mutasi uang untuk tahun anggaran tersebut.",
        ],
        closing=[END],
        signers=[treasurer_of(agency), head_of(agency)],
    )

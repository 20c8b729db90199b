"""Tables of every name of a list: the register for the counter, and BNBA as an annex."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from bansos.lib.money import number, rupiah, terbilang_rupiah
from bansos.regions.queries import names_of
from disbursements.documents.letters import Signer
from disbursements.documents.stage_base import (
    DISTRICT,
    Issue,
    account_words,
    counted,
    decree_words,
    head_of,
    subject,
    treasurer_of,
)
from disbursements.models import PayList
from programs.documents.name_table import NameTable
from programs.documents.paper import Column

# A row somebody signs, or presses a thumb on: 15 mm.
SIGNED_ROW = 42


def _frame(pay_list: PayList, issue: Issue) -> dict[str, Any]:
    agency = pay_list.budget.agency
    return {
        "agency": agency.name,
        "city": agency.city,
        "number": issue.number,
        "on": issue.on,
        "check_code": issue.check_code,
        "check_url": issue.check_url,
        "about": f"Daftar bayar {pay_list.number}",
        "training": settings.TRAINING_MODE,
    }


def _signers(*found: Signer) -> list[tuple[str, str, str]]:
    return [(row.role, row.name, row.number) for row in found]


def cash_register(pay_list: PayList, issue: Issue) -> NameTable:
    """The register of the counter: every payee with room for signature or thumb print."""
    rows = list(counted(pay_list))
    names = names_of(row.area_code for row in rows)
    return NameTable(
        **_frame(pay_list, issue),
        title="Daftar pembayaran tunai",
        subtitle=subject(pay_list),
        columns=(
            Column("No", 10, "right"),
            Column("Nama", 46),
            Column("NIK (tersamar)", 32),
            Column("Desa/Kelurahan", 34),
            Column("Referensi", 34),
            Column("Jumlah", 26, "right"),
            Column("Tanggal", 20, "center"),
            Column("Tanda tangan / cap jempol", 42, "center"),
            Column("Nama kuasa", 30),
        ),
        rows=[
            (
                str(row.position),
                row.payee_name,
                row.person.nik_masked,
                names.get(row.area_code, ""),
                row.reference,
                rupiah(row.amount),
                *("", "", ""),
            )
            for row in rows
        ],
        total=("", "Jumlah", "", "", "", rupiah(pay_list.total), "", "", ""),
        least=SIGNED_ROW,
        notes=(
            f"{number(pay_list.count)} penerima. Terbilang: {terbilang_rupiah(pay_list.total)}.",
            "Dibayar utuh tanpa potongan. Kuasa hanya dengan surat kuasa menurut aturan program.",
        ),
        signers=_signers(
            Signer("Petugas loket", ""),
            treasurer_of(pay_list.budget.agency),
            head_of(pay_list.budget.agency),
        ),
    )


def eligible_names(pay_list: PayList, issue: Issue) -> NameTable:
    """BNBA of the eligible as the annex of the Berita Acara pemutakhiran, however many."""
    rows = list(counted(pay_list))
    names = names_of(
        [*(row.area_code for row in rows), *(row.area_code[:DISTRICT] for row in rows)]
    )
    return NameTable(
        **_frame(pay_list, issue),
        title="Daftar penerima eligible (BNBA)",
        subtitle=subject(pay_list),
        columns=(
            Column("No", 12, "right"),
            Column("Nama", 50),
            Column("NIK (tersamar)", 34),
            Column("Alamat", 58),
            Column("Desa/Kelurahan", 36),
            Column("Kecamatan", 32),
            Column("Rekening", 26),
            Column("Jumlah", 28, "right"),
        ),
        rows=[
            (
                str(place),
                row.payee_name,
                row.person.nik_masked,
                row.address,
                names.get(row.area_code, ""),
                names.get(row.area_code[:DISTRICT], ""),
                account_words(row),
                rupiah(row.amount),
            )
            for place, row in enumerate(rows, start=1)
        ],
        total=("", "Jumlah", "", "", "", "", "", rupiah(pay_list.total)),
        notes=(
            f"Berdasarkan {decree_words(pay_list)}.",
            f"{number(pay_list.count)} penerima. Terbilang: {terbilang_rupiah(pay_list.total)}.",
        ),
        signers=_signers(Signer("Koordinator Kabupaten/Kota", ""), head_of(pay_list.budget.agency)),
    )

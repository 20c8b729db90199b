"""What each paper of a stage says, gathered from the rows of one pay list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Sum

from bansos.lib.dates import date_in_words, long_date
from bansos.lib.money import number, rupiah, terbilang_rupiah
from bansos.lib.nik import mask_account
from bansos.regions.queries import name_of, names_of
from disbursements.choices import ListState
from disbursements.documents.letters import Signer
from disbursements.documents.receipts import Receipt, Receipts
from disbursements.documents.sheets import COUNT, MONEY, PLACE, TEXT, Grid, Sheet
from disbursements.documents.stage_base import (
    DISTRICT,
    END,
    MOST_NAMES,
    Issue,
    account_words,
    base,
    by_place,
    counted,
    decree_words,
    head_of,
    money_facts,
    subject,
    treasurer_of,
)
from disbursements.models import PayList
from disbursements.queries.treasury.non_eligible import NonEligible, non_eligible
from disbursements.rules.moves import COUNTED


def update_record(pay_list: PayList, issue: Issue) -> Sheet:
    """BA pemutakhiran: eligible, non-eligible and not committed per district, reasons, names."""
    out = non_eligible(pay_list)
    eligible = {code: count for code, count, _total in by_place(pay_list, DISTRICT)}
    codes = sorted({*eligible, *(row.area_code[:DISTRICT] for row in out)})
    names = names_of(codes)
    rows = [
        (
            names.get(code, code),
            eligible.get(code, 0),
            _n(out, code, committed=True),
            _n(out, code, committed=False),
        )
        for code in codes
    ]
    sums = [sum(row[place] for row in rows) for place in (1, 2, 3)]
    reasons = sorted({row.reason for row in out})
    return Sheet(
        **base(pay_list, issue),
        title="Berita Acara Pemutakhiran Data Penerima",
        subtitle=subject(pay_list),
        opening=[
            (
                f"Pada hari ini, {date_in_words(issue.on)}, telah dilakukan pemutakhiran data"
                f" penerima {subject(pay_list)} berdasarkan {decree_words(pay_list)}, dengan hasil"
                " sebagai berikut."
            )
        ],
        facts=[("Daftar bayar", pay_list.number), ("Sidik jari (SHA-256)", pay_list.content_hash)],
        grids=[
            Grid(
                "1. Hasil pemutakhiran per kecamatan",
                (
                    ("Kecamatan", TEXT),
                    ("Eligible", COUNT),
                    ("Non-eligible", COUNT),
                    ("Tidak komitmen", COUNT),
                    ("Jumlah", COUNT),
                ),
                [(*row, row[1] + row[2] + row[3]) for row in rows],
                ("Jumlah", *sums, sum(sums)),
            ),
            Grid(
                "2. Alasan non-eligible dan tidak komitmen",
                (("Alasan", TEXT), ("Jumlah orang", COUNT)),
                [(reason, sum(row.reason == reason for row in out)) for reason in reasons],
                ("Jumlah", len(out)),
                empty="Semua penerima dalam SK tetap eligible.",
            ),
        ],
        closing=[
            _where_names(pay_list),
            END,
        ],
        annexes=[_names_out(out, "Daftar non-eligible dan tidak komitmen"), *_names_in(pay_list)],
        signers=[
            Signer("Petugas Verifikasi Kabupaten/Kota", ""),
            Signer("Koordinator Kabupaten/Kota", ""),
            head_of(pay_list.budget.agency),
        ],
    )


def _n(out: Sequence[NonEligible], code: str, *, committed: bool) -> int:
    return sum(row.area_code.startswith(code) and row.not_committed is not committed for row in out)


def _names_out(out: Sequence[NonEligible], caption: str) -> Grid:
    names = names_of(row.area_code for row in out)
    return Grid(
        caption,
        (
            ("No", PLACE),
            ("Nama", TEXT),
            ("NIK (tersamar)", TEXT),
            ("Desa/Kelurahan", TEXT),
            ("Kecamatan", TEXT),
            ("Rekening (tersamar)", TEXT),
            ("Alasan", TEXT),
        ),
        [
            (
                place,
                row.name,
                row.nik_masked,
                names.get(row.area_code, ""),
                names.get(row.area_code[:DISTRICT], ""),
                mask_account(row.account_number) if row.account_number else "-",
                row.reason,
            )
            for place, row in enumerate(out, start=1)
        ],
        empty="Tidak ada penerima non-eligible pada tahap ini.",
        tight=True,
    )


def _where_names(pay_list: PayList) -> str:
    if pay_list.count > MOST_NAMES:
        return "Daftar nama menurut alamat (BNBA) eligible ada di Lampiran BNBA tersendiri."
    return "Daftar nama menurut alamat (BNBA) terlampir."


def update_names(pay_list: PayList) -> list[tuple[Any, ...]]:
    """BNBA of a stage as a workbook has it: eligible first, then who is not, with the reason."""
    rows, out = list(counted(pay_list)), non_eligible(pay_list)
    names = names_of([*(row.area_code for row in rows), *(row.area_code for row in out)])
    found: list[tuple[Any, ...]] = [
        (
            place,
            row.payee_name,
            row.person.nik_masked,
            names.get(row.area_code, ""),
            names.get(row.area_code[:DISTRICT], ""),
            "Eligible",
            "",
            row.amount,
        )
        for place, row in enumerate(rows, start=1)
    ]
    found += [
        (
            place,
            row.name,
            row.nik_masked,
            names.get(row.area_code, ""),
            names.get(row.area_code[:DISTRICT], ""),
            "Tidak komitmen" if row.not_committed else "Non-eligible",
            row.reason,
            None,
        )
        for place, row in enumerate(out, start=len(rows) + 1)
    ]
    return found


def _names_in(pay_list: PayList) -> list[Grid]:
    if pay_list.count > MOST_NAMES:
        return []
    rows = list(counted(pay_list))
    names = names_of(row.area_code for row in rows)
    return [
        Grid(
            "Daftar penerima eligible (BNBA)",
            (
                ("No", PLACE),
                ("Nama", TEXT),
                ("NIK (tersamar)", TEXT),
                ("Alamat", TEXT),
                ("Desa/Kelurahan", TEXT),
                ("Kecamatan", TEXT),
                ("Rekening (tersamar)", TEXT),
                ("Jumlah", MONEY),
            ),
            [
                (
                    place,
                    row.payee_name,
                    row.person.nik_masked,
                    row.address,
                    names.get(row.area_code, ""),
                    names.get(row.area_code[:DISTRICT], ""),
                    account_words(row),
                    row.amount,
                )
                for place, row in enumerate(rows, start=1)
            ],
            ("", "Jumlah", "", "", "", "", "", pay_list.total),
            tight=True,
        )
    ]


def funds_data(pay_list: PayList, issue: Issue) -> Sheet:
    """Data for SPM and SP2D: rate times eligible accounts, and the room in the budget."""
    agency, budget, share = pay_list.budget.agency, pay_list.budget, pay_list.allocation
    rates = (
        pay_list.lines.filter(state__in=COUNTED)
        .values("amount")
        .annotate(n=Count("pk"), total=Sum("amount"))
        .order_by("-amount")
    )
    bound = pay_list.state in {ListState.LOCKED, ListState.AWAITING, ListState.APPROVED}
    return Sheet(
        **base(pay_list, issue),
        title="Data Pendukung SPM dan SP2D",
        subtitle=subject(pay_list),
        opening=[
            (
                "Permintaan penerbitan SPM/SP2D untuk bantuan sosial di bawah ini dihitung dari"
                " tarif program dikalikan jumlah rekening penerima yang eligible."
            )
        ],
        facts=[
            *money_facts(pay_list),
            ("Rekening tujuan SP2D", f"{agency.source_account} a.n. {agency.name}"),
            ("Bank penyalur", agency.bank_name),
        ],
        grids=[
            Grid(
                "1. Tarif x rekening eligible",
                (
                    ("Tarif per penerima", MONEY),
                    ("Rekening eligible", COUNT),
                    ("Jumlah", MONEY),
                ),
                [(row["amount"], row["n"], row["total"]) for row in rates],
                ("Jumlah", pay_list.count, pay_list.total),
            ),
            Grid(
                "2. Ketersediaan anggaran",
                (
                    ("Anggaran", TEXT),
                    ("Pagu", MONEY),
                    ("Terikat", MONEY),
                    ("Cair", MONEY),
                    ("Sisa", MONEY),
                ),
                [
                    (
                        f"DPA {budget.dpa_number}",
                        budget.ceiling,
                        budget.reserved,
                        budget.paid,
                        budget.left,
                    ),
                    (
                        f"Alokasi {name_of(share.area_code)}",
                        share.amount,
                        share.reserved,
                        share.paid,
                        share.left,
                    ),
                ],
                tight=True,
            ),
        ],
        closing=[
            "Jumlah daftar ini sudah termasuk dalam angka Terikat."
            if bound
            else "Jumlah daftar ini sudah termasuk dalam angka Cair.",
        ],
        signers=[treasurer_of(agency), head_of(agency)],
    )


def closing_rows(pay_list: PayList) -> list[NonEligible]:
    """Who left the programme for good and has an account; who is only left out once keeps it."""
    return [row for row in non_eligible(pay_list) if row.has_ended and row.account_number]


def accounts_to_close(pay_list: PayList, issue: Issue) -> Sheet:
    """Letter to the bank: accounts of people who are not eligible any more, to be closed."""
    agency = pay_list.budget.agency
    out = closing_rows(pay_list)
    names = names_of(row.area_code for row in out)
    return Sheet(
        **base(pay_list, issue),
        title="Daftar Rekening Non-eligible",
        reference=(
            ("Nomor", issue.number),
            ("Sifat", "Segera"),
            ("Lampiran", f"1 daftar ({number(len(out))} rekening)"),
            ("Hal", f"Penutupan rekening non-eligible {subject(pay_list)}"),
        ),
        addressee=f"Pimpinan {agency.bank_name}",
        opening=[
            (
                f"Menyertai standing instruction SI/{pay_list.number}, bersama ini kami sampaikan"
                f" {number(len(out))} rekening penerima yang tidak lagi eligible. Rekening tersebut"
                " tidak dibayar pada tahap ini dan kami minta Saudara menutupnya serta melaporkan"
                " saldo yang tersisa."
            ),
        ],
        closing=["Atas kerja sama Saudara, kami sampaikan terima kasih."],
        annexes=[
            Grid(
                "Rekening untuk ditutup",
                (
                    ("No", PLACE),
                    ("Nomor rekening", TEXT),
                    ("Atas nama", TEXT),
                    ("Desa/Kelurahan", TEXT),
                    ("Kecamatan", TEXT),
                    ("Alasan", TEXT),
                ),
                [
                    (
                        place,
                        row.account_number,
                        row.holder_name,
                        names.get(row.area_code, ""),
                        names.get(row.area_code[:DISTRICT], ""),
                        row.reason,
                    )
                    for place, row in enumerate(out, start=1)
                ],
                tight=True,
            )
        ],
        signers=[head_of(agency)],
    )


def batch_receipt(pay_list: PayList, issue: Issue) -> Sheet:
    """One kuitansi for the whole list: the paying bank receives the money to pass on."""
    agency = pay_list.budget.agency
    names = names_of(code for code, _n, _total in by_place(pay_list, DISTRICT))
    return Sheet(
        **base(pay_list, issue),
        title="Kuitansi",
        facts=[
            ("Sudah terima dari", f"Bendahara Pengeluaran {agency.name}"),
            ("Uang sejumlah", rupiah(pay_list.total)),
            ("Terbilang", terbilang_rupiah(pay_list.total)),
            (
                "Untuk pembayaran",
                (
                    f"Bantuan sosial {subject(pay_list)} kepada {number(pay_list.count)} KPM"
                    f" menurut daftar bayar {pay_list.number}"
                ),
            ),
            ("SP2D", f"{pay_list.sp2d_number} tanggal {long_date(pay_list.sp2d_date)}")
            if pay_list.sp2d_date
            else ("SP2D", pay_list.sp2d_number),
            ("Dasar penetapan", decree_words(pay_list)),
        ],
        grids=[
            Grid(
                "Rincian per kecamatan",
                (("Kecamatan", TEXT), ("KPM", COUNT), ("Jumlah", MONEY)),
                [
                    (names.get(code, code), n, total)
                    for code, n, total in by_place(pay_list, DISTRICT)
                ],
                ("Jumlah", pay_list.count, pay_list.total),
                tight=True,
            )
        ],
        signers=[
            Signer("Yang menerima, Bank Penyalur", "", "", agency.bank_name),
            treasurer_of(agency),
            Signer(agency.head_title, agency.head_name, agency.head_number, "Mengetahui"),
        ],
    )


def receipts(pay_list: PayList, district: str, issue: Issue) -> Receipts:
    """The receipts of the lines of one district, for money paid over the counter."""
    agency = pay_list.budget.agency
    rows = counted(pay_list).filter(area_code__startswith=district)
    purpose = f"Bantuan sosial {subject(pay_list)}, {decree_words(pay_list)}"
    return Receipts(
        **base(pay_list, issue),
        title=f"Kuitansi penerima Kecamatan {name_of(district)}",
        payer=f"Bendahara Pengeluaran {agency.name}",
        treasurer=treasurer_of(agency).name,
        receipts=[
            Receipt(
                place=row.position,
                payee=row.payee_name,
                address=row.address,
                reference=row.reference,
                amount=row.amount,
                purpose=purpose,
            )
            for row in rows
        ],
    )


def handover(pay_list: PayList, issue: Issue) -> Sheet:
    """BAST: the agency hands the money of the stage to the paying bank, district by district."""
    agency = pay_list.budget.agency
    rows = by_place(pay_list, DISTRICT)
    names = names_of(code for code, _n, _total in rows)
    return Sheet(
        **base(pay_list, issue),
        title="Berita Acara Serah Terima Bantuan Sosial",
        subtitle=subject(pay_list),
        opening=[
            (
                f"Pada hari ini, {date_in_words(issue.on)}, kami yang bertanda tangan di bawah ini:"
                f" {agency.head_title} {agency.head_name} untuk dan atas nama {agency.name},"
                f" selanjutnya disebut PIHAK PERTAMA, dan Pimpinan Cabang {agency.bank_name},"
                " selanjutnya disebut PIHAK KEDUA, menyatakan bahwa PIHAK PERTAMA telah menyerahkan"
                " dan PIHAK KEDUA telah menerima dana bantuan sosial untuk disalurkan kepada"
                " penerima, dengan rincian sebagai berikut."
            )
        ],
        facts=money_facts(pay_list),
        grids=[
            Grid(
                "Rincian per kecamatan",
                (("Kecamatan", TEXT), ("KPM", COUNT), ("Jumlah", MONEY)),
                [(names.get(code, code), n, total) for code, n, total in rows],
                ("Jumlah", pay_list.count, pay_list.total),
                tight=True,
            )
        ],
        points_title="Kedua pihak sepakat bahwa:",
        points=[
            (
                "PIHAK KEDUA menyalurkan dana utuh tanpa potongan ke rekening penerima menurut"
                f" daftar bayar {pay_list.number}."
            ),
            (
                "Dana yang tidak tersalur dilaporkan per baris dengan alasannya dan dikembalikan ke"
                " rekening bendahara."
            ),
        ],
        closing=[END],
        signers=[
            Signer("Pimpinan Cabang Bank", "", "", f"PIHAK KEDUA, {agency.bank_name}"),
            Signer(agency.head_title, agency.head_name, agency.head_number, "PIHAK PERTAMA"),
        ],
    )


def responsibility(pay_list: PayList, issue: Issue) -> Sheet:
    """SPTJM of the agency for the money of this stage."""
    agency = pay_list.budget.agency
    return Sheet(
        **base(pay_list, issue),
        title="Surat Pernyataan Tanggung Jawab Mutlak",
        subtitle=subject(pay_list),
        opening=["Yang bertanda tangan di bawah ini:"],
        facts=[
            ("Nama", agency.head_name),
            ("NIP", agency.head_number or "-"),
            ("Jabatan", agency.head_title),
            *money_facts(pay_list),
        ],
        points_title="menyatakan dengan sesungguhnya bahwa:",
        points=[
            (
                "Perhitungan pada daftar bayar tersebut telah dilakukan dengan benar menurut tarif"
                " program dan penetapan penerima."
            ),
            (
                "Penerima telah dimutakhirkan pada tahap ini dan dibayar satu kali untuk tahap yang"
                " sama."
            ),
            (
                "Apabila di kemudian hari terdapat kelebihan pembayaran atau pembayaran kepada yang"
                " tidak berhak, kami bertanggung jawab sepenuhnya dan menyetorkannya ke kas daerah."
            ),
            "Bukti-bukti penyaluran disimpan dan siap diperiksa sesuai ketentuan.",
        ],
        closing=[
            "Demikian pernyataan ini dibuat dengan sebenarnya.",
        ],
        duty=True,
        signers=[head_of(agency)],
    )

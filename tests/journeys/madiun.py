"""A small PKH Plus list of Kabupaten Madiun: its people, their registers, the guide's sheet."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from django.core.management import call_command
from django.utils import timezone
from xlsxwriter import Workbook

from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.services.snapshots import SnapshotRow, load_snapshot
from tests.cast import Cast, make_cast

TITLES = (
    "LAMPIRAN 1",
    "DAFTAR USULAN PENERIMA PKH PLUS",
    "KABUPATEN MADIUN, PROVINSI JAWA TIMUR",
    "TAHUN ANGGARAN 2026",
)
HEADERS = (
    *("NO", "NO DTKS", "NO PKH", "NAMA PENGURUS", "NAMA LANSIA", "NIK LANSIA", "NO KK"),
    *("NAMA IBU KANDUNG", "TEMPAT LAHIR", "TANGGAL LAHIR", "UMUR", "JENIS KELAMIN", "ALAMAT"),
    *("KELURAHAN", "KECAMATAN", "KABUPATEN", "NO REK BANK JATIM", "NAMA PENDAMPING"),
)
HEADER_ROW = len(TITLES) + 1
KEBONSARI, DOLOPO = "KEBONSARI", "DOLOPO"


@dataclass(frozen=True)
class Elder:
    """One row of the sheet; `in_pkh` is what the registry says about the family."""

    name: str
    nik: str
    kk: str
    born: date
    sex: str
    village: str
    district: str
    account: str
    in_pkh: bool = True


ELDERS = (
    Elder(
        *("SUMARNI", "3519014108500001", "3519010101150001", date(1950, 8, 1), "P"),
        *("TAMBAKMAS", KEBONSARI, "0071000001"),
    ),
    Elder(
        *("KASIYEM", "3519015203480002", "3519010101150002", date(1948, 3, 12), "P"),
        *("TAMBAKMAS", KEBONSARI, "0071000002"),
    ),
    Elder(
        *("PAIMIN", "3519010506460003", "3519010101150003", date(1946, 6, 5), "L"),
        *("REJOSARI", KEBONSARI, "0071000003"),
    ),
    # A defect: the last four digits of the NIK are missing.
    Elder(
        *("WAGINAH", "351901671245", "3519010101150004", date(1945, 12, 27), "P"),
        *("REJOSARI", KEBONSARI, "0071000004"),
    ),
    Elder(
        *("SARDI", "3519022002490005", "3519020101150005", date(1949, 2, 20), "L"),
        *("BANGUNSARI", DOLOPO, "0071000005"),
    ),
    Elder(
        *("NGATIJAH", "3519025509440006", "3519020101150006", date(1944, 9, 15), "P"),
        *("BANGUNSARI", DOLOPO, "0071000006"),
    ),
    # A defect: 60 years old.
    Elder(
        *("SUYATNO", "3519021004660007", "3519020101150007", date(1966, 4, 10), "L"),
        *("GLONGGONG", DOLOPO, "0071000007"),
    ),
    # A sound row, but no PKH family: the verifier says no.
    Elder(
        *("TUMINEM", "3519024511470008", "3519020101150008", date(1947, 11, 5), "P"),
        *("GLONGGONG", DOLOPO, "0071000008"),
        in_pkh=False,
    ),
)


def make_ground() -> Cast:
    """People, the catalogue, and complete registers, so that every criterion is answered."""
    cast = make_cast()
    call_command("load_programmes", stdout=io.StringIO())
    families = [SnapshotRow(key_kind=KeyKind.KK, key=elder.kk, desil=2) for elder in ELDERS]
    pkh = [SnapshotRow(key_kind=KeyKind.KK, key=elder.kk) for elder in ELDERS if elder.in_pkh]
    for kind, label, source, rows in (
        (SnapshotKind.DTSEN, "DTSEN v1", "Badan Pusat Statistik", families),
        (SnapshotKind.PKH, "PKH 2026-1", "Kementerian Sosial", pkh),
        (SnapshotKind.DEATH, "Kematian 2026", "Dinas Kependudukan", []),
        (SnapshotKind.EXCLUSION, "Pengecualian 2026", "Badan Kepegawaian", []),
    ):
        load_snapshot(
            kind=kind,
            label=label,
            as_of=date(2026, 1, 10),
            source=source,
            bast_number="BAST/001/2026",
            bast_date=date(2026, 1, 12),
            area_code="35",
            rows=rows,
            by=cast.budi,
            at=timezone.now(),
        )
    return cast


def guide_sheet() -> bytes:
    """The regency's workbook: titles, Lampiran 1, column numbers, rows, signatures."""
    target = io.BytesIO()
    book = Workbook(target, {"strings_to_numbers": False})
    sheet = book.add_worksheet("Lampiran 1")
    dated = book.add_format({"num_format": "dd-mm-yyyy"})
    for line, title in enumerate(TITLES):
        sheet.write_string(line, 0, title)
    for place, header in enumerate(HEADERS):
        sheet.write_string(HEADER_ROW - 1, place, header)
        sheet.write_number(HEADER_ROW, place, place + 1)
    for number, elder in enumerate(ELDERS, start=1):
        line = HEADER_ROW + number
        texts = (
            *(f"3519{number:012d}", f"351901{number:08d}"),
            *("SUPARNO", elder.name, elder.nik, elder.kk),
            *("TUKIYEM", "MADIUN", None, None, elder.sex, f"DUSUN KRAJAN RT 0{number} RW 01"),
            *(elder.village, elder.district, "KAB. MADIUN", elder.account, "RINI ASTUTI"),
        )
        sheet.write_number(line, 0, number)
        for place, text in enumerate(texts, start=1):
            if text:
                sheet.write_string(line, place, text)
        sheet.write_datetime(line, 9, elder.born, dated)
        sheet.write_number(line, 10, 2026 - elder.born.year)
    below = HEADER_ROW + len(ELDERS) + 3
    sheet.write_string(below, 12, "Madiun, 2 Februari 2026")
    sheet.write_string(below + 1, 12, "Kepala Dinas Sosial Kabupaten Madiun")
    book.close()
    return target.getvalue()


def bank_answer(bank_csv: bytes, *, returned: str, day: date) -> bytes:
    """What the bank says about the file it got: all delivered but the account of one name."""
    lines = [line for line in bank_csv.decode().splitlines() if not line.startswith("#")]
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerow(("No Referensi", "No Rekening", "Nama", "Nominal", "Status", "Ket", "Tanggal"))
    for row in csv.DictReader(lines):
        if row["rekening"] == "JUMLAH":
            break
        failed = row["nama"].upper() == returned
        words = ("GAGAL", "Rekening ditutup") if failed else ("BERHASIL", "")
        cells = (row["referensi"], row["rekening"], row["nama"], row["jumlah"])
        writer.writerow((*cells, *words, f"{day:%d/%m/%Y}"))
    return target.getvalue().encode()

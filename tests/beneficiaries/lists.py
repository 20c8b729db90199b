"""Lists of people as files, and the worker's steps played in the test's own process."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bansos.accounts.models import User
from bansos.jobs.services import run_step
from bansos.regions.choices import CodeSystem
from beneficiaries.models import ImportBatch
from beneficiaries.services import imports
from tests.factories.beneficiaries import NOW
from tests.lib.sheets import files

HEADERS = [
    "NO",
    "NIK",
    "NAMA LENGKAP",
    "NO KK",
    "NAMA IBU KANDUNG",
    "TEMPAT LAHIR",
    "TANGGAL LAHIR",
    "JENIS KELAMIN",
    "ALAMAT",
    "KELURAHAN",
    "KECAMATAN",
    "KABUPATEN",
    "NO REK BANK JATIM",
]


def person_row(number: int, **changes: Any) -> list[Any]:
    """A sound row; `number` makes NIK, KK and account distinct."""
    row: dict[str, Any] = {
        "no": number,
        "nik": f"351901410850{number:04d}",
        "name": f"SUMARNI {'ABCDEFGHIJ'[number % 10] * 3}",
        "kk": f"351901010115{number:04d}",
        "mother": "TUKIYEM",
        "birth_place": "MADIUN",
        "birth_date": date(1950, 8, 1),
        "sex": "P",
        "address": f"JL. MELATI {number}",
        "village": "TAMBAKMAS",
        "district": "KEBONSARI",
        "regency": "KAB. MADIUN",
        "account": f"00710{number:05d}",
    }
    unknown = set(changes) - set(row)
    assert not unknown, unknown
    return list({**row, **changes}.values())


def guide_workbook(rows: list[list[Any]]) -> bytes:
    """The guide's layout: titles above the header, a numbering row, a signature block below."""
    above = [
        ["DAFTAR USULAN PENERIMA PKH PLUS"],
        ["KABUPATEN MADIUN TAHUN 2026"],
        [],
        HEADERS,
        [str(number) for number in range(1, len(HEADERS) + 1)],
    ]
    below = [
        [],
        [None, None, None, None, None, None, None, None, "Madiun, 2 November 2026"],
        [None, None, None, None, None, None, None, None, "Kepala Dinas Sosial"],
        [None, None, None, None, None, None, None, None, "NIP. 196501011990031001"],
    ]
    return files.xlsx([*above, *rows, *below])


def upload(
    data: bytes, by: User, *, name: str = "daftar.xlsx", area: str = "", **more: Any
) -> ImportBatch:
    """Upload a list of people."""
    arguments = {"purpose": "beneficiaries.people", "context": {}, **more}
    return imports.start_import(
        area_code=area or by.area_code, data=data, file_name=name, by=by, at=NOW, **arguments
    )


def work_off(batch: ImportBatch) -> ImportBatch:
    """Do all steps of the batch's job as the worker would."""
    batch.refresh_from_db()
    assert batch.job is not None
    for step in range(10_000):
        if not run_step(job_id=str(batch.job.pk), at=NOW + timedelta(seconds=step)):
            break
    batch.job.refresh_from_db()
    batch.refresh_from_db()
    return batch


def checked(data: bytes, by: User, *, relation_codes: str = "", **more: Any) -> ImportBatch:
    """Upload, take the guessed mapping, check."""
    batch = upload(data, by, **more)
    imports.set_mapping(
        batch=batch,
        mapping=batch.mapping,
        code_system=CodeSystem.KEMENDAGRI,
        relation_codes=relation_codes,
        by=by,
        at=NOW,
    )
    return work_off(batch)


def accepted(batch: ImportBatch, by: User, note: str = "") -> ImportBatch:
    """Accept a checked list and let the worker put it in."""
    imports.accept(batch=batch, by=by, at=NOW, note=note)
    return work_off(batch)


def causes(batch: ImportBatch) -> dict[str, int]:
    """Cause -> rows, of those that stop a row."""
    return {item["code"]: item["count"] for item in batch.causes if item["stops"]}

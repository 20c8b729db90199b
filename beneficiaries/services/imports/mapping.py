"""The second step: which column is what, in which code system; the check starts in a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.jobs.models import Job
from bansos.jobs.services import submit
from bansos.lib.errors import BadInput, Stale
from bansos.lib.sheets.mapping import normalise, require_columns
from bansos.regions.choices import CodeSystem
from beneficiaries.choices import ImportState, RelationCodes
from beneficiaries.models import ImportBatch, ImportRow
from beneficiaries.queries.rows import cell_of
from beneficiaries.rules.relations import needs_codes
from beneficiaries.services.imports.purposes import purpose_of, require_right
from beneficiaries.services.imports.regions import Place, RegionFinder, code_system_of

CHECK_JOB = "beneficiaries.check_import"
# What Dukcapil's own files call the relation; no other house uses this name.
DUKCAPIL_RELATION = normalise("STAT HBKEL")
# Enough rows to tell the code systems apart without opening a long list whole.
SAMPLED_ROWS = 500


def set_mapping(
    *,
    batch: ImportBatch,
    mapping: Mapping[str, int],
    code_system: str,
    relation_codes: str = "",
    by: User,
    at: datetime,
) -> ImportBatch:
    """Say which column is what, in whose codes, and have the list checked by a worker.

    Raises BadInput for a missing required column, a column used twice, region codes that
    contradict the chosen system, and relations in numbers of which nobody says whose they are;
    Stale when the list is being worked on or already in.
    """
    purpose = purpose_of(batch.purpose)
    require_right(purpose, by)
    expected = tuple(purpose.columns(batch.context))
    known = {column.key for column in expected}
    chosen = {
        key: place
        for key, place in mapping.items()
        if key in known and 0 <= place < len(batch.headers)
    }
    require_columns(chosen, batch.headers, expected)
    if len(set(chosen.values())) != len(chosen):
        raise BadInput(
            "IMPORT-COLUMN-TWICE",
            _("Satu kolom dipilih untuk dua isian. Pilih kolom yang berbeda."),
        )
    _refuse_wrong_codes(batch, chosen, code_system)
    codes = _relation_codes(batch, chosen, relation_codes)
    return _start_check(
        batch=batch, mapping=chosen, code_system=code_system, relation_codes=codes, by=by, at=at
    )


@transaction.atomic
def _start_check(
    *,
    batch: ImportBatch,
    mapping: dict[str, int],
    code_system: str,
    relation_codes: str,
    by: User,
    at: datetime,
) -> ImportBatch:
    row = lock_batch(batch)
    if not may_be_mapped(row):
        raise busy()
    row.mapping, row.code_system, row.state = mapping, code_system, ImportState.CHECKING
    row.relation_codes = relation_codes
    row.job = submit(
        kind=CHECK_JOB,
        title=_("Memeriksa daftar: %(purpose)s") % {"purpose": purpose_of(row.purpose).title},
        by=by,
        at=at,
        params={"id": str(row.pk)},
        total=row.counts["rows"],
    )
    row.save(update_fields=["mapping", "code_system", "relation_codes", "state", "job"])
    audit.record(
        verb="beneficiaries.map_list",
        by=by,
        at=at,
        target=row,
        columns=sorted(mapping),
        relation_codes=relation_codes,
    )
    return row


def lock_batch(batch: ImportBatch) -> ImportBatch:
    """The batch's row, locked; raises Stale when somebody refused it meanwhile."""
    row = _locked(batch.pk)
    if row is None:
        raise busy()
    return row


def batch_of(job: Job) -> ImportBatch | None:
    """The list a step works on, locked; None when it is gone or waits for another job now."""
    row = _locked(job.params["id"])
    return row if row is not None and row.job_id == job.pk else None


def _locked(pk: Any) -> ImportBatch | None:
    # Without a join to the job: who waited for the lock would get the job as it was before.
    rows = ImportBatch.objects.select_for_update().defer("sealed_file").filter(pk=pk)
    return cast("ImportBatch | None", rows.first())


def may_be_mapped(batch: ImportBatch) -> bool:
    """True before the check, after it, and when a check ended without a result."""
    if batch.state in (ImportState.UPLOADED, ImportState.CHECKED):
        return True
    return batch.state == ImportState.CHECKING and not (batch.job and batch.job.is_open)


def busy() -> Stale:
    """The refusal for a list that somebody or the worker is busy with, or that is gone."""
    return Stale(
        "IMPORT-STATE",
        _(
            "Daftar ini sedang dikerjakan atau sudah selesai. Tidak ada yang berubah. Muat ulang"
            " halaman untuk melihat keadaannya."
        ),
    )


def places_of(batch: ImportBatch, mapping: Mapping[str, int]) -> Iterator[Place]:
    """The addresses of the first rows, as text."""
    rows = ImportRow.objects.filter(batch=batch).order_by("row_number")[:SAMPLED_ROWS]
    for row in rows:
        yield place_of(row, mapping)


def place_of(row: ImportRow, mapping: Mapping[str, int]) -> Place:
    """What one row says about its address."""

    def text(key: str) -> str:
        return cell_of(row, mapping.get(key)).text

    return Place(
        village=text("village"),
        district=text("district"),
        regency=text("regency"),
        code=text("region_code"),
    )


def suggested_code_system(batch: ImportBatch, mapping: Mapping[str, Any]) -> CodeSystem | None:
    """The system the names speak for; None without codes, or when both systems fit."""
    if "region_code" not in mapping:
        return None
    finder = RegionFinder(batch.area_code, CodeSystem.KEMENDAGRI)
    return code_system_of(finder, places_of(batch, mapping))


def _refuse_wrong_codes(batch: ImportBatch, mapping: Mapping[str, int], chosen: str) -> None:
    spoken = suggested_code_system(batch, mapping)
    if spoken is None or spoken == chosen:
        return
    raise BadInput(
        "kode_wilayah_bertentangan",
        _(
            "Kode wilayah dibaca sebagai %(chosen)s, tetapi nama kabupatennya cocok dengan kode"
            " %(spoken)s. Tidak ada data yang berubah. Pilih %(spoken)s, atau periksa berkasnya."
        )
        % {"chosen": CodeSystem(chosen).label, "spoken": spoken.label},
        fields={"code_system": _("Nama kabupaten cocok dengan kode lain.")},
    )


def suggested_relation_codes(batch: ImportBatch, mapping: Mapping[str, Any]) -> str:
    """Whose numbers the column's own name speaks for; "" when it says nothing."""
    place = mapping.get("relation")
    named = place is not None and normalise(batch.headers[place]) == DUKCAPIL_RELATION
    return RelationCodes.DUKCAPIL.value if named else ""


def _relation_codes(batch: ImportBatch, mapping: Mapping[str, int], chosen: str) -> str:
    """Whose numbers the relations are; raises BadInput for numbers that nobody answers for."""
    if "relation" not in mapping:
        return ""
    spoken = suggested_relation_codes(batch, mapping)
    if spoken and chosen and chosen != spoken:
        sentence = _(
            "Nama kolom hubungan keluarga ini dipakai Dukcapil, tetapi angkanya dibaca sebagai BPS."
            " Tidak ada data yang berubah. Pilih Dukcapil, atau periksa berkasnya."
        )
        raise BadInput("IMPORT-RELATION-CODES", sentence, fields={"relation_codes": sentence})
    codes = chosen or spoken
    rows = ImportRow.objects.filter(batch=batch).order_by("row_number")[:SAMPLED_ROWS]
    if not codes and any(needs_codes(cell_of(row, mapping["relation"]).text) for row in rows):
        sentence = _(
            "Hubungan keluarga di berkas ini berupa angka, dan angka Dukcapil dan BPS berbeda arti."
            " Tidak ada data yang berubah. Pilih sandi yang dipakai berkas ini."
        )
        raise BadInput("IMPORT-RELATION-CODES", sentence, fields={"relation_codes": sentence})
    return codes

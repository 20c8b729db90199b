"""The first step of a list on its way in: read it, keep it sealed, nothing in the register yet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.crypto import open_bytes, seal_bytes
from bansos.lib.errors import NotAllowed, Refused
from bansos.lib.scopes import covers
from bansos.lib.sheets.mapping import guess_mapping
from bansos.lib.sheets.reading import Table, read_table
from bansos.lib.sheets.writing import Written
from beneficiaries.models import ImportBatch, ImportRow, Layout
from beneficiaries.queries.rows import pack_cells
from beneficiaries.services.imports.purposes import ImportPurpose, purpose_of, require_right
from beneficiaries.services.imports.references import with_references

FILE_CONTEXT = "beneficiaries.import_file"
CHUNK = 1_000


def start_import(
    *,
    purpose: str,
    context: dict[str, Any],
    area_code: str,
    data: bytes,
    file_name: str,
    by: User,
    at: datetime,
) -> ImportBatch:
    """Read an uploaded list and stage its rows encrypted; columns are guessed or remembered.

    `context` is JSON-able and holds ids only. Raises BadInput with one sentence for every file
    that is no list, NotAllowed without the right or outside the area; nothing is stored then.
    """
    kind = purpose_of(purpose)
    require_right(kind, by)
    if not covers(by.area_code, area_code):
        raise NotAllowed(
            "IMPORT-AREA",
            _("Wilayah daftar ini di luar wilayah Anda. Tidak ada yang disimpan."),
        )
    if kind.check_context is not None:
        kind.check_context({**context, "area_code": area_code}, at)
    expected = tuple(kind.columns(context))
    table = read_table(data, file_name, expected=expected)
    batch = ImportBatch(
        purpose=purpose,
        context=context,
        area_code=area_code,
        file_name=PurePosixPath(file_name.replace("\\", "/")).name[:150],
        sha256=hashlib.sha256(data).hexdigest(),
        sealed_file=seal_bytes(data, context=FILE_CONTEXT),
        sheet=table.sheet_name[:80],
        signature=table.signature,
        headers=list(table.headers),
        mapping=guess_mapping(table.headers, expected),
        counts={"rows": len(table.rows), "ignored": len(table.ignored)},
        created_at=at,
        created_by=by,
    )
    _remember(batch, kind)
    _stage(batch, table, by, at)
    return batch


def _remember(batch: ImportBatch, purpose: ImportPurpose) -> None:
    """The choices made for the last file of this layout, in this area, win over the guess."""
    layout = Layout.objects.filter(
        purpose=batch.purpose, signature=batch.signature, area_code=batch.area_code
    ).first()
    if layout is None:
        return
    known = {column.key for column in purpose.columns(batch.context)}
    batch.mapping = {key: place for key, place in layout.mapping.items() if key in known}
    batch.code_system = layout.code_system
    batch.relation_codes = layout.relation_codes


@transaction.atomic
def _stage(batch: ImportBatch, table: Table, by: User, at: datetime) -> None:
    batch.save(force_insert=True)
    remaining = iter(table.rows)
    while chunk := list(islice(remaining, CHUNK)):
        ImportRow.objects.bulk_create(
            ImportRow(
                batch=batch,
                row_number=row.row_number,
                values={"cells": pack_cells(row), "source": row.source_row},
            )
            for row in chunk
        )
    audit.record(
        verb="beneficiaries.upload_list",
        by=by,
        at=at,
        target=batch,
        purpose=batch.purpose,
        rows=len(table.rows),
        sha256=batch.sha256,
    )


@transaction.atomic
def original_file(*, batch: ImportBatch, by: User, at: datetime) -> bytes:
    """The file as it was uploaded, while it is kept; the trail says who took it."""
    if batch.sealed_file is None:
        raise Refused(
            "IMPORT-FILE-GONE",
            _("Berkas asli sudah dihapus sesudah daftarnya dimasukkan."),
        )
    audit.record(verb="beneficiaries.download_list", by=by, at=at, target=batch)
    return open_bytes(bytes(batch.sealed_file), context=FILE_CONTEXT)


def record_download(*, batch: ImportBatch, by: User, at: datetime) -> None:
    """The rows to correct hold personal data: the trail says who took them."""
    audit.record(verb="beneficiaries.download_errors", by=by, at=at, target=batch)


def prefilled_rows(
    *, purpose: ImportPurpose, context: dict[str, Any], by: User, at: datetime
) -> list[Mapping[str, Written]]:
    """Rows of a template that is filled with what is known; the trail says who took it.

    Numbers are masked: the limit of opened numbers holds for files too. A row that comes back is
    known by its reference. Empty for a purpose that fills nothing. Raises NotAllowed.
    """
    require_right(purpose, by)
    if purpose.prefill is None:
        return []
    rows = with_references(purpose.prefill(context, by))
    audit.record(
        verb="beneficiaries.download_template",
        by=by,
        at=at,
        target=by,
        purpose=purpose.key,
        rows=len(rows),
    )
    return rows

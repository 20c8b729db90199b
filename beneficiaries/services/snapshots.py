"""Loading dated registry lists: DTSEN, PKH, deaths, exclusions. Facts of a day, never edited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.crypto import blind_index
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.scopes import covers
from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.models import Snapshot, SnapshotEntry

BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class SnapshotRow:
    """One row of a registry list; `key` is the NIK or KK number in clear, never stored so."""

    key_kind: KeyKind
    key: str
    desil: int | None = None
    code: str = ""
    happened_on: date | None = None


@transaction.atomic
def load_snapshot(
    *,
    kind: SnapshotKind,
    label: str,
    as_of: date,
    source: str,
    bast_number: str,
    bast_date: date | None,
    area_code: str,
    rows: Iterable[SnapshotRow],
    by: User,
    at: datetime,
) -> Snapshot:
    """Load a whole list at once; a key named twice counts once.

    Raises what open_snapshot() raises.
    """
    snapshot = open_snapshot(
        kind=kind,
        label=label,
        as_of=as_of,
        source=source,
        bast_number=bast_number,
        bast_date=bast_date,
        area_code=area_code,
        by=by,
        at=at,
    )
    remaining = iter(rows)
    while chunk := list(islice(remaining, BATCH)):
        add_entries(snapshot=snapshot, rows=chunk)
    return close_snapshot(snapshot=snapshot, by=by, at=at)


@transaction.atomic
def open_snapshot(
    *,
    kind: SnapshotKind,
    label: str,
    as_of: date,
    source: str,
    bast_number: str,
    bast_date: date | None,
    area_code: str,
    by: User,
    at: datetime,
) -> Snapshot:
    """The head of a list that is loaded in steps; it answers nobody until it is closed.

    Raises NotAllowed outside the user's area, Refused when the label is taken, BadInput for a day
    in the future or DTSEN without its hand-over record (BAST; Peraturan BPS 6/2025).
    """
    if not covers(by.area_code, area_code):
        raise NotAllowed(
            "SNAPSHOT-AREA",
            _("Wilayah potret di luar wilayah Anda. Tidak ada yang disimpan."),
        )
    check_snapshot(
        kind=kind,
        label=label,
        as_of=as_of,
        area_code=area_code,
        bast=bool(bast_number and bast_date),
        today=day_of(at),
    )
    return Snapshot.objects.create(
        kind=kind,
        label=label,
        as_of=as_of,
        source=source,
        bast_number=bast_number,
        bast_date=bast_date,
        area_code=area_code,
        loaded_at=at,
        loaded_by=by,
    )


def check_snapshot(
    *, kind: str, label: str, as_of: date, area_code: str, bast: bool, today: date
) -> None:
    """Raises what open_snapshot() would raise about the head of a list, before anything is read."""
    if kind == SnapshotKind.DTSEN and not bast:
        sentence = _("Nomor dan tanggal BAST wajib diisi untuk DTSEN.")
        raise BadInput("SNAPSHOT-BAST", sentence, fields={"bast_number": sentence})
    if as_of > today:
        sentence = _("Tanggal potret tidak boleh di masa depan.")
        raise BadInput("SNAPSHOT-DATE", sentence, fields={"as_of": sentence})
    if Snapshot.objects.filter(kind=kind, label=label, area_code=area_code).exists():
        sentence = _("Potret dengan nama ini sudah ada. Tidak ada yang berubah. Beri nama lain.")
        raise Refused("SNAPSHOT-EXISTS", sentence, fields={"label": sentence})


def add_entries(*, snapshot: Snapshot, rows: Sequence[SnapshotRow]) -> None:
    """Add rows to an open snapshot by blind index; a key already there is left as it is."""
    SnapshotEntry.objects.bulk_create(
        [
            SnapshotEntry(
                snapshot=snapshot,
                key_kind=row.key_kind,
                key_index=blind_index(row.key, str(row.key_kind)),
                desil=row.desil,
                code=row.code[:40],
                happened_on=row.happened_on,
            )
            for row in rows
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


@transaction.atomic
def close_snapshot(*, snapshot: Snapshot, by: User, at: datetime) -> Snapshot:
    """Count the rows; from now on the snapshot answers."""
    snapshot.row_count = snapshot.entries.count()
    snapshot.is_complete = True
    snapshot.save(update_fields=["row_count", "is_complete"])
    audit.record(
        verb="beneficiaries.load_snapshot",
        by=by,
        at=at,
        target=snapshot,
        kind=snapshot.kind,
        rows=snapshot.row_count,
        bast=snapshot.bast_number,
    )
    return snapshot

"""The purpose that loads registry lists (DTSEN, PKH, deaths, exclusions) with their BAST."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.dates import day_of
from bansos.lib.money import number
from bansos.lib.nik import check_kk, check_nik
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from beneficiaries.choices import FAMILY_LISTS, KeyKind, SnapshotKind
from beneficiaries.models import ImportBatch, ImportRow, Person, Snapshot
from beneficiaries.queries.rows import data_of
from beneficiaries.services.imports.columns import people_columns
from beneficiaries.services.imports.purposes import ImportPurpose, RowCheck
from beneficiaries.services.imports.weighing import weigh
from beneficiaries.services.snapshots import (
    SnapshotRow,
    add_entries,
    check_snapshot,
    close_snapshot,
    open_snapshot,
)

KEY = "beneficiaries.snapshot"


def columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """The columns of one kind of list: its key, and the one fact it brings."""
    kind = context["kind"]
    keys = people_columns("no", "nik", "kk", nik={"required": kind == SnapshotKind.DEATH})
    facts = {
        SnapshotKind.DTSEN: ExpectedColumn(
            "desil", "DESIL", ("DESIL NASIONAL", "DESIL KELUARGA"), True, ColumnKind.NUMBER
        ),
        SnapshotKind.PKH: ExpectedColumn(
            "code", "NO PKH", ("NOMOR PKH", "NO PESERTA PKH"), kind=ColumnKind.DIGITS
        ),
        SnapshotKind.SEMBAKO: ExpectedColumn(
            "code",
            "NO KKS",
            ("NOMOR KKS", "NOMOR KARTU KELUARGA SEJAHTERA"),
            kind=ColumnKind.DIGITS,
        ),
        SnapshotKind.DEATH: ExpectedColumn(
            "happened_on",
            "TANGGAL MENINGGAL",
            ("TGL MENINGGAL", "TANGGAL KEMATIAN", "TGL KEMATIAN"),
            kind=ColumnKind.DATE,
        ),
        SnapshotKind.DISABILITY: ExpectedColumn(
            "code", "JENIS DISABILITAS", ("JENIS", "RAGAM DISABILITAS", "DISABILITAS")
        ),
    }
    barred = ExpectedColumn("code", "KATEGORI", ("KODE", "ALASAN", "STATUS", "PEKERJAAN"))
    return (*keys, facts.get(SnapshotKind(kind), barred))


def _key_of(batch: ImportBatch, data: dict[str, Any]) -> tuple[KeyKind, str] | None:
    """What a row is found by: the family for desil and PKH when it is given, else the person."""
    nik, kk = data.get("nik", ""), data.get("kk", "")
    personal = batch.context["kind"] not in FAMILY_LISTS
    if kk and not (personal and nik):
        return KeyKind.KK, kk
    return (KeyKind.NIK, nik) if nik else None


def check(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """A sound key and a sound fact in every row; who is known is shown as an effect."""
    known = _known_people(checks)
    for item in checks:
        key = _key_of(batch, item.values)
        if key is None:
            if not item.problems:
                item.problem("nik", "kunci_kosong", _("NIK dan nomor KK kosong."))
            continue
        kind, text = key
        found = check_nik(text) if kind == KeyKind.NIK else check_kk(text)
        if found.errors:
            item.problem(kind.value, f"{kind.value}_tidak_sah", found.errors[0][1])
        _check_desil(item)
        item.row.person = known.get(item.row.nik_index)


def _known_people(checks: list[RowCheck]) -> dict[str, Person]:
    wanted = {item.row.nik_index for item in checks} - {""}
    return {str(row.nik_index): row for row in Person.objects.filter(nik_index__in=wanted)}


def _check_desil(item: RowCheck) -> None:
    if "desil" not in item.values:
        return
    text = str(item.values["desil"]).strip()
    if text and not (text.isdigit() and 1 <= int(text) <= 10):
        item.problem("desil", "desil_tidak_sah", _("Desil harus angka 1 sampai 10."))


def accept(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Add the rows to the snapshot, which is opened by the first of them."""
    snapshot = _snapshot_of(batch, by, at)
    entries = []
    for row in rows:
        data = data_of(row)
        key = _key_of(batch, data)
        if key is None:
            continue
        happened_on = data.get("happened_on")
        entries.append(
            SnapshotRow(
                key_kind=key[0],
                key=key[1],
                desil=int(data["desil"]) if data.get("desil") else None,
                code=data.get("code", ""),
                happened_on=date.fromisoformat(happened_on) if happened_on else None,
            )
        )
    add_entries(snapshot=snapshot, rows=entries)


def _snapshot_of(batch: ImportBatch, by: User, at: datetime) -> Snapshot:
    context = batch.context
    if "snapshot" in context:
        return Snapshot.objects.get(pk=context["snapshot"])
    snapshot = open_snapshot(
        kind=SnapshotKind(context["kind"]),
        label=context["label"],
        as_of=date.fromisoformat(context["as_of"]),
        source=context["source"],
        bast_number=context["bast_number"],
        bast_date=date.fromisoformat(context["bast_date"]) if context["bast_date"] else None,
        area_code=batch.area_code,
        by=by,
        at=at,
    )
    batch.context = {**context, "snapshot": snapshot.pk}
    batch.save(update_fields=["context"])
    return snapshot


def finish(batch: ImportBatch, by: User, at: datetime) -> None:
    """All rows are in: the snapshot answers from now on."""
    close_snapshot(snapshot=_snapshot_of(batch, by, at), by=by, at=at)


def check_context(context: dict[str, Any], at: datetime) -> None:
    """Refuse a taken label or a missing BAST before the file is read."""
    check_snapshot(
        kind=context["kind"],
        label=context["label"],
        as_of=date.fromisoformat(context["as_of"]),
        area_code=context["area_code"],
        bast=bool(context["bast_number"] and context["bast_date"]),
        today=day_of(at),
    )


def describe(batch: ImportBatch) -> str:
    """The kind and the label of the list."""
    return f"{SnapshotKind(batch.context['kind']).label}: {batch.context['label']}"


def effects(batch: ImportBatch) -> list[str]:
    """How many open proposals and recipients are touched, and how many people are named at all."""
    rows = batch.rows.filter(problems=[])
    touched = Person.objects.filter(
        Q(nik_index__in=rows.exclude(nik_index="").values("nik_index"))
        | Q(family__kk_index__in=rows.exclude(kk_index="").values("kk_index")),
        area_code__startswith=batch.area_code,
    ).count()
    touched_cases = batch.effects.aggregate(
        proposals=Coalesce(Sum("proposals"), 0), recipients=Coalesce(Sum("recipients"), 0)
    )
    return [
        _("%(proposals)s usulan terbuka dan %(recipients)s penerima terkena.")
        % {key: number(count) for key, count in touched_cases.items()},
        _("%(count)s orang di daftar penerima disebut dalam daftar ini.")
        % {"count": number(touched)},
        _("Desil, PKH, kematian, dan pengecualian mereka dibaca dari potret ini sejak dimuat."),
    ]


def done_url(batch: ImportBatch) -> str:
    """The loaded snapshot, or all of them."""
    if "snapshot" in batch.context:
        return reverse("beneficiaries:snapshot", args=[batch.context["snapshot"]])
    return reverse("beneficiaries:snapshots")


SNAPSHOT_LIST = ImportPurpose(
    key=KEY,
    title=gettext_lazy("Potret data"),
    hint=gettext_lazy("Memuat DTSEN, PKH, E-Disabilitas, kematian, atau daftar pengecualian."),
    permission=Permission.SNAPSHOT_IMPORT,
    columns=columns,
    check=check,
    accept=accept,
    finish=finish,
    describe=describe,
    done_url=done_url,
    about_people=False,
    check_context=check_context,
    effects=effects,
    weigh=weigh,
    instructions=(
        gettext_lazy("Isi nomor KK untuk DTSEN dan PKH, NIK untuk daftar lainnya."),
        gettext_lazy("Desil diambil apa adanya dari BPS dan tidak dapat diubah sesudah dimuat."),
    ),
)

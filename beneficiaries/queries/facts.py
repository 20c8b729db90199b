"""What is known about people on a day, from the newest snapshot of each kind: few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import prefetch_related_objects

from bansos.lib.dates import short_date
from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.models import Person, Snapshot, SnapshotEntry


@dataclass(frozen=True)
class Facts:
    """One person on one day. None means nobody knows: no snapshot, or not in it."""

    birth_date: date | None
    sex: str
    area_code: str
    village_id: str | None
    family_id: int | None
    kk_prefix: str
    died_on: date | None = None
    death_source: str = ""
    in_dtsen: bool | None = None
    desil: int | None = None
    desil_source: str = ""
    desil_as_of: date | None = None
    in_regular_pkh: bool | None = None
    pkh_source: str = ""
    in_sembako: bool | None = None
    sembako_source: str = ""
    exclusion_codes: tuple[str, ...] = ()
    exclusion_source: str = ""
    home_outside: str = ""
    # The exclusion lists that were there to look in: one that is missing says nothing.
    exclusion_kinds: tuple[str, ...] = ()
    exclusion_hits: tuple[str, ...] = ()
    in_disability_register: bool | None = None
    disability_source: str = ""


# Kind of exclusion list -> what a row without a code of its own is called.
EXCLUSIONS: dict[str, str] = {
    SnapshotKind.ASN: "ASN",
    SnapshotKind.FORCES: "TNI/POLRI",
    SnapshotKind.COMPANION: "PENDAMPING",
    SnapshotKind.EXCLUSION: "tanpa kode",
}
Key = tuple[str, str]
Entries = dict[int, dict[Key, SnapshotEntry]]


def facts_about(persons: Sequence[Person], *, on: date) -> dict[int, Facts]:
    """Person id -> facts on that day.

    Of each kind the newest snapshot with `as_of` on or before the day counts whose area holds the
    person. Desil and PKH stand for the family (KK) and may also be given for the person (NIK).
    Deaths are looked up in every list: who is dead stays dead. Four queries, or five when the
    families are not loaded yet.
    """
    prefetch_related_objects(list(persons), "family")
    snapshots = snapshots_on(on)
    entries = _entries(snapshots, persons)
    return {person.pk: _facts(person, snapshots, entries, on) for person in persons}


def snapshots_on(on: date) -> dict[str, list[Snapshot]]:
    """Kind -> complete snapshots as of that day or earlier, newest first."""
    found: dict[str, list[Snapshot]] = defaultdict(list)
    rows = Snapshot.objects.filter(as_of__lte=on, is_complete=True)
    for snapshot in rows.order_by("-as_of", "-pk"):
        found[snapshot.kind].append(snapshot)
    return found


def source_words(snapshot: Snapshot) -> str:
    """A snapshot as a source is quoted: "DTSEN v3 (10-07-2026)"."""
    return f"{snapshot.label} ({short_date(snapshot.as_of)})"


def _keys(person: Person) -> list[Key]:
    """The person's keys in the registries, the family's first."""
    kk_index = person.family.kk_index if person.family else None
    pairs = ((KeyKind.KK.value, kk_index), (KeyKind.NIK.value, person.nik_index))
    return [(kind, index) for kind, index in pairs if index]


def _relevant(snapshots: dict[str, list[Snapshot]], areas: Collection[str]) -> Iterable[Snapshot]:
    for kind, rows in snapshots.items():
        if kind == SnapshotKind.DEATH:
            # Of every area: somebody who moved is in the list of where they died.
            yield from rows
            continue
        for area in areas:
            yield from [row for row in rows if area.startswith(row.area_code)][:1]


def _entries(snapshots: dict[str, list[Snapshot]], persons: Sequence[Person]) -> Entries:
    wanted = {row.pk for row in _relevant(snapshots, {p.area_code for p in persons})}
    indexes = {index for person in persons for _kind, index in _keys(person)}
    found: Entries = defaultdict(dict)
    rows = SnapshotEntry.objects.filter(snapshot__in=wanted, key_index__in=indexes)
    for entry in rows.order_by("pk"):
        found[entry.snapshot_id][entry.key_kind, entry.key_index] = entry
    return found


def _newest(snapshots: dict[str, list[Snapshot]], kind: str, person: Person) -> Snapshot | None:
    rows = snapshots.get(kind, [])
    return next((row for row in rows if person.area_code.startswith(row.area_code)), None)


def _entry(entries: Entries, snapshot: Snapshot, person: Person) -> SnapshotEntry | None:
    known = entries.get(snapshot.pk, {})
    return next((known[key] for key in _keys(person) if key in known), None)


def _facts(
    person: Person, snapshots: dict[str, list[Snapshot]], entries: Entries, on: date
) -> Facts:
    dtsen = _newest(snapshots, SnapshotKind.DTSEN, person)
    pkh = _newest(snapshots, SnapshotKind.PKH, person)
    sembako = _newest(snapshots, SnapshotKind.SEMBAKO, person)
    register = _newest(snapshots, SnapshotKind.DISABILITY, person)
    family = _entry(entries, dtsen, person) if dtsen else None
    lists = [row for kind in EXCLUSIONS if (row := _newest(snapshots, kind, person))]
    barred = [(row, found) for row in lists if (found := _entry(entries, row, person))]
    died_on, death_source = _death(person, snapshots, entries, on)
    return Facts(
        birth_date=person.birth_date,
        sex=person.sex,
        area_code=person.area_code,
        village_id=person.village_id,
        family_id=person.family_id,
        kk_prefix=person.family.kk[:6] if person.family else "",
        died_on=died_on,
        death_source=death_source,
        in_dtsen=(family is not None) if dtsen else None,
        desil=family.desil if family else None,
        desil_source=source_words(dtsen) if dtsen else "",
        desil_as_of=dtsen.as_of if dtsen else None,
        in_regular_pkh=(_entry(entries, pkh, person) is not None) if pkh else None,
        pkh_source=source_words(pkh) if pkh else "",
        in_sembako=(_entry(entries, sembako, person) is not None) if sembako else None,
        sembako_source=source_words(sembako) if sembako else "",
        home_outside=person.home_outside,
        exclusion_codes=tuple(found.code or EXCLUSIONS[row.kind] for row, found in barred),
        exclusion_source=", ".join(
            source_words(row) for row in ([row for row, _found in barred] or lists)
        ),
        exclusion_kinds=tuple(row.kind for row in lists),
        exclusion_hits=tuple(row.kind for row, _found in barred),
        in_disability_register=(_entry(entries, register, person) is not None)
        if register
        else None,
        disability_source=source_words(register) if register else "",
    )


def _death(
    person: Person, snapshots: dict[str, list[Snapshot]], entries: Entries, on: date
) -> tuple[date | None, str]:
    if person.died_on and person.died_on <= on:
        return person.died_on, person.death_source
    key = (KeyKind.NIK.value, person.nik_index or "")
    for snapshot in snapshots.get(SnapshotKind.DEATH, []):
        entry = entries.get(snapshot.pk, {}).get(key)
        if entry is not None:
            return entry.happened_on or snapshot.as_of, source_words(snapshot)
    return None, ""

"""What a registry list would change for people with open proposals or a place in a programme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from beneficiaries.choices import FAMILY_LISTS, SnapshotKind
from beneficiaries.models import ImportBatch, ImportEffect, ImportRow, Person
from beneficiaries.queries.facts import Facts, facts_about, snapshots_on
from beneficiaries.queries.rows import data_of

PEOPLE = 500


@dataclass(frozen=True)
class OpenCase:
    """How much of one person is open: proposals not yet decided, places held, and where."""

    person_id: int
    proposals: int
    recipients: int
    programmes: str


# The app above names it at start: (area code, person id, how many) -> the next people after that
# id with open cases, in the order of their ids.
Lookup = Callable[[str, int, int], list[OpenCase]]
OPEN_CASES: list[Lookup] = []


def weigh(batch: ImportBatch, after: int, today: date) -> int | None:
    """Keep the effect on the next people with open cases; their last id, or None at the end."""
    cases = {
        case.person_id: case
        for lookup in OPEN_CASES
        for case in lookup(batch.area_code, after, PEOPLE)
    }
    if not cases:
        return None
    people = list(Person.objects.filter(pk__in=cases).select_related("family").order_by("pk"))
    effects = []
    for person, before, now in changes_for(batch, people, today):
        case = cases[person.pk]
        effects.append(
            ImportEffect(
                batch=batch,
                person=person,
                before=before,
                after=now,
                proposals=case.proposals,
                recipients=case.recipients,
                programmes=case.programmes[:250],
            )
        )
    ImportEffect.objects.bulk_create(effects)
    return max(cases)


def changes_for(
    batch: ImportBatch, people: Sequence[Person], today: date
) -> list[tuple[Person, str, str]]:
    """(person, before, after) in words, of whom the list would change something; else left out."""
    kind = SnapshotKind(batch.context["kind"])
    if kind != SnapshotKind.DEATH and _is_older(batch, today):
        return []
    facts = facts_about(people, on=today)
    rows = _rows_of(batch, people)
    found = []
    for person in people:
        if not person.area_code.startswith(batch.area_code):
            continue
        row = next((rows[key] for key in _keys(person) if key in rows), None)
        before, after = _before(kind, facts[person.pk]), _after(kind, row, facts[person.pk])
        if before != after:
            found.append((person, before, after))
    return found


def _is_older(batch: ImportBatch, today: date) -> bool:
    """A list older than the one in use changes nobody: the newest answers."""
    as_of = date.fromisoformat(batch.context["as_of"])
    used = snapshots_on(today).get(batch.context["kind"], [])
    return any(row.as_of > as_of and batch.area_code.startswith(row.area_code) for row in used)


def _keys(person: Person) -> list[tuple[str, str]]:
    """As the list is read: the family's number first, then the person's own."""
    pairs = [("kk", person.family.kk_index if person.family else ""), ("nik", person.nik_index)]
    return [(kind, str(index)) for kind, index in pairs if index]


def _rows_of(batch: ImportBatch, people: Sequence[Person]) -> dict[tuple[str, str], ImportRow]:
    indexes = {key for person in people for key in _keys(person)}
    rows = batch.rows.filter(problems=[])
    known: dict[tuple[str, str], ImportRow] = {}
    by_nik = rows.filter(nik_index__in=[index for kind, index in indexes if kind == "nik"])
    for row in by_nik.order_by("row_number"):
        known.setdefault(("nik", row.nik_index), row)
    if batch.context["kind"] in FAMILY_LISTS:
        by_kk = rows.filter(kk_index__in=[index for kind, index in indexes if kind == "kk"])
        for row in by_kk.order_by("row_number"):
            known.setdefault(("kk", row.kk_index), row)
    return known


def _before(kind: SnapshotKind, facts: Facts) -> str:
    if kind == SnapshotKind.DTSEN:
        return _registered(facts.in_dtsen, facts.desil)
    if kind == SnapshotKind.DEATH:
        return _("Tercatat meninggal") if facts.died_on else _("Hidup")
    if kind == SnapshotKind.PKH:
        return _listed(facts.in_regular_pkh)
    if kind == SnapshotKind.SEMBAKO:
        return _listed(facts.in_sembako)
    if kind == SnapshotKind.DISABILITY:
        return _listed(facts.in_disability_register)
    return _listed(_barred(kind, facts))


def _barred(kind: SnapshotKind, facts: Facts) -> bool | None:
    """Whether this very exclusion list names the person; None when it was never loaded."""
    if kind not in facts.exclusion_kinds:
        return None
    return kind in facts.exclusion_hits


def _after(kind: SnapshotKind, row: ImportRow | None, facts: Facts) -> str:
    data: dict[str, Any] = data_of(row) if row is not None else {}
    if kind == SnapshotKind.DTSEN:
        desil = int(data["desil"]) if data.get("desil") else None
        return _registered(row is not None, desil)
    if kind == SnapshotKind.DEATH:
        return _("Tercatat meninggal") if row is not None or facts.died_on else _("Hidup")
    return _listed(row is not None)


def _registered(known: bool | None, desil: int | None) -> str:
    if known is None:
        return _("Belum diketahui")
    if not known:
        return _("Tidak terdaftar di DTSEN")
    return _("Desil %(desil)d") % {"desil": desil} if desil else _("Terdaftar, desil belum ada")


def _listed(known: bool | None) -> str:
    if known is None:
        return _("Belum diketahui")
    return _("Ada di daftar") if known else _("Tidak ada di daftar")

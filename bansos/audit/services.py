"""Writes the trail: record an event, seal the chain, verify it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction

from bansos.audit.models import Event, Seal
from bansos.audit.rules import FIRST, link
from bansos.lib.faults import point

# Any constant will do; it must only differ from other advisory locks of the project.
SEAL_LOCK = 7_301
BATCH = 1000


def plain(value: Any) -> Any:
    """A value as JSON keeps it, without losing a sen."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, Decimal | datetime) or hasattr(value, "isoformat"):
        return str(value)
    if isinstance(value, str | int | bool) or value is None:
        return value
    return str(value)


def record(
    *,
    verb: str,
    by: Any,
    at: datetime,
    target: models.Model,
    area_code: str = "",
    reason: str = "",
    **data: Any,
) -> Event:
    """Add one event in the caller's transaction; the arguments are those of event()."""
    row = event(verb=verb, by=by, at=at, target=target, area_code=area_code, reason=reason, **data)
    row.save(force_insert=True)
    point("audit.recorded")
    return row


def record_many(events: Iterable[Event]) -> None:
    """Add prepared events in the caller's transaction, in their order, with one statement."""
    Event.objects.bulk_create(list(events), batch_size=BATCH)


def event(
    *,
    verb: str,
    by: Any,
    at: datetime,
    target: models.Model,
    area_code: str = "",
    reason: str = "",
    **data: Any,
) -> Event:
    """One event, not yet saved; `data` holds no personal data.

    `verb` reads "<app>.<act>" ("disbursements.approve_list"); `by` is a user or None (system).
    The area is the given one, else the target's, else the actor's: an event without any would be
    seen by no auditor.
    """
    return Event(
        at=at,
        actor_id=getattr(by, "pk", None),
        actor_name=str(getattr(by, "full_name", "") or "Sistem"),
        actor_role=str(getattr(by, "role", "")),
        verb=verb,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        area_code=area_code or getattr(target, "area_code", "") or getattr(by, "area_code", ""),
        reason=reason,
        data=plain(data),
    )


@transaction.atomic
def seal(*, at: datetime) -> int:
    """Chain every event that has no seal yet; returns how many. One sealer at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
    last = Seal.objects.order_by("-position").first()
    position, previous = (last.position, last.hash) if last else (0, FIRST)
    waiting = Event.objects.extra(  # noqa: S610  a constant anti-join, faster than NOT IN
        where=["NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.event_id = audit_event.id)"]
    ).order_by("pk")
    seals = []
    for event in waiting.iterator(chunk_size=BATCH):
        position += 1
        digest = link(previous, event.fingerprint())
        seals.append(
            Seal(
                position=position,
                event_id=event.pk,
                previous_hash=previous,
                hash=digest,
                sealed_at=at,
            )
        )
        previous = digest
    Seal.objects.bulk_create(seals, batch_size=BATCH)
    point("audit.sealed")
    return len(seals)


@dataclass(frozen=True)
class Verdict:
    """What the check of the chain found: how many links, the head, the breaches in words."""

    links: int
    head: str
    breaches: list[str]


def verify(*, at: datetime) -> Verdict:
    """Recompute the whole chain; names every changed, missing, moved or long-unsealed event."""
    breaches: list[str] = []
    previous, count = FIRST, 0
    for seal_row, event in _chain():
        count += 1
        if seal_row.position != count:
            breaches.append(f"Mata rantai {count} hilang (ditemukan {seal_row.position}).")
            count = seal_row.position
        if seal_row.previous_hash != previous:
            breaches.append(f"Mata rantai {seal_row.position} tidak menyambung.")
        if event is None:
            breaches.append(f"Kejadian {seal_row.event_id} dihapus.")
        elif link(seal_row.previous_hash, event.fingerprint()) != seal_row.hash:
            breaches.append(f"Kejadian {seal_row.event_id} diubah sesudah disegel.")
        previous = seal_row.hash
    old = at - timedelta(minutes=10)
    unsealed = Event.objects.filter(at__lt=old).exclude(pk__in=Seal.objects.values("event_id"))
    breaches += [
        f"Kejadian {pk} belum disegel lebih dari 10 menit."
        for pk in unsealed.values_list("pk", flat=True)[:20]
    ]
    return Verdict(links=count, head=previous, breaches=breaches)


def _chain() -> Iterator[tuple[Seal, Event | None]]:
    batch: list[Seal] = []
    for row in Seal.objects.order_by("position").iterator(chunk_size=BATCH):
        batch.append(row)
        if len(batch) == BATCH:
            yield from _paired(batch)
            batch = []
    yield from _paired(batch)


def _paired(batch: list[Seal]) -> Iterator[tuple[Seal, Event | None]]:
    events = Event.objects.in_bulk([row.event_id for row in batch])
    for row in batch:
        yield row, events.get(row.event_id)

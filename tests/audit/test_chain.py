"""The trail cannot be changed, and a change made behind the database's back is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from bansos.audit import services
from bansos.audit.models import Event, Seal
from bansos.jobs.models import Job
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def record(cast: Cast, count: int = 3) -> list[Event]:
    now = timezone.now()
    return [
        services.record(verb="tests.act", by=cast.budi, at=now, target=cast.sari, step=step)
        for step in range(count)
    ]


def disable_triggers(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def test_sealed_events_verify(cast: Cast) -> None:
    record(cast)
    assert services.seal(at=timezone.now()) == 3
    verdict = services.verify(at=timezone.now())
    assert verdict.breaches == []
    assert verdict.links == 3


def test_sealing_twice_adds_only_what_is_new(cast: Cast) -> None:
    record(cast)
    services.seal(at=timezone.now())
    record(cast, 2)
    assert services.seal(at=timezone.now()) == 2
    assert list(Seal.objects.order_by("position").values_list("position", flat=True)) == [
        1,
        2,
        3,
        4,
        5,
    ]


@pytest.mark.parametrize("act", ["UPDATE audit_event SET reason='x'", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_an_event(cast: Cast, act: str) -> None:
    record(cast, 1)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act)


def test_the_database_refuses_to_change_a_seal(cast: Cast) -> None:
    record(cast, 1)
    services.seal(at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Seal.objects.update(hash="0" * 64)


def test_a_changed_event_is_named(cast: Cast) -> None:
    events = record(cast)
    services.seal(at=timezone.now())
    disable_triggers("audit_event")
    Event.objects.filter(pk=events[1].pk).update(actor_name="Orang lain")
    breaches = services.verify(at=timezone.now()).breaches
    assert breaches == [f"Kejadian {events[1].pk} diubah sesudah disegel."]


def test_a_deleted_event_is_named(cast: Cast) -> None:
    events = record(cast)
    services.seal(at=timezone.now())
    disable_triggers("audit_event")
    Event.objects.filter(pk=events[0].pk).delete()
    assert f"Kejadian {events[0].pk} dihapus." in services.verify(at=timezone.now()).breaches


def test_a_removed_link_is_named(cast: Cast) -> None:
    record(cast)
    services.seal(at=timezone.now())
    disable_triggers("audit_seal")
    Seal.objects.filter(position=2).delete()
    breaches = services.verify(at=timezone.now()).breaches
    assert "Mata rantai 2 hilang (ditemukan 3)." in breaches
    assert "Mata rantai 3 tidak menyambung." in breaches


def test_an_event_that_stays_unsealed_is_named(cast: Cast) -> None:
    event = record(cast, 1)[0]
    later = timezone.now() + timedelta(minutes=11)
    assert services.verify(at=later).breaches == [
        f"Kejadian {event.pk} belum disegel lebih dari 10 menit."
    ]


def test_an_event_without_an_area_takes_that_of_its_actor(cast: Cast) -> None:
    job = Job.objects.create(kind="tests.act", title="x", owner=cast.sari, created_at=NOW)
    event = services.record(verb="tests.act", by=cast.sari, at=NOW, target=job)
    assert event.area_code == cast.sari.area_code
    assert Event.objects.visible_to(cast.aud).filter(pk=event.pk).exists()
    assert not Event.objects.visible_to(cast.kalt).filter(pk=event.pk).exists()

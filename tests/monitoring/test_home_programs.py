"""Home tells who may answer of places on their way and of premium lists, and only them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from monitoring.queries.duties import Heap, heaps_for
from programs.models import Quota
from programs.services import quotas
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.programs.stage import AT, pkh_plus
from tests.programs.test_premiums import AT as MONTH
from tests.programs.test_premiums import Premiums, premiums

pytestmark = pytest.mark.django_db
__all__ = ["premiums"]


def heap_of(user: Any, key: str) -> Heap | None:
    return next((heap for heap in heaps_for(user) if heap.key == key), None)


def test_places_on_their_way_wait_for_the_approver(cast: Cast, client: Client) -> None:
    version = pkh_plus(cast, quota_total=20)
    for area, places in (("35.19", 6), ("35.20", 5)):
        Quota.objects.create(version=version, area_code=area, places=places)
    shift = quotas.propose_shift(
        version=version,
        from_area="35.19",
        to_area="35.20",
        places=4,
        reason="Daftar tunggu panjang",
        by=cast.budi,
        at=AT,
    )
    heap = heap_of(cast.hadi, "shifts")
    assert heap is not None
    [piece] = heap.pieces
    assert (heap.count, piece.title) == (1, "PKH Plus 2026, 4 tempat")
    assert (piece.area, piece.since) == ("Kabupaten Magetan", AT)
    client.force_login(cast.hadi)
    assert client.get(piece.href).status_code == 200
    assert "Pemindahan kuota menunggu persetujuan" in client.get("/").content.decode()
    for other in (cast.budi, cast.sari, cast.ratna, cast.kalt):
        assert heap_of(other, "shifts") is None
    quotas.decide_shift(shift=shift, approve=True, by=cast.hadi, at=AT)
    assert heap_of(cast.hadi, "shifts") is None


def test_premiums_wait_for_the_verifier_then_for_the_office(
    cast: Cast, premiums: Premiums, client: Client
) -> None:
    month = premiums.open()
    assert heap_of(cast.vera, "premiums") is None
    line = premiums.add(month, PersonFactory())
    heap = heap_of(cast.vera, "premiums")
    assert heap is not None
    [piece] = heap.pieces
    assert (heap.count, piece.people, piece.area) == (1, 1, "Kabupaten Madiun")
    assert (piece.title, piece.since) == ("Premi BPJS Kesehatan, Maret 2026", MONTH)
    client.force_login(cast.vera)
    assert client.get(piece.href).status_code == 200
    for other in (cast.sari, cast.lain, cast.kalt, cast.hadi):
        assert heap_of(other, "premiums") is None
    assert heap_of(cast.budi, "premiums_send") is None

    premiums.decide(line)
    assert heap_of(cast.vera, "premiums") is None
    ready = heap_of(cast.budi, "premiums_send")
    assert ready is not None
    assert [piece.title for piece in ready.pieces] == [
        "Premi BPJS Kesehatan, Maret 2026: siap dikirim"
    ]
    premiums.send(month)
    sent = heap_of(cast.budi, "premiums_send")
    assert sent is not None
    [piece] = sent.pieces
    assert piece.title.endswith(": menunggu jawaban penyelenggara")
    client.force_login(cast.budi)
    assert client.get(piece.href).status_code == 200
    premiums.answer(month, (str(line.person.nik), "Diterima"))
    assert heap_of(cast.budi, "premiums_send") is None

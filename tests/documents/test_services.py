"""Documents: numbers without gaps or doubles, bytes under their hash, a public check."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from bansos.audit.models import Event
from bansos.documents import services
from bansos.documents.choices import DocumentState
from bansos.documents.models import Document
from bansos.lib.errors import Refused
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


def issue(cast: Cast, **changes: Any) -> Document:
    wish: dict[str, Any] = {
        "kind": "tests.letter",
        "title": "Surat contoh",
        "content": b"%PDF-1.7 isi",
        "file_name": "surat.pdf",
        "mime": "application/pdf",
        "agency": cast.agency,
        "area_code": "35.19",
        "subject": cast.agency,
        "by": cast.budi,
        "at": timezone.now(),
    }
    return services.issue(**{**wish, **changes})


def test_numbers_count_per_kind_and_year(cast: Cast) -> None:
    def number(kind: str, year: int) -> int:
        return services.next_number(agency=cast.agency, kind=kind, on=date(year, 5, 1))

    assert [number("ba", 2026), number("ba", 2026), number("sk", 2026), number("ba", 2027)] == [
        1,
        2,
        1,
        1,
    ]


@pytest.mark.django_db(transaction=True)
def test_each_number_is_given_once_to_many_at_once() -> None:
    cast = make_cast()
    given: list[int] = []

    def take() -> None:
        for _turn in range(5):
            number = services.next_number(agency=cast.agency, kind="ba", on=date(2026, 5, 1))
            given.append(number)
        connection.close()

    threads = [threading.Thread(target=take) for _place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 21))


def test_bytes_come_back_as_they_were(cast: Cast) -> None:
    assert services.read_bytes(issue(cast)) == b"%PDF-1.7 isi"


def test_changed_bytes_are_not_handed_out(cast: Cast) -> None:
    document = issue(cast)
    with open(document.file.path, "wb") as handle:
        handle.write(b"%PDF-1.7 lain")
    with pytest.raises(Refused):
        services.read_bytes(document)


def test_a_newer_one_supersedes(cast: Cast) -> None:
    old = issue(cast)
    new = issue(cast, supersedes=old)
    old.refresh_from_db()
    assert (old.state, old.superseded_by) == (DocumentState.SUPERSEDED, new)


def test_handing_out_is_recorded(cast: Cast, client: Client) -> None:
    document = issue(cast)
    client.force_login(cast.sari)
    response = client.get(f"/dokumen/{document.pk}/berkas/")
    assert (response.status_code, response.content) == (200, b"%PDF-1.7 isi")
    event = Event.objects.get(verb="documents.hand_out")
    assert event.actor_id == cast.sari.pk


def test_outside_the_area_it_does_not_exist(cast: Cast, client: Client) -> None:
    document = issue(cast)
    client.force_login(cast.lain)
    assert client.get(f"/dokumen/{document.pk}/").status_code == 404


def test_a_bank_file_needs_its_own_right(cast: Cast, client: Client) -> None:
    document = issue(cast, permission="bank.file")
    client.force_login(cast.aud)
    assert client.get(f"/dokumen/{document.pk}/berkas/").status_code == 403


def test_anybody_may_check_a_document(cast: Cast, client: Client) -> None:
    cache.clear()
    document = issue(cast, number="470/12/2026")
    typed = document.check_code.lower().replace("-", " ")
    response = client.post("/dokumen/periksa/", {"code": typed}, follow=True)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Dokumen ini asli dan berlaku." in page
    assert "470/12/2026" in page
    assert cast.budi.full_name not in page


def test_an_unknown_code_is_not_found(client: Client, db: None) -> None:
    cache.clear()
    response = client.get("/dokumen/periksa/AAAA-BBBB-CCCC-DDDD/")
    assert response.status_code == 404
    assert "tidak ditemukan" in response.content.decode()


def test_checking_too_often_is_slowed(client: Client, db: None) -> None:
    cache.clear()
    codes = [client.get("/dokumen/periksa/AAAA-BBBB-CCCC-DDDD/").status_code for _ in range(31)]
    assert codes[-1] == 429
    cache.clear()


def test_typed_codes_are_limited_too(client: Client) -> None:
    cache.clear()
    answers = [client.post("/dokumen/periksa/", {"code": "ABCD"}).status_code for _n in range(31)]
    assert answers[0] == 404
    assert answers[-1] == 429
    cache.clear()

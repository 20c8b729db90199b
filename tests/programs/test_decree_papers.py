"""A decree says who lacks a required paper; whom a verifier let through is counted apart."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from programs.models import Decree, Enrolment, EnrolmentDocument
from programs.queries.papers import Lacking, lacking_papers
from programs.services.decrees import draft_decree, submit_decree
from tests.cast import Cast
from tests.factories.programs import EnrolmentFactory
from tests.programs.stage import AT, elder, pkh_plus

pytestmark = pytest.mark.django_db

PAPERS = [
    {"code": "ktp", "label": "Foto KTP", "required": True},
    {"code": "kk", "label": "Foto KK", "required": True},
    {"code": "home", "label": "Foto rumah", "required": False},
]


def proposal(cast: Cast, version: object, name: str, *codes: str, note: str = "") -> Enrolment:
    row: Enrolment = EnrolmentFactory(
        version=version, person=elder(cast, name=name), eligible=True, decision_note=note
    )
    for code in codes:
        EnrolmentDocument.objects.create(
            enrolment=row, code=code, file_name="a.jpg", mime="image/jpeg", size=1, sha256="0" * 64,
            sealed_file=b"x", added_at=AT, added_by=cast.sari,
        )  # fmt: skip
    return row


@pytest.fixture
def decree(cast: Cast) -> Decree:
    version = pkh_plus(cast, required_documents=PAPERS)
    proposal(cast, version, "Lengkap Semua", "ktp", "kk")
    proposal(cast, version, "Kurang Satu", "ktp", "ktp", "home")
    proposal(cast, version, "Kurang Dua")
    proposal(cast, version, "Beralasan Satu", "kk", note="KTP hilang, surat polisi terlampir.")
    return draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)


def names_in(page: str) -> set[str]:
    known = ("Lengkap Semua", "Kurang Satu", "Kurang Dua", "Beralasan Satu")
    table = page[page.index('id="penerima"') :]
    return {name for name in known if name in table}


def test_who_lacks_a_paper_is_counted_with_and_without_a_reason(
    decree: Decree, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Two photographs of one KTP are one paper; one that is not required is asked of nobody."""
    with django_assert_num_queries(1):
        assert lacking_papers(decree) == Lacking(bare=2, reasoned=1)
    decree.version.required_documents = [{**row, "required": False} for row in PAPERS]
    with django_assert_num_queries(0):
        assert lacking_papers(decree) == Lacking()


def test_the_page_says_so_and_leads_to_the_names(
    cast: Cast, client: Client, decree: Decree
) -> None:
    client.force_login(cast.budi)
    address = reverse("programs:decree", args=[decree.pk])
    head = "3 orang belum melengkapi dokumen wajib"
    page = client.get(address).content.decode()
    assert head in page
    assert "2 tanpa alasan verifikator, 1 dinyatakan layak dengan alasan verifikator." in page
    for kind, names in (
        ("kurang", {"Kurang Satu", "Kurang Dua"}),
        ("alasan", {"Beralasan Satu"}),
    ):
        assert f'href="{address}?papers={kind}#penerima"' in page
        assert names_in(client.get(f"{address}?papers={kind}").content.decode()) == names
    submit_decree(decree=decree, by=cast.budi, at=AT)
    assert head in client.get(address).content.decode()
    client.force_login(cast.hadi)
    sign = client.get(reverse("programs:decree_approve", args=[decree.pk])).content.decode()
    assert head in sign
    assert f'href="{address}?papers=kurang#penerima"' in sign
    Decree.objects.filter(pk=decree.pk).update(state="cancelled")
    assert head not in client.get(address).content.decode()


def test_where_every_verifier_gave_a_reason_nothing_is_called_missing(
    cast: Cast, client: Client, decree: Decree
) -> None:
    Enrolment.objects.filter(person__name__startswith="Kurang").update(decision_note="Menyusul.")
    client.force_login(cast.budi)
    page = client.get(reverse("programs:decree", args=[decree.pk])).content.decode()
    assert "Semuanya dinyatakan layak dengan alasan verifikator." in page
    assert "papers=kurang" not in page


def test_without_required_papers_there_is_neither_notice_nor_filter(
    cast: Cast, client: Client
) -> None:
    version = pkh_plus(cast)
    proposal(cast, version, "Lengkap Semua")
    row = draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    client.force_login(cast.budi)
    page = client.get(reverse("programs:decree", args=[row.pk])).content.decode()
    assert "dokumen wajib" not in page.lower()

"""A rate nobody has fixed yet: people are proposed and verified, the decree waits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from bansos.lib.errors import Refused
from programs.models import Decree, Enrolment, ProgrammeVersion
from programs.rules import VersionFacts, activation_problems
from programs.services import catalogue, decrees
from programs.services.catalogue import VersionValues
from tests.cast import Cast
from tests.factories.programs import EnrolmentFactory, ProgrammeVersionFactory
from tests.programs.stage import AT

DAY = date(2026, 6, 15)
LOCAL = {"code": "domicile_in_province", "params": {"province": "35"}}
VALUES = VersionValues(
    year=2026,
    payee_kind="person",
    benefit_kind="per_stage",
    criteria=[{**LOCAL, "label": "", "waivable": False}],
    legal_basis=["Undang-Undang Nomor 11 Tahun 2009"],
)


@pytest.fixture
def version(cast: Cast) -> ProgrammeVersion:
    """Tali asih in force without a rate, with one eligible person."""
    programme = catalogue.save_programme(
        programme=None,
        agency=cast.agency,
        values=catalogue.ProgrammeValues(code="TALIASIH", name="Tali Asih"),
        by=cast.budi,
        at=AT,
    )
    draft = catalogue.save_version(
        version=None, programme=programme, values=VALUES, by=cast.budi, at=AT
    )
    row = catalogue.activate_version(version=draft, by=cast.budi, at=AT)
    EnrolmentFactory(version=row, eligible=True)
    return row


def fill(version: ProgrammeVersion, cast: Cast, *, stage: int | None) -> None:
    """The rate and, when given, its one stage."""
    catalogue.save_version(
        version=version,
        programme=version.programme,
        values=VersionValues(**{**VALUES.__dict__, "annual_amount": Decimal(600_000)}),
        by=cast.budi,
        at=AT,
    )
    if stage:
        catalogue.save_stage(
            version=version,
            number=1,
            name="Tahap 1",
            stage_date=DAY,
            amount=Decimal(stage),
            by=cast.budi,
            at=AT,
        )
    version.refresh_from_db()


def draft(version: ProgrammeVersion, cast: Cast) -> Decree:
    return decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)


def test_a_decree_waits_for_the_rate_and_its_stages(version: ProgrammeVersion, cast: Cast) -> None:
    with pytest.raises(Refused) as refusal:
        draft(version, cast)
    assert refusal.value.code == "DECREE-AMOUNT"
    assert str(refusal.value).startswith("Besaran belum ditetapkan untuk Tali Asih 2026")
    for stage, sentence in ((None, "Tahap penyaluran belum diisi."), (500_000, "Samakan dulu.")):
        fill(version, cast, stage=stage)
        with pytest.raises(Refused, match=sentence):
            draft(version, cast)
    assert not Decree.objects.exists()
    fill(version, cast, stage=600_000)
    assert draft(version, cast).total == 600_000
    assert Enrolment.objects.get(version=version).state == "determined"


def test_the_page_says_what_waits(version: ProgrammeVersion, cast: Cast) -> None:
    client = Client()
    client.force_login(cast.budi)
    address = f"/program/aturan/{version.pk}/"
    assert "SK dan penyaluran menunggu" in client.get(address).content.decode()
    fill(version, cast, stage=600_000)
    assert "SK dan penyaluran menunggu" not in client.get(address).content.decode()


def test_an_amount_on_a_stage_alone_is_a_mistake() -> None:
    facts = VersionFacts(
        year=2026,
        kind="once",
        annual_amount=None,
        stages=[(1, DAY, Decimal(5))],
        criteria=[LOCAL],
        legal_basis=["UU"],
    )
    assert activation_problems(facts) == [
        "Besaran setahun belum diisi, padahal tahap sudah punya jumlah."
    ]


def test_a_tariff_may_be_open_too(cast: Cast) -> None:
    row = ProgrammeVersionFactory(
        programme__agency=cast.agency, benefit_kind="tariff", unit_label="orang-hari",
        annual_amount=None, tariff=None, stages=False, one_per_family=False,
        criteria=[{**LOCAL, "label": "", "waivable": False}],
    )  # fmt: skip
    EnrolmentFactory(version=row, eligible=True)
    with pytest.raises(Refused) as refusal:
        draft(row, cast)
    assert refusal.value.code == "DECREE-AMOUNT"
    assert str(refusal.value).startswith("Besaran belum ditetapkan untuk")
    client = Client()
    client.force_login(cast.budi)
    page = client.get(f"/program/aturan/{row.pk}/").content.decode()
    assert "SK dan penyaluran menunggu" in page

"""The preview of a version shows the forms that its kind of payee really meets."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from beneficiaries.models import Institution, Payee
from programs.choices import BenefitKind, Insurance, PayeeKind
from programs.models import PremiumPlan, ProgrammeVersion
from tests.cast import Cast
from tests.factories.programs import ProgrammeVersionFactory

PERSON, PAYEE = "Nama sesuai KTP", "NIK penanggung jawab"


def shown(client: Client, cast: Cast, **fields: Any) -> tuple[str, ProgrammeVersion]:
    """The preview of such a version, as the staff of the province sees it."""
    version = ProgrammeVersionFactory(programme__agency=cast.agency, **fields)
    client.force_login(cast.budi)
    return page(client, version), version


def page(client: Client, version: ProgrammeVersion) -> str:
    answer = client.get(reverse("programs:version_preview", args=[version.pk]))
    text = answer.content.decode().partition("<main")[2].partition("</main")[0]
    assert "<form" not in text
    assert len(re.findall(r"<(input|select|textarea)\b", text)) == text.count(" disabled")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    return text


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [PayeeKind.PERSON, PayeeKind.FAMILY])
def test_people_are_proposed_with_the_form_of_a_person(
    client: Client, cast: Cast, kind: PayeeKind
) -> None:
    text, _version = shown(client, cast, payee_kind=kind, proposal_channels=["village", "self"])
    assert PERSON in text
    assert PAYEE not in text
    assert "Putusan verifikator" in text
    assert 'value="self"' in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "answers"),
    [(PayeeKind.GROUP, False), (PayeeKind.INSTITUTION, True), (PayeeKind.GOVERNMENT, True)],
)
def test_payees_are_proposed_with_their_own_form(
    client: Client, cast: Cast, kind: PayeeKind, answers: bool
) -> None:
    """Of a group the chair answers, so that nobody is asked for a NIK."""
    Payee.objects.create(
        kind=kind, name="KUBE Mawar Rahasia", area_code="35.19.01.2001",
        created_at="2026-01-02T00:00Z", created_by=cast.sari,
    )  # fmt: skip
    text, _version = shown(client, cast, payee_kind=kind, one_per_family=False)
    assert PERSON not in text
    assert str(kind.label) in text
    assert (PAYEE in text) is answers
    assert "KUBE Mawar Rahasia" not in text


@pytest.mark.django_db
def test_a_premium_is_shown_with_its_monthly_list(client: Client, cast: Cast) -> None:
    tariff = {
        "payee_kind": PayeeKind.INSTITUTION, "benefit_kind": BenefitKind.TARIFF,
        "annual_amount": None, "tariff": Decimal(42_000), "unit_label": "orang-bulan",
        "stages": False, "one_per_family": False,
    }  # fmt: skip
    text, version = shown(client, cast, **tariff)
    assert "catat rencana preminya" in text
    assert PAYEE in text
    meals, _meals = shown(
        client, cast, **{**tariff, "unit_label": "orang-hari"}, programme__code="PERMAKANAN"
    )
    assert "rencana preminya" not in meals
    assert PAYEE in meals
    made = {"created_at": "2026-01-02T00:00Z", "created_by": cast.budi}
    payee = Payee.objects.create(kind="institution", name="BPJS", area_code="35.78", **made)
    insurer = Institution.objects.create(payee=payee, kind="insurer")
    PremiumPlan.objects.create(
        version=version, insurance=Insurance.values[0], insurer=insurer,
        made_at="2026-01-02T00:00Z", made_by=cast.budi,
    )  # fmt: skip
    text = page(client, version)
    assert "Satu peserta lagi untuk sebulan" in text
    assert PAYEE not in text
    assert PERSON not in text


@pytest.mark.django_db
def test_a_service_without_places_takes_no_proposals(client: Client, cast: Cast) -> None:
    service = {"benefit_kind": BenefitKind.SERVICE, "annual_amount": None, "stages": False}
    text, version = shown(client, cast, quota_total=None, **service)
    assert "Layanan tanpa kuota tidak menerima usulan." in text
    assert PERSON not in text
    assert "Putusan verifikator" not in text
    version.quota_total = 10
    version.save(update_fields=["quota_total"])
    assert PERSON in page(client, version)


@pytest.mark.django_db
def test_what_comes_after_the_proposal_is_there_too(client: Client, cast: Cast) -> None:
    forms = [
        {"code": "skill", "label": "Minat usaha", "required": True, "pass": None,
         "questions": [{"code": "will", "label": "Kemauan", "most": 25}]},
    ]  # fmt: skip
    plan = {
        "required": True, "lowest": "1500000", "article": "",
        "sections": [{"code": "tool", "label": "Peralatan"}],
        "kinds": [{"code": "cake", "label": "Pembuatan kue"}],
    }  # fmt: skip
    letter = {"code": "pact", "label": "Pakta integritas", "text": "Saya berjanji."}
    text, _version = shown(
        client, cast, assessment_forms=forms, plan_rules=plan, letters=[letter],
        monitoring_form=["Apakah usahanya masih berjalan? [ya/tidak]"],
        event_rules=[{"event": "death", "outcome": "stop", "reason": "died", "article": "Pasal 9"}],
    )  # fmt: skip
    assert "Kemauan (0-25)" in text
    assert "Jumlah RAB antara Rp1.500.000 dan Rp2.000.000." in text
    assert "Pembuatan kue" in text
    assert "Peralatan" in text
    assert "Apakah usahanya masih berjalan?" in text
    assert "Pasal 9" in text
    assert "Saya berjanji." in text
    plain, _bare = shown(client, cast, programme__code="POLOS")
    assert "Penilaian dan RAB" not in plain
    assert "Kunjungan pemantauan" not in plain
    assert "Belum ada naskah" in plain

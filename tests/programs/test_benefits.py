"""Kinds of benefit: which settings each has, what activation asks, and the formula to the sen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from programs.choices import BenefitKind
from programs.models import ProgrammeVersion
from programs.rules import VersionFacts, activation_problems, foreign_fields, share_out
from programs.services import catalogue
from programs.services.catalogue import VersionValues
from tests.cast import Cast
from tests.factories.programs import NOW, ProgrammeFactory, ProgrammeVersionFactory

SEN = Decimal("0.01")
FACTS = VersionFacts(
    year=2026,
    kind=BenefitKind.FORMULA,
    annual_amount=None,
    stages=[(1, date(2026, 6, 1), None)],
    criteria=[{"code": "alive", "params": {}}],
    legal_basis=["PMK 215/PMK.07/2021"],
)


@given(
    sen=st.integers(min_value=1, max_value=10**17), people=st.integers(min_value=1, max_value=10**7)
)
def test_a_shared_budget_loses_no_sen(sen: int, people: int) -> None:
    budget = Decimal(sen).scaleb(-2)
    if sen < people:
        with pytest.raises(ValueError, match="nobody a sen"):
            share_out(budget, people)
        return
    share = share_out(budget, people)
    assert people * share.amount + share.remainder == budget
    assert 0 <= share.remainder < people * SEN
    assert share.amount == share.amount.quantize(SEN)


@pytest.mark.parametrize("people", [0, -1])
def test_a_budget_is_shared_among_somebody(people: int) -> None:
    with pytest.raises(ValueError, match="among somebody"):
        share_out(Decimal(100), people)


def test_each_kind_says_what_it_misses() -> None:
    assert activation_problems(FACTS) == ["Pagu yang dibagi belum diisi."]
    known = replace(FACTS, formula_budget=Decimal(1000))
    assert activation_problems(known) == []
    assert activation_problems(replace(known, stages=[])) == [
        "Bantuan dari pagu dibagi jumlah penerima dibayar dalam tepat satu tahap."
    ]
    tariff = replace(FACTS, kind=BenefitKind.TARIFF)
    assert activation_problems(tariff) == ["Satuan tarif belum diisi."]
    open_ = replace(tariff, unit_label="orang-hari", stages=[])
    assert activation_problems(open_) == []
    fixed = replace(open_, tariff=Decimal(15_000))
    assert activation_problems(fixed) == ["Tahap penyaluran belum diisi."]
    assert activation_problems(replace(FACTS, kind=BenefitKind.SERVICE, stages=[])) == []
    assert activation_problems(replace(FACTS, kind=BenefitKind.GOODS, stages=[])) == []


def values(kind: BenefitKind, **more: object) -> VersionValues:
    return VersionValues(
        year=2026,
        payee_kind="person",
        benefit_kind=kind,
        criteria=[{"code": "alive", "params": {}}],
        legal_basis=["PMK 215/PMK.07/2021"],
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.django_db
def test_settings_of_another_kind_are_not_kept(cast: Cast) -> None:
    every = {
        "annual_amount": Decimal(1),
        "formula_budget": Decimal(2),
        "tariff": Decimal(3),
        "unit_label": "hari",
        "bank_code": "114",
        "account_code": "5.1.06.01",
    }
    for kind in BenefitKind:
        row = catalogue.save_version(
            version=None,
            programme=ProgrammeFactory(agency=cast.agency),
            values=values(kind, **every),
            by=cast.budi,
            at=NOW,
        )
        kept = {name for name in every if getattr(row, name)}
        assert kept == set(every) - foreign_fields(kind), kind
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeVersion.objects.filter(pk=row.pk).update(formula_budget=5)


@pytest.mark.django_db
def test_a_stage_without_an_amount_of_its_own(cast: Cast) -> None:
    row = catalogue.save_version(
        version=None,
        programme=ProgrammeFactory(agency=cast.agency),
        values=values(BenefitKind.FORMULA, formula_budget=Decimal("13888500000.00")),
        by=cast.budi,
        at=NOW,
    )
    stage = catalogue.save_stage(
        version=row,
        number=1,
        name="Tahap 1",
        stage_date=date(2026, 6, 1),
        amount=Decimal(5),
        by=cast.budi,
        at=NOW,
    )
    assert stage.amount is None
    assert catalogue.activate_version(version=row, by=cast.budi, at=NOW).state == "active"


@pytest.mark.django_db
def test_another_kind_takes_the_amount_off_the_stages(cast: Cast) -> None:
    row = ProgrammeVersionFactory(programme__agency=cast.agency, draft=True)
    stage = row.stages.first() or catalogue.save_stage(
        version=row,
        number=1,
        name="Tahap 1",
        stage_date=date(row.year, 6, 1),
        amount=Decimal(500_000),
        by=cast.budi,
        at=NOW,
    )
    assert stage.amount
    for kind, more in (
        (BenefitKind.PER_STAGE, {"annual_amount": Decimal(2_000_000)}),
        (BenefitKind.TARIFF, {"tariff": Decimal(15_000), "unit_label": "orang-hari"}),
    ):
        catalogue.save_version(
            version=row,
            programme=row.programme,
            values=replace(values(kind, **more), year=row.year),
            by=cast.budi,
            at=NOW,
        )
        stage.refresh_from_db()
        assert (stage.amount is None) == (kind == BenefitKind.TARIFF)


@pytest.mark.django_db
def test_the_editor_asks_only_what_the_kind_has(cast: Cast, client: Client) -> None:
    row = ProgrammeVersionFactory(programme__agency=cast.agency, draft=True)
    client.force_login(cast.budi)
    address = reverse("programs:version_edit", args=[row.pk])
    page = client.get(address).content.decode()
    assert 'name="annual_amount"' in page
    assert 'name="formula_budget"' not in page
    sent = {
        "year": "2026",
        "payee_kind": "person",
        "benefit_kind": "formula",
        "source_note": "ketikan saya",
        "lihat": "1",
    }
    page = client.post(address, sent).content.decode()
    assert 'name="formula_budget"' in page
    assert 'name="annual_amount"' not in page
    assert "ketikan saya" in page
    row.refresh_from_db()
    assert row.benefit_kind == "per_stage"
    del sent["lihat"]
    answer = client.post(address, {**sent, "formula_budget": "13.888.500.000,00"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.benefit_kind, row.formula_budget) == ("formula", Decimal("13888500000.00"))
    assert row.annual_amount is None
    page = client.get(reverse("programs:version", args=[row.pk])).content.decode()
    assert "Pagu yang dibagi" in page
    assert "13.888.500.000" in page
    page = client.get(reverse("programs:stages", args=[row.pk])).content.decode()
    assert "-amount" not in page

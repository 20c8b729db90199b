"""Premiums from lists: candidates of a month and payers elsewhere, row by row, nothing twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bansos.lib.errors import Refused
from beneficiaries.choices import ImportState
from beneficiaries.models import ImportBatch, ImportRow, Person
from beneficiaries.services.imports import purpose_of
from programs.choices import Insurance, PayerKind
from programs.forms.premium_lists import CandidateListForm
from programs.models import PremiumCover, PremiumLine, PremiumRound
from programs.services.premiums.covers import record_payer
from programs.services.premiums.lists import CANDIDATES, PAYERS
from tests.beneficiaries.lists import accepted, causes, checked
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.lib.sheets import files
from tests.programs.test_premiums import AT, MARCH, Premiums, premiums

__all__ = ["premiums"]
pytestmark = pytest.mark.django_db
HEADERS = [
    *("NO", "NIK", "NAMA", "NO KK", "NAMA IBU KANDUNG", "TEMPAT LAHIR", "TANGGAL LAHIR"),
    *("JENIS KELAMIN", "ALAMAT", "DESA/KELURAHAN", "KECAMATAN", "KABUPATEN/KOTA"),
]


def row(number: int, **changes: Any) -> list[Any]:
    """A sound row of a candidate."""
    values: dict[str, Any] = {
        "no": number,
        "nik": f"351901420751{number:04d}",
        "name": f"SUMARNI {'ABCDEFGHIJ'[number % 10] * 3}",
        "kk": f"351901020216{number:04d}",
        "mother": "TUKIYEM",
        "place": "MADIUN",
        "born": date(1951, 7, 2),
        "sex": "P",
        "address": f"JL. MELATI {number}",
        "village": "TAMBAKMAS",
        "district": "KEBONSARI",
        "regency": "MADIUN",
    }
    assert set(changes) <= set(values)
    return list({**values, **changes}.values())


def row_of(number: int, person: Person) -> list[Any]:
    """The same with somebody of the register."""
    return row(
        number,
        nik=person.nik,
        name=person.name,
        kk=person.family.kk if person.family else "",
        born=person.birth_date,
        sex=person.sex,
        address=person.address,
    )


def candidates(cast: Cast, round_: PremiumRound, rows: list[list[Any]]) -> ImportBatch:
    context = {"round": round_.pk, "area_code": "35.19"}
    sheet = files.xlsx([HEADERS, *rows])
    return checked(sheet, cast.sari, purpose=CANDIDATES, context=context, area="35.19")


def payers(cast: Cast, rows: list[list[Any]], **changes: str) -> ImportBatch:
    context = {
        "insurance": "health",
        "payer": "employer",
        "payer_name": "PR Cempaka",
        "from_month": "2026-03-01",
        "area_code": "35.19",
        **changes,
    }
    sheet = files.xlsx([[*HEADERS, "PERUSAHAAN"], *rows])
    return checked(sheet, cast.sari, purpose=PAYERS, context=context, area="35.19")


def person(cast: Cast, **fields: object) -> Person:
    made: Person = PersonFactory(created_by=cast.sari, area_code="35.19.01.2001", **fields)
    return made


def problems(batch: ImportBatch, number: int) -> set[str]:
    """Codes of what stops the n-th row."""
    found = ImportRow.objects.get(batch=batch, row_number=number + 1)
    return {item["code"] for item in found.problems}


def employer(cast: Cast, who: Person, name: str = "PR Cempaka") -> PremiumCover:
    return record_payer(
        person=who,
        insurance=Insurance.HEALTH,
        payer=PayerKind.EMPLOYER,
        payer_name=name,
        from_month=MARCH,
        by=cast.sari,
        at=AT,
    )


def test_a_list_becomes_candidates_for_the_verifier(premiums: Premiums, cast: Cast) -> None:
    round_ = premiums.open()
    known, listed, paid = person(cast), person(cast), person(cast)
    premiums.add(round_, listed)
    employer(cast, paid, "PR Melati")
    rows = [row(1), row_of(2, known), row_of(3, listed), row_of(4, paid), row(5, nik="123")]

    batch = candidates(cast, round_, rows)

    assert problems(batch, 3) == set()
    assert problems(batch, 4) == {"premium_paid"}
    assert causes(batch)["premium_paid"] == 1
    stopped = ImportRow.objects.get(batch=batch, row_number=5)
    assert stopped.problems[0]["message"] == (
        "Preminya sudah dibayar oleh PR Melati; satu orang satu penanggung."
    )
    effects = purpose_of(CANDIDATES).effects
    assert effects is not None
    assert effects(batch) == [
        "2 orang menjadi calon Maret 2026 dan menunggu verifikator.",
        "Bila semua disetujui, biaya sebulan bertambah Rp84.000.",
    ]
    # Nothing is stored before it is accepted.
    assert PremiumLine.objects.filter(round=round_).count() == 1
    staged = ImportRow.objects.get(batch=batch, row_number=2)
    assert not Person.objects.filter(nik_index=staged.nik_index).exists()

    batch = accepted(batch, cast.sari)

    assert batch.state == ImportState.ACCEPTED
    lines = PremiumLine.objects.filter(round=round_)
    assert {(line.change, line.state) for line in lines} == {("add", "waiting")}
    assert lines.count() == 3
    assert {line.added_by for line in lines} == {cast.sari}
    assert not lines.filter(person=paid).exists()
    for line in lines:
        premiums.decide(line)
    assert premiums.send(round_).state == "sent"


def test_findings_of_known_people_are_told_before(premiums: Premiums, cast: Cast) -> None:
    version = premiums.plan.version
    version.criteria = [{"code": "max_age", "params": {"age": 60}, "label": "", "waivable": True}]
    version.save(update_fields=["criteria"])
    old = person(cast, birth_date=date(1950, 8, 1))
    round_ = premiums.open()

    batch = candidates(cast, round_, [row_of(1, old)])

    warned = ImportRow.objects.get(batch=batch, row_number=2).warnings
    assert "premium_finding" in {item["code"] for item in warned}
    batch = accepted(batch, cast.sari, note="KTP diperiksa")
    line = PremiumLine.objects.get(round=round_, person=old)
    assert line.state == "waiting"
    assert line.findings


def test_a_month_that_was_sent_meanwhile_takes_nobody(premiums: Premiums, cast: Cast) -> None:
    round_ = premiums.open()
    first = person(cast)
    batch = candidates(cast, round_, [row(1)])
    premiums.decide(premiums.add(round_, first))
    premiums.send(round_)
    before = Person.objects.count()

    accepted(batch, cast.sari)

    assert Person.objects.count() == before
    assert PremiumLine.objects.filter(round=round_).count() == 1
    with pytest.raises(Refused, match="sudah dikirim"):
        candidates(cast, round_, [row(2)])


def test_a_payer_that_came_between_is_named(premiums: Premiums, cast: Cast) -> None:
    round_ = premiums.open()
    one, other = person(cast), person(cast)
    batch = candidates(cast, round_, [row_of(1, one), row_of(2, other)])
    employer(cast, one)

    batch = accepted(batch, cast.sari)

    assert problems(batch, 1) == {"ditolak_aturan"}
    assert set(PremiumLine.objects.values_list("person", flat=True)) == {other.pk}


def test_a_list_of_payers(premiums: Premiums, cast: Cast) -> None:
    held, same, wanted = person(cast), person(cast), person(cast)
    employer(cast, held, "PR Melati")
    employer(cast, same)
    premiums.add(premiums.open(), wanted)
    rows = [
        [*row(1), ""],
        [*row(2), "PR Anggrek"],
        [*row_of(3, held), ""],
        [*row_of(4, same), ""],
        [*row_of(5, wanted), ""],
    ]

    batch = payers(cast, rows)

    assert [problems(batch, number) for number in range(1, 6)] == [
        set(),
        set(),
        {"premium_paid"},
        set(),
        set(),
    ]
    effects = purpose_of(PAYERS).effects
    assert effects is not None
    assert effects(batch) == [
        "3 orang dicatat dibayar penanggung lain sejak Maret 2026.",
        "1 di antaranya calon dalam daftar premi yang belum dikirim.",
    ]
    assert PremiumCover.objects.count() == 2
    accepted(batch, cast.sari)
    names = sorted(PremiumCover.objects.values_list("payer_name", flat=True))
    assert names == ["PR Anggrek", "PR Cempaka", "PR Cempaka", "PR Cempaka", "PR Melati"]
    assert PremiumCover.objects.get(person=wanted).from_month == MARCH
    # The same list again has nothing to bring in.
    again = payers(cast, rows)
    assert (again.counts["new"], again.counts["changed"], again.counts["same"]) == (0, 0, 4)


def test_the_province_is_no_payer_elsewhere(premiums: Premiums, cast: Cast) -> None:
    with pytest.raises(Refused, match="daftar bulanannya"):
        payers(cast, [[*row(1), ""]], payer="province")


def test_who_may_start_a_list_and_where(premiums: Premiums, cast: Cast, client: Client) -> None:
    round_ = premiums.open()
    page = reverse("programs:premium_round", args=[round_.pk])
    start = f"{reverse('beneficiaries:import_start')}?tujuan={CANDIDATES}&round={round_.pk}"
    client.force_login(cast.sari)
    assert start.replace("&", "&amp;") in client.get(page).content.decode()
    body = client.get(start).content.decode()
    assert f'<option value="{round_.pk}" selected>' in body
    assert "Maret 2026" in body
    assert client.get(f"{reverse('beneficiaries:import_start')}?tujuan={PAYERS}").status_code == 200
    client.force_login(cast.vera)
    assert CANDIDATES not in client.get(page).content.decode()
    assert client.get(start).status_code == 403
    form = CandidateListForm({"round": round_.pk, "area": "35.20"}, user=cast.sari)
    assert not form.is_valid()
    assert "area" in form.errors


def test_the_template_names_the_month(premiums: Premiums, cast: Cast) -> None:
    context = {"round": premiums.open().pk, "area_code": "35.19"}
    title = purpose_of(CANDIDATES).template_title
    assert title is not None
    assert title(context) == "Calon Premi BPJS Kesehatan 2026, Maret 2026"
    assert premiums.plan.version.tariff == Decimal(42_000)

"""A list of the guide's Lampiran 1 from the file to proposals, with what this programme refuses."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from bansos.accounts.models import User
from bansos.lib.errors import Refused
from bansos.lib.sheets.mapping import guess_mapping
from beneficiaries.choices import ImportState
from beneficiaries.models import ImportBatch, ImportRow, Person
from programs.choices import BenefitKind, Channel, EnrolmentState, Rail
from programs.forms.proposals import ListContextForm
from programs.models import Enrolment, ProgrammeVersion
from programs.services.imports import PURPOSE, prefill
from programs.services.list_columns import columns_of
from tests.beneficiaries.lists import accepted, causes, checked
from tests.cast import Cast
from tests.factories.accounts import AgencyFactory
from tests.factories.programs import EnrolmentFactory, ProgrammeVersionFactory
from tests.lib.sheets import files
from tests.programs.stage import elder, pkh_plus

HEADERS = [
    *("NO", "NO DTKS", "NO PKH", "NAMA PENGURUS", "NAMA LANSIA", "NIK LANSIA", "NO KK"),
    *("NAMA IBU KANDUNG", "TEMPAT LAHIR", "TANGGAL LAHIR", "UMUR", "JENIS KELAMIN", "ALAMAT"),
    *("KELURAHAN", "KECAMATAN", "KABUPATEN", "NO REK BANK JATIM", "NAMA PENDAMPING"),
]


def row(number: int, **changes: Any) -> list[Any]:
    """A sound row of Lampiran 1."""
    values: dict[str, Any] = {
        "no": number,
        "dtks": f"3519{number:012d}",
        "pkh": f"351901{number:09d}",
        "head": f"SUPARNO {number}",
        "name": f"SUMARNI {'ABCDEFGHIJ'[number % 10] * 3}",
        "nik": f"351901410850{number:04d}",
        "kk": f"351901010115{number:04d}",
        "mother": "TUKIYEM",
        "place": "MADIUN",
        "born": date(1950, 8, 1),
        "age": 75,
        "sex": "P",
        "address": f"JL. MELATI {number}",
        "village": "TAMBAKMAS",
        "district": "KEBONSARI",
        "regency": "MADIUN",
        "account": f"00710{number:05d}",
        "companion": "RINI",
    }
    assert set(changes) <= set(values)
    return list({**values, **changes}.values())


def sheet(rows: list[list[Any]]) -> bytes:
    """Lampiran 1 with its titles above."""
    above = [["LAMPIRAN 1"], ["DAFTAR USULAN PKH PLUS KABUPATEN MADIUN"], []]
    return files.xlsx([*above, HEADERS, *rows, [], [None, None, "Kepala Dinas Sosial"]])


def proposed(version: ProgrammeVersion, by: User, rows: list[list[Any]]) -> ImportBatch:
    """Upload and check a list for the version."""
    context = {"version": version.pk, "area_code": "35.19"}
    return checked(sheet(rows), by, purpose=PURPOSE, context=context, area="35.19")


def problems(batch: ImportBatch, number: int) -> set[str]:
    """Codes of what stops the n-th row of the list."""
    found = ImportRow.objects.get(batch=batch, row_number=number + 4)
    return {item["code"] for item in found.problems}


def test_a_list_becomes_proposals_with_answers(cast: Cast) -> None:
    version = pkh_plus(cast)
    batch = proposed(version, cast.sari, [row(1), row(2), row(3)])
    assert (batch.state, batch.counts["new"], batch.causes) == (ImportState.CHECKED, 3, [])

    batch = accepted(batch, cast.sari)

    assert batch.state == ImportState.ACCEPTED
    rows = Enrolment.objects.select_related("person", "account", "family").order_by("person__nik")
    assert len(rows) == 3
    first = rows[0]
    assert (first.state, first.channel, first.import_batch) == (
        EnrolmentState.PROPOSED,
        Channel.LIST,
        batch,
    )
    assert first.companion_name == "RINI"
    assert first.proposed_by == cast.sari
    assert first.account is not None
    assert first.account.bank_code == "114"
    assert first.person.family is not None
    assert first.answers.count() == 5
    assert first.moves.count() == 1


def test_what_the_programme_forbids_is_named_by_cause(cast: Cast) -> None:
    version = pkh_plus(cast, exclusive_with=["ASPD"])
    held = elder(cast)
    EnrolmentFactory(version=version, person=held)
    barred = elder(cast)
    aspd = ProgrammeVersionFactory(
        programme__agency=cast.agency, programme__code="ASPD", programme__name="ASPD"
    )
    EnrolmentFactory(version=aspd, person=barred)
    assert held.family is not None
    assert barred.family is not None
    rows = [
        row(31),
        row(32, kk="3519010101150031"),
        row(33, nik="3519014108600033", born=date(1960, 8, 1), age=65),
        row(34, kk="3519010101150033"),
        row(35, kk=""),
        row(36, kk=held.family.kk),
        row(37, nik=barred.nik, kk=barred.family.kk, name=barred.name),
    ]

    batch = proposed(version, cast.sari, rows)

    assert [problems(batch, number) for number in range(1, 8)] == [
        set(),
        {"second_in_family"},
        {"criterion_min_age_on_stage"},
        set(),
        {"no_family"},
        {"second_in_family"},
        {"exclusive_programme"},
    ]
    assert causes(batch)["criterion_min_age_on_stage"] == 1
    accepted(batch, cast.sari)
    assert Enrolment.objects.filter(version=version).count() == 3


def test_the_second_list_proposes_nobody_twice(cast: Cast) -> None:
    version = pkh_plus(cast)
    accepted(proposed(version, cast.sari, [row(1), row(2)]), cast.sari)

    again = proposed(version, cast.sari, [row(1), row(2), row(3)])
    assert again.counts["new"] == 1
    assert again.counts["same"] == 2

    again = accepted(again, cast.sari)
    assert again.counts["accepted"] == 1
    assert Enrolment.objects.count() == 3


def test_a_corrected_row_is_sent_again(cast: Cast) -> None:
    version = pkh_plus(cast)
    accepted(proposed(version, cast.sari, [row(1)]), cast.sari)
    Enrolment.objects.update(
        state=EnrolmentState.NEEDS_CORRECTION, decided_by=cast.vera, decided_at="2026-02-02T00:00Z"
    )

    batch = proposed(version, cast.sari, [row(1, address="JL. MAWAR 9")])
    accepted(batch, cast.sari)

    enrolment = Enrolment.objects.get()
    assert (enrolment.state, enrolment.decided_by) == (EnrolmentState.PROPOSED, None)
    assert Person.objects.get().address == "JL. MAWAR 9"


def test_a_closed_programme_takes_no_list(cast: Cast) -> None:
    version = pkh_plus(cast)
    version.state = "closed"
    version.save()

    with pytest.raises(Refused) as refusal:
        proposed(version, cast.sari, [row(1)])

    assert refusal.value.code == "PROP-CLOSED"
    assert not ImportBatch.objects.exists()


def test_the_template_is_filled_with_last_years_people(cast: Cast) -> None:
    old = pkh_plus(cast, year=2025)
    version = ProgrammeVersionFactory(programme=old.programme, year=2026)
    person = elder(cast)
    EnrolmentFactory(version=old, person=person, active=True)

    rows = list(prefill({"version": version.pk, "area_code": "35.19"}, cast.sari))

    assert [(item["name"], item["nik"], item["village"]) for item in rows] == [
        (person.name, person.nik, "Tambakmas")
    ]
    assert list(prefill({"version": version.pk}, cast.lain)) == []


def headings(cast: Cast, programme: str, **fields: Any) -> list[str]:
    """The headings of a programme's template, as the file that is downloaded has them."""
    version = ProgrammeVersionFactory(
        programme__agency=cast.agency, programme__code=programme, **fields
    )
    return [column.label for column in columns_of(version)]


def test_each_programme_has_the_headings_of_its_own_guide(cast: Cast) -> None:
    assert headings(cast, "PKHPLUS") == [
        *HEADERS[:16], "KODE WILAYAH", *HEADERS[16:], "KETERANGAN"
    ]  # fmt: skip
    assert headings(cast, "ASPD") == [
        *("NO", "NAMA", "NIK", "TANGGAL LAHIR", "ALAMAT", "DESA/KELURAHAN", "KECAMATAN"),
        *("KABUPATEN/KOTA", "IBU KANDUNG", "NO KK", "KETERANGAN"),
        *("JENIS KELAMIN", "KODE WILAYAH", "NO REKENING BANK JATIM", "NAMA PENDAMPING"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("province", "bank", "own", "account"),
    [
        ("15", ("115", "Bank Jambi"), "115", "NO REKENING BANK JAMBI"),
        ("64", ("124", "Bankaltimtara"), "", "NO REKENING BANKALTIMTARA"),
        ("64", ("124", "Bankaltimtara"), "014", "NO REKENING KODE 014"),
    ],
)
def test_other_provinces_have_plain_headings_and_their_own_bank(
    province: str, bank: tuple[str, str], own: str, account: str
) -> None:
    agency = AgencyFactory(area_code=province, bank_code=bank[0], bank_name=bank[1])
    version = ProgrammeVersionFactory(
        programme__agency=agency, programme__area_code=province, programme__code="PKHPLUS",
        bank_code=own,
    )  # fmt: skip
    labels = [column.label for column in columns_of(version)]
    assert {"NAMA", "NIK", "DESA/KELURAHAN", "KABUPATEN/KOTA", account} <= set(labels)
    assert not [label for label in labels if "LANSIA" in label or "JATIM" in label]
    assert not {"NO PKH", "NO DTKS"} & set(labels)
    # A list with the headings of another guide is read all the same.
    read = guess_mapping(HEADERS, columns_of(version))
    for key, heading in (("name", "NAMA LANSIA"), ("nik", "NIK LANSIA"), ("village", "KELURAHAN")):
        assert HEADERS[read[key]] == heading
    assert HEADERS[read["account"]] == "NO REK BANK JATIM"


@pytest.mark.parametrize(
    "fields",
    [
        {"benefit_kind": BenefitKind.GOODS, "bank_code": ""},
        {"benefit_kind": BenefitKind.SERVICE, "annual_amount": None, "bank_code": ""},
        {"rails": [Rail.CASH]},
    ],
)
def test_what_pays_into_no_account_asks_for_none(cast: Cast, fields: dict[str, Any]) -> None:
    labels = headings(cast, "JOSPOL4", stages=False, **fields)
    assert not [label for label in labels if "REK" in label]


def test_the_template_names_its_programme_and_its_bank(client: Client, cast: Cast) -> None:
    version = pkh_plus(cast, bank_code="115")
    client.force_login(cast.sari)
    form = {"version": version.pk, "area": "35.19", "aksi": "templat"}
    answer = client.post(f"{reverse('beneficiaries:import_start')}?tujuan={PURPOSE}", form)
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    title, _empty, *rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert title[0] == f"Usulan penerima {version}"
    assert rows[0][:6] == HEADERS[:6]
    assert "NO REKENING KODE 115" in rows[0]


def test_accounts_of_a_list_are_kept_at_the_bank_of_the_version(cast: Cast) -> None:
    version = pkh_plus(cast, bank_code="115")
    form = ListContextForm({"version": version.pk, "area": "35.19"}, user=cast.sari)
    assert form.is_valid(), form.errors
    data = sheet([row(1)])
    batch = checked(data, cast.sari, purpose=PURPOSE, context=form.context(), area="35.19")
    accepted(batch, cast.sari)
    account = Enrolment.objects.get(version=version).account
    assert account is not None
    assert account.bank_code == "115"

"""A list of the guide's Lampiran 1 from the file to proposals, with what this programme refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bansos.accounts.models import User
from bansos.lib.errors import Refused
from beneficiaries.choices import ImportState
from beneficiaries.models import ImportBatch, ImportRow, Person
from programs.choices import Channel, EnrolmentState
from programs.models import Enrolment, ProgrammeVersion
from programs.services.imports import PURPOSE, prefill
from tests.beneficiaries.lists import accepted, causes, checked
from tests.cast import Cast
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

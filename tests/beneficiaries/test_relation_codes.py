"""Relations in numbers: whose they are is asked, recorded and mapped, else they are refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bansos.audit.models import Event
from bansos.lib.errors import BadInput
from beneficiaries.choices import BpsRelation, Relation
from beneficiaries.models import FamilyMember, ImportBatch
from beneficiaries.rules.relations import fits_sex, read_number
from beneficiaries.services import imports
from tests.beneficiaries.lists import accepted, causes, checked
from tests.beneficiaries.test_payee_lists import people
from tests.cast import Cast
from tests.factories.beneficiaries import NOW

pytestmark = pytest.mark.django_db
KK = "3519010101150001"
WORDS = "HUBUNGAN KELUARGA"


def file_of(*numbers: str, header: str = WORDS, **more: Any) -> bytes:
    rows = [(place, {"kk": KK, **more}, [text]) for place, text in enumerate(numbers, start=1)]
    return people(rows, header)


def taken(cast: Cast, data: bytes, codes: str = "") -> ImportBatch:
    return checked(data, cast.sari, purpose="beneficiaries.people", relation_codes=codes)


def recorded() -> list[tuple[int | None, int | None]]:
    rows = FamilyMember.objects.filter(until_date=None).order_by("pk")
    return list(rows.values_list("relation", "bps_relation"))


def test_a_number_means_what_its_house_says() -> None:
    for text, codes, sex, relation, bps in (
        ("3", "dukcapil", "P", Relation.WIFE, None),
        ("3", "bps", "P", Relation.CHILD, None),
        ("08", "dukcapil", "L", Relation.PARENT_IN_LAW, None),
        ("8", "bps", "L", Relation.HELPER, None),
        ("2", "bps", "P", Relation.WIFE, None),
        ("2", "bps", "", None, BpsRelation.SPOUSE),
        ("6", "bps", "L", None, BpsRelation.PARENT),
    ):
        said = read_number(text, codes=codes, sex=sex)
        assert said is not None
        assert (said.relation, said.bps) == (relation, bps)
    for text, codes in (("12", "dukcapil"), ("10", "bps"), ("0", "bps"), ("3", "")):
        assert read_number(text, codes=codes, sex="P") is None
    assert not fits_sex(Relation.WIFE, "L")
    assert fits_sex(Relation.WIFE, "")
    assert fits_sex(Relation.CHILD, "L")
    assert fits_sex(None, "L")


def test_numbers_that_nobody_answers_for_are_refused(cast: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        taken(cast, file_of("1", "3"))
    assert refused.value.code == "IMPORT-RELATION-CODES"
    assert "angka Dukcapil dan BPS berbeda arti" in str(refused.value)
    assert set(refused.value.fields or {}) == {"relation_codes"}
    # A head is 1 in both, and words need no code.
    assert taken(cast, file_of("1", "4. Anak", "Istri")).counts["problem"] == 0


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("dukcapil", [(1, None), (4, None), (6, None)]),
        ("bps", [(1, None), (5, None), (None, 6)]),
    ],
)
def test_the_answer_is_mapped_recorded_and_remembered(
    cast: Cast, codes: str, expected: list[tuple[int | None, int | None]]
) -> None:
    batch = taken(cast, file_of("1", "4", "6"), codes)
    assert batch.counts["problem"] == 0
    assert batch.relation_codes == codes
    event = Event.objects.filter(verb="beneficiaries.map_list").latest("pk")
    assert event.data["relation_codes"] == codes
    accepted(batch, cast.sari)
    assert recorded() == expected
    again = taken(cast, file_of("1", "4", "6"), codes)
    assert again.counts["same"] == 3
    # The same layout is asked nothing twice: the answer is filled in.
    fresh = imports.start_import(
        purpose="beneficiaries.people",
        context={},
        area_code=batch.area_code,
        data=file_of("1", "2"),
        file_name="lagi.xlsx",
        by=cast.sari,
        at=batch.created_at,
    )
    assert fresh.relation_codes == codes


def test_bps_saying_less_than_is_known_changes_nothing(cast: Cast) -> None:
    accepted(taken(cast, file_of("1", "Mertua")), cast.sari)
    same = taken(cast, file_of("1", "6"), "bps")
    assert same.counts["same"] == 2
    accepted(taken(cast, file_of("1", "7"), "bps"), cast.sari)
    assert recorded() == [(1, None), (9, None)]


def test_a_number_the_code_does_not_have_stops_its_row(cast: Cast) -> None:
    batch = taken(cast, file_of("1", "10", "9"), "bps")
    assert causes(batch) == {"hubungan_angka": 1}
    [problem] = batch.rows.get(verdict="problem").problems
    assert problem["message"] == "Angka hubungan keluarga 10 tidak ada di sandi BPS, 1 sampai 9."


def test_a_number_beyond_the_first_rows_stops_its_row(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beneficiaries.services.imports.mapping.SAMPLED_ROWS", 1)
    batch = taken(cast, file_of("1", "3"))
    assert causes(batch) == {"hubungan_angka": 1}


def test_a_spouse_of_the_other_sex_is_looked_at(cast: Cast) -> None:
    """Everybody in these lists is a woman: 2 is a husband with Dukcapil, a wife with BPS."""
    batch = taken(cast, file_of("1", "2", "3"), "dukcapil")
    assert {item["code"]: item["count"] for item in batch.causes} == {"hubungan_kelamin": 1}
    assert taken(cast, file_of("1", "2", "3"), "bps").causes == []


def test_the_name_of_dukcapils_own_column_answers(cast: Cast) -> None:
    batch = taken(cast, file_of("1", "4", header="STAT_HBKEL"))
    assert batch.relation_codes == "dukcapil"
    with pytest.raises(BadInput, match="dipakai Dukcapil"):
        taken(cast, file_of("1", "4", header="STAT_HBKEL"), "bps")


def test_the_page_asks_and_says_why(cast: Cast, client: Client) -> None:
    client.force_login(cast.sari)
    batch = imports.start_import(
        purpose="beneficiaries.people",
        context={},
        area_code="35.19",
        data=file_of("1", "3"),
        file_name="daftar.xlsx",
        by=cast.sari,
        at=NOW,
    )
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "Angka hubungan keluarga memakai sandi" in page
    address = reverse("beneficiaries:import_mapping", args=[batch.pk])
    sent = {key: str(place) for key, place in batch.mapping.items()}
    sent["code_system"] = "kemendagri"
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert "Pilih sandi yang dipakai berkas ini" in refused.content.decode()
    # A sign that is a digit and no number is a choice like any other that is not there.
    assert client.post(address, {**sent, "relation": "²"}).status_code == 422
    assert client.post(address, {**sent, "relation_codes": "bps"}).status_code == 302
    batch.refresh_from_db()
    assert batch.relation_codes == "bps"

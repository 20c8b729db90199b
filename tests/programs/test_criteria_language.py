"""The language of criteria: groups, three values, sentences, what is refused and warned about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from bansos.lib.errors import BadInput
from programs.choices import Answer
from programs.models import AskedCriteria
from programs.queries.answers import rounds_of
from programs.rules import (
    Facts,
    Grant,
    PillarTerm,
    criteria_problems,
    criteria_warnings,
    evaluate,
    sentence,
    verdict,
)
from programs.rules.criteria import kleene
from programs.rules.criteria_checks import TYPES
from programs.services.catalogue import VersionValues, save_version
from programs.services.proposals import propose, resubmit
from programs.services.verification import decide
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.factories.programs import ProgrammeVersionFactory

DAY = date(2026, 3, 15)
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
OLD = {"code": "min_age_on_stage", "params": {"age": 60}}
WOMAN = {"code": "sex_is", "params": {"sex": "P"}}
POOR = {"code": "desil_in", "params": {"values": [1, 2]}}
TKSK = {"code": "pillar_is", "params": {"kinds": ["tksk"], "certificate": "tidak"}}
SURE = {
    "code": "pillar_is",
    "params": {"kinds": ["tksk", "tagana"], "certificate": "ya", "load": 10},
}

ONCE = "ditanyakan sekali per kelompok, bukan per anggota. Keluarkan dulu."


def group(kind: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"group": kind, "items": list(items), **more}


def facts(**known: Any) -> Facts:
    return Facts(**{"stage_date": DAY, **known})


@pytest.mark.parametrize(("left", "right"), list(product((YES, NO, UNKNOWN), repeat=2)))
def test_groups_answer_by_three_values(left: Answer, right: Answer) -> None:
    rank = {NO: 0, UNKNOWN: 1, YES: 2}
    turned = {YES: NO, NO: YES, UNKNOWN: UNKNOWN}
    assert kleene("all", [left, right]) == min(left, right, key=rank.__getitem__)
    assert kleene("any", [left, right]) == max(left, right, key=rank.__getitem__)
    assert kleene("not", [left, right]) == turned[max(left, right, key=rank.__getitem__)]


def test_every_member_of_a_group_is_asked() -> None:
    born = {YES: date(1950, 1, 1), NO: date(2000, 1, 1), UNKNOWN: None}
    rank = {NO: 0, UNKNOWN: 1, YES: 2}
    criteria = [group("each", OLD, WOMAN)]
    for pair in product(born, repeat=2):
        members = [
            (who, facts(sex="P", birth_date=born[of])) for who, of in zip("AB", pair, strict=True)
        ]
        [told] = evaluate(criteria, facts(members=members))
        assert told.answer == min(pair, key=rank.__getitem__)
        assert [part.label for part in told.parts] == ["A", "B"]
    assert evaluate(criteria, facts())[0].answer == UNKNOWN
    assert sentence(criteria) == (
        "Memenuhi syarat bila setiap anggota kelompok memenuhi (berusia paling sedikit 60 tahun"
        " pada tanggal tahap; dan perempuan)."
    )


def test_one_known_yes_decides_an_alternative_and_an_unknown_does_not() -> None:
    criteria = [group("any", OLD, POOR)]
    (old,) = evaluate(criteria, facts(birth_date=date(1950, 1, 1)))
    (dark,) = evaluate(criteria, facts(birth_date=date(1990, 1, 1)))
    assert (old.answer, old.reason) == (YES, "Berusia 76 tahun pada 15 Maret 2026.")
    assert (dark.answer, dark.reason) == (UNKNOWN, "Belum ada potret DTSEN untuk wilayah ini.")
    assert [(part.depth, part.answer) for part in dark.parts] == [(0, NO), (0, UNKNOWN)]


def test_nested_parts_carry_their_depth() -> None:
    criteria = [group("all", WOMAN, group("not", OLD, POOR))]
    (result,) = evaluate(criteria, facts(sex="P", birth_date=date(1950, 1, 1)))
    assert result.answer == NO
    assert [(part.depth, part.code.split(":")[0], part.answer) for part in result.parts] == [
        (0, "sex_is", YES),
        (0, "not", NO),
        (1, "min_age_on_stage", YES),
        (1, "desil_in", UNKNOWN),
    ]


def test_a_version_reads_as_one_sentence() -> None:
    criteria = [
        OLD,
        group("any", POOR, {"code": "in_list", "params": {"list": "pkh"}}),
        group("not", {"code": "in_list", "params": {"list": "asn"}}),
    ]
    assert sentence(criteria) == (
        "Memenuhi syarat bila berusia paling sedikit 60 tahun pada tanggal tahap; salah satu dari"
        " (keluarga di desil 1-2 DTSEN; atau tercatat di daftar PKH reguler); dan tidak berlaku:"
        " tercatat di daftar ASN."
    )
    assert sentence([]) == "Belum ada syarat."
    kk = {"code": "family_size", "params": {"least": 3, "most": None}}
    assert sentence([kk]) == "Memenuhi syarat bila KK beranggota paling sedikit 3 orang."


@pytest.mark.parametrize(
    ("node", "known", "answer"),
    [
        (
            {"code": "age_on_date", "params": {"least": 18, "most": 59, "on": "2026-01-01"}},
            {"birth_date": date(2008, 1, 2)},
            NO,
        ),
        (
            {"code": "age_on_date", "params": {"least": 18, "most": 59}},
            {"birth_date": date(2008, 1, 2)},
            YES,
        ),
        (
            {"code": "desil_fresh", "params": {"values": [1], "months": 6}},
            {"in_dtsen": True, "desil": 1, "dtsen_as_of": date(2025, 9, 14)},
            UNKNOWN,
        ),
        (
            {"code": "desil_fresh", "params": {"values": [1], "months": 6}},
            {"in_dtsen": True, "desil": 1, "dtsen_as_of": date(2025, 9, 15)},
            YES,
        ),
        ({"code": "in_list", "params": {"list": "asn"}}, {"lists": {"asn": False}}, NO),
        ({"code": "in_list", "params": {"list": "sembako"}}, {"lists": {"sembako": True}}, YES),
        (
            {"code": "disability_is", "params": {"kinds": ["physical"]}},
            {"disabilities": ["mental"]},
            NO,
        ),
        (
            {"code": "disability_is", "params": {"kinds": ["physical"]}},
            {"disabilities": [], "lists": {"disability": True}},
            UNKNOWN,
        ),
        (
            {"code": "disability_is", "params": {"kinds": []}},
            {"disabilities": [], "lists": {"disability": False}},
            NO,
        ),
        ({"code": "ppks_is", "params": {"codes": ["23"]}}, {"ppks": []}, UNKNOWN),
        ({"code": "ppks_is", "params": {"codes": ["23"]}}, {"ppks": ["24"]}, NO),
        (
            {"code": "domicile_in_areas", "params": {"areas": ["35.19.01.2001"], "name": "x"}},
            {"area_code": "35.19.01"},
            UNKNOWN,
        ),
        (
            {"code": "domicile_in_areas", "params": {"areas": ["35.1"], "name": "x"}},
            {"area_code": "35.19.01"},
            NO,
        ),
        (
            {"code": "family_has_aged", "params": {"least": 0, "most": 6, "count": 1}},
            {"family_births": [date(1990, 1, 1), None]},
            UNKNOWN,
        ),
        ({"code": "relation_is", "params": {"relations": [7]}}, {"relations": [7, 8]}, UNKNOWN),
        (
            {
                "code": "received_programme",
                "params": {"programmes": ["KIP"], "when": "last_year", "per": "person"},
            },
            {"grants": [Grant("KIP", 2025)], "year": 2026},
            YES,
        ),
        (
            {
                "code": "received_programme",
                "params": {"programmes": [], "when": "ever", "per": "family"},
            },
            {"family_grants": None},
            UNKNOWN,
        ),
        (
            {"code": "amount_received", "params": {"most": "500000", "when": "ever"}},
            {"paid": {"ever": Decimal(500_001)}},
            NO,
        ),
        ({"code": "accredited", "params": {"grades": ["A", "B"]}}, {"accreditation": ""}, NO),
        (
            {"code": "works_elsewhere"},
            {"area_code": "35.22.01.2001", "work_codes": ["35.22", "35.19"]},
            YES,
        ),
        (
            {"code": "works_elsewhere"},
            {"area_code": "35.22.01.2001", "work_codes": ["35.22.02"]},
            NO,
        ),
        (
            {"code": "works_elsewhere"},
            {"area_code": "35.22", "home_outside": "Blora, Jawa Tengah", "work_codes": ["35.19"]},
            NO,
        ),
        ({"code": "works_elsewhere"}, {"area_code": "35.22", "work_codes": []}, UNKNOWN),
        ({"code": "works_elsewhere"}, {"area_code": "35", "work_codes": ["35.19"]}, UNKNOWN),
        (TKSK, {"pillars": [PillarTerm("psm"), PillarTerm("tksk")]}, YES),
        (TKSK, {"pillars": [PillarTerm("tksk", serves=False), PillarTerm("psm")]}, NO),
        (TKSK, {"pillars": []}, UNKNOWN),
        (SURE, {"pillars": [PillarTerm("tksk", certified=True, load=10)]}, YES),
        (SURE, {"pillars": [PillarTerm("tksk", certified=True, load=9)]}, NO),
        (SURE, {"pillars": [PillarTerm("tksk", certified=True)]}, UNKNOWN),
        (SURE, {"pillars": [PillarTerm("tksk", load=10)]}, UNKNOWN),
        ({"code": "not_in_institution"}, {"in_institution": True}, NO),
        ({"code": "not_in_institution"}, {"in_institution": False}, YES),
        ({"code": "not_in_institution"}, {"in_institution": None, "area_code": "35"}, UNKNOWN),
        ({"code": "not_in_institution"}, {"in_institution": None, "area_code": ""}, UNKNOWN),
        (
            {"code": "score_between", "params": {"score": "minat", "least": "2.5"}},
            {"scores": {"minat": Decimal("2.5")}},
            YES,
        ),
    ],
)
def test_dated_facts(node: dict[str, Any], known: dict[str, Any], answer: Answer) -> None:
    (result,) = evaluate([node], facts(**known))
    assert (result.answer, result.reason[-1]) == (answer, ".")


def deep(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = OLD
    for _level in range(levels):
        node = group("all", node)
    return node


@pytest.mark.parametrize(
    ("node", "refusal"),
    [
        (group("xor", OLD), "Kelompok xor tidak dikenal."),
        (group("any"), "Kelompok salah satu terpenuhi belum berisi."),
        (deep(5), "Kelompok bersarang lebih dari 4 tingkat. Sederhanakan dulu."),
        ({"code": "min_age_on_stage", "params": {"age": True}},
         "Usia paling sedikit pada tanggal tahap: Usia (tahun) harus angka bulat."),
        ({"code": "min_age_on_stage", "params": {"age": 60, "jenis": 1}},
         "Usia paling sedikit pada tanggal tahap: isian jenis tidak dikenal."),
        ({"code": "age_on_date", "params": {}},
         "Usia pada suatu tanggal: isi batas paling sedikit atau paling banyak."),
        ({"code": "age_on_date", "params": {"least": 9, "most": 5}},
         "Usia pada suatu tanggal: batas paling sedikit melebihi batas paling banyak."),
        ({"code": "age_on_date", "params": {"least": 9, "on": "2026-02-30"}},
         "Usia pada suatu tanggal: Tanggal (kosong: tanggal tahap) harus tanggal."),
        ({"code": "domicile_in_areas", "params": {"areas": ["Madiun"]}},
         f"Tempat tinggal di wilayah tertentu: Kode wilayah {TYPES['areas'][1]}."),
        ({"code": "ppks_is", "params": {"codes": ["16"]}},
         "Kategori PPKS: Kategori tidak dikenal."),
        (group("any", OLD, OLD),
         "Usia paling sedikit pada tanggal tahap: ditulis dua kali."),
        (group("all", {"code": "one_per_family", "params": {}}),
         "Satu orang per KK hanya dapat ditulis di tingkat paling atas, bukan di kelompok."),
        ({"code": "score_between", "params": {"score": "minat", "least": "dua"}},
         "Nilai penilaian: Paling sedikit harus angka."),
        (group("each", group("any", OLD, {"code": "group_size",
                                          "params": {"least": 5, "most": 20}})),
         f"Jumlah anggota kelompok: {ONCE}"),
        (group("each", group("all", group("each", OLD))),
         "Setiap anggota kelompok memenuhi semuanya: tidak dapat berisi kelompok yang sama."),
        ("usia", "Satu baris kriteria tidak terbaca."),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused_in_a_sentence(node: Any, refusal: str) -> None:
    assert criteria_problems([node]) == [refusal]


def test_four_levels_are_allowed_and_sixty_rows_at_most() -> None:
    assert criteria_problems([deep(4)]) == []
    many = [
        {"code": "domicile_in_areas", "params": {"areas": [f"35.{number}"]}}
        for number in range(10, 71)
    ]
    assert criteria_problems(many[:60]) == []
    assert criteria_problems(many) == ["Kriteria lebih dari 60 baris. Sederhanakan dulu."]


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        ([OLD, {"code": "max_age", "params": {"age": 59}}], "paling sedikit 60 dan paling tua 59"),
        ([group("each", OLD, {"code": "max_age", "params": {"age": 59}})], "dan paling tua 59"),
        ([WOMAN, group("all", {"code": "sex_is", "params": {"sex": "L"}})], "sekaligus"),
        ([POOR, {"code": "desil_fresh", "params": {"values": [3], "months": 6}}], "desil"),
        ([WOMAN, group("not", WOMAN)], "Tidak seorang pun memenuhi: Perempuan"),
        ([group("any", WOMAN, group("not", WOMAN))], "dipenuhi semua orang"),
        ([{"code": "min_age_on_stage", "params": {"age": 0}}], "dipenuhi semua orang"),
    ],
)
def test_nobody_and_everybody_are_warned_about(criteria: list[Any], words: str) -> None:
    assert criteria_problems(criteria) == []
    (warning,) = criteria_warnings(criteria)
    assert words in warning
    assert criteria_warnings([OLD, WOMAN, POOR]) == []


def test_a_waivable_no_leaves_the_verdict_open() -> None:
    known = facts(birth_date=date(1990, 1, 1))
    assert verdict(evaluate([OLD], known)) == NO
    assert verdict(evaluate([{**OLD, "waivable": True}], known)) == UNKNOWN
    assert verdict(evaluate([OLD], facts(birth_date=date(1950, 1, 1)))) == YES


@pytest.mark.django_db
def test_a_decision_is_shown_again_as_it_was(cast: Cast) -> None:
    """The rules change after the decision; its page still says what was asked and known."""
    version = ProgrammeVersionFactory(criteria=[group("any", OLD, POOR)], one_per_family=False)
    person = PersonFactory(birth_date=date(1950, 1, 1), area_code="35.19.01.2001")
    at = datetime(2026, 2, 2, 3, tzinfo=UTC)
    row = propose(version=version, person=person, account=None, by=cast.sari, at=at)
    decide(enrolment=row, decision="correction", reason_code="age", note="x", by=cast.vera, at=at)  # type: ignore[arg-type]
    version.criteria = [{"code": "min_age_on_stage", "params": {"age": 80}}]
    version.save()
    row.refresh_from_db()
    later = datetime(2026, 6, 2, 3, tzinfo=UTC)
    resubmit(enrolment=row, by=cast.sari, at=later)
    row.refresh_from_db()

    new, judged, first = rounds_of(row)

    assert (new.is_outdated, judged.is_outdated, first.is_outdated) == (False, True, True)
    assert new.asked is not None
    assert new.asked.sentence.startswith("Memenuhi syarat bila berusia paling sedikit 80 tahun")
    assert judged.asked is not None
    assert judged.asked.criteria == [group("any", OLD, POOR)]
    assert (judged.facts_on, judged.stage_date) == (date(2026, 2, 2), date(2026, 3, 15))
    assert (new.facts_on, new.stage_date) == (date(2026, 6, 2), date(2026, 8, 15))
    (kept,) = judged.answers
    assert (kept.answer, kept.reason) == (YES, "Berusia 76 tahun pada 15 Maret 2026.")
    assert [(part["code"], part["answer"]) for part in kept.parts] == [
        ("min_age_on_stage", "yes"),
        ("desil_in", "unknown"),
    ]
    assert AskedCriteria.objects.filter(version=version).count() == 2


@pytest.mark.django_db
def test_groups_are_saved_and_wrong_ones_keep_the_version_as_it_was(cast: Cast) -> None:
    version = ProgrammeVersionFactory(draft=True)
    at = datetime(2026, 2, 2, 3, tzinfo=UTC)

    def save(*criteria: dict[str, Any]) -> None:
        values = VersionValues(
            year=2026, payee_kind="person", benefit_kind="per_stage", criteria=criteria
        )
        programme = version.programme
        save_version(version=version, programme=programme, values=values, by=cast.budi, at=at)

    with pytest.raises(BadInput) as refusal:
        save(deep(5))
    assert (refusal.value.code, "lebih dari 4 tingkat" in str(refusal.value.message)) == (
        "PROG-CRITERIA",
        True,
    )
    version.refresh_from_db()
    assert [row["code"] for row in version.criteria][:1] == ["min_age_on_stage"]
    save(deep(4), {"code": "one_per_family", "params": {}})
    version.refresh_from_db()
    assert (version.criteria[0], version.one_per_family) == (deep(4), True)

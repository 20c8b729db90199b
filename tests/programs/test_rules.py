"""The typed criteria, the golden cases of PKH Plus, the moves, what a version must hold."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from programs.choices import ENDED, Answer, EnrolmentState
from programs.rules import (
    CRITERIA,
    MOVES,
    Facts,
    VersionFacts,
    activation_problems,
    criteria_problems,
    evaluate,
    failing,
    moves_from,
    quota_problem,
    reference_stage,
    sentence_of,
)
from programs.rules.version_file import read
from programs.services.loading import known_versions

GOLDEN = Path(__file__).parent.parent / "golden" / "pkh_plus.csv"
PKH_PLUS = [
    {"code": "min_age_on_stage", "params": {"age": 70}},
    {"code": "desil_in", "params": {"values": [1, 2, 3, 4]}},
    {"code": "in_regular_pkh", "params": {}},
    {"code": "one_per_family", "params": {}},
    {"code": "domicile_in_province", "params": {"province": "35"}},
    {"code": "alive", "params": {}},
]
YES_NO = {"ya": True, "tidak": False, "": None}


def golden_cases() -> list[dict[str, str]]:
    with GOLDEN.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter=";"))


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def facts_of(case: dict[str, str]) -> Facts:
    return Facts(
        stage_date=date.fromisoformat(case["tanggal_tahap"]),
        birth_date=day(case["tanggal_lahir"]),
        desil=int(case["desil"]) if case["desil"] else None,
        in_dtsen=YES_NO[case["dtsen"]],
        dtsen_source="DTSEN v3 (10-07-2026)",
        in_regular_pkh=YES_NO[case["pkh"]],
        pkh_source="PKH 2026-2 (01-05-2026)",
        others_in_family=int(case["lain_di_kk"]) if case["lain_di_kk"] else None,
        area_code=case["provinsi"],
        died_on=day(case["meninggal"]),
        death_source="Kematian 2026-06 (01-06-2026)",
    )


@pytest.mark.parametrize("case", golden_cases(), ids=lambda case: case["kasus"])
def test_golden_case_of_pkh_plus(case: dict[str, str]) -> None:
    results = {result.code: result for result in evaluate(PKH_PLUS, facts_of(case))}

    result = results[case["kriteria"]]

    assert (result.answer, result.reason) == (case["jawaban"], case["alasan"])
    assert result.source


def test_there_are_enough_golden_cases() -> None:
    assert len(golden_cases()) >= 25


@pytest.mark.parametrize("code", CRITERIA)
def test_nothing_known_is_answered_unknown(code: str) -> None:
    params = {
        **{"age": 70, "months": 6, "values": [1], "province": "35", "sex": "P", "codes": []},
        **{"programmes": ["KIP"], "least": 5, "most": 20, "key": "k", "question": "Ada usaha"},
        **{"list": "pkh", "kinds": [], "areas": ["35.19"], "name": "", "count": 1, "on": ""},
        **{"relations": [1], "when": "ever", "per": "family", "grades": ["A"], "score": "minat"},
    }
    if code == "ppks_is":
        params["codes"] = ["08"]
    row = {"code": code, "params": params}

    (result,) = evaluate([row], Facts(stage_date=date(2026, 3, 15)))

    assert result.answer == Answer.UNKNOWN
    assert result.reason.endswith(".")
    assert sentence_of(row)


def test_a_field_check_is_answered_by_the_verifier() -> None:
    row = {"code": "field_check", "params": {"key": "usaha", "question": "Punya usaha"}}
    seen = Facts(
        stage_date=date(2026, 3, 15),
        observed={"usaha": True},
        observed_source="Verifikasi lapangan oleh Vera",
    )

    (result,) = evaluate([row], seen)

    assert (result.code, result.answer) == ("field_check:usaha", Answer.YES)
    assert result.source == "Verifikasi lapangan oleh Vera"


def test_a_waivable_no_does_not_fail() -> None:
    row = {"code": "desil_in", "params": {"values": [1]}, "waivable": True}
    results = evaluate(
        [row], Facts(stage_date=date(2026, 3, 15), desil=6, in_dtsen=True, dtsen_source="v3")
    )

    assert results[0].answer == Answer.NO
    assert failing(results) == []


def test_excluded_and_received_are_named() -> None:
    rows = [
        {"code": "not_excluded", "params": {"codes": ["ASN"]}},
        {"code": "never_received", "params": {"programmes": ["KIP"]}},
        {"code": "sex_is", "params": {"sex": "L"}},
        {"code": "max_age", "params": {"age": 60}},
    ]
    facts = Facts(
        stage_date=date(2026, 3, 15),
        birth_date=date(1965, 3, 15),
        sex="P",
        exclusion_codes=("asn",),
        exclusion_source="BKN 2026",
        received=["KIP"],
    )

    results = evaluate(rows, facts)

    assert [result.answer for result in results] == [Answer.NO] * 4
    assert results[0].reason == "Tercatat sebagai asn."
    assert results[1].reason == "Pernah menerima KIP."
    assert results[3].reason == "Sudah berusia 61 tahun pada 15 Maret 2026; paling tua 60."


def test_nothing_follows_an_end() -> None:
    assert all(moves_from(state) == {} for state in ENDED)
    assert (EnrolmentState.NOT_ELIGIBLE, EnrolmentState.ELIGIBLE) not in MOVES


def test_criteria_problems_are_sentences() -> None:
    wrong = [
        {"code": "moon_phase", "params": {}},
        {"code": "min_age_on_stage", "params": {}},
        {"code": "alive", "params": {}},
        {"code": "alive", "params": {}},
        {"code": "sex_is", "params": {"sex": "X"}},
        {"code": "desil_in", "params": {"values": ["satu"]}},
    ]

    assert criteria_problems(wrong) == [
        "Kriteria moon_phase tidak dikenal.",
        "Usia paling sedikit pada tanggal tahap: Usia (tahun) belum diisi.",
        "Masih hidup: ditulis dua kali.",
        "Jenis kelamin: Jenis kelamin tidak dikenal.",
        "Desil keluarga: Desil harus daftar angka.",
    ]


def test_the_known_programmes_have_sound_criteria() -> None:
    files = {row.path.name: read(row.path.read_bytes()) for row in known_versions()}

    assert {name: criteria_problems(file["kriteria"]) for name, file in files.items()} == {
        name: [] for name in files
    }


def test_what_keeps_a_version_from_being_used() -> None:
    version = VersionFacts(
        year=2026,
        kind="per_stage",
        annual_amount=Decimal(2_000_000),
        stages=[(1, date(2026, 5, 1), Decimal(500_000)), (2, date(2025, 3, 1), Decimal(500_000))],
        criteria=[],
        legal_basis=[],
    )

    assert activation_problems(version) == [
        "Kriteria belum diisi.",
        "Dasar hukum belum diisi.",
        "Jumlah semua tahap Rp1.000.000, besaran setahun Rp2.000.000. Samakan dulu.",
        "Tanggal tahap 2 di luar tahun 2026.",
        "Tanggal tahap belum berurutan.",
    ]


@pytest.mark.parametrize(("kind", "wrong"), [("group", False), ("person", True)])
def test_members_are_asked_only_where_groups_are_paid(kind: str, wrong: bool) -> None:
    each = {"group": "each", "items": [{"code": "alive"}]}
    for criteria in ([each], [{"code": "group_one_village"}]):
        version = VersionFacts(
            year=2026, kind="goods", annual_amount=None, stages=[], criteria=criteria,
            legal_basis=["x"], payee_kind=kind,
        )  # fmt: skip
        words = "Kriteria menanyakan anggota, padahal penerima program ini bukan kelompok."
        assert activation_problems(version) == [words] * wrong


def test_quota_of_the_regencies_within_the_programme() -> None:
    assert quota_problem(100, [60, 40]) == ""
    assert quota_problem(None, [60, 400]) == ""
    assert quota_problem(100, [60, 41]) == (
        "Jumlah kuota wilayah 101 melebihi kuota program 100. Kurangi 1."
    )


def test_ages_count_on_the_next_stage() -> None:
    days = [date(2026, 3, 15), date(2026, 5, 15)]

    assert reference_stage(days, date(2026, 3, 15)) == date(2026, 3, 15)
    assert reference_stage(days, date(2026, 3, 16)) == date(2026, 5, 15)
    assert reference_stage(days, date(2026, 12, 1)) == date(2026, 5, 15)
    assert reference_stage([], date(2026, 12, 1)) is None

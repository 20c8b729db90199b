"""Worked cases as officials write them: one file per programme, facts, answer and reason.

tests/golden/programmes/<code>.csv, semicolons; <code>-<province>.csv where two provinces share a
code. Lines that begin with # tell the source, and what no source tells. Empty facts are unknown;
"-" means that somebody looked and found nothing. "kerja" holds the codes of the places of work,
"daftar" what the registry lists and files say (pilar_tksk and the like: ya where the term
holds, tidak where it is over, edisabilitas, pendamping, ppks23, kepala, panti:
ya or tidak) and what differs of one member of the group other than the chair (anggota_muda: 17
years old, anggota_tua: 61, anggota_dtsen, anggota_kube, anggota_desa: lives in the village),
"akreditasi" the grade of the institution. The answer is ya, tidak or belum (not known yet); the
reason is that of the first criterion that decides.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from programs.choices import Answer
from programs.rules import Facts, PillarTerm, evaluate, failing, verdict
from programs.services.loading import known_fields, known_versions

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "programmes"
COLUMNS = (
    *("kasus", "tanggal", "lahir", "kelamin", "desil", "dtsen", "pkh", "lain_di_kk", "kelompok"),
    *("pernah", "wilayah", "ktp_luar", "kerja", "daftar", "akreditasi"),
    *("wafat", "lapangan"),
    *("jawaban", "alasan"),
)
WORDS = {Answer.YES: "ya", Answer.NO: "tidak", Answer.UNKNOWN: "belum"}
# What is recorded of somebody: a woman in hardship, another category, nothing.
PPKS = {True: ["23"], False: ["24"], None: None}
# The head of the family, a child, not recorded.
RELATIONS = {True: [1], False: [4], None: None}
YES_NO = {"ya": True, "tidak": False, "": None}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _number(text: str) -> int | None:
    return int(text) if text else None


def _codes(text: str) -> list[str] | None:
    return [] if text == "-" else [item.strip() for item in text.split(",")] if text else None


def _observed(text: str) -> dict[str, bool]:
    pairs = [item.strip().split("=") for item in text.split(",") if item.strip()]
    return {key: value == "ya" for key, value in pairs}


def facts_of(case: dict[str, str]) -> Facts:
    """The facts of one line; of a group the chair's, with those of the members."""
    chair = _facts_of(case)
    if not chair.group_size:
        return chair
    sound = replace(
        chair,
        birth_date=date(1990, 5, 5),
        in_dtsen=True,
        received=[],
        died_on=None,
    )
    listed = _observed(case["daftar"])
    changes: dict[str, dict[str, Any]] = {
        "anggota_muda": {"birth_date": date(chair.stage_date.year - 17, 1, 1)},
        "anggota_tua": {"birth_date": date(chair.stage_date.year - 61, 1, 1)},
        "anggota_dtsen": {"in_dtsen": YES_NO["ya" if listed.get("anggota_dtsen") else "tidak"]},
        "anggota_kube": {"received": ["KUBE"]},
        "anggota_desa": {"area_code": f"{chair.area_code[:8]}.2099"},
    }
    others = [("Anggota", sound)] * (chair.group_size - 1)
    for name in sorted(set(listed) & set(changes)):
        others[0] = ("Siti", replace(others[0][1], **changes[name]))
    return replace(chair, members=[("Ketua", chair), *others])


def _facts_of(case: dict[str, str]) -> Facts:
    listed = _observed(case["daftar"])
    companion = listed.get("pendamping")
    return Facts(
        stage_date=date.fromisoformat(case["tanggal"]),
        birth_date=_day(case["lahir"]),
        sex=case["kelamin"],
        desil=_number(case["desil"]),
        in_dtsen=YES_NO[case["dtsen"]],
        dtsen_source="DTSEN v3",
        in_regular_pkh=YES_NO[case["pkh"]],
        pkh_source="PKH 2026-2",
        others_in_family=_number(case["lain_di_kk"]),
        group_size=_number(case["kelompok"]),
        received=_codes(case["pernah"]),
        area_code=case["wilayah"],
        home_outside=case["ktp_luar"],
        died_on=_day(case["wafat"]),
        death_source="Petugas desa",
        work_codes=_codes(case["kerja"]),
        in_institution=listed.get("panti"),
        accreditation={"": None, "-": ""}.get(case["akreditasi"], case["akreditasi"]),
        pillars=[
            PillarTerm(name.removeprefix("pilar_"), serves)
            for name, serves in listed.items()
            if name.startswith("pilar_")
        ],
        ppks=PPKS[listed.get("ppks23")],
        relations=RELATIONS[listed.get("kepala")],
        lists={"disability": listed["edisabilitas"]} if "edisabilitas" in listed else {},
        list_sources={"disability": "E-Disabilitas 2026"},
        exclusion_codes=None if companion is None else ["PENDAMPING"] * companion,
        exclusion_kinds=("companion",),
        exclusion_source="Daftar pendamping 2026",
        observed=_observed(case["lapangan"]),
        observed_source="Verifikasi lapangan",
    )


def judged(criteria: list[dict[str, Any]], facts: Facts) -> tuple[str, str]:
    """The answer in the words of the file, and the reason that decides."""
    results = evaluate(criteria, facts)
    answer = verdict(results)
    if answer == Answer.YES:
        return "ya", ""
    deciding = failing(results) or [r for r in results if r.answer != Answer.YES]
    return WORDS[answer], deciding[0].reason


def criteria_of(code: str) -> list[dict[str, Any]]:
    """The criteria of a programme's newest version in the catalogue."""
    return named_criteria()[code]


@cache
def named_criteria() -> dict[str, list[dict[str, Any]]]:
    """Code (with the province where two share it) -> criteria, of every programme there is."""
    return {
        code: list(known_fields(*which)["criteria"]) for code, which in named_programmes().items()
    }


@cache
def named_programmes() -> dict[str, tuple[str, str]]:
    """Name of the file of a programme -> its province and code."""
    which = {(row.area_code, row.code) for row in known_versions()}
    often = Counter(code for _area, code in which)
    return {f"{code}-{area}" if often[code] > 1 else code: (area, code) for area, code in which}


def files() -> dict[str, list[dict[str, str]]]:
    """Code of a programme -> its cases."""
    found = {}
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8") as handle:
            lines = [line for line in handle if not line.startswith("#")]
        found[path.stem.upper()] = list(csv.DictReader(lines, delimiter=";"))
    return found


def told(code: str) -> str:
    """What the head of a file says: its source, and what no source tells."""
    text = (FOLDER / f"{code.lower()}.csv").read_text(encoding="utf-8")
    return " ".join(line[1:].strip() for line in text.splitlines() if line.startswith("#"))

"""Typed criteria: each answers yes, no or unknown, with the fact, a reason and its source.

A fact nobody has gives "unknown", never yes and never no. Reasons and sources are Indonesian
sentences because they are kept with the proposal and printed, not translated per reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bansos.lib.dates import age_on, long_date
from programs.choices import Answer

REGISTER = "Berkas penerima"
FIELD_CHECK = "Verifikasi lapangan"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about one candidate; None (or "") means that nobody knows.

    `stage_date` is the day ages are counted on; `observed` are the verifier's own answers to
    field checks, by the check's key.
    """

    stage_date: date
    birth_date: date | None = None
    sex: str = ""
    died_on: date | None = None
    death_source: str = ""
    desil: int | None = None
    in_dtsen: bool | None = None
    dtsen_source: str = ""
    in_regular_pkh: bool | None = None
    pkh_source: str = ""
    exclusion_codes: Sequence[str] | None = None
    exclusion_source: str = ""
    area_code: str = ""
    home_outside: str = ""
    others_in_family: int | None = None
    received: Sequence[str] | None = None
    group_size: int | None = None
    observed: Mapping[str, bool] = field(default_factory=dict)
    observed_source: str = ""


@dataclass(frozen=True)
class Finding:
    """The outcome of one look at the facts."""

    answer: Answer
    value: str
    reason: str
    source: str


@dataclass(frozen=True)
class CriterionResult:
    """One criterion answered: what a proposal keeps and a letter prints."""

    code: str
    label: str
    answer: Answer
    value: str
    reason: str
    source: str
    waivable: bool = False


@dataclass(frozen=True)
class Param:
    """One setting of a criterion: kind is int, ints (list), text, codes (list) or choice."""

    name: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()


Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Criterion:
    """One kind of condition: its words, its settings, how it is judged."""

    code: str
    label: str
    params: tuple[Param, ...]
    words: Callable[[Settings], str]
    judge: Callable[[Facts, Settings], Finding]


def _yes(value: str, reason: str, source: str) -> Finding:
    return Finding(Answer.YES, value, reason, source)


def _no(value: str, reason: str, source: str) -> Finding:
    return Finding(Answer.NO, value, reason, source)


def _unknown(reason: str, source: str) -> Finding:
    return Finding(Answer.UNKNOWN, "", reason, source)


def _joined(values: Sequence[Any]) -> str:
    return ", ".join(str(value) for value in values)


def _age(facts: Facts) -> int | None:
    if facts.birth_date is None or facts.birth_date > facts.stage_date:
        return None
    return age_on(facts.birth_date, facts.stage_date)


def _no_birth_date(facts: Facts) -> Finding:
    if facts.birth_date is not None:
        return _unknown("Tanggal lahir sesudah tanggal tahap; periksa KTP.", REGISTER)
    return _unknown("Tanggal lahir belum diisi.", REGISTER)


def _min_age(facts: Facts, settings: Settings) -> Finding:
    age, least = _age(facts), int(settings["age"])
    if age is None or facts.birth_date is None:
        return _no_birth_date(facts)
    day = long_date(facts.stage_date)
    if age >= least:
        return _yes(f"{age} tahun", f"Berusia {age} tahun pada {day}.", REGISTER)
    return _no(
        f"{age} tahun", f"Baru berusia {age} tahun pada {day}; paling sedikit {least}.", REGISTER
    )


def _max_age(facts: Facts, settings: Settings) -> Finding:
    age, most = _age(facts), int(settings["age"])
    if age is None:
        return _no_birth_date(facts)
    day = long_date(facts.stage_date)
    if age <= most:
        return _yes(f"{age} tahun", f"Berusia {age} tahun pada {day}.", REGISTER)
    return _no(
        f"{age} tahun", f"Sudah berusia {age} tahun pada {day}; paling tua {most}.", REGISTER
    )


def _min_months(facts: Facts, settings: Settings) -> Finding:
    age, least = _age(facts), int(settings["months"])
    if age is None or facts.birth_date is None:
        return _no_birth_date(facts)
    born, day = facts.birth_date, facts.stage_date
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    if months >= least:
        return _yes(f"{months} bulan", f"Berusia {months} bulan pada tanggal tahap.", REGISTER)
    return _no(f"{months} bulan", f"Baru {months} bulan; paling sedikit {least} bulan.", REGISTER)


def _desil(facts: Facts, settings: Settings) -> Finding:
    wanted = [int(value) for value in settings["values"]]
    if facts.in_dtsen is False:
        return _no("tidak tercatat", "Keluarga tidak tercatat di DTSEN.", facts.dtsen_source)
    if facts.desil is None:
        if facts.in_dtsen is None:
            return _unknown("Belum ada potret DTSEN untuk wilayah ini.", "DTSEN belum dimuat")
        return _unknown("Keluarga tercatat, tetapi desilnya belum ada.", facts.dtsen_source)
    if facts.desil in wanted:
        return _yes(f"desil {facts.desil}", f"Keluarga di desil {facts.desil}.", facts.dtsen_source)
    reason = f"Keluarga di desil {facts.desil}; yang berhak desil {_span(wanted)}."
    return _no(f"desil {facts.desil}", reason, facts.dtsen_source)


def _span(values: Sequence[int]) -> str:
    ordered = sorted(values)
    if len(ordered) > 1 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{ordered[0]}-{ordered[-1]}"
    return _joined(ordered)


def _in_dtsen(facts: Facts, _settings: Settings) -> Finding:
    if facts.in_dtsen is None:
        return _unknown("Belum ada potret DTSEN untuk wilayah ini.", "DTSEN belum dimuat")
    if facts.in_dtsen:
        return _yes("tercatat", "Keluarga tercatat di DTSEN.", facts.dtsen_source)
    return _no("tidak tercatat", "Keluarga tidak tercatat di DTSEN.", facts.dtsen_source)


def _regular_pkh(facts: Facts, _settings: Settings) -> Finding:
    if facts.in_regular_pkh is None:
        return _unknown("Belum ada daftar keluarga PKH reguler.", "Daftar PKH belum dimuat")
    if facts.in_regular_pkh:
        return _yes("penerima", "Keluarga penerima PKH reguler.", facts.pkh_source)
    reason = "Keluarga tidak ada di daftar penerima PKH reguler."
    return _no("bukan penerima", reason, facts.pkh_source)


def _one_per_family(facts: Facts, _settings: Settings) -> Finding:
    source = "Usulan dan SK program ini"
    if facts.others_in_family is None:
        return _unknown("Nomor KK belum diisi.", REGISTER)
    if facts.others_in_family == 0:
        return _yes("satu", "Tidak ada anggota KK lain di program ini.", source)
    reason = f"Sudah ada {facts.others_in_family} orang dari KK yang sama di program ini."
    return _no(f"{facts.others_in_family + 1} orang", reason, source)


def _domicile(facts: Facts, settings: Settings) -> Finding:
    province = str(settings["province"])
    if facts.home_outside:
        return _no(facts.home_outside, "KTP-nya di luar provinsi ini.", REGISTER)
    if not facts.area_code:
        return _unknown("Alamat tempat tinggal belum diisi.", REGISTER)
    if facts.area_code.startswith(province):
        return _yes(facts.area_code[:5], "Bertempat tinggal di provinsi ini.", REGISTER)
    return _no(facts.area_code[:5], "Bertempat tinggal di luar provinsi ini.", REGISTER)


def _sex(facts: Facts, settings: Settings) -> Finding:
    names = {"L": "laki-laki", "P": "perempuan"}
    if facts.sex not in names:
        return _unknown("Jenis kelamin belum diisi.", REGISTER)
    name = names[facts.sex]
    if facts.sex == settings["sex"]:
        return _yes(name, f"Jenis kelamin {name}.", REGISTER)
    reason = f"Program ini untuk {names[str(settings['sex'])]}."
    return _no(name, reason, REGISTER)


def _not_excluded(facts: Facts, settings: Settings) -> Finding:
    if facts.exclusion_codes is None:
        return _unknown("Belum ada daftar pengecualian.", "Daftar pengecualian belum dimuat")
    named = {str(code).upper() for code in settings.get("codes") or ()}
    found = [code for code in facts.exclusion_codes if not named or code.upper() in named]
    if not found:
        return _yes("tidak ada", "Tidak ada di daftar pengecualian.", facts.exclusion_source)
    return _no(_joined(found), f"Tercatat sebagai {_joined(found)}.", facts.exclusion_source)


def _alive(facts: Facts, _settings: Settings) -> Finding:
    if facts.died_on is not None:
        day = long_date(facts.died_on)
        return _no("meninggal", f"Meninggal pada {day}.", facts.death_source or REGISTER)
    if not facts.death_source:
        return _unknown("Belum ada daftar kematian yang diperiksa.", "Daftar kematian belum dimuat")
    return _yes("hidup", "Tidak ada di daftar kematian.", facts.death_source)


def _never_received(facts: Facts, settings: Settings) -> Finding:
    source = "Riwayat program di Bansos"
    if facts.received is None:
        return _unknown("Riwayat program belum diperiksa.", source)
    named = {str(code) for code in settings.get("programmes") or ()}
    found = sorted(code for code in facts.received if code in named)
    if found:
        return _no(_joined(found), f"Pernah menerima {_joined(found)}.", source)
    return _yes("belum pernah", "Tidak pernah tercatat menerima.", source)


def _group_size(facts: Facts, settings: Settings) -> Finding:
    least, most = int(settings["least"]), int(settings["most"])
    source = "Daftar anggota kelompok"
    if facts.group_size is None:
        return _unknown("Anggota kelompok belum diisi.", source)
    value = f"{facts.group_size} orang"
    if least <= facts.group_size <= most:
        return _yes(value, f"Kelompok beranggota {value}.", source)
    return _no(value, f"Kelompok beranggota {value}; yang boleh {least}-{most}.", source)


def _field_check(facts: Facts, settings: Settings) -> Finding:
    seen = facts.observed.get(str(settings["key"]))
    question = str(settings["question"]).rstrip(".")
    if seen is None:
        return _unknown(f"Dibuktikan saat verifikasi lapangan: {question}.", FIELD_CHECK)
    source = facts.observed_source or FIELD_CHECK
    if seen:
        return _yes("ya", f"Terbukti: {question}.", source)
    return _no("tidak", f"Tidak terbukti: {question}.", source)


_AGE = Param("age", "Usia (tahun)", "int")
_SEX_WORDS = {"L": "Laki-laki", "P": "Perempuan"}

CRITERIA: dict[str, Criterion] = {
    item.code: item
    for item in (
        Criterion(
            "min_age_on_stage",
            "Usia paling sedikit pada tanggal tahap",
            (_AGE,),
            lambda s: f"Berusia paling sedikit {s['age']} tahun pada tanggal tahap",
            _min_age,
        ),
        Criterion(
            "max_age",
            "Usia paling tua pada tanggal tahap",
            (_AGE,),
            lambda s: f"Berusia paling tua {s['age']} tahun pada tanggal tahap",
            _max_age,
        ),
        Criterion(
            "min_age_months",
            "Usia paling sedikit dalam bulan",
            (Param("months", "Usia (bulan)", "int"),),
            lambda s: f"Berusia paling sedikit {s['months']} bulan",
            _min_months,
        ),
        Criterion(
            "desil_in",
            "Desil keluarga",
            (Param("values", "Desil", "ints"),),
            lambda s: f"Keluarga di desil {_span([int(v) for v in s['values']])} DTSEN",
            _desil,
        ),
        Criterion(
            "in_dtsen", "Tercatat di DTSEN", (), lambda _s: "Keluarga tercatat di DTSEN", _in_dtsen
        ),
        Criterion(
            "in_regular_pkh",
            "Keluarga PKH reguler",
            (),
            lambda _s: "Keluarga penerima PKH reguler",
            _regular_pkh,
        ),
        Criterion(
            "one_per_family",
            "Satu orang per KK",
            (),
            lambda _s: "Paling banyak satu orang dari satu KK",
            _one_per_family,
        ),
        Criterion(
            "domicile_in_province",
            "Tempat tinggal",
            (Param("province", "Kode provinsi", "text"),),
            lambda _s: "Bertempat tinggal di provinsi ini",
            _domicile,
        ),
        Criterion(
            "sex_is",
            "Jenis kelamin",
            (Param("sex", "Jenis kelamin", "choice", (("L", "Laki-laki"), ("P", "Perempuan"))),),
            lambda s: f"{_SEX_WORDS[str(s['sex'])]}",
            _sex,
        ),
        Criterion(
            "not_excluded",
            "Tidak ada di daftar pengecualian",
            (Param("codes", "Kode pengecualian (kosong: semua)", "codes"),),
            lambda _s: "Bukan ASN, TNI/Polri, pendamping, atau golongan lain yang dikecualikan",
            _not_excluded,
        ),
        Criterion("alive", "Masih hidup", (), lambda _s: "Masih hidup", _alive),
        Criterion(
            "never_received",
            "Belum pernah menerima",
            (Param("programmes", "Kode program", "codes"),),
            lambda s: f"Belum pernah menerima {_joined(s['programmes'])}",
            _never_received,
        ),
        Criterion(
            "group_size",
            "Jumlah anggota kelompok",
            (Param("least", "Paling sedikit", "int"), Param("most", "Paling banyak", "int")),
            lambda s: f"Kelompok beranggota {s['least']} sampai {s['most']} orang",
            _group_size,
        ),
        Criterion(
            "field_check",
            "Dibuktikan di lapangan",
            (Param("key", "Kunci singkat", "text"), Param("question", "Yang dibuktikan", "text")),
            lambda s: str(s["question"]),
            _field_check,
        ),
    )
}


def identity_of(row: Mapping[str, Any]) -> str:
    """The code a version's criterion is stored under; field checks carry their key."""
    code = str(row["code"])
    return f"{code}:{row['params']['key']}" if code == "field_check" else code


def sentence_of(row: Mapping[str, Any]) -> str:
    """One criterion of a version in words; its own label wins over the built sentence."""
    label = str(row.get("label") or "")
    return label or CRITERIA[str(row["code"])].words(row.get("params") or {})


def sentences_of(criteria: Sequence[Mapping[str, Any]]) -> list[str]:
    """All criteria of a version in words, in order."""
    return [sentence_of(row) for row in criteria]


def evaluate(criteria: Sequence[Mapping[str, Any]], facts: Facts) -> list[CriterionResult]:
    """Answer every criterion of a version from the facts of one candidate, in order.

    No programme pays the dead: a known death answers "alive" with no, asked or not.
    `criteria` are rows {"code", "params", "label", "waivable"}. Raises KeyError on an unknown
    code: criteria_problems() keeps such rows out of a version.
    """
    asked = list(criteria)
    if facts.died_on is not None and all(row["code"] != "alive" for row in asked):
        asked.append({"code": "alive"})
    results = []
    for row in asked:
        found = CRITERIA[str(row["code"])].judge(facts, row.get("params") or {})
        results.append(
            CriterionResult(
                code=identity_of(row),
                label=sentence_of(row),
                answer=found.answer,
                value=found.value,
                reason=found.reason,
                source=found.source or REGISTER,
                waivable=bool(row.get("waivable")),
            )
        )
    return results


def failing(results: Sequence[CriterionResult]) -> list[CriterionResult]:
    """The criteria that are answered no and may not be waived by a field note."""
    return [r for r in results if r.answer == Answer.NO and not r.waivable]

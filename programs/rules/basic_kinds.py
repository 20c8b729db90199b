"""The first kinds of criteria: age, sex, desil, PKH, family, home, exclusions, field checks.

A fact nobody has gives "unknown", never yes and never no.
"""

from __future__ import annotations

from collections.abc import Sequence

from bansos.lib.dates import age_on, long_date
from programs.rules.facts import (
    FIELD_CHECK,
    REGISTER,
    Criterion,
    Facts,
    Finding,
    Param,
    Settings,
    joined,
    no,
    span,
    unknown,
    yes,
)

# Length of the code of a village, as Kemendagri writes it: 35.19.01.2001.
VILLAGE = 13


def _age(facts: Facts) -> int | None:
    if facts.birth_date is None or facts.birth_date > facts.stage_date:
        return None
    return age_on(facts.birth_date, facts.stage_date)


def _no_birth_date(facts: Facts) -> Finding:
    if facts.birth_date is not None:
        return unknown("Tanggal lahir sesudah tanggal tahap; periksa KTP.", REGISTER)
    return unknown("Tanggal lahir belum diisi.", REGISTER)


def _min_age(facts: Facts, settings: Settings) -> Finding:
    age, least = _age(facts), int(settings["age"])
    if age is None or facts.birth_date is None:
        return _no_birth_date(facts)
    day = long_date(facts.stage_date)
    if age >= least:
        return yes(f"{age} tahun", f"Berusia {age} tahun pada {day}.", REGISTER)
    return no(
        f"{age} tahun", f"Baru berusia {age} tahun pada {day}; paling sedikit {least}.", REGISTER
    )


def _max_age(facts: Facts, settings: Settings) -> Finding:
    age, most = _age(facts), int(settings["age"])
    if age is None:
        return _no_birth_date(facts)
    day = long_date(facts.stage_date)
    if age <= most:
        return yes(f"{age} tahun", f"Berusia {age} tahun pada {day}.", REGISTER)
    return no(f"{age} tahun", f"Sudah berusia {age} tahun pada {day}; paling tua {most}.", REGISTER)


def _min_months(facts: Facts, settings: Settings) -> Finding:
    age, least = _age(facts), int(settings["months"])
    if age is None or facts.birth_date is None:
        return _no_birth_date(facts)
    born, day = facts.birth_date, facts.stage_date
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    if months >= least:
        return yes(f"{months} bulan", f"Berusia {months} bulan pada tanggal tahap.", REGISTER)
    return no(f"{months} bulan", f"Baru {months} bulan; paling sedikit {least} bulan.", REGISTER)


def judge_desil(facts: Facts, settings: Settings) -> Finding:
    wanted = [int(value) for value in settings["values"]]
    if facts.in_dtsen is False:
        return no("tidak tercatat", "Keluarga tidak tercatat di DTSEN.", facts.dtsen_source)
    if facts.desil is None:
        if facts.in_dtsen is None:
            return unknown("Belum ada potret DTSEN untuk wilayah ini.", "DTSEN belum dimuat")
        return unknown("Keluarga tercatat, tetapi desilnya belum ada.", facts.dtsen_source)
    if facts.desil in wanted:
        return yes(f"desil {facts.desil}", f"Keluarga di desil {facts.desil}.", facts.dtsen_source)
    reason = f"Keluarga di desil {facts.desil}; yang berhak desil {span(wanted)}."
    return no(f"desil {facts.desil}", reason, facts.dtsen_source)


def _in_dtsen(facts: Facts, _settings: Settings) -> Finding:
    if facts.in_dtsen is None:
        return unknown("Belum ada potret DTSEN untuk wilayah ini.", "DTSEN belum dimuat")
    if facts.in_dtsen:
        return yes("tercatat", "Keluarga tercatat di DTSEN.", facts.dtsen_source)
    return no("tidak tercatat", "Keluarga tidak tercatat di DTSEN.", facts.dtsen_source)


def _regular_pkh(facts: Facts, _settings: Settings) -> Finding:
    if facts.in_regular_pkh is None:
        return unknown("Belum ada daftar keluarga PKH reguler.", "Daftar PKH belum dimuat")
    if facts.in_regular_pkh:
        return yes("penerima", "Keluarga penerima PKH reguler.", facts.pkh_source)
    reason = "Keluarga tidak ada di daftar penerima PKH reguler."
    return no("bukan penerima", reason, facts.pkh_source)


def _one_per_family(facts: Facts, _settings: Settings) -> Finding:
    source = "Usulan dan SK program ini"
    if facts.others_in_family is None:
        return unknown("Nomor KK belum diisi.", REGISTER)
    if facts.others_in_family == 0:
        return yes("satu", "Tidak ada anggota KK lain di program ini.", source)
    reason = f"Sudah ada {facts.others_in_family} orang dari KK yang sama di program ini."
    return no(f"{facts.others_in_family + 1} orang", reason, source)


def _domicile(facts: Facts, settings: Settings) -> Finding:
    province = str(settings["province"])
    if facts.home_outside:
        return no(facts.home_outside, "KTP-nya di luar provinsi ini.", REGISTER)
    if not facts.area_code:
        return unknown("Alamat tempat tinggal belum diisi.", REGISTER)
    if facts.area_code.startswith(province):
        return yes(facts.area_code[:5], "Bertempat tinggal di provinsi ini.", REGISTER)
    return no(facts.area_code[:5], "Bertempat tinggal di luar provinsi ini.", REGISTER)


def _sex(facts: Facts, settings: Settings) -> Finding:
    names = {"L": "laki-laki", "P": "perempuan"}
    if facts.sex not in names:
        return unknown("Jenis kelamin belum diisi.", REGISTER)
    name = names[facts.sex]
    if facts.sex == settings["sex"]:
        return yes(name, f"Jenis kelamin {name}.", REGISTER)
    reason = f"Program ini untuk {names[str(settings['sex'])]}."
    return no(name, reason, REGISTER)


# The list that holds every group, and the lists of one group each with what they are called.
COMBINED_LIST = "exclusion"
GROUP_LISTS = {"asn": "ASN", "forces": "TNI/Polri", "companion": "pendamping"}
_LIST_OF_CODE = {
    "ASN": "asn",
    **dict.fromkeys(("TNI", "POLRI", "TNI/POLRI"), "forces"),
    "PENDAMPING": "companion",
}


def lists_asked(codes: Sequence[str]) -> list[str]:
    """Kinds of lists that must be loaded, where the combined one is not, before a yes is said.

    No code asks for every group; a code of no known group may stand in any of the lists.
    """
    asked = {_LIST_OF_CODE.get(str(code).upper(), "") for code in codes} or {""}
    return [kind for kind in GROUP_LISTS if "" in asked or kind in asked]


def _not_excluded(facts: Facts, settings: Settings) -> Finding:
    if facts.exclusion_codes is None:
        return unknown("Belum ada daftar pengecualian.", "Daftar pengecualian belum dimuat")
    codes = settings.get("codes") or ()
    named = {str(code).upper() for code in codes}
    found = [code for code in facts.exclusion_codes if not named or code.upper() in named]
    if found:
        return no(joined(found), f"Tercatat sebagai {joined(found)}.", facts.exclusion_source)
    loaded = set(facts.exclusion_kinds)
    missing = [GROUP_LISTS[kind] for kind in lists_asked(codes) if kind not in loaded]
    if missing and COMBINED_LIST not in loaded:
        return unknown(
            f"Daftar pengecualian {joined(missing)} belum dimuat.", facts.exclusion_source
        )
    return yes("tidak ada", "Tidak ada di daftar pengecualian.", facts.exclusion_source)


def _alive(facts: Facts, _settings: Settings) -> Finding:
    if facts.died_on is not None:
        day = long_date(facts.died_on)
        return no("meninggal", f"Meninggal pada {day}.", facts.death_source or REGISTER)
    if not facts.death_source:
        return unknown("Belum ada daftar kematian yang diperiksa.", "Daftar kematian belum dimuat")
    return yes("hidup", "Tidak ada di daftar kematian.", facts.death_source)


def _never_received(facts: Facts, settings: Settings) -> Finding:
    source = "Riwayat program di Bansos"
    if facts.received is None:
        return unknown("Riwayat program belum diperiksa.", source)
    named = {str(code) for code in settings.get("programmes") or ()}
    found = sorted(code for code in facts.received if code in named)
    if found:
        return no(joined(found), f"Pernah menerima {joined(found)}.", source)
    return yes("belum pernah", "Tidak pernah tercatat menerima.", source)


def _group_size(facts: Facts, settings: Settings) -> Finding:
    least, most = int(settings["least"]), int(settings["most"])
    source = "Daftar anggota kelompok"
    if facts.group_size is None:
        return unknown("Anggota kelompok belum diisi.", source)
    value = f"{facts.group_size} orang"
    if least <= facts.group_size <= most:
        return yes(value, f"Kelompok beranggota {value}.", source)
    return no(value, f"Kelompok beranggota {value}; yang boleh {least}-{most}.", source)


def _one_village(facts: Facts, _settings: Settings) -> Finding:
    source = "Daftar anggota kelompok"
    if not facts.members:
        return unknown("Anggota kelompok belum diisi.", source)
    homes = [own for _name, own in facts.members]
    villages = {own.area_code for own in homes if len(own.area_code) == VILLAGE}
    if any(own.home_outside for own in homes) or len(villages) > 1:
        value = f"{len(villages)} desa" if len(villages) > 1 else "KTP luar provinsi"
        return no(value, "Anggota kelompok tidak tinggal di satu desa.", source)
    if any(len(own.area_code) != VILLAGE for own in homes):
        return unknown("Desa tempat tinggal sebagian anggota belum diisi.", source)
    return yes("satu desa", "Semua anggota tinggal di satu desa.", source)


def _field_check(facts: Facts, settings: Settings) -> Finding:
    seen = facts.observed.get(str(settings["key"]))
    question = str(settings["question"]).rstrip(".")
    if seen is None:
        return unknown(f"Dibuktikan saat verifikasi lapangan: {question}.", FIELD_CHECK)
    source = facts.observed_source or FIELD_CHECK
    if seen:
        return yes("ya", f"Terbukti: {question}.", source)
    return no("tidak", f"Tidak terbukti: {question}.", source)


_AGE = Param("age", "Usia (tahun)", "int")
_SEX_WORDS = {"L": "Laki-laki", "P": "Perempuan"}

BASIC: tuple[Criterion, ...] = (
    Criterion(
        "min_age_on_stage",
        "Usia paling sedikit pada tanggal tahap",
        (_AGE,),
        lambda s: f"Berusia paling sedikit {s['age']} tahun pada tanggal tahap",
        _min_age,
        threshold="age",
    ),
    Criterion(
        "max_age",
        "Usia paling tua pada tanggal tahap",
        (_AGE,),
        lambda s: f"Berusia paling tua {s['age']} tahun pada tanggal tahap",
        _max_age,
        threshold="age",
    ),
    Criterion(
        "min_age_months",
        "Usia paling sedikit dalam bulan",
        (Param("months", "Usia (bulan)", "int"),),
        lambda s: f"Berusia paling sedikit {s['months']} bulan",
        _min_months,
        threshold="months",
    ),
    Criterion(
        "desil_in",
        "Desil keluarga",
        (Param("values", "Desil", "ints"),),
        lambda s: f"Keluarga di desil {span([int(v) for v in s['values']])} DTSEN",
        judge_desil,
        threshold="values",
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
        lambda s: f"Belum pernah menerima {joined(s['programmes'])}",
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
        "group_one_village",
        "Anggota kelompok satu desa",
        (),
        lambda _s: "Semua anggota kelompok tinggal di satu desa",
        _one_village,
    ),
    Criterion(
        "field_check",
        "Dibuktikan di lapangan",
        (Param("key", "Kunci singkat", "text"), Param("question", "Yang dibuktikan", "text")),
        lambda s: str(s["question"]),
        _field_check,
    ),
)

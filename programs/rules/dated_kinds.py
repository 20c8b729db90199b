"""Kinds of criteria over dated facts: registries, disability, family, help received, scores.

Each answers unknown when the fact is not there: a list nobody loaded, a member without a birth
date, a score nobody gave. Age limits count on the stage date unless a day is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.utils.translation import override

from bansos.lib.dates import age_on, long_date, months_before
from bansos.lib.money import number, rupiah
from beneficiaries.choices import (
    DisabilityKind,
    Grade,
    PillarKind,
    Ppks,
    Relation,
    SnapshotKind,
)
from beneficiaries.rules.categories import RESTRICTED
from programs.rules.basic_kinds import judge_desil
from programs.rules.facts import (
    REGISTER,
    Criterion,
    Facts,
    Finding,
    Grant,
    Param,
    PillarTerm,
    Settings,
    joined,
    no,
    span,
    unknown,
    yes,
)

HISTORY = "Riwayat program di Bansos"
DISABILITY_REGISTER = "E-Disabilitas"
WORKERS = "Daftar pekerja"
RESIDENTS = "Daftar penghuni lembaga"
PILLARS = "Daftar pilar sosial"
# "35.19": as far as a code tells the regency or city.
REGENCY = 5

# Stored sentences are Indonesian whoever reads the page, so the words are written out here.
LISTS = {
    SnapshotKind.DTSEN: "DTSEN",
    SnapshotKind.PKH: "daftar PKH reguler",
    SnapshotKind.SEMBAKO: "daftar Sembako (BPNT)",
    SnapshotKind.DISABILITY: "E-Disabilitas",
    SnapshotKind.DEATH: "daftar kematian",
    SnapshotKind.ASN: "daftar ASN",
    SnapshotKind.FORCES: "daftar TNI/Polri",
    SnapshotKind.COMPANION: "daftar pendamping",
    SnapshotKind.EXCLUSION: "daftar pengecualian lain",
}
WHEN = {"this_year": "tahun ini", "last_year": "tahun lalu", "ever": "kapan pun"}
PER = {"person": "orang ini", "family": "satu KK"}


def _indonesian(kind: type, values: Iterable[object]) -> list[str]:
    with override("id"):
        return [str(kind(value).label).lower() for value in values]  # type: ignore[call-arg]


def _choices(kind: type, values: Iterable[object]) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), kind(value).label) for value in values)  # type: ignore[call-arg]


def bounds(settings: Settings, unit: str) -> str:
    """ "60 sampai 70 tahun", "paling sedikit 60 tahun", "paling banyak 70 tahun"."""
    least, most = settings.get("least"), settings.get("most")
    if least is not None and most is not None:
        return f"{least} sampai {most} {unit}".strip()
    if least is not None:
        return f"paling sedikit {least} {unit}".strip()
    return f"paling banyak {most} {unit}".strip()


def within(value: Decimal | int, settings: Settings) -> bool:
    """True when the value keeps the bounds that are set."""
    least, most = settings.get("least"), settings.get("most")
    return (least is None or value >= Decimal(str(least))) and (
        most is None or value <= Decimal(str(most))
    )


def age_day(facts: Facts, settings: Settings) -> date:
    """The day an age is asked for: the one written, else the stage date."""
    text = str(settings.get("on") or "")
    return date.fromisoformat(text) if text else facts.stage_date


def _age_on_date(facts: Facts, settings: Settings) -> Finding:
    day = age_day(facts, settings)
    if facts.birth_date is None:
        return unknown("Tanggal lahir belum diisi.", REGISTER)
    if facts.birth_date > day:
        return unknown("Tanggal lahir sesudah tanggal yang ditanyakan; periksa KTP.", REGISTER)
    age = age_on(facts.birth_date, day)
    if within(age, settings):
        return yes(f"{age} tahun", f"Berusia {age} tahun pada {long_date(day)}.", REGISTER)
    wanted = bounds(settings, "tahun")
    reason = f"Berusia {age} tahun pada {long_date(day)}; yang diminta {wanted}."
    return no(f"{age} tahun", reason, REGISTER)


def _age_words(settings: Settings) -> str:
    text = str(settings.get("on") or "")
    day = f"tanggal {long_date(date.fromisoformat(text))}" if text else "tanggal tahap"
    return f"Berusia {bounds(settings, 'tahun')} pada {day}"


def _desil_fresh(facts: Facts, settings: Settings) -> Finding:
    months = int(settings["months"])
    if facts.dtsen_as_of is None:
        return unknown("Belum ada potret DTSEN untuk wilayah ini.", "DTSEN belum dimuat")
    if facts.dtsen_as_of < months_before(facts.asked_on or facts.stage_date, months):
        reason = f"Potret DTSEN lebih tua dari {months} bulan, jadi desilnya belum dipakai."
        return unknown(reason, facts.dtsen_source)
    return judge_desil(facts, settings)


def _in_list(facts: Facts, settings: Settings) -> Finding:
    kind = str(settings["list"])
    name = LISTS[SnapshotKind(kind)]
    found = facts.lists.get(kind)
    if found is None:
        return unknown(f"Belum ada {name} untuk wilayah ini.", f"{name} belum dimuat")
    source = facts.list_sources.get(kind) or name
    if found:
        return yes("tercatat", f"Tercatat di {name}.", source)
    return no("tidak tercatat", f"Tidak tercatat di {name}.", source)


def _disability(facts: Facts, settings: Settings) -> Finding:
    wanted = [str(value) for value in settings.get("kinds") or ()]
    known = facts.disabilities
    registered = facts.lists.get(SnapshotKind.DISABILITY)
    source = facts.list_sources.get(SnapshotKind.DISABILITY) or REGISTER
    if known is None:
        return unknown("Disabilitas belum diperiksa.", REGISTER)
    found = [kind for kind in known if not wanted or kind in wanted]
    if found:
        words = joined(_indonesian(DisabilityKind, found))
        return yes(words, f"Tercatat sebagai penyandang disabilitas {words}.", REGISTER)
    if registered and not wanted:
        return yes("tercatat", f"Tercatat di {DISABILITY_REGISTER}.", source)
    if known:
        words = joined(_indonesian(DisabilityKind, known))
        return no(words, f"Disabilitas yang tercatat: {words}.", REGISTER)
    if registered is False:
        return no("tidak tercatat", f"Tidak tercatat di {DISABILITY_REGISTER}.", source)
    if registered:
        return unknown("Tercatat di E-Disabilitas, tetapi ragamnya belum dicatat.", source)
    return unknown("Disabilitas belum dicatat dan E-Disabilitas belum dimuat.", REGISTER)


def _disability_words(settings: Settings) -> str:
    wanted = _indonesian(DisabilityKind, settings.get("kinds") or ())
    return "Penyandang disabilitas" + (f" {_either(wanted)}" if wanted else "")


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} atau {words[-1]}"


def _ppks(facts: Facts, settings: Settings) -> Finding:
    wanted = [str(code) for code in settings["codes"]]
    if not facts.ppks:
        return unknown("Kategori PPKS belum dicatat.", REGISTER)
    found = [code for code in facts.ppks if code in wanted]
    if found:
        words = joined(_indonesian(Ppks, found))
        return yes(words, f"Tercatat sebagai {words}.", REGISTER)
    return no("kategori lain", "Kategori PPKS yang tercatat bukan yang diminta.", REGISTER)


def _in_areas(facts: Facts, settings: Settings) -> Finding:
    wanted = [str(code) for code in settings["areas"]]
    name = str(settings.get("name") or "wilayah yang diminta")
    if facts.home_outside:
        return no(facts.home_outside, "KTP-nya di luar provinsi ini.", REGISTER)
    code = facts.area_code
    if not code:
        return unknown("Alamat tempat tinggal belum diisi.", REGISTER)
    if any(_inside(code, area) for area in wanted):
        return yes(code, f"Bertempat tinggal di {name}.", REGISTER)
    if any(_inside(area, code) for area in wanted):
        return unknown("Alamat belum sampai desa, jadi belum dapat dicocokkan.", REGISTER)
    return no(code, f"Bertempat tinggal di luar {name}.", REGISTER)


def _inside(code: str, area: str) -> bool:
    return code == area or code.startswith(f"{area}.")


def _area_words(settings: Settings) -> str:
    codes = [str(code) for code in settings["areas"]]
    return f"Bertempat tinggal di {settings.get('name') or joined(codes)}"


def _family_size(facts: Facts, settings: Settings) -> Finding:
    if facts.family_births is None:
        return unknown("Nomor KK belum diisi.", REGISTER)
    size = len(facts.family_births)
    if within(size, settings):
        return yes(f"{size} orang", f"KK beranggota {size} orang.", REGISTER)
    wanted = bounds(settings, "orang")
    return no(f"{size} orang", f"KK beranggota {size} orang; yang diminta {wanted}.", REGISTER)


def _family_aged(facts: Facts, settings: Settings) -> Finding:
    if facts.family_births is None:
        return unknown("Nomor KK belum diisi.", REGISTER)
    day, count = facts.stage_date, int(settings["count"])
    births = [birth for birth in facts.family_births if birth is not None and birth <= day]
    dark = len(facts.family_births) - len(births)
    found = sum(within(age_on(birth, day), settings) for birth in births)
    wanted = bounds(settings, "tahun")
    value = f"{found} orang"
    if found >= count:
        return yes(value, f"Ada {found} anggota KK berusia {wanted}.", REGISTER)
    if found + dark >= count:
        return unknown(f"Tanggal lahir {dark} anggota KK belum diketahui.", REGISTER)
    return no(value, f"Ada {found} anggota KK berusia {wanted}; yang diminta {count}.", REGISTER)


def _relation(facts: Facts, settings: Settings) -> Finding:
    wanted = {int(code) for code in settings["relations"]}
    possible = set(facts.relations or ())
    if not possible:
        return unknown("Hubungan dengan kepala keluarga belum dicatat.", REGISTER)
    words = _either(_indonesian(Relation, sorted(possible)))
    if possible <= wanted:
        return yes(words, f"Hubungan dengan kepala keluarga: {words}.", REGISTER)
    if possible & wanted:
        return unknown(f"Hubungan tercatat {words}; belum pasti yang mana.", REGISTER)
    return no(words, f"Hubungan dengan kepala keluarga: {words}.", REGISTER)


def _relation_words(settings: Settings) -> str:
    words = _either(_indonesian(Relation, settings["relations"]))
    return f"Hubungan dengan kepala keluarga: {words}"


def _in_time(rows: Iterable[Grant], facts: Facts, when: str) -> list[Grant]:
    if when == "ever":
        return list(rows)
    year = (facts.year or facts.stage_date.year) - (when == "last_year")
    return [row for row in rows if row.year == year]


def _received(facts: Facts, settings: Settings) -> Finding:
    of_family = settings["per"] == "family"
    rows = facts.family_grants if of_family else facts.grants
    if rows is None:
        reason = "Nomor KK belum diisi." if of_family else "Riwayat program belum diperiksa."
        return unknown(reason, REGISTER if of_family else HISTORY)
    named = {str(code) for code in settings.get("programmes") or ()}
    when = str(settings["when"])
    found = sorted(
        {
            f"{row.code} {row.year}"
            for row in _in_time(rows, facts, when)
            if not named or row.code in named
        }
    )
    if found:
        return yes(joined(found), f"Tercatat menerima {joined(found)}.", HISTORY)
    return no("tidak pernah", f"Tidak tercatat menerima, {WHEN[when]}.", HISTORY)


def _received_words(settings: Settings) -> str:
    names = [str(code) for code in settings.get("programmes") or ()]
    what = _either(names) if names else "program lain"
    who = "Ada anggota KK yang menerima" if settings["per"] == "family" else "Menerima"
    return f"{who} {what} {WHEN[str(settings['when'])]}"


def _amount(facts: Facts, settings: Settings) -> Finding:
    when = str(settings["when"])
    source = "Pembayaran yang sudah diterima"
    if facts.paid is None:
        return unknown("Pembayaran yang diterima belum diperiksa.", source)
    amount = facts.paid.get(when, Decimal(0))
    value = rupiah(amount)
    if within(amount, settings):
        return yes(value, f"Sudah menerima {value}, {WHEN[when]}.", source)
    return no(value, f"Sudah menerima {value}, {WHEN[when]}; di luar batas.", source)


def _amount_words(settings: Settings) -> str:
    shown = {
        key: rupiah(Decimal(str(settings[key])))
        for key in ("least", "most")
        if settings.get(key) is not None
    }
    return f"Sudah menerima {bounds(shown, '')} {WHEN[str(settings['when'])]}"


def _accredited(facts: Facts, settings: Settings) -> Finding:
    wanted = [str(grade) for grade in settings["grades"]]
    source = "Berkas lembaga"
    if facts.accreditation is None:
        return unknown("Lembaganya belum dicatat.", source)
    if not facts.accreditation:
        return no("tidak ada", "Akreditasi lembaga tidak ada atau sudah berakhir.", source)
    value = facts.accreditation
    if value in wanted:
        return yes(value, f"Lembaga terakreditasi {value} pada tanggal tahap.", source)
    return no(value, f"Lembaga terakreditasi {value}; yang diminta {_either(wanted)}.", source)


def _accredited_words(settings: Settings) -> str:
    grades = _either([str(grade) for grade in settings["grades"]])
    return f"Lembaga terakreditasi {grades} pada tanggal tahap"


def _works_elsewhere(facts: Facts, _settings: Settings) -> Finding:
    home = facts.area_code[:REGENCY]
    if facts.home_outside:
        return no(facts.home_outside, "KTP-nya di luar provinsi ini.", REGISTER)
    if len(home) < REGENCY:
        return unknown("Alamat tempat tinggal belum sampai kabupaten/kota.", REGISTER)
    if not facts.work_codes:
        return unknown("Tempat kerja belum dicatat.", WORKERS)
    away = [code for code in facts.work_codes if code[:REGENCY] != home]
    if away:
        return yes(away[0], "Bekerja di kabupaten/kota lain daripada KTP-nya.", WORKERS)
    return no(facts.work_codes[0], "Bekerja di kabupaten/kota KTP-nya sendiri.", WORKERS)


def _pillar_names(kinds: Iterable[object]) -> list[str]:
    with override("id"):
        return [str(PillarKind(str(kind)).label) for kind in kinds]


def _asked_pillars(settings: Settings) -> str:
    """A draft may not have chosen any yet."""
    names = _pillar_names(settings.get("kinds") or ())
    return _either(names) if names else "pilar sosial"


def _pillar(facts: Facts, settings: Settings) -> Finding:
    if not facts.pillars:
        return unknown("Belum tercatat sebagai pilar sosial.", PILLARS)
    wanted = [str(kind) for kind in settings["kinds"]]
    serving = [row for row in facts.pillars if row.serves]
    fitting = [row for row in serving if row.kind in wanted]
    if not fitting:
        now = joined(_pillar_names(row.kind for row in serving)) or "tidak bertugas lagi"
        return no(now, f"Tidak sedang bertugas sebagai {_asked_pillars(settings)}.", PILLARS)
    least = settings.get("load")
    enough = [row for row in fitting if least is None or row.load is None or row.load >= least]
    if not enough:
        most = max(row.load or 0 for row in fitting)
        return no(f"beban {most}", f"Beban tugas {most}; paling sedikit {least}.", PILLARS)
    sure = [row for row in enough if _proven(row, settings)]
    if not sure:
        return unknown("Sertifikat atau beban tugasnya belum dicatat.", PILLARS)
    [name] = _pillar_names([sure[0].kind])
    return yes(name, f"Bertugas sebagai {name}.", PILLARS)


def _proven(row: PillarTerm, settings: Settings) -> bool:
    """Whether all that is asked of the term is written down."""
    paper = row.certified or settings.get("certificate") != "ya"
    return paper and (settings.get("load") is None or row.load is not None)


def _pillar_words(settings: Settings) -> str:
    words = f"Bertugas sebagai {_asked_pillars(settings)}"
    if settings.get("certificate") == "ya":
        words += " dengan sertifikat"
    load = settings.get("load")
    return words if load is None else f"{words}, beban tugas paling sedikit {load}"


def _not_in_institution(facts: Facts, _settings: Settings) -> Finding:
    day = long_date(facts.asked_on or facts.stage_date)
    # The institution is not named: its kind may tell what the law lets few people read.
    if facts.in_institution:
        reason = f"Tercatat tinggal di panti atau lembaga pada {day}."
        return no("tinggal di lembaga", reason, RESIDENTS)
    if facts.in_institution is False:
        reason = f"Tidak tercatat tinggal di panti atau lembaga pada {day}."
        return yes("tidak tercatat", reason, RESIDENTS)
    if not facts.area_code:
        return unknown("Alamat tempat tinggal belum diisi.", REGISTER)
    reason = f"Belum ada penghuni lembaga yang dicatat di provinsi ini pada {day}."
    return unknown(reason, "Daftar penghuni lembaga belum diisi")


def _score(facts: Facts, settings: Settings) -> Finding:
    source = "Lembar penilaian"
    score = facts.scores.get(str(settings["score"]))
    if score is None:
        return unknown(f"Nilai {settings['score']} belum ada.", source)
    value = number(score)
    if within(score, settings):
        return yes(value, f"Nilai {settings['score']} {value}.", source)
    wanted = bounds(settings, "")
    return no(value, f"Nilai {settings['score']} {value}; yang diminta {wanted}.", source)


_LEAST = Param("least", "Paling sedikit", "int", optional=True)
_MOST = Param("most", "Paling banyak", "int", optional=True)
_MONEY = (
    Param("least", "Paling sedikit (rupiah)", "decimal", optional=True),
    Param("most", "Paling banyak (rupiah)", "decimal", optional=True),
)
_WHEN = Param("when", "Waktu", "choice", tuple(WHEN.items()))

DATED: tuple[Criterion, ...] = (
    Criterion(
        "age_on_date",
        "Usia pada suatu tanggal",
        (
            Param("least", "Usia paling sedikit (tahun)", "int", optional=True),
            Param("most", "Usia paling tua (tahun)", "int", optional=True),
            Param("on", "Tanggal (kosong: tanggal tahap)", "date", optional=True),
        ),
        _age_words,
        _age_on_date,
        many=True,
        threshold="least",
    ),
    Criterion(
        "desil_fresh",
        "Desil dari potret yang belum lama",
        (Param("values", "Desil", "ints"), Param("months", "Umur potret (bulan)", "int")),
        lambda s: (
            f"Keluarga di desil {span([int(v) for v in s['values']])} menurut potret DTSEN"
            f" yang paling tua {s['months']} bulan"
        ),
        _desil_fresh,
        threshold="values",
    ),
    Criterion(
        "in_list",
        "Tercatat di suatu daftar",
        (Param("list", "Daftar", "choice", tuple((str(k), w) for k, w in LISTS.items())),),
        lambda s: f"Tercatat di {LISTS[SnapshotKind(s['list'])]}",
        _in_list,
        many=True,
    ),
    Criterion(
        "disability_is",
        "Penyandang disabilitas",
        (
            Param(
                "kinds",
                "Ragam (kosong: semua)",
                "choices",
                _choices(DisabilityKind, DisabilityKind.values),
                optional=True,
            ),
        ),
        _disability_words,
        _disability,
        many=True,
    ),
    Criterion(
        "ppks_is",
        "Kategori PPKS",
        (
            Param(
                "codes",
                "Kategori",
                "choices",
                # The answer to a restricted one would be read by everybody who opens a proposal.
                _choices(Ppks, [code for code in Ppks.values if code not in RESTRICTED]),
            ),
        ),
        lambda s: f"Termasuk {_either(_indonesian(Ppks, s['codes']))}",
        _ppks,
        many=True,
    ),
    Criterion(
        "domicile_in_areas",
        "Tempat tinggal di wilayah tertentu",
        (
            Param("areas", "Kode wilayah", "areas"),
            Param("name", "Sebutan, misalnya desa pesisir", "text", optional=True),
        ),
        _area_words,
        _in_areas,
        many=True,
    ),
    Criterion(
        "family_size",
        "Jumlah anggota KK",
        (_LEAST, _MOST),
        lambda s: f"KK beranggota {bounds(s, 'orang')}",
        _family_size,
        many=True,
        threshold="most",
    ),
    Criterion(
        "family_has_aged",
        "Ada anggota KK pada usia tertentu",
        (
            Param("least", "Usia paling sedikit (tahun)", "int", optional=True),
            Param("most", "Usia paling tua (tahun)", "int", optional=True),
            Param("count", "Paling sedikit berapa orang", "int"),
        ),
        lambda s: f"Ada paling sedikit {s['count']} anggota KK berusia {bounds(s, 'tahun')}",
        _family_aged,
        many=True,
        threshold="count",
    ),
    Criterion(
        "relation_is",
        "Hubungan dengan kepala keluarga",
        (Param("relations", "Hubungan", "ints", _choices(Relation, Relation.values)),),
        _relation_words,
        _relation,
        many=True,
    ),
    Criterion(
        "received_programme",
        "Menerima program",
        (
            Param("programmes", "Kode program (kosong: program apa pun)", "codes", optional=True),
            _WHEN,
            Param("per", "Dihitung per", "choice", tuple(PER.items())),
        ),
        _received_words,
        _received,
        many=True,
    ),
    Criterion(
        "amount_received",
        "Jumlah uang yang sudah diterima",
        (*_MONEY, _WHEN),
        _amount_words,
        _amount,
        many=True,
        threshold="most",
    ),
    Criterion(
        "accredited",
        "Lembaga terakreditasi",
        (Param("grades", "Akreditasi", "choices", _choices(Grade, ["A", "B", "C"])),),
        _accredited_words,
        _accredited,
    ),
    Criterion(
        "works_elsewhere",
        "Bekerja di kabupaten/kota lain",
        (),
        lambda _s: "Bekerja di kabupaten/kota lain daripada KTP-nya, dan KTP-nya di provinsi ini",
        _works_elsewhere,
    ),
    Criterion(
        "not_in_institution",
        "Tidak tinggal di panti atau lembaga",
        (),
        lambda _s: "Tidak tinggal di panti atau lembaga",
        _not_in_institution,
    ),
    Criterion(
        "pillar_is",
        "Pilar sosial yang bertugas",
        (
            Param("kinds", "Pilar", "choices", _choices(PillarKind, PillarKind.values)),
            Param(
                "certificate",
                "Harus bersertifikat",
                "choice",
                (("tidak", "Tidak"), ("ya", "Ya")),
            ),
            Param("load", "Beban tugas paling sedikit", "int", optional=True),
        ),
        _pillar_words,
        _pillar,
        many=True,
        threshold="load",
    ),
    Criterion(
        "score_between",
        "Nilai penilaian",
        (
            Param("score", "Kode nilai", "text"),
            Param("least", "Paling sedikit", "decimal", optional=True),
            Param("most", "Paling banyak", "decimal", optional=True),
        ),
        lambda s: f"Nilai {s['score']} {bounds(s, '')}",
        _score,
        many=True,
        threshold="least",
    ),
)

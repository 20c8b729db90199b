"""Each kind of condition as SQL: the same answer as its judge in rules, NULL for unknown."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bansos.lib.dates import months_before
from beneficiaries.choices import BpsRelation, PayeeType, SnapshotKind
from beneficiaries.queries.facts import EXCLUSIONS
from beneficiaries.rules.relations import TO_BPS, from_bps
from programs.choices import HOLDING
from programs.queries.received import Version, reached
from programs.queries.scores import PAID, SOURCES
from programs.queries.sql_ground import UNKNOWN, Expr, Ground, age, aged, born_by, dead
from programs.queries.sql_ground import death_looked_up as looked_up
from programs.queries.traits import GRADES, PROVINCE, provinces_with_residents
from programs.rules.basic_kinds import COMBINED_LIST, VILLAGE, lists_asked
from programs.rules.dated_kinds import REGENCY

Settings = Mapping[str, Any]
Compiler = Callable[[Ground, Settings], Expr]
DOTTED = (2, 5, 8)
SEXES = ("L", "P")


def _min_age(ground: Ground, settings: Settings) -> Expr:
    return age(ground.stage_date, {"least": settings["age"]}, ground)


def _max_age(ground: Ground, settings: Settings) -> Expr:
    return age(ground.stage_date, {"most": settings["age"]}, ground)


def _min_months(ground: Ground, settings: Settings) -> Expr:
    last = born_by(ground.stage_date, months=int(settings["months"]))
    fits = f"p.birth_date <= {ground.put(last)}" if last else "FALSE"
    known = f"p.birth_date <= {ground.put(ground.stage_date)}"
    return Expr(f"CASE WHEN {known} THEN {fits} END", plain=True)


def _age_on_date(ground: Ground, settings: Settings) -> Expr:
    text = str(settings.get("on") or "")
    return age(date.fromisoformat(text) if text else ground.stage_date, settings, ground)


def _desil(ground: Ground, settings: Settings) -> Expr:
    entry = ground.entry(SnapshotKind.DTSEN)
    wanted = ground.put([int(value) for value in settings["values"]])
    desil = entry.value("desil")
    fits = f"{desil} = ANY({wanted}::int[])"
    return Expr(
        f"CASE WHEN NOT {entry.loaded} THEN NULL WHEN NOT {entry.found} THEN FALSE ELSE {fits} END",
        # Not "IS NOT FALSE": the database knows how many families have these desils, no more.
        passing=f"({entry.found} AND ({fits} OR {desil} IS NULL))" if entry.whole else "",
    )


def _desil_fresh(ground: Ground, settings: Settings) -> Expr:
    oldest = months_before(ground.today, int(settings["months"]))
    fresh = [row.pk for row in ground.lists(SnapshotKind.DTSEN) if row.as_of >= oldest]
    if not fresh:
        return Expr(UNKNOWN)
    list_id = ground.list_id(SnapshotKind.DTSEN)
    inner = _desil(ground, settings).sql
    return Expr(f"CASE WHEN {list_id} = ANY({ground.put(fresh)}::bigint[]) THEN {inner} END")


def _in_dtsen(ground: Ground, _settings: Settings) -> Expr:
    return ground.entry(SnapshotKind.DTSEN).answer


def _regular_pkh(ground: Ground, _settings: Settings) -> Expr:
    return ground.entry(SnapshotKind.PKH).answer


def _in_list(ground: Ground, settings: Settings) -> Expr:
    kind = SnapshotKind(settings["list"])
    if kind != SnapshotKind.DEATH:
        return ground.entry(kind).answer
    return Expr(f"CASE WHEN {dead(ground)} THEN TRUE WHEN {looked_up(ground)} THEN FALSE END")


def _alive(ground: Ground, _settings: Settings) -> Expr:
    return Expr(f"CASE WHEN {dead(ground)} THEN FALSE WHEN {looked_up(ground)} THEN TRUE END")


def _not_excluded(ground: Ground, settings: Settings) -> Expr:
    named = sorted({str(code).upper() for code in settings.get("codes") or ()})
    loaded: dict[str, str] = {}
    hits = []
    for kind, default in EXCLUSIONS.items():
        if not ground.lists(kind):
            continue
        entry = ground.entry(kind)
        loaded[str(kind)] = entry.loaded
        hit = entry.found
        if named:
            code = f"COALESCE(NULLIF({entry.value('code')}, ''), {ground.put(default)}::text)"
            hit = f"({hit} AND upper({code}) = ANY({ground.put(named)}::text[]))"
        hits.append(hit)
    if not hits:
        return Expr(UNKNOWN)
    # A yes needs every list that is asked for; a hit in any of them is a no.
    asked = " AND ".join(loaded.get(kind, "FALSE") for kind in lists_asked(named))
    whole = f"({asked}) OR {loaded.get(COMBINED_LIST, 'FALSE')}"
    return Expr(f"CASE WHEN {' OR '.join(hits)} THEN FALSE WHEN {whole} THEN TRUE END")


def _one_per_family(ground: Ground, _settings: Settings) -> Expr:
    states = ground.put([str(state) for state in HOLDING])
    return Expr(
        "CASE WHEN p.family_id IS NOT NULL THEN NOT EXISTS (SELECT 1 FROM programs_enrolment x"
        f" WHERE x.family_id = p.family_id AND x.version_id = {ground.put(ground.version.pk)}"
        f" AND x.person_id <> p.id AND x.state = ANY({states}::text[])) END"
    )


def _home(inside: str) -> Expr:
    return Expr(
        f"CASE WHEN p.home_outside <> '' THEN FALSE WHEN p.area_code <> '' THEN {inside} END",
        plain=True,
    )


def _domicile(ground: Ground, settings: Settings) -> Expr:
    return _home(f"starts_with(p.area_code, {ground.put(str(settings['province']))})")


def _in_areas(ground: Ground, settings: Settings) -> Expr:
    areas = sorted({str(code) for code in settings["areas"]})
    wanted = ground.put(areas)
    above = {area[:size] for area in areas for size in DOTTED if len(area) > size}
    parts = [f"p.area_code = ANY({wanted}::text[])"]
    parts += [f"left(p.area_code, {size}) = ANY({wanted}::text[])" for size in DOTTED]
    return _home(
        f"CASE WHEN {' OR '.join(parts)} THEN TRUE"
        f" WHEN p.area_code = ANY({ground.put(sorted(above))}::text[]) THEN NULL ELSE FALSE END"
    )


def _sex(ground: Ground, settings: Settings) -> Expr:
    return Expr(
        f"CASE WHEN p.sex IN ('L', 'P') THEN p.sex = {ground.put(str(settings['sex']))} END",
        plain=True,
    )


def _grants(ground: Ground, versions: list[Version], *, of_family: bool = False) -> str:
    """SQL: help of one of the versions was received by the person, or by somebody of the KK."""
    ways = reached(versions, ground.put, holding=lambda route: route.had, of_family=of_family)
    return f"({' OR '.join(ways)})" if ways else "FALSE"


def _others(ground: Ground, codes: Collection[str]) -> list[Version]:
    """The other versions of some programmes, in any province."""
    return [row for row in ground.versions if row.code in codes and row.pk != ground.version.pk]


def _never_received(ground: Ground, settings: Settings) -> Expr:
    named = {str(code) for code in settings.get("programmes") or ()}
    return Expr(f"NOT {_grants(ground, _others(ground, named))}")


def _received(ground: Ground, settings: Settings) -> Expr:
    named = {str(code) for code in settings.get("programmes") or ()}
    rows = _others(ground, named or {row.code for row in ground.versions})
    year = _year_of(ground, settings)
    if year is not None:
        rows = [row for row in rows if row.year == year]
    of_family = settings["per"] == "family"
    found = _grants(ground, rows, of_family=of_family)
    return Expr(f"CASE WHEN p.family_id IS NOT NULL THEN {found} END" if of_family else found)


def _year_of(ground: Ground, settings: Settings) -> int | None:
    return {"this_year": ground.year, "last_year": ground.year - 1}.get(str(settings["when"]))


def _within(value: str, settings: Settings, ground: Ground) -> str:
    words = []
    for name, sign in (("least", ">="), ("most", "<=")):
        if settings.get(name) is not None:
            words.append(f"{value} {sign} {ground.put(Decimal(str(settings[name])))}::numeric")
    return "(" + (" AND ".join(words) or "TRUE") + ")"


def _amount(ground: Ground, settings: Settings) -> Expr:
    if not PAID:
        return Expr(UNKNOWN)
    year = f"{ground.put(_year_of(ground, settings))}::int"
    total = " + ".join(f"({source.sql.format(year=year)})" for source in PAID)
    return Expr(_within(f"({total})", settings, ground))


def _score(ground: Ground, settings: Settings) -> Expr:
    if not SOURCES:
        return Expr(UNKNOWN)
    ground.params |= {"score_version": ground.version.pk, "score_on": ground.today}
    code = ground.put(str(settings["score"]))
    # A later source speaks over an earlier one, as programs.queries.scores reads them.
    values = ", ".join(f"({source.sql.format(score=code)})" for source in reversed(SOURCES))
    return Expr(_within(f"COALESCE({values})", settings, ground))


def seats(ground: Ground) -> str:
    """SQL: the members today of the group that is asked, else of the person's own, as seat."""
    of_own = (
        " JOIN beneficiaries_groupmember own ON own.group_id = m.group_id"
        " WHERE own.left_on IS NULL AND own.person_id = p.id"
    )
    whose = " WHERE m.group_id = y.id" if ground.payee_kind else of_own
    return (
        f"(SELECT m.person_id FROM beneficiaries_groupmember m{whose} AND m.left_on IS NULL) seat"
    )


def _group_size(ground: Ground, settings: Settings) -> Expr:
    bounds = {"least": settings["least"], "most": settings["most"]}
    size = f"(SELECT NULLIF(COUNT(*), 0) FROM {seats(ground)})"
    return Expr(_within(size, bounds, ground))


def _one_village(ground: Ground, _settings: Settings) -> Expr:
    whole = f"length(home.area_code) = {VILLAGE}"
    return Expr(
        "(SELECT CASE WHEN COUNT(*) = 0 THEN NULL WHEN bool_or(home.home_outside <> '') OR"
        f" COUNT(DISTINCT home.area_code) FILTER (WHERE {whole}) > 1 THEN FALSE"
        f" WHEN bool_and({whole}) THEN TRUE END FROM {seats(ground)}"
        " JOIN beneficiaries_person home ON home.id = seat.person_id)"
    )


def _field_check(ground: Ground, settings: Settings) -> Expr:
    """What only a visit shows: known to whoever comes from one, to nobody else."""
    if not ground.observed:
        return Expr(UNKNOWN, plain=True)
    seen, key = ground.put(json.dumps(ground.observed)), ground.put(str(settings["key"]))
    return Expr(f"({seen}::jsonb -> p.id::text ->> {key}::text)::boolean", plain=True)


def _valid(alias: str, ground: Ground) -> str:
    day = ground.put(ground.today)
    return (
        f"{alias}.person_id = p.id AND ({alias}.since IS NULL OR {alias}.since <= {day})"
        f" AND ({alias}.until_date IS NULL OR {alias}.until_date >= {day})"
    )


def _disability(ground: Ground, settings: Settings) -> Expr:
    wanted = [str(kind) for kind in settings.get("kinds") or ()]
    rows = f"SELECT 1 FROM beneficiaries_disability d WHERE {_valid('d', ground)}"
    register = ground.entry(SnapshotKind.DISABILITY).answer.sql
    if not wanted:
        return Expr(f"CASE WHEN EXISTS ({rows}) THEN TRUE ELSE ({register}) END")
    return Expr(
        f"CASE WHEN EXISTS ({rows} AND d.kind = ANY({ground.put(wanted)}::text[])) THEN TRUE"
        f" WHEN EXISTS ({rows}) OR ({register}) IS FALSE THEN FALSE END"
    )


def _ppks(ground: Ground, settings: Settings) -> Expr:
    rows = f"SELECT 1 FROM beneficiaries_personcategory c WHERE {_valid('c', ground)}"
    wanted = ground.put([str(code) for code in settings["codes"]])
    return Expr(
        f"CASE WHEN EXISTS ({rows} AND c.code = ANY({wanted}::text[])) THEN TRUE"
        f" WHEN EXISTS ({rows}) THEN FALSE END"
    )


def _members(ground: Ground) -> str:
    return (
        "FROM beneficiaries_person m WHERE m.family_id = p.family_id"
        f" AND (m.died_on IS NULL OR m.died_on > {ground.put(ground.today)})"
    )


def _family_size(ground: Ground, settings: Settings) -> Expr:
    return Expr(_within(f"(SELECT NULLIF(COUNT(*), 0) {_members(ground)})", settings, ground))


def _family_aged(ground: Ground, settings: Settings) -> Expr:
    day, count = ground.put(ground.stage_date), ground.put(int(settings["count"]))
    fits = aged("m.birth_date", ground.stage_date, settings, ground)
    found = f"COUNT(*) FILTER (WHERE m.birth_date <= {day} AND {fits})"
    dark = f"COUNT(*) FILTER (WHERE m.birth_date IS NULL OR m.birth_date > {day})"
    return Expr(
        f"(SELECT CASE WHEN COUNT(*) = 0 THEN NULL WHEN {found} >= {count} THEN TRUE"
        f" WHEN {found} + {dark} >= {count} THEN NULL ELSE FALSE END {_members(ground)})"
    )


def _relation(ground: Ground, settings: Settings) -> Expr:
    wanted = {int(code) for code in settings["relations"]}
    whens = [
        f"WHEN m.bps_relation = {int(bps)} AND {_of_sex(sex)} THEN {_likely(bps, sex, wanted)}"
        for bps in BpsRelation
        for sex in (*SEXES, "")
    ]
    return Expr(
        "(SELECT CASE WHEN m.relation > 0 THEN m.relation ="
        f" ANY({ground.put(sorted(wanted))}::int[]) {' '.join(whens)} END"
        " FROM beneficiaries_familymember m WHERE m.person_id = p.id AND m.until_date IS NULL)"
    )


def _of_sex(sex: str) -> str:
    return f"p.sex = '{sex}'" if sex else "p.sex NOT IN ('L', 'P')"


def _likely(bps: BpsRelation, sex: str, wanted: set[int]) -> str:
    """Whether a code of BPS means one of the wanted relations: sometimes it may mean two."""
    sure = from_bps(bps, sex)
    possible = {int(sure)} if sure else {int(o) for o, theirs in TO_BPS.items() if theirs == bps}
    if possible <= wanted:
        return "TRUE"
    return "NULL" if possible & wanted else "FALSE"


def _accredited(ground: Ground, settings: Settings) -> Expr:
    day = ground.put(ground.stage_date)
    grades = ground.put([str(grade) for grade in GRADES])
    wanted = ground.put([str(grade) for grade in settings["grades"]])
    own = ground.payee_kind == PayeeType.INSTITUTION
    newest = (
        f"SELECT CASE WHEN a.grade = ANY({grades}::text[]) AND a.valid_until >= {day}"
        " THEN a.grade ELSE '' END FROM beneficiaries_accreditation a"
        f" WHERE a.institution_id = {'y.id' if own else 'r.institution_id'}"
        f" AND a.valid_from <= {day} ORDER BY a.valid_from DESC, a.id DESC LIMIT 1"
    )
    fits = f"COALESCE(({newest}), '') = ANY({wanted}::text[])"
    if own:
        return Expr(fits)
    return Expr(
        f"(SELECT {fits} FROM beneficiaries_residency r"
        f" WHERE r.person_id = p.id AND r.from_date <= {day}"
        f" AND (r.until_date IS NULL OR r.until_date >= {day}) LIMIT 1)"
    )


def _works_elsewhere(ground: Ground, _settings: Settings) -> Expr:
    day = ground.put(ground.today)
    rows = (
        "SELECT 1 FROM beneficiaries_worker w WHERE w.person_id = p.id"
        f" AND (w.from_date IS NULL OR w.from_date <= {day})"
        f" AND (w.until_date IS NULL OR w.until_date >= {day})"
    )
    away = f"left(w.work_code, {REGENCY}) <> left(p.area_code, {REGENCY})"
    return Expr(
        f"CASE WHEN p.home_outside <> '' THEN FALSE WHEN length(p.area_code) < {REGENCY} THEN NULL"
        f" WHEN EXISTS ({rows} AND {away}) THEN TRUE WHEN EXISTS ({rows}) THEN FALSE END"
    )


def _pillar(ground: Ground, settings: Settings) -> Expr:
    """Whether one of the terms is all that is asked; what was not written down is NULL."""
    day, kinds = ground.put(ground.today), ground.put([str(kind) for kind in settings["kinds"]])
    fits = [
        f"l.kind = ANY({kinds}::text[])",
        f"l.active_from <= {day}",
        f"(l.active_until IS NULL OR l.active_until >= {day})",
    ]
    if settings.get("certificate") == "ya":
        fits.append("NULLIF(l.certificate_number <> '', FALSE)")
    if settings.get("load") is not None:
        fits.append(f"l.load >= {ground.put(int(settings['load']))}")
    return Expr(
        "(SELECT CASE WHEN COUNT(*) = 0 THEN NULL WHEN bool_or(t.fits) THEN TRUE"
        f" WHEN bool_or(t.fits IS NULL) THEN NULL ELSE FALSE END FROM (SELECT {' AND '.join(fits)}"
        " AS fits FROM beneficiaries_pillar l WHERE l.person_id = p.id) t)"
    )


def _not_in_institution(ground: Ground, _settings: Settings) -> Expr:
    day = ground.put(ground.today)
    stay = (
        "EXISTS (SELECT 1 FROM beneficiaries_residency r WHERE r.person_id = p.id"
        f" AND r.from_date <= {day} AND (r.until_date IS NULL OR r.until_date >= {day}))"
    )
    known = ground.put(provinces_with_residents(ground.today))
    return Expr(
        f"CASE WHEN {stay} THEN FALSE"
        f" WHEN left(p.area_code, {PROVINCE}) = ANY({known}::text[]) THEN TRUE END",
        passing=f"NOT {stay}",
    )


COMPILERS: dict[str, Compiler] = {
    "min_age_on_stage": _min_age,
    "max_age": _max_age,
    "min_age_months": _min_months,
    "desil_in": _desil,
    "in_dtsen": _in_dtsen,
    "in_regular_pkh": _regular_pkh,
    "one_per_family": _one_per_family,
    "domicile_in_province": _domicile,
    "sex_is": _sex,
    "not_excluded": _not_excluded,
    "alive": _alive,
    "never_received": _never_received,
    "group_size": _group_size,
    "group_one_village": _one_village,
    "field_check": _field_check,
    "age_on_date": _age_on_date,
    "desil_fresh": _desil_fresh,
    "in_list": _in_list,
    "disability_is": _disability,
    "ppks_is": _ppks,
    "domicile_in_areas": _in_areas,
    "family_size": _family_size,
    "family_has_aged": _family_aged,
    "relation_is": _relation,
    "received_programme": _received,
    "amount_received": _amount,
    "accredited": _accredited,
    "works_elsewhere": _works_elsewhere,
    "not_in_institution": _not_in_institution,
    "pillar_is": _pillar,
    "score_between": _score,
}


def about_payee(code: str, payee_kind: str) -> bool:
    """Whether a kind asks the payee itself; every other asks who answers for it."""
    if code in {"group_size", "group_one_village"}:
        return True
    return code == "accredited" and payee_kind == PayeeType.INSTITUTION

"""Who is shut out of a version by other help: for people one by one, and as one SQL condition.

Exclusivity holds both ways: what the version says of others, and what other programmes of the
province say of it. National programmes are read from their lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils.translation import gettext as _

from bansos.lib.bulk import bulk_cursor
from beneficiaries.choices import KeyKind
from beneficiaries.models import GroupMember, Person, Snapshot, SnapshotEntry
from beneficiaries.queries.facts import snapshots_on, source_words
from programs.choices import ENDED, BarDuring, BarPer, EnrolmentState, PayeeKind, VersionState
from programs.models import Programme, ProgrammeVersion
from programs.queries.received import (
    MEMBER,
    PREMIUM,
    RESIDENT,
    Help,
    Route,
    Version,
    help_of,
    holds,
    reached,
    versions_known,
)
from programs.rules.exclusivity import Bar, Other, bars_of

AWAY = [str(state) for state in (*ENDED, EnrolmentState.DRAFT)]
Lists = Mapping[str, Sequence[Snapshot]]
# Person id -> (family id, blind index of the NIK, area).
People = dict[int, tuple[int | None, str | None, str]]

_LISTED = (
    "NOT EXISTS (SELECT 1 FROM beneficiaries_snapshotentry s WHERE s.snapshot_id = ANY(%s)"
    " AND s.key_kind = '{kind}' AND s.key_index {match})"
)
_SHUT_OUT = """
SELECT e.id FROM programs_enrolment e
WHERE e.version_id = %s AND starts_with(e.area_code, %s) AND e.state = ANY(%s) AND EXISTS (
    SELECT 1 FROM {asked}
    LEFT JOIN beneficiaries_family f ON f.id = p.family_id
    WHERE {who} AND NOT ({fine})
)
ORDER BY e.area_code, e.id
"""
# Nobody of a home or a village is asked: who answers for it does not receive.
_UNASKED = (PayeeKind.INSTITUTION, PayeeKind.GOVERNMENT)
_PERSON = ("beneficiaries_person p", "p.id = e.person_id")
_MEMBERS = (
    (
        "(SELECT e.person_id AS id WHERE e.payee_id IS NULL UNION ALL SELECT gm.person_id"
        " FROM beneficiaries_groupmember gm WHERE gm.group_id = e.payee_id AND gm.left_on IS NULL)"
        " asked JOIN beneficiaries_person p ON p.id = asked.id"
    ),
    "TRUE",
)


@dataclass(frozen=True)
class Conflict:
    """Other help that shuts a person out of a version; `words` explain it in one sentence."""

    name: str
    words: str
    enrolment_id: int | None = None


@dataclass(frozen=True)
class Rules:
    """Everything that shuts out of a version: what it says, and what versions of others say."""

    own: list[Bar]
    back: dict[int, Bar] = field(default_factory=dict)

    def of(self, per: str) -> list[tuple[Bar, int | None]]:
        """The bars between programmes of one scope; the version that says it when it is another."""
        said: list[tuple[Bar, int | None]] = [(bar, None) for bar in self.own if bar.programme]
        said += [(bar, pk) for pk, bar in self.back.items()]
        return [(bar, pk) for bar, pk in said if bar.per == per]

    @property
    def registries(self) -> list[Bar]:
        """The bars of national lists."""
        return [bar for bar in self.own if bar.registry]


def rules_of(version: ProgrammeVersion) -> Rules:
    """What shuts out of a version, from its own rules and those of the other programmes."""
    code = version.programme.code
    others = (
        ProgrammeVersion.objects.filter(programme__area_code=version.area_code)
        .exclude(programme=version.programme_id)
        .exclude(exclusive_with=[])
        .order_by("pk")
    )
    back = {}
    for pk, year, other, items in others.values_list(
        "pk", "year", "programme__code", "exclusive_with"
    ):
        for bar in bars_of(items):
            # What another year's rules say "in the same year" is not about this year.
            if bar.programme == code and (bar.during == BarDuring.EVER or year == version.year):
                back[pk] = Bar(programme=other, per=bar.per, during=bar.during)
    return Rules(bars_of(version.exclusive_with), back)


def others_of(programme: Programme, *, year: int) -> dict[str, list[Other]]:
    """Code of each other programme of the province -> what its versions of the year say."""
    rows = (
        ProgrammeVersion.objects.filter(programme__area_code=programme.area_code, year=year)
        .exclude(programme=programme)
        .exclude(state=VersionState.CLOSED)
        .order_by("pk")
    )
    found: dict[str, list[Other]] = defaultdict(list)
    for code, items, criteria in rows.values_list("programme__code", "exclusive_with", "criteria"):
        found[code].append(Other(items, criteria))
    return dict(found)


def conflicts_of(
    person_ids: Iterable[int], *, version: ProgrammeVersion, today: date
) -> dict[int, list[Conflict]]:
    """Person id -> the other help that shuts them out; who has none is left out.

    Proposals count like places; drafts and ended enrolments do not, but for "for ever" whoever
    was ever determined counts. A constant number of queries for any number of people.
    """
    rules, ids = rules_of(version), list(person_ids)
    if not ids or not (rules.own or rules.back):
        return {}
    people: People = {
        pk: (family, nik, area)
        for pk, family, nik, area in Person.objects.filter(pk__in=ids).values_list(
            "pk", "family_id", "nik_index", "area_code"
        )
    }
    found: dict[int, list[Conflict]] = defaultdict(list)
    _between_programmes(found, people, rules, version)
    _in_lists(found, people, rules.registries, today)
    return dict(found)


def conflicts_for(
    rows: Iterable[tuple[int, int, int | None]],
    *,
    version: ProgrammeVersion,
    today: date,
    named: bool = True,
) -> dict[int, list[Conflict]]:
    """Key -> the other help that shuts a proposal out; rows are (key, person id, payee id).

    A group is asked through all its members of today, and the sentence names the member (with
    `named`); of a home or a government nobody is asked, because who answers for it does not
    receive. A constant number of queries for any number of proposals.
    """
    if version.payee_kind in _UNASKED:
        return {}
    asked = list(rows)
    groups = {payee for _key, _person, payee in asked if payee is not None}
    members: dict[int, dict[int, str]] = defaultdict(dict)
    if groups:
        living = GroupMember.objects.filter(group__in=groups, left_on=None)
        for group, person, name in living.values_list("group_id", "person_id", "person__name"):
            members[group][person] = name
    people = {pk for group in members.values() for pk in group}
    people |= {person for _key, person, payee in asked if payee is None}
    known = conflicts_of(sorted(people), version=version, today=today)
    found: dict[int, list[Conflict]] = {}
    for key, person, payee in asked:
        if payee is None:
            told = known.get(person, [])
        else:
            told = [
                _of_member(conflict, name if named else "")
                for pk, name in members[payee].items()
                for conflict in known.get(pk, [])
            ]
        if told:
            found[key] = told
    return found


def _of_member(conflict: Conflict, name: str) -> Conflict:
    known = {"member": name or _("Anggota kelompok"), "words": conflict.words}
    return replace(conflict, words=_("%(member)s: %(words)s") % known)


def _between_programmes(
    found: dict[int, list[Conflict]], people: People, rules: Rules, version: ProgrammeVersion
) -> None:
    kin = rules.of(BarPer.FAMILY)
    if not (kin or rules.of(BarPer.PERSON)):
        return
    families: dict[int, list[int]] = defaultdict(list)
    for pk, (family, _nik, _area) in people.items():
        if family is not None:
            families[family].append(pk)
    for row in help_of(list(people), families if kin else (), away=AWAY):
        for bar in _bars_met(row, rules, version):
            hit = [row.person_id] if row.person_id in people else []
            if bar.per == BarPer.FAMILY:
                hit = sorted({*hit, *families.get(row.family_id or 0, [])})
            for pk in hit:
                _add(found[pk], _conflict(row, bar, own=row.person_id == pk))


def _bars_met(row: Help, rules: Rules, version: ProgrammeVersion) -> list[Bar]:
    here = row.area_code == version.area_code
    said = [bar for bar in rules.own if here and bar.programme == row.code]
    if row.version_id in rules.back:
        said.append(rules.back[row.version_id])
    met = []
    for bar in said:
        ever = bar.during == BarDuring.EVER and (row.live or row.had)
        if ever or (row.live and row.year == version.year):
            met.append(bar)
    return met


def _how(route: str) -> str:
    """How help came that is not a place of one's own."""
    said = {
        MEMBER: _("sebagai anggota kelompok"),
        RESIDENT: _("sebagai penghuni lembaga"),
        PREMIUM: _("lewat premi yang dibayar"),
    }
    return said.get(route, "")


def _conflict(row: Help, bar: Bar, *, own: bool) -> Conflict:
    known = {"name": f"{row.name} {_how(row.route)}".strip(), "year": row.year}
    if bar.during == BarDuring.EVER and own:
        words = _("Sudah di %(name)s tahun %(year)s, yang menutup program ini seterusnya.")
    elif bar.during == BarDuring.EVER:
        words = _("Anggota KK yang sama sudah di %(name)s tahun %(year)s, menutup seterusnya.")
    elif own:
        words = _("Juga di %(name)s tahun %(year)s.")
    else:
        words = _("Anggota KK yang sama juga di %(name)s tahun %(year)s.")
    return Conflict(row.name, words % known, row.enrolment_id)


def _add(rows: list[Conflict], conflict: Conflict) -> None:
    """Once per enrolment, and of what may not be opened once per sentence."""
    same = [row for row in rows if row.enrolment_id == conflict.enrolment_id]
    if all(conflict.enrolment_id is None and row.words != conflict.words for row in same):
        rows.append(conflict)


def _lists_for(bar: Bar, lists: Lists, area_code: str) -> list[Snapshot]:
    """The newest list that holds the area; all of them where the bar is for ever."""
    rows = [row for row in lists.get(bar.registry, []) if area_code.startswith(row.area_code)]
    return rows if bar.during == BarDuring.EVER else rows[:1]


def _in_lists(
    found: dict[int, list[Conflict]], people: People, bars: Sequence[Bar], today: date
) -> None:
    if not bars:
        return
    lists = snapshots_on(today)
    keys = _keys_of(people)
    wanted = {
        row.pk
        for bar in bars
        for _f, _n, area in people.values()
        for row in _lists_for(bar, lists, area)
    }
    indexes = {index for own, kin in keys.values() for _kind, index in (*own, *kin)}
    entries = set(
        SnapshotEntry.objects.filter(snapshot__in=wanted, key_index__in=indexes).values_list(
            "snapshot_id", "key_kind", "key_index"
        )
    )
    for pk, (_family, _nik, area) in people.items():
        own, kin = keys[pk]
        for bar in bars:
            looked = own if bar.per == BarPer.PERSON else [*own, *kin]
            for row in _lists_for(bar, lists, area):
                if any((row.pk, kind, index) in entries for kind, index in looked):
                    found[pk].append(_listed(bar, row))
                    break


def _listed(bar: Bar, row: Snapshot) -> Conflict:
    words = _("Ada di daftar %(list)s menurut %(source)s.")
    if bar.per == BarPer.FAMILY:
        words = _("Keluarganya ada di daftar %(list)s menurut %(source)s.")
    known = {"list": bar.what, "source": source_words(row)}
    return Conflict(bar.what, words % known)


Keys = list[tuple[str, str]]


def _keys_of(people: People) -> dict[int, tuple[Keys, Keys]]:
    """Person id -> (their own NIK, the KK and the NIK of everybody in it) as list keys."""
    families = {family for family, _nik, _area in people.values() if family is not None}
    kin: dict[int, Keys] = defaultdict(list)
    rows = Person.objects.filter(family__in=families).values_list(
        "family_id", "family__kk_index", "nik_index"
    )
    for family, kk_index, nik_index in rows:
        kin[family] += [(KeyKind.KK.value, kk_index or ""), (KeyKind.NIK.value, nik_index or "")]
    return {
        pk: (
            [(KeyKind.NIK.value, nik)] if nik else [],
            [key for key in kin.get(family or 0, []) if key[1]],
        )
        for pk, (family, nik, _area) in people.items()
    }


def lists_missing(version: ProgrammeVersion, *, area_code: str, lists: Lists) -> list[str]:
    """Sentences about national lists that were never loaded for the area: nobody can be judged."""
    missing = [
        bar.what
        for bar in bars_of(version.exclusive_with)
        if bar.registry and not _lists_for(bar, lists, area_code)
    ]
    return [_("%(list)s: daftarnya belum dimuat.") % {"list": what} for what in missing]


def not_exclusive(
    version: ProgrammeVersion, *, area_code: str, lists: Lists
) -> tuple[str, list[object]]:
    """SQL that holds for who is shut out by nothing; aliases p (person) and f (its family, outer).

    For people whose lists are those of the area.
    """
    rules = rules_of(version)
    parts: list[tuple[str, list[object]]] = []
    for per in (BarPer.PERSON, BarPer.FAMILY):
        for during, versions in _barred(rules, str(per), version):
            parts += _free_of(versions, during)
            if per == BarPer.FAMILY:  # also who is in no family
                parts += _free_of(versions, during, of_family=True)
    for bar in rules.registries:
        parts += _outside(bar, [row.pk for row in _lists_for(bar, lists, area_code)])
    if not parts:
        return "TRUE", []
    return (
        " AND ".join(f"({sql})" for sql, _params in parts),
        [value for _sql, params in parts for value in params],
    )


def _barred(
    rules: Rules, per: str, version: ProgrammeVersion
) -> Iterable[tuple[str, list[Version]]]:
    """(when they count, the versions whose help shuts out): one for each kind of bar there is."""
    said = rules.of(per)
    if not said:
        return
    known = versions_known()
    for during in BarDuring.values:
        codes = {bar.programme for bar, pk in said if pk is None and bar.during == during}
        others = {pk for bar, pk in said if pk is not None and bar.during == during}
        rows = [
            row
            for row in known
            if (row.pk in others or (row.code in codes and row.area_code == version.area_code))
            and (during == BarDuring.EVER or row.year == version.year)
        ]
        if rows:
            yield during, rows


def _free_of(
    versions: list[Version], during: str, *, of_family: bool = False
) -> list[tuple[str, list[object]]]:
    """No help of the versions holds today, or was ever received: a condition for each way."""
    params: list[object] = []

    def put(value: list[int]) -> str:
        params.append(value)
        return "%s"

    def holding(route: Route) -> str:
        live = holds(route, "x.state <> ALL(%s)")
        if route.behind:
            params.append(AWAY)
        return f"(({live}) OR ({route.had}))" if during == BarDuring.EVER else f"({live})"

    ways = reached(versions, put, holding=holding, of_family=of_family)
    return [(f"NOT ({' OR '.join(ways)})", params)] if ways else []


def _outside(bar: Bar, lists: list[int]) -> list[tuple[str, list[object]]]:
    if not lists:
        return []
    own = _LISTED.format(kind=KeyKind.NIK.value, match="= p.nik_index")
    if bar.per == BarPer.PERSON:
        return [(own, [lists])]
    kin = "IN (SELECT m.nik_index FROM beneficiaries_person m WHERE m.family_id = p.family_id)"
    return [
        (own, [lists]),
        (_LISTED.format(kind=KeyKind.KK.value, match="= f.kk_index"), [lists]),
        (_LISTED.format(kind=KeyKind.NIK.value, match=kin), [lists]),
    ]


def shut_out(
    version: ProgrammeVersion, *, area_code: str, today: date, states: Sequence[str]
) -> list[int]:
    """Enrolment ids of the version in the area that other help shuts out, in order; few queries.

    Looks with the lists of the area: for lists of smaller areas see conflicts_of().
    """
    if version.payee_kind in _UNASKED:
        return []
    sql, params = not_exclusive(version, area_code=area_code, lists=snapshots_on(today))
    if sql == "TRUE":
        return []
    asked, who = _MEMBERS if version.payee_kind == PayeeKind.GROUP else _PERSON
    query = _SHUT_OUT.format(asked=asked, who=who, fine=sql)
    with bulk_cursor() as db:
        db.execute(query, [version.pk, area_code, list(states), *params])
        return [row[0] for row in db.fetchall()]

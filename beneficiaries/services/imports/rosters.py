"""Groups of a list as a whole: their rows wherever they stand, and what is registered of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from bansos.lib.crypto import blind_index
from bansos.lib.dates import age_on
from beneficiaries.choices import GroupRole, GroupState, Relation, RowVerdict
from beneficiaries.models import (
    FamilyMember,
    Group,
    GroupMember,
    ImportBatch,
    ImportRow,
    Person,
)
from beneficiaries.queries.rows import data_of
from beneficiaries.rules.groups import (
    FEWEST,
    MOST,
    OFFICERS,
    OLDEST,
    SIGNATORIES,
    YOUNGEST,
    same_business,
)
from beneficiaries.rules.relations import read_relation
from beneficiaries.services.imports.outcomes import rows_alike
from beneficiaries.services.imports.payee_accounts import Held, fault_of, held_by, open_accounts
from beneficiaries.services.imports.purposes import RowCheck


def plain_name(text: Any) -> str:
    """The name of a group to compare by: case and spaces do not count."""
    return " ".join(str(text).upper().split())


def group_key(values: dict[str, Any]) -> str:
    """The regency and the name: the same name in two regencies is two groups."""
    name = plain_name(values.get("group", ""))
    return f"{values.get('area_code', '')[:5]}|{name}" if name else ""


def live_groups(batch: ImportBatch, rows: Sequence[dict[str, Any]]) -> dict[str, Group]:
    """Key -> the live group of the regency with that name, for the groups these rows name.

    A name that stands in another village of the regency is the same group: the member of another
    village is then refused and not put into a second group of one name.
    """
    live = Group.objects.annotate(upper=Upper("payee__name")).exclude(state=GroupState.DISSOLVED)
    found = live.filter(
        upper__in={plain_name(values.get("group", "")) for values in rows},
        payee__area_code__startswith=batch.area_code[:5],
    )
    return {
        group_key({"group": group.payee.name, "area_code": group.area_code}): group
        for group in found.select_related("payee").order_by("-pk")
    }


@dataclass(frozen=True)
class Line:
    """One row of a group; `check` only while the row itself is being checked."""

    row: ImportRow
    values: dict[str, Any]
    family: str
    check: RowCheck | None

    @property
    def sound(self) -> bool:
        """Nothing is wrong with it so far, so it counts as a member."""
        return not (self.check.problems if self.check else self.row.problems)

    @property
    def account(self) -> str:
        """The account of the group as this row says it."""
        return str(self.values.get("payee_account") or "")

    @property
    def signs(self) -> bool:
        """The row names a signatory of the account."""
        return bool(self.values.get("signs"))


@dataclass
class Roster:
    """One group: its rows in the file, its members and open accounts in the register."""

    lines: list[Line]
    group: Group | None
    members: list[GroupMember]
    accounts: set[str]
    held: Held
    elsewhere: set[int]
    heads: dict[int, bool]

    def is_member(self, line: Line) -> bool:
        """The person of the row is in this group already."""
        return line.row.person_id in {member.person_id for member in self.members}

    @property
    def signing(self) -> list[Line]:
        """Sound rows that name a signatory of the account."""
        return [line for line in self.lines if line.signs and line.sound]

    @property
    def joining(self) -> list[Line]:
        """Sound rows of people who are not yet in it."""
        return [line for line in self.lines if line.sound and not self.is_member(line)]


def rosters_of(batch: ImportBatch, checks: list[RowCheck]) -> Iterator[Roster]:
    """The groups the rows of a step belong to, each with all its rows of the file."""
    alike = rows_alike(batch, checks)
    lines = _lines(alike, checks)
    groups = _groups(batch, checks)
    members = _members(list(groups.values()))
    accounts = open_accounts([group.pk for group in groups.values()])
    held = held_by({line.account for rows in lines.values() for line in rows})
    people = [row.person_id for rows in alike.values() for row in rows if row.person_id]
    live = GroupMember.objects.filter(person__in=people, left_on=None)
    in_group = dict(live.values_list("person_id", "group_id"))
    heads = _heads(people)
    for key, rows in lines.items():
        group = groups.get(key)
        own = group.pk if group else None
        yield Roster(
            lines=rows,
            group=group,
            members=members.get(own or 0, []),
            accounts=accounts.get(own or 0, set()),
            held=held,
            elsewhere={person for person, other in in_group.items() if other != own},
            heads=heads,
        )


def _lines(alike: dict[str, list[ImportRow]], checks: Sequence[RowCheck]) -> dict[str, list[Line]]:
    of_step = {check.row.pk: check for check in checks}
    people = {row.person_id for rows in alike.values() for row in rows if not row.kk_index}
    pairs = Person.objects.filter(pk__in=people - {None}, family__isnull=False)
    known = dict(pairs.values_list("pk", "family__kk_index"))
    found: dict[str, list[Line]] = {}
    for key, rows in alike.items():
        for row in rows:
            check = of_step.get(row.pk)
            values = check.values if check else data_of(row)
            family = row.kk_index or str(known.get(row.person_id or 0) or "")
            found.setdefault(key, []).append(Line(row, values, family, check))
    return found


def _groups(batch: ImportBatch, checks: Sequence[RowCheck]) -> dict[str, Group]:
    """Key of the rows -> their live group."""
    live = live_groups(batch, [check.values for check in checks])
    keys = {check.row.key_index: group_key(check.values) for check in checks}
    return {index: live[key] for index, key in keys.items() if key in live}


def _members(groups: Sequence[Group]) -> dict[int, list[GroupMember]]:
    rows = GroupMember.objects.filter(group__in=groups, left_on=None)
    found: dict[int, list[GroupMember]] = {}
    for member in rows.select_related("person__family"):
        found.setdefault(member.group_id, []).append(member)
    return found


def _heads(people: Sequence[int]) -> dict[int, bool]:
    rows = FamilyMember.objects.filter(person__in=people, until_date=None, relation__isnull=False)
    return {
        person: relation == Relation.HEAD
        for person, relation in rows.values_list("person_id", "relation")
    }


@dataclass
class _Seats:
    """What of a group is taken while its rows are read from the top."""

    business: str
    area_code: str
    count: int
    offices: set[str]
    families: set[str]

    @classmethod
    def of(cls, roster: Roster) -> _Seats:
        group, members = roster.group, roster.members
        first = next((line.values for line in roster.lines if line.sound), {})
        return cls(
            business=group.business_kind if group else str(first.get("business", "")),
            area_code=group.area_code if group else str(first.get("area_code", "")),
            count=len(members),
            offices={member.role for member in members},
            families={
                str(member.person.family.kk_index) for member in members if member.person.family
            },
        )

    def take(self, line: Line) -> None:
        """The row's person is the next member."""
        self.count += 1
        self.offices.add(str(line.values.get("role", "")))
        self.families.add(line.family)


def check_members(roster: Roster) -> None:
    """One village and business; nobody of another live group or the same KK; 20; one per office."""
    seats = _Seats.of(roster)
    for line in roster.lines:
        member = roster.is_member(line)
        if line.check is not None:
            _check_group(line, line.check, seats)
            if member:
                _check_known(roster, line, line.check)
            else:
                line.check.verdict = RowVerdict.NEW
                _check_joining(roster, line, line.check, seats)
        if line.sound and not member:
            seats.take(line)


def _check_group(line: Line, check: RowCheck, seats: _Seats) -> None:
    said = str(line.values.get("business", ""))
    if said and seats.business and not same_business(said, seats.business):
        sentence = _("Kelompok ini tercatat dengan usaha %(business)s.")
        check.problem("business", "usaha_beda", sentence % {"business": seats.business})
    if seats.area_code and line.values.get("area_code") != seats.area_code:
        sentence = _(
            "Anggota lain kelompok ini tinggal di desa lain. Satu kelompok satu desa. Bila memang"
            " kelompok lain, tulis nama yang berbeda."
        )
        check.problem("village", "desa_beda", sentence)


def _check_known(roster: Roster, line: Line, check: RowCheck) -> None:
    """Offices of who is in it already are changed on the page of the group."""
    role = next(row.role for row in roster.members if row.person_id == line.row.person_id)
    if role != line.values.get("role"):
        sentence = _("Jabatannya tercatat %(role)s. Ganti tugas di halaman kelompok.")
        check.warn("role", "jabatan_beda", sentence % {"role": GroupRole(role).label})


def _check_joining(roster: Roster, line: Line, check: RowCheck, seats: _Seats) -> None:
    role = str(line.values.get("role", ""))
    if line.row.person_id in roster.elsewhere:
        sentence = _("Ia masih anggota kelompok lain yang hidup.")
        check.problem("group", "kelompok_lain", sentence)
    if line.family and line.family in seats.families:
        sentence = _("Keluarganya (KK yang sama) sudah diwakili di kelompok ini.")
        check.problem("kk", "keluarga_ganda", sentence)
    if role in OFFICERS and role in seats.offices:
        sentence = _("%(role)s kelompok ini sudah ada. Satu jabatan satu anggota.")
        check.problem("role", "jabatan_ganda", sentence % {"role": GroupRole(role).label})
    if seats.count >= MOST:
        sentence = _("Kelompok sudah beranggota %(most)d orang. Bentuk kelompok kedua.")
        check.problem("group", "kelompok_penuh", sentence % {"most": MOST})


def check_group_account(roster: Roster) -> None:
    """One number for the group, nobody else's, signed by exactly two of its rows."""
    saying = [line for line in roster.lines if line.account]
    if not saying:
        return
    number = saying[0].account
    is_known = blind_index(number, "account") in roster.accounts
    signing = roster.signing
    fault = None if is_known else _account_fault(roster, number)
    for line in saying:
        if line.check and fault:
            line.check.problem("payee_account", *fault)
        elif line.check and line.account != number:
            sentence = _("Nomor rekening kelompok berbeda dengan baris lain kelompok ini.")
            line.check.problem("payee_account", "rekening_beda", sentence)
    if not is_known and fault is None:
        _let_sign(signing, number)


def _account_fault(roster: Roster, number: str) -> tuple[str, str] | None:
    fault = fault_of(number, roster.group.pk if roster.group else None, roster.held)
    if fault is None and len(roster.signing) != SIGNATORIES:
        sentence = _(
            "Rekening kelompok ditandatangani dua anggota. Tulis YA pada tepat dua baris kelompok"
            " ini yang tidak bermasalah."
        )
        return "penanda_tangan", sentence
    return fault


def _let_sign(signing: Sequence[Line], number: str) -> None:
    """Signatories are known by the index of their NIK: some are registered only later."""
    for line in signing:
        if line.check:
            line.values["signatories"] = [other.row.nik_index for other in signing]
            line.values["payee_account"] = number
            if line.check.verdict == RowVerdict.SAME:
                line.check.verdict = RowVerdict.CHANGED


def hint_at(roster: Roster, today: date) -> None:
    """What a second person looks at before the group is checked: said now, stopping nothing."""
    joining = roster.joining
    for line in joining:
        if line.check:
            _hint_at_person(roster, line, line.check, today)
    first = joining[0].check if joining else None
    if first is None:
        return
    total = len(roster.members) + len(joining)
    offices = {str(line.values.get("role", "")) for line in joining}
    offices |= {member.role for member in roster.members}
    if total < FEWEST:
        sentence = _("%(group)s baru %(count)d anggota. Paling sedikit 5 sebelum diperiksa.")
        words = {"group": first.values.get("group", ""), "count": total}
        first.warn("group", "kelompok_kurang", sentence % words)
    missing = [str(GroupRole(role).label) for role in OFFICERS if role not in offices]
    if missing:
        sentence = _("Pengurus %(group)s belum lengkap: %(roles)s.")
        words = {"group": first.values.get("group", ""), "roles": ", ".join(missing)}
        first.warn("role", "pengurus_kurang", sentence % words)


def _hint_at_person(roster: Roster, line: Line, check: RowCheck, today: date) -> None:
    said = read_relation(str(line.values.get("relation") or ""))
    is_head = said == Relation.HEAD if said else roster.heads.get(line.row.person_id or 0)
    if is_head is False:
        sentence = _("Bukan kepala keluarga. Anggota kelompok adalah kepala keluarga.")
        check.warn("relation", "bukan_kepala", sentence)
    born = line.values.get("birth_date")
    if born and not YOUNGEST <= age_on(born, today) <= OLDEST:
        sentence = _("Usianya di luar 18-60 tahun.")
        check.warn("birth_date", "usia_kelompok", sentence)

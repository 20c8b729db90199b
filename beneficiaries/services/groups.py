"""The life of a KUBE: formed, checked by another person, active, losing members, dissolved.

Every act names the group, `by` and `at`; days are the group's own (joined, left). See
`beneficiaries.rules.groups` for the numbers and their source.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from beneficiaries.choices import AccountState, GroupRole, GroupState, LeaveReason, PayeeType
from beneficiaries.models import Group, GroupMember, Person
from beneficiaries.queries.groups import hard_faults, member_rows
from beneficiaries.rules.groups import (
    FACTS,
    FEWEST,
    MOST,
    MOVES,
    OFFICERS,
    SETTLED,
    same_business,
)
from beneficiaries.services.payees import add_payee, require_area

# Apps above let what they keep follow whoever leads the group from now on.
CHAIR_CHANGES: list[Callable[[GroupMember, User, datetime], None]] = []


@transaction.atomic
def form_group(
    *,
    name: str,
    village_id: str,
    business_kind: str,
    formed_on: date,
    by: User,
    at: datetime,
    address: str = "",
) -> Group:
    """A new group in one village, without members yet."""
    if not business_kind.strip():
        sentence = _("Jenis usaha belum diisi.")
        raise BadInput("GROUP-BUSINESS", sentence, fields={"business_kind": sentence})
    if formed_on > day_of(at):
        sentence = _("Tanggal pembentukan tidak boleh di masa depan.")
        raise BadInput("GROUP-DATE", sentence, fields={"formed_on": sentence})
    payee = add_payee(
        kind=PayeeType.GROUP,
        name=name,
        area_code=village_id,
        village_id=village_id,
        address=address,
        by=by,
        at=at,
    )
    group = Group.objects.create(
        payee=payee,
        business_kind=" ".join(business_kind.split())[:80],
        formed_on=formed_on,
        formed_at=at,
        formed_by=by,
    )
    audit.record(verb="beneficiaries.form_group", by=by, at=at, target=payee)
    return group


@transaction.atomic
def add_member(
    *,
    group: Group,
    person: Person,
    joined_on: date,
    by: User,
    at: datetime,
    role: GroupRole = GroupRole.MEMBER,
    business_kind: str = "",
) -> GroupMember:
    """A person into a group. `business_kind` is what a list says of the person, when it says it.

    Raises Refused for: another village, another kind of business, a member of another live group,
    a relative (same KK) already in it, a dead person, the 21st member, a taken office.
    """
    row = _locked(group, by)
    person = Person.objects.select_for_update().get(pk=person.pk)
    _check_joining(row, person, joined_on, business_kind, at)
    member = _join(row, person, role, joined_on, by, at)
    if row.state in SETTLED:
        _fall_back(row, by, at, _("Anggota bertambah."))
    return member


def _locked(group: Group, by: User) -> Group:
    """The group, alone; raises NotAllowed outside the area, Refused when it is dissolved."""
    row: Group = (
        Group.objects.select_for_update(of=("self",)).select_related("payee").get(pk=group.pk)
    )
    require_area(by, row.payee.area_code)
    if row.state == GroupState.DISSOLVED:
        raise Refused("GROUP-DISSOLVED", _("Kelompok ini sudah dibubarkan. Bentuk kelompok baru."))
    return row


def _check_joining(
    group: Group, person: Person, joined_on: date, business_kind: str, at: datetime
) -> None:
    if joined_on > day_of(at) or joined_on < group.formed_on:
        sentence = _("Tanggal bergabung harus antara hari pembentukan dan hari ini.")
        raise BadInput("MEMBER-DATE", sentence, fields={"joined_on": sentence})
    if business_kind.strip() and not same_business(business_kind, group.business_kind):
        raise Refused(
            "MEMBER-BUSINESS",
            _(
                "Usahanya %(own)s, usaha kelompok %(group)s. Ia tidak ditambahkan. Satu kelompok"
                " satu jenis usaha."
            )
            % {"own": business_kind.strip(), "group": group.business_kind},
        )
    faults = hard_faults(group, person)
    if faults:
        raise Refused(*faults[0])


def _join(
    group: Group, person: Person, role: GroupRole, joined_on: date, by: User, at: datetime
) -> GroupMember:
    live = group.members.filter(left_on=None)
    if live.count() >= MOST:
        raise Refused(
            "GROUP-FULL",
            _("Kelompok sudah beranggota %(most)d orang. Bentuk kelompok kedua.") % {"most": MOST},
        )
    _check_office(group, role)
    member = GroupMember.objects.create(
        group=group, person=person, role=role, joined_on=joined_on, created_at=at, created_by=by
    )
    audit.record(
        verb="beneficiaries.join_group",
        by=by,
        at=at,
        target=group.payee,
        role=role,
        person=person.pk,
    )
    _lead(member, by, at)
    return member


def _lead(member: GroupMember, by: User, at: datetime) -> None:
    """What speaks for the group above follows a new chair."""
    if member.role == GroupRole.CHAIR:
        for follow in CHAIR_CHANGES:
            follow(member, by, at)


def _check_office(group: Group, role: str, but: int | None = None) -> None:
    holders = group.members.filter(left_on=None, role=role).exclude(pk=but)
    if role in OFFICERS and holders.exists():
        raise Refused(
            "OFFICE-TAKEN",
            _("%(role)s sudah ada. Ganti dulu tugas yang sekarang.")
            % {"role": GroupRole(role).label},
        )


@transaction.atomic
def give_role(*, member: GroupMember, role: GroupRole, by: User, at: datetime) -> GroupMember:
    """Another office in the group. Raises Refused when the office is taken."""
    group = _locked(member.group, by)
    row: GroupMember = group.members.select_for_update().get(pk=member.pk, left_on=None)
    _check_office(group, role, row.pk)
    old, row.role = row.role, role
    row.save(update_fields=["role"])
    audit.record(
        verb="beneficiaries.give_role",
        by=by,
        at=at,
        target=group.payee,
        person=row.person_id,
        old=old,
        new=role,
    )
    _lead(row, by, at)
    return row


@transaction.atomic
def leave_group(
    *, member: GroupMember, left_on: date, reason: LeaveReason, by: User, at: datetime
) -> Group:
    """A member leaves. The group is told by its state what that means.

    A wish that would leave a checked or active group with fewer than 5, or without a signatory of
    its account, is refused: replace_member() instead. A fact (died, moved) is recorded always; the
    group then goes back to forming and is paid nothing until it is complete and checked again.
    """
    group = _locked(member.group, by)
    row = _open_member(group, member)
    _check_leaving(row, left_on, at)
    short = group.members.filter(left_on=None).count() - 1 < FEWEST
    signs = _signs(group, row.person_id)
    if reason not in FACTS and group.state in SETTLED and (short or signs):
        raise Refused("GROUP-FIFTH" if short else "GROUP-SIGNATORY", _why_stay(short=short))
    _end(row, left_on, reason, by, at)
    if group.state in SETTLED and (short or signs):
        _fall_back(group, by, at, _("Anggota kurang dari 5 atau penanda tangan pergi."))
    return group


def _why_stay(*, short: bool) -> str:
    if short:
        return _(
            "Kelompok akan tinggal kurang dari 5 anggota. Ia belum dikeluarkan. Catat penggantinya,"
            " atau bubarkan kelompok."
        )
    return _(
        "Ia penanda tangan rekening kelompok. Ia belum dikeluarkan. Ganti dulu penanda tangannya."
    )


def _open_member(group: Group, member: GroupMember) -> GroupMember:
    row: GroupMember | None = (
        group.members.select_for_update().filter(pk=member.pk, left_on=None).first()
    )
    if row is None:
        raise Stale("MEMBER-GONE", _("Anggota ini sudah keluar. Muat ulang halaman kelompok."))
    return row


def _check_leaving(member: GroupMember, left_on: date, at: datetime) -> None:
    if left_on > day_of(at) or left_on < member.joined_on:
        sentence = _("Tanggal keluar harus antara hari bergabung dan hari ini.")
        raise BadInput("MEMBER-LEFT-DATE", sentence, fields={"left_on": sentence})


def _signs(group: Group, person_id: int) -> bool:
    accounts = group.payee.accounts.exclude(state=AccountState.CLOSED)
    pairs = accounts.values_list("first_signatory", "second_signatory")
    return any(person_id in pair for pair in pairs)


def _end(member: GroupMember, left_on: date, reason: LeaveReason, by: User, at: datetime) -> None:
    member.left_on, member.left_reason = left_on, reason
    member.ended_at, member.ended_by = at, by
    member.save(update_fields=["left_on", "left_reason", "ended_at", "ended_by"])
    audit.record(
        verb="beneficiaries.leave_group",
        by=by,
        at=at,
        target=member.group.payee,
        person=member.person_id,
        why=reason,
    )


@transaction.atomic
def replace_member(
    *, member: GroupMember, person: Person, on: date, by: User, at: datetime
) -> GroupMember:
    """Somebody else takes a member's place and office in one act; the group keeps its number.

    A settled group goes back to forming: the new member has to be checked.
    """
    group = _locked(member.group, by)
    row = _open_member(group, member)
    _check_leaving(row, on, at)
    person = Person.objects.select_for_update().get(pk=person.pk)
    _end(row, on, LeaveReason.REPLACED, by, at)
    _check_joining(group, person, on, "", at)
    fresh = _join(group, person, GroupRole(row.role), on, by, at)
    if group.state in SETTLED:
        _fall_back(group, by, at, _("Anggota diganti."))
    return fresh


def _move(group: Group, to: GroupState, by: User, at: datetime, *, reason: str = "") -> None:
    """One step of MOVES, expecting the state that was read."""
    old = GroupState(group.state)
    if (old, to) not in MOVES:
        raise Stale(
            "GROUP-STATE", _("Keadaan kelompok sudah berubah. Muat ulang halaman kelompok.")
        )
    changed = Group.objects.filter(pk=group.pk, state=old).update(state=to)
    if changed != 1:
        raise Stale(
            "GROUP-STATE", _("Keadaan kelompok sudah berubah. Muat ulang halaman kelompok.")
        )
    group.state = to
    audit.record(
        verb=f"beneficiaries.group_{to}", by=by, at=at, target=group.payee, old=old, reason=reason
    )


def _fall_back(group: Group, by: User, at: datetime, why: str) -> None:
    _move(group, GroupState.FORMING, by, at, reason=why)
    Group.objects.filter(pk=group.pk).update(
        checked_at=None, checked_by=None, activated_at=None, activated_by=None
    )


def _require(by: User, old: str, new: GroupState) -> None:
    permission = MOVES.get((GroupState(old), new))
    if permission is not None and not by.can(permission):
        raise NotAllowed("GROUP-RIGHT", _("Anda tidak berhak atas langkah ini."))


@transaction.atomic
def check_group(*, group: Group, by: User, at: datetime, note: str = "") -> Group:
    """Another person than who formed it says that the members are as the rules ask.

    Raises Refused below 5 members, without one of the three officers, or while a member has a
    fault that is sure (moved away, dead); BadInput without a note when the rules of a member are
    answered no or unknown.
    """
    row = _locked(group, by)
    _require(by, row.state, GroupState.CHECKED)
    if by.pk == row.formed_by_id:
        raise NotAllowed("GROUP-OWN", _("Yang menyusun kelompok tidak memeriksanya sendiri."))
    _check_complete(row)
    rows = member_rows(row, on=day_of(at))
    if not note.strip() and any(member.doubtful for member in rows):
        sentence = _("Ada jawaban Tidak atau Belum diketahui. Tulis apa yang sudah Anda periksa.")
        raise BadInput("GROUP-NOTE", sentence, fields={"note": sentence})
    Group.objects.filter(pk=row.pk).update(
        checked_at=at, checked_by=by, check_note=note.strip()[:400]
    )
    row.refresh_from_db()
    _move(row, GroupState.CHECKED, by, at, reason=note.strip()[:400])
    return row


def _check_complete(group: Group) -> None:
    members = list(group.members.filter(left_on=None).select_related("person"))
    if len(members) < FEWEST:
        raise Refused(
            "GROUP-FEW",
            _("Anggota baru %(count)d orang. Kelompok paling sedikit 5 anggota.")
            % {"count": len(members)},
        )
    missing = [role for role in OFFICERS if role not in {member.role for member in members}]
    if missing:
        raise Refused(
            "GROUP-OFFICERS",
            _("%(role)s belum dipilih. Pilih dari anggota, lalu periksa lagi.")
            % {"role": GroupRole(missing[0]).label},
        )
    for member in members:
        if faults := hard_faults(group, member.person, member=member):
            raise Refused(*faults[0])


@transaction.atomic
def send_back(*, group: Group, note: str, by: User, at: datetime) -> Group:
    """The checker finds something after all: back to forming, with a note."""
    row = _locked(group, by)
    if row.state != GroupState.CHECKED:
        raise Stale(
            "GROUP-STATE", _("Keadaan kelompok sudah berubah. Muat ulang halaman kelompok.")
        )
    _require(by, row.state, GroupState.FORMING)
    if not note.strip():
        sentence = _("Tulis apa yang perlu diperbaiki.")
        raise BadInput("GROUP-NOTE", sentence, fields={"note": sentence})
    _fall_back(row, by, at, note.strip()[:200])
    return row


@transaction.atomic
def activate_group(*, group: Group, by: User, at: datetime) -> Group:
    """The group is ready to receive: checked, with its account and two signatories.

    Raises Refused without the account.
    """
    row = _locked(group, by)
    _require(by, row.state, GroupState.ACTIVE)
    account = row.payee.open_account()
    if account is None or account.second_signatory_id is None:
        raise Refused(
            "GROUP-ACCOUNT",
            _("Rekening kelompok dengan dua penanda tangan belum dicatat. Catat dulu."),
        )
    _check_complete(row)
    Group.objects.filter(pk=row.pk).update(activated_at=at, activated_by=by)
    row.refresh_from_db()
    _move(row, GroupState.ACTIVE, by, at)
    return row


@transaction.atomic
def dissolve_group(*, group: Group, on: date, reason: str, by: User, at: datetime) -> Group:
    """End a group: its members are free, its account is closed here (not at the bank)."""
    row = _locked(group, by)
    if on > day_of(at):
        sentence = _("Tanggal pembubaran tidak boleh di masa depan.")
        raise BadInput("GROUP-END-DATE", sentence, fields={"on": sentence})
    if not reason.strip():
        sentence = _("Tulis alasan pembubaran.")
        raise BadInput("GROUP-END-REASON", sentence, fields={"reason": sentence})
    old = GroupState(row.state)
    _require(by, old, GroupState.DISSOLVED)
    for member in row.members.select_for_update().filter(left_on=None):
        _end(member, max(on, member.joined_on), LeaveReason.DISSOLVED, by, at)
    row.payee.accounts.exclude(state=AccountState.CLOSED).update(
        state=AccountState.CLOSED, closed_at=at
    )
    row.payee.closed_on, row.payee.close_reason = on, reason.strip()[:200]
    row.payee.save(update_fields=["closed_on", "close_reason"])
    Group.objects.filter(pk=row.pk, state=old).update(
        state=GroupState.DISSOLVED, dissolved_at=at, dissolved_by=by
    )
    row.refresh_from_db()
    audit.record(
        verb="beneficiaries.group_dissolved",
        by=by,
        at=at,
        target=row.payee,
        old=old,
        reason=reason.strip()[:200],
    )
    return row

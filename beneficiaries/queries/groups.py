"""Reads of groups: what is wrong with a member for sure, and what is known about all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from bansos.lib.dates import age_on
from bansos.lib.parts import Word
from beneficiaries.choices import Relation
from beneficiaries.models import FamilyMember, Group, GroupMember, Person
from beneficiaries.queries.facts import Facts, facts_about
from beneficiaries.rules.groups import OLDEST, YOUNGEST

Fault = tuple[str, str]


def hard_faults(group: Group, person: Person, *, member: GroupMember | None = None) -> list[Fault]:
    """(code, sentence) of what keeps a person out of a group for sure; `member` is the own row."""
    faults: list[Fault] = []
    if person.died_on is not None:
        faults.append(
            ("MEMBER-DEAD", _("Ada yang tercatat meninggal. Ia tidak dapat menjadi anggota."))
        )
    if person.area_code != group.payee.area_code:
        faults.append(
            (
                "MEMBER-VILLAGE",
                _("Ia tidak tinggal di desa kelompok. Satu kelompok satu desa/kelurahan."),
            )
        )
    others = GroupMember.objects.filter(left_on=None).exclude(pk=member.pk if member else None)
    if others.filter(person=person).exists():
        faults.append(
            (
                "MEMBER-ELSEWHERE",
                _("Ia masih anggota kelompok yang hidup. Catat dulu keluarnya dari sana."),
            )
        )
    relatives = others.filter(group=group, person__family=person.family_id)
    if person.family_id and relatives.exclude(person=person).exists():
        faults.append(
            (
                "MEMBER-FAMILY",
                _("Keluarganya (KK yang sama) sudah diwakili di kelompok ini."),
            )
        )
    return faults


@dataclass(frozen=True)
class Known:
    """What one rule says of one member: ya, tidak, or belum diketahui."""

    label: str
    word: Word


@dataclass(frozen=True)
class MemberRow:
    """One member with what the rules of a KUBE ask about."""

    member: GroupMember
    age: int | None
    known: list[Known]

    @property
    def doubtful(self) -> list[Known]:
        """What is not a clear yes."""
        return [item for item in self.known if item.word.tone != "baik"]


def _word(answer: bool | None) -> Word:
    if answer is None:
        return Word("menunggu", _("Belum diketahui"))
    return Word("baik", _("Ya")) if answer else Word("masalah", _("Tidak"))


def member_rows(group: Group, *, on: date) -> list[MemberRow]:
    """The open members with the answers of that day, officers first; few queries."""
    members = list(
        group.members.filter(left_on=None).select_related("person__family", "person__village")
    )
    order = {"chair": 0, "secretary": 1, "treasurer": 2}
    members.sort(key=lambda member: (order.get(member.role, 3), member.person.name))
    people = [member.person for member in members]
    facts = facts_about(people, on=on)
    heads = _heads(people)
    earlier = set(
        GroupMember.objects.filter(person__in=people, left_on__isnull=False)
        .exclude(group=group)
        .values_list("person_id", flat=True)
    )
    return [
        MemberRow(
            member=member,
            age=age_on(member.person.birth_date, on) if member.person.birth_date else None,
            known=_known(member, group, facts[member.person_id], heads, earlier, on),
        )
        for member in members
    ]


def _heads(people: Sequence[Person]) -> dict[int, bool | None]:
    rows = FamilyMember.objects.filter(person__in=people, until_date=None)
    return {
        row.person_id: (row.relation == Relation.HEAD if row.relation else None) for row in rows
    }


def _known(
    member: GroupMember,
    group: Group,
    facts: Facts,
    heads: dict[int, bool | None],
    earlier: set[int],
    on: date,
) -> list[Known]:
    person = member.person
    age = age_on(person.birth_date, on) if person.birth_date else None
    return [
        Known(_("Hidup"), _word(facts.died_on is None)),
        Known(_("Di desa kelompok"), _word(person.area_code == group.payee.area_code)),
        Known(_("Kepala keluarga"), _word(heads.get(person.pk))),
        Known(
            _("Usia 18-60 tahun"),
            _word(None if age is None else YOUNGEST <= age <= OLDEST),
        ),
        Known(_("Di DTSEN"), _word(facts.in_dtsen)),
        Known(_("Belum pernah ikut kelompok"), _word(person.pk not in earlier)),
    ]

"""A KUBE of Tambakmas with five members, ready for the tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from bansos.lib.errors import Refused
from beneficiaries.choices import GroupRole
from beneficiaries.models import Group, GroupMember, Person
from beneficiaries.rules.groups import OFFICERS
from beneficiaries.services.groups import activate_group, add_member, check_group, form_group
from beneficiaries.services.payees import set_payee_account
from tests.cast import Cast
from tests.factories.beneficiaries import NOW, PersonFactory

VILLAGE = "35.19.01.2001"
FORMED = date(2026, 3, 2)
# The register knows neither their families nor DTSEN, so the checker says what was looked at.
SEEN = "KK dan rumah tiap anggota dilihat."


@contextmanager
def refuses(code: str) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """The block is refused with this code."""
    with pytest.raises(Refused) as refused:
        yield refused
    assert refused.value.code == code


def heads(cast: Cast, count: int = 5) -> list[Person]:
    """Family heads of Tambakmas, each of an own family, 36 years old."""
    return [
        PersonFactory(birth_date=date(1990, 4, 5), village_id=VILLAGE, created_by=cast.sari)
        for _ in range(count)
    ]


def forming(cast: Cast, name: str = "KUBE Melati", count: int = 5) -> Group:
    """A group as sari left it: members and officers, nothing checked."""
    group = form_group(
        name=name,
        village_id=VILLAGE,
        business_kind="Ternak ayam",
        formed_on=FORMED,
        by=cast.sari,
        at=NOW,
    )
    roles = [*OFFICERS, *[GroupRole.MEMBER] * count]
    for person, role in zip(heads(cast, count), roles, strict=False):
        add_member(group=group, person=person, joined_on=FORMED, role=role, by=cast.sari, at=NOW)
    return group


def active(cast: Cast, name: str = "KUBE Melati", count: int = 5) -> Group:
    """The group checked by vera, with its account signed by chair and treasurer, and active."""
    group = check_group(group=forming(cast, name, count), by=cast.vera, at=NOW, note=SEEN)
    set_payee_account(
        payee=group.payee,
        bank_code="114",
        number=f"0099{group.pk:06d}",
        holder_name=name,
        signatories=[officer(group, "chair").person, officer(group, "treasurer").person],
        by=cast.sari,
        at=NOW,
    )
    return activate_group(group=group, by=cast.sari, at=NOW)


def officer(group: Group, role: str) -> GroupMember:
    """Who holds an office now."""
    return GroupMember.objects.select_related("person").get(group=group, role=role, left_on=None)


def plain_member(group: Group) -> GroupMember:
    """A member without office."""
    rows = GroupMember.objects.select_related("person").filter(group=group, left_on=None)
    return rows.filter(role=GroupRole.MEMBER).order_by("pk")[0]

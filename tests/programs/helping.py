"""Help that reaches people another way than by a place of their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from beneficiaries.models import Group, GroupMember, Institution, Payee, Person, Residency
from programs.choices import PayeeKind
from programs.models import (
    Enrolment,
    PremiumCover,
    PremiumPlan,
    ProgrammeVersion,
    StageEntitlement,
    UnitCount,
    UnitStay,
)
from tests.cast import Cast
from tests.factories.programs import (
    NOW,
    EnrolmentFactory,
    ProgrammeFactory,
    ProgrammeVersionFactory,
    StageFactory,
)

BEGAN = date(2025, 3, 1)


def programme(cast: Cast, code: str, **fields: Any) -> ProgrammeVersion:
    """A version of another programme of the province, with one stage in March."""
    made: ProgrammeVersion = ProgrammeVersionFactory(
        programme=ProgrammeFactory(agency=cast.agency, code=code, name=f"Program {code}"),
        **{"one_per_family": False, "stages": False, "activated_by": cast.budi, **fields},
    )
    StageFactory(version=made, stage_date=date(made.year, 3, 15))
    return made


def payee(cast: Cast, kind: str, name: str) -> Payee:
    """Somebody to be paid in Tambakmas who is no person."""
    made: Payee = Payee.objects.create(
        kind=kind, name=name, area_code="35.19.01.2001", created_at=NOW, created_by=cast.sari
    )
    return made


def receives(
    cast: Cast, version: ProgrammeVersion, head: Person, owner: Payee, **fields: Any
) -> Enrolment:
    """A payee named by a decree; the head answers for it."""
    known = {"active": True, "active_from": BEGAN.replace(year=version.year), **fields}
    made: Enrolment = EnrolmentFactory(
        version=version, person=head, payee=owner, account=None, decided_by=cast.vera,
        proposed_by=cast.sari, created_by=cast.sari, **known,
    )  # fmt: skip
    return made


def group_of(
    cast: Cast, members: Iterable[tuple[Person, date, date | None]], name: str = "KUBE Lama"
) -> Payee:
    """A group; of each member the day of joining and the day of leaving."""
    owner = payee(cast, "group", name)
    group = Group.objects.create(
        payee=owner, business_kind="ternak", formed_on=BEGAN, formed_at=NOW, formed_by=cast.sari
    )
    for person, joined, left in members:
        ended = {"left_on": left, "left_reason": "resigned", "ended_at": NOW, "ended_by": cast.sari}
        GroupMember.objects.create(
            group=group, person=person, joined_on=joined, created_at=NOW, created_by=cast.sari,
            **(ended if left else {}),
        )  # fmt: skip
    return owner


def home_of(
    cast: Cast,
    version: ProgrammeVersion,
    head: Person,
    residents: Iterable[tuple[Person, bool]],
    name: str = "Panti Lama",
) -> Enrolment:
    """A home that was counted for its residents; of each whether they live there still."""
    home = Institution.objects.create(payee=payee(cast, "institution", name), kind="lksa")
    row = receives(cast, version, head, home.payee)
    stage, month = version.stages.get(), date(version.year, 1, 1)
    share = StageEntitlement.objects.create(
        enrolment=row, stage=stage, units=31, unit_price=Decimal(1000), amount=Decimal(31_000),
        set_at=NOW, set_by=cast.sari,
    )  # fmt: skip
    count = UnitCount.objects.create(
        entitlement=share, month=month, units=31, source="Daftar", set_at=NOW, set_by=cast.sari
    )
    for person, lives_there in residents:
        gone = {"until_date": date(version.year, 1, 31), "ended_at": NOW, "ended_by": cast.sari}
        Residency.objects.create(
            institution=home, person=person, from_date=month, created_at=NOW,
            created_by=cast.sari, **({} if lives_there else gone),
        )  # fmt: skip
        UnitStay.objects.create(
            count=count, institution=home, person=person, first=month,
            last=month.replace(day=31),
        )  # fmt: skip
    return row


def premiums_of(
    cast: Cast, version: ProgrammeVersion, people: Iterable[tuple[Person, str]]
) -> PremiumPlan:
    """A plan with covers that are "open", "ended" or "void"."""
    insurer = Institution.objects.create(payee=payee(cast, "institution", "BPJS"), kind="insurer")
    plan: PremiumPlan = PremiumPlan.objects.create(
        version=version, insurance="health", insurer=insurer, made_at=NOW, made_by=cast.budi
    )
    month = date(version.year, 1, 1)
    for person, state in people:
        void = state == "void"
        ended = {"until_month": None if void else month, "is_void": void, "ended_at": NOW,
                 "ended_by": cast.budi}  # fmt: skip
        PremiumCover.objects.create(
            person=person, insurance="health", payer="province", payer_name="Provinsi", plan=plan,
            area_code=person.area_code, from_month=month, opened_at=NOW, opened_by=cast.budi,
            **({} if state == "open" else ended),
        )  # fmt: skip
    return plan


def helped_otherwise(cast: Cast, people: list[Person]) -> None:
    """KUBE 2025, meals and premiums of 2026: for ten people, each in another way, and three heads.

    The first six were in the group, the next two in the home, the next three were insured.
    """
    old, joined = date(2024, 1, 1), date(2026, 1, 10)
    kube = programme(cast, "KUBE", year=2025, payee_kind=PayeeKind.GROUP)
    meals = programme(cast, "MAKAN", payee_kind=PayeeKind.INSTITUTION)
    premium = programme(cast, "PREMI", payee_kind=PayeeKind.INSTITUTION)
    turns = [
        (old, None),
        (old, BEGAN.replace(day=2)),
        (old, BEGAN),
        (old, date(2025, 2, 28)),
        (joined, None),
        (old, date(2025, 12, 1)),
    ]
    for person in people[: len(turns)]:
        person.area_code = "35.19.01.2001"  # members live where their group is
        person.save(update_fields=["area_code"])
    members = [(person, *turn) for person, turn in zip(people, turns, strict=False)]
    receives(cast, kube, people[11], group_of(cast, members))
    home_of(cast, meals, people[12], [(people[6], True), (people[7], False)])
    states = ("open", "ended", "void")
    premiums_of(cast, premium, list(zip(people[8:], states, strict=False)))
    village = programme(cast, "BKK", payee_kind=PayeeKind.GOVERNMENT)
    receives(cast, village, people[13], payee(cast, "government", "Desa Tambakmas"))

"""Whether payees may be paid on a day, and who lived where: what the money side asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from bansos.lib.dates import long_date
from bansos.lib.parts import Word
from beneficiaries.choices import AccountState, GroupState, PayeeType
from beneficiaries.models import (
    Accreditation,
    BankAccount,
    Group,
    GroupMember,
    Institution,
    Payee,
    Person,
    Residency,
)
from beneficiaries.rules.groups import FEWEST
from beneficiaries.rules.institutions import NEEDS_ACCREDITATION, YEARS, month_of


@dataclass(frozen=True)
class Obstacle:
    """One reason not to pay a payee on a day: a stable code and a whole sentence."""

    code: str
    sentence: str


def obstacles(payees: Collection[Payee], *, on: date) -> dict[int, list[Obstacle]]:
    """Payee id -> reasons not to pay it on that day; an empty list means it may be paid.

    Six queries for any number of payees. Codes: CLOSED, NO-ACCOUNT, GROUP-STATE, GROUP-FEW,
    GROUP-DEAD, GROUP-MOVED, SIGNATORY, ACCREDITATION-NONE, ACCREDITATION-EXPIRED,
    ACCREDITATION-REVOKED.
    """
    found: dict[int, list[Obstacle]] = {payee.pk: [] for payee in payees}
    accounts = _accounts(found)
    for payee in payees:
        # Closed is closed: it may have happened after the day the payment is for.
        if payee.closed_on is not None:
            found[payee.pk].append(Obstacle("CLOSED", _("Penerima ini sudah ditutup.")))
        if payee.pk not in accounts:
            found[payee.pk].append(Obstacle("NO-ACCOUNT", _("Rekening belum dicatat.")))
    _about_groups(found, [p for p in payees if p.kind == PayeeType.GROUP], accounts)
    _about_institutions(found, [p for p in payees if p.kind == PayeeType.INSTITUTION], on)
    return found


def _accounts(payee_ids: Collection[int]) -> dict[int, BankAccount]:
    rows = BankAccount.objects.filter(payee__in=list(payee_ids)).exclude(state=AccountState.CLOSED)
    return {row.payee_id: row for row in rows.order_by("created_at", "pk")}


def _about_groups(
    found: dict[int, list[Obstacle]], payees: list[Payee], accounts: dict[int, BankAccount]
) -> None:
    groups = {group.pk: group for group in Group.objects.filter(pk__in=[p.pk for p in payees])}
    members: dict[int, list[Person]] = defaultdict(list)
    rows = GroupMember.objects.filter(group__in=groups, left_on=None).select_related("person")
    for member in rows:
        members[member.group_id].append(member.person)
    for payee in payees:
        people, notes = members[payee.pk], found[payee.pk]
        living = [person for person in people if person.died_on is None]
        if groups[payee.pk].state != GroupState.ACTIVE:
            notes.append(Obstacle("GROUP-STATE", _("Kelompok belum atau tidak lagi aktif.")))
        if len(living) < FEWEST:
            sentence = _("Anggota tinggal %(count)d orang; kelompok paling sedikit 5.")
            notes.append(Obstacle("GROUP-FEW", sentence % {"count": len(living)}))
        if len(living) < len(people):
            notes.append(
                Obstacle("GROUP-DEAD", _("Ada anggota yang meninggal dan belum dikeluarkan."))
            )
        if any(person.area_code != payee.area_code for person in people):
            notes.append(Obstacle("GROUP-MOVED", _("Ada anggota yang pindah ke desa lain.")))
        _about_signatories(notes, accounts.get(payee.pk), {person.pk for person in living})


def _about_signatories(
    notes: list[Obstacle], account: BankAccount | None, members: set[int]
) -> None:
    if account is None:
        return
    signing = {account.first_signatory_id, account.second_signatory_id}
    if None in signing or not signing <= members:
        sentence = _("Rekening kelompok tidak ditandatangani dua anggota yang sekarang.")
        notes.append(Obstacle("SIGNATORY", sentence))


def _about_institutions(found: dict[int, list[Obstacle]], payees: list[Payee], on: date) -> None:
    rows = Institution.objects.filter(pk__in=[p.pk for p in payees], kind__in=NEEDS_ACCREDITATION)
    needing = set(rows.values_list("pk", flat=True))
    newest: dict[int, Accreditation] = {}
    certificates = Accreditation.objects.filter(institution__in=needing, valid_from__lte=on)
    for row in certificates.order_by("valid_from", "pk"):
        newest[row.institution_id] = row
    for pk in needing:
        obstacle = _about_certificate(newest.get(pk), on)
        if obstacle:
            found[pk].append(obstacle)


def _about_certificate(row: Accreditation | None, on: date) -> Obstacle | None:
    if row is None:
        return Obstacle("ACCREDITATION-NONE", _("Akreditasi belum dicatat."))
    if row.grade not in YEARS:
        return Obstacle("ACCREDITATION-REVOKED", _("Akreditasi sudah dicabut."))
    if row.valid_until < on:
        sentence = _("Akreditasi %(grade)s berakhir %(day)s.")
        words = {"grade": row.grade, "day": long_date(row.valid_until)}
        return Obstacle("ACCREDITATION-EXPIRED", sentence % words)
    return None


def certificate_word(grade: str | None, until: date | None, on: date | None = None) -> Word:
    """A certificate as a status word on a day (today when none is given)."""
    if not grade or until is None:
        return Word("masalah", _("Belum dicatat"))
    if grade not in YEARS:
        return Word("masalah", _("Dicabut"))
    if until < (on or timezone.localdate()):
        return Word("masalah", _("%(grade)s, berakhir") % {"grade": grade})
    return Word("baik", _("%(grade)s, berlaku") % {"grade": grade})


def accreditation_on(institution: Institution, on: date) -> Accreditation | None:
    """The certificate that holds on a day; None when there is none or it expired or was revoked."""
    rows = institution.accreditations.filter(valid_from__lte=on)
    row = rows.order_by("-valid_from", "-pk").first()
    return None if row is None or _about_certificate(row, on) else row


@dataclass(frozen=True)
class Stay:
    """One person's days in an institution inside a month; both ends counted."""

    person: Person
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


def stays_in(institution: Institution, month: date, *, until: date | None = None) -> list[Stay]:
    """Every stay of an institution inside a day's month, cut to it, by name.

    Open stays count to the month's last day, or to `until` (today) in a month that is not over;
    nobody stays longer than they live, whether or not the house has written them out.
    """
    first, last = month_of(month)
    last = min(last, until) if until else last
    rows = Residency.objects.filter(institution=institution, from_date__lte=last).filter(
        Q(until_date=None) | Q(until_date__gte=first), _LIVED_TO_COME & _alive(first)
    )
    return [
        Stay(row.person, max(row.from_date, first), end_of_stay(row, last))
        for row in rows.select_related("person").order_by("person__name", "person_id", "from_date")
    ]


_LIVED_TO_COME = Q(person__died_on=None) | Q(person__died_on__gte=F("from_date"))


def _alive(on: date) -> Q:
    """Residencies of who lives on a day; the day of death is lived."""
    return Q(person__died_on=None) | Q(person__died_on__gte=on)


def end_of_stay(row: Residency, last: date) -> date:
    """The day a stay ends: its own, that of the death, else `last`; whichever comes first."""
    return min(row.until_date or last, row.person.died_on or last, last)


def resident_days(
    institution: Institution, month: date, *, until: date | None = None
) -> list[tuple[Person, int]]:
    """Who lived in the institution in that day's month and on how many days, by name.

    Tariff x days is paid on this; see `stays_in`.
    """
    days: dict[int, int] = defaultdict(int)
    people: dict[int, Person] = {}
    for stay in stays_in(institution, month, until=until):
        people[stay.person.pk] = stay.person
        days[stay.person.pk] += stay.days
    return [(person, days[pk]) for pk, person in people.items()]


def residents_on(institution: Institution, on: date) -> int:
    """How many people live there on a day."""
    rows = Residency.objects.filter(_alive(on), institution=institution, from_date__lte=on)
    return int(rows.filter(Q(until_date=None) | Q(until_date__gte=on)).count())

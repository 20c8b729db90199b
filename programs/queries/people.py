"""The programmes of one person or payee, year by year: a panel of their page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.accounts.permissions import Permission
from bansos.lib.parts import Word
from beneficiaries.models import Payee, Person
from beneficiaries.queries import Panel
from programs.choices import ENROLMENT_TONES, EnrolmentState
from programs.models import Enrolment, PremiumCover, UnitStay
from programs.rules.life import LIVE, REPORTERS


@dataclass(frozen=True)
class PersonProgramme:
    """One programme year of a person or payee."""

    programme: str
    year: int
    word: Word
    since: date | None
    ended_on: date | None
    href: str
    # How the help reached the person when not by a place of their own, or who answers for the
    # payee; "" otherwise.
    through: str = ""
    # Where something that happened is recorded; "" when nothing can be.
    event_href: str = ""


def state_word(state: str) -> Word:
    """The badge of an enrolment's state."""
    tone, icon = ENROLMENT_TONES[EnrolmentState(state)]
    return Word(tone, str(EnrolmentState(state).label), icon)


def programmes_of(person: Person, *, user: Any) -> list[PersonProgramme]:
    """What the person is or was in, newest year first, as far as the user may look.

    Their own enrolments, those they answer for, those of a group they belong to, institutions
    they were counted in, and premiums paid for them.
    """
    rows = (
        Enrolment.objects.visible_to(user)
        .filter(Q(person=person) | Q(payee__group__members__person=person))
        .select_related("version__programme", "payee")
        .order_by("-version__year", "-pk")
        .distinct()
    )
    reports = user.can_any(REPORTERS)
    found = [_of_enrolment(row, person, reports=reports) for row in rows]
    return sorted([*found, *_counted(person, user), *_premiums(person, user)], key=_newest_first)


def _newest_first(row: PersonProgramme) -> tuple[int, str]:
    return -row.year, row.programme


def _of_enrolment(row: Enrolment, person: Person, *, reports: bool) -> PersonProgramme:
    may_report = reports and row.state in LIVE
    through = ""
    if row.payee is not None:
        own = row.person_id == person.pk
        words = _("Mewakili %(name)s") if own else _("Anggota %(name)s")
        through = words % {"name": row.payee.name}
    return PersonProgramme(
        programme=row.version.programme.name,
        year=row.version.year,
        word=state_word(row.state),
        since=row.active_from,
        ended_on=row.ended_on,
        href=reverse("programs:proposal", args=[row.pk]),
        through=through,
        event_href=reverse("programs:event_new", args=[row.pk]) if may_report else "",
    )


def _counted(person: Person, user: Any) -> list[PersonProgramme]:
    """Institutions that were paid for days of the person."""
    seen = Enrolment.objects.visible_to(user)
    rows = (
        UnitStay.objects.filter(person=person, count__entitlement__enrolment__in=seen)
        .values_list(
            "count__entitlement__enrolment",
            "count__entitlement__stage__version__programme__name",
            "count__entitlement__stage__version__year",
            "institution__payee__name",
        )
        .annotate(since=Min("first"), until=Max("last"))
        .order_by("count__entitlement__enrolment")
    )
    return [
        PersonProgramme(
            programme=name,
            year=year,
            word=Word("baik", _("Dihitung")),
            since=since,
            ended_on=until,
            href=reverse("programs:proposal", args=[pk]),
            through=_("Penghuni %(name)s") % {"name": house},
        )
        for pk, name, year, house, since, until in rows
    ]


def _premiums(person: Person, user: Any) -> list[PersonProgramme]:
    """Premiums paid by a programme or by another payer."""
    rows = PremiumCover.objects.visible_to(user).filter(person=person, is_void=False)
    return [
        PersonProgramme(
            programme=row.plan.version.programme.name
            if row.plan
            else str(row.get_insurance_display()),
            year=row.plan.version.year if row.plan else row.from_month.year,
            word=Word("netral", _("Berakhir")) if row.until_month else Word("baik", _("Dibayar")),
            since=row.from_month,
            ended_on=row.until_month,
            href=reverse("programs:premium_covers"),
            through=_("Premi dibayar %(name)s") % {"name": row.payer_name},
        )
        for row in rows.select_related("plan__version__programme").order_by("-from_month", "pk")
    ]


def person_panel(person: Person, user: Any) -> Panel | None:
    """The panel of programmes on the person page; nothing for who may not read programmes."""
    if not user.can(Permission.PROGRAM_VIEW):
        return None
    return Panel(
        title=_("Program dan bantuan"),
        template="programs/person_panel.html",
        icon="heart-handshake",
        context={"rows": programmes_of(person, user=user)},
    )


def programmes_of_payee(payee: Payee, *, user: Any) -> list[PersonProgramme]:
    """What a group, institution or treasury is or was in, with who answers for it."""
    rows = (
        Enrolment.objects.visible_to(user)
        .filter(payee=payee)
        .select_related("version__programme", "person")
        .order_by("-version__year", "-pk")
    )
    reports = user.can_any(REPORTERS)
    return [
        PersonProgramme(
            programme=row.version.programme.name,
            year=row.version.year,
            word=state_word(row.state),
            since=row.active_from,
            ended_on=row.ended_on,
            href=reverse("programs:proposal", args=[row.pk]),
            through=_("Penanggung jawab %(name)s") % {"name": row.person.name},
            event_href=reverse("programs:event_new", args=[row.pk])
            if reports and row.state in LIVE
            else "",
        )
        for row in rows
    ]


def payee_panel(payee: Payee, user: Any) -> Panel | None:
    """The panel of programmes on the page of a payee; nothing for who may not read programmes."""
    if not user.can(Permission.PROGRAM_VIEW):
        return None
    return Panel(
        title=_("Program dan bantuan"),
        template="programs/person_panel.html",
        icon="heart-handshake",
        context={"rows": programmes_of_payee(payee, user=user)},
    )

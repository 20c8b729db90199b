"""The programmes of one person, year by year: a panel of the person's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.accounts.permissions import Permission
from bansos.lib.parts import Word
from beneficiaries.models import Person
from beneficiaries.queries import Panel
from programs.choices import ENROLMENT_TONES, EnrolmentState
from programs.models import Enrolment


@dataclass(frozen=True)
class PersonProgramme:
    """One programme year of a person."""

    programme: str
    year: int
    word: Word
    since: date | None
    ended_on: date | None
    href: str


def state_word(state: str) -> Word:
    """The badge of an enrolment's state."""
    tone, icon = ENROLMENT_TONES[EnrolmentState(state)]
    return Word(tone, str(EnrolmentState(state).label), icon)


def programmes_of(person: Person, *, user: Any) -> list[PersonProgramme]:
    """What the person is or was in, newest year first, as far as the user may look."""
    rows = (
        Enrolment.objects.visible_to(user)
        .filter(person=person)
        .select_related("version__programme")
        .order_by("-version__year", "-pk")
    )
    return [
        PersonProgramme(
            programme=row.version.programme.name,
            year=row.version.year,
            word=state_word(row.state),
            since=row.active_from,
            ended_on=row.ended_on,
            href=reverse("programs:proposal", args=[row.pk]),
        )
        for row in rows
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

"""The papers of a programme printed for one recipient, each printing with a trace."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.errors import NotAllowed, NotFound
from programs.documents.letters import render_letter
from programs.models import Enrolment
from programs.rules.life import REPORTERS
from programs.services.enrolments import check_reach


@transaction.atomic
def print_letter(*, enrolment: Enrolment, code: str, by: User, at: datetime) -> bytes:
    """The PDF of one text of the version, filled for this recipient; the printing is recorded.

    Raises NotAllowed without a right or outside the area, NotFound for a text it does not have.
    """
    if not by.can_any(REPORTERS):
        raise NotAllowed("LETTER-RIGHT", _("Peran Anda tidak mencetak dokumen program."))
    check_reach(by=by, area_code=enrolment.area_code)
    letter = next((row for row in enrolment.version.letters if row["code"] == code), None)
    if letter is None:
        raise NotFound("LETTER", _("Program ini tidak punya naskah itu."))
    content = render_letter(enrolment, letter, at=at)
    audit.record(verb="programs.print_letter", by=by, at=at, target=enrolment, code=code)
    return content

"""What several money pages share: refusals on forms, timelines, job cards, buttons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.jobs.models import Job
from bansos.jobs.queries import card
from bansos.lib.errors import Refused
from bansos.lib.parts import JobCard


def refuse(form: forms.BaseForm, refused: Refused) -> None:
    """Put a refusal where the form shows it: on its field, or above all; one sentence once."""
    named = {name: text for name, text in (refused.fields or {}).items() if name in form.fields}
    if str(refused.message) not in {str(text) for text in named.values()}:
        form.add_error(None, str(refused.message))
    for name, text in named.items():
        form.add_error(name, str(text))


def in_background(request: HttpRequest) -> None:
    """Say that a worker does what was asked; the page shows how far it is."""
    messages.info(
        request,
        _("Daftar ini panjang, jadi dikerjakan di latar. Kemajuannya tampil di halaman ini."),
    )


READ_IN_BACKGROUND = gettext_lazy(
    "Berkas besar ini dibaca di latar. Kemajuannya tampil di halaman ini; sesudahnya Anda melihat"
    " isinya sebelum menerapkannya."
)


@dataclass(frozen=True)
class Button:
    """One act of a page: a link or a POST; `off` says why it cannot be used now."""

    label: str
    href: str
    post: bool = False
    variant: str = "biasa"
    icon: str = ""
    off: str = ""
    name: str = ""
    value: str = ""


def job_card(job: Job | None, user: Any) -> JobCard | None:
    """The running (or failed) job of a record; None when it ended well.

    Whose job it is sees it move and may stop it; all others see where it stood.
    """
    if job is None or job.state in {"done", "notes", "cancelled"}:
        return None
    found = card(job)
    if job.owner_id == user.pk:
        return found
    return replace(found, href="", poll_href="", cancel_href="")


def whose(permission: Any, user: Any, who: str) -> str:
    """Why a button is off for this role; empty when the role carries it."""
    if user.can(permission):
        return ""
    return _("Dilakukan oleh %(who)s.") % {"who": who}

"""What several money pages share: refusals on forms, timelines, job cards, buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.jobs.models import Job
from bansos.lib.errors import Refused
from bansos.lib.parts import JobCard, Word


def refuse(form: forms.BaseForm, refused: Refused) -> None:
    """Put a refusal where the form shows it: on its field, or above all."""
    named = {name: text for name, text in (refused.fields or {}).items() if name in form.fields}
    form.add_error(None, str(refused.message))
    for name, text in named.items():
        form.add_error(name, str(text))


@dataclass(frozen=True)
class Button:
    """One act of a page: a link or a POST; `off` says why it cannot be used now."""

    label: str
    href: str
    post: bool = False
    variant: str = "biasa"
    icon: str = ""
    off: str = ""


def job_card(job: Job | None) -> JobCard | None:
    """The running (or failed) job of a record; None when it ended well."""
    if job is None or job.state in {"done", "notes", "cancelled"}:
        return None
    return JobCard(
        title=job.title,
        word=Word(job.tone, job.get_state_display()),
        done=job.done,
        total=job.total,
        message=job.message,
        href=reverse("jobs:detail", args=[job.pk]),
        cancel_href=reverse("jobs:cancel", args=[job.pk]) if job.is_open else "",
        finished=not job.is_open,
    )


def whose(permission: Any, user: Any, who: str) -> str:
    """Why a button is off for this role; empty when the role carries it."""
    if user.can(permission):
        return ""
    return _("Dilakukan oleh %(who)s.") % {"who": who}

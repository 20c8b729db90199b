"""What the pages share: a refusal put on its form, the crumbs, the answer to a wrong form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from bansos.lib.errors import Refused
from bansos.lib.parts import Crumb


def put_on_form(form: forms.BaseForm, refused: Refused) -> None:
    """Show a refusal beside its fields, or above the form when it names none."""
    placed = False
    for name, sentence in (refused.fields or {}).items():
        if name in form.fields:
            form.add_error(name, str(sentence))
            placed = True
    if not placed:
        form.add_error(None, str(refused.message))


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], form: forms.BaseForm
) -> HttpResponse:
    """The page with its form; 422 when the form came back wrong."""
    wrong = form.is_bound and bool(form.errors)
    return render(request, template, {**context, "form": form}, status=422 if wrong else 200)


def say(request: HttpRequest, refused: Refused, *, step: tuple[str, str] | None = None) -> None:
    """A refusal as a message of the next page; it holds no personal data.

    step: what puts it right, and the address of that page.
    """
    text = str(refused.message)
    if step is not None:
        text = format_html('{} <a href="{}">{}</a>', text, step[1], step[0])
    messages.error(request, text)


def crumbs(*steps: tuple[Any, str]) -> list[Crumb]:
    """Breadcrumbs from (label, address) pairs; the last one usually without address."""
    return [Crumb(label=str(label), href=href) for label, href in steps]


def catalogue_crumb() -> tuple[str, str]:
    """The first step of the catalogue pages."""
    return _("Daftar program"), reverse("programs:catalogue")

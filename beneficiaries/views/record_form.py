"""The small form pages of payees, pillars and families: show, refuse on the form, go back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bansos.lib.errors import Refused
from bansos.lib.parts import Crumb


def record_form(
    request: HttpRequest,
    form: Any,
    *,
    title: Any,
    button: Any,
    back: str,
    crumbs: list[Crumb],
    act: Callable[[], Any],
    said: Any,
    hint: str = "",
) -> HttpResponse:
    """One form about one record. `act` runs one service and may give the record to go to.

    A refusal stands on the form, at its field when it names one; then nothing was changed.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                target = act()
            except Refused as refused:
                _put(form, refused)
                status = refused.status
            else:
                messages.info(request, said)
                return redirect(target if hasattr(target, "get_absolute_url") else back)
    context = {
        "form": form,
        "title": title,
        "button": button,
        "back": back,
        "hint": hint,
        "crumbs": [*crumbs, Crumb(label=title)],
    }
    return render(request, "beneficiaries/record_form.html", context, status=status)


def _put(form: Any, refused: Refused) -> None:
    for field, sentence in (refused.fields or {"": refused.message}).items():
        form.add_error(field if field in form.fields else None, str(sentence))

"""Pages of the ways to banks: all of them, one as a form, its test and its switch."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.models import Agency
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb
from disbursements.choices import ChannelKind, Heard
from disbursements.forms import ChannelForm
from disbursements.models import BankChannel
from disbursements.services.channels import setup
from disbursements.tables import Channels, channel_word
from disbursements.views.channel_card import ability_words
from disbursements.views.parts import Button, refuse

SECRETS = {
    ChannelKind.DROP: ("TOKEN",),
    ChannelKind.SNAP: ("CLIENT_SECRET", "PRIVATE_KEY"),
}

PROVINCE = 2  # digits of a province in a region code


@requires(Permission.CHANNEL_MANAGE)
class ChannelListView(ListView):
    """Every configured way to a bank in the area."""

    spec = Channels

    def primary_action(self) -> Action | None:
        return Action(_("Tambah kanal"), reverse("disbursements:channel_new"), "plus")


def _crumbs(last: str) -> list[Crumb]:
    return [
        Crumb(label=_("Kanal bank"), href=reverse("disbursements:channels")),
        Crumb(label=last),
    ]


@requires(Permission.CHANNEL_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new way to a bank; it is off until it was tried."""
    agency = get_object_or_404(Agency, area_code=request.user.area_code[:PROVINCE])
    return _edit(request, agency, None)


@requires(Permission.CHANNEL_MANAGE)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One way to a bank: what it declares, its test, its switch."""
    row = find(BankChannel.objects.select_related("agency", "tested_by"), request.user, pk=pk)
    return _edit(request, row.agency, row)


def _edit(request: HttpRequest, agency: Agency, row: BankChannel | None) -> HttpResponse:
    initial = {name: getattr(row, name) for name in setup.FIELDS} if row else None
    form = ChannelForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = setup.save_channel(
                channel=row,
                agency=agency,
                values=form.cleaned_data,
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, _("Tersimpan. Uji sambungannya, lalu nyalakan."))
            return redirect("disbursements:channel", pk=saved.pk)
        except Refused as refused:
            refuse(form, refused)
    status = 422 if form.is_bound and form.errors else 200
    return _page(request, row, form, status=status)


def _page(
    request: HttpRequest,
    row: BankChannel | None,
    form: ChannelForm,
    *,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "row": row,
        "form": form,
        "refused": refused,
        "word": channel_word(row) if row else None,
        "buttons": _buttons(row) if row else [],
        "pairs": _pairs(row) if row else [],
        "events": timeline_of(row, limit=20) if row else [],
        "crumbs": _crumbs(row.name if row else _("Tambah kanal")),
    }
    return render(request, "disbursements/channel.html", context, status=status)


def _buttons(row: BankChannel) -> list[Button]:
    why = setup.why_not_on(row)
    test = Button(
        _("Uji sambungan"),
        reverse("disbursements:channel_test", args=[row.pk]),
        post=True,
        variant="utama" if why else "biasa",
        icon="refresh",
    )
    switch = Button(
        _("Matikan") if row.active else _("Nyalakan"),
        reverse("disbursements:channel_switch", args=[row.pk, "mati" if row.active else "nyala"]),
        post=True,
        variant="biasa" if row.active or why else "utama",
        icon="circle-x" if row.active else "check",
        off="" if row.active else why,
    )
    return [test, switch]


def _pairs(row: BankChannel) -> list[tuple[str, Any]]:
    names = [f"BANK_SECRET_{row.key}_{name}" for name in SECRETS[ChannelKind(row.kind)]]
    found: list[tuple[str, Any]] = [
        (_("Kemampuan"), ability_words(row)),
        (_("Rahasia di lingkungan server"), ", ".join(names)),
    ]
    if row.tested_at is not None:
        heard = _("berhasil") if row.test_heard == Heard.DONE else _("gagal")
        found += [
            (_("Uji sambungan"), heard),
            (_("Jawaban"), row.test_text or "-"),
            (_("Diuji"), row.tested_at),
            (_("Oleh"), row.tested_by.full_name if row.tested_by else ""),
        ]
    return found


def _again(request: HttpRequest, row: BankChannel, refused: Refused) -> HttpResponse:
    form = ChannelForm(initial={name: getattr(row, name) for name in setup.FIELDS})
    return _page(request, row, form, refused=refused, status=refused.status)


@requires(Permission.CHANNEL_MANAGE)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the connection; no instruction is sent."""
    row = find(BankChannel.objects, request.user, pk=pk)
    answer = setup.try_out(channel=row, by=request.user, at=timezone.now())
    if answer.heard == Heard.DONE:
        messages.success(request, answer.text)
    else:
        messages.error(request, _("Sambungan gagal: %(why)s") % {"why": answer.text or "-"})
    return redirect("disbursements:channel", pk=pk)


@requires(Permission.CHANNEL_MANAGE)
@require_POST
def switch(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    """On or off."""
    row = find(BankChannel.objects, request.user, pk=pk)
    try:
        setup.switch(channel=row, on=state == "nyala", by=request.user, at=timezone.now())
    except Refused as refused:
        return _again(request, row, refused)
    return redirect("disbursements:channel", pk=pk)

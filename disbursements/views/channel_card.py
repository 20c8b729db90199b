"""The channel to the bank on the page of a pay list, and the buttons that send it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.lib.parts import Word
from disbursements.choices import LineState, ListState, SubmissionState
from disbursements.models import BankChannel, BankSubmission, PayList
from disbursements.rules.submissions import ANSWERED, TAKE_RESULTS, WHAT_TO_DO
from disbursements.services.channels import abilities_of
from disbursements.services.naming import naming_channel
from disbursements.tables import submission_word
from disbursements.views.parts import Button


@dataclass(frozen=True)
class ChannelCard:
    """How a list stands at the bank: the submission, what the channel can do, what to do next."""

    word: Word
    pairs: list[tuple[str, Any]]
    advice: str
    tone: str
    href: str
    reference: str


def channels_for(pay_list: PayList) -> list[BankChannel]:
    """The active channels of the list's agency."""
    rows = BankChannel.objects.filter(agency=pay_list.budget.agency, active=True)
    return list(rows.order_by("kind", "name"))


def send_buttons(pay_list: PayList, off: str) -> list[Button]:
    """One button for each channel that takes instructions."""
    return [
        Button(
            _("Kirim lewat %(name)s") % {"name": row.name},
            reverse("disbursements:submit", args=[pay_list.pk, row.pk]),
            post=True,
            variant="utama" if place == 0 and not off else "biasa",
            icon="send",
            off=off,
        )
        for place, row in enumerate(channels_for(pay_list))
        if abilities_of(row).submits
    ]


def channel_card(pay_list: PayList) -> ChannelCard | None:
    """The newest submission of a list; None while nothing was ever given to a bank."""
    rows = pay_list.submissions.select_related("channel").order_by("-number")
    row = rows.first()
    return card_of(row) if row is not None else None


def _is_answered(row: BankSubmission) -> bool:
    """The bank took it, and none of its lines waits for a word any more."""
    if row.state not in {SubmissionState.SENT, SubmissionState.ACCEPTED}:
        return False
    if row.pay_list.state in {ListState.SETTLED, ListState.CLOSED}:
        return True
    told = row.pay_list.state == ListState.PARTLY_SETTLED
    return told and not row.pay_list.has_lines(LineState.SUBMITTED, LineState.UNKNOWN)


def _advice(row: BankSubmission) -> Any:
    """What is to be done now."""
    if _is_answered(row):
        return ANSWERED
    able = abilities_of(row.channel)
    gives = able.gives_results or (able.per_line and able.answers_status)
    if row.state == SubmissionState.ACCEPTED and gives:
        return TAKE_RESULTS
    return WHAT_TO_DO[SubmissionState(row.state)]


def card_of(row: BankSubmission) -> ChannelCard:
    """A submission in words."""
    state = SubmissionState(row.state)
    tones = {SubmissionState.UNKNOWN: "masalah", SubmissionState.REJECTED: "masalah"}
    return ChannelCard(
        word=submission_word(row),
        pairs=[
            (_("Kanal"), row.channel.name if row.channel else row.get_kind_display()),
            (_("Jenis"), row.get_kind_display()),
            (_("Kemampuan kanal"), ability_words(row.channel)),
            (_("Referensi"), row.reference),
            (_("Dicatat"), row.intent_at),
            *([(_("Kata bank"), row.bank_text)] if row.bank_text else []),
        ],
        advice=str(_advice(row)),
        tone=tones.get(state, "info"),
        href=reverse("disbursements:submission", args=[row.pk]),
        reference=row.reference,
    )


def ability_words(channel: BankChannel | None) -> str:
    """What the channel declares, in words."""
    if channel is None:
        return _("berkas dibawa sendiri; bank tidak dapat ditanya lewat sistem")
    able = abilities_of(channel)
    words = [
        _("baris demi baris") if able.per_line else _("satu berkas"),
        _("menolak kiriman ganda") if able.deduplicates else _("tidak menjamin menolak ganda"),
        _("menjawab status") if able.answers_status else _("tidak menjawab status"),
    ]
    if able.verifies_names:
        words.append(_("mencocokkan nama rekening"))
    if able.gives_results:
        words.append(_("memberi berkas hasil"))
    return ", ".join(words)


def name_buttons(pay_list: PayList, off: str) -> list[Button]:
    """Asking the bank whose accounts they are, where a channel offers it, and what it said."""
    found = []
    if naming_channel(pay_list) is not None:
        found.append(
            Button(
                _("Cocokkan nama ke bank"),
                reverse("disbursements:names_check", args=[pay_list.pk]),
                post=True,
                icon="users",
                off=off,
            )
        )
    if pay_list.name_checks.exists():
        href = f"{reverse('disbursements:names')}?daftar={pay_list.pk}"
        found.append(Button(_("Nama menurut bank"), href, icon="user-cog"))
    return found

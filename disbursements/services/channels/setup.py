"""Configuring a way to a bank: written down, tried out, then turned on; each step in the trail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.scopes import covers
from disbursements.choices import ChannelKind, FileFormat, Heard
from disbursements.models import BankChannel
from disbursements.services import moves
from disbursements.services.channels import abilities_of, open_channel
from disbursements.services.channels.base import Answer
from disbursements.services.channels.wire import check_url

KEY = re.compile(r"[A-Z][A-Z0-9_]{2,23}")
FILE_FORMATS = (FileFormat.CSV, FileFormat.XLSX, FileFormat.PAIN001, FileFormat.PAIN001_03)
LONGEST_TIMEOUT = 60
FIELDS = (
    *("kind", "name", "key", "base_url", "file_format", "client_id", "channel_id"),
    *("deduplicates", "verifies_names", "requires_names", "answers_status", "timeout"),
)


@transaction.atomic
def save_channel(
    *,
    channel: BankChannel | None,
    agency: Agency,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
) -> BankChannel:
    """Write a configuration, new or changed; a changed one is off until it was tried again.

    Raises BadInput with the field at fault. What was submitted over it keeps its key and kind.
    """
    moves.require_right(by, Permission.CHANNEL_MANAGE)
    if not covers(by.area_code, agency.area_code):
        raise NotAllowed("CHANNEL-AREA", _("Hanya administrator provinsi yang dapat mengaturnya."))
    row = BankChannel(agency=agency, area_code=agency.area_code)
    if channel is not None:
        row = BankChannel.objects.select_for_update().get(pk=channel.pk)
    before = {name: getattr(row, name) for name in FIELDS}
    wanted = {name: values[name] for name in FIELDS}
    _check(row, wanted)
    for name, value in wanted.items():
        setattr(row, name, value)
    row.active, row.changed_at, row.changed_by = False, at, by
    row.save()
    changed = sorted(name for name in FIELDS if before[name] != wanted[name])
    _record("disbursements.save_channel", row, by, at, changed=changed)
    return row


def _check(row: BankChannel, values: Mapping[str, Any]) -> None:
    if not KEY.fullmatch(values["key"]):
        raise _bad("key", _("Kunci kanal 3 sampai 24 huruf besar, angka, atau garis bawah."))
    others = BankChannel.objects.filter(key=values["key"]).exclude(pk=row.pk)
    if others.exists():
        raise _bad("key", _("Kunci ini sudah dipakai kanal lain."))
    used = row.pk is not None and row.submissions.exists()
    if used and (row.key, row.kind) != (values["key"], values["kind"]):
        raise _bad(
            "key", _("Kanal ini sudah pernah dipakai, jadi jenis dan kuncinya tidak dapat diubah.")
        )
    try:
        check_url(values["base_url"])
    except BadInput as error:
        raise _bad("base_url", str(error.message)) from error
    if not 1 <= values["timeout"] <= LONGEST_TIMEOUT:
        raise _bad("timeout", _("Batas waktu 1 sampai 60 detik."))
    _check_kind(values)


def _check_kind(values: Mapping[str, Any]) -> None:
    if values["kind"] == ChannelKind.DROP and values["file_format"] not in FILE_FORMATS:
        raise _bad("file_format", _("Pilih format berkas yang diterima bank."))
    if values["kind"] == ChannelKind.DROP and values["verifies_names"]:
        raise _bad("verifies_names", _("Kotak berkas tidak dapat mencocokkan nama."))
    if values["kind"] == ChannelKind.SNAP and not (values["client_id"] and values["channel_id"]):
        raise _bad("client_id", _("SNAP memerlukan client id dan channel id."))
    if values["requires_names"] and not values["verifies_names"]:
        raise _bad("requires_names", _("Hanya bila kanal dapat mencocokkan nama."))


def _bad(field: str, sentence: str) -> BadInput:
    return BadInput("CHANNEL-INPUT", sentence, fields={field: sentence})


def try_out(*, channel: BankChannel, by: User, at: datetime) -> Answer:
    """Test the connection: it proves address and secrets and sends no instruction."""
    moves.require_right(by, Permission.CHANNEL_MANAGE)
    try:
        answer = open_channel(channel).try_out(at)
    except Refused as refused:
        answer = Answer(Heard.FAILED, text=str(refused.message)[:200])
    with transaction.atomic():
        row = BankChannel.objects.select_for_update().get(pk=channel.pk)
        row.tested_at, row.tested_by = at, by
        row.test_heard, row.test_text = answer.heard, answer.text[:200]
        if answer.heard != Heard.DONE:
            row.active = False
        row.save()
        _record("disbursements.test_channel", row, by, at, heard=answer.heard)
    return answer


def why_not_on(channel: BankChannel) -> str:
    """Why a channel cannot be turned on; empty when it can."""
    fresh = channel.tested_at is not None and channel.tested_at >= channel.changed_at
    if not fresh:
        return _("Uji sambungannya dulu.")
    if channel.test_heard != Heard.DONE:
        return _("Uji sambungan terakhir gagal.")
    return ""


@transaction.atomic
def switch(*, channel: BankChannel, on: bool, by: User, at: datetime) -> BankChannel:
    """Turn a tried channel on, or any off. Raises Refused with what to do first."""
    moves.require_right(by, Permission.CHANNEL_MANAGE)
    row = BankChannel.objects.select_for_update().get(pk=channel.pk)
    if row.active == on:
        return row
    why = why_not_on(row) if on else ""
    others = BankChannel.objects.filter(agency=row.agency, kind=row.kind, active=True)
    if on and not why and others.exists():
        why = _("Kanal lain dengan jenis yang sama masih aktif. Matikan yang itu dulu.")
    if why:
        raise Refused("CHANNEL-NOT-READY", _("Kanal tidak dinyalakan. %(why)s") % {"why": why})
    row.active = on
    row.save(update_fields=["active"])
    _record("disbursements.switch_channel", row, by, at, active=on)
    return row


def _record(verb: str, row: BankChannel, by: User, at: datetime, **data: Any) -> None:
    audit.record(
        verb=verb,
        by=by,
        at=at,
        target=row,
        area_code=row.area_code,
        key=row.key,
        kind=row.kind,
        abilities=asdict(abilities_of(row)),
        **data,
    )

"""Channels of the training agency to the simulated bank, and the accounts that bank knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils import timezone

from bansos.accounts.models import Agency, User
from bansos.demo.simulator.process import KEYS, post
from beneficiaries.models import BankAccount
from disbursements.choices import ChannelKind, FileFormat, Heard
from disbursements.models import BankChannel
from disbursements.services.channels import setup

AT_ONCE = 5_000
DROP, SNAP = "LATIHAN_BERKAS", "LATIHAN_SNAP"


def wanted(url: str, client_id: str) -> list[dict[str, Any]]:
    """Both channels as an administrator would write them down."""
    common: dict[str, Any] = {
        "base_url": url,
        "file_format": "",
        "client_id": "",
        "channel_id": "",
        "deduplicates": False,
        "verifies_names": False,
        "requires_names": False,
        "answers_status": True,
        "timeout": 10,
    }
    return [
        common
        | {
            "kind": ChannelKind.DROP,
            "name": "Bank latihan, berkas",
            "key": DROP,
            "file_format": FileFormat.CSV,
        },
        common
        | {
            "kind": ChannelKind.SNAP,
            "name": "Bank latihan, SNAP",
            "key": SNAP,
            "client_id": client_id,
            "channel_id": "95221",
            "verifies_names": True,
        },
    ]


def connect(*, agency: Agency, by: User, url: str, folder: Path) -> list[tuple[BankChannel, str]]:
    """Write both channels down, try them out and turn on those that answer: (channel, words)."""
    client_id = json.loads((folder / KEYS).read_text())["client_id"]
    found = []
    for values in wanted(url, client_id):
        known = BankChannel.objects.filter(key=values["key"]).first()
        row = setup.save_channel(
            channel=known, agency=agency, values=values, by=by, at=timezone.now()
        )
        answer = setup.try_out(channel=row, by=by, at=timezone.now())
        row.refresh_from_db()
        if answer.heard == Heard.DONE:
            row = setup.switch(channel=row, on=True, by=by, at=timezone.now())
        found.append((row, answer.text))
    return found


def open_accounts(url: str) -> int:
    """Tell the simulated bank whose accounts ours are; how many."""
    count = 0
    for part in _parts():
        post(url, "/kendali/rekening", part)
        count += len(part)
    return count


def _parts() -> Iterator[list[dict[str, str]]]:
    part: list[dict[str, str]] = []
    for row in BankAccount.objects.order_by("pk").iterator(chunk_size=AT_ONCE):
        part.append(
            {"bank_code": row.bank_code, "account": row.number or "", "name": row.holder_name}
        )
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part

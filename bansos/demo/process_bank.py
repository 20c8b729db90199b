"""The simulated bank as a process of its own, for the demo: its channel, its answers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from bansos.accounts.models import Agency, User
from bansos.demo.channels import DROP, SNAP, connect, open_accounts
from bansos.demo.jobs import Finish
from bansos.demo.simulator.process import KEYS, PRIVATE, Simulator, running
from bansos.lib.errors import Refused
from disbursements.choices import ListKind
from disbursements.models import BankChannel, BankSubmission, PayList
from disbursements.services.channels import open_channel, setup
from disbursements.services.submissions import asking, sending

# About one payment in fifty comes back; a follow-up list is delivered whole.
SCENARIOS = {ListKind.MAIN: "few_returns", ListKind.FOLLOW_UP: "normal"}


@dataclass
class ProcessBank:
    """A running simulated bank and the channel that leads to it."""

    simulator: Simulator
    channel: BankChannel
    finish: Finish

    def send(self, row: PayList, *, by: User, at: datetime) -> PayList:
        """Hand the list over by its channel; the worker sends the stored file."""
        self.simulator.control(scenario=SCENARIOS[ListKind(row.kind)])
        made = sending.submit(pay_list=row, channel=self.channel, by=by, at=at)
        if made.job is not None:
            self.finish(made.job)
        row.refresh_from_db()
        return row

    def answer(self, row: PayList, *, by: User, at: datetime) -> bytes:
        """Ask for the result, which is uploaded as an officer's question does; its bytes."""
        made = BankSubmission.objects.filter(pay_list=row).latest("number")
        self.finish(asking.ask(submission=made, by=by, at=at))
        data = open_channel(self.channel).result(made.reference, 1)
        if data is None:
            raise RuntimeError("The simulated bank has no result.")
        return data


@contextmanager
def process_bank(
    *, agency: Agency, admin: User, keys: Path, folder: Path, finish: Finish, today: str
) -> Iterator[ProcessBank]:
    """A simulated bank for the time of a block, connected as an administrator would do it.

    It keeps its books in `folder` and takes the keys of `keys`, which the worker knows. Afterwards
    the channels are as they were: off, or leading to the bank they led to before.
    """
    for name in (KEYS, PRIVATE):
        shutil.copy(keys / name, folder / name)
    before = {row.key: row.base_url for row in BankChannel.objects.filter(active=True)}
    with running(folder, today=today) as simulator:
        said = {
            row.key: (row, words)
            for row, words in connect(agency=agency, by=admin, url=simulator.url, folder=folder)
        }
        channel, words = said[DROP]
        try:
            if not channel.active:
                raise Refused("BANK-OFF", f"{channel.name}: {words}")
            open_accounts(simulator.url)
            yield ProcessBank(simulator, channel, finish)
        finally:
            _as_before(before, admin)


def _as_before(before: dict[str, str], admin: User) -> None:
    for row in BankChannel.objects.filter(key__in=[DROP, SNAP]):
        known = before.get(row.key)
        if known is None:
            setup.switch(channel=row, on=False, by=admin, at=timezone.now())
            continue
        values = {name: getattr(row, name) for name in setup.FIELDS} | {"base_url": known}
        setup.save_channel(
            channel=row, agency=row.agency, values=values, by=admin, at=timezone.now()
        )

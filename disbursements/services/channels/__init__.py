"""The boundary to a bank: one interface, and who implements it for a configured channel."""

from __future__ import annotations

from disbursements.choices import ChannelKind
from disbursements.models import BankChannel
from disbursements.services.channels.base import MANUAL, Abilities, Channel
from disbursements.services.channels.drop import FileDrop
from disbursements.services.channels.snap import Snap

IMPLEMENTATIONS: dict[str, type[FileDrop] | type[Snap]] = {
    ChannelKind.DROP: FileDrop,
    ChannelKind.SNAP: Snap,
}


def open_channel(row: BankChannel) -> Channel:
    """The channel of a configuration; raises Refused when one of its secrets is not there."""
    return IMPLEMENTATIONS[row.kind].of(row)


def abilities_of(row: BankChannel | None) -> Abilities:
    """What may be asked of a channel; None is the officer who carries the file."""
    return IMPLEMENTATIONS[row.kind].declared(row) if row is not None else MANUAL

"""What a way to a bank is: what it can do, what it is given, what it answers.

Nothing here knows a bank by name. No bank's real interface is known to us; every implementation
is generic and says so ("umum, tidak disertifikasi bank mana pun").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from bansos.lib.errors import Refused
from disbursements.choices import Heard
from disbursements.models import BankChannel


@dataclass(frozen=True)
class Abilities:
    """What a channel declares; what it does not declare is never done."""

    submits: bool = False  # takes instructions online
    per_line: bool = False  # one call per line instead of one file
    deduplicates: bool = False  # the same reference and content again changes nothing
    verifies_names: bool = False  # says whose account it is
    answers_status: bool = False  # says what became of an instruction
    gives_results: bool = False  # hands out result files


MANUAL = Abilities()


@dataclass(frozen=True)
class FileParcel:
    """A whole file: its reference (16), its SHA-256, its format and bytes."""

    reference: str
    sha256: str
    form: str
    data: bytes


@dataclass(frozen=True)
class TransferParcel:
    """One transfer; the number of the call was committed before it leaves."""

    reference: str
    amount: Decimal
    account: str
    bank_code: str
    name: str
    source_account: str
    same_bank: bool
    external_id: str
    at: datetime


Parcel = FileParcel | TransferParcel


@dataclass(frozen=True)
class Question:
    """Which instruction is asked about."""

    reference: str
    same_bank: bool
    external_id: str
    at: datetime


@dataclass(frozen=True)
class NameQuestion:
    """Whose account is this."""

    bank_code: str
    account: str
    external_id: str
    at: datetime


@dataclass(frozen=True)
class Answer:
    """What came of a call. UNKNOWN is the answer to every doubt; only a call that certainly never
    left is NOT_SENT. `parts`: numbers of the result files that are there."""

    heard: Heard
    code: str = ""
    text: str = ""
    sha256: str = ""
    parts: tuple[int, ...] = ()
    on: date | None = None


@dataclass(frozen=True)
class NameAnswer:
    """Whose account it is; `name` is empty when there is no such account."""

    heard: Heard
    name: str = ""
    text: str = ""


class Channel(Protocol):
    """A way to a bank. No call raises for what a network or a bank does; it answers UNKNOWN."""

    @property
    def abilities(self) -> Abilities: ...

    def submit(self, parcel: Parcel) -> Answer: ...

    def inquire(self, question: Question) -> Answer: ...

    def name_of(self, question: NameQuestion) -> NameAnswer: ...

    def result(self, reference: str, part: int) -> bytes | None: ...

    def try_out(self, at: datetime) -> Answer: ...


def secret(row: BankChannel, name: str) -> str:
    """A secret of a channel from the environment. Raises Refused that names what is missing."""
    found = settings.BANK_SECRETS.get(f"{row.key}_{name}", "")
    if not found:
        raise Refused(
            "CHANNEL-SECRET",
            _(
                "Rahasia kanal belum diisi: %(name)s. Tidak ada yang terkirim. Minta petugas TI"
                " mengisinya di lingkungan server, lalu uji sambungan."
            )
            % {"name": f"BANK_SECRET_{row.key}_{name}"},
        )
    return str(found)


def not_offered() -> Answer:
    """The answer of a channel that cannot do what it was asked: nothing left."""
    return Answer(Heard.NOT_SENT, text=_("Kanal ini tidak menyediakan layanan itu."))

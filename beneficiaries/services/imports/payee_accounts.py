"""The account column of lists of groups, institutions and treasuries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.lib.crypto import blind_index
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from beneficiaries.choices import AccountState
from beneficiaries.models import BankAccount, Payee, Person
from beneficiaries.rules import account_is_sound
from beneficiaries.services.imports.purposes import RowCheck
from beneficiaries.services.payees import set_payee_account

BANK_DIGITS = 3
# Account index -> the payees that hold it open; None stands for a person.
Held = dict[str, set[int | None]]


def payee_columns(label: str, synonyms: tuple[str, ...]) -> tuple[ExpectedColumn, ...]:
    """The account of the payee itself, its holder, and the bank when it is not the paying one."""
    return (
        ExpectedColumn("payee_account", label, synonyms, kind=ColumnKind.DIGITS),
        ExpectedColumn("holder", "ATAS NAMA REKENING", ("ATAS NAMA",)),
        ExpectedColumn("payee_bank", "KODE BANK", (), kind=ColumnKind.DIGITS),
    )


def read_bank(check: RowCheck, paying_bank: str) -> None:
    """The bank of the row's account: the paying bank where the list says none."""
    said = str(check.values.get("payee_bank") or "")
    # Excel takes the noughts in front away: 002 comes as 2.
    code = said.zfill(BANK_DIGITS) if said else paying_bank
    check.values["payee_bank"] = code
    if check.values.get("payee_account") and not (code.isdigit() and len(code) == BANK_DIGITS):
        check.problem("payee_bank", "kode_bank", _("Kode bank harus 3 angka."))


def held_by(numbers: Iterable[str]) -> Held:
    """Who holds these numbers open."""
    indexes = [blind_index(number, "account") for number in numbers if number]
    rows = BankAccount.objects.filter(number_index__in=indexes).exclude(state=AccountState.CLOSED)
    held: Held = {}
    for index, payee in rows.values_list("number_index", "payee_id"):
        held.setdefault(str(index), set()).add(payee)
    return held


def fault_of(number: str, payee: int | None, held: Held) -> tuple[str, str] | None:
    """(cause, sentence) when the number cannot be this payee's; None when it can."""
    if not account_is_sound(number):
        return "rekening_tidak_sah", _("Nomor rekening harus 6 sampai 20 angka.")
    # A payee that is not there yet holds nothing; None in `held` is a person.
    if held.get(blind_index(number, "account"), set()) - {payee or 0}:
        return "rekening_bersama", _("Nomor rekening ini milik penerima lain.")
    return None


def open_accounts(payees: Collection[int]) -> dict[int, set[str]]:
    """Payee id -> the indexes of its open accounts."""
    rows = BankAccount.objects.filter(payee__in=payees).exclude(state=AccountState.CLOSED)
    found: dict[int, set[str]] = {}
    for payee, index in rows.values_list("payee_id", "number_index"):
        found.setdefault(payee, set()).add(str(index))
    return found


def record_account(
    payee: Payee, data: dict[str, Any], by: User, at: datetime, signatories: Sequence[Person] = ()
) -> None:
    """Record the account a row says, if it says one. Raises what set_payee_account() raises."""
    if data.get("payee_account"):
        set_payee_account(
            payee=payee,
            bank_code=data["payee_bank"],
            number=data["payee_account"],
            holder_name=data.get("holder") or payee.name,
            signatories=signatories,
            by=by,
            at=at,
        )

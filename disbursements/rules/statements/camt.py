"""camt.053 (statement) and camt.054 (notice): one entry per transaction, in every version."""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from disbursements.rules.statements.codes import FEE_CODES, RETURN_CODES
from disbursements.rules.statements.entries import (
    Entries,
    Entry,
    Told,
    amount_of,
    clean,
    damaged,
    date_of,
    our_reference,
    without_reference,
)
from disbursements.rules.statements.markup import (
    account_of,
    child,
    first,
    line_of,
    local,
    text,
    walk,
)

PARTS = ("Ntry", "Acct", "Bal", "TxsSummry", "Stmt", "Ntfctn")
ZERO = Decimal(0)


class _Sums:
    """What one statement adds up to, against what it says itself."""

    def __init__(self) -> None:
        self.account = ""
        self.count = 0
        self.moved = ZERO
        self.said_count = ""
        self.balances: dict[str, Decimal] = {}

    def add(self, entry: etree._Element) -> None:
        """One booked Ntry."""
        self.count += 1
        amount = amount_of(text(entry, "Amt"))
        if amount is not None and _status(entry) == "BOOK":
            self.moved += amount if text(entry, "CdtDbtInd") == "CRDT" else -amount

    def balance(self, element: etree._Element) -> None:
        """One Bal: opening (OPBD, PRCD) or closing (CLBD)."""
        code = first(element, ("Tp", "CdOrPrtry", "Cd"), ("Tp", "Cd"))
        words = text(element, "Amt")
        amount = ZERO if not words.strip("0.") and words else amount_of(words)
        if amount is not None:
            debit = text(element, "CdtDbtInd") == "DBIT"
            self.balances["OPBD" if code == "PRCD" else code] = -amount if debit else amount

    def check(self) -> None:
        """Raises BadInput when entries are missing by the statement's own figures."""
        if self.said_count.isdecimal() and int(self.said_count) != self.count:
            raise damaged()
        opening, closing = self.balances.get("OPBD"), self.balances.get("CLBD")
        if None not in (opening, closing) and opening + self.moved != closing:  # type: ignore[operator]
            raise damaged()


def read_camt(data: bytes) -> Entries:
    """The movements of all statements in the file, batches taken apart.

    Raises BadInput when a statement's count or balances do not fit its entries.
    """
    place, sums = 0, _Sums()
    for element in walk(data, *PARTS):
        name = local(element)
        if name == "Ntry":
            sums.add(element)
            for entry in _entries(element, place, sums.account):
                place = entry.row_number
                yield entry
        elif name in {"Stmt", "Ntfctn"}:
            sums.check()
            sums = _Sums()
        else:
            _note(sums, name, element)


def _note(sums: _Sums, name: str, element: etree._Element) -> None:
    if name == "Acct":
        sums.account = account_of(element)
    elif name == "Bal":
        sums.balance(element)
    else:
        sums.said_count = text(element, "TtlNtries", "NbOfNtries")


def _status(entry: etree._Element) -> str:
    return first(entry, ("Sts", "Cd"), ("Sts",)).upper()


def _entries(entry: etree._Element, place: int, own: str) -> list[Entry]:
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    if len(details) < 2:
        only = details[0] if details else None
        return [_entry(entry, only, place + 1, own, amount_of(text(entry, "Amt")))]
    amounts = [_amount(detail) for detail in details]
    total = sum((amount for amount in amounts if amount is not None), ZERO)
    whole = None not in amounts and total == amount_of(text(entry, "Amt"))
    return [
        _entry(entry, detail, place + number, own, amount, sure=whole)
        for number, (detail, amount) in enumerate(zip(details, amounts, strict=True), start=1)
    ]


def _amount(detail: etree._Element) -> Decimal | None:
    return amount_of(first(detail, ("Amt",), ("AmtDtls", "TxAmt", "Amt")))


def _entry(  # noqa: PLR0913
    entry: etree._Element,
    detail: etree._Element | None,
    place: int,
    own: str,
    amount: Decimal | None,
    *,
    sure: bool = True,
) -> Entry:
    reference = our_reference(
        text(detail, "Refs", "EndToEndId"),
        text(detail, "Refs", "InstrId"),
        text(entry, "NtryRef"),
    )
    return_info = child(detail, "RtrInf")
    words = [clean(part.text) for part in _all(return_info, "AddtlInf")]
    words += [first(detail, ("AddtlTxInf",), ("RmtInf", "Ustrd")), text(entry, "AddtlNtryInf")]
    money = child(entry, "Amt")
    return Entry(
        row_number=place,
        raw_line=line_of(entry),
        our_reference=reference,
        bank_reference=(text(detail, "Refs", "AcctSvcrRef") or text(entry, "AcctSvcrRef"))[:60],
        amount=amount,
        currency=money.get("Ccy", "") if money is not None else "",
        account=own,
        counter_account=_other_account(detail, own),
        name=_other_name(detail)[:150],
        booked_on=date_of(
            first(entry, ("BookgDt", "Dt"), ("BookgDt", "DtTm"), ("ValDt", "Dt"), ("ValDt", "DtTm"))
        ),
        outcome=_outcome(entry, detail, reference) if sure else Told.UNKNOWN,
        reason_code=first(return_info, ("Rsn", "Cd"), ("Rsn", "Prtry"))[:35],
        reason_words=" ".join(part for part in words if part)[:150],
    )


def _all(element: etree._Element | None, name: str) -> list[etree._Element]:
    return element.findall(f"{{*}}{name}") if element is not None else []


def _parties(detail: etree._Element | None) -> etree._Element | None:
    return child(detail, "RltdPties")


def _other_account(detail: etree._Element | None, own: str) -> str:
    """The payee's account; of a return the one that is not ours."""
    for name in ("CdtrAcct", "DbtrAcct"):
        number = account_of(child(_parties(detail), name))
        if number and number != own:
            return number
    return ""


def _other_name(detail: etree._Element | None) -> str:
    return first(_parties(detail), ("Cdtr", "Pty", "Nm"), ("Cdtr", "Nm"))


def _codes(element: etree._Element | None) -> set[str]:
    """Every code of the bank transaction codes of an entry or a detail."""
    found = child(element, "BkTxCd")
    return {clean(part.text).upper() for part in found.iter()} if found is not None else set()


def _outcome(entry: etree._Element, detail: etree._Element | None, reference: str) -> Told:
    if _status(entry) != "BOOK":
        return Told.PENDING if _status(entry) == "PDNG" else Told.UNKNOWN
    codes = _codes(entry) | _codes(detail)
    if codes & FEE_CODES:
        return Told.FEE
    if not reference:
        return without_reference(text(entry, "AddtlNtryInf"))
    credit = (text(detail, "CdtDbtInd") or text(entry, "CdtDbtInd")).upper() == "CRDT"
    back = child(detail, "RtrInf") is not None or bool(codes & RETURN_CODES)
    back = back or text(entry, "RvslInd") in {"true", "1"}
    if credit:
        return Told.RETURNED if back else Told.UNKNOWN
    return Told.UNKNOWN if back else Told.SETTLED

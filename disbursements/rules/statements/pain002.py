"""pain.002, the bank's answer to a pain.001: one entry per transaction it names."""

from __future__ import annotations

from lxml import etree

from disbursements.rules.statements.codes import STATUSES
from disbursements.rules.statements.entries import (
    Entries,
    Entry,
    Told,
    amount_of,
    clean,
    date_of,
    our_reference,
)
from disbursements.rules.statements.markup import account_of, child, first, line_of, text, walk


def read_pain002(data: bytes) -> Entries:
    """The transactions in the order of the file.

    A status for the whole group says nothing sure about one line, so it gives no entry.
    """
    for place, element in enumerate(walk(data, "TxInfAndSts"), start=1):
        yield _entry(place, element)


def _entry(place: int, element: etree._Element) -> Entry:
    original = child(element, "OrgnlTxRef")
    amount = child(original, "Amt", "InstdAmt")
    status = text(element, "TxSts").upper()
    reason = child(element, "StsRsnInf")
    words = [clean(part.text) for part in element.iterfind("{*}StsRsnInf/{*}AddtlInf")]
    return Entry(
        row_number=place,
        raw_line=line_of(element),
        our_reference=our_reference(
            text(element, "OrgnlEndToEndId"), text(element, "OrgnlInstrId")
        ),
        bank_reference=text(element, "AcctSvcrRef")[:60],
        amount=amount_of(amount.text) if amount is not None else None,
        currency=amount.get("Ccy", "") if amount is not None else "",
        account=account_of(child(original, "DbtrAcct")),
        counter_account=account_of(child(original, "CdtrAcct")),
        name=first(original, ("Cdtr", "Nm"), ("Cdtr", "Pty", "Nm"))[:150],
        booked_on=date_of(
            first(element, ("FctvIntrBkSttlmDt", "Dt"), ("AccptncDtTm",))
            or first(original, ("ReqdExctnDt", "Dt"), ("ReqdExctnDt",))
        ),
        outcome=STATUSES.get(status, Told.UNKNOWN),
        reason_code=first(reason, ("Rsn", "Cd"), ("Rsn", "Prtry"))[:35],
        reason_words=clean(f"{status} {' '.join(words)}")[:150],
    )

"""The SNAP side of the simulated bank: token, inquiry, transfers, status; signatures checked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bansos.demo.simulator.books import TOKEN_SECONDS, Books, Payment, moment
from bansos.demo.simulator.files import Transfer
from bansos.demo.simulator.results import sen

PREFIX = "/snap/v1.0"
TOKEN = f"{PREFIX}/access-token/b2b"
SERVICES = {
    f"{PREFIX}/account-inquiry-external": "16",
    f"{PREFIX}/transfer-intrabank": "17",
    f"{PREFIX}/transfer-interbank": "18",
    f"{PREFIX}/transfer/status": "36",
}
AMOUNT = re.compile(r"\d{1,16}\.\d{2}")
EXTERNAL_ID = re.compile(r"\d{1,36}")
REFERENCE = re.compile(r"[0-9A-Za-z-]{1,64}")
# Statuses of service 36.
DONE, PENDING, REFUNDED, FAILED = "00", "03", "04", "06"
STATUS_WORDS = {DONE: "Success", PENDING: "Pending", REFUNDED: "Refunded", FAILED: "Failed"}


@dataclass(frozen=True)
class Partner:
    """The one customer of the bank: what its calls are checked with."""

    client_id: str
    secret: str
    public_key: rsa.RSAPublicKey


@dataclass(frozen=True)
class Answer:
    """HTTP status and body; `hangs` and `cuts` say what the network does to it."""

    status: int
    body: dict[str, Any]


class Problem(Exception):
    """A SNAP answer other than success."""

    def __init__(self, status: int, service: str, case: str, words: str) -> None:
        super().__init__(words)
        body = {"responseCode": f"{status}{service}{case}", "responseMessage": words}
        self.answer = Answer(status, body)


def success(service: str, status: int = 200, **more: Any) -> Answer:
    """A good answer of a service."""
    words = "Request In Progress" if status == 202 else "Successful"
    return Answer(
        status, {"responseCode": f"{status}{service}00", "responseMessage": words, **more}
    )


class Snap:
    """Checks and answers the calls of one partner."""

    def __init__(self, books: Books, partner: Partner) -> None:
        self.books, self.partner = books, partner

    def token(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Service 73: a token for who signs with the partner's private key."""
        if headers.get("x-client-key") != self.partner.client_id:
            raise Problem(401, "73", "00", "Unauthorized. Unknown client")
        signed = f"{self.partner.client_id}|{self._stamp(headers, '73')}".encode()
        try:
            self.partner.public_key.verify(
                base64.b64decode(headers.get("x-signature", ""), validate=True),
                signed,
                padding.PKCS1v15(),
                hashes.SHA256(),
            )
        except (InvalidSignature, ValueError):
            raise Problem(401, "73", "00", "Unauthorized. Signature") from None
        if _json(body, "73").get("grantType") != "client_credentials":
            raise Problem(400, "73", "01", "Invalid Field Format grantType")
        return success(
            "73",
            accessToken=self.books.new_token(),
            tokenType="BearerToken",  # noqa: S106
            expiresIn=str(TOKEN_SECONDS),
        )

    def call(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Services 16, 17, 18, 36: token, signature and external id first. Raises Problem."""
        service = SERVICES[path]
        self._check(path, service, headers, body)
        handlers: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "16": self._inquiry,
            "17": lambda asked: self._transfer("17", asked),
            "18": lambda asked: self._transfer("18", asked),
            "36": self._status,
        }
        return handlers[service](_json(body, service))

    def _stamp(self, headers: Mapping[str, str], service: str) -> str:
        stamp = headers.get("x-timestamp", "")
        try:
            aware = datetime.fromisoformat(stamp).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            raise Problem(400, service, "01", "Invalid Field Format X-TIMESTAMP")
        return stamp

    def _check(self, path: str, service: str, headers: Mapping[str, str], body: bytes) -> None:
        stamp = self._stamp(headers, service)
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if not self.books.knows_token(token):
            raise Problem(401, service, "01", "Access Token Invalid")
        minified = json.dumps(_json(body, service), separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(minified.encode()).hexdigest()
        text = f"POST:{path}:{token}:{digest}:{stamp}".encode()
        wanted = hmac.new(self.partner.secret.encode(), text, hashlib.sha512).digest()
        given = headers.get("x-signature", "")
        if not hmac.compare_digest(base64.b64encode(wanted).decode(), given):
            raise Problem(401, service, "00", "Unauthorized. Signature")
        if headers.get("x-partner-id") != self.partner.client_id:
            raise Problem(401, service, "00", "Unauthorized. Unknown partner")
        if not headers.get("channel-id"):
            raise Problem(400, service, "02", "Missing Mandatory Field CHANNEL-ID")
        external = headers.get("x-external-id", "")
        if not EXTERNAL_ID.fullmatch(external):
            raise Problem(400, service, "01", "Invalid Field Format X-EXTERNAL-ID")
        if not self.books.take_external_id(external):
            raise Problem(409, service, "00", "Cannot use same X-EXTERNAL-ID in same day")

    def _inquiry(self, asked: dict[str, Any]) -> Answer:
        bank, account = _text(asked, "beneficiaryBankCode", "16"), _account(asked, "16")
        name = self.books.holder(bank, account)
        if name is None:
            raise Problem(404, "16", "11", "Invalid Account")
        return success(
            "16",
            referenceNo=f"I{account}",
            partnerReferenceNo=asked.get("partnerReferenceNo", ""),
            beneficiaryAccountName=name,
            beneficiaryAccountNo=account,
            beneficiaryBankCode=bank,
            currency="IDR",
        )

    def _transfer(self, service: str, asked: dict[str, Any]) -> Answer:
        transfer = _transfer_of(asked, service)
        known = self.books.payment(transfer.reference)
        if known is not None and self.books.scenario.deduplicates:
            same = (known.account, known.sen) == (transfer.account, transfer.sen)
            words = "Duplicate partnerReferenceNo" if same else "Inconsistent Request"
            raise Problem(409 if same else 404, service, "01" if same else "18", words)
        if self.books.scenario.rejects:
            raise Problem(403, service, "14", "Insufficient Funds")
        if known is None and self._refuses(transfer):
            raise Problem(404, service, "11", "Invalid Account")
        self.books.pay_one(transfer)
        pending = bool(self.books.scenario.ready_days)
        return success(
            service,
            202 if pending else 200,
            referenceNo=f"B{transfer.reference}",
            partnerReferenceNo=transfer.reference,
            amount={"value": sen(transfer.sen), "currency": "IDR"},
            beneficiaryAccountNo=transfer.account,
            transactionDate=moment(),
        )

    def _refuses(self, transfer: Transfer) -> bool:
        scenario = self.books.scenario
        return not scenario.later_days and bool(self.books.fate(transfer.reference, scenario)[0])

    def _status(self, asked: dict[str, Any]) -> Answer:
        reference = _text(asked, "originalPartnerReferenceNo", "36")
        row = self.books.payment(reference)
        if row is None:
            raise Problem(404, "36", "01", "Transaction Not Found")
        status = self._state(row)
        return success(
            "36",
            originalPartnerReferenceNo=reference,
            originalReferenceNo=f"B{reference}",
            serviceCode=asked.get("serviceCode", "17"),
            latestTransactionStatus=status,
            transactionStatusDesc=row.reason if status == REFUNDED else STATUS_WORDS[status],
            amount={"value": sen(row.sen), "currency": "IDR"},
            beneficiaryAccountNo=row.account,
            transactionDate=f"{row.day}T09:00:00+07:00",
        )

    def _state(self, row: Payment) -> str:
        today = self.books.today
        if row.returned(today):
            return REFUNDED
        waited = (today - date.fromisoformat(row.day)).days
        return PENDING if waited < self.books.scenario.ready_days else DONE


def reference_of(body: bytes) -> str:
    """The partner's reference in a transfer, for the faults of the network."""
    try:
        return str(json.loads(body).get("partnerReferenceNo", ""))
    except (ValueError, AttributeError):
        return ""


def _json(body: bytes, service: str) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Problem(400, service, "00", "Bad Request")
    return found


def _text(asked: dict[str, Any], key: str, service: str) -> str:
    value = asked.get(key)
    if not isinstance(value, str) or not value:
        raise Problem(400, service, "02", f"Missing Mandatory Field {key}")
    return value


def _account(asked: dict[str, Any], service: str) -> str:
    value = _text(asked, "beneficiaryAccountNo", service)
    if not value.isdigit() or len(value) > 34:
        raise Problem(400, service, "01", "Invalid Field Format beneficiaryAccountNo")
    return value


def _transfer_of(asked: dict[str, Any], service: str) -> Transfer:
    reference = _text(asked, "partnerReferenceNo", service)
    amount = asked.get("amount")
    value = amount.get("value", "") if isinstance(amount, dict) else ""
    if not REFERENCE.fullmatch(reference):
        raise Problem(400, service, "01", "Invalid Field Format partnerReferenceNo")
    if not AMOUNT.fullmatch(str(value)) or amount.get("currency") != "IDR":
        raise Problem(400, service, "01", "Invalid Field Format amount")
    _text(asked, "sourceAccountNo", service)
    bank = _text(asked, "beneficiaryBankCode", service) if service == "18" else ""
    name = _text(asked, "beneficiaryAccountName", service) if service == "18" else ""
    whole, _point, cents = value.partition(".")
    return Transfer(reference, _account(asked, service), name, bank, int(whole + cents))

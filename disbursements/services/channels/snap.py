"""SNAP BI: token B2B (RSA-SHA256) and signed calls (HMAC-SHA512) of services 16, 17, 18 and 36.

Written from what is published (Bank Indonesia's SNAP, providers' own pages), tried against the
simulated bank only; no bank has certified it. Off until a channel of this kind is configured.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.utils.translation import gettext as _

from bansos.lib.errors import Refused
from disbursements.choices import Heard
from disbursements.models import BankChannel
from disbursements.services.channels.base import (
    Abilities,
    Answer,
    NameAnswer,
    NameQuestion,
    Parcel,
    Question,
    TransferParcel,
    not_offered,
    secret,
)
from disbursements.services.channels.wire import Doubt, NotSent, Reply, call

PREFIX = "/snap/v1.0"
TOKEN_PATH = f"{PREFIX}/access-token/b2b"
NAME, INTRABANK, INTERBANK, STATUS = "16", "17", "18", "36"
PATHS = {
    NAME: f"{PREFIX}/account-inquiry-external",
    INTRABANK: f"{PREFIX}/transfer-intrabank",
    INTERBANK: f"{PREFIX}/transfer-interbank",
    STATUS: f"{PREFIX}/transfer/status",
}
WIB = ZoneInfo("Asia/Jakarta")
# latestTransactionStatus of service 36.
STATUSES = {
    "00": Heard.DONE,
    "01": Heard.PENDING,
    "02": Heard.PENDING,
    "03": Heard.PENDING,
    "04": Heard.FAILED,
    "05": Heard.FAILED,
    "06": Heard.FAILED,
    "07": Heard.NOT_FOUND,
}
SUCCESS, IN_PROGRESS = "200", "202"
NO_SUCH_ACCOUNT, SAME_REFERENCE, OTHER_REQUEST = "11", "01", "18"
# Of the cases of 404: the account refuses the money for good; or the bank holds our reference
# with other content, and whether it pays that is not for us to say.
NOT_FOUND = {NO_SUCH_ACCOUNT: Heard.REJECTED, OTHER_REQUEST: Heard.UNKNOWN}
# Of the cases of 400: a field of the call is wrong or missing. It is the line's own, unless the
# bank names one that every call carries alike: then no line is to blame.
FIELD = ("01", "02")
OURS = ("x-", "channel-id", "authorization", "sourceaccount", "transactiondate", "currency")
# A new token is fetched this long before the old one ends.
EARLY = timedelta(seconds=60)


@dataclass
class Snap:
    """Calls of one partner at one bank."""

    base_url: str
    client_id: str
    channel_id: str
    client_secret: str
    private_key: rsa.RSAPrivateKey
    seconds: int
    abilities: Abilities
    _token: str = field(default="", repr=False)
    _until: datetime | None = None

    @classmethod
    def declared(cls, row: BankChannel) -> Abilities:
        """What the configuration says the bank promises."""
        return Abilities(
            submits=True,
            per_line=True,
            deduplicates=row.deduplicates,
            verifies_names=row.verifies_names,
            answers_status=row.answers_status,
        )

    @classmethod
    def of(cls, row: BankChannel) -> Self:
        """The channel of a configuration, with its secrets. Raises Refused without them."""
        try:
            pem = secret(row, "PRIVATE_KEY").encode()
            key = serialization.load_pem_private_key(pem, None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise Refused(
                "CHANNEL-KEY",
                _(
                    "Kunci privat SNAP bukan kunci RSA berformat PEM. Tidak ada yang terkirim."
                    " Minta petugas TI memeriksa BANK_SECRET_%(key)s_PRIVATE_KEY."
                )
                % {"key": row.key},
            )
        return cls(
            base_url=row.base_url,
            client_id=row.client_id,
            channel_id=row.channel_id,
            client_secret=secret(row, "CLIENT_SECRET"),
            private_key=key,
            seconds=row.timeout,
            abilities=cls.declared(row),
        )

    def submit(self, parcel: Parcel) -> Answer:
        """One transfer: service 17 inside the bank, 18 to another bank."""
        if not isinstance(parcel, TransferParcel):
            return not_offered()
        service = INTRABANK if parcel.same_bank else INTERBANK
        body: dict[str, Any] = {
            "partnerReferenceNo": parcel.reference,
            "amount": {"value": f"{parcel.amount:.2f}", "currency": "IDR"},
            "beneficiaryAccountNo": parcel.account,
            "beneficiaryAccountName": parcel.name,
            "sourceAccountNo": parcel.source_account,
            "transactionDate": stamp(parcel.at),
        }
        if not parcel.same_bank:
            body["beneficiaryBankCode"] = parcel.bank_code
        try:
            reply = self._call(service, body, parcel.external_id, parcel.at)
        except NotSent as error:
            return Answer(Heard.NOT_SENT, text=str(error))
        except Doubt as doubt:
            return Answer(Heard.UNKNOWN, code=str(doubt)[:12], text=_("Bank tidak menjawab."))
        return _transfer_heard(reply)

    def inquire(self, question: Question) -> Answer:
        """Service 36: what became of a transfer."""
        service = INTRABANK if question.same_bank else INTERBANK
        body = {"originalPartnerReferenceNo": question.reference, "serviceCode": service}
        try:
            reply = self._call(STATUS, body, question.external_id, question.at)
        except (NotSent, Doubt):
            return Answer(Heard.UNKNOWN, text=_("Bank tidak menjawab pertanyaan status."))
        about, code = _about(reply)
        if code[:3] == "404" and code[5:] == SAME_REFERENCE:
            return Answer(Heard.NOT_FOUND, code, _words(about))
        if code[:3] != SUCCESS:
            return Answer(Heard.UNKNOWN, code, _words(about))
        status = str(about.get("latestTransactionStatus", ""))
        words = str(about.get("transactionStatusDesc", ""))[:200]
        return Answer(STATUSES.get(status, Heard.UNKNOWN), code, words, on=_day(about))

    def name_of(self, question: NameQuestion) -> NameAnswer:
        """Service 16: whose account it is."""
        body = {
            "beneficiaryBankCode": question.bank_code,
            "beneficiaryAccountNo": question.account,
            "partnerReferenceNo": question.external_id,
        }
        try:
            reply = self._call(NAME, body, question.external_id, question.at)
        except (NotSent, Doubt):
            return NameAnswer(Heard.UNKNOWN, text=_("Bank tidak menjawab."))
        about, code = _about(reply)
        if code[:3] == SUCCESS:
            return NameAnswer(Heard.DONE, str(about.get("beneficiaryAccountName", ""))[:150])
        if code[:3] == "404" and code[5:] == NO_SUCH_ACCOUNT:
            return NameAnswer(Heard.NOT_FOUND, text=_words(about))
        return NameAnswer(Heard.UNKNOWN, text=_words(about))

    def result(self, reference: str, part: int) -> bytes | None:
        """SNAP has no result files; service 36 tells line by line."""
        return None

    def try_out(self, at: datetime) -> Answer:
        """Fetch a token: it proves address, client id and key."""
        self._until = None
        try:
            self._access_token(at)
        except NotSent as error:
            return Answer(Heard.FAILED, text=str(error)[:200])
        return Answer(Heard.DONE, SUCCESS, _("Token diterima: alamat, client id, dan kunci benar."))

    def _access_token(self, at: datetime) -> str:
        """A token that still holds. Raises NotSent: without one no instruction ever leaves."""
        if self._until is not None and at < self._until:
            return self._token
        moment = stamp(at)
        signed = self.private_key.sign(
            f"{self.client_id}|{moment}".encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        headers = {
            "Content-Type": "application/json",
            "X-TIMESTAMP": moment,
            "X-CLIENT-KEY": self.client_id,
            "X-SIGNATURE": base64.b64encode(signed).decode(),
        }
        body = minified({"grantType": "client_credentials"})
        try:
            reply = call(
                self.base_url, TOKEN_PATH, body=body, headers=headers, seconds=self.seconds
            )
        except (NotSent, Doubt) as error:
            raise NotSent(_("Bank tidak dapat dihubungi.")) from error
        about, code = _about(reply)
        if code[:3] != SUCCESS or not about.get("accessToken"):
            raise NotSent(_("Bank menolak tanda tangan kita: %(code)s") % {"code": code})
        self._token = str(about["accessToken"])
        lasts = str(about.get("expiresIn", "0"))
        self._until = at + timedelta(seconds=int(lasts) if lasts.isdigit() else 0) - EARLY
        return self._token

    def _call(self, service: str, body: dict[str, Any], external_id: str, at: datetime) -> Reply:
        path, moment, data = PATHS[service], stamp(at), minified(body)
        token = self._access_token(at)
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            "X-TIMESTAMP": moment,
            "X-SIGNATURE": signature(self.client_secret, path, token, data, moment),
            "X-PARTNER-ID": self.client_id,
            "X-EXTERNAL-ID": external_id,
            "CHANNEL-ID": self.channel_id,
        }
        return call(self.base_url, path, body=data, headers=headers, seconds=self.seconds)


def minified(body: dict[str, Any]) -> bytes:
    """JSON without spaces: the very bytes that are hashed and sent."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def stamp(at: datetime) -> str:
    """X-TIMESTAMP: 2026-11-22T14:05:00+07:00."""
    return at.astimezone(WIB).isoformat(timespec="seconds")


def signature(client_secret: str, path: str, token: str, data: bytes, moment: str) -> str:
    """HMAC-SHA512 over METHOD:path:token:lowerhex(SHA256(body)):timestamp, in base64."""
    text = f"POST:{path}:{token}:{hashlib.sha256(data).hexdigest()}:{moment}"
    made = hmac.new(client_secret.encode(), text.encode(), hashlib.sha512).digest()
    return base64.b64encode(made).decode()


def _transfer_heard(reply: Reply) -> Answer:
    """Only what the bank says for sure: taken, refused for this account, or never executed."""
    about, code = _about(reply)
    words, status, case = _words(about), code[:3], code[5:]
    if status in {SUCCESS, IN_PROGRESS}:
        return Answer(Heard.ACCEPTED, code, words)
    if status == "409":
        # The reference is ours for ever: the bank has this transfer already. The other conflict
        # is about the number of the call, and the transfer was not looked at.
        known = case == SAME_REFERENCE
        return Answer(Heard.ACCEPTED if known else Heard.NOT_SENT, code, words)
    if status == "404" and case in NOT_FOUND:
        return Answer(NOT_FOUND[case], code, words)
    if status == "400" and case in FIELD and not any(name in words.lower() for name in OURS):
        return Answer(Heard.REJECTED, code, words)
    if status in {"400", "401", "403", "404"}:
        return Answer(Heard.NOT_SENT, code, words)
    return Answer(Heard.UNKNOWN, code, words or _("Jawaban bank tidak dikenal."))


def _about(reply: Reply) -> tuple[dict[str, Any], str]:
    """The body and its responseCode (7 digits); an answer that is no SNAP answer has none."""
    try:
        found = json.loads(reply.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return {}, ""
    code = str(found.get("responseCode", ""))
    return found, code if len(code) == 7 and code.isdigit() else ""


def _words(about: dict[str, Any]) -> str:
    return str(about.get("responseMessage", ""))[:200]


def _day(about: dict[str, Any]) -> Any:
    try:
        moment = datetime.fromisoformat(str(about.get("transactionDate", "")))
    except ValueError:
        return None
    return moment.date()

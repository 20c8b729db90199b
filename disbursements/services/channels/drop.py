"""Files over HTTP: reference and SHA-256 with the bytes; status and results by reference.

A generic interface that the simulated bank speaks; no bank has certified it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.utils.translation import gettext as _

from disbursements.choices import Heard
from disbursements.models import BankChannel
from disbursements.services.channels.base import (
    Abilities,
    Answer,
    FileParcel,
    NameAnswer,
    NameQuestion,
    Parcel,
    Question,
    not_offered,
    secret,
)
from disbursements.services.channels.wire import Doubt, NotSent, Reply, call

TAKEN, REFUSED, OTHER_CONTENT, NEVER_SEEN = (200, 202), 422, 409, 404
UNWELCOME = (400, 401, 403, 413)


@dataclass(frozen=True)
class FileDrop:
    """A file exchange that takes the bytes online."""

    base_url: str
    token: str
    seconds: int
    abilities: Abilities

    @classmethod
    def declared(cls, row: BankChannel) -> Abilities:
        """What the configuration says the bank promises."""
        return Abilities(
            submits=True,
            deduplicates=row.deduplicates,
            answers_status=row.answers_status,
            gives_results=row.answers_status,
        )

    @classmethod
    def of(cls, row: BankChannel) -> Self:
        """The channel of a configuration, with its secret."""
        return cls(row.base_url, secret(row, "TOKEN"), row.timeout, cls.declared(row))

    def submit(self, parcel: Parcel) -> Answer:
        """Hand the file in once."""
        if not isinstance(parcel, FileParcel):
            return not_offered()
        headers = {
            "X-Reference": parcel.reference,
            "X-Content-SHA256": parcel.sha256,
            "X-Format": parcel.form,
            "Content-Type": "application/octet-stream",
        }
        try:
            reply = self._call("/berkas", body=parcel.data, **headers)
        except NotSent:
            return Answer(Heard.NOT_SENT, text=_("Bank tidak dapat dihubungi."))
        except Doubt as doubt:
            return Answer(Heard.UNKNOWN, code=str(doubt)[:12], text=_("Bank tidak menjawab."))
        return self._heard(reply, parcel)

    def _heard(self, reply: Reply, parcel: FileParcel) -> Answer:
        about, code = _about(reply), str(reply.status)
        text = str(about.get("reason", ""))[:200]
        if reply.status in TAKEN and about.get("sha256") == parcel.sha256:
            return Answer(Heard.ACCEPTED, code, text, parcel.sha256)
        if reply.status == OTHER_CONTENT:
            # The bank holds something under our reference: whether it pays is not for us to say.
            return Answer(Heard.UNKNOWN, code, text)
        if reply.status == REFUSED:
            return Answer(Heard.REJECTED, code, text)
        if reply.status in UNWELCOME:
            return Answer(Heard.NOT_SENT, code, text)
        return Answer(Heard.UNKNOWN, code, text or _("Jawaban bank tidak dikenal."))

    def inquire(self, question: Question) -> Answer:
        """What became of the file."""
        try:
            reply = self._call(f"/berkas/{question.reference}", method="GET")
        except (NotSent, Doubt):
            return Answer(Heard.UNKNOWN, text=_("Bank tidak menjawab pertanyaan status."))
        about, code = _about(reply), str(reply.status)
        text = str(about.get("reason", ""))[:200]
        if reply.status == NEVER_SEEN:
            return Answer(Heard.NOT_FOUND, code, text)
        if reply.status != TAKEN[0]:
            return Answer(Heard.UNKNOWN, code, text)
        state = {"accepted": Heard.ACCEPTED, "rejected": Heard.REJECTED}.get(
            str(about.get("state")), Heard.UNKNOWN
        )
        return Answer(state, code, text, str(about.get("sha256", "")), _parts(about))

    def name_of(self, question: NameQuestion) -> NameAnswer:
        """Not offered by a file exchange."""
        return NameAnswer(Heard.NOT_SENT)

    def result(self, reference: str, part: int) -> bytes | None:
        """One result file as XLSX; None when it is not there or did not come whole."""
        path = f"/berkas/{reference}/hasil?format=xlsx&part={part}"
        try:
            reply = self._call(path, method="GET")
        except (NotSent, Doubt):
            return None
        return reply.body if reply.status == TAKEN[0] else None

    def try_out(self, at: datetime) -> Answer:
        """Ask about a reference that was never used: 404 means we are known and heard."""
        probe = hashlib.sha256(at.isoformat().encode()).hexdigest()[:15]
        answer = self.inquire(Question(f"X{probe}", True, "", at))
        if answer.heard == Heard.NOT_FOUND:
            return Answer(Heard.DONE, answer.code, _("Bank menjawab dan mengenal kunci kita."))
        return Answer(Heard.FAILED, answer.code, answer.text)

    def _call(
        self, path: str, *, method: str = "POST", body: bytes | None = None, **headers: str
    ) -> Reply:
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        return call(
            self.base_url, path, method=method, body=body, headers=sent, seconds=self.seconds
        )


def _parts(about: dict[str, Any]) -> tuple[int, ...]:
    """The numbers of the result files; what is no number is no file."""
    found = about.get("parts")
    if not isinstance(found, list):
        return ()
    return tuple(part for part in found if isinstance(part, int) and part > 0)


def _about(reply: Reply) -> dict[str, Any]:
    try:
        found = json.loads(reply.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

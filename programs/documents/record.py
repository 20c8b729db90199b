"""Berita Acara of the verification of one district: date in words, counts, reasons, names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from bansos.lib.dates import date_in_words, long_date
from bansos.lib.pdf import render_pdf
from bansos.lib.qr import qr_svg


@dataclass(frozen=True)
class RecordLine:
    """One judged proposal; the NIK comes masked, the result as the guide words it."""

    position: int
    name: str
    nik: str
    address: str
    village: str
    eligible: bool
    reason: str


@dataclass(frozen=True)
class Signer:
    """Who signs: role, name, staff number."""

    role: str
    name: str
    number: str = ""
    on_behalf: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordData:
    """Everything a Berita Acara says."""

    agency: object
    template: str
    number: str
    day: date
    made_at: datetime
    programme: str
    year: int
    district: str
    regency: str
    round: int
    lines: Sequence[RecordLine]
    criteria: Sequence[str]
    legal_basis: Sequence[str]
    signers: Sequence[Signer]
    place: str
    check_code: str
    check_url: str
    training: bool = False

    @property
    def eligible(self) -> int:
        """How many are eligible."""
        return sum(1 for line in self.lines if line.eligible)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Reason of refusal -> how many, most frequent first."""
        found: dict[str, int] = {}
        for line in self.lines:
            if not line.eligible:
                found[line.reason] = found.get(line.reason, 0) + 1
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))

    @property
    def villages(self) -> list[tuple[str, int, int]]:
        """Village -> eligible, not eligible, in the order of the list."""
        found: dict[str, list[int]] = {}
        for line in self.lines:
            counts = found.setdefault(line.village, [0, 0])
            counts[0 if line.eligible else 1] += 1
        return [(name, counts[0], counts[1]) for name, counts in found.items()]


def _qr(url: str) -> SafeString | str:
    return qr_svg(url) if url else ""


def render_record(data: RecordData) -> bytes:
    """The Berita Acara as PDF bytes."""
    html = render_to_string(
        data.template,
        {
            "record": data,
            "agency": data.agency,
            "title": "Berita Acara Verifikasi dan Pemutakhiran Data",
            "subtitle": f"{data.programme} Tahun {data.year}, Kecamatan {data.district}",
            "number": data.number,
            "place_date": f"{data.place}, {long_date(data.day)}",
            "villages": [(name, yes, no, yes + no) for name, yes, no in data.villages],
            "refused": len(data.lines) - data.eligible,
            "day_words": date_in_words(data.day),
            "signers": data.signers,
            "check_code": data.check_code,
            "check_url": data.check_url,
            "qr_svg": _qr(data.check_url),
            "training_mode": data.training,
        },
    )
    return render_pdf(html, stylesheets=("css/surat.css",), created=data.made_at)

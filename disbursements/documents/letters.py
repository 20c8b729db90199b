"""Letters and records of money as PDF: standing instruction, reconciliation, return of funds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from bansos.lib.dates import date_in_words, long_date
from bansos.lib.pdf import render_pdf
from bansos.lib.qr import qr_svg


@dataclass(frozen=True)
class Signer:
    """Who signs: role, name, staff number."""

    role: str
    name: str
    number: str = ""
    on_behalf: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What every letter carries; `made_at` fixes the bytes."""

    agency: Any
    number: str
    on: date
    made_at: datetime
    check_code: str
    check_url: str
    programme: str
    stage: str
    area: str
    list_number: str
    signers: Sequence[Signer] = ()
    training: bool = False


@dataclass(frozen=True, kw_only=True)
class InstructionFile:
    """A file that goes with the instruction, with its control totals."""

    name: str
    kind: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Instruction(Letter):
    """Standing instruction to the paying bank for one list."""

    bank_name: str
    source_account: str
    count: int
    total: Decimal
    spm_number: str
    sp2d_number: str
    sp2d_date: date | None
    decree_number: str
    decree_date: date | None
    content_hash: str
    is_follow_up: bool
    parent_number: str
    excluded: int
    districts: Sequence[tuple[str, int, Decimal]]
    files: Sequence[InstructionFile] = ()
    # The number of the letter that named the SP2D as it was before its correction.
    replaces: str = ""


@dataclass(frozen=True)
class GridRow:
    """One district of a reconciliation; counts and rupiah."""

    name: str
    sp2d_count: int
    sp2d: Decimal
    settled_count: int
    settled: Decimal
    repaid_count: int
    repaid: Decimal
    treasury_count: int
    treasury: Decimal


@dataclass(frozen=True)
class ReasonRow:
    """One reason for returns, and what became of them."""

    reason: str
    count: int
    amount: Decimal
    repaid: int
    treasury: int
    open: int = 0


@dataclass(frozen=True)
class StsRow:
    """One deposit to kas daerah."""

    number: str
    day: date
    payee: str
    reason: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Record(Letter):
    """Berita Acara rekonsiliasi (and pengembalian) of one main list with its follow-ups."""

    spm_number: str
    sp2d_number: str
    sp2d_date: date | None
    bank_name: str
    rows: Sequence[GridRow]
    total: GridRow
    reasons: Sequence[ReasonRow]
    deposits: Sequence[StsRow]
    follow_ups: Sequence[tuple[str, int, Decimal]]
    quarantined: int = 0
    places: Sequence[str] = field(default_factory=tuple)


def _render(letter: Letter, path: str, title: str, **context: Any) -> bytes:
    html = render_to_string(
        path,
        {
            "letter": letter,
            "agency": letter.agency,
            "title": title,
            "number": letter.number,
            "place_date": f"{letter.agency.city}, {long_date(letter.on)}",
            "day_words": date_in_words(letter.on),
            "signers": letter.signers,
            "check_code": letter.check_code,
            "check_url": letter.check_url,
            "qr_svg": qr_svg(letter.check_url) if letter.check_url else "",
            "training_mode": letter.training,
            **context,
        },
    )
    return render_pdf(html, stylesheets=("css/surat.css",), created=letter.made_at)


def render_instruction(letter: Instruction, *, path: str) -> bytes:
    """The standing instruction: an ordinary letter with reference block and control totals."""
    reference = (
        ("Nomor", letter.number),
        ("Sifat", "Segera"),
        ("Lampiran", f"{len(letter.files)} berkas" if letter.files else "1 daftar"),
        ("Hal", "Standing instruction pemindahbukuan bantuan sosial"),
    )
    return _render(letter, path, "Standing Instruction", reference=reference)


def render_reconciliation(letter: Record, *, path: str) -> bytes:
    """Berita Acara rekonsiliasi: per district SP2D, delivered, paid again, paid back."""
    return _render(
        letter,
        path,
        "Berita Acara Rekonsiliasi Penyaluran",
        subtitle=f"{letter.programme}, {letter.stage}, {letter.area}",
    )


def render_return_record(letter: Record, *, path: str) -> bytes:
    """Berita Acara pengembalian: reasons, decisions, each deposit with its STS."""
    return _render(
        letter,
        path,
        "Berita Acara Pengembalian Dana",
        subtitle=f"{letter.programme}, {letter.stage}, {letter.area}",
    )

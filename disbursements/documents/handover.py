"""The BAST of goods: what was handed over, to whom, with photo and signature."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from bansos.lib.dates import date_in_words, long_date
from bansos.lib.pdf import render_pdf
from bansos.lib.qr import qr_svg


@dataclass(frozen=True)
class GivenLine:
    """One thing as it was handed over."""

    item: str
    quantity: int
    unit: str
    unit_price: Decimal
    replaces: bool

    @property
    def value(self) -> Decimal:
        """Units x price."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, kw_only=True)
class HandoverPaper:
    """Everything a BAST says; `made_at` fixes the bytes."""

    agency: Any
    number: str
    handed_on: date
    made_at: datetime
    programme: str
    area: str
    recipient: str
    nik: str
    address: str
    receiver: str
    proxy_letter: str
    officer: str
    officer_number: str
    warehouse: str
    lines: Sequence[GivenLine]
    value: Decimal
    photo: tuple[str, bytes]
    signature: tuple[str, bytes]
    check_code: str
    check_url: str
    training: bool


def _picture(mime: str, content: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def render_handover(paper: HandoverPaper) -> bytes:
    """The BAST as PDF: the same data gives the same bytes."""
    html = render_to_string(
        "documents/disbursements/goods_handover_v1.html",
        {
            "paper": paper,
            "agency": paper.agency,
            "title": "Berita Acara Serah Terima Barang",
            "subtitle": f"{paper.programme}, {paper.area}",
            "number": paper.number,
            "place_date": f"{paper.agency.city}, {long_date(paper.handed_on)}",
            "day_words": date_in_words(paper.handed_on),
            "photo": _picture(*paper.photo),
            "signature": _picture(*paper.signature),
            "check_code": paper.check_code,
            "check_url": paper.check_url,
            "qr_svg": qr_svg(paper.check_url),
            "training_mode": paper.training,
        },
    )
    return render_pdf(html, stylesheets=("css/surat.css",), created=paper.made_at)

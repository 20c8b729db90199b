"""What visits found, question by question, as a workbook and on paper; nobody is named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from bansos.lib.dates import in_zone, long_date
from bansos.lib.pdf import render_pdf
from bansos.lib.sheets.writing import Written, table_workbook
from programs.queries.visits import Tally

TEMPLATE = "documents/programs/visit_sums_v1.html"
HEADERS = ("NO", "PERTANYAAN", "DIJAWAB", "JAWABAN", "JUMLAH ATAU NILAI")
IN_WORDS = "Dijawab dengan kata; dibaca di tiap kunjungan"
NOBODY = "Belum dijawab"
NOTE = (
    "Kunjungan yang sudah diperbaiki tidak dihitung. Pertanyaan yang tidak ditanyakan tidak masuk"
    " kolom Dijawab."
)


@dataclass(frozen=True, kw_only=True)
class VisitSums:
    """What the paper says. `agency` is read for its letterhead only."""

    agency: Any
    programme: str
    area: str
    stage: str
    visits: int
    people: int
    tallies: Sequence[Tally]
    made: datetime

    @property
    def subject(self) -> str:
        """ "PKH Plus 2026, Kabupaten Madiun, Tahap 2"."""
        return ", ".join(part for part in (self.programme, self.area, self.stage) if part)


def _cells(tallies: Sequence[Tally]) -> Iterable[Sequence[Written]]:
    for place, row in enumerate(tallies, start=1):
        said: list[tuple[str, Written]] = [*row.figures]
        for what, figure in said or [(IN_WORDS if row.answered else NOBODY, None)]:
            yield (place, row.question, row.answered, what, figure)


def sums_workbook(data: VisitSums) -> bytes:
    """XLSX: a row per question and answer, figures as numbers."""
    day = long_date(in_zone(data.made, data.agency.zone).date())
    counted = f"{data.visits} kunjungan ke {data.people} penerima, dihitung {day}. {NOTE}"
    return table_workbook(
        HEADERS,
        _cells(data.tallies),
        title=f"Jawaban pemantauan: {data.subject}",
        subtitle=counted,
    )


def sums_pdf(data: VisitSums) -> bytes:
    """The same as PDF under the letterhead of the agency. Raises PdfFailed."""
    day = long_date(in_zone(data.made, data.agency.zone).date())
    context = {
        "agency": data.agency,
        "title": "Jawaban Pemantauan",
        "subtitle": data.subject,
        "sums": data,
        "day": day,
        "note": NOTE,
        "in_words": IN_WORDS,
        "nobody": NOBODY,
        "training_mode": settings.TRAINING_MODE,
    }
    html = render_to_string(TEMPLATE, context)
    return render_pdf(html, stylesheets=("css/surat.css",), created=data.made)

"""The report on paper: letterhead, summary, tables, pictures, annexes, check code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from bansos.lib.dates import in_zone, long_date
from bansos.lib.pdf import render_pdf
from bansos.lib.qr import qr_svg
from monitoring.documents.exhibits import share
from monitoring.documents.grids import grids
from monitoring.documents.words import Subject, summary
from monitoring.queries import Figures

# In the order of the pages, which is how they are numbered.
PICTURE_TITLES = {
    "money": "Pagu dan pencairan per wilayah",
    "map": "Bagian pagu yang cair per kabupaten/kota",
    "stages": "Pencairan per tahap dan nasib uangnya",
    "ages": "Penerima menurut umur dan jenis kelamin",
    "times": "Hari dari SP2D sampai uang tersalur, jumlah KPM",
    "returns": "Retur menurut sebab",
}
# They draw what was released: before the first SP2D they would be empty.
OF_RELEASED = ("money", "map", "stages", "times")
# Seven columns of such amounts do not fit on an upright page.
WIDE_FROM = Decimal(10_000_000_000)
# A bar chart of one bar or none says less than its table.
LEAST_BARS = {"money": 2, "stages": 1, "times": 1, "returns": 1, "ages": 1}


@dataclass(frozen=True)
class ReportPaper:
    """Everything the PDF needs that is no figure. `agency` is read for its letterhead only."""

    agency: Any
    subject: Subject
    template: str
    number: str
    check_url: str
    check_code: str
    made: datetime
    training_mode: bool


def render_report(paper: ReportPaper, figures: Figures, pictures: dict[str, str]) -> bytes:
    """PDF bytes. `pictures` are the stored SVG strings by key, drawn from the same figures.

    Letters are in Indonesian whatever language the asker reads. Raises PdfFailed.
    """
    with translation.override("id"):
        context = _context(paper, figures, pictures)
        html = render_to_string(paper.template, context)
    return render_pdf(html, stylesheets=("css/surat.css",), created=paper.made)


def _context(paper: ReportPaper, figures: Figures, pictures: dict[str, str]) -> dict[str, Any]:
    agency, subject = paper.agency, paper.subject
    day: date = in_zone(paper.made, agency.zone).date()
    tables = grids(figures)
    return {
        "agency": agency,
        "title": "Laporan Monitoring dan Evaluasi",
        "subtitle": f"{subject.programme} Tahun Anggaran {subject.year}, {subject.area}",
        "number": paper.number,
        "place_date": f"{agency.city}, {long_date(day)}",
        "signers": [
            {"role": agency.head_title, "name": agency.head_name, "number": agency.head_number}
        ],
        "check_url": paper.check_url,
        "check_code": paper.check_code,
        "qr_svg": qr_svg(paper.check_url),
        "training_mode": paper.training_mode,
        "subject": subject,
        "wide": max(figures.total.ceiling or 0, figures.total.paid) >= WIDE_FROM,
        "period": f"{long_date(subject.from_date)} sampai dengan {long_date(subject.until_date)}",
        "lines": summary(subject, figures),
        "total": figures.total,
        "paid_share": share(figures.total.paid, figures.total.ceiling),
        "delivered_share": share(figures.total.delivered, figures.total.paid),
        "recipients": figures.recipients,
        "tables": tables,
        "pictures": _shown(pictures, tables, is_released=bool(figures.total.paid)),
    }


def _shown(
    pictures: dict[str, str], tables: dict[str, Any], *, is_released: bool
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key, title in PICTURE_TITLES.items():
        least = LEAST_BARS.get(key, 0)
        says_something = key not in tables or len(tables[key].rows) >= least
        if key in pictures and says_something and (is_released or key not in OF_RELEASED):
            # Our own drawing, escaped when it was made and stored by us.
            drawing = mark_safe(pictures[key])  # noqa: S308
            found[key] = {"number": len(found) + 1, "title": title, "svg": drawing}
    return found

"""The provinces' own tables (tests/golden/tables), found again in what the product prints.

Every figure is looked for where an officer reads it: in the text of the PDF, in the cells of the
workbook. The tables were written down from the agencies' accounts, not from the training data.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from bansos.accounts.models import User
from bansos.demo import story
from bansos.demo.enrolling import version_of
from bansos.demo.jobs import run_here
from bansos.documents.models import Document
from bansos.documents.services import read_bytes
from bansos.lib.money import number, rupiah
from bansos.regions.queries import name_of
from monitoring.models import Report
from monitoring.services import request_report
from programs.choices import BenefitKind
from programs.models import Decree, Programme, ProgrammeVersion

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "tables"
TOTAL = "jumlah"
# Columns of figures behind the name of an area, and behind the name and unit of a programme.
PLACE = ("kuota", "usulan", "layak", "ditetapkan", "menerima", "perempuan", "laki_laki", "luar")
LINE = ("kuota", "usulan", "layak", "ditetapkan", "menerima", "nilai", "pagu")
HEADS = {
    "kuota": "Kuota",
    "layak": "Layak",
    "ditetapkan": "Ditetapkan",
    "perempuan": "Perempuan",
    "laki_laki": "Laki-laki",
    "luar": "KTP luar",
    "nilai": "Nilai SK",
    "pagu": "Pagu",
}


def told(name: str) -> list[dict[str, str]]:
    """The rows of a table as the agencies gave them."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as handle:
        lines = [line for line in handle if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter=";"))


class Printed:
    """One PDF with its workbook, as text and as cells."""

    def __init__(self, pdf: Document | None, xlsx: Document | None) -> None:
        assert pdf is not None
        assert xlsx is not None
        pages = PdfReader(io.BytesIO(read_bytes(pdf))).pages
        self.text = " ".join(" ".join(page.extract_text().split()) for page in pages)
        self.book = CalamineWorkbook.from_filelike(io.BytesIO(read_bytes(xlsx)))

    def on_paper(self, name: str, columns: Sequence[str]) -> dict[str, str]:
        """The figures that stand behind a name in the PDF, by column."""
        figures = rf"((?: (?:[\d.,]+|–)){{{len(columns)}}})(?= |$)"
        found = re.search(re.escape(name) + figures, self.text)
        assert found, f"{name} is not on paper: {self.text[:3000]}"
        return dict(zip(columns, found[1].split(), strict=True))

    def in_sheet(self, sheet: str) -> dict[str, dict[str, Any]]:
        """First cell of each row -> head of a column -> its value."""
        rows = self.book.get_sheet_by_name(sheet).to_python()
        place = next(at for at, row in enumerate(rows) if HEADS["ditetapkan"] in row)
        heads = rows[place]
        return {str(row[0]): dict(zip(heads, row, strict=True)) for row in rows[place + 1 :]}


def report(province: str, code: str = "", area_code: str = "") -> Printed:
    """The monitoring report of a programme (or of all), asked for and made as an officer does."""
    asker = User.objects.filter(role="kepala_seksi", area_code=province).order_by("pk")[0]
    row = request_report(
        version=version_of(province, code) if code else None,
        year=story.YEAR,
        area_code=area_code or province,
        from_date=date(story.YEAR, 1, 1),
        until_date=date(story.YEAR, 12, 31),
        by=asker,
        at=timezone.now(),
    )
    assert row.job is not None
    run_here(row.job)
    row = Report.objects.select_related("pdf", "xlsx").get(pk=row.pk)
    return Printed(row.pdf, row.xlsx)


def check_tables() -> None:
    """Every table, in every paper that shows it."""
    check_jambi_areas()
    check_jambi_people()
    check_kaltim()
    check_madiun()
    check_extreme_poverty()


def check_jambi_areas() -> None:
    """KUBE 37 in 11 areas, UEP 45 in 7: in the reports and in the annexes of both decrees."""
    for column, code, unit in (("kube", story.KUBE, "kelompok"), ("uep", story.UEP, "penerima")):
        rows = {row["wilayah"]: int(row[column]) for row in told("jambi_dumisake_2022")}
        counts = {name: count for name, count in rows.items() if count}
        check_report(report("15", code), counts, "ditetapkan")
        decree = Decree.objects.select_related("annex_pdf", "annex_xlsx").get(
            version=version_of("15", code), state="approved"
        )
        check_annex(decree, counts, unit)


def check_report(paper: Printed, counts: dict[str, int], column: str) -> None:
    """The areas and no others, each with its count, and the sum: on paper and in the workbook."""
    sheet = paper.in_sheet("Penerima per wilayah")
    found = {name: int(row[HEADS[column]]) for name, row in sheet.items() if row[HEADS[column]]}
    assert found == counts
    for name, count in counts.items():
        assert paper.on_paper(name, PLACE)[column] == number(count), name


def check_annex(decree: Decree, counts: dict[str, int], unit: str) -> None:
    """The sums by regency on the last page and in the workbook; every line under its area."""
    paper = Printed(decree.annex_pdf, decree.annex_xlsx)
    areas = {name: count for name, count in counts.items() if name != "Jumlah"}
    total = counts["Jumlah"]
    each = decree.total / total
    recap = paper.book.get_sheet_by_name("Rekapitulasi").to_python()
    assert recap[0] == ["Kabupaten/Kota", unit.capitalize(), "Jumlah"]
    assert {row[0]: int(row[1]) for row in recap[1:]} == counts
    lines = paper.book.get_sheet_by_name("Lampiran").to_python()
    named = [row[7] for row in lines if isinstance(row[0], float)]
    assert {name: named.count(name) for name in named} == areas
    if unit != "penerima":
        assert paper.text.count("(ketua: ") == total
    for name, count in areas.items():
        assert f"{name} {number(count)} {rupiah(each * count)}" in paper.text, name
    assert f"Jumlah: {number(total)} {unit}, {rupiah(decree.total)} setahun." in paper.text


def check_jambi_people() -> None:
    """People with a disability from inside and outside, the elders of Budi Luhur by sex."""
    for row in told("jambi_2022"):
        paper = report("15", row["program"])
        sheet = paper.in_sheet("Penerima per wilayah")["Jumlah"]
        printed = paper.on_paper("Jumlah", PLACE)
        for column in ("layak", "luar", "laki_laki", "perempuan"):
            if row[column]:
                assert int(sheet[HEADS[column]]) == int(row[column]), (row, column)
                assert printed[column] == number(int(row[column])), (row, column)


def check_kaltim() -> None:
    """Jospol 4: 150 places and 150 proposals in each of ten areas."""
    rows = {row["wilayah"]: int(row["kuota"]) for row in told("kaltim_jospol4_2025")}
    paper = report("64", story.JOSPOL)
    check_report(paper, rows, "kuota")
    for name, count in rows.items():
        assert paper.on_paper(name, PLACE)["usulan"] == number(count), name


def check_madiun() -> None:
    """The lines of Kabupaten Madiun side by side in one report on all programmes."""
    paper = report("35", area_code=story.MADIUN)
    sheet = paper.in_sheet("Program")
    names = dict(
        Programme.objects.filter(area_code="35").values_list("code", "name")  # as officers named it
    )
    known = Decimal(0)
    for row in told("madiun_2025"):
        if row["program"] == TOTAL:
            assert known == Decimal(row["nilai"])
            continue
        name = names[row["program"]]
        cells = sheet[name]
        if row["kolom"] == "penghuni":
            assert cells["Satuan"] == f"lembaga, {row['jumlah']} penghuni", name
            assert paper.on_paper(f"{name} {cells['Satuan']}", LINE)["ditetapkan"] == "3", name
            continue
        assert row["satuan"] in {"", cells["Satuan"]}, name
        printed = paper.on_paper(f"{name} {cells['Satuan']}", LINE)
        if row["kolom"]:
            assert int(cells[HEADS[row["kolom"]]]) == int(row["jumlah"]), name
            assert printed[row["kolom"]] == number(int(row["jumlah"])), name
        if row["nilai"]:
            value = Decimal(row["nilai"])
            assert Decimal(str(cells[HEADS["pagu"]])) == value, name
            assert printed["pagu"] == number(value).removesuffix(",00"), name
            known += value
        if row["kolom"] == "ditetapkan":
            assert printed["nilai"] == printed["pagu"], name
        if row["besaran"]:
            assert rate_of(version_of("35", row["program"])) == Decimal(row["besaran"]), name
    assert name_of(story.MADIUN) in paper.text


def rate_of(version: ProgrammeVersion) -> Decimal | None:
    """What each gets: the rate of the version, of a formula what its decree came to."""
    if version.benefit_kind != BenefitKind.FORMULA:
        return version.annual_amount
    return Decree.objects.get(version=version, state="approved").formula_amount


def check_extreme_poverty() -> None:
    """Round I of 2023: 3,000 recipients, Rp4.5 billion."""
    (row,) = told("jatim_2023")
    paper = report("35", row["program"])
    printed = paper.on_paper("Jumlah", PLACE)
    assert printed["ditetapkan"] == number(int(row["ditetapkan"]))
    (cells,) = paper.in_sheet("Program").values()
    assert Decimal(str(cells[HEADS["nilai"]])) == Decimal(row["nilai"])

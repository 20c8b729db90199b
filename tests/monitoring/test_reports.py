"""A report from the question to the archived files: the same figures in page, PDF and XLSX."""

from __future__ import annotations

import io
import re
import time
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from bansos.documents.services import read_bytes
from bansos.jobs import services as jobs
from bansos.jobs.choices import JobState
from bansos.jobs.registry import HANDLERS
from bansos.lib.errors import BadInput, NotFound
from monitoring import services, tasks
from monitoring.documents import grids
from monitoring.models import Report
from tests.cast import Cast, make_cast
from tests.factories.monitoring import Year, make_year
from tests.ground.worker import Worker

PERIOD = (date(2026, 1, 1), date(2026, 6, 30))


@pytest.fixture
def year(cast: Cast) -> Year:
    return make_year(cast)


def ask(cast: Cast, year: Year, area: str = "35", by: Any = None) -> Report:
    return services.request_report(
        version=year.version,
        area_code=area,
        from_date=PERIOD[0],
        until_date=PERIOD[1],
        by=by or cast.budi,
        at=timezone.now(),
    )


def made(report: Report) -> Report:
    """The report after all its steps, taken here instead of in a worker."""
    assert tasks.services.KIND in HANDLERS
    assert report.job is not None
    while jobs.run_step(job_id=str(report.job.pk), at=timezone.now()):
        pass
    report = Report.objects.select_related("job", "pdf", "xlsx").get(pk=report.pk)
    assert report.job is not None
    assert (report.job.state, report.job.error_code) == (JobState.DONE, ""), report.job.message
    return report


def pdf_text(report: Report) -> list[str]:
    assert report.pdf is not None
    return [page.extract_text() for page in PdfReader(io.BytesIO(read_bytes(report.pdf))).pages]


def test_steps_are_kept_one_by_one(cast: Cast, year: Year) -> None:
    report = ask(cast, year)
    assert report.job is not None
    seen = []
    for _turn in range(services.STEPS):
        jobs.run_step(job_id=str(report.job.pk), at=timezone.now())
        report = Report.objects.select_related("job").get(pk=report.pk)
        assert report.job is not None
        seen.append((report.job.done, bool(report.figures), report.pdf_id, report.xlsx_id))
    assert [step[0] for step in seen] == [1, 2, 3, 4, 5]
    assert [bool(step[1]) for step in seen] == [True] * 5
    assert [step[2] is not None for step in seen] == [False, False, True, True, True]
    assert [step[3] is not None for step in seen] == [False, False, False, True, True]
    assert report.job.state == JobState.DONE


def test_pdf_says_the_figures_on_numbered_pages(cast: Cast, year: Year) -> None:
    report = made(ask(cast, year))
    assert report.pdf is not None
    pages = pdf_text(report)
    whole = " ".join(" ".join(pages).split())
    for words in (
        "LAPORAN MONITORING DAN EVALUASI",
        f"Nomor LAP/1/DINSOS/{timezone.localdate().year}",
        "Rp5.000.000 (lima juta rupiah)",
        "10 (sepuluh) KPM",
        "Rp3.500.000 (tiga juta lima ratus ribu rupiah)",
        "Rp11.000.000 (sebelas juta rupiah)",
        "20.000.000",
        "Kabupaten Magetan",
        "Rekening ditutup",
        cast.agency.head_name,
        report.pdf.check_code,
    ):
        assert words in whole, words
    drawn = [int(number) for number in re.findall(r"Gambar (\d+)\.", whole)]
    assert drawn == list(range(1, len(drawn) + 1))
    assert len(drawn) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Halaman {number} dari {len(pages)}" in " ".join(page.split())


def test_page_pdf_and_workbook_say_the_same(cast: Cast, year: Year, client: Client) -> None:
    report = made(ask(cast, year))
    figures = services.figures_of(report)
    assert figures is not None
    assert report.xlsx is not None
    client.force_login(cast.budi)
    page = client.get(f"/laporan/{report.pk}/").content.decode()
    paper = " ".join(" ".join(pdf_text(report)).split())
    book = CalamineWorkbook.from_filelike(io.BytesIO(read_bytes(report.xlsx)))
    sheet = book.get_sheet_by_name("Pagu dan realisasi").to_python()
    cells = [cell for row in sheet for cell in row]
    for row in grids(figures)["money"].rows:
        for value in row[1:]:
            if not value:
                continue
            plain = f"{value:,.0f}".replace(",", ".")
            assert f"Rp{plain}" in page
            assert plain in paper
            assert int(value) in cells, value


def test_figures_stay_when_the_data_move_on(cast: Cast, year: Year) -> None:
    report = made(ask(cast, year))
    year.version.budget.allocations.update(amount=1)
    figures = services.figures_of(Report.objects.get(pk=report.pk))
    assert figures is not None
    assert {row.key: row.ceiling for row in figures.regencies} == {
        "35.19": 12_000_000,
        "35.20": 3_000_000,
    }


def test_numbers_follow_each_other(cast: Cast, year: Year) -> None:
    first, second = made(ask(cast, year)), made(ask(cast, year, "35.19"))
    assert first.pdf is not None
    assert second.pdf is not None
    numbers = [first.pdf.number.split("/")[1], second.pdf.number.split("/")[1]]
    assert numbers == ["1", "2"]
    assert first.pdf.is_personal is False


def test_an_area_without_payments_has_a_report_too(cast: Cast, year: Year) -> None:
    whole = " ".join(" ".join(pdf_text(made(ask(cast, year, "35.20")))).split())
    assert "belum ada SP2D yang terbit" in whole
    assert "Gambar" not in whole
    assert "Tidak ada pada periode ini." in whole


def test_no_report_beyond_the_own_area(cast: Cast, year: Year) -> None:
    with pytest.raises(NotFound):
        ask(cast, year, "35", by=cast.kalt)
    with pytest.raises(NotFound):
        ask(cast, year, "64", by=cast.budi)
    with pytest.raises(NotFound):
        ask(cast, year, "35.99", by=cast.budi)
    assert Report.objects.count() == 0


def test_a_period_runs_forward(cast: Cast, year: Year) -> None:
    with pytest.raises(BadInput):
        services.request_report(
            version=year.version,
            area_code="35",
            from_date=PERIOD[1],
            until_date=PERIOD[0],
            by=cast.budi,
            at=timezone.now(),
        )


def test_form_asks_and_leads_to_the_report(cast: Cast, year: Year, client: Client) -> None:
    client.force_login(cast.budi)
    fields = {
        "version": year.version.pk,
        "area_code": "35.19",
        "from_date": "1-1-2026",
        "until_date": "30 Juni 2026",
    }
    response = client.post("/laporan/baru/", fields)
    report = Report.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/laporan/{report.pk}/"
    assert (report.from_date, report.until_date) == PERIOD
    page = client.get(response["Location"]).content.decode()
    assert "Antre" in page
    wrong = client.post("/laporan/baru/", {**fields, "until_date": "1-1-2025"})
    assert wrong.status_code == 422
    assert "Akhir periode mendahului awalnya" in wrong.content.decode()


def test_who_reads_and_who_makes(cast: Cast, year: Year, client: Client) -> None:
    report = made(ask(cast, year, "35.19"))
    expected = {"budi": 200, "aud": 200, "sari": 200, "lain": 404, "kalt": 404, "adi": 403}
    for name, status in expected.items():
        client.force_login(getattr(cast, name))
        assert client.get(f"/laporan/{report.pk}/").status_code == status, name
    client.force_login(cast.sari)
    assert client.get("/laporan/baru/").status_code == 403
    archive = client.get("/laporan/").content.decode()
    assert "Peran Anda hanya membaca laporan." in archive
    assert "Kabupaten Madiun" in archive


def test_api_asks_reads_and_refuses(cast: Cast, year: Year, client: Client) -> None:
    client.force_login(cast.budi)
    body = {
        "version": year.version.pk,
        "area_code": "35.19",
        "from_date": "2026-01-01",
        "until_date": "2026-06-30",
    }
    response = client.post("/api/reports/", body, content_type="application/json")
    assert response.status_code == 201, response.content
    report = made(Report.objects.get(pk=response.json()["id"]))
    found = client.get(f"/api/reports/{report.pk}/").json()
    assert found["figures"]["total"]["paid"] == "5000000.00"
    assert found["pdf_sha256"] == report.pdf.sha256  # type: ignore[union-attr]
    assert [row["id"] for row in client.get("/api/reports/").json()["results"]] == [report.pk]
    beyond = client.post(
        "/api/reports/", {**body, "area_code": "64"}, content_type="application/json"
    )
    assert beyond.status_code == 404
    client.force_login(cast.sari)
    refused = client.post("/api/reports/", body, content_type="application/json")
    assert refused.status_code == 403


def test_api_figures(cast: Cast, year: Year, client: Client) -> None:
    client.force_login(cast.sari)
    found = client.get("/api/figures/").json()
    assert found["total"]["key"] == "35.19"
    assert found["total"]["delivered"] == "3500000.00"


@pytest.fixture
def waiting(worker: Worker) -> Report:
    cast = make_cast()
    return ask(cast, make_year(cast))


def test_a_real_worker_makes_it(waiting: Report) -> None:
    for _turn in range(450):
        waiting = Report.objects.select_related("job", "pdf").get(pk=waiting.pk)
        assert waiting.job is not None
        if not waiting.job.is_open:
            break
        time.sleep(0.2)
    assert waiting.job is not None
    assert (waiting.job.state, waiting.job.message) == (
        JobState.DONE,
        "Laporan tersimpan di arsip.",
    )
    assert waiting.pdf is not None
    assert read_bytes(waiting.pdf).startswith(b"%PDF")


def test_a_cancelled_report_says_so_and_offers_another(
    cast: Cast, year: Year, client: Client
) -> None:
    report = ask(cast, year)
    assert report.job is not None
    jobs.run_step(job_id=str(report.job.pk), at=timezone.now())
    jobs.cancel(job=report.job, by=cast.budi, at=timezone.now())
    jobs.run_step(job_id=str(report.job.pk), at=timezone.now())
    client.force_login(cast.budi)
    text = client.get(f"/laporan/{report.pk}/").content.decode()
    assert "Dibatalkan" in text
    assert "Laporan ini tidak selesai. Tidak ada data yang berubah." in text
    assert f"program={year.version.pk}" in text
    client.force_login(cast.aud)
    text = client.get(f"/laporan/{report.pk}/").content.decode()
    assert "Buat laporan lagi" not in text


def test_others_see_that_it_is_being_made(cast: Cast, year: Year, client: Client) -> None:
    report = ask(cast, year)
    client.force_login(cast.aud)
    text = client.get(f"/laporan/{report.pk}/").content.decode()
    assert "Laporan sedang disusun." in text
    assert "Batalkan" not in text

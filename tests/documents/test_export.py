"""A list leaves as a file made by a real worker, with the rights of the one who asked."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from bansos.documents import services
from bansos.documents.models import Document
from bansos.jobs.choices import JobState
from bansos.jobs.models import Job
from bansos.lib.sheets.reading import read_table
from tests.cast import make_cast
from tests.documents.test_services import issue
from tests.ground.worker import Worker


def finished(job_id: object) -> Job:
    """The job when it has ended; 30 seconds at most."""
    for _turn in range(150):
        job = Job.objects.get(pk=job_id)
        if not job.is_open:
            return job
        time.sleep(0.2)
    raise AssertionError("the job did not end")


@pytest.mark.parametrize("file_format", ["xlsx", "csv", "pdf"])
def test_export_of_the_archive(worker: Worker, client: Client, file_format: str) -> None:
    cast = make_cast()
    issue(cast, title="Surat Madiun", number="=1+1")
    issue(cast, title="Surat Magetan", area_code="35.20")
    client.force_login(cast.sari)
    response = client.post("/dokumen/ekspor/documents/", {"format": file_format})
    assert response.status_code == 302
    job = finished(Job.objects.get().pk)
    assert (job.state, job.message) == (JobState.DONE, "")
    content = services.read_bytes(Document.objects.get(kind="export"))
    if file_format == "pdf":
        assert content.startswith(b"%PDF")
        return
    table = read_table(content, f"daftar.{file_format}", expected=())
    texts = [cell.text for row in table.rows for cell in row.cells.values()]
    assert "Surat Madiun" in texts
    assert "Surat Magetan" not in texts

"""A list leaves as a file made by a real worker, with the rights of the one who asked."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from django.utils import timezone

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.documents import services
from bansos.documents.models import Document
from bansos.jobs.choices import JobState
from bansos.jobs.models import Job
from bansos.jobs.services import run_step
from bansos.lib.sheets.reading import read_table
from tests.cast import Cast, make_cast
from tests.documents.test_services import issue
from tests.factories.accounts import UserFactory
from tests.ground.worker import Worker


def finished(job_id: object) -> Job:
    """The job when it has ended; 90 seconds at most."""
    for _turn in range(450):
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


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["pay-lists", "ledger", "bank-results", "returns", "imports"])
def test_a_list_one_may_not_see_is_not_exported_either(
    cast: Cast, client: Client, key: str
) -> None:
    client.force_login(cast.vera)
    response = client.post(f"/dokumen/ekspor/{key}/", {"format": "csv"})
    assert response.status_code == 403
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_right_lost_before_the_worker_comes_makes_no_file(cast: Cast, client: Client) -> None:
    client.force_login(cast.budi)
    client.post("/dokumen/ekspor/ledger/", {"format": "csv"})
    User.objects.filter(pk=cast.budi.pk).update(role="petugas_kab")
    job = Job.objects.get()
    run_step(job_id=str(job.pk), at=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "EXPORT-RIGHT")
    assert not Document.objects.exists()


@pytest.mark.django_db
def test_the_file_of_a_list_opens_with_the_right_of_the_list(cast: Cast, client: Client) -> None:
    client.force_login(cast.budi)
    client.post("/dokumen/ekspor/ledger/", {"format": "csv"})
    run_step(job_id=str(Job.objects.get().pk), at=timezone.now())
    document = Document.objects.get(kind="export")
    assert document.permission == Permission.BUDGET_VIEW
    # The same province, the right to export, but not to see budgets.
    client.force_login(UserFactory(role="verifikator_kab", area_code="35"))
    assert client.get(f"/dokumen/{document.pk}/berkas/").status_code == 403

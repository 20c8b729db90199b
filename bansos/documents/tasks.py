"""Jobs of documents: the export of a list, with the rights of the one who asked."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.urls import get_resolver, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from bansos.accounts.permissions import Permission
from bansos.accounts.queries import own_agency
from bansos.documents import documents, services
from bansos.jobs.models import Job
from bansos.jobs.registry import Step, handles
from bansos.lib import lists
from bansos.lib.dates import datetime_words
from bansos.lib.errors import NotAllowed, Refused

MOST_ROWS = {"xlsx": 200_000, "csv": 200_000, "pdf": 3_000}


@handles("documents.export")
def export(job: Job) -> Step:
    """Make the file and keep it in the archive; refuses more rows than the format can bear."""
    right = _right(job)
    spec = lists.get(job.params["key"])
    file_format = job.params["format"]
    headers, rows, kinds = lists.export_rows(spec, job.owner, QueryDict(job.params["query"]))
    lines = _at_most(rows, MOST_ROWS[file_format])
    now = timezone.now()
    agency = own_agency(job.owner)
    content = documents.render_list(
        file_format,
        title=str(spec.title),
        subtitle=_("%(area)s, %(count)s baris, dibuat %(at)s oleh %(who)s")
        % {
            "area": job.owner.area_name,
            "count": len(lines),
            "at": datetime_words(now, agency.zone),
            "who": job.owner.full_name,
        },
        headers=headers,
        rows=lines,
        kinds=kinds,
    )
    document = services.issue(
        kind="export",
        title=_("Ekspor: %(list)s") % {"list": spec.title},
        content=content,
        file_name=f"{slugify(str(spec.title))}-{now:%Y%m%d-%H%M}.{file_format}",
        mime=documents.MIMES[file_format],
        agency=agency,
        area_code=job.owner.area_code,
        subject=job,
        by=job.owner,
        at=now,
        permission=right,
    )
    url = reverse("documents:detail", args=[document.pk])
    return Step(finished=True, done=len(lines), total=len(lines), result_url=url)


def _right(job: Job) -> str:
    """The right by which the owner sees the list now; it also opens the file. Refused without."""
    get_resolver().url_patterns  # noqa: B018  loading the routes loads lists and their pages
    for right in lists.rights(job.params["key"]):
        if job.owner.can(right) and job.owner.can(Permission.EXPORT):
            return str(right)
    raise NotAllowed(
        "EXPORT-RIGHT",
        _("Anda tidak lagi berhak melihat daftar ini. Tidak ada berkas yang dibuat."),
    )


def _at_most(rows: Any, most: int) -> list[tuple[Any, ...]]:
    lines: list[tuple[Any, ...]] = []
    for row in rows:
        if len(lines) == most:
            raise Refused(
                "EXPORT-BIG",
                _(
                    "Daftar lebih dari %(most)s baris, jadi tidak diekspor. Tambahkan saringan,"
                    " atau pilih bentuk berkas lain."
                )
                % {"most": most},
            )
        lines.append(row)
    return lines

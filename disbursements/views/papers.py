"""Page of the papers of a stage: what there is, what can be made now, what was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.documents.choices import DocumentState
from bansos.documents.queries import documents_of, file_row
from bansos.lib.errors import Refused
from bansos.lib.parts import Crumb, FileRow
from disbursements.models import PayList
from disbursements.services import papers
from disbursements.tables import list_word
from disbursements.views.lists import find_list, here


@dataclass(frozen=True)
class PaperRow:
    """One kind of paper on the page: made or not, and why it cannot be made now."""

    paper: papers.Paper
    off: str
    files: list[FileRow]
    older: int


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.BANK_FILE)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers of one list; posting makes the chosen ones in the background."""
    pay_list = find_list(request, pk)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            keys = request.POST.getlist("berkas")
            job = papers.make_papers(
                pay_list=pay_list, keys=keys, by=request.user, at=timezone.now()
            )
            words = ngettext(
                "%(n)s berkas sedang dibuat di latar.",
                "%(n)s berkas sedang dibuat di latar.",
                len(keys),
            )
            messages.info(request, words % {"n": len(keys)})
            return redirect("jobs:detail", pk=job.pk)
        except Refused as error:
            refused = error
    rows = paper_rows(pay_list, request.user)
    context = {
        "pay_list": pay_list,
        "word": list_word(pay_list),
        "rows": rows,
        "ready": [row.paper.key for row in rows if not row.off],
        "may_make": request.user.can(Permission.BANK_FILE),
        "refused": refused,
        "crumbs": here(pay_list, Crumb(label=_("Berkas tahap"))),
    }
    status = refused.status if refused else 200
    return render(request, "disbursements/papers.html", context, status=status)


def paper_rows(pay_list: PayList, user: Any) -> list[PaperRow]:
    """Every kind of paper with its valid documents; one query for all documents."""
    by_kind: dict[str, list[Any]] = {}
    for document in documents_of(pay_list):
        by_kind.setdefault(document.kind.removesuffix("_xlsx").removesuffix("_names"), []).append(
            document
        )
    found = []
    for paper in papers.PAPERS.values():
        mine = [row for row in by_kind.get(paper.kind, []) if user.can(row.permission)]
        valid = [row for row in mine if row.state == DocumentState.VALID]
        found.append(
            PaperRow(
                paper,
                papers.why_not(paper, pay_list, user),
                [file_row(row) for row in valid] if user.can(Permission.DOCUMENT_VIEW) else [],
                len(mine) - len(valid),
            )
        )
    return found

"""Pages of registry snapshots: what is loaded, from when, by which BAST."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.audit.queries import timeline_of
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb, Head, Pair
from bansos.regions.queries import name_of
from beneficiaries.models import Snapshot
from beneficiaries.services.imports.snapshot_list import KEY
from beneficiaries.tables import SnapshotList, snapshot_word


class SnapshotListView(ListView):
    """Snapshots."""

    spec = SnapshotList
    access = (P.BENEFICIARY_VIEW,)

    def primary_action(self) -> Action | None:
        """Loading one is an import of its own kind."""
        if not signed_in_user(self.request).can(P.SNAPSHOT_IMPORT):
            return None
        address = f"{reverse('beneficiaries:import_start')}?tujuan={KEY}"
        return Action(_("Muat potret"), address, "upload")


@requires(P.BENEFICIARY_VIEW)
@require_GET
def snapshot(request: HttpRequest, pk: int) -> HttpResponse:
    """One snapshot: its head and how its rows are spread, never the rows."""
    row = find(Snapshot.objects.select_related("loaded_by"), request.user, pk=pk)
    pairs = [
        Pair(label=_("Jenis"), value=row.get_kind_display()),
        Pair(label=_("Keadaan per"), value=row.as_of),
        Pair(label=_("Wilayah"), value=name_of(row.area_code)),
        Pair(label=_("Sumber"), value=row.source),
        Pair(label=_("Nomor BAST"), value=row.bast_number),
        Pair(label=_("Tanggal BAST"), value=row.bast_date),
        Pair(label=_("Baris"), value=row.row_count),
        Pair(label=_("Dimuat"), value=row.loaded_at, hint=row.loaded_by.full_name),
    ]
    spread: Any = (
        row.entries.exclude(desil=None)
        .values_list("desil")
        .annotate(rows=Count("pk"))
        .order_by("desil")
    )
    context = {
        "snapshot": row,
        "word": snapshot_word(row),
        "pairs": pairs,
        "columns": [Head(label=_("Desil")), Head(label=_("Baris"), kind="number")],
        "rows": [(_("Desil %(desil)d") % {"desil": desil}, count) for desil, count in spread],
        "events": timeline_of(row),
        "crumbs": [
            Crumb(label=_("Potret data"), href=reverse("beneficiaries:snapshots")),
            Crumb(label=row.label),
        ],
    }
    return render(request, "beneficiaries/snapshot.html", context)

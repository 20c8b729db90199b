"""What visits found, handed out as a file, with a trace."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.regions.queries import name_of
from programs.documents.visit_sums import VisitSums, sums_pdf, sums_workbook
from programs.models import ProgrammeVersion, Stage
from programs.queries.visits import tallies, visited_people, visits_in

MAKERS = {"xlsx": sums_workbook, "pdf": sums_pdf}


@transaction.atomic
def export_sums(
    *,
    version: ProgrammeVersion,
    kind: str,
    area_code: str,
    stage: Stage | None,
    by: User,
    at: datetime,
) -> bytes:
    """The sums per question of a version as "xlsx" or "pdf", of what the asker may see.

    `area_code` "" is the whole area of the asker. Raises KeyError for another kind of file.
    """
    area = area_code or by.area_code
    visits = visits_in(by, version, area_code=area, stage=stage)
    # Papers are Indonesian whatever language the asker reads.
    with translation.override("id"):
        content = MAKERS[kind](
            VisitSums(
                agency=version.programme.agency,
                programme=str(version),
                area=name_of(area),
                stage=stage.name if stage else "",
                visits=visits.count(),
                people=visited_people(visits),
                tallies=tallies(version, visits),
                made=at,
            )
        )
    audit.record(
        verb="programs.export_visit_answers",
        by=by,
        at=at,
        target=version,
        area_code=area,
        kind=kind,
        stage=stage.pk if stage else None,
    )
    return content

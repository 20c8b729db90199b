"""An event of a programme and a measured income, as officers report and decide them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bansos.demo.clock import on_day
from bansos.demo.enrolling import Crew
from programs.models import Enrolment, ProgrammeEvent
from programs.services.events import EventValues, decide_event, report_event
from programs.services.exits import MeasureValues, record_measure


def tell(
    row: Enrolment,
    values: EventValues,
    *,
    crew: Crew,
    reported: date,
    decided: date | None,
    agreed: bool = True,
    why: str = "",
) -> ProgrammeEvent:
    """Report it, and let a second person decide; `decided` None: it waits."""
    with on_day(reported) as at:
        event = report_event(enrolment=row, values=values, by=crew.petugas, at=at)
    if decided is None:
        return event
    with on_day(decided) as at:
        return decide_event(event=event, apply=agreed, note=why, by=crew.staf, at=at)


def measure_income(row: Enrolment, *, after: int, on: date, crew: Crew) -> None:
    """Rupiah a month after the help, where Rp900.000 came in before it."""
    with on_day(on) as at:
        record_measure(
            enrolment=row,
            values=MeasureValues(
                code="income",
                measured_on=on,
                evidence="Buku kas usaha dan kunjungan ke tempat usaha",
                before=Decimal(900_000),
                after=Decimal(after),
            ),
            by=crew.petugas,
            at=at,
        )

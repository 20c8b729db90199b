"""All figures of one scope in one record: the page, the PDF and the workbook read the same one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from monitoring.queries.annexes import CaseRow, ListRow, case_rows, list_rows
from monitoring.queries.money import (
    REGENCY,
    Cell,
    MoneyRow,
    StageRow,
    by_district,
    by_programme,
    by_regency,
    by_stage,
    line_cells,
    regency_sums,
    whole,
)
from monitoring.queries.people import AgeRow, StateRow, by_age, by_state
from monitoring.queries.reach import ReachRow, reach_by_place, reach_by_programme, reach_cells
from monitoring.queries.scope import Scope
from monitoring.queries.timing import ReturnRow, TimeRow, returns_by_cause, timeliness

T = TypeVar("T")


@dataclass(frozen=True)
class Figures:
    """What a year (or a period) looks like; see the rows for units."""

    total: MoneyRow
    programmes: list[MoneyRow]
    regencies: list[MoneyRow]
    districts: list[MoneyRow]
    stages: list[StageRow]
    ages: list[AgeRow]
    times: list[TimeRow]
    returns: list[ReturnRow]
    states: list[StateRow]
    lists: list[ListRow] = field(default_factory=list)
    cases: list[CaseRow] = field(default_factory=list)
    # Recipients per area and per programme; only a report has them.
    reach: list[ReachRow] = field(default_factory=list)
    lines: list[ReachRow] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """True when there is neither budget nor payment nor proposal."""
        return self.total.is_empty and not self.states

    @property
    def recipients(self) -> int:
        """People to whom money was delivered, each once."""
        return sum(row.total for row in self.ages)

    def districts_of(self, regency: str) -> list[MoneyRow]:
        """The districts of one regency."""
        return [row for row in self.districts if row.key.startswith(regency)]


def gather(scope: Scope, *, on: date, annexes: bool = False, page: bool = False) -> Figures:
    """Ask for everything: about ten grouped queries, none per row.

    `on` is the day of the ages; `annexes` adds the rows that only a report prints; `page` leaves
    out what a page does not show: a province's districts, and how many people were paid.
    """
    cells, regencies, districts = _places(scope, page=page)
    stages = by_stage(scope, cells)
    programmes = by_programme(scope, cells)
    reached = reach_cells(scope) if annexes else []
    return Figures(
        total=whole(scope, regencies),
        programmes=programmes,
        regencies=regencies,
        districts=districts,
        stages=stages,
        ages=by_age(scope, on=on),
        times=timeliness(scope, stages),
        returns=returns_by_cause(scope),
        states=by_state(scope),
        lists=list_rows(scope) if annexes else [],
        cases=case_rows(scope) if annexes else [],
        reach=reach_by_place(scope, reached, regencies) if annexes else [],
        lines=reach_by_programme(scope, reached, programmes) if annexes else [],
    )


def _places(scope: Scope, *, page: bool) -> tuple[list[Cell], list[MoneyRow], list[MoneyRow]]:
    """The cells with the regencies and the districts they make."""
    if page and scope.is_province:
        cells = line_cells(scope, REGENCY)
        regencies = by_regency(scope, regency_sums(scope, cells))
        # Where there is but one, the page shows its districts.
        if len(regencies) > 1:
            return cells, regencies, []
    cells = line_cells(scope)
    districts = by_district(scope, cells, only_returned=page)
    return cells, by_regency(scope, districts), districts


LISTS: dict[str, type[Any]] = {
    "programmes": MoneyRow,
    "regencies": MoneyRow,
    "districts": MoneyRow,
    "stages": StageRow,
    "ages": AgeRow,
    "times": TimeRow,
    "returns": ReturnRow,
    "states": StateRow,
    "lists": ListRow,
    "cases": CaseRow,
    "reach": ReachRow,
    "lines": ReachRow,
}


def to_json(figures: Figures) -> dict[str, Any]:
    """As a JSON column keeps it: amounts and dates as text, nothing lost."""
    plain: dict[str, Any] = _plain(asdict(figures))
    return plain


def from_json(data: dict[str, Any]) -> Figures:
    """The figures back from their column; a table that an older report had not yet is empty."""
    lists = {name: [_row(kind, row) for row in data.get(name, [])] for name, kind in LISTS.items()}
    return Figures(total=_row(MoneyRow, data["total"]), **lists)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _row(kind: type[T], data: dict[str, Any]) -> T:
    # The annotations are text here ("Decimal | None"): enough to know what to read back.
    found: dict[str, Any] = {}
    for item in fields(kind):  # type: ignore[arg-type]
        if item.name not in data:
            continue  # a column that the report had not yet; it has a default
        value, words = data[item.name], str(item.type)
        if value is not None and words.startswith("Decimal"):
            value = Decimal(value)
        elif value is not None and words.startswith("date"):
            value = date.fromisoformat(value)
        found[item.name] = value
    return kind(**found)

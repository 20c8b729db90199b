"""What a list may be imported for: each app names its purposes at start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.errors import NotAllowed, NotFound
from bansos.lib.sheets.mapping import ExpectedColumn
from bansos.lib.sheets.writing import Written
from beneficiaries.choices import RowVerdict
from beneficiaries.models import ImportBatch, ImportRow

Finding = dict[str, Any]
# Keys of warnings that pass only with a note of the officer.
NOTE = "note"


@dataclass
class RowCheck:
    """One row while it is checked: what it says (typed), what is wrong, what it would become.

    `values` holds text by column key, and typed: birth_date (date or None), sex ("L", "P", ""),
    village_id (code or None), area_code, bank_code. The engine sets `verdict` by comparing with
    the register; a purpose may set another one (a known person not yet proposed is NEW, one
    already proposed is SAME). A row with a problem is never accepted.
    """

    row: ImportRow
    values: dict[str, Any]
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    verdict: RowVerdict = RowVerdict.NEW

    def problem(self, field: str, code: str, message: Any) -> None:
        """Stops the row. `code` is the cause it is counted under, `message` a sentence."""
        self.problems.append({"field": field, "code": code, "message": str(message)})

    def warn(self, field: str, code: str, message: Any, *, note: bool = False) -> None:
        """Lets the row pass; with `note` only when the officer writes why."""
        finding = {"field": field, "code": code, "message": str(message), NOTE: note}
        self.warnings.append(finding)


Columns = Callable[[dict[str, Any]], Sequence[ExpectedColumn]]
Check = Callable[[ImportBatch, list[RowCheck]], None]
Accept = Callable[[ImportBatch, list[ImportRow], User, datetime], None]


@dataclass(frozen=True, kw_only=True)
class ImportPurpose:
    """One thing a list can be imported for.

    `columns(context)` names the columns; the keys the engine itself reads are in `columns.py`.
    `check(batch, checks)` adds problems and warnings per chunk (at most 500 rows); `row.person`
    is set when the register knows the NIK. `accept(batch, rows, by, at)` gets rows whose person
    is saved; `purposes.data_of(row)` gives their typed values. `finish(batch, by, at)` runs after
    the last chunk. With `about_people=False` the engine neither checks nor saves people.
    `about_places` has the place of a row resolved although it is no person.
    `context_form` is a form class made as `context_form(data, user=user)` with a method
    `context()` that gives the JSON-able context; its key `area_code` sets the area of the list.
    `weigh(batch, after, today)` runs when all rows are checked, in steps: it keeps what the list
    would change for the next people after that id and gives the last id, or None at the end.
    `prefill(context, user)` gives the rows of a filled template; the engine masks them.
    `template_title(context)` is what stands over a template whose columns follow the context.
    `keyed(values)` says what rows of one group, house or treasury have in common: the rows of a
    step find the others of the file by it (`outcomes.rows_alike`), wherever they stand.
    """

    key: str
    title: Any
    permission: Permission
    columns: Columns
    accept: Accept
    describe: Callable[[ImportBatch], str]
    done_url: Callable[[ImportBatch], str]
    check: Check | None = None
    finish: Callable[[ImportBatch, User, datetime], None] | None = None
    hint: Any = ""
    about_people: bool = True
    about_places: bool = False
    context_form: Any = None
    check_context: Callable[[dict[str, Any], datetime], None] | None = None
    template_choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    template_title: Callable[[dict[str, Any]], str] | None = None
    instructions: Sequence[Any] = ()
    prefill: Callable[[dict[str, Any], User], Iterable[Mapping[str, Written]]] | None = None
    effects: Callable[[ImportBatch], list[str]] | None = None
    causes: Mapping[str, Any] = field(default_factory=dict)
    weigh: Callable[[ImportBatch, int, date], int | None] | None = None
    keyed: Callable[[dict[str, Any]], str] | None = None


PURPOSES: dict[str, ImportPurpose] = {}


def register_purpose(purpose: ImportPurpose) -> None:
    """Name a purpose; an app does so in its AppConfig.ready()."""
    PURPOSES[purpose.key] = purpose


def purpose_of(key: str) -> ImportPurpose:
    """The purpose with this key; raises NotFound."""
    if key not in PURPOSES:
        raise NotFound("IMPORT-PURPOSE", _("Jenis impor ini tidak dikenal."))
    return PURPOSES[key]


def purposes_for(user: User) -> list[ImportPurpose]:
    """The purposes this user may import for, in the order they were named."""
    return [purpose for purpose in PURPOSES.values() if user.can(purpose.permission)]


def require_right(purpose: ImportPurpose, by: User) -> None:
    """Raises NotAllowed unless the user holds the purpose's own permission."""
    if not by.can(purpose.permission):
        raise NotAllowed("IMPORT-RIGHT", _("Anda tidak berhak memasukkan daftar jenis ini."))

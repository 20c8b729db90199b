"""Lists on their way in: upload, match the columns, check, decide. Purposes come from the apps."""

from __future__ import annotations

from beneficiaries.queries.rows import data_of, sheet_row
from beneficiaries.services.imports.accepting import (
    accept,
    accept_step,
    acceptable,
    cancel_accept,
    expire,
    has_problem_rows,
    refuse,
)
from beneficiaries.services.imports.checking import cancel_check, check_step
from beneficiaries.services.imports.columns import people_columns
from beneficiaries.services.imports.mapping import (
    may_be_mapped,
    set_mapping,
    suggested_code_system,
    suggested_relation_codes,
)
from beneficiaries.services.imports.purposes import (
    PURPOSES,
    ImportPurpose,
    RowCheck,
    purpose_of,
    purposes_for,
    register_purpose,
    require_right,
)
from beneficiaries.services.imports.staging import (
    original_file,
    prefilled_rows,
    record_download,
    start_import,
)

__all__ = [
    "PURPOSES",
    "ImportPurpose",
    "RowCheck",
    "accept",
    "accept_step",
    "acceptable",
    "cancel_accept",
    "cancel_check",
    "check_step",
    "data_of",
    "expire",
    "has_problem_rows",
    "may_be_mapped",
    "original_file",
    "people_columns",
    "prefilled_rows",
    "purpose_of",
    "purposes_for",
    "record_download",
    "refuse",
    "register_purpose",
    "require_right",
    "set_mapping",
    "sheet_row",
    "start_import",
    "suggested_code_system",
    "suggested_relation_codes",
]

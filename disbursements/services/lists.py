"""Pay lists from dry run to SP2D: the names other apps, pages, tasks and the API call."""

from __future__ import annotations

from disbursements.queries.comparing import DryRun, dry_run
from disbursements.services.approving import (
    approve,
    cancel,
    check,
    fingerprint,
    lock,
    record_sp2d,
    send_back,
    submit_for_approval,
    unlock,
    why_not_approve,
    why_not_check,
)
from disbursements.services.drawing import abandon, create_list, draw_step
from disbursements.services.exclusions import ExcludeOutcome, exclude, include_again
from disbursements.services.preflight import check_step, run_preflight

__all__ = [
    "DryRun",
    "ExcludeOutcome",
    "abandon",
    "approve",
    "cancel",
    "check",
    "check_step",
    "create_list",
    "draw_step",
    "dry_run",
    "exclude",
    "fingerprint",
    "include_again",
    "lock",
    "record_sp2d",
    "run_preflight",
    "send_back",
    "submit_for_approval",
    "unlock",
    "why_not_approve",
    "why_not_check",
]

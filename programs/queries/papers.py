"""Who of a decree lacks a required paper, and whom a verifier let through all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from programs.models import Decree, DecreeLine, EnrolmentDocument, ProgrammeVersion

# Who was found eligible without a paper has a note with the decision: the verifier's reason.
REASONED = ~Q(enrolment__decision_note="")


@dataclass(frozen=True)
class Lacking:
    """People of a decree without a required paper: nobody said why, or a verifier did."""

    bare: int = 0
    reasoned: int = 0

    @property
    def people(self) -> int:
        """All of them."""
        return self.bare + self.reasoned


def required_codes(version: ProgrammeVersion) -> Sequence[str]:
    """Codes of the papers that every proposal of a version needs."""
    return [str(row["code"]) for row in version.required_documents if row.get("required")]


def lacking_any(codes: Sequence[str]) -> Q:
    """Condition on lines of a decree: one of these papers was never added."""
    lacks = Q(pk__in=())
    for code in codes:
        added = EnrolmentDocument.objects.filter(enrolment=OuterRef("enrolment"), code=code)
        lacks |= Q(~Exists(added))
    return lacks


def lacking_papers(decree: Decree) -> Lacking:
    """How many of a decree lack a required paper; one query, none where nothing is required."""
    codes = required_codes(decree.version)
    if not codes:
        return Lacking()
    rows = DecreeLine.objects.filter(lacking_any(codes), decree=decree)
    found = rows.aggregate(all=Count("pk"), reasoned=Count("pk", filter=REASONED))
    return Lacking(bare=found["all"] - found["reasoned"], reasoned=found["reasoned"])

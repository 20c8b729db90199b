"""Reads of decrees: which one is in force, and how a new one differs from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from bansos.lib.money import number, rupiah
from bansos.regions.queries import names_of
from programs.choices import BenefitKind, DecreeState
from programs.models import Decree, DecreeLine, ProgrammeVersion


@dataclass(frozen=True)
class DifferenceLine:
    """One name that joins, leaves or changes; `words` says what changed or why."""

    enrolment_id: int
    name: str
    area_code: str
    words: str = ""


@dataclass(frozen=True)
class Difference:
    """A decree against the one it replaces; the first decree has nothing to compare with."""

    previous: Decree | None
    joined: Sequence[DifferenceLine] = field(default_factory=tuple)
    left: Sequence[DifferenceLine] = field(default_factory=tuple)
    changed: Sequence[DifferenceLine] = field(default_factory=tuple)
    same: int = 0


def decree_in_force(*, version: ProgrammeVersion, area_code: str) -> Decree | None:
    """The approved decree whose area covers the code; None when there is none."""
    prefixes = [area_code[:length] for length in (2, 5, 8, 13) if len(area_code) >= length]
    found: Decree | None = (
        Decree.objects.filter(version=version, area_code__in=prefixes, state=DecreeState.APPROVED)
        .order_by("-area_code")
        .first()
    )
    return found


def money_words(decree: Decree) -> list[str]:
    """How the amount of a decree came about, in sentences; empty where it is plainly set."""
    version = decree.version
    if decree.formula_budget is not None and decree.formula_amount is not None:
        return [
            _(
                "Besaran = pagu %(budget)s dibagi %(people)s penerima, dibulatkan ke bawah sampai"
                " sen: %(each)s setiap orang."
            )
            % {
                "budget": rupiah(decree.formula_budget),
                "people": number(decree.count),
                "each": rupiah(decree.formula_amount),
            }
            if decree.supersedes_id is None
            else _("Besaran %(each)s setiap orang, tetap seperti SK yang diubah.")
            % {"each": rupiah(decree.formula_amount)},
            _("Sisa pembagian %(rest)s tetap tersedia di pagu.")
            % {"rest": rupiah(decree.formula_remainder or Decimal(0))},
        ]
    if version.benefit_kind == BenefitKind.TARIFF and version.tariff is not None:
        return [
            _("Besaran %(each)s per %(unit)s, dibayar menurut satuan yang dicatat tiap bulan.")
            % {"each": rupiah(version.tariff), "unit": version.unit_label}
        ]
    return []


def formula_remainder(version: ProgrammeVersion) -> Decimal | None:
    """What the decrees in force left of the budgets they shared out; None: no formula."""
    rows = Decree.objects.filter(version=version, state=DecreeState.APPROVED)
    found: Decimal | None = rows.aggregate(total=Sum("formula_remainder"))["total"]
    return found


def _lines(decree: Decree) -> dict[int, DecreeLine]:
    return {row.enrolment_id: row for row in decree.lines.order_by("position")}


def _line(row: DecreeLine, words: str = "") -> DifferenceLine:
    return DifferenceLine(row.enrolment_id, row.name, row.area_code, words)


def _changes(before: DecreeLine, after: DecreeLine) -> str:
    changed = []
    for label, name in (("nama", "name"), ("alamat", "address"), ("jumlah", "annual_amount")):
        if getattr(before, name) != getattr(after, name):
            changed.append(label)
    return ", ".join(changed)


def decree_difference(decree: Decree, *, reasons: dict[str, str] | None = None) -> Difference:
    """Who joins, leaves and changes against the decree it replaces; two queries."""
    previous = decree.supersedes
    if previous is None:
        return Difference(previous=None)
    before, after = _lines(previous), _lines(decree)
    labels = reasons or {}
    joined = [_line(row) for pk, row in after.items() if pk not in before]
    left = []
    for pk, row in before.items():
        if pk not in after:
            why = str(decree.dropped.get(str(pk), {}).get("reason", ""))
            left.append(_line(row, labels.get(why, why)))
    both = [(before[pk], row) for pk, row in after.items() if pk in before]
    changed = [_line(new, words) for old, new in both if (words := _changes(old, new))]
    return Difference(
        previous=previous,
        joined=joined,
        left=left,
        changed=changed,
        same=len(both) - len(changed),
    )


def district_sums(decree: Decree) -> list[tuple[str, int, object]]:
    """(district name, people, rupiah) of a decree, by code."""
    rows = list(
        decree.lines.annotate(district=Substr("area_code", 1, 8))
        .values("district")
        .annotate(people=Count("pk"), amount=Sum("annual_amount"))
        .order_by("district")
    )
    names = names_of(row["district"] for row in rows)
    return [
        (names.get(row["district"], row["district"]), row["people"], row["amount"]) for row in rows
    ]

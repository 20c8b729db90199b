"""Which settings belong to which kind of benefit, and the amounts that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bansos.lib.money import SEN
from programs.choices import BenefitKind

# Settings of a version that only some kinds have; everything else belongs to all of them.
KIND_FIELDS: Mapping[str, tuple[str, ...]] = {
    BenefitKind.PER_STAGE: ("annual_amount", "rails", "bank_code", "account_code"),
    BenefitKind.ONCE: ("annual_amount", "rails", "bank_code", "account_code"),
    BenefitKind.FORMULA: ("formula_budget", "rails", "bank_code", "account_code"),
    BenefitKind.TARIFF: ("tariff", "unit_label", "rails", "bank_code", "account_code"),
    BenefitKind.GOODS: ("annual_amount", "account_code"),
    BenefitKind.SERVICE: (),
}
OWN_FIELDS = frozenset(name for names in KIND_FIELDS.values() for name in names)


def foreign_fields(kind: str) -> frozenset[str]:
    """The settings that have no meaning for this kind."""
    return OWN_FIELDS - set(KIND_FIELDS.get(kind, ()))


@dataclass(frozen=True)
class Share:
    """A budget over a number of people: amount each, rounded down to the sen, and what is left."""

    budget: Decimal
    people: int
    amount: Decimal
    remainder: Decimal


def share_out(budget: Decimal, people: int) -> Share:
    """BLT DBHCHT: amount = budget / verified recipients, to the sen and never above the budget.

    people x amount + remainder == budget and 0 <= remainder < people sen. Raises ValueError for
    nobody, or a budget that gives nobody a sen.
    """
    if people < 1:
        raise ValueError("A budget is shared among somebody.")
    amount = Decimal(int(budget / SEN) // people) * SEN  # in whole numbers, nothing is rounded
    if amount <= 0:
        raise ValueError("The budget gives nobody a sen.")
    return Share(budget, people, amount, budget - amount * people)

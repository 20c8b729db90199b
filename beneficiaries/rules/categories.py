"""Who may be of which PPKS category. Source: Permensos 8/2012."""

from __future__ import annotations

from bansos.lib.nik import FEMALE
from beneficiaries.choices import Ppks

CHILD = (6, 18)
AGES: dict[Ppks, tuple[int, int | None]] = {
    Ppks.NEGLECTED_TODDLER: (0, 5),
    Ppks.NEGLECTED_CHILD: CHILD,
    Ppks.CHILD_IN_LAW: CHILD,
    Ppks.STREET_CHILD: CHILD,
    Ppks.DISABLED_CHILD: CHILD,
    Ppks.ABUSED_CHILD: CHILD,
    Ppks.PROTECTED_CHILD: CHILD,
    Ppks.NEGLECTED_ELDER: (60, None),
}
SEXES = {Ppks.VULNERABLE_WOMAN: FEMALE}
# These say that a disability is there: its kind has to be recorded as well.
NEED_DISABILITY = (Ppks.DISABLED_CHILD, Ppks.DISABLED)
# Health, violence and children before the law (UU 27/2022 art. 4): never in lists or exports.
RESTRICTED = (
    Ppks.CHILD_IN_LAW,
    Ppks.ABUSED_CHILD,
    Ppks.SEX_WORKER,
    Ppks.HIV,
    Ppks.DRUG_VICTIM,
    Ppks.TRAFFICKING,
    Ppks.VIOLENCE,
)


def age_fits(code: Ppks, age: int | None) -> bool:
    """False when somebody of this age cannot be of the category; an unknown age fits."""
    youngest, oldest = AGES.get(code, (0, None))
    return age is None or (age >= youngest and (oldest is None or age <= oldest))


def sex_fits(code: Ppks, sex: str) -> bool:
    """False when somebody of this sex cannot be of the category; an unknown sex fits."""
    return not sex or SEXES.get(code, sex) == sex

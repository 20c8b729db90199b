"""What a version of a programme must hold before it may be used, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bansos.lib.money import number, rupiah
from programs.choices import FIXED_KINDS, BenefitKind, PayeeKind
from programs.rules.criteria import asks_group
from programs.rules.criteria_checks import criteria_problems

MOST_NAMED = 5
MOST_PLACES = 2_147_483_647  # what the columns of quotas hold


@dataclass(frozen=True, kw_only=True)
class VersionFacts:
    """The parts of a version that activation looks at."""

    year: int
    kind: str
    annual_amount: Decimal | None
    stages: Sequence[tuple[int, date, Decimal | None]]
    criteria: Sequence[Mapping[str, Any]]
    legal_basis: Sequence[str]
    formula_budget: Decimal | None = None
    tariff: Decimal | None = None
    unit_label: str = ""
    payee_kind: str = PayeeKind.PERSON


def activation_problems(version: VersionFacts) -> list[str]:
    """Why a version may not be used yet; empty when it may."""
    problems = criteria_problems(version.criteria)
    if not version.criteria:
        problems.append("Kriteria belum diisi.")
    if not problems and version.payee_kind != PayeeKind.GROUP and asks_group(version.criteria):
        problems.append("Kriteria menanyakan anggota, padahal penerima program ini bukan kelompok.")
    if not version.legal_basis:
        problems.append("Dasar hukum belum diisi.")
    problems += money_problems(version)
    outside = [number_ for number_, day, _a in version.stages if day.year != version.year]
    if outside:
        problems.append(f"Tanggal tahap {outside[0]} di luar tahun {version.year}.")
    days = [day for _n, day, _a in sorted(version.stages)]
    if days != sorted(days) or len(set(days)) != len(days):
        problems.append("Tanggal tahap belum berurutan.")
    return problems


def money_problems(version: VersionFacts) -> list[str]:
    """What is wrong with the amounts of a version; a rate still open is not wrong."""
    if version.kind in FIXED_KINDS:
        return _fixed_problems(version)
    if version.kind == BenefitKind.FORMULA:
        return _formula_problems(version)
    if version.kind == BenefitKind.TARIFF:
        return _tariff_problems(version)
    return []


def _formula_problems(version: VersionFacts) -> list[str]:
    if version.formula_budget is None:
        return ["Pagu yang dibagi belum diisi."]
    if len(version.stages) != 1:
        return ["Bantuan dari pagu dibagi jumlah penerima dibayar dalam tepat satu tahap."]
    return []


def _tariff_problems(version: VersionFacts) -> list[str]:
    problems = []
    if not version.unit_label:
        problems.append("Satuan tarif belum diisi.")
    # A tariff that nobody has fixed yet: lists are kept and proposals judged, a decree waits.
    if version.tariff is not None and not version.stages:
        problems.append("Tahap penyaluran belum diisi.")
    return problems


def _fixed_problems(version: VersionFacts) -> list[str]:
    if version.annual_amount is None:
        # A rate that nobody has fixed yet: people may be proposed and verified, a decree waits.
        if any(amount for _n, _d, amount in version.stages):
            return ["Besaran setahun belum diisi, padahal tahap sudah punya jumlah."]
        return []
    if not version.stages:
        return ["Tahap penyaluran belum diisi."]
    total = sum((amount or Decimal(0) for _n, _d, amount in version.stages), Decimal(0))
    if total != version.annual_amount:
        year_amount = rupiah(version.annual_amount)
        return [f"Jumlah semua tahap {rupiah(total)}, besaran setahun {year_amount}. Samakan dulu."]
    return []


def quota_problem(total: int | None, places: Sequence[int]) -> str:
    """A sentence when the regencies' places exceed the quota of the programme; "" when not."""
    taken = sum(places)
    if total is not None and taken > total:
        return (
            f"Jumlah kuota wilayah {number(taken)} melebihi kuota program {number(total)}."
            f" Kurangi {number(taken - total)}."
        )
    return ""


def sharing_problem(codes: Sequence[str], known: Sequence[str]) -> str:
    """A code of a shared target that no programme has, in one sentence; "" when all are known."""
    strange = [code for code in codes if code not in known]
    if not strange:
        return ""
    words = {"code": strange[0], "known": ", ".join(known)}
    if not known:
        return _("Target bersama menyebut %(code)s, tetapi belum ada program lain.") % words
    return (
        _("Kode program %(code)s pada target bersama tidak dikenal. Yang dikenal: %(known)s.")
        % words
    )


def target_words(minimum: int, counts: Mapping[str, int]) -> str:
    """One sentence on regencies below what each is to reach; "" when none is.

    counts: name of a regency -> people there, all that are looked at. The furthest come first.
    """
    below = sorted((have, name) for name, have in counts.items() if have < minimum)
    if not below:
        return ""
    if len(counts) == 1:
        [(have, name)] = below
        return _("%(name)s: %(have)s dari target paling sedikit %(minimum)s, kurang %(gap)s.") % {
            "name": name,
            "have": number(have),
            "minimum": number(minimum),
            "gap": number(minimum - have),
        }
    return _(
        "%(below)s dari %(all)s kabupaten/kota belum mencapai target paling sedikit %(minimum)s:"
        " %(named)s."
    ) % {
        "below": number(len(below)),
        "all": number(len(counts)),
        "minimum": number(minimum),
        "named": _named(below),
    }


def target_quota_words(
    minimum: int, *, total: int | None, regencies: int, places: Mapping[str, int]
) -> list[str]:
    """Where the quotas leave no room for the target of every regency, in sentences."""
    found = []
    if total is not None and total < minimum * regencies:
        words = {"total": number(total), "wanted": number(minimum * regencies)}
        found.append(
            _("Kuota program %(total)s, sedangkan target semua kabupaten/kota %(wanted)s.") % words
        )
    short = sorted((count, name) for name, count in places.items() if count < minimum)
    if short:
        found.append(_("Kuota di bawah target: %(named)s.") % {"named": _named(short)})
    return found


def _named(counts: Sequence[tuple[int, str]]) -> str:
    """The first few with their counts, and how many more there are."""
    named = ", ".join(f"{name} {number(count)}" for count, name in counts[:MOST_NAMED])
    more = len(counts) - MOST_NAMED
    return named + (_(", dan %(more)s lain") % {"more": number(more)} if more > 0 else "")


def reference_stage(days: Sequence[date], today: date) -> date | None:
    """The stage whose date decides ages: the next one not yet past, else the last; None: none."""
    coming = [day for day in sorted(days) if day >= today]
    if coming:
        return coming[0]
    return max(days, default=None)

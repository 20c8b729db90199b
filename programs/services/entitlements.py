"""What each enrolment may receive: the share of a decree's budget, units times a tariff.

Amounts that are the same for everybody stand on the stage; here are those that are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.lib.errors import BadInput, Refused
from bansos.lib.money import number, rupiah, to_sen
from programs.choices import BenefitKind, DecreeState
from programs.models import Decree, ProgrammeVersion, StageEntitlement
from programs.rules import share_out

ALIVE = (DecreeState.DRAFT, DecreeState.SUBMITTED, DecreeState.APPROVED)


@dataclass(frozen=True)
class DecreeMoney:
    """The amount per person a decree names, and of a formula its budget and remainder."""

    each: Decimal
    budget: Decimal | None = None
    remainder: Decimal | None = None


def decree_money(
    *,
    version: ProgrammeVersion,
    area_code: str,
    previous: Decree | None,
    people: int,
    budget: Decimal | None,
) -> DecreeMoney:
    """What a decree for so many people gives each of them.

    Call with the version held FOR UPDATE: two drafts share one budget. A tariff promises no
    amount, its units come later. Raises Refused while the amount is not known.
    """
    if version.benefit_kind == BenefitKind.FORMULA:
        if previous is not None and previous.formula_amount is not None:
            return _as_before(previous, people)
        return _first_share(version, area_code, people, budget)
    if version.is_rate_open:
        raise Refused(
            "DECREE-AMOUNT",
            _(
                "Besaran belum ditetapkan untuk %(name)s, jadi SK belum dapat disusun. Usulan dan"
                " hasil verifikasi aman. Isi besaran atau tarif dan tahapnya di halaman program."
            )
            % {"name": version},
        )
    return DecreeMoney(version.annual_amount or Decimal(0))


def _first_share(
    version: ProgrammeVersion, area_code: str, people: int, budget: Decimal | None
) -> DecreeMoney:
    whole = version.formula_budget
    if whole is None:
        raise Refused("DECREE-AMOUNT", _("Pagu yang dibagi program ini belum diisi."))
    if budget is None and area_code == version.area_code:
        budget = whole
    if budget is None or budget <= 0:
        sentence = _("Isi pagu yang dibagi untuk wilayah SK ini. SK belum disusun.")
        raise BadInput("DECREE-FORMULA", sentence, fields={"formula_budget": sentence})
    budget = to_sen(budget)
    taken = Decree.objects.filter(version=version, state__in=ALIVE).exclude(area_code=area_code)
    left = whole - (taken.aggregate(total=Sum("formula_budget"))["total"] or Decimal(0))
    if budget > left:
        sentence = _(
            "Pagu yang dibagi tinggal %(left)s, kurang %(short)s. SK belum disusun. Kurangi pagu"
            " SK ini atau tambah pagu program."
        ) % {"left": rupiah(left), "short": rupiah(budget - left)}
        raise Refused("DECREE-FORMULA-OVER", sentence, fields={"formula_budget": sentence})
    try:
        share = share_out(budget, people)
    except ValueError as error:
        raise Refused(
            "DECREE-FORMULA-SMALL",
            _("Pagu %(budget)s terlalu kecil untuk %(people)s orang. SK belum disusun.")
            % {"budget": rupiah(budget), "people": number(people)},
        ) from error
    return DecreeMoney(share.amount, share.budget, share.remainder)


def _as_before(previous: Decree, people: int) -> DecreeMoney:
    """An amendment keeps the amount that people were already promised, within the same budget."""
    each, budget = previous.formula_amount, previous.formula_budget
    if each is None or budget is None:
        raise ValueError("The decree before has no formula.")
    remainder = budget - each * people
    if remainder < 0:
        raise Refused(
            "DECREE-FORMULA-FULL",
            _(
                "Pagu %(budget)s dengan besaran %(each)s cukup untuk %(most)s orang, sedangkan SK"
                " perubahan ini memuat %(people)s. SK belum disusun. Hentikan dulu yang tidak lagi"
                " berhak, atau tunggu sampai ada tempat."
            )
            % {
                "budget": rupiah(budget),
                "each": rupiah(each),
                "most": number(int(budget // each)),
                "people": number(people),
            },
        )
    return DecreeMoney(each, budget, remainder)


def share_again(decree: Decree) -> None:
    """After somebody left a draft: the same budget over who is left; the caller saves the decree.

    An amendment keeps its amount, so its remainder grows instead.
    """
    budget, each = decree.formula_budget, decree.formula_amount
    if budget is None or each is None:
        return
    if decree.supersedes_id is None and decree.count:
        each = share_out(budget, decree.count).amount
        decree.lines.update(annual_amount=each)
    decree.formula_amount = each
    decree.total = each * decree.count
    decree.formula_remainder = budget - decree.total


def grant_shares(decree: Decree, *, by: User, at: datetime) -> int:
    """Write the share of everybody an approved formula decree names; how many are new.

    Who had one keeps it: an amendment does not change an amount.
    """
    if decree.formula_amount is None:
        return 0
    stage = decree.version.stages.get()
    known = StageEntitlement.objects.filter(stage=stage).values("enrolment_id")
    fresh = decree.lines.exclude(enrolment_id__in=known).values_list("enrolment_id", flat=True)
    rows = StageEntitlement.objects.bulk_create(
        (
            StageEntitlement(
                enrolment_id=pk,
                stage=stage,
                decree=decree,
                amount=decree.formula_amount,
                set_at=at,
                set_by=by,
            )
            for pk in fresh.order_by("position")
        ),
        batch_size=2000,
    )
    return len(rows)

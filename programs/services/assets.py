"""Writes of what a group owns: bought with the grant, looked at again and again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission as P
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.money import rupiah
from programs.choices import AssetCondition, PayeeKind
from programs.models import AssetCheck, Enrolment, GroupAsset
from programs.queries.assessing import grant_of
from programs.services.enrolments import check_reach


def _right(by: User, area_code: str) -> None:
    if not (by.can(P.PROPOSAL_SUBMIT) or by.can(P.PROPOSAL_VERIFY)):
        raise NotAllowed("ASSET-RIGHT", _("Peran Anda tidak mencatat aset kelompok."))
    check_reach(by=by, area_code=area_code)


@transaction.atomic
def add_asset(
    *,
    enrolment: Enrolment,
    name: str,
    quantity: int,
    value: Decimal,
    bought_on: date,
    by: User,
    at: datetime,
) -> GroupAsset:
    """Record what a group bought, in good condition that day.

    Raises Refused where no group is paid or nothing was granted yet, BadInput for a day before
    the grant or in the future, and when all assets together would be worth more than the grant.
    """
    row: Enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("version__programme__agency", "payee")
        .get(pk=enrolment.pk)
    )
    _right(by, row.area_code)
    if row.payee is None or row.payee.kind != PayeeKind.GROUP:
        raise Refused("ASSET-GROUP", _("Aset dicatat bagi kelompok. Usulan ini bukan kelompok."))
    if row.active_from is None:
        raise Refused("ASSET-ACTIVE", _("Kelompok ini belum ditetapkan, jadi belum ada aset."))
    wrong: dict[str, str] = {}
    if not row.active_from <= bought_on <= day_of(at, row.version.programme.agency.zone):
        wrong["bought_on"] = _("Tanggal beli harus antara hari penetapan dan hari ini.")
    grant = grant_of(row)
    spent = row.assets.aggregate(spent=Sum("value"))["spent"] or Decimal(0)
    if grant is not None and spent + value > grant:
        words = {"left": rupiah(max(grant - spent, Decimal(0)))}
        wrong["value"] = _("Melebihi bantuan; sisanya %(left)s.") % words
    if not name.strip() or quantity < 1 or value <= 0:
        wrong["name"] = _("Isi nama, banyaknya, dan nilainya.")
    if wrong:
        raise BadInput("ASSET-INPUT", _("Aset belum disimpan. Periksa isiannya."), fields=wrong)
    asset: GroupAsset = GroupAsset.objects.create(
        enrolment=row,
        payee=row.payee,
        area_code=row.area_code,
        name=name.strip()[:120],
        quantity=quantity,
        value=value,
        bought_on=bought_on,
        made_at=at,
        made_by=by,
    )
    AssetCheck.objects.create(
        asset=asset, condition=AssetCondition.GOOD, checked_on=bought_on, made_at=at, made_by=by
    )
    audit.record(verb="programs.add_asset", by=by, at=at, target=row, asset=asset.pk, value=value)
    return asset


@transaction.atomic
def check_asset(
    *, asset: GroupAsset, condition: str, checked_on: date, note: str, by: User, at: datetime
) -> AssetCheck:
    """Record the condition an asset was found in; what is not good says why."""
    _right(by, asset.area_code)
    wrong: dict[str, str] = {}
    if condition not in AssetCondition.values:
        wrong["condition"] = _("Pilih keadaannya.")
    if condition != AssetCondition.GOOD and not note.strip():
        wrong["note"] = _("Tulis apa yang terjadi.")
    zone = asset.enrolment.version.programme.agency.zone
    if not asset.bought_on <= checked_on <= day_of(at, zone):
        wrong["checked_on"] = _("Tanggal dilihat harus antara hari beli dan hari ini.")
    if wrong:
        raise BadInput("ASSET-CHECK", _("Keadaan belum disimpan. Periksa isiannya."), fields=wrong)
    row: AssetCheck = AssetCheck.objects.create(
        asset=asset,
        condition=condition,
        checked_on=checked_on,
        note=note.strip()[:300],
        made_at=at,
        made_by=by,
    )
    audit.record(
        verb="programs.check_asset",
        by=by,
        at=at,
        target=asset.enrolment,
        asset=asset.pk,
        condition=condition,
    )
    return row

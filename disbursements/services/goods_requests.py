"""What a recipient asks for: the kind of business that decides the package."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, Refused
from disbursements.choices import HandoverState
from disbursements.models import GoodsItem, GoodsRequest
from disbursements.queries.goods import below_words, kind_word, kinds_of, packages
from disbursements.services.moves import require_right
from programs.choices import ENDED, BenefitKind
from programs.models import Enrolment, ProgrammeVersion
from programs.rules.assessing import amount_of
from programs.services.enrolments import check_reach


@transaction.atomic
def request_goods(
    *, enrolment: Enrolment, business_kind: str, by: User, at: datetime
) -> GoodsRequest:
    """Record, or change, the kind of business somebody asks goods for.

    Raises BadInput for a kind without a package, Refused for a package below the value the
    programme gives and once the goods are handed over.
    """
    require_right(by, Permission.PROPOSAL_SUBMIT)
    check_reach(by=by, area_code=enrolment.area_code)
    row = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    if row.version.benefit_kind != BenefitKind.GOODS or row.state in ENDED:
        raise Refused("GOODS-REQUEST", _("Permintaan barang hanya untuk usulan barang yang jalan."))
    if row.handovers.filter(state=HandoverState.HANDED).exists():
        raise Refused("GOODS-ONCE", _("Barang penerima ini sudah diserahkan. Buka BAST-nya."))
    if business_kind not in kinds_of(row.version):
        sentence = _("Pilih jenis usaha yang paketnya sudah disusun untuk program ini.")
        raise BadInput("GOODS-KIND-OF", sentence, fields={"business_kind": sentence})
    check_value(row.version, business_kind)
    made, _new = GoodsRequest.objects.update_or_create(
        enrolment=row,
        defaults={
            "area_code": row.area_code,
            "business_kind": business_kind,
            "made_at": at,
            "made_by": by,
        },
    )
    audit.record(
        verb="disbursements.request_goods", by=by, at=at, target=row, business_kind=business_kind
    )
    return made


def check_value(version: ProgrammeVersion, kind: str) -> None:
    """Raises Refused while the package of a kind is worth less than the programme's lower bound."""
    lowest, value = amount_of(version.plan_rules.get("lowest")), packages(version).get(kind)
    if lowest is not None and value is not None and value < lowest:
        gap = below_words(kind_word(version, kind), value, lowest)
        more = _("Tidak ada yang disimpan. Minta staf program melengkapi isi paketnya.")
        raise Refused("GOODS-BELOW", f"{gap} {more}")


def package_of(enrolment: Enrolment) -> list[GoodsItem]:
    """What one recipient gets: what everybody gets, and what their kind of business gets.

    Raises Refused while the programme has packages by business and nobody asked for one, and
    for a package below the value the programme gives.
    """
    items = GoodsItem.objects.filter(version=enrolment.version_id)
    kinds = [""]
    if items.exclude(business_kind="").exists():
        asked = GoodsRequest.objects.filter(enrolment=enrolment).first()
        if asked is None:
            raise Refused(
                "GOODS-NO-REQUEST",
                _("Jenis usaha penerima ini belum diminta. Catat dulu permintaannya."),
            )
        kinds.append(asked.business_kind)
    check_value(enrolment.version, kinds[-1])
    return list(items.filter(business_kind__in=kinds).order_by("pk"))

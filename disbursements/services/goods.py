"""Goods: lots come in, stock moves, a package is handed over once with photo and signature."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.documents.services import next_number
from bansos.lib.crypto import seal_bytes
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, Refused, Stale
from bansos.lib.money import number, rupiah, to_sen
from bansos.regions.queries import name_of
from disbursements.choices import HandoverState, StockKind
from disbursements.models import (
    GoodsItem,
    GoodsLot,
    Handover,
    HandoverLine,
    Stock,
    StockMove,
    Warehouse,
)
from disbursements.queries.goods import dearest_package
from disbursements.services.goods_requests import package_of
from disbursements.services.moves import require_right
from programs.choices import BenefitKind, EnrolmentState
from programs.models import Enrolment, ProgrammeVersion, ProxyGrant
from programs.rules.assessing import coded_kinds
from programs.services.enrolments import check_reach
from programs.services.papers import LARGEST, known_mime
from programs.services.proxies import proxy_on

PHOTO, SIGNATURE = "disbursements_handover.photo", "disbursements_handover.signature"
PICTURES = ("image/jpeg", "image/png")
SEQUENCE = "disbursements.handover"


@transaction.atomic
def save_item(
    *,
    version: ProgrammeVersion,
    name: str,
    unit: str,
    quantity: int,
    unit_price: Decimal,
    by: User,
    at: datetime,
    business_kind: str = "",
) -> GoodsItem:
    """Put one thing into a package of a goods programme, or change it while no lot is bought.

    With a kind of business it is only for recipients who asked for that kind: one of the kinds of
    the programme where it names them. Raises Refused when a package would be worth more than the
    programme gives each recipient; one that is worth less is refused when somebody is to get it.
    """
    require_right(by, Permission.PAYLIST_PREPARE)
    check_reach(by=by, area_code=version.area_code)
    version = ProgrammeVersion.objects.select_for_update().get(pk=version.pk)
    if version.benefit_kind != BenefitKind.GOODS:
        raise Refused("GOODS-KIND", _("Isi paket hanya untuk program yang memberi barang."))
    if not name.strip() or not unit.strip() or quantity < 1 or unit_price <= 0:
        raise BadInput("GOODS-ITEM", _("Isi nama, satuan, jumlah, dan harga satuan barang."))
    business_kind = " ".join(business_kind.split())[:60]
    coded = coded_kinds(version.plan_rules)
    if coded and business_kind and business_kind not in coded:
        sentence = _("Pilih salah satu jenis usaha program ini.")
        raise BadInput("GOODS-KIND-OF", sentence, fields={"business_kind": sentence})
    same: dict[str, Any] = {
        "version": version,
        "business_kind": business_kind,
        "name": name.strip(),
    }
    known = GoodsItem.objects.filter(**same).first()
    if known is not None and known.lots.exists():
        raise Refused("GOODS-BOUGHT", _("Barang ini sudah dibeli, jadi tidak dapat diubah."))
    row, _made = GoodsItem.objects.update_or_create(
        **same,
        defaults={"unit": unit.strip(), "quantity": quantity, "unit_price": to_sen(unit_price)},
    )
    total, limit = dearest_package(version), version.annual_amount
    if limit is not None and total > limit:
        raise Refused(
            "GOODS-LIMIT",
            _("Nilai paket %(total)s melebihi %(limit)s per penerima. Barang belum disimpan.")
            % {"total": rupiah(total), "limit": rupiah(limit)},
        )
    audit.record(
        verb="disbursements.save_item", by=by, at=at, target=version, item=row.pk, value=row.value
    )
    return row


@transaction.atomic
def open_warehouse(*, name: str, area_code: str, by: User, at: datetime) -> Warehouse:
    """A place for goods in the user's area."""
    require_right(by, Permission.PAYLIST_PREPARE)
    check_reach(by=by, area_code=area_code)
    if not name.strip():
        raise BadInput("GOODS-WAREHOUSE", _("Isi nama gudang."))
    try:
        with transaction.atomic():
            row = Warehouse.objects.create(
                name=name.strip()[:120], area_code=area_code, made_at=at, made_by=by
            )
    except IntegrityError as error:
        raise Refused("GOODS-WAREHOUSE", _("Gudang itu sudah ada.")) from error
    audit.record(verb="disbursements.open_warehouse", by=by, at=at, target=row)
    return row


@transaction.atomic
def receive_lot(
    *,
    item: GoodsItem,
    warehouse: Warehouse,
    vendor: str,
    contract_number: str,
    received_on: date,
    unit_price: Decimal,
    quantity: int,
    by: User,
    at: datetime,
) -> GoodsLot:
    """Record what a vendor delivered; all of it lies in the warehouse then."""
    require_right(by, Permission.PAYLIST_PREPARE)
    check_reach(by=by, area_code=warehouse.area_code)
    if not vendor.strip() or not contract_number.strip() or quantity < 1 or unit_price <= 0:
        raise BadInput("GOODS-LOT", _("Isi penyedia, nomor kontrak, jumlah, dan harga satuan lot."))
    if received_on > day_of(at):
        raise BadInput("GOODS-LOT-DATE", _("Tanggal terima tidak boleh di masa depan."))
    try:
        with transaction.atomic():
            lot = GoodsLot.objects.create(
                item=item,
                area_code=warehouse.area_code,
                vendor=vendor.strip()[:150],
                contract_number=contract_number.strip()[:80],
                received_on=received_on,
                unit_price=to_sen(unit_price),
                quantity=quantity,
                made_at=at,
                made_by=by,
            )
    except IntegrityError as error:
        raise Refused(
            "GOODS-LOT-ONCE", _("Lot dengan nomor kontrak itu sudah dicatat untuk barang ini.")
        ) from error
    stock = _stock(warehouse, lot)
    _shift(stock, quantity, StockKind.RECEIVE, f"lot:{lot.pk}", by=by, at=at, note=lot.vendor)
    audit.record(verb="disbursements.receive_lot", by=by, at=at, target=lot, quantity=quantity)
    return lot


@transaction.atomic
def transfer(
    *, stock: Stock, to: Warehouse, quantity: int, note: str, by: User, at: datetime
) -> Stock:
    """Bring units of a lot to another warehouse. Raises Refused when there are too few."""
    require_right(by, Permission.PAYLIST_PREPARE)
    check_reach(by=by, area_code=stock.area_code)
    check_reach(by=by, area_code=to.area_code)
    if quantity < 1 or to.pk == stock.warehouse_id:
        raise BadInput("GOODS-TRANSFER", _("Isi jumlah dan gudang tujuan yang lain."))
    target = _stock(to, stock.lot)
    # Held in one order, so that each of two hands counts the moves of the other.
    held = Stock.objects.select_for_update().filter(pk__in=[stock.pk, target.pk])
    list(held.order_by("pk").values_list("pk"))
    place = stock.moves.count() + target.moves.count()
    key = f"move:{stock.pk}:{target.pk}:{place}"
    _shift(stock, -quantity, StockKind.OUT, f"{key}:out", by=by, at=at, note=note)
    _shift(target, quantity, StockKind.IN, f"{key}:in", by=by, at=at, note=note)
    audit.record(
        verb="disbursements.transfer_goods", by=by, at=at, target=stock.lot, quantity=quantity
    )
    return target


def _stock(warehouse: Warehouse, lot: GoodsLot) -> Stock:
    row, _made = Stock.objects.get_or_create(
        warehouse=warehouse, lot=lot, defaults={"area_code": warehouse.area_code}
    )
    return row


def _shift(
    stock: Stock,
    quantity: int,
    kind: StockKind,
    key: str,
    *,
    by: User,
    at: datetime,
    note: str = "",
    handover: Handover | None = None,
) -> None:
    """Move stock once, by a conditional UPDATE beside its movement."""
    rows = Stock.objects.filter(pk=stock.pk)
    if quantity < 0:
        rows = rows.filter(quantity__gte=-quantity)
    if rows.update(quantity=F("quantity") + quantity) != 1:
        raise _too_few(stock.lot.item, -quantity)
    StockMove.objects.create(
        key=key,
        stock=stock,
        kind=kind,
        quantity=quantity,
        handover=handover,
        note=note[:200],
        at=at,
        by=by,
    )


def _too_few(item: GoodsItem, needed: int) -> Refused:
    return Refused(
        "GOODS-STOCK",
        _(
            "Stok %(item)s di gudang ini kurang dari %(needed)s. Tidak ada yang berubah. Pindahkan"
            " stok dari gudang lain atau catat lot baru."
        )
        % {"item": item.name, "needed": number(needed)},
    )


@dataclass(frozen=True)
class Proof:
    """The two pictures of a hand-over: as the phone sent them."""

    photo: bytes
    signature: bytes


@transaction.atomic
def hand_over(
    *,
    enrolment: Enrolment,
    warehouse: Warehouse,
    proof: Proof,
    handed_on: date,
    by: User,
    at: datetime,
    by_proxy: bool = False,
) -> Handover:
    """Give a recipient the whole package of their programme, once.

    Oldest lots first. With `by_proxy` who holds a letter on that day received it for them. Raises
    Refused when the recipient has it already, is not determined, or the stock does not hold the
    package, BadInput when nobody holds a letter.
    """
    require_right(by, Permission.PROPOSAL_SUBMIT)
    check_reach(by=by, area_code=enrolment.area_code)
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("version__programme__agency", "person")
        .get(pk=enrolment.pk)
    )
    _check_recipient(enrolment, handed_on, at)
    if not enrolment.area_code.startswith(warehouse.area_code):
        raise Refused("GOODS-PLACE", _("Gudang itu untuk wilayah lain. Pilih gudang lain."))
    photo, signature = _picture(proof.photo, "photo"), _picture(proof.signature, "signature")
    items = package_of(enrolment)
    if not items:
        raise Refused("GOODS-EMPTY", _("Isi paket program ini belum ditetapkan."))
    proxy = _holder(enrolment, handed_on) if by_proxy else None
    agency = enrolment.version.programme.agency
    sequence = next_number(agency=agency, kind=SEQUENCE, on=handed_on)
    try:
        with transaction.atomic():
            row = Handover.objects.create(
                enrolment=enrolment,
                warehouse=warehouse,
                area_code=enrolment.area_code,
                number=f"BAST/{agency.area_code}/{handed_on.year}/{sequence:06d}",
                handed_on=handed_on,
                receiver_name=proxy.name if proxy else enrolment.person.name,
                proxy=proxy,
                value=Decimal(0),
                photo=seal_bytes(proof.photo, context=PHOTO),
                photo_mime=photo,
                photo_sha256=hashlib.sha256(proof.photo).hexdigest(),
                signature=seal_bytes(proof.signature, context=SIGNATURE),
                signature_mime=signature,
                signature_sha256=hashlib.sha256(proof.signature).hexdigest(),
                handed_at=at,
                handed_by=by,
            )
    except IntegrityError as error:
        if "goods_handed_over_once" not in str(error):
            raise
        raise _handed() from error
    row.value = sum((_give(row, item, item.quantity, by=by, at=at) for item in items), Decimal(0))
    row.save(update_fields=["value"])
    audit.record(
        verb="disbursements.hand_over", by=by, at=at, target=row, number=row.number, value=row.value
    )
    return row


def _holder(enrolment: Enrolment, on: date) -> ProxyGrant:
    proxy = proxy_on(enrolment, on)
    if proxy is None:
        sentence = _("Tidak ada surat kuasa yang berlaku pada hari itu. Catat dulu di usulannya.")
        raise BadInput("GOODS-PROXY", sentence, fields={"by_proxy": sentence})
    return proxy


def _handed() -> Refused:
    return Refused(
        "GOODS-ONCE",
        _("Barang penerima ini sudah diserahkan. Tidak ada yang berubah. Buka BAST-nya."),
    )


def _check_recipient(enrolment: Enrolment, handed_on: date, at: datetime) -> None:
    if enrolment.state != EnrolmentState.ACTIVE:
        raise Refused("GOODS-STATE", _("Penerima ini belum ditetapkan atau sudah berhenti."))
    if enrolment.person.died_on is not None:
        raise Refused("GOODS-DIED", _("Penerima ini tercatat meninggal. Barang tidak diserahkan."))
    today = day_of(at, enrolment.version.programme.agency.zone)
    if handed_on > today or (enrolment.active_from and handed_on < enrolment.active_from):
        raise BadInput(
            "GOODS-DATE",
            _("Tanggal serah terima harus di antara tanggal SK dan hari ini."),
            fields={"handed_on": _("Periksa tanggalnya.")},
        )
    if enrolment.handovers.filter(state=HandoverState.HANDED).exists():
        raise _handed()


def _picture(content: bytes, name: str) -> str:
    """JPEG or PNG by its first bytes, not empty and not above 10 MB."""
    sentence = ""
    if not content:
        sentence = _("Foto dan tanda tangan wajib ada. Serah terima belum disimpan.")
    elif len(content) > LARGEST:
        sentence = _("Berkas lebih besar dari 10 MB. Perkecil fotonya, lalu unggah lagi.")
    elif known_mime(content) not in PICTURES:
        sentence = _("Foto dan tanda tangan harus gambar JPEG atau PNG.")
    if sentence:
        raise BadInput("GOODS-PICTURE", sentence, fields={name: sentence})
    return known_mime(content)


def _give(row: Handover, item: GoodsItem, quantity: int, *, by: User, at: datetime) -> Decimal:
    """Take units of a thing from the oldest lots of the warehouse; their value.

    The rows are held in the order of their lots, so that two hands wait for each other.
    """
    left, value = quantity, Decimal(0)
    for stock in _oldest(row.warehouse, item):
        part = min(left, stock.quantity)
        if not part:
            continue
        key = f"give:{row.pk}:{stock.pk}"
        _shift(stock, -part, StockKind.HAND_OVER, key, by=by, at=at, handover=row)
        HandoverLine.objects.create(
            handover=row,
            lot=stock.lot,
            quantity=part,
            unit_price=stock.lot.unit_price,
        )
        value += stock.lot.unit_price * part
        left -= part
        if not left:
            return value
    raise _too_few(item, quantity)


def _oldest(warehouse: Warehouse, item: GoodsItem) -> Sequence[Stock]:
    rows = Stock.objects.select_for_update(of=("self",)).filter(
        warehouse=warehouse, lot__item=item, quantity__gt=0
    )
    return list(rows.select_related("lot__item").order_by("lot__received_on", "lot_id"))


@transaction.atomic
def take_back(*, handover: Handover, reason: str, by: User, at: datetime) -> Handover:
    """All goods of a hand-over come back into its warehouse; the recipient may get them again."""
    require_right(by, Permission.PAYLIST_PREPARE)
    check_reach(by=by, area_code=handover.area_code)
    if not reason.strip():
        raise BadInput("GOODS-REASON", _("Isi alasan barang kembali."))
    changed = Handover.objects.filter(pk=handover.pk, state=HandoverState.HANDED).update(
        state=HandoverState.RETURNED,
        returned_at=at,
        returned_by=by,
        return_reason=reason.strip()[:200],
    )
    if changed != 1:
        raise Stale("GOODS-BACK", _("Barang ini sudah kembali. Muat ulang halamannya."))
    for line in handover.lines.filter(replaced_by=None).select_related("lot__item").order_by("pk"):
        stock = _stock(handover.warehouse, line.lot)
        key = f"back:{handover.pk}:{line.pk}"
        _shift(
            stock, line.quantity, StockKind.BACK, key, by=by, at=at, note=reason, handover=handover
        )
    audit.record(
        verb="disbursements.take_back", by=by, at=at, target=handover, number=handover.number
    )
    handover.refresh_from_db()
    return handover


@transaction.atomic
def replace(*, line: HandoverLine, reason: str, by: User, at: datetime) -> Handover:
    """Give the same number of units anew for broken ones, which are written off; once per line."""
    require_right(by, Permission.PAYLIST_PREPARE)
    row: Handover = Handover.objects.select_for_update().get(pk=line.handover_id)
    check_reach(by=by, area_code=row.area_code)
    if not reason.strip():
        raise BadInput("GOODS-REASON", _("Isi alasan penggantian."))
    if row.state != HandoverState.HANDED or HandoverLine.objects.filter(replaces=line).exists():
        raise Stale("GOODS-REPLACED", _("Barang ini sudah diganti atau sudah kembali."))
    stocks = [s for s in _oldest(row.warehouse, line.lot.item) if s.quantity >= line.quantity]
    if not stocks:
        raise _too_few(line.lot.item, line.quantity)
    stock = stocks[0]
    _shift(
        stock,
        -line.quantity,
        StockKind.REPLACE,
        f"replace:{line.pk}",
        by=by,
        at=at,
        note=reason,
        handover=row,
    )
    HandoverLine.objects.create(
        handover=row,
        lot=stock.lot,
        quantity=line.quantity,
        unit_price=stock.lot.unit_price,
        replaces=line,
        replace_reason=reason.strip()[:200],
    )
    audit.record(verb="disbursements.replace_goods", by=by, at=at, target=row, number=row.number)
    return row


def place_of(warehouse: Warehouse) -> str:
    """The warehouse with its area, as a choice shows it."""
    return f"{warehouse.name}, {name_of(warehouse.area_code)}"

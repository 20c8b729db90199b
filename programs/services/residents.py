"""Tariff x days: the residents' list of an institution fills the units of a month; receipts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.crypto import open_bytes, seal_bytes
from bansos.lib.dates import day_of, long_date
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.money import number, to_sen
from beneficiaries.choices import PayeeType
from beneficiaries.models import Institution
from beneficiaries.queries.payees import stays_in
from beneficiaries.rules.institutions import month_of
from programs.models import Enrolment, Receipt, Stage, StageEntitlement, UnitStay
from programs.services.enrolments import check_reach
from programs.services.papers import LARGEST, mime_of
from programs.services.units import record_units

CONTEXT = "programs_receipt.sealed_file"


@transaction.atomic
def fill_units(
    *, enrolment: Enrolment, stage: Stage, month: date, by: User, at: datetime
) -> StageEntitlement:
    """Count a month from the residents' list of the paid institution and keep the list as it is.

    Filling again counts again. Raises Refused for another payee than an institution, a month that
    is not over, and a resident who was counted in another institution on the same day.
    """
    institution = _institution(enrolment)
    last = month_of(month)[1]
    if day_of(at, stage.version.programme.agency.zone) <= last:
        raise Refused(
            "UNITS-EARLY",
            _("Bulan ini belum berakhir. Hitung dari daftar penghuni sesudah %(day)s.")
            % {"day": long_date(last)},
        )
    stays = stays_in(institution, month)
    people = len({stay.person.pk for stay in stays})
    row = record_units(
        enrolment=enrolment,
        stage=stage,
        month=month,
        units=sum(stay.days for stay in stays),
        source=_("Daftar penghuni %(name)s, %(people)s orang")
        % {"name": institution.payee.name[:80], "people": number(people)},
        by=by,
        at=at,
    )
    count = row.counts.get(month=month)
    try:
        with transaction.atomic():
            UnitStay.objects.bulk_create(
                UnitStay(
                    count=count,
                    institution=institution,
                    person=stay.person,
                    first=stay.first,
                    last=stay.last,
                )
                for stay in stays
            )
    except IntegrityError as error:
        raise Refused(
            "RESIDENT-COUNTED-TWICE",
            _(
                "Seorang penghuni sudah dihitung di lembaga lain pada hari yang sama. Bulan ini"
                " belum dihitung. Betulkan tanggal keluar di lembaga itu dan hitung lagi"
                " satuannya, lalu ulangi di sini."
            ),
        ) from error
    return row


def _institution(enrolment: Enrolment) -> Institution:
    payee = enrolment.payee
    if payee is None or payee.kind != PayeeType.INSTITUTION:
        raise Refused(
            "UNITS-NO-HOUSE",
            _("Penerima ini bukan lembaga, jadi tidak punya daftar penghuni. Isi satuannya."),
        )
    found: Institution = payee.institution
    return found


@dataclass(frozen=True, kw_only=True)
class ReceiptValues:
    """What stands on a receipt."""

    month: date
    number: str
    seller: str
    issued_on: date
    amount: Decimal
    content: bytes


@transaction.atomic
def add_receipt(
    *, entitlement: StageEntitlement, values: ReceiptValues, by: User, at: datetime
) -> Receipt:
    """Keep one receipt with its picture. Raises BadInput for a bad one, Refused for the same twice.

    Its month is one that was counted for the entitlement.
    """
    enrolment = entitlement.enrolment
    check_reach(by=by, area_code=enrolment.area_code)
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("RECEIPT-RIGHT", _("Kuitansi dicatat oleh petugas kabupaten/kota."))
    _check_receipt(entitlement, values, at)
    try:
        with transaction.atomic():
            row = Receipt.objects.create(
                entitlement=entitlement,
                area_code=enrolment.area_code,
                month=values.month,
                number=values.number.strip()[:60],
                seller=values.seller.strip()[:120],
                issued_on=values.issued_on,
                amount=to_sen(values.amount),
                mime=mime_of(values.content),
                sha256=hashlib.sha256(values.content).hexdigest(),
                sealed_file=seal_bytes(values.content, context=CONTEXT),
                added_at=at,
                added_by=by,
            )
    except IntegrityError as error:
        raise Refused(
            "RECEIPT-TWICE",
            _("Kuitansi dengan nomor itu dari penjual yang sama sudah dicatat."),
        ) from error
    audit.record(
        verb="programs.add_receipt", by=by, at=at, target=enrolment, amount=row.amount, row=row.pk
    )
    return row


def _check_receipt(entitlement: StageEntitlement, values: ReceiptValues, at: datetime) -> None:
    name, sentence = "", ""
    if not values.number.strip() or not values.seller.strip() or values.amount <= 0:
        name, sentence = "number", _("Isi nomor, penjual, dan jumlah kuitansi.")
    elif values.issued_on > day_of(at):
        name, sentence = "issued_on", _("Tanggal kuitansi tidak boleh di masa depan.")
    elif not entitlement.counts.filter(month=values.month).exists():
        name, sentence = "month", _("Bulan itu belum dihitung untuk penerima ini.")
    elif not values.content or len(values.content) > LARGEST:
        name, sentence = "file", _("Unggah foto atau PDF kuitansi, paling besar 10 MB.")
    if sentence:
        raise BadInput("RECEIPT", sentence, fields={name: sentence})


@transaction.atomic
def cancel_receipt(*, receipt: Receipt, reason: str, by: User, at: datetime) -> Receipt:
    """Take a wrong receipt out of the sum; it stays readable. Raises Stale when it is out."""
    check_reach(by=by, area_code=receipt.area_code)
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("RECEIPT-RIGHT", _("Kuitansi dicatat oleh petugas kabupaten/kota."))
    if not reason.strip():
        raise BadInput("RECEIPT-REASON", _("Isi alasan pembatalan kuitansi."))
    changed = Receipt.objects.filter(pk=receipt.pk, cancelled_at=None).update(
        cancelled_at=at, cancelled_by=by, cancel_reason=reason.strip()[:200]
    )
    if changed != 1:
        raise Stale("RECEIPT-GONE", _("Kuitansi ini sudah dibatalkan. Muat ulang halamannya."))
    audit.record(
        verb="programs.cancel_receipt",
        by=by,
        at=at,
        target=receipt.entitlement.enrolment,
        row=receipt.pk,
    )
    receipt.refresh_from_db()
    return receipt


@transaction.atomic
def open_receipt(*, receipt: Receipt, by: User, at: datetime) -> bytes:
    """The picture as it was given, checked against its hash; the opening is recorded."""
    check_reach(by=by, area_code=receipt.area_code)
    content = open_bytes(bytes(receipt.sealed_file), context=CONTEXT)
    if hashlib.sha256(content).hexdigest() != receipt.sha256:
        raise Refused(
            "RECEIPT-HASH",
            _("Kuitansi tersimpan rusak, jadi tidak dibuka. Hubungi petugas TI."),
        )
    audit.record(
        verb="programs.open_receipt",
        by=by,
        at=at,
        target=receipt.entitlement.enrolment,
        row=receipt.pk,
    )
    return content

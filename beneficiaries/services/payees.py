"""Writes on payees: governments, institutions with their accreditation, accounts of any payee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.crypto import blind_index
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.nik import clean_digits
from bansos.lib.scopes import covers
from bansos.regions.choices import Level
from bansos.regions.models import Region
from beneficiaries.choices import AccountState, Grade, InstitutionKind, PayeeType
from beneficiaries.models import (
    Accreditation,
    BankAccount,
    GovernmentPayee,
    GroupMember,
    Institution,
    Payee,
    Person,
)
from beneficiaries.rules import account_is_sound
from beneficiaries.rules.groups import SIGNATORIES
from beneficiaries.rules.institutions import last_valid_day


@dataclass(frozen=True, kw_only=True)
class InstitutionValues:
    """What is said about an institution; an unknown capacity is None."""

    name: str
    kind: InstitutionKind
    village_id: str
    address: str = ""
    registration_number: str = ""
    head_name: str = ""
    capacity: int | None = None


def require_area(by: User, area_code: str) -> None:
    """Raises NotAllowed when the place lies outside the user's area."""
    if not covers(by.area_code, area_code):
        raise NotAllowed(
            "PAYEE-AREA",
            _("Tempat ini di luar wilayah Anda. Tidak ada yang disimpan. Pilih tempat lain."),
        )


def add_payee(
    *,
    kind: PayeeType,
    name: str,
    area_code: str,
    address: str = "",
    village_id: str | None = None,
    by: User,
    at: datetime,
) -> Payee:
    """The anchor of a group, institution or government; the caller adds its one-to-one row.

    Raises NotAllowed outside the area, BadInput without a name or when the place has one like it.
    """
    name = " ".join(name.split())[:150]
    require_area(by, area_code)
    _check_name(kind, name, area_code)
    return Payee.objects.create(
        kind=kind,
        name=name,
        address=address[:250],
        village_id=village_id,
        area_code=area_code,
        created_at=at,
        created_by=by,
    )


def _check_name(kind: PayeeType, name: str, area_code: str, but: int | None = None) -> None:
    sentence = "" if name else _("Nama belum diisi.")
    twins = Payee.objects.annotate(upper=Upper("name")).filter(
        kind=kind, area_code=area_code, closed_on=None, upper=name.upper()
    )
    if name and twins.exclude(pk=but).exists():
        sentence = _("Nama ini sudah tercatat di tempat yang sama. Tidak ada yang disimpan.")
    if sentence:
        raise BadInput("PAYEE-NAME", sentence, fields={"name": sentence})


@transaction.atomic
def register_institution(*, values: InstitutionValues, by: User, at: datetime) -> Institution:
    """Add an institution. Raises what add_payee() raises."""
    payee = add_payee(
        kind=PayeeType.INSTITUTION,
        name=values.name,
        area_code=values.village_id,
        village_id=values.village_id,
        address=values.address,
        by=by,
        at=at,
    )
    row = Institution.objects.create(
        payee=payee,
        kind=values.kind,
        registration_number=values.registration_number[:80],
        head_name=values.head_name[:150],
        capacity=values.capacity,
    )
    audit.record(verb="beneficiaries.register_payee", by=by, at=at, target=payee, kind=payee.kind)
    return row


@transaction.atomic
def change_institution(
    *, institution: Institution, values: InstitutionValues, by: User, at: datetime
) -> Institution:
    """Correct what is said about an institution; the trail names the changed fields."""
    row: Institution = Institution.objects.select_for_update().get(pk=institution.pk)
    payee: Payee = Payee.objects.select_for_update().get(pk=row.pk)
    require_area(by, payee.area_code)
    require_area(by, values.village_id)
    name = " ".join(values.name.split())[:150]
    _check_name(PayeeType.INSTITUTION, name, values.village_id, payee.pk)
    said: dict[str, Any] = {
        "name": name,
        "address": values.address[:250],
        "village_id": values.village_id,
    }
    own: dict[str, Any] = {
        "kind": values.kind,
        "registration_number": values.registration_number[:80],
        "head_name": values.head_name[:150],
        "capacity": values.capacity,
    }
    changed = [key for key, value in said.items() if getattr(payee, key) != value]
    changed += [key for key, value in own.items() if getattr(row, key) != value]
    if changed:
        for key, value in said.items():
            setattr(payee, key, value)
        payee.area_code = values.village_id
        payee.save()
        BankAccount.objects.filter(payee=payee).update(area_code=payee.area_code)
        for key, value in own.items():
            setattr(row, key, value)
        row.save()
        audit.record(verb="beneficiaries.change_payee", by=by, at=at, target=payee, changed=changed)
    return row


@transaction.atomic
def accredit(
    *,
    institution: Institution,
    grade: Grade,
    certificate_number: str,
    granted_on: date,
    by: User,
    at: datetime,
) -> Accreditation:
    """Record a certificate; its term follows from the grade (A 5 years, B 3, C 2).

    A revocation ends what was valid. Raises BadInput for a day in the future or without a number.
    """
    require_area(by, institution.payee.area_code)
    if granted_on > day_of(at):
        sentence = _("Tanggal sertifikat tidak boleh di masa depan.")
        raise BadInput("GRADE-DATE", sentence, fields={"granted_on": sentence})
    if not certificate_number.strip():
        sentence = _("Nomor sertifikat belum diisi.")
        raise BadInput("GRADE-NUMBER", sentence, fields={"certificate_number": sentence})
    row = Accreditation.objects.create(
        institution=institution,
        grade=grade,
        certificate_number=certificate_number.strip()[:80],
        valid_from=granted_on,
        valid_until=last_valid_day(grade, granted_on),
        recorded_at=at,
        recorded_by=by,
    )
    audit.record(
        verb="beneficiaries.accredit",
        by=by,
        at=at,
        target=institution.payee,
        grade=grade,
        until=row.valid_until,
    )
    return row


@transaction.atomic
def register_government(
    *, region_code: str, name: str, treasurer_name: str, by: User, at: datetime, address: str = ""
) -> GovernmentPayee:
    """Add the treasury of a village or regency. Raises BadInput when the region has one already."""
    region = Region.objects.filter(pk=region_code, level__in=(Level.REGENCY, Level.VILLAGE)).first()
    sentence = "" if region else _("Pilih kabupaten/kota atau desa.")
    if region and GovernmentPayee.objects.filter(region=region).exists():
        sentence = _("Kas pemerintah ini sudah tercatat. Ubah bendahara atau rekeningnya di sana.")
    if sentence:
        raise BadInput("GOVERNMENT-REGION", sentence, fields={"region": sentence})
    payee = add_payee(
        kind=PayeeType.GOVERNMENT,
        name=name,
        area_code=region_code,
        village_id=region_code if len(region_code) > len("35.19.01") else None,
        address=address,
        by=by,
        at=at,
    )
    row = GovernmentPayee.objects.create(
        payee=payee, region=region, treasurer_name=treasurer_name.strip()[:150]
    )
    audit.record(verb="beneficiaries.register_payee", by=by, at=at, target=payee, kind=payee.kind)
    return row


@transaction.atomic
def change_treasurer(
    *, government: GovernmentPayee, treasurer_name: str, by: User, at: datetime
) -> GovernmentPayee:
    """Another treasurer; the trail keeps that it changed."""
    row: GovernmentPayee = GovernmentPayee.objects.select_for_update().get(pk=government.pk)
    require_area(by, row.payee.area_code)
    row.treasurer_name = treasurer_name.strip()[:150]
    row.save(update_fields=["treasurer_name"])
    audit.record(
        verb="beneficiaries.change_payee",
        by=by,
        at=at,
        target=row.payee,
        changed=["treasurer_name"],
    )
    return row


@transaction.atomic
def set_payee_account(
    *,
    payee: Payee,
    bank_code: str,
    number: str,
    holder_name: str,
    by: User,
    at: datetime,
    signatories: Sequence[Person] = (),
) -> BankAccount:
    """The payee's open account at a bank; another number or other signatories close the older row.

    A group's account needs two signatories who are its members; others need none. Raises BadInput
    for a broken number or wrong signatories, Refused when somebody else has the number.
    """
    row: Payee = Payee.objects.select_for_update().get(pk=payee.pk)
    require_area(by, row.area_code)
    digits = clean_digits(number)
    if not account_is_sound(digits):
        sentence = _("Nomor rekening harus 6 sampai 20 angka. Periksa buku tabungan.")
        raise BadInput("ACCOUNT-INPUT", sentence, fields={"number": sentence})
    _check_signatories(row, signatories)
    index = blind_index(digits, "account")
    taken = BankAccount.objects.filter(number_index=index).exclude(state=AccountState.CLOSED)
    if taken.exclude(payee=row).exists():
        sentence = _("Nomor rekening ini milik penerima lain. Tidak ada yang disimpan.")
        raise Refused("ACCOUNT-TAKEN", sentence, fields={"number": sentence})
    first, second = (*signatories, None, None)[:2]
    old = row.open_account(bank_code)
    same = (digits, first, second, holder_name[:150])
    if old and (old.number, old.first_signatory, old.second_signatory, old.holder_name) == same:
        return old  # type: ignore[no-any-return]
    if old:
        BankAccount.objects.filter(pk=old.pk).update(state=AccountState.CLOSED, closed_at=at)
        audit.record(verb="beneficiaries.close_account", by=by, at=at, target=row, bank=bank_code)
    account = BankAccount.objects.create(
        payee=row,
        bank_code=bank_code,
        number=digits,
        holder_name=holder_name[:150],
        first_signatory=first,
        second_signatory=second,
        area_code=row.area_code,
        created_at=at,
        created_by=by,
    )
    audit.record(verb="beneficiaries.set_account", by=by, at=at, target=row, bank=bank_code)
    return account


def _check_signatories(payee: Payee, signatories: Sequence[Person]) -> None:
    sentence = ""
    distinct = {person.pk for person in signatories}
    if payee.kind == PayeeType.GROUP:
        members = GroupMember.objects.filter(group=payee.pk, left_on=None, person__in=distinct)
        if len(distinct) != SIGNATORIES:
            sentence = _("Rekening kelompok ditandatangani dua orang yang berbeda.")
        elif members.count() != SIGNATORIES:
            sentence = _("Penanda tangan rekening harus anggota kelompok ini.")
    elif signatories and len(distinct) != SIGNATORIES:
        sentence = _("Isi dua penanda tangan, atau kosongkan keduanya.")
    if sentence:
        raise BadInput("ACCOUNT-SIGNATORIES", sentence, fields={"signatories": sentence})


@transaction.atomic
def close_payee(*, payee: Payee, closed_on: date, reason: str, by: User, at: datetime) -> Payee:
    """End an institution or a government treasury; a group is dissolved instead.

    Raises Refused while people still live in the institution.
    """
    row: Payee = Payee.objects.select_for_update().get(pk=payee.pk)
    require_area(by, row.area_code)
    if row.kind == PayeeType.GROUP:
        raise Refused("PAYEE-GROUP", _("Kelompok dibubarkan dari halaman kelompoknya."))
    if row.closed_on is not None:
        raise Refused("PAYEE-CLOSED", _("Penerima ini sudah ditutup. Tidak ada yang berubah."))
    if closed_on > day_of(at):
        sentence = _("Tanggal penutupan tidak boleh di masa depan.")
        raise BadInput("PAYEE-CLOSE-DATE", sentence, fields={"closed_on": sentence})
    if (
        row.kind == PayeeType.INSTITUTION
        and row.detail.residencies.filter(until_date=None).exists()
    ):
        raise Refused(
            "PAYEE-RESIDENTS",
            _("Masih ada penghuni. Lembaga belum ditutup. Catat dulu kepergian mereka."),
        )
    row.closed_on, row.close_reason = closed_on, reason.strip()[:200]
    row.save(update_fields=["closed_on", "close_reason"])
    audit.record(
        verb="beneficiaries.close_payee", by=by, at=at, target=row, reason=row.close_reason
    )
    return row

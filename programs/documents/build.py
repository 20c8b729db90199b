"""What a letter says, gathered from the rows: the annex of a decree, the record of a district."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import Substr

from bansos.accounts.models import Agency
from bansos.lib.nik import mask_nik
from bansos.regions.queries import name_of, names_of
from beneficiaries.choices import PayeeType
from programs.choices import PAYEE_UNITS, PAYEES, EnrolmentState, PayeeKind
from programs.documents.annex import AnnexData, AnnexLine
from programs.documents.record import RecordData, RecordLine, Signer
from programs.models import Decree, DecreeLine, VerificationRecord
from programs.queries.decrees import money_words
from programs.queries.enrolments import reason_labels
from programs.rules import sentences_of

PROVINCE_LENGTH, REGENCY_LENGTH, DISTRICT_LENGTH = 2, 5, 8


def annex_data(decree: Decree, *, agency: Agency, check_code: str, check_url: str) -> AnnexData:
    """The annex of an approved decree; NIK masked, names and addresses as the decree froze them."""
    rows = decree.lines.select_related("enrolment__person", "enrolment__payee").order_by("position")
    kind = PayeeKind(decree.version.payee_kind)
    whole = len(decree.area_code) == PROVINCE_LENGTH
    names = names_of(decree.lines.values_list("area_code", flat=True).distinct())
    return AnnexData(
        agency=agency.name,
        government=agency.government,
        number=decree.number,
        decree_date=decree.decree_date or date(decree.version.year, 1, 1),
        subject=decree.subject,
        area=name_of(decree.area_code),
        programme=decree.version.programme.name,
        year=decree.version.year,
        revision=decree.revision,
        lines=[_annex_line(row, names) for row in rows.iterator(chunk_size=1000)],
        place=agency.city,
        signer_title=agency.head_title,
        signer_name=agency.head_name,
        signer_number=agency.head_number,
        check_code=check_code,
        check_url=check_url,
        content_hash=decree.content_hash,
        training=settings.TRAINING_MODE,
        notes=money_words(decree),
        districts=_sums(decree, names),
        part="Kabupaten/Kota" if whole else "Kecamatan",
        unit=str(PAYEE_UNITS[kind]) if kind in PAYEES else "penerima",
    )


def _annex_line(row: DecreeLine, names: dict[str, str]) -> AnnexLine:
    person, code = row.enrolment.person, row.area_code
    # The frozen address ends with village, district and regency; those have columns of their own.
    street = row.address.split(", Kec. ")[0]
    village = names.get(code, "") if len(code) > DISTRICT_LENGTH else ""
    return AnnexLine(
        position=row.position,
        name=_who(row),
        nik=mask_nik(person.nik) if person.nik else "",
        sex=person.sex,
        address=street.removesuffix(village).rstrip(", ") if village else street,
        village=village,
        district=names.get(code[:DISTRICT_LENGTH], ""),
        regency=names.get(code[:REGENCY_LENGTH], ""),
        amount=row.annual_amount,
    )


def _who(row: DecreeLine) -> str:
    """The recipient; of a group or an institution, with the person who answers for it."""
    payee = row.enrolment.payee
    if payee is None:
        return row.name
    words = "ketua" if payee.kind == PayeeType.GROUP else "penanggung jawab"
    return f"{payee.name} ({words}: {row.name})"


def _sums(decree: Decree, names: dict[str, str]) -> list[tuple[str, int, Decimal]]:
    """Sums by district, or by regency when the decree is for a whole province."""
    whole = len(decree.area_code) == PROVINCE_LENGTH
    length = REGENCY_LENGTH if whole else DISTRICT_LENGTH
    rows = (
        decree.lines.annotate(part=Substr("area_code", 1, length))
        .values("part")
        .annotate(people=Count("pk"), amount=Sum("annual_amount"))
        .order_by("part")
    )
    return [(names.get(row["part"], row["part"]), row["people"], row["amount"]) for row in rows]


def record_data(
    record: VerificationRecord,
    *,
    agency: Agency,
    template: str,
    number: str,
    day: date,
    check_code: str,
    check_url: str,
) -> RecordData:
    """The Berita Acara of a record: everybody it names, in the order of village and name."""
    version = record.version
    labels = reason_labels(version)
    rows = list(
        record.enrolments.select_related("person", "decided_by").order_by(
            "area_code", "person__name", "pk"
        )
    )
    names = names_of(row.area_code for row in rows)
    lines = [_record_line(place, row, names, labels) for place, row in enumerate(rows, start=1)]
    regency = name_of(record.area_code[:REGENCY_LENGTH])
    return RecordData(
        agency=agency,
        template=template,
        number=number,
        day=day,
        made_at=record.made_at,
        programme=version.programme.name,
        year=version.year,
        district=name_of(record.area_code),
        regency=regency,
        round=record.round,
        lines=lines,
        criteria=sentences_of(version.criteria),
        legal_basis=version.legal_basis,
        signers=[
            Signer("Verifikator", record.made_by.full_name, record.made_by.employee_number),
            Signer("Koordinator", ""),
            Signer(f"Kepala Dinas Sosial {regency}", ""),
        ],
        place=name_of(record.area_code),
        check_code=check_code,
        check_url=check_url,
        training=settings.TRAINING_MODE,
    )


def _record_line(place: int, row: Any, names: dict[str, str], labels: dict[str, str]) -> RecordLine:
    # What the verification said; a decree or a stop later on does not change it.
    eligible = row.state not in {EnrolmentState.NOT_ELIGIBLE}
    reason = "" if eligible else labels.get(row.decision_reason, row.decision_reason)
    return RecordLine(
        position=place,
        name=row.person.name,
        nik=mask_nik(row.person.nik) if row.person.nik else "",
        address=row.person.address,
        village=names.get(row.area_code, "") if len(row.area_code) > DISTRICT_LENGTH else "",
        eligible=eligible,
        reason=reason,
    )

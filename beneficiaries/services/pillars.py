"""Social pillars and workers: who serves where, who works where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, Refused, Stale
from bansos.regions.models import Region
from beneficiaries.choices import PillarKind
from beneficiaries.models import Company, Person, Pillar, Worker
from beneficiaries.rules.pillars import is_body
from beneficiaries.services.payees import require_area


@dataclass(frozen=True, kw_only=True)
class PillarValues:
    """What is said about a pillar; None for a load or an honorarium nobody knows."""

    kind: PillarKind
    area_code: str
    active_from: date
    certificate_number: str = ""
    certificate_date: date | None = None
    load: int | None = None
    honorarium: Decimal | None = None


@transaction.atomic
def appoint(
    *,
    values: PillarValues,
    by: User,
    at: datetime,
    person: Person | None = None,
    body_name: str = "",
) -> Pillar:
    """A pillar of an area: a person, or for the kinds that are bodies the name of one.

    Raises BadInput for the wrong one of the two or days that cannot be, Refused when the same
    person already serves there in this kind.
    """
    require_area(by, values.area_code)
    _check(values, person, body_name, at)
    double = Pillar.objects.filter(
        kind=values.kind, person=person, area_code=values.area_code, active_until=None
    )
    if person is not None and double.exists():
        raise Refused(
            "PILLAR-TWICE",
            _("Orang ini sudah tercatat sebagai pilar jenis ini di wilayah ini."),
        )
    row = Pillar.objects.create(
        kind=values.kind,
        person=person,
        body_name=" ".join(body_name.split())[:150],
        area_code=values.area_code,
        certificate_number=values.certificate_number.strip()[:80],
        certificate_date=values.certificate_date,
        load=values.load,
        honorarium=values.honorarium,
        active_from=values.active_from,
        created_at=at,
        created_by=by,
    )
    audit.record(verb="beneficiaries.appoint_pillar", by=by, at=at, target=row, kind=row.kind)
    return row


def _check(values: PillarValues, person: Person | None, body_name: str, at: datetime) -> None:
    fields: dict[str, str] = {}
    if is_body(values.kind) and (person is not None or not body_name.strip()):
        fields["body_name"] = _("Jenis ini sebuah badan: isi namanya, bukan orangnya.")
    if not is_body(values.kind) and (person is None or body_name.strip()):
        fields["person"] = _("Jenis ini perorangan: pilih orangnya.")
    if values.active_from > day_of(at):
        fields["active_from"] = _("Tanggal mulai tidak boleh di masa depan.")
    if values.certificate_date and values.certificate_date > day_of(at):
        fields["certificate_date"] = _("Tanggal sertifikat tidak boleh di masa depan.")
    if values.honorarium is not None and values.honorarium < 0:
        fields["honorarium"] = _("Honorarium tidak boleh kurang dari nol.")
    if fields:
        raise BadInput("PILLAR-INPUT", next(iter(fields.values())), fields=fields)


@transaction.atomic
def change_pillar(*, pillar: Pillar, values: PillarValues, by: User, at: datetime) -> Pillar:
    """Correct a pillar's certificate, load, honorarium or first day; the trail names the fields.

    Kind and area stay: another office is another row.
    """
    row: Pillar = Pillar.objects.select_for_update().get(pk=pillar.pk)
    require_area(by, row.area_code)
    _check(values, row.person, row.body_name, at)
    names = ("certificate_number", "certificate_date", "load", "honorarium", "active_from")
    changed = [name for name in names if getattr(row, name) != getattr(values, name)]
    if changed:
        for name in changed:
            setattr(row, name, getattr(values, name))
        row.save(update_fields=changed)
        audit.record(verb="beneficiaries.change_pillar", by=by, at=at, target=row, changed=changed)
    return row


@transaction.atomic
def release(
    *, pillar: Pillar, active_until: date, by: User, at: datetime, note: str = ""
) -> Pillar:
    """The last day somebody serves. Raises Stale when it is written already."""
    row: Pillar = Pillar.objects.select_for_update().get(pk=pillar.pk)
    require_area(by, row.area_code)
    if row.active_until is not None:
        raise Stale("PILLAR-OVER", _("Masa tugasnya sudah diakhiri. Muat ulang halamannya."))
    if not row.active_from <= active_until <= day_of(at):
        sentence = _("Hari terakhir harus antara tanggal mulai dan hari ini.")
        raise BadInput("PILLAR-LAST-DAY", sentence, fields={"active_until": sentence})
    row.active_until, row.end_note = active_until, note.strip()[:200]
    row.save(update_fields=["active_until", "end_note"])
    audit.record(verb="beneficiaries.release_pillar", by=by, at=at, target=row, reason=row.end_note)
    return row


@transaction.atomic
def add_company(*, name: str, area_code: str, by: User, at: datetime, address: str = "") -> Company:
    """A company in a regency, found by name or added; both ways give the row.

    A company may stand in any regency of the user's province: workers come from elsewhere.
    """
    name = " ".join(name.split())[:150]
    inside = area_code.startswith(by.area_code[:2]) and len(area_code) > len("35")
    known = inside and Region.objects.filter(pk=area_code).exists()
    fields = {}
    if not name:
        fields["company"] = _("Nama perusahaan belum diisi.")
    if not known:
        fields["work_area"] = _("Pilih kabupaten/kota tempat kerja.")
    if fields:
        raise BadInput("COMPANY-INPUT", next(iter(fields.values())), fields=fields)
    found: Company | None = (
        Company.objects.annotate(upper=Upper("name"))
        .filter(upper=name.upper(), area_code=area_code)
        .first()
    )
    if found is not None:
        return found
    row = Company.objects.create(
        name=name, address=address[:250], area_code=area_code, created_at=at, created_by=by
    )
    audit.record(verb="beneficiaries.add_company", by=by, at=at, target=row)
    return row


@transaction.atomic
def employ(
    *,
    person: Person,
    company: Company,
    by: User,
    at: datetime,
    work_code: str = "",
    occupation: str = "",
    from_date: date | None = None,
    source: str = "",
) -> Worker:
    """A person works at a company; another place of work ends the older row on the day before.

    `work_code` is the regency of work when it is not the company's own. The same again changes
    nothing.
    """
    require_area(by, person.area_code)
    if from_date and from_date > day_of(at):
        sentence = _("Tanggal mulai bekerja tidak boleh di masa depan.")
        raise BadInput("WORKER-DATE", sentence, fields={"from_date": sentence})
    person = Person.objects.select_for_update().get(pk=person.pk)
    place = work_code or company.area_code
    old: Worker | None = Worker.objects.filter(person=person, until_date=None).first()
    if old is not None and (old.company_id, old.work_code) == (company.pk, place):
        return old
    if old is not None:
        last = max(old.from_date, from_date or day_of(at)) if old.from_date else day_of(at)
        old.until_date = last
        old.save(update_fields=["until_date"])
    row = Worker.objects.create(
        person=person,
        company=company,
        work_code=place,
        occupation=occupation.strip()[:80],
        from_date=from_date,
        source=source.strip()[:150],
        created_at=at,
        created_by=by,
    )
    audit.record(verb="beneficiaries.employ", by=by, at=at, target=person, company=company.pk)
    return row


@transaction.atomic
def end_work(*, worker: Worker, until_date: date, by: User, at: datetime) -> Worker:
    """The last day at the company. Raises Stale when it is written already."""
    row: Worker = Worker.objects.select_for_update().get(pk=worker.pk)
    require_area(by, row.person.area_code)
    if row.until_date is not None:
        raise Stale("WORKER-OVER", _("Hari kerja terakhirnya sudah dicatat."))
    if until_date > day_of(at) or (row.from_date and until_date < row.from_date):
        sentence = _("Hari terakhir harus antara tanggal mulai dan hari ini.")
        raise BadInput("WORKER-LAST-DAY", sentence, fields={"until_date": sentence})
    row.until_date = until_date
    row.save(update_fields=["until_date"])
    audit.record(verb="beneficiaries.end_work", by=by, at=at, target=row.person)
    return row

"""What is recorded about a person over time: disability, PPKS categories, a guardian."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.dates import age_on, day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.scopes import covers
from beneficiaries.choices import DisabilityKind, GuardianRelation, Ppks
from beneficiaries.models import Disability, Guardian, Person, PersonCategory
from beneficiaries.rules.categories import NEED_DISABILITY, RESTRICTED, age_fits, sex_fits


def _require(by: User, person: Person) -> None:
    if not covers(by.area_code, person.area_code):
        raise NotAllowed(
            "TRAIT-AREA", _("Orang ini di luar wilayah Anda. Tidak ada yang disimpan.")
        )


def _check_day(day: date | None, at: datetime, field: str) -> None:
    if day is not None and day > day_of(at):
        sentence = _("Tanggal tidak boleh di masa depan.")
        raise BadInput("TRAIT-DATE", sentence, fields={field: sentence})


@transaction.atomic
def record_disability(
    *,
    person: Person,
    kind: DisabilityKind,
    source: str,
    by: User,
    at: datetime,
    since: date | None = None,
    note: str = "",
    activities: Mapping[str, int] | None = None,
) -> Disability:
    """A disability with its source; `activities` are the six answers of the Washington Group.

    The same kind again with other answers ends the older row. Raises BadInput for a day in the
    future or an unknown activity.
    """
    _require(by, person)
    _check_day(since, at, "since")
    answers = dict(activities or {})
    if not set(answers) <= set(Disability.ACTIVITIES):
        raise BadInput("DISABILITY-ACTIVITY", _("Kegiatan ini tidak dikenal."))
    open_ones = Disability.objects.select_for_update().filter(
        person=person, kind=kind, until_date=None
    )
    open_ones.update(until_date=day_of(at))
    row = Disability.objects.create(
        person=person,
        kind=kind,
        since=since,
        source=source.strip()[:120],
        note=note.strip()[:250],
        recorded_at=at,
        recorded_by=by,
        **answers,
    )
    audit.record(verb="beneficiaries.record_disability", by=by, at=at, target=person)
    return row


@transaction.atomic
def add_category(
    *,
    person: Person,
    code: Ppks,
    since: date,
    source: str,
    by: User,
    at: datetime,
    note: str = "",
) -> PersonCategory:
    """A PPKS category of a person; the same again changes nothing.

    Raises BadInput when age or sex rule it out or the kind of disability is not recorded yet, and
    NotAllowed for a restricted category without the right to see such ones.
    """
    _require(by, person)
    if code in RESTRICTED and not by.can(Permission.SENSITIVE_VIEW):
        raise NotAllowed("PPKS-RESTRICTED", _("Kategori ini terbatas. Anda tidak berhak atasnya."))
    _check_day(since, at, "since")
    _check_category(person, code, since)
    known = PersonCategory.objects.filter(person=person, code=code, until_date=None).first()
    if known is not None:
        return known
    row = PersonCategory.objects.create(
        person=person,
        code=code,
        since=since,
        source=source.strip()[:120],
        note=note.strip()[:250],
        recorded_at=at,
        recorded_by=by,
    )
    audit.record(verb="beneficiaries.add_category", by=by, at=at, target=person)
    return row


def _check_category(person: Person, code: Ppks, since: date) -> None:
    age = age_on(person.birth_date, since) if person.birth_date else None
    sentence = ""
    if not age_fits(code, age):
        sentence = _("Usianya %(age)d tahun; kategori ini untuk usia lain (Permensos 8/2012).") % {
            "age": age or 0
        }
    elif not sex_fits(code, person.sex):
        sentence = _("Kategori ini hanya untuk perempuan (Permensos 8/2012).")
    elif (
        code in NEED_DISABILITY
        and not Disability.objects.filter(person=person, until_date=None).exists()
    ):
        sentence = _("Catat dulu jenis disabilitasnya.")
    if sentence:
        raise BadInput("PPKS-RULE", sentence, fields={"code": sentence})


@transaction.atomic
def end_trait(
    *, trait: Disability | PersonCategory | Guardian, until_date: date, by: User, at: datetime
) -> None:
    """A disability, a category or a guardianship is over. Raises Stale when it is already."""
    row = type(trait).objects.select_for_update().get(pk=trait.pk)
    person = row.ward if isinstance(row, Guardian) else row.person
    _require(by, person)
    if row.until_date is not None:
        raise Stale("TRAIT-OVER", _("Catatan ini sudah diakhiri. Muat ulang halamannya."))
    begin = row.from_date if isinstance(row, Guardian) else row.since
    if until_date > day_of(at) or (begin is not None and until_date < begin):
        sentence = _("Tanggal berakhir harus antara tanggal mulai dan hari ini.")
        raise BadInput("TRAIT-END", sentence, fields={"until_date": sentence})
    row.until_date = until_date
    row.save(update_fields=["until_date"])
    audit.record(verb="beneficiaries.end_trait", by=by, at=at, target=person)


@transaction.atomic
def set_guardian(
    *,
    ward: Person,
    person: Person,
    relation: GuardianRelation,
    letter_number: str,
    letter_date: date,
    from_date: date,
    by: User,
    at: datetime,
) -> Guardian:
    """Who acts for a person, by which letter; another guardian ends the one before.

    Raises Refused for the person themself, a dead or under-age guardian or one who is a ward.
    """
    _require(by, ward)
    _check_day(letter_date, at, "letter_date")
    _check_day(from_date, at, "from_date")
    _check_guardian(ward, person, from_date)
    Person.objects.select_for_update().get(pk=ward.pk)
    for old in Guardian.objects.filter(ward=ward, until_date=None):
        old.until_date = max(old.from_date, from_date)
        old.save(update_fields=["until_date"])
    row = Guardian.objects.create(
        ward=ward,
        person=person,
        relation=relation,
        letter_number=letter_number.strip()[:80],
        letter_date=letter_date,
        from_date=from_date,
        recorded_at=at,
        recorded_by=by,
    )
    audit.record(verb="beneficiaries.set_guardian", by=by, at=at, target=ward, guardian=person.pk)
    return row


ADULT = 18


def _check_guardian(ward: Person, person: Person, on: date) -> None:
    if ward.pk == person.pk:
        raise Refused("GUARDIAN-SELF", _("Seseorang tidak menjadi wali bagi dirinya sendiri."))
    if person.died_on is not None:
        raise Refused("GUARDIAN-DEAD", _("Calon wali tercatat meninggal. Pilih orang lain."))
    if person.birth_date and age_on(person.birth_date, on) < ADULT:
        raise Refused("GUARDIAN-CHILD", _("Calon wali belum berusia 18 tahun. Pilih orang lain."))
    if Guardian.objects.filter(ward=person, until_date=None).exists():
        raise Refused("GUARDIAN-WARD", _("Calon wali sendiri berada di bawah perwalian."))

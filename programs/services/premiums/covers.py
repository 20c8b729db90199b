"""Who pays for whom: the plan of a programme year, and payers outside the system."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Refused
from beneficiaries.choices import InstitutionKind
from beneficiaries.models import Institution, Person
from programs.choices import BenefitKind, Insurance, PayeeKind, PayerKind, VersionState
from programs.models import PremiumCover, PremiumPlan, ProgrammeVersion
from programs.queries.premiums import covers_in
from programs.services.enrolments import check_reach


@transaction.atomic
def open_plan(
    *,
    version: ProgrammeVersion,
    insurance: Insurance,
    insurer: Institution,
    by: User,
    at: datetime,
) -> PremiumPlan:
    """Say that the tariff of a programme year is a premium, and whom it is paid to.

    Raises Refused for a version that is not a tariff paid to an institution, or that has a plan.
    """
    if not by.can(Permission.PROGRAM_EDIT):
        raise NotAllowed("PREMIUM-RIGHT", _("Rencana premi diatur oleh staf program provinsi."))
    check_reach(by=by, area_code=version.area_code)
    if (
        version.state != VersionState.ACTIVE
        or version.benefit_kind != BenefitKind.TARIFF
        or version.payee_kind != PayeeKind.INSTITUTION
    ):
        raise Refused(
            "PREMIUM-KIND",
            _("Pilih program yang berlaku, bertarif per orang sebulan, dan dibayar ke lembaga."),
        )
    if insurer.kind != InstitutionKind.INSURER:
        raise BadInput("PREMIUM-INSURER", _("Pilih penyelenggara jaminan sosial."))
    if PremiumPlan.objects.filter(version=version).exists():
        raise Refused("PREMIUM-PLAN", _("Program ini sudah mempunyai rencana premi."))
    row = PremiumPlan.objects.create(
        version=version, insurance=insurance, insurer=insurer, made_at=at, made_by=by
    )
    audit.record(verb="programs.open_premium_plan", by=by, at=at, target=version, plan=row.pk)
    return row


@transaction.atomic
def record_payer(
    *,
    person: Person,
    insurance: Insurance,
    payer: PayerKind,
    payer_name: str,
    from_month: date,
    by: User,
    at: datetime,
    until_month: date | None = None,
) -> PremiumCover:
    """Somebody else pays the premium of a person: a regency, the centre, an employer.

    Raises Refused when another payer holds one of these months.
    """
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("PREMIUM-RIGHT", _("Penanggung premi dicatat petugas kabupaten/kota."))
    check_reach(by=by, area_code=person.area_code)
    if payer == PayerKind.PROVINCE:
        raise BadInput("PREMIUM-PAYER", _("Premi provinsi masuk lewat daftar bulanannya."))
    if not payer_name.strip():
        raise BadInput("PREMIUM-PAYER", _("Isi nama penanggung."))
    first = from_month.replace(day=1)
    last = until_month.replace(day=1) if until_month else None
    if last and last < first:
        raise BadInput("PREMIUM-MONTH", _("Bulan terakhir lebih awal dari bulan pertama."))
    try:
        with transaction.atomic():
            row = PremiumCover.objects.create(
                person=person,
                insurance=insurance,
                payer=payer,
                payer_name=payer_name.strip()[:120],
                area_code=person.area_code,
                from_month=first,
                until_month=last,
                opened_at=at,
                opened_by=by,
                ended_at=at if last else None,
                ended_by=by if last else None,
            )
    except IntegrityError as error:
        if "one_payer_per_person" not in str(error):
            raise
        raise paid_twice(person, insurance, first) from error
    audit.record(
        verb="programs.record_payer", by=by, at=at, target=row, person=person.pk, payer=payer
    )
    return row


def paid_twice(person: Person, insurance: str, month: date) -> Refused:
    """The sentence of a second payer: who pays already."""
    known = covers_in([person.pk], insurance=insurance, month=month).get(person.pk)
    name = known.payer_name if known else _("penanggung lain")
    return Refused(
        "PREMIUM-TWICE",
        _(
            "Premi orang ini sudah dibayar oleh %(name)s pada bulan yang sama; satu orang satu"
            " penanggung. Tidak ada yang disimpan. Akhiri dulu penanggung yang lama."
        )
        % {"name": name},
    )


@transaction.atomic
def end_cover(*, cover: PremiumCover, until_month: date, by: User, at: datetime) -> PremiumCover:
    """The last month another payer pays. Our own covers end through the list of a month."""
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("PREMIUM-RIGHT", _("Penanggung premi dicatat petugas kabupaten/kota."))
    check_reach(by=by, area_code=cover.area_code)
    last = until_month.replace(day=1)
    if cover.plan_id is not None:
        raise Refused("PREMIUM-OWN", _("Premi provinsi berakhir lewat daftar bulanannya."))
    if last < cover.from_month:
        raise BadInput("PREMIUM-MONTH", _("Bulan terakhir lebih awal dari bulan pertama."))
    changed = PremiumCover.objects.filter(pk=cover.pk, until_month=None).update(
        until_month=last, ended_at=at, ended_by=by
    )
    if changed != 1:
        raise Refused("PREMIUM-ENDED", _("Penanggung ini sudah berakhir."))
    audit.record(verb="programs.end_payer", by=by, at=at, target=cover, person=cover.person_id)
    cover.refresh_from_db()
    return cover

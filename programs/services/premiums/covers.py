"""Who pays for whom: the plan of a programme year, and payers outside the system."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.dates import months_before
from bansos.lib.errors import BadInput, NotAllowed, Refused
from beneficiaries.choices import InstitutionKind
from beneficiaries.models import Institution, Person
from programs.choices import (
    BenefitKind,
    Insurance,
    PayeeKind,
    PayerKind,
    PremiumRoundState,
    VersionState,
)
from programs.models import PremiumCover, PremiumPlan, PremiumRound, ProgrammeVersion
from programs.queries.premiums import covers_in
from programs.services.enrolments import check_reach
from programs.services.premiums.busy import hold

ANSWERED = PremiumRoundState.ANSWERED


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


def own_cover(
    plan: PremiumPlan, *, person_id: int, area_code: str, month: date, by: User, at: datetime
) -> PremiumCover:
    """A cover of the province from a month on, not saved."""
    return PremiumCover(
        person_id=person_id,
        insurance=plan.insurance,
        payer=PayerKind.PROVINCE,
        payer_name=plan.version.programme.agency.government[:120],
        plan=plan,
        area_code=area_code,
        from_month=month,
        opened_at=at,
        opened_by=by,
    )


def end_own(cover_ids: Iterable[int | None], *, month: date, by: User, at: datetime) -> None:
    """End covers of the province with the month before; who began in the month never was paid."""
    rows = PremiumCover.objects.filter(pk__in=[pk for pk in cover_ids if pk is not None])
    ended = {"ended_at": at, "ended_by": by}
    rows.filter(from_month__lt=month).update(until_month=months_before(month, 1), **ended)
    rows.filter(from_month=month).update(is_void=True, **ended)


def take_over(*, plan: PremiumPlan, month: date, by: User, at: datetime) -> int:
    """Pass whom an earlier year of the programme still pays to this plan; how many they are.

    Their cover ends with the last list of that year and a new one begins with `month`. Raises
    Refused while that list is not answered, because the answer decides who is paid, and for a
    month it has.
    """
    year, number = plan.version.year, plan.version.version
    before = _siblings(plan).filter(
        Q(version__year__lt=year) | Q(version__year=year, version__version__lt=number)
    )
    rounds = PremiumRound.objects.filter(plan__in=before)
    _check_rounds(rounds, month)
    covers = open_covers().filter(plan__in=before).order_by("pk")
    passed = [
        own_cover(
            plan,
            person_id=cover.person_id,
            area_code=cover.area_code,
            month=month,
            by=by,
            at=at,
        )
        for cover in covers
    ]
    for last in rounds.order_by("plan", "-month").distinct("plan"):
        _end_with(last, by=by, at=at)
    PremiumCover.objects.bulk_create(passed, batch_size=1000)
    count = len(passed)
    if passed:
        audit.record(
            verb="programs.take_over_premiums", by=by, at=at, target=plan.version, covers=count
        )
    return count


def _check_rounds(rounds: QuerySet[PremiumRound], month: date) -> None:
    if rounds.exclude(state=ANSWERED).exists():
        raise Refused(
            "PREMIUM-YEAR",
            _(
                "Daftar tahun sebelumnya belum selesai dijawab. Daftar bulan ini belum dibuka."
                " Terapkan dulu jawabannya."
            ),
        )
    if rounds.filter(month__gte=month).exists():
        raise Refused("PREMIUM-NEXT", _("Buka bulan sesudah daftar yang terakhir."))


def check_not_passed_on(plan: PremiumPlan) -> None:
    """Raise Refused when a later year of the programme has lists: its people went there."""
    year, number = plan.version.year, plan.version.version
    later = _siblings(plan).filter(
        Q(version__year__gt=year) | Q(version__year=year, version__version__gt=number)
    )
    if PremiumRound.objects.filter(plan__in=later).exists():
        raise Refused(
            "PREMIUM-PASSED",
            _(
                "Peserta program ini sudah pindah ke daftar tahun berikutnya. Tidak ada yang"
                " berubah. Buka daftar bulan pada tahun itu."
            ),
        )


@transaction.atomic
def close_plan(*, plan: PremiumPlan, note: str, by: User, at: datetime) -> int:
    """A plan that is not continued: whoever it still pays is paid up to its last list.

    Returns how many they are; another payer may follow. Raises Refused while a worker has one of
    its lists, while a list is not answered and when nobody is paid, BadInput without a reason.
    """
    if not by.can(Permission.PROGRAM_EDIT):
        raise NotAllowed("PREMIUM-RIGHT", _("Rencana premi diatur oleh staf program provinsi."))
    check_reach(by=by, area_code=plan.area_code)
    if not note.strip():
        raise BadInput("PREMIUM-NOTE", _("Isi alasan."), fields={"note": _("Isi alasan.")})
    hold(plan)
    last = plan.rounds.select_for_update().order_by("-month").first()
    if last and last.state != ANSWERED:
        raise Refused("PREMIUM-OPEN", _("Daftar bulan sebelumnya belum selesai dijawab."))
    ended = _end_with(last, by=by, at=at) if last else 0
    if not ended:
        raise Refused("PREMIUM-NOBODY", _("Tidak ada peserta yang masih dibayar rencana ini."))
    audit.record(
        verb="programs.close_premium_plan",
        by=by,
        at=at,
        target=plan.version,
        covers=ended,
        reason=note.strip()[:200],
    )
    return ended


def _siblings(plan: PremiumPlan) -> QuerySet[PremiumPlan]:
    """The other years, and changed versions, of the same premium."""
    return PremiumPlan.objects.filter(
        version__programme=plan.version.programme_id, insurance=plan.insurance
    ).exclude(pk=plan.pk)


def open_covers() -> QuerySet[PremiumCover]:
    """Covers that go on."""
    return PremiumCover.objects.filter(until_month=None, is_void=False)


def _end_with(last: PremiumRound, *, by: User, at: datetime) -> int:
    """End what goes on of a plan with its last list."""
    rows = open_covers().filter(plan=last.plan_id)
    return int(rows.update(until_month=last.month, ended_at=at, ended_by=by))


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

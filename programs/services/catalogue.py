"""Writes of the catalogue: programmes, versions, stages, quotas. Frozen once a decree uses them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.money import number
from bansos.regions.queries import name_of
from programs.choices import FIXED_KINDS, HOLDING, DecreeState, Outcome, Rail, VersionState
from programs.models import Enrolment, Programme, ProgrammeVersion, Quota, Stage
from programs.queries.catalogue import version_in_use
from programs.queries.exclusivity import others_of
from programs.queries.targets import shareable_codes
from programs.rules import (
    VersionFacts,
    activation_problems,
    criteria_problems,
    foreign_fields,
    identity_of,
    money_problems,
    quota_problem,
)
from programs.rules.assessing import kinds_problem
from programs.rules.exclusivity import bars_of, exclusivity_problems
from programs.rules.life import event_problems
from programs.rules.proxies import rule_problems
from programs.rules.ranking import ranking_problems
from programs.rules.versions import MOST_PLACES, sharing_problem
from programs.rules.visits import question_problems
from programs.services.enrolments import check_reach

REGENCY_CODE_LENGTH = 5
# The fields of a version that hold the rules of life: programs.services.life_rules.
LIFE_FIELDS = (
    *("event_rules", "exit_rules", "proposal_channels", "assessment_forms"),
    *("plan_rules", "letters"),
)


@dataclass(frozen=True, kw_only=True)
class ProgrammeValues:
    """What a programme is called."""

    code: str
    name: str
    purpose: str = ""
    is_active: bool = True


@dataclass(frozen=True, kw_only=True)
class VersionValues:
    """The rules of one year; criteria and lists as the model keeps them."""

    year: int
    payee_kind: str
    benefit_kind: str
    annual_amount: Decimal | None = None
    formula_budget: Decimal | None = None
    tariff: Decimal | None = None
    unit_label: str = ""
    quota_total: int | None = None
    regency_target: int | None = None
    target_with: Sequence[str] = field(default_factory=list)
    criteria: Sequence[dict[str, Any]] = field(default_factory=list)
    required_documents: Sequence[dict[str, Any]] = field(default_factory=list)
    legal_basis: Sequence[str] = field(default_factory=list)
    stop_reasons: Sequence[dict[str, str]] = field(default_factory=list)
    reject_reasons: Sequence[dict[str, str]] = field(default_factory=list)
    exclusive_with: Sequence[Any] = field(default_factory=list)
    ranking: dict[str, Any] = field(default_factory=dict)
    calendar: Sequence[str] = field(default_factory=list)
    verification_steps: Sequence[str] = field(default_factory=list)
    monitoring_form: Sequence[str] = field(default_factory=list)
    document_templates: Sequence[str] = field(default_factory=list)
    success_measure: str = ""
    funding_source: str = ""
    rails: Sequence[str] = field(default_factory=list)
    proxy_rules: dict[str, Any] = field(default_factory=dict)
    heir_rules: dict[str, Any] = field(default_factory=dict)
    bank_code: str = ""
    account_code: str = ""
    source_note: str = ""


def check_right(by: User, area_code: str) -> None:
    """Refuse who may not edit programmes of this province."""
    if not by.can(Permission.PROGRAM_EDIT):
        raise NotAllowed("PROG-RIGHT", _("Peran Anda tidak boleh mengubah program."))
    check_reach(by=by, area_code=area_code)


def check_editable(version: ProgrammeVersion) -> None:
    """Refuse a closed version and one that a decree uses."""
    if version.state == VersionState.CLOSED:
        raise Refused(
            "PROG-CLOSED",
            _(
                "Versi ini sudah ditutup, jadi tidak dapat diubah. Buat versi program untuk tahun"
                " berikutnya."
            ),
        )
    if version_in_use(version):
        raise Refused(
            "PROG-USED",
            _(
                "Versi ini sudah dipakai sebuah SK, jadi aturannya tidak dapat diubah."
                " Tidak ada yang berubah. Salin ke versi baru."
            ),
        )


@transaction.atomic
def save_programme(
    *, programme: Programme | None, agency: Agency, values: ProgrammeValues, by: User, at: datetime
) -> Programme:
    """Add or rename a programme of an agency; its code is unique in the province."""
    check_right(by, agency.area_code)
    row = programme or Programme(agency=agency, area_code=agency.area_code)
    old = {"code": row.code, "name": row.name, "is_active": row.is_active} if programme else {}
    for name, value in asdict(values).items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise BadInput(
            "PROG-CODE",
            _("Kode itu sudah dipakai program lain. Program belum disimpan."),
            fields={"code": _("Kode sudah dipakai.")},
        ) from error
    new = {"code": row.code, "name": row.name, "is_active": row.is_active}
    audit.record(verb="programs.save_programme", by=by, at=at, target=row, old=old, new=new)
    return row


def _clean_criteria(criteria: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    problems = criteria_problems(criteria)
    if problems:
        raise BadInput(
            "PROG-CRITERIA",
            _("Kriteria belum benar: %(problems)s Versi belum disimpan.")
            % {"problems": " ".join(problems)},
        )
    return list(criteria)


@transaction.atomic
def save_version(
    *,
    version: ProgrammeVersion | None,
    programme: Programme,
    values: VersionValues,
    by: User,
    at: datetime,
    coming: Collection[str] = (),
) -> ProgrammeVersion:
    """Add or change the rules of one year; refused once a decree uses them.

    `coming`: codes of programmes that the same import brings. Raises BadInput when a criterion is
    unknown or lacks a setting, the quota is below what the regencies already have, or the target
    is shared with a programme nobody knows.
    """
    check_right(by, programme.area_code)
    if version is not None:
        version = ProgrammeVersion.objects.select_for_update().get(pk=version.pk)
        check_editable(version)
        _check_total(version, values.quota_total)
    row = version or ProgrammeVersion(
        programme=programme, version=_next_version(programme, values.year)
    )
    shared = _clean_shared(programme, values, row.target_with, coming)
    for name, value in asdict(values).items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.target_with = shared
    _blank_foreign(row)
    row.criteria = _clean_criteria(values.criteria)
    _check_rules(values)
    _check_heirs(row, values)
    row.exclusive_with = _clean_bars(programme, values)
    row.one_per_family = any(item.get("code") == "one_per_family" for item in row.criteria)
    row.save()
    if row.benefit_kind not in FIXED_KINDS:
        row.stages.update(amount=None)
    audit.record(
        verb="programs.save_version",
        by=by,
        at=at,
        target=row,
        area_code=programme.area_code,
        year=row.year,
        version=row.version,
        amount=row.annual_amount,
        criteria=[identity_of(item) for item in row.criteria],
    )
    return row


def change_version(
    *, version: ProgrammeVersion, by: User, at: datetime, **changes: Any
) -> ProgrammeVersion:
    """The version with some of its rules changed and all others as they are."""
    kept = {item.name: getattr(version, item.name) for item in fields(VersionValues)}
    values = VersionValues(**{**kept, **changes})
    return save_version(version=version, programme=version.programme, values=values, by=by, at=at)


def _clean_bars(programme: Programme, values: VersionValues) -> list[Any]:
    """Whom the version shuts out, in one shape; refuses what contradicts itself or another."""
    problems = exclusivity_problems(
        code=programme.code,
        items=values.exclusive_with,
        criteria=values.criteria,
        others=others_of(programme, year=values.year),
    )
    if problems:
        raise BadInput(
            "PROG-EXCLUSIVE",
            _("Pengecualian belum benar: %(problems)s Versi belum disimpan.")
            % {"problems": " ".join(problems)},
            fields={"exclusive_with": problems[0]},
        )
    return [bar.stored for bar in bars_of(values.exclusive_with)]


def _clean_shared(
    programme: Programme, values: VersionValues, before: Sequence[str], coming: Collection[str]
) -> list[str]:
    """Codes that count towards the target, in capitals; what stood there before is not asked."""
    codes = [word for code in values.target_with if (word := str(code).strip().upper())]
    asked = [code for code in codes if code not in before]
    known = shareable_codes(programme, coming) if asked else []
    if problem := sharing_problem(asked, known):
        raise BadInput(
            "PROG-TARGET",
            _("%(problem)s Versi belum disimpan.") % {"problem": problem},
            fields={"target_with": problem},
        )
    return codes


def _check_rules(values: VersionValues) -> None:
    problems = rule_problems(values.proxy_rules, values.heir_rules)
    if any(rail not in Rail.values for rail in values.rails):
        problems.append(_("Jalur penyaluran tidak dikenal."))
    problems += ranking_problems(values.ranking)
    problems += question_problems(values.monitoring_form)
    if Rail.CASH in values.rails and len(values.rails) > 1:
        problems.append(_("Tunai tidak digabung dengan jalur bank dalam satu program."))
    if problems:
        raise BadInput(
            "PROG-RULES",
            _("Aturan belum benar: %(problems)s Versi belum disimpan.")
            % {"problems": " ".join(problems)},
        )


def _check_heirs(row: ProgrammeVersion, values: VersionValues) -> None:
    """A rule of events may not pay an heir whom the rules of heirs do not pay."""
    pays = any(rule.get("outcome") == Outcome.PAY_HEIR for rule in row.event_rules)
    if pays and not values.heir_rules.get("pays"):
        raise BadInput(
            "PROG-HEIRS",
            _(
                "Aturan peristiwa membayar ahli waris, padahal aturan ahli waris tidak lagi"
                " membayar. Versi belum disimpan. Ubah aturan peristiwanya dulu."
            ),
        )


def _blank_foreign(row: ProgrammeVersion) -> None:
    """A setting of another kind of benefit has no meaning here and is not kept."""
    for name in foreign_fields(row.benefit_kind):
        value = getattr(row, name)
        setattr(row, name, type(value)() if isinstance(value, str | list) else None)


def _next_version(programme: Programme, year: int) -> int:
    last = programme.versions.filter(year=year).aggregate(last=Max("version"))["last"]
    return int(last or 0) + 1


def _check_total(version: ProgrammeVersion, total: int | None) -> None:
    places = list(Quota.objects.filter(version=version).values_list("places", flat=True))
    sentence = quota_problem(total, places)
    if sentence:
        raise BadInput("PROG-QUOTA", sentence, fields={"quota_total": sentence})


@transaction.atomic
def save_stage(
    *,
    version: ProgrammeVersion,
    number: int,
    name: str,
    stage_date: date,
    amount: Decimal | None,
    by: User,
    at: datetime,
) -> Stage:
    """Set one stage of the year by its number; refused once a decree uses the version.

    Only kinds with the same amount for everybody have one on the stage.
    """
    check_right(by, version.area_code)
    check_editable(version)
    _check_stage_year(version, stage_date)
    if version.benefit_kind not in FIXED_KINDS:
        amount = None
    elif amount is None or amount <= 0:
        raise BadInput(
            "PROG-STAGE",
            _("Jumlah tahap harus lebih dari nol."),
            fields={"amount": _("Isi jumlah.")},
        )
    stage, _made = Stage.objects.update_or_create(
        version=version,
        number=number,
        defaults={"name": name, "stage_date": stage_date, "amount": amount},
    )
    audit.record(
        verb="programs.save_stage",
        by=by,
        at=at,
        target=version,
        area_code=version.area_code,
        number=number,
        stage_date=stage_date,
        amount=amount,
    )
    return stage


def _check_stage_year(version: ProgrammeVersion, stage_date: date) -> None:
    """A stage is paid from its own budget year; another year is closed or not open yet."""
    if stage_date.year != version.year:
        raise BadInput(
            "PROG-STAGE-YEAR",
            _(
                "Tanggal tahap di luar tahun anggaran %(year)s, yang menanggung pembayarannya."
                " Tahap belum disimpan. Isi tanggal pada tahun %(year)s, atau buat versi program"
                " untuk tahun itu."
            )
            % {"year": version.year},
            fields={"stage_date": _("Periksa tahunnya.")},
        )


@transaction.atomic
def drop_stages_after(*, version: ProgrammeVersion, number: int, by: User, at: datetime) -> int:
    """Remove the stages above a number; returns how many."""
    check_right(by, version.area_code)
    check_editable(version)
    removed, _rows = version.stages.filter(number__gt=number).delete()
    if removed:
        audit.record(
            verb="programs.drop_stages",
            by=by,
            at=at,
            target=version,
            area_code=version.area_code,
            after=number,
        )
    return int(removed)


@transaction.atomic
def set_quota(
    *, version: ProgrammeVersion, area_code: str, places: int | None, by: User, at: datetime
) -> None:
    """Places of one regency; None takes the limit away.

    Raises BadInput beyond the quota of the programme or below the people who hold a place.
    """
    check_right(by, version.area_code)
    version = ProgrammeVersion.objects.select_for_update().get(pk=version.pk)
    if version.decrees.filter(state=DecreeState.APPROVED).exists():
        raise Refused(
            "PROG-QUOTA-USED",
            _(
                "Kuota sudah dipakai SK yang berlaku, jadi hanya dipindah lewat Pemindahan kuota"
                " dengan persetujuan. Tidak ada yang berubah."
            ),
        )
    if len(area_code) != REGENCY_CODE_LENGTH or not area_code.startswith(version.area_code):
        raise BadInput("PROG-QUOTA-AREA", _("Pilih kabupaten atau kota di provinsi ini."))
    if places is not None and places > MOST_PLACES:
        raise BadInput(
            "PROG-QUOTA",
            _("Kuota %(name)s terlalu besar. Kuota belum disimpan.") % {"name": name_of(area_code)},
        )
    if places is None:
        Quota.objects.filter(version=version, area_code=area_code).delete()
    else:
        _check_places(version, area_code, places)
        Quota.objects.update_or_create(
            version=version, area_code=area_code, defaults={"places": places}
        )
    audit.record(
        verb="programs.set_quota", by=by, at=at, target=version, area_code=area_code, places=places
    )


def _check_places(version: ProgrammeVersion, area_code: str, places: int) -> None:
    others = Quota.objects.filter(version=version).exclude(area_code=area_code)
    sentence = quota_problem(
        version.quota_total, [places, *others.values_list("places", flat=True)]
    )
    if sentence:
        raise BadInput("PROG-QUOTA", sentence)
    held = Enrolment.objects.in_area(area_code).filter(version=version, state__in=HOLDING).count()
    if held > places:
        raise BadInput(
            "PROG-QUOTA-HELD",
            _("%(name)s sudah punya %(held)s penerima; kuotanya tidak dapat %(places)s.")
            % {"name": name_of(area_code), "held": number(held), "places": number(places)},
        )


@transaction.atomic
def activate_version(*, version: ProgrammeVersion, by: User, at: datetime) -> ProgrammeVersion:
    """Let a version take proposals; the active one of the same year closes.

    Raises Refused with every reason when stages, criteria or legal basis are missing. A rate may
    be open still: people are proposed and verified, and the decree waits for it.
    """
    check_right(by, version.area_code)
    version = ProgrammeVersion.objects.select_for_update().get(pk=version.pk)
    if version.state != VersionState.DRAFT:
        raise Refused("PROG-STATE", _("Hanya draf yang dapat diberlakukan."))
    problems = problems_of(version)
    if problems:
        raise Refused(
            "PROG-INCOMPLETE",
            _("Belum dapat diberlakukan: %(problems)s") % {"problems": " ".join(problems)},
        )
    siblings = ProgrammeVersion.objects.filter(
        programme_id=version.programme_id, year=version.year, state=VersionState.ACTIVE
    )
    if Enrolment.objects.filter(version__in=siblings).exists():
        raise Refused(
            "PROG-REPLACED",
            _(
                "Versi yang berlaku tahun ini sudah punya usulan, jadi tidak dapat diganti."
                " Tutup atau selesaikan dulu usulannya."
            ),
        )
    siblings.update(state=VersionState.CLOSED)
    version.state = VersionState.ACTIVE
    version.activated_at, version.activated_by = at, by
    version.save(update_fields=["state", "activated_at", "activated_by"])
    audit.record(
        verb="programs.activate_version", by=by, at=at, target=version, area_code=version.area_code
    )
    return version


def _version_facts(version: ProgrammeVersion) -> VersionFacts:
    stages = version.stages.order_by("number").values_list("number", "stage_date", "amount")
    return VersionFacts(
        year=version.year,
        kind=version.benefit_kind,
        annual_amount=version.annual_amount,
        formula_budget=version.formula_budget,
        tariff=version.tariff,
        unit_label=version.unit_label,
        stages=list(stages),
        criteria=version.criteria,
        legal_basis=version.legal_basis,
        payee_kind=version.payee_kind,
    )


def problems_of(version: ProgrammeVersion) -> list[str]:
    """What still keeps a draft from being used, in sentences."""
    kinds = kinds_problem(version.plan_rules)
    stops = [str(row["code"]) for row in version.stop_reasons]
    return [
        *activation_problems(_version_facts(version)),
        *event_problems(version.event_rules, stop_codes=stops, heir_rules=version.heir_rules),
        *([kinds] if kinds else []),
    ]


def money_problems_of(version: ProgrammeVersion) -> list[str]:
    """What is wrong with the amounts of a version, in sentences."""
    return money_problems(_version_facts(version))


@transaction.atomic
def copy_version(
    *, version: ProgrammeVersion, year: int, by: User, at: datetime
) -> ProgrammeVersion:
    """A draft for another year with the same rules; stage dates keep their day and month."""
    check_right(by, version.area_code)
    names = [item.name for item in fields(VersionValues) if item.name != "year"]
    names += LIFE_FIELDS
    copy = ProgrammeVersion.objects.create(
        programme=version.programme,
        year=year,
        version=_next_version(version.programme, year),
        one_per_family=version.one_per_family,
        **{name: getattr(version, name) for name in names},
    )
    Stage.objects.bulk_create(
        Stage(
            version=copy,
            number=stage.number,
            name=stage.name,
            stage_date=_same_day(stage.stage_date, year),
            amount=stage.amount,
        )
        for stage in version.stages.order_by("number")
    )
    Quota.objects.bulk_create(
        Quota(version=copy, area_code=quota.area_code, places=quota.places)
        for quota in Quota.objects.filter(version=version).order_by("area_code")
    )
    audit.record(
        verb="programs.copy_version",
        by=by,
        at=at,
        target=copy,
        area_code=copy.area_code,
        copied_from=version.pk,
    )
    return copy


def _same_day(day: date, year: int) -> date:
    # 29 February has no twin in most years.
    return day.replace(year=year, day=min(day.day, 28) if day.month == 2 else day.day)

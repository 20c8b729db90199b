"""Proposals from a list: its columns, what is checked, what is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.errors import BadInput, NotFound
from bansos.lib.sheets.mapping import ExpectedColumn
from bansos.lib.sheets.writing import Written
from bansos.regions.queries import names_of
from beneficiaries.choices import AccountState, RowVerdict
from beneficiaries.models import BankAccount, Family, ImportBatch, ImportRow
from beneficiaries.queries.rows import data_of
from beneficiaries.services.imports.purposes import ImportPurpose, RowCheck
from programs.choices import ENDED, HOLDING, Answer, Channel, EnrolmentState
from programs.models import Enrolment, ProgrammeVersion
from programs.queries.enrolments import other_programmes
from programs.queries.exclusivity import conflicts_for
from programs.queries.facts import reference_day
from programs.rules import Facts, evaluate
from programs.services.list_columns import bank_of, columns_of
from programs.services.proposals import Candidate, check_open, propose_many, resubmit_many

PURPOSE = "programs.proposals"
# Criteria that a row of a list answers by itself.
ROW_CRITERIA = {"min_age_on_stage", "max_age", "min_age_months", "sex_is", "domicile_in_province"}
CRITERION_FIELDS = {"sex_is": "sex", "domicile_in_province": "village"}
CAUSES = {
    "criterion_min_age_on_stage": gettext_lazy("Belum cukup umur pada tanggal tahap"),
    "criterion_max_age": gettext_lazy("Terlalu tua pada tanggal tahap"),
    "criterion_min_age_months": gettext_lazy("Belum cukup umur"),
    "criterion_sex_is": gettext_lazy("Jenis kelamin di luar kriteria"),
    "criterion_domicile_in_province": gettext_lazy("Tempat tinggal di luar provinsi"),
    "second_in_family": gettext_lazy("Lebih dari satu orang dalam satu KK"),
    "no_family": gettext_lazy("Nomor KK belum ada"),
    "already_proposed": gettext_lazy("Sudah diusulkan tahun ini"),
    "exclusive_programme": gettext_lazy("Sudah di program lain yang tidak boleh bersama"),
    "other_programme": gettext_lazy("Juga di program lain tahun ini"),
    "age_differs": gettext_lazy("Umur tidak cocok dengan tanggal lahir"),
}


def version_of(context: Mapping[str, Any]) -> ProgrammeVersion:
    """The version a list proposes for; raises NotFound when it is gone."""
    row = (
        ProgrammeVersion.objects.select_related("programme__agency")
        .filter(pk=context.get("version"))
        .first()
    )
    if not isinstance(row, ProgrammeVersion):
        raise NotFound("PROP-VERSION", _("Program yang dipilih tidak ditemukan."))
    return row


def columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """The columns of the programme that is proposed for."""
    return columns_of(version_of(context))


def template_title(context: dict[str, Any]) -> str:
    """What stands over a template: "Usulan penerima PKH Plus 2026"."""
    return _("Usulan penerima %(version)s") % {"version": version_of(context)}


def check_context(context: dict[str, Any], at: datetime) -> None:
    """Refuse a list for a programme that takes no proposals, or of another province."""
    version = version_of(context)
    check_open(version)
    area = str(context.get("area_code") or "")
    if not area.startswith(version.area_code):
        raise BadInput("PROP-PROVINCE", _("Wilayah daftar di luar provinsi program ini."))


def check(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """What only this programme knows: age and sex, one per KK, other programmes, twice proposed."""
    version = version_of(batch.context)
    today = timezone.localtime(batch.created_at).date()
    day = reference_day(version, today=today)
    for item in checks:
        _check_criteria(item, version, day)
    known = [item.row.person_id for item in checks if item.row.person_id]
    _check_proposed(checks, version)
    _check_elsewhere(checks, version, [pk for pk in known if pk is not None], today)
    if version.one_per_family:
        _check_families(batch, checks, version)


def _check_criteria(item: RowCheck, version: ProgrammeVersion, day: date) -> None:
    values = item.values
    criteria = [row for row in version.criteria if row.get("code") in ROW_CRITERIA]
    facts = Facts(
        stage_date=day,
        birth_date=values.get("birth_date"),
        sex=values.get("sex") or "",
        area_code=values.get("village_id") or values.get("area_code") or "",
    )
    for result in evaluate(criteria, facts):
        if result.answer == Answer.NO:
            field = CRITERION_FIELDS.get(result.code, "birth_date")
            item.problem(field, f"criterion_{result.code}", result.reason)


def _check_proposed(checks: list[RowCheck], version: ProgrammeVersion) -> None:
    ids = [item.row.person_id for item in checks if item.row.person_id]
    rows = Enrolment.objects.filter(version=version, person_id__in=ids).exclude(state__in=ENDED)
    states = dict(rows.values_list("person_id", "state"))
    for item in checks:
        state = states.get(item.row.person_id or 0)
        if state is None:
            if item.verdict in {RowVerdict.SAME, RowVerdict.CHANGED}:
                # Known in the register, but new to this programme: there is something to accept.
                item.verdict = RowVerdict.NEW
        elif state == EnrolmentState.NEEDS_CORRECTION:
            item.verdict = RowVerdict.CHANGED
        elif item.verdict != RowVerdict.CHANGED:
            item.verdict = RowVerdict.SAME
            _say_proposed(item, state)
        else:
            _say_proposed(item, state)


def _say_proposed(item: RowCheck, state: str) -> None:
    sentence = _("Sudah ada usulannya tahun ini (%(state)s); tidak diusulkan lagi.")
    item.warn("nik", "already_proposed", sentence % {"state": EnrolmentState(state).label})


def _check_elsewhere(
    checks: list[RowCheck], version: ProgrammeVersion, ids: list[int], today: date
) -> None:
    asked = [(pk, pk, None) for pk in ids]
    barred = conflicts_for(asked, version=version, today=today)
    others = other_programmes(ids, year=version.year, exclude_version=version)
    for item in checks:
        person_id = item.row.person_id or 0
        if person_id in barred:
            words = " ".join(row.words for row in barred[person_id])
            sentence = _("%(words)s Tidak boleh bersama program ini.")
            item.problem("nik", "exclusive_programme", sentence % {"words": words})
        elif person_id in others:
            names = ", ".join(others[person_id])
            sentence = _("Juga di %(names)s tahun ini.") % {"names": names}
            item.warn("nik", "other_programme", sentence)


def _check_families(batch: ImportBatch, checks: list[RowCheck], version: ProgrammeVersion) -> None:
    """One person per KK, over the whole list and the register; a row with a problem holds none."""
    first = _families_before(batch, checks)
    taken = _families_taken(version, checks)
    for item in checks:
        kk, nik = item.row.kk_index or "", item.row.nik_index or ""
        if not kk:
            if item.row.person is None or item.row.person.family_id is None:
                sentence = _("Nomor KK harus diisi, karena satu KK hanya satu penerima.")
                item.problem("kk", "no_family", sentence)
            continue
        if kk in first and first[kk][1] != nik:
            sentence = _(
                "Satu KK hanya boleh satu orang; baris %(row)s memakai KK yang sama."
                " Pilih satu orang dan hapus baris lainnya."
            )
            item.problem("kk", "second_in_family", sentence % {"row": first[kk][0]})
        elif taken.get(kk, item.row.person_id) != item.row.person_id:
            sentence = _("Sudah ada orang lain dari KK ini yang diusulkan atau ditetapkan.")
            item.problem("kk", "second_in_family", sentence)
        if not item.problems:
            first.setdefault(kk, (item.row.row_number, nik))


def _families_before(batch: ImportBatch, checks: list[RowCheck]) -> dict[str, tuple[int, str]]:
    """Index of a KK -> (row, index of the NIK) of the sound row that has it, before these."""
    wanted = {item.row.kk_index for item in checks} - {""}
    start = min(item.row.row_number for item in checks)
    rows = batch.rows.filter(kk_index__in=wanted, row_number__lt=start)
    found: dict[str, tuple[int, str]] = {}
    sound = rows.exclude(verdict=RowVerdict.PROBLEM).order_by("row_number")
    for kk, number, nik in sound.values_list("kk_index", "row_number", "nik_index"):
        found.setdefault(kk or "", (number, nik or ""))
    return found


def _families_taken(version: ProgrammeVersion, checks: list[RowCheck]) -> dict[str, int]:
    """Index of a KK -> the person of it who is proposed for or holds a place."""
    wanted = {item.row.kk_index for item in checks} - {""}
    families = dict(Family.objects.filter(kk_index__in=wanted).values_list("pk", "kk_index"))
    rows = (
        Enrolment.objects.filter(version=version, family_id__in=families)
        .exclude(state__in=[*ENDED, EnrolmentState.DRAFT])
        .order_by("pk")
        .values_list("family_id", "person_id", "state")
    )
    taken: dict[str, int] = {}
    for family_id, person_id, state in rows:
        index = families.get(family_id) or ""
        if index not in taken or state in HOLDING:
            taken[index] = person_id
    return taken


def accept(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Propose the people of accepted rows; who waits for correction is sent again."""
    version = version_of(batch.context)
    people = {row.person_id: row for row in rows if row.person_id is not None}
    existing = {
        row.person_id: row
        for row in Enrolment.objects.filter(version=version, person_id__in=people)
        .exclude(state__in=ENDED)
        .select_related("person", "version__programme")
    }
    accounts = _accounts(version, list(people))
    fresh: list[Candidate] = []
    corrected: list[tuple[Enrolment, BankAccount | None]] = []
    for person_id, row in people.items():
        known = existing.get(person_id)
        account = accounts.get(person_id)
        if known is None:
            fresh.append(_candidate(row, account))
        elif known.state == EnrolmentState.NEEDS_CORRECTION:
            corrected.append((known, account))
    if corrected:
        resubmit_many(version=version, items=corrected, by=by, at=at)
    if fresh:
        propose_many(
            version=version,
            candidates=fresh,
            channel=Channel.LIST,
            by=by,
            at=at,
            import_batch=batch,
        )


def _candidate(row: ImportRow, account: BankAccount | None) -> Candidate:
    data = data_of(row)
    assert row.person is not None  # noqa: S101  the engine saves people first
    return Candidate(
        person=row.person,
        account=account,
        companion_name=str(data.get("companion") or "")[:120],
        note=str(data.get("note") or ""),
        warnings=[{"code": w["code"], "message": w["message"]} for w in row.warnings],
    )


def _accounts(version: ProgrammeVersion, person_ids: list[int]) -> dict[int, BankAccount]:
    """Person id -> their open account at the paying bank."""
    rows = BankAccount.objects.filter(person_id__in=person_ids, bank_code=bank_of(version)).exclude(
        state=AccountState.CLOSED
    )
    return {row.person_id: row for row in rows}


def describe(batch: ImportBatch) -> str:
    """What the list proposes for: "PKH Plus 2026, Kabupaten Madiun"."""
    names = names_of([batch.area_code])
    return f"{version_of(batch.context)}, {names.get(batch.area_code, batch.area_code)}"


def done_url(batch: ImportBatch) -> str:
    """The proposals of the version after the list is in."""
    return f"{reverse('programs:proposals')}?version={batch.context.get('version')}"


def prefill(context: dict[str, Any], user: User) -> Iterable[Mapping[str, Written]]:
    """Last year's active people of the area as rows of the template; numbers in full.

    The officer deletes who is no longer to be proposed; the handing out is audited by the engine.
    """
    version = version_of(context)
    rows = (
        Enrolment.objects.visible_to(user)
        .filter(
            version__programme_id=version.programme_id,
            version__year=version.year - 1,
            state=EnrolmentState.ACTIVE,
        )
        .select_related("person__family", "account")
        .order_by("area_code", "person__name", "pk")
    )
    names = names_of(rows.values_list("area_code", flat=True).distinct())
    for number, row in enumerate(rows.iterator(chunk_size=1000), start=1):
        yield _template_row(number, row, names)


def _template_row(number: int, row: Enrolment, names: dict[str, str]) -> dict[str, Written]:
    person, code = row.person, row.area_code
    return {
        "no": number,
        "family_head": person.family.head_name if person.family else "",
        "name": person.name,
        "nik": person.nik or "",
        "kk": person.family.kk if person.family else "",
        "mother_name": person.mother_name or "",
        "birth_place": person.birth_place,
        "birth_date": person.birth_date,
        "sex": person.sex,
        "address": person.address,
        "village": names.get(code[:13], "") if len(code) == 13 else "",
        "district": names.get(code[:8], ""),
        "regency": names.get(code[:5], ""),
        "account": row.account.number if row.account else "",
        "companion": row.companion_name,
    }


def purpose(context_form: Any) -> ImportPurpose:
    """The import purpose with the form that asks for its programme."""
    return ImportPurpose(
        key=PURPOSE,
        title=gettext_lazy("Usulan penerima"),
        permission=Permission.PROPOSAL_SUBMIT,
        columns=columns,
        template_title=template_title,
        accept=accept,
        describe=describe,
        done_url=done_url,
        check=check,
        hint=gettext_lazy(
            "Daftar usulan satu program, satu baris satu orang. Templatnya mengikuti program yang"
            " dipilih."
        ),
        context_form=context_form,
        check_context=check_context,
        template_choices={"sex": ("L", "P")},
        instructions=(
            gettext_lazy("Isi satu orang per baris. Jangan ubah judul kolom."),
            gettext_lazy("NIK dan nomor KK ditulis sebagai teks, 16 angka tanpa spasi."),
            gettext_lazy("Nomor rekening ditulis sebagai teks, tanpa spasi dan tanda hubung."),
            gettext_lazy("Tanggal lahir seperti 12-08-1950."),
        ),
        prefill=prefill,
        causes=CAUSES,
    )

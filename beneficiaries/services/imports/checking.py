"""The third step, done by a worker: every row against itself, the file and the register."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from bansos.accounts.models import Agency
from bansos.jobs.models import Job
from bansos.jobs.registry import Step
from bansos.lib.crypto import blind_index
from beneficiaries.choices import (
    AccountState,
    BpsRelation,
    ImportState,
    RelationCodes,
    RowVerdict,
)
from beneficiaries.models import BankAccount, FamilyMember, ImportBatch, ImportRow, Person
from beneficiaries.queries.facts import facts_about
from beneficiaries.queries.rows import data_of
from beneficiaries.rules.relations import (
    SaidRelation,
    fits_sex,
    is_bare_number,
    read_number,
    read_relation,
    says_the_same,
)
from beneficiaries.services.imports.causes import label_of
from beneficiaries.services.imports.mapping import batch_of
from beneficiaries.services.imports.purposes import (
    NOTE,
    ImportPurpose,
    RowCheck,
    purpose_of,
)
from beneficiaries.services.imports.reading import RowReader
from beneficiaries.services.people import PersonValues, changed_fields

STEP_ROWS = 300
NAMES_ALIKE = 55
READING, COMPARING, WEIGHING = "baca", "banding", "dampak"
INDEXED = (("nik", "nik_index", "nik"), ("kk", "kk_index", "kk"))
ROW_FIELDS = [
    "values",
    "verdict",
    "problems",
    "warnings",
    "person",
    "nik_index",
    "kk_index",
    "account_index",
    "key_index",
]


def check_step(*, job: Job, today: date) -> Step:
    """One step of the check: some rows read, or some rows compared; counts when all are done."""
    batch = batch_of(job)
    if batch is None:
        return Step(finished=True, done=job.done, total=job.done)
    phase = job.cursor.get("phase", READING)
    after = job.cursor.get("after", 0)
    if phase == WEIGHING:
        return _weigh(batch, after, today)
    rows = list(batch.rows.filter(row_number__gt=after).order_by("row_number")[:STEP_ROWS])
    total = batch.counts["rows"]
    if rows:
        (_read_rows if phase == READING else _compare_rows)(batch, rows, today)
        done = batch.rows.filter(row_number__lte=rows[-1].row_number).count()
        shown = done // 2 if phase == READING else (total + done) // 2
        words = (
            _("Membaca baris") if phase == READING else _("Membandingkan dengan daftar penerima")
        )
        return Step(
            finished=False,
            done=shown,
            total=total,
            message=words,
            cursor={"phase": phase, "after": rows[-1].row_number},
        )
    if phase == READING:
        return Step(False, total // 2, total, cursor={"phase": COMPARING, "after": 0})
    batch.effects.all().delete()
    return _weigh(batch, 0, today)


def _weigh(batch: ImportBatch, after: int, today: date) -> Step:
    """What the list would change for people with open cases; then the check is done."""
    purpose, total = purpose_of(batch.purpose), batch.counts["rows"]
    last = purpose.weigh(batch, after, today) if purpose.weigh else None
    if last is None:
        return _finish(batch, total)
    return Step(
        finished=False,
        done=total,
        total=total,
        message=_("Menghitung dampak"),
        cursor={"phase": WEIGHING, "after": last},
    )


def cancel_check(job: Job) -> None:
    """A stopped check leaves the list as it was uploaded."""
    batch = batch_of(job)
    if batch is None:
        return
    batch.effects.all().delete()
    batch.rows.update(
        verdict=RowVerdict.WAITING,
        problems=[],
        warnings=[],
        person=None,
        nik_index="",
        kk_index="",
        account_index="",
        key_index="",
    )
    batch.state = ImportState.UPLOADED
    batch.save(update_fields=["state"])


def _read_rows(batch: ImportBatch, rows: Sequence[ImportRow], today: date) -> None:
    purpose = purpose_of(batch.purpose)
    reader = RowReader(
        batch,
        tuple(purpose.columns(batch.context)),
        about_people=purpose.about_people,
        about_places=purpose.about_places,
        bank_code=bank_code_of(batch),
        today=today,
    )
    reader.prepare(rows)
    for row in rows:
        check = reader.read(row)
        _settle_relation(check, batch.relation_codes)
        for key, field, kind in (*INDEXED, ("account", "account_index", "account")):
            text = check.values.get(key, "")
            setattr(row, field, blind_index(text, kind) if text else "")
        row.key_index = _key_index(purpose, check)
        row.person = None
        _keep(check)
    _save(rows)


def _key_index(purpose: ImportPurpose, check: RowCheck) -> str:
    key = purpose.keyed(check.values) if purpose.keyed else ""
    return blind_index(key, "import_key") if key else ""


def _settle_relation(check: RowCheck, codes: str) -> None:
    """A number becomes the word it stands for in the code of the list, or BPS's own where open."""
    text = check.values.get("relation", "")
    said = None
    if text and is_bare_number(text):
        said = read_number(text, codes=codes, sex=check.values.get("sex", ""))
    if said is not None:
        check.values["relation"] = said.word
        check.values["bps_relation"] = said.bps


def _said_relation(check: RowCheck) -> SaidRelation:
    bps = check.values.get("bps_relation")
    relation = read_relation(check.values.get("relation", ""))
    return SaidRelation(relation, BpsRelation(bps) if bps else None)


def bank_code_of(batch: ImportBatch) -> str:
    """The paying bank of a list: the context's own, else the province's."""
    if batch.context.get("bank_code"):
        return str(batch.context["bank_code"])
    agency = Agency.objects.filter(area_code=batch.area_code[:2]).first()
    return agency.bank_code if agency else ""


def _keep(check: RowCheck) -> None:
    row = check.row
    row.values = {**row.values, "data": check.values}
    row.problems, row.warnings = check.problems, check.warnings
    row.verdict = RowVerdict.PROBLEM if check.problems else check.verdict


def _save(rows: Sequence[ImportRow]) -> None:
    # One statement for all rows: an upsert by primary key is faster than UPDATE ... CASE.
    ImportRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=ROW_FIELDS
    )


def _compare_rows(batch: ImportBatch, rows: Sequence[ImportRow], today: date) -> None:
    purpose = purpose_of(batch.purpose)
    checks = [
        RowCheck(row=row, values=data_of(row), problems=row.problems, warnings=row.warnings)
        for row in rows
    ]
    _check_doubles(batch, checks)
    if purpose.about_people:
        _check_register(batch, checks, today)
        check_accounts(batch, checks)
    if purpose.check is not None:
        purpose.check(batch, checks)
    for check in checks:
        _keep(check)
    _save(rows)


def _check_doubles(batch: ImportBatch, checks: Sequence[RowCheck]) -> None:
    """The second and later rows of the same person; the first one stands."""
    wanted = {check.row.nik_index for check in checks} - {""}
    first: dict[str, int] = {}
    rows = batch.rows.filter(nik_index__in=wanted).order_by("row_number")
    for index, number in rows.values_list("nik_index", "row_number"):
        first.setdefault(index, number)
    for check in checks:
        earlier = first.get(check.row.nik_index)
        if earlier is not None and earlier != check.row.row_number:
            sentence = _("NIK ini sudah ada di baris %(row)d berkas ini.") % {"row": earlier}
            check.problem("nik", "ganda_dalam_berkas", sentence)


@dataclass(frozen=True)
class _Known:
    """What the register holds about the NIKs of one chunk."""

    people: dict[str, Person]
    accounts: dict[int, str]
    relations: dict[int, tuple[int | None, int | None]]


def _known(batch: ImportBatch, checks: Sequence[RowCheck]) -> _Known:
    wanted = {check.row.nik_index for check in checks} - {""}
    people = {
        str(person.nik_index): person
        for person in Person.objects.filter(nik_index__in=wanted).select_related("family")
    }
    accounts = BankAccount.objects.filter(
        person__in=people.values(), bank_code=bank_code_of(batch)
    ).exclude(state=AccountState.CLOSED)
    pairs = accounts.values_list("person_id", "number_index")
    return _Known(
        people,
        {person_id: str(index) for person_id, index in pairs},
        _relations(people.values(), checks),
    )


def _relations(
    people: Iterable[Person], checks: Sequence[RowCheck]
) -> dict[int, tuple[int | None, int | None]]:
    """Person id -> relation to the head and BPS's, asked only when the list says relations."""
    if all(_said_relation(check) == SaidRelation() for check in checks):
        return {}
    rows = FamilyMember.objects.filter(person__in=people, until_date=None)
    return {
        pk: (relation, bps)
        for pk, relation, bps in rows.values_list("person_id", "relation", "bps_relation")
    }


def _check_relation(check: RowCheck, codes: str) -> None:
    """Refuses a number that nobody answers for; warns of a word nobody reads, an odd spouse."""
    text = check.values.get("relation", "")
    relation = read_relation(text)
    if not fits_sex(relation, check.values.get("sex", "")):
        sentence = _("Hubungan suami atau istri tidak cocok dengan jenis kelaminnya.")
        check.warn("relation", "hubungan_kelamin", sentence)
    if not text or relation is not None:
        return
    if not is_bare_number(text):
        sentence = _("Hubungan keluarga tidak terbaca dan tidak dicatat.")
        check.warn("relation", "hubungan_tidak_terbaca", sentence)
        return
    if codes:
        words = {"text": text, "codes": str(RelationCodes(codes).label).split(":")[0]}
        sentence = _("Angka hubungan keluarga %(text)s tidak ada di sandi %(codes)s.") % words
    else:
        sentence = _(
            "Hubungan keluarga hanya berupa angka, dan angka Dukcapil dan BPS berbeda arti. Pilih"
            " sandinya di Cocokkan kolom, atau tulis dengan kata, misalnya Istri atau Anak."
        )
    check.problem("relation", "hubungan_angka", sentence)


def _relation_differs(check: RowCheck, known: tuple[int | None, int | None]) -> bool:
    return not says_the_same(_said_relation(check), *known)


def _check_register(batch: ImportBatch, checks: Sequence[RowCheck], today: date) -> None:
    """New, changed or same; registered elsewhere; under another name; dead."""
    known = _known(batch, checks)
    facts = facts_about(list(known.people.values()), on=today)
    for check in checks:
        _check_relation(check, batch.relation_codes)
        person = known.people.get(check.row.nik_index)
        if person is None:
            check.verdict = RowVerdict.NEW
            continue
        if not person.area_code.startswith(batch.area_code):
            sentence = _(
                "NIK ini sudah terdaftar di wilayah lain. Minta staf provinsi memeriksanya."
            )
            check.problem("nik", "terdaftar_di_wilayah_lain", sentence)
            continue
        check.row.person = person
        if facts[person.pk].died_on is not None:
            source = facts[person.pk].death_source or _("catatan petugas")
            sentence = _("Orang ini tercatat meninggal menurut %(source)s.") % {"source": source}
            check.problem("nik", "meninggal", sentence)
        _compare_name(check, person)
        changed = _differs(check, person, known.accounts.get(person.pk, ""))
        changed |= _relation_differs(check, known.relations.get(person.pk, (None, None)))
        check.verdict = RowVerdict.CHANGED if changed else RowVerdict.SAME
    _check_deaths_of_new(checks, today)


def _check_deaths_of_new(checks: Sequence[RowCheck], today: date) -> None:
    """People the register does not know yet may stand in a list of deaths as well."""
    # Unsaved people: the facts are asked by their blind index, which the row already has.
    strangers = {
        -place: Person(
            pk=-place,
            nik_index=check.row.nik_index,
            area_code=check.values.get("area_code", ""),
        )
        for place, check in enumerate(checks, start=1)
        if check.row.person is None and check.row.nik_index
    }
    facts = facts_about(list(strangers.values()), on=today)
    for place, check in enumerate(checks, start=1):
        found = facts.get(-place)
        if found is not None and found.died_on is not None:
            sentence = _("Orang ini tercatat meninggal menurut %(source)s.") % {
                "source": found.death_source
            }
            check.problem("nik", "meninggal", sentence)


def _compare_name(check: RowCheck, person: Person) -> None:
    said, registered = check.values.get("name", "").upper(), person.name.upper()
    if said and fuzz.token_sort_ratio(said, registered) < NAMES_ALIKE:
        sentence = _("NIK ini terdaftar atas nama yang jauh berbeda. Periksa KTP, beri catatan.")
        check.warn("name", "nama_beda_register", sentence, note=True)


def person_values(values: dict[str, Any]) -> PersonValues:
    """A row's typed values as the register takes them."""
    texts = ("kk", "mother_name", "birth_place", "sex", "address", "phone", "family_head")
    return PersonValues(
        nik=values["nik"],
        name=values["name"],
        area_code=values["area_code"],
        village_id=values["village_id"],
        birth_date=values["birth_date"],
        relation=read_relation(values.get("relation", "")),
        bps_relation=values.get("bps_relation"),
        **{key: values.get(key, "") for key in texts},
    )


def _differs(check: RowCheck, person: Person, account_index: str) -> bool:
    if changed_fields(person, person_values(check.values), keep_empty=True):
        return True
    kk_index = person.family.kk_index if person.family else ""
    if check.row.kk_index and check.row.kk_index != kk_index:
        return True
    return bool(check.row.account_index) and check.row.account_index != account_index


def check_accounts(batch: ImportBatch, checks: Sequence[RowCheck]) -> None:
    """One account for several people, in the file or in the register."""
    wanted = {check.row.account_index for check in checks} - {""}
    rows = batch.rows.filter(account_index__in=wanted).exclude(nik_index="")
    in_file = dict(
        rows.values_list("account_index")
        .annotate(people=Count("nik_index", distinct=True))
        .values_list("account_index", "people")
    )
    holders: dict[str, set[str]] = {}
    open_ones = BankAccount.objects.filter(number_index__in=wanted).exclude(
        state=AccountState.CLOSED
    )
    for index, nik_index in open_ones.values_list("number_index", "person__nik_index"):
        holders.setdefault(str(index), set()).add(nik_index or "")
    for check in checks:
        index = check.row.account_index
        others = holders.get(index, set()) - {check.row.nik_index}
        if in_file.get(index, 0) > 1 or others:
            where = _("orang lain di daftar penerima") if others else _("orang lain di berkas ini")
            sentence = _("Nomor rekening ini juga dipakai %(where)s.") % {"where": where}
            check.problem("account", "rekening_bersama", sentence)


def _finish(batch: ImportBatch, total: int) -> Step:
    recount(batch)
    batch.state = ImportState.CHECKED
    batch.save(update_fields=["counts", "causes", "state"])
    return Step(
        finished=True,
        done=total,
        total=total,
        notes=bool(batch.counts["problem"]),
        message=_("Siap diperiksa hasilnya."),
        result_url=batch.get_absolute_url(),
    )


def recount(batch: ImportBatch) -> None:
    """Fill the batch's counts by verdict and its causes, from the rows that are there."""
    purpose = purpose_of(batch.purpose)
    verdicts = Counter(batch.rows.values_list("verdict", flat=True))
    causes: Counter[str] = Counter()
    hints: Counter[str] = Counter()
    noted = 0
    rows = batch.rows.exclude(problems=[], warnings=[]).values_list("problems", "warnings")
    for problems, warnings in rows.iterator(chunk_size=2_000):
        causes.update({item["code"] for item in problems})
        if not problems:
            hints.update({item["code"] for item in warnings})
            noted += any(item[NOTE] for item in warnings)
    batch.counts = {
        "rows": batch.counts["rows"],
        "ignored": batch.counts.get("ignored", 0),
        "accepted": batch.counts.get("accepted", 0),
        **{verdict.value: verdicts.get(verdict, 0) for verdict in RowVerdict},
        "noted": noted,
    }
    batch.causes = [
        {"code": code, "label": label_of(code, purpose), "count": count, "stops": stops}
        for stops, found in ((True, causes), (False, hints))
        for code, count in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    ]

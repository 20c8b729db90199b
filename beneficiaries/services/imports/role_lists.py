"""Lists of people in a role: pillars and workers; and of their traits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput
from bansos.lib.money import parse_rupiah
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from bansos.regions.queries import regencies_of
from beneficiaries.choices import DisabilityKind, PillarKind, Ppks, RowVerdict
from beneficiaries.models import (
    ImportBatch,
    ImportRow,
    Person,
    Pillar,
    Worker,
)
from beneficiaries.rules.categories import RESTRICTED
from beneficiaries.rules.pillars import is_body
from beneficiaries.services.imports.columns import people_columns
from beneficiaries.services.imports.outcomes import (
    PLACES,
    act_on_each,
    day_in,
    read_choice,
    required_day,
)
from beneficiaries.services.imports.payee_lists import CAUSES, describe
from beneficiaries.services.imports.purposes import ImportPurpose, RowCheck
from beneficiaries.services.imports.regions import same_regency
from beneficiaries.services.pillars import PillarValues, add_company, appoint, employ
from beneficiaries.services.traits import add_category, record_disability

PERSON = ("no", "nik", "name", "kk", "birth_place", "birth_date", "sex", "address", *PLACES)


# Pillars: people only; bodies are few and typed.
PILLARS_OF_PEOPLE = {code: label for code, label in PillarKind.choices if not is_body(code)}


def pillar_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """A person, the kind of pillar, certificate, load, honorarium, since when."""
    return (
        *people_columns(*PERSON),
        ExpectedColumn("kind", "JENIS PILAR", ("PILAR", "JENIS"), True, ColumnKind.CHOICE),
        ExpectedColumn("certificate", "NOMOR SERTIFIKAT", ("SERTIFIKAT",)),
        ExpectedColumn("certified_on", "TANGGAL SERTIFIKAT", (), kind=ColumnKind.DATE),
        ExpectedColumn("load", "JUMLAH DAMPINGAN", ("DAMPINGAN",), kind=ColumnKind.NUMBER),
        ExpectedColumn("honorarium", "TALI ASIH", ("HONORARIUM",), kind=ColumnKind.MONEY),
        ExpectedColumn("active_from", "BERTUGAS SEJAK", ("SEJAK", "TMT"), kind=ColumnKind.DATE),
    )


def check_pillars(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """Kind, load and honorarium can be read; who serves already is the same."""
    people = [check.row.person_id for check in checks if check.row.person_id]
    rows = Pillar.objects.filter(person__in=people, active_until=None)
    serving = set(rows.values_list("person_id", "kind"))
    for check in checks:
        kind = read_choice(check, "kind", PILLARS_OF_PEOPLE)
        check.values["kind"] = kind
        required_day(check, "active_from", "BERTUGAS SEJAK")
        load = str(check.values.get("load", "")).strip()
        if load and not load.isdigit():
            check.problem("load", "pilihan_tidak_dikenal", _("Jumlah dampingan harus angka."))
        _read_honorarium(check)
        known = (check.row.person_id, kind) in serving
        check.verdict = RowVerdict.SAME if known else RowVerdict.NEW


def _read_honorarium(check: RowCheck) -> None:
    text = str(check.values.get("honorarium", "")).strip()
    try:
        check.values["honorarium"] = str(parse_rupiah(text)) if text else ""
    except BadInput as wrong:
        check.problem("honorarium", "pilihan_tidak_dikenal", wrong.message)


def accept_pillars(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Appoint each: a TKSK serves a district, the others the village they live in."""

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        kind = PillarKind(data["kind"])
        place = data["area_code"]
        appoint(
            values=PillarValues(
                kind=kind,
                area_code=place[:8] if kind == PillarKind.TKSK else place,
                active_from=day_in(data, "active_from") or day_of(at),
                certificate_number=data.get("certificate", ""),
                certificate_date=day_in(data, "certified_on"),
                load=int(data["load"]) if data.get("load") else None,
                honorarium=Decimal(data["honorarium"]) if data.get("honorarium") else None,
            ),
            person=row.person,
            by=by,
            at=at,
        )

    act_on_each(rows, act)


PILLARS = ImportPurpose(
    key="beneficiaries.pillars",
    title=gettext_lazy("Pilar sosial"),
    hint=gettext_lazy("TKSK, PSM, Tagana, pendamping, dan pilar perorangan lain."),
    permission=Permission.PAYEE_EDIT,
    columns=pillar_columns,
    check=check_pillars,
    accept=accept_pillars,
    describe=describe,
    done_url=lambda batch: reverse("beneficiaries:pillars"),
    template_choices={"kind": [str(label) for label in PILLARS_OF_PEOPLE.values()]},
    causes=CAUSES,
)

# Workers: one row per person and company.


def worker_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """A person, the company, the regency of work."""
    return (
        *people_columns(*PERSON),
        ExpectedColumn("company", "PERUSAHAAN", ("NAMA PERUSAHAAN", "PABRIK"), required=True),
        ExpectedColumn(
            "work", "KABUPATEN/KOTA TEMPAT KERJA", ("TEMPAT KERJA", "WILAYAH KERJA"), required=True
        ),
        ExpectedColumn("occupation", "PEKERJAAN", ("BAGIAN",)),
        ExpectedColumn("work_from", "BEKERJA SEJAK", ("TMT",), kind=ColumnKind.DATE),
    )


def check_workers(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """A regency of the province; who works there already is the same."""
    regencies = regencies_of(batch.area_code[:2])
    people = [check.row.person_id for check in checks if check.row.person_id]
    rows = Worker.objects.filter(person__in=people, until_date=None)
    at_work = set(rows.values_list("person_id", Upper("company__name")))
    for check in checks:
        said = str(check.values.get("work", ""))
        found = [region.code for region in regencies if same_regency(region.name, said)]
        check.values["work_code"] = found[0] if len(found) == 1 else ""
        if said and len(found) != 1:
            sentence = _("Tempat kerja tidak dikenal. Tulis misalnya KABUPATEN KEDIRI.")
            check.problem("work", "kabupaten_tidak_jelas", sentence)
        name = " ".join(str(check.values.get("company", "")).upper().split())
        known = (check.row.person_id, name) in at_work
        check.verdict = RowVerdict.SAME if known else RowVerdict.NEW


def accept_workers(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Find or add the company, then record the work."""

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        if row.person is None:
            return
        company = add_company(name=data["company"], area_code=data["work_code"], by=by, at=at)
        employ(
            person=row.person,
            company=company,
            occupation=data.get("occupation", ""),
            from_date=day_in(data, "work_from"),
            source=batch.file_name,
            by=by,
            at=at,
        )

    act_on_each(rows, act)


WORKERS = ImportPurpose(
    key="beneficiaries.workers",
    title=gettext_lazy("Pekerja perusahaan"),
    hint=gettext_lazy("Pekerja dengan perusahaan dan tempat kerjanya, misalnya pabrik rokok."),
    permission=Permission.PAYEE_EDIT,
    columns=worker_columns,
    check=check_workers,
    accept=accept_workers,
    describe=describe,
    done_url=lambda batch: reverse("beneficiaries:workers"),
    template_choices={"sex": ("L", "P")},
    causes=CAUSES,
)

# Traits: PPKS category and kind of disability of people the register knows.


def trait_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """A NIK, a category, a kind of disability: the columns regencies use."""
    return (
        *people_columns("no", "nik"),
        ExpectedColumn("code", "KODE KATEGORI", ("KODE PPKS", "KATEGORI PPKS", "KODE PMKS")),
        ExpectedColumn("disability", "JENIS DISABILITAS", ("DISABILITAS",)),
        ExpectedColumn("since", "SEJAK", ("TANGGAL",), kind=ColumnKind.DATE),
        *people_columns("note"),
    )


def check_traits(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """A known person and something to record; restricted categories are not taken from lists."""
    wanted = {check.row.nik_index for check in checks} - {""}
    rows = Person.objects.filter(nik_index__in=wanted, area_code__startswith=batch.area_code)
    known = {str(row.nik_index): row for row in rows}
    for check in checks:
        check.row.person = known.get(check.row.nik_index)
        if check.row.person is None and not check.problems:
            sentence = _("NIK ini tidak ada di daftar penerima wilayah daftar.")
            check.problem("nik", "nik_tidak_sah", sentence)
        code = str(check.values.get("code", "")).strip()
        check.values["code"] = code.zfill(2) if code.isdigit() else code
        check.values["code"] = read_choice(check, "code", dict(Ppks.choices))
        if check.values["code"] in RESTRICTED:
            sentence = _("Kategori ini terbatas dan dicatat satu per satu di berkas orangnya.")
            check.problem("code", "pilihan_tidak_dikenal", sentence)
        kind = read_choice(check, "disability", dict(DisabilityKind.choices))
        check.values["disability"] = kind
        if not (check.values["code"] or kind or check.problems):
            sentence = _("Isi kategori PPKS atau jenis disabilitas.")
            check.problem("code", "belum_diisi", sentence)


def accept_traits(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Record the disability first: some categories ask for it."""

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        if row.person is None:
            return
        since = day_in(data, "since")
        given = {"person": row.person, "source": batch.file_name, "note": data.get("note", "")}
        if data["disability"]:
            kind = DisabilityKind(data["disability"])
            record_disability(kind=kind, since=since, by=by, at=at, **given)
        if data["code"]:
            day = since or day_of(at)
            add_category(code=Ppks(data["code"]), since=day, by=by, at=at, **given)

    act_on_each(rows, act)


TRAITS = ImportPurpose(
    key="beneficiaries.traits",
    title=gettext_lazy("Kategori PPKS dan disabilitas"),
    hint=gettext_lazy("Untuk orang yang sudah ada di daftar penerima."),
    permission=Permission.IMPORT_RUN,
    columns=trait_columns,
    check=check_traits,
    accept=accept_traits,
    describe=describe,
    done_url=lambda batch: reverse("beneficiaries:people"),
    about_people=False,
    causes=CAUSES,
)

"""A throw-away database with one programme, one regency and as many people as asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from bansos.accounts.models import Agency, User
from bansos.lib.crypto import blind_index, seal_text
from bansos.regions.choices import Level
from bansos.regions.models import Region
from beneficiaries.models import Family, Person, Snapshot
from disbursements.models import BudgetLine
from disbursements.services import budgets
from programs.choices import BenefitKind, DecreeState, PayeeKind, VersionState
from programs.models import Decree, Enrolment, Programme, ProgrammeVersion, Stage

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
AREA, BANK = "35.19", "114"
VILLAGES, PER_DISTRICT = 200, 20
CRITERIA = [
    {"code": "min_age_on_stage", "params": {"age": 70}, "label": ""},
    {"code": "desil_in", "params": {"values": [1, 2, 3, 4]}, "label": ""},
    {"code": "in_regular_pkh", "params": {}, "label": ""},
    {"code": "one_per_family", "params": {}, "label": ""},
    {"code": "domicile_in_province", "params": {"province": "35"}, "label": ""},
    {"code": "not_excluded", "params": {}, "label": ""},
    {"code": "alive", "params": {}, "label": ""},
]


@dataclass
class MoneyWorld:
    """Who acts, and the stage that is paid."""

    maker: User
    checker: User
    approver: User
    treasurer: User
    stage: Stage
    other_stage: Stage
    budget: BudgetLine


@contextmanager
def scratch_database() -> Iterator[None]:
    """An empty migrated database beside the configured one; dropped at the end."""
    old = connection.settings_dict["NAME"]
    name = f"bansos_bench_{timezone.now():%H%M%S}"
    with connection.cursor() as db:
        db.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = old
        with connection.cursor() as db:
            db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def make_world(count: int) -> MoneyWorld:
    """PKH Plus with a decree over `count` elders, their accounts, lists and budget."""
    _places()
    agency = Agency.objects.create(
        name="Dinas Sosial Provinsi Jawa Timur",
        government="Pemerintah Provinsi Jawa Timur",
        address="Surabaya",
        city="Surabaya",
        head_title="Kepala Dinas",
        head_name="Nama",
        area_code="35",
        bank_code=BANK,
        bank_name="Bank Jatim",
        source_account="0011000123",
    )
    people = [
        User.objects.create(username=role, full_name=role, role=role, area_code="35")
        for role in ("staf_program", "kepala_seksi", "kepala_dinas", "bendahara")
    ]
    version = _version(agency, people[0])
    _people(count, version.pk, people[0].pk)
    _accounts(count, people[0].pk)
    decree = _decree(version, people)
    _registry(people[0])
    with connection.cursor() as db:
        db.execute(
            "INSERT INTO programs_decreeline (decree_id, enrolment_id, position, name, address,"
            " area_code, annual_amount) SELECT %s, id, id, 'Suminah', '', area_code, 2000000"
            " FROM programs_enrolment",
            [decree.pk],
        )
        # Seen once, so that nobody pays for the first look at the rows; the reference comes first.
        db.execute("VACUUM ANALYZE")
    stage, other_stage = (
        Stage.objects.create(
            version=version,
            number=number,
            name=f"Tahap {number}",
            stage_date=date(2026, 3 + number, 1),
            amount=Decimal(500_000),
        )
        for number in (1, 2)
    )
    budget = budgets.record_budget(
        version=version,
        dpa_number="DPA/A.1/2026",
        dpa_date=date(2026, 1, 5),
        account_code="5.1.06.01",
        ceiling=Decimal(10) ** 13,
        by=people[0],
        at=NOW,
    )
    budgets.allocate(budget=budget, amounts={AREA: Decimal(10) ** 13}, by=people[0], at=NOW)
    return MoneyWorld(*people, stage=stage, other_stage=other_stage, budget=budget)


def _places() -> None:
    rows = [("35", "Jawa Timur", Level.PROVINCE, None)]
    rows.append((AREA, "Kabupaten Madiun", Level.REGENCY, "35"))
    for number in range(VILLAGES):
        district = f"{AREA}.{number // PER_DISTRICT + 1:02d}"
        if number % PER_DISTRICT == 0:
            rows.append((district, f"Kecamatan {number}", Level.DISTRICT, AREA))
        code = f"{district}.{2001 + number % PER_DISTRICT}"
        rows.append((code, f"Desa {number}", Level.VILLAGE, district))
    for code, name, level, parent in rows:
        Region.objects.update_or_create(
            code=code, defaults={"name": name, "level": level, "parent_id": parent}
        )


def _version(agency: Agency, maker: User) -> ProgrammeVersion:
    programme = Programme.objects.create(
        agency=agency, area_code="35", code="PKHPLUS", name="PKH Plus"
    )
    return ProgrammeVersion.objects.create(
        programme=programme,
        year=2026,
        state=VersionState.ACTIVE,
        payee_kind=PayeeKind.PERSON,
        benefit_kind=BenefitKind.PER_STAGE,
        annual_amount=Decimal(2_000_000),
        one_per_family=True,
        criteria=CRITERIA,
        bank_code=BANK,
        activated_at=NOW,
        activated_by=maker,
    )


def _people(count: int, version: int, by: int) -> None:
    """Families, persons and enrolments by SQL; their sealed numbers are not read by any bench."""
    with connection.cursor() as db:
        db.execute(
            "CREATE TEMP TABLE soul AS SELECT n, md5(n::text) || md5('k' || n) AS mark,"
            " %s || '.' || lpad((n %% %s / %s + 1)::text, 2, '0') || '.'"
            " || (2001 + n %% %s) AS area FROM generate_series(1, %s) n",
            [AREA, VILLAGES, PER_DISTRICT, PER_DISTRICT, count],
        )
    by_now = {"created_at": "now()", "created_by_id": str(by), "area_code": "area"}
    _insert(Family, {**by_now, "id": "n", "kk": "''::bytea", "kk_index": "mark"})
    _insert(
        Person,
        {
            **by_now,
            "id": "n",
            "nik_index": "mark",
            "name": "'Suminah Rahayu ' || n",
            "birth_date": "date '1940-01-01' + n % 3000",
            "sex": "'P'",
            "address": "'Dusun Krajan RT ' || n % 9",
            "updated_at": "now()",
            "family_id": "n",
        },
    )
    _insert(
        Enrolment,
        {
            **by_now,
            "state": "'active'",
            "channel": "'list'",
            "one_per_family": "TRUE",
            "decided_at": "now()",
            "decided_by_id": str(by),
            "active_from": "date '2026-02-01'",
            "family_id": "n",
            "person_id": "n",
            "version_id": str(version),
        },
    )


def _insert(model: type[Model], columns: dict[str, str]) -> None:
    """One row per soul; columns that are not named take their field's default."""
    values = dict(columns)
    params: list[object] = []
    for field in model._meta.local_fields:
        if not (field.null or field.primary_key or field.column in values):
            values[field.column] = "%s"
            params.append(field.get_db_prep_save(field.get_default(), connection))
    # Only the given expressions hold a bare percent sign; the placeholders come last.
    chosen = ", ".join(sql if sql == "%s" else sql.replace("%", "%%") for sql in values.values())
    table = model._meta.db_table
    with connection.cursor() as db:
        db.execute(
            f"INSERT INTO {table} ({', '.join(values)}) SELECT {chosen} FROM soul ORDER BY area, n",
            params,
        )


def _accounts(count: int, by: int) -> None:
    """One account each, really sealed: its number is opened for the bank's files."""
    context = "beneficiaries_bankaccount.number"
    for start in range(1, count + 1, 50_000):
        rows = io.StringIO()
        for number in range(start, min(start + 50_000, count + 1)):
            plain = f"0012{number:08d}"
            sealed = seal_text(plain, context=context).hex()
            rows.write(
                f"{number}\t{BANK}\t\\\\x{sealed}\t{blind_index(plain, 'account')}"
                f"\tSUMINAH RAHAYU {number}\tactive\t{AREA}\t{NOW.isoformat()}\t{by}\n"
            )
        rows.seek(0)
        with connection.cursor() as db:
            db.copy_expert(
                "COPY beneficiaries_bankaccount (person_id, bank_code, number, number_index,"
                " holder_name, state, area_code, created_at, created_by_id) FROM STDIN",
                rows,
            )


def _decree(version: ProgrammeVersion, people: list[User]) -> Decree:
    return Decree.objects.create(
        version=version,
        area_code=AREA,
        state=DecreeState.APPROVED,
        subject="Penerima PKH Plus",
        number="188/1/2026",
        decree_date=date(2026, 2, 1),
        made_at=NOW,
        made_by=people[0],
        submitted_at=NOW,
        submitted_by=people[0],
        approved_at=NOW,
        approved_by=people[2],
    )


def _registry(by: User) -> None:
    """DTSEN and PKH over every family; a thousandth each dead or excluded elsewhere."""
    for kind, key, rows in (
        ("dtsen", "kk", "SELECT mark, n %% 4 + 1 FROM soul"),
        ("pkh", "kk", "SELECT mark, NULL FROM soul"),
        ("exclusion", "nik", "SELECT md5('x' || n), NULL FROM soul WHERE n %% 100 = 0"),
        ("death", "nik", "SELECT md5('d' || n), NULL FROM soul WHERE n %% 100 = 0"),
    ):
        snapshot = Snapshot.objects.create(
            kind=kind,
            label=kind,
            as_of=date(2026, 1, 1),
            source="uji",
            area_code="35",
            is_complete=True,
            loaded_at=NOW,
            loaded_by=by,
        )
        with connection.cursor() as db:
            db.execute(
                "INSERT INTO beneficiaries_snapshotentry (snapshot_id, key_kind, key_index, desil,"
                f" code) SELECT %s, %s, r.mark, r.desil::int, '' FROM ({rows}) r(mark, desil)",
                [snapshot.pk, key],
            )

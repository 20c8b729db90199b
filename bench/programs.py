"""`make bench-programs`: criteria of PKH Plus over a million people against one scan of them.

CPU seconds of this process and of its Postgres backend together, one backend for both (no
parallel workers), the median of three; the reference reads the same columns of every person once.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.backends.utils import CursorWrapper

from bansos.accounts.models import Agency, User
from bench.measure import REPEATS
from bench.money import MoneyRow, Taken, taking
from bench.money_world import NOW, _insert
from beneficiaries.models import Family, Person, Snapshot
from programs.choices import BenefitKind, PayeeKind, VersionState
from programs.models import Programme, ProgrammeVersion
from programs.queries.compiled import compile_criteria
from programs.queries.counting import RegencyCount, count_by_regency
from programs.services.loading import known_fields

BAR = 3.0
STAGE, TODAY = date(2026, 3, 15), date(2026, 3, 2)
RATE = Decimal(2_000_000)
# One pass over the columns that the criteria read.
SCAN = """
SELECT COUNT(birth_date), COUNT(area_code), COUNT(family_id), COUNT(home_outside), COUNT(died_on),
    COUNT(nik_index)
FROM beneficiaries_person
"""
PER_FAMILY = 3


@dataclass(frozen=True)
class Found:
    """What the simulation said, to be printed beside its time."""

    regencies: int
    yes: int
    unknown: int
    cost: Decimal


def make_people(count: int) -> ProgrammeVersion:
    """People of 38 regencies in families of three, DTSEN over most families, PKH over some."""
    agency = Agency.objects.create(
        name="Dinas Sosial Provinsi Jawa Timur",
        government="Pemerintah Provinsi Jawa Timur",
        address="Surabaya",
        city="Surabaya",
        head_title="Kepala Dinas",
        head_name="Nama",
        area_code="35",
        bank_code="114",
        bank_name="Bank Jatim",
        source_account="0011000123",
    )
    staff = User.objects.create(
        username="staf", full_name="staf", role="staf_program", area_code="35"
    )
    version = _version(agency, staff)
    with connection.cursor() as db:
        # Filling the index of names takes longer than all the rest, and nothing here reads it.
        db.execute("DROP INDEX person_name_trgm")
        _souls(db, count, heads_only=True)
        by_now = {"created_at": "now()", "created_by_id": str(staff.pk), "area_code": "area"}
        family = {**by_now, "id": "n", "kk": "''::bytea", "kk_index": "mark"}
        _insert(Family, family)
        _souls(db, count)
        _insert(
            Person,
            {
                **by_now,
                "id": "n",
                "nik_index": "mark",
                "name": "'Suminah Rahayu ' || n",
                "birth_date": "CASE WHEN n % 50 > 0 THEN born END",
                "sex": "'P'",
                "address": "'Dusun Krajan RT ' || n % 9",
                "updated_at": "now()",
                "family_id": f"(n - 1) / {PER_FAMILY} * {PER_FAMILY} + 1",
            },
        )
        _list(staff, "dtsen", "SELECT mark, n % 10 + 1 FROM soul WHERE n % 3 = 1 AND n % 7 > 0")
        _list(staff, "pkh", "SELECT mark, NULL FROM soul WHERE n % 3 = 1 AND n % 5 = 0")
        db.execute("VACUUM ANALYZE")
    return version


def _souls(db: CursorWrapper, count: int, *, heads_only: bool = False) -> None:
    """Whom the tables are filled from; families know their heads only.

    One in seventeen is 70 or older, about the share of the country; a stride through the births,
    so that age says nothing about the place in the table.
    """
    heads = f"WHERE n %% {PER_FAMILY} = 1" if heads_only else ""
    db.execute("DROP TABLE IF EXISTS soul")
    db.execute(
        "CREATE TEMP TABLE soul AS SELECT n, md5(n::text) || md5('k' || n) AS mark,"
        " '35.' || lpad((n %% 38 + 1)::text, 2, '0') || '.01.2001' AS area,"
        " CASE WHEN n %% 17 = 0 THEN date '1930-01-01' + (n::bigint * 7919 %% 9500)::int"
        " ELSE date '1956-04-01' + (n::bigint * 7919 %% 25000)::int END AS born"
        f" FROM generate_series(1, %s) n {heads}",
        [count],
    )


def _version(agency: Agency, staff: User) -> ProgrammeVersion:
    programme = Programme.objects.create(
        agency=agency, area_code="35", code="PKHPLUS", name="PKH Plus"
    )
    return ProgrammeVersion.objects.create(
        programme=programme,
        year=2026,
        state=VersionState.ACTIVE,
        payee_kind=PayeeKind.PERSON,
        benefit_kind=BenefitKind.PER_STAGE,
        annual_amount=RATE,
        one_per_family=True,
        criteria=known_fields("35", "PKHPLUS")["criteria"],
        activated_at=NOW,
        activated_by=staff,
    )


def _list(staff: User, kind: str, rows: str) -> None:
    snapshot = Snapshot.objects.create(
        kind=kind,
        label=kind,
        as_of=date(2026, 1, 1),
        source="uji",
        area_code="35",
        is_complete=True,
        loaded_at=NOW,
        loaded_by=staff,
    )
    with connection.cursor() as db:
        db.execute(
            "INSERT INTO beneficiaries_snapshotentry (snapshot_id, key_kind, key_index, desil,"
            f" code) SELECT {snapshot.pk:d}, 'kk', r.mark, r.desil::int, ''"
            f" FROM ({rows}) r(mark, desil)"
        )


def simulate(version: ProgrammeVersion) -> Found:
    """Counts per regency and their cost, as the first step of a simulation."""
    compiled = compile_criteria(
        version.criteria, version=version, area_code="35", stage_date=STAGE, today=TODAY
    )
    counted: list[RegencyCount] = count_by_regency(compiled, one_per_family=True)
    return Found(
        len(counted),
        sum(row.yes for row in counted),
        sum(row.unknown for row in counted),
        sum((RATE * row.hoped for row in counted), Decimal(0)),
    )


def scan() -> None:
    """The reference."""
    with connection.cursor() as db:
        db.execute(SCAN)
        db.fetchone()


def median(work: Callable[[], object]) -> Taken:
    """The run in the middle of three."""
    runs = []
    for _turn in range(REPEATS):
        with taking() as taken:
            work()
        runs.append(taken)
    middle = statistics.median(taken.cpu for taken in runs)
    return next(taken for taken in runs if taken.cpu == middle)


def row(version: ProgrammeVersion) -> MoneyRow:
    """The line of the table."""
    with connection.cursor() as db:
        db.execute("SET max_parallel_workers_per_gather = 0")
    found = simulate(version)
    scan()
    reference, ours = median(scan), median(lambda: simulate(version))
    note = (
        f"{found.regencies} kabupaten/kota, {found.yes} memenuhi, {found.unknown} belum diketahui,"
        f" biaya Rp{found.cost:,.0f}; {ours.wall:.2f} s lawan {reference.wall:.2f} s di jam"
    )
    return MoneyRow(
        "programs.simulate",
        ours.cpu,
        reference.cpu,
        BAR,
        ours.peak,
        ours.grown,
        note=note.replace(",", ".").replace(". ", ", "),
    )

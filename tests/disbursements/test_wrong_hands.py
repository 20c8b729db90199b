"""Bad input and wrong hands: each is refused in words that say what to do, and nothing changes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from bansos.accounts.models import User
from bansos.lib.errors import Refused
from bansos.regions.choices import Certainty, HolidayKind
from bansos.regions.models import Holiday
from beneficiaries.services.people import set_account
from disbursements.choices import Decision, LedgerKind
from disbursements.models import FiscalYear, LedgerEvent, PayList
from disbursements.services import bank, budgets, closing, lists, results, returns
from programs.choices import DecreeState, VersionState
from programs.services import catalogue
from tests.cast import Cast
from tests.factories.books import case_at, decided
from tests.factories.disbursements import (
    AMOUNT,
    BANK,
    World,
    answer_csv,
    answer_row,
    fresh,
    lines_of,
    make_world,
    quick_records,
    run,
)

pytestmark = pytest.mark.django_db

# A refused lock keeps what its check found, so that it can be shown.
SHOWN_AFTER_A_LOCK = {"disbursements_hit"}


@pytest.fixture
def world(cast: Cast) -> World:
    """Four payees."""
    return make_world(cast, people=4)


def dump() -> dict[str, str]:
    """Every row of every table about money, its decrees and stages, as one hash per table."""
    models = [*apps.get_app_config("disbursements").get_models()]
    models += [apps.get_model("programs", name) for name in ("Stage", "Decree", "DecreeLine")]
    found = {}
    with connection.cursor() as cursor:
        for model in models:
            table = model._meta.db_table
            if table not in SHOWN_AFTER_A_LOCK:
                cursor.execute(
                    f"SELECT md5(string_agg((to_jsonb(t) - 'preflight_at')::text, ','"
                    f" ORDER BY to_jsonb(t)::text)) FROM {table} t"
                )
                found[table] = cursor.fetchone()[0] or ""
    return found


@contextmanager
def refused(code: str, *words: str) -> Iterator[None]:
    """The act is refused under this code, in these words, and no row about money changes."""
    before = dump()
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code
    sentence = str(caught.value.message)
    for word in words:
        assert word in sentence
    assert dump() == before


def by_hand(sql: str, *values: Any) -> None:
    """A change that goes past every service and trigger."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        assert cursor.rowcount
        cursor.execute("SET LOCAL session_replication_role = origin")


def checked(world: World) -> PayList:
    """Locked, submitted and checked; only the approval is missing."""
    row = world.awaiting()
    return lists.check(
        pay_list=row, seen_hash=row.content_hash, by=world.cast.ratna, at=world.tick()
    )


def approve(world: World, row: PayList, *, by: User | None = None, seen: str = "") -> PayList:
    return lists.approve(
        pay_list=row,
        seen_hash=seen or row.content_hash,
        by=by or world.cast.hadi,
        at=world.tick(),
    )


def test_locking_with_open_hits(world: World) -> None:
    draft = world.drawn()
    person = world.enrolments[0].person
    person.died_on = date(2026, 10, 1)
    person.save(update_fields=["died_on"])
    with refused("LIST-BLOCKED", "1 penerima belum lolos", "keluarkan dengan alasan"):
        world.locked(draft)


def test_approving_ones_own_list(world: World) -> None:
    row = checked(world)
    User.objects.filter(pk=world.cast.budi.pk).update(role="kepala_dinas")
    world.cast.budi.refresh_from_db()
    with refused("LIST-PERSON", "Anda menyusun daftar ini", "pejabat lain"):
        approve(world, row, by=world.cast.budi)


def test_approving_a_list_one_has_locked_in_an_earlier_round(world: World) -> None:
    """Who prepared the list once is its maker for ever, whoever locked it last."""
    head, draft = world.cast.hadi, world.drawn()
    User.objects.filter(pk=head.pk).update(role="staf_program")
    head.refresh_from_db()
    locked = lists.lock(pay_list=draft, by=head, at=world.tick())
    opened = lists.unlock(pay_list=locked, by=world.cast.budi, at=world.tick())
    User.objects.filter(pk=head.pk).update(role="kepala_dinas")
    head.refresh_from_db()
    row = lists.submit_for_approval(
        pay_list=world.locked(opened), by=world.cast.budi, at=world.tick()
    )
    row = lists.check(
        pay_list=row, seen_hash=row.content_hash, by=world.cast.ratna, at=world.tick()
    )
    with refused("LIST-PERSON", "Anda menyusun daftar ini", "pejabat lain"):
        approve(world, row, by=head)


def test_approving_what_one_has_checked(world: World) -> None:
    row = checked(world)
    User.objects.filter(pk=world.cast.ratna.pk).update(role="kepala_dinas")
    world.cast.ratna.refresh_from_db()
    with refused("LIST-PERSON", "Anda memeriksa daftar ini", "pejabat lain"):
        approve(world, row, by=world.cast.ratna)


def test_approving_a_page_that_is_stale(world: World) -> None:
    row = checked(world)
    with refused("LIST-SEEN", "berubah sejak halaman Anda dibuka", "Muat ulang"):
        approve(world, row, seen="0" * 64)


def test_a_second_approval_of_a_stale_page(world: World) -> None:
    row = checked(world)
    approve(world, row)
    with refused("LIST-STATE", "sekarang Disetujui", "Muat ulang halaman"):
        approve(world, row)


def test_a_list_changed_after_the_lock(world: World) -> None:
    row = checked(world)
    by_hand(
        "UPDATE disbursements_paymentline SET payee_name = 'Orang Lain' WHERE pay_list_id = %s"
        " AND position = 1",
        row.pk,
    )
    with refused("LIST-HASH", "tidak lagi sama dengan sidik jarinya", "Kembalikan daftar ini"):
        approve(world, row)


def test_files_of_a_list_changed_after_the_approval(world: World) -> None:
    row = world.with_sp2d()
    job = bank.make_files(pay_list=row, by=world.cast.budi, at=world.tick())
    by_hand(
        "UPDATE disbursements_paymentline SET amount = amount + 1 WHERE pay_list_id = %s"
        " AND position = 1",
        row.pk,
    )
    with refused("BANK-HASH", "tidak sama dengan yang disetujui", "jangan kirim apa pun"):
        bank.file_step(pay_list=fresh(row), place=0, by=job.owner, at=world.tick())


def test_an_account_changed_after_the_lock(world: World) -> None:
    row = checked(world)
    set_account(
        person=world.enrolments[0].person,
        bank_code=BANK,
        number="0099887766",
        holder_name=world.enrolments[0].person.name,
        by=world.cast.sari,
        at=world.tick(),
    )
    with refused("LIST-CHANGED", "1 rekening diubah sesudah dikunci", "disusun ulang"):
        approve(world, row)


def test_a_decree_superseded_in_between(world: World) -> None:
    row = checked(world)
    world.decree.state = DecreeState.SUPERSEDED
    world.decree.save(update_fields=["state"])
    with refused("LIST-CHANGED", "SK yang menjadi dasar daftar ini", "disusun ulang"):
        approve(world, row)


def test_a_result_for_another_list(world: World) -> None:
    first = world.sent()
    second = world.sent(world.drawn(stage=world.stages[1]), number="SP2D-2")
    rows = [answer_row(line) for line in lines_of(first)]
    with refused("RESULT-OTHER-LIST", first.number, "Unggah dari halaman daftar itu"):
        results.upload_result(
            pay_list=second,
            data=answer_csv(rows),
            file_name="h.csv",
            by=world.cast.tono,
            at=world.tick(),
        )


def test_a_result_for_a_closed_list(world: World) -> None:
    row = world.sent()
    rows = [answer_row(line) for line in lines_of(row)]
    world.answer(row, rows)
    with quick_records():
        run(closing.close(pay_list=row, by=world.cast.tono, at=world.tick()))
    with refused("RESULT-STATE", "sekarang Ditutup", "Periksa daftar mana yang dijawab bank"):
        results.upload_result(
            pay_list=row,
            data=answer_csv(rows[:1]),
            file_name="lagi.csv",
            by=world.cast.tono,
            at=world.tick(),
        )


def test_a_refund_larger_than_the_return(world: World) -> None:
    row = world.sent()
    world.answer(row, [answer_row(lines_of(row)[0], "GAGAL", "Pindah")])
    case = decided(world, case_at(row, 1), Decision.TREASURY)
    with refused("STS-AMOUNT", "Rp500.001", "Rp500.000", "Periksa"):
        returns.record_sts(
            case=case,
            sts_number="STS-1",
            sts_date=date(2026, 11, 22),
            amount=AMOUNT + 1,
            by=world.cast.tono,
            at=world.tick(),
        )


def sp2d(
    world: World, row: PayList, *, amount: Decimal | None = None, on: date | None = None
) -> PayList:
    return lists.record_sp2d(
        pay_list=row,
        spm_number="SPM-1",
        sp2d_number="SP2D-1",
        sp2d_date=world.clock.date(),
        amount=amount or row.total,
        by=world.cast.tono,
        at=world.tick(),
        execution_on=on,
    )


def test_a_bank_asked_to_pay_on_a_holiday(world: World) -> None:
    row, day = world.approved(), date(2026, 11, 25)
    day_off = Holiday.objects.create(
        area_code="35",
        day=day,
        name="Hari Jadi Provinsi",
        kind=HolidayKind.REGIONAL,
        certainty=Certainty.OFFICIAL,
        source="SK Gubernur",
    )
    with refused("NOT-BANK-DAY", "25 November 2026", "Pilih hari kerja; yang terdekat"):
        sp2d(world, row, on=day)
    day_off.delete()
    assert sp2d(world, row, on=day).execution_on == day


def test_an_sp2d_of_another_amount(world: World) -> None:
    row = world.approved()
    with refused("SP2D-AMOUNT", "berbeda Rp1", "Periksa surat SP2D-nya"):
        sp2d(world, row, amount=row.total + 1)


def test_a_list_for_a_stage_in_a_closed_year(world: World) -> None:
    world.version.state = VersionState.CLOSED
    world.version.save(update_fields=["state"])
    stage = world.stage
    stage.refresh_from_db()
    with refused("LIST-OBSTACLE", "2026", "sudah ditutup", "tahun yang berlaku"):
        lists.create_list(stage=stage, area_code="35.19", by=world.cast.budi, at=world.tick())


def test_money_for_a_year_that_is_closed(world: World) -> None:
    draft = world.drawn()
    FiscalYear.objects.create(
        agency=world.cast.agency,
        area_code="35",
        year=2026,
        asked_at=world.clock,
        asked_by=world.cast.tono,
        closed_at=world.clock,
        closed_by=world.cast.hadi,
    )
    with refused("YEAR-CLOSED", "2026 sudah ditutup", "tahun anggaran berjalan"):
        world.locked(draft)


@pytest.mark.parametrize(
    ("state", "day", "code", "advice"),
    [
        ("closed", date(2026, 12, 1), "PROG-CLOSED", "Buat versi program"),
        ("draft", date(2025, 12, 1), "PROG-STAGE-YEAR", "Isi tanggal pada tahun 2026"),
    ],
)
def test_a_stage_date_in_a_closed_year(
    world: World, state: str, day: date, code: str, advice: str
) -> None:
    by_hand("UPDATE programs_decree SET version_id = -1")  # no decree uses it yet
    world.version.state = state
    if state == "draft":
        world.version.activated_at = world.version.activated_by = None
    world.version.save()
    with refused(code, advice):
        catalogue.save_stage(
            version=world.version,
            number=5,
            name="Tahap 5",
            stage_date=day,
            amount=AMOUNT,
            by=world.cast.budi,
            at=world.tick(),
        )


def test_a_budget_cut_below_what_is_reserved(world: World) -> None:
    world.locked()
    with refused("BUDGET-BELOW-USE", "sudah terikat", "Kurangi alokasi"):
        budgets.change_ceiling(
            budget=world.budget,
            ceiling=Decimal(1_000_000),
            dpa_number="DPPA",
            by=world.cast.budi,
            at=world.tick(),
        )


def test_an_allocation_cut_below_what_is_reserved(world: World) -> None:
    world.locked()
    with refused("ALLOC-BELOW-USE", "sudah terikat", "sama atau lebih besar"):
        budgets.allocate(
            budget=world.budget,
            amounts={"35.19": Decimal(1_000_000)},
            by=world.cast.budi,
            at=world.tick(),
        )


def test_one_key_with_another_amount(world: World) -> None:
    share = world.budget.allocations.get()
    known = {
        "kind": LedgerKind.RESERVE,
        "key": "test:1",
        "budget": world.budget,
        "allocation": share,
        "by": world.cast.budi,
        "at": world.clock,
    }
    first = budgets.post(amount=AMOUNT, **known)
    assert budgets.post(amount=AMOUNT, **known) == first
    with refused("LEDGER-KEY", "jumlah lain"):
        budgets.post(amount=AMOUNT + 1, **known)
    assert LedgerEvent.objects.filter(key="test:1").count() == 1


def test_the_table_of_refusals_names_its_tests() -> None:
    """docs/refusals.md has a row for each test here, under the code that the test asks for."""
    text = (settings.BASE_DIR / "docs/refusals.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .+ \| ([A-Z0-9-]+) \| (test_\w+) \|$", text, re.M)
    tests = {name: work for name, work in globals().items() if name.startswith("test_")}
    del tests["test_the_table_of_refusals_names_its_tests"]
    assert {name for _code, name in rows} == set(tests)
    for code, name in rows:
        marks = [mark.args for mark in getattr(tests[name], "pytestmark", [])]
        assert f'"{code}"' in inspect.getsource(tests[name]) or code in str(marks), name

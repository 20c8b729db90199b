"""Books with every kind of row in them, and what the auditor says about books in a test."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from bansos.audit import services as trail
from bansos.jobs.models import Job
from beneficiaries.models import BankAccount
from beneficiaries.services.people import set_account
from disbursements.choices import Decision
from disbursements.models import BankLayout, PayList, ReturnCase
from disbursements.queries.audit import audit_books
from disbursements.services import bank, closing, layouts, results, returns
from programs.models import Enrolment, ProgrammeVersion, ProxyGrant
from programs.services.proxies import ProxyValues, grant_proxy
from tests.factories.cash import cash_books, cash_world
from tests.factories.channels import COLUMNS
from tests.factories.disbursements import (
    BANK,
    World,
    answer_row,
    fresh,
    lines_of,
    quick_letters,
    quick_records,
    run,
)
from tests.factories.goods import goods_books
from tests.factories.statements import Move, camt, move_of

LAYOUT = {
    "name": "CMS contoh",
    "bank_code": BANK,
    "format": "csv",
    "columns": COLUMNS,
    "header": "",
    "trailer": "teks:T; banyak; total",
    "headings": True,
    "label": True,
    "amount_format": "dot",
    "valid_from": date(2026, 1, 1),
    "active": True,
}


def breaches(at: datetime) -> list[str]:
    """What the auditor finds, as sentences that begin with the promise's code."""
    return audit_books(at=at, own=False).sentences


def rest(world: World) -> None:
    """Seal the trail and ring the bells, as the scheduler does twice a minute."""
    trail.seal(at=world.clock)
    Job.objects.update(rung_at=world.clock)


def case_at(pay_list: PayList, position: int) -> ReturnCase:
    """The return of one line."""
    return ReturnCase.objects.get(line__pay_list=pay_list, line__position=position)


def decided(world: World, case: ReturnCase, decision: Decision) -> ReturnCase:
    """Decided by the treasurer and confirmed by the head of section."""
    account, heir = None, None
    if decision == Decision.FOLLOW_UP:
        account = set_account(
            person=case.line.person,
            bank_code=BANK,
            number=f"0099{case.pk:06d}",
            holder_name=case.line.person.name,
            by=world.cast.sari,
            at=world.tick(),
        )
    if decision == Decision.HEIR:
        heir = returns.Heir(
            name="Sutrisno",
            relation="Anak",
            nik="3519010101800001",
            bank_code=BANK,
            number="0088123456",
            letter_number="470/1",
            letter_date="2026-11-01",
        )
    returns.decide_return(
        case=case,
        decision=decision,
        note="",
        new_account=account,
        heir=heir,
        by=world.cast.tono,
        at=world.tick(),
    )
    return returns.confirm_return(
        case=case, agreed=True, note="", by=world.cast.ratna, at=world.tick()
    )


def deposited(world: World, case: ReturnCase) -> None:
    """Back in kas daerah."""
    decided(world, case, Decision.TREASURY)
    returns.record_sts(
        case=case,
        sts_number=f"STS-{case.pk}",
        sts_date=max(world.clock.date(), case.returned_on),
        amount=case.amount,
        by=world.cast.tono,
        at=world.tick(),
    )


def guardian_account(world: World, enrolment: Enrolment) -> ProxyGrant:
    """The account of this person is in the name of a guardian, whose letter allows it."""
    rules = {
        "article": "Juknis 2026: wali",
        "ways": [{"who": "guardian", "letter": "Surat perwalian", "account": True}],
    }
    ProgrammeVersion.objects.filter(pk=world.version.pk).update(proxy_rules=rules)
    BankAccount.objects.filter(person=enrolment.person).update(holder_name="Endang Sulastri")
    values = ProxyValues(
        who="guardian",
        name="Endang Sulastri",
        nik="3519014108800007",
        letter_number="PW/7",
        letter_date=date(2020, 1, 1),
        reason="Penerima di bawah perwalian",
        valid_from=date(2020, 1, 1),
        valid_until=date(2060, 12, 31),
    )
    fresh_one = Enrolment.objects.get(pk=enrolment.pk)
    return grant_proxy(enrolment=fresh_one, values=values, by=world.cast.sari, at=world.tick())


def full_books(world: World) -> None:
    """Stage 1 half done, stage 2 closed with a follow-up, stage 3 locked, stage 4 a draft."""
    guardian_account(world, world.enrolments[5])
    first = world.with_sp2d()
    _layout(world, first)
    with quick_letters():
        run(bank.make_files(pay_list=first, by=world.cast.budi, at=world.tick()))
    first = bank.mark_sent(pay_list=fresh(first), by=world.cast.budi, at=world.tick())
    lines = lines_of(first)
    world.answer(
        first,
        [
            answer_row(lines[0]),
            answer_row(lines[1]),
            answer_row(lines[2], "GAGAL", "Rekening ditutup"),
            answer_row(lines[3], "GAGAL", "Pindah"),
            answer_row(lines[4], amount="1"),
            ["D999999999999999", "1", "", "500000", "BERHASIL", "", "22-11-2026"],
        ],
    )
    world.answer(
        first, [answer_row(lines[0]), answer_row(lines[1], "GAGAL", "Pindah")], name="kedua.csv"
    )
    deposited(world, case_at(first, 4))
    _statement(world, first)
    _closed(world)
    world.locked(world.drawn(stage=world.stages[2]))
    world.drawn(stage=world.stages[3])
    _cash(world)
    goods_books(world)
    rest(world)


def _layout(world: World, pay_list: PayList) -> None:
    """A layout whose second version is in force, and the list's file in it."""
    by, first = world.cast.adi, None
    for separator in (",", ";"):
        first = layouts.save_layout(
            layout=first,
            agency=world.cast.agency,
            values={**LAYOUT, "separator": separator},
            by=by,
            at=world.tick(),
        )
        if separator == ",":
            # As if it had made a file of some list before: its change is the next version.
            BankLayout.objects.filter(pk=first.pk).update(used_at=world.clock)
            first.refresh_from_db()
    layouts.file_step(pay_list=fresh(pay_list), by=world.cast.budi, at=world.tick())
    # Out of use: the lists that follow leave no job behind.
    BankLayout.objects.update(active=False)


def _cash(world: World) -> None:
    """A programme paid over the counter, one payee of which did not come."""
    other = cash_world(world.cast)
    other.clock = world.clock
    counter = cash_books(other)
    with quick_letters():
        run(Job.objects.filter(kind="disbursements.stage_papers").latest("created_at"))
    world.clock = other.clock
    deposited(world, case_at(counter.pay_list, 4))


def _statement(world: World, pay_list: PayList) -> None:
    """A bank statement with one payment of the list, a fee and a stranger."""
    moves = [
        move_of(lines_of(pay_list)[5]),
        Move("", Decimal("6500.00"), "", fee=True, words="Biaya administrasi"),
        Move("", Decimal("1250000.50"), "", words="Pemindahbukuan lain"),
    ]
    by = world.cast.tono
    made = results.upload_statement(data=camt(moves), file_name="koran.xml", by=by, at=world.tick())
    for job in results.apply_statement(statement=made, by=by, at=world.tick()):
        run(job)


def _closed(world: World) -> None:
    second = world.sent(world.drawn(stage=world.stages[1]), number="SP2D-2")
    lines = lines_of(second)
    rows = [answer_row(line) for line in lines[3:]]
    rows += [answer_row(lines[0], "GAGAL", "Rekening ditutup")]
    rows += [answer_row(lines[1], "GAGAL", "Meninggal dunia")]
    rows += [answer_row(lines[2], "GAGAL", "Tidak diambil")]
    world.answer(second, rows)
    decided(world, case_at(second, 1), Decision.FOLLOW_UP)
    decided(world, case_at(second, 2), Decision.HEIR)
    deposited(world, case_at(second, 3))
    follow_up = returns.make_follow_up(pay_list=second, by=world.cast.budi, at=world.tick())
    follow_up = world.sent(fresh(follow_up))
    world.answer(follow_up, [answer_row(line) for line in lines_of(follow_up)])
    with quick_records():
        run(closing.close(pay_list=fresh(second), by=world.cast.tono, at=world.tick()))


def later(world: World) -> datetime:
    """A few seconds after the last act."""
    return world.clock + timedelta(seconds=5)

"""Cash over the counter: a stage that everybody took, and one that is half paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from bansos.demo.clock import on_day
from bansos.demo.enrolling import Crew
from bansos.demo.jobs import run_here, take_statistics
from bansos.demo.paying import Paying
from bansos.demo.story import MADIUN
from bansos.jobs.models import Job
from bansos.lib.dates import day_of
from bansos.lib.sheets.writing import csv_bytes
from disbursements.choices import CashMark
from disbursements.models import CashCounter, PayList, PaymentLine
from disbursements.services.cash.counters import close_counter, open_counter
from disbursements.services.cash.paying import Payment, Proof, pay
from disbursements.services.cash.registers import take_register
from programs.models import Stage

# What a phone would have taken of a signature: a wavy line on light paper.
SIGNED_PAPER = Path(__file__).with_name("signature.png")
PLACE = "Balai Desa (latihan)"
HEADERS = ("Referensi", "Jumlah dibayar", "Tanggal bayar", "Diterima oleh", "Tanda terima")
# Days after the stage date: drawn, locked, signed, funded, opened, and open until.
DRAWN, LOCKED, SIGNED, FUNDED, OPENED, UNTIL = 1, 2, 3, 4, 7, 25


def pay_whole(stage: Stage, *, crew: Crew) -> None:
    """Everybody came: the signed register is taken, the counter and the stage are closed."""
    counter = _opened(stage, crew=crew)
    with on_day(stage.stage_date + timedelta(days=OPENED + 5)) as at:
        day = day_of(at)
        take_register(
            counter=counter,
            data=csv_bytes(HEADERS, _rows(counter, day), delimiter=";"),
            file_name="daftar-tanda-terima.csv",
            pages=SIGNED_PAPER.read_bytes(),
            by=crew.petugas,
            at=at,
        )
    with on_day(stage.stage_date + timedelta(days=UNTIL)) as at:
        close_counter(counter=counter, by=crew.bendahara, at=at)
        Paying(crew, run_here).close(counter.pay_list)
        _work()


def pay_half(stage: Stage, *, crew: Crew) -> None:
    """Every second one has come so far, one a day."""
    counter = _opened(stage, crew=crew)
    for number, line in enumerate(_lines(counter)[::2]):
        with on_day(stage.stage_date + timedelta(days=OPENED + 1 + number)) as at:
            pay(
                counter=counter,
                payment=Payment(
                    line=line, amount=line.amount, paid_on=day_of(at), mark=CashMark.SIGNATURE
                ),
                proof=Proof(photo=SIGNED_PAPER.read_bytes()),
                by=crew.petugas,
                at=at,
            )


def _opened(stage: Stage, *, crew: Crew) -> CashCounter:
    """A list from its draw to the day its counter opens."""
    take_statistics()
    paying = Paying(crew, run_here)
    with on_day(stage.stage_date + timedelta(days=DRAWN)):
        row: PayList = paying.draw(stage, MADIUN)
    with on_day(stage.stage_date + timedelta(days=LOCKED)):
        row = paying.lock(row)
    with on_day(stage.stage_date + timedelta(days=SIGNED)):
        row = paying.approve(paying.check(row))
    with on_day(stage.stage_date + timedelta(days=FUNDED)):
        row = paying.sp2d(row)
    opens = stage.stage_date + timedelta(days=OPENED)
    with on_day(opens) as at:
        counter = open_counter(
            pay_list=row,
            place=PLACE,
            opens_on=opens,
            closes_on=stage.stage_date + timedelta(days=UNTIL),
            by=crew.staf,
            at=at,
        )
        _work()
    return counter


def _work() -> None:
    """Do what waits: the seed has no worker."""
    for job in Job.objects.open().order_by("created_at"):
        run_here(job)


def _lines(counter: CashCounter) -> Sequence[PaymentLine]:
    lines = PaymentLine.objects.filter(pay_list=counter.pay_list)
    return list(lines.select_related("person", "enrolment", "pay_list").order_by("position"))


def _rows(counter: CashCounter, day: date) -> list[tuple[str, ...]]:
    return [
        (line.reference, f"{line.amount:.0f}", f"{day:%d-%m-%Y}", "Sendiri", "Tanda tangan")
        for line in _lines(counter)
    ]

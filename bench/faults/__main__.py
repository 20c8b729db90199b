"""`make fault FAULTS=300 SEED=1`: faults in stretches; after each, calm, and the books are read."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bench.faults.ground import SCENARIO, Ground

if TYPE_CHECKING:
    from bansos.demo.simulator.process import Simulator
    from bench.faults.chaos import Fault
    from bench.faults.people import Office

STRETCH = 25
OFFICES = 2
PEOPLE = 40
LONGEST_CONVERGENCE = 120.0


def main() -> int:
    """Run, print one line per stretch and a table at the end; exit code 0 when nothing broke."""
    parser = argparse.ArgumentParser(prog="bench.faults")
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    ground = Ground(asked.seed)
    fine = False
    try:
        ground.start()
        import django

        django.setup()
        # The bell is rung through the app of the project, not through Celery's default.
        import_module("bansos.celery")
        fine = _run(ground, asked.faults, asked.seed)
    finally:
        ground.stop(keep=not fine)
    if not fine:
        print(f"Catatan server ada di {ground.folder}")
    return 0 if fine else 1


def _run(ground: Ground, count: int, seed: int) -> bool:
    from bench.faults.chaos import schedule
    from bench.faults.outside import Bank, Wire
    from tests.cast import make_cast
    from tests.factories.channels import make_drop
    from tests.factories.disbursements import make_world

    faults, bank = schedule(seed, count), ground.bank
    world = make_world(make_cast(), people=PEOPLE, ceiling=10**12, share=10**12)
    outside = Bank(seed, online=Wire(bank))
    channel = make_drop(world.cast, bank)
    began = time.monotonic()
    done: Counter[str] = Counter()
    worst, closed = 0.0, 0
    ground.calm(on=True)
    ground.up()
    ground.wait_worker()
    for start in range(0, count, STRETCH):
        # Every second stretch the bank declares that the same file again changes nothing.
        _declare(bank, channel, deduplicates=bool(start // STRETCH % 2))
        offices = [
            _office(number, start, world, outside, channel if number else None)
            for number in range(OFFICES)
        ]
        seconds, trouble = _stretch(ground, faults[start : start + STRETCH], offices, done)
        worst = max(worst, seconds)
        closed += sum(office.closed for office in offices)
        found = trouble or _read_books(outside)
        print(
            f"{min(start + STRETCH, count):>5} gangguan, tenang dalam {seconds:5.1f} dtk,"
            f" {closed} daftar ditutup, {len(found)} pelanggaran",
            flush=True,
        )
        if found:
            print(*found[:40], sep="\n")
            print(f"Ulangi dengan: make fault FAULTS={count} SEED={seed}")
            return False
    _table(ground, done, outside, worst, closed, time.monotonic() - began)
    return True


def _declare(bank: Simulator, channel: Any, *, deduplicates: bool) -> None:
    """What the bank does with the same file again, and what the channel says it does."""
    bank.control(scenario=SCENARIO if deduplicates else f"{SCENARIO}+no_dedupe")
    type(channel).objects.filter(pk=channel.pk).update(deduplicates=deduplicates)
    channel.refresh_from_db()


def _office(number: int, start: int, world: Any, outside: Any, channel: Any) -> Office:
    from bench.faults.people import Office

    return Office(start // STRETCH * OFFICES + number, world, outside, channel)


def _stretch(
    ground: Ground, faults: list[Fault], offices: list[Office], done: Counter[str]
) -> tuple[float, list[str]]:
    """Faults, then calm: seconds until every list is closed, and what went wrong on the way."""
    from bench.faults.books import open_jobs
    from bench.faults.chaos import Chaos

    for office in offices:
        office.start()
    ground.calm(on=False)
    chaos = Chaos(ground, faults)
    chaos.run()
    done.update(chaos.done)
    ground.calm(on=True)
    ground.up()
    for office in offices:
        office.last_call.set()
    began = time.monotonic()
    # Whoever runs the servers starts one again that dies late: a child killed while the pool
    # came up takes its worker with it a moment after the last fault.
    while time.monotonic() - began < LONGEST_CONVERGENCE and any(o.is_alive() for o in offices):
        ground.up()
        time.sleep(0.2)
    # A second click leaves a job that finds its work done; it, too, must come to its end.
    while time.monotonic() - began < LONGEST_CONVERGENCE and open_jobs():
        ground.up()
        time.sleep(0.2)
    seconds = time.monotonic() - began
    trouble = [f"gangguan tidak dapat dilakukan: {chaos.trouble!r}"] if chaos.trouble else []
    for office in offices:
        if office.trouble:
            trouble.append(f"kantor berhenti: {office.trouble!r}")
        if office.hits:
            print(f"      dikeluarkan sebelum dikunci: {dict(office.hits)}")
        if office.is_alive():
            trouble.append(f"belum selesai sesudah {LONGEST_CONVERGENCE:.0f} dtk: {office.note}")
    return seconds, trouble


def _read_books(outside: object) -> list[str]:
    from bench.faults.books import breaches

    return breaches(outside)  # type: ignore[arg-type]


def _table(
    ground: Ground, done: Counter[str], outside: Any, worst: float, closed: int, seconds: float
) -> None:
    log = ground.points / "acts.log"
    acts = Counter(
        line.split()[0] for line in (log.read_text().splitlines() if log.exists() else [])
    )
    orders = outside.all_orders()
    print("| gangguan | kali |\n|---|---:|")
    for kind, times in sorted(done.items()):
        print(f"| {kind} | {times} |")
    print(f"| titik dalam kode: mati | {acts['crash']} |")
    print(f"| titik dalam kode: lambat | {acts['delay']} |")
    sent_again = sum(order.times_sent - 1 for order in orders.values())
    print(
        f"{sum(done.values())} gangguan dalam {seconds:.0f} dtk; {closed} daftar ditutup,"
        f" {len(orders)} baris di bank, {sent_again} dikirim ulang dengan berkas yang sama;"
        f" paling lama tenang kembali {worst:.1f} dtk; 0 pelanggaran"
    )


if __name__ == "__main__":
    sys.exit(main())

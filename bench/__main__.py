"""`make bench`: every measurement, one line each; a missed bar is said, not hidden."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import django

MARK = "\n## make bench-money\n"
PROGRAMS = "\n## make bench-programs\n"
PAPER = Path(__file__).parent.parent / "docs" / "performance.md"
HEAD = """| ukuran | kita | acuan | nisbah | batas | hasil | puncak memori (tumbuh) | catatan |
|---|---:|---:|---:|---:|---|---:|---|"""


def main() -> None:
    """Print the table; `money [lines]` measures one long list and writes the paper anew."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bansos.settings.dev")
    django.setup()
    if sys.argv[1:2] == ["money"]:
        money(int(sys.argv[2]) if sys.argv[2:] else 1_000_000)
        return
    if sys.argv[1:2] == ["programs"]:
        programs(int(sys.argv[2]) if sys.argv[2:] else 1_000_000)
        return
    if sys.argv[1:2] in (["pages"], ["dashboard"]):
        usual = 1_000_000 if sys.argv[1] == "pages" else 20_000_000
        alone(sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else usual)
        return
    from bench import files, reports

    print(f"{platform.machine()}, {os.cpu_count()} inti, Python {platform.python_version()}")
    print("| ukuran | kita | acuan | nisbah | batas | hasil | puncak memori |")
    print("|---|---:|---:|---:|---:|---|---:|")
    for row in (reports.annex(), files.read_workbook(), *files.bank_files()):
        print(row.line(), flush=True)


def alone(kind: str, count: int) -> None:
    """web.list ("pages") or report.dashboard over so many lines, filled and not drawn; printed."""
    from django.conf import settings

    from bench import dashboard, list_world, money, money_world

    settings.DEBUG = False
    with money_world.scratch_database():
        if kind == "pages":
            row = money.web_list(*list_world.make_list(count))
        else:
            row = dashboard.row(count)
    print(f"beban {os.getloadavg()[0]:.1f}\n{HEAD}\n{row.line()}")


def programs(count: int) -> None:
    """The simulation over a register of so many people; its part of the paper is written anew."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from bench import money_world, programs

    settings.DEBUG = False
    with money_world.scratch_database():
        server = connection.pg_version // 10_000
        row = programs.row(programs.make_people(count))
        head = (
            f"{timezone.localtime():%d-%m-%Y %H:%M}, {count} orang, {platform.machine()},"
            f" {os.cpu_count()} inti (beban {os.getloadavg()[0]:.1f}), Python"
            f" {platform.python_version()}, Postgres {server}. Detik CPU proses dan Postgres,"
            " median tiga."
        )
    told = f"{head}\n\n{HEAD}\n{row.line()}\n"
    print(told)
    before, _mark, after = PAPER.read_text().partition(PROGRAMS)
    if not after:
        before, mark, rest = before.partition(MARK)
        after = mark + rest
    else:
        after = "".join(after.partition(MARK)[1:])
    PAPER.write_text(f"{before.rstrip()}\n{PROGRAMS}\n{told}{after}")


def money(count: int) -> None:
    """Every row of the money table, as soon as it is known."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from bench import dashboard, money, money_world
    from monitoring.queries.scope import Scope

    settings.DEBUG = False
    told: list[str] = []

    def say(line: str) -> None:
        told.append(line)
        print(line, flush=True)

    with money_world.scratch_database():
        server = connection.pg_version // 10_000
        load = os.getloadavg()[0]
        say(
            f"{timezone.localtime():%d-%m-%Y %H:%M}, {count} baris, {platform.machine()},"
            f" {os.cpu_count()} inti (beban {load:.1f}), Python {platform.python_version()},"
            f" Postgres {server}."
        )
        say("")
        say(HEAD)
        world = money_world.make_world(count)
        pay_list, row = money.draw(world, count)
        say(row.line())
        pay_list = money.hand_to_bank(world, pay_list)
        for row in money.files(pay_list):
            say(row.line())
        money.send(pay_list)
        say(money.apply(world, pay_list).line())
        say(money.page(world, pay_list).line())
        for row in money.waits(world, pay_list):
            say(row.line())
        year = Scope(user=world.treasurer, year=2026, area_code="35")
        say(dashboard.compared(year, pay_list.count).line())
        say(money.web_list(world, pay_list).line())
        say(money.annex().line())
    old = PAPER.read_text().partition(MARK)[0]
    PAPER.write_text(old.rstrip() + "\n" + MARK + "\n" + "\n".join(told) + "\n")


if __name__ == "__main__":
    main()

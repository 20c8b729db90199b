"""`python3 -m bansos.launcher <command>`; the Makefile names the same commands."""

from __future__ import annotations

import os
import shutil
import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    for newer in ("python3.13", "python3.12", "python3.11"):
        if shutil.which(newer):
            os.execvp(newer, [newer, "-m", "bansos.launcher", *sys.argv[1:]])
    sys.exit("Bansos membutuhkan Python 3.11 atau lebih baru.")

from bansos.launcher import checks, commands, locks, packages, places  # noqa: E402
from bansos.launcher.console import Stopped, complain  # noqa: E402

USAGE = """python3 -m bansos.launcher <perintah>
  run             memasang, memulai semuanya, sampai Ctrl-C
  test            memasang dan menjalankan semua pemeriksaan
  stop            menghentikan yang sedang berjalan
  demo            memainkan seluruh rantai PKH Plus tanpa peramban
  bench           mengukur kecepatan
  fault           mematikan bagian-bagian sistem selama pembayaran, lalu memeriksa buku
  mutants         memasang cacat dengan sengaja; pengujian harus menemukannya
  bank ...        bank simulasi, sampai Ctrl-C
  manage ...      manage.py pada sistem yang berjalan (atau yang dimulai untuk itu)
  setup [dev]     memasang saja
  lock            menulis ulang berkas kunci
  clean           menghapus yang dibuat pemasangan
"""


def main(arguments: list[str]) -> int:
    """Runs one command; its exit code."""
    here = places.places()
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    actions = {
        "run": lambda: commands.run(here),
        "test": lambda: checks.test(here, rest),
        "stop": lambda: commands.stop(here),
        "demo": lambda: commands.on_stack(here, ["manage.py", "demo", *rest], worker=True),
        "bench": lambda: commands.on_stack(here, ["-m", "bench", *rest], worker=True),
        "bank": lambda: commands.bank(here, rest),
        "fault": lambda: commands.alone(here, ["-m", "bench.faults", *rest]),
        "mutants": lambda: commands.alone(here, ["-m", "bench.mutants", *rest]),
        "manage": lambda: commands.on_stack(here, ["manage.py", *rest]),
        "setup": lambda: commands.set_up(here, packages.TEST if rest else packages.RUN),
        "lock": lambda: locks.write(here, upgrade=bool(rest)),
        "clean": lambda: commands.clean(here),
    }
    if command not in actions:
        complain(USAGE)
        return 2
    try:
        return actions[command]() or 0
    except Stopped as reason:
        complain(f"\n{reason}")
        return 1
    except KeyboardInterrupt:
        return 130


sys.exit(main(sys.argv[1:]))

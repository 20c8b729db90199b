"""`manage.py bank_simulator`: the simulated bank of bansos.demo.simulator, until Ctrl-C."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bansos.demo.simulator import process


class Command(BaseCommand):
    help = "Jalankan bank simulasi: menerima berkas dan panggilan SNAP, untuk latihan dan uji."

    def add_arguments(self, parser: Any) -> None:
        process.arguments(parser, folder=str(Path(settings.STATE_DIR) / "bank"))

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.TRAINING_MODE:
            raise CommandError("Ini bukan instalasi latihan, jadi bank tidak disimulasikan.")
        sys.exit(process.serve_options(options))

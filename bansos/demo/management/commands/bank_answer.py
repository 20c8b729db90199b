"""`manage.py bank_answer --list NUMBER`: the simulated bank's answer to a list that was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bansos.demo.bank import simulated_answer
from bansos.lib.errors import Refused
from disbursements.models import PayList


class Command(BaseCommand):
    help = "Tulis jawaban bank simulasi untuk daftar bayar yang sudah dikirim ke bank."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--list", required=True, help="nomor daftar, misalnya DB-35-2026-0017")
        parser.add_argument("--out", default="", help="folder berkas (out/demo)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.TRAINING_MODE:
            raise CommandError("Ini bukan instalasi latihan, jadi bank tidak disimulasikan.")
        row = PayList.objects.filter(number=options["list"]).first()
        if row is None:
            raise CommandError(f"Daftar {options['list']} tidak ada.")
        try:
            data = simulated_answer(row)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        folder = Path(options["out"] or settings.BASE_DIR / "out" / "demo")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"hasil-{row.number}.xlsx"
        path.write_bytes(data)
        self.stdout.write(str(path))

"""`manage.py bank_connect`: channels to the simulated bank that is running, and its accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from bansos.accounts.models import Agency, User
from bansos.demo.channels import connect, open_accounts


class Command(BaseCommand):
    help = "Sambungkan instalasi latihan ke bank simulasi (make bank) yang sedang berjalan."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8114", help="alamat bank simulasi")
        parser.add_argument("--area", default="35", help="kode wilayah dinas")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.TRAINING_MODE:
            raise CommandError("Ini bukan instalasi latihan, jadi bank tidak disimulasikan.")
        translation.activate("id")
        agency = Agency.objects.filter(area_code=options["area"]).first()
        by = User.objects.filter(role="admin", area_code=options["area"], is_active=True).first()
        if agency is None or by is None:
            raise CommandError(f"Dinas atau administrator wilayah {options['area']} tidak ada.")
        folder = Path(settings.STATE_DIR) / "bank"
        for row, words in connect(agency=agency, by=by, url=options["url"], folder=folder):
            self.stdout.write(f"{row.name}: {'aktif' if row.active else 'mati'}. {words}")
        self.stdout.write(f"{open_accounts(options['url'])} rekening dikenal bank simulasi.")

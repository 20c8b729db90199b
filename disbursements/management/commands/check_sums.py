"""`manage.py check_sums`: the kept sums of lines against the lines; --rebuild makes them anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from disbursements.services import sums


class Command(BaseCommand):
    help = "Periksa jumlah tersimpan per daftar, wilayah, dan keadaan terhadap barisnya."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="hitung ulang dari barisnya")

    def handle(self, *args: Any, **options: Any) -> None:
        found = sums.differences()
        for row in found:
            self.stdout.write(
                f"daftar {row.pay_list_id} {row.level} {row.place} {row.state}: tersimpan"
                f" {row.kept_lines} baris {row.kept_amount}, seharusnya {row.lines} {row.amount}"
            )
        if options["rebuild"]:
            sums.rebuild()
        elif found:
            raise CommandError(f"{len(found)} jumlah berbeda dari barisnya.")
        self.stdout.write("Jumlah dihitung ulang." if found else "Semua jumlah sama.")

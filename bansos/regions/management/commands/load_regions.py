"""`manage.py load_regions`: fill the region table from the installed package or another folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bansos.regions.models import Region
from bansos.regions.services import regions


class Command(BaseCommand):
    help = "Muat provinsi, kabupaten/kota, kecamatan, desa/kelurahan."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--source", default=str(settings.BASE_DIR / "node_modules/idn-area-data/data")
        )
        parser.add_argument("--if-empty", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Region.objects.exists():
            self.stdout.write("Wilayah sudah dimuat.")
            return
        folder = Path(options["source"])
        districts, villages = folder / "districts.csv", folder / "villages.csv"
        if not districts.exists() or not villages.exists():
            raise CommandError(f"Berkas wilayah tidak ada di {folder}. Jalankan penyiapan dahulu.")
        count = regions.load_regions(districts=districts, villages=villages)
        self.stdout.write(f"{count} wilayah dimuat.")

"""`manage.py seed`: training data; refuses to touch an installation that is not for training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from bansos.accounts.models import Agency
from bansos.demo.offices import logins
from bansos.demo.seeding import current_list, seed, write_lists
from bansos.demo.story import Scale
from bansos.regions.models import Region


class Command(BaseCommand):
    help = "Isi data latihan: instansi, pengguna, program, penduduk buatan, daftar contoh."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--if-empty", action="store_true", help="lewati bila sudah ada data")
        parser.add_argument("--seed", type=int, default=2026, help="angka penentu data buatan")
        parser.add_argument(
            "--size", type=int, default=Scale.madiun, help="baris daftar PKH Plus Madiun"
        )
        parser.add_argument("--out", default="", help="folder berkas contoh (out/demo)")
        parser.add_argument("--logins", action="store_true", help="tampilkan akun latihan saja")

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("id")
        if options["logins"]:
            for row in logins():
                self.stdout.write("\t".join(row))
            return
        if not settings.TRAINING_MODE:
            raise CommandError(
                "Ini bukan instalasi latihan (TRAINING_MODE mati), jadi tidak ada yang diisi."
            )
        if Agency.objects.exists():
            if not options["if_empty"]:
                raise CommandError("Sudah ada data. Data latihan hanya diisi ke basis data kosong.")
            self.stdout.write("Data latihan sudah ada.")
            return
        if not Region.objects.exists():
            raise CommandError("Wilayah belum dimuat. Jalankan dahulu: manage.py load_regions")
        seed(
            number=options["seed"],
            scale=Scale(madiun=options["size"]),
            at=timezone.now(),
            say=self.stdout.write,
        )
        folder = Path(options["out"] or settings.BASE_DIR / "out" / "demo")
        for path in write_lists(current_list(), folder):
            self.stdout.write(str(path))

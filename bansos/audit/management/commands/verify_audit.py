"""`manage.py verify_audit`: seal what is open, then check the whole chain."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bansos.audit import services


class Command(BaseCommand):
    help = "Periksa rantai jejak audit; keluar dengan galat bila ada yang rusak."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        services.seal(at=now)
        verdict = services.verify(at=now)
        self.stdout.write(f"Mata rantai: {verdict.links}. Kepala: {verdict.head}")
        if verdict.breaches:
            raise CommandError("\n".join(verdict.breaches))
        self.stdout.write("Rantai utuh.")

"""`manage.py audit_books`: the auditor over the whole house; reads only, exits with an error."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from disbursements.queries.audit import audit_books
from disbursements.rules.promises import PROMISES


class Command(BaseCommand):
    help = "Periksa buku: janji I1-I12 dihitung ulang dari tabel, berkas, dan hasil bank."

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("id")
        began = time.monotonic()
        report = audit_books(at=timezone.now())
        for code, promise in PROMISES.items():
            broken = sum(breach.promise == code for breach in report.breaches)
            verdict = f"{broken} PELANGGARAN" if broken else "utuh"
            self.stdout.write(f"{code:<4} {verdict:<15} {report.counts[code]:>9}  {promise.title}")
        for sentence in report.sentences:
            self.stdout.write(f"PELANGGARAN: {sentence}")
        seconds = time.monotonic() - began
        if report.breaches:
            raise CommandError(f"{len(report.breaches)} pelanggaran, {seconds:.1f} detik.")
        self.stdout.write(f"Buku utuh. {seconds:.1f} detik.")

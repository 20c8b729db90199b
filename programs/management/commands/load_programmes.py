"""Imports the catalogue that comes with the product for every agency with a programme officer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bansos.accounts.models import Agency, User
from programs.services.loading import load_programmes


class Command(BaseCommand):
    """`manage.py load_programmes`: idempotent; what is there already stays."""

    help = "Mengimpor program bawaan dari programs/data/catalogue; yang sudah ada tidak diubah."

    def handle(self, *args: Any, **options: Any) -> None:
        for agency in Agency.objects.order_by("area_code"):
            by = (
                User.objects.filter(role="staf_program", area_code=agency.area_code, is_active=True)
                .order_by("pk")
                .first()
            )
            if by is None:
                self.stdout.write(f"{agency.name}: belum ada staf program, dilewati.")
                continue
            written = load_programmes(agency=agency, by=by, at=timezone.now())
            self.stdout.write(f"{agency.name}: {len(written)} versi program ditulis.")

"""Writes the six named programmes for every agency that has a programme officer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bansos.accounts.models import Agency, User
from programs.services.loading import load_programmes


class Command(BaseCommand):
    """`manage.py load_programmes`: idempotent; what is there already stays."""

    help = "Menulis program yang dikenal (PKH Plus, ASPD, KIP Jawara, KUBE, UEP, Jospol 4)."

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

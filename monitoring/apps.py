"""Names the app, its letter template and its verbs."""

from __future__ import annotations

from datetime import date

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    name = "monitoring"

    def ready(self) -> None:
        """Say what the archive and the trail need to know."""
        # Models are not there yet when this module is read.
        from bansos.audit.queries import tell
        from bansos.documents.registry import template

        template(
            "monitoring.report",
            version=1,
            path="documents/monitoring/report_v1.html",
            valid_from=date(2025, 1, 1),
        )
        tell(
            {
                "monitoring.request_report": _("Laporan diminta"),
                "monitoring.archive_report": _("Laporan selesai dan diarsipkan"),
                "monitoring.save_reference": _("Angka acuan dicatat"),
            }
        )

"""Names the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "bansos.jobs"
    label = "jobs"

    def ready(self) -> None:
        # Models are not ready before this call.
        from bansos.audit.queries import tell

        tell(
            {
                "jobs.cancel": _("Pembatalan pekerjaan diminta"),
            }
        )

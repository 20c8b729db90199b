"""Names the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "bansos.documents"
    label = "documents"

    def ready(self) -> None:
        # Models are not ready before this call.
        from bansos.audit.queries import tell

        tell(
            {
                "documents.issue": _("Dokumen terbit"),
                "documents.hand_out": _("Berkas dibuka atau diunduh"),
            }
        )

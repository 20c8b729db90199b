"""Names the app."""

from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "bansos.documents"
    label = "documents"

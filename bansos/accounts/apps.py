"""Names the app."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "bansos.accounts"
    label = "accounts"

    def ready(self) -> None:
        # Importing registers the extension with the schema generator.
        from bansos.accounts import api_schema  # noqa: F401

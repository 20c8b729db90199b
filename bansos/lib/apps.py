"""Registers the library as an app, for its formats, template tags and system checks."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "bansos.lib"
    label = "lib"
    verbose_name = "Pustaka"

    def ready(self) -> None:
        """System checks register on import."""
        import_module("bansos.lib.checks")

"""Registers the library as an app, for its formats, template tags and system checks."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

WHOLE_NUMBER = _("Tulis angka bulat saja, misalnya 12.")


class LibConfig(AppConfig):
    name = "bansos.lib"
    label = "lib"
    verbose_name = "Pustaka"

    def ready(self) -> None:
        """System checks register on import; Django's own words for a number are said plainly."""
        from django import forms

        import_module("bansos.lib.checks")
        words = forms.IntegerField.default_error_messages
        forms.IntegerField.default_error_messages = {**words, "invalid": WHOLE_NUMBER}

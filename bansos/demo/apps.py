"""Names the app."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "bansos.demo"
    label = "demo"

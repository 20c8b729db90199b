"""System checks that say in one line what is missing on this machine."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.core import checks

from bansos.lib import pdf, static_files

APT_LINE = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


@checks.register("bansos")
def pdf_libraries(**_kwargs: Any) -> list[checks.CheckMessage]:
    """PDF needs Pango from the system; without it everything but PDF works."""
    try:
        import_module("weasyprint")
    except (OSError, ImportError) as error:
        return [
            checks.Warning(
                "PDF tidak dapat dibuat: pustaka sistem Pango belum terpasang.",
                hint=f"{APT_LINE}  ({error.__class__.__name__})",
                id="bansos.W001",
            )
        ]
    return []


@checks.register("bansos")
def pdf_fonts(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Without the copied fonts a PDF falls back to whatever the machine has."""
    missing = [
        name
        for weight, style in pdf.FONT_FACES
        for name in [pdf.font_file("latin", weight, style)]
        if static_files.find(name) is None
    ]
    if not missing:
        return []
    return [
        checks.Warning(
            "Huruf Noto Sans untuk PDF belum disalin ke static/vendor.",
            hint=f"make setup  ({missing[0]})",
            id="bansos.W002",
        )
    ]

#!/usr/bin/env python
"""Django's command line for Bansos."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bansos.settings.dev")
    from django.core.management import execute_from_command_line

    import bansos.celery  # noqa: F401  the Celery app must be known wherever a job can be rung

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

"""The web server's door."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

import bansos.celery  # noqa: F401  the Celery app must be known wherever a job can be rung

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bansos.settings.dev")
application = get_wsgi_application()

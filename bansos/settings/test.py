"""Tests: fixed keys, fast hashes, a throw-away database."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bansos.settings import env
from bansos.settings.base import *  # noqa: F403
from bansos.settings.base import STORAGES

# One folder per test process: two processes of one run share neither files nor queue.
STATE_DIR = Path(env.text("TEST_FOLDER", tempfile.gettempdir())) / os.environ.get(
    "PYTEST_XDIST_WORKER", "main"
)
MEDIA_ROOT = STATE_DIR / "files"
REDIS_URL = CELERY_BROKER_URL = f"redis+socket://{STATE_DIR}/valkey/valkey.sock"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DEBUG = False
SECRET_KEY = "test-" + "x" * 60
FIELD_KEYS = {1: bytes([17]) * 32}
INDEX_KEY = bytes([34]) * 32
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TRAINING_MODE = False
COMPONENT_PAGE = True
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
STORAGES["default"]["OPTIONS"] = {"location": str(MEDIA_ROOT)}  # type: ignore[index]
ACCOUNT_RATE_LIMITS = {}
# Append-only tables refuse TRUNCATE; a test database must be emptied between tests.
DATABASES["default"]["OPTIONS"] = {"options": "-c bansos.truncate_allowed=on"}  # noqa: F405

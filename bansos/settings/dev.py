"""One machine: development, training and `make run`. The launcher hands in its own secrets."""

from __future__ import annotations

from bansos.settings import env
from bansos.settings.base import *  # noqa: F403
from bansos.settings.base import BANK_SECRETS, STATE_DIR, STORAGES

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY", "only-for-development-" + "x" * 40)
FIELD_KEYS = env.keys("FIELD_KEYS", "1:" + "11" * 32)
INDEX_KEY = bytes.fromhex(env.text("INDEX_KEY", "22" * 32))
TRAINING_MODE = env.flag("TRAINING_MODE", True)
COMPONENT_PAGE = True
if TRAINING_MODE:
    BANK_SECRETS = {**env.simulated_bank(STATE_DIR / "bank"), **BANK_SECRETS}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True

"""Production: every secret comes from outside; cookies and transport are strict."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from bansos.settings import env
from bansos.settings.base import *  # noqa: F403

if os.environ.get("FAULT_PLAN"):
    raise ImproperlyConfigured("FAULT_PLAN belongs to fault runs and is set: refusing to start.")

DEBUG = False
SECRET_KEY = env.text("SECRET_KEY")
FIELD_KEYS = env.keys("FIELD_KEYS")
INDEX_KEY = bytes.fromhex(env.text("INDEX_KEY"))
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
REDIS_URL = CELERY_BROKER_URL = env.text("REDIS_URL")

SECURE_SSL_REDIRECT = True
# Limits per address (sign-in, document check) count the visitor's address, not the proxy's: else
# ten wrong passwords anywhere would close the door of the whole province.
ALLAUTH_TRUSTED_PROXY_COUNT = int(env.text("PROXY_COUNT", "1"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The proxy's own health check speaks plain HTTP inside the host.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
LANGUAGE_COOKIE_SECURE = True
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "bansos@localhost")

"""Pages outside the product: is it alive, is it ready, and the three plain error pages."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database and broker answer; 503 with the name of what does not."""
    broken = [name for name, check in CHECKS.items() if not check()]
    body = {"status": "broken" if broken else "ok", "broken": broken}
    return JsonResponse(body, status=503 if broken else 200)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except Exception:
        return False


def _broker() -> bool:
    try:
        # Celery calls a socket's address redis+socket, the client calls it unix.
        url = settings.REDIS_URL.replace("redis+socket:", "unix:")
        client = redis.Redis.from_url(url, socket_timeout=2)
        return bool(client.ping())
    except (redis.RedisError, ValueError, OSError):
        return False


CHECKS = {"database": _database, "broker": _broker}
healthz.access = readyz.access = "public"  # type: ignore[attr-defined]


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 in plain words."""
    return render(request, "403.html", status=403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 in plain words."""
    return render(request, "404.html", status=404)


@requires_csrf_token
def broken(request: HttpRequest) -> HttpResponse:
    """500 in plain words; rendered without the database."""
    return render(None, "500.html", status=500)

"""web.list: the page of fifty lines, signed in and scoped, against the bare query behind it.

Both are served by the same gunicorn, `bench.web:application`, and asked by the same threads.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from http.client import HTTPConnection
from typing import Any

import django
from django.urls import path

SECONDS, THREADS, WORKERS = 6.0, 4, 2
QUERY = """
SELECT position, payee_name, address, area_code, bank_code, amount, reference, state
FROM disbursements_paymentline WHERE pay_list_id = %s AND area_code LIKE '35%%'
ORDER BY position, id LIMIT 51
"""


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """The whole product, and one view of it that does nothing but the query."""
    answer: Iterable[bytes] = _product()(environ, start)
    return answer


def bare(request: Any, pk: int) -> Any:
    """The same fifty rows for the same user, past models, filters and templates."""
    from django.db import connection
    from django.http import JsonResponse

    with connection.cursor() as db:
        db.execute(QUERY, [pk])
        return JsonResponse({"user": request.user.pk, "rows": db.fetchall()})


@lru_cache(maxsize=1)
def _product() -> Any:
    """The product as it is served, but for the hashed names of files nobody fetches here."""
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bansos.settings.dev")
    django.setup()
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    from bansos import urls
    from bansos.accounts.access import signed_in
    from bansos.wsgi import application as product

    urls.urlpatterns.append(path("bare/<int:pk>/", signed_in(bare)))
    return product


def rates(pay_list: int, user: Any) -> tuple[float, float]:
    """Requests a second: the page, the bare query."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    client = Client()
    client.force_login(user)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    port = _free_port()
    server = _serve(port)
    try:
        page = _rate(port, reverse("disbursements:lines", args=[pay_list]), cookie)
        bare = _rate(port, f"/bare/{pay_list}/", cookie)
    finally:
        server.terminate()
        server.wait(20)
    return page, bare


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _serve(port: int) -> subprocess.Popen[bytes]:
    from django.db import connection

    name = connection.settings_dict["NAME"]
    head, _slash, tail = os.environ["DATABASE_URL"].rpartition("/")
    _old, mark, options = tail.partition("?")
    if "?" in head:  # a socket directory stands behind the question mark
        head, _slash, rest = os.environ["DATABASE_URL"].partition("?")
        head, mark, options = head.rpartition("/")[0], "?", rest
    address = f"{head}/{name}{mark}{options}"
    command = [sys.executable, "-m", "gunicorn", "-w", str(WORKERS), "-b", f"127.0.0.1:{port}"]
    more = ["--keep-alive", "30", "-k", "gthread", "--threads", "2", "bench.web:application"]
    server = subprocess.Popen(
        [*command, *more],
        env={**os.environ, "DATABASE_URL": address, "DEBUG": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _turn in range(100):
        time.sleep(0.2)
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return server
    raise RuntimeError("The server did not come up.")


def _rate(port: int, path: str, cookie: str) -> float:
    """Requests a second over THREADS connections that stay open; the first ones do not count."""
    _ask(port, path, cookie, time.monotonic() + 1.5)
    counts, begun = [0] * THREADS, time.monotonic()

    def work(place: int) -> None:
        counts[place] = _ask(port, path, cookie, begun + SECONDS)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - begun)


def _ask(port: int, path: str, cookie: str, until: float) -> int:
    link, done = HTTPConnection("127.0.0.1", port), 0
    while time.monotonic() < until:
        link.request("GET", path, headers={"Cookie": cookie})
        answer = link.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
        done += 1
    return done

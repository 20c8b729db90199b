"""web.list: the page of fifty lines, signed in and scoped, against the bare query behind it.

Both are served by the same gunicorn, `bench.web:application`, and asked by the same threads.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import django
from django.urls import path

from bench.measure import cpu_of

SECONDS, THREADS, WORKERS, ROUNDS = 5.0, 4, 2, 3
WARM_MOST, WARM_IN_A_ROW, WARM_SECONDS = 200, 20, 0.7
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


@dataclass
class Rates:
    """What one view did: requests a second, and CPU milliseconds a request of the workers."""

    speed: float
    cpu: float


def rates(pay_list: int, user: Any) -> tuple[Rates, Rates]:
    """The page and the bare query, by turns; the median of ROUNDS."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    client = Client()
    client.force_login(user)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    port = _free_port()
    server = _serve(port)
    paths = (reverse("disbursements:lines", args=[pay_list]), f"/bare/{pay_list}/")
    try:
        for path in paths:
            _warm(port, path, cookie)
        found = [[_rate(port, path, cookie, server.pid) for path in paths] for _ in range(ROUNDS)]
    finally:
        server.terminate()
        server.wait(20)
    page, bare = (
        Rates(
            statistics.median(one.speed for one in rounds),
            statistics.median(one.cpu for one in rounds),
        )
        for rounds in zip(*found, strict=True)
    )
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


def _warm(port: int, path: str, cookie: str) -> None:
    """Short connections until every worker has its pages ready, however busy the machine is."""
    quick = 0
    for _turn in range(WARM_MOST):
        begun = time.monotonic()
        _ask(port, path, cookie, begun, at_least=1)
        quick = quick + 1 if time.monotonic() - begun < WARM_SECONDS else 0
        if quick == WARM_IN_A_ROW:
            return


def _rate(port: int, path: str, cookie: str, server: int) -> Rates:
    """THREADS connections that stay open for SECONDS."""
    cpu, begun = _cpu_of_workers(server), time.monotonic()
    counts = [0] * THREADS

    def work(place: int) -> None:
        counts[place] = _ask(port, path, cookie, begun + SECONDS)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = sum(counts)
    spent = _cpu_of_workers(server) - cpu
    return Rates(done / (time.monotonic() - begun), spent * 1000 / done)


def _cpu_of_workers(server: int) -> float:
    """CPU seconds of the server's children so far; the database's own are not among them."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return sum(cpu_of(int(child)) for child in children)


def _ask(port: int, path: str, cookie: str, until: float, *, at_least: int = 0) -> int:
    link, done = HTTPConnection("127.0.0.1", port), 0
    while done < at_least or time.monotonic() < until:
        link.request("GET", path, headers={"Cookie": cookie})
        answer = link.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
        done += 1
    link.close()
    return done

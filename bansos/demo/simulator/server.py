"""The HTTP door of the simulated bank; its contract stands in the package's description."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bansos.demo.simulator import results, snap, statements
from bansos.demo.simulator.books import Books
from bansos.demo.simulator.files import REFERENCE, Unreadable, read_file
from bansos.demo.simulator.scenarios import scenario_of

LONGEST_BODY = 1 << 30


class Cut(Exception):
    """The connection breaks: nothing was taken."""


class Bank(ThreadingHTTPServer):
    """One bank; `stop` wakes the calls that hang so that it ends at once."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], books: Books, key: str, partner: snap.Partner):
        super().__init__(address, Door)
        self.books, self.key = books, key
        self.snap = snap.Snap(books, partner)
        self.stopping = threading.Event()

    def stop(self) -> None:
        """Ends serve_forever() and every waiting call."""
        self.stopping.set()
        self.shutdown()


class Door(BaseHTTPRequestHandler):
    """One request."""

    server: Bank
    protocol_version = "HTTP/1.1"
    server_version = "BankSimulasi"
    timeout = 60

    def do_GET(self) -> None:
        """A question."""
        self._serve(b"")

    def do_POST(self) -> None:
        """An instruction, a SNAP call or a control."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > LONGEST_BODY:
            self._answer(413, {"reason": "Berkas terlalu besar"})
            return
        self._serve(self.rfile.read(length))

    def log_message(self, *_arguments: Any) -> None:
        """Account numbers stay out of any log."""

    def _serve(self, body: bytes) -> None:
        url = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        try:
            if url.path.startswith("/kendali"):
                self._control(url.path, body)
            elif url.path.startswith("/snap/"):
                self._weather()
                self._snap(url.path, body)
            else:
                self._weather()
                self._files(url.path, query, body)
        except Cut:
            self.close_connection = True
        except (KeyError, ValueError, TypeError) as error:
            self._answer(400, {"reason": f"Permintaan tidak dikenal: {error}"})

    def _weather(self) -> None:
        scenario = self.server.books.scenario
        if scenario.latency:
            self.server.stopping.wait(scenario.latency)
        if scenario.down:
            self._answer(503, {"reason": "Bank sedang tidak melayani"})
            raise Cut

    def _strike_before(self, reference: str) -> None:
        books = self.server.books
        if books.strikes(reference, books.scenario.cut_one_in):
            raise Cut

    def _strike_after(self, reference: str) -> None:
        books = self.server.books
        if books.strikes(reference, books.scenario.hang_one_in):
            self.server.stopping.wait()
            raise Cut

    # Files

    def _files(self, path: str, query: dict[str, str], body: bytes) -> None:
        if self.headers.get("Authorization") != f"Bearer {self.server.key}":
            self._answer(401, {"reason": "Kunci salah"})
            return
        parts = path.strip("/").split("/")
        if self.command == "POST" and parts == ["berkas"]:
            self._take_file(body)
        elif self.command == "GET" and parts == ["rekening-koran"]:
            day = query.get("day")
            on = date.fromisoformat(day) if day else self.server.books.today
            form = query.get("format", "camt053")
            self._give(statements.render(self.server.books, on, form), form)
        elif self.command == "GET" and parts[0] == "berkas" and len(parts) in {2, 3}:
            self._about_file(parts, query)
        else:
            self._answer(404, {"reason": "Alamat tidak dikenal"})

    def _take_file(self, body: bytes) -> None:
        books, reference = self.server.books, self.headers.get("X-Reference", "")
        sha256 = hashlib.sha256(body).hexdigest()
        if not REFERENCE.fullmatch(reference):
            self._answer(400, {"reason": "Referensi harus 1 sampai 16 huruf atau angka"})
            return
        if sha256 != self.headers.get("X-Content-SHA256"):
            self._answer(400, {"reason": "Sidik jari tidak sama dengan isi"})
            return
        self._strike_before(reference)
        with books.writing():
            known = books.file(reference)
            if known is not None and known["sha256"] != sha256:
                self._answer(409, {"reason": "Referensi ini sudah dipakai untuk isi lain"})
                return
            taken = known is not None and known["state"] == "accepted"
            again = taken and books.scenario.deduplicates
            if not again:
                self._keep(reference, sha256, body)
        row = books.file(reference)
        if row is None:
            raise Cut
        self._strike_after(reference)
        about = {
            "reference": reference,
            "sha256": sha256,
            "state": row["state"],
            "reason": row["reason"],
            "lines": row["lines"],
            "total": results.sen(row["sen"]),
            "duplicate": again,
        }
        status = 422 if row["state"] == "rejected" else (200 if again else 202)
        self._answer(status, about)

    def _keep(self, reference: str, sha256: str, body: bytes) -> None:
        form = self.headers.get("X-Format", "")
        transfers, reason = [], ""
        try:
            transfers = read_file(body, form)
        except Unreadable as error:
            reason = str(error)
        if not reason and self.server.books.scenario.rejects:
            reason = "Saldo rekening sumber tidak cukup"
        self.server.books.keep_file(reference, sha256, form, transfers, reason)

    def _about_file(self, parts: list[str], query: dict[str, str]) -> None:
        row = self.server.books.file(parts[1])
        if row is None:
            self._answer(404, {"reason": "Bank tidak pernah menerima berkas ini"})
            return
        found = results.parts_of(self.server.books, row)
        if len(parts) == 2:
            said = [one for part in found for one in part]
            back = {one.payment.reference for one in said if one.returned}
            settled = {one.payment.reference for one in said} - back
            self._answer(
                200,
                {
                    **{key: row[key] for key in ("reference", "sha256", "state", "reason")},
                    "lines": row["lines"],
                    "total": results.sen(row["sen"]),
                    "settled": len(settled),
                    "returned": len(back),
                    "parts": list(range(1, len(found) + 1)),
                },
            )
            return
        number, form = int(query.get("part", "1")), query.get("format", "xlsx")
        if parts[2] != "hasil" or not 1 <= number <= len(found):
            self._answer(404, {"reason": "Hasil belum ada"})
            return
        self._give(results.render(row, found[number - 1], form), form)

    # SNAP

    def _snap(self, path: str, body: bytes) -> None:
        headers = {key.lower(): value for key, value in self.headers.items()}
        instructs = snap.SERVICES.get(path) in {"17", "18"}
        reference = snap.reference_of(body) if instructs else ""
        if reference:
            self._strike_before(reference)
        try:
            if path == snap.TOKEN:
                answer = self.server.snap.token(headers, body)
            elif path in snap.SERVICES:
                answer = self.server.snap.call(path, headers, body)
            else:
                raise snap.Problem(404, "00", "00", "Unknown service")
        except snap.Problem as problem:
            answer = problem.answer
        if reference and answer.status in {200, 202}:
            self._strike_after(reference)
        self._answer(answer.status, answer.body)

    # Control

    def _control(self, path: str, body: bytes) -> None:
        books, wish = self.server.books, json.loads(body or b"{}")
        action = path.removeprefix("/kendali").strip("/")
        if action == "pembayaran":
            self._answer(200, [_credit(books, row) for row in books.all_payments()])
        elif action == "rekening" and self.command == "POST":
            self._answer(200, {"accounts": books.open_accounts(wish)})
        elif action == "kosongkan" and self.command == "POST":
            books.forget()
            self._answer(200, self._about())
        elif action == "":
            if self.command == "POST":
                self._change(wish)
            self._answer(200, self._about())
        else:
            self._answer(404, {"reason": "Alamat tidak dikenal"})

    def _change(self, wish: dict[str, Any]) -> None:
        books = self.server.books
        if "scenario" in wish:
            scenario_of(str(wish["scenario"]))
            books.set(scenario=wish["scenario"])
        if "seed" in wish:
            books.set(seed=wish["seed"])
        if "today" in wish:
            books.set(today=date.fromisoformat(str(wish["today"])).isoformat(), days=0)
        if "days" in wish:
            books.set(days=int(books.setting("days", "0")) + int(wish["days"]))

    def _about(self) -> dict[str, Any]:
        books = self.server.books
        payments = books.all_payments()
        return {
            "scenario": books.setting("scenario", "normal"),
            "seed": books.setting("seed", "1"),
            "today": books.today.isoformat(),
            "files": len(books.rows("SELECT 1 FROM files")),
            "payments": len(payments),
            "credits": sum(row.credits for row in payments),
        }

    # Answers

    def _answer(self, status: int, body: Any) -> None:
        self._write(status, "application/json", json.dumps(body).encode())

    def _give(self, data: bytes, form: str) -> None:
        self._write(200, results.MIME[form], data)

    def _write(self, status: int, mime: str, data: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", mime)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-Content-SHA256", hashlib.sha256(data).hexdigest())
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def _credit(books: Books, row: Any) -> dict[str, Any]:
    back = row.returned(books.today)
    return {
        "reference": row.reference,
        "file": row.file,
        "amount": results.sen(row.sen),
        "credits": row.credits,
        "state": "returned" if back else "settled",
        "reason": row.reason if back else "",
    }


def credits_of(rows: list[dict[str, Any]]) -> dict[str, int]:
    """How often each reference was paid, over all files: more than once is a double payment."""
    found: Counter[str] = Counter()
    for row in rows:
        found[row["reference"]] += row["credits"]
    return dict(found)

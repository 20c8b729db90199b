"""The simulated bank as a process: its folder with keys, starting, and a client for tests."""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bansos.demo.simulator.books import Books
from bansos.demo.simulator.scenarios import SCENARIOS, scenario_of
from bansos.demo.simulator.server import Bank, credits_of
from bansos.demo.simulator.snap import Partner
from bansos.launcher.processes import die_with_parent

CLIENT_ID = "BANSOS-LATIHAN"
PRIVATE, KEYS, BOOKS = "snap-private.pem", "keys.json", "books.sqlite"


def arguments(parser: argparse.ArgumentParser, *, folder: str) -> None:
    """What may be said when the bank is started."""
    parser.add_argument("--folder", default=folder, help="folder of its books and keys")
    parser.add_argument("--port", type=int, default=8114, help="0 takes a free port")
    parser.add_argument(
        "--scenario", default="", type=known, help=f"joined by +: {', '.join(SCENARIOS)}"
    )
    parser.add_argument("--seed", default="", help="the same seed, the same fates")
    parser.add_argument("--today", default="", help="the bank's day, YYYY-MM-DD")


def known(names: str) -> str:
    """The scenario as it was given. Raises ArgumentTypeError for an unknown name."""
    try:
        scenario_of(names or "normal")
    except KeyError as error:
        raise argparse.ArgumentTypeError(f"{error.args[0]} is no scenario") from None
    return names


def prepare(folder: Path) -> tuple[str, Partner]:
    """The key of the file door and the SNAP partner; made at the first start."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private, keys = folder / PRIVATE, folder / KEYS
    if not private.exists():
        fresh = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        text = fresh.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write_secret(private, text)
    if not keys.exists():
        found = {
            "key": secrets.token_urlsafe(24),
            "client_id": CLIENT_ID,
            "secret": secrets.token_urlsafe(32),
        }
        _write_secret(keys, json.dumps(found).encode())
    loaded = serialization.load_pem_private_key(private.read_bytes(), None)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise ValueError(f"{private} holds no RSA key.")
    known = json.loads(keys.read_text())
    return known["key"], Partner(known["client_id"], known["secret"], loaded.public_key())


def _write_secret(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def serve(*, folder: Path, port: int, scenario: str, seed: str, today: str) -> int:
    """Serve until SIGTERM or SIGINT; says where on the first line. Exit code 0."""
    key, partner = prepare(folder)
    books = Books(folder / BOOKS)
    given = {"scenario": scenario, "seed": seed, "today": today}
    books.set(**{name: value for name, value in given.items() if value})
    bank = Bank(("127.0.0.1", port), books, key, partner)

    def hear(*_arguments: object) -> None:
        # shutdown() waits for serve_forever(), which is this very thread.
        threading.Thread(target=bank.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, hear)
    signal.signal(signal.SIGINT, hear)
    print(f"Bank simulasi: http://127.0.0.1:{bank.server_port} ({folder})", flush=True)
    try:
        bank.serve_forever(poll_interval=0.1)
    finally:
        bank.server_close()
        books.close()
    return 0


def main(given: list[str] | None = None) -> int:
    """The command line: python -m bansos.demo.simulator."""
    parser = argparse.ArgumentParser(prog="bank_simulator")
    arguments(parser, folder=".state/bank")
    return serve_options(vars(parser.parse_args(given)))


def serve_options(options: Mapping[str, Any]) -> int:
    """Serve as the command line said."""
    return serve(
        folder=Path(options["folder"]),
        port=options["port"],
        scenario=options["scenario"],
        seed=options["seed"],
        today=options["today"],
    )


def post(url: str, path: str, body: Any = None) -> Any:
    """One control call of a running bank; without a body it only asks."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}{path}", data=data)  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return json.loads(answer.read())


@dataclass
class Simulator:
    """A running simulated bank, as tests and fault runs hold it."""

    url: str
    folder: Path
    process: subprocess.Popen[str]

    @property
    def key(self) -> str:
        """The key of the file door."""
        return str(json.loads((self.folder / KEYS).read_text())["key"])

    @property
    def client_id(self) -> str:
        """The SNAP client id."""
        return str(json.loads((self.folder / KEYS).read_text())["client_id"])

    @property
    def secret(self) -> str:
        """The SNAP client secret."""
        return str(json.loads((self.folder / KEYS).read_text())["secret"])

    @property
    def private_key(self) -> str:
        """The customer's SNAP private key, PEM."""
        return (self.folder / PRIVATE).read_text()

    def control(self, **wish: Any) -> dict[str, Any]:
        """Change scenario, seed, day; what the bank is like then."""
        found: dict[str, Any] = self.ask("/kendali", wish or None)
        return found

    def open_accounts(self, rows: list[dict[str, str]]) -> None:
        """Accounts the bank knows: bank_code, account, name."""
        self.ask("/kendali/rekening", rows)

    def credits(self) -> dict[str, int]:
        """How often each reference was paid."""
        return credits_of(self.ask("/kendali/pembayaran"))

    def forget(self) -> None:
        """Empty its books."""
        self.ask("/kendali/kosongkan", {})

    def ask(self, path: str, body: Any = None) -> Any:
        """One control call."""
        return post(self.url, path, body)

    def stop(self) -> int:
        """End it cleanly; its exit code."""
        self.process.terminate()
        code = self.process.wait(timeout=10)
        if self.process.stdout:
            self.process.stdout.close()
        return code


def start(
    folder: Path, *, port: int = 0, scenario: str = "normal", seed: int = 1, today: str = ""
) -> Simulator:
    """Start one in `folder` and wait until it listens. Raises RuntimeError when it does not."""
    command = [sys.executable, "-m", "bansos.demo.simulator", "--folder", str(folder)]
    command += ["--port", str(port), "--scenario", scenario, "--seed", str(seed)]
    command += ["--today", today] if today else []
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen(
        command,
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509
    )
    line = process.stdout.readline() if process.stdout else ""
    if "http://" not in line:
        process.kill()
        raise RuntimeError("The simulated bank did not start.")
    return Simulator(line.split()[2], folder, process)


@contextmanager
def running(
    folder: Path, *, port: int = 0, scenario: str = "normal", seed: int = 1, today: str = ""
) -> Iterator[Simulator]:
    """A simulated bank for the time of a block."""
    bank = start(folder, port=port, scenario=scenario, seed=seed, today=today)
    try:
        yield bank
    finally:
        bank.stop()

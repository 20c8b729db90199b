"""The books of the simulated bank: one sqlite file, every change on the disk before the answer."""

from __future__ import annotations

import random
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from bansos.demo.simulator.files import Transfer
from bansos.demo.simulator.scenarios import Scenario, scenario_of

WIB = timezone(timedelta(hours=7))
TOKEN_SECONDS = 900
# What comes back and why, in a bank's words, with the ISO 20022 code of the reason.
REASONS = (
    ("AC04", "Rekening ditutup"),
    ("MS03", "Tidak diambil sampai batas waktu"),
    ("BE01", "Nama tidak cocok dengan rekening"),
    ("AC04", "Rekening ditutup"),
    ("MD07", "Meninggal dunia"),
)
OTHER_NAMES = ("SUPARDI", "Hj. ROHMAH", "BUDI HARTONO", "SITI KHOTIMAH", "CV MAJU JAYA")

TABLES = """
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
    reference TEXT PRIMARY KEY, sha256 TEXT NOT NULL, form TEXT NOT NULL, day TEXT NOT NULL,
    arrivals INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
    scenario TEXT NOT NULL, lines INTEGER NOT NULL, sen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS payments (
    id INTEGER PRIMARY KEY, file TEXT NOT NULL, reference TEXT NOT NULL, account TEXT NOT NULL,
    name TEXT NOT NULL, bank_code TEXT NOT NULL, sen INTEGER NOT NULL, credits INTEGER NOT NULL,
    day TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, back_on TEXT NOT NULL,
    scenario TEXT NOT NULL, UNIQUE (file, reference));
CREATE TABLE IF NOT EXISTS external_ids (
    day TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (day, id));
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS struck (reference TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS accounts (
    bank_code TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (bank_code, account));
"""
FORGOTTEN = ("files", "payments", "external_ids", "tokens", "struck")


@dataclass(frozen=True)
class Payment:
    """One transfer the bank executed; `back_on` is the day it came back, "" when it stayed."""

    file: str
    reference: str
    account: str
    name: str
    bank_code: str
    sen: int
    credits: int
    day: str
    code: str
    reason: str
    back_on: str
    scenario: str

    def returned(self, on: date) -> bool:
        """Whether it has come back by that day."""
        return bool(self.back_on) and self.back_on <= on.isoformat()


PAYMENTS = f"SELECT {', '.join(Payment.__dataclass_fields__)} FROM payments"  # noqa: S608


class Books:
    """Everything the bank knows; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(TABLES)

    def close(self) -> None:
        """Ends the connection; what was answered is on the disk already."""
        with self._lock:
            self._db.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, alone; nested use joins it."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """What a query finds."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # Settings

    def setting(self, key: str, default: str = "") -> str:
        """A setting that outlives a restart."""
        found = self.rows("SELECT value FROM settings WHERE key = ?", key)
        return str(found[0]["value"]) if found else default

    def set(self, **values: object) -> None:
        """Keep settings."""
        with self.writing() as db:
            for key, value in values.items():
                db.execute("REPLACE INTO settings VALUES (?, ?)", (key, str(value)))

    @property
    def scenario(self) -> Scenario:
        """How the bank behaves now."""
        return scenario_of(self.setting("scenario", "normal"))

    @property
    def today(self) -> date:
        """The bank's day: a fixed one, or the clock's in WIB, moved by the days asked for."""
        fixed = self.setting("today")
        start = date.fromisoformat(fixed) if fixed else datetime.now(WIB).date()
        return start + timedelta(days=int(self.setting("days", "0")))

    def forget(self) -> None:
        """Empty everything but settings and accounts."""
        with self.writing() as db:
            for table in FORGOTTEN:
                db.execute(f"DELETE FROM {table}")  # noqa: S608

    # Accounts

    def open_accounts(self, rows: Sequence[dict[str, Any]]) -> int:
        """Accounts the bank knows: bank_code, account, name; returns how many."""
        found = [(str(r["bank_code"]), str(r["account"]), str(r["name"])) for r in rows]
        with self.writing() as db:
            db.executemany("REPLACE INTO accounts VALUES (?, ?, ?)", found)
        return len(found)

    def holder(self, bank_code: str, account: str) -> str | None:
        """Who owns an account; None when there is none. A slip gives another name."""
        found = self.rows(
            "SELECT name FROM accounts WHERE bank_code = ? AND account = ?", bank_code, account
        )
        if not found:
            return None
        chance, wanted = self.chance(f"name-{account}"), self.scenario.slips_one_in
        if wanted and chance.randrange(wanted) == 0:
            return chance.choice(OTHER_NAMES)
        return str(found[0]["name"])

    def chance(self, what: str) -> random.Random:
        """The same luck for the same thing under the same seed."""
        return random.Random(f"{self.setting('seed', '1')}-{what}")

    def strikes(self, reference: str, one_in: int) -> bool:
        """Whether trouble strikes this instruction: by the seed, and once where it says so."""
        if not one_in or self.chance(f"strike-{reference}").randrange(one_in):
            return False
        if not self.scenario.first_only:
            return True
        with self.writing() as db:
            done = db.execute("INSERT OR IGNORE INTO struck VALUES (?)", (reference,))
            return done.rowcount == 1

    # Files and payments

    def file(self, reference: str) -> sqlite3.Row | None:
        """A file the bank received."""
        found = self.rows("SELECT * FROM files WHERE reference = ?", reference)
        return found[0] if found else None

    def keep_file(
        self, reference: str, sha256: str, form: str, transfers: Sequence[Transfer], reason: str
    ) -> None:
        """Take a file: its payments are executed (again, when it is not the first time)."""
        name = self.setting("scenario", "normal")
        with self.writing() as db:
            known = self.file(reference)
            if known is not None and known["state"] != "rejected":
                db.execute(
                    "UPDATE files SET arrivals = arrivals + 1 WHERE reference = ?", (reference,)
                )
                db.execute("UPDATE payments SET credits = credits + 1 WHERE file = ?", (reference,))
                return
            db.execute(
                "REPLACE INTO files VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?)",
                (
                    *(reference, sha256, form, self.today.isoformat()),
                    *("rejected" if reason else "accepted", reason, name),
                    *(len(transfers), sum(row.sen for row in transfers)),
                ),
            )
            if not reason:
                self._pay(db, reference, transfers, name)

    def pay_one(self, transfer: Transfer) -> None:
        """Execute a single transfer (again, when its reference is known)."""
        with self.writing() as db:
            done = db.execute(
                "UPDATE payments SET credits = credits + 1 WHERE file = '' AND reference = ?",
                (transfer.reference,),
            )
            if done.rowcount == 0:
                self._pay(db, "", [transfer], self.setting("scenario", "normal"))

    def _pay(
        self, db: sqlite3.Connection, file: str, transfers: Sequence[Transfer], name: str
    ) -> None:
        scenario, day = scenario_of(name), self.today
        back_on = (day + timedelta(days=scenario.later_days)).isoformat()
        rows = []
        for row in transfers:
            code, reason = self.fate(row.reference, scenario)
            rows.append(
                (
                    *(None, file, row.reference, row.account, row.name, row.bank_code, row.sen),
                    *(1, day.isoformat(), code, reason, back_on if code else "", name),
                )
            )
        db.executemany(f"INSERT INTO payments VALUES ({','.join('?' * 13)})", rows)  # noqa: S608

    def fate(self, reference: str, scenario: Scenario) -> tuple[str, str]:
        """Code and words of the return, or two empty texts."""
        if not scenario.returned_one_in:
            return "", ""
        chance = self.chance(f"fate-{reference}")
        if chance.randrange(scenario.returned_one_in):
            return "", ""
        return chance.choice(REASONS)

    def payments(self, file: str) -> list[Payment]:
        """The transfers of a file in its order."""
        found = self.rows(f"{PAYMENTS} WHERE file = ? ORDER BY id", file)
        return [Payment(*row) for row in found]

    def payment(self, reference: str) -> Payment | None:
        """A single transfer by its reference."""
        found = self.rows(f"{PAYMENTS} WHERE file = '' AND reference = ?", reference)
        return Payment(*found[0]) if found else None

    def all_payments(self) -> list[Payment]:
        """Everything the bank ever executed."""
        return [Payment(*row) for row in self.rows(f"{PAYMENTS} ORDER BY id")]

    # SNAP

    def take_external_id(self, value: str) -> bool:
        """True the first time on a day."""
        with self.writing() as db:
            done = db.execute(
                "INSERT OR IGNORE INTO external_ids VALUES (?, ?)", (self.today.isoformat(), value)
            )
            return done.rowcount == 1

    def new_token(self) -> str:
        """A token for a quarter of an hour."""
        token = secrets.token_urlsafe(32)
        with self.writing() as db:
            db.execute("INSERT INTO tokens VALUES (?, ?)", (token, time.time() + TOKEN_SECONDS))
        return token

    def knows_token(self, token: str) -> bool:
        """Whether the token was given and still holds."""
        found = self.rows("SELECT until FROM tokens WHERE token = ?", token)
        return bool(found) and found[0]["until"] > time.time()


def moment() -> str:
    """Now, in the shape SNAP uses: 2026-11-22T14:05:00+07:00."""
    return datetime.now(UTC).astimezone(WIB).isoformat(timespec="seconds")

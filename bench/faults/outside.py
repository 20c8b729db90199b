"""A bank outside: it pays what it is sent, remembers every reference, and answers as banks do."""

from __future__ import annotations

import csv
import hashlib
import io
import random
from dataclasses import dataclass, field
from decimal import Decimal

from bansos.demo.simulator.process import Simulator
from bansos.lib.sheets.writing import csv_bytes

HEADERS = ["Referensi", "Nomor rekening", "Nama", "Jumlah", "Status", "Keterangan", "Tanggal"]
REASONS = ("Rekening ditutup", "Nama tidak cocok", "Tidak diambil", "Pindah")


@dataclass
class Order:
    """One line that was sent: what the bank did with it."""

    account: str
    name: str
    amount: Decimal
    paid: bool
    reason: str
    times_sent: int = 1
    credits: int = 1


@dataclass
class Wire:
    """The simulated bank in its own process, as its counter sees it."""

    simulator: Simulator

    def knows(self, reference: str) -> bool:
        """A file with this reference was taken in."""
        rows = self.simulator.ask("/kendali/pembayaran")
        return any(row["file"] == reference for row in rows)

    def orders(self) -> dict[str, Order]:
        """Every payment the bank made; a reference in several files is one order, paid so often."""
        found: dict[str, Order] = {}
        for row in self.simulator.ask("/kendali/pembayaran"):
            order = found.setdefault(
                row["reference"], Order("", "", Decimal(row["amount"]), False, "", 0, 0)
            )
            order.times_sent += 1
            order.credits += int(row["credits"])
            order.paid = order.paid or row["state"] == "settled"
        return found


@dataclass
class Bank:
    """Its own book, by reference; it never pays a reference twice and counts who asks again."""

    seed: int
    orders: dict[str, Order] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    online: Wire | None = None

    def knows(self, reference: str) -> bool:
        """What the officer at the counter says when asked for a file that came over the wire."""
        return self.online is not None and self.online.knows(reference)

    def all_orders(self) -> dict[str, Order]:
        """Both doors together: what was carried and what came over the wire."""
        return {**self.orders, **(self.online.orders() if self.online else {})}

    def receive(self, number: str, content: bytes) -> None:
        """Take a file; the same file again changes nothing, another one under its number is told.

        number: of the pay list, which a bank file carries.
        """
        digest = hashlib.sha256(content).hexdigest()
        known = self.files.setdefault(number, digest)
        if known != digest:
            self.changed.append(number)
            return
        for row in _rows(content):
            reference = row["reference"]
            if reference in self.orders:
                self.orders[reference].times_sent += 1
                continue
            dice = random.Random(f"{self.seed}:{reference}")  # noqa: S311
            paid = dice.random() < 0.8
            self.orders[reference] = Order(
                account=row["account"],
                name=row["name"],
                amount=Decimal(row["amount"]),
                paid=paid,
                reason="" if paid else dice.choice(REASONS),
            )

    def answers(self, number: str, references: list[str]) -> list[bytes]:
        """Two files: a part in disorder with a foreign line and a wrong amount, then everything."""
        dice = random.Random(f"{self.seed}:{number}")  # noqa: S311
        mixed = dice.sample(references, len(references))
        part = [self._row(name) for name in mixed[: max(1, len(mixed) * 3 // 4)]]
        part.append(["ASING0000000001", "123", "Bukan Kami", "1", "BERHASIL", "", "22-11-2026"])
        wrong = self._row(mixed[-1])
        wrong[3] = "1"
        part.append(wrong)
        everything = [self._row(name) for name in references]
        everything.append(self._row(references[0]))
        return [csv_bytes(HEADERS, part), csv_bytes(HEADERS, everything)]

    def _row(self, reference: str) -> list[str]:
        order = self.orders[reference]
        status = "BERHASIL" if order.paid else "GAGAL"
        return [
            reference,
            order.account,
            order.name,
            str(int(order.amount)),
            status,
            order.reason,
            "22-11-2026",
        ]


def _rows(content: bytes) -> list[dict[str, str]]:
    """The lines of our CSV: account, name, amount, reference; without its note and its trailer."""
    lines = content.decode().splitlines()
    rows = csv.DictReader(io.StringIO("\n".join(line for line in lines if line[0] != "#")))
    names = {"rekening": "account", "nama": "name", "jumlah": "amount", "referensi": "reference"}
    return [
        {name: row[column] for column, name in names.items()}
        for row in rows
        if row["rekening"] != "JUMLAH"
    ]

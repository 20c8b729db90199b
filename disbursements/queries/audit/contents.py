"""I3 and I6: the fingerprint of every locked list, and its stored files against its lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from bansos.lib.crypto import CannotOpen, blind_index, open_text
from disbursements.queries.audit.checks import MOST_OF_A_KIND, Breach, Check, Moment, breach
from disbursements.queries.audit.parsing import FileLine, Totals, Unreadable, read_lines

# A line holds the account as it was sealed for the person's own record.
SEALED_FOR = "beneficiaries_bankaccount.number"
READABLE = ("csv", "xlsx", "pain001", "pain001_03")
BLOCK = 1 << 20

HASH = Check("I3", "hash", _("Isi tidak sama dengan sidik jari yang dikunci"), "")
ACCOUNT = Check("I3", "account", _("Rekening tersandi bukan rekening baris ini"), "")
STORED = Check("I6", "stored", _("Berkas tersimpan rusak, hilang, atau diganti"), "")
REGISTER = Check(
    "I6",
    "register",
    _("Sidik jari berkas berbeda dari catatannya"),
    """
SELECT p.area_code, p.number || ' ' || f.format, left(d.sha256, 12), left(f.sha256, 12)
FROM disbursements_bankfile f
JOIN disbursements_paylist p ON p.id = f.pay_list_id
JOIN documents_document d ON d.id = f.document_id
WHERE f.sha256 <> d.sha256 OR d.subject_id <> p.id::text
   OR d.kind <> 'disbursements.' || f.format
""",
)
ISSUED = Check(
    "I6",
    "issued",
    _("Sidik jari berkas berbeda dari jejak saat terbit"),
    """
SELECT d.area_code, d.file_name, left(e.data ->> 'sha256', 12), left(d.sha256, 12)
FROM documents_document d
LEFT JOIN audit_event e ON e.target_type = 'documents.document' AND e.target_id = d.id::text
    AND e.verb = 'documents.issue'
WHERE starts_with(d.kind, 'disbursements.') AND e.data ->> 'sha256' IS DISTINCT FROM d.sha256
""",
)
COMPLETE = Check(
    "I6",
    "complete",
    _("Daftar dikirim tanpa berkas bank lengkap"),
    """
SELECT p.area_code, p.number, 'berkas', string_agg(f.format, ', ')
FROM disbursements_paylist p LEFT JOIN disbursements_bankfile f ON f.pay_list_id = p.id
WHERE p.state IN ('sent', 'partly', 'settled', 'closed') AND NOT EXISTS (
    SELECT 1 FROM disbursements_cashcounter c WHERE c.pay_list_id = p.id)
GROUP BY p.id, p.area_code, p.number
HAVING count(*) FILTER (WHERE f.format = 'instruction') <> 1
    OR count(DISTINCT f.format) <> count(*) OR count(*) < 2
""",
)
FILE_LINES = Check("I6", "file_lines", _("Isi berkas bank berbeda dari daftarnya"), "")
FILE_SUMS = Check("I6", "file_sums", _("Jumlah di dalam berkas bank berbeda dari daftarnya"), "")
CHECKS = (REGISTER, ISSUED, COMPLETE)
READ = (HASH, ACCOUNT, STORED, FILE_LINES, FILE_SUMS)

DOCUMENTS = """
SELECT d.area_code, d.file_name, d.sha256, d.size, d.file
FROM documents_document d WHERE starts_with(d.kind, 'disbursements.') ORDER BY d.id
"""
LISTS = """
SELECT p.id, p.area_code, p.number, p.kind, p.stage_id, p.decree_id, p.allocation_id,
       p.content_hash, p.count, p.total,
       COALESCE(p.execution_on, CASE WHEN p.kind = 'main' THEN p.sp2d_date END)::text
FROM disbursements_paylist p WHERE p.state NOT IN ('draft', 'cancelled') ORDER BY p.id
"""
FILES = """
SELECT f.format, d.file_name, d.file FROM disbursements_bankfile f
JOIN documents_document d ON d.id = f.document_id
WHERE f.pay_list_id = %s AND f.format = ANY(%s) ORDER BY f.format
"""
LINES = """
SELECT l.position, l.reference, l.enrolment_id, l.person_id, l.payee_name, l.bank_code,
       COALESCE(l.account_index, ''), l.account_holder, l.amount, l.account_number,
       COALESCE(l.payee_id, 0), l.rail,
       (SELECT json_build_array(g.id, g.letter_number, g.letter_date, g.valid_from, g.valid_until,
            g.name)
        FROM disbursements_proxyaccount x JOIN programs_proxygrant g ON g.id = x.grant_id
        WHERE x.line_id = l.id)
FROM disbursements_paymentline l
WHERE l.pay_list_id = %s AND l.state NOT IN ('excluded', 'cancelled') ORDER BY l.position
"""


@dataclass(frozen=True, slots=True)
class Head:
    """A list as its row says it."""

    pk: int
    area: str
    number: str
    kind: str
    stage: int
    decree: int
    allocation: int
    hash: str
    count: int
    total: Decimal
    execution_on: str | None


@dataclass
class OpenFile:
    """A stored file that is read beside the lines of its list."""

    kind: str
    name: str
    lines: Iterator[FileLine]
    totals: Totals
    seen: int = 0
    total: Decimal = Decimal("0.00")
    breaches: list[Breach] = field(default_factory=list)

    def compare(self, head: Head, line: tuple[Any, ...], account: str) -> None:
        """The next transfer of the file is this line of the list."""
        if self.breaches:
            return
        place = f"{head.number} {self.kind}, baris {line[0]}"
        try:
            found = next(self.lines, None)
        except Unreadable:
            self.breaches.append(breach(STORED, head.area, self.name, self.kind, "tidak terbaca"))
            return
        wrong = "tidak ada" if found is None else _difference(found, line, account)
        if wrong:
            self.breaches.append(breach(FILE_LINES, head.area, place, line[1], wrong))
        elif found is not None:
            self.seen += 1
            self.total += found.amount

    def end(self, head: Head) -> list[Breach]:
        """Nothing follows the last line, and the file's own sums are the list's."""
        if self.breaches:
            return self.breaches
        try:
            more = next(self.lines, None)
        except Unreadable:
            return [breach(STORED, head.area, self.name, self.kind, "tidak terbaca")]
        place = f"{head.number} {self.kind}"
        if more is not None:
            return [breach(FILE_LINES, head.area, place, head.count, more.reference)]
        said = self.totals
        if any(count != head.count for count in said.count) or any(
            total != head.total for total in said.total
        ):
            return [
                breach(
                    FILE_SUMS,
                    head.area,
                    place,
                    f"{head.count} / {head.total}",
                    f"{said.count} / {[str(total) for total in said.total]}",
                )
            ]
        late = said.execution_day and head.execution_on and said.execution_day != head.execution_on
        if late or said.number not in ("", head.number):
            return [
                breach(
                    FILE_SUMS,
                    head.area,
                    place,
                    f"{head.number} {head.execution_on}",
                    f"{said.number} {said.execution_day}",
                )
            ]
        return []


def _difference(found: FileLine, line: tuple[Any, ...], account: str) -> str:
    """In which respect a transfer is not the line; its name for the record, never the number."""
    if found.reference != line[1]:
        return found.reference
    if found.amount != line[8]:
        return f"jumlah {found.amount}"
    if found.account != account:
        return "rekening lain"
    if found.bank_code != line[5]:
        return f"bank {found.bank_code}"
    # A bank looks at the owner of the account: the proxy's name where a letter says so.
    own, other = _letters(line[7] if line[12] else line[4]), _letters(found.name)
    return "" if own.startswith(other) and (other or not own) else "nama lain"


def _letters(name: str) -> str:
    """A name without signs: files may add or drop those, never a letter."""
    return name if name.isalnum() else "".join(sign for sign in name if sign.isalnum())[:120]


def read_documents(connection: Any, _moment: Moment) -> Iterator[Breach]:
    """The bytes of every stored document about money, hashed again."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(DOCUMENTS)
        for area, name, sha256, size, path in cursor:
            found = _hash_stored(path)
            if found != (sha256, size):
                seen = found[0][:12] if found else "tidak ada"
                yield breach(STORED, area, name, sha256[:12], seen)


def _hash_stored(path: str) -> tuple[str, int] | None:
    digest, size = hashlib.sha256(), 0
    try:
        with default_storage.open(path, "rb") as stored:
            while block := stored.read(BLOCK):
                digest.update(block)
                size += len(block)
    except OSError:
        return None
    return digest.hexdigest(), size


def read_lists(connection: Any, _moment: Moment) -> Iterator[Breach]:
    """Each locked list with its lines in one pass: fingerprint, accounts, and stored files."""
    with connection.cursor() as cursor:
        cursor.execute(LISTS)
        heads = [Head(*row) for row in cursor.fetchall()]
    for head in heads:
        with ExitStack() as stack:
            yield from _read_list(connection, head, stack)


def _read_list(connection: Any, head: Head, stack: ExitStack) -> Iterator[Breach]:
    files = _open_files(connection, head, stack)
    digest = hashlib.sha256(_canonical(_head_of(head)))
    count, total, accounts = 0, Decimal("0.00"), 0
    lines = stack.enter_context(connection.chunked_cursor())
    lines.itersize = 5_000
    lines.execute(LINES, [head.pk])
    for line in lines:
        beyond = [] if (line[10], line[11]) == (0, "overbooking") else [line[10], line[11]]
        letter = [line[12]] if line[12] else []
        digest.update(_canonical([*line[:8], str(line[8]), *beyond, *letter]))
        count, total = count + 1, total + line[8]
        account = _account(line)
        if account is None:
            accounts += 1
            if accounts <= MOST_OF_A_KIND:
                yield breach(ACCOUNT, head.area, f"{head.number}, baris {line[0]}", line[1], None)
        for file in files:
            file.compare(head, line, account or "")
    digest.update(_canonical([count, str(total)]))
    if digest.hexdigest() != head.hash:
        found = digest.hexdigest()
        yield breach(HASH, head.area, head.number, head.hash[:12], found[:12])
    for file in files:
        yield from file.end(head)


def _open_files(connection: Any, head: Head, stack: ExitStack) -> list[OpenFile]:
    """Files that are there; a missing one is a breach of its document (read_documents)."""
    with connection.cursor() as cursor:
        cursor.execute(FILES, [head.pk, list(READABLE)])
        rows = cursor.fetchall()
    files = []
    for kind, name, path in rows:
        try:
            stored = stack.enter_context(default_storage.open(path, "rb"))
        except OSError:
            continue
        totals = Totals()
        files.append(OpenFile(kind, name, read_lines(kind, stored, totals), totals))
    return files


def _account(line: tuple[Any, ...]) -> str | None:
    """The account number of a line; None when it does not open or is not the indexed one."""
    if line[9] is None:
        return "" if not line[6] else None
    try:
        number = open_text(bytes(line[9]), context=SEALED_FOR)
    except CannotOpen:
        return None
    return number if blind_index(number, "account") == line[6] else None


def _head_of(head: Head) -> dict[str, Any]:
    return {
        "number": head.number,
        "kind": head.kind,
        "stage": head.stage,
        "area": head.area,
        "decree": head.decree,
        "allocation": head.allocation,
    }


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode()

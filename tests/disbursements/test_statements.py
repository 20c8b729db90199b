"""Bank files of every standard format against independent readers, and hostile ones."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from xsdata.formats.dataclass.parsers import XmlParser

from bansos.lib.errors import BadInput
from disbursements.choices import ReturnReason
from disbursements.rules.statements import Entry, Format, Told, format_of, read_entries
from disbursements.rules.statements.codes import ISO_REASONS, STATUSES
from disbursements.services.reading import return_reason
from tests.factories.statements import DAY, OWN_ACCOUNT, Move, camt, mt940, pain002, table

AMOUNT = Decimal("500000.00")
PAID = Move("D352600010000001", AMOUNT, "0011223344", "Siti & Aminah <b>")
CAME_BACK = Move(
    "D352600010000002", AMOUNT, "0055667788", "Budi", back=True, code="AC04", words="Tutup"
)
FEE = Move("", Decimal("6500.00"), "", fee=True, words="Biaya administrasi")
STRANGER = Move("", Decimal("1250000.50"), "", words="Pemindahbukuan lain")
ALL = [PAID, CAME_BACK, FEE, STRANGER]


def read(data: bytes) -> list[Entry]:
    return list(read_entries(data, format_of(data)))


def told(entries: list[Entry]) -> list[str]:
    return [str(entry.outcome) for entry in entries]


def words_of(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.our_reference,
        entry.amount,
        entry.currency,
        entry.counter_account,
        entry.name,
        entry.reason_code,
    )


def wanted(move: Move) -> tuple[Any, ...]:
    name = move.name if move.reference else ""
    code = move.code if move.back else ""
    return (move.reference, move.amount, move.currency, move.account, name, code)


@pytest.mark.parametrize("version", [2, 4, 6, 7, 8, 10, 13, 99])
@pytest.mark.parametrize("message", [53, 54])
def test_camt_reads_alike_in_every_version(version: int, message: int) -> None:
    data = camt(ALL, version=version, message=message)
    assert format_of(data) == f"camt0{message}"
    entries = read(data)
    assert told(entries) == ["settled", "returned", "fee", "foreign"]
    assert [words_of(entry) for entry in entries] == [wanted(move) for move in ALL]
    assert {entry.booked_on for entry in entries} == {DAY}
    assert {entry.account for entry in entries} == {OWN_ACCOUNT}
    assert [entry.row_number for entry in entries] == [1, 2, 3, 4]
    assert [entry.raw_line for entry in entries] == [3, 4, 5, 6]


def _oracle(data: bytes, module: str) -> Any:
    package, _under, _rest = module.partition("_")
    found = import_module(f"pyiso20022.{package}.{module}")
    return XmlParser().from_bytes(data, found.Document)


@pytest.mark.parametrize("version", [2, 8])
def test_camt_says_what_an_independent_reader_says(version: int) -> None:
    """The oracle: pyiso20022's own classes, made from the public schemas."""
    data = camt(ALL, version=version)
    statement = _oracle(data, f"camt_053_001_{version:02d}").bk_to_cstmr_stmt.stmt[0]
    for theirs, ours in zip(statement.ntry, read(data), strict=True):
        assert Decimal(str(theirs.amt.value)) == ours.amount
        assert theirs.amt.ccy == ours.currency
        assert date(*_day(theirs.bookg_dt.dt)) == ours.booked_on
        credit = theirs.cdt_dbt_ind.value == "CRDT"
        assert credit == (ours.outcome == Told.RETURNED)
        for detail in theirs.ntry_dtls[0].tx_dtls if theirs.ntry_dtls else []:
            assert detail.refs.end_to_end_id == ours.our_reference
            assert detail.refs.acct_svcr_ref == ours.bank_reference
            creditor = detail.rltd_pties.cdtr
            assert getattr(creditor, "pty", creditor).nm == ours.name
            assert detail.rltd_pties.cdtr_acct.id.othr.id == ours.counter_account
            if credit:
                assert detail.rtr_inf.rsn.cd == ours.reason_code


def _day(found: Any) -> tuple[int, int, int]:
    return (found.year, found.month, found.day)


@pytest.mark.parametrize("version", [3, 10])
def test_pain002_says_what_an_independent_reader_says(version: int) -> None:
    data = pain002([PAID, CAME_BACK], version=version)
    report = _oracle(data, f"pain_002_001_{version:02d}").cstmr_pmt_sts_rpt
    entries = read(data)
    assert told(entries) == ["settled", "returned"]
    for theirs, ours in zip(report.orgnl_pmt_inf_and_sts[0].tx_inf_and_sts, entries, strict=True):
        assert theirs.orgnl_end_to_end_id == ours.our_reference
        status = getattr(theirs.tx_sts, "value", theirs.tx_sts)
        assert STATUSES[status] == ours.outcome
        amount = theirs.orgnl_tx_ref.amt.instd_amt
        assert (Decimal(str(amount.value)), amount.ccy) == (ours.amount, ours.currency)
        assert theirs.orgnl_tx_ref.cdtr_acct.id.othr.id == ours.counter_account
        reasons = [info.rsn.cd for info in theirs.sts_rsn_inf]
        assert "".join(reasons) == ours.reason_code


def test_mt940_says_the_same_as_camt() -> None:
    moves = [replace(PAID, name="Siti Aminah"), CAME_BACK, FEE, STRANGER]
    ours, theirs = read(mt940(moves)), read(camt(moves))
    assert format_of(mt940(moves)) == Format.MT940
    assert told(ours) == told(theirs)
    for left, right in zip(ours[:2], theirs[:2], strict=True):
        assert words_of(left) == words_of(right)
        assert left.bank_reference == right.bank_reference
    assert [entry.raw_line for entry in ours] == [5, 7, 9, 11]
    assert {entry.booked_on for entry in ours} == {DAY}


@pytest.mark.parametrize("status", ["ACSP", "PDNG", "ACTC", "RCVD"])
def test_a_bank_that_has_not_decided_settles_nothing(status: str) -> None:
    assert told(read(pain002([PAID], status=status))) == ["pending"]


@pytest.mark.parametrize("status", ["XXXX", "", "acsc?", "PAID", "ACWC"])
def test_a_status_nobody_knows_is_unknown(status: str) -> None:
    assert told(read(pain002([PAID], status=status))) == ["unknown"]


def test_money_in_without_a_word_of_return_is_not_a_return() -> None:
    data = camt([PAID]).replace(b"DBIT", b"CRDT")
    data = data.replace(b"4999500000.00", b"5000500000.00")
    assert told(read(data)) == ["unknown"]
    turned = camt([CAME_BACK], balances=False).replace(b"CRDT", b"DBIT")
    assert told(read(turned)) == ["unknown"]


def test_an_entry_that_is_only_announced_is_pending() -> None:
    assert told(read(camt([PAID], balances=False).replace(b"BOOK</Cd>", b"PDNG</Cd>", 1))) == [
        "pending"
    ]


def test_a_batch_is_taken_apart_only_when_its_parts_make_the_whole() -> None:
    one, two = camt([PAID], balances=False), camt([CAME_BACK], balances=False)
    detail = one.split(b"<NtryDtls>")[1].split(b"</NtryDtls>")[0]
    second = detail.replace(b"0000001<", b"0000003<")
    batch = one.replace(detail, detail + second).replace(
        b'<Ntry><Amt Ccy="IDR">500000.00', b'<Ntry><Amt Ccy="IDR">1000000.00'
    )
    entries = read(batch)
    assert [entry.our_reference[-1] for entry in entries] == ["1", "3"]
    assert told(entries) == ["settled", "settled"]
    assert told(read(batch.replace(b"1000000.00", b"1000001.00"))) == ["unknown", "unknown"]
    assert told(read(two)) == ["returned"]


@pytest.mark.parametrize("words", ["-500000.00", "0.00", "500000.001", "1e5", "", "٥٠٠", "5,00"])
def test_an_amount_that_is_none_is_not_guessed(words: str) -> None:
    data = camt([PAID], balances=False).replace(b"500000.00", words.encode())
    assert read(data)[0].amount is None


def test_missing_entries_are_seen_by_the_balances() -> None:
    whole = camt(ALL)
    start, end = whole.index(b"<Ntry>"), whole.index(b"</Ntry>") + 7
    with pytest.raises(BadInput, match="terpotong"):
        read(whole[:start] + whole[end:])
    counted = camt([PAID], balances=False).replace(
        b"\n<Ntry>",
        b"<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry><Ntry>",
    )
    with pytest.raises(BadInput, match="terpotong"):
        read(counted)
    lines = mt940(ALL).split(b"\r\n")
    with pytest.raises(BadInput, match="terpotong"):
        read(b"\r\n".join(lines[:4] + lines[6:]))


BOMB = b"""<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">]>
<Document><BkToCstmrStmt>&e;</BkToCstmrStmt></Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Document><BkToCstmrStmt><Stmt><Id>&x;</Id></Stmt></BkToCstmrStmt></Document>"""
REMOTE = b"""<?xml version="1.0"?><!DOCTYPE Document SYSTEM "http://127.0.0.1:1/x.dtd">
<Document><BkToCstmrStmt/></Document>"""
DEEP = (
    b"<Document><BkToCstmrStmt>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</BkToCstmrStmt></Document>"
)
WIDE_SIGNS = BOMB.decode().replace('<?xml version="1.0"?>', "").encode("utf-16")


@pytest.mark.parametrize(
    "data",
    [BOMB, OUTSIDE, REMOTE, DEEP, WIDE_SIGNS],
    ids=["bomb", "file", "remote", "deep", "utf16"],
)
def test_a_hostile_file_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        read(data)
    assert "root:" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("write", [camt, pain002, mt940])
def test_a_file_cut_off_gives_no_half_answer(write: Any, cut: float) -> None:
    data = write([PAID, CAME_BACK] * 5)
    with pytest.raises(BadInput):
        read(data[: int(len(data) * cut)])


def test_bytes_in_another_encoding_than_they_say_are_refused() -> None:
    named = replace(PAID, name="Siti Aminé")
    for data in (camt([named]), pain002([named]), mt940([named])):
        with pytest.raises(BadInput):
            read(data.decode().encode("latin-1"))
        assert read(data)[0].name == "Siti Aminé"
    declared = camt([named]).replace(b"UTF-8", b"UTF-16").decode().encode("utf-16")
    assert read(declared)[0].name == "Siti Aminé"


def test_other_files_are_told_apart_by_content() -> None:
    assert format_of(table([PAID])) == Format.TABLE
    assert format_of(b"PK\x03\x04") == Format.TABLE
    assert format_of(b"") == Format.TABLE
    for data in (b"<Document><CstmrCdtTrfInitn/></Document>", b"<svg/>", b"<Document/>"):
        with pytest.raises(BadInput, match="bukan jawaban bank"):
            format_of(data)


def test_codes_mean_what_the_standard_says_and_nothing_is_guessed() -> None:
    assert ISO_REASONS["AC04"] == ReturnReason.CLOSED
    assert ISO_REASONS["AC01"] == ReturnReason.ACCOUNT
    assert ISO_REASONS["AC06"] == ReturnReason.BLOCKED
    assert ISO_REASONS["BE01"] == ReturnReason.NAME
    assert ISO_REASONS["MD07"] == ReturnReason.DIED
    assert return_reason("ZZ99", "rekening ditutup") is None
    assert return_reason("", "rekening ditutup") == ReturnReason.CLOSED
    assert return_reason("ac04", "") == ReturnReason.CLOSED


MEMORY = """
import resource, sys
from decimal import Decimal
from tests.factories.statements import Move, camt
from disbursements.rules.statements import format_of, read_entries
count = int(sys.argv[1])
data = camt([Move(f"D35260001{n:07d}", Decimal(500000), "0011223344") for n in range(count)])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert sum(1 for _ in read_entries(data, format_of(data))) == count
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_reading_a_long_file_keeps_memory_flat() -> None:
    """30,000 entries (23 MB) grow the process by less than 24 MB beyond the bytes themselves."""
    env_program = "import django, os; os.environ.setdefault('DJANGO_SETTINGS_MODULE',"
    program = f"{env_program} 'bansos.settings.test'); django.setup()\n{MEMORY}"
    found = subprocess.run(
        [sys.executable, "-c", program, "30000"], capture_output=True, text=True, check=True
    )
    assert int(found.stdout.split()[-1]) < 24_000

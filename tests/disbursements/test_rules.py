"""Plain rules of money: references, fingerprints, bank words, matching, moves."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from disbursements.choices import (
    LineState,
    ListKind,
    ListState,
    Outcome,
    ReturnReason,
    RowState,
)
from disbursements.rules.bank_words import outcome_of, reason_of
from disbursements.rules.fingerprint import HashedLine, seal_list
from disbursements.rules.matching import BankRow, KnownLine, Verdict, match_rows, study_doubles
from disbursements.rules.moves import LINE_MOVES, MOVES, STEPS, step_of
from disbursements.rules.preflight import holder_code
from disbursements.rules.references import (
    clean_reference,
    is_reference,
    line_reference,
    list_number,
    submission_reference,
)
from disbursements.rules.submissions import SUBMISSION_MOVES

MONEY = Decimal("500000.00")
KNOWN_HASH = "0dba8026ae8e382a755f457370c455eedcf5dfa366289542534d929017ef53ca"


def test_a_reference_is_sixteen_characters_and_names_its_list() -> None:
    number = list_number("35", 2026, 12)
    assert number == "DB-35-2026-0012"
    assert line_reference(number, 1) == "D352600120000001"
    assert is_reference(line_reference(number, 9_999_999))
    with pytest.raises(ValueError):
        list_number("35", 2026, 10_000)
    with pytest.raises(ValueError):
        line_reference(number, 10_000_000)
    assert submission_reference(number, 1) == "S3526001201"
    with pytest.raises(ValueError):
        submission_reference(number, 100)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["15", "35", "64"]),
            st.integers(2025, 2099),
            st.integers(1, 9_999),
            st.integers(1, 9_999_999),
        ),
        unique=True,
    )
)
def test_two_lines_never_share_a_reference(places: list[tuple[str, int, int, int]]) -> None:
    made = [
        line_reference(list_number(province, year, sequence), position)
        for province, year, sequence, position in places
    ]
    assert len(set(made)) == len(made)
    assert all(len(reference) == 16 for reference in made)


@pytest.mark.parametrize(
    "text", ["'D352600120000001", " d3526 0012 0000001 ", '"D352600120000001"']
)
def test_a_reference_survives_the_bank(text: str) -> None:
    assert clean_reference(text) == "D352600120000001"


LINE = HashedLine(1, "D1", 10, 20, "Suparni", "114", "i", "Suparni", MONEY)


def test_the_fingerprint_covers_every_field_and_the_order() -> None:
    sealed = seal_list({"number": "A"}, [LINE, replace(LINE, position=2)])
    assert (sealed.count, sealed.total) == (2, 2 * MONEY)
    changes = {
        "position": 9,
        "reference": "D2",
        "enrolment_id": 11,
        "person_id": 21,
        "payee_name": "Suparno",
        "bank_code": "115",
        "account_index": "j",
        "account_holder": "S",
        "amount": Decimal("500000.01"),
    }
    seen = {sealed.hash, seal_list({"number": "B"}, [LINE, replace(LINE, position=2)]).hash}
    seen.add(seal_list({"number": "A"}, [replace(LINE, position=2), LINE]).hash)
    for name, value in changes.items():
        changed = replace(LINE, **{name: value})
        seen.add(seal_list({"number": "A"}, [changed, replace(LINE, position=2)]).hash)
    assert len(seen) == 3 + len(changes)


def test_the_fingerprint_is_the_same_on_every_machine() -> None:
    sealed = seal_list({"number": "A", "area": "35.19"}, [LINE])
    again = seal_list({"area": "35.19", "number": "A"}, [replace(LINE, amount=Decimal(500000))])
    assert sealed.hash == again.hash == KNOWN_HASH


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("BERHASIL", Outcome.SETTLED),
        ("Sukses", Outcome.SETTLED),
        ("00", Outcome.SETTLED),
        ("Dana tersalur", Outcome.SETTLED),
        ("ACSC", Outcome.SETTLED),
        ("GAGAL", Outcome.RETURNED),
        ("Tidak berhasil", Outcome.RETURNED),
        ("belum tersalur", None),
        ("Retur", Outcome.RETURNED),
        ("RJCT", Outcome.RETURNED),
        ("unsuccessful", Outcome.RETURNED),
        ("Rekening ditutup", Outcome.RETURNED),
        ("", None),
        ("diproses", None),
        ("pending", None),
        ("?", None),
    ],
)
def test_bank_words_are_read_and_never_guessed(words: str, outcome: Outcome | None) -> None:
    assert outcome_of(words) == outcome


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Rekening ditutup", ReturnReason.CLOSED),
        ("rekening tidak aktif", ReturnReason.CLOSED),
        ("Nama tidak sesuai", ReturnReason.NAME),
        ("beda nama", ReturnReason.NAME),
        ("Tidak diambil 30 hari", ReturnReason.UNCOLLECTED),
        ("Penerima meninggal dunia", ReturnReason.DIED),
        ("wafat", ReturnReason.DIED),
        ("pindah alamat", ReturnReason.MOVED),
        ("gangguan sistem", ReturnReason.OTHER),
        ("", ReturnReason.OTHER),
    ],
)
def test_the_reason_of_a_return_is_coded(words: str, reason: ReturnReason) -> None:
    assert reason_of(words) == reason


ROW = BankRow(2, "D1", MONEY, "index", Outcome.SETTLED, None)
KNOWN = KnownLine(7, 1, MONEY, "index", LineState.SUBMITTED)


def judge(row: BankRow, line: KnownLine | None = KNOWN, *others: BankRow) -> Verdict:
    """The verdict on one row of a file."""
    lines = {"D1": line} if line else {}
    rows = [row, *others]
    return match_rows(rows, lines, pay_list_id=1, doubles=study_doubles(rows))[0]


@pytest.mark.parametrize(
    ("row", "line", "code"),
    [
        (ROW._replace(reference=""), KNOWN, "unreadable"),
        (ROW._replace(amount=None), KNOWN, "unreadable"),
        (ROW._replace(outcome=None), KNOWN, "unreadable"),
        (ROW, None, "unknown_reference"),
        (ROW, replace(KNOWN, pay_list_id=2), "foreign"),
        (ROW._replace(amount=MONEY - 1), KNOWN, "wrong_amount"),
        (ROW._replace(amount=MONEY + Decimal("0.01")), KNOWN, "wrong_amount"),
        (ROW._replace(account_index="other"), KNOWN, "wrong_account"),
        (ROW._replace(account_index=""), KNOWN, "wrong_account"),
        (ROW, replace(KNOWN, state=LineState.WAITING), "not_sent"),
        (ROW, replace(KNOWN, state=LineState.EXCLUDED), "not_sent"),
        (ROW, replace(KNOWN, state=LineState.CANCELLED), "not_sent"),
        (ROW, replace(KNOWN, state=LineState.RETURNED), "already_returned"),
        (ROW, replace(KNOWN, state=LineState.PAID_BACK), "ended"),
    ],
)
def test_what_does_not_match_is_set_aside_with_its_reason(
    row: BankRow, line: KnownLine | None, code: str
) -> None:
    verdict = judge(row, line)
    assert (verdict.state, verdict.code) == (RowState.QUARANTINE, code)


def test_what_matches_is_applied_and_said_once() -> None:
    assert judge(ROW).state == RowState.APPLIED
    assert judge(ROW, replace(KNOWN, state=LineState.UNKNOWN)).state == RowState.APPLIED
    told = frozenset({"settled"})
    again = judge(ROW, replace(KNOWN, state=LineState.SETTLED, told=told))
    assert (again.state, again.code) == (RowState.SAME, "")
    late = judge(
        ROW._replace(outcome=Outcome.RETURNED), replace(KNOWN, state=LineState.SETTLED, told=told)
    )
    assert late.state == RowState.APPLIED
    assert late.late
    both = replace(KNOWN, state=LineState.RETURNED, told=frozenset({"settled", "returned"}))
    assert judge(ROW._replace(outcome=Outcome.RETURNED), both).state == RowState.SAME
    assert judge(ROW, both).code == "already_returned"


def test_a_doubled_row_counts_once_and_a_contradiction_not_at_all() -> None:
    second = ROW._replace(row_number=3)
    rows = [ROW, second]
    verdicts = match_rows(rows, {"D1": KNOWN}, pay_list_id=1, doubles=study_doubles(rows))
    assert [v.code for v in verdicts] == ["", "doubled"]
    rows = [ROW, second._replace(outcome=Outcome.RETURNED)]
    for order in (rows, rows[::-1]):
        verdicts = match_rows(order, {"D1": KNOWN}, pay_list_id=1, doubles=study_doubles(order))
        assert {v.code for v in verdicts} == {"conflict"}


def test_names_of_account_holders_are_compared_with_care() -> None:
    assert holder_code("Siti Aminah", "SITI AMINAH") == ""
    assert holder_code("Siti Aminah", "AMINAH SITI") == ""
    assert holder_code("Siti Aminah", "SITI AMINA") in {"", "holder_close"}
    assert holder_code("Siti Aminah", "BAMBANG WICAKSONO") == "holder"
    assert holder_code("Siti Aminah", "") == "holder"


@pytest.mark.django_db
def test_the_database_allows_exactly_the_moves_of_the_rules() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('bansos_line_frozen'::regproc)")
        text = cursor.fetchone()[0]
    listed = set(re.findall(r"'([a-z_]+)>([a-z_]+)'", text))
    assert listed == {(str(old), str(new)) for old, new in LINE_MOVES}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('bansos_submission_frozen'::regproc)")
        text = cursor.fetchone()[0]
    listed = set(re.findall(r"'([a-z_]+)>([a-z_]+)'", text))
    assert listed == {(str(old), str(new)) for old, new in SUBMISSION_MOVES}


def test_every_state_is_on_the_way_and_ends_somewhere() -> None:
    reached = {new for _old, new in MOVES} | {ListState.DRAFT}
    assert reached == set(ListState)
    ends = {state for state in ListState if all(old != state for old, _new in MOVES)}
    assert ends == {ListState.CLOSED, ListState.CANCELLED}
    for state in ListState:
        assert 0 <= step_of(state, checked=False, kind=ListKind.MAIN) <= len(STEPS)
    assert step_of(ListState.AWAITING, checked=True, kind=ListKind.MAIN) == 3
    assert step_of(ListState.APPROVED, checked=True, kind=ListKind.FOLLOW_UP) == 5

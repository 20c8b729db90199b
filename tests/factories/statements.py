"""Bank files as tests write them: camt.053/054, pain.002 in any version, MT940, CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from bansos.lib.sheets.writing import csv_bytes
from disbursements.models import PaymentLine, StatementLayout
from tests.cast import Cast

OWN_ACCOUNT = "0000000001"
DAY = date(2026, 11, 22)
OPENING = Decimal("5000000000.00")
HEADERS = ("Referensi", "Nomor rekening", "Nama", "Jumlah", "Status", "Keterangan", "Tanggal")


@dataclass(frozen=True)
class Move:
    """One movement as a bank books it; `back`: the money came back; `code`: why."""

    reference: str
    amount: Decimal
    account: str
    name: str = "Penerima"
    back: bool = False
    code: str = ""
    words: str = ""
    currency: str = "IDR"
    fee: bool = False
    bank_reference: str = "BANK001"


def move_of(line: PaymentLine, **changed: object) -> Move:
    """What a bank books about a line."""
    row = Move(line.reference, line.amount, line.account_number or "", line.payee_name)
    return replace(row, **changed)  # type: ignore[arg-type]


def camt(
    moves: Sequence[Move], *, version: int = 8, message: int = 53, balances: bool = True
) -> bytes:
    """A camt.053 or camt.054 of this version."""
    name, part = ("BkToCstmrStmt", "Stmt") if message == 53 else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    closing = OPENING + sum((m.amount if m.back else -m.amount for m in moves), Decimal(0))
    bal = ""
    if message == 53 and balances:
        bal = _balance("OPBD", OPENING) + _balance("CLBD", closing)
    entries = "".join(_entry(move, version) for move in moves)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.0{message}.001.{version:02d}">'
        f"<{name}><GrpHdr><MsgId>M1</MsgId><CreDtTm>{DAY}T09:00:00+07:00</CreDtTm></GrpHdr>"
        f"<{part}><Id>S1</Id><CreDtTm>{DAY}T09:00:00+07:00</CreDtTm>"
        f"<Acct><Id><Othr><Id>{OWN_ACCOUNT}</Id></Othr></Id><Ccy>IDR</Ccy></Acct>"
        f"{bal}\n{entries}</{part}></{name}></Document>"
    ).encode()


def _balance(code: str, amount: Decimal) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="IDR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<Dt><Dt>{DAY}</Dt></Dt></Bal>"
    )


def _entry(move: Move, version: int) -> str:
    way = "CRDT" if move.back else "DBIT"
    status = "<Sts><Cd>BOOK</Cd></Sts>" if version >= 7 else "<Sts>BOOK</Sts>"
    kind = "CHRG" if move.fee else ("RRTN" if move.back else "BOOK")
    name = f"<Nm>{escape(move.name)}</Nm>"
    party = f"<Pty>{name}</Pty>" if version >= 8 else name
    back = ""
    if move.back:
        code = f"<Rsn><Cd>{move.code}</Cd></Rsn>" if move.code else ""
        words = f"<AddtlInf>{escape(move.words)}</AddtlInf>" if move.words else ""
        back = f"<RtrInf>{code}{words}</RtrInf>"
    money = f'<Amt Ccy="{move.currency}">{move.amount}</Amt>'
    own = f"{money}<CdtDbtInd>{way}</CdtDbtInd>" if version >= 3 else ""
    detail = ""
    if move.reference:
        detail = (
            f"<NtryDtls><TxDtls><Refs><AcctSvcrRef>{move.bank_reference}</AcctSvcrRef>"
            f"<EndToEndId>{move.reference}</EndToEndId></Refs>{own}"
            f"<RltdPties><Cdtr>{party}</Cdtr>"
            f"<CdtrAcct><Id><Othr><Id>{move.account}</Id></Othr></Id></CdtrAcct></RltdPties>"
            f"{back}</TxDtls></NtryDtls>"
        )
    elif move.words:
        detail = f"<AddtlNtryInf>{escape(move.words)}</AddtlNtryInf>"
    return (
        f"<Ntry>{money}<CdtDbtInd>{way}</CdtDbtInd>{status}"
        f"<BookgDt><Dt>{DAY}</Dt></BookgDt>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>{kind}</SubFmlyCd></Fmly>"
        f"</Domn></BkTxCd>{detail}</Ntry>\n"
    )


def pain002(moves: Sequence[Move], *, version: int = 10, status: str = "ACSC") -> bytes:
    """A pain.002 of this version; a returned movement is rejected."""
    states = "".join(_status(move, version, status) for move in moves)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version:02d}">'
        f"<CstmrPmtStsRpt><GrpHdr><MsgId>P1</MsgId><CreDtTm>{DAY}T09:00:00+07:00</CreDtTm>"
        "</GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>O1</OrgnlMsgId>"
        "<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>O1</OrgnlPmtInfId>{states}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


def _status(move: Move, version: int, status: str) -> str:
    name = f"<Nm>{escape(move.name)}</Nm>"
    party = f"<Pty>{name}</Pty>" if version >= 9 else name
    reason = ""
    if move.back:
        code = f"<Rsn><Cd>{move.code}</Cd></Rsn>" if move.code else ""
        words = f"<AddtlInf>{escape(move.words)}</AddtlInf>" if move.words else ""
        reason = f"<StsRsnInf>{code}{words}</StsRsnInf>"
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{move.reference}</OrgnlEndToEndId>"
        f"<TxSts>{'RJCT' if move.back else status}</TxSts>{reason}"
        f"<AcctSvcrRef>{move.bank_reference}</AcctSvcrRef>"
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="{move.currency}">{move.amount}</InstdAmt></Amt>'
        f"<Cdtr>{party}</Cdtr><CdtrAcct><Id><Othr><Id>{move.account}</Id></Othr></Id></CdtrAcct>"
        "</OrgnlTxRef></TxInfAndSts>\n"
    )


def mt940(moves: Sequence[Move]) -> bytes:
    """An MT940 with marked fields 86."""
    closing = OPENING + sum((m.amount if m.back else -m.amount for m in moves), Decimal(0))
    lines = [":20:RK1", f":25:{OWN_ACCOUNT}", ":28C:1/1", f":60F:C261122{_comma(OPENING)}"]
    for move in moves:
        sign = "C" if move.back else "D"
        kind = "NCHG" if move.fee else ("NRTI" if move.back else "NTRF")
        reference = move.reference or "NONREF"
        amount = str(move.amount).replace(".", ",")
        lines.append(f":61:2611221122{sign}{amount}{kind}{reference}//{move.bank_reference}")
        parts = [("NAME", move.name), ("ACCT", move.account), ("RTRN", move.code)]
        parts.append(("REMI", move.words))
        lines.append(":86:" + "".join(f"/{mark}/{text}" for mark, text in parts if text))
    lines += [f":62F:C261122{_comma(closing)}", "-", ""]
    return "\r\n".join(lines).encode("utf-8")


def _comma(amount: Decimal) -> str:
    return f"IDR{amount}".replace(".", ",")


def table(moves: Sequence[Move]) -> bytes:
    """A CSV of results."""
    rows = [
        (
            move.reference,
            move.account,
            move.name,
            str(move.amount),
            "GAGAL" if move.back else "BERHASIL",
            move.words,
            f"{DAY:%d-%m-%Y}",
        )
        for move in moves
    ]
    return csv_bytes(HEADERS, rows)


# Field of a statement as a table -> its heading, as the sheets below have them.
SHEET_COLUMNS = {
    "date": "Tgl Transaksi",
    "reference": "No Referensi",
    "description": "Uraian",
    "debit": "Mutasi Debit",
    "credit": "Mutasi Kredit",
    "account": "Rekening Lawan",
    "name": "Nama Lawan",
    "balance": "Saldo Akhir",
    "currency": "Mata Uang",
}


def make_sheet_layout(cast: Cast, **changes: object) -> StatementLayout:
    """A layout in use for the tables of sheet_rows()."""
    values: dict[str, object] = {
        "agency": cast.agency,
        "area_code": cast.agency.area_code,
        "bank_code": cast.agency.bank_code,
        "name": "Rekening koran contoh",
        "columns": SHEET_COLUMNS,
        "made_at": datetime(2026, 1, 5, 2, 0, tzinfo=UTC),
        "made_by": cast.adi,
    }
    return StatementLayout.objects.create(**{**values, **changes})


def sheet_rows(moves: Sequence[Move]) -> list[tuple[str, ...]]:
    """Movements as rows of an account statement, between its opening and closing balance."""
    balance = OPENING
    rows = [("", "", "SALDO AWAL", "", "", "", "", _local(balance), "")]
    for move in moves:
        balance += move.amount if move.back else -move.amount
        words = move.words or ("RETUR" if move.back else "TRANSFER")
        amounts = ("", _local(move.amount)) if move.back else (_local(move.amount), "0,00")
        rows.append(
            (
                *(f"{DAY:%d/%m/%Y}", move.reference or "9900112233", words, *amounts),
                *(move.account, move.name if move.reference else "", _local(balance)),
                move.currency,
            )
        )
    return [*rows, ("", "", "SALDO AKHIR", "", "", "", "", _local(balance), "")]


def _local(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def sheet_csv(moves: Sequence[Move], rows: Sequence[Sequence[str]] | None = None) -> bytes:
    """An account statement as a CSV with a title above its headings."""
    whole = sheet_rows(moves) if rows is None else rows
    lines = [["REKENING KORAN"], ["Nomor rekening", OWN_ACCOUNT], list(SHEET_COLUMNS.values())]
    lines += [list(row) for row in whole]
    return "".join(";".join(line) + "\r\n" for line in lines).encode()

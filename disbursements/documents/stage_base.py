"""What every paper of a stage shares: its frame, its facts, its counts per place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import Substr

from bansos.accounts.models import Agency, User
from bansos.lib.dates import long_date
from bansos.lib.money import number, rupiah, terbilang_rupiah
from bansos.regions.queries import name_of
from disbursements.documents.letters import Signer
from disbursements.models import PayList, PaymentLine
from disbursements.rules.moves import COUNTED

DISTRICT, REGENCY = 8, 5
ZERO = Decimal(0)
# A longer list of names goes with the record as a workbook, not as dozens of pages.
MOST_NAMES = 300
END = "Demikian dibuat dengan sebenarnya untuk dipergunakan sebagaimana mestinya."


@dataclass(frozen=True)
class Issue:
    """What the moment of issuing gives: number, day, check code."""

    number: str
    on: date
    at: datetime
    check_code: str
    check_url: str


def treasurer_of(agency: Agency) -> Signer:
    """The treasurer, by name where the agency has exactly one."""
    found = list(
        User.objects.filter(role="bendahara", area_code=agency.area_code, is_active=True)[:2]
    )
    if len(found) != 1:
        return Signer("Bendahara Pengeluaran", "")
    return Signer("Bendahara Pengeluaran", found[0].full_name, found[0].employee_number)


def head_of(agency: Agency) -> Signer:
    """Head of the agency."""
    return Signer(agency.head_title, agency.head_name, agency.head_number)


def base(pay_list: PayList, issue: Issue) -> dict[str, Any]:
    """What every paper of a list carries."""
    version = pay_list.stage.version
    return {
        "agency": pay_list.budget.agency,
        "number": issue.number,
        "on": issue.on,
        "made_at": issue.at,
        "check_code": issue.check_code,
        "check_url": issue.check_url,
        "programme": version.programme.name,
        "stage": f"{pay_list.stage.name} {version.year}",
        "area": name_of(pay_list.area_code),
        "list_number": pay_list.number,
        "training": settings.TRAINING_MODE,
    }


def subject(pay_list: PayList) -> str:
    """As in "PKH Plus Tahap 4 Tahun 2026, Kabupaten Madiun"."""
    version = pay_list.stage.version
    return (
        f"{version.programme.name} {pay_list.stage.name} Tahun {version.year},"
        f" {name_of(pay_list.area_code)}"
    )


def money_facts(pay_list: PayList) -> list[tuple[str, str]]:
    """Papers and amounts behind a list."""
    budget = pay_list.budget
    found = [
        ("Daftar bayar", pay_list.number),
        ("Dasar penetapan", decree_words(pay_list)),
        ("DPA", f"{budget.dpa_number} tanggal {long_date(budget.dpa_date)}"),
        ("Kode rekening", budget.account_code),
    ]
    if pay_list.sp2d_number and pay_list.sp2d_date:
        found += [
            ("SPM", pay_list.spm_number),
            ("SP2D", f"{pay_list.sp2d_number} tanggal {long_date(pay_list.sp2d_date)}"),
        ]
    return [
        *found,
        ("Jumlah penerima", f"{number(pay_list.count)} KPM"),
        ("Jumlah uang", rupiah(pay_list.total)),
        ("Terbilang", terbilang_rupiah(pay_list.total)),
    ]


def decree_words(pay_list: PayList) -> str:
    """Number and date of the decree."""
    decree = pay_list.decree
    if decree.decree_date is None:
        return f"SK Nomor {decree.number}"
    return f"SK Nomor {decree.number} tanggal {long_date(decree.decree_date)}"


def counted(pay_list: PayList) -> Any:
    """Lines that count, in list order, without opening account numbers."""
    rows = pay_list.lines.filter(state__in=COUNTED)
    return rows.select_related("person", "proxy_account__grant").order_by("position")


def account_words(row: PaymentLine) -> str:
    """The masked number; an account in a proxy's name says whose it is and by which letter."""
    if not hasattr(row, "proxy_account"):
        return row.account_masked
    letter = row.proxy_account.grant.letter_number
    return f"{row.account_masked} a.n. {row.account_holder} (surat kuasa {letter})"


def by_place(pay_list: PayList, length: int) -> list[tuple[str, int, Decimal]]:
    """(code, people, rupiah) of the counted lines per region of that code length."""
    rows = (
        pay_list.lines.filter(state__in=COUNTED)
        .annotate(place=Substr("area_code", 1, length))
        .values("place")
        .annotate(n=Count("pk"), total=Sum("amount"))
        .order_by("place")
    )
    return [(row["place"], row["n"], row["total"]) for row in rows]

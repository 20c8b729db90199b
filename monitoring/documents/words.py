"""The summary of a report in sentences, made from its figures; amounts in words beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bansos.lib.dates import long_date
from bansos.lib.money import number, rupiah, terbilang, terbilang_rupiah
from monitoring.documents.exhibits import share
from monitoring.queries import Figures


@dataclass(frozen=True)
class Subject:
    """What a report is about."""

    programme: str
    year: int
    area: str
    from_date: date
    until_date: date


def money(amount: Decimal) -> str:
    """ "Rp1.500.000 (satu juta lima ratus ribu rupiah)"."""
    return f"{rupiah(amount)} ({terbilang_rupiah(amount)})"


def people(count: int) -> str:
    """ "1.568 (seribu lima ratus enam puluh delapan) KPM"."""
    return f"{number(count)} ({terbilang(count)}) KPM"


def percent(part: Decimal, total: Decimal | None) -> str:
    """ "25,0 persen"; "" of nothing."""
    found = share(part, total)
    return "" if found is None else f"{number(found)} persen"


def summary(subject: Subject, figures: Figures) -> list[str]:
    """Three to six sentences; letters are in Indonesian, so these are not translated."""
    total = figures.total
    span = f"{long_date(subject.from_date)} sampai dengan {long_date(subject.until_date)}"
    where = f"{subject.programme} Tahun Anggaran {subject.year} di {subject.area}"
    found = []
    if total.ceiling:
        found.append(f"Pagu {where} sebesar {money(total.ceiling)}.")
    if not total.paid and not total.delivered:
        found.append(f"Pada periode {span} belum ada SP2D yang terbit untuk {where}.")
    else:
        found.extend(_paid(figures, where, span))
    if total.reserved:
        found.append(f"Dana yang terikat pada daftar bayar dan belum cair {money(total.reserved)}.")
    if total.left is not None:
        found.append(f"Sisa pagu pada saat laporan ini disusun {money(total.left)}.")
    return found


def _paid(figures: Figures, where: str, span: str) -> list[str]:
    total = figures.total
    part = percent(total.paid, total.ceiling)
    of_ceiling = f", yaitu {part} dari pagu," if part else ""
    of_paid = percent(total.delivered, total.paid)
    of_paid = f", yaitu {of_paid} dari dana cair" if of_paid else ""
    released, arrived = money(total.paid), money(total.delivered)
    # A report always asks for them.
    reached, served = people(total.paid_people or 0), people(total.delivered_people or 0)
    found = [
        f"Pada periode {span} dana {where} cair {released}{of_ceiling} untuk {reached}.",
        f"Dari dana itu tersalur {arrived} kepada {served}{of_paid}.",
    ]
    count = sum(row.count for row in figures.returns)
    if count:
        causes = ", ".join(f"{row.name.lower()} {number(row.count)}" for row in figures.returns)
        found.append(
            f"Retur dari bank {people(count)} sebesar"
            f" {money(sum((row.amount for row in figures.returns), Decimal(0)))}, menurut sebab:"
            f" {causes}."
        )
    if total.returned:
        found.append(f"Disetor kembali ke kas daerah {money(total.returned)}.")
    if total.open > 0:
        found.append(f"Belum tuntas {money(total.open)}; rinciannya ada pada lampiran.")
    return found

"""Recapitulations of a stage and the end of its returns, gathered from the rows."""

from __future__ import annotations

from typing import Any

from bansos.lib.money import number, rupiah, terbilang_rupiah
from bansos.regions.queries import name_of, names_of
from disbursements.choices import Decision, LineState, ListKind, ListState, ReturnState
from disbursements.documents.sheets import COUNT, MONEY, PLACE, TEXT, Grid, Sheet
from disbursements.documents.stage_base import (
    DISTRICT,
    END,
    ZERO,
    Issue,
    base,
    by_place,
    head_of,
    money_facts,
    subject,
    treasurer_of,
)
from disbursements.models import PayList, PaymentLine, ReturnCase
from disbursements.queries.identity import identity_of
from disbursements.rules.moves import COUNTED
from disbursements.rules.references import sts_words

PARTS = (
    ("sp2d", "SP2D"),
    ("settled", "Tersalur"),
    ("repaid", "Dibayar susulan"),
    ("treasury", "Kas daerah"),
    ("returned", "Retur terbuka"),
    ("unknown", "Belum diketahui"),
)


def _recap_heads(first: str) -> list[tuple[str, str]]:
    heads: list[tuple[str, str]] = [(first, TEXT)]
    for _key, words in PARTS:
        heads += [(f"{words} (KPM)", COUNT), (f"{words} (Rp)", MONEY)]
    return heads


def _recap_row(row: Any) -> tuple[Any, ...]:
    cells: list[Any] = [row.name]
    for key, _words in PARTS:
        part = getattr(row, key)
        cells += [part.count, part.amount]
    return tuple(cells)


def recap_grid(pay_list: PayList) -> Grid:
    """The identity of a list, one row per district."""
    identity = identity_of(pay_list)
    return Grid(
        "1. Per kecamatan: SP2D = tersalur + dibayar susulan + kas daerah + retur terbuka"
        " + belum diketahui",
        _recap_heads("Kecamatan"),
        [_recap_row(row) for row in identity.districts],
        _recap_row(identity.total),
        tight=True,
    )


def recap(pay_list: PayList, issue: Issue) -> Sheet:
    """Rekap of a regency: SP2D = delivered + paid again + paid back + open, per district."""
    main = pay_list.parent or pay_list
    return Sheet(
        **base(main, issue),
        title="Rekapitulasi Penyaluran per Kecamatan",
        subtitle=subject(main),
        facts=money_facts(main),
        closing=["Rincian per kecamatan dan per desa/kelurahan terlampir."],
        annexes=[recap_grid(main), _villages(main)],
        signers=[
            treasurer_of(pay_list.budget.agency),
            head_of(pay_list.budget.agency),
        ],
    )


def _villages(pay_list: PayList) -> Grid:
    rows = by_place(pay_list, 13)
    names = names_of(code for code, _n, _total in rows)
    return Grid(
        "2. Per desa/kelurahan (isi daftar bayar)",
        (("Kecamatan", TEXT), ("Desa/Kelurahan", TEXT), ("KPM", COUNT), ("Jumlah", MONEY)),
        [
            (
                names.get(code[:DISTRICT], code),
                names.get(code, "-") if len(code) == 13 else "-",
                n,
                total,
            )
            for code, n, total in rows
        ],
        ("Jumlah", "", pay_list.count, pay_list.total),
        tight=True,
    )


def stage_lists(pay_list: PayList) -> list[PayList]:
    """Every main list of the same stage whose SP2D is out, by regency."""
    return list(
        PayList.objects.filter(stage=pay_list.stage_id, kind=ListKind.MAIN, sp2d_date__isnull=False)
        .exclude(state=ListState.CANCELLED)
        .order_by("area_code")
    )


def recap_province(pay_list: PayList, issue: Issue) -> Sheet:
    """Rekap of a province: the same identity, one row per regency of this stage."""
    found = [identity_of(row).total for row in stage_lists(pay_list)]
    lists = stage_lists(pay_list)
    names = names_of(row.area_code for row in lists)
    rows = []
    for row, total in zip(lists, found, strict=True):
        total.name = names.get(row.area_code, row.area_code)
        rows.append(_recap_row(total))
    sums: list[Any] = ["Jumlah"]
    for place in range(1, 1 + 2 * len(PARTS)):
        sums.append(sum((row[place] for row in rows), ZERO if place % 2 == 0 else 0))
    agency = pay_list.budget.agency
    version = pay_list.stage.version
    return Sheet(
        **(base(pay_list, issue) | {"area": name_of(agency.area_code)}),
        title="Rekapitulasi Penyaluran per Kabupaten/Kota",
        subtitle=(
            f"{version.programme.name} {pay_list.stage.name} Tahun {version.year},"
            f" {name_of(agency.area_code)}"
        ),
        facts=[
            ("Kabupaten/kota ber-SP2D", number(len(rows))),
            ("Jumlah penerima", f"{number(sums[1])} KPM"),
            ("Jumlah uang", rupiah(sums[2])),
            ("Terbilang", terbilang_rupiah(sums[2])),
        ],
        closing=["Rincian per kabupaten/kota terlampir."],
        annexes=[
            Grid(
                "SP2D = tersalur + dibayar susulan + kas daerah + retur terbuka + belum diketahui",
                _recap_heads("Kabupaten/Kota"),
                rows,
                sums,
                tight=True,
            )
        ],
        signers=[treasurer_of(agency), head_of(agency)],
    )


def _cases(pay_list: PayList) -> list[ReturnCase]:
    main = pay_list.parent or pay_list
    return list(
        ReturnCase.objects.filter(line__pay_list__in=[main, *main.follow_ups.all()])
        .select_related("line__pay_list", "line__person")
        .order_by("area_code", "pk")
    )


def follow_up_names(pay_list: PayList) -> list[tuple[Any, ...]]:
    """One row per return of a list: who, why, what was decided, and where it was paid again."""
    cases = _cases(pay_list)
    names = names_of(case.area_code for case in cases)
    again = {
        line.retransfer_of_id: line
        for line in PaymentLine.objects.filter(
            retransfer_of__in=[case.line_id for case in cases], state__in=COUNTED
        ).select_related("pay_list")
    }
    return [
        (
            place,
            case.line.payee_name,
            case.line.person.nik_masked,
            names.get(case.area_code[:DISTRICT], ""),
            case.get_reason_display(),
            case.get_decision_display() if case.decision else "Menunggu keputusan",
            again[case.line_id].pay_list.number if case.line_id in again else "-",
            _end(case, again.get(case.line_id)),
            case.amount,
        )
        for place, case in enumerate(cases, start=1)
    ]


def _end(case: ReturnCase, again: PaymentLine | None) -> str:
    if case.sts_number:
        return sts_words(case.sts_number)
    if again is not None:
        return str(LineState(again.state).label)
    return str(ReturnState(case.state).label)


FOLLOW_UP_HEADS = (
    ("No", PLACE),
    ("Nama", TEXT),
    ("NIK (tersamar)", TEXT),
    ("Kecamatan", TEXT),
    ("Sebab retur", TEXT),
    ("Keputusan", TEXT),
    ("Daftar susulan", TEXT),
    ("Keadaan", TEXT),
    ("Jumlah", MONEY),
)


def follow_up_list(pay_list: PayList, issue: Issue) -> Sheet:
    """Daftar susulan: every return of the stage with its decision and its end."""
    rows = follow_up_names(pay_list)
    total = sum((row[-1] for row in rows), ZERO)
    decided = {word: [row for row in rows if row[5] == word] for word in map(str, Decision.labels)}
    agency = pay_list.budget.agency
    return Sheet(
        **base(pay_list.parent or pay_list, issue),
        title="Daftar Susulan dan Penyelesaian Retur",
        subtitle=subject(pay_list),
        facts=[
            ("Daftar bayar", (pay_list.parent or pay_list).number),
            ("Retur", f"{number(len(rows))} KPM, {rupiah(total)}"),
        ],
        grids=[
            Grid(
                "Menurut keputusan",
                (("Keputusan", TEXT), ("KPM", COUNT), ("Jumlah", MONEY)),
                [
                    (words, len(found), sum((row[-1] for row in found), ZERO))
                    for words, found in decided.items()
                    if found
                ],
                empty="Belum ada keputusan.",
            )
        ],
        closing=["Daftar nama terlampir.", END],
        annexes=[
            Grid(
                "Retur dan penyelesaiannya",
                FOLLOW_UP_HEADS,
                rows,
                ("", "Jumlah", "", "", "", "", "", "", total),
                tight=True,
            )
        ],
        signers=[treasurer_of(agency), head_of(agency)],
    )

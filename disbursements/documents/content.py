"""What bank files and letters say, gathered from the rows of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import starmap
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.db.models.functions import Substr

from bansos.regions.queries import name_of, names_of
from disbursements.choices import (
    Decision,
    FileFormat,
    ListKind,
    ListState,
    ReturnReason,
    ReturnState,
)
from disbursements.documents.bank_files import BankLine, BankList, StreamedLines, Transfers
from disbursements.documents.letters import (
    GridRow,
    Instruction,
    InstructionFile,
    ReasonRow,
    Record,
    Signer,
    StsRow,
)
from disbursements.models import PayList, ReturnCase
from disbursements.queries.bank_lines import placed_transfers_of, transfers_of
from disbursements.queries.identity import Identity, IdentityRow
from disbursements.rules.moves import COUNTED

DISTRICT = 8
ZERO = Decimal(0)


def approved_moment(pay_list: PayList) -> datetime:
    """The moment a list's files carry: its approval, which never changes, so bytes never do."""
    if pay_list.approved_at is None:
        raise ValueError("Only an approved list has files.")
    return pay_list.approved_at


def execution_day(pay_list: PayList) -> date:
    """The bank day the files ask for, as recorded; lists of before its recording have none."""
    if pay_list.execution_on is not None:
        return pay_list.execution_on
    approved = approved_moment(pay_list).astimezone(pay_list.budget.agency.zone).date()
    if pay_list.kind == ListKind.FOLLOW_UP or pay_list.sp2d_date is None:
        return approved
    return pay_list.sp2d_date


class TableLines(StreamedLines):
    """The lines of a locked list as a file needs them, read anew from the table at each turn.

    Opens an account number when its line comes up and keeps none.
    """

    def __init__(self, pay_list: PayList) -> None:
        self._list = pay_list

    def __len__(self) -> int:
        return self._list.count

    def __contains__(self, line: object) -> bool:
        return any(row == line for row in self)

    def transfers(self) -> Iterator[Transfers]:
        """What a bank needs of each line, straight from the table."""
        return starmap(Transfers, transfers_of(self._list))

    def __iter__(self) -> Iterator[BankLine]:
        names = names_of(self._list.lines.values_list("area_code", flat=True).distinct())
        places: dict[str, tuple[str, str]] = {}
        for transfer, address, area in placed_transfers_of(self._list):
            place = places.get(area)
            if place is None:
                village = names.get(area, "") if len(area) > DISTRICT else ""
                place = places[area] = (village, names.get(area[:DISTRICT], ""))
            village, district = place
            short = address.partition(", Kec. ")[0]
            yield BankLine(*transfer, address=short, village=village, district=district)


def bank_list_of(pay_list: PayList) -> BankList:
    """A locked list as its bank files need it; its lines are streamed from the table."""
    agency = pay_list.budget.agency
    return BankList(
        number=pay_list.number,
        agency=agency.name,
        stage=pay_list.stage.name,
        programme=pay_list.stage.version.programme.name,
        created_at=approved_moment(pay_list),
        execution_date=execution_day(pay_list),
        debtor_name=agency.name,
        debtor_account=agency.source_account,
        bank_code=agency.bank_code,
        bank_bic="",
        lines=TableLines(pay_list),
        zone=agency.time_zone,
        known_total=pay_list.total,
    )


def _base(
    pay_list: PayList, *, number: str, on: date, at: datetime, code: str, url: str
) -> dict[str, Any]:
    return {
        "agency": pay_list.budget.agency,
        "number": number,
        "on": on,
        "made_at": at,
        "check_code": code,
        "check_url": url,
        "programme": pay_list.stage.version.programme.name,
        "stage": f"{pay_list.stage.name} {pay_list.stage.version.year}",
        "area": name_of(pay_list.area_code),
        "list_number": pay_list.number,
        "training": settings.TRAINING_MODE,
    }


def instruction_of(
    pay_list: PayList, *, check_code: str, check_url: str, before: Sequence[str] = ()
) -> Instruction:
    """The standing instruction of a list, with the hashes of the files that go with it.

    `before` are the numbers of the letters about the same list that this one replaces.
    """
    agency = pay_list.budget.agency
    sums = (
        pay_list.lines.filter(state__in=COUNTED)
        .annotate(district=Substr("area_code", 1, DISTRICT))
        .values("district")
        .annotate(n=Count("pk"), total=Sum("amount"))
        .order_by("district")
    )
    found = list(sums)
    names = names_of(row["district"] for row in found)
    base = _base(
        pay_list,
        number=f"SI/{pay_list.number}" + (f"/R{len(before)}" if before else ""),
        on=execution_day(pay_list),
        at=approved_moment(pay_list),
        code=check_code,
        url=check_url,
    )
    return Instruction(
        **base,
        signers=[Signer(agency.head_title, agency.head_name, agency.head_number)],
        bank_name=agency.bank_name,
        source_account=agency.source_account,
        count=pay_list.count,
        total=pay_list.total,
        spm_number=pay_list.spm_number,
        sp2d_number=pay_list.sp2d_number,
        sp2d_date=pay_list.sp2d_date,
        decree_number=pay_list.decree.number,
        decree_date=pay_list.decree.decree_date,
        content_hash=pay_list.content_hash,
        is_follow_up=pay_list.kind == ListKind.FOLLOW_UP,
        parent_number=pay_list.parent.number if pay_list.parent else "",
        excluded=pay_list.lines.exclude(state__in=COUNTED).count(),
        districts=[
            (names.get(row["district"], row["district"]), row["n"], row["total"]) for row in found
        ],
        files=[
            InstructionFile(
                name=file.document.file_name,
                kind=file.get_format_display(),
                sha256=file.sha256,
            )
            for file in pay_list.files.exclude(format=FileFormat.INSTRUCTION)
            .select_related("document")
            .order_by("pk")
        ],
        replaces=before[-1] if before else "",
    )


def record_of(
    identity: Identity, *, number: str, on: date, at: datetime, check_code: str, check_url: str
) -> Record:
    """Berita Acara of an even identity; both records read the same figures."""
    main = identity.pay_list
    agency = main.budget.agency
    base = _base(main, number=number, on=on, at=at, code=check_code, url=check_url)
    cases = list(
        ReturnCase.objects.filter(Q(line__pay_list=main) | Q(line__pay_list__parent=main))
        .select_related("line")
        .order_by("sts_date", "pk")
    )
    follow_ups = main.follow_ups.exclude(state=ListState.CANCELLED).order_by("pk")
    return Record(
        **base,
        signers=[
            Signer("Pimpinan Cabang Bank", "", "", agency.bank_name),
            Signer(agency.head_title, agency.head_name, agency.head_number),
        ],
        spm_number=main.spm_number,
        sp2d_number=main.sp2d_number,
        sp2d_date=main.sp2d_date,
        bank_name=agency.bank_name,
        rows=[_grid(row) for row in identity.districts],
        total=_grid(identity.total),
        reasons=_reasons(cases),
        deposits=[
            StsRow(
                number=case.sts_number,
                day=case.sts_date,
                payee=case.line.payee_name,
                reason=case.get_reason_display(),
                amount=case.amount,
            )
            for case in cases
            if case.sts_date is not None
        ],
        follow_ups=[(row.number, row.count, row.total) for row in follow_ups],
        quarantined=identity.quarantined,
    )


def _grid(row: IdentityRow) -> GridRow:
    return GridRow(
        name=row.name,
        sp2d_count=row.sp2d.count,
        sp2d=row.sp2d.amount,
        settled_count=row.settled.count,
        settled=row.settled.amount,
        repaid_count=row.repaid.count,
        repaid=row.repaid.amount,
        treasury_count=row.treasury.count,
        treasury=row.treasury.amount,
    )


def _reasons(cases: list[ReturnCase]) -> list[ReasonRow]:
    """Every return by its cause; one that came back twice is counted twice, as it happened."""
    found = []
    for reason in ReturnReason:
        rows = [case for case in cases if case.reason == reason]
        if rows:
            done = [case for case in rows if case.state == ReturnState.DONE]
            back = [case for case in done if case.decision == Decision.TREASURY]
            found.append(
                ReasonRow(
                    reason=str(reason.label),
                    count=len(rows),
                    amount=sum((case.amount for case in rows), ZERO),
                    repaid=len(done) - len(back),
                    treasury=len(back),
                    open=len(rows) - len(done),
                )
            )
    return found

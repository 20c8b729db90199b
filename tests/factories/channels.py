"""A configured channel to a running simulated bank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from bansos.demo.simulator.process import Simulator
from bansos.documents.models import Document
from disbursements.choices import ChannelKind, FileFormat, NameState, SubmissionState
from disbursements.models import (
    BankChannel,
    BankLayout,
    BankSubmission,
    LayoutFile,
    NameCheck,
    PayList,
    StatementLayout,
)
from disbursements.rules.layouts import parse_cells, parse_columns
from tests.cast import Cast
from tests.factories.disbursements import NOW
from tests.factories.statements import make_sheet_layout


def secrets_of(bank: Simulator) -> dict[str, str]:
    """What the environment would carry for both channels."""
    return {
        "JATIM_FILE_TOKEN": bank.key,
        "JATIM_SNAP_CLIENT_SECRET": bank.secret,
        "JATIM_SNAP_PRIVATE_KEY": bank.private_key,
    }


def make_drop(cast: Cast, bank: Simulator, **changes: Any) -> BankChannel:
    """Files over HTTP to the simulated bank."""
    values: dict[str, Any] = {
        "agency": cast.agency,
        "area_code": cast.agency.area_code,
        "kind": ChannelKind.DROP,
        "name": "Kotak berkas latihan",
        "key": "JATIM_FILE",
        "active": True,
        "base_url": bank.url,
        "file_format": FileFormat.CSV,
        "deduplicates": False,
        "answers_status": True,
        "timeout": 1,
        "changed_at": NOW,
        "changed_by": cast.adi,
    }
    return BankChannel.objects.create(**{**values, **changes})


@dataclass
class Boundary:
    """What the routes of the boundary to a bank are asked for."""

    channel: BankChannel
    submission: BankSubmission
    name: NameCheck
    layout: BankLayout
    file: LayoutFile
    statement_layout: StatementLayout


COLUMNS = "referensi; Ref; 16\nrekening; Norek; 16; kanan; 0\nnama; Nama; 30\njumlah; Nominal"


def make_layout(cast: Cast, **changes: Any) -> BankLayout:
    """A CSV layout with header and trailer, in use."""
    values: dict[str, Any] = {
        "agency": cast.agency,
        "area_code": cast.agency.area_code,
        "bank_code": cast.agency.bank_code,
        "name": "CMS contoh",
        "format": "csv",
        "columns": parse_columns(COLUMNS),
        "header": parse_cells("teks:H; nomor_daftar; banyak; total"),
        "trailer": parse_cells("teks:T; banyak; total"),
        "valid_from": date(2026, 1, 1),
        "active": True,
        "made_at": NOW,
        "made_by": cast.adi,
    }
    return BankLayout.objects.create(**{**values, **changes})


def make_boundary(cast: Cast, pay_list: PayList, document: Document) -> Boundary:
    """A channel that is off, and a submission over it that nobody answered for."""
    channel = BankChannel.objects.create(
        agency=cast.agency,
        area_code=cast.agency.area_code,
        kind=ChannelKind.SNAP,
        name="SNAP",
        key="JATIM_TEST",
        base_url="https://bank.invalid",
        changed_at=NOW,
        changed_by=cast.adi,
    )
    submission = BankSubmission.objects.create(
        pay_list=pay_list,
        number=1,
        kind=channel.kind,
        channel=channel,
        reference="S3526990101",
        sha256=pay_list.content_hash,
        count=pay_list.count,
        total=pay_list.total,
        state=SubmissionState.UNKNOWN,
        intent_at=NOW,
        intent_by=cast.tono,
    )
    line = pay_list.lines.order_by("position").first()
    assert line is not None
    name = NameCheck.objects.create(
        pay_list=pay_list,
        line=line,
        channel=channel,
        account_index=line.account_index or "",
        payee_name=line.payee_name,
        bank_name="SUPARDI",
        likeness=40,
        state=NameState.DIFFERS,
        checked_at=NOW,
        checked_by=cast.budi,
    )
    layout = make_layout(cast)
    file = LayoutFile.objects.create(
        pay_list=pay_list,
        layout=layout,
        document=document,
        sha256=document.sha256,
        count=pay_list.count,
        total=pay_list.total,
        made_at=NOW,
        made_by=cast.budi,
    )
    return Boundary(channel, submission, name, layout, file, make_sheet_layout(cast))


def make_snap(cast: Cast, bank: Simulator, **changes: Any) -> BankChannel:
    """SNAP to the simulated bank."""
    return make_drop(
        cast,
        bank,
        **{
            "kind": ChannelKind.SNAP,
            "name": "SNAP latihan",
            "key": "JATIM_SNAP",
            "file_format": "",
            "client_id": bank.client_id,
            "channel_id": "95221",
            "verifies_names": True,
            **changes,
        },
    )

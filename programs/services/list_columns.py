"""The columns of a list of proposals: the guide's own words where a guide has a form, else plain.

What is read never depends on it: every heading that one programme uses is known to all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bansos.accounts.models import Agency
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from beneficiaries.services.imports.columns import people_columns
from programs.models import ProgrammeVersion
from programs.rules.benefits import KIND_FIELDS


@dataclass(frozen=True)
class Form:
    """Keys of columns in their order, and the headings that differ from the plain ones."""

    order: tuple[str, ...]
    labels: Mapping[str, str]


_PLACE = ("address", "village", "district", "regency")
_PLAIN = Form(
    order=(
        *("no", "family_head", "name", "nik", "kk", "mother_name", "birth_place", "birth_date"),
        *("age", "sex", *_PLACE, "region_code", "account", "companion", "note"),
    ),
    labels={},
)
# (province, programme) -> the form in its guide. What the engine needs beyond it stands behind
# the column it belongs to or at the end.
FORMS: Mapping[tuple[str, str], Form] = {
    # Lampiran 1 of the guide to PKH Plus, with NO KK, KODE WILAYAH and KETERANGAN added.
    ("35", "PKHPLUS"): Form(
        order=(
            *("no", "dtks", "pkh", "family_head", "name", "nik", "kk", "mother_name"),
            *("birth_place", "birth_date", "age", "sex", *_PLACE, "region_code", "account"),
            *("companion", "note"),
        ),
        labels={
            "family_head": "NAMA PENGURUS",
            "name": "NAMA LANSIA",
            "nik": "NIK LANSIA",
            "village": "KELURAHAN",
            "regency": "KABUPATEN",
            "account": "NO REK BANK JATIM",
        },
    ),
    # Lampiran 5 of the guide to ASPD; it asks no sex and no account, which are added behind it.
    ("35", "ASPD"): Form(
        order=(
            *("no", "name", "nik", "birth_date", *_PLACE, "mother_name", "kk", "note"),
            *("sex", "region_code", "account", "companion"),
        ),
        labels={"mother_name": "IBU KANDUNG"},
    ),
}
# Headings of one guide are read in the list of every programme.
_READ_TOO: Mapping[str, tuple[str, ...]] = {
    "nik": ("NIK LANSIA",),
    "account": ("NO REK BANK JATIM",),
}
_REQUIRED = ("village", "district", "birth_date")
_OWN = {
    column.key: column
    for column in (
        ExpectedColumn(
            "dtks",
            "NO DTKS",
            ("ID DTKS", "NO DTSEN", "ID DTSEN", "NOMOR DTKS"),
            kind=ColumnKind.DIGITS,
        ),
        ExpectedColumn(
            "pkh",
            "NO PKH",
            ("NO PESERTA PKH", "NOMOR PKH", "NOPESERTA PKH"),
            kind=ColumnKind.DIGITS,
        ),
        ExpectedColumn("age", "UMUR", ("USIA",), kind=ColumnKind.NUMBER),
        ExpectedColumn("companion", "NAMA PENDAMPING", ("PENDAMPING",)),
    )
}


def columns_of(version: ProgrammeVersion) -> tuple[ExpectedColumn, ...]:
    """The columns of the version's list, in the order of its template.

    Goods, services and cash over the counter ask for no account.
    """
    form = FORMS.get((version.area_code, version.programme.code), _PLAIN)
    keys = [key for key in form.order if key != "account" or _into_accounts(version)]
    # A guide names the bank of its time: a version that pays at another one says so.
    plain = {"account": _account_label(version)}
    at_home = bank_of(version) == version.programme.agency.bank_code
    labels = {**plain, **form.labels} if at_home else {**form.labels, **plain}
    changes = {
        key: {
            **({"label": labels[key]} if key in labels else {}),
            **({"required": True} if key in _REQUIRED else {}),
        }
        for key in keys
        if key not in _OWN
    }
    people = people_columns(*(key for key in keys if key not in _OWN), **changes)
    known = {**_OWN, **{column.key: column for column in people}}
    return tuple(_reading_more(known[key]) for key in keys)


def bank_of(version: ProgrammeVersion) -> str:
    """Code of the bank of a list's accounts, the agency's when none is set; "" without a bank."""
    if "bank_code" not in KIND_FIELDS[version.benefit_kind]:
        return ""
    return version.bank_code or version.programme.agency.bank_code


def _into_accounts(version: ProgrammeVersion) -> bool:
    return bool(bank_of(version)) and not version.is_cash


def _account_label(version: ProgrammeVersion) -> str:
    code = bank_of(version)
    agency: Agency = version.programme.agency
    # Only its own bank is known to an agency by name.
    name = agency.bank_name if code == agency.bank_code else f"KODE {code}"
    return f"NO REKENING {name}".upper()


def _reading_more(column: ExpectedColumn) -> ExpectedColumn:
    more = [name for name in _READ_TOO.get(column.key, ()) if name != column.label]
    return replace(column, synonyms=tuple(dict.fromkeys([*column.synonyms, *more])))

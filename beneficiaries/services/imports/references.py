"""People in a filled template: masked there, found again by a reference when it comes back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bansos.lib.crypto import blind_index
from bansos.lib.nik import BULLET, mask_nik
from bansos.lib.sheets.cells import Cell, text_cell
from bansos.lib.sheets.writing import Written
from beneficiaries.choices import AccountState
from beneficiaries.models import BankAccount, ImportBatch, ImportRow, Person
from beneficiaries.queries.rows import cell_of

REFERENCE = re.compile(rf"(\d{{6}}{BULLET}{{8}}\d{{2}})\s*#(\d{{1,18}})")
# What one may open only one by one, for a purpose, at most 30 in an hour.
SECRETS = ("kk", "mother_name", "phone", "account")

Cells = dict[str, Cell]


def with_references(rows: Iterable[Mapping[str, Written]]) -> list[Mapping[str, Written]]:
    """Rows of a template without a secret: the NIK as "351901••••••••01 #12", the rest empty."""
    found = list(rows)
    indexes = [blind_index(str(row.get("nik") or ""), "nik") for row in found]
    people = Person.objects.filter(nik_index__in=indexes).values_list("nik_index", "pk")
    known = {str(index): pk for index, pk in people}
    hidden: list[Mapping[str, Written]] = []
    for row, index in zip(found, indexes, strict=True):
        nik = f"{mask_nik(str(row['nik']))} #{known[index]}" if index in known else ""
        hidden.append({**row, **dict.fromkeys(SECRETS, ""), "nik": nik})
    return hidden


def referenced(
    batch: ImportBatch, rows: Sequence[ImportRow], bank_code: str
) -> dict[int, Mapping[str, Cell]]:
    """Row id -> what the register holds of the person it refers to, as cells by column key.

    Only people of the area of the list whose mask agrees; other references stay what they are,
    no NIK. The numbers go into the sealed row, never back to the officer.
    """
    place = batch.mapping.get("nik")
    matches = {row.pk: REFERENCE.fullmatch(cell_of(row, place).text) for row in rows}
    wanted = {row_id: (found[1], int(found[2])) for row_id, found in matches.items() if found}
    if not wanted:
        return {}
    people = Person.objects.filter(
        pk__in={pk for _mask, pk in wanted.values()}, area_code__startswith=batch.area_code
    ).select_related("family")
    known = {person.pk: person for person in people}
    accounts = BankAccount.objects.filter(person__in=known, bank_code=bank_code)
    numbers = {row.person_id: row.number for row in accounts.exclude(state=AccountState.CLOSED)}
    return {
        row_id: _cells(known[pk], numbers.get(pk, ""))
        for row_id, (mask, pk) in wanted.items()
        if pk in known and known[pk].nik_masked == mask
    }


def _cells(person: Person, account: str) -> Cells:
    return {
        "nik": text_cell(person.nik),
        "kk": text_cell(person.family.kk if person.family else ""),
        "mother_name": text_cell(person.mother_name or ""),
        "phone": text_cell(person.phone or ""),
        "account": text_cell(account),
    }

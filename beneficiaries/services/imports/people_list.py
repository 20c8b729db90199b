"""The plain purpose: people and their accounts into the register, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.sheets.mapping import ExpectedColumn
from bansos.lib.sheets.writing import Written
from bansos.regions.queries import name_of, names_of
from beneficiaries.models import ImportBatch, ImportRow, Person
from beneficiaries.services.imports.columns import people_columns
from beneficiaries.services.imports.purposes import ImportPurpose


def columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """Every column the register knows."""
    return people_columns()


def accept(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """The engine has saved people and accounts already; this purpose adds nothing."""


def describe(batch: ImportBatch) -> str:
    """Where the people of the list live."""
    return name_of(batch.area_code)


def done_url(batch: ImportBatch) -> str:
    """The register."""
    return reverse("beneficiaries:people")


def prefill(context: dict[str, Any], user: User) -> Iterator[Mapping[str, Written]]:
    """The people of the user's area as rows of the template; the engine masks the NIK."""
    people = Person.objects.visible_to(user).filter(died_on=None)
    area_names = names_of(people.values_list("area_code", flat=True).distinct())
    for number, person in enumerate(people.order_by("area_code", "name", "pk"), start=1):
        yield {
            "no": number,
            "nik": person.nik,
            "name": person.name,
            "birth_place": person.birth_place,
            "birth_date": person.birth_date,
            "sex": person.sex,
            "address": person.address,
            "village": area_names.get(person.area_code, "") if person.village_id else "",
            "district": area_names.get(person.area_code[:8], ""),
            "regency": area_names.get(person.area_code[:5], ""),
        }


PEOPLE_LIST = ImportPurpose(
    key="beneficiaries.people",
    title=gettext_lazy("Daftar penerima"),
    hint=gettext_lazy("Menambah atau memperbarui orang di daftar penerima, tanpa mengusulkannya."),
    permission=Permission.IMPORT_RUN,
    columns=columns,
    accept=accept,
    describe=describe,
    done_url=done_url,
    prefill=prefill,
    template_choices={"sex": ("L", "P")},
    instructions=(
        gettext_lazy("Isi satu baris untuk satu orang, mulai di bawah judul kolom."),
        gettext_lazy("NIK, nomor KK, dan rekening ditulis lengkap; kolomnya sudah berformat teks."),
        gettext_lazy("Tanggal lahir ditulis tanggal-bulan-tahun, misalnya 12-08-1957."),
        gettext_lazy("Tulis nama desa dan kecamatan seperti di Kemendagri, tanpa singkatan."),
    ),
)

"""The lists of the register: people, families, snapshots, lists on their way in."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.permissions import Permission
from bansos.lib.lists import Column, ListSpec, name_column, register
from bansos.lib.parts import Word
from beneficiaries.choices import ImportState, SnapshotKind
from beneficiaries.filters import (
    EffectFilter,
    FamilyFilter,
    ImportFilter,
    PersonFilter,
    SnapshotFilter,
)
from beneficiaries.models import Family, ImportBatch, ImportEffect, Person, Snapshot
from beneficiaries.queries.people import holders_of
from beneficiaries.rules import SEARCH_LETTERS, is_number_search
from beneficiaries.services.imports import PURPOSES, acceptable, purposes_for

STATE_TONES = {
    ImportState.UPLOADED: "menunggu",
    ImportState.CHECKING: "info",
    ImportState.CHECKED: "menunggu",
    ImportState.ACCEPTING: "info",
    ImportState.ACCEPTED: "baik",
}


def with_places(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows with the names of village, district and regency, without a query per row."""
    return rows.select_related("village__parent__parent")


def village_of(row: Any) -> str:
    """Desa and kecamatan as lists show them."""
    return row.village.name if row.village else ""


def district_of(row: Any) -> str:
    """The district of the row's village."""
    return row.village.parent.name if row.village and row.village.parent else ""


def regency_of(row: Any) -> str:
    """The regency or city of the row's village."""
    district = row.village.parent if row.village else None
    return district.parent.name if district and district.parent else ""


def life_word(person: Person) -> Word:
    """Alive or recorded as dead."""
    return Word("masalah", _("Meninggal")) if person.died_on else Word("baik", _("Hidup"))


@register
class PersonList(ListSpec):
    """People of the user's area."""

    key = "people"
    title = gettext_lazy("Daftar penerima")
    model = Person
    filterset_class = PersonFilter
    default_sort = "name"
    search_hint = gettext_lazy("Nama (3 huruf), NIK, KK, atau rekening lengkap")
    empty_title = gettext_lazy("Belum ada penerima di wilayah Anda.")
    empty_hint = gettext_lazy("Mulai dari Impor data atau dari usulan satu per satu.")
    columns = (
        Column("name", gettext_lazy("Nama"), sort="name", priority=1, kind="link"),
        Column("nik", gettext_lazy("NIK"), value="nik_masked", kind="masked"),
        Column("sex", gettext_lazy("L/P"), priority=3),
        Column("birth_date", gettext_lazy("Tanggal lahir"), kind="date", sort="birth_date"),
        Column("village", gettext_lazy("Desa/Kelurahan"), value=village_of, sort="area_code"),
        Column("district", gettext_lazy("Kecamatan"), value=district_of, priority=3),
        Column("regency", gettext_lazy("Kabupaten/Kota"), value=regency_of, priority=3),
        Column("state", gettext_lazy("Keadaan"), value=life_word, kind="status"),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """People of the area with the names of their places."""
        return with_places(Person.objects.visible_to(user))

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """A part of the name, or a whole number by its blind index."""
        if is_number_search(text):
            return rows.filter(pk__in=holders_of(text))
        if len(text.replace(" ", "")) < SEARCH_LETTERS:
            return rows.none()
        return rows.filter(name__icontains=text)

    def row_url(self, row: Person) -> str:
        return row.get_absolute_url()


@register
class FamilyList(ListSpec):
    """Families of the user's area."""

    key = "families"
    title = gettext_lazy("Keluarga (KK)")
    model = Family
    filterset_class = FamilyFilter
    default_sort = "head"
    search_hint = gettext_lazy("Nama kepala keluarga (3 huruf)")
    empty_title = gettext_lazy("Belum ada keluarga di wilayah Anda.")
    empty_hint = gettext_lazy("Keluarga tercatat sendiri saat anggotanya masuk dengan nomor KK.")
    columns = (
        Column("kk", gettext_lazy("Nomor KK"), value="kk_masked", kind="link", priority=1),
        Column("head", gettext_lazy("Kepala keluarga"), value="head_name", sort="head_name"),
        Column("members", gettext_lazy("Anggota"), value="member_count", kind="number"),
        Column("village", gettext_lazy("Desa/Kelurahan"), value=village_of, sort="area_code"),
        Column("district", gettext_lazy("Kecamatan"), value=district_of, priority=3),
        Column("regency", gettext_lazy("Kabupaten/Kota"), value=regency_of, priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Families of the area with the number of their members."""
        rows = with_places(Family.objects.visible_to(user))
        return rows.annotate(member_count=Count("members"))

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """A part of the head's name."""
        if len(text.replace(" ", "")) < SEARCH_LETTERS:
            return rows.none()
        return rows.filter(head_name__icontains=text)

    def row_url(self, row: Family) -> str:
        return row.get_absolute_url()


def snapshot_word(row: Snapshot) -> Word:
    """Whether the snapshot answers already."""
    if row.is_complete:
        return Word("baik", _("Dipakai"))
    return Word("info", _("Sedang dimuat"))


@register
class SnapshotList(ListSpec):
    """Snapshots loaded for the user's area and above it."""

    key = "snapshots"
    title = gettext_lazy("Potret data")
    model = Snapshot
    filterset_class = SnapshotFilter
    default_sort = "-as_of"
    empty_title = gettext_lazy("Belum ada potret data.")
    empty_hint = gettext_lazy("Tanpa potret, desil dan PKH reguler tidak dapat diperiksa.")
    columns = (
        Column("label", gettext_lazy("Nama"), kind="link", priority=1, sort="label"),
        Column("kind", gettext_lazy("Jenis"), value=lambda row: SnapshotKind(row.kind).label),
        Column("as_of", gettext_lazy("Keadaan per"), kind="date", sort="as_of"),
        Column("rows", gettext_lazy("Baris"), value="row_count", kind="number", sort="row_count"),
        Column("source", gettext_lazy("Sumber"), priority=3),
        Column("state", gettext_lazy("Keadaan"), value=snapshot_word, kind="status"),
    )

    def row_url(self, row: Snapshot) -> str:
        return row.get_absolute_url()


def import_word(row: ImportBatch) -> Word:
    """The state of a list as a status word."""
    state = ImportState(row.state)
    return Word(STATE_TONES[state], state.label)


def purpose_title(row: ImportBatch) -> str:
    """What the list is for, in words."""
    purpose = PURPOSES.get(row.purpose)
    return str(purpose.title) if purpose else row.purpose


def good_rows(row: ImportBatch) -> int:
    """Rows that are in, or would go in."""
    return int(row.counts.get("accepted", 0)) + (
        0 if row.state == ImportState.ACCEPTED else acceptable(row)
    )


@register
class ImportList(ListSpec):
    """Lists on their way in and those that are in; refused ones are gone."""

    key = "imports"
    title = gettext_lazy("Impor data")
    model = ImportBatch
    filterset_class = ImportFilter
    default_sort = "-created_at"
    empty_title = gettext_lazy("Belum ada impor.")
    empty_hint = gettext_lazy("Unduh templat lebih dulu, atau unggah daftar yang sudah ada.")
    columns = (
        Column("created_at", gettext_lazy("Diunggah"), kind="datetime", sort="created_at"),
        Column("purpose", gettext_lazy("Untuk"), value=purpose_title),
        Column("file_name", gettext_lazy("Berkas"), kind="link", priority=1),
        Column("by", gettext_lazy("Oleh"), value="created_by.full_name", priority=3),
        Column("good", gettext_lazy("Baris masuk"), value=good_rows, kind="number"),
        Column(
            "problem",
            gettext_lazy("Bermasalah"),
            value=lambda row: int(row.counts.get("problem", 0)),
            kind="number",
        ),
        Column("state", gettext_lazy("Keadaan"), value=import_word, kind="status"),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Lists of the area of kinds the user may import, without their sealed files."""
        kinds = [purpose.key for purpose in purposes_for(user)]
        rows = ImportBatch.objects.visible_to(user).filter(purpose__in=kinds)
        return rows.select_related("created_by").defer("sealed_file")

    def row_url(self, row: ImportBatch) -> str:
        return row.get_absolute_url()


@register
class EffectList(ListSpec):
    """Whom a registry list would touch; only for who may load one."""

    key = "import-effects"
    title = gettext_lazy("Dampak daftar")
    model = ImportEffect
    filterset_class = EffectFilter
    default_sort = "name"
    empty_title = gettext_lazy("Tidak ada usulan terbuka atau penerima yang terkena.")
    columns = (
        name_column("person"),
        Column("nik", gettext_lazy("NIK"), value="person.nik_masked", kind="masked"),
        Column("before", gettext_lazy("Semula"), sort="before"),
        Column("after", gettext_lazy("Menjadi"), sort="after"),
        Column("programmes", gettext_lazy("Program")),
        Column(
            "proposals",
            gettext_lazy("Usulan terbuka"),
            kind="number",
            sort="proposals",
            total=True,
        ),
        Column(
            "recipients", gettext_lazy("Penerima"), kind="number", sort="recipients", total=True
        ),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Effects of the area, for who may load registry lists."""
        if not user.can(Permission.SNAPSHOT_IMPORT):
            return ImportEffect.objects.none()
        return ImportEffect.objects.visible_to(user).select_related("person")

    def row_url(self, row: ImportEffect) -> str:
        return row.person.get_absolute_url()

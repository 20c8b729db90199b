"""The lists of groups, institutions, residents, governments, pillars and workers."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.lib.lists import Column, ListSpec, name_column, register
from bansos.lib.parts import Word
from bansos.regions.models import Region
from beneficiaries.choices import GroupState
from beneficiaries.filters.payees import (
    GovernmentFilter,
    GroupFilter,
    InstitutionFilter,
    PillarFilter,
    ResidentFilter,
    WorkerFilter,
)
from beneficiaries.models import (
    Accreditation,
    GovernmentPayee,
    Group,
    Institution,
    Pillar,
    Residency,
    Worker,
)
from beneficiaries.queries.payees import certificate_word, end_of_stay
from beneficiaries.rules.institutions import NEEDS_ACCREDITATION, days_between
from beneficiaries.tables.people import district_of, regency_of, village_of

GROUP_TONES = {
    GroupState.FORMING: "menunggu",
    GroupState.CHECKED: "info",
    GroupState.ACTIVE: "baik",
    GroupState.DISSOLVED: "netral",
}
REGENCY = len("35.19")


def group_word(row: Group) -> Word:
    """The state of a group as a status word."""
    state = GroupState(row.state)
    return Word(GROUP_TONES[state], str(state.label))


def name_at(path: str, length: int | None = None) -> Subquery:
    """The name of the region whose code stands at a path, or of one above it."""
    code: Any = Left(OuterRef(path), length) if length else OuterRef(path)
    return Subquery(Region.objects.filter(code=code).values("name")[:1])


@register
class GroupList(ListSpec):
    """Groups of the user's area."""

    key = "groups"
    title = gettext_lazy("Kelompok (KUBE)")
    model = Group
    filterset_class = GroupFilter
    default_sort = "name"
    search_hint = gettext_lazy("Nama kelompok")
    empty_title = gettext_lazy("Belum ada kelompok di wilayah Anda.")
    empty_hint = gettext_lazy("Bentuk kelompok satu per satu, atau impor daftar anggotanya.")
    columns = (
        name_column("payee"),
        Column("business", gettext_lazy("Jenis usaha"), value="business_kind"),
        Column("members", gettext_lazy("Anggota"), value="member_count", kind="number"),
        Column(
            "village",
            gettext_lazy("Desa/Kelurahan"),
            value=lambda row: village_of(row.payee),
            sort="payee__area_code",
        ),
        Column(
            "district",
            gettext_lazy("Kecamatan"),
            value=lambda row: district_of(row.payee),
            priority=3,
        ),
        Column(
            "regency",
            gettext_lazy("Kabupaten/Kota"),
            value=lambda row: regency_of(row.payee),
            priority=3,
        ),
        Column("formed_on", gettext_lazy("Dibentuk"), kind="date", sort="formed_on", priority=3),
        Column("state", gettext_lazy("Keadaan"), value=group_word, kind="status", sort="state"),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Groups with the number of their members today."""
        rows = Group.objects.visible_to(user).select_related("payee__village__parent__parent")
        return rows.annotate(member_count=Count("members", filter=Q(members__left_on=None)))

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """A part of the name."""
        return rows.filter(payee__name__icontains=text)

    def row_url(self, row: Group) -> str:
        return row.get_absolute_url()


def open_word(row: Any) -> Word:
    """Whether an institution or a treasury is closed."""
    closed = row.payee.closed_on is not None
    return Word("netral", _("Ditutup")) if closed else Word("baik", _("Berjalan"))


def newest_word(row: Any) -> Word:
    """The newest certificate of an annotated institution; a UPT needs none."""
    if row.kind not in NEEDS_ACCREDITATION:
        return Word("netral", _("Tidak diperlukan"))
    return certificate_word(row.newest_grade, row.newest_until)


@register
class InstitutionList(ListSpec):
    """Institutions of the user's area."""

    key = "institutions"
    title = gettext_lazy("Lembaga")
    model = Institution
    filterset_class = InstitutionFilter
    default_sort = "name"
    search_hint = gettext_lazy("Nama lembaga")
    empty_title = gettext_lazy("Belum ada lembaga di wilayah Anda.")
    empty_hint = gettext_lazy("Catat LKSA, LKS-LU, UPT, atau panti lebih dulu.")
    columns = (
        name_column("payee"),
        Column("kind", gettext_lazy("Jenis"), value="get_kind_display"),
        Column(
            "regency",
            gettext_lazy("Kabupaten/Kota"),
            value=lambda row: regency_of(row.payee),
            sort="payee__area_code",
        ),
        Column("accreditation", gettext_lazy("Akreditasi"), value=newest_word, kind="status"),
        Column(
            "until",
            gettext_lazy("Berlaku sampai"),
            value="newest_until",
            kind="date",
            sort="newest_until",
            priority=3,
        ),
        Column("residents", gettext_lazy("Penghuni"), value="resident_count", kind="number"),
        Column("capacity", gettext_lazy("Daya tampung"), kind="number", sort="capacity"),
        Column("state", gettext_lazy("Keadaan"), value=open_word, kind="status", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Institutions with their newest certificate and who lives there now."""
        newest = Accreditation.objects.filter(institution=OuterRef("pk"))
        newest = newest.order_by("-valid_from", "-pk")
        rows = Institution.objects.visible_to(user).select_related("payee__village__parent__parent")
        return rows.annotate(
            newest_grade=Subquery(newest.values("grade")[:1]),
            newest_until=Subquery(newest.values("valid_until")[:1]),
            resident_count=Count(
                "residencies",
                filter=Q(residencies__until_date=None, residencies__person__died_on=None),
            ),
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """A part of the name."""
        return rows.filter(payee__name__icontains=text)

    def row_url(self, row: Institution) -> str:
        return row.get_absolute_url()


def days_in_month(row: Any) -> int | None:
    """Days of a stay in the month of the filter; None without one."""
    first, last = getattr(row, "month_first", None), getattr(row, "month_last", None)
    if first is None or last is None:
        return None
    return days_between(row.from_date, end_of_stay(row, last), first, last)


@register
class ResidentList(ListSpec):
    """Who lives, or lived, in the institutions of the user's area."""

    key = "residents"
    title = gettext_lazy("Penghuni lembaga")
    model = Residency
    filterset_class = ResidentFilter
    default_sort = "name"
    empty_title = gettext_lazy("Belum ada penghuni tercatat.")
    empty_hint = gettext_lazy("Catat penghuni dari halaman lembaganya.")
    columns = (
        name_column("person"),
        Column("nik", gettext_lazy("NIK"), value="person.nik_masked", kind="masked"),
        Column("house", gettext_lazy("Lembaga"), value="institution.payee.name"),
        Column("from_date", gettext_lazy("Masuk"), kind="date", sort="from_date"),
        Column("until_date", gettext_lazy("Hari terakhir"), kind="date", sort="until_date"),
        Column("days", gettext_lazy("Hari dalam bulan"), value=days_in_month, kind="number"),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Stays with person and house."""
        return Residency.objects.visible_to(user).select_related("person", "institution__payee")

    def row_url(self, row: Residency) -> str:
        return row.person.get_absolute_url()


@register
class GovernmentList(ListSpec):
    """Treasuries of villages and regencies."""

    key = "governments"
    title = gettext_lazy("Kas pemerintah")
    model = GovernmentPayee
    filterset_class = GovernmentFilter
    default_sort = "name"
    search_hint = gettext_lazy("Nama pemerintah")
    empty_title = gettext_lazy("Belum ada kas pemerintah di wilayah Anda.")
    empty_hint = gettext_lazy("Catat desa atau kabupaten/kota yang menerima bantuan keuangan.")
    columns = (
        name_column("payee"),
        Column("region", gettext_lazy("Wilayah"), value="region.name", sort="region__code"),
        Column("regency", gettext_lazy("Kabupaten/Kota"), value="regency_name", priority=3),
        Column("treasurer", gettext_lazy("Bendahara"), value="treasurer_name"),
        Column("accounts", gettext_lazy("Rekening"), value="account_count", kind="number"),
        Column("state", gettext_lazy("Keadaan"), value=open_word, kind="status", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Treasuries with the number of open accounts."""
        rows = GovernmentPayee.objects.visible_to(user).select_related("payee", "region")
        return rows.annotate(
            regency_name=name_at("payee__area_code", REGENCY),
            account_count=Count("payee__accounts", filter=~Q(payee__accounts__state="closed")),
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """A part of the name."""
        return rows.filter(payee__name__icontains=text)

    def row_url(self, row: GovernmentPayee) -> str:
        return row.get_absolute_url()


def pillar_name(row: Pillar) -> str:
    """The person's or the body's name."""
    return row.person.name if row.person else row.body_name


def pillar_word(row: Pillar) -> Word:
    """Serving, or over."""
    return Word("netral", _("Selesai")) if row.active_until else Word("baik", _("Bertugas"))


@register
class PillarList(ListSpec):
    """Social pillars of the user's area."""

    key = "pillars"
    title = gettext_lazy("Pilar sosial")
    model = Pillar
    filterset_class = PillarFilter
    default_sort = "kind"
    search_hint = gettext_lazy("Nama pilar")
    empty_title = gettext_lazy("Belum ada pilar sosial di wilayah Anda.")
    empty_hint = gettext_lazy("Catat TKSK, PSM, Tagana, dan pendamping, atau impor daftarnya.")
    columns = (
        Column("name", gettext_lazy("Nama"), value=pillar_name, priority=1, kind="link"),
        Column("kind", gettext_lazy("Jenis"), value="get_kind_display", sort="kind"),
        Column("place", gettext_lazy("Wilayah tugas"), value="place_name", sort="area_code"),
        Column("regency", gettext_lazy("Kabupaten/Kota"), value="regency_name", priority=3),
        Column("load", gettext_lazy("Dampingan"), kind="number", sort="load"),
        Column(
            "honorarium", gettext_lazy("Tali asih"), kind="money", sort="honorarium", priority=3
        ),
        Column("active_from", gettext_lazy("Sejak"), kind="date", sort="active_from", priority=3),
        Column("state", gettext_lazy("Keadaan"), value=pillar_word, kind="status"),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Pillars with the names of their places."""
        rows = Pillar.objects.visible_to(user).select_related("person")
        return rows.annotate(
            place_name=name_at("area_code"), regency_name=name_at("area_code", REGENCY)
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """A part of the person's or the body's name."""
        return rows.filter(Q(person__name__icontains=text) | Q(body_name__icontains=text))

    def row_url(self, row: Pillar) -> str:
        return row.get_absolute_url()


def work_word(row: Worker) -> Word:
    """Whether the place of work lies in another regency than the home."""
    if row.works_elsewhere:
        return Word("info", _("Lintas wilayah"))
    return Word("netral", _("Di wilayah KTP"))


@register
class WorkerList(ListSpec):
    """Workers who live in the user's area."""

    key = "workers"
    title = gettext_lazy("Pekerja")
    model = Worker
    filterset_class = WorkerFilter
    default_sort = "name"
    search_hint = gettext_lazy("Nama pekerja atau perusahaan")
    empty_title = gettext_lazy("Belum ada pekerja tercatat.")
    empty_hint = gettext_lazy("Impor daftar dari perusahaan, atau catat satu per satu.")
    columns = (
        name_column("person"),
        Column("nik", gettext_lazy("NIK"), value="person.nik_masked", kind="masked"),
        Column("company", gettext_lazy("Perusahaan"), value="company.name", sort="company__name"),
        Column("work", gettext_lazy("Tempat kerja"), value="work_name", sort="work_code"),
        Column("home", gettext_lazy("Wilayah KTP"), value="home_name", sort="person__area_code"),
        Column("across", gettext_lazy("Lintas wilayah"), value=work_word, kind="status"),
        Column("from_date", gettext_lazy("Sejak"), kind="date", sort="from_date", priority=3),
        Column("until_date", gettext_lazy("Sampai"), kind="date", sort="until_date", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Workers with company, home and place of work."""
        rows = Worker.objects.visible_to(user).select_related("person", "company")
        return rows.annotate(
            home_regency=Left("person__area_code", REGENCY),
            work_regency=Left("work_code", REGENCY),
            home_name=name_at("person__area_code", REGENCY),
            work_name=name_at("work_code", REGENCY),
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """A part of the person's or the company's name."""
        return rows.filter(Q(person__name__icontains=text) | Q(company__name__icontains=text))

    def row_url(self, row: Worker) -> str:
        # The tab that shows the work, where its end is recorded.
        return reverse("beneficiaries:person_tab", args=[row.person_id, "keadaan"])

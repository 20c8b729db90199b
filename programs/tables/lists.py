"""The lists of programmes: proposals, records, decrees, the lines of one decree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.lib.crypto import blind_index
from bansos.lib.lists import Column, ListSpec, name_column, register
from bansos.lib.nik import clean_digits
from bansos.lib.parts import Word
from bansos.regions.choices import Level
from bansos.regions.models import Region
from beneficiaries.models import Family, Person
from programs.choices import DECREE_TONES, PREMIUM_TONES, DecreeState, PremiumState
from programs.filters import (
    DecreeFilter,
    DecreeLineFilter,
    FamilyOverlapFilter,
    OverlapFilter,
    PoorFamilyFilter,
    PremiumCoverFilter,
    PremiumLineFilter,
    ProposalFilter,
    RecordFilter,
)
from programs.models import (
    Decree,
    DecreeLine,
    Enrolment,
    PremiumCover,
    PremiumLine,
    ProgrammeVersion,
    VerificationRecord,
)
from programs.queries.coverage import poor_families
from programs.queries.exclusivity import Conflict, conflicts_for
from programs.queries.papers import required_codes
from programs.queries.people import state_word

NIK_LENGTH = 16
# "35.19.01": how far area codes go down to the kecamatan.
DISTRICT_LENGTH = 8


def village_of(who: Any) -> str:
    """Desa of a person, family or payee; without a query per row where the list joins it."""
    return str(who.village.name) if who.village else ""


def district_of(who: Any) -> str:
    """Kecamatan of a person or payee."""
    village = who.village
    return str(village.parent.name) if village and village.parent else ""


def village_name(row: Any) -> str:
    """Desa of the person of a row."""
    return village_of(row.person)


def district_name(row: Any) -> str:
    """Kecamatan of the person of a row."""
    return district_of(row.person)


def enrolment_word(row: Any) -> Word:
    """The badge of a proposal."""
    return state_word(row.state)


def decree_word(row: Any) -> Word:
    """The badge of a decree."""
    tone, icon = DECREE_TONES[DecreeState(row.state)]
    return Word(tone, str(DecreeState(row.state).label), icon)


def warning_word(row: Any) -> Word | None:
    """How many warnings came with a proposal."""
    count = len(row.warnings)
    return Word("menunggu", _("%(count)d peringatan") % {"count": count}) if count else None


class AreaNames:
    """Names of the kecamatan or what is above it, read once for all rows of a list."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def __call__(self, row: Any) -> str:
        code = row.area_code[:DISTRICT_LENGTH]
        if code not in self.names:
            rows = Region.objects.filter(level__lte=Level.DISTRICT, code__startswith=code[:2])
            self.names.update(rows.values_list("code", "name"))
        return self.names.setdefault(code, code)


def search_people(rows: QuerySet[Any], text: str, prefix: str) -> QuerySet[Any]:
    """A part of the name, or a whole NIK by its blind index."""
    digits = clean_digits(text)
    if digits.isdigit() and len(digits) == NIK_LENGTH:
        return rows.filter(**{f"{prefix}__nik_index": blind_index(digits, "nik")})
    return rows.filter(**{f"{prefix}__name__icontains": text})


@register
class ProposalList(ListSpec):
    """Proposals of the user's area in every state."""

    key = "proposals"
    title = gettext_lazy("Usulan")
    model = Enrolment
    filterset_class = ProposalFilter
    default_sort = "-proposed_at"
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("Belum ada usulan di wilayah Anda.")
    empty_hint = gettext_lazy("Mulai dari Impor data, atau dari Usulan baru untuk satu orang.")
    columns = (
        name_column("person"),
        Column("nik", gettext_lazy("NIK"), value="person.nik_masked", kind="masked", priority=3),
        Column("programme", gettext_lazy("Program"), value="version", priority=2),
        Column("village", gettext_lazy("Desa/Kelurahan"), value=village_name, sort="area_code"),
        Column("district", gettext_lazy("Kecamatan"), value=district_name, priority=3),
        Column("state", gettext_lazy("Status"), value=enrolment_word, kind="status", sort="state"),
        Column("warnings", gettext_lazy("Peringatan"), value=warning_word, kind="status"),
        Column(
            "proposed_at",
            gettext_lazy("Diajukan"),
            kind="datetime",
            sort="proposed_at",
            priority=3,
        ),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Proposals of the area with person, place and programme."""
        return Enrolment.objects.visible_to(user).select_related(
            "person__village__parent", "version__programme"
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "person")

    def row_url(self, row: Any) -> str:
        """The proposal's page."""
        return reverse("programs:proposal", args=[row.pk])


def record_counts(row: Any) -> str:
    """Eligible and not eligible as a Berita Acara says."""
    counts = row.counts
    words = _("%(yes)s layak, %(no)s tidak layak")
    return words % {"yes": counts.get("eligible", 0), "no": counts.get("not_eligible", 0)}


def record_document(row: Any) -> str:
    """The link's words: ready, or still being made."""
    return _("Lihat Berita Acara") if row.document_id else _("Sedang dibuat")


@register
class RecordList(ListSpec):
    """Berita Acara of the user's area."""

    key = "verification_records"
    title = gettext_lazy("Berita Acara")
    model = VerificationRecord
    filterset_class = RecordFilter
    default_sort = "-made_at"
    empty_title = gettext_lazy("Belum ada Berita Acara.")
    empty_hint = gettext_lazy("Berita Acara dibuat bila semua usulan satu kecamatan sudah diputus.")

    def __init__(self) -> None:
        self.columns = (
            Column("area", gettext_lazy("Kecamatan"), value=AreaNames(), priority=1),
            Column("programme", gettext_lazy("Program"), value="version"),
            Column("round", gettext_lazy("Putaran"), kind="number", sort="round", priority=3),
            Column("counts", gettext_lazy("Hasil"), value=record_counts),
            Column("made_by", gettext_lazy("Dibuat oleh"), value="made_by.full_name", priority=3),
            Column("made_at", gettext_lazy("Dibuat"), kind="datetime", sort="made_at"),
            Column(
                "document",
                gettext_lazy("Dokumen"),
                value=record_document,
                href=record_url,
                export=False,
            ),
        )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Records of the area."""
        return VerificationRecord.objects.visible_to(user).select_related(
            "version__programme", "made_by"
        )


def record_url(row: Any) -> str:
    """The issued document, when it is there."""
    return reverse("documents:detail", args=[row.document_id]) if row.document_id else ""


def decree_title(row: Any) -> str:
    """The number, or that there is none yet."""
    return row.number or _("Draf, belum bernomor")


@register
class DecreeList(ListSpec):
    """Decrees of the user's area."""

    key = "decrees"
    title = gettext_lazy("Penetapan (SK)")
    model = Decree
    filterset_class = DecreeFilter
    default_sort = "-made_at"
    empty_title = gettext_lazy("Belum ada SK.")
    empty_hint = gettext_lazy("SK disusun dari usulan yang layak. Selesaikan verifikasi dulu.")

    def __init__(self) -> None:
        self.columns = (
            Column(
                "number",
                gettext_lazy("Nomor SK"),
                value=decree_title,
                sort="number",
                priority=1,
                kind="link",
            ),
            Column("programme", gettext_lazy("Program"), value="version"),
            Column("area", gettext_lazy("Wilayah"), value=AreaNames(), sort="area_code"),
            Column("revision", gettext_lazy("Versi"), kind="number", sort="revision", priority=3),
            Column("state", gettext_lazy("Status"), value=decree_word, kind="status", sort="state"),
            Column("count", gettext_lazy("Penerima"), kind="number", sort="count"),
            Column("total", gettext_lazy("Jumlah setahun"), kind="money", sort="total"),
            Column(
                "decree_date", gettext_lazy("Tanggal"), kind="date", sort="decree_date", priority=3
            ),
            Column("made_at", gettext_lazy("Disusun"), kind="date", sort="made_at", priority=3),
        )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Decrees of the area, and those of the area above that name people in it."""
        return Decree.objects.visible_to(user).select_related("version__programme")

    def row_url(self, row: Any) -> str:
        """The decree's page."""
        return reverse("programs:decree", args=[row.pk])


def drop_url(row: Any) -> str:
    """Where one name is left out of a draft."""
    return reverse("programs:decree_drop", args=[row.decree_id, row.enrolment_id])


class DecreeLineList(ListSpec):
    """The names of one decree; made for it, so it is not exported as a list of its own."""

    key = "decree_lines"
    title = gettext_lazy("Penerima di SK ini")
    model = DecreeLine
    default_sort = "position"
    exportable = False
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("SK ini belum berisi seorang pun.")
    columns: Sequence[Column] = (
        Column("position", gettext_lazy("Urutan"), kind="number", sort="position", priority=3),
        Column("name", gettext_lazy("Nama"), sort="name", priority=1, kind="link"),
        Column(
            "nik",
            gettext_lazy("NIK"),
            value="enrolment.person.nik_masked",
            kind="masked",
            priority=3,
        ),
        Column("address", gettext_lazy("Alamat")),
        Column("annual_amount", gettext_lazy("Besaran setahun"), kind="money"),
    )

    def __init__(self, decree: Decree | None = None, *, may_drop: bool = False) -> None:
        self.decree = decree
        codes = required_codes(decree.version) if decree is not None else ()
        if codes:
            self.filterset_class = partial(DecreeLineFilter, codes=codes)
        if may_drop:
            word = _("Keluarkan")
            drop = Column(
                "drop",
                gettext_lazy("Tindakan"),
                value=lambda row: word,
                href=drop_url,
                export=False,
            )
            self.columns = (*type(self).columns, drop)

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Lines of the decree that was found for this user."""
        if self.decree is None:
            return DecreeLine.objects.none()
        return self.decree.lines.select_related("enrolment__person")

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "enrolment__person")

    def row_url(self, row: Any) -> str:
        """The proposal behind the name."""
        return reverse("programs:proposal", args=[row.enrolment_id])


def premium_word(row: Any) -> Word:
    """The badge of one line of a list of premiums."""
    tone, icon = PREMIUM_TONES[PremiumState(row.state)]
    return Word(tone, str(PremiumState(row.state).label), icon)


def finding_words(row: Any) -> str:
    """What the check found, as one text."""
    return " ".join(row.findings)


@register
class PremiumLineList(ListSpec):
    """People of the monthly lists of premiums in the user's area."""

    key = "premium_lines"
    title = gettext_lazy("Peserta dalam daftar premi")
    model = PremiumLine
    filterset_class = PremiumLineFilter
    default_sort = "name"
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("Belum ada peserta dalam daftar premi.")
    empty_hint = gettext_lazy("Buka daftar bulan ini, lalu tambah calon.")
    columns = (
        name_column("person"),
        Column("nik", gettext_lazy("NIK"), value="person.nik_masked", kind="masked", priority=3),
        Column("month", gettext_lazy("Bulan"), value="round.month", kind="date", priority=3),
        Column("village", gettext_lazy("Desa/Kelurahan"), value=village_name, sort="area_code"),
        Column("change", gettext_lazy("Perubahan"), value="get_change_display", sort="change"),
        Column("state", gettext_lazy("Status"), value=premium_word, kind="status", sort="state"),
        Column("findings", gettext_lazy("Temuan"), value=finding_words, priority=3),
        Column("reason", gettext_lazy("Jawaban"), value="answer_reason", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Lines with person and month."""
        return PremiumLine.objects.visible_to(user).select_related(
            "person__village", "round__plan__version"
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "person")

    def row_url(self, row: Any) -> str:
        return str(row.get_absolute_url())


def payer_end_url(row: Any) -> str:
    """Where the end of another payer is recorded; "" for our own and for what is over."""
    if row.plan_id or row.until_month:
        return ""
    return reverse("programs:premium_payer_end", args=[row.pk])


@register
class PremiumCoverList(ListSpec):
    """Who pays whose premium, in the user's area."""

    key = "premium_covers"
    title = gettext_lazy("Penanggung premi")
    model = PremiumCover
    filterset_class = PremiumCoverFilter
    default_sort = "name"
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("Belum ada penanggung premi tercatat.")
    empty_hint = gettext_lazy("Kabupaten/kota mencatat siapa yang preminya dibayar pihak lain.")
    columns = (
        name_column("person"),
        Column("nik", gettext_lazy("NIK"), value="person.nik_masked", kind="masked", priority=3),
        Column("insurance", gettext_lazy("Jaminan"), value="get_insurance_display"),
        Column("payer", gettext_lazy("Penanggung"), value="payer_name", sort="payer_name"),
        Column("from_month", gettext_lazy("Sejak bulan"), kind="date", sort="from_month"),
        Column("until_month", gettext_lazy("Bulan terakhir"), kind="date", sort="until_month"),
        Column(
            "end",
            gettext_lazy("Tindakan"),
            value=lambda row: _("Akhiri") if payer_end_url(row) else "",
            href=payer_end_url,
            export=False,
        ),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Covers that were ever paid."""
        rows = PremiumCover.objects.visible_to(user).filter(is_void=False)
        return rows.select_related("person")

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "person")

    def row_url(self, row: Any) -> str:
        return str(row.person.get_absolute_url())


def helped_word(row: Any) -> Word:
    """Whether a programme of the year reached a family."""
    return Word("baik", _("Terjangkau")) if row.is_helped else Word("menunggu", _("Belum"))


@register
class PoorFamilyList(ListSpec):
    """Families of desil 1-4 in the user's area, reached or not."""

    key = "poor_families"
    title = gettext_lazy("Keluarga desil 1-4")
    model = Family
    filterset_class = PoorFamilyFilter
    default_sort = "place"
    empty_title = gettext_lazy("Tidak ada keluarga desil 1-4 di sini.")
    empty_hint = gettext_lazy("Muat potret DTSEN yang meliputi wilayah Anda.")
    columns = (
        Column("head", gettext_lazy("Kepala keluarga"), value="head_name", kind="link", priority=1),
        Column("kk", gettext_lazy("Nomor KK"), value="kk_masked", kind="masked", priority=3),
        Column("place", gettext_lazy("Desa/Kelurahan"), value=village_of, sort="area_code"),
        Column("desil", gettext_lazy("Desil"), kind="number", sort="desil"),
        Column("helped", gettext_lazy("Program"), value=helped_word, kind="status"),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """With their desil of the newest DTSEN."""
        return poor_families(user).select_related("village")

    def row_url(self, row: Any) -> str:
        return str(row.get_absolute_url())


@register
class OverlapList(ListSpec):
    """People whom two programmes reached."""

    key = "overlap_people"
    title = gettext_lazy("Orang dalam dua program")
    model = Person
    filterset_class = OverlapFilter
    default_sort = "name"
    empty_title = gettext_lazy("Pilih satu atau dua program.")
    columns = (
        Column("name", gettext_lazy("Nama"), sort="name", priority=1, kind="link"),
        Column("nik", gettext_lazy("NIK"), value="nik_masked", kind="masked", priority=3),
        Column("place", gettext_lazy("Desa/Kelurahan"), value=village_of, sort="area_code"),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """People of the area."""
        return Person.objects.visible_to(user).select_related("village")

    def row_url(self, row: Any) -> str:
        return str(row.get_absolute_url())


@register
class FamilyOverlapList(ListSpec):
    """Families of which two programmes reached somebody."""

    key = "overlap_families"
    title = gettext_lazy("Keluarga dalam dua program")
    model = Family
    filterset_class = FamilyOverlapFilter
    default_sort = "place"
    empty_title = gettext_lazy("Pilih satu atau dua program.")
    columns = (
        Column("head", gettext_lazy("Kepala keluarga"), value="head_name", kind="link", priority=1),
        Column("kk", gettext_lazy("Nomor KK"), value="kk_masked", kind="masked", priority=3),
        Column("place", gettext_lazy("Desa/Kelurahan"), value=village_of, sort="area_code"),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Families of the area."""
        return Family.objects.visible_to(user).select_related("village")

    def row_url(self, row: Any) -> str:
        return str(row.get_absolute_url())


class ConflictList(ListSpec):
    """People of a version whom other help shuts out; made for it, so it is not exported alone."""

    key = "conflicts"
    title = gettext_lazy("Tertahan karena bantuan lain")
    model = Enrolment
    default_sort = "name"
    exportable = False
    empty_title = gettext_lazy("Tidak ada yang tertahan karena bantuan lain.")

    def __init__(
        self, version: ProgrammeVersion, ids: Sequence[int], *, today: date | None = None
    ) -> None:
        self.version, self.ids, self.today = version, list(ids), today
        self.known: dict[int, list[Conflict]] | None = None
        self.columns = (
            name_column("person"),
            Column("village", gettext_lazy("Desa/Kelurahan"), value=village_name, priority=3),
            Column("state", gettext_lazy("Status"), value=enrolment_word, kind="status"),
            Column("why", gettext_lazy("Penjelasan"), value=self.words, priority=2),
            Column(
                "other",
                gettext_lazy("Bantuan lain"),
                value=self.other_name,
                href=self.other_url,
                priority=2,
            ),
        )

    def conflicts(self, row: Any) -> list[Conflict]:
        """What shuts one of them out; read once for all."""
        if self.known is None:
            asked = Enrolment.objects.filter(pk__in=self.ids)
            self.known = conflicts_for(
                asked.values_list("pk", "person_id", "payee_id"),
                version=self.version,
                today=self.today or timezone.localdate(),
            )
        return self.known.get(row.pk, [])

    def words(self, row: Any) -> str:
        """The sentences of one of them."""
        return " ".join(conflict.words for conflict in self.conflicts(row))

    def _other(self, row: Any) -> Conflict | None:
        found = self.conflicts(row)
        return next((conflict for conflict in found if conflict.enrolment_id), None) or (
            found[0] if found else None
        )

    def other_name(self, row: Any) -> str:
        """The other programme or list."""
        found = self._other(row)
        return found.name if found else ""

    def other_url(self, row: Any) -> str:
        """The enrolment there, when it is one of ours."""
        found = self._other(row)
        pk = found.enrolment_id if found else None
        return reverse("programs:proposal", args=[pk]) if pk else ""

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Those of them whom the user may see."""
        rows = Enrolment.objects.visible_to(user).filter(pk__in=self.ids)
        return rows.select_related("person__village__parent", "version__programme")

    def row_url(self, row: Any) -> str:
        """The proposal's page."""
        return reverse("programs:proposal", args=[row.pk])

"""Lists of groups with their members, of institutions, and of government treasuries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.dates import day_of
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from bansos.regions.queries import name_of
from beneficiaries.choices import Grade, GroupRole, GroupState, InstitutionKind, RowVerdict
from beneficiaries.models import (
    GovernmentPayee,
    Group,
    GroupMember,
    ImportBatch,
    ImportRow,
    Institution,
)
from beneficiaries.rules.groups import same_business
from beneficiaries.services.groups import add_member, form_group
from beneficiaries.services.imports.columns import people_columns
from beneficiaries.services.imports.outcomes import REFUSED, act_on_each, day_in, read_choice
from beneficiaries.services.imports.purposes import ImportPurpose, RowCheck
from beneficiaries.services.payees import (
    InstitutionValues,
    accredit,
    register_government,
    register_institution,
)

CAUSES = {
    REFUSED: gettext_lazy("Ditolak aturan penerimanya"),
    "pilihan_tidak_dikenal": gettext_lazy("Pilihan tidak dikenal"),
    "usaha_beda": gettext_lazy("Jenis usaha berbeda dalam satu kelompok"),
    "desa_beda": gettext_lazy("Desa berbeda dalam satu kelompok"),
    "kelompok_lain": gettext_lazy("Masih anggota kelompok lain"),
    "lembaga_tidak_dikenal": gettext_lazy("Lembaga tidak dikenal"),
    "sudah_tercatat": gettext_lazy("Sudah tercatat"),
}
PLACES = ("village", "district", "regency", "region_code")


def describe(batch: ImportBatch) -> str:
    """Where the list is from."""
    return name_of(batch.area_code)


# Groups: one row per member.


def group_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """A person, the name of the group, its business, the office."""
    person = people_columns(
        *("no", "nik", "name", "kk", "birth_place", "birth_date", "sex", "address"), *PLACES
    )
    return (
        *person,
        ExpectedColumn("group", "NAMA KELOMPOK", ("NAMA KUBE", "KELOMPOK", "KUBE"), required=True),
        ExpectedColumn("business", "JENIS USAHA", ("USAHA",), required=True),
        ExpectedColumn("role", "JABATAN", ("TUGAS", "KEDUDUKAN"), kind=ColumnKind.CHOICE),
    )


def _group_key(check: RowCheck) -> str:
    return " ".join(str(check.values.get("group", "")).upper().split())


def check_groups(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """One village and one business per group; nobody of another live group."""
    first: dict[str, RowCheck] = {}
    live = _live_groups(checks)
    for check in checks:
        role = read_choice(check, "role", dict(GroupRole.choices))
        check.values["role"] = role or GroupRole.MEMBER.value
        key = _group_key(check)
        _compare(check, first.setdefault(key, check))
        other = live.get(check.row.person_id or 0)
        if other is None:
            check.verdict = RowVerdict.NEW
        elif other != key:
            sentence = _("Ia masih anggota kelompok lain yang hidup.")
            check.problem("group", "kelompok_lain", sentence)


def _live_groups(checks: list[RowCheck]) -> dict[int, str]:
    people = [check.row.person_id for check in checks if check.row.person_id]
    rows = GroupMember.objects.filter(person__in=people, left_on=None)
    names = rows.values_list("person_id", Upper("group__payee__name"))
    return {person: " ".join(name.split()) for person, name in names}


def _compare(check: RowCheck, first: RowCheck) -> None:
    said, theirs = check.values.get("business", ""), first.values.get("business", "")
    if said and theirs and not same_business(said, theirs):
        sentence = _("Kelompok ini tercatat dengan usaha %(business)s.") % {"business": theirs}
        check.problem("business", "usaha_beda", sentence)
    if check.values.get("area_code") != first.values.get("area_code"):
        sentence = _("Anggota lain kelompok ini tinggal di desa lain. Satu kelompok satu desa.")
        check.problem("village", "desa_beda", sentence)


def accept_groups(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Find or form the group, then let the person join; a refused row stays behind."""

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        if row.person is None:
            return
        group = _group_of(data, by, at)
        add_member(
            group=group,
            person=row.person,
            joined_on=day_of(at),
            role=GroupRole(data["role"]),
            business_kind=data["business"],
            by=by,
            at=at,
        )

    act_on_each(rows, act)


def _group_of(data: dict[str, Any], by: User, at: datetime) -> Group:
    """A live group of the regency with this name; formed in the person's village if there is none.

    A name that stands in another village of the regency is the same group: the member of another
    village is then refused and not put into a second group of one name.
    """
    name = " ".join(data["group"].split())[:150]
    live = Group.objects.annotate(upper=Upper("payee__name")).exclude(state=GroupState.DISSOLVED)
    found = live.filter(upper=name.upper(), payee__area_code__startswith=data["area_code"][:5])
    group: Group | None = found.select_related("payee").order_by("pk").first()
    if group is not None:
        return group
    return form_group(
        name=name,
        village_id=data["village_id"] or data["area_code"],
        business_kind=data["business"],
        formed_on=day_of(at),
        by=by,
        at=at,
    )


GROUPS = ImportPurpose(
    key="beneficiaries.groups",
    title=gettext_lazy("Kelompok (KUBE) dan anggotanya"),
    hint=gettext_lazy("Satu baris satu anggota; kelompok yang belum ada dibentuk."),
    permission=Permission.PAYEE_EDIT,
    columns=group_columns,
    check=check_groups,
    accept=accept_groups,
    describe=describe,
    done_url=lambda batch: reverse("beneficiaries:groups"),
    template_choices={
        "role": [str(label) for _code, label in GroupRole.choices],
        "sex": ("L", "P"),
    },
    instructions=(
        gettext_lazy("Tulis nama kelompok dan jenis usaha sama di semua baris anggotanya."),
        gettext_lazy("Jabatan: Ketua, Sekretaris, Bendahara kelompok, atau Anggota."),
    ),
    causes=CAUSES,
)

# Institutions: one row per house, with its certificate when there is one.


def institution_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """A house, where it stands, its certificate."""
    return (
        *people_columns("no"),
        ExpectedColumn("name", "NAMA LEMBAGA", ("LEMBAGA", "NAMA LKS", "NAMA"), required=True),
        ExpectedColumn("kind", "JENIS LEMBAGA", ("JENIS",), True, ColumnKind.CHOICE),
        *people_columns("address", *PLACES),
        ExpectedColumn("registration_number", "NOMOR TANDA DAFTAR", ("TANDA DAFTAR",)),
        ExpectedColumn("head_name", "NAMA KEPALA", ("KEPALA", "KETUA", "PIMPINAN")),
        ExpectedColumn("capacity", "DAYA TAMPUNG", ("KAPASITAS",), kind=ColumnKind.NUMBER),
        ExpectedColumn("grade", "AKREDITASI", ("PERINGKAT",), kind=ColumnKind.CHOICE),
        ExpectedColumn("certificate", "NOMOR SERTIFIKAT", ("SERTIFIKAT",)),
        ExpectedColumn("granted_on", "TANGGAL SERTIFIKAT", (), kind=ColumnKind.DATE),
    )


def check_institutions(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """Kind, capacity and certificate can be read; a house that is there already is the same."""
    names = [str(check.values.get("name", "")).upper() for check in checks]
    rows = Institution.objects.annotate(upper=Upper("payee__name")).filter(upper__in=names)
    known = set(rows.values_list("upper", "payee__area_code"))
    for check in checks:
        values = check.values
        values["kind"] = read_choice(check, "kind", dict(InstitutionKind.choices))
        grades = {code: code for code in ("A", "B", "C")}
        values["grade"] = read_choice(check, "grade", grades) or ""
        capacity = str(values.get("capacity", "")).strip()
        if capacity and not capacity.isdigit():
            check.problem("capacity", "pilihan_tidak_dikenal", _("Daya tampung harus angka."))
        if values["grade"] and not (values.get("certificate") and values.get("granted_on")):
            sentence = _("Isi nomor dan tanggal sertifikat akreditasinya.")
            check.problem("grade", "belum_diisi", sentence)
        if (str(values.get("name", "")).upper(), values.get("area_code")) in known:
            check.verdict = RowVerdict.SAME


def accept_institutions(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Register each house and its certificate."""

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        house = register_institution(
            values=InstitutionValues(
                name=data["name"],
                kind=InstitutionKind(data["kind"]),
                village_id=data["village_id"] or data["area_code"],
                address=data.get("address", ""),
                registration_number=data.get("registration_number", ""),
                head_name=data.get("head_name", ""),
                capacity=int(data["capacity"]) if data.get("capacity") else None,
            ),
            by=by,
            at=at,
        )
        granted_on = day_in(data, "granted_on")
        if data["grade"] and granted_on:
            accredit(
                institution=house,
                grade=Grade(data["grade"]),
                certificate_number=data["certificate"],
                granted_on=granted_on,
                by=by,
                at=at,
            )

    act_on_each(rows, act)


INSTITUTIONS = ImportPurpose(
    key="beneficiaries.institutions",
    title=gettext_lazy("Lembaga dan akreditasinya"),
    hint=gettext_lazy("LKSA, LKS-LU, UPT, dan panti, satu baris satu lembaga."),
    permission=Permission.PAYEE_EDIT,
    columns=institution_columns,
    check=check_institutions,
    accept=accept_institutions,
    describe=describe,
    done_url=lambda batch: reverse("beneficiaries:institutions"),
    about_people=False,
    about_places=True,
    template_choices={"kind": ("LKSA", "LKS-LU", "UPT", "Panti sosial"), "grade": ("A", "B", "C")},
    causes=CAUSES,
)

# Government treasuries: one row per village or regency.


def government_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """A government by its code, its treasurer."""
    return (
        *people_columns("no"),
        ExpectedColumn(
            "region_code", "KODE WILAYAH", ("KODE DESA", "KODE"), True, ColumnKind.DIGITS
        ),
        ExpectedColumn("name", "NAMA PEMERINTAH", ("NAMA DESA", "NAMA"), required=True),
        ExpectedColumn("treasurer", "NAMA BENDAHARA", ("BENDAHARA",), required=True),
        ExpectedColumn("address", "ALAMAT KANTOR", ("ALAMAT",)),
    )


def dotted(digits: str) -> str:
    """A Kemendagri code with its dots: "3519012001" and "35.19.01.2001" are the same."""
    plain = "".join(sign for sign in digits if sign.isdigit())
    parts = [plain[:2], plain[2:4], plain[4:6], plain[6:10]]
    return ".".join(part for part in parts if part)


def check_governments(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """The code lies in the area of the list; a treasury that is there already is the same."""
    codes = {dotted(str(check.values.get("region_code", ""))) for check in checks}
    known = set(
        GovernmentPayee.objects.filter(region__in=codes).values_list("region_id", flat=True)
    )
    for check in checks:
        code = dotted(str(check.values.get("region_code", "")))
        check.values["region_code"] = code
        if code and not code.startswith(batch.area_code):
            sentence = _("Kode ini di luar wilayah daftar.")
            check.problem("region_code", "wilayah_lain_berkas", sentence)
        if code in known:
            check.verdict = RowVerdict.SAME


def accept_governments(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Register each treasury."""

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        register_government(
            region_code=data["region_code"],
            name=data["name"],
            treasurer_name=data["treasurer"],
            address=data.get("address", ""),
            by=by,
            at=at,
        )

    act_on_each(rows, act)


GOVERNMENTS = ImportPurpose(
    key="beneficiaries.governments",
    title=gettext_lazy("Kas pemerintah"),
    hint=gettext_lazy("Desa atau kabupaten/kota penerima bantuan keuangan."),
    permission=Permission.PAYEE_EDIT,
    columns=government_columns,
    check=check_governments,
    accept=accept_governments,
    describe=describe,
    done_url=lambda batch: reverse("beneficiaries:governments"),
    about_people=False,
    causes=CAUSES,
)

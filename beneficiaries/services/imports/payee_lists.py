"""Lists of institutions and of government treasuries: one row per payee, with its account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.crypto import blind_index
from bansos.lib.dates import day_of
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from bansos.regions.choices import Level
from bansos.regions.models import Region
from bansos.regions.queries import name_of
from beneficiaries.choices import Grade, InstitutionKind, RowVerdict
from beneficiaries.models import Accreditation, GovernmentPayee, ImportBatch, ImportRow, Institution
from beneficiaries.services.imports.checking import bank_code_of
from beneficiaries.services.imports.columns import people_columns
from beneficiaries.services.imports.outcomes import (
    PLACES,
    REFUSED,
    act_on_each,
    day_in,
    read_choice,
    refuse_twins,
    village_of,
)
from beneficiaries.services.imports.payee_accounts import (
    fault_of,
    held_by,
    open_accounts,
    payee_columns,
    read_bank,
    record_account,
)
from beneficiaries.services.imports.purposes import ImportPurpose, RowCheck
from beneficiaries.services.imports.regions import dotted
from beneficiaries.services.payees import (
    InstitutionValues,
    accredit,
    change_institution,
    change_treasurer,
    register_government,
    register_institution,
)

CAUSES = {
    REFUSED: gettext_lazy("Ditolak aturan penerimanya"),
    "pilihan_tidak_dikenal": gettext_lazy("Pilihan tidak dikenal"),
    "lembaga_tidak_dikenal": gettext_lazy("Lembaga tidak dikenal"),
    "sudah_tercatat": gettext_lazy("Sudah tercatat"),
    "tanggal_masa_depan": gettext_lazy("Tanggal di masa depan"),
    "rekening_bersama": gettext_lazy("Rekening milik penerima lain"),
    "rekening_beda": gettext_lazy("Nomor rekening berbeda dalam satu kelompok"),
    "kode_bank": gettext_lazy("Kode bank tidak sah"),
    "kode_tidak_dikenal": gettext_lazy("Kode wilayah tidak dikenal"),
    "kas_ditutup": gettext_lazy("Kas sudah ditutup"),
}
MOST_PLACES = 100_000


def describe(batch: ImportBatch) -> str:
    """Where the list is from."""
    return name_of(batch.area_code)


def check_payee_accounts(
    batch: ImportBatch, checks: list[RowCheck], known: Callable[[RowCheck], int | None]
) -> None:
    """A sound number nobody else holds; another one than the payee's own is a change."""
    said = [check for check in checks if check.values.get("payee_account")]
    held = held_by(check.values["payee_account"] for check in said)
    own = open_accounts([payee for check in said if (payee := known(check))])
    seen: dict[str, str] = {}
    bank = bank_code_of(batch)
    for check in said:
        read_bank(check, bank)
        payee, number = known(check), check.values["payee_account"]
        index = blind_index(number, "account")
        fault = fault_of(number, payee, held)
        if fault is None and seen.setdefault(index, check.row.key_index) != check.row.key_index:
            fault = "rekening_bersama", _("Nomor rekening ini juga dipakai baris lain berkas ini.")
        if fault:
            check.problem("payee_account", *fault)
        elif check.verdict == RowVerdict.SAME and index not in own.get(payee or 0, set()):
            check.verdict = RowVerdict.CHANGED


# Institutions: one row per house, with its certificate when there is one.


def institution_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """A house, where it stands, its certificate, its account."""
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
        *payee_columns("NO REKENING LEMBAGA", ("REKENING LEMBAGA", "NO REKENING")),
    )


def house_key(values: dict[str, Any]) -> str:
    """The name in its village."""
    name = _house_name(values)
    return f"{values.get('area_code', '')}|{name}" if name else ""


def _house_name(values: dict[str, Any]) -> str:
    return " ".join(str(values.get("name", "")).upper().split())


def _houses(checks: Sequence[RowCheck]) -> dict[tuple[str, str], Institution]:
    names = {_house_name(check.values) for check in checks}
    rows = Institution.objects.annotate(upper=Upper("payee__name"))
    rows = rows.filter(upper__in=names, payee__closed_on=None).select_related("payee")
    return {(row.upper, row.payee.area_code): row for row in rows}


def check_institutions(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """Kind, capacity and certificate can be read; a house that is there is the same or changed."""
    refuse_twins(batch, checks, "name")
    houses = _houses(checks)

    def known(check: RowCheck) -> Institution | None:
        return houses.get((_house_name(check.values), str(check.values.get("area_code"))))

    for check in checks:
        village_of(check)
        check.values["kind"] = read_choice(check, "kind", dict(InstitutionKind.choices))
        _check_capacity(check)
        _check_certificate(check, day_of(batch.created_at))
        house = known(check)
        if house is not None and not check.problems:
            changed = _house_differs(house, check.values) or _is_new(house, check.values)
            check.verdict = RowVerdict.CHANGED if changed else RowVerdict.SAME
    check_payee_accounts(batch, checks, lambda check: getattr(known(check), "pk", None))


def _check_capacity(check: RowCheck) -> None:
    text = str(check.values.get("capacity") or "").strip()
    if text and not (text.isdigit() and 0 < int(text) <= MOST_PLACES):
        sentence = _("Daya tampung harus angka antara 1 dan 100.000.")
        check.problem("capacity", "pilihan_tidak_dikenal", sentence)


def _check_certificate(check: RowCheck, today: date) -> None:
    values = check.values
    values["grade"] = read_choice(check, "grade", {code: code for code in ("A", "B", "C")}) or ""
    granted_on = day_in(values, "granted_on")
    if values["grade"] and not (values.get("certificate") and granted_on):
        sentence = _("Isi nomor dan tanggal sertifikat akreditasinya.")
        check.problem("grade", "belum_diisi", sentence)
    if granted_on and granted_on > today:
        sentence = _("Tanggal sertifikat tidak boleh di masa depan.")
        check.problem("granted_on", "tanggal_masa_depan", sentence)


def _house_values(values: dict[str, Any], house: Institution | None) -> InstitutionValues:
    """The house as the row says it; what the row leaves out stays as it is registered."""
    old = house.payee if house else None
    return InstitutionValues(
        name=old.name if old else values["name"],
        kind=InstitutionKind(values["kind"]),
        village_id=values["village_id"],
        address=values.get("address") or (old.address if old else ""),
        registration_number=values.get("registration_number")
        or (house.registration_number if house else ""),
        head_name=values.get("head_name") or (house.head_name if house else ""),
        capacity=int(values["capacity"])
        if values.get("capacity")
        else (house.capacity if house else None),
    )


def _house_differs(house: Institution, values: dict[str, Any]) -> bool:
    said = _house_values(values, house)
    registered = InstitutionValues(
        name=house.payee.name,
        kind=InstitutionKind(house.kind),
        village_id=house.payee.area_code,
        address=house.payee.address,
        registration_number=house.registration_number,
        head_name=house.head_name,
        capacity=house.capacity,
    )
    return said != registered


def _is_new(house: Institution, values: dict[str, Any]) -> bool:
    """The row has a certificate that is not registered yet."""
    if not values["grade"]:
        return False
    rows = Accreditation.objects.filter(
        institution=house,
        grade=values["grade"],
        certificate_number=str(values["certificate"]).strip(),
        valid_from=day_in(values, "granted_on"),
    )
    return not rows.exists()


def accept_institutions(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Register or correct each house, its certificate and its account."""

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        found = _houses([RowCheck(row=row, values=data)])
        house = found.get((_house_name(data), data["area_code"]))
        said = _house_values(data, house)
        if house is None:
            house = register_institution(values=said, by=by, at=at)
        else:
            house = change_institution(institution=house, values=said, by=by, at=at)
        granted_on = day_in(data, "granted_on")
        if granted_on and _is_new(house, data):
            accredit(
                institution=house,
                grade=Grade(data["grade"]),
                certificate_number=data["certificate"],
                granted_on=granted_on,
                by=by,
                at=at,
            )
        record_account(house.payee, data, by, at)

    act_on_each(rows, act)


INSTITUTIONS = ImportPurpose(
    key="beneficiaries.institutions",
    title=gettext_lazy("Lembaga dan akreditasinya"),
    hint=gettext_lazy("LKSA, LKS-LU, UPT, dan panti, satu baris satu lembaga."),
    permission=Permission.PAYEE_EDIT,
    columns=institution_columns,
    keyed=house_key,
    check=check_institutions,
    accept=accept_institutions,
    describe=describe,
    done_url=lambda batch: reverse("beneficiaries:institutions"),
    about_people=False,
    about_places=True,
    template_choices={"kind": ("LKSA", "LKS-LU", "UPT", "Panti sosial"), "grade": ("A", "B", "C")},
    instructions=(
        gettext_lazy(
            "Akreditasi, nomor, dan tanggal sertifikat diisi bersama; masa berlakunya dihitung."
        ),
        gettext_lazy("Lembaga yang sudah tercatat dibetulkan; sel kosong tidak mengubah apa pun."),
    ),
    causes=CAUSES,
)

# Government treasuries: one row per village or regency.


def government_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """A government by its code, its treasurer, the account of its treasury."""
    return (
        *people_columns("no"),
        ExpectedColumn(
            "region_code", "KODE WILAYAH", ("KODE DESA", "KODE"), True, ColumnKind.DIGITS
        ),
        ExpectedColumn("name", "NAMA PEMERINTAH", ("NAMA DESA", "NAMA"), required=True),
        ExpectedColumn("treasurer", "NAMA BENDAHARA", ("BENDAHARA",), required=True),
        ExpectedColumn("address", "ALAMAT KANTOR", ("ALAMAT",)),
        *payee_columns("NO REKENING KAS", ("REKENING KAS", "NO REKENING")),
    )


def treasury_key(values: dict[str, Any]) -> str:
    """The government's code; two spellings of it are one."""
    return dotted(str(values.get("region_code", "")))


def _treasuries(codes: set[str]) -> dict[str, GovernmentPayee]:
    rows = GovernmentPayee.objects.filter(region__in=codes).select_related("payee")
    return {row.region_id: row for row in rows}


def check_governments(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """A village or regency of the list's area, once; a treasury that is there may change."""
    refuse_twins(batch, checks, "region_code")
    codes = {treasury_key(check.values) for check in checks}
    levels = (Level.REGENCY, Level.VILLAGE)
    regions = Region.objects.filter(pk__in=codes, level__in=levels)
    existing = set(regions.values_list("pk", flat=True))
    known = _treasuries(codes)
    for check in checks:
        code = check.values["region_code"] = treasury_key(check.values)
        fault = _fault_of_code(code, batch.area_code, existing, known.get(code))
        if fault:
            check.problem("region_code", *fault)
        elif code in known:
            said = str(check.values.get("treasurer", "")).strip()[:150]
            same = said == known[code].treasurer_name
            check.verdict = RowVerdict.SAME if same else RowVerdict.CHANGED
    check_payee_accounts(
        batch,
        checks,
        lambda check: row.pk if (row := known.get(check.values["region_code"])) else None,
    )


def _fault_of_code(
    code: str, area_code: str, existing: set[str], known: GovernmentPayee | None
) -> tuple[str, str] | None:
    if code and not code.startswith(area_code):
        return "wilayah_lain_berkas", _("Kode ini di luar wilayah daftar.")
    if code and code not in existing:
        return (
            "kode_tidak_dikenal",
            _("Kode ini bukan kabupaten/kota atau desa yang dikenal. Pakai kode Kemendagri."),
        )
    if known is not None and known.payee.closed_on is not None:
        return "kas_ditutup", _("Kas pemerintah ini sudah ditutup.")
    return None


def accept_governments(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Register each treasury, or change its treasurer; record its account."""

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        code = data["region_code"]
        treasury = _treasuries({code}).get(code)
        if treasury is None:
            treasury = register_government(
                region_code=code,
                name=data["name"],
                treasurer_name=data["treasurer"],
                address=data.get("address", ""),
                by=by,
                at=at,
            )
        elif treasury.treasurer_name != data["treasurer"].strip()[:150]:
            change_treasurer(government=treasury, treasurer_name=data["treasurer"], by=by, at=at)
        record_account(treasury.payee, data, by, at)

    act_on_each(rows, act)


GOVERNMENTS = ImportPurpose(
    key="beneficiaries.governments",
    title=gettext_lazy("Kas pemerintah"),
    hint=gettext_lazy("Desa atau kabupaten/kota penerima bantuan keuangan."),
    permission=Permission.PAYEE_EDIT,
    columns=government_columns,
    keyed=treasury_key,
    check=check_governments,
    accept=accept_governments,
    describe=describe,
    done_url=lambda batch: reverse("beneficiaries:governments"),
    about_people=False,
    instructions=(gettext_lazy("Kas yang sudah tercatat: bendahara dan rekeningnya diganti."),),
    causes=CAUSES,
)

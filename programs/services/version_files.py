"""A version out to one YAML file, and in from one as a draft: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.db import transaction

from bansos.accounts.models import Agency, User
from bansos.audit import services as audit
from bansos.lib.money import number as in_words
from programs.choices import BenefitKind, PayeeKind
from programs.models import Programme, ProgrammeVersion, Quota
from programs.rules import CRITERIA
from programs.rules.version_file import FIELDS, FORMAT, Document, FileProblem, Place, dump, read
from programs.rules.versions import MOST_PLACES
from programs.services.catalogue import (
    LIFE_FIELDS,
    ProgrammeValues,
    VersionValues,
    check_right,
    save_programme,
    save_stage,
    save_version,
    set_quota,
)
from programs.services.life_rules import LifeValues, save_life_rules
from programs.services.version_lines import place_of_life, place_of_version, told_at, wrong

YEARS = range(2020, 2101)
MOST_DIGITS = 18
# What each field is when nothing is said, and so what kind of thing it is.
EMPTY = ProgrammeVersion()


def document_of(version: ProgrammeVersion) -> dict[str, Any]:
    """Everything a version says as plain data; what is empty is left out."""
    programme = version.programme
    document: dict[str, Any] = {
        "format": FORMAT,
        "program": {"kode": programme.code, "nama": programme.name, "tujuan": programme.purpose},
        "tahun": version.year,
    }
    for key, (name, _shape) in FIELDS.items():
        value = getattr(version, name)
        if value not in (None, "", [], {}):
            document[key] = _plain(value)
    stages = [
        {"nama": row.name, "tanggal": row.stage_date.isoformat()}
        | ({"jumlah": _plain(row.amount)} if row.amount is not None else {})
        for row in version.stages.order_by("number")
    ]
    if stages:
        document["tahap"] = stages
    quotas = Quota.objects.filter(version=version).order_by("area_code")
    if places := dict(quotas.values_list("area_code", "places")):
        document["kuota_wilayah"] = places
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else f"{value:.2f}"
    # A choice is a text of its own kind until it was read from the database.
    return str(value) if isinstance(value, str) else value


def export_version(version: ProgrammeVersion) -> bytes:
    """The YAML file of a version."""
    return dump(document_of(version)).encode()


def _money(document: Document, *place: str | int) -> Decimal | None:
    value: Any = document
    for part in place:
        value = value.get(part) if isinstance(part, str) else value[part]
    if value is None:
        return None
    key, line = place[-1], document.line_of(*place)
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise wrong(f"Isian {key} bukan jumlah rupiah.", line=line) from error
    if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** (MOST_DIGITS - 2):
        raise wrong(f"Isian {key} bukan jumlah rupiah.", line=line)
    if amount != amount.quantize(Decimal("0.01")):
        raise wrong(f"Isian {key} lebih teliti dari sen.", line=line)
    return amount


def _day(value: Any, line: int) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise wrong("Tanggal tahap harus seperti 2026-03-15.", line=line) from error


def fields_of(document: Document) -> dict[str, Any]:
    """What a file says of a version, by field; amounts as Decimal.

    Raises BadInput with one sentence and its line for what no field may hold.
    """
    found: dict[str, Any] = {}
    for key, (name, shape) in FIELDS.items():
        if key in document:
            found[name] = _money(document, key) if shape.kind == "money" else document[key]
    for key, name, kinds in (
        ("penerima", "payee_kind", PayeeKind),
        ("bentuk_bantuan", "benefit_kind", BenefitKind),
    ):
        if found[name] not in kinds.values:
            sentence = f"Isian {key} tidak dikenal: {found[name]}."
            raise wrong(sentence, line=document.line_of(key))
    if document["tahun"] not in YEARS:
        sentence = "Isian tahun harus antara 2020 dan 2100."
        raise wrong(sentence, line=document.line_of("tahun"))
    _check_types(document, found)
    _check_numbers(document, found)
    _check_lengths(document, found)
    _check_params(document, found.get("criteria", []), ("kriteria",))
    return found


def _check_numbers(document: Document, found: dict[str, Any]) -> None:
    for key, lowest in (("kuota_program", 0), ("target_wilayah", 1)):
        value = found.get(FIELDS[key][0])
        if value is not None and not lowest <= value <= MOST_PLACES:
            sentence = f"Isian {key} harus angka {lowest} sampai {in_words(MOST_PLACES)}."
            raise wrong(sentence, line=document.line_of(key))


def _check_params(document: Document, criteria: list[Any], above: Place) -> None:
    """Settings that a kind of criterion does not have would be kept and never read."""
    for number, row in enumerate(criteria):
        place = (*above, number)
        _check_params(document, row.get("items") or [], (*place, "items"))
        kind, params = CRITERIA.get(str(row.get("code"))), row.get("params") or {}
        if not isinstance(params, dict):
            sentence = f"Isian params pada kriteria {row.get('code')} harus daftar kunci."
            raise wrong(sentence, line=document.line_of(*place, "params"))
        known = {param.name for param in kind.params} if kind else set(params)
        strange = sorted(str(name) for name in params if name not in known)
        if strange:
            sentence = f"Kunci {strange[0]} pada kriteria {row['code']} tidak dikenal."
            raise wrong(sentence, line=document.line_of(*place, "params", strange[0]))


def _check_types(document: Document, found: dict[str, Any]) -> None:
    """What its own rules would stumble over before they could refuse it."""
    for key, (name, _shape) in FIELDS.items():
        wanted = type(getattr(EMPTY, name))
        if name in found and wanted in (list, dict) and not isinstance(found[name], wanted):
            sentence = f"Isian {key} tidak tersusun seperti seharusnya."
            raise wrong(sentence, line=document.line_of(key))


def _check_lengths(document: Document, found: dict[str, Any]) -> None:
    for key, (name, _shape) in FIELDS.items():
        most = getattr(ProgrammeVersion._meta.get_field(name), "max_length", None)
        if most and len(str(found.get(name, ""))) > most:
            sentence = f"Isian {key} lebih panjang dari {most} huruf."
            raise wrong(sentence, line=document.line_of(key))


def _programme(document: Document, agency: Agency, *, by: User, at: datetime) -> Programme:
    """The programme the file names; one that is not there yet is added."""
    about = document["program"]
    code = str(about.get("kode", "")).strip().upper()
    name = str(about.get("nama", "")).strip()
    known = Programme.objects.filter(area_code=agency.area_code, code=code).first()
    if known is not None:
        return known
    if not code or not name or len(code) > 20 or len(name) > 120:
        sentence = "Program harus punya kode sampai 20 huruf dan nama sampai 120 huruf."
        raise wrong(sentence, line=document.line_of("program"))
    values = ProgrammeValues(code=code, name=name, purpose=str(about.get("tujuan", "")))
    return save_programme(programme=None, agency=agency, values=values, by=by, at=at)


@transaction.atomic
def import_version(
    *, data: bytes, agency: Agency, by: User, at: datetime, coming: Collection[str] = ()
) -> ProgrammeVersion:
    """A draft from a YAML file, with stages and quotas; never over a version that is there.

    `coming`: codes of programmes in the other files of the same import. Raises BadInput with one
    sentence for what is wrong, then nothing is stored.
    """
    check_right(by, agency.area_code)
    try:
        document = read(data)
    except FileProblem as problem:
        raise wrong(str(problem)) from problem
    found = fields_of(document)
    life = {name: found.pop(name) for name in LIFE_FIELDS if name in found}
    programme = _programme(document, agency, by=by, at=at)
    values = VersionValues(year=document["tahun"], **found)
    with told_at(document, partial(place_of_version, document, programme, coming=coming)):
        version = save_version(
            version=None, programme=programme, values=values, by=by, at=at, coming=coming
        )
    if life:
        with told_at(document, lambda _refused: place_of_life(document, version)):
            save_life_rules(version=version, values=LifeValues(**life), by=by, at=at)
    _stages_and_quotas(version, document, by=by, at=at)
    version.refresh_from_db()
    audit.record(
        verb="programs.import_version",
        by=by,
        at=at,
        target=version,
        area_code=version.area_code,
        bytes=len(data),
    )
    return version


def _stages_and_quotas(
    version: ProgrammeVersion, document: Document, *, by: User, at: datetime
) -> None:
    for number, row in enumerate(document.get("tahap") or ()):
        place = ("tahap", number)
        with told_at(document, lambda _refused, place=place: place):  # type: ignore[misc]
            save_stage(
                version=version,
                number=number + 1,
                name=str(row.get("nama", f"Tahap {number + 1}"))[:60],
                stage_date=_day(row.get("tanggal"), document.line_of(*place, "tanggal")),
                amount=_money(document, *place, "jumlah"),
                by=by,
                at=at,
            )
    quotas = document.get("kuota_wilayah") or {}
    if not isinstance(quotas, dict):
        sentence = "Isian kuota_wilayah harus daftar kode wilayah dan jumlah."
        raise wrong(sentence, line=document.line_of("kuota_wilayah"))
    for area_code, places in quotas.items():
        place = ("kuota_wilayah", area_code)
        if isinstance(places, bool) or not isinstance(places, int) or places < 0:
            sentence = f"Kuota {area_code} harus angka bulat."
            raise wrong(sentence, line=document.line_of(*place))
        with told_at(document, lambda _refused, place=place: place):  # type: ignore[misc]
            set_quota(version=version, area_code=str(area_code), places=places, by=by, at=at)

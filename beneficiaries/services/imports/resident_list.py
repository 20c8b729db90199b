"""Lists of residents of institutions: one row per stay, from one day to another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.dates import day_of, long_date
from bansos.lib.errors import BadInput
from bansos.lib.money import number
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from beneficiaries.choices import RowVerdict
from beneficiaries.models import ImportBatch, ImportRow, Institution, Residency
from beneficiaries.queries.rows import data_of
from beneficiaries.services.imports.columns import people_columns
from beneficiaries.services.imports.outcomes import (
    PLACES,
    act_on_each,
    day_in,
    required_day,
    rows_alike,
)
from beneficiaries.services.imports.payee_lists import CAUSES, describe
from beneficiaries.services.imports.purposes import ImportPurpose, RowCheck
from beneficiaries.services.residents import admit, discharge

# (blind index of the NIK, first day) -> last day, None while it goes on.
Stays = dict[tuple[str, date], date | None]


def resident_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """A person, the house, from and until when."""
    person = ("no", "nik", "name", "kk", "birth_place", "birth_date", "sex", "address", *PLACES)
    return (
        *people_columns(*person),
        ExpectedColumn("house", "NAMA LEMBAGA", ("LEMBAGA", "PANTI"), required=True),
        ExpectedColumn("from_date", "TANGGAL MASUK", ("MASUK",), kind=ColumnKind.DATE),
        ExpectedColumn("until_date", "TANGGAL KELUAR", ("KELUAR",), kind=ColumnKind.DATE),
    )


def house_name(values: dict[str, Any]) -> str:
    """The house as lists name it: case and spaces do not count."""
    return " ".join(str(values.get("house", "")).upper().split())


def _houses(batch: ImportBatch, names: set[str]) -> dict[str, list[Institution]]:
    rows = Institution.objects.annotate(upper=Upper("payee__name")).filter(
        upper__in=names, payee__area_code__startswith=batch.area_code, payee__closed_on=None
    )
    found: dict[str, list[Institution]] = {}
    for row in rows.select_related("payee").order_by("pk"):
        found.setdefault(row.upper, []).append(row)
    return found


def check_residents(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """A known house and days that can be; nobody in two houses on one day; places are counted."""
    houses = _houses(batch, {house_name(check.values) for check in checks})
    people = [check.row.person_id for check in checks if check.row.person_id]
    stays: dict[int, list[Residency]] = {}
    for stay in Residency.objects.filter(person__in=people):
        stays.setdefault(stay.person_id, []).append(stay)
    today = day_of(batch.created_at)
    for check in checks:
        required_day(check, "from_date", "TANGGAL MASUK")
        house = _house_of(check, houses)
        _check_days(check, today)
        if house is not None and not check.problems:
            _check_stay(check, house, stays.get(check.row.person_id or 0, []))
    _hint_at_places(batch, checks, houses, today)


def _house_of(check: RowCheck, houses: dict[str, list[Institution]]) -> Institution | None:
    found = houses.get(house_name(check.values), [])
    if len(found) == 1:
        return found[0]
    sentence = _("Lembaga ini belum tercatat di wilayah daftar. Catat lembaganya dulu.")
    if found:
        sentence = _(
            "Beberapa lembaga di wilayah daftar bernama ini. Catat penghuninya di halaman lembaga."
        )
    check.problem("house", "lembaga_tidak_dikenal", sentence)
    return None


def _check_days(check: RowCheck, today: date) -> None:
    first, last = day_in(check.values, "from_date"), day_in(check.values, "until_date")
    for key, day in (("from_date", first), ("until_date", last)):
        if day and day > today:
            sentence = _("Tanggal masuk dan keluar tidak boleh di masa depan.")
            check.problem(key, "tanggal_masa_depan", sentence)
    if first and last and last < first:
        sentence = _("Tanggal keluar lebih awal dari tanggal masuk.")
        check.problem("until_date", "tanggal_terbalik", sentence)


def _check_stay(check: RowCheck, house: Institution, stays: Sequence[Residency]) -> None:
    """New, the same, the end of a stay that goes on, or in the way of another one."""
    first, last = day_in(check.values, "from_date"), day_in(check.values, "until_date")
    clashing = [stay for stay in stays if _overlap(stay, first, last)]
    if not clashing:
        check.verdict = RowVerdict.NEW
        return
    stay = clashing[0]
    here = len(clashing) == 1 and stay.institution_id == house.pk and stay.from_date == first
    if here and stay.until_date == last:
        return
    if here and stay.until_date is None:
        check.verdict = RowVerdict.CHANGED
        return
    check.problem("from_date", "sudah_tercatat", _clash_of(stay, house))


def _overlap(stay: Residency, first: date | None, last: date | None) -> bool:
    ends_before = first is not None and stay.until_date is not None and stay.until_date < first
    return not ends_before and not (last is not None and stay.from_date > last)


def _clash_of(stay: Residency, house: Institution) -> str:
    """What is known of this house is said; of another one only that it is."""
    if stay.institution_id != house.pk:
        return _("Ia sudah tercatat sebagai penghuni lembaga lain pada hari yang sama.")
    if stay.until_date is None:
        sentence = _("Ia tercatat tinggal di lembaga ini sejak %(day)s. Samakan tanggal masuknya.")
        return sentence % {"day": long_date(stay.from_date)}
    sentence = _("Ia tercatat tinggal di lembaga ini sampai %(day)s.")
    return sentence % {"day": long_date(stay.until_date)}


def _hint_at_places(
    batch: ImportBatch,
    checks: list[RowCheck],
    houses: dict[str, list[Institution]],
    today: date,
) -> None:
    """A house with more people than places stops nothing, as on its page; but it is said."""
    of_step = {check.row.pk: check for check in checks}
    for rows in rows_alike(batch, checks).values():
        found = houses.get(house_name(data_of(rows[0])), [])
        if len(found) == 1 and found[0].capacity is not None:
            _count_places(found[0], rows, of_step, today)


def _count_places(
    house: Institution, rows: Sequence[ImportRow], of_step: dict[int, RowCheck], today: date
) -> None:
    stays = _registered(house)
    for row in rows:
        check = of_step.get(row.pk)
        values = check.values if check else data_of(row)
        first = day_in(values, "from_date")
        if first is None or (check.problems if check else row.problems):
            continue
        last = day_in(values, "until_date")
        joins = (row.nik_index, first) not in stays
        stays[(row.nik_index, first)] = last
        # Its own first day, and the last one that others may have come to meanwhile.
        crowd = max(_living(stays, first), _living(stays, last or today))
        if check and joins and house.capacity is not None and crowd > house.capacity:
            sentence = _("Penghuni menjadi %(count)s orang; daya tampung %(places)s.")
            words = {"count": number(crowd), "places": number(house.capacity)}
            check.warn("house", "daya_tampung", sentence % words)


def _registered(house: Institution) -> Stays:
    rows = Residency.objects.filter(
        Q(person__died_on=None) | Q(until_date__isnull=False), institution=house
    )
    triples = rows.values_list("person__nik_index", "from_date", "until_date")
    return {(str(index), first): last for index, first, last in triples}


def _living(stays: Stays, on: date) -> int:
    return sum(
        first <= on and (last is None or last >= on) for (_index, first), last in stays.items()
    )


def accept_residents(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Let each person move in or out; a stay that clashes stays behind with its sentence."""
    houses = _houses(batch, {house_name(data_of(row)) for row in rows})

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        first, last = day_in(data, "from_date"), day_in(data, "until_date")
        found = houses.get(house_name(data), [])
        if row.person is None or first is None or len(found) != 1:
            raise BadInput("RESIDENT-ROW", _("Lembaga atau tanggal masuk tidak lagi dikenal."))
        stays = Residency.objects.filter(person=row.person, institution=found[0], from_date=first)
        stay = stays.first()
        if stay is None:
            admit(
                institution=found[0],
                person=row.person,
                from_date=first,
                until_date=last,
                by=by,
                at=at,
            )
        elif last is not None and stay.until_date != last:
            discharge(residency=stay, until_date=last, by=by, at=at)

    act_on_each(rows, act)


def resident_effects(batch: ImportBatch) -> list[str]:
    """How many come, and how many stays that go on are ended or corrected."""
    coming = batch.rows.filter(verdict=RowVerdict.NEW).count()
    changing = batch.rows.filter(verdict=RowVerdict.CHANGED).count()
    return [
        _("%(count)s orang menjadi penghuni.") % {"count": number(coming)},
        _("%(count)s penghuni dicatat pergi atau dibetulkan datanya.")
        % {"count": number(changing)},
    ]


RESIDENTS = ImportPurpose(
    key="beneficiaries.residents",
    title=gettext_lazy("Penghuni lembaga"),
    hint=gettext_lazy("Siapa tinggal di lembaga mana, sejak kapan."),
    permission=Permission.PAYEE_EDIT,
    columns=resident_columns,
    keyed=house_name,
    check=check_residents,
    accept=accept_residents,
    effects=resident_effects,
    describe=describe,
    done_url=lambda batch: reverse("beneficiaries:residents"),
    template_choices={"sex": ("L", "P")},
    instructions=(
        gettext_lazy(
            "Yang pergi: tulis tanggal masuk seperti yang tercatat, lalu tanggal keluarnya."
        ),
    ),
    causes={
        **CAUSES,
        "tanggal_terbalik": gettext_lazy("Tanggal keluar sebelum tanggal masuk"),
        "daya_tampung": gettext_lazy("Penghuni melebihi daya tampung"),
    },
)

"""Registry hand-overs that cover the made-up people: desil, PKH families, deaths, exclusions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bansos.accounts.models import User
from bansos.demo.clock import moment
from bansos.demo.population import Population, Soul, Village
from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.services.snapshots import SnapshotRow, load_snapshot

YEAR_START, MIDSUMMER = date(2026, 1, 10), date(2026, 7, 10)
EXCLUDED_CODES = ("ASN", "TNI/POLRI", "PENDAMPING", "PENSIUNAN")
STRANGERS = 40


@dataclass(frozen=True)
class HandOver:
    """One list that somebody handed over on a day."""

    kind: SnapshotKind
    label: str
    as_of: date
    source: str
    rows: Iterable[SnapshotRow]


def load_registries(
    *,
    area_code: str,
    souls: Sequence[Soul],
    villages: Sequence[Village],
    population: Population,
    by: User,
    disabled: Sequence[Soul] = (),
) -> None:
    """Load the hand-overs of one province, each three days after its date."""
    rows = [*_hand_overs(souls, villages, population), *_disability_register(disabled)]
    for number, hand_over in enumerate(rows, start=1):
        loaded = hand_over.as_of + timedelta(days=3)
        load_snapshot(
            kind=hand_over.kind,
            label=hand_over.label,
            as_of=hand_over.as_of,
            source=hand_over.source,
            bast_number=f"BAST/{number:03d}/DTSEN/{loaded:%m/%Y}",
            bast_date=loaded,
            area_code=area_code,
            rows=hand_over.rows,
            by=by,
            at=moment(loaded),
        )


def _hand_overs(
    souls: Sequence[Soul], villages: Sequence[Village], population: Population
) -> Iterator[HandOver]:
    for label, day in (("DTSEN v1", YEAR_START), ("DTSEN v3", MIDSUMMER)):
        yield HandOver(
            SnapshotKind.DTSEN, label, day, "Badan Pusat Statistik (latihan)", _desils(souls)
        )
    for label, day in (("PKH tahap 1 2026", YEAR_START), ("PKH tahap 3 2026", MIDSUMMER)):
        yield HandOver(
            SnapshotKind.PKH, label, day, "Kementerian Sosial (latihan)", _pkh_families(souls)
        )
    strangers = population.elders(STRANGERS, villages, on=YEAR_START)
    yield HandOver(
        SnapshotKind.DEATH,
        "Kematian Januari 2026",
        date(2026, 2, 1),
        "Dinas Kependudukan dan Pencatatan Sipil (latihan)",
        _deaths([*souls, *strangers[:20]]),
    )
    yield HandOver(
        SnapshotKind.EXCLUSION,
        "Pengecualian 2026",
        YEAR_START,
        "Badan Kepegawaian dan pendamping sosial (latihan)",
        _exclusions(strangers[20:]),
    )


def _disability_register(disabled: Sequence[Soul]) -> Iterator[HandOver]:
    """E-Disabilitas with the people of ASPD, where a province has any of them."""
    if disabled:
        yield HandOver(
            SnapshotKind.DISABILITY,
            "E-Disabilitas 2026",
            YEAR_START,
            "Dinas Sosial Provinsi (latihan)",
            (SnapshotRow(key_kind=KeyKind.NIK, key=soul.nik) for soul in disabled),
        )


def _desils(souls: Iterable[Soul]) -> Iterator[SnapshotRow]:
    for soul in souls:
        yield SnapshotRow(key_kind=KeyKind.KK, key=soul.kk, desil=soul.desil)


def _pkh_families(souls: Iterable[Soul]) -> Iterator[SnapshotRow]:
    for soul in souls:
        if soul.in_pkh:
            yield SnapshotRow(key_kind=KeyKind.KK, key=soul.kk)


def _deaths(souls: Sequence[Soul]) -> Iterator[SnapshotRow]:
    """The dead of the lists, and people that no list names."""
    for soul in souls[:-20]:
        if soul.died_on is not None:
            yield SnapshotRow(key_kind=KeyKind.NIK, key=soul.nik, happened_on=soul.died_on)
    for number, soul in enumerate(souls[-20:]):
        died_on = YEAR_START - timedelta(days=number)
        yield SnapshotRow(key_kind=KeyKind.NIK, key=soul.nik, happened_on=died_on)


def _exclusions(strangers: Sequence[Soul]) -> Iterator[SnapshotRow]:
    for number, soul in enumerate(strangers):
        code = EXCLUDED_CODES[number % len(EXCLUDED_CODES)]
        yield SnapshotRow(key_kind=KeyKind.NIK, key=soul.nik, code=code)

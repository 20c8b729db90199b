"""The programmes of the training year: quotas, and tariffs where no source gives one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bansos.accounts.models import User
from bansos.demo import story
from bansos.demo.enrolling import version_of
from programs.choices import BenefitKind
from programs.models import ProgrammeVersion
from programs.services.catalogue import (
    activate_version,
    change_version,
    copy_version,
    save_stage,
    set_quota,
)


@dataclass(frozen=True)
class Tariff:
    """What a unit is worth in training, and where the figure comes from."""

    area_code: str
    code: str
    amount: Decimal
    note: str


TARIFFS = (
    Tariff(
        "15",
        story.KUBE,
        Decimal(10_000_000),
        "Nilai latihan: 5 anggota x Rp2.000.000 (Permensos 2/2019). Besaran Jambi belum diketahui.",
    ),
    Tariff(
        "15", story.UEP, Decimal(5_000_000), "Nilai latihan. Besaran UEP Jambi belum diketahui."
    ),
    Tariff(
        "64",
        story.JOSPOL,
        Decimal(5_000_000),
        "Nilai latihan: barang senilai Rp4,5-5 juta per keluarga.",
    ),
)
PAY_DAY = date(story.YEAR, 6, 15)
# The laws behind every programme here; the province's own regulation is not known.
LAWS = ["Undang-Undang Nomor 11 Tahun 2009", "Undang-Undang Nomor 13 Tahun 2011"]


def open_programmes(*, users: dict[str, User], scale: story.Scale, at: datetime) -> None:
    """Quotas of PKH Plus; KUBE, UEP and Jospol 4 of this year with training tariffs."""
    version = version_of("35", story.PKH_PLUS)
    places = {row.area_code: row.people for row in scale.played}
    for area_code, count in {story.MADIUN: scale.madiun, **places}.items():
        set_quota(version=version, area_code=area_code, places=count, by=users["staf"], at=at)
    for tariff in TARIFFS:
        suffix = {"15": ".jambi", "64": ".kaltim"}[tariff.area_code]
        _open(tariff, by=users[f"staf{suffix}"], at=at)


def _open(tariff: Tariff, *, by: User, at: datetime) -> None:
    known = ProgrammeVersion.objects.filter(
        programme__area_code=tariff.area_code, programme__code=tariff.code
    ).order_by("-year", "-version")
    draft = copy_version(version=known[0], year=story.YEAR, by=by, at=at)
    draft = change_version(
        version=draft,
        annual_amount=tariff.amount,
        source_note=tariff.note,
        legal_basis=draft.legal_basis or LAWS,
        by=by,
        at=at,
    )
    if draft.benefit_kind != BenefitKind.GOODS:
        save_stage(
            version=draft,
            number=1,
            name="Tahap 1",
            stage_date=PAY_DAY,
            amount=tariff.amount,
            by=by,
            at=at,
        )
    activate_version(version=draft, by=by, at=at)

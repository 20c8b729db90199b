"""The people of the tests: their names say what they may do."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pytest

from bansos.accounts.models import Agency, User
from bansos.regions.choices import Level
from bansos.regions.models import Region
from tests.factories.accounts import AgencyFactory, UserFactory

REGIONS = [
    ("15", "Provinsi Jambi", Level.PROVINCE),
    ("15.05", "Kabupaten Muaro Jambi", Level.REGENCY),
    ("35", "Provinsi Jawa Timur", Level.PROVINCE),
    ("35.19", "Kabupaten Madiun", Level.REGENCY),
    ("35.19.01", "Kebonsari", Level.DISTRICT),
    ("35.19.01.2001", "Tambakmas", Level.VILLAGE),
    ("35.19.01.2002", "Rejosari", Level.VILLAGE),
    ("35.19.02", "Dolopo", Level.DISTRICT),
    ("35.19.02.1001", "Bangunsari", Level.VILLAGE),
    ("35.19.02.2003", "Glonggong", Level.VILLAGE),
    ("35.20", "Kabupaten Magetan", Level.REGENCY),
    ("35.20.01", "Poncol", Level.DISTRICT),
    ("35.20.01.2001", "Genilangit", Level.VILLAGE),
    ("64", "Provinsi Kalimantan Timur", Level.PROVINCE),
    ("64.72", "Kota Samarinda", Level.REGENCY),
    ("64.72.01", "Palaran", Level.DISTRICT),
    ("64.72.01.1001", "Rawa Makmur", Level.VILLAGE),
]
PARENT_LENGTH = {2: 0, 5: 2, 8: 5, 13: 8}


def load_cast_regions() -> dict[str, Region]:
    """The few real regions that the cast lives in."""
    for code, name, level in REGIONS:
        Region.objects.update_or_create(
            code=code,
            defaults={
                "name": name,
                "level": level,
                "parent_id": code[: PARENT_LENGTH[len(code)]] or None,
                "bps_code": code.replace(".", "") if len(code) <= 5 else "",
            },
        )
    return {region.code: region for region in Region.objects.all()}


@dataclass
class Cast:
    """sari enters, vera verifies, budi prepares, ratna checks, hadi approves, tono pays."""

    sari: User
    vera: User
    budi: User
    ratna: User
    hadi: User
    tono: User
    aud: User
    adi: User
    lain: User
    kalt: User
    agency: Agency

    def users(self) -> list[User]:
        """Everybody."""
        return [getattr(self, f.name) for f in fields(self) if f.name != "agency"]


ROLES = {
    "sari": ("Sari Utami", "petugas_kab", "35.19"),
    "vera": ("Vera Lestari", "verifikator_kab", "35.19"),
    "budi": ("Budi Santoso", "staf_program", "35"),
    "ratna": ("Ratna Dewi", "kepala_seksi", "35"),
    "hadi": ("Hadi Prasetyo", "kepala_dinas", "35"),
    "tono": ("Tono Wijaya", "bendahara", "35"),
    "aud": ("Audi Rahman", "auditor", "35"),
    "adi": ("Adi Nugroho", "admin", "35"),
    "lain": ("Lain Hartati", "petugas_kab", "35.20"),
    "kalt": ("Kalt Mahendra", "staf_program", "64"),
}


def make_cast() -> Cast:
    """All of them, with their agencies."""
    load_cast_regions()
    agency = AgencyFactory()
    AgencyFactory(
        area_code="64",
        name="Dinas Sosial Provinsi Kalimantan Timur",
        government="Pemerintah Provinsi Kalimantan Timur",
        city="Samarinda",
        time_zone="Asia/Makassar",
        bank_code="124",
        bank_name="Bankaltimtara",
    )
    users = {
        key: UserFactory(username=key, full_name=name, role=role, area_code=area)
        for key, (name, role, area) in ROLES.items()
    }
    return Cast(agency=agency, **users)


@pytest.fixture
def regions(db: None) -> dict[str, Region]:
    """Region rows by code."""
    return load_cast_regions()


@pytest.fixture
def cast(db: None) -> Cast:
    """The people of the tests."""
    return make_cast()

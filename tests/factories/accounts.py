"""Agencies and users for tests."""

from __future__ import annotations

from datetime import date

import factory

from bansos.accounts.models import Agency, User
from bansos.regions.choices import Certainty, HolidayKind
from bansos.regions.models import Holiday

PASSWORD = "latihan-bansos-2026"


class AgencyFactory(factory.django.DjangoModelFactory):
    """Dinas Sosial Provinsi Jawa Timur unless said otherwise."""

    class Meta:
        model = Agency
        django_get_or_create = ("area_code",)

    area_code = "35"
    name = "Dinas Sosial Provinsi Jawa Timur"
    government = "Pemerintah Provinsi Jawa Timur"
    address = "Jalan Gayung Kebonsari 56B, Surabaya"
    city = "Surabaya"
    bank_code = "114"
    bank_name = "Bank Jatim"
    source_account = "0011000123"
    head_title = "Kepala Dinas Sosial"
    head_name = "Hadi Prasetyo"


class UserFactory(factory.django.DjangoModelFactory):
    """A regency officer of Kabupaten Madiun unless said otherwise."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"pengguna{n}")
    full_name = factory.Sequence(lambda n: f"Pengguna {n:05d}")
    role = "petugas_kab"
    area_code = "35.19"
    password = factory.django.Password(PASSWORD)


class HolidayFactory(factory.django.DjangoModelFactory):
    """Christmas Eve leave of 2026 in the whole of Jawa Timur."""

    class Meta:
        model = Holiday

    area_code = "35"
    day = date(2026, 12, 24)
    name = "Cuti Bersama Hari Raya Natal"
    kind = HolidayKind.SHARED_LEAVE
    certainty = Certainty.OFFICIAL
    source = "SKB 3 Menteri"

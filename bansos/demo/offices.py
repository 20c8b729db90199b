"""The three agencies and the people who sign in there, for training only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import ROLES
from bansos.audit import services as audit
from bansos.demo.story import MADIUN
from bansos.regions.queries import regencies_of

PASSWORD = "latihan-bansos-2026"  # noqa: S105  printed on purpose: training data only


@dataclass(frozen=True)
class Office:
    """One agency and the ending of its usernames."""

    area_code: str
    name: str
    government: str
    address: str
    contact: str
    city: str
    time_zone: str
    bank_code: str
    bank_name: str
    source_account: str
    head_title: str
    suffix: str
    palette: str
    head: str


OFFICES = (
    Office(
        area_code="35",
        name="Dinas Sosial Provinsi Jawa Timur",
        government="Pemerintah Provinsi Jawa Timur",
        address="Jalan Gayung Kebonsari 56B, Surabaya 60235",
        contact="Telepon (031) 000000 (latihan)",
        city="Surabaya",
        time_zone="Asia/Jakarta",
        bank_code="114",
        bank_name="Bank Jatim",
        source_account="0011000123",
        head_title="Kepala Dinas Sosial Provinsi Jawa Timur",
        suffix="",
        palette="jatim",
        head="Hadi Prasetyo",
    ),
    Office(
        area_code="64",
        name="Dinas Sosial Provinsi Kalimantan Timur",
        government="Pemerintah Provinsi Kalimantan Timur",
        address="Jalan Basuki Rahmat 76, Samarinda 75112",
        contact="Telepon (0541) 000000 (latihan)",
        city="Samarinda",
        time_zone="Asia/Makassar",
        bank_code="124",
        bank_name="Bankaltimtara",
        source_account="0011000124",
        head_title="Kepala Dinas Sosial Provinsi Kalimantan Timur",
        suffix=".kaltim",
        palette="kaltim",
        head="Syahril Effendi",
    ),
    Office(
        area_code="15",
        name="Dinas Sosial, Kependudukan dan Pencatatan Sipil Provinsi Jambi",
        government="Pemerintah Provinsi Jambi",
        address="Jalan Jenderal Ahmad Yani 5, Jambi 36122",
        contact="Telepon (0741) 000000 (latihan)",
        city="Jambi",
        time_zone="Asia/Jakarta",
        bank_code="115",
        bank_name="Bank Jambi",
        source_account="0011000125",
        head_title="Kepala Dinas Sosial, Kependudukan dan Pencatatan Sipil Provinsi Jambi",
        suffix=".jambi",
        palette="jambi",
        head="Nurhayati Hakim",
    ),
)

# Short username -> role, and what its holder does in the chain.
PROVINCIAL = {
    "staf": ("staf_program", "menyusun program, SK, daftar bayar; berkas bank"),
    "kasi": ("kepala_seksi", "memeriksa daftar bayar, mengesahkan keputusan retur"),
    "kadis": ("kepala_dinas", "menyetujui SK dan daftar bayar"),
    "bendahara": ("bendahara", "mencatat SP2D, hasil bank, retur, rekonsiliasi"),
    "auditor": ("auditor", "membaca semua, tersamar, dan jejak audit"),
    "admin": ("admin", "mengelola pengguna"),
}
LOCAL = {
    "petugas": ("petugas_kab", "mengusulkan penerima, mengunggah daftar"),
    "verifikator": ("verifikator_kab", "memeriksa usulan, membuat Berita Acara"),
}
FIRST_NAMES = {
    "staf": "Budi Santoso",
    "kasi": "Ratna Dewi",
    "kadis": "Hadi Prasetyo",
    "bendahara": "Tono Wijaya",
    "auditor": "Audi Rahman",
    "admin": "Adi Nugroho",
    "petugas": "Sari Utami",
    "verifikator": "Vera Lestari",
}
# Regencies of East Java that take part, with the ending of their usernames.
EAST_JAVA = {MADIUN: "", "35.20": ".magetan", "35.02": ".ponorogo", "35.21": ".ngawi"}
PRINTED = (
    *("staf", "kasi", "kadis", "bendahara", "petugas", "verifikator", "auditor", "admin"),
    *("petugas.magetan", "verifikator.magetan", "staf.kaltim", "petugas.samarinda"),
    *("staf.jambi", "petugas.kerinci"),
)


@transaction.atomic
def open_offices(*, at: datetime) -> dict[str, User]:
    """Agencies and users of the three provinces, by username; running it again changes nothing."""
    for office in OFFICES:
        _agency(office)
    # One salt for all: this password is printed, and forty slow hashes would cost a minute.
    secret = make_password(PASSWORD)
    for username, (name, role, area_code) in _people().items():
        if not User.objects.filter(username=username).exists():
            _user(username, name, role, area_code, secret, at)
    return {user.username: user for user in User.objects.all()}


def _agency(office: Office) -> None:
    values = {
        key: value
        for key, value in vars(office).items()
        if key not in {"area_code", "suffix", "head"}
    }
    Agency.objects.get_or_create(
        area_code=office.area_code, defaults={**values, "head_name": office.head}
    )


def _people() -> dict[str, tuple[str, str, str]]:
    found = {}
    for office in OFFICES:
        for short, (role, _what) in PROVINCIAL.items():
            name = office.head if short == "kadis" else _full_name(short, office.suffix)
            found[short + office.suffix] = (name, role, office.area_code)
        for area_code, suffix in local_suffixes(office.area_code).items():
            for short, (role, _what) in LOCAL.items():
                found[short + suffix] = (_full_name(short, suffix), role, area_code)
    return found


def local_suffixes(province: str) -> dict[str, str]:
    """Regency code -> ending of its usernames; Kabupaten Madiun has none."""
    if province == "35":
        return dict(EAST_JAVA)
    return {region.code: "." + _slug(region.name) for region in regencies_of(province)}


def _slug(name: str) -> str:
    return name.lower().replace("kabupaten ", "").replace("kota ", "").replace(" ", "")


def _full_name(short: str, suffix: str) -> str:
    place = suffix.lstrip(".").title()
    return f"{FIRST_NAMES[short]} ({place})" if place else FIRST_NAMES[short]


def _user(username: str, name: str, role: str, area_code: str, secret: str, at: datetime) -> None:
    user = User.objects.create(
        username=username,
        full_name=name,
        role=role,
        area_code=area_code,
        position=str(ROLES[role].name),
        password=secret,
    )
    audit.record(
        verb="accounts.save_user",
        by=None,
        at=at,
        target=user,
        new={"role": role, "area_code": area_code, "is_active": True},
        training=True,
    )


def logins() -> list[tuple[str, str, str, str]]:
    """Role, username, password and what for, of the accounts a new user should know."""
    duties = {**PROVINCIAL, **LOCAL}
    users = {user.username: user for user in User.objects.filter(username__in=PRINTED)}
    rows = []
    for username in PRINTED:
        if username in users:
            user = users[username]
            what = duties[username.partition(".")[0]][1]
            rows.append((str(user.role_name), username, PASSWORD, f"{user.area_name}: {what}"))
    return rows

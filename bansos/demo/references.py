"""What the three provinces' own papers count and no payment of ours does: reference figures.

Each line says only what its source says. A quoted fall of extreme poverty that does not follow
from the series beside it is told in the note and is no figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from bansos.accounts.models import User
from monitoring.services import ReferenceValues, save_reference

JATIM_2023 = "Dinas Sosial Provinsi Jawa Timur, capaian 2023"
KALTIM_2025 = "Dinas Sosial Provinsi Kalimantan Timur, 2025"
JAMBI_2022 = "Dinas Sosial, Kependudukan dan Pencatatan Sipil Provinsi Jambi, 2022"
EXTREME = "Kemiskinan ekstrem"
NO_FALL = (
    "Penurunan 3,58 poin dalam tiga tahun yang pernah dikutip tidak sesuai dengan deret ini"
    " (berarti 4,40% pada 2020), jadi tidak digambar bersama."
)


def _figure(
    area_code: str,
    indicator: str,
    period: str,
    as_of: date,
    value: str,
    unit: str,
    source: str,
    note: str = "",
) -> ReferenceValues:
    return ReferenceValues(
        indicator=indicator,
        area_code=area_code,
        period=period,
        as_of=as_of,
        value=Decimal(value),
        unit=unit,
        source=source,
        note=note,
    )


END_2025, END_2022, SPRING = date(2025, 12, 31), date(2022, 12, 31), date(2023, 3, 31)
FIGURES = (
    _figure("35", EXTREME, "2021", date(2021, 12, 31), "2.23", "%", JATIM_2023, NO_FALL),
    _figure("35", EXTREME, "Maret 2022", date(2022, 3, 31), "1.8", "%", JATIM_2023),
    _figure("35", EXTREME, "September 2022", date(2022, 9, 30), "1.56", "%", JATIM_2023),
    _figure("35", EXTREME, "Maret 2023", SPRING, "0.82", "%", JATIM_2023),
    _figure(
        *("35", "Penduduk keluar dari kemiskinan", "Maret 2021 sampai Maret 2023", SPRING),
        *("383920", "orang", JATIM_2023),
    ),
    _figure(
        *("35", "Penerima bantuan kemiskinan ekstrem putaran I", "Putaran I 2023"),
        *(date(2023, 12, 31), "3000", "orang", JATIM_2023, "Rp1.500.000 per penerima."),
    ),
    _figure(
        *("35", "Bakorwil tempat temu pilar sosial", "November 2023", date(2023, 11, 30)),
        *("5", "Bakorwil", JATIM_2023),
    ),
    _figure(
        *("35.19", "Nilai seluruh bantuan provinsi", "2025", END_2025, "5900000000", "Rp"),
        *("Dinas Sosial Provinsi Jawa Timur, 2025", "Angka dibulatkan oleh sumbernya."),
    ),
    _figure(
        *("35.19", "Bantuan Keuangan Khusus (BKK)", "2025", END_2025, "940000000", "Rp"),
        "Dinas Sosial Provinsi Jawa Timur, 2025",
        "Desa Berdaya, Jatim Puspa, operasional pendamping PKH Plus.",
    ),
    _figure(
        *("64", "Kelompok usaha lama yang bertahan dan lepas dari kemiskinan", "Sampai 2024"),
        *(date(2024, 12, 31), "46", "%", KALTIM_2025),
        "Sulit menyatukan 5 orang seminat usaha yang tinggal berdekatan.",
    ),
    _figure("64", "Kuota Jospol 4", "2025", END_2025, "1500", "keluarga", KALTIM_2025),
    _figure(
        *("64", "Kuota Jospol 4 per kabupaten/kota", "2025", END_2025, "150", "keluarga"),
        *(KALTIM_2025, "Kira-kira, di tiap 10 kabupaten/kota."),
    ),
    _figure("64", "Jenis usaha Jospol 4", "2025", END_2025, "6", "jenis", KALTIM_2025),
    _figure(
        *("64", "Nilai barang Jospol 4 paling sedikit", "2025", END_2025, "4500000", "Rp"),
        KALTIM_2025,
    ),
    _figure(
        *("64", "Nilai barang Jospol 4 paling banyak", "2025", END_2025, "5000000", "Rp"),
        KALTIM_2025,
    ),
    _figure(
        *("15", "Penyandang disabilitas dibantu, penduduk provinsi", "2022", END_2022),
        *("102", "orang", JAMBI_2022),
    ),
    _figure(
        *("15", "Penyandang disabilitas dibantu, dari luar provinsi", "2022", END_2022),
        *("23", "orang", JAMBI_2022),
    ),
    _figure("15", "Lansia di PSTW Budi Luhur", "2022", END_2022, "64", "orang", JAMBI_2022),
    _figure("15", "Tagana", "2022", END_2022, "701", "orang", JAMBI_2022, "Di 11 wilayah."),
)


def record_references(*, users: Mapping[str, User], at: datetime) -> None:
    """Every figure, recorded by the staff of its province."""
    staff = {"35": users["staf"], "64": users["staf.kaltim"], "15": users["staf.jambi"]}
    for values in FIGURES:
        save_reference(figure=None, values=values, by=staff[values.area_code[:2]], at=at)

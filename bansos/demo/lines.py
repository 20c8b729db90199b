"""What training adds to the catalogue: the counted people of a programme, where, at what rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bansos.demo import story
from bansos.demo.story import MADIUN

PAY_DAY = date(story.YEAR, 6, 15)
# Regencies of East Java that have officers in training.
STAFFED = (MADIUN, "35.20", "35.02", "35.21")


@dataclass(frozen=True)
class Ages:
    """Some of the people of a line: how many, between which ages, of which sex if it is known."""

    count: int
    youngest: int
    oldest: int
    sex: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One programme of the catalogue in training, and the note that says what is made up.

    `rate` is for training where no source gives one; without it the catalogue's own counts, or
    people are verified and the decree waits. `budget` is what a formula shares out.
    """

    area_code: str
    code: str
    note: str
    rate: Decimal | None = None
    budget: Decimal | None = None
    # Stages of a programme that the catalogue leaves without any.
    paid_on: tuple[date, ...] = (PAY_DAY,)
    # People or places that the figures tell; None where they tell none.
    count: int | None = None
    places: tuple[str, ...] = (MADIUN,)
    people: tuple[Ages, ...] = ()
    desil: int | None = None
    # Heads of their families, by name.
    are_heads: bool = False
    # How many of them have their KTP in another province.
    outside: int = 0
    # The people live in what is paid; they are no recipients themselves.
    are_residents: bool = False
    decree: str = ""


LINES = (
    Line(
        area_code="35",
        code=story.WORKERS,
        note="Madiun 2025: 231 pekerja lintas wilayah, Rp1.325.900 per orang"
        " (pagu dibagi pekerja terverifikasi). Pagu latihan dihitung dari keduanya; pabrik dan"
        " tempat kerja dibuat untuk latihan.",
        budget=Decimal(306_282_900),
        count=231,
        people=(Ages(231, 19, 55),),
        decree="188/103/KPTS/013/2026",
    ),
    Line(
        area_code="35",
        code=story.MEALS,
        note="Madiun 2025: 51 orang. Dibayar ke lembaga: penghuni x hari x tarif. Tarif latihan"
        " Rp15.000 per orang-hari; yang sebenarnya tidak diketahui. Lembaga, penghuni, dan"
        " kuitansinya dibuat untuk latihan.",
        rate=Decimal(15_000),
        paid_on=tuple(date(story.YEAR, month, 28) for month in (3, 6, 9, 12)),
        count=51,
        are_residents=True,
        people=(Ages(30, 7, 17), Ages(21, 60, 69)),
    ),
    Line(
        area_code="35",
        code=story.AIDS,
        note="Madiun 2025: 21 unit, di sini satu unit per orang. Nilai per unit tidak diketahui.",
        count=21,
        people=(Ages(21, 20, 69),),
    ),
    Line(
        area_code="35",
        code=story.PILLARS,
        note="Madiun 2025: 148 orang. Besaran tidak diketahui, jadi belum ditetapkan."
        " Pembagian menurut jenis pilar dibuat untuk latihan.",
        count=148,
        people=(Ages(148, 22, 58),),
    ),
    Line(
        area_code="35",
        code=story.ZAKAT,
        note="Madiun 2025: 50 penerima. Besaran tidak diketahui, jadi belum ditetapkan.",
        count=50,
        people=(Ages(50, 21, 59),),
    ),
    Line(
        area_code="35",
        code=story.BKK,
        note="Madiun 2025: Rp940.000.000 seluruhnya (lihat pagunya). Pembagian per desa tidak"
        " diketahui, jadi besaran belum ditetapkan.",
    ),
    Line(
        area_code="35",
        code=story.EXTREME,
        note="Jawa Timur putaran I 2023: 3.000 penerima, Rp1.500.000 sekali. Sebaran di empat"
        " kabupaten dibuat untuk latihan.",
        count=3000,
        places=STAFFED,
        people=(Ages(3000, 21, 63),),
        desil=1,
        are_heads=True,
        decree="188/104/KPTS/013/2026",
    ),
    Line(
        area_code="15",
        code=story.AIDS,
        note="Jambi 2022: 102 orang dari dalam dan 23 dari luar provinsi. Alat dari UPTD PSBAWEP"
        " Harapan Mulya. Sebaran dan asal dibuat untuk latihan; nilai tidak diketahui.",
        count=125,
        outside=23,
        places=tuple(story.JAMBI),
        people=(Ages(125, 7, 69),),
    ),
    Line(
        area_code="15",
        code=story.SHELTER,
        note="Jambi 2022: 64 lansia (38 laki-laki, 26 perempuan). Layanan panti, bukan uang.",
        count=64,
        places=("15.71",),
        people=(Ages(38, 61, 88, "L"), Ages(26, 61, 88, "P")),
    ),
    Line(
        area_code="15",
        code="TAGANA",
        note="Jambi 2022: 701 orang di 11 wilayah, dicatat sebagai pilar sosial. Pembagian per"
        " wilayah dibuat untuk latihan.",
    ),
    Line(
        area_code="15",
        code=story.KUBE,
        note="Nilai latihan: 5 anggota x Rp2.000.000 (Permensos 2/2019). Besaran Jambi belum"
        " diketahui.",
        rate=Decimal(10_000_000),
    ),
    Line(
        area_code="15",
        code=story.UEP,
        note="Nilai latihan. Besaran UEP Jambi belum diketahui.",
        rate=Decimal(5_000_000),
    ),
    Line(
        area_code="64",
        code=story.JOSPOL,
        note="Nilai latihan: barang senilai Rp4,5-5 juta per keluarga.",
        rate=Decimal(5_000_000),
    ),
    *(
        Line(
            area_code="64",
            code=code,
            note=f"{rate} per orang sebulan. Peserta, penyelenggara, dan jawabannya dibuat untuk"
            " latihan.",
        )
        for code, rate in (
            (story.HEALTH, "Iuran kelas III Rp42.000"),
            (story.WORK, "Iuran JKK dan JKM Rp16.800"),
        )
    ),
)

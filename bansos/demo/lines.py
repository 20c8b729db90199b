"""The other counted lines of Madiun, East Java, Kaltim and Jambi as programmes: data only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bansos.demo import story
from bansos.demo.story import MADIUN
from programs.choices import BenefitKind, PayeeKind

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
    """One line of a province's figures as a programme.

    `amount` is empty where nobody told the rate: people are verified and the decree waits.
    """

    area_code: str
    code: str
    name: str
    purpose: str
    note: str
    benefit: BenefitKind
    payee: PayeeKind = PayeeKind.PERSON
    amount: Decimal | None = None
    # What a tariff is counted in.
    unit: str = ""
    # People or places that the figures tell; None where they tell none.
    count: int | None = None
    places: tuple[str, ...] = (MADIUN,)
    people: tuple[Ages, ...] = ()
    desil: int | None = None
    # How many of them have their KTP in another province.
    outside: int = 0
    criteria: tuple[dict[str, Any], ...]
    laws: tuple[str, ...] = ()
    decree: str = ""


def _rule(code: str, **params: Any) -> dict[str, Any]:
    return {"code": code, "params": params, "label": "", "waivable": False}


def _seen(key: str, question: str) -> dict[str, Any]:
    return _rule("field_check", key=key, question=question)


def _lives_in(province: str) -> dict[str, Any]:
    return _rule("domicile_in_province", province=province)


COUNTED = (
    Line(
        area_code="35",
        code=story.WORKERS,
        name="BLT Pekerja Pabrik Rokok",
        purpose="Uang sekali bagi pekerja pabrik rokok yang bekerja di luar kabupatennya.",
        note="Madiun 2025: 231 pekerja lintas wilayah, Rp1.325.900 per orang"
        " (pagu dibagi pekerja terverifikasi).",
        benefit=BenefitKind.ONCE,
        amount=Decimal(1_325_900),
        count=231,
        people=(Ages(231, 19, 55),),
        criteria=(
            _seen("works_elsewhere", "Bekerja di pabrik rokok di luar kabupaten KTP"),
            _seen("not_paid_home", "Tidak menerima BLT DBHCHT dari kabupaten sendiri"),
            _lives_in("35"),
        ),
        laws=("PMK 215/PMK.07/2021", "Peraturan Gubernur Jawa Timur Nomor 71 Tahun 2022"),
        decree="188/103/KPTS/013/2026",
    ),
    Line(
        area_code="35",
        code=story.MEALS,
        name="Permakanan LKSA dan LKS-LU",
        purpose="Makanan bagi anak di LKSA dan lansia di LKS-LU.",
        note="Madiun 2025: 51 orang. Dibayar ke lembaga: penghuni x hari x tarif; tarifnya tidak"
        " diketahui, jadi belum ditetapkan. Lembaga, pembagian anak dan lansia, dan tanggal masuk"
        " dibuat untuk latihan.",
        benefit=BenefitKind.TARIFF,
        unit="orang-hari",
        payee=PayeeKind.INSTITUTION,
        count=51,
        people=(Ages(30, 7, 17), Ages(21, 60, 69)),
        criteria=(_seen("in_home", "Tinggal atau dilayani di LKSA atau LKS-LU"), _lives_in("35")),
    ),
    Line(
        area_code="35",
        code=story.AIDS,
        name="Alat Bantu Mobilitas",
        purpose="Alat bantu gerak bagi lansia dan penyandang disabilitas.",
        note="Madiun 2025: 21 unit, di sini satu unit per orang. Nilai per unit tidak diketahui.",
        benefit=BenefitKind.GOODS,
        count=21,
        people=(Ages(21, 20, 69),),
        criteria=(_seen("needs_aid", "Hasil asesmen: perlu alat bantu gerak"), _lives_in("35")),
    ),
    Line(
        area_code="35",
        code=story.PILLARS,
        name="Operasional dan Tali Asih Pilar Sosial",
        purpose="Uang bagi pendamping PKH Plus dan disabilitas, TKSK, dan Tagana.",
        note="Madiun 2025: 148 orang. Besaran tidak diketahui, jadi belum ditetapkan."
        " Pembagian menurut jenis pilar dibuat untuk latihan.",
        benefit=BenefitKind.PER_STAGE,
        count=148,
        people=(Ages(148, 22, 58),),
        criteria=(
            _seen("serves", "Masih bertugas sebagai pendamping, TKSK, atau Tagana"),
            _lives_in("35"),
        ),
    ),
    Line(
        area_code="35",
        code=story.ZAKAT,
        name="Zakat Produktif",
        purpose="Modal usaha dari zakat.",
        note="Madiun 2025: 50 penerima. Besaran tidak diketahui, jadi belum ditetapkan.",
        benefit=BenefitKind.ONCE,
        count=50,
        people=(Ages(50, 21, 59),),
        criteria=(
            _seen("runs_business", "Mempunyai atau sanggup memulai usaha"),
            _seen("entitled", "Termasuk golongan penerima zakat (asnaf)"),
            _lives_in("35"),
        ),
    ),
    Line(
        area_code="35",
        code=story.BKK,
        name="Bantuan Keuangan Khusus (BKK)",
        purpose="Uang bagi pemerintah: Desa Berdaya, Jatim Puspa, operasional pendamping PKH Plus.",
        note="Madiun 2025: Rp940.000.000 seluruhnya (lihat pagunya). Pembagian per desa tidak"
        " diketahui, jadi besaran belum ditetapkan.",
        benefit=BenefitKind.ONCE,
        payee=PayeeKind.GOVERNMENT,
        criteria=(_seen("allotted", "Tercantum dalam penetapan alokasi BKK"),),
    ),
    Line(
        area_code="35",
        code=story.EXTREME,
        name="Kemiskinan Ekstrem",
        purpose="Bantuan usaha produktif bagi kepala keluarga miskin ekstrem.",
        note="Jawa Timur putaran I 2023: 3.000 penerima, Rp1.500.000 sekali. Sebaran di empat"
        " kabupaten dibuat untuk latihan.",
        benefit=BenefitKind.ONCE,
        payee=PayeeKind.FAMILY,
        amount=Decimal(1_500_000),
        count=3000,
        places=STAFFED,
        people=(Ages(3000, 21, 63),),
        desil=1,
        criteria=(
            _rule("min_age_on_stage", age=17),
            _rule("max_age", age=64),
            _rule("desil_in", values=[1]),
            _rule("one_per_family"),
            _seen("breadwinner", "Pernah menikah dan menjadi pencari nafkah keluarga"),
            _seen("no_same_aid", "Tidak menerima bantuan yang sama dari kabupaten/kota tahun ini"),
            _seen("not_away", "Tidak bekerja di luar pulau atau luar negeri"),
            _lives_in("35"),
        ),
        decree="188/104/KPTS/013/2026",
    ),
    Line(
        area_code="15",
        code=story.AIDS,
        name="Alat Bantu Penyandang Disabilitas",
        purpose="Alat bantu bagi penyandang disabilitas.",
        note="Jambi 2022: 102 orang dari dalam dan 23 dari luar provinsi. Alat dari UPTD PSBAWEP"
        " Harapan Mulya. Sebaran dan asal dibuat untuk latihan; nilai tidak diketahui.",
        benefit=BenefitKind.GOODS,
        count=125,
        outside=23,
        places=tuple(story.JAMBI),
        people=(Ages(125, 7, 69),),
        criteria=(_seen("disabled", "Penyandang disabilitas yang perlu alat"),),
    ),
    Line(
        area_code="15",
        code=story.SHELTER,
        name="PSTW Budi Luhur",
        purpose="Rumah singgah dan perawatan bagi lansia telantar.",
        note="Jambi 2022: 64 lansia (38 laki-laki, 26 perempuan). Layanan panti, bukan uang.",
        benefit=BenefitKind.SERVICE,
        count=64,
        places=("15.71",),
        people=(Ages(38, 61, 88, "L"), Ages(26, 61, 88, "P")),
        criteria=(
            _rule("min_age_on_stage", age=60),
            _seen("resident", "Tinggal di PSTW Budi Luhur"),
            _lives_in("15"),
        ),
    ),
)

PRIORITY = "Program prioritas Dinsos Jawa Timur 2023. "
ASSESSED = "Hasil asesmen: perlu layanan ini"


def _service(area_code: str, code: str, name: str, purpose: str, note: str) -> Line:
    """A service without money; who needs it is found by assessment."""
    return Line(
        area_code=area_code,
        code=code,
        name=name,
        purpose=purpose,
        note=note,
        benefit=BenefitKind.SERVICE,
        criteria=(_seen("assessed", ASSESSED),),
    )


# Those of the 15 priority programmes of 2023 that no line above and no guide already describes.
PRIORITIES = (
    Line(
        area_code="35",
        code=story.KUBE,
        name="Kelompok Usaha Bersama Jawa Timur",
        purpose="Modal usaha kelompok keluarga miskin.",
        note=PRIORITY + "Besaran per kelompok tidak diketahui, jadi belum ditetapkan.",
        benefit=BenefitKind.ONCE,
        payee=PayeeKind.GROUP,
        criteria=(_seen("group", "Kelompok sekurangnya 5 kepala keluarga sedesa"),),
        laws=("Peraturan Menteri Sosial Nomor 2 Tahun 2019",),
    ),
    Line(
        area_code="35",
        code="KWU-EKSPM",
        name="Kewirausahaan Eks Penerima Manfaat",
        purpose="Usaha bagi eks penerima manfaat UPT.",
        note=PRIORITY + "Bentuk dan besaran bantuan tidak diketahui, jadi belum ditetapkan.",
        benefit=BenefitKind.ONCE,
        criteria=(_seen("former_client", "Eks penerima manfaat UPT"), _lives_in("35")),
    ),
    Line(
        area_code="35",
        code="BUFFER",
        name="Buffer Stock Alat Bantu dan Sarana Disabilitas",
        purpose="Persediaan alat bantu dan sarana bagi penyandang disabilitas.",
        note=PRIORITY + "Jumlah dan nilai barang tidak diketahui.",
        benefit=BenefitKind.GOODS,
        criteria=(_seen("needs_aid", "Hasil asesmen: perlu alat bantu"), _lives_in("35")),
    ),
    Line(
        area_code="35",
        code="PRSE",
        name="Perempuan Rawan Sosial Ekonomi",
        purpose="Bantuan bagi perempuan dewasa yang tidak cukup penghasilannya.",
        note="Disebut di antara program Jawa Timur; bentuk, besaran, dan jumlah penerima tidak"
        " diketahui, jadi belum ditetapkan.",
        benefit=BenefitKind.ONCE,
        criteria=(
            _rule("sex_is", sex="P"),
            _seen("vulnerable", "Perempuan rawan sosial ekonomi menurut asesmen"),
            _lives_in("35"),
        ),
    ),
    *(
        _service("35", code, name, purpose, PRIORITY + "Layanan, bukan uang.")
        for code, name, purpose in (
            ("JSC", "Jatim Social Care (JSC)", "Tanggap darurat sosial bagi warga telantar."),
            (
                "SHELTER",
                "Rumah Aman Perempuan dan Anak Korban",
                "Tempat berlindung bagi perempuan dan anak korban kekerasan.",
            ),
            ("REHAB-UPT", "Rehabilitasi Dasar di UPT", "Rehabilitasi sosial dasar dalam UPT."),
            ("REHAB-LKS", "Rehabilitasi Dasar di LKS", "Rehabilitasi sosial dasar dalam LKS."),
            ("ATM-PASUNG", "ATM Pasung", "Pembebasan dan perawatan orang yang dipasung."),
            ("SIMLONTAR", "Simlontar Rek", "Pemulangan orang telantar ke daerah asalnya."),
            ("RELAWAN", "Relawan Sosial", "Pembinaan pilar dan relawan sosial."),
            (
                "BENCANA",
                "Penanggulangan Bencana",
                "Perlindungan sosial sebelum, saat, dan sesudah bencana.",
            ),
        )
    ),
    Line(
        area_code="15",
        code="TAGANA",
        name="Taruna Siaga Bencana (Tagana)",
        purpose="Pembinaan Tagana di 11 wilayah Jambi.",
        note="Jambi 2022: 701 orang di 11 wilayah, dicatat sebagai pilar sosial. Pembagian per"
        " wilayah dibuat untuk latihan.",
        benefit=BenefitKind.SERVICE,
        criteria=(_seen("member", "Anggota Tagana yang dilatih"),),
        laws=("Peraturan Menteri Sosial Nomor 28 Tahun 2012",),
    ),
    _service(
        "64",
        "GRATISPOL",
        "Pendataan Subsidi Iuran BPJS (GratisPol)",
        "Pendataan dan verifikasi calon penerima subsidi iuran kesehatan dan ketenagakerjaan.",
        "Kalimantan Timur 2025: Dinsos mendata dan memverifikasi; iuran dibayar pihak lain.",
    ),
)
# The 15 of 2023, by the code that carries each.
FIFTEEN = (
    *(story.PKH_PLUS, story.ASPD, story.KUBE, "KWU-EKSPM", story.EXTREME, story.WORKERS),
    *("BUFFER", "JSC", "SHELTER", "REHAB-UPT", "REHAB-LKS", "ATM-PASUNG", "SIMLONTAR"),
    *("RELAWAN", "BENCANA"),
)
LINES = (*COUNTED, *PRIORITIES)

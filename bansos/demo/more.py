"""The other counted lines of Madiun, East Java and Jambi: what they are, and whom they reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bansos.accounts.models import Agency, User
from bansos.demo import story
from bansos.demo.catalogue import LAWS, PAY_DAY
from bansos.demo.places import villages_of
from bansos.demo.population import Population, Soul
from bansos.demo.story import MADIUN
from programs.choices import BenefitKind, PayeeKind
from programs.models import ProgrammeVersion
from programs.services.catalogue import (
    ProgrammeValues,
    VersionValues,
    activate_version,
    save_programme,
    save_stage,
    save_version,
    set_quota,
)
from programs.services.loading import known_programmes

NEW_YEAR = date(story.YEAR, 1, 1)
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

    Without `criteria` nobody can be proposed and it stays a draft: money whose rate nobody told.
    """

    area_code: str
    code: str
    name: str
    purpose: str
    note: str
    benefit: BenefitKind
    payee: PayeeKind = PayeeKind.PERSON
    amount: Decimal | None = None
    # People or places that the figures tell; None for money to governments.
    count: int | None
    places: tuple[str, ...] = (MADIUN,)
    people: tuple[Ages, ...] = ()
    desil: int | None = None
    criteria: tuple[dict[str, Any], ...] = ()
    laws: tuple[str, ...] = ()
    decree: str = ""

    @property
    def is_open(self) -> bool:
        """True when the line takes proposals."""
        return bool(self.criteria)


def _rule(code: str, **params: Any) -> dict[str, Any]:
    return {"code": code, "params": params, "label": "", "waivable": False}


def _seen(key: str, question: str) -> dict[str, Any]:
    return _rule("field_check", key=key, question=question)


def _lives_in(province: str) -> dict[str, Any]:
    return _rule("domicile_in_province", province=province)


LINES = (
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
            _rule("min_age_on_stage", age=18),
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
        note="Madiun 2025: 51 orang. Besaran per orang tidak diketahui. Dicatat sebagai barang;"
        " pembagian anak dan lansia dibuat untuk latihan.",
        benefit=BenefitKind.GOODS,
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
        note="Madiun 2025: 148 orang (kuota). Besaran tidak diketahui, jadi masih draf.",
        benefit=BenefitKind.PER_STAGE,
        count=148,
    ),
    Line(
        area_code="35",
        code=story.ZAKAT,
        name="Zakat Produktif",
        purpose="Modal usaha dari zakat.",
        note="Madiun 2025: 50 penerima (kuota). Besaran tidak diketahui, jadi masih draf.",
        benefit=BenefitKind.ONCE,
        count=50,
    ),
    Line(
        area_code="35",
        code=story.BKK,
        name="Bantuan Keuangan Khusus (BKK)",
        purpose="Uang bagi pemerintah: Desa Berdaya, Jatim Puspa, operasional pendamping PKH Plus.",
        note="Madiun 2025: Rp940.000.000 seluruhnya. Pembagian per desa tidak diketahui,"
        " jadi besaran kosong dan masih draf.",
        benefit=BenefitKind.ONCE,
        payee=PayeeKind.GOVERNMENT,
        count=None,
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
            _lives_in("35"),
        ),
        decree="188/104/KPTS/013/2026",
    ),
    Line(
        area_code="15",
        code=story.AIDS,
        name="Alat Bantu Penyandang Disabilitas",
        purpose="Alat bantu bagi penyandang disabilitas.",
        note="Jambi 2022: 102 orang dari dalam provinsi. 23 orang dari luar provinsi tidak dicatat:"
        " bukan penduduk wilayah ini. Sebaran dibuat untuk latihan; nilai tidak diketahui.",
        benefit=BenefitKind.GOODS,
        count=102,
        places=tuple(story.JAMBI),
        people=(Ages(102, 7, 69),),
        criteria=(_seen("disabled", "Penyandang disabilitas yang perlu alat"), _lives_in("15")),
    ),
    Line(
        area_code="15",
        code=story.SHELTER,
        name="PSTW Budi Luhur",
        purpose="Rumah singgah dan perawatan bagi lansia telantar.",
        note="Jambi 2022: 64 lansia (38 laki-laki, 26 perempuan). Layanan panti, bukan uang;"
        " dicatat sebagai barang.",
        benefit=BenefitKind.GOODS,
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

Groups = dict[str, Sequence[Soul]]


def open_lines(*, users: Mapping[str, User], scale: story.Scale, at: datetime) -> None:
    """Every line as a programme of this year: in force, or a draft where money has no rate."""
    agencies = {row.area_code: row for row in Agency.objects.all()}
    common = next(row for row in known_programmes() if row["code"] == story.UEP)["versions"][0]
    for line in LINES:
        by = users[{"35": "staf", "15": "staf.jambi"}[line.area_code]]
        _open(sized(line, scale), agency=agencies[line.area_code], common=common, by=by, at=at)


def _open(
    line: Line, *, agency: Agency, common: Mapping[str, Any], by: User, at: datetime
) -> ProgrammeVersion:
    named = ProgrammeValues(code=line.code, name=line.name, purpose=line.purpose)
    programme = save_programme(programme=None, agency=agency, values=named, by=by, at=at)
    values = VersionValues(
        year=story.YEAR,
        payee_kind=line.payee,
        benefit_kind=line.benefit,
        annual_amount=line.amount,
        quota_total=line.count,
        criteria=line.criteria,
        legal_basis=[*LAWS, *line.laws],
        source_note=line.note,
        **{key: common[key] for key in ("required_documents", "stop_reasons", "reject_reasons")},
    )
    version = save_version(version=None, programme=programme, values=values, by=by, at=at)
    for area_code, places in shares(line).items():
        set_quota(version=version, area_code=area_code, places=places, by=by, at=at)
    if line.amount is not None:
        save_stage(
            version=version,
            number=1,
            name="Tahap 1",
            stage_date=PAY_DAY,
            amount=line.amount,
            by=by,
            at=at,
        )
    return activate_version(version=version, by=by, at=at) if line.is_open else version


def sized(line: Line, scale: story.Scale) -> Line:
    """The line as large as the story wants it: only the thousands can be played with fewer."""
    if line.code != story.EXTREME:
        return line
    (ages,) = line.people
    return replace(line, count=scale.extreme, people=(replace(ages, count=scale.extreme),))


def shares(line: Line) -> dict[str, int]:
    """Regency -> people or places of the line, as even as whole people allow."""
    if line.count is None:
        return {}
    each, rest = divmod(line.count, len(line.places))
    return {area_code: each + (place < rest) for place, area_code in enumerate(line.places)}


def people_of(line: Line, population: Population) -> Groups:
    """Regency -> made-up people of an open line who fit its ages, sexes and desil."""
    wanted = [ages for ages in line.people for _one in range(ages.count)]
    groups: Groups = {}
    for area_code, count in shares(line).items():
        villages = villages_of(area_code)
        part, wanted = wanted[:count], wanted[count:]
        souls = [
            population.soul(
                population.birth(NEW_YEAR, ages.youngest, ages.oldest), villages, sex=ages.sex
            )
            for ages in part
        ]
        groups[area_code] = [replace(soul, desil=line.desil or soul.desil) for soul in souls]
    return groups


def lines_with_people(
    area_code: str, *, scale: story.Scale, population: Population
) -> list[tuple[Line, Groups]]:
    """The open lines of a province, each with its people."""
    open_here = [line for line in LINES if line.area_code == area_code and line.is_open]
    return [(line, people_of(sized(line, scale), population)) for line in open_here]

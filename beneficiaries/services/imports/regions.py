"""Where the people of a list live: names and codes to one village, Kemendagri or BPS told apart."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from bansos.lib.errors import BadInput
from bansos.regions.choices import CodeSystem, Level
from bansos.regions.models import Region
from bansos.regions.queries import find_village, plain_name

REGENCY_DIGITS = 4
VILLAGE_DIGITS = 10
LIKE_ENOUGH = 80


@dataclass(frozen=True)
class Place:
    """What a row says about the address, as text."""

    village: str = ""
    district: str = ""
    regency: str = ""
    code: str = ""


@dataclass(frozen=True)
class Found:
    """The village or the smallest known area; `problem` (code, sentence) when it is not clear."""

    area_code: str
    village_id: str | None = None
    problem: tuple[str, str] | None = None


def dotted(code: str) -> str:
    """3519012001 or 35.19.01.2001 as 35.19.01.2001; shorter codes likewise."""
    digits = re.sub(r"\D", "", code)
    parts = [digits[:2], digits[2:4], digits[4:6], digits[6:10]]
    return ".".join(part for part in parts if part)


class RegionFinder:
    """Finds the region of each row of one list; asks the database once per distinct address."""

    def __init__(self, area_code: str, code_system: str) -> None:
        self.area_code = area_code
        self.code_system = code_system
        rows = Region.objects.filter(level=Level.REGENCY).order_by("code")
        self.regencies = {row.code: row for row in rows}
        self.by_bps = {row.bps_code: row for row in self.regencies.values() if row.bps_code}
        self._known: dict[Place, Found] = {}
        self._districts: defaultdict[str, set[str]] | None = None

    def find(self, place: Place) -> Found:
        """The place of a row, from memory when the same address came before."""
        if place not in self._known:
            self._known[place] = self._find(place)
        return self._known[place]

    def _find(self, place: Place) -> Found:
        candidates = self._regencies(place)
        if not candidates:
            return self._wrong(
                "wilayah_lain_berkas",
                _("Kabupaten/kota di baris ini tidak cocok dengan wilayah daftar."),
            )
        if place.code and len(dotted(place.code)) == len("35.19.01.2001"):
            by_code = self._by_code(place, candidates)
            if by_code is not None:
                return by_code
        if not place.village:
            return self._without_village(candidates)
        return self._by_name(place, candidates)

    def _wrong(self, code: str, sentence: str) -> Found:
        return Found(self.area_code, problem=(code, sentence))

    def _regencies(self, place: Place) -> list[str]:
        """Codes of the regencies the row may mean; inside the area of the list only."""
        allowed = [code for code in self.regencies if code.startswith(self.area_code[:5])]
        if place.regency:
            allowed = [code for code in allowed if self._is_called(code, place.regency)]
        if place.code and len(re.sub(r"\D", "", place.code)) >= REGENCY_DIGITS:
            coded = self.regency_of_code(place.code)
            allowed = [code for code in allowed if code == coded]
        return allowed

    def regency_of_code(self, code: str, system: str = "") -> str:
        """The Kemendagri code of the regency that a region code belongs to; "" when unknown."""
        digits = re.sub(r"\D", "", code)[:REGENCY_DIGITS]
        if (system or self.code_system) == CodeSystem.BPS:
            region = self.by_bps.get(digits)
            return region.code if region else ""
        return dotted(digits) if dotted(digits) in self.regencies else ""

    def _is_called(self, code: str, text: str) -> bool:
        return same_regency(self.regencies[code].name, text)

    def _by_code(self, place: Place, candidates: list[str]) -> Found | None:
        """A village by its code, agreeing with the name where there is one."""
        if self.code_system == CodeSystem.BPS:
            digits = re.sub(r"\D", "", place.code)
            region = Region.objects.filter(level=Level.VILLAGE, bps_code=digits).first()
        else:
            region = Region.objects.filter(level=Level.VILLAGE, pk=dotted(place.code)).first()
        if region is None or region.code[:5] not in candidates:
            # Village codes change with splits; the names beside them decide.
            return None if place.village else self._unknown(place)
        if place.village and plain_name(place.village) != plain_name(region.name):
            return self._wrong(
                "kode_beda_nama",
                _("Kode wilayah menunjuk desa lain daripada namanya. Periksa kode atau nama desa."),
            )
        if not region.code.startswith(self.area_code):
            return self._elsewhere()
        return Found(region.code, region.code)

    def _elsewhere(self) -> Found:
        return self._wrong("wilayah_lain_berkas", _("Desa di baris ini di luar wilayah daftar."))

    def _without_village(self, candidates: list[str]) -> Found:
        if len(self.area_code) >= len("35.19.01"):
            return Found(self.area_code)
        if len(candidates) == 1:
            return Found(candidates[0])
        return self._wrong(
            "kabupaten_tidak_jelas", _("Kabupaten/kota belum diisi atau tidak jelas.")
        )

    def _by_name(self, place: Place, candidates: list[str]) -> Found:
        having = self.regencies_having(place.district)
        hits = [
            code
            for regency in candidates
            if regency in having
            and (
                code := find_village(
                    regency_code=regency, district=place.district, village=place.village
                )
            )
        ]
        if len(hits) != 1:
            return self._unknown(place, candidates)
        if not hits[0].startswith(self.area_code):
            return self._elsewhere()
        return Found(hits[0], hits[0])

    def regencies_having(self, district: str) -> set[str]:
        """Codes of the regencies with a district of this name; all districts are read once."""
        if self._districts is None:
            self._districts = defaultdict(set)
            rows = Region.objects.filter(level=Level.DISTRICT, code__startswith=self.area_code[:5])
            for code, name in rows.values_list("code", "name"):
                self._districts[plain_name(name)].add(code[:5])
        return self._districts.get(plain_name(district), set())

    def _unknown(self, place: Place, candidates: Iterable[str] = ()) -> Found:
        sentence = _("Desa/kelurahan ini tidak dikenal di kecamatan itu. Periksa ejaannya.")
        if guess := self._alike(place, candidates):
            sentence = f"{sentence} {_('Mungkin maksudnya %(name)s.') % {'name': guess}}"
        return self._wrong("desa_tidak_dikenal", sentence)

    def _alike(self, place: Place, candidates: Iterable[str]) -> str:
        """The most similar village of these regencies: "Tambakmas, Kec. Kebonsari"."""
        codes = list(candidates)
        if len(codes) != 1:
            return ""
        rows = Region.objects.filter(level=Level.VILLAGE, code__startswith=codes[0])
        names = {
            row.code: f"{row.name}, Kec. {row.parent.name}" for row in rows.select_related("parent")
        }
        said = f"{place.village}, Kec. {place.district}".upper()
        uppers = {code: name.upper() for code, name in names.items()}
        best = process.extractOne(said, uppers, scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH)
        return names[best[2]] if best else ""


def same_regency(name: str, text: str) -> bool:
    """True when a list's words mean this regency or city.

    "KAB. MADIUN" is never Kota Madiun; the bare "MADIUN" may be both, and something else (the
    village, the area of the list) has to decide.
    """
    if plain_name(name) != plain_name(text):
        return False
    said = text.strip().upper()
    is_city = name.upper().startswith("KOTA ")
    if re.match(r"KOTA\b", said):
        return is_city
    if re.match(r"KAB(UPATEN)?\b", said):
        return not is_city
    return True


def code_system_of(finder: RegionFinder, places: Iterable[Place]) -> CodeSystem | None:
    """The system in which the codes of a list agree with its names; None when both do or no code.

    Raises BadInput when some rows agree only with one system and some only with the other.
    """
    votes: Counter[CodeSystem] = Counter()
    for place in places:
        readings = {
            system
            for system in CodeSystem
            if _agrees(finder, finder.regency_of_code(place.code, system), place)
        }
        if len(readings) == 1:
            votes[readings.pop()] += 1
    if len(votes) > 1:
        raise BadInput(
            "kode_wilayah_campur",
            _(
                "Kode wilayah di berkas ini sebagian cocok dengan Kemendagri, sebagian dengan BPS."
                " Tidak ada data yang berubah. Pakai satu sistem kode, lalu unggah lagi."
            ),
        )
    return next(iter(votes), None)


def _agrees(finder: RegionFinder, code: str, place: Place) -> bool:
    if not code:
        return False
    if place.regency:
        return same_regency(finder.regencies[code].name, place.regency)
    if len(finder.area_code) >= len("35.19"):
        return code == finder.area_code[:5]
    return bool(place.district) and code in finder.regencies_having(place.district)

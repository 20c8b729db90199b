"""Where the 59 regencies and cities stand on the schematic maps, by Kemendagri code.

Hand-made after the compass and the neighbours; every area has the same tile, so a small city is
as visible as a wide regency. Not a map of boundaries.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A tile: its column and row from the north-west, full name, and the lines printed on it."""

    code: str
    column: int
    row: int
    name: str
    lines: tuple[str, ...]


# One text row per map row, from west to east; "." is an empty place, 71 and up are cities.
_GRIDS = {
    "15": (
        " .  08 09 06 07",
        "01 02 04 71 05",
        "72  . 03  .  .",
    ),
    "35": (
        " .  .  . 23 24 25 26 27 28 29",
        " . 21 22 17 76 78  .  .  .  .",
        "20 77 18 71 16 15 75 74  .  .",
        "02 19 06 72 79 73 14 13 11 12",
        "01 03 04 05  . 07  . 08 09 10",
    ),
    "64": (
        "11  . 03  .",
        "07 02 08 74",
        " . 09 72  .",
        " . 01 71  .",
    ),
}

_NAMES = {
    "15.01": "Kerinci",
    "15.02": "Merangin",
    "15.03": "Sarolangun",
    "15.04": "Batang Hari",
    "15.05": "Muaro Jambi",
    "15.06": "Tanjung Jabung Barat",
    "15.07": "Tanjung Jabung Timur",
    "15.08": "Bungo",
    "15.09": "Tebo",
    "15.71": "Jambi",
    "15.72": "Sungai Penuh",
    "35.01": "Pacitan",
    "35.02": "Ponorogo",
    "35.03": "Trenggalek",
    "35.04": "Tulungagung",
    "35.05": "Blitar",
    "35.06": "Kediri",
    "35.07": "Malang",
    "35.08": "Lumajang",
    "35.09": "Jember",
    "35.10": "Banyuwangi",
    "35.11": "Bondowoso",
    "35.12": "Situbondo",
    "35.13": "Probolinggo",
    "35.14": "Pasuruan",
    "35.15": "Sidoarjo",
    "35.16": "Mojokerto",
    "35.17": "Jombang",
    "35.18": "Nganjuk",
    "35.19": "Madiun",
    "35.20": "Magetan",
    "35.21": "Ngawi",
    "35.22": "Bojonegoro",
    "35.23": "Tuban",
    "35.24": "Lamongan",
    "35.25": "Gresik",
    "35.26": "Bangkalan",
    "35.27": "Sampang",
    "35.28": "Pamekasan",
    "35.29": "Sumenep",
    "35.71": "Kediri",
    "35.72": "Blitar",
    "35.73": "Malang",
    "35.74": "Probolinggo",
    "35.75": "Pasuruan",
    "35.76": "Mojokerto",
    "35.77": "Madiun",
    "35.78": "Surabaya",
    "35.79": "Batu",
    "64.01": "Paser",
    "64.02": "Kutai Kartanegara",
    "64.03": "Berau",
    "64.07": "Kutai Barat",
    "64.08": "Kutai Timur",
    "64.09": "Penajam Paser Utara",
    "64.11": "Mahakam Ulu",
    "64.71": "Balikpapan",
    "64.72": "Samarinda",
    "64.74": "Bontang",
}

# Names too long for one line of a tile.
_LINES = {
    "15.04": ("Batang", "Hari"),
    "15.05": ("Muaro", "Jambi"),
    "15.06": ("Tanjab", "Barat"),
    "15.07": ("Tanjab", "Timur"),
    "15.72": ("Sungai", "Penuh"),
    "64.02": ("Kutai", "Kartanegara"),
    "64.07": ("Kutai", "Barat"),
    "64.08": ("Kutai", "Timur"),
    "64.09": ("Penajam", "Paser Utara"),
    "64.11": ("Mahakam", "Ulu"),
}
FIRST_CITY = 71


def _places(province: str) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for row, line in enumerate(_GRIDS[province]):
        for column, short in enumerate(line.split()):
            if short != ".":
                code = f"{province}.{short}"
                places[code] = _place(code, column, row)
    return places


def _place(code: str, column: int, row: int) -> Place:
    name = _NAMES[code]
    city = int(code[3:]) >= FIRST_CITY
    lines = _LINES.get(code, ("Kota", name) if city else (name,))
    return Place(code, column, row, f"{'Kota' if city else 'Kab.'} {name}", lines)


LAYOUTS: dict[str, dict[str, Place]] = {province: _places(province) for province in _GRIDS}

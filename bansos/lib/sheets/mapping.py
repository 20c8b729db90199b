"""Which column of a list is which field: by name, by synonym, by likeness, and what is missing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from bansos.lib.errors import BadInput

LIKENESS = 88
LIKENESS_MARGIN = 4
# Behind every whole match: a header that fits only without its bracketed remark.
_BRACKET_RANK = 100
_SHORT_WORD = 3

_BRACKETED = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_ABBREVIATIONS = {
    "no": "nomor",
    "nmr": "nomor",
    "num": "nomor",
    "tgl": "tanggal",
    "tmp": "tempat",
    "tmpt": "tempat",
    "jns": "jenis",
    "kel": "kelurahan",
    "kec": "kecamatan",
    "kab": "kabupaten",
    "prov": "provinsi",
    "prop": "provinsi",
    "rek": "rekening",
    "norek": "nomor rekening",
    "nohp": "nomor hp",
    "nokk": "nomor kk",
    "noka": "nomor kk",
    "jml": "jumlah",
    "ket": "keterangan",
    "almt": "alamat",
    "nm": "nama",
    "thn": "tahun",
}


class ColumnKind(StrEnum):
    """How a column is written in templates and read back."""

    TEXT = "text"
    DIGITS = "digits"  # NIK, KK, account, telephone: digits that are no number
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    ORDINAL = "ordinal"  # the running number of the row


@dataclass(frozen=True, slots=True)
class ExpectedColumn:
    """A column the caller looks for; `label` is the header of our own template."""

    key: str
    label: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    kind: ColumnKind = ColumnKind.TEXT


@dataclass(frozen=True, slots=True)
class Conflict:
    """Several columns answer to one field; the first of `columns` was taken."""

    key: str
    label: str
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """What could be matched, what only by likeness (ask!), what twice, what not at all."""

    mapping: dict[str, int]
    similar: frozenset[str]
    conflicts: tuple[Conflict, ...]
    missing: tuple[ExpectedColumn, ...]


@lru_cache(maxsize=4_096)
def normalise(text: str) -> str:
    """A header as words: lower case, no accents, no signs, abbreviations written out."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = _NOT_WORD.sub(" ", plain).split()
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words)


def guess_mapping(headers: Sequence[str], expected: Sequence[ExpectedColumn]) -> dict[str, int]:
    """Field key to column index for every expected column that was recognised."""
    return study_headers(headers, expected).mapping


def study_headers(headers: Sequence[str], expected: Sequence[ExpectedColumn]) -> Guess:
    """Match headers to fields: label, then synonyms in their order, then likeness.

    One column serves one field. A likeness is taken only when it is clear of the next best and
    every short word (KK, NIK, RT) and every figure is the same.
    """
    exact = _exact_pairs(headers, expected)
    mapping = _take_best(exact, {})
    conflicts = _conflicts(exact, mapping, expected)
    rest = [column for column in expected if column.key not in mapping]
    taken = set(mapping.values()) | {i for conflict in conflicts for i in conflict.columns}
    free = {i: forms(header)[0] for i, header in enumerate(headers) if i not in taken and header}
    similar = _take_best(_similar_pairs(free, rest), {})
    mapping = {**mapping, **similar}
    return Guess(
        mapping={column.key: mapping[column.key] for column in expected if column.key in mapping},
        similar=frozenset(similar),
        conflicts=conflicts,
        missing=tuple(c for c in expected if c.required and c.key not in mapping),
    )


def forms(header: str) -> tuple[str, ...]:
    """The header as it stands and, where there is one, without its bracketed remark."""
    whole, bare = normalise(header), normalise(_BRACKETED.sub(" ", header))
    return (whole, bare) if bare and bare != whole else (whole,)


@lru_cache(maxsize=512)
def names_of(column: ExpectedColumn) -> tuple[str, ...]:
    """All names a column answers to, best first."""
    names = [column.label, *column.synonyms, column.key.replace("_", " ")]
    return tuple(dict.fromkeys(normalise(name) for name in names))


def require_columns(
    mapping: Mapping[str, int], headers: Sequence[str], expected: Sequence[ExpectedColumn]
) -> None:
    """Raises BadInput naming the required columns that have no place, and what there is."""
    missing = [column.label for column in expected if column.required and column.key not in mapping]
    if not missing:
        return
    there = ", ".join(header for header in headers if header) or _("tidak ada")
    raise BadInput(
        "kolom_tidak_ditemukan",
        _(
            "Kolom %(missing)s tidak ditemukan. Kolom yang ada: %(there)s. "
            "Tidak ada data yang berubah. Cocokkan kolomnya, atau ubah judul kolom di berkas "
            "lalu unggah lagi."
        )
        % {"missing": _listed(missing), "there": there},
    )


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("%(first)s dan %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


# (rank: smaller is better, order of the field, column) -> the field
_Pair = tuple[int, int, int, str]


def _exact_pairs(headers: Sequence[str], expected: Sequence[ExpectedColumn]) -> list[_Pair]:
    fields: dict[str, list[tuple[int, int, str]]] = {}
    for order, column in enumerate(expected):
        for rank, name in enumerate(names_of(column)):
            fields.setdefault(name, []).append((rank, order, column.key))
    pairs = []
    for index, header in enumerate(headers):
        for penalty, form in enumerate(forms(header)):
            for rank, order, key in fields.get(form, []):
                pairs.append((rank + penalty * _BRACKET_RANK, order, index, key))
    return sorted(pairs)


def _take_best(pairs: Iterable[_Pair], mapping: dict[str, int]) -> dict[str, int]:
    used = set(mapping.values())
    for _rank, _order, index, key in pairs:
        if key not in mapping and index not in used:
            mapping[key] = index
            used.add(index)
    return mapping


def _conflicts(
    pairs: Sequence[_Pair], mapping: Mapping[str, int], expected: Sequence[ExpectedColumn]
) -> tuple[Conflict, ...]:
    used = set(mapping.values())
    found = []
    for column in expected:
        others = {
            index
            for rank, _order, index, key in pairs
            if key == column.key and index not in used and rank < _BRACKET_RANK
        }
        if others:
            columns = (mapping[column.key], *sorted(others))
            found.append(Conflict(column.key, column.label, columns))
    return tuple(found)


def _similar_pairs(free: Mapping[int, str], rest: Sequence[ExpectedColumn]) -> list[_Pair]:
    pairs = []
    for index, header in free.items():
        scores = sorted(
            ((_likeness(header, column), -order) for order, column in enumerate(rest)),
            reverse=True,
        )
        if not scores or scores[0][0] < LIKENESS:
            continue
        if len(scores) > 1 and scores[0][0] - scores[1][0] < LIKENESS_MARGIN:
            continue
        score, order = scores[0]
        pairs.append((-score, -order, index, rest[-order].key))
    return sorted(pairs)


def _likeness(header: str, column: ExpectedColumn) -> int:
    names = (name for name in names_of(column) if _anchors(name) == _anchors(header))
    return max((round(fuzz.token_sort_ratio(header, name)) for name in names), default=0)


def _anchors(name: str) -> list[str]:
    """Words that must be the same for two names to be alike: short ones, and figures."""
    return sorted(
        word
        for word in name.split()
        if len(word) <= _SHORT_WORD or any(sign.isdigit() for sign in word)
    )

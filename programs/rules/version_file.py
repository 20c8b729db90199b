"""A version as one readable YAML file: its shape, written and read back exactly.

Read with care: at most 200 KB, plain values only, no anchors or aliases, each key once and known.
What is wrong is told in one sentence with the line, and the document remembers the line of each
of its places for the rules that are checked later. Amounts are text or whole numbers, never
fractions of a machine number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

FORMAT = "bansos-program-1"
MOST_BYTES = 200_000
MOST_DEPTH = 20
PLAIN = ("str", "int", "bool", "null", "timestamp")

# The way to something in a file: keys, and numbers in lists from zero.
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Shape:
    """What may stand at one place: `keys` of a mapping, `each` of a list, else a plain value.

    kind: "map", "list", "free" (checked by the rules of that part), or one of text, number,
    money, date, flag (yes or no), option (a text, or nothing). `wanted`: keys of a mapping that
    may not be left out, nor empty.
    """

    kind: str
    keys: Mapping[str, Shape] = field(default_factory=dict)
    each: Shape | None = None
    wanted: tuple[str, ...] = ()


TEXT, NUMBER, MONEY, DATE, FLAG, OPTION, FREE = (
    Shape(kind) for kind in ("text", "number", "money", "date", "flag", "option", "free")
)
LINES = Shape("list", each=TEXT)


def _rows(*wanted: str, **keys: Shape) -> Shape:
    return Shape("list", each=Shape("map", keys, wanted=wanted))


CODED = ("code", "label")
_CODED = _rows(*CODED, code=TEXT, label=TEXT)
_CRITERION: dict[str, Shape] = {
    **{name: TEXT for name in ("code", "label", "group")},
    **{name: FREE for name in ("params", "waivable")},
}
_CRITERIA = Shape("list", each=Shape("map", _CRITERION))
_CRITERION["items"] = _CRITERIA
_WAYS = _rows(
    *("who",),
    **{name: TEXT for name in ("who", "letter", "witness")},
    **{name: FLAG for name in ("same_kk", "confirmed", "account")},
    relations=LINES,
)
_PROXIES = Shape("map", {"article": TEXT, "most_days": NUMBER, "forbidden": LINES, "ways": _WAYS})
_HEIRS = Shape(
    "map",
    {
        "article": TEXT,
        **{name: FLAG for name in ("pays", "same_kk", "before_passbook", "before_close")},
        "papers": _CODED,
    },
)
_EVENTS = _rows(
    *("event", "outcome"),
    **{name: TEXT for name in ("event", "outcome", "article")},
    **{"when": LINES, "reason": OPTION, "days": NUMBER},
)
_EXITS = Shape(
    "map",
    {
        **{name: OPTION for name in ("article", "need", "appeal_article")},
        **{name: NUMBER for name in ("term_months", "appeal_days")},
        "next": LINES,
        "measures": _rows(
            *(*CODED, "kind"), code=TEXT, label=TEXT, kind=TEXT, percent=NUMBER, months=NUMBER
        ),
    },
)
_ASSESSMENTS = Shape(
    "list",
    each=Shape(
        "map",
        {
            **{name: TEXT for name in ("code", "label")},
            "required": FLAG,
            "pass": NUMBER,
            "questions": _rows(*CODED, "most", code=TEXT, label=TEXT, most=NUMBER),
        },
        wanted=(*CODED, "questions"),
    ),
)
_PLAN = Shape(
    "map",
    {
        "required": FLAG,
        "lowest": MONEY,
        "article": OPTION,
        **{name: _CODED for name in ("sections", "kinds")},
        "kinds_needed": NUMBER,
    },
)

# Key in the file -> field of a version, in the order of the file.
FIELDS: dict[str, tuple[str, Shape]] = {
    "penerima": ("payee_kind", TEXT),
    "bentuk_bantuan": ("benefit_kind", TEXT),
    "besaran_setahun": ("annual_amount", MONEY),
    "pagu_dibagi": ("formula_budget", MONEY),
    "tarif": ("tariff", MONEY),
    "satuan_tarif": ("unit_label", TEXT),
    "kuota_program": ("quota_total", NUMBER),
    "target_wilayah": ("regency_target", NUMBER),
    "target_bersama": ("target_with", LINES),
    "kriteria": ("criteria", _CRITERIA),
    "urutan": (
        "ranking",
        Shape("map", {"keys": _rows(key=TEXT, direction=TEXT), "replacement": TEXT}),
    ),
    "tidak_bersama": ("exclusive_with", Shape("list", each=FREE)),
    "dokumen": ("required_documents", _rows(*CODED, code=TEXT, label=TEXT, required=FLAG)),
    "dasar_hukum": ("legal_basis", LINES),
    "alasan_tidak_layak": ("reject_reasons", _CODED),
    "alasan_berhenti": ("stop_reasons", _CODED),
    "jalur_penyaluran": ("rails", LINES),
    "aturan_kuasa": ("proxy_rules", _PROXIES),
    "aturan_ahli_waris": ("heir_rules", _HEIRS),
    "kalender": ("calendar", LINES),
    "langkah_verifikasi": ("verification_steps", LINES),
    "pertanyaan_pemantauan": ("monitoring_form", LINES),
    "contoh_dokumen": ("document_templates", LINES),
    "ukuran_keberhasilan": ("success_measure", TEXT),
    "sumber_dana": ("funding_source", TEXT),
    "bank_penyalur": ("bank_code", TEXT),
    "kode_rekening": ("account_code", TEXT),
    "sumber": ("source_note", TEXT),
    "aturan_peristiwa": ("event_rules", _EVENTS),
    "aturan_selesai": ("exit_rules", _EXITS),
    "saluran_usulan": ("proposal_channels", LINES),
    "formulir_asesmen": ("assessment_forms", _ASSESSMENTS),
    "aturan_rab": ("plan_rules", _PLAN),
    "naskah_dokumen": ("letters", _rows(*CODED, "text", code=TEXT, label=TEXT, text=TEXT)),
}
HEAD: dict[str, Shape] = {
    "format": TEXT,
    "program": Shape("map", {"kode": TEXT, "nama": TEXT, "tujuan": TEXT}),
    "tahun": NUMBER,
}
TAIL: dict[str, Shape] = {
    "tahap": _rows(nama=TEXT, tanggal=DATE, jumlah=MONEY),
    "kuota_wilayah": Shape("free"),
}
WHOLE = Shape("map", {**HEAD, **{key: shape for key, (_f, shape) in FIELDS.items()}, **TAIL})
WANTED = ("format", "program", "tahun", "penerima", "bentuk_bantuan")


class FileProblem(Exception):
    """What is wrong with a file, as one sentence."""


class Document(dict[str, Any]):
    """What stands in a file; `lines` says where: keys and places in lists -> line from one."""

    def __init__(self, content: Mapping[str, Any], lines: Mapping[Place, int]) -> None:
        super().__init__(content)
        self.lines = lines

    def line_of(self, *place: str | int) -> int:
        """The line of a place; of what holds it, where the file does not have it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class _Loader(yaml.SafeLoader):
    """Plain values only; a date stays the text it is."""


# "2026-03-15" is kept as text: the service reads it, and what is text stays text.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith("timestamp")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """Readable: lists indented under their key, nothing shared by an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: Any, value: str) -> Any:
    # Line breaks that YAML folds into a space when they are not written as escapes.
    style = '"' if any(letter in value for letter in "\x85\u2028\u2029") else None
    if style is None and "\n" in value and value == value.strip():
        # Lines stay lines where YAML can keep them so; where it cannot, it quotes them by itself.
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def dump(document: Mapping[str, Any]) -> str:
    """The file of a document; the same document gives the same bytes."""
    return yaml.dump(dict(document), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def read(data: bytes) -> Document:
    """The document of a file; raises FileProblem with one sentence."""
    if len(data) > MOST_BYTES:
        raise FileProblem(f"Berkas lebih besar dari {MOST_BYTES // 1000} KB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileProblem("Berkas bukan teks UTF-8.") from error
    try:
        _check_events(text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" di baris {mark.line + 1}" if mark else ""
        raise FileProblem(f"Susunan YAML tidak dapat dibaca{where}.") from error
    if not isinstance(node, yaml.MappingNode):
        raise FileProblem("Berkas kosong atau bukan daftar kunci program.")
    lines: dict[Place, int] = {}
    document = Document(_Reader(lines).value(node, WHOLE, ()), lines)
    if document.get("format") != FORMAT:
        raise FileProblem(f"Kunci format harus {FORMAT}.")
    missing = [key for key in WANTED if key not in document]
    if missing:
        raise FileProblem(f"Kunci {missing[0]} belum ada.")
    return document


def _check_events(text: str) -> None:
    """Refuse what could blow up before anything is built: aliases, deep nests, two documents."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise FileProblem(f"Baris {line} memakai jangkar atau alias YAML, yang tidak diterima.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > MOST_DEPTH:
            raise FileProblem(f"Baris {line} bersarang terlalu dalam.")
        if documents > 1:
            raise FileProblem(f"Baris {line} memulai dokumen kedua; satu berkas satu program.")


@dataclass(frozen=True)
class _Reader:
    """Builds the values of a file and notes the line of each."""

    lines: dict[Place, int]

    def value(self, node: Any, shape: Shape, place: Place) -> Any:
        line, key = node.start_mark.line + 1, _key_of(place)
        self.lines.setdefault(place, line)
        plain = shape.kind not in {"map", "list", "free"}
        if plain and not isinstance(node, yaml.ScalarNode):
            raise FileProblem(f"Isian {key} di baris {line} harus satu nilai.")
        if shape.kind == "map" and not isinstance(node, yaml.MappingNode):
            raise FileProblem(f"Isian {key} di baris {line} harus daftar kunci.")
        if shape.kind == "list" and not isinstance(node, yaml.SequenceNode):
            raise FileProblem(f"Isian {key} di baris {line} harus daftar baris.")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, shape, place)
        if isinstance(node, yaml.SequenceNode):
            each = shape.each or FREE
            return [
                self.value(item, each, (*place, number)) for number, item in enumerate(node.value)
            ]
        return _scalar(node, shape, key)

    def _mapping(self, node: Any, shape: Shape, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise FileProblem(f"Kunci di baris {line} harus teks.")
            key = str(key_node.value)
            if shape.kind == "map" and key not in shape.keys:
                raise FileProblem(f"Kunci {key} di baris {line} tidak dikenal.")
            if key in found:
                raise FileProblem(f"Kunci {key} di baris {line} ditulis dua kali.")
            self.lines[*place, key] = line
            found[key] = self.value(value_node, shape.keys.get(key, FREE), (*place, key))
        for key in shape.wanted:
            if found.get(key) in (None, ""):
                line = self.lines.get((*place, key), node.start_mark.line + 1)
                raise FileProblem(f"Isian {key} di baris {line} belum diisi.")
        return found


def _key_of(place: Place) -> str:
    """The nearest key above a place."""
    return next((str(part) for part in reversed(place) if isinstance(part, str)), "")


def _scalar(node: Any, shape: Shape, key: str) -> Any:
    line, kind = node.start_mark.line + 1, node.tag.rpartition(":")[2]
    if kind == "float":
        raise FileProblem(
            f"Angka pecahan {key} di baris {line} harus ditulis di antara tanda kutip."
        )
    if kind not in PLAIN:
        raise FileProblem(f"Nilai {key} di baris {line} bukan teks, angka, atau ya/tidak.")
    try:
        value = _Loader("").construct_object(node)  # type: ignore[no-untyped-call]
    except (ValueError, yaml.YAMLError) as error:
        raise FileProblem(f"Nilai {key} di baris {line} tidak dapat dibaca.") from error
    if isinstance(value, str) and "\x00" in value:
        raise FileProblem(f"Nilai {key} di baris {line} memuat huruf yang tidak dapat disimpan.")
    if shape.kind == "flag" and not isinstance(value, bool):
        raise FileProblem(f"Isian {key} di baris {line} harus true atau false.")
    texts = {"text": str, "option": str | None}.get(shape.kind)
    if texts is not None and not isinstance(value, texts):
        raise FileProblem(f"Isian {key} di baris {line} harus teks di antara tanda kutip.")
    if shape.kind == "number" and (isinstance(value, bool) or not isinstance(value, int | None)):
        raise FileProblem(f"Isian {key} di baris {line} harus angka bulat.")
    if shape.kind in {"money", "date"} and isinstance(value, bool):
        raise FileProblem(f"Isian {key} di baris {line} tidak dikenal.")
    return value

"""What is wrong with written criteria, and what is allowed but meets nobody or everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from programs.rules.criteria import (
    CRITERIA,
    EACH,
    GROUPS,
    MOST_DEPTH,
    MOST_NODES,
    Node,
    conditions,
    digest_of,
    identity_of,
    is_group,
    sentence_of,
)
from programs.rules.facts import Criterion, Param

AREA = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?")
OLDEST = 120
DESILS = frozenset(range(1, 11))
NODE_KEYS = {"code", "params", "label", "waivable"}
# Asked once per proposal, so not of one member after the other.
OF_THE_GROUP = {"group_size", "group_one_village", "field_check", "score_between"}
GROUP_KEYS = {"group", "items", "label", "waivable"}


Path = tuple[int, ...]
Problem = tuple[Path, str]


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_decimal(value: Any) -> bool:
    try:
        return isinstance(value, str | int) and Decimal(str(value)) >= 0
    except InvalidOperation:
        return False


def _is_date(value: Any) -> bool:
    try:
        return bool(date.fromisoformat(str(value)))
    except ValueError:
        return False


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


# Kind of setting -> (is it well written, what it has to be).
TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "int": (_is_int, "harus angka bulat"),
    "ints": (
        lambda value: isinstance(value, list) and all(_is_int(item) for item in value),
        "harus daftar angka",
    ),
    "decimal": (_is_decimal, "harus angka"),
    "date": (_is_date, "harus tanggal"),
    "codes": (_texts, "harus daftar kode"),
    "choices": (_texts, "harus daftar pilihan"),
    "areas": (
        lambda value: _texts(value) and all(AREA.fullmatch(item) for item in value),
        "harus daftar kode wilayah seperti 35.19 atau 35.19.01.2001",
    ),
    "choice": (lambda value: isinstance(value, str), "tidak dikenal"),
    "text": (lambda value: isinstance(value, str), "harus teks"),
}


def _param_problem(param: Param, value: Any) -> str:
    if value in (None, "", []):
        open_ended = param.optional or param.kind == "codes"
        return "" if open_ended else f"{param.label} belum diisi."
    fits, words = TYPES[param.kind]
    if not fits(value):
        return f"{param.label} {words}."
    known = {key for key, _label in param.choices}
    given = value if isinstance(value, list) else [value]
    if known and not {str(item) for item in given} <= known:
        return f"{param.label} tidak dikenal."
    return ""


def _bound_problem(kind: Criterion, params: Mapping[str, Any]) -> str:
    names = {param.name for param in kind.params}
    if not {"least", "most"} <= names:
        return ""
    least, most = params.get("least"), params.get("most")
    if least is None and most is None:
        return "isi batas paling sedikit atau paling banyak."
    if least is not None and most is not None and Decimal(str(least)) > Decimal(str(most)):
        return "batas paling sedikit melebihi batas paling banyak."
    return ""


def condition_problems(node: Node) -> list[str]:
    """Sentences about one condition: unknown kind, unknown, missing or mistyped settings."""
    code = node.get("code")
    kind = CRITERIA.get(str(code))
    if kind is None:
        return [f"Kriteria {code} tidak dikenal."]
    params = node.get("params") or {}
    if not isinstance(params, Mapping):
        return [f"{kind.label}: setelannya bukan pasangan nama dan nilai."]
    foreign = sorted(set(params) - {param.name for param in kind.params})
    foreign += sorted(set(node) - NODE_KEYS)
    if foreign:
        return [f"{kind.label}: isian {', '.join(foreign)} tidak dikenal."]
    wrong = [text for p in kind.params if (text := _param_problem(p, params.get(p.name)))]
    if not wrong and (bound := _bound_problem(kind, params)):
        wrong = [bound]
    return [f"{kind.label}: {text}" for text in wrong]


def _group_problems(node: Node, at: Path) -> list[Problem]:
    if node.get("group") not in GROUPS:
        return [(at, f"Kelompok {node.get('group')} tidak dikenal.")]
    foreign = sorted(set(node) - GROUP_KEYS)
    if foreign:
        return [(at, f"Kelompok {node['group']}: isian {', '.join(foreign)} tidak dikenal.")]
    items = node.get("items")
    if not isinstance(items, list) or not items:
        return [(at, f"Kelompok {GROUPS[node['group']].lower()} belum berisi.")]
    if len(at) > MOST_DEPTH:
        return [(at, f"Kelompok bersarang lebih dari {MOST_DEPTH} tingkat. Sederhanakan dulu.")]
    if node["group"] == EACH and (words := _member_problem(items)):
        return [(at, words)]
    return _level_problems(items, at)


def _member_problem(items: Sequence[Any]) -> str:
    """What cannot be asked of one member; "" when everything can."""
    for item in items:
        if not isinstance(item, Mapping):
            continue
        inner = item.get("items")
        if is_group(item) and isinstance(inner, list):
            if item["group"] == EACH:
                return f"{GROUPS[EACH]}: tidak dapat berisi kelompok yang sama."
            if words := _member_problem(inner):
                return words
        elif item.get("code") in OF_THE_GROUP:
            label = CRITERIA[item["code"]].label
            return f"{label}: ditanyakan sekali per kelompok, bukan per anggota. Keluarkan dulu."
    return ""


def _level_problems(nodes: Sequence[Any], above: Path) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[str] = set()
    for place, node in enumerate(nodes):
        at = (*above, place)
        if not isinstance(node, Mapping):
            problems.append((at, "Satu baris kriteria tidak terbaca."))
            continue
        wrong = _group_problems(node, at) if is_group(node) else _at(at, condition_problems(node))
        problems += wrong
        if wrong:
            continue
        if above and node.get("code") == "one_per_family":
            only = "Satu orang per KK hanya dapat ditulis di tingkat paling atas, bukan di kelompok"
            problems.append((at, f"{only}."))
        name = identity_of(node)
        if name in seen:
            label = sentence_of(node) if is_group(node) else CRITERIA[node["code"]].label
            problems.append((at, f"{label}: ditulis dua kali."))
        seen.add(name)
    return problems


def _at(place: Path, sentences: Sequence[str]) -> list[Problem]:
    return [(place, sentence) for sentence in sentences]


def criteria_problems(criteria: Any) -> list[str]:
    """Sentences about criteria that cannot be judged; empty when they can.

    Unknown kinds and settings, wrong types, empty or too deep groups, the same thing twice.
    """
    return [sentence for _place, sentence in placed_problems(criteria)]


def placed_problems(criteria: Any) -> list[Problem]:
    """The same sentences, each with its place: numbers from zero, from the outer list inwards."""
    if not isinstance(criteria, list | tuple):
        return [((), "Kriteria harus berupa daftar.")]
    problems = _level_problems(criteria, ())
    if not problems and _count(criteria) > MOST_NODES:
        problems.append(((), f"Kriteria lebih dari {MOST_NODES} baris. Sederhanakan dulu."))
    return problems


def _count(nodes: Sequence[Node]) -> int:
    return sum(1 + (_count(node["items"]) if is_group(node) else 0) for node in nodes)


def criteria_warnings(criteria: Sequence[Node]) -> list[str]:
    """Sentences about sound criteria that nobody, or everybody, can meet by their words alone.

    What the data says is counted by a simulation.
    """
    return [*_conflicts(criteria), *_idle(criteria)]


def _conflicts(nodes: Sequence[Node]) -> list[str]:
    """Contradictions between nodes that all have to be met, here and in groups of "all"."""
    flat = list(_together(nodes))
    found = [words for look in (_ages, _desils, _sexes, _negated) if (words := look(flat))]
    for node in nodes:
        if is_group(node) and node["group"] == "any":
            for item in node["items"]:
                found += _conflicts([item])
        elif is_group(node) and node["group"] == EACH:
            found += _conflicts(node["items"])
    return found


def _together(nodes: Sequence[Node]) -> Sequence[Node]:
    rows: list[Node] = []
    for node in nodes:
        if is_group(node) and node["group"] == "all":
            rows += _together(node["items"])
        else:
            rows.append(node)
    return rows


def _ages(nodes: Sequence[Node]) -> str:
    least, most = 0, OLDEST
    for node in nodes:
        params = node.get("params") or {}
        if node.get("code") == "min_age_on_stage":
            least = max(least, params["age"])
        elif node.get("code") == "max_age":
            most = min(most, params["age"])
        elif node.get("code") == "age_on_date" and not params.get("on"):
            least = max(least, params.get("least") or 0)
            most = min(most, OLDEST if params.get("most") is None else params["most"])
    if least > most:
        return f"Tidak ada orang yang berusia paling sedikit {least} dan paling tua {most} tahun."
    return ""


def _desils(nodes: Sequence[Node]) -> str:
    wanted = set(DESILS)
    for node in nodes:
        if node.get("code") in {"desil_in", "desil_fresh"}:
            wanted &= set(node["params"]["values"])
    return "" if wanted else "Tidak ada desil yang memenuhi semua syarat desil."


def _sexes(nodes: Sequence[Node]) -> str:
    sexes = {node["params"]["sex"] for node in nodes if node.get("code") == "sex_is"}
    return "Tidak ada orang yang laki-laki dan perempuan sekaligus." if len(sexes) > 1 else ""


def _negated(nodes: Sequence[Node]) -> str:
    asked = {_plain(node) for node in nodes}
    for node in nodes:
        if is_group(node) and node["group"] == "not":
            for item in node["items"]:
                if _plain(item) in asked:
                    words = sentence_of(item).rstrip(".")
                    return f"Tidak seorang pun memenuhi: {words}, karena juga diminta sebaliknya."
    return ""


def _plain(node: Node) -> str:
    """A node without its label: what it asks."""
    kept = {key: value for key, value in node.items() if key in {"code", "params", "group"}}
    if is_group(node):
        return digest_of([kept, [_plain(item) for item in node["items"]]])
    return digest_of(kept)


def _idle(criteria: Sequence[Node]) -> list[str]:
    """Conditions that let everybody through by their settings, and alternatives that do."""
    found = []
    for node in conditions(criteria):
        code, params = node["code"], node.get("params") or {}
        zero = {"min_age_on_stage": "age", "min_age_months": "months", "family_has_aged": "count"}
        if code in zero and params[zero[code]] == 0:
            words = sentence_of(node).rstrip(".")
            found.append(f"{words}: dipenuhi semua orang, jadi tidak menyaring.")
    for group in _groups(criteria):
        if group["group"] == "any" and (words := _negated(group["items"])):
            item = words.removeprefix("Tidak seorang pun memenuhi: ").rsplit(", karena", 1)[0]
            found.append(f"Salah satu dari {item} atau sebaliknya: dipenuhi semua orang.")
    return found


def _groups(nodes: Sequence[Node]) -> Sequence[Node]:
    rows: list[Node] = []
    for node in nodes:
        if is_group(node):
            rows += [node, *_groups(node["items"])]
    return rows

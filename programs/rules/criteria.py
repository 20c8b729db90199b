"""Criteria of a version: conditions and groups of them, answered yes, no or unknown with reasons.

A version keeps a list of nodes that all have to be met. A node is a condition {"code", "params",
"label", "waivable"} or a group {"group": "all" | "any" | "not", "items": [node], "label",
"waivable"}; "not" is met when none of its items is. Groups answer by Kleene's three values: what
nobody knows stays unknown unless the rest decides without it. A group "each" is asked of every
member of the group of people that is paid; what stands outside of it is asked of the group itself
or of the chair, who answers for it. See docs/adr on the language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from programs.choices import Answer
from programs.rules.basic_kinds import BASIC
from programs.rules.dated_kinds import DATED
from programs.rules.facts import REGISTER, Criterion, CriterionResult, Facts, Part

CRITERIA: dict[str, Criterion] = {item.code: item for item in (*BASIC, *DATED)}
GROUPS = {
    "all": "Semua terpenuhi",
    "any": "Salah satu terpenuhi",
    "not": "Tidak satu pun terpenuhi",
    "each": "Setiap anggota kelompok memenuhi semuanya",
}
EACH = "each"
MEMBER = "member"
MEMBERS = "Daftar anggota kelompok"
MOST_DEPTH = 4
MOST_NODES = 60

Node = Mapping[str, Any]


def is_group(node: Node) -> bool:
    """True for a group, False for a condition."""
    return "group" in node


def asks_members(nodes: Sequence[Node]) -> bool:
    """True when something, at whatever depth, is asked of every member of a group."""
    return any(
        is_group(node) and (node["group"] == EACH or asks_members(node["items"])) for node in nodes
    )


def asks_group(nodes: Sequence[Node]) -> bool:
    """True when something can be answered only where a group of people is paid."""
    return asks_members(nodes) or any(
        node["code"] == "group_one_village" for node in conditions(nodes)
    )


def conditions(nodes: Sequence[Node]) -> Iterator[Node]:
    """Every condition of a tree, from top to bottom."""
    for node in nodes:
        if is_group(node):
            yield from conditions(node["items"])
        else:
            yield node


def digest_of(value: Any) -> str:
    """A short mark of criteria as they are written; the same words, the same mark."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:16]


def identity_of(node: Node) -> str:
    """What the answer of a node is stored under, once per round.

    Field checks carry their key; kinds that may stand several times, and groups, a mark of what
    they ask.
    """
    if is_group(node):
        return f"{node['group']}:{digest_of(node['items'])[:8]}"
    code = str(node["code"])
    if code == "field_check":
        return f"{code}:{node['params']['key']}"
    return f"{code}:{digest_of(node['params'])[:8]}" if CRITERIA[code].many else code


def sentence_of(node: Node) -> str:
    """One node of a version in words; its own label wins over the built sentence."""
    label = str(node.get("label") or "")
    if label:
        return label
    if is_group(node):
        words = _group_words(node)
        return words[0].upper() + words[1:]
    return CRITERIA[str(node["code"])].words(node.get("params") or {})


def _lowered(text: str) -> str:
    """The first word in the middle of a sentence; KK, E-Disabilitas and RAB keep their capitals."""
    first = text.split(" ", 1)[0]
    plain = first[1:] == first[1:].lower() and "-" not in first
    return text[0].lower() + text[1:] if plain else text


def _group_words(node: Node) -> str:
    parts = [_lowered(sentence_of(item)).rstrip(".") for item in node["items"]]
    if node["group"] == "all":
        return parts[0] if len(parts) == 1 else f"({'; '.join(parts[:-1])}; dan {parts[-1]})"
    if node["group"] == EACH:
        whole = parts[0] if len(parts) == 1 else f"{'; '.join(parts[:-1])}; dan {parts[-1]}"
        return f"setiap anggota kelompok memenuhi ({whole})"
    if len(parts) == 1:
        return f"tidak berlaku: {parts[0]}" if node["group"] == "not" else parts[0]
    opening = "salah satu dari" if node["group"] == "any" else "tidak satu pun dari"
    return f"{opening} ({'; '.join(parts[:-1])}; atau {parts[-1]})"


def sentences_of(criteria: Sequence[Node]) -> list[str]:
    """All criteria of a version in words, one per node, in order."""
    return [sentence_of(row) for row in criteria]


def sentence(criteria: Sequence[Node]) -> str:
    """All criteria of a version as one sentence."""
    parts = [_lowered(text).rstrip(".") for text in sentences_of(criteria)]
    if not parts:
        return "Belum ada syarat."
    if len(parts) == 1:
        return f"Memenuhi syarat bila {parts[0]}."
    return f"Memenuhi syarat bila {'; '.join(parts[:-1])}; dan {parts[-1]}."


def kleene(group: str, answers: Sequence[Answer]) -> Answer:
    """The answer of a group from those of its items: unknown only while it could go both ways."""
    if group in {"all", EACH}:
        deciding, otherwise = Answer.NO, Answer.YES
    else:
        deciding, otherwise = Answer.YES, Answer.NO
    if deciding in answers:
        found = deciding
    else:
        found = Answer.UNKNOWN if Answer.UNKNOWN in answers else otherwise
    if group == "not" and found != Answer.UNKNOWN:
        return Answer.NO if found == Answer.YES else Answer.YES
    return found


def _condition(node: Node, facts: Facts) -> CriterionResult:
    found = CRITERIA[str(node["code"])].judge(facts, node.get("params") or {})
    return CriterionResult(
        code=identity_of(node),
        label=sentence_of(node),
        answer=found.answer,
        value=found.value,
        reason=found.reason,
        source=found.source or REGISTER,
        waivable=bool(node.get("waivable")),
    )


def _group(node: Node, facts: Facts, depth: int) -> CriterionResult:
    items = [answer(item, facts, depth=depth + 1) for item in node["items"]]
    found = kleene(node["group"], [item.answer for item in items])
    told = _telling(node["group"], found, items)
    parts = []
    for item in items:
        own = (depth, item.code, item.label, item.answer, item.value, item.reason, item.source)
        parts += [Part(*own), *item.parts]
    return CriterionResult(
        code=identity_of(node),
        label=sentence_of(node),
        answer=found,
        value=", ".join(item.value for item in told if item.value),
        reason=" ".join(dict.fromkeys(item.reason for item in told)),
        source=", ".join(dict.fromkeys(item.source for item in told)),
        waivable=bool(node.get("waivable")),
        parts=tuple(parts),
    )


def _each(node: Node, facts: Facts, depth: int) -> CriterionResult:
    """Every member asked: one part per member, with all that was found of them."""
    whole = {"group": "all", "items": node["items"]}
    asked = [(name, _group(whole, own, depth + 1)) for name, own in facts.members or ()]
    found = kleene(EACH, [result.answer for _name, result in asked]) if asked else Answer.UNKNOWN
    told = [(name, result) for name, result in asked if result.answer == found]
    reason = " ".join(dict.fromkeys(f"{name}: {result.reason}" for name, result in told))
    if not asked:
        value, reason = "", "Anggota kelompok belum diisi."
    elif found == Answer.YES:
        value, reason = f"{len(asked)} anggota", f"Semua {len(asked)} anggota memenuhi."
    else:
        value = f"{len(told)} dari {len(asked)} anggota"
    return CriterionResult(
        code=identity_of(node),
        label=sentence_of(node),
        answer=found,
        value=value,
        reason=reason,
        source=", ".join(dict.fromkeys([MEMBERS, *(result.source for _name, result in told)])),
        waivable=bool(node.get("waivable")),
        parts=tuple(
            Part(depth, MEMBER, name, row.answer, row.value, row.reason, row.source)
            for name, row in asked
        ),
    )


def _telling(
    group: str, found: Answer, items: Sequence[CriterionResult]
) -> Sequence[CriterionResult]:
    """The items that decided: one that is met is enough, of those that failed all count."""
    if found == Answer.UNKNOWN:
        return [item for item in items if item.answer == Answer.UNKNOWN]
    if group == "not":
        return [item for item in items if item.answer == Answer.YES][:1] or items
    if group == "any":
        return [item for item in items if item.answer == Answer.YES][:1] or items
    return [item for item in items if item.answer == Answer.NO] or items


def answer(node: Node, facts: Facts, *, depth: int = 0) -> CriterionResult:
    """One node answered; a group with the answers of its parts.

    Raises KeyError on an unknown code: criteria_problems() keeps such rows out of a version.
    """
    if not is_group(node):
        return _condition(node, facts)
    return (_each if node["group"] == EACH else _group)(node, facts, depth)


def evaluate(criteria: Sequence[Node], facts: Facts) -> list[CriterionResult]:
    """Answer every criterion of a version from the facts of one candidate, in order.

    No programme pays the dead: a known death answers "alive" with no, asked or not. Raises
    KeyError on an unknown code.
    """
    asked: list[Node] = list(criteria)
    if facts.died_on is not None and all(row.get("code") != "alive" for row in asked):
        asked.append({"code": "alive"})
    return [answer(node, facts) for node in asked]


def failing(results: Sequence[CriterionResult]) -> list[CriterionResult]:
    """The criteria that are answered no and may not be waived by a field note."""
    return [r for r in results if r.answer == Answer.NO and not r.waivable]


def verdict(results: Sequence[CriterionResult]) -> Answer:
    """All answers of one candidate as one: a no that may be waived leaves it open."""
    if failing(results):
        return Answer.NO
    return Answer.YES if all(r.answer == Answer.YES for r in results) else Answer.UNKNOWN

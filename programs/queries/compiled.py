"""Criteria compiled once to SQL, for one person and for millions alike.

The answer is TRUE, FALSE or NULL (unknown), the same as programs.rules.verdict() gives for the
facts of programs.queries.facts; a test compares the two over generated criteria and people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from beneficiaries.choices import GroupRole
from beneficiaries.queries.facts import snapshots_on
from programs.choices import PAYEES
from programs.models import ProgrammeVersion
from programs.queries.sql_ground import Expr, Ground, dead
from programs.queries.sql_kinds import COMPILERS, about_payee, seats
from programs.rules import is_group
from programs.rules.criteria import EACH, Node

# What a visit, an assessment or the forming of a group brings later: not a lack of data.
PROVEN_LATER = frozenset({"field_check", "score_between", "group_size"})
SOURCES = {
    "p": "beneficiaries_person p",
    "e": "programs_enrolment e JOIN beneficiaries_person p ON p.id = e.person_id"
    " LEFT JOIN beneficiaries_payee y ON y.id = e.payee_id",
}
SIGNS = {"all": " AND ", "any": " OR ", "not": " OR "}


@dataclass(frozen=True)
class Compiled:
    """Criteria as SQL over the alias p; `params` are named.

    verdict: TRUE, FALSE or NULL. hopeful: the same when everything that is proven later turns out
    well. sieve: lets everybody through who may pass, so that the database drops the others as
    soon as it knows. everybody: who could ever be asked. nodes: one expression per criterion of
    the list. subject: the alias of what is asked, p for people, y for payees, e for proposals.
    """

    source: str
    verdict: str
    hopeful: str
    sieve: str
    everybody: str
    nodes: Sequence[str]
    params: dict[str, Any] = field(default_factory=dict)
    subject: str = "p"

    @property
    def outcome(self) -> str:
        """SQL: "yes", "pending" (waits for proof only), "unknown" or "no"."""
        open_ones = "'unknown'"
        if self.hopeful != self.verdict:
            open_ones = f"CASE WHEN {self.hopeful} THEN 'pending' ELSE 'unknown' END"
        return (
            f"CASE ({self.verdict}) WHEN TRUE THEN 'yes' WHEN FALSE THEN 'no' ELSE {open_ones} END"
        )


def compile_criteria(
    criteria: Sequence[Node],
    *,
    version: ProgrammeVersion,
    area_code: str,
    stage_date: date,
    today: date,
) -> Compiled:
    """Compile sound criteria for the people of an area, or the payees where the version pays those.

    Raises KeyError on an unknown kind: criteria_problems() keeps such rows away.
    """
    kind = str(version.payee_kind) if version.payee_kind in PAYEES else ""
    ground = Ground(version, area_code, stage_date, today, snapshots_on(today), payee_kind=kind)
    return _compiled(ground, criteria, "y" if kind else "p")


def compile_for_proposals(
    criteria: Sequence[Node],
    *,
    version: ProgrammeVersion,
    payee_kind: str,
    area_code: str,
    stage_date: date,
    today: date,
    observed: Mapping[int, Mapping[str, bool]],
) -> Compiled:
    """The same over proposals of people (payee_kind "") or of payees of one kind.

    Asked is who answers in the proposal itself, also where a newer one stands, and what a
    verifier has just seen counts (Ground.observed). `area_code` holds the homes of all of them.
    """
    ground = Ground(
        version,
        area_code,
        stage_date,
        today,
        snapshots_on(today),
        payee_kind=payee_kind,
        observed=observed,
    )
    return _compiled(ground, criteria, "e")


def _compiled(ground: Ground, criteria: Sequence[Node], subject: str) -> Compiled:
    exprs = [_node(ground, node) for node in criteria]
    hopes = [_node(ground, node, hopeful=True) for node in criteria]
    verdicts = [_open(e, node).sql for e, node in zip(exprs, criteria, strict=True)]
    hopeful = [_open(e, node).sql for e, node in zip(hopes, criteria, strict=True)]
    gone = dead(ground)
    asked = zip(exprs, criteria, strict=True)
    passing = [expr.not_false for expr, node in asked if not node.get("waivable")]
    here = f"starts_with({subject}.area_code, {ground.put(ground.area_code)})"
    if subject == "y":
        here += f" AND y.kind = {ground.put(ground.payee_kind)} AND y.closed_on IS NULL"
    living = f" AND COALESCE(p.died_on > {ground.put(ground.today)}, TRUE)"
    return Compiled(
        source=_source(ground, subject),
        verdict=_and([f"NOT {gone}", *verdicts]),
        hopeful=_and([f"NOT {gone}", *hopeful]),
        sieve=_and([here, *passing]),
        everybody=here + (living if subject == "p" else ""),
        nodes=[expr.sql for expr in exprs],
        params=ground.params,
        subject=subject,
    )


def _source(ground: Ground, subject: str) -> str:
    """People; payees with who answers for them; or proposals with both."""
    joins = " ".join(ground.joins.values())
    family = " LEFT JOIN beneficiaries_family f ON f.id = p.family_id" if "f." in joins else ""
    asked = _payees(ground) if subject == "y" else SOURCES[subject]
    return f"{asked}{family} {joins}"


def _payees(ground: Ground) -> str:
    """Who answers: the chair of today, else the newest proposal, the version's own first."""
    return (
        "beneficiaries_payee y LEFT JOIN LATERAL (SELECT x.person_id FROM programs_enrolment x"
        f" WHERE x.payee_id = y.id ORDER BY (x.version_id = {ground.put(ground.version.pk)}) DESC,"
        " x.id DESC LIMIT 1) answers ON TRUE"
        " LEFT JOIN beneficiaries_groupmember chair ON chair.group_id = y.id"
        f" AND chair.left_on IS NULL AND chair.role = {ground.put(str(GroupRole.CHAIR))}"
        " LEFT JOIN beneficiaries_person p ON p.id = COALESCE(chair.person_id, answers.person_id)"
    )


def condition_inside(
    node: Node,
    *,
    version: ProgrammeVersion,
    area_code: str,
    stage_date: date,
    today: date,
) -> tuple[str, dict[str, Any]]:
    """One criterion as a condition for another query that has the aliases p and f."""
    ground = Ground(version, area_code, stage_date, today, snapshots_on(today), joined=False)
    return _node(ground, node).sql, ground.params


def _and(parts: Sequence[str]) -> str:
    return "(" + " AND ".join(f"({part})" for part in parts) + ")" if parts else "TRUE"


def _open(expr: Expr, node: Node) -> Expr:
    """A no that may be waived by a note leaves the verdict open."""
    return Expr(f"CASE WHEN {expr.sql} THEN TRUE END") if node.get("waivable") else expr


def _asked(ground: Ground, code: str, params: Mapping[str, Any]) -> Expr:
    """One kind; of a payee that nobody answers for, what is asked of a person is unknown."""
    expr = COMPILERS[code](ground, params)
    if not ground.payee_kind or about_payee(code, ground.payee_kind):
        return expr
    return Expr(f"CASE WHEN p.id IS NOT NULL THEN {expr.sql} END")


def _node(ground: Ground, node: Node, *, hopeful: bool = False, favours: bool = True) -> Expr:
    if not is_group(node):
        code = str(node["code"])
        expr = _asked(ground, code, node.get("params") or {})
        if hopeful and code in PROVEN_LATER:
            return Expr(f"COALESCE({expr.sql}, {str(favours).upper()})", plain=expr.plain)
        return expr
    if node["group"] == EACH:
        return _each(ground, node)
    negative = node["group"] == "not"
    items = [
        _node(ground, item, hopeful=hopeful, favours=favours != negative) for item in node["items"]
    ]
    # What the columns of the person decide comes first: SQL then looks nothing up.
    items.sort(key=lambda item: not item.plain)
    sql = SIGNS[node["group"]].join(f"({item.sql})" for item in items)
    return Expr(f"NOT ({sql})" if negative else sql, plain=all(item.plain for item in items))


def _each(ground: Ground, node: Node) -> Expr:
    """Asked of every member of the group: its people take the places of p and f inside.

    Their lists are looked up one by one and chosen by their own homes, which may lie elsewhere.
    """
    own = replace(ground, joined=False, payee_kind="", area_code="", joins={})
    asked = _node(own, {"group": "all", "items": node["items"]}).sql
    return Expr(
        "(SELECT CASE WHEN COUNT(*) = 0 THEN NULL WHEN bool_or(found.fits IS FALSE) THEN FALSE"
        f" WHEN bool_and(found.fits IS TRUE) THEN TRUE END FROM {seats(ground)},"
        f" LATERAL (SELECT ({asked}) AS fits FROM beneficiaries_person p"
        " LEFT JOIN beneficiaries_family f ON f.id = p.family_id"
        " WHERE p.id = seat.person_id) found)"
    )

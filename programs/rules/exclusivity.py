"""Which help shuts which other out, as data of a version: its shape, its words, what contradicts.

An item of `exclusive_with` is the code of a programme (per person, in the same year) or a mapping
{"programme": code | "registry": kind, "per": "person"|"family", "during": "year"|"ever"}.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beneficiaries.choices import SnapshotKind
from programs.choices import BarDuring, BarPer

# National programmes are known by their lists; we hold no enrolments of theirs.
REGISTRIES = (SnapshotKind.PKH, SnapshotKind.SEMBAKO)
KEYS = {"programme", "registry", "per", "during"}


@dataclass(frozen=True)
class Bar:
    """One programme or national list that may not be joined with a version."""

    programme: str = ""
    registry: str = ""
    per: str = BarPer.PERSON
    during: str = BarDuring.YEAR

    @property
    def what(self) -> str:
        """The code of the programme, or the words of the list."""
        return self.programme or str(SnapshotKind(self.registry).label)

    @property
    def stored(self) -> str | dict[str, str]:
        """As a version keeps it: the plain code where nothing else is said."""
        if self.programme and (self.per, self.during) == (BarPer.PERSON, BarDuring.YEAR):
            return self.programme
        what = {"programme": self.programme} if self.programme else {"registry": self.registry}
        return {**what, "per": str(self.per), "during": str(self.during)}

    @property
    def sentence(self) -> str:
        """ "Tidak bersama ASPD: per KK, untuk seterusnya."."""
        per, during = BarPer(self.per).label, BarDuring(self.during).label
        return f"{self.what}: {str(per).lower()}, {str(during).lower()}"


def bar_problem(item: Any) -> str:
    """A sentence when an item cannot be read; "" when it can."""
    if isinstance(item, str):
        return "" if item.strip() else "Program yang tidak boleh bersama belum diisi."
    if not isinstance(item, Mapping):
        return "Program yang tidak boleh bersama harus kode program atau uraian."
    strange = sorted(str(key) for key in item if key not in KEYS)
    if strange:
        return f"Isian {strange[0]} tidak dikenal pada program yang tidak boleh bersama."
    if bool(item.get("programme")) == bool(item.get("registry")):
        return "Program yang tidak boleh bersama: sebut satu program atau satu daftar."
    if item.get("registry") and item["registry"] not in REGISTRIES:
        return f"Daftar {item['registry']} tidak dikenal sebagai bantuan nasional."
    if item.get("per", BarPer.PERSON) not in BarPer.values:
        return "Program yang tidak boleh bersama berlaku per orang atau per KK."
    if item.get("during", BarDuring.YEAR) not in BarDuring.values:
        return "Program yang tidak boleh bersama berlaku pada tahun yang sama atau seterusnya."
    return ""


def bars_of(items: Sequence[Any]) -> list[Bar]:
    """The items of `exclusive_with`, old plain codes among them; unreadable ones are left out."""
    bars = []
    for item in items:
        if bar_problem(item):
            continue
        if isinstance(item, str):
            bars.append(Bar(programme=item.strip().upper()))
            continue
        bars.append(
            Bar(
                programme=str(item.get("programme") or "").strip().upper(),
                registry=str(item.get("registry") or ""),
                per=str(item.get("per", BarPer.PERSON)),
                during=str(item.get("during", BarDuring.YEAR)),
            )
        )
    return bars


@dataclass(frozen=True)
class Demand:
    """What every recipient must have or have had: `now` = at the time of this help."""

    programme: str = ""
    registry: str = ""
    now: bool = True


def demanded(criteria: Sequence[Mapping[str, Any]]) -> Iterator[Demand]:
    """What criteria ask of everybody: what stands alone or under "all", not "any" or "not"."""
    for row in criteria:
        if row.get("group") == "all":
            yield from demanded(row.get("items") or ())
        params = row.get("params") or {}
        code = row.get("code")
        if code == "in_regular_pkh":
            yield Demand(registry=SnapshotKind.PKH)
        elif code == "in_list" and params.get("list") in REGISTRIES:
            yield Demand(registry=str(params["list"]))
        elif code == "received_programme":
            codes = params.get("programmes") or ()
            if len(codes) == 1:  # one of several is no demand for this one
                now = params.get("when") == "this_year"
                yield Demand(programme=str(codes[0]).upper(), now=now)


@dataclass(frozen=True)
class Other:
    """What a version of another programme says: whom it shuts out, what it asks of people."""

    items: Sequence[Any]
    criteria: Sequence[Mapping[str, Any]]


def exclusivity_problems(
    *,
    code: str,
    items: Sequence[Any],
    criteria: Sequence[Mapping[str, Any]],
    others: Mapping[str, Sequence[Other]],
) -> list[str]:
    """Sentences about exclusivity that cannot hold, each naming the programme.

    `code` is the programme itself; `others` are the versions of the other programmes of the year
    by their code: what B says of A holds for A too, and what B asks of A A may not shut out.
    """
    wrong = [text for item in items if (text := bar_problem(item))]
    if wrong:
        return wrong
    bars = bars_of(items)
    if any(bar.programme == code for bar in bars):
        return [f"Program {code} tidak dapat mengecualikan dirinya sendiri."]
    whats = [bar.what for bar in bars]
    twice = sorted({what for what in whats if whats.count(what) > 1})
    if twice:
        return [f"{twice[0]} ditulis dua kali pada program yang tidak boleh bersama."]
    said = [*bars, *_said_of(code, others)]
    wanted = list(demanded(criteria))
    clash = {bar.what for bar in said if any(_contradicts(bar, row) for row in wanted)}
    asked = {bar.what for bar in said if _asks(bar, code, others.get(bar.programme, ()))}
    return [
        *(
            f"Kriteria mensyaratkan {what}, tetapi {what} tidak boleh bersama program ini, jadi"
            " tidak seorang pun dapat memenuhi keduanya."
            for what in sorted(clash)
        ),
        *(
            f"Program {what} mensyaratkan {code}, jadi keduanya tidak dapat saling mengecualikan."
            for what in sorted(asked)
        ),
        *_circle_problems(code, criteria, others),
        *_pair_problems(criteria, others),
    ]


def _needs(criteria: Sequence[Mapping[str, Any]]) -> set[str]:
    """Programmes that everybody must have at the time of this help."""
    return {row.programme for row in demanded(criteria) if row.programme and row.now}


def _circle_problems(
    code: str, criteria: Sequence[Mapping[str, Any]], others: Mapping[str, Sequence[Other]]
) -> list[str]:
    """A programme that in the end asks for itself: nobody could be the first on the way."""
    asked = {
        other: {need for row in rows for need in _needs(row.criteria)}
        for other, rows in others.items()
    }
    paths, seen = [[code, need] for need in sorted(_needs(criteria))], {code}
    while paths:
        path = paths.pop(0)
        last = path[-1]
        for need in sorted(asked.get(last, ())):
            if need == code:
                steps = zip(path, [*path[1:], code], strict=True)
                words = ", ".join(f"{one} mensyaratkan {two}" for one, two in steps)
                return [f"Syaratnya melingkar: {words}. Tidak seorang pun dapat menjadi pertama."]
        if last not in seen:
            seen.add(last)
            paths += [[*path, need] for need in sorted(asked.get(last, ()))]
    return []


def _pair_problems(
    criteria: Sequence[Mapping[str, Any]], others: Mapping[str, Sequence[Other]]
) -> list[str]:
    """Two things asked for at once, of which one shuts the other out."""
    wanted = list(demanded(criteria))
    found = {
        (code, bar.what)
        for code in _needs(criteria)
        for other in others.get(code, ())
        for bar in bars_of(other.items)
        if any(_contradicts(bar, row) for row in wanted if row.programme != code)
    }
    return [
        f"Kriteria mensyaratkan {code} dan {what}, padahal keduanya tidak boleh bersama."
        for code, what in sorted(found)
    ]


def _said_of(code: str, others: Mapping[str, Sequence[Other]]) -> Iterator[Bar]:
    for other, versions in others.items():
        for row in versions:
            for bar in bars_of(row.items):
                if bar.programme == code:
                    yield Bar(programme=other, per=bar.per, during=bar.during)


def _contradicts(bar: Bar, demand: Demand) -> bool:
    """True when who meets the demand is always shut out: help of an earlier year may go before."""
    same = (bar.programme, bar.registry) == (demand.programme, demand.registry)
    return same and (demand.now or bar.during == BarDuring.EVER)


def _asks(bar: Bar, code: str, versions: Sequence[Other]) -> bool:
    turned = Bar(programme=code, per=bar.per, during=bar.during)
    return any(_contradicts(turned, row) for other in versions for row in demanded(other.criteria))

"""Where a proposal may come from, how forms are scored, and what a plan must add up to.

proposal_channels = [channel]; empty: the regency's list and form.
assessment_forms = [{"code", "label", "required": bool, "pass": points or None,
    "questions": [{"code", "label", "most": points}]}]
plan_rules = {"required": bool, "lowest": rupiah or None, "article": text,
    "sections": [{"code", "label"}], "kinds": [{"code", "label"}], "kinds_needed": int or None}

Without `lowest` a plan must equal the grant to the rupiah (KIP Jawara); with it, it lies between
(Jospol 4: goods worth Rp4.500.000 to Rp5.000.000).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from bansos.lib.money import rupiah
from programs.choices import Channel

Rules = Mapping[str, Any]
DEFAULT_CHANNELS = (Channel.LIST, Channel.FORM)
# What each way in has to show; a list and a form carry the regency's own letter.
NEEDS: Mapping[str, tuple[str, ...]] = {
    Channel.VILLAGE: ("letter_number", "letter_date", "village_head", "district_head"),
    Channel.UPT: ("office", "letter_number", "letter_date"),
    Channel.SELF: (),
}
MOST_POINTS = 1_000


def allowed_channels(rules: Sequence[str]) -> tuple[str, ...]:
    """The ways in of a version, in the order of the version."""
    return tuple(rules) or DEFAULT_CHANNELS


def form_channel(rules: Sequence[str]) -> str:
    """The way in of a single proposal where nobody chose one; a list when it is the only way."""
    ways = [way for way in allowed_channels(rules) if way != Channel.LIST]
    return str(ways[0]) if ways else str(Channel.LIST)


@dataclass(frozen=True, kw_only=True)
class SourceWords:
    """What is known of where a proposal comes from."""

    office: str = ""
    letter_number: str = ""
    letter_date: date | None = None
    village_head: str = ""
    district_head: str = ""


def missing_source(channel: str, source: SourceWords) -> list[str]:
    """Names of what the way in still lacks."""
    return [name for name in NEEDS.get(channel, ()) if not getattr(source, name)]


def score_of(form: Rules, answers: Mapping[str, int]) -> tuple[int, int]:
    """(points, most points) of a filled form; KeyError for a question without an answer."""
    points = sum(answers[row["code"]] for row in form["questions"])
    return points, sum(int(row["most"]) for row in form["questions"])


def answer_problems(form: Rules, answers: Mapping[str, int]) -> dict[str, str]:
    """Question code -> what is wrong with its answer."""
    wrong = {}
    for row in form["questions"]:
        given = answers.get(row["code"])
        if given is None or not 0 <= given <= int(row["most"]):
            wrong[str(row["code"])] = _("Isi angka 0 sampai %(most)s.") % {"most": row["most"]}
    return wrong


def plan_problem(*, total: Decimal, lowest: Decimal, grant: Decimal) -> str:
    """One sentence when the plan does not add up to the grant; "" when it does."""
    if lowest <= total <= grant:
        return ""
    if lowest != grant:
        return _(
            "Jumlah RAB %(total)s, nilai bantuan %(lowest)s sampai %(grant)s. RAB belum disimpan."
        ) % {"total": rupiah(total), "lowest": rupiah(lowest), "grant": rupiah(grant)}
    way = _("Kurangi") if total > grant else _("Tambah")
    return _(
        "Jumlah RAB %(total)s, besaran bantuan %(grant)s. %(way)s %(gap)s agar sama; RAB belum"
        " disimpan."
    ) % {
        "total": rupiah(total),
        "grant": rupiah(grant),
        "way": way,
        "gap": rupiah(abs(total - grant)),
    }


def kinds_problem(rules: Rules) -> str:
    """One sentence when a programme lacks business kinds it is to have; "" when it has them."""
    needed, kinds = rules.get("kinds_needed"), rules.get("kinds", [])
    if not needed or len(kinds) == needed:
        return ""
    return _("Jenis usaha ada %(have)s, seharusnya %(needed)s. Lengkapi jenis usahanya.") % {
        "have": len(kinds),
        "needed": needed,
    }


def coded_kinds(rules: Rules) -> dict[str, str]:
    """Code of a kind of business -> its words, in the order of the programme; {} without any."""
    return {str(row["code"]): str(row["label"]) for row in rules.get("kinds", [])}


def amount_of(value: Any) -> Decimal | None:
    """An amount as JSON keeps it; None when it is empty or none."""
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None


def assessing_problems(channels: Sequence[str], forms: Sequence[Rules], plan: Rules) -> list[str]:
    """What is wrong with these rules themselves, in sentences."""
    found = []
    if any(channel not in Channel.values for channel in channels):
        found.append(_("Jalur usulan tidak dikenal."))
    codes = [str(form.get("code", "")) for form in forms]
    if "" in codes or len(set(codes)) != len(codes):
        found.append(_("Kode formulir penilaian kosong atau dipakai dua kali."))
    for form in forms:
        found += _form_problems(form)
    lowest = plan.get("lowest")
    if lowest not in (None, "") and not (amount_of(lowest) or Decimal(0)) > 0:
        found.append(_("Nilai terendah RAB harus lebih dari nol."))
    kinds = [str(row.get("code", "")) for row in plan.get("kinds", [])]
    if "" in kinds or len(set(kinds)) != len(kinds):
        found.append(_("Kode jenis usaha kosong atau dipakai dua kali."))
    return found


def _form_problems(form: Rules) -> list[str]:
    label = str(form.get("label", "")).strip()
    questions = form.get("questions", [])
    if not label or not questions:
        return [_("Formulir penilaian belum punya nama atau pertanyaan.")]
    codes = [str(row.get("code", "")) for row in questions]
    if "" in codes or len(set(codes)) != len(codes):
        return [_("%(form)s: kode pertanyaan kosong atau dipakai dua kali.") % {"form": label}]
    most = [row.get("most") for row in questions]
    if not all(isinstance(value, int) and 0 < value <= MOST_POINTS for value in most):
        return [_("%(form)s: nilai tertinggi tiap pertanyaan 1 sampai 1.000.") % {"form": label}]
    limit = form.get("pass")
    if limit is not None and not (isinstance(limit, int) and 0 < limit <= sum(most)):
        return [_("%(form)s: nilai lulus melebihi jumlah nilai.") % {"form": label}]
    return []

"""Who may collect for a recipient, and who may inherit: each programme's own rule, as data.

A version keeps two mappings, never merged with another programme's (guides of Dinsos Jatim 2026):

proxy_rules = {"article": text, "most_days": int or None, "forbidden": [role],
    "ways": [{"who": who, "relations": [relation], "same_kk": bool, "letter": text,
              "witness": role or "", "confirmed": bool, "account": bool}]}
heir_rules = {"article": text, "pays": bool, "same_kk": bool, "before_passbook": bool,
    "before_close": bool, "papers": [{"code", "label"}]}

An empty mapping lets nobody through. "account" is there where a payment may go into an account in
the proxy's own name; without it a proxy collects, and the account stays the recipient's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from programs.choices import GuardianKin, ProxyRole, ProxyWho

Rules = Mapping[str, Any]
MOST_LETTER_DAYS = 366
# Who collects in the capacity of a role that a programme may forbid.
ROLE_OF_WHO: Mapping[str, str] = {
    ProxyWho.COMPANION: ProxyRole.COMPANION,
    ProxyWho.OFFICER: ProxyRole.SOCIAL_OFFICER,
}


@dataclass(frozen=True, kw_only=True)
class ProxyClaim:
    """Who wants to collect and what was shown for it."""

    who: str
    relation: str = ""
    role: str = ""
    same_kk: bool = False
    letter_number: str = ""
    witness_role: str = ""
    confirmed: bool = False
    days: int | None = None


def proxy_problems(rules: Rules, claim: ProxyClaim) -> list[str]:
    """Why this proxy may not collect, in sentences; empty when they may.

    `days` is how long the letter is to hold; the rule may limit it.
    """
    ways = [way for way in rules.get("ways", []) if way["who"] == claim.who]
    if claim.role and claim.role in rules.get("forbidden", []):
        who = ProxyRole(claim.role).label.lower()
        return [_("Program ini melarang %(who)s menjadi kuasa.") % {"who": who}]
    if not ways:
        return [_("Program ini tidak membolehkan kuasa seperti ini.")]
    found = min((_way_problems(way, claim) for way in ways), key=len)
    most = rules.get("most_days")
    if most and (claim.days is None or claim.days > most):
        found.append(
            _("Surat kuasa program ini berlaku paling lama %(days)s hari.") % {"days": most}
        )
    return found


def account_problems(rules: Rules, claim: ProxyClaim) -> list[str]:
    """Why a payment may not go into an account in this proxy's name; empty when it may."""
    ways = [way for way in rules.get("ways", []) if way.get("account")]
    found = proxy_problems(rules, claim)
    if found or not any(way["who"] == claim.who for way in ways):
        return found or [_("Program ini tidak membayar ke rekening atas nama kuasa seperti ini.")]
    return proxy_problems({**rules, "ways": ways}, claim)


def _way_problems(way: Rules, claim: ProxyClaim) -> list[str]:
    found = []
    if way.get("relations") and claim.relation not in way["relations"]:
        found.append(_("Hubungan keluarga itu tidak dibolehkan program ini."))
    if way.get("same_kk") and not claim.same_kk:
        found.append(_("Kuasa harus dalam KK yang sama."))
    if way.get("letter") and not claim.letter_number.strip():
        found.append(_("%(letter)s belum ada nomornya.") % {"letter": way["letter"]})
    if way.get("witness") and claim.witness_role != way["witness"]:
        witness = ProxyRole(way["witness"]).label.lower()
        found.append(_("Saksi harus %(who)s.") % {"who": witness})
    if way.get("confirmed") and not claim.confirmed:
        found.append(_("Belum ada konfirmasi Dinas Sosial Provinsi."))
    return found


@dataclass(frozen=True, kw_only=True)
class HeirClaim:
    """What is known when an heir asks for the money of somebody who died."""

    same_kk: bool
    passbook_given: bool
    decided_on: date
    stage_closes_on: date | None = None
    papers: Collection[str] = ()


def heir_problems(rules: Rules, claim: HeirClaim) -> list[str]:
    """Why this heir may not be paid, in sentences; empty when they may."""
    if not rules.get("pays"):
        return [_("Program ini tidak membayar ahli waris; uangnya kembali ke kas daerah.")]
    if not claim.passbook_given and not rules.get("before_passbook"):
        return [
            _("Penerima meninggal sebelum buku tabungan diserahkan; uangnya kembali ke kas daerah.")
        ]
    found = []
    closes = claim.stage_closes_on
    if rules.get("before_close") and closes is not None and claim.decided_on > closes:
        found.append(_("Tahap ini sudah ditutup untuk ahli waris."))
    if rules.get("same_kk") and not claim.same_kk:
        found.append(_("Ahli waris harus dalam KK yang sama."))
    missing = [row["label"] for row in rules.get("papers", []) if row["code"] not in claim.papers]
    if missing:
        found.append(_("Berkas belum lengkap: %(papers)s.") % {"papers": ", ".join(missing)})
    return found


def rule_problems(proxy_rules: Rules, heir_rules: Rules) -> list[str]:
    """What is wrong with the rules of a version themselves, in sentences."""
    return [*_proxy_rule_problems(proxy_rules), *_heir_rule_problems(heir_rules)]


def _proxy_rule_problems(rules: Rules) -> list[str]:
    found, ways = [], list(rules.get("ways", []))
    for place, way in enumerate(ways):
        found += _way_rule_problems(way, rules.get("forbidden", []))
        if way in ways[:place]:
            found.append(_("Aturan kuasa: satu cara ditulis dua kali."))
    if any(role not in ProxyRole.values for role in rules.get("forbidden", [])):
        found.append(_("Aturan kuasa: larangan menyebut peran yang tidak dikenal."))
    most = rules.get("most_days")
    if most is not None and not 0 < most <= MOST_LETTER_DAYS:
        found.append(_("Aturan kuasa: masa surat kuasa harus antara 1 dan 366 hari."))
    if rules and not str(rules.get("article", "")).strip():
        found.append(_("Aturan kuasa: pasal belum disebut."))
    return found


def _way_rule_problems(way: Rules, forbidden: Collection[str]) -> list[str]:
    found, who = [], way.get("who")
    if who not in ProxyWho.values:
        found.append(_("Aturan kuasa: jenis kuasa tidak dikenal."))
    if way.get("witness") and way["witness"] not in ProxyRole.values:
        found.append(_("Aturan kuasa: saksi tidak dikenal."))
    if any(kin not in GuardianKin.values for kin in way.get("relations", [])):
        found.append(_("Aturan kuasa: hubungan keluarga tidak dikenal."))
    if ROLE_OF_WHO.get(str(who)) in forbidden:
        name = ProxyWho(str(who)).label
        found.append(_("Aturan kuasa: %(who)s dibolehkan sekaligus dilarang.") % {"who": name})
    return found


def _heir_rule_problems(rules: Rules) -> list[str]:
    found = []
    codes = [str(row.get("code", "")) for row in rules.get("papers", [])]
    if "" in codes or len(set(codes)) != len(codes):
        found.append(_("Aturan ahli waris: kode berkas kosong atau dipakai dua kali."))
    if any(not str(row.get("label", "")).strip() for row in rules.get("papers", [])):
        found.append(_("Aturan ahli waris: ada berkas tanpa nama."))
    if rules and not str(rules.get("article", "")).strip():
        found.append(_("Aturan ahli waris: pasal belum disebut."))
    return found


def rule_sentences(proxy_rules: Rules, heir_rules: Rules) -> list[str]:
    """Both rules in words, for the page of a version."""
    return [*proxy_sentences(proxy_rules), *heir_sentences(heir_rules)]


def way_words(way: Rules) -> str:
    """One way to collect as a sentence; its kind is known."""
    parts = [str(ProxyWho(way["who"]).label)]
    if way.get("relations"):
        kin = [str(GuardianKin(one).label).lower() for one in way["relations"]]
        parts[0] += f" ({', '.join(kin)})"
    parts += [_("dalam KK yang sama")] if way.get("same_kk") else []
    parts += [_("dengan %(letter)s") % {"letter": way["letter"]}] if way.get("letter") else []
    if way.get("witness"):
        parts.append(_("saksi %(who)s") % {"who": ProxyRole(way["witness"]).label.lower()})
    parts += [_("sesudah konfirmasi Dinas Sosial Provinsi")] if way.get("confirmed") else []
    parts += [_("rekening boleh atas namanya")] if way.get("account") else []
    return _("Kuasa: %(words)s.") % {"words": ", ".join(parts)}


def proxy_sentences(rules: Rules) -> list[str]:
    """Who may collect and with what, then the article; silence is told as such."""
    if not rules:
        return [_("Kuasa: belum diatur, jadi belum ada yang boleh mewakili.")]
    article = [rules["article"]] if rules.get("article") else []
    if not rules.get("ways"):
        return [_("Kuasa: tidak ada."), *article]
    words = [way_words(way) for way in rules["ways"]]
    if rules.get("most_days"):
        days = {"days": rules["most_days"]}
        words.append(_("Surat kuasa berlaku paling lama %(days)s hari.") % days)
    if rules.get("forbidden"):
        names = ", ".join(str(ProxyRole(role).label).lower() for role in rules["forbidden"])
        words.append(_("Tidak boleh menjadi kuasa: %(names)s.") % {"names": names})
    return [*words, *article]


def heir_sentences(rules: Rules) -> list[str]:
    """Whether one heir is paid and on what papers, then the article; silence is told as such."""
    if not rules:
        return [_("Ahli waris: belum diatur, jadi belum ada yang dibayar.")]
    article = [rules["article"]] if rules.get("article") else []
    if not rules.get("pays"):
        return [_("Ahli waris: tidak dibayar, uang kembali ke kas daerah."), *article]
    words = _("Ahli waris: satu orang")
    words += _(", dalam KK yang sama") if rules.get("same_kk") else ""
    words += _(", juga sebelum buku tabungan diserahkan") if rules.get("before_passbook") else ""
    words += _(", sebelum tahap ditutup") if rules.get("before_close") else ""
    papers = ", ".join(row["label"] for row in rules.get("papers", []))
    return [f"{words}." + (f" {papers}." if papers else ""), *article]

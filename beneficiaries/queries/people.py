"""Reads of the person page: warnings, panels of the apps above, shared accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.lib.crypto import blind_index
from bansos.lib.dates import age_on, long_date
from bansos.lib.nik import check_nik, clean_digits
from bansos.lib.parts import Pair, Word
from bansos.regions.queries import full_name
from beneficiaries.choices import AccountState
from beneficiaries.models import BankAccount, Payee, Person
from beneficiaries.queries.facts import Facts

ACCOUNT_TONES = {
    AccountState.UNVERIFIED: "netral",
    AccountState.ACTIVE: "baik",
    AccountState.MISMATCH: "masalah",
    AccountState.CLOSED: "netral",
}


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part of the page of a person or payee given by an app above.

    A template, and what it needs as `panel`.
    """

    title: str
    template: str
    icon: str = "heart-handshake"
    context: dict[str, Any] = field(default_factory=dict)


# Apps above append a function at start; it answers for one person as one user sees them.
PANELS: list[Callable[[Person, User], Panel | None]] = []


def panels_of(person: Person, user: User) -> list[Panel]:
    """The panels the other apps have for this person, in the order they were added."""
    return [panel for make in PANELS if (panel := make(person, user)) is not None]


# The same for a group, an institution or a treasury.
PAYEE_PANELS: list[Callable[[Payee, User], Panel | None]] = []


def payee_panels_of(payee: Payee, user: User) -> list[Panel]:
    """The panels the other apps have for this payee, in the order they were added."""
    return [panel for make in PAYEE_PANELS if (panel := make(payee, user)) is not None]


@dataclass(frozen=True)
class Caution:
    """Something to look at before acting: how grave, what, and what to do."""

    tone: str
    title: str
    text: str


def warnings_about(person: Person, facts: Facts) -> list[Caution]:
    """Death, exclusion, a NIK that disagrees with the data, a shared account."""
    found: list[Caution] = []
    if facts.died_on:
        day = long_date(facts.died_on)
        text = _("%(day)s, menurut %(source)s.") % {
            "day": day,
            "source": facts.death_source or _("catatan petugas"),
        }
        found.append(Caution("masalah", _("Tercatat meninggal"), text))
    if facts.exclusion_codes:
        text = _("Kode %(codes)s, menurut %(source)s.") % {
            "codes": ", ".join(facts.exclusion_codes),
            "source": facts.exclusion_source,
        }
        found.append(Caution("masalah", _("Ada di daftar pengecualian"), text))
    if person.nik:
        check = check_nik(person.nik, birth_date=person.birth_date, sex=person.sex)
        for _code, sentence in check.warnings:
            found.append(Caution("menunggu", _("NIK tidak cocok dengan data"), str(sentence)))
    if shared_accounts([person.pk]):
        text = _("Nomor rekeningnya juga dipakai orang lain. Pastikan pemiliknya sebelum membayar.")
        found.append(Caution("menunggu", _("Rekening dipakai bersama"), text))
    return found


def shared_accounts(person_ids: Collection[int]) -> dict[int, list[int]]:
    """Person id -> ids of other people with the same open account number; only who shares one.

    0 stands for a payee (group, institution, government) that has the number.
    """
    open_ones = BankAccount.objects.exclude(state=AccountState.CLOSED)
    own = dict(open_ones.filter(person__in=person_ids).values_list("number_index", "person_id"))
    holders: dict[str, set[int]] = defaultdict(set)
    rows = open_ones.filter(number_index__in=list(own)).values_list("number_index", "person_id")
    for index, person_id in rows:
        holders[str(index)].add(person_id or 0)
    return {
        person_id: sorted(ids - {person_id})
        for ids in holders.values()
        for person_id in ids
        if len(ids) > 1 and person_id in set(person_ids)
    }


def holders_of(number: str) -> QuerySet[Any]:
    """Ids of the people with this NIK, KK or open account, in every area: cut it by visible_to."""
    digits = clean_digits(number)
    holders = BankAccount.objects.filter(number_index=blind_index(digits, "account"))
    holders = holders.exclude(state=AccountState.CLOSED)
    people = Person.objects.filter(
        Q(nik_index=blind_index(digits, "nik"))
        | Q(family__kk_index=blind_index(digits, "kk"))
        | Q(pk__in=holders.values("person_id"))
    )
    return people.values("pk")


def account_word(account: BankAccount) -> Word:
    """The state of an account as a status word."""
    state = AccountState(account.state)
    return Word(ACCOUNT_TONES[state], state.label)


def flags_of(person: Person, facts: Facts) -> list[Word]:
    """The words behind the name: dead, excluded, in PKH, desil, from another province."""
    flags = []
    if facts.died_on:
        flags.append(Word("masalah", _("Meninggal")))
    if facts.exclusion_codes:
        flags.append(Word("masalah", _("Dikecualikan")))
    if facts.desil:
        flags.append(Word("info", _("Desil %(desil)d") % {"desil": facts.desil}, "chart-bar"))
    if facts.in_regular_pkh:
        flags.append(Word("info", _("Keluarga PKH"), "home-heart"))
    if person.home_outside:
        flags.append(Word("menunggu", _("Penduduk luar provinsi"), "map-pin"))
    return flags


def identity_pairs(person: Person, *, on: date, names: dict[str, str]) -> list[Pair]:
    """Identity and address as pairs for the summary; numbers stay masked."""
    born = long_date(person.birth_date) if person.birth_date else ""
    if person.birth_date and not person.died_on:
        born = _("%(day)s (%(age)d tahun)") % {"day": born, "age": age_on(person.birth_date, on)}
    outside = person.home_outside
    return [
        Pair(label=_("Nama"), value=person.name),
        Pair(label=_("Tempat lahir"), value=person.birth_place),
        Pair(label=_("Tanggal lahir"), value=born),
        Pair(label=_("Jenis kelamin"), value=person.get_sex_display() if person.sex else ""),
        Pair(label=_("Alamat"), value=person.address),
        Pair(
            label=_("Dilayani di") if outside else _("Desa/Kelurahan"),
            value=full_name(person.area_code, names),
        ),
        *([Pair(label=_("Penduduk luar provinsi"), value=outside)] if outside else []),
    ]


def registry_pairs(facts: Facts) -> list[Pair]:
    """What the registries say, each with its source; "no snapshot" is told from "not in it"."""
    return [
        Pair(label=_("Desil"), value=_desil(facts), hint=facts.desil_source),
        Pair(
            label=_("Keluarga PKH reguler"),
            value=_known(facts.in_regular_pkh),
            hint=facts.pkh_source,
        ),
        Pair(
            label=_("E-Disabilitas"),
            value=_known(facts.in_disability_register),
            hint=facts.disability_source,
        ),
        Pair(
            label=_("Daftar pengecualian"),
            value=", ".join(facts.exclusion_codes) or _excluded(facts),
            hint=facts.exclusion_source,
        ),
    ]


def _desil(facts: Facts) -> str:
    if facts.in_dtsen is None:
        return _("Belum ada potret DTSEN")
    if not facts.in_dtsen:
        return _("Tidak ada di DTSEN")
    return str(facts.desil) if facts.desil else _("Ada di DTSEN, desil belum diketahui")


def _excluded(facts: Facts) -> str:
    return _("Tidak ada di daftar") if facts.exclusion_source else _("Belum ada potret data")


def _known(answer: bool | None) -> str:
    if answer is None:
        return _("Belum ada potret data")
    return _("Ya") if answer else _("Tidak")

"""Accounts in another's name: whether a letter of the person that is paid covers them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.translation import gettext as _

from bansos.lib.dates import short_date
from beneficiaries.models import Person
from disbursements.models import PayList, PaymentLine, ProxyAccount
from disbursements.rules.moves import COUNTED
from disbursements.rules.preflight import NAME_DIFFERS_BELOW, holder_code, name_likeness
from programs.models import ProxyGrant
from programs.rules.proxies import ProxyClaim, account_problems


def names(
    pay_list: PayList, rows: Iterable[tuple[int, str, str]], *, on: date
) -> Iterator[tuple[int, str, str]]:
    """(line, check, words) of (line, payee, holder) whose names differ, paid on that day.

    A line whose letter holds is no hit: the letter is kept beside it, till the next check.
    """
    differs = _("Nama pemilik rekening berbeda dari nama penerima.")
    others = []
    for line_id, payee, holder in rows:
        code = holder_code(payee, holder)
        if code == "holder":
            others.append(line_id)
        elif code:
            yield line_id, code, differs
    lines = list(PaymentLine.objects.filter(pk__in=others).select_related("enrolment__version"))
    letters = _letters([line.enrolment_id for line in lines if line.payee_id is None])
    dead = _dead(letters)
    kept = []
    for line in lines:
        grant = _of_holder(letters.get(line.enrolment_id, []), line, on)
        if line.payee_id is not None or grant is None:
            yield line.pk, "holder", differs
            continue
        words = problem(grant, line, on=on, dead=dead)
        if words:
            yield line.pk, "proxy", words
        else:
            kept.append(ProxyAccount(line=line, pay_list=pay_list, grant=grant))
    ProxyAccount.objects.bulk_create(kept)


def _letters(enrolments: Iterable[int]) -> dict[int, list[ProxyGrant]]:
    found: dict[int, list[ProxyGrant]] = defaultdict(list)
    for grant in ProxyGrant.objects.filter(enrolment__in=list(enrolments)).order_by("-pk"):
        found[grant.enrolment_id].append(grant)
    return found


def _dead(letters: dict[int, list[ProxyGrant]]) -> set[str]:
    """The NIK, by its index, of those holders the register knows to have died."""
    asked = {grant.nik_index for grants in letters.values() for grant in grants}
    rows = Person.objects.filter(nik_index__in=asked, died_on__isnull=False)
    return {str(index) for index in rows.values_list("nik_index", flat=True)}


def _of_holder(grants: Iterable[ProxyGrant], line: PaymentLine, on: date) -> ProxyGrant | None:
    """The newest letter of who owns the account, one that holds on the day first."""
    own = [
        grant
        for grant in grants
        if name_likeness(grant.name, line.account_holder) >= NAME_DIFFERS_BELOW
    ]
    return next((grant for grant in own if not _lapsed(grant, on)), own[0] if own else None)


def _lapsed(grant: ProxyGrant, on: date) -> str:
    words = {"number": grant.letter_number, "on": short_date(on)}
    if grant.ended_at is not None:
        return _("Surat kuasa %(number)s sudah diakhiri.") % words
    if grant.valid_until < on:
        words["day"] = short_date(grant.valid_until)
        return _("Surat kuasa %(number)s berlaku sampai %(day)s; dibayar %(on)s.") % words
    if grant.valid_from > on:
        words["day"] = short_date(grant.valid_from)
        return _("Surat kuasa %(number)s baru berlaku %(day)s; dibayar %(on)s.") % words
    return ""


def problem(grant: ProxyGrant, line: PaymentLine, *, on: date, dead: set[str]) -> str:
    """Why a letter does not let a line into its holder's account on a day; "" when it does."""
    lapsed = _lapsed(grant, on)
    if lapsed:
        return lapsed
    if grant.nik_index in dead:
        return _("Pemegang surat kuasa %(number)s tercatat meninggal.") % {
            "number": grant.letter_number
        }
    rules = line.enrolment.version.proxy_rules
    problems = account_problems(rules, _claim(grant))
    article = str(rules.get("article") or "")
    return " ".join([*problems, *([f"({article})"] if problems and article else [])])


def _claim(grant: ProxyGrant) -> ProxyClaim:
    return ProxyClaim(
        who=grant.who,
        relation=grant.relation,
        role=grant.role,
        same_kk=grant.same_kk,
        letter_number=grant.letter_number,
        witness_role=grant.witness_role if grant.witness_name.strip() else "",
        confirmed=grant.confirmed,
        days=(grant.valid_until - grant.valid_from).days + 1,
    )


def lapsed_letters(pay_list: PayList, *, on: date) -> int:
    """How many lines of a list go into a proxy's account whose letter does not hold on a day."""
    rows = list(
        ProxyAccount.objects.filter(pay_list=pay_list, line__state__in=COUNTED).select_related(
            "grant", "line__enrolment__version"
        )
    )
    dead = _dead({row.pk: [row.grant] for row in rows})
    return sum(bool(problem(row.grant, row.line, on=on, dead=dead)) for row in rows)


def owner_name(line: PaymentLine) -> str:
    """Whose name the account of a line is to have: the proxy's where a letter says so."""
    return line.account_holder if hasattr(line, "proxy_account") else line.payee_name

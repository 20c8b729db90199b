"""Proxies: a letter is recorded when the programme's own rule lets it through, and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.crypto import blind_index
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.nik import check_nik, clean_digits
from programs.choices import ENDED
from programs.models import Enrolment, ProxyGrant
from programs.rules.proxies import ProxyClaim, proxy_problems
from programs.services.enrolments import check_reach


@dataclass(frozen=True, kw_only=True)
class ProxyValues:
    """What the letter and the identity card say."""

    who: str
    name: str
    nik: str
    letter_number: str
    letter_date: date
    reason: str
    valid_from: date
    valid_until: date
    relation: str = ""
    role: str = ""
    same_kk: bool = False
    witness_role: str = ""
    witness_name: str = ""
    confirmed: bool = False


@transaction.atomic
def grant_proxy(*, enrolment: Enrolment, values: ProxyValues, by: User, at: datetime) -> ProxyGrant:
    """Record a proxy. Raises Refused with every reason of the programme's rule and its article.

    The recipient is never their own proxy; an older letter is ended first, by hand.
    """
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("PROXY-RIGHT", _("Kuasa dicatat oleh petugas kabupaten/kota."))
    check_reach(by=by, area_code=enrolment.area_code)
    nik = clean_digits(values.nik)
    _check_input(enrolment, values, nik)
    rules = enrolment.version.proxy_rules
    problems = proxy_problems(
        rules,
        ProxyClaim(
            who=values.who,
            relation=values.relation,
            role=values.role,
            same_kk=values.same_kk,
            letter_number=values.letter_number,
            witness_role=values.witness_role if values.witness_name.strip() else "",
            confirmed=values.confirmed,
            days=(values.valid_until - values.valid_from).days + 1,
        ),
    )
    if problems:
        raise Refused(
            "PROXY-RULE",
            _("Kuasa belum dicatat: %(problems)s (%(article)s)")
            % {
                "problems": " ".join(problems),
                "article": rules.get("article") or _("tanpa aturan"),
            },
        )
    try:
        with transaction.atomic():
            row = ProxyGrant.objects.create(
                enrolment=enrolment,
                area_code=enrolment.area_code,
                article=str(rules["article"])[:250],
                made_at=at,
                made_by=by,
                **{**vars(values), "nik": nik},
            )
    except IntegrityError as error:
        if "one_proxy_at_a_time" not in str(error):
            raise
        raise Refused(
            "PROXY-TWICE",
            _("Sudah ada kuasa yang berlaku. Tidak ada yang disimpan. Akhiri dulu kuasa itu."),
        ) from error
    audit.record(
        verb="programs.grant_proxy", by=by, at=at, target=enrolment, grant=row.pk, who=row.who
    )
    return row


def _check_input(enrolment: Enrolment, values: ProxyValues, nik: str) -> None:
    if enrolment.state in ENDED:
        raise Refused("PROXY-ENDED", _("Kepesertaan ini sudah berakhir. Kuasa belum dicatat."))
    wrong: dict[str, str] = {}
    if check_nik(nik).errors:
        wrong["nik"] = _("NIK harus 16 angka yang benar.")
    elif blind_index(nik, "nik") == enrolment.person.nik_index:
        wrong["nik"] = _("Penerima tidak menjadi kuasa bagi dirinya sendiri.")
    for name in ("name", "letter_number", "reason"):
        if not str(getattr(values, name)).strip():
            wrong[name] = _("Belum diisi.")
    if values.valid_until < values.valid_from:
        wrong["valid_until"] = _("Hari terakhir sebelum hari pertama.")
    if wrong:
        raise BadInput("PROXY-INPUT", _("Kuasa belum dicatat. Periksa isiannya."), fields=wrong)


@transaction.atomic
def end_proxy(*, grant: ProxyGrant, reason: str, by: User, at: datetime) -> ProxyGrant:
    """A letter holds no longer, with the reason. Raises Stale when it has ended already."""
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("PROXY-RIGHT", _("Kuasa dicatat oleh petugas kabupaten/kota."))
    check_reach(by=by, area_code=grant.area_code)
    if not reason.strip():
        raise BadInput("PROXY-END", _("Isi alasan mengakhiri kuasa."))
    changed = ProxyGrant.objects.filter(pk=grant.pk, ended_at=None).update(
        ended_at=at, ended_by=by, end_reason=reason.strip()[:200]
    )
    if changed != 1:
        raise Stale("PROXY-STALE", _("Kuasa ini sudah diakhiri. Muat ulang halamannya."))
    audit.record(verb="programs.end_proxy", by=by, at=at, target=grant.enrolment, grant=grant.pk)
    grant.refresh_from_db()
    return grant


def proxy_on(enrolment: Enrolment, on: date) -> ProxyGrant | None:
    """The letter that held on a day: one ended later held then, one ended that day did not."""
    zone = enrolment.version.programme.agency.zone
    next_day = datetime.combine(on + timedelta(days=1), time.min, tzinfo=zone)
    rows = ProxyGrant.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=next_day),
        enrolment=enrolment,
        valid_from__lte=on,
        valid_until__gte=on,
    )
    found: ProxyGrant | None = rows.order_by("-pk").first()
    return found

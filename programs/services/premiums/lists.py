"""Premiums from lists: the candidates of a month, and people another payer pays for.

Both go through the steps of every import: columns, rows with problems, effect, acceptance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.dates import month_words
from bansos.lib.errors import BadInput, NotFound, Refused
from bansos.lib.money import number, rupiah
from bansos.lib.sheets.mapping import ExpectedColumn
from bansos.regions.queries import name_of
from beneficiaries.choices import RowVerdict
from beneficiaries.models import ImportBatch, ImportRow, Person
from beneficiaries.services.imports.columns import people_columns
from beneficiaries.services.imports.outcomes import act_on_each
from beneficiaries.services.imports.purposes import ImportPurpose, RowCheck
from programs.choices import Insurance, PayerKind, PremiumChange, PremiumRoundState, PremiumState
from programs.models import PremiumCover, PremiumLine, PremiumRound
from programs.queries.premiums import covers_in, money_of
from programs.services.premiums.busy import not_while_busy
from programs.services.premiums.candidates import add_candidates, paid_words
from programs.services.premiums.covers import record_payer
from programs.services.premiums.rounds import check_findings, check_list_open, today_of

CANDIDATES, PAYERS = "programs.premium_candidates", "programs.premium_payers"
PAID, FINDING, LISTED = "premium_paid", "premium_finding", "premium_listed"
RECORDED, WANTED = "premium_recorded", "premium_wanted"
CAUSES = {
    PAID: gettext_lazy("Preminya sudah dibayar penanggung lain"),
    FINDING: gettext_lazy("Ada temuan untuk verifikator"),
    LISTED: gettext_lazy("Sudah ada dalam daftar bulan ini"),
    RECORDED: gettext_lazy("Penanggungnya sudah tercatat"),
    WANTED: gettext_lazy("Sedang menjadi calon premi provinsi"),
}
GOOD = (RowVerdict.NEW, RowVerdict.CHANGED)
NAME_LENGTH = 120
_PERSON = (
    *("no", "nik", "name", "kk", "mother_name", "birth_place", "birth_date", "sex", "address"),
    *("village", "district", "regency", "region_code"),
)
_NEEDED = ("village", "district", "birth_date")
_INSTRUCTIONS = (
    gettext_lazy("Isi satu orang per baris. Jangan ubah judul kolom."),
    gettext_lazy("NIK dan nomor KK ditulis sebagai teks, 16 angka tanpa spasi."),
    gettext_lazy("Tanggal lahir seperti 12-08-1950."),
)


def _people() -> tuple[ExpectedColumn, ...]:
    return people_columns(*_PERSON, **{key: {"required": True} for key in _NEEDED})


def _known(checks: Sequence[RowCheck]) -> list[int]:
    return [check.row.person_id for check in checks if check.row.person_id]


def _fresh(check: RowCheck) -> None:
    """Known in the register, but new to this list: there is something to accept."""
    if check.verdict == RowVerdict.SAME:
        check.verdict = RowVerdict.NEW


# Candidates of a month.


def round_of(context: Mapping[str, Any]) -> PremiumRound:
    """The month a list names candidates for; raises NotFound when it is gone."""
    rows = PremiumRound.objects.select_related("plan__version__programme__agency")
    row = rows.filter(pk=context.get("round")).first()
    if not isinstance(row, PremiumRound):
        raise NotFound("PREMIUM-ROUND", _("Daftar premi yang dipilih tidak ditemukan."))
    return row


def month_title(row: PremiumRound) -> str:
    """As in "Premi BPJS Kesehatan 2026, Maret 2026"."""
    return f"{row.plan.version}, {month_words(row.month)}"


def candidate_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """Who a candidate is and where they live."""
    return _people()


def check_candidate_list(context: dict[str, Any], at: datetime) -> None:
    """Refuse a list for a month that is sent, at a worker, or of another province."""
    row = round_of(context)
    check_list_open(row)
    not_while_busy(row.plan)
    if not str(context.get("area_code") or "").startswith(row.area_code):
        raise BadInput("PREMIUM-PROVINCE", _("Wilayah daftar di luar provinsi program ini."))


def check_candidates(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """Who is listed already, who pays already, and what the verifier will be told."""
    row, ids = round_of(batch.context), _known(checks)
    listed = set(row.lines.filter(person__in=ids).values_list("person_id", flat=True))
    paid = covers_in(ids, insurance=row.plan.insurance, month=row.month)
    fresh = [pk for pk in ids if pk not in listed and pk not in paid]
    people = list(Person.objects.filter(pk__in=fresh).select_related("family"))
    found = check_findings(row.plan, people, today=today_of(row.plan, batch.created_at))
    for check in checks:
        person_id = check.row.person_id or 0
        if person_id in listed:
            check.warn("nik", LISTED, _("Sudah ada dalam daftar bulan ini; tidak ditambah lagi."))
        elif person_id in paid:
            check.problem("nik", PAID, paid_words(paid[person_id]))
        else:
            _fresh(check)
            if person_id in found and found[person_id].sentences:
                check.warn("nik", FINDING, " ".join(found[person_id].sentences))


def accept_candidates(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Add the people of accepted rows; who has got another payer since stays behind, named."""
    people = [row.person for row in rows if row.person is not None]
    refused = add_candidates(round_=round_of(batch.context), persons=people, by=by, at=at)

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        if row.person_id in refused:
            raise Refused("PREMIUM-TWICE", refused[row.person_id])

    act_on_each(rows, act)


def _coming(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Rows that would go in."""
    found: QuerySet[ImportRow] = batch.rows.filter(verdict__in=GOOD)
    return found


def candidate_effects(batch: ImportBatch) -> list[str]:
    """How many candidates wait then, and what the month costs when all are agreed to."""
    row = round_of(batch.context)
    listed = row.lines.values("person_id")
    count = _coming(batch).exclude(person_id__in=listed).count()
    told = [
        _("%(count)s orang menjadi calon %(month)s dan menunggu verifikator.")
        % {"count": number(count), "month": month_words(row.month)}
    ]
    tariff = row.plan.version.tariff
    if tariff is not None:
        sentence = _("Bila semua disetujui, biaya sebulan bertambah %(cost)s.")
        told.append(sentence % {"cost": rupiah(tariff * count)})
    left = money_of(row.plan).left
    if left is not None:
        told.append(_("Sisa pagu tahun ini %(left)s.") % {"left": rupiah(left)})
    return told


def describe_candidates(batch: ImportBatch) -> str:
    """The month and where the people live."""
    return f"{month_title(round_of(batch.context))}, {name_of(batch.area_code)}"


def _candidates(context_form: Any) -> ImportPurpose:
    return ImportPurpose(
        key=CANDIDATES,
        title=gettext_lazy("Calon premi"),
        hint=gettext_lazy(
            "Calon peserta premi jaminan satu bulan, satu baris satu orang; verifikator memutus."
        ),
        permission=Permission.PROPOSAL_SUBMIT,
        columns=candidate_columns,
        check=check_candidates,
        accept=accept_candidates,
        describe=describe_candidates,
        done_url=lambda batch: round_of(batch.context).get_absolute_url(),
        effects=candidate_effects,
        context_form=context_form,
        check_context=check_candidate_list,
        template_title=lambda context: (
            _("Calon %(month)s") % {"month": month_title(round_of(context))}
        ),
        template_choices={"sex": ("L", "P")},
        instructions=_INSTRUCTIONS,
        causes=CAUSES,
    )


# People another payer pays for.


def payer_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """Who is paid for; a row may name its own payer, as lists of several employers do."""
    name = ExpectedColumn(
        "payer_name", "NAMA PENANGGUNG", ("PENANGGUNG", "PERUSAHAAN", "PEMBERI KERJA")
    )
    return (*_people(), name)


def _payer_of(context: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """The payer of a row: its own, else the list's."""
    return " ".join(str(data.get("payer_name") or context["payer_name"]).split())


def check_payer_list(context: dict[str, Any], at: datetime) -> None:
    """Refuse a list without a payer or of our own programme."""
    if context.get("payer") not in PayerKind.values or context["payer"] == PayerKind.PROVINCE:
        raise BadInput("PREMIUM-PAYER", _("Premi provinsi masuk lewat daftar bulanannya."))
    if not str(context.get("payer_name") or "").strip():
        raise BadInput("PREMIUM-PAYER", _("Isi nama penanggung."))


def _covers(ids: Sequence[int], context: Mapping[str, Any]) -> dict[int, PremiumCover]:
    """Person id -> the first cover that shares a month with the list's."""
    first = date.fromisoformat(context["from_month"])
    rows = PremiumCover.objects.filter(
        Q(until_month=None) | Q(until_month__gte=first),
        person_id__in=ids,
        insurance=context["insurance"],
        is_void=False,
    )
    return {row.person_id: row for row in rows.order_by("-from_month", "-pk")}


def _is_recorded(cover: PremiumCover, context: Mapping[str, Any], name: str) -> bool:
    """The same payer pays from no later a month on."""
    return (
        cover.payer == context["payer"]
        and cover.payer_name.casefold() == name[:NAME_LENGTH].casefold()
        and cover.until_month is None
        and cover.from_month <= date.fromisoformat(context["from_month"])
    )


def _wanted(ids: Sequence[int], context: Mapping[str, Any]) -> set[int]:
    """Who is a candidate in a list that is not sent."""
    lines = PremiumLine.objects.filter(
        person_id__in=ids,
        change=PremiumChange.ADD,
        state__in=(PremiumState.WAITING, PremiumState.VERIFIED),
        round__state=PremiumRoundState.OPEN,
        round__plan__insurance=context["insurance"],
        round__month__gte=date.fromisoformat(context["from_month"]),
    )
    return set(lines.values_list("person_id", flat=True))


def check_payers(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """One payer per person; what is recorded already is no change."""
    context, ids = batch.context, _known(checks)
    held, wanted = _covers(ids, context), _wanted(ids, context)
    for check in checks:
        name, person_id = _payer_of(context, check.values), check.row.person_id or 0
        cover = held.get(person_id)
        if len(name) > NAME_LENGTH:
            sentence = _("Nama penanggung paling panjang %(most)s huruf.") % {"most": NAME_LENGTH}
            check.problem("payer_name", "terlalu_panjang", sentence)
        if cover is None:
            _fresh(check)
            if person_id in wanted:
                sentence = _(
                    "Sedang menjadi calon premi provinsi; daftar bulan itu baru dapat dikirim"
                    " sesudah verifikator menolaknya."
                )
                check.warn("nik", WANTED, sentence)
        elif _is_recorded(cover, context, name):
            check.warn("nik", RECORDED, _("Penanggung ini sudah tercatat baginya."))
        else:
            check.problem("nik", PAID, paid_words(cover))


def accept_payers(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Record the payer of each row; a second payer stays behind with its sentence."""
    context = batch.context
    held = _covers([row.person_id for row in rows if row.person_id], context)

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        name = _payer_of(context, data)
        cover = held.get(row.person_id or 0)
        if row.person is None or (cover and _is_recorded(cover, context, name)):
            return
        record_payer(
            person=row.person,
            insurance=Insurance(context["insurance"]),
            payer=PayerKind(context["payer"]),
            payer_name=name,
            from_month=date.fromisoformat(context["from_month"]),
            by=by,
            at=at,
        )

    act_on_each(rows, act)


def payer_effects(batch: ImportBatch) -> list[str]:
    """How many people get a payer, and whom of our own candidates that stops."""
    context, coming = batch.context, _coming(batch)
    ids = list(coming.exclude(person_id=None).values_list("person_id", flat=True))
    rows = coming.filter(person_id__in=_covers(ids, context))
    count = coming.count() - rows.count()
    month = month_words(date.fromisoformat(context["from_month"]))
    words = {"count": number(count), "month": month}
    told = [_("%(count)s orang dicatat dibayar penanggung lain sejak %(month)s.") % words]
    if wanted := len(_wanted(ids, context)):
        sentence = _("%(count)s di antaranya calon dalam daftar premi yang belum dikirim.")
        told.append(sentence % {"count": number(wanted)})
    return told


def describe_payers(batch: ImportBatch) -> str:
    """The insurance, who pays since when, and where the people live."""
    context = batch.context
    month = month_words(date.fromisoformat(context["from_month"]))
    insurance = Insurance(context["insurance"]).label
    return f"{insurance}, {context['payer_name']}, {month}, {name_of(batch.area_code)}"


def _payers(context_form: Any) -> ImportPurpose:
    return ImportPurpose(
        key=PAYERS,
        title=gettext_lazy("Penanggung premi lain"),
        hint=gettext_lazy(
            "Orang yang preminya dibayar kabupaten/kota, pusat, atau pemberi kerja, supaya tidak"
            " dibayar dua kali."
        ),
        permission=Permission.PROPOSAL_SUBMIT,
        columns=payer_columns,
        check=check_payers,
        accept=accept_payers,
        describe=describe_payers,
        done_url=lambda batch: reverse("programs:premium_covers"),
        effects=payer_effects,
        context_form=context_form,
        check_context=check_payer_list,
        template_choices={"sex": ("L", "P")},
        instructions=_INSTRUCTIONS,
        causes=CAUSES,
    )


def purposes(candidate_form: Any, payer_form: Any) -> tuple[ImportPurpose, ImportPurpose]:
    """Both purposes with the forms that ask for their context."""
    return _candidates(candidate_form), _payers(payer_form)

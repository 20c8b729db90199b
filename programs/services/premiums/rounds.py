"""The list of a month: opened from the month before, judged, sent to the insurer as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.documents.services import issue
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.money import number
from bansos.lib.pulse import beat
from beneficiaries.models import Person
from programs.choices import (
    Answer,
    PremiumChange,
    PremiumRoundState,
    PremiumState,
)
from programs.documents.premiums import PremiumRow, premium_csv, premium_xlsx
from programs.models import PremiumCover, PremiumLine, PremiumPlan, PremiumRound
from programs.queries.facts import facts_for
from programs.queries.premiums import covers_in
from programs.rules import evaluate
from programs.rules.premiums import month_after
from programs.services.enrolments import check_reach
from programs.services.premiums.busy import not_while_busy
from programs.services.premiums.covers import (
    check_not_passed_on,
    end_own,
    open_covers,
    own_cover,
    paid_twice,
    take_over,
)

CHUNK = 1000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def require_office(by: User, plan: PremiumPlan) -> None:
    """The programme staff of the province."""
    if not by.can(Permission.PAYLIST_PREPARE):
        raise NotAllowed("PREMIUM-RIGHT", _("Daftar premi disusun staf program provinsi."))
    check_reach(by=by, area_code=plan.area_code)


@dataclass(frozen=True)
class Finding:
    """Why the premium of a person should not be paid, in whole sentences; none: nothing found."""

    sentences: list[str]
    # Known to be dead: nobody overrules that here.
    is_dead: bool


def check_findings(
    plan: PremiumPlan, persons: Sequence[Person], *, today: date
) -> dict[int, Finding]:
    """Person id -> what is found.

    Criteria that nobody can answer are no finding; a constant number of queries per thousand.
    """
    version, found = plan.version, {}
    for start in range(0, len(persons), CHUNK):
        beat(start, len(persons))
        part = persons[start : start + CHUNK]
        facts = facts_for(part, version=version, today=today)
        for person in part:
            sentences = [
                f"{row.reason} ({row.source})" if row.source else row.reason
                for row in evaluate(list(version.criteria), facts[person.pk])
                if row.answer == Answer.NO
            ]
            if not person.area_code.startswith(version.area_code):
                sentences.append(_("Pindah ke luar provinsi."))
            if not person.nik_index:
                sentences.append(_("NIK belum ada."))
            found[person.pk] = Finding(sentences, facts[person.pk].died_on is not None)
    return found


@transaction.atomic
def open_round(*, plan: PremiumPlan, month: date, by: User, at: datetime) -> PremiumRound:
    """The list of a month from who is paid in it: everybody is checked again.

    Who still fits stays; who has a finding is proposed to leave, for another person to decide.
    The first list of a year takes over whom the year before paid. Raises what may_open() raises,
    and what take_over() does.
    """
    month = month.replace(day=1)
    last = may_open(plan, month, by)
    try:
        with transaction.atomic():
            row = PremiumRound.objects.create(plan=plan, month=month, made_at=at, made_by=by)
    except IntegrityError as error:
        raise Stale("PREMIUM-OPEN", _("Daftar bulan ini sudah dibuka. Muat ulang.")) from error
    if last is None:
        take_over(plan=plan, month=month, by=by, at=at)
    covers = list(open_covers().filter(plan=plan).select_related("person__family").order_by("pk"))
    found = check_findings(plan, [c.person for c in covers], today=today_of(plan, at))
    PremiumLine.objects.bulk_create(
        (_kept(row, cover, found[cover.person_id].sentences, by, at) for cover in covers),
        batch_size=CHUNK,
    )
    audit.record(
        verb="programs.open_premium_round", by=by, at=at, target=row, month=month, kept=len(covers)
    )
    return row


def may_open(plan: PremiumPlan, month: date, by: User) -> PremiumRound | None:
    """The last list of a plan whose next month is opened; None before the first.

    Raises Refused for a month that is not the next one, while a list is not answered, and once a
    later year has its people.
    """
    require_office(by, plan)
    if month.year != plan.version.year:
        raise BadInput("PREMIUM-MONTH", _("Pilih bulan dalam tahun program ini."))
    last: PremiumRound | None = plan.rounds.order_by("-month").first()
    if last and last.state != PremiumRoundState.ANSWERED:
        raise Refused("PREMIUM-OPEN", _("Daftar bulan sebelumnya belum selesai dijawab."))
    if last and month != month_after(last.month):
        raise Refused("PREMIUM-NEXT", _("Buka bulan sesudah daftar yang terakhir."))
    check_not_passed_on(plan)
    return last


def today_of(plan: PremiumPlan, at: datetime) -> date:
    """The day of a moment where the programme is."""
    return day_of(at, plan.version.programme.agency.zone)


def _kept(
    row: PremiumRound, cover: PremiumCover, findings: list[str], by: User, at: datetime
) -> PremiumLine:
    return PremiumLine(
        round=row,
        person=cover.person,
        cover=cover,
        area_code=cover.person.area_code,
        change=PremiumChange.DROP if findings else PremiumChange.KEEP,
        state=PremiumState.WAITING if findings else PremiumState.VERIFIED,
        findings=findings,
        added_at=at,
        added_by=by,
    )


def locked_open(round_: PremiumRound) -> PremiumRound:
    """The list, locked until the transaction ends; raises Stale once it is sent."""
    row = (
        PremiumRound.objects.select_for_update(of=("self",))
        .select_related("plan__version__programme__agency", "plan__insurer__payee")
        .get(pk=round_.pk)
    )
    check_list_open(row)
    return row


def check_list_open(row: PremiumRound) -> None:
    """Raises Stale once a list is sent."""
    if row.state != PremiumRoundState.OPEN:
        raise Stale("PREMIUM-SENT", _("Daftar ini sudah dikirim, jadi tidak dapat diubah."))


@transaction.atomic
def add_candidate(*, round_: PremiumRound, person: Person, by: User, at: datetime) -> PremiumLine:
    """Propose one more person for the month, with what the check finds.

    Raises Refused when another payer pays already, or the person is in the list.
    """
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("PREMIUM-RIGHT", _("Calon diusulkan petugas kabupaten/kota."))
    not_while_busy(round_.plan)
    check_reach(by=by, area_code=person.area_code)
    row = locked_open(round_)
    if covers_in([person.pk], insurance=row.plan.insurance, month=row.month):
        raise paid_twice(person, row.plan.insurance, row.month)
    found = check_findings(row.plan, [person], today=today_of(row.plan, at))[person.pk]
    try:
        with transaction.atomic():
            line = PremiumLine.objects.create(
                round=row,
                person=person,
                area_code=person.area_code,
                change=PremiumChange.ADD,
                findings=found.sentences,
                added_at=at,
                added_by=by,
            )
    except IntegrityError as error:
        raise Refused("PREMIUM-LISTED", _("Orang ini sudah ada dalam daftar bulan ini.")) from error
    audit.record(verb="programs.add_premium", by=by, at=at, target=line, person=person.pk)
    return line


@transaction.atomic
def propose_leaving(*, line: PremiumLine, note: str, by: User, at: datetime) -> PremiumLine:
    """Ask that somebody who stays leaves with this month; another person decides."""
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("PREMIUM-RIGHT", _("Pengeluaran diusulkan petugas kabupaten/kota."))
    not_while_busy(line.round.plan)
    check_reach(by=by, area_code=line.area_code)
    locked_open(line.round)
    if not note.strip():
        raise BadInput("PREMIUM-NOTE", _("Isi alasan."), fields={"note": _("Isi alasan.")})
    changed = PremiumLine.objects.filter(
        pk=line.pk, change=PremiumChange.KEEP, state=PremiumState.VERIFIED, decided_at=None
    ).update(
        change=PremiumChange.DROP,
        state=PremiumState.WAITING,
        note=note.strip()[:200],
        added_at=at,
        added_by=by,
    )
    if changed != 1:
        raise Stale("PREMIUM-LINE", _("Baris ini sudah berubah. Muat ulang halamannya."))
    audit.record(verb="programs.drop_premium", by=by, at=at, target=line, person=line.person_id)
    line.refresh_from_db()
    return line


@transaction.atomic
def decide_line(
    *, line: PremiumLine, agree: bool, note: str, by: User, at: datetime
) -> PremiumLine:
    """Agree to an addition or a removal, or not; a person not removed stays.

    Raises NotAllowed for who added the line, BadInput for no reason where the check found
    something and it is overruled, Refused when it would pay for the dead.
    """
    if not by.can(Permission.PROPOSAL_VERIFY):
        raise NotAllowed("PREMIUM-RIGHT", _("Calon diputus verifikator kabupaten/kota."))
    not_while_busy(line.round.plan)
    check_reach(by=by, area_code=line.area_code)
    row = locked_open(line.round)
    if line.added_by_id == by.pk:
        raise NotAllowed("PREMIUM-OWN-LINE", _("Anda menambah baris ini; minta verifikator lain."))
    adds = line.change == PremiumChange.ADD
    if adds == agree:
        _check_alive(row.plan, line.person, at)
    overrules = bool(line.findings) and adds == agree
    if (overrules or not agree) and not note.strip():
        raise BadInput("PREMIUM-NOTE", _("Isi alasan."), fields={"note": _("Isi alasan.")})
    stays = not adds and not agree
    state = PremiumState.VERIFIED if agree or stays else PremiumState.REJECTED
    changed = PremiumLine.objects.filter(pk=line.pk, state=PremiumState.WAITING).update(
        state=state,
        change=PremiumChange.KEEP if stays else line.change,
        note=note.strip()[:200],
        decided_at=at,
        decided_by=by,
    )
    if changed != 1:
        raise Stale("PREMIUM-LINE", _("Baris ini sudah diputus. Muat ulang halamannya."))
    audit.record(
        verb="programs.decide_premium",
        by=by,
        at=at,
        target=line,
        person=line.person_id,
        agree=agree,
    )
    line.refresh_from_db()
    return line


def _check_alive(plan: PremiumPlan, person: Person, at: datetime) -> None:
    """No premium for the dead, whatever is written beside the line."""
    if check_findings(plan, [person], today=today_of(plan, at))[person.pk].is_dead:
        raise Refused(
            "PREMIUM-DEAD",
            _(
                "Orang ini tercatat meninggal, jadi preminya tidak dibayar. Baris belum diputus."
                " Tolak atau keluarkan, atau betulkan dulu catatan kematiannya bila keliru."
            ),
        )


def send_round(*, round_: PremiumRound, by: User, at: datetime) -> PremiumRound:
    """Fix the list, open and end covers, and make the files for the insurer with their hash.

    Everybody who is to be paid is checked again: who has a finding that no verifier has seen goes
    back to the verifiers, which stands although the list is not sent. Raises Refused then, while
    somebody waits, for nobody, and when a person has got another payer.
    """
    row, moved = send_unless_news(round_=round_, by=by, at=at)
    if moved:
        raise Refused("PREMIUM-CHANGED", moved_sentence(moved))
    return row


@transaction.atomic
def send_unless_news(*, round_: PremiumRound, by: User, at: datetime) -> tuple[PremiumRound, int]:
    """Send, or give back to the verifiers; how many went back, 0 for a list that is sent.

    Raises Refused as send_round() but for those.
    """
    require_office(by, round_.plan)
    row = locked_open(round_)
    lines = _to_send(row)
    moved = _look_again(row, lines, by, at)
    if not moved:
        _send(row, lines, by, at)
    return row, moved


def moved_sentence(count: int) -> str:
    """Why a list was not sent."""
    return _(
        "%(count)s orang mempunyai temuan baru sejak diperiksa dan kembali ke verifikator."
        " Daftar belum dikirim. Kirim sesudah semua diputus."
    ) % {"count": number(count)}


def may_send(round_: PremiumRound, by: User) -> None:
    """Raise what can be told of a list to be sent without checking its people again."""
    require_office(by, round_.plan)
    check_list_open(round_)
    _check_decided(round_)


def _check_decided(row: PremiumRound) -> None:
    waiting = row.lines.filter(state=PremiumState.WAITING).count()
    if waiting:
        raise Refused(
            "PREMIUM-WAITING",
            _("%(count)s orang belum diputus verifikator. Daftar belum dikirim.")
            % {"count": number(waiting)},
        )


def _to_send(row: PremiumRound) -> list[PremiumLine]:
    _check_decided(row)
    verified = row.lines.filter(state=PremiumState.VERIFIED)
    lines = list(verified.select_related("person__family").order_by("pk"))
    if not lines:
        raise Refused("PREMIUM-EMPTY", _("Daftar ini kosong, jadi tidak dikirim."))
    return lines


def _look_again(row: PremiumRound, lines: list[PremiumLine], by: User, at: datetime) -> int:
    """Send who is to be paid and has got a finding back to the verifiers; how many they are."""
    paid = [line for line in lines if line.change != PremiumChange.DROP]
    found = check_findings(row.plan, [line.person for line in paid], today=today_of(row.plan, at))
    moved = [line for line in paid if _is_news(line, found[line.person_id])]
    for line in moved:
        line.findings, line.state = found[line.person_id].sentences, PremiumState.WAITING
        line.decided_at = line.decided_by = None
        if line.change == PremiumChange.KEEP:
            line.change, line.added_at, line.added_by = PremiumChange.DROP, at, by
    if moved:
        names = ["findings", "state", "decided_at", "decided_by", "change", "added_at", "added_by"]
        PremiumLine.objects.bulk_update(moved, names, batch_size=CHUNK)
        audit.record(
            verb="programs.recheck_premium_round", by=by, at=at, target=row, lines=len(moved)
        )
    return len(moved)


def _is_news(line: PremiumLine, found: Finding) -> bool:
    return found.is_dead or not set(found.sentences) <= set(line.findings)


def _send(row: PremiumRound, lines: list[PremiumLine], by: User, at: datetime) -> None:
    beat(len(lines), len(lines))
    _open_covers(row, [line for line in lines if line.change == PremiumChange.ADD], by, at)
    dropped = [line.cover_id for line in lines if line.change == PremiumChange.DROP]
    end_own(dropped, month=row.month, by=by, at=at)
    row.lines.filter(state=PremiumState.VERIFIED).update(state=PremiumState.SENT)
    _issue_files(row, lines, by=by, at=at)
    audit.record(verb="programs.send_premium_round", by=by, at=at, target=row, lines=len(lines))


def _open_covers(row: PremiumRound, lines: list[PremiumLine], by: User, at: datetime) -> None:
    covers = [
        own_cover(
            row.plan,
            person_id=line.person_id,
            area_code=line.area_code,
            month=row.month,
            by=by,
            at=at,
        )
        for line in lines
    ]
    taken = covers_in(
        [line.person_id for line in lines], insurance=row.plan.insurance, month=row.month
    )
    if taken:
        raise _payers(len(taken))
    try:
        with transaction.atomic():
            PremiumCover.objects.bulk_create(covers, batch_size=CHUNK)
    except IntegrityError as error:
        # Somebody recorded another payer in the same moment.
        raise _payers(1) from error
    for line, cover in zip(lines, covers, strict=True):
        line.cover = cover
    PremiumLine.objects.bulk_update(lines, ["cover"], batch_size=CHUNK)


def _payers(count: int) -> Refused:
    return Refused(
        "PREMIUM-TWICE",
        _(
            "%(count)s calon sudah dibayar penanggung lain; satu orang satu penanggung. Daftar"
            " belum dikirim. Minta verifikator menolak baris itu."
        )
        % {"count": number(count)},
    )


def _issue_files(
    row: PremiumRound, lines: Sequence[PremiumLine], *, by: User, at: datetime
) -> None:
    rows = [
        PremiumRow(
            nik=line.person.nik or "",
            name=line.person.name,
            birth_date=line.person.birth_date,
            sex=line.person.sex,
            area_code=line.area_code,
            address=line.person.address,
            change=str(PremiumChange(line.change).label).upper(),
        )
        for line in lines
    ]
    version = row.plan.version
    title = _("Daftar premi %(name)s %(month)s") % {
        "name": version.programme.name,
        "month": f"{row.month:%m-%Y}",
    }
    common: dict[str, Any] = {
        "kind": "programs.premium",
        "title": title,
        "agency": version.programme.agency,
        "area_code": version.area_code,
        "subject": row,
        "permission": Permission.PAYLIST_PREPARE.value,
        "by": by,
        "at": at,
    }
    stem = f"premi-{row.pk}-{row.month:%Y-%m}"
    row.csv = issue(
        content=premium_csv(rows, month=row.month),
        file_name=f"{stem}.csv",
        mime="text/csv",
        **common,
    )
    row.xlsx = issue(
        content=premium_xlsx(rows, month=row.month, title=title),
        file_name=f"{stem}.xlsx",
        mime=XLSX,
        **common,
    )
    row.state, row.sent_at, row.sent_by = PremiumRoundState.SENT, at, by
    row.save()

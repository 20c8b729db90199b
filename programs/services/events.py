"""Events during a programme: reported by one person, applied only by the decision of another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission as P
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.regions.choices import Level
from bansos.regions.models import Region
from beneficiaries.services.people import move_home, record_death
from programs.choices import (
    DECREED,
    EXITS,
    STOPPING,
    TAKES_OUT,
    DecreeState,
    EnrolmentState,
    EventKind,
    Outcome,
)
from programs.models import Decree, Enrolment, EnrolmentDocument, ProgrammeEvent
from programs.queries.exits import success_gaps
from programs.queries.life import effects_of, event_facts, verdict_for
from programs.rules.life import EVENT_MOVES, LIVE, REPORTERS, Verdict, asks_passbook, term_problem
from programs.services.enrolments import check_reach, move, stale

# Apps above take somebody out of what is still open: sentences of what they did.
AFTER: list[Callable[[Enrolment, str, User, datetime], list[str]]] = []


@dataclass(frozen=True, kw_only=True)
class EventValues:
    """What somebody reports."""

    kind: str
    happened_on: date
    passbook: bool | None = None
    village: str = ""
    reason_code: str = ""
    note: str = ""
    evidence: EnrolmentDocument | None = None


def look_ahead(*, enrolment: Enrolment, values: EventValues, at: datetime) -> Verdict:
    """What the rules say of it, without writing anything. Raises as report_event() does."""
    _check_input(enrolment, values, at)
    facts = event_facts(enrolment, kind=values.kind, passbook=values.passbook)
    verdict = verdict_for(enrolment, facts)
    if verdict.outcome in STOPPING and not verdict.reason:
        codes = {str(row["code"]) for row in enrolment.version.stop_reasons}
        if values.reason_code not in codes:
            sentence = _("Pilih alasan berhenti.")
            raise BadInput("EVENT-REASON", sentence, fields={"reason_code": sentence})
        verdict = Verdict(verdict.outcome, verdict.article, values.reason_code, verdict.days)
    return verdict


def _check_input(enrolment: Enrolment, values: EventValues, at: datetime) -> None:
    if enrolment.state not in LIVE:
        raise Refused(
            "EVENT-STATE",
            _(
                "Peristiwa dicatat bagi yang layak atau sudah ditetapkan. Tidak ada yang disimpan."
                " Usulan yang belum diputus ditarik atau diperbaiki di halamannya."
            ),
        )
    wrong: dict[str, str] = {}
    zone = enrolment.version.programme.agency.zone
    if values.happened_on > day_of(at, zone):
        wrong["happened_on"] = _("Tanggal kejadian tidak boleh di masa depan.")
    elif day_of(enrolment.created_at, zone).year - 1 > values.happened_on.year:
        wrong["happened_on"] = _("Tanggal kejadian jauh sebelum usulan ini. Periksa tahunnya.")
    if asks_passbook(enrolment.version.event_rules, values.kind) and values.passbook is None:
        wrong["passbook"] = _("Jawab ya atau tidak; akibatnya bergantung pada ini.")
    if values.kind in (EventKind.MOVED_VILLAGE, EventKind.MOVED_REGENCY):
        wrong |= _village_problem(enrolment, values)
    if values.kind == EventKind.OTHER and not values.note.strip():
        wrong["note"] = _("Tulis apa yang terjadi.")
    if wrong:
        raise BadInput("EVENT-INPUT", _("Peristiwa belum dicatat. Periksa isiannya."), fields=wrong)
    if values.kind in EXITS:
        _check_exit(enrolment, values)


def _check_exit(enrolment: Enrolment, values: EventValues) -> None:
    """A way out that is no mishap: who reached the measures, or whose term is over."""
    since = enrolment.active_from
    lives = (EnrolmentState.ACTIVE,) if values.kind == EventKind.SUCCESS else DECREED
    if enrolment.state not in lives or since is None:
        raise Refused(
            "EVENT-EXIT",
            _(
                "Peristiwa ini dicatat bagi yang aktif menerima. Tidak ada yang disimpan. Yang"
                " ditangguhkan dilanjutkan dulu; yang belum ditetapkan menunggu SK."
            ),
        )
    version = enrolment.version
    if values.kind == EventKind.SUCCESS:
        if gaps := success_gaps(enrolment):
            words = {"gaps": " ".join(gaps)}
            raise Refused("EVENT-MEASURES", _("Belum dapat lulus: %(gaps)s") % words)
    elif wrong := term_problem(
        version.exit_rules, since=since, year=version.year, on=values.happened_on
    ):
        raise BadInput("EVENT-TERM", wrong, fields={"happened_on": wrong})


def _village_problem(enrolment: Enrolment, values: EventValues) -> dict[str, str]:
    village = Region.objects.filter(code=values.village, level=Level.VILLAGE).first()
    if village is None or not village.code.startswith(enrolment.version.area_code):
        return {"village": _("Pilih desa atau kelurahan yang baru di provinsi ini.")}
    same = village.code[:5] == enrolment.area_code[:5]
    if same != (values.kind == EventKind.MOVED_VILLAGE):
        return {"village": _("Desa itu tidak cocok dengan peristiwanya.")}
    return {}


@transaction.atomic
def report_event(
    *, enrolment: Enrolment, values: EventValues, by: User, at: datetime
) -> ProgrammeEvent:
    """Record an event with its computed outcome; nothing changes until somebody else decides.

    Raises NotAllowed without a right, BadInput for a wrong day or a missing answer, Refused while
    an earlier event waits or somebody has not reached the measures.
    """
    if not by.can_any(REPORTERS):
        raise NotAllowed("EVENT-RIGHT", _("Peran Anda tidak mencatat peristiwa."))
    row: Enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("version__programme__agency", "person")
        .get(pk=enrolment.pk)
    )
    check_reach(by=by, area_code=row.area_code)
    verdict = look_ahead(enrolment=row, values=values, at=at)
    facts = event_facts(row, kind=values.kind, passbook=values.passbook)
    try:
        with transaction.atomic():
            event = ProgrammeEvent.objects.create(
                enrolment=row,
                area_code=row.area_code,
                kind=values.kind,
                happened_on=values.happened_on,
                details={"passbook": values.passbook, "village": values.village},
                outcome=verdict.outcome,
                reason_code=verdict.reason,
                article=verdict.article[:250],
                rule={**asdict(facts), "days": verdict.days},
                effects=[effect.text for effect in effects_of(row)],
                note=values.note.strip(),
                evidence=values.evidence,
                old_state=row.state,
                reported_at=at,
                reported_by=by,
            )
    except IntegrityError as error:
        if "one_open_event" not in str(error):
            raise
        raise Refused(
            "EVENT-OPEN",
            _(
                "Ada peristiwa orang ini yang masih menunggu putusan. Yang baru belum dicatat."
                " Minta putusan atas yang lama dulu."
            ),
        ) from error
    audit.record(
        verb="programs.report_event",
        by=by,
        at=at,
        target=row,
        event=event.pk,
        kind=values.kind,
        outcome=str(verdict.outcome),
    )
    return event


@transaction.atomic
def decide_event(
    *, event: ProgrammeEvent, apply: bool, note: str, by: User, at: datetime
) -> ProgrammeEvent:
    """Apply the outcome or refuse the event; another person than who reported it.

    Raises NotAllowed for the reporter, Stale when it is decided or the person has moved on,
    Refused while a draft decree or the rule stands in the way.
    """
    if not by.can(P.DECREE_PREPARE):
        raise NotAllowed("EVENT-DECIDE", _("Peristiwa diputus oleh staf program provinsi."))
    row: ProgrammeEvent = (
        ProgrammeEvent.objects.select_for_update(of=("self",))
        .select_related("enrolment__version__programme__agency", "enrolment__person")
        .get(pk=event.pk)
    )
    check_reach(by=by, area_code=row.area_code)
    if row.reported_by_id == by.pk:
        raise NotAllowed(
            "EVENT-OWN", _("Anda yang mencatat peristiwa ini, jadi orang lain yang memutusnya.")
        )
    if row.decided_at is not None:
        raise Stale("EVENT-STALE", _("Peristiwa ini sudah diputus. Muat ulang halamannya."))
    if not apply and not note.strip():
        sentence = _("Tulis mengapa peristiwa ini ditolak.")
        raise BadInput("EVENT-NOTE", sentence, fields={"note": sentence})
    results = _apply(row, by=by, at=at) if apply else []
    ProgrammeEvent.objects.filter(pk=row.pk, decided_at=None).update(
        applied=apply,
        decided_at=at,
        decided_by=by,
        decision_note=note.strip(),
        results=results,
    )
    audit.record(
        verb="programs.decide_event",
        by=by,
        at=at,
        target=row.enrolment,
        event=row.pk,
        applied=apply,
        outcome=row.outcome,
    )
    row.refresh_from_db()
    return row


def _apply(event: ProgrammeEvent, *, by: User, at: datetime) -> list[str]:
    row: Enrolment = event.enrolment
    if row.state != event.old_state or row.area_code != event.area_code:
        raise Stale(
            "EVENT-MOVED",
            _(
                "Status atau wilayah orang ini berubah sejak peristiwa dicatat. Tidak ada yang"
                " diterapkan. Tolak peristiwa ini, lalu catat lagi bila masih perlu."
            ),
        )
    _check_same(event)
    blocking = [effect for effect in effects_of(row) if effect.blocks]
    if blocking and event.outcome != Outcome.NOTE:
        raise Refused("EVENT-BLOCKED", blocking[0].text)
    done = _death(event, by=by, at=at)
    outcome = Outcome(event.outcome)
    if outcome in TAKES_OUT:
        done += _change_state(event, outcome, by=by, at=at)
    elif outcome == Outcome.TRANSFER:
        done += _transfer(event, by=by, at=at)
    if outcome in TAKES_OUT:
        reason = str(event.get_kind_display())
        done += [text for act in AFTER for text in act(row, reason, by, at)]
    return done


def _check_same(event: ProgrammeEvent) -> None:
    """Refuse when the rules say something else of it now than when it was reported."""
    row, kind = event.enrolment, event.kind
    facts = event_facts(row, kind=kind, passbook=event.details.get("passbook"))
    verdict = verdict_for(row, facts)
    gaps = success_gaps(row) if kind == EventKind.SUCCESS else []
    same = verdict.reason in ("", event.reason_code) and verdict.outcome == event.outcome
    if same and not gaps:
        return
    now = " ".join(gaps) or _("akibatnya kini %(now)s, dulu %(then)s.") % {
        "now": verdict.outcome.label.lower(),
        "then": event.get_outcome_display().lower(),
    }
    raise Stale(
        "EVENT-MOVED",
        _(
            "Keadaan berubah sejak peristiwa dicatat: %(now)s Tidak ada yang diterapkan. Tolak"
            " peristiwa ini, lalu catat lagi bila masih perlu."
        )
        % {"now": now},
    )


def _death(event: ProgrammeEvent, *, by: User, at: datetime) -> list[str]:
    person = event.enrolment.person
    if event.kind != EventKind.DEATH or person.died_on is not None:
        return []
    record_death(
        person=person,
        died_on=event.happened_on,
        source=_("Peristiwa program, diputus orang kedua"),
        by=by,
        at=at,
    )
    return [_("Kematian dicatat di berkas penerima.")]


STATES: dict[str, EnrolmentState] = {
    **dict.fromkeys(STOPPING, EnrolmentState.STOPPED),
    Outcome.HOLD: EnrolmentState.SUSPENDED,
    Outcome.GRADUATE: EnrolmentState.GRADUATED,
}


def _change_state(event: ProgrammeEvent, outcome: Outcome, *, by: User, at: datetime) -> list[str]:
    row, new = event.enrolment, STATES[outcome]
    if row.state == new:
        return [_("Status tetap %(state)s.") % {"state": new.label}]
    if outcome == Outcome.HOLD and row.state not in DECREED:
        return [_("Belum ditetapkan, jadi tidak ada yang ditangguhkan.")]
    ends: dict[str, Any] = {}
    if new != EnrolmentState.SUSPENDED:
        ends = {"ended_on": event.happened_on, "end_reason": event.reason_code}
    move(
        enrolment=row,
        to=new,
        by=by,
        at=at,
        reason_code=event.reason_code,
        note=_("Peristiwa: %(kind)s") % {"kind": event.get_kind_display()},
        verb="programs.event_outcome",
        also=EVENT_MOVES,
        **ends,
    )
    return [_("Status menjadi %(state)s.") % {"state": new.label}]


def _transfer(event: ProgrammeEvent, *, by: User, at: datetime) -> list[str]:
    """The place goes with the person, and so does the person's home in the register."""
    row, village = event.enrolment, str(event.details["village"])
    if row.state in DECREED:
        decree = Decree.objects.filter(lines__enrolment=row, state=DecreeState.APPROVED).first()
        if decree is not None and not village.startswith(decree.area_code):
            raise Refused(
                "EVENT-DECREE-AREA",
                _(
                    "Wilayah barunya di luar SK yang menetapkannya, jadi tidak dipindahkan. Tolak"
                    " peristiwa ini dan usulkan ia di wilayah baru."
                ),
            )
    old = row.area_code
    moved = Enrolment.objects.filter(pk=row.pk, state=row.state, area_code=old)
    if moved.update(area_code=village) != 1:
        raise stale(row, at=at)
    audit.record(verb="programs.transfer", by=by, at=at, target=row, old=old, new=village)
    done = [_("Wilayah penerima dipindahkan.")]
    # Who answers for a group or an institution does not move with it.
    if row.payee_id is None and move_home(person=row.person, village_code=village, by=by, at=at):
        done.append(_("Desa di berkas penerima ikut pindah; perbarui alamat jalannya di sana."))
    return done

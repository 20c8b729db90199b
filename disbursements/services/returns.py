"""Returned payments: decided by one person, confirmed by another, paid again or paid back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.documents.services import next_number
from bansos.lib.crypto import blind_index
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.nik import check_nik, clean_digits
from beneficiaries.choices import AccountState
from beneficiaries.models import BankAccount, Person
from disbursements.choices import (
    Decision,
    LineState,
    ListKind,
    ReturnReason,
    ReturnState,
)
from disbursements.models import PayList, PaymentLine, ReturnCase
from disbursements.queries.comparing import paying_bank
from disbursements.queries.rails import limits_on, paid_on
from disbursements.rules.moves import AWAITS_RESULT, DECIDER_CANNOT_CONFIRM
from disbursements.rules.rails import Limit, choose_rail
from disbursements.rules.references import line_reference, list_number
from disbursements.services import chains, deposits, moves
from disbursements.services.drawing import SEQUENCE, born
from disbursements.services.preflight import recount
from programs.choices import Rail
from programs.rules.proxies import HeirClaim, heir_problems

HEIR_TEXTS = ("name", "relation", "nik", "letter_number", "letter_date")
HEIR_ACCOUNT = ("bank_code", "number")
PAID_AGAIN = (Decision.FOLLOW_UP, Decision.HEIR)


@dataclass(frozen=True)
class Heir:
    """Who is paid instead of somebody who died, with the letter that proves it."""

    name: str
    relation: str
    nik: str
    bank_code: str
    number: str
    letter_number: str
    letter_date: str
    same_kk: bool = False
    passbook_given: bool = True
    papers: tuple[str, ...] = ()


def _hold(case: ReturnCase) -> ReturnCase:
    """The case FOR UPDATE, after its lists."""
    moves.lock_family(case.line.pay_list)
    if ReturnCase.objects.select_for_update().only("pk").filter(pk=case.pk).first() is None:
        # Taking a bank's match back takes its return with it.
        raise _stale()
    # Read after the lock, in a statement of its own: see moves.lock_row().
    found: ReturnCase = ReturnCase.objects.select_related(
        "line__pay_list", "line__person", "line__payee", "new_account"
    ).get(pk=case.pk)
    return found


def _changed(case: ReturnCase, states: Sequence[ReturnState], **fields: object) -> None:
    if ReturnCase.objects.filter(pk=case.pk, state__in=states).update(**fields) != 1:
        raise _stale()


def _stale() -> Stale:
    return Stale(
        "RETURN-STALE",
        _("Retur ini baru saja diubah orang lain. Muat ulang halaman, lalu putuskan lagi."),
    )


@transaction.atomic
def decide_return(
    *,
    case: ReturnCase,
    decision: Decision,
    note: str,
    by: User,
    at: datetime,
    new_account: BankAccount | None = None,
    heir: Heir | None = None,
) -> ReturnCase:
    """Decide what becomes of a return; may be decided again until somebody confirms it.

    FOLLOW_UP needs an open account of who was paid, HEIR a death and the heir's papers,
    TREASURY nothing more. Raises BadInput naming what is missing.
    """
    moves.require_right(by, Permission.RETURN_DECIDE)
    case = _hold(case)
    if case.state not in {ReturnState.OPEN, ReturnState.DECIDED} or case.confirmed_at:
        raise Stale(
            "RETURN-STATE", _("Keputusan retur ini sudah disahkan, jadi tidak dapat diubah.")
        )
    if decision == Decision.FOLLOW_UP:
        _check_account(case, new_account)
    if decision == Decision.HEIR:
        _check_heir(case, heir, day_of(at, case.line.pay_list.budget.agency.zone))
    _changed(
        case,
        (ReturnState.OPEN, ReturnState.DECIDED),
        state=ReturnState.DECIDED,
        decision=decision,
        decision_note=note.strip(),
        decided_at=at,
        decided_by=by,
        new_account=new_account
        if decision == Decision.FOLLOW_UP and not in_cash(case.line)
        else None,
        heir=asdict(heir) if heir is not None and decision == Decision.HEIR else None,
    )
    audit.record(
        verb="disbursements.decide_return",
        by=by,
        at=at,
        target=case,
        reason=note.strip(),
        decision=decision,
        amount=case.amount,
    )
    case.refresh_from_db()
    return case


def payee_account(line: PaymentLine) -> BankAccount | None:
    """The open account of the line's group, institution or government: the paying bank's first."""
    if line.payee is None:
        return None
    bank_code = paying_bank(line.pay_list.stage.version)
    found: BankAccount | None = line.payee.open_account(bank_code) or line.payee.open_account()
    return found


def died(case: ReturnCase) -> bool:
    """Whether the payee died; a group or institution does not, whoever answers for it."""
    return bool(case.reason == ReturnReason.DIED and case.line.payee_id is None)


def in_cash(line: PaymentLine) -> bool:
    """Whether the payment is made over the counter, where no account is asked for."""
    return bool(line.rail == Rail.CASH)


def for_heir(case: ReturnCase) -> bool:
    """Whether only an heir may be paid: the payee died, or this line already paid the heir."""
    return died(case) or bool(chains.lines_to_heirs([case.line]))


def _is_theirs(account: BankAccount, line: PaymentLine) -> bool:
    """The payee's own account where a payee is paid, else the person's."""
    if line.payee_id is not None:
        return bool(account.payee_id == line.payee_id)
    return bool(account.person_id == line.person_id)


def _check_account(case: ReturnCase, account: BankAccount | None) -> None:
    if for_heir(case):
        # An heir's number must never be written down as the account of who died.
        raise BadInput(
            "RETURN-DIED",
            _("Penerima meninggal. Pilih bayar ahli waris, atau setor ke kas daerah."),
        )
    if in_cash(case.line):
        return
    if account is None or not _is_theirs(account, case.line):
        raise BadInput("RETURN-ACCOUNT", _("Isi rekening penerima yang benar."))
    if account.state == AccountState.CLOSED:
        raise BadInput("RETURN-ACCOUNT", _("Rekening itu sudah ditutup. Isi rekening lain."))
    same = account.number_index == case.line.account_index
    if same and case.reason == ReturnReason.CLOSED:
        raise BadInput(
            "RETURN-SAME",
            _("Rekening ini yang ditolak bank karena ditutup. Isi rekening lain."),
        )


def _check_heir(case: ReturnCase, heir: Heir | None, today: date) -> None:
    """Identity and account first, then the programme's own rule, whose article is named."""
    if not for_heir(case):
        raise BadInput("RETURN-HEIR", _("Ahli waris hanya untuk retur karena meninggal."))
    cash = in_cash(case.line)
    texts = HEIR_TEXTS if cash else (*HEIR_TEXTS, *HEIR_ACCOUNT)
    if heir is None or not all(str(getattr(heir, name)).strip() for name in texts):
        raise BadInput(
            "RETURN-HEIR",
            _("Isi nama, hubungan, NIK, rekening, serta nomor dan tanggal surat ahli waris."),
        )
    if check_nik(clean_digits(heir.nik)).errors:
        raise BadInput("RETURN-HEIR-NIK", _("NIK ahli waris harus 16 angka yang benar."))
    if not cash and not clean_digits(heir.number).isdecimal():
        raise BadInput("RETURN-HEIR-ACCOUNT", _("Nomor rekening ahli waris hanya berisi angka."))
    rules = case.line.pay_list.stage.version.heir_rules
    problems = heir_problems(
        rules,
        HeirClaim(
            same_kk=_same_kk(case, heir),
            passbook_given=heir.passbook_given,
            decided_on=today,
            stage_closes_on=_last_day(case.line.pay_list),
            papers=heir.papers,
        ),
    )
    if problems:
        raise Refused(
            "RETURN-HEIR-RULE",
            _("Keputusan belum disimpan. %(problems)s (%(article)s)")
            % {
                "problems": " ".join(problems),
                "article": rules.get("article") or _("aturan ahli waris belum diisi"),
            },
        )


def _last_day(pay_list: PayList) -> date | None:
    """The last day on which an heir may be chosen, where a rule ends that with the stage.

    A list is closed, and with it the stage of its area, only when none of its returns is open. What
    is open at the end of the budget year goes back to kas daerah by then. None for a list that was
    approved after its year, as training plays it (ADR 0039).
    """
    main = pay_list.parent or pay_list
    end = date(main.budget.year, 12, 31)
    approved = day_of(main.approved_at, main.budget.agency.zone) if main.approved_at else end
    return end if approved <= end else None


def _same_kk(case: ReturnCase, heir: Heir) -> bool:
    """By the register where it knows the heir, else as the officer read it on the papers."""
    index = blind_index(clean_digits(heir.nik), "nik")
    known = Person.objects.filter(nik_index=index).values_list("family_id", flat=True).first()
    if known is not None and case.line.person.family_id is not None:
        return bool(known == case.line.person.family_id)
    return heir.same_kk


def why_not_confirm(case: ReturnCase, user: User) -> str:
    """Why this user cannot confirm the decision now; empty when they can."""
    if case.decided_by_id is not None and user.pk == case.decided_by_id:
        return str(DECIDER_CANNOT_CONFIRM)
    if not user.can(Permission.RETURN_CONFIRM):
        return _("Keputusan disahkan oleh kepala seksi.")
    if case.state != ReturnState.DECIDED:
        return _("Retur ini belum diputus, atau sudah selesai.")
    return _("Keputusan ini sudah disahkan.") if case.confirmed_at else ""


@transaction.atomic
def confirm_return(
    *, case: ReturnCase, agreed: bool, note: str, by: User, at: datetime
) -> ReturnCase:
    """A second person agrees with a decision, or opens the return again with a reason.

    A confirmed decision may be opened again until it is in a follow-up list or has its STS.
    Raises NotAllowed for the person who decided.
    """
    case = _hold(case)
    reason = why_not_confirm(case, by)
    if reason and (agreed or not case.confirmed_at or by.pk == case.decided_by_id):
        raise NotAllowed("RETURN-PERSON", reason)
    moves.require_right(by, Permission.RETURN_CONFIRM)
    if agreed:
        _changed(case, (ReturnState.DECIDED,), confirmed_at=at, confirmed_by=by)
    elif not note.strip():
        raise BadInput("RETURN-NOTE", _("Isi alasan mengembalikan keputusan."))
    else:
        _changed(
            case,
            (ReturnState.DECIDED,),
            state=ReturnState.OPEN,
            decision="",
            decided_at=None,
            decided_by=None,
            confirmed_at=None,
            confirmed_by=None,
            new_account=None,
            heir=None,
        )
    audit.record(
        verb="disbursements.confirm_return",
        by=by,
        at=at,
        target=case,
        reason=note.strip(),
        agreed=agreed,
        decision=case.decision,
    )
    case.refresh_from_db()
    return case


@transaction.atomic
def record_sts(
    *,
    case: ReturnCase,
    sts_number: str,
    sts_date: date,
    amount: Decimal,
    by: User,
    at: datetime,
) -> ReturnCase:
    """Record that the money of a return is back in kas daerah; exactly its amount, once.

    Raises Refused when the decision is not a confirmed TREASURY or the amount differs.
    """
    deposits.record_deposit(
        amounts={case.pk: amount}, number=sts_number, on=sts_date, total=amount, by=by, at=at
    )
    case.refresh_from_db()
    return case


def ready_cases(main: PayList) -> list[ReturnCase]:
    """Confirmed returns of a main list and its follow-ups that wait to be paid again."""
    rows = ReturnCase.objects.filter(
        state=ReturnState.DECIDED, decision__in=PAID_AGAIN, confirmed_at__isnull=False
    )
    family = rows.filter(line__pay_list=main) | rows.filter(line__pay_list__parent=main)
    return list(
        family.select_related("line__person", "line__stage", "new_account").order_by(
            "line__pay_list", "line__position"
        )
    )


@transaction.atomic
def make_follow_up(*, pay_list: PayList, by: User, at: datetime) -> PayList:
    """A follow-up list from every confirmed return of the main list; paid from the same SP2D.

    It is locked, checked, approved and sent like any list, without a new reservation: the money
    is still in the treasurer's account. Raises Refused when nothing waits.
    """
    moves.require_right(by, Permission.PAYLIST_PREPARE)
    main = moves.lock_row(pay_list.parent or pay_list)
    if main.state not in AWAITS_RESULT:
        raise Refused("FOLLOW-UP-STATE", _("Daftar susulan dibuat sesudah ada hasil dari bank."))
    cases = ready_cases(main)
    if not cases:
        raise Refused(
            "FOLLOW-UP-EMPTY",
            _("Belum ada retur yang keputusan bayarnya disahkan. Putuskan dan sahkan retur dulu."),
        )
    agency = main.budget.agency
    year = main.stage.version.year
    sequence = next_number(agency=agency, kind=SEQUENCE, on=date(year, 1, 1))
    follow_up = PayList.objects.create(
        number=list_number(agency.area_code, year, sequence),
        kind=ListKind.FOLLOW_UP,
        parent=main,
        version_id=main.version_id,
        stage=main.stage,
        decree=main.decree,
        budget=main.budget,
        allocation=main.allocation,
        area_code=main.area_code,
        drawn_at=at,
        made_at=at,
        made_by=by,
    )
    limits = limits_on(paid_on(follow_up, day_of(at, agency.zone)))
    lines = [_again(follow_up, case, place, limits) for place, case in enumerate(cases, start=1)]
    try:
        with transaction.atomic():
            PaymentLine.objects.bulk_create(lines)
    except IntegrityError as error:
        raise moves.stale() from error
    taken = ReturnCase.objects.filter(
        pk__in=[case.pk for case in cases], state=ReturnState.DECIDED
    ).update(state=ReturnState.IN_FOLLOW_UP)
    if taken != len(cases):
        raise moves.stale()
    recount(follow_up)
    born(pay_list=follow_up, by=by, at=at)
    return follow_up


def _rail_again(follow_up: PayList, old: PaymentLine, bank: str, limits: Sequence[Limit]) -> str:
    """By the same rule as the first time, for the account it goes to now."""
    version = follow_up.stage.version
    return choose_rail(
        allowed=version.rails,
        limits=limits,
        amount=old.amount,
        paying_bank=paying_bank(version),
        bank_code=bank,
    )


def _again(
    follow_up: PayList, case: ReturnCase, place: int, limits: Sequence[Limit]
) -> PaymentLine:
    old = case.line
    name, bank, number, holder = old.payee_name, "", "", ""
    if case.decision == Decision.HEIR and case.heir:
        name = holder = str(case.heir["name"])
        bank, number = str(case.heir["bank_code"]), clean_digits(str(case.heir["number"]))
    elif case.new_account is not None and case.new_account.state != AccountState.CLOSED:
        account = case.new_account
        bank, number, holder = account.bank_code, account.number, account.holder_name
    return PaymentLine(
        pay_list=follow_up,
        position=place,
        enrolment_id=old.enrolment_id,
        stage_id=old.stage_id,
        person_id=old.person_id,
        family_id=old.family_id,
        one_per_family=old.one_per_family,
        payee_id=old.payee_id,
        rail=_rail_again(follow_up, old, bank, limits),
        payee_name=name,
        address=old.address,
        area_code=old.area_code,
        bank_code=bank,
        account_number=number or None,
        account_holder=holder,
        amount=old.amount,
        reference=line_reference(follow_up.number, place),
        state=LineState.WAITING,
        retransfer_of=old,
    )

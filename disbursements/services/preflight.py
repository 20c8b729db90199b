"""Pre-flight checks of a draft list, 10,000 lines at a time, and the refresh of its accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib import pulse
from bansos.lib.bulk import bulk_cursor
from bansos.lib.dates import day_of
from bansos.lib.faults import point
from bansos.lib.money import rupiah
from beneficiaries.choices import AccountState
from beneficiaries.models import BankAccount
from beneficiaries.queries.facts import snapshots_on
from beneficiaries.queries.payees import obstacles
from disbursements.choices import (
    LineState,
    ListKind,
    ListState,
    NameState,
    Severity,
)
from disbursements.models import BankChannel, Hit, NameCheck, PayList, PaymentLine, ResultRow
from disbursements.queries.payto import PayTo, pay_to
from disbursements.queries.rails import beyond_limits, paid_on
from disbursements.queries.sieve import Suspects, moved_accounts, next_part, suspects
from disbursements.rules.moves import COUNTED
from disbursements.rules.preflight import AGE_CRITERIA, CHECKS
from disbursements.services import moves, proxied
from disbursements.services.chains import lines_to_heirs, origins_of
from disbursements.services.planned import hit_plans
from programs.choices import PAYEES, Answer, DecreeState, EnrolmentState, Rail
from programs.models import Decree, Stage
from programs.queries.decrees import decree_in_force
from programs.queries.exclusivity import conflicts_for, lists_missing
from programs.queries.facts import facts_for
from programs.queries.life import waiting_ends, waiting_words
from programs.rules import evaluate, failing

# A step reads the registry anew where its lists are short: fewer steps, fewer readings.
CHUNK = 10_000
AT_ONCE = 500

REFRESH = """
UPDATE disbursements_paymentline l
SET payee_name = now.name, rail = now.rail, bank_code = now.bank_code, account_number = now.number,
    account_index = now.number_index, account_holder = now.holder_name
FROM (
    SELECT o.id, {name} AS name, {rail} AS rail, COALESCE(a.bank_code, '') AS bank_code,
        a.number, a.number_index, COALESCE(a.holder_name, '') AS holder_name
    FROM disbursements_paymentline o
    JOIN beneficiaries_person p ON p.id = o.person_id
    {account}
    WHERE {which} AND o.state = 'waiting'
        AND (o.payee_name <> {name} OR o.rail <> {rail} OR o.bank_code <> COALESCE(a.bank_code, '')
            OR o.account_index IS DISTINCT FROM a.number_index
            OR o.account_holder <> COALESCE(a.holder_name, ''))
) now
WHERE l.id = now.id
"""
OF_PART = "o.pay_list_id = %(list)s AND o.position > %(after)s AND o.position <= %(upto)s"
OF_LINES = "o.id = ANY(%(lines)s)"


@dataclass
class Progress:
    """Where a stepped act stands: the cursor to go on from, and how many are done."""

    finished: bool
    done: int = 0
    cursor: dict[str, object] = field(default_factory=dict)


def run_preflight(*, pay_list: PayList, by: User, at: datetime) -> Job:
    """Check a draft list again in the background; refreshes names and accounts first."""
    moves.require_right(by, Permission.PAYLIST_PREPARE)
    moves.not_while_busy(pay_list)
    with transaction.atomic():
        row = moves.lock_row(pay_list)
        moves.not_while_busy(row)  # its job takes the place of the act's on the list
        moves.expect(row, ListState.DRAFT)
        moves.not_while_drawing(row)
        job = jobs.submit(
            kind="disbursements.preflight",
            title=_("Memeriksa daftar bayar %(number)s") % {"number": row.number},
            by=by,
            at=at,
            params={"list": row.pk},
            total=row.count,
        )
        PayList.objects.filter(pk=row.pk).update(job=job)
    return job


def check_step(*, pay_list: PayList, cursor: dict[str, object], at: datetime) -> Progress:
    """Check the next 10,000 lines of a draft list; call inside a transaction that holds the list.

    One query sorts out the lines that certainly pass; only the others are judged one by one, and
    only they leave hits.
    """
    after = int(str(cursor.get("position", 0)))
    done = int(str(cursor.get("done", 0)))
    if after == 0:
        adopt_decree(pay_list)
        Hit.objects.filter(pay_list=pay_list).delete()
        pay_list.proxy_accounts.all().delete()
    upto, count = next_part(pay_list, after=after, limit=CHUNK)
    if count:
        _check_part(pay_list, after, upto, day_of(at, pay_list.budget.agency.zone))
        hit_bank_names(pay_list, after=after, upto=upto)
        hit_plans(pay_list, after=after, upto=upto)
    point("list.checked")
    if count < CHUNK:
        PayList.objects.filter(pk=pay_list.pk).update(preflight_at=at)
        return Progress(True, done + count)
    return Progress(False, done + count, {"position": upto, "done": done + count})


def _check_part(pay_list: PayList, after: int, upto: int, today: date) -> None:
    part = pay_list.lines.filter(
        state=LineState.WAITING, position__gt=after, position__lte=upto
    ).order_by("position")
    if pay_list.kind == ListKind.MAIN:
        found = _suspects(pay_list, after, upto, today)
        _hits_of_names(pay_list, found.names, today)
        _hits_of_all(pay_list, part.exclude(pk__in=found.lines), found.unknown)
        part = part.filter(pk__in=found.lines)
    lines = list(part.select_related("person", "enrolment", "payee"))
    for start in range(0, len(lines), AT_ONCE):
        Hit.objects.bulk_create(_hits(pay_list, lines[start : start + AT_ONCE], today=today))


def _suspects(pay_list: PayList, after: int, upto: int, today: date) -> Suspects:
    """The lines to look at, once names and accounts of the part are those of today."""
    to = pay_to(pay_list.stage, on=paid_on(pay_list, today))
    part: dict[str, object] = {"list": pay_list.pk, "after": after, "upto": upto}
    if to.has_payee:
        _refresh(to, OF_PART, part)
    found = suspects(pay_list, after=after, upto=upto, today=today)
    # Paid at one bank, a line that is not suspect has just been compared with its account.
    if not to.has_payee and found.lines and _refresh(to, OF_LINES, {"lines": found.lines}):
        found = suspects(pay_list, after=after, upto=upto, today=today)
    return found


def _hits_of_names(pay_list: PayList, names: Sequence[tuple[int, str, str]], today: date) -> None:
    """Lines with nothing to look at but how the bank writes the holder's name."""
    found = _Found(pay_list)
    _check_names(found, names, today)
    Hit.objects.bulk_create(found.rows())


def _check_names(found: _Found, names: Iterable[tuple[int, str, str]], today: date) -> None:
    """Of (line, payee, holder); another's account needs a letter that holds when it is paid."""
    for hit in proxied.names(found.pay_list, names, on=paid_on(found.pay_list, today)):
        found.add(*hit)


def _hits_of_all(pay_list: PayList, lines: QuerySet[PaymentLine], reasons: Sequence[str]) -> None:
    """What nobody can be judged by (a list that was never loaded) is said of every line."""
    if not reasons:
        return
    found = _Found(pay_list)
    for line_id in lines.values_list("pk", flat=True):
        for reason in reasons:
            found.add(line_id, "unknown", reason)
    Hit.objects.bulk_create(found.rows())


def hit_bank_names(pay_list: PayList, *, after: int = 0, upto: int | None = None) -> None:
    """Hold back lines whose account the bank says is another's, as long as nobody decided it.

    Where the channel of the agency requires it, also lines nobody asked the bank about.
    """
    rows = pay_list.lines.filter(state=LineState.WAITING, position__gt=after)
    if upto is not None:
        rows = rows.filter(position__lte=upto)
    known = checks_of_lines()
    fine = known.filter(state__in=[NameState.SAME, NameState.ACCEPTED])
    differs = _ids(rows.filter(Exists(known), ~Exists(fine)))
    found = {pk: _("Nama menurut bank berbeda.") for pk in differs}
    required = BankChannel.objects.filter(
        agency=pay_list.budget.agency, active=True, requires_names=True
    )
    if required.exists():
        with_account = rows.filter(account_index__isnull=False)
        for pk in _ids(with_account.filter(~Exists(fine))):
            found.setdefault(pk, _("Nama belum dicocokkan ke bank."))
    Hit.objects.bulk_create(
        [
            Hit(
                pay_list=pay_list,
                line_id=pk,
                code="bank_name",
                severity=CHECKS["bank_name"].severity,
                message=message,
            )
            for pk, message in found.items()
        ]
    )


def checks_of_lines() -> QuerySet[NameCheck]:
    """The name check of the line outside, when it is about the account the line pays now."""
    rows: QuerySet[NameCheck] = NameCheck.objects.filter(
        Q(line__proxy_account=None, payee_name=OuterRef("payee_name"))
        | Q(line__proxy_account__isnull=False, payee_name=OuterRef("account_holder")),
        line=OuterRef("pk"),
        account_index=OuterRef("account_index"),
    )
    return rows


def _ids(rows: QuerySet[PaymentLine]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def check_now(*, pay_list: PayList, at: datetime) -> int:
    """Check all lines in one go inside the caller's transaction; how many lines are held back."""
    progress = Progress(False)
    while not progress.finished:
        progress = check_step(pay_list=pay_list, cursor=progress.cursor, at=at)
        pulse.beat(progress.done, pay_list.count)
    return blocked_count(pay_list)


def blocked_count(pay_list: PayList) -> int:
    """Lines still in the list with a blocking hit."""
    return int(
        Hit.objects.filter(
            pay_list=pay_list, severity=Severity.BLOCK, line__state=LineState.WAITING
        )
        .values("line")
        .distinct()
        .count()
    )


def recount(pay_list: PayList) -> tuple[int, Decimal]:
    """Count and sum of the lines that are in the list, written to a draft list."""
    sums = pay_list.lines.filter(state__in=COUNTED).aggregate(n=Count("pk"), total=Sum("amount"))
    count, total = sums["n"], sums["total"] or Decimal(0)
    PayList.objects.filter(pk=pay_list.pk, state=ListState.DRAFT).update(count=count, total=total)
    pay_list.count, pay_list.total = count, total
    return count, total


def adopt_decree(pay_list: PayList) -> None:
    """A draft follows the decree in force: an amendment replaces the one it was drawn under."""
    if pay_list.kind != ListKind.MAIN or pay_list.decree.state == DecreeState.APPROVED:
        return
    newer = decree_in_force(version=pay_list.stage.version, area_code=pay_list.area_code)
    if newer is not None:
        PayList.objects.filter(pk=pay_list.pk, state=ListState.DRAFT).update(decree=newer)
        pay_list.decree = newer


def _refresh(to: PayTo, which: str, params: Mapping[str, object]) -> int:
    """Bring names and accounts of some waiting lines up to date; how many changed.

    The number is copied as it is sealed: line and account share one context.
    """
    sql = REFRESH.format(
        name=to.name, rail=to.rail("o.amount"), account=to.account("o"), which=which
    )
    with bulk_cursor() as db:
        db.execute(sql, {**to.params, **params})
        return int(db.rowcount)


class _Found:
    """Collects the hits of one chunk: one per line and check, their words joined."""

    def __init__(self, pay_list: PayList) -> None:
        self.pay_list = pay_list
        self.words: dict[tuple[int, str], list[str]] = defaultdict(list)

    def add(self, line_id: int, code: str, message: str) -> None:
        self.words[(line_id, code)].append(message)

    def rows(self) -> list[Hit]:
        return [
            Hit(
                pay_list=self.pay_list,
                line_id=line_id,
                code=code,
                severity=CHECKS[code].severity,
                message=" ".join(words)[:300],
            )
            for (line_id, code), words in self.words.items()
        ]


def _hits(pay_list: PayList, lines: Sequence[PaymentLine], *, today: date) -> list[Hit]:
    if not lines:
        return []
    found = _Found(pay_list)
    _check_people(found, lines)
    _check_events(found, lines)
    _check_accounts(found, lines, today)
    _check_paid(found, lines)
    _check_payees(found, lines, pay_list.stage)
    if pay_list.kind == ListKind.FOLLOW_UP:
        _check_disputes(found, lines)
    if pay_list.kind == ListKind.MAIN:
        _check_decree(found, pay_list, lines)
        # Criteria are about people; a payee has checks of its own.
        own = [line for line in lines if line.payee_id is None]
        _check_criteria(found, pay_list, own, today)
        _check_exclusive(found, pay_list, lines, today)
    return found.rows()


def _check_people(found: _Found, lines: Sequence[PaymentLine]) -> None:
    follow_up = found.pay_list.kind == ListKind.FOLLOW_UP
    heirs = lines_to_heirs(lines)
    for line in lines:
        own = line.payee_id is None and line.pk not in heirs
        if line.person.nik_index is None and line.payee_id is None:
            found.add(line.pk, "no_nik", _("NIK belum ada."))
        if line.person.died_on is not None and own:
            found.add(line.pk, "died", _("Tercatat meninggal."))
        if not follow_up and line.enrolment.state != EnrolmentState.ACTIVE:
            state = line.enrolment.get_state_display()
            found.add(line.pk, "inactive", _("Kepesertaan sekarang: %(state)s.") % {"state": state})


def _check_events(found: _Found, lines: Sequence[PaymentLine]) -> None:
    """Somebody of whom a death or an end was reported is not paid before it is decided."""
    heirs = lines_to_heirs(lines)
    waiting = {
        event.enrolment_id: waiting_words(event)
        for event in waiting_ends([line.enrolment_id for line in lines])
    }
    for line in lines:
        if line.enrolment_id in waiting and line.pk not in heirs:
            found.add(line.pk, "event", waiting[line.enrolment_id])


def _check_accounts(found: _Found, lines: Sequence[PaymentLine], today: date) -> None:
    indexes = {line.account_index for line in lines if line.account_index}
    owners: dict[str, set[tuple[int | None, int | None]]] = defaultdict(set)
    elsewhere = BankAccount.objects.filter(number_index__in=indexes).exclude(
        state=AccountState.CLOSED
    )
    for index, person_id, payee_id in elsewhere.values_list(
        "number_index", "person_id", "payee_id"
    ):
        owners[str(index)].add(_owner(person_id, payee_id))
    same_list = found.pay_list.lines.filter(
        account_index__in=indexes, state=LineState.WAITING
    ).values_list("account_index", "person_id", "payee_id")
    for index, person_id, payee_id in same_list:
        owners[str(index)].add(_owner(person_id, payee_id))
    names = []
    for line in lines:
        if line.rail == Rail.CASH:
            continue
        if not line.account_index:
            found.add(line.pk, "no_account", _("Belum ada rekening di bank penyalur."))
            continue
        if not line.rail:
            found.add(line.pk, "rail", _no_rail(line))
        names.append((line.pk, line.payee_name, line.account_holder))
        own = _owner(line.person_id, line.payee_id)
        if len(owners[line.account_index] | {own}) > 1:
            found.add(line.pk, "shared", _("Rekening yang sama dipakai orang lain."))
    _check_names(found, names, today)


def _owner(person_id: int | None, payee_id: int | None) -> tuple[int | None, int | None]:
    """Whose account it is: the payee's where there is one, whoever answers for it."""
    return (None, payee_id) if payee_id else (person_id, None)


def _no_rail(line: PaymentLine) -> str:
    return _("Tidak ada jalur program ini untuk %(amount)s ke bank %(bank)s.") % {
        "amount": rupiah(line.amount),
        "bank": line.bank_code,
    }


def _check_payees(found: _Found, lines: Sequence[PaymentLine], stage: Stage) -> None:
    """Groups, institutions and governments: chosen, active, signatories, accreditation."""
    payees = {line.payee_id: line.payee for line in lines if line.payee is not None}
    reasons = obstacles(list(payees.values()), on=stage.stage_date)
    for line in lines:
        if line.payee_id is None and stage.version.payee_kind in PAYEES:
            words = _("Kelompok, lembaga, atau pemerintah penerimanya belum dipilih.")
            found.add(line.pk, "payee", words)
        for obstacle in reasons.get(line.payee_id or 0, []):
            if obstacle.code != "NO-ACCOUNT":  # said by the check of accounts
                found.add(line.pk, "payee", obstacle.sentence)


def _check_paid(found: _Found, lines: Sequence[PaymentLine]) -> None:
    stage = found.pay_list.stage_id
    others = (
        PaymentLine.objects.filter(stage_id=stage, not_live=None)
        .exclude(pay_list=found.pay_list)
        .select_related("pay_list")
    )
    people = [x.person_id for x in lines if x.payee_id is None]
    persons = {row.person_id: row for row in others.filter(person__in=people, payee=None)}
    payees = {row.payee_id: row for row in others.filter(payee__in=[x.payee_id for x in lines])}
    kin = {line.family_id for line in lines if line.one_per_family and line.family_id}
    families = {row.family_id: row for row in others.filter(family__in=kin, one_per_family=True)}
    for line in lines:
        if line.payee_id is not None:
            other = payees.get(line.payee_id)
        else:
            other = persons.get(line.person_id)
        if other is None and line.one_per_family:
            other = families.get(line.family_id)
        if other is not None:
            words = _("Sudah ada dalam daftar %(number)s untuk tahap ini.")
            found.add(line.pk, "paid", words % {"number": other.pay_list.number})


def _check_disputes(found: _Found, lines: Sequence[PaymentLine]) -> None:
    for line_id in disputed(lines):
        found.add(line_id, "disputed", _("Bank menyebut pembayaran asalnya lain; belum dijawab."))


def disputed(lines: Iterable[PaymentLine]) -> list[int]:
    """Lines that pay again what the bank, in a row nobody has answered, speaks of once more."""
    origins = {line.pk: origins_of([line.pk]) for line in lines if line.retransfer_of_id}
    every = {pk for found in origins.values() for pk in found}
    open_rows = ResultRow.objects.open().filter(line__in=every)
    told = set(open_rows.values_list("line_id", flat=True))
    return [line_id for line_id, found in origins.items() if told & set(found)]


def _check_decree(found: _Found, pay_list: PayList, lines: Sequence[PaymentLine]) -> None:
    named = set()
    if pay_list.decree.state == DecreeState.APPROVED:
        named = set(
            pay_list.decree.lines.filter(
                enrolment__in=[line.enrolment_id for line in lines]
            ).values_list("enrolment_id", flat=True)
        )
    for line in lines:
        if line.enrolment_id not in named:
            found.add(line.pk, "decree", _("Tidak disebut dalam SK yang berlaku."))


def _check_criteria(
    found: _Found, pay_list: PayList, lines: Sequence[PaymentLine], today: date
) -> None:
    version = pay_list.stage.version
    persons = [line.person for line in lines]
    facts = facts_for(persons, version=version, today=today, stage_date=pay_list.stage.stage_date)
    lists = snapshots_on(today)
    for line in lines:
        results = evaluate(version.criteria, facts[line.person_id])
        for result in failing(results):
            code = "age" if result.code in AGE_CRITERIA else "criterion"
            if result.code == "alive":
                code = "died"
            if code != "died" or line.person.died_on is None:
                found.add(line.pk, code, result.reason)
        for result in results:
            # What only a visit can show was settled by the verifier.
            if result.answer == Answer.UNKNOWN and not result.code.startswith("field_check"):
                found.add(line.pk, "unknown", result.reason)
        for sentence in lists_missing(version, area_code=line.person.area_code, lists=lists):
            found.add(line.pk, "unknown", sentence)


def _check_exclusive(
    found: _Found, pay_list: PayList, lines: Sequence[PaymentLine], today: date
) -> None:
    """Other help of the person, or of a member of the group; a hit is kept, so it names nobody."""
    asked = [(line.pk, line.person_id, line.payee_id) for line in lines]
    version = pay_list.stage.version
    exclusive = conflicts_for(asked, version=version, today=today, named=False)
    for line_id, conflicts in exclusive.items():
        for conflict in conflicts:
            found.add(line_id, "exclusive", conflict.words)


def changes_since_lock(pay_list: PayList, *, today: date) -> list[str]:
    """What happened to a locked list's people since: each a sentence; empty when nothing did.

    Amount, payee and account are frozen, so a change outside makes the list wrong, not the line.
    """
    found = []
    lines = pay_list.lines.filter(state__in=COUNTED)
    main = pay_list.kind == ListKind.MAIN
    if (
        main
        and Decree.objects.filter(pk=pay_list.decree_id).values_list("state", flat=True).first()
        != DecreeState.APPROVED
    ):
        found.append(_("SK yang menjadi dasar daftar ini sudah digantikan."))
    if main:
        # One pass over the lines: the signature page asks this each time it is opened.
        gone = lines.aggregate(
            ended=Count("pk", filter=~Q(enrolment__state=EnrolmentState.ACTIVE)),
            died=Count("pk", filter=Q(person__died_on__isnull=False, payee=None)),
        )
        ended, died = gone["ended"], gone["died"]
        moved = moved_accounts(pay_list)
        if ended:
            found.append(_("%(count)s kepesertaan tidak lagi aktif.") % {"count": ended})
    else:
        died, moved = _changed_in_follow_up(pay_list)
        odd = len(disputed(lines))
        if odd:
            words = _("%(count)s pembayaran asalnya disebut lagi oleh bank dan belum dijawab.")
            found.append(words % {"count": odd})
    waiting = _waiting_events(pay_list)
    if waiting:
        words = _("%(count)s penerima mempunyai peristiwa yang menunggu putusan.")
        found.append(words % {"count": waiting})
    if died:
        found.append(_("%(count)s penerima kini tercatat meninggal.") % {"count": died})
    if moved:
        found.append(_("%(count)s rekening diubah sesudah dikunci.") % {"count": moved})
    return [*found, *_unfit_when_paid(pay_list, on=paid_on(pay_list, today))]


def _unfit_when_paid(pay_list: PayList, *, on: date) -> list[str]:
    """Payees, letters of proxies and rails that do not stand on the day of the payment."""
    found = []
    unfit = _unfit_payees(pay_list)
    if unfit:
        words = _("%(count)s kelompok, lembaga, atau pemerintah tidak memenuhi syarat lagi.")
        found.append(words % {"count": unfit})
    lapsed = proxied.lapsed_letters(pay_list, on=on)
    if lapsed:
        words = _("%(count)s surat kuasa pemilik rekening tidak berlaku lagi.")
        found.append(words % {"count": lapsed})
    beyond = beyond_limits(pay_list, on=on)
    return [*found, beyond_words(beyond)] if beyond else found


def beyond_words(count: int) -> str:
    """What is said of payments whose rail changed its limits."""
    words = _("%(count)s pembayaran tidak dapat lewat jalurnya menurut batas yang kini berlaku.")
    return words % {"count": count}


def _waiting_events(pay_list: PayList) -> int:
    """How many have a death or an end reported that waits; an heir is paid by papers of its own."""
    lines = pay_list.lines.filter(state__in=COUNTED)
    if pay_list.kind != ListKind.MAIN:
        lines = lines.exclude(pk__in=lines_to_heirs(lines))
    return waiting_ends(lines.values("enrolment")).count()


def _unfit_payees(pay_list: PayList) -> int:
    """Payees that may not be paid now or were never chosen; accounts are told of by `moved`."""
    stage = pay_list.stage
    lines = pay_list.lines.filter(state__in=COUNTED)
    chosen = lines.filter(payee__isnull=False).select_related("payee")
    reasons = obstacles([row.payee for row in chosen if row.payee], on=stage.stage_date)
    unfit = sum(any(row.code != "NO-ACCOUNT" for row in found) for found in reasons.values())
    if stage.version.payee_kind in PAYEES:
        unfit += lines.filter(payee=None).count()
    return unfit


def _changed_in_follow_up(pay_list: PayList) -> tuple[int, int]:
    """(died, accounts changed) among those paid in their own name; an heir's papers stand."""
    lines = list(pay_list.lines.filter(state__in=COUNTED).select_related("person"))
    heirs = lines_to_heirs(lines)
    own = [line for line in lines if line.pk not in heirs]
    accounts = BankAccount.objects.exclude(state=AccountState.CLOSED).filter(
        Q(person__in=[line.person_id for line in own if line.payee_id is None])
        | Q(payee__in=[line.payee_id for line in own if line.payee_id is not None])
    )
    known = {
        (_owner(person_id, payee_id), bank_code, index)
        for person_id, payee_id, bank_code, index in accounts.values_list(
            "person_id", "payee_id", "bank_code", "number_index"
        )
    }
    died = sum(line.person.died_on is not None for line in own if line.payee_id is None)
    moved = sum(
        (_owner(line.person_id, line.payee_id), line.bank_code, line.account_index) not in known
        for line in own
        if line.rail != Rail.CASH
    )
    return died, moved

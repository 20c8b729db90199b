"""What a pay list would pay, and how a list differs from the stage before; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from bansos.lib.money import number, rupiah
from bansos.lib.scopes import covers
from bansos.regions.queries import full_name
from beneficiaries.choices import AccountState
from beneficiaries.models import BankAccount
from disbursements.choices import ListKind, ListState
from disbursements.models import Allocation, BudgetLine, PayList, PaymentLine
from disbursements.rules.moves import COUNTED
from programs.choices import ENDED, INTERBANK, EnrolmentState, VersionState
from programs.models import Decree, Enrolment, ProgrammeVersion, Stage
from programs.queries.decrees import decree_in_force
from programs.queries.enrolments import active_enrolments
from programs.queries.entitlements import payable

REGENCY_CODE = 5


@dataclass(frozen=True)
class Difference:
    """Against the stage before: who joined, left, and whose account or amount changed."""

    previous: PayList | None
    joined: int = 0
    left: int = 0
    changed: int = 0


@dataclass(frozen=True)
class DryRun:
    """What a list would pay now; `taken` already have a live payment in this stage."""

    stage: Stage
    area_code: str
    area_name: str
    count: int
    total: Decimal
    difference: Difference
    elsewhere: int
    without_account: int
    taken: int
    without_amount: int
    decree: Decree | None
    budget: BudgetLine | None
    allocation: Allocation | None
    existing: PayList | None

    @property
    def sentence(self) -> str:
        """The whole in one sentence."""
        words = _("akan membayar %(count)s KPM, %(total)s")
        parts = [words % {"count": number(self.count), "total": rupiah(self.total)}]
        if self.difference.previous is not None:
            parts.append(difference_words(self.difference))
        words = _("%(count)s juga di program lain")
        parts.append(words % {"count": number(self.elsewhere)})
        return "; ".join(parts)

    @property
    def obstacles(self) -> list[str]:
        """Why the list cannot be made now, each with what to do; empty when it can."""
        found = []
        if self.existing is not None:
            words = _("Daftar %(number)s sudah ada untuk tahap dan wilayah ini.")
            found.append(words % {"number": self.existing.number})
        if self.stage.version.state == VersionState.CLOSED:
            words = _(
                "Tahun anggaran %(year)s program ini sudah ditutup. Susun daftar pada tahun yang"
                " berlaku."
            )
            found.append(words % {"year": self.stage.version.year})
        elif self.stage.version.state != VersionState.ACTIVE:
            found.append(_("Program ini belum diberlakukan untuk tahun itu."))
        if self.decree is None:
            found.append(_("Belum ada SK yang berlaku untuk wilayah ini."))
        if self.count == 0 and self.without_amount:
            words = _("%(count)s penerima belum punya hak pada tahap ini. Catat satuannya dulu.")
            found.append(words % {"count": number(self.without_amount)})
        elif self.count == 0:
            found.append(
                _("Belum ada penerima layak untuk tahap ini. Selesaikan verifikasi dan SK dulu.")
            )
        if self.allocation is None:
            found.append(_("Alokasi wilayah ini belum dicatat. Atur di halaman Pagu & alokasi."))
        return found

    @property
    def short(self) -> Decimal:
        """How much the allocation lacks for this list; 0 when it is enough."""
        if self.allocation is None:
            return self.total
        return max(self.total - self.allocation.left, Decimal(0))


def difference_words(difference: Difference) -> str:
    """As in "14 baru, 26 keluar, 3 berubah dari tahap lalu"."""
    return _("%(new)s baru, %(gone)s keluar, %(changed)s berubah dari tahap lalu") % {
        "new": number(difference.joined),
        "gone": number(difference.left),
        "changed": number(difference.changed),
    }


def paying_bank(version: ProgrammeVersion) -> str:
    """The bank whose accounts a list pays into (overbooking inside one bank)."""
    return version.bank_code or version.programme.agency.bank_code


def open_accounts(bank_code: str) -> QuerySet[BankAccount]:
    """Open accounts at one bank; at most one per person, by constraint."""
    rows: QuerySet[BankAccount] = BankAccount.objects.filter(bank_code=bank_code)
    return rows.exclude(state=AccountState.CLOSED)


def dry_run(*, stage: Stage, area_code: str, user: Any) -> DryRun:
    """What a list of this stage and regency would pay; about a dozen queries for any size.

    An empty, unknown or foreign area pays nobody: it is never read as "everywhere".
    """
    version = stage.version
    people: QuerySet[Enrolment] = Enrolment.objects.none()
    if len(area_code) == REGENCY_CODE and covers(user.area_code, area_code):
        people = active_enrolments(version=version, area_code=area_code)
    everybody = people.count()
    people = payable(people, stage)
    accounts = open_accounts(paying_bank(version))
    budget = BudgetLine.objects.filter(version=version).first()
    sums = people.aggregate(count=Count("pk"), total=Sum("due"))
    count = sums["count"]
    return DryRun(
        stage=stage,
        area_code=area_code,
        area_name=full_name(area_code) if area_code else "",
        count=count,
        total=sums["total"] or Decimal(0),
        without_amount=everybody - count,
        difference=_against(people, previous_list(stage, area_code), stage, accounts),
        elsewhere=_elsewhere(people, version),
        without_account=_without_account(people, version, accounts),
        taken=people.filter(
            person__in=PaymentLine.objects.filter(stage=stage, not_live=None).values("person_id")
        ).count(),
        decree=decree_in_force(version=version, area_code=area_code) if area_code else None,
        budget=budget,
        allocation=budget.allocations.filter(area_code=area_code).first() if budget else None,
        existing=existing_list(stage, area_code),
    )


def existing_list(stage: Stage, area_code: str) -> PayList | None:
    """The main list of a stage and regency that is not cancelled."""
    rows: QuerySet[PayList] = PayList.objects.filter(
        stage=stage, area_code=area_code, kind=ListKind.MAIN
    )
    return rows.exclude(state=ListState.CANCELLED).first()


def previous_list(stage: Stage, area_code: str) -> PayList | None:
    """The main list of the nearest earlier stage of the same version and regency."""
    rows: QuerySet[PayList] = PayList.objects.filter(
        version=stage.version_id,
        area_code=area_code,
        kind=ListKind.MAIN,
        stage__number__lt=stage.number,
    )
    rows = rows.exclude(state=ListState.CANCELLED).select_related("stage")
    return rows.order_by("-stage__number").first()


def _against(
    people: QuerySet[Enrolment],
    previous: PayList | None,
    stage: Stage,
    accounts: QuerySet[BankAccount],
) -> Difference:
    if previous is None:
        return Difference(None, joined=people.count())
    before = previous.lines.filter(state__in=COUNTED)
    account = accounts.filter(person=OuterRef("person")).values("number_index")[:1]
    due = people.filter(person=OuterRef("person")).values("due")[:1]
    both = before.filter(person__in=people.values("person_id")).annotate(
        due=Subquery(due),
        old=Coalesce("account_index", Value("")),
        new=Coalesce(Subquery(account), Value("")),
    )
    return Difference(
        previous,
        joined=_only_in(people, before).count(),
        left=_only_in(before, people).count(),
        changed=both.filter(~Q(old=F("new")) | ~Q(amount=F("due"))).count(),
    )


def _without_account(
    people: QuerySet[Enrolment], version: ProgrammeVersion, accounts: QuerySet[BankAccount]
) -> int:
    """Who cannot be paid for want of an account; cash needs none, other rails reach any bank."""
    rails = set(version.rails)
    if version.is_cash:
        return 0
    if rails & set(INTERBANK):
        accounts = BankAccount.objects.exclude(state=AccountState.CLOSED)
    own = accounts.filter(person=OuterRef("person"), payee=None)
    of_payee = accounts.filter(payee=OuterRef("payee"), person=None)
    poor = people.filter(payee=None).filter(~Exists(own)).count()
    return poor + people.filter(payee__isnull=False).filter(~Exists(of_payee)).count()


def _only_in(rows: QuerySet[Any], others: QuerySet[Any]) -> QuerySet[Any]:
    """Rows of persons who are not in the others.

    NOT EXISTS, because NOT IN is looked through row by row once it outgrows the work memory.
    """
    return rows.filter(~Exists(others.filter(person=OuterRef("person"))))


def _elsewhere(people: QuerySet[Enrolment], version: ProgrammeVersion) -> int:
    others = (
        Enrolment.objects.filter(version__year=version.year)
        .exclude(state__in=[*ENDED, EnrolmentState.DRAFT])
        .exclude(version__programme=version.programme_id)
    )
    return people.filter(person__in=others.values("person_id")).count()


def difference_of(pay_list: PayList) -> Difference:
    """A list against the stage before, by its frozen lines; four queries."""
    previous = previous_list(pay_list.stage, pay_list.area_code)
    if previous is None:
        return Difference(None, joined=pay_list.count)
    now, before, both = _sets(pay_list, previous)
    return Difference(
        previous,
        joined=_only_in(now, before).count(),
        left=_only_in(before, now).count(),
        changed=both.count(),
    )


def _sets(
    pay_list: PayList, previous: PayList
) -> tuple[QuerySet[PaymentLine], QuerySet[PaymentLine], QuerySet[PaymentLine]]:
    now = pay_list.lines.filter(state__in=COUNTED)
    before = previous.lines.filter(state__in=COUNTED)
    same = before.filter(person=OuterRef("person"))
    both = now.annotate(
        old_index=Subquery(same.values("account_index")[:1]),
        old_amount=Subquery(same.values("amount")[:1]),
        old_name=Subquery(same.values("payee_name")[:1]),
    ).filter(old_amount__isnull=False)
    both = both.annotate(
        old=Coalesce("old_index", Value("")), new=Coalesce("account_index", Value(""))
    )
    changed = both.filter(
        ~Q(old=F("new")) | ~Q(old_amount=F("amount")) | ~Q(old_name=F("payee_name"))
    )
    return now, before, changed


@dataclass(frozen=True)
class DifferenceRow:
    """One payee who joined, left or changed; `words` says what changed."""

    kind: str
    name: str
    area_code: str
    words: str = ""


def difference_rows(pay_list: PayList, *, limit: int = 200) -> Iterator[DifferenceRow]:
    """The payees behind the difference, at most `limit` of each kind."""
    previous = previous_list(pay_list.stage, pay_list.area_code)
    if previous is None:
        return
    now, before, changed = _sets(pay_list, previous)
    joined = _only_in(now, before).order_by("position")
    left = _only_in(before, now).order_by("position")
    for line in joined[:limit]:
        yield DifferenceRow("joined", line.payee_name, line.area_code)
    for line in left[:limit]:
        yield DifferenceRow("left", line.payee_name, line.area_code)
    for line in changed.order_by("position")[:limit]:
        yield DifferenceRow("changed", line.payee_name, line.area_code, _changed_words(line))


def _changed_words(line: Any) -> str:
    words = []
    if line.old != line.new:
        words.append(_("rekening"))
    if line.old_amount != line.amount:
        words.append(_("jumlah"))
    if line.old_name != line.payee_name:
        words.append(_("nama"))
    return ", ".join(words)

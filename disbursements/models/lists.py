"""Pay lists, their lines, approvals, moves and pre-flight hits."""

from __future__ import annotations

from django.db import models
from django.db.models import Case, F, Q, Value, When

from bansos.accounts.models import User
from bansos.jobs.models import Job
from bansos.lib.fields import BlindIndexField, EncryptedTextField
from bansos.lib.money import MoneyField
from bansos.lib.nik import mask_account
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.models import Family, Payee, Person
from disbursements.choices import LIVE_LINES, LineState, ListKind, ListState, Severity
from disbursements.models.budget import Allocation, BudgetLine
from programs.choices import Rail
from programs.models import Decree, Enrolment, ProgrammeVersion, Stage


def paired(name: str) -> models.CheckConstraint:
    """<name>_at and <name>_by are set together or not at all."""
    return models.CheckConstraint(
        name=f"list_{name}_pair",
        condition=Q(**{f"{name}_at": None, f"{name}_by": None})
        | Q(**{f"{name}_at__isnull": False, f"{name}_by__isnull": False}),
    )


AFTER_APPROVAL = [
    ListState.APPROVED,
    ListState.SP2D,
    ListState.SENT,
    ListState.PARTLY_SETTLED,
    ListState.SETTLED,
    ListState.CLOSED,
]
AFTER_SP2D = AFTER_APPROVAL[1:]


class PayList(models.Model):
    """Who is paid how much in one stage and area; frozen when locked."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=ListKind.choices, default=ListKind.MAIN)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.RESTRICT, related_name="follow_ups"
    )
    version = models.ForeignKey(ProgrammeVersion, on_delete=models.RESTRICT, related_name="+")
    stage = models.ForeignKey(Stage, on_delete=models.RESTRICT, related_name="pay_lists")
    decree = models.ForeignKey(Decree, on_delete=models.RESTRICT, related_name="pay_lists")
    budget = models.ForeignKey(BudgetLine, on_delete=models.RESTRICT, related_name="pay_lists")
    allocation = models.ForeignKey(Allocation, on_delete=models.RESTRICT, related_name="pay_lists")
    area_code = models.CharField(max_length=13, db_index=True)
    state = models.CharField(max_length=10, choices=ListState.choices, default=ListState.DRAFT)
    round = models.PositiveSmallIntegerField(default=1)
    count = models.PositiveIntegerField(default=0)
    total = MoneyField(default=0)
    content_hash = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    drawn_at = models.DateTimeField(null=True)
    preflight_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    spm_number = models.CharField(max_length=80, blank=True)
    sp2d_number = models.CharField(max_length=80, blank=True)
    sp2d_date = models.DateField(null=True)
    sp2d_amount = MoneyField(null=True)
    # The bank day the files ask for; recorded, so that a corrected calendar changes no bytes.
    execution_on = models.DateField(null=True)
    sp2d_at = models.DateTimeField(null=True)
    sp2d_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    cancel_reason = models.TextField(blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "area_code"],
                condition=Q(kind=ListKind.MAIN) & ~Q(state=ListState.CANCELLED),
                name="one_main_list_per_stage_and_area",
            ),
            *[
                paired(name)
                for name in (
                    "locked",
                    "checked",
                    "approved",
                    "sp2d",
                    "sent",
                    "closed",
                    "cancelled",
                )
            ],
            # I10: maker, checker and approver are three people.
            models.CheckConstraint(
                name="list_maker_is_not_checker",
                condition=Q(checked_by=None)
                | (~Q(checked_by=F("made_by")) & ~Q(checked_by=F("locked_by"))),
            ),
            models.CheckConstraint(
                name="list_maker_is_not_approver",
                condition=Q(approved_by=None)
                | (
                    ~Q(approved_by=F("made_by"))
                    & ~Q(approved_by=F("locked_by"))
                    & ~Q(approved_by=F("checked_by"))
                ),
            ),
            models.CheckConstraint(
                name="list_locked_has_hash",
                condition=Q(state__in=[ListState.DRAFT, ListState.CANCELLED])
                | (~Q(content_hash="") & Q(locked_at__isnull=False, count__gt=0, total__gt=0)),
            ),
            models.CheckConstraint(
                name="list_approved_by_somebody",
                condition=~Q(state__in=AFTER_APPROVAL)
                | Q(approved_at__isnull=False, checked_at__isnull=False),
            ),
            # I3: the SP2D pays exactly the list; a follow-up list pays from the same SP2D.
            models.CheckConstraint(
                name="list_sp2d_equals_total",
                condition=Q(sp2d_amount=None) | Q(sp2d_amount=F("total")),
            ),
            models.UniqueConstraint(
                fields=["budget", "sp2d_number"],
                condition=Q(kind=ListKind.MAIN) & ~Q(sp2d_number=""),
                name="sp2d_number_once",
            ),
            models.CheckConstraint(
                name="list_sp2d_complete",
                condition=~Q(state__in=AFTER_SP2D)
                | Q(kind=ListKind.FOLLOW_UP) & ~Q(sp2d_number="")
                | Q(sp2d_amount__isnull=False, sp2d_date__isnull=False, sp2d_at__isnull=False)
                & ~Q(sp2d_number=""),
            ),
            models.CheckConstraint(
                name="list_parent_only_for_follow_up",
                condition=Q(kind=ListKind.MAIN, parent=None)
                | Q(kind=ListKind.FOLLOW_UP, parent__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def has_lines(self, *states: LineState) -> bool:
        """Whether a line is in one of these states, by the sums kept with every change of lines.

        The lines themselves have no index by a state that most of them pass through.
        """
        return bool(self.sums.filter(state__in=states, lines__gt=0).exists())

    def count_lines(self, *states: LineState) -> int:
        """How many lines are in one of these states, by the same sums."""
        told = self.sums.filter(state__in=states).aggregate(lines=models.Sum("lines"))
        return int(told["lines"] or 0)


class PaymentLine(models.Model):
    """One payment to one payee. Amount, payee and account are frozen by the lock (trigger)."""

    PERSONAL_FIELDS = (
        "payee_name",
        "address",
        "account_number",
        "account_index",
        "account_holder",
    )

    # No index names the state itself, and pages are filled by half (0025_lines_move_in_place): a
    # line that goes to the bank and is delivered stays live, so it moves without any index being
    # written. None stands here that another one, of this column first, can serve, and none of a
    # column that most lines leave empty.
    pay_list = models.ForeignKey(
        PayList, on_delete=models.RESTRICT, related_name="lines", db_index=False
    )
    position = models.PositiveIntegerField()
    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="lines")
    stage = models.ForeignKey(Stage, on_delete=models.RESTRICT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="payments")
    family = models.ForeignKey(Family, null=True, on_delete=models.RESTRICT, related_name="+")
    one_per_family = models.BooleanField(default=False)
    # Who is paid when it is no person; `person` then answers for it.
    payee = models.ForeignKey(
        Payee, null=True, on_delete=models.RESTRICT, related_name="payments", db_index=False
    )
    # Chosen by rule when the line is drawn or refreshed; "" where none fits. Frozen by the lock.
    rail = models.CharField(
        max_length=12,
        choices=Rail.choices,
        blank=True,
        default=Rail.OVERBOOKING,
        db_default=Rail.OVERBOOKING,
    )
    payee_name = models.CharField(max_length=150)
    address = models.CharField(max_length=250, blank=True)
    area_code = models.CharField(max_length=13)
    bank_code = models.CharField(max_length=3)
    # Sealed for the column it is copied from, so that drawing a list opens no number.
    account_number = EncryptedTextField(null=True, context="beneficiaries_bankaccount.number")
    account_index = BlindIndexField(of="account_number", purpose="account", null=True)
    account_holder = models.CharField(max_length=150, blank=True)
    amount = MoneyField()
    reference = models.CharField(max_length=16, unique=True)
    state = models.CharField(max_length=10, choices=LineState.choices, default=LineState.WAITING)
    # The state of a line that claims nothing any more; NULL while it is live. What is unique among
    # live lines, and the pages of the few others, are found by it.
    not_live = models.GeneratedField(
        expression=Case(When(state__in=LIVE_LINES, then=Value(None)), default=F("state")),
        output_field=models.CharField(max_length=10),
        db_persist=True,
        null=True,
    )
    exclude_reason = models.CharField(max_length=250, blank=True)
    retransfer_of = models.ForeignKey(
        "self", null=True, on_delete=models.RESTRICT, related_name="retransfers", db_index=False
    )
    settled_on = models.DateField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [
            # A page of a list in a state that few lines have; the others stand side by side.
            models.Index(
                fields=["pay_list", "not_live", "position", "id"],
                condition=Q(not_live__isnull=False),
                name="line_list_page",
            ),
            # Areas are asked for by their beginning, which is also how a whole one is found.
            models.Index(fields=["area_code"], opclasses=["varchar_pattern_ops"], name="line_area"),
            models.Index(fields=["account_index"], name="line_account"),
            models.Index(fields=["payee"], condition=Q(payee__isnull=False), name="line_of_payee"),
            models.Index(
                fields=["retransfer_of"],
                condition=Q(retransfer_of__isnull=False),
                name="line_paying_again",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["pay_list", "position"], name="line_position_once"),
            # I2: one live payment per (programme, period, payee) ...
            models.UniqueConstraint(
                fields=["stage", "person"],
                condition=Q(not_live=None, payee=None),
                name="one_live_payment_per_person",
            ),
            models.UniqueConstraint(
                fields=["stage", "payee"],
                condition=Q(not_live=None, payee__isnull=False),
                name="one_live_payment_per_payee",
            ),
            # ... and per family where the programme pays one per KK.
            models.UniqueConstraint(
                fields=["stage", "family"],
                condition=Q(not_live=None, one_per_family=True),
                name="one_live_payment_per_family",
            ),
            # I11: a returned line is paid again at most once at a time.
            models.UniqueConstraint(
                fields=["retransfer_of"],
                condition=Q(retransfer_of__isnull=False)
                & (
                    Q(not_live=None)
                    | Q(
                        not_live__in=[
                            LineState.RETURNED,
                            LineState.REPAID,
                            LineState.PAID_BACK,
                        ]
                    )
                ),
                name="one_live_retransfer",
            ),
            models.CheckConstraint(name="line_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="line_excluded_has_reason",
                condition=~Q(state=LineState.EXCLUDED) | ~Q(exclude_reason=""),
            ),
            models.CheckConstraint(
                name="line_settled_has_date",
                condition=~Q(state=LineState.SETTLED) | Q(settled_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def account_masked(self) -> str:
        """Only the last four digits."""
        return mask_account(self.account_number) if self.account_number else ""


class ListMove(models.Model):
    """One change of state of a pay list; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    pay_list = models.ForeignKey(PayList, on_delete=models.RESTRICT, related_name="moves")
    old = models.CharField(max_length=10, choices=ListState.choices, blank=True)
    new = models.CharField(max_length=10, choices=ListState.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.old} > {self.new}"


class Approval(models.Model):
    """One signature in one round: what was seen (hash), what was said; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    pay_list = models.ForeignKey(PayList, on_delete=models.RESTRICT, related_name="approvals")
    round = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=10)
    agreed = models.BooleanField()
    note = models.TextField(blank=True)
    seen_hash = models.CharField(max_length=64)
    seen_count = models.PositiveIntegerField()
    seen_total = MoneyField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    def __str__(self) -> str:
        return f"{self.step} {self.round}"


class Hit(models.Model):
    """What a pre-flight check found on one line; replaced by the next run."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    pay_list = models.ForeignKey(PayList, on_delete=models.CASCADE, related_name="hits")
    line = models.ForeignKey(
        PaymentLine, on_delete=models.CASCADE, related_name="hits", db_index=False
    )
    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=5, choices=Severity.choices)
    message = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "code"], name="hit_once"),
        ]

    def __str__(self) -> str:
        return self.code

"""How lists leave for a bank: channels, submissions, every call, and what two people decided."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import Agency, User
from bansos.jobs.models import Job
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from disbursements.choices import (
    Arrival,
    AttemptKind,
    ChannelKind,
    FileFormat,
    Heard,
    NameState,
    SubmissionState,
    TransferState,
)
from disbursements.models.bank import BankFile
from disbursements.models.lists import PayList, PaymentLine


def both_or_none(prefix: str, name: str) -> models.CheckConstraint:
    """<name>_at and <name>_by are set together or not at all."""
    return models.CheckConstraint(
        name=f"{prefix}_{name}_pair",
        condition=Q(**{f"{name}_at": None, f"{name}_by": None})
        | Q(**{f"{name}_at__isnull": False, f"{name}_by__isnull": False}),
    )


class BankChannel(models.Model):
    """A way to one bank as an agency configured it; its secrets stand in the environment.

    `key` names them: BANK_SECRET_<KEY>_TOKEN for files, _CLIENT_SECRET and _PRIVATE_KEY for SNAP.
    Off until somebody with the right turns it on. What the bank promises (`deduplicates`,
    `verifies_names`, `answers_status`) is declared here and decides what may be done in doubt.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    agency = models.ForeignKey(Agency, on_delete=models.RESTRICT, related_name="bank_channels")
    area_code = models.CharField(max_length=13, db_index=True)
    kind = models.CharField(max_length=8, choices=ChannelKind.choices)
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=24, unique=True)
    active = models.BooleanField(default=False)
    base_url = models.CharField(max_length=200)
    file_format = models.CharField(max_length=12, choices=FileFormat.choices, blank=True)
    client_id = models.CharField(max_length=80, blank=True)
    channel_id = models.CharField(max_length=10, blank=True)
    deduplicates = models.BooleanField(default=False)
    verifies_names = models.BooleanField(default=False)
    requires_names = models.BooleanField(default=False)
    answers_status = models.BooleanField(default=False)
    timeout = models.PositiveSmallIntegerField(default=20)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    tested_at = models.DateTimeField(null=True)
    tested_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    test_heard = models.CharField(max_length=10, choices=Heard.choices, blank=True)
    test_text = models.CharField(max_length=200, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            both_or_none("channel", "tested"),
            models.UniqueConstraint(
                fields=["agency", "kind"],
                condition=Q(active=True),
                name="one_active_channel_of_a_kind",
            ),
            models.CheckConstraint(
                name="channel_kind_is_online",
                condition=Q(kind__in=[ChannelKind.DROP, ChannelKind.SNAP]),
            ),
            models.CheckConstraint(
                name="channel_names_only_when_offered",
                condition=Q(requires_names=False) | Q(verifies_names=True),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class CallCounter(models.Model):
    """The last number given to a call of a channel on a day: X-EXTERNAL-ID is unique per day."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    channel = models.ForeignKey(BankChannel, on_delete=models.RESTRICT, related_name="+")
    day = models.DateField()
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "day"], name="call_counter_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day}"


class SubmissionQuerySet(AreaQuerySet):
    """Submissions in the area of their list."""

    area_field = "pay_list__area_code"


class BankSubmission(models.Model):
    """One list given to a bank: intent and hash are here before anything leaves (I7).

    One reference has one hash for ever; a new reference is made only after the bank refused the
    one before. `sha256` is the file's, or the list's fingerprint when lines go one by one.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    pay_list = models.ForeignKey(PayList, on_delete=models.RESTRICT, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=ChannelKind.choices)
    channel = models.ForeignKey(
        BankChannel, null=True, on_delete=models.RESTRICT, related_name="submissions"
    )
    file = models.ForeignKey(BankFile, null=True, on_delete=models.RESTRICT, related_name="+")
    reference = models.CharField(max_length=16, unique=True)
    sha256 = models.CharField(max_length=64)
    count = models.PositiveIntegerField()
    total = MoneyField()
    state = models.CharField(
        max_length=10, choices=SubmissionState.choices, default=SubmissionState.INTENT
    )
    bank_text = models.CharField(max_length=200, blank=True)
    intent_at = models.DateTimeField()
    intent_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    heard_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pay_list", "number"], name="submission_number_once"),
            # A list is at the bank once: a second submission only after the first was refused.
            models.UniqueConstraint(
                fields=["pay_list"],
                condition=~Q(state=SubmissionState.REJECTED),
                name="one_live_submission",
            ),
            models.CheckConstraint(
                name="submission_online_has_channel",
                condition=Q(kind=ChannelKind.MANUAL, channel=None)
                | ~Q(kind=ChannelKind.MANUAL) & Q(channel__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class BankTransfer(models.Model):
    """One line sent by itself, and what the bank last said about it."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    submission = models.ForeignKey(
        BankSubmission, on_delete=models.RESTRICT, related_name="transfers"
    )
    line = models.OneToOneField(PaymentLine, on_delete=models.RESTRICT, related_name="transfer")
    state = models.CharField(max_length=8, choices=TransferState.choices)
    sends = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=12, blank=True)
    text = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["submission", "state"], name="transfer_state")]

    def __str__(self) -> str:
        return f"{self.submission_id}:{self.line_id}"


class BankAttempt(models.Model):
    """One call to a bank, or one answer to it, or what people said instead; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    submission = models.ForeignKey(
        BankSubmission, on_delete=models.RESTRICT, related_name="attempts"
    )
    transfer = models.ForeignKey(
        BankTransfer, null=True, on_delete=models.RESTRICT, related_name="attempts"
    )
    kind = models.CharField(max_length=8, choices=AttemptKind.choices)
    heard = models.CharField(max_length=10, choices=Heard.choices)
    external_id = models.CharField(max_length=36, blank=True)
    code = models.CharField(max_length=12, blank=True)
    text = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["submission", "id"], name="attempt_of_submission")]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.kind} {self.heard}"


class SubmissionDecision(models.Model):
    """What two people found out about a submission in doubt; the second is another person."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    submission = models.ForeignKey(
        BankSubmission, on_delete=models.RESTRICT, related_name="decisions"
    )
    arrival = models.CharField(max_length=12, choices=Arrival.choices)
    reason = models.TextField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    agreed = models.BooleanField(null=True)
    note = models.TextField(blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            both_or_none("decision", "confirmed"),
            models.CheckConstraint(
                name="decision_by_two_people",
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("decided_by")),
            ),
            models.CheckConstraint(
                name="decision_confirmed_says_what",
                condition=Q(confirmed_at=None, agreed=None)
                | Q(confirmed_at__isnull=False, agreed__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(confirmed_at=None),
                name="one_open_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.arrival}"


class NameCheckQuerySet(AreaQuerySet):
    """Name checks in the area of their line."""

    area_field = "line__area_code"


class NameCheck(models.Model):
    """Whose account a line pays, as the bank says; it holds for that account number only."""

    PERSONAL_FIELDS = ("account_index", "payee_name", "bank_name")

    pay_list = models.ForeignKey(PayList, on_delete=models.RESTRICT, related_name="name_checks")
    line = models.OneToOneField(PaymentLine, on_delete=models.CASCADE, related_name="name_check")
    channel = models.ForeignKey(BankChannel, on_delete=models.RESTRICT, related_name="+")
    account_index = models.CharField(max_length=64)
    payee_name = models.CharField(max_length=150)
    bank_name = models.CharField(max_length=150, blank=True)
    likeness = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=NameState.choices)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = NameCheckQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["pay_list", "state"], name="name_check_state")]
        constraints = [
            both_or_none("name", "decided"),
            both_or_none("name", "confirmed"),
            models.CheckConstraint(
                name="name_accepted_by_two_people",
                condition=~Q(state=NameState.ACCEPTED)
                | Q(decided_at__isnull=False, confirmed_at__isnull=False)
                & ~Q(reason="")
                & ~Q(confirmed_by=F("decided_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.state}"

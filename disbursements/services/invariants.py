"""The promises I1-I12 derived again from the tables and stored files; names each breach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.utils import timezone

from bansos.audit import services as audit
from bansos.audit.models import Event
from bansos.documents.services import read_bytes
from bansos.jobs.models import Job
from bansos.lib.errors import Refused
from disbursements.choices import (
    LIVE_LINES,
    LedgerAccount,
    LedgerKind,
    LineState,
    ListKind,
    ListState,
    Outcome,
)
from disbursements.documents.content import bank_list_of
from disbursements.models import (
    Allocation,
    Approval,
    BankFile,
    BudgetLine,
    LedgerEntry,
    LedgerEvent,
    ListMove,
    PayList,
    PaymentLine,
    Reconciliation,
    ResultFile,
    ResultRow,
    ReturnCase,
)
from disbursements.models.lists import AFTER_APPROVAL, AFTER_SP2D
from disbursements.queries.identity import identity_of
from disbursements.rules.ledger import FLOWS
from disbursements.rules.moves import AT_BANK, COUNTED, MOVES
from disbursements.services.approving import fingerprint
from disbursements.services.bank import PLAIN
from programs.models import Decree

ZERO = Decimal(0)
STANDING_STILL = timedelta(seconds=60)
RELATED = ("stage__version__programme", "budget__agency", "decree", "parent", "allocation")
ENDED = (
    LineState.SETTLED,
    LineState.REPAID,
    LineState.PAID_BACK,
    LineState.EXCLUDED,
    LineState.CANCELLED,
)


def check_invariants(*, at: datetime | None = None) -> list[str]:
    """Every breach of I1-I12 as a sentence that names the record; an empty list is a promise kept.

    Reads only; derives each figure from rows that the services do not keep it in. `at` is the
    moment jobs and seals are judged by (default: now).
    """
    moment = at or timezone.now()
    checks = (
        *(_i1_budgets(), _i2_doubles(), _i3_lists(), _i4_lines(), _i5_ledger(), _i6_files()),
        *(_i7_references(), _i8_answers(), _i9_jobs(moment), _i10_signatures()),
        *(_i11_entitlements(), _i12_trail(moment)),
    )
    return [breach for check in checks for breach in check]


def _sums(row: BudgetLine | Allocation, entries: Any) -> Iterator[str]:
    """Each running sum against the ledger's own accounts."""
    found = dict(entries.order_by().values_list("account").annotate(total=Sum("amount")))
    holding = row.paid - row.delivered - row.returned
    wanted = {
        LedgerAccount.RESERVED: row.reserved,
        LedgerAccount.HOLDING: holding,
        LedgerAccount.DELIVERED: row.delivered,
        LedgerAccount.TREASURY: row.returned,
    }
    for account, amount in wanted.items():
        if found.get(account, ZERO) != amount:
            yield (
                f"I5 {row._meta.model_name} {row.pk}: kartu kendali {account.value} "
                f"{found.get(account, ZERO)}, tercatat {amount}."
            )


def _i1_budgets() -> Iterator[str]:
    for budget in BudgetLine.objects.prefetch_related("allocations"):
        entries = LedgerEntry.objects.filter(event__budget=budget)
        yield from _sums(budget, entries)
        ceiling = -(
            entries.filter(account=LedgerAccount.SOURCE).aggregate(t=Sum("amount"))["t"] or ZERO
        )
        if ceiling != budget.ceiling:
            yield f"I1 pagu {budget.pk}: DPA {ceiling}, tercatat {budget.ceiling}."
        if budget.reserved + budget.paid > budget.ceiling:
            yield f"I1 pagu {budget.pk}: terikat dan cair melebihi pagu."
        shares = list(budget.allocations.all())
        if sum((row.amount for row in shares), ZERO) != budget.allocated:
            yield f"I1 pagu {budget.pk}: jumlah alokasi berbeda dari yang tercatat."
        if budget.allocated > budget.ceiling:
            yield f"I1 pagu {budget.pk}: alokasi melebihi pagu."
        for name in ("reserved", "paid", "delivered", "returned"):
            if sum((getattr(row, name) for row in shares), ZERO) != getattr(budget, name):
                yield f"I1 pagu {budget.pk}: {name} berbeda dari jumlah alokasinya."
    for share in Allocation.objects.all():
        yield from _sums(share, LedgerEntry.objects.filter(event__allocation=share))
        if share.reserved + share.paid > share.amount:
            yield f"I1 alokasi {share.pk}: terikat dan cair melebihi alokasi."


def _i2_doubles() -> Iterator[str]:
    live = PaymentLine.objects.filter(state__in=LIVE_LINES).order_by()
    for row in live.values("stage", "person").annotate(n=Count("pk")).filter(n__gt=1):
        yield f"I2 orang {row['person']} dibayar {row['n']} kali pada tahap {row['stage']}."
    kin = live.filter(one_per_family=True, family__isnull=False)
    for kin_row in kin.values("stage", "family").annotate(n=Count("pk")).filter(n__gt=1):
        family, times = kin_row["family"], kin_row["n"]
        yield f"I2 keluarga {family} dibayar {times} kali pada tahap {kin_row['stage']}."


def _i3_lists() -> Iterator[str]:
    for row in PayList.objects.select_related(*RELATED):
        yield from _list_money(row)
        if row.state == ListState.CANCELLED:
            continue
        found = row.lines.filter(state__in=COUNTED).aggregate(n=Count("pk"), t=Sum("amount"))
        total = found["t"] or ZERO
        drawn = row.drawn_at is not None
        if drawn and (found["n"], total) != (row.count, row.total):
            yield f"I3 {row.number}: baris {found['n']}/{total}, daftar {row.count}/{row.total}."
        if row.state == ListState.DRAFT:
            continue
        sealed = fingerprint(row)
        if sealed.hash != row.content_hash:
            yield f"I3 {row.number}: isi tidak sama dengan sidik jari yang dikunci."
        if row.lines.exclude(amount=row.stage.amount).exists():
            yield f"I3 {row.number}: ada baris dengan jumlah di luar besaran tahap."


def _list_money(row: PayList) -> Iterator[str]:
    events = LedgerEntry.objects.filter(
        event__subject_type="disbursements.paylist", event__subject_id=str(row.pk)
    )
    sums = dict(events.order_by().values_list("account").annotate(t=Sum("amount")))
    reserved, holding = sums.get(LedgerAccount.RESERVED, ZERO), sums.get("holding", ZERO)
    paid = row.kind == ListKind.MAIN and row.state in AFTER_SP2D
    bound = (ListState.LOCKED, ListState.AWAITING, ListState.APPROVED)
    waiting = row.kind == ListKind.MAIN and row.state in bound
    if reserved != (row.total if waiting else ZERO):
        yield f"I3 {row.number}: terikat {reserved} di kartu kendali, daftar {row.total}."
    if holding != (row.total if paid else ZERO):
        yield f"I3 {row.number}: SP2D {holding} di kartu kendali, daftar {row.total}."
    if paid and row.sp2d_amount != row.total:
        yield f"I3 {row.number}: SP2D {row.sp2d_amount}, daftar {row.total}."
    for file in row.files.all():
        if (file.count, file.total) != (row.count, row.total):
            yield f"I3 {row.number}: berkas {file.format} {file.count}/{file.total}."


def _i4_lines() -> Iterator[str]:
    told = ResultRow.objects.filter(line=OuterRef("pk")).standing()
    lines = PaymentLine.objects.annotate(
        said_settled=Exists(told.filter(outcome=Outcome.SETTLED)),
        said_returned=Exists(told.filter(outcome=Outcome.RETURNED)),
    ).select_related("pay_list")
    for line in lines.filter(state=LineState.SETTLED).filter(
        Q(said_settled=False) | Q(said_returned=True)
    ):
        yield f"I4 {line.reference}: tersalur tanpa bukti bank."
    came_back = [LineState.RETURNED, LineState.REPAID, LineState.PAID_BACK]
    for line in lines.filter(state__in=came_back, said_returned=False):
        yield f"I4 {line.reference}: retur tanpa bukti bank."
    for line in lines.filter(state__in=AT_BANK).filter(
        Q(said_settled=True) | Q(said_returned=True)
    ):
        yield f"I4 {line.reference}: bank sudah menjawab, baris masih menunggu."
    before = [ListState.DRAFT, ListState.LOCKED, ListState.AWAITING, ListState.APPROVED]
    early = lines.filter(pay_list__state__in=[*before, ListState.SP2D])
    for line in early.exclude(state__in=[LineState.WAITING, LineState.EXCLUDED]):
        yield f"I4 {line.reference}: {line.state} sebelum dikirim ke bank."
    for line in lines.filter(pay_list__state=ListState.CLOSED).exclude(state__in=ENDED):
        yield f"I4 {line.reference}: daftar ditutup, baris masih {line.state}."
    sent = [ListState.SENT, ListState.PARTLY_SETTLED, ListState.SETTLED]
    for line in lines.filter(pay_list__state__in=sent, state=LineState.WAITING):
        yield f"I4 {line.reference}: daftar dikirim, baris tidak."
    for line in lines.filter(state__in=came_back, return_case=None):
        yield f"I4 {line.reference}: retur tanpa berkas keputusan."


def _i5_ledger() -> Iterator[str]:
    for event in LedgerEvent.objects.prefetch_related("entries"):
        legs = {leg.account: leg.amount for leg in event.entries.all()}
        flow = FLOWS[LedgerKind(event.kind)]
        if set(legs) != {flow.source, flow.target} or sum(legs.values(), ZERO) != 0:
            yield f"I5 mutasi {event.key}: tidak seimbang atau bukan dua kaki."


def _i6_files() -> Iterator[str]:
    for file in BankFile.objects.select_related(
        "document", *(f"pay_list__{name}" for name in RELATED)
    ):
        try:
            stored = read_bytes(file.document)
        except (Refused, OSError):
            yield f"I6 {file.document.file_name}: berkas tersimpan rusak atau hilang."
            continue
        if file.sha256 != file.document.sha256:
            yield f"I6 {file.document.file_name}: sidik jari berkas berbeda dari catatannya."
        if file.format in PLAIN and PLAIN[file.format][0](bank_list_of(file.pay_list)) != stored:  # type: ignore[index]
            yield f"I6 {file.document.file_name}: dibuat ulang, isinya berbeda."


def _i7_references() -> Iterator[str]:
    again = PaymentLine.objects.order_by().values("reference").annotate(n=Count("pk"))
    for row in again.filter(n__gt=1):
        yield f"I7 referensi {row['reference']} dipakai {row['n']} kali."
    same = ResultFile.objects.exclude(state="refused").order_by().values("pay_list", "sha256")
    for file in same.annotate(n=Count("pk")).filter(n__gt=1):
        yield f"I7 hasil bank yang sama diterima {file['n']} kali pada daftar {file['pay_list']}."


def _i8_answers() -> Iterator[str]:
    applied = ResultRow.objects.standing().select_related("line", "result")
    wrong = applied.filter(origin=None).exclude(
        amount=F("line__amount"),
        account_index=F("line__account_index"),
        reference=F("line__reference"),
        result__pay_list=F("line__pay_list"),
        currency="IDR",
    )
    for row in wrong:
        yield f"I8 baris {row.row_number} berkas {row.result_id}: tidak cocok tetapi diterapkan."
    for row in applied.filter(origin__isnull=False).exclude(amount=F("line__amount")):
        yield f"I8 baris {row.row_number} berkas {row.result_id}: ditautkan dengan jumlah lain."
    unproved = applied.filter(origin__isnull=False).exclude(made_by__confirmed_at__isnull=False)
    for row in unproved:
        yield f"I8 baris {row.row_number} berkas {row.result_id}: ditautkan tanpa orang kedua."
    told = applied.order_by().values("line", "outcome").annotate(n=Count("pk")).filter(n__gt=1)
    for twice in told:
        yield f"I8 baris bayar {twice['line']}: {twice['outcome']} diterapkan {twice['n']} kali."
    for result in ResultFile.objects.filter(state="applied").defer("sealed_file"):
        if result.rows.filter(origin=None).count() != result.counts.get("rows"):
            yield f"I8 berkas {result.pk}: tidak semua baris tercatat."


def _i9_jobs(at: datetime) -> Iterator[str]:
    old = at - STANDING_STILL
    still = Job.objects.open().filter(Q(rung_at__lt=old) | Q(rung_at=None))
    for job in still.exclude(stepped_at__gte=old):
        yield f"I9 pekerjaan {job.kind} ({job.pk}) tidak bergerak lebih dari 60 detik."


def _i10_signatures() -> Iterator[str]:
    for row in PayList.objects.filter(state__in=AFTER_APPROVAL):
        people = {row.made_by_id, row.locked_by_id}
        if row.checked_by_id in people or row.approved_by_id in {*people, row.checked_by_id}:
            yield f"I10 {row.number}: penyusun, pemeriksa, dan penyetuju bukan tiga orang."
        signed = set(
            Approval.objects.filter(
                pay_list=row, round=row.round, agreed=True, seen_hash=row.content_hash
            ).values_list("step", "by")
        )
        if signed != {("check", row.checked_by_id), ("approve", row.approved_by_id)}:
            yield f"I10 {row.number}: tanda tangan tidak lengkap atau bukan atas isi ini."
    for file in BankFile.objects.filter(pay_list__approved_at=None):
        yield f"I10 berkas bank {file.pk} dibuat tanpa persetujuan."
    own = Q(approved_by=F("made_by")) | Q(approved_by=F("submitted_by"))
    for decree in Decree.objects.filter(own):
        yield f"I10 SK {decree.pk}: disetujui oleh penyusunnya sendiri."
    for case in ReturnCase.objects.filter(confirmed_by=F("decided_by")):
        yield f"I10 retur {case.pk}: disahkan oleh pemutusnya sendiri."


def _i11_entitlements() -> Iterator[str]:
    kept = PaymentLine.objects.filter(state__in=LIVE_LINES).order_by()
    sums = kept.values("stage", "person", "stage__amount").annotate(t=Sum("amount"))
    for row in sums.filter(t__gt=F("stage__amount")):
        yield f"I11 orang {row['person']}: {row['t']} pada tahap {row['stage']}, melebihi hak."
    again = PaymentLine.objects.filter(retransfer_of__isnull=False, state__in=COUNTED)
    for line in again.select_related("retransfer_of"):
        old = line.retransfer_of
        if old is None:
            continue
        if (line.amount, line.stage_id, line.person_id) != (
            old.amount,
            old.stage_id,
            old.person_id,
        ):
            yield f"I11 {line.reference}: bayar susulan berbeda dari yang dikembalikan."
        if line.state == LineState.SETTLED and old.state != LineState.REPAID:
            yield f"I11 {line.reference}: tersalur susulan, baris asal {old.state}."
    yield from _i11_ends(again)


def _i11_ends(again: Any) -> Iterator[str]:
    paid = PaymentLine.objects.filter(state=LineState.REPAID)
    again_paid = again.filter(
        retransfer_of=OuterRef("pk"), state__in=[LineState.SETTLED, LineState.REPAID]
    )
    for line in paid.filter(~Exists(again_paid)):
        yield f"I11 {line.reference}: dibayar susulan tanpa baris susulannya."
    for case in ReturnCase.objects.filter(line__state=LineState.PAID_BACK, sts_amount=None):
        if not again.filter(retransfer_of=case.line_id).exists():
            yield f"I11 retur {case.pk}: disetor tanpa STS."
    for row in Reconciliation.objects.select_related("pay_list__parent"):
        found = identity_of(row.pay_list).total
        sums_now = (found.settled.amount, found.repaid.amount, found.treasury.amount)
        if sums_now != (row.settled_amount, row.repaid_amount, row.treasury_amount):
            yield f"I11 rekonsiliasi {row.pk}: angka berubah sesudah ditutup."


def _i12_trail(at: datetime) -> Iterator[str]:
    for row in PayList.objects.prefetch_related("moves"):
        steps = sorted(row.moves.all(), key=lambda step: step.pk)
        pairs = [(step.old, step.new) for step in steps]
        if not steps or steps[-1].new != row.state or pairs[0] != ("", ListState.DRAFT):
            yield f"I12 {row.number}: keadaan tidak sama dengan riwayatnya."
        if any(old != new for (_a, old), (new, _b) in zip(pairs, pairs[1:], strict=False)):
            yield f"I12 {row.number}: riwayat tidak menyambung."
        if any(pair not in MOVES for pair in pairs[1:]):
            yield f"I12 {row.number}: riwayat memuat langkah yang tidak diizinkan."
    subject = {"target_type": "disbursements.paylist"}
    told = Event.objects.filter(**subject).order_by().values("target_id").annotate(n=Count("pk"))
    events = {row["target_id"]: row["n"] for row in told}
    moved = ListMove.objects.order_by().values("pay_list").annotate(n=Count("pk"))
    for step in moved:
        if events.get(str(step["pay_list"]), 0) < step["n"]:
            yield f"I12 daftar {step['pay_list']}: ada langkah tanpa jejak audit."
    yield from (f"I12 {breach}" for breach in audit.verify(at=at).breaches)

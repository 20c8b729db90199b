"""After a stretch of faults: our books against themselves and against the bank's."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from django.utils import timezone

from bansos.audit import services as audit
from bansos.jobs.models import Job
from bench.faults.outside import Bank
from disbursements.choices import LineState
from disbursements.models import PaymentLine
from disbursements.queries.audit import audit_books
from programs.models import Stage

DELIVERED = (LineState.SETTLED,)
CAME_BACK = (LineState.RETURNED, LineState.REPAID, LineState.PAID_BACK)


def breaches(outside: Bank) -> list[str]:
    """Everything that is wrong, in words; empty when the promises hold."""
    audit.seal(at=timezone.now())
    found = list(audit_books(at=timezone.now()).sentences)
    found += [f"berkas bank {number} berubah sesudah dikirim" for number in outside.changed]
    found += _against_the_bank(outside)
    found += [f"pekerjaan belum selesai: {kind}" for kind in open_jobs()]
    return found


def open_jobs() -> list[str]:
    """Kinds of the jobs that are not done."""
    return list(Job.objects.open().values_list("kind", flat=True))


def _against_the_bank(outside: Bank) -> list[str]:
    """Each order of the bank is one line of ours with the same money and the same end."""
    found = []
    lines = {
        line.reference: line
        for line in PaymentLine.objects.exclude(
            state__in=[LineState.WAITING, LineState.EXCLUDED, LineState.CANCELLED]
        ).select_related("stage")
    }
    paid: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    money: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for reference, order in outside.all_orders().items():
        if order.credits > 1:
            found.append(f"{reference}: bank membayar {order.credits} kali")
        line = lines.pop(reference, None)
        if line is None:
            found.append(f"bank punya {reference}, buku kita tidak")
            continue
        if line.amount != order.amount:
            found.append(f"{reference}: bank {order.amount}, kita {line.amount}")
        if (line.state in DELIVERED) != order.paid or (line.state in CAME_BACK) == order.paid:
            found.append(f"{reference}: bank {order.paid}, kita {line.state}")
        if order.paid:
            key = (line.stage_id, line.person_id)
            paid[key][reference] += 1
            money[key] += order.amount
    found += [f"{reference}: kita kirim, bank tidak tahu" for reference in lines]
    amounts = dict(Stage.objects.values_list("pk", "amount"))
    for (stage, person), references in paid.items():
        if len(references) > 1 or money[stage, person] > amounts[stage]:
            found.append(f"tahap {stage}, penerima {person} dibayar {len(references)} kali")
    return found

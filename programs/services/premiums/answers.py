"""What the insurer answered: applied once, unknown rows kept apart, the month counted to pay."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.crypto import blind_index
from bansos.lib.errors import Refused
from bansos.lib.money import number
from bansos.lib.nik import clean_digits, mask_nik
from bansos.lib.pulse import beat
from bansos.lib.sheets.mapping import (
    ColumnKind,
    ExpectedColumn,
    require_columns,
    study_headers,
)
from bansos.lib.sheets.reading import Table, read_table
from programs.choices import PremiumChange, PremiumRoundState, PremiumState
from programs.models import (
    PremiumAnswer,
    PremiumLine,
    PremiumRound,
    PremiumStray,
    Stage,
)
from programs.queries.entitlements import months_of
from programs.queries.premiums import accepted_count, insurer_enrolment
from programs.rules.premiums import outcome_of
from programs.services.premiums.covers import end_own
from programs.services.premiums.rounds import require_office
from programs.services.units import record_units

MOST_ROWS = 200_000
BEAT_ROWS = 1000
COLUMNS = (
    ExpectedColumn(
        "nik", "NIK", ("nomor induk kependudukan",), required=True, kind=ColumnKind.DIGITS
    ),
    ExpectedColumn(
        "status", "Status", ("hasil", "keadaan", "status kepesertaan", "jawaban"), required=True
    ),
    ExpectedColumn("reason", "Keterangan", ("alasan", "sebab", "catatan", "pesan")),
)
DONE = (PremiumState.ACCEPTED, PremiumState.REFUSED)


@dataclass(frozen=True)
class AnswerRow:
    """One row of the file; `accepted` is None for words nobody knows."""

    row_number: int
    nik: str
    accepted: bool | None
    reason: str


def _rows(table: Table) -> Iterable[AnswerRow]:
    mapping = study_headers(table.headers, COLUMNS).mapping
    require_columns(mapping, table.headers, COLUMNS)
    for row in table.rows:
        yield AnswerRow(
            row.row_number,
            clean_digits(row.cell(mapping["nik"]).text),
            outcome_of(row.cell(mapping["status"]).text),
            row.cell(mapping.get("reason")).text.strip()[:200],
        )


@transaction.atomic
def apply_answer(
    *, round_: PremiumRound, data: bytes, file_name: str, by: User, at: datetime
) -> PremiumAnswer:
    """Apply the insurer's file: accepted and refused per person, by NIK.

    The same bytes again change nothing. A row of nobody in the list, with unknown words, or that
    says otherwise than before goes to quarantine. The file that answers the last of them counts
    the month as units of the insurer's entitlement, where that can be done. Raises BadInput for a
    file that is no such list, Refused before the list was sent.
    """
    row = (
        PremiumRound.objects.select_for_update(of=("self",))
        .select_related("plan__version__programme__agency", "plan__insurer__payee")
        .get(pk=round_.pk)
    )
    may_apply(row, by)
    known = applied(row, data)
    if known is not None:
        return known
    digest = hashlib.sha256(data).hexdigest()
    table = read_table(data, file_name, expected=COLUMNS, max_rows=MOST_ROWS)
    answer = PremiumAnswer.objects.create(round=row, sha256=digest, applied_at=at, applied_by=by)
    answer.counts = _apply(row, answer, list(_rows(table)), by, at)
    answer.save(update_fields=["counts"])
    _finish(row, by, at)
    audit.record(
        verb="programs.apply_premium_answer",
        by=by,
        at=at,
        target=row,
        sha256=digest,
        **answer.counts,
    )
    return answer


def may_apply(round_: PremiumRound, by: User) -> None:
    """Raise who may not, and Refused before the list was sent."""
    require_office(by, round_.plan)
    if round_.state == PremiumRoundState.OPEN:
        raise Refused("PREMIUM-NOT-SENT", _("Daftar ini belum dikirim."))


def applied(round_: PremiumRound, data: bytes) -> PremiumAnswer | None:
    """The answer whose bytes these are; None for a file that was not applied yet."""
    found: PremiumAnswer | None = round_.answers.filter(
        sha256=hashlib.sha256(data).hexdigest()
    ).first()
    return found


def _finish(row: PremiumRound, by: User, at: datetime) -> None:
    """Everybody is answered: the list is done, and the month is counted once.

    An answer is kept whether or not the month can be counted (a payment may stand on it, or the
    tariff be out of force): the officer then counts it from the page of the list.
    """
    if row.lines.filter(state=PremiumState.SENT).exists():
        return
    done = PremiumRound.objects.filter(pk=row.pk, state=PremiumRoundState.SENT)
    if done.update(state=PremiumRoundState.ANSWERED) == 1:
        with suppress(Refused), transaction.atomic():
            count_month(round_=row, by=by, at=at)


def _apply(
    row: PremiumRound, answer: PremiumAnswer, rows: list[AnswerRow], by: User, at: datetime
) -> dict[str, int]:
    lines = {
        line.person.nik_index: line
        for line in row.lines.exclude(state=PremiumState.REJECTED).select_related("person")
    }
    counts, strays = Counter[str](), []
    touched: dict[int, PremiumLine] = {}
    for place, said in enumerate(rows):
        if place % BEAT_ROWS == 0:
            beat(place, len(rows))
        line = lines.get(blind_index(said.nik, "nik")) if said.nik else None
        word = _stray(line, said, touched)
        if word == "same":
            counts["same"] += 1
        elif word:
            strays.append(
                PremiumStray(
                    answer=answer,
                    row_number=said.row_number,
                    nik_masked=mask_nik(said.nik)[:20] if said.nik else "",
                    reason=word,
                )
            )
        elif line is not None:
            line.state = PremiumState.ACCEPTED if said.accepted else PremiumState.REFUSED
            line.answer_reason = said.reason
            touched[line.pk] = line
            counts[line.state] += 1
    PremiumLine.objects.bulk_update(touched.values(), ["state", "answer_reason"], batch_size=1000)
    PremiumStray.objects.bulk_create(strays, batch_size=1000)
    _end_refused(row, touched.values(), by, at)
    return {
        "rows": len(rows),
        "strays": len(strays),
        **{key: counts[key] for key in ("accepted", "refused", "same")},
    }


def _stray(line: PremiumLine | None, said: AnswerRow, touched: dict[int, PremiumLine]) -> str:
    """Why a row is not applied: a sentence, "same" when it was, "" when it is to be."""
    if line is None:
        return _("NIK ini tidak ada dalam daftar bulan ini.")
    if said.accepted is None:
        return _("Status tidak dikenal. Pakai Diterima atau Ditolak.")
    wanted = PremiumState.ACCEPTED if said.accepted else PremiumState.REFUSED
    if line.state in DONE or line.pk in touched:
        if line.state == wanted:
            return "same"
        return _("Sudah dijawab lain sebelumnya. Selesaikan dengan surat penyelenggara.")
    if line.change == PremiumChange.DROP and not said.accepted:
        return _("Pengeluaran ditolak penyelenggara. Selesaikan dengan suratnya.")
    return ""


def _end_refused(row: PremiumRound, lines: Iterable[PremiumLine], by: User, at: datetime) -> None:
    """Whom the insurer refused is not paid: a new cover never was, an old one ends before."""
    refused = [line.cover_id for line in lines if line.state == PremiumState.REFUSED]
    end_own(refused, month=row.month, by=by, at=at)


@transaction.atomic
def count_month(*, round_: PremiumRound, by: User, at: datetime) -> int | None:
    """Write the accepted people of an answered month as units of the insurer's entitlement.

    None while no decree names the insurer, or no stage pays for the month; it is then counted
    from the page of the list. Raises Refused before everybody is answered, and what
    `record_units` raises.
    """
    require_office(by, round_.plan)
    answered = PremiumRound.objects.filter(pk=round_.pk, state=PremiumRoundState.ANSWERED)
    if not answered.exists():
        raise Refused(
            "PREMIUM-UNANSWERED",
            _("Daftar ini belum selesai dijawab. Satuan belum dicatat. Terapkan dulu jawabannya."),
        )
    enrolment = insurer_enrolment(round_.plan)
    stage = _stage_of(round_)
    if enrolment is None or stage is None:
        return None
    people = accepted_count(round_)
    record_units(
        enrolment=enrolment,
        stage=stage,
        month=round_.month,
        units=people,
        source=_("Jawaban penyelenggara, %(count)s peserta") % {"count": number(people)},
        by=by,
        at=at,
    )
    return people


def _stage_of(round_: PremiumRound) -> Stage | None:
    stages = round_.plan.version.stages.select_related("version").order_by("number")
    return next((stage for stage in stages if round_.month in months_of(stage)), None)

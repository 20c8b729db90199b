"""Who a decree may name: the eligible who still fit, the members of the one before, the quota."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from bansos.lib.money import number as in_words
from bansos.regions.queries import name_of
from programs.choices import DECREED, HOLDING, EnrolmentState, OfferAnswer, Standing
from programs.models import Decree, Enrolment, PlaceOffer, ProgrammeVersion, Quota, RankLine
from programs.queries.agreement import judged_apart
from programs.queries.exclusivity import Conflict, conflicts_for
from programs.queries.ranking import Pool, Ranking, has_ranking, pool_of, ranking_of, waiting_rows
from programs.rules import failing
from programs.services.answers import answer_now, refused_apart


def eligible_now(version: ProgrammeVersion, area_code: str, *, at: datetime) -> list[Enrolment]:
    """The eligible of the area whose criteria still hold today and who joined nothing exclusive."""
    rows = list(
        Enrolment.objects.in_area(area_code)
        .filter(version=version, state=EnrolmentState.ELIGIBLE)
        .select_related("person")
        .order_by("area_code", "person__name", "pk")
    )
    answers = answer_now(rows, version=version, at=at)
    elsewhere = _elsewhere(version, rows, at=at)
    return [row for row in rows if row.pk not in elsewhere and not failing(answers[row.pk])]


def _elsewhere(
    version: ProgrammeVersion, rows: Sequence[Enrolment], *, at: datetime
) -> dict[int, list[Conflict]]:
    asked = [(row.pk, row.person_id, row.payee_id) for row in rows]
    return conflicts_for(asked, version=version, today=_today(version, at))


def _today(version: ProgrammeVersion, at: datetime) -> date:
    return day_of(at, version.programme.agency.zone)


def chosen_now(
    version: ProgrammeVersion, area_code: str, *, at: datetime
) -> tuple[list[Enrolment], list[Ranking]]:
    """Who of the area comes into a decree today, and the order they were taken in.

    Without a rule of order that is everybody eligible. With one each pool of places takes the
    first of its order; who was offered a place and has not answered, or declined, is left out.
    Raises Refused when the last place falls among equals and nobody recorded who goes first.
    """
    fit = eligible_now(version, area_code, at=at)
    if not has_ranking(version):
        return fit, []
    today = _today(version, at)
    rankings: dict[str, Ranking] = {}
    taken: set[int] = set()
    for row in fit:
        if any(order.pool.holds(row.area_code) for order in rankings.values()):
            continue
        pool = pool_of(version, row.area_code)
        # A pool inside the decree's area was judged with it; a wider one is judged whole.
        inside = pool.area_code.startswith(area_code)
        able = fit if inside else eligible_now(version, pool.area_code, at=at)
        order = _order_of(version, pool, able, today=today)
        rankings[order.pool.area_code] = order
        taken |= {place.pk for place in order.of(Standing.INSIDE)}
    for order in rankings.values():
        if order.of(Standing.TIED):
            raise _tied(order)
    asked = PlaceOffer.objects.filter(enrolment__in=taken, answer=OfferAnswer.OPEN)
    taken -= set(asked.values_list("enrolment_id", flat=True))
    return [row for row in fit if row.pk in taken], list(rankings.values())


def _order_of(
    version: ProgrammeVersion, pool: Pool, able: Sequence[Enrolment], *, today: date
) -> Ranking:
    ids = {row.pk for row in able}
    rows = [row for row in waiting_rows(version, pool) if row.pk in ids]
    return ranking_of(version, pool, rows, today=today)


def _tied(order: Ranking) -> Refused:
    tied = len(order.of(Standing.TIED))
    left = (order.pool.free or 0) - len(order.of(Standing.INSIDE))
    return Refused(
        "DECREE-TIE",
        _(
            "%(count)s orang di %(name)s sama urutannya untuk %(left)s tempat terakhir, jadi SK"
            " belum disusun. Buka Urutan, dahulukan yang dipilih, dan catat alasannya."
        )
        % {"count": in_words(tied), "name": order.pool.name, "left": in_words(left)},
    )


def keep_ranking(decree: Decree, rankings: Sequence[Ranking]) -> None:
    """Write down where everybody stood when the decree was drafted, and by what values."""
    RankLine.objects.bulk_create(
        (
            RankLine(
                decree=decree,
                enrolment_id=place.pk,
                area_code=order.rows[place.pk].area_code,
                position=place.position,
                standing=place.standing,
                values=order.words(place.pk),
            )
            for order in rankings
            for place in order.places
        ),
        batch_size=1000,
    )


def members_of(previous: Decree | None) -> list[Enrolment]:
    """Who the decree in force names and who still is a member."""
    if previous is None:
        return []
    return list(
        Enrolment.objects.filter(decree_lines__decree=previous, state__in=DECREED)
        .select_related("person")
        .order_by("area_code", "person__name", "pk")
    )


def check_quota(decree: Decree) -> None:
    """Refuse a decree beyond the quota of the programme or of one of its regencies.

    Counts everybody of the version who holds a place elsewhere too, each person once.
    """
    version = decree.version
    inside = list(decree.lines.values_list("enrolment_id", "area_code"))
    ids = {pk for pk, _code in inside}
    outside = Enrolment.objects.filter(version=version, state__in=HOLDING).exclude(
        state=EnrolmentState.ELIGIBLE
    )
    held = [
        (pk, code)
        for pk, code in outside.values_list("pk", "area_code")
        if pk not in ids and str(pk) not in decree.dropped
    ]
    everyone = [code for _pk, code in (*inside, *held)]
    if version.quota_total is not None and len(everyone) > version.quota_total:
        raise _over(version.programme.name, len(everyone), version.quota_total)
    for quota in Quota.objects.filter(version=version):
        taken = sum(1 for code in everyone if code.startswith(quota.area_code))
        if taken > quota.places:
            raise _over(name_of(quota.area_code), taken, quota.places)


def _over(name: str, taken: int, places: int) -> Refused:
    return Refused(
        "DECREE-QUOTA",
        _(
            "Kuota %(name)s %(places)s, sedangkan SK ini membuatnya %(taken)s orang."
            " Tidak ada yang berubah. Keluarkan %(over)s orang atau tambah kuotanya."
        )
        % {
            "name": name,
            "places": in_words(places),
            "taken": in_words(taken),
            "over": in_words(taken - places),
        },
    )


def unfit_lines(decree: Decree, *, at: datetime) -> list[tuple[int, str]]:
    """(enrolment id, reason) of everybody in the decree who fails a criterion today.

    Also who is shut out by other help since: whoever decides there or here, nobody gets both.
    Raises Refused when the criteria compiled to SQL say otherwise than the judge of one person.
    """
    rows = list(
        Enrolment.objects.filter(decree_lines__decree=decree)
        .select_related("person")
        .order_by("pk")
    )
    version = decree.version
    answers = answer_now(rows, version=version, at=at)
    if odd := judged_apart(rows, answers, version=version, today=day_of(at)):
        raise refused_apart(
            "DECREE-APART",
            _(
                'Kriteria "%(criterion)s" dijawab berbeda oleh dua cara hitung untuk %(count)s'
                " orang di SK ini, jadi SK belum dapat diajukan atau disetujui. Tidak ada yang"
                " berubah. Coba sekali lagi; bila tetap begini, laporkan kalimat ini ke pengelola"
                " sistem. Ini bukan kesalahan data Anda."
            ),
            odd,
        )
    elsewhere = _elsewhere(version, rows, at=at)
    found = []
    for row in rows:
        failed = failing(answers[row.pk])
        if failed:
            found.append((row.pk, failed[0].reason))
        elif row.pk in elsewhere:
            found.append((row.pk, elsewhere[row.pk][0].words))
    return found

"""Writes of reference figures: record one, correct one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, NotFound
from bansos.lib.scopes import covers
from bansos.regions.models import Region
from monitoring.models import ReferenceFigure
from monitoring.rules import figure_words


@dataclass(frozen=True, kw_only=True)
class ReferenceValues:
    """What a source says: of what, where, when, how much, and who says so."""

    indicator: str
    area_code: str
    period: str
    as_of: date
    value: Decimal
    unit: str
    source: str
    note: str = ""


@transaction.atomic
def save_reference(
    *, figure: ReferenceFigure | None, values: ReferenceValues, by: User, at: datetime
) -> ReferenceFigure:
    """Record a figure, or correct one; the old values stay in the trail.

    Raises NotAllowed without the right, NotFound outside the user's area, BadInput when the
    indicator already has a figure of that place and day.
    """
    if not by.can(Permission.REPORT_MAKE):
        raise NotAllowed("REF-RIGHT", _("Peran Anda hanya membaca angka acuan."))
    places = {values.area_code, figure.area_code if figure else values.area_code}
    known = Region.objects.filter(pk=values.area_code).exists()
    if not known or not all(covers(by.area_code, place) for place in places):
        raise NotFound(
            "REF-AREA", _("Wilayah itu tidak ada di wilayah Anda. Tidak ada yang disimpan.")
        )
    row = ReferenceFigure.objects.select_for_update().get(pk=figure.pk) if figure else None
    old = _plain(row) if row else {}
    row = row or ReferenceFigure(recorded_at=at, recorded_by=by)
    for name, value in asdict(values).items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        sentence = _("Indikator ini sudah punya angka untuk wilayah dan tanggal itu.")
        raise BadInput("REF-TWICE", sentence, fields={"as_of": sentence}) from error
    audit.record(
        verb="monitoring.save_reference", by=by, at=at, target=row, old=old, new=_plain(row)
    )
    return row


def _plain(row: ReferenceFigure) -> dict[str, object]:
    names = ("indicator", "area_code", "period", "as_of", "source")
    found = {name: getattr(row, name) for name in names}
    return {**found, "value": figure_words(row.value, row.unit)}

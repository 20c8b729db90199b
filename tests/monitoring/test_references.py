"""Reference figures: recorded with a source, corrected in the open, shown beside our own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bansos.accounts import services as accounts
from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, NotFound
from bansos.lib.lists import export_rows
from monitoring.models import ReferenceFigure
from monitoring.queries import series_for
from monitoring.rules import figure_of, figure_words
from monitoring.services import ReferenceValues, save_reference
from monitoring.tables import ReferenceList
from tests.cast import Cast
from tests.factories.monitoring import make_reference

VALUES = ReferenceValues(
    indicator="Kemiskinan ekstrem",
    area_code="35",
    period="Maret 2023",
    as_of=date(2023, 3, 31),
    value=Decimal("0.82"),
    unit="%",
    source="Dinas Sosial Provinsi Jawa Timur",
)
TYPED = {
    "indicator": "Penduduk keluar dari kemiskinan",
    "area_code": "35",
    "period": "Maret 2021 sampai Maret 2023",
    "as_of": "31-03-2023",
    "value": "383.920",
    "unit": "orang",
    "source": "Dinas Sosial Provinsi Jawa Timur",
    "note": "",
}


def save(by: Any, figure: ReferenceFigure | None = None, **changed: Any) -> ReferenceFigure:
    values = replace(VALUES, **changed)
    return save_reference(figure=figure, values=values, by=by, at=timezone.now())


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("383.920", Decimal(383920)),
        (" 0,82 ", Decimal("0.82")),
        ("1568", Decimal(1568)),
        ("0.82", None),
        ("1,234", None),
        ("banyak", None),
        ("", None),
    ],
)
def test_a_typed_figure_is_read_or_refused(typed: str, value: Decimal | None) -> None:
    assert figure_of(typed) == value


def test_a_figure_is_read_with_its_unit() -> None:
    assert figure_words(Decimal("383920.0000"), "orang") == "383.920 orang"
    assert figure_words(Decimal("1.8000"), "%") == "1,8%"
    assert figure_words(Decimal("940000000.0000"), "Rp") == "Rp940.000.000"


def test_a_figure_is_recorded_once_and_corrected_in_the_open(cast: Cast) -> None:
    row = save(cast.budi)
    with pytest.raises(BadInput) as twice:
        save(cast.budi, value=Decimal(1))
    assert twice.value.code == "REF-TWICE"
    save(cast.ratna, figure=row, value=Decimal("0.81"))
    row.refresh_from_db()
    assert (row.value, row.recorded_by) == (Decimal("0.81"), cast.budi)
    event = Event.objects.filter(verb="monitoring.save_reference").latest("pk")
    assert (event.data["old"]["value"], event.data["new"]["value"]) == ("0,82%", "0,81%")


def test_only_who_makes_reports_records_and_only_at_home(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        save(cast.vera)
    with pytest.raises(NotFound):
        save(cast.kalt)
    with pytest.raises(NotFound):
        save(cast.budi, area_code="64")
    assert not ReferenceFigure.objects.exists()


def test_a_series_is_one_row_and_stays_in_its_province(cast: Cast) -> None:
    for period, day, value in (
        ("2021", date(2021, 12, 31), "2.23"),
        ("Maret 2023", date(2023, 3, 31), "0.82"),
        ("Maret 2022", date(2022, 3, 31), "1.8"),
    ):
        make_reference(cast, period=period, as_of=day, value=Decimal(value))
    make_reference(cast, area_code="35.20", indicator="Magetan saja")
    (row,) = series_for(cast.vera, area_code="35.19")
    assert (row.words, row.earlier) == ("0,82%", "Maret 2022: 1,8%; 2021: 2,23%")
    assert series_for(cast.kalt, area_code="64") == []
    _headers, rows, _kinds = export_rows(ReferenceList(), cast.budi, {})
    assert "0,82%" in [row[4] for row in rows]


def test_the_pages(cast: Cast, client: Client) -> None:
    client.force_login(cast.budi)
    refused = client.post("/laporan/acuan/baru/", {**TYPED, "value": "0.82"})
    assert refused.status_code == 422
    assert "Tulis angka seperti" in refused.content.decode()
    made = client.post("/laporan/acuan/baru/", TYPED)
    row = ReferenceFigure.objects.get()
    assert (made.status_code, made["Location"]) == (302, f"/laporan/acuan/{row.pk}/")
    assert client.post("/laporan/acuan/baru/", TYPED).status_code == 422
    page = client.get(made["Location"]).content.decode()
    assert "383.920 orang" in page
    assert 'value="383920"' in page
    changed = client.post(made["Location"], {**TYPED, "value": "383.921"})
    assert changed.status_code == 302
    for path in ("/laporan/acuan/", "/laporan/dasbor/"):
        assert "383.921 orang" in client.get(path).content.decode()
    client.force_login(cast.vera)
    read = client.get(made["Location"])
    assert "383.921 orang" in read.content.decode()
    assert "Betulkan" not in read.content.decode()
    assert client.post(made["Location"], TYPED).status_code == 403


def test_the_api(cast: Cast, client: Client) -> None:
    _token, secret = accounts.issue_token(
        user=cast.budi,
        name="Mesin",
        area_code="35",
        permissions=["report.view", "report.make"],
        days=10,
        by=cast.adi,
        at=timezone.now(),
    )
    head = {"Authorization": f"Bearer {secret}"}
    given = {**TYPED, "as_of": "2023-03-31", "value": "383920"}
    answers = [
        client.post("/api/reference-figures/", given, "application/json", headers=head)
        for _time in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 422]
    assert answers[1].json()["code"] == "REF-TWICE"
    read = client.get("/api/reference-figures/?area=35.19", headers=head).json()
    assert read["results"] == []
    read = client.get("/api/reference-figures/?indicator=keluar", headers=head).json()
    assert [row["value"] for row in read["results"]] == ["383920.00"]

"""The editor of criteria: acts on rows and groups, pages that work without a script."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from programs.models import ProgrammeVersion
from programs.rules import digest_of, trees
from tests.cast import Cast
from tests.factories.programs import ProgrammeVersionFactory
from tests.programs.test_pages import enter

OLD = {"code": "min_age_on_stage", "params": {"age": 60}}
WOMAN = {"code": "sex_is", "params": {"sex": "P"}}
ALIVE = {"code": "alive", "params": {}}
GROUP = {"group": "any", "items": [OLD, WOMAN]}


def codes(nodes: list[Any]) -> list[Any]:
    return [
        [node["group"], *codes(node["items"])] if "group" in node else node["code"].split("_")[0]
        for node in nodes
    ]


@pytest.mark.parametrize(
    ("path", "what", "after"),
    [
        ("0", "down", [["any", "min", "sex"], "alive"]),
        ("0", "up", ["alive", ["any", "min", "sex"]]),
        ("1", "up", [["any", "min", "sex"], "alive"]),
        ("1.0", "down", ["alive", ["any", "sex", "min"]]),
        ("1.0", "out", ["alive", ["any", "sex"], "min"]),
        ("0", "out", ["alive", ["any", "min", "sex"]]),
        ("0", "in", ["alive", ["any", "min", "sex"]]),
        ("0", "wrap", [["any", "alive"], ["any", "min", "sex"]]),
        ("1", "unwrap", ["alive", "min", "sex"]),
        ("1", "not", ["alive", ["not", "min", "sex"]]),
        ("1.1", "drop", ["alive", ["any", "min"]]),
        ("1", "drop", ["alive"]),
    ],
)
def test_acts_on_rows(path: str, what: str, after: list[Any]) -> None:
    before = [ALIVE, GROUP]
    assert codes(trees.act(before, trees.path_of(path), what)) == after
    assert before == [ALIVE, GROUP]


def test_a_group_takes_in_the_row_below_it_and_goes_when_it_is_empty() -> None:
    assert codes(trees.act([GROUP, ALIVE], (1,), "in")) == [["any", "min", "sex", "alive"]]
    lonely = [{"group": "any", "items": [OLD]}, ALIVE]
    assert codes(trees.act(lonely, (0, 0), "out")) == ["min", "alive"]
    assert codes(trees.act(lonely, (0, 0), "drop")) == ["alive"]
    with pytest.raises(IndexError):
        trees.act(lonely, (5,), "drop")
    with pytest.raises(ValueError, match="not a path"):
        trees.path_of("1.x")


@pytest.mark.django_db
def test_a_group_is_made_on_screen(client: Client, cast: Cast) -> None:
    version = ProgrammeVersionFactory(draft=True, criteria=[ALIVE, OLD])
    enter(client, cast.budi)
    page = reverse("programs:criteria", args=[version.pk])
    new = reverse("programs:criterion_new", args=[version.pk])

    def send(url: str, **given: str) -> Any:
        known = ProgrammeVersion.objects.get(pk=version.pk)
        return client.post(url, {**given, "seen": digest_of(known.criteria)})

    send(reverse("programs:criterion_act", args=[version.pk, "1"]), do="wrap")
    areas = "35.19.01.2001\n35.19.02"
    send(f"{new}?jenis=domicile_in_areas&di=1", p_areas=areas, p_name="desa pesisir")
    send(f"{new}?jenis=age_on_date", p_least="18", p_on="1 Januari 2026")
    body = client.get(page).content.decode()
    wrong = send(f"{new}?jenis=age_on_date&di=1", p_least="30", p_most="20")
    send(reverse("programs:criterion_act", args=[version.pk, "1"]), do="each")
    asked = client.get(page).content.decode()
    send(reverse("programs:criterion_act", args=[version.pk, "1"]), do="any")
    assert "setiap anggota kelompok memenuhi (berusia paling sedikit 60 tahun" in asked

    version.refresh_from_db()
    assert version.criteria[1]["group"] == "any"
    assert version.criteria[1]["items"][1]["params"] == {
        "areas": ["35.19.01.2001", "35.19.02"],
        "name": "desa pesisir",
    }
    assert version.criteria[2]["params"] == {"least": 18, "most": None, "on": "2026-01-01"}
    assert "salah satu dari (berusia paling sedikit 60 tahun pada tanggal tahap;" in body
    assert "atau bertempat tinggal di desa pesisir)" in body
    assert wrong.status_code == 422
    assert "melebihi batas paling banyak" in wrong.content.decode()
    edit = client.get(reverse("programs:criterion", args=[version.pk, "1.1"])).content.decode()
    assert "35.19.01.2001" in edit


@pytest.mark.django_db
def test_a_row_that_moved_meanwhile_and_a_wrong_place_change_nothing(
    client: Client, cast: Cast
) -> None:
    version = ProgrammeVersionFactory(draft=True, criteria=[ALIVE, OLD])
    enter(client, cast.budi)
    url = reverse("programs:criterion_act", args=[version.pk, "0"])

    stale = client.post(url, {"do": "drop", "seen": "0123456789abcdef"}, follow=True)
    absent = client.post(reverse("programs:criterion_act", args=[version.pk, "7"]),
                         {"do": "drop", "seen": digest_of([ALIVE, OLD])})  # fmt: skip
    strange = client.post(url, {"do": "explode", "seen": digest_of([ALIVE, OLD])})
    lost = client.get(reverse("programs:criterion_new", args=[version.pk]) + "?di=0")
    # The same place holds another row by now: the settings typed for the old one are not put there.
    edit = reverse("programs:criterion", args=[version.pk, "1"])
    swapped = client.post(edit, {"p_age": "17", "seen": digest_of([OLD, ALIVE])}, follow=True)
    # A second press adds nothing twice.
    new = reverse("programs:criterion_new", args=[version.pk]) + "?jenis=in_dtsen"
    twice = client.post(new, {"seen": digest_of([ALIVE])}, follow=True)

    for answer in (stale, swapped, twice):
        assert "Kriteria baru saja berubah" in answer.content.decode()
    assert f'name="seen" value="{digest_of([ALIVE, OLD])}"' in client.get(edit).content.decode()
    assert [absent.status_code, strange.status_code, lost.status_code] == [404, 302, 404]
    version.refresh_from_db()
    assert version.criteria == [ALIVE, OLD]


@pytest.mark.django_db
def test_too_deep_a_group_is_refused_and_contradictions_are_warned_about(
    client: Client, cast: Cast
) -> None:
    deep: dict[str, Any] = OLD
    for _level in range(4):
        deep = {"group": "all", "items": [deep]}
    young = {"code": "max_age", "params": {"age": 50}}
    version = ProgrammeVersionFactory(draft=True, criteria=[deep, young])
    enter(client, cast.budi)
    url = reverse("programs:criterion_act", args=[version.pk, "0.0.0.0.0"])

    refused = client.post(
        url, {"do": "wrap", "seen": digest_of(version.criteria)}, follow=True
    ).content.decode()

    assert "bersarang lebih dari 4 tingkat" in refused
    assert "Tidak ada orang yang berusia paling sedikit 60 dan paling tua 50 tahun." in refused

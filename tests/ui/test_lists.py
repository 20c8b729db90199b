"""The list engine over a real table: paging both ways, order, filters, cells, export."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
import pytest
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from bansos.lib.lists import (
    BulkAction,
    Column,
    ListPage,
    ListSpec,
    ListView,
    build_page,
    export_rows,
    get,
    keys,
    register,
    seal,
    selected_rows,
    unseal,
)
from bansos.lib.lists import page as page_module
from bansos.lib.parts import Word
from bansos.regions.models import Region
from tests.cast import Cast

pytestmark = pytest.mark.django_db


class RegionFilter(django_filters.FilterSet):
    level = django_filters.ChoiceFilter(
        label="Tingkat", choices=[(2, "Kab/Kota"), (3, "Kecamatan")]
    )
    since = django_filters.DateFromToRangeFilter(label="Berlaku", field_name="valid_from")

    class Meta:
        model = Region
        fields = ["level"]


class RegionList(ListSpec):
    key = "tes-wilayah"
    title = "Wilayah"
    model = Region
    filterset_class = RegionFilter
    default_sort = "name"
    page_size = 3
    search_hint = "Nama wilayah"
    columns = (
        Column("name", "Nama", sort="name", priority=1, kind="link"),
        Column("code", "Kode", sort="pk", kind="masked"),
        Column("level", "Tingkat", kind="number", sort="level", total=True),
        Column("valid_from", "Berlaku", kind="date", sort="valid_from"),
        Column("parent", "Induk", value="parent.name", sort="parent__name"),
        Column("word", "Keadaan", value=lambda row: Word("baik", "Berlaku"), kind="status"),
        Column("cost", "Jumlah", value=lambda row: Decimal("1500.50"), kind="money", export=True),
        Column("secret", "Rahasia", value=lambda row: "x", export=False),
    )

    def queryset(self, user: Any) -> Any:
        return Region.objects.visible_to(user)

    def search(self, rows: Any, text: str, user: Any) -> Any:
        return rows.filter(name__icontains=text)

    def row_url(self, row: Region) -> str:
        return f"/wilayah/{row.pk}/"


@pytest.fixture
def budi(cast: Cast) -> Any:
    """A province officer; the regions get dates with gaps and ties."""
    for place, region in enumerate(Region.objects.order_by("code")):
        region.valid_from = None if place % 3 == 0 else date(2020 + place % 2, 1, 1)
        region.save(update_fields=["valid_from"])
    return cast.budi


def walk(user: Any, query: str, *, spec: Any = RegionList) -> list[ListPage]:
    """All pages from the first to the last by the links that the page prints."""
    pages = [build_page(spec, user=user, params=QueryDict(query))]
    while pages[-1].next_href:
        assert len(pages) < 50, "paging does not end"
        pages.append(build_page(spec, user=user, params=QueryDict(pages[-1].next_href[1:])))
    return pages


def codes(pages: list[ListPage]) -> list[str]:
    return [row.pk for page in pages for row in page.slice.rows]


SORTS = ["name", "code", "level", "valid_from", "parent"]
SORTS += [f"-{name}" for name in SORTS]


@pytest.mark.parametrize("sort", SORTS)
def test_paging_forward_shows_every_row_once_in_order(budi: Any, sort: str) -> None:
    pages = walk(budi, f"urut={sort}")
    whole = RegionList().order(QueryDict(f"urut={sort}")).apply(Region.objects.visible_to(budi))
    assert codes(pages) == [row.pk for row in whole]
    assert len(pages) > 2


@pytest.mark.parametrize("sort", SORTS)
def test_paging_back_gives_the_same_pages(budi: Any, sort: str) -> None:
    forward = walk(budi, f"urut={sort}")
    back = [forward[-1]]
    while back[0].previous_href:
        assert len(back) < 50, "paging does not end"
        params = QueryDict(back[0].previous_href[1:])
        back.insert(0, build_page(RegionList, user=budi, params=params))
    assert codes(back) == codes(forward)
    assert back[0].next_href


def test_falling_order_is_the_exact_mirror_of_rising(budi: Any) -> None:
    assert codes(walk(budi, "urut=-valid_from")) == codes(walk(budi, "urut=valid_from"))[::-1]


def test_a_row_added_meanwhile_moves_nothing(budi: Any) -> None:
    first = build_page(RegionList, user=budi, params=QueryDict("urut=name"))
    expected = walk(budi, "urut=name")[1]
    Region.objects.create(code="35.99", name="AAA paling awal", level=2)
    second = build_page(RegionList, user=budi, params=QueryDict(first.next_href[1:]))
    assert codes([second]) == codes([expected])


def test_a_position_that_is_gone_or_broken_shows_the_first_page(budi: Any) -> None:
    first = codes([build_page(RegionList, user=budi, params=QueryDict(""))])
    for position in ("setelah=99.99", "sebelum=", "setelah=%00", "setelah=64"):
        page = build_page(RegionList, user=budi, params=QueryDict(position.replace("%00", "zz")))
        assert codes([page]) == first, position


def test_a_position_carries_no_name(budi: Any) -> None:
    page = build_page(RegionList, user=budi, params=QueryDict("urut=name"))
    last = page.slice.rows[-1]
    assert last.name not in page.next_href
    assert page.next_href == f"?urut=name&setelah={last.pk}"


def test_rows_outside_the_area_never_appear(cast: Cast) -> None:
    assert all(code[:2] == "35" for code in codes(walk(cast.budi, "")))
    assert all(code[:2] == "64" for code in codes(walk(cast.kalt, "")))
    foreign = build_page(RegionList, user=cast.kalt, params=QueryDict("setelah=35.19"))
    assert all(code[:2] == "64" for code in codes([foreign]))


def test_no_page_uses_offset_and_queries_stay_few(budi: Any) -> None:
    second = walk(budi, "")[1]
    with CaptureQueriesContext(connection) as caught:
        page = build_page(RegionList, user=budi, params=second.params)
        assert page.totals
        assert "<tr>" in page.body
    # position, rows, count, sum; one more per row for the parent, which this spec does not join
    assert len(caught) <= 4 + len(page.slice.rows)
    assert not any("OFFSET" in query["sql"] for query in caught)


def test_a_deep_page_starts_inside_the_index(budi: Any) -> None:
    second = walk(budi, "urut=level")[1]
    with CaptureQueriesContext(connection) as caught:
        build_page(RegionList, user=budi, params=second.params)
    rows = next(q["sql"] for q in caught if "ORDER BY" in q["sql"] and "LIMIT 4" in q["sql"])
    assert '("regions_region"."level", "regions_region"."code") > (' in rows


def test_heads_say_the_order_and_offer_the_other_one(budi: Any) -> None:
    page = build_page(RegionList, user=budi, params=QueryDict("urut=name&level=3"))
    heads = {head.column.key: head for head in page.heads}
    assert heads["name"].aria_sort == "ascending"
    assert heads["name"].href == "?level=3&urut=-name"
    assert heads["level"].aria_sort == ""
    assert heads["word"].href == ""


def test_an_unknown_order_falls_back_to_the_default(budi: Any) -> None:
    asked = build_page(RegionList, user=budi, params=QueryDict("urut=password"))
    assert asked.order == build_page(RegionList, user=budi, params=QueryDict("")).order


def test_filters_narrow_and_stand_as_chips_with_a_way_off(budi: Any) -> None:
    query = "level=3&since_after=01-01-2020&since_before=31-12-2020&urut=name"
    page = build_page(RegionList, user=budi, params=QueryDict(query))
    assert {row.level for row in page.slice.rows} <= {3}
    chips = {chip.label: chip for chip in page.chips}
    assert chips["Tingkat"].value == "Kecamatan"
    assert chips["Berlaku"].value == "01-01-2020 – 31-12-2020"
    assert chips["Berlaku"].remove_href == "?level=3&urut=name"
    assert page.clear_href == "?urut=name"
    assert ("urut", "name") in page.kept
    assert page.is_narrowed


def test_a_wrong_filter_says_so_and_shows_no_chip(budi: Any) -> None:
    page = build_page(RegionList, user=budi, params=QueryDict("level=9"))
    assert page.filter_wrong
    assert page.chips == []


def test_the_count_stops_at_the_limit(budi: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = build_page(RegionList, user=budi, params=QueryDict(""))
    assert whole.count_words == str(Region.objects.visible_to(budi).count())
    assert whole.totals
    monkeypatch.setattr(page_module, "COUNT_LIMIT", 4)
    capped = build_page(RegionList, user=budi, params=QueryDict(""))
    assert capped.count == 5
    assert capped.count_words == "4+"
    assert capped.totals == []


def test_the_foot_sums_everything_that_is_filtered(budi: Any) -> None:
    page = build_page(RegionList, user=budi, params=QueryDict("level=3"))
    expected = 3 * Region.objects.visible_to(budi).filter(level=3).count()
    assert str(expected) in str(dict((c.key, v) for c, v in page.totals)["level"])


def test_cells_are_escaped_linked_and_labelled(budi: Any) -> None:
    Region.objects.create(code="35.98", name='<b onmouseover="x">', level=2)
    body = build_page(RegionList, user=budi, params=QueryDict("urut=name")).body
    assert "<b onmouseover" not in body
    assert "&lt;b onmouseover=&quot;x&quot;&gt;" in body
    assert '<th scope="row" class="p1" data-label="Nama"><a href="/wilayah/35.98/">' in body
    assert '<td class="num p2" data-label="Jumlah">Rp1.500,50</td>' in body
    assert "b-tone-baik" in body


def test_search_text_is_sealed_and_only_ours_opens() -> None:
    token = seal("  Siti   Aminah ")
    assert "siti" not in token.lower()
    assert re.fullmatch(r"[\w-]+", token)
    assert unseal(token) == "Siti Aminah"
    assert unseal("") == ""
    assert unseal("Siti") == ""
    assert unseal(seal("Siti\x00\u200bAminah")) == "Siti Aminah"
    assert unseal(token[:-4] + "AAAA") == ""
    assert len(unseal(seal("x" * 500))) == 120


def test_search_narrows_and_stands_as_a_chip(budi: Any) -> None:
    params = QueryDict(f"cari={seal('dolopo')}")
    page = build_page(RegionList, user=budi, params=params, searchable=True)
    assert [row.name for row in page.slice.rows] == ["Dolopo"]
    assert page.chips[0].value == "dolopo"
    assert page.chips[0].remove_href == "?"


class RegionPage(ListView):
    spec = RegionList


def test_a_posted_search_comes_back_without_its_words_in_the_address(budi: Any) -> None:
    request = RequestFactory().post("/wilayah/?level=3&setelah=35.19", {"q": "Dolopo"})
    request.user = budi
    answer = RegionPage.as_view()(request)
    assert answer.status_code == 302
    target = answer.headers["Location"]
    assert "Dolopo" not in target
    path, _mark, query = target.partition("?")
    assert path == "/wilayah/"
    params = QueryDict(query)
    assert params["level"] == "3"
    assert "setelah" not in params
    assert unseal(params["cari"]) == "Dolopo"


def test_an_emptied_search_drops_the_token(budi: Any) -> None:
    request = RequestFactory().post(f"/wilayah/?cari={seal('x')}", {"q": ""})
    request.user = budi
    assert RegionPage.as_view()(request).headers["Location"] == "/wilayah/"


def ask(user: Any, path: str, **headers: str) -> str:
    request = RequestFactory().get(path, headers=headers)
    request.user = user
    return RegionPage.as_view()(request).content.decode()


def test_the_page_is_whole_and_its_part_is_what_htmx_swaps(budi: Any) -> None:
    whole = ask(budi, "/wilayah/")
    part = ask(budi, "/wilayah/", **{"HX-Request": "true"})
    assert "<!doctype html>" in whole
    assert 'id="daftar-tes-wilayah"' in whole
    assert "<!doctype html>" not in part
    assert part.strip().startswith('<div class="b-list" id="daftar-tes-wilayah"')
    assert "<caption>" in part
    assert 'role="region" tabindex="0"' in part
    assert 'aria-sort="ascending"' in part


def test_the_empty_page_tells_first_use_from_no_match(cast: Cast) -> None:
    nothing = ask(cast.budi, f"/wilayah/?cari={seal('tidak ada wilayah ini')}")
    assert "Tidak ada yang cocok." in nothing
    cast.lain.area_code = ""
    assert "Belum ada data." in ask(cast.lain, "/wilayah/")


def test_export_gives_the_rows_of_the_screen(budi: Any) -> None:
    params = QueryDict("level=3&urut=-name&setelah=35.19.01")
    headers, rows, kinds = export_rows(RegionList, budi, params)
    found = list(rows)
    names = Region.objects.visible_to(budi).filter(level=3).order_by("-name")
    assert headers == ["Nama", "Kode", "Tingkat", "Berlaku", "Induk", "Keadaan", "Jumlah"]
    assert kinds == ["link", "masked", "number", "date", "text", "status", "money"]
    assert [row[0] for row in found] == [region.name for region in names]
    first = found[0]
    assert isinstance(first[2], int)
    assert isinstance(first[6], Decimal)
    assert first[5] == "Berlaku"


def test_picked_rows_are_those_of_the_area_only(budi: Any) -> None:
    post = QueryDict("pilih=35.19&pilih=35.20&pilih=64")
    assert {row.pk for row in selected_rows(RegionList, budi, post)} == {"35.19", "35.20"}


def test_picking_all_results_repeats_the_filters(budi: Any) -> None:
    post = QueryDict(mutable=True)
    post.update({"semua": "1", "saringan": "level=3", "pilih": "35.19"})
    expected = set(Region.objects.visible_to(budi).filter(level=3).values_list("pk", flat=True))
    assert {row.pk for row in selected_rows(RegionList, budi, post)} == expected


def test_bulk_actions_show_only_to_who_may(budi: Any) -> None:
    class Guarded(RegionList):
        bulk_actions = (
            BulkAction(key="a", label="Boleh", url_name="home"),
            BulkAction(key="b", label="Tidak boleh", url_name="home", permission="tidak-ada"),
        )

    page = build_page(Guarded, user=budi, params=QueryDict(""))
    assert [button.action.key for button in page.bulk] == ["a"]
    assert 'name="pilih"' in page.body
    assert 'aria-label="Pilih Bangunsari"' in page.body


def test_export_is_offered_only_to_who_may(cast: Cast) -> None:
    offered = {
        user.username: build_page(RegionList, user=user, params=QueryDict("")).exportable
        for user in (cast.budi, cast.adi)
    }
    assert offered == {"budi": True, "adi": cast.adi.can("export")}


def test_a_list_registers_once_under_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bansos.lib.lists.spec._registry", {})
    register(RegionList)
    register(RegionList)
    assert keys() == ["tes-wilayah"]
    assert isinstance(get("tes-wilayah"), RegionList)

    class Other(ListSpec):
        key = "tes-wilayah"
        columns = RegionList.columns

    with pytest.raises(ValueError, match="two lists"):
        register(Other)
    with pytest.raises(ValueError, match="needs a key"):
        register(ListSpec)
    with pytest.raises(ValueError, match="needs columns"):
        build_page(ListSpec, user=None, params=QueryDict(""))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "uang"},
        {"priority": 4},
        {"total": True},
        {"total": True, "kind": "money"},
    ],
)
def test_a_column_refuses_what_it_cannot_print(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="column jumlah"):
        Column("jumlah", "Jumlah", **wrong)

"""Kept parts of the frame: one text for many requests, and never somebody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation

from bansos.accounts.navigation import Menu, menu_for
from bansos.lib import kept
from tests.cast import Cast


def draw(source: str, **values: Any) -> str:
    return Template(source).render(Context(values))


FRAME = (
    '{% kept "topbar.html" signed_in=True name=name role="" area_name="" has_menu="" '
    'this_year=2026 can_search=True jobs_running=0 theme="terang" density="rapat" %}'
)


def test_two_people_with_one_menu_keep_their_own_names_and_tokens() -> None:
    request = RequestFactory().get("/a&b/")
    one = draw(FRAME, name="Sari <i>", csrf_token="t" * 64, request=request)
    two = draw(FRAME, name="Budi", csrf_token="u" * 64, request=RequestFactory().get("/lain/"))
    assert "Sari &lt;i&gt;" in one
    assert "Budi" not in one
    assert 'value="/a&amp;b/"' in one
    assert 'value="/lain/"' in two
    assert "t" * 64 in one
    assert "t" * 64 not in two
    assert kept.TOKEN not in one + two
    assert kept.PATH not in one + two


def test_a_kept_part_is_rendered_once_for_each_language() -> None:
    kept._write.cache_clear()
    source = '{% kept "drawer.html" %}'
    with translation.override("id"):
        first = draw(source)
        assert draw(source) == first
    with translation.override("en"):
        assert draw(source) != first
    assert kept._write.cache_info()[:2] == (1, 2)


def test_a_kept_part_sees_only_what_it_is_given() -> None:
    source = FRAME.replace("name=name", 'name="Sari"')
    assert "Rahasia" not in draw(source, name="Rahasia", area_name="Rahasia", theme="gelap")


def test_a_value_without_a_name_is_an_error_of_the_template() -> None:
    with pytest.raises(TemplateSyntaxError, match="name=value"):
        Template('{% kept "menu.html" nav %}')


@pytest.mark.django_db
def test_the_menu_marks_the_page_that_fits_best(cast: Cast) -> None:
    menu = menu_for(cast.budi, "/program/sk/12/")
    active = [item for group in menu.groups for item in group["items"] if item["active"]]
    assert [item["url"] for item in active] == ["/program/sk/"]
    assert menu == menu_for(cast.budi, "/program/sk/")
    assert hash(menu) == hash(menu_for(cast.budi, "/program/sk/13/"))
    assert menu.shown != menu_for(cast.adi, "/program/sk/").shown
    assert not Menu((), None)

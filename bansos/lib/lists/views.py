"""The page of a list: GET shows it, POST takes the search text and answers with a sealed token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views import View

from bansos.lib.lists.chips import query
from bansos.lib.lists.page import ListPage, build_page
from bansos.lib.lists.spec import CURSORS, SEARCH, ListSpec
from bansos.lib.lists.tokens import seal

ROWS = "lists/page.html#rows"
_pages: dict[str, list[type[ListView]]] = {}


def rights(key: str) -> list[Any]:
    """What opens the pages of a list, in the order of its pages; empty when it has no page.

    A file of a list goes to nobody who may not see the list.
    """
    marks = [getattr(page, "access", ()) for page in _pages.get(key, [])]
    return [right for mark in marks if isinstance(mark, tuple) for right in mark]


@dataclass(frozen=True)
class Action:
    """The primary act of a list page; `disabled_because` shows it off, with the reason."""

    label: Any
    href: str
    icon: str = ""
    disabled_because: Any = ""


class ListView(View):
    """A list on its own page. Subclasses name the spec; access is marked on the subclass."""

    spec: ClassVar[type[ListSpec]]
    template_name = "lists/page.html"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        spec = getattr(cls, "spec", None)
        if spec is not None:
            _pages.setdefault(spec.key, []).append(cls)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page = self.build(request)
        headers = request.headers
        if "HX-Request" in headers and "HX-History-Restore-Request" not in headers:
            return render(request, ROWS, {"page": page})
        context = {"page": page, "action": self.primary_action(), "crumbs": self.crumbs()}
        return render(request, self.template_name, {**context, **self.extra_context()})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Search: the text goes into a token, the page comes back by GET."""
        token = seal(request.POST.get("q", ""))
        params = QueryDict(request.META.get("QUERY_STRING", ""))
        target = query(params, {SEARCH: token}, drop=CURSORS)
        return HttpResponseRedirect(f"{request.path}{target if target != '?' else ''}")

    def build(self, request: HttpRequest) -> ListPage:
        """The list as this request asks for it."""
        return build_page(
            self.make_spec(),
            user=request.user,
            params=request.GET,
            path=request.path,
            searchable=True,
        )

    def make_spec(self) -> ListSpec:
        """The spec of this request; override to hand it the object of the address."""
        return self.spec()

    def primary_action(self) -> Action | None:
        """The one primary button of the page."""
        return None

    def crumbs(self) -> list[Any]:
        """Breadcrumbs above the list."""
        return []

    def extra_context(self) -> dict[str, Any]:
        """More for the blocks around the list."""
        return {}

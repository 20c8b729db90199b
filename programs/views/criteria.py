"""The editor of criteria: rows in groups, one page per condition, plain forms throughout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import BadInput, Refused
from bansos.lib.parts import Crumb
from programs.forms.criteria import GROUP_CHOICES, CriterionForm, CriterionKindForm
from programs.queries.catalogue import version_in_use
from programs.rules import (
    CRITERIA,
    GROUPS,
    criteria_warnings,
    digest_of,
    is_group,
    sentence,
    sentence_of,
    trees,
)
from programs.services import catalogue as services
from programs.views.answers import answer, say
from programs.views.catalogue import find_version, frozen_words, version_crumbs


@dataclass(frozen=True)
class Holder:
    """What keeps the criteria that are edited: a version, or a simulation that tries others.

    `routes` is the beginning of the names of its routes; `frozen` says why nothing may change.
    """

    pk: int
    routes: str
    name: str
    criteria: list[Any]
    back: str
    crumbs: Callable[[str], list[Crumb]]
    save: Callable[[list[Any]], None]
    frozen: str = ""

    @property
    def address(self) -> str:
        """The page with its rows."""
        return reverse(f"programs:{self.routes}criteria", args=[self.pk])

    @property
    def new_address(self) -> str:
        """Where a condition is added."""
        return reverse(f"programs:{self.routes}criterion_new", args=[self.pk])


Finder = Callable[[HttpRequest, int], Holder]


def of_version(request: HttpRequest, pk: int) -> Holder:
    """The criteria of a version of the user's province, or 404."""
    version = find_version(request, pk)

    def save(criteria: list[Any]) -> None:
        services.change_version(
            version=version, criteria=criteria, by=request.user, at=timezone.now()
        )

    return Holder(
        pk=version.pk,
        routes="",
        name=str(version),
        criteria=list(version.criteria),
        back=reverse("programs:version_edit", args=[version.pk]),
        crumbs=lambda last: version_crumbs(version, last),
        save=save,
        frozen=_("Sudah dipakai sebuah SK. Salin ke versi baru.")
        if version_in_use(version)
        else frozen_words(version),
    )


@dataclass(frozen=True)
class Row:
    """One row of the editor; `items` are the rows of a group."""

    path: str
    number: str
    words: str
    group: str
    waivable: bool
    first: bool
    last: bool
    depth: int
    below_group: bool
    items: Sequence[Row]
    act_url: str
    edit_url: str


def rows_of(holder: Holder, nodes: Sequence[Any], above: trees.Path = ()) -> list[Row]:
    """The rows of a list, each with what may be done to it."""
    rows = []
    for place, node in enumerate(nodes):
        path = trees.text_of((*above, place))
        rows.append(
            Row(
                path=path,
                number=trees.text_of([step + 1 for step in (*above, place)]),
                words=str(node.get("label") or "") if is_group(node) else sentence_of(node),
                group=str(node.get("group", "")),
                waivable=bool(node.get("waivable")),
                first=place == 0,
                last=place == len(nodes) - 1,
                depth=len(above),
                below_group=place > 0 and is_group(nodes[place - 1]),
                items=rows_of(holder, node["items"], (*above, place)) if is_group(node) else (),
                act_url=reverse(f"programs:{holder.routes}criterion_act", args=[holder.pk, path]),
                edit_url=reverse(f"programs:{holder.routes}criterion", args=[holder.pk, path]),
            )
        )
    return rows


def pages(routes: str, find_holder: Finder) -> dict[str, Any]:
    """The four views of the editor for one kind of holder, by the end of their route's name."""

    @requires(P.PROGRAM_EDIT)
    @require_GET
    def criteria(request: HttpRequest, pk: int) -> HttpResponse:
        """All rows with their sentence and what nobody or everybody meets."""
        return _rows_page(request, find_holder(request, pk))

    @requires(P.PROGRAM_EDIT)
    @require_http_methods(["GET", "POST"])
    def criterion(request: HttpRequest, pk: int, place: str = "") -> HttpResponse:
        """Add a condition of a chosen kind to a group, or change one; the sentence is previewed."""
        return _condition_page(request, find_holder(request, pk), place)

    @requires(P.PROGRAM_EDIT)
    @require_POST
    def act(request: HttpRequest, pk: int, place: str) -> HttpResponse:
        """Move, group, ungroup or take away a row."""
        return _act(request, find_holder(request, pk), place)

    return {
        f"{routes}criteria": criteria,
        f"{routes}criterion_new": criterion,
        f"{routes}criterion": criterion,
        f"{routes}criterion_act": act,
    }


def _rows_page(request: HttpRequest, holder: Holder, *, status: int = 200) -> HttpResponse:
    context = {
        "holder": holder,
        "rows": rows_of(holder, holder.criteria),
        "seen": digest_of(holder.criteria),
        "sentence": sentence(holder.criteria),
        "warnings": criteria_warnings(holder.criteria),
        "groups": GROUP_CHOICES,
        "crumbs": holder.crumbs(_("Kriteria")),
    }
    return answer(request, "programs/criteria.html", context, CriterionKindForm())


def _path(text: str) -> trees.Path:
    try:
        return trees.path_of(text)
    except ValueError as error:
        raise Http404 from error


def _node_at(holder: Holder, path: trees.Path) -> Any:
    try:
        return trees.level(holder.criteria, path[:-1])[path[-1]]
    except IndexError as error:
        raise Http404 from error


def _is_stale(request: HttpRequest, holder: Holder) -> bool:
    """Whether the page was made before the criteria changed: its places may name other rows."""
    return request.POST.get("seen") != digest_of(holder.criteria)


def _stale() -> Refused:
    return Refused(
        "PROG-CRITERIA-STALE",
        _(
            "Kriteria baru saja berubah, jadi baris ini tidak diubah. Lihat susunan yang"
            " sekarang, lalu ulangi."
        ),
    )


def _condition_page(request: HttpRequest, holder: Holder, place: str) -> HttpResponse:
    if request.method == "POST" and _is_stale(request, holder):
        say(request, _stale())
        return redirect(holder.address)
    path = _path(place)
    row = _node_at(holder, path) if path else None
    group = path[:-1] if row else _path(request.GET.get("di", ""))
    if group and not is_group(_node_at(holder, group)):
        raise Http404
    if row and is_group(row):
        return redirect(holder.address)
    code = str(row["code"]) if row else request.GET.get("jenis", "")
    crumbs = holder.crumbs(_("Kriteria"))
    if code not in CRITERIA:
        context = {"holder": holder, "group": trees.text_of(group), "crumbs": crumbs}
        return answer(request, "programs/criterion_kind.html", context, CriterionKindForm())
    form = CriterionForm(request.POST or None, code=code, row=row, inside=bool(group))
    preview = sentence_of(row) if row else ""
    if request.method == "POST" and form.is_valid():
        preview = sentence_of(form.row())
        if "lihat" not in request.POST and _saved(holder, path, group, form):
            return redirect(holder.address)
    context = {
        "holder": holder,
        "kind": CRITERIA[code],
        "preview": preview,
        "seen": digest_of(holder.criteria),
        "crumbs": crumbs,
    }
    return answer(request, "programs/criterion_form.html", context, form)


def _saved(holder: Holder, path: trees.Path, group: trees.Path, form: CriterionForm) -> bool:
    node = form.row()
    changed = trees.put(holder.criteria, path, node) if path else None
    try:
        holder.save(changed or trees.added(holder.criteria, group, node))
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return False
    return True


def _act(request: HttpRequest, holder: Holder, place: str) -> HttpResponse:
    path, what = _path(place), request.POST.get("do", "")
    try:
        if what not in trees.ACTS:
            raise BadInput(
                "PROG-CRITERIA-ACT", _("Tindakan itu tidak dikenal. Tidak ada yang berubah.")
            )
        if _is_stale(request, holder):
            raise _stale()
        _node_at(holder, path)
        if what not in {"unwrap", *GROUPS} or is_group(_node_at(holder, path)):
            holder.save(trees.act(holder.criteria, path, what))
    except Refused as refused:
        say(request, refused)
    return redirect(holder.address)


VERSION_PAGES = pages("", of_version)

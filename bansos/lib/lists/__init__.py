"""The list engine: every list of the product is a ListSpec shown by ListView."""

from __future__ import annotations

from bansos.lib.lists.chips import filter_chips
from bansos.lib.lists.columns import Column, name_column
from bansos.lib.lists.export import export_rows
from bansos.lib.lists.page import ListPage, build_page, selected_rows
from bansos.lib.lists.spec import BulkAction, ListSpec, get, keys, register
from bansos.lib.lists.tokens import seal, unseal
from bansos.lib.lists.views import Action, ListView, rights

__all__ = [
    "Action",
    "BulkAction",
    "Column",
    "ListPage",
    "ListSpec",
    "ListView",
    "build_page",
    "export_rows",
    "filter_chips",
    "get",
    "keys",
    "name_column",
    "register",
    "rights",
    "seal",
    "selected_rows",
    "unseal",
]

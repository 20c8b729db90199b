"""Pages of accounts and of the office's calendar."""

from __future__ import annotations

from bansos.accounts.views.calendar import (
    CalendarView,
    calendar_confirm,
    calendar_fill,
    calendar_import,
    holiday_edit,
    holiday_remove,
)
from bansos.accounts.views.people import (
    EventListView,
    UserListView,
    appearance,
    components_page,
    help_page,
    regions,
    roles,
    token_new,
    token_revoke,
    user_edit,
)

__all__ = [
    "CalendarView",
    "EventListView",
    "UserListView",
    "appearance",
    "calendar_confirm",
    "calendar_fill",
    "calendar_import",
    "components_page",
    "help_page",
    "holiday_edit",
    "holiday_remove",
    "regions",
    "roles",
    "token_new",
    "token_revoke",
    "user_edit",
]

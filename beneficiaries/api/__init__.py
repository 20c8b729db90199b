"""The API of the register."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from beneficiaries.api import payees, people


def register(router: SimpleRouter) -> None:
    """Add every resource of this app."""
    people.register(router)
    payees.register(router)

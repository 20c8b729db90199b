"""The API of the register."""

from __future__ import annotations

from beneficiaries.api.people import register

__all__ = ["register"]

"""What the acts of the API share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


def money_field(**kwargs: Any) -> serializers.DecimalField:
    """Rupiah with sen, as text."""
    return serializers.DecimalField(max_digits=18, decimal_places=2, **kwargs)

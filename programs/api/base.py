"""What the acts of the API share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class NoteIn(serializers.Serializer[Any]):
    """A note that goes with an act."""

    note = serializers.CharField(required=False, allow_blank=True, default="")


def valid(given: serializers.Serializer[Any]) -> dict[str, Any]:
    """The validated data, or an answer 422."""
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)

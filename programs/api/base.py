"""What the acts of the API share."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers, viewsets

from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user


class NoteIn(serializers.Serializer[Any]):
    """A note that goes with an act."""

    note = serializers.CharField(required=False, allow_blank=True, default="")


def valid(given: serializers.Serializer[Any]) -> dict[str, Any]:
    """The validated data, or an answer 422."""
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class Acting(viewsets.GenericViewSet[Any]):
    """What the acts share: who acts, when, and reading the input."""

    permissions: dict[str, P | tuple[P, ...]] = {}

    def context(self) -> dict[str, Any]:
        """`by` and `at` of a service call."""
        return {"by": signed_in_user(self.request), "at": timezone.now()}

    def given(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The validated input; 422 when it is wrong."""
        return valid(kind(data=self.request.data))

"""What the acts of the API share."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers, viewsets

from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user


def money_field(**kwargs: Any) -> serializers.DecimalField:
    """Rupiah with sen, as text."""
    return serializers.DecimalField(max_digits=18, decimal_places=2, **kwargs)


class Acting(viewsets.GenericViewSet[Any]):
    """What the acts share: who acts, when, and reading the input."""

    permissions: dict[str, P | tuple[P, ...]] = {}

    def context(self) -> dict[str, Any]:
        """`by` and `at` of a service call."""
        return {"by": signed_in_user(self.request), "at": timezone.now()}

    def given(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The validated input; 422 when it is wrong."""
        data = kind(data=self.request.data)
        data.is_valid(raise_exception=True)
        return dict(data.validated_data)

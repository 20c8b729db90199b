"""One object of every kind in Kabupaten Madiun, and who is near enough to see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils import timezone

from bansos.accounts import services as accounts
from bansos.accounts.models import ApiToken
from bansos.documents.models import Document
from bansos.jobs.models import Job
from tests.cast import Cast, make_cast
from tests.documents.test_services import issue


class Reach(Enum):
    """From which places an object of Kabupaten Madiun is hidden."""

    EVERYBODY = ()
    PROVINCE = ("other province",)
    AREA = ("other regency", "other province")
    NOBODY = ("own", "other regency", "other province")
    # In the area, but a further rule of its own may refuse (403).
    NARROWER = ("other regency", "other province", "")

    def hides_from(self, place: str) -> bool:
        """True when a user sitting there gets 404."""
        return place in self.value


@dataclass
class World:
    """What the routes are asked for."""

    cast: Cast
    token: ApiToken
    document: Document
    job: Job


def make_world() -> World:
    """Everything once, made by the same factories and services as elsewhere."""
    cast = make_cast()
    token, _secret = accounts.issue_token(
        user=cast.sari,
        name="Sambungan",
        area_code="35.19",
        permissions=["beneficiary.view"],
        days=10,
        by=cast.adi,
        at=timezone.now(),
    )
    job = Job.objects.create(
        kind="documents.export", title="Ekspor", owner=cast.sari, created_at=timezone.now()
    )
    return World(cast=cast, token=token, document=issue(cast), job=job)


Maker = Callable[[World], dict[str, Any]]


def pk_of(name: str) -> Maker:
    """The key of one of the world's objects as the route's only argument."""
    return lambda world: {"pk": getattr(world, name).pk}


# Routes with arguments: how to fill them, who is near enough.
ROUTES: dict[str, tuple[Maker, Reach]] = {
    "accounts:user": (lambda world: {"pk": world.cast.sari.pk}, Reach.AREA),
    "accounts:token_new": (lambda world: {"pk": world.cast.sari.pk}, Reach.AREA),
    "accounts:token_revoke": (pk_of("token"), Reach.AREA),
    "accounts:help_guide": (lambda world: {"name": "auditor"}, Reach.EVERYBODY),
    "documents:detail": (pk_of("document"), Reach.AREA),
    "documents:file": (pk_of("document"), Reach.AREA),
    "documents:export": (lambda world: {"key": "documents"}, Reach.EVERYBODY),
    "documents:genuine": (lambda world: {"code": world.document.check_code}, Reach.EVERYBODY),
    "jobs:detail": (pk_of("job"), Reach.NOBODY),
    "jobs:progress": (pk_of("job"), Reach.NOBODY),
    "jobs:cancel": (pk_of("job"), Reach.NOBODY),
}
# Routes without arguments that are not the same for everybody.
NO_ARGUMENTS: dict[str, Reach] = {}

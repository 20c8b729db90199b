"""Where forms save themselves while somebody types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from beneficiaries.services import drafts

LONGEST = 40


@requires(P.BENEFICIARY_ENTER, P.PROPOSAL_SUBMIT)
@require_POST
def draft(request: HttpRequest, purpose: str, key: str = "") -> HttpResponse:
    """Keep the posted fields as the user's own draft."""
    drafts.save_draft(
        purpose=purpose[:LONGEST],
        key=key[:LONGEST],
        values=request.POST.dict(),
        by=signed_in_user(request),
        at=timezone.now(),
    )
    return HttpResponse(status=204)

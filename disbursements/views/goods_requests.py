"""Pages of requests for goods, and of lots with their unit prices."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Crumb
from disbursements.forms.goods import RequestForm
from disbursements.models import GoodsRequest
from disbursements.services.goods_requests import request_goods
from disbursements.tables.goods import GoodsLots
from disbursements.views.goods import crumbs
from disbursements.views.parts import refuse
from programs.choices import BenefitKind
from programs.models import Enrolment


@requires(P.PROGRAM_VIEW)
class LotListView(ListView):
    """Lots of the user's area with unit price and vendor."""

    spec = GoodsLots

    def crumbs(self) -> list[Crumb]:
        return crumbs(Crumb(label=_("Lot dan harga satuan")))


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """The kind of business a recipient asks goods for."""
    rows = Enrolment.objects.select_related("version__programme", "person")
    row = find(rows.filter(version__benefit_kind=BenefitKind.GOODS), request.user, pk=pk)
    asked = GoodsRequest.objects.filter(enrolment=row).first()
    form = RequestForm(
        request.POST or None,
        version=row.version,
        initial={"business_kind": asked.business_kind if asked else ""},
    )
    back = reverse("disbursements:goods_programme", args=[row.version_id])
    if request.method == "POST" and form.is_valid():
        try:
            request_goods(
                enrolment=row,
                business_kind=form.cleaned_data["business_kind"],
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("Permintaan dicatat."))
            return redirect(back)
        except Refused as refused:
            refuse(form, refused)
    title = _("Catat permintaan")
    context = {
        "form": form,
        "title": title,
        "back": back,
        "crumbs": crumbs(Crumb(label=str(row.version), href=back), Crumb(label=title)),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/goods_form.html", context, status=status)

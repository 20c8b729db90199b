"""All routes: pages under Indonesian paths, the API under /api/."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

import beneficiaries.api
import disbursements.api
import monitoring.api
import monitoring.views
import programs.api
from bansos.accounts import views as accounts_views
from bansos.accounts.access import public
from bansos.lib import health

router = SimpleRouter(use_regex_path=False)
for module in (beneficiaries.api, programs.api, disbursements.api, monitoring.api):
    module.register(router)

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", monitoring.views.home, name="home"),
    path("akun/", include("allauth.account.urls")),
    path("akun/2fa/", include("allauth.mfa.urls")),
    path("bahasa/", include("django.conf.urls.i18n")),
    path("kelola/", include("bansos.accounts.urls")),
    path("pekerjaan/", include("bansos.jobs.urls")),
    path("dokumen/", include("bansos.documents.urls")),
    path("penerima/", include("beneficiaries.urls")),
    path("program/", include("programs.urls")),
    path("penyaluran/", include("disbursements.urls")),
    path("laporan/", include("monitoring.urls")),
    path("latihan/", include("bansos.demo.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api"),
    path("api/", include(router.urls)),
    path(
        "favicon.ico",
        public(RedirectView.as_view(url=settings.STATIC_URL + "img/favicon.svg")),
        name="favicon",
    ),
]

if settings.COMPONENT_PAGE:
    urlpatterns.append(path("components/", accounts_views.components_page, name="components"))

handler403 = "bansos.lib.health.forbidden"
handler404 = "bansos.lib.health.not_found"
handler500 = "bansos.lib.health.broken"

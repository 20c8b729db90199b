"""Names the app; in training mode the sign-in page shows its accounts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "bansos.demo"
    label = "demo"

    def ready(self) -> None:
        from bansos.accounts.context import DEMO_LOGINS
        from bansos.accounts.permissions import ROLES
        from bansos.audit.queries import tell
        from bansos.demo.offices import FIRST_NAMES, LOCAL, PASSWORD, PROVINCIAL

        DEMO_LOGINS[:] = [
            {
                "login": login,
                "password": PASSWORD,
                "name": FIRST_NAMES[login],
                "role": ROLES[role].name,
            }
            for login, (role, _use) in {**LOCAL, **PROVINCIAL}.items()
        ]
        tell(
            {
                "programs.decide_list": _("Usulan dari daftar diputus"),
                "demo.seed": _("Data latihan diisi"),
                "demo.simulated_answer": _("Jawaban bank simulasi diambil"),
            }
        )

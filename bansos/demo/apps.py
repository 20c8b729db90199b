"""Names the app; in training mode the sign-in page shows its accounts."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
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
        if settings.TRAINING_MODE:
            _add_to_menu()
        tell(
            {
                "programs.decide_list": _("Usulan dari daftar diputus"),
                "demo.seed": _("Data latihan diisi"),
                "demo.simulated_answer": _("Jawaban bank simulasi diambil"),
            }
        )


def _add_to_menu() -> None:
    """The training page beside the pages where its files are uploaded."""
    from bansos.accounts.navigation import MENU, Item
    from bansos.accounts.permissions import Permission

    for group, permission in ((2, Permission.IMPORT_RUN), (5, Permission.BANK_RESULT)):
        MENU[group][2].append(Item(_("Latihan"), "demo:training", permission, "flag"))

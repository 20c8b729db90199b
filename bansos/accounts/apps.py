"""Names the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "bansos.accounts"
    label = "accounts"

    def ready(self) -> None:
        # Importing registers the extension with the schema generator.
        from bansos.accounts import api_schema  # noqa: F401
        from bansos.audit.queries import tell

        tell(
            {
                "accounts.save_user": _("Akun disimpan"),
                "accounts.issue_token": _("Token dibuat"),
                "accounts.revoke_token": _("Token dicabut"),
                "accounts.sign_in": _("Masuk"),
                "accounts.sign_in_failed": _("Kata sandi salah saat masuk"),
                "regions.fill_calendar": _("Kalender libur diisi dari perkiraan"),
                "regions.save_holiday": _("Hari libur disimpan"),
                "regions.remove_holiday": _("Hari libur dihapus"),
                "regions.confirm_calendar": _("Kalender libur disahkan"),
            }
        )

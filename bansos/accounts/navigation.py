"""The left menu: at most eight groups, each item only for those who may open it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from bansos.accounts.permissions import Permission as P


@dataclass(frozen=True)
class Item:
    """One entry: words, route name, who sees it, icon."""

    label: Any
    route: str
    permission: P | None
    icon: str


MENU: list[tuple[Any, str, list[Item]]] = [
    (_("Beranda"), "home", [Item(_("Tugas saya"), "home", None, "home")]),
    (
        _("Penerima"),
        "users",
        [
            Item(_("Daftar penerima"), "beneficiaries:people", P.BENEFICIARY_VIEW, "users"),
            Item(_("Keluarga (KK)"), "beneficiaries:families", P.BENEFICIARY_VIEW, "home-heart"),
            Item(_("Kelompok (KUBE)"), "beneficiaries:groups", P.BENEFICIARY_VIEW, "users-group"),
            Item(_("Lembaga"), "beneficiaries:institutions", P.BENEFICIARY_VIEW, "building"),
            Item(
                _("Kas pemerintah"),
                "beneficiaries:governments",
                P.BENEFICIARY_VIEW,
                "building-community",
            ),
            Item(_("Pilar sosial"), "beneficiaries:pillars", P.BENEFICIARY_VIEW, "user-heart"),
            Item(_("Pekerja"), "beneficiaries:workers", P.BENEFICIARY_VIEW, "package"),
            Item(_("Potret data"), "beneficiaries:snapshots", P.BENEFICIARY_VIEW, "database"),
        ],
    ),
    (
        _("Usulan & verifikasi"),
        "clipboard-list",
        [
            Item(_("Usulan"), "programs:proposals", P.PROGRAM_VIEW, "clipboard-list"),
            Item(_("Impor data"), "beneficiaries:imports", P.PAYEE_EDIT, "file-import"),
            Item(_("Antrean verifikasi"), "programs:queue", P.PROPOSAL_VERIFY, "checklist"),
            Item(_("Berita Acara"), "programs:records", P.PROGRAM_VIEW, "file-certificate"),
            Item(_("Pemantauan"), "programs:visiting", P.PROGRAM_VIEW, "clipboard-check"),
            Item(_("Peristiwa"), "programs:events", P.PROGRAM_VIEW, "flag"),
            Item(_("Sanggahan"), "programs:appeals", P.PROGRAM_VIEW, "scale"),
        ],
    ),
    (
        _("Program"),
        "stack-2",
        [
            Item(_("Daftar program"), "programs:catalogue", P.PROGRAM_VIEW, "stack-2"),
            Item(_("Penetapan (SK)"), "programs:decrees", P.PROGRAM_VIEW, "gavel"),
            Item(_("Simulasi"), "programs:simulations", P.SIMULATION_VIEW, "chart-bar"),
            Item(_("Premi jaminan"), "programs:premiums", P.PROGRAM_VIEW, "heart-handshake"),
        ],
    ),
    (
        _("Anggaran"),
        "wallet",
        [
            Item(_("Pagu & alokasi"), "disbursements:budgets", P.BUDGET_VIEW, "wallet"),
            Item(_("Kartu kendali"), "disbursements:ledger", P.BUDGET_VIEW, "book"),
        ],
    ),
    (
        _("Penyaluran"),
        "cash",
        [
            Item(_("Daftar bayar"), "disbursements:lists", P.PAYLIST_VIEW, "cash"),
            Item(_("Rekening kolektif"), "disbursements:openings", P.PAYLIST_VIEW, "building-bank"),
            Item(_("Loket tunai"), "disbursements:counters", P.CASH_PAY, "cash"),
            Item(_("Kiriman ke bank"), "disbursements:submissions", P.PAYLIST_VIEW, "send"),
            Item(_("Hasil salur"), "disbursements:results", P.PAYLIST_VIEW, "building-bank"),
            Item(_("Meja rekonsiliasi"), "disbursements:desk", P.PAYLIST_VIEW, "scale"),
            Item(_("Retur"), "disbursements:returns", P.PAYLIST_VIEW, "arrow-back-up"),
            Item(_("Barang"), "disbursements:goods", P.PROGRAM_VIEW, "package"),
            Item(_("STS"), "disbursements:deposits", P.PAYLIST_VIEW, "receipt"),
        ],
    ),
    (
        _("Laporan"),
        "chart-bar",
        [
            Item(_("Dasbor"), "monitoring:dashboard", P.REPORT_VIEW, "chart-bar"),
            Item(_("Jangkauan"), "programs:coverage", P.BENEFICIARY_VIEW, "map-pin"),
            Item(_("Tumpang tindih"), "programs:overlap", P.BENEFICIARY_VIEW, "users"),
            Item(_("Laporan"), "monitoring:reports", P.REPORT_VIEW, "report"),
            Item(_("Laporan bendahara"), "monitoring:treasury", P.PAYLIST_VIEW, "report-money"),
            Item(_("Angka acuan"), "monitoring:references", P.REPORT_VIEW, "target"),
            Item(_("Arsip dokumen"), "documents:archive", P.DOCUMENT_VIEW, "archive"),
        ],
    ),
    (
        _("Pengelolaan"),
        "settings",
        [
            Item(_("Pengguna & peran"), "accounts:users", P.USER_MANAGE, "user-cog"),
            Item(_("Kanal bank"), "disbursements:channels", P.CHANNEL_MANAGE, "building-bank"),
            Item(_("Susunan berkas bank"), "disbursements:layouts", P.CHANNEL_MANAGE, "columns"),
            Item(
                _("Susunan rekening koran"),
                "disbursements:statement_layouts",
                P.CHANNEL_MANAGE,
                "columns",
            ),
            Item(_("Batas jalur"), "disbursements:rail_limits", P.CHANNEL_MANAGE, "arrows-diff"),
            Item(_("Wilayah"), "accounts:regions", P.REGION_VIEW, "map-pin"),
            Item(_("Kalender libur"), "accounts:calendar", P.REGION_VIEW, "calendar"),
            Item(_("Pemeriksaan buku"), "disbursements:audits", P.BOOKS_AUDIT, "shield-check"),
            Item(_("Jejak audit"), "accounts:events", P.AUDIT_VIEW, "history"),
        ],
    ),
]


@dataclass(frozen=True)
class Menu:
    """The menu of one role on one page: places in MENU; small, being the key of its kept HTML."""

    shown: tuple[tuple[int, int], ...]
    active: tuple[int, int] | None

    def __bool__(self) -> bool:
        return bool(self.shown)

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Groups of {label, icon, items: [{label, url, icon, active}]}."""
        found: dict[int, list[dict[str, Any]]] = {}
        for place in self.shown:
            item = _item(place)
            active = place == self.active
            entry = {"label": item.label, "url": _url(item.route), "icon": item.icon}
            found.setdefault(place[0], []).append({**entry, "active": active})
        return [
            {"label": MENU[group][0], "icon": MENU[group][1], "items": items}
            for group, items in found.items()
        ]


def menu_for(user: Any, path: str) -> Menu:
    """The pages the user may open; the one whose address fits the path best is active."""
    shown, active, longest = [], None, 0
    for group, (_label, _icon, items) in enumerate(MENU):
        for number, item in enumerate(items):
            url = _url(item.route)
            if not url or not (item.permission is None or user.can(item.permission)):
                continue
            shown.append((group, number))
            if len(url) > longest and path.startswith(url):
                active, longest = (group, number), len(url)
    return Menu(tuple(shown), active)


def _item(place: tuple[int, int]) -> Item:
    return MENU[place[0]][2][place[1]]


@cache
def _url(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""

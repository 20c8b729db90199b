"""The lists of groups, institutions and treasuries: what the filters let through."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.http import QueryDict

from bansos.lib.lists import ListSpec, export_rows
from beneficiaries.services.payees import close_payee, register_government, set_payee_account
from beneficiaries.tables import GovernmentList, GroupList, InstitutionList
from tests.beneficiaries.kube import active, forming
from tests.beneficiaries.test_institutions import home
from tests.cast import Cast
from tests.factories.beneficiaries import NOW

pytestmark = pytest.mark.django_db


def names(spec: ListSpec, cast: Cast, query: str = "") -> list[Any]:
    """The first cells of the rows a filter lets through."""
    _heads, rows, _kinds = export_rows(spec, cast.sari, QueryDict(query))
    return [row[0] for row in rows]


def test_groups_by_members_and_account(cast: Cast) -> None:
    active(cast, "KUBE Aktif")
    forming(cast, "KUBE Baru", count=4)
    assert names(GroupList(), cast) == ["KUBE Aktif", "KUBE Baru"]
    assert names(GroupList(), cast, "size=kurang") == ["KUBE Baru"]
    assert names(GroupList(), cast, "size=cukup") == ["KUBE Aktif"]
    assert names(GroupList(), cast, "account=ada") == ["KUBE Aktif"]
    assert names(GroupList(), cast, "account=tidak") == ["KUBE Baru"]


def test_a_closed_house_stays_in_its_list(cast: Cast) -> None:
    home(cast, "LKS-LU Buka")
    closed = home(cast, "LKS-LU Tutup").payee
    close_payee(payee=closed, closed_on=date(2026, 6, 1), reason="Izin", by=cast.sari, at=NOW)
    assert names(InstitutionList(), cast) == ["LKS-LU Buka", "LKS-LU Tutup"]
    assert names(InstitutionList(), cast, "now=ya") == ["LKS-LU Buka"]
    assert names(InstitutionList(), cast, "now=tidak") == ["LKS-LU Tutup"]


def test_treasuries_by_level_account_and_end(cast: Cast) -> None:
    village, regency = [
        register_government(
            region_code=code, name=name, treasurer_name="Wati", by=cast.sari, at=NOW
        ).payee
        for code, name in (("35.19.01.2001", "Desa Tambakmas"), ("35.19", "Kabupaten Madiun"))
    ]
    set_payee_account(
        payee=regency,
        bank_code="114",
        number="0071012345",
        holder_name="Kas",
        by=cast.sari,
        at=NOW,
    )
    close_payee(payee=village, closed_on=date(2026, 6, 1), reason="Digabung", by=cast.sari, at=NOW)
    for query, expected in (
        ("", ["Desa Tambakmas", "Kabupaten Madiun"]),
        ("level=2", ["Kabupaten Madiun"]),
        ("level=4", ["Desa Tambakmas"]),
        ("account=ada", ["Kabupaten Madiun"]),
        ("account=tidak", ["Desa Tambakmas"]),
        ("now=ya", ["Kabupaten Madiun"]),
        ("now=tidak", ["Desa Tambakmas"]),
    ):
        assert (query, names(GovernmentList(), cast, query)) == (query, expected)

"""Lists of groups (KUBE): one row per member, judged with all rows of its group in the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.dates import day_of
from bansos.lib.money import number
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from beneficiaries.choices import GroupRole, RowVerdict
from beneficiaries.models import Group, GroupMember, ImportBatch, ImportRow, Person
from beneficiaries.queries.rows import data_of
from beneficiaries.rules.groups import SETTLED, SIGNATORIES
from beneficiaries.services.groups import add_member, form_group
from beneficiaries.services.imports.checking import bank_code_of
from beneficiaries.services.imports.columns import people_columns
from beneficiaries.services.imports.outcomes import (
    PLACES,
    act_on_each,
    day_in,
    read_choice,
    village_of,
)
from beneficiaries.services.imports.payee_accounts import (
    payee_columns,
    read_bank,
    record_account,
)
from beneficiaries.services.imports.payee_lists import CAUSES, describe
from beneficiaries.services.imports.purposes import ImportPurpose, RowCheck
from beneficiaries.services.imports.rosters import (
    check_group_account,
    check_members,
    group_key,
    hint_at,
    live_groups,
    rosters_of,
)

YES = "YA"
SHOWN_NAMES = 3
# What lists write beside the labels of the screen.
ROLE_WORDS = {"BENDAHARA": GroupRole.TREASURER.value}


def group_columns(context: dict[str, Any]) -> Sequence[ExpectedColumn]:
    """A person, the name of the group, its business, the office, the account of the group."""
    person = people_columns(
        *("no", "nik", "name", "kk", "relation", "birth_place", "birth_date", "sex", "address"),
        *PLACES,
    )
    return (
        *person,
        ExpectedColumn("group", "NAMA KELOMPOK", ("NAMA KUBE", "KELOMPOK", "KUBE"), required=True),
        ExpectedColumn("business", "JENIS USAHA", ("USAHA",), required=True),
        ExpectedColumn("role", "JABATAN", ("TUGAS", "KEDUDUKAN"), kind=ColumnKind.CHOICE),
        ExpectedColumn(
            "formed_on", "TANGGAL PEMBENTUKAN", ("TANGGAL DIBENTUK",), kind=ColumnKind.DATE
        ),
        *payee_columns("NO REKENING KELOMPOK", ("REKENING KELOMPOK", "NO REKENING KUBE")),
        ExpectedColumn(
            "signs", "PENANDA TANGAN REKENING", ("PENANDA TANGAN",), kind=ColumnKind.CHOICE
        ),
    )


def check_groups(batch: ImportBatch, checks: list[RowCheck]) -> None:
    """Every rule of the single form, over all rows of the group and what is registered of it."""
    bank = bank_code_of(batch)
    for check in checks:
        _read_own(check, batch)
        read_bank(check, bank)
    for roster in rosters_of(batch, checks):
        check_members(roster)
        check_group_account(roster)
        hint_at(roster, day_of(batch.created_at))


def _read_own(check: RowCheck, batch: ImportBatch) -> None:
    values = check.values
    said = str(values.get("role", "")).strip().upper()
    values["role"] = ROLE_WORDS.get(said, values.get("role", ""))
    values["role"] = read_choice(check, "role", dict(GroupRole.choices)) or GroupRole.MEMBER.value
    values["signs"] = read_choice(check, "signs", {YES: YES, "": "TIDAK"}) or ""
    village_of(check)
    formed_on = day_in(values, "formed_on")
    if formed_on and formed_on > day_of(batch.created_at):
        sentence = _("Tanggal pembentukan tidak boleh di masa depan.")
        check.problem("formed_on", "tanggal_masa_depan", sentence)


def accept_groups(batch: ImportBatch, rows: list[ImportRow], by: User, at: datetime) -> None:
    """Find or form the group, then let the person join; a refused row stays behind."""
    known = live_groups(batch, [data_of(row) for row in rows])

    def act(row: ImportRow, data: dict[str, Any]) -> None:
        if row.person is None:
            return
        key = group_key(data)
        group = known.get(key) or _form(data, by, at)
        _join(group, row.person, data, by, at)
        if data.get("signatories"):
            _sign(group, data, by, at)
        # Only now: a refused row takes the group it formed away again.
        known[key] = group

    act_on_each(rows, act)


def _form(data: dict[str, Any], by: User, at: datetime) -> Group:
    return form_group(
        name=" ".join(data["group"].split())[:150],
        village_id=data["village_id"],
        business_kind=data["business"],
        formed_on=day_in(data, "formed_on") or day_of(at),
        by=by,
        at=at,
    )


def _join(group: Group, person: Person, data: dict[str, Any], by: User, at: datetime) -> None:
    """A person who is in this very group stays as is: only what the register says was changed."""
    if GroupMember.objects.filter(group=group, person=person, left_on=None).exists():
        return
    add_member(
        group=group,
        person=person,
        joined_on=max(group.formed_on, day_in(data, "formed_on") or day_of(at)),
        role=GroupRole(data["role"]),
        business_kind=data["business"],
        by=by,
        at=at,
    )


def _sign(group: Group, data: dict[str, Any], by: User, at: datetime) -> None:
    """With the second of the two signatories the account can be recorded."""
    order = data["signatories"]
    signing = Person.objects.filter(
        nik_index__in=order, groups__group=group, groups__left_on=None
    ).distinct()
    people = sorted(signing, key=lambda person: order.index(person.nik_index))
    if len(people) == SIGNATORIES:
        record_account(group.payee, data, by, at, signatories=people)


def group_effects(batch: ImportBatch) -> list[str]:
    """How many groups and members come in, and which settled groups go back to forming."""
    joining = batch.rows.filter(verdict=RowVerdict.NEW)
    firsts = joining.order_by("key_index", "row_number").distinct("key_index")
    said = [data_of(row) for row in firsts]
    known = live_groups(batch, said)
    found = [known[key] for key in map(group_key, said) if key in known]
    told = [
        _("%(new)s kelompok baru dibentuk, %(known)s kelompok bertambah anggota.")
        % {"new": number(len(said) - len(found)), "known": number(len(found))},
        _("%(count)s orang menjadi anggota.") % {"count": number(joining.count())},
    ]
    settled = [group for group in found if group.state in SETTLED]
    if settled:
        shown = ", ".join(group.payee.name for group in settled[:SHOWN_NAMES])
        told.append(
            _(
                "%(count)s kelompok yang sudah diperiksa atau aktif kembali disusun dan tidak"
                " dibayar sampai diperiksa lagi: %(names)s."
            )
            % {"count": number(len(settled)), "names": shown}
        )
    return told


GROUPS = ImportPurpose(
    key="beneficiaries.groups",
    title=gettext_lazy("Kelompok (KUBE) dan anggotanya"),
    hint=gettext_lazy("Satu baris satu anggota; kelompok yang belum ada dibentuk."),
    permission=Permission.PAYEE_EDIT,
    columns=group_columns,
    keyed=group_key,
    check=check_groups,
    accept=accept_groups,
    effects=group_effects,
    describe=describe,
    done_url=lambda batch: reverse("beneficiaries:groups"),
    template_choices={
        "role": [str(label) for _code, label in GroupRole.choices],
        "sex": ("L", "P"),
        "signs": (YES,),
    },
    instructions=(
        gettext_lazy("Tulis nama kelompok dan jenis usaha sama di semua baris anggotanya."),
        gettext_lazy("Jabatan: Ketua, Sekretaris, Bendahara kelompok, atau Anggota."),
        gettext_lazy(
            "Rekening kelompok: tulis nomornya, lalu YA pada tepat dua anggota penanda tangan."
        ),
    ),
    causes={
        **CAUSES,
        "usaha_beda": gettext_lazy("Jenis usaha berbeda dalam satu kelompok"),
        "desa_beda": gettext_lazy("Desa berbeda dalam satu kelompok"),
        "kelompok_lain": gettext_lazy("Masih anggota kelompok lain"),
        "kelompok_penuh": gettext_lazy("Lebih dari 20 anggota"),
        "jabatan_ganda": gettext_lazy("Jabatan sudah dipegang anggota lain"),
        "jabatan_beda": gettext_lazy("Jabatan berbeda dengan yang tercatat"),
        "keluarga_ganda": gettext_lazy("Dua anggota dari satu KK"),
        "penanda_tangan": gettext_lazy("Penanda tangan rekening bukan tepat dua anggota"),
        "kelompok_kurang": gettext_lazy("Kelompok dengan kurang dari 5 anggota"),
        "pengurus_kurang": gettext_lazy("Kelompok tanpa pengurus lengkap"),
        "bukan_kepala": gettext_lazy("Bukan kepala keluarga"),
        "usia_kelompok": gettext_lazy("Usia di luar 18-60 tahun"),
    },
)

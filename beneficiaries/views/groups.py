"""Pages of groups: the list, one group, its members, its check, its account, its end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.models import User
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb, Pair
from bansos.regions.queries import full_name
from beneficiaries.choices import GroupRole, GroupState, LeaveReason
from beneficiaries.forms.payees import (
    CheckForm,
    EndForm,
    GroupForm,
    LeaveForm,
    MemberForm,
    ReplaceForm,
    RoleForm,
)
from beneficiaries.models import Group, GroupMember
from beneficiaries.queries.groups import MemberRow, member_rows
from beneficiaries.queries.payees import obstacles
from beneficiaries.queries.people import payee_panels_of
from beneficiaries.rules.groups import moves_from
from beneficiaries.services import groups as services
from beneficiaries.services.people import person_of_nik
from beneficiaries.tables import GroupList
from beneficiaries.tables.payees import group_word
from beneficiaries.views.accounts import account_cards
from beneficiaries.views.record_form import record_form


class GroupListView(ListView):
    """Groups."""

    spec = GroupList
    access = (P.BENEFICIARY_VIEW,)

    def primary_action(self) -> Action | None:
        """A new group."""
        if not signed_in_user(self.request).can(P.PAYEE_EDIT):
            return None
        return Action(_("Bentuk kelompok"), reverse("beneficiaries:group_new"), "plus")


def _crumbs(group: Group | None = None) -> list[Crumb]:
    crumbs = [Crumb(label=_("Kelompok (KUBE)"), href=reverse("beneficiaries:groups"))]
    if group is not None:
        crumbs.append(Crumb(label=group.payee.name, href=group.get_absolute_url()))
    return crumbs


def _group(request: HttpRequest, pk: int) -> Group:
    row: Group = find(Group.objects.select_related("payee__village"), request.user, pk=pk)
    return row


def _member(request: HttpRequest, pk: int) -> GroupMember:
    rows = GroupMember.objects.select_related("group__payee", "person").filter(left_on=None)
    row: GroupMember = find(rows, request.user, pk=pk)
    return row


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Form a group; its members come next."""
    user = signed_in_user(request)
    form = GroupForm(request.POST or None, user=user)
    return record_form(
        request,
        form,
        title=_("Bentuk kelompok"),
        button=_("Simpan dan isi anggota"),
        back=reverse("beneficiaries:groups"),
        crumbs=_crumbs(),
        act=lambda: services.form_group(by=user, at=timezone.now(), **form.cleaned_data),
        said=_("Kelompok disusun. Tambahkan anggotanya."),
        hint=_("Lima sampai dua puluh kepala keluarga dari satu desa dengan satu jenis usaha."),
    )


@requires(P.BENEFICIARY_VIEW)
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One group: its members with what the rules ask, its account, what stands in the way."""
    group, user = _group(request, pk), signed_in_user(request)
    today = timezone.localdate()
    rows = member_rows(group, on=today)
    former = group.members.exclude(left_on=None).select_related("person").order_by("-left_on")
    context = {
        "group": group,
        "word": group_word(group),
        "pairs": _pairs(group),
        "rows": rows,
        "former": list(former),
        "obstacles": obstacles([group.payee], on=today)[group.pk],
        "accounts": account_cards(group.payee),
        "panels": payee_panels_of(group.payee, user),
        "events": timeline_of(group.payee),
        "crumbs": _crumbs(group)[:1] + [Crumb(label=group.payee.name)],
        "may_reveal": user.can(P.BENEFICIARY_UNMASK),
        **_rights(group, user, rows),
    }
    return render(request, "beneficiaries/group.html", context)


def _pairs(group: Group) -> list[Pair]:
    pairs = [
        Pair(label=_("Jenis usaha"), value=group.business_kind),
        Pair(label=_("Desa/Kelurahan"), value=full_name(group.payee.area_code)),
        Pair(label=_("Alamat usaha"), value=group.payee.address),
        Pair(label=_("Dibentuk"), value=group.formed_on, hint=group.formed_by.full_name),
    ]
    if group.checked_by:
        hint = " ".join(part for part in (group.checked_by.full_name, group.check_note) if part)
        pairs.append(Pair(label=_("Anggota diperiksa"), value=group.checked_at, hint=hint))
    if group.payee.closed_on:
        reason = group.payee.close_reason
        pairs.append(Pair(label=_("Dibubarkan"), value=group.payee.closed_on, hint=reason))
    return pairs


def _rights(group: Group, user: User, rows: list[MemberRow]) -> dict[str, bool]:
    """Which buttons this user gets on the group as it stands."""
    allowed = {new for new, permission in moves_from(group.state).items() if user.can(permission)}
    own = user.pk == group.formed_by_id
    return {
        "may_edit": user.can(P.PAYEE_EDIT) and group.state != GroupState.DISSOLVED,
        "may_check": GroupState.CHECKED in allowed and not own and bool(rows),
        "may_return": group.state == GroupState.CHECKED and GroupState.FORMING in allowed,
        "may_activate": GroupState.ACTIVE in allowed,
        "may_dissolve": GroupState.DISSOLVED in allowed,
    }


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    """One more member, by NIK."""
    group, user = _group(request, pk), signed_in_user(request)
    form = MemberForm(request.POST or None, initial={"joined_on": group.formed_on})

    def act() -> Group:
        data, now = form.cleaned_data, timezone.now()
        services.add_member(
            group=group,
            person=person_of_nik(nik=data["nik"], by=user, at=now),
            role=GroupRole(data["role"]),
            joined_on=data["joined_on"],
            business_kind=data["business_kind"],
            by=user,
            at=now,
        )
        return group

    return record_form(
        request,
        form,
        title=_("Tambah anggota"),
        button=_("Tambahkan ke kelompok"),
        back=group.get_absolute_url(),
        crumbs=_crumbs(group),
        act=act,
        said=_("Anggota ditambahkan."),
        hint=group.payee.name,
    )


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """A member leaves; what that means for the group is said."""
    member, user = _member(request, pk), signed_in_user(request)
    form = LeaveForm(request.POST or None)

    def act() -> Group:
        group = services.leave_group(
            member=member,
            left_on=form.cleaned_data["left_on"],
            reason=LeaveReason(form.cleaned_data["reason"]),
            by=user,
            at=timezone.now(),
        )
        if group.state == GroupState.FORMING and member.group.state != GroupState.FORMING:
            messages.warning(
                request,
                _("Kelompok kembali disusun dan tidak dibayar sampai lengkap dan diperiksa lagi."),
            )
        return group

    return record_form(
        request,
        form,
        title=_("Catat anggota keluar"),
        button=_("Catat keluar"),
        back=member.group.get_absolute_url(),
        crumbs=_crumbs(member.group),
        act=act,
        said=_("Keluarnya anggota dicatat."),
        hint=member.person.name,
    )


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else takes a member's place and office."""
    member, user = _member(request, pk), signed_in_user(request)
    form = ReplaceForm(request.POST or None)

    def act() -> Group:
        data, now = form.cleaned_data, timezone.now()
        person = person_of_nik(nik=data["nik"], by=user, at=now)
        services.replace_member(member=member, person=person, on=data["on"], by=user, at=now)
        return member.group

    return record_form(
        request,
        form,
        title=_("Ganti anggota"),
        button=_("Ganti anggota ini"),
        back=member.group.get_absolute_url(),
        crumbs=_crumbs(member.group),
        act=act,
        said=_("Anggota diganti. Kelompok diperiksa lagi sebelum aktif."),
        hint=member.person.name,
    )


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Another office for a member."""
    member, user = _member(request, pk), signed_in_user(request)
    form = RoleForm(request.POST or None, initial={"role": member.role})

    def act() -> Group:
        wanted = GroupRole(form.cleaned_data["role"])
        services.give_role(member=member, role=wanted, by=user, at=timezone.now())
        return member.group

    return record_form(
        request,
        form,
        title=_("Ganti tugas"),
        button=_("Simpan tugas"),
        back=member.group.get_absolute_url(),
        crumbs=_crumbs(member.group),
        act=act,
        said=_("Tugas anggota disimpan."),
        hint=member.person.name,
    )


@requires(P.PROPOSAL_VERIFY)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Another person looks at the members, one by one, and answers."""
    group, user = _group(request, pk), signed_in_user(request)
    rows = member_rows(group, on=timezone.localdate())
    form = CheckForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            _answer(request, group, form.cleaned_data["note"], user)
        except Refused as refused:
            form.add_error("note" if refused.fields else None, str(refused.message))
            status = refused.status
        else:
            return redirect(group)
    context = {
        "group": group,
        "word": group_word(group),
        "rows": rows,
        "labels": [known.label for known in rows[0].known] if rows else [],
        "form": form,
        "checked": group.state == GroupState.CHECKED,
        "crumbs": [*_crumbs(group), Crumb(label=_("Periksa anggota"))],
    }
    return render(request, "beneficiaries/group_check.html", context, status=status)


def _answer(request: HttpRequest, group: Group, note: str, user: User) -> None:
    if request.POST.get("aksi") == "kembalikan":
        services.send_back(group=group, note=note, by=user, at=timezone.now())
        messages.info(request, _("Kelompok dikembalikan ke penyusunnya."))
        return
    services.check_group(group=group, note=note, by=user, at=timezone.now())
    messages.info(request, _("Anggota kelompok dinyatakan sudah diperiksa."))


@requires(P.PAYEE_EDIT)
@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """The group is ready to receive."""
    group = _group(request, pk)
    services.activate_group(group=group, by=signed_in_user(request), at=timezone.now())
    messages.info(request, _("Kelompok aktif dan dapat menerima bantuan."))
    return redirect(group)


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def dissolve(request: HttpRequest, pk: int) -> HttpResponse:
    """End a group with its day and reason."""
    group, user = _group(request, pk), signed_in_user(request)
    form = EndForm(request.POST or None)

    def act() -> Any:
        return services.dissolve_group(group=group, by=user, at=timezone.now(), **form.cleaned_data)

    return record_form(
        request,
        form,
        title=_("Bubarkan kelompok"),
        button=_("Bubarkan kelompok ini"),
        back=group.get_absolute_url(),
        crumbs=_crumbs(group),
        act=act,
        said=_("Kelompok dibubarkan; anggotanya bebas ikut kelompok lain."),
        hint=_("Keanggotaan semua anggota berakhir dan rekeningnya ditutup di sini."),
    )

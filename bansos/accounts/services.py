"""Writes on accounts: users, tokens, appearance."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import ApiToken, User
from bansos.accounts.permissions import PERSONS_ONLY, ROLES
from bansos.accounts.rules import token_hash
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Refused


def _check_reach(by: User, area_code: str) -> None:
    if not area_code.startswith(by.area_code):
        raise NotAllowed(
            "USER-AREA",
            _("Wilayah itu di luar wilayah Anda. Tidak ada yang berubah. Pilih wilayah lain."),
        )


@transaction.atomic
def save_user(*, user: User, password: str, by: User, at: datetime) -> User:
    """Add or change a user inside the administrator's own area; a changed role is recorded."""
    _check_reach(by, user.area_code)
    if user.pk == by.pk:
        raise Refused(
            "USER-SELF",
            _("Anda tidak dapat mengubah akun sendiri. Minta administrator lain."),
        )
    old = User.objects.filter(pk=user.pk).values("role", "area_code", "is_active").first()
    if old:
        _check_reach(by, old["area_code"])
    if password:
        user.set_password(password)
    elif old is None:
        raise BadInput("USER-PASSWORD", _("Kata sandi awal belum diisi."))
    user.save()
    new = {"role": user.role, "area_code": user.area_code, "is_active": user.is_active}
    audit.record(
        verb="accounts.save_user",
        by=by,
        at=at,
        target=user,
        old=old or {},
        new=new,
        password_changed=bool(password),
    )
    if not user.is_active or password:
        end_sessions(user=user)
    return user


def confirm_password(*, user: User, password: str) -> None:
    """A costly act asks for the password again, on the page and in the API alike.

    Raises NotAllowed when it is wrong.
    """
    if not user.check_password(password):
        raise NotAllowed(
            "PASSWORD",
            _("Kata sandi tidak cocok. Tidak ada yang berubah. Ketik kata sandi akun Anda."),
        )


def end_sessions(*, user: User) -> int:
    """Sign a user out everywhere; returns how many sessions ended."""
    ended = 0
    for session in Session.objects.all().iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
            ended += 1
    return ended


def record_sign_in(*, user: User, at: datetime) -> None:
    """Somebody came in."""
    audit.record(verb="accounts.sign_in", by=user, at=at, target=user)


def record_failed_sign_in(*, username: str, at: datetime) -> None:
    """Somebody tried an existing name with a wrong password; unknown names leave nothing."""
    user = User.objects.filter(username=username).first()
    if user is not None:
        audit.record(verb="accounts.sign_in_failed", by=None, at=at, target=user)


def set_appearance(*, user: User, **choice: Any) -> None:
    """Keep theme, density or language for the user."""
    allowed = {key: value for key, value in choice.items() if key in {"theme", "density"}}
    User.objects.filter(pk=user.pk).update(**allowed)


@transaction.atomic
def issue_token(
    *,
    user: User,
    name: str,
    area_code: str,
    permissions: list[str],
    days: int,
    by: User,
    at: datetime,
) -> tuple[ApiToken, str]:
    """A machine's key for a user; the secret is shown once and only its hash kept.

    Raises Refused when area or permissions go beyond the user's own, and for the acts that only a
    person may do: who issues a token reads it, and must not approve in the approver's name.
    """
    _check_reach(by, user.area_code)
    if not area_code.startswith(user.area_code):
        raise BadInput("TOKEN-AREA", _("Wilayah token harus di dalam wilayah pengguna."))
    beyond = [p for p in permissions if p not in ROLES[user.role].permissions]
    if beyond or not permissions:
        raise BadInput("TOKEN-RIGHTS", _("Hak token harus dipilih dari hak penggunanya."))
    if PERSONS_ONLY.intersection(permissions):
        raise BadInput(
            "TOKEN-PERSON",
            _("Memeriksa, menyetujui, dan membuka nomor hanya boleh oleh orang, bukan token."),
        )
    if not 1 <= days <= 366:
        raise BadInput("TOKEN-DAYS", _("Masa berlaku token 1 sampai 366 hari."))
    secret = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        token_hash=token_hash(secret),
        area_code=area_code,
        permissions=permissions,
        created_at=at,
        created_by=by,
        expires_at=at + timedelta(days=days),
    )
    audit.record(
        verb="accounts.issue_token", by=by, at=at, target=token, permissions=permissions, days=days
    )
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User, at: datetime) -> None:
    """End a token at once."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)
    audit.record(verb="accounts.revoke_token", by=by, at=at, target=token)

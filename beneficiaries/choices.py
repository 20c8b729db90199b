"""Closed lists of the register of people."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    MALE = "L", _("Laki-laki")
    FEMALE = "P", _("Perempuan")


class AccountState(models.TextChoices):
    UNVERIFIED = "unverified", _("Belum dicek bank")
    ACTIVE = "active", _("Aktif")
    MISMATCH = "mismatch", _("Nama tidak cocok")
    CLOSED = "closed", _("Ditutup")


class SnapshotKind(models.TextChoices):
    DTSEN = "dtsen", _("DTSEN (desil keluarga)")
    PKH = "pkh", _("Keluarga PKH reguler")
    DEATH = "death", _("Daftar kematian")
    EXCLUSION = "exclusion", _("Daftar pengecualian (ASN, TNI/Polri, pendamping)")


class KeyKind(models.TextChoices):
    NIK = "nik", _("NIK")
    KK = "kk", _("Nomor KK")


class ImportState(models.TextChoices):
    """A refused list has no state: it is deleted and only the trail remembers it."""

    UPLOADED = "uploaded", _("Diunggah")
    CHECKING = "checking", _("Diperiksa")
    CHECKED = "checked", _("Siap dimasukkan")
    ACCEPTING = "accepting", _("Dimasukkan")
    ACCEPTED = "accepted", _("Masuk")


class RowVerdict(models.TextChoices):
    WAITING = "waiting", _("Menunggu")
    NEW = "new", _("Baru")
    CHANGED = "changed", _("Berubah")
    SAME = "same", _("Sama")
    PROBLEM = "problem", _("Bermasalah")


class RevealPurpose(models.TextChoices):
    """Why somebody opens a masked number; kept in the trail."""

    VERIFY = "verify", _("Verifikasi lapangan")
    CORRECT = "correct", _("Memperbaiki data")
    REQUEST = "request", _("Permintaan penerima atau keluarganya")
    BANK = "bank", _("Urusan rekening dengan bank")
    AUDIT = "audit", _("Pemeriksaan")

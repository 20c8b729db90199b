"""Closed lists of the region tables."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    PROVINCE = 1, _("Provinsi")
    REGENCY = 2, _("Kabupaten/Kota")
    DISTRICT = 3, _("Kecamatan")
    VILLAGE = 4, _("Desa/Kelurahan")


class CodeSystem(models.TextChoices):
    KEMENDAGRI = "kemendagri", _("Kemendagri")
    BPS = "bps", _("BPS")


class HolidayKind(models.TextChoices):
    NATIONAL = "national", _("Libur nasional")
    SHARED_LEAVE = "shared", _("Cuti bersama")
    REGIONAL = "regional", _("Libur daerah")


class Certainty(models.TextChoices):
    ESTIMATED = "estimated", _("Perkiraan")
    OFFICIAL = "official", _("Resmi")

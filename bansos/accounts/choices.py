"""Closed lists of the account tables."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Density(models.TextChoices):
    COMPACT = "rapat", _("Rapat")
    MEDIUM = "sedang", _("Sedang")
    ROOMY = "longgar", _("Longgar")


class Theme(models.TextChoices):
    LIGHT = "terang", _("Terang")
    DARK = "gelap", _("Gelap")
    DEVICE = "ikuti", _("Ikuti perangkat")

"""States of a background job."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    QUEUED = "queued", _("Antre")
    RUNNING = "running", _("Berjalan")
    DONE = "done", _("Selesai")
    DONE_WITH_NOTES = "notes", _("Selesai dengan catatan")
    FAILED = "failed", _("Gagal")
    CANCELLED = "cancelled", _("Dibatalkan")


OPEN_STATES = (JobState.QUEUED, JobState.RUNNING)
TONES = {
    JobState.QUEUED: "netral",
    JobState.RUNNING: "info",
    JobState.DONE: "baik",
    JobState.DONE_WITH_NOTES: "menunggu",
    JobState.FAILED: "masalah",
    JobState.CANCELLED: "netral",
}

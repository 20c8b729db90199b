"""The Celery app: queues, the schedule, and who wakes whom."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bansos.settings.dev")

app = Celery("bansos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # A lost message must not lose a job: every open job rings again (design: within 60 s).
    "jobs.ring_waiting": {"task": "bansos.jobs.tasks.ring_waiting", "schedule": 20.0},
    "disbursements.audit": {
        "task": "disbursements.tasks.audit_hourly",
        "schedule": crontab(minute=7),
    },
    # Rows of bank files nobody applied hold names without a use; the files stay.
    "disbursements.rows": {
        "task": "disbursements.tasks.clear_old_rows",
        "schedule": crontab(hour=2, minute=41),
    },
    "audit.seal": {"task": "bansos.audit.tasks.seal", "schedule": 30.0},
    # Lists nobody decided on and old drafts hold personal data without a reason.
    "beneficiaries.expire": {"task": "beneficiaries.tasks.expire", "schedule": 3600.0},
}

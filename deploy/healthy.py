"""Health check of the web container: exit code 0 when /healthz answers."""

from __future__ import annotations

import sys
import urllib.request

with urllib.request.urlopen("http://127.0.0.1:8000/healthz", timeout=5) as answer:
    sys.exit(0 if answer.status == 200 else 1)

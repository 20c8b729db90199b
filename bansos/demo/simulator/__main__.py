"""`python -m bansos.demo.simulator --folder F [--port P] [--scenario a+b] [--seed N]`."""

from __future__ import annotations

import sys

from bansos.demo.simulator.process import main

sys.exit(main())

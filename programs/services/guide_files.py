"""What the guides of the provinces say, read from the files that come with the product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def known_row(file: Path, code: str) -> dict[str, Any]:
    """The row of a programme in a file of code -> row; empty where no guide is known.

    KIP-PUTRI follows KIP unless it has a row; a row that is `like` another adds to that one. One
    reading for all files, so that a programme never has the events of a guide without its heirs.
    """
    known: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    row = dict(known.get(code) or known.get(code.split("-", maxsplit=1)[0], {}))
    return {**known.get(str(row.pop("like", "")), {}), **row}

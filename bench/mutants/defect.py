"""What a deliberate defect is: a text replaced in one file, or a statement after the migrations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One defect and the checks that must find it.

    name: for the command line; words: for the table; path, old, new: the text `old`, which stands
    exactly once in the file, becomes `new`; sql: instead, run after all migrations of `app`.
    """

    name: str
    words: str
    tests: tuple[str, ...]
    path: str = ""
    old: str = ""
    new: str = ""
    sql: str = ""
    app: str = "disbursements"

    def put_into(self, root: Path) -> dict[Path, str | None]:
        """Change the copy; returns each changed path with its old text (None: was not there).

        Raises ValueError when the text is not there exactly once: the defect must be written anew.
        """
        if self.sql:
            return self._migration(root)
        path = root / self.path
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {text.count(self.old)} times in {self.path}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")
        return {path: text}

    def _migration(self, root: Path) -> dict[Path, str | None]:
        folder = root / self.app / "migrations"
        last = max(path.stem for path in folder.glob("[0-9]*.py"))
        path = folder / "9999_defect.py"
        # The app's own label is the last part of its folder.
        label = re.split("/", self.app)[-1]
        path.write_text(
            "from django.db import migrations\n\n\n"
            "class Migration(migrations.Migration):\n"
            f"    dependencies = [({label!r}, {last!r})]\n"
            f"    operations = [migrations.RunSQL({self.sql!r}, elidable=False)]\n",
            encoding="utf-8",
        )
        return {path: None}

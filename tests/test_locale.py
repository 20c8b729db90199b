"""English is complete: every sentence of the product has its translation, with the same gaps."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

GAPS = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
SOURCES = ["bansos", "beneficiaries", "programs", "disbursements", "monitoring", "templates"]


def catalogue() -> polib.POFile:
    return polib.pofile(str(settings.BASE_DIR / "locale/en/LC_MESSAGES/django.po"))


def test_every_sentence_of_the_code_is_in_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A copy, because the command writes beside the code it reads.
    for folder in SOURCES:
        keep = shutil.ignore_patterns("__pycache__", "*.pyc", "migrations")
        shutil.copytree(settings.BASE_DIR / folder, tmp_path / folder, ignore=keep)
    (tmp_path / "locale").mkdir()
    monkeypatch.chdir(tmp_path)
    with override_settings(LOCALE_PATHS=[tmp_path / "locale"]):
        call_command("makemessages", locale=["en"], no_location=True)
    found = polib.pofile(str(tmp_path / "locale/en/LC_MESSAGES/django.po"))
    known = {(entry.msgctxt, entry.msgid) for entry in catalogue()}
    assert [e.msgid for e in found if (e.msgctxt, e.msgid) not in known] == []


def test_every_sentence_is_translated() -> None:
    assert [entry.msgid for entry in catalogue() if not entry.translated()] == []


def test_no_translation_loses_a_gap() -> None:
    wrong = []
    for entry in catalogue():
        texts = [entry.msgstr] if entry.msgstr else list(entry.msgstr_plural.values())
        wrong += [
            entry.msgid
            for text in texts
            if set(GAPS.findall(text)) - set(GAPS.findall(entry.msgid + entry.msgid_plural))
        ]
    assert wrong == []
